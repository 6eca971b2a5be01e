// A journal entry as a sentence, in parts so that the title can stand out.

import type { JournalEntry } from '../../host/contract'
import type { Translate } from '../../i18n/translate'

export interface Part {
  text: string
  strong: boolean
}

// Cannot be typed, so it splits the sentence without touching a title.
const MARK = '\u0000'

export function sentence(entry: JournalEntry, t: Translate): Part[] {
  const said = t(`entry.${entry.cause}.${entry.action}`, { title: MARK })
  return said
    .split(MARK)
    .flatMap((text, index): Part[] => [
      ...(index > 0 ? [{ text: entry.title || t('event.untitled'), strong: true }] : []),
      { text, strong: false },
    ])
}
