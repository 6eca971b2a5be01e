// Tells the calendar component only what changed. Given a new list it would draw every event anew, and whoever
// stands on one with the keyboard would lose their place at each notice of the engine.

import type { GridEvent } from './gridEvents'

/** The component's methods that are used; its published types leave them out. */
export interface CalendarHandle {
  addEvent: (event: GridEvent) => unknown
  updateEvent: (event: GridEvent) => unknown
  removeEventById: (id: string) => unknown
  unselect: () => unknown
}

/** What the component was told: each event's id with everything that is drawn of it. */
export type Told = ReadonlyMap<string, string>

export function reconcile(calendar: CalendarHandle, wanted: readonly GridEvent[], told: Told): Told {
  const next = new Map(wanted.map((event) => [event.id, JSON.stringify(event)]))
  for (const id of told.keys()) if (!next.has(id)) calendar.removeEventById(id)
  for (const event of wanted) {
    const before = told.get(event.id)
    if (before === undefined) calendar.addEvent(event)
    else if (before !== next.get(event.id)) calendar.updateEvent(event)
  }
  return next
}
