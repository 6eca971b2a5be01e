// The guests of the person's own meetings, and what they hear of an edit.

import type { Guests } from '../host/contract'
import type { Trouble } from '../host/host'
import type { Translate } from '../i18n/translate'

/** Whom the engine asks about before it does what was wanted. */
export function guestsIn({ code, params }: Trouble): Guests | null {
  if (code !== 'ask_about_guests') return null
  return {
    count: Number(params['guests'] ?? 1),
    provider: (params['provider'] ?? 'google') as Guests['provider'],
  }
}

/** What becomes of them: it is the provider that mails, or does not. */
export function guestsText({ count: n, provider }: Guests, t: Translate): string {
  if (provider === 'microsoft') return t('guests.mailed', { n })
  return provider === 'caldav' ? t('guests.mayBeMailed', { n }) : t('guests.notTold', { n })
}
