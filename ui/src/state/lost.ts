// What an event that is made like an earlier one does not have, in words.

import type { Lost } from '../host/contract'
import type { Translate } from '../i18n/translate'

/** `cut` is for the second half of a series, `lost` for what was deleted. */
export const lostText = (lost: readonly Lost[], of: 'cut' | 'lost', t: Translate): string[] =>
  lost.map((it) => t(`${of}.${it}`))

/** What was done, and what is missing from it. */
export function doneText(done: string, lost: readonly Lost[], of: 'cut' | 'lost', t: Translate): string {
  const said = lostText(lost, of, t)
  return said.length > 0 ? `${done}. ${said.join(' ')}` : done
}
