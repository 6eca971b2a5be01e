// Events that are to be deleted, by the calendar that they stand on.

import type { DoomedEvent } from '../../host/contract'

export interface DoomedGroup {
  calendar: string
  events: DoomedEvent[]
}

/** The fullest calendar first; its events in the order of time. */
export function byCalendar(deletes: readonly DoomedEvent[]): DoomedGroup[] {
  const found = new Map<string, DoomedEvent[]>()
  for (const event of deletes) {
    const group = found.get(event.calendar)
    if (group) group.push(event)
    else found.set(event.calendar, [event])
  }
  return [...found]
    .map(([calendar, events]) => ({
      calendar,
      events: events.toSorted((a, b) => a.start.localeCompare(b.start) || a.title.localeCompare(b.title)),
    }))
    .sort((a, b) => b.events.length - a.events.length || a.calendar.localeCompare(b.calendar))
}
