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
      const last = calendar.last_sync ? t('sync.last', { time: dates.time(calendar.last_sync) }) : ''
      const next = calendar.next_sync ? t('sync.next', { time: dates.time(calendar.next_sync) }) : ''
      return [t('sync.events', { n: calendar.events }), last, next].filter(Boolean).join(' · ')
    }
  }
}
