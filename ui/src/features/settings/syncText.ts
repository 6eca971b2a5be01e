// How a calendar's mirror stands, in a line.

import type { Calendar } from '../../host/contract'
import type { Session } from '../../state/session.svelte'

export function syncText(calendar: Calendar, { t, dates }: Session): string {
  switch (calendar.progress) {
    case 'never_synced':
      return t('sync.never')
    case 'first_sync':
      return t('sync.first', { n: calendar.events })
    case 'failing':
      return calendar.last_sync
        ? t('sync.failingSince', { when: dates.moment(calendar.last_sync) })
        : t('sync.failing')
    case 'up_to_date': {
      const ignored = calendar.ignored > 0 ? t('sync.ignored', { n: calendar.ignored }) : ''
      const last = calendar.last_sync ? t('sync.last', { time: dates.time(calendar.last_sync) }) : ''
      return [t('sync.events', { n: calendar.events }), ignored, last].filter(Boolean).join(' · ')
    }
  }
}

/** The same, and when it is fetched next. */
export function turnsText(calendar: Calendar, session: Session): string {
  const { next_sync } = calendar
  const next = next_sync ? session.t('sync.next', { time: session.dates.time(next_sync) }) : ''
  return [syncText(calendar, session), next].filter(Boolean).join(' · ')
}
