// When each side of a conflict changed. Who it was, no provider says reliably: the organizer need not be the one.

import type { Account, Conflict } from '../../host/contract'
import type { Session } from '../../state/session.svelte'

const BRANDS: readonly Account['provider'][] = ['google', 'microsoft']

export function changedText(conflict: Conflict, session: Session): string {
  return [here(conflict, session), there(conflict, session)].filter(Boolean).join(' ')
}

function here({ mine }: Conflict, { t, dates }: Session): string {
  if (mine.changed_at === null) return ''
  const when = dates.moment(mine.changed_at)
  return mine.deleted ? t('conflict.deletedHere', { when }) : t('conflict.changedHere', { when })
}

function there({ theirs, found, account_address, calendar }: Conflict, session: Session): string {
  const { t, dates, calendars } = session
  const account = calendars.accounts?.find((one) => one.calendars.some(({ id }) => id === calendar))
  const brand = account && BRANDS.includes(account.provider)
  const provider = brand ? t(`provider.${account.provider}`) : account_address
  if (theirs.deleted) return t('conflict.deletedThere', { provider, when: dates.moment(found) })
  if (theirs.changed_at === null) return ''
  return t('conflict.changedThere', { provider, when: dates.moment(theirs.changed_at) })
}
