// Tells the calendar component only what changed. Given a new list it would draw every event anew, and whoever
// stands on one with the keyboard would lose their place at each notice of the engine.

import type { GridEvent } from './gridEvents'

/** The component's methods that are used; its published types leave them out. */
export interface CalendarHandle {
  addEvent: (event: GridEvent) => unknown
  updateEvent: (event: GridEvent) => unknown
  removeEventById: (id: string) => unknown
  unselect: () => unknown
  setOption: (name: 'eventGap', value: number) => unknown
}

/** Pixels between events that stand below one another. */
export const GAP = 2

/** What the component was told: each event's id with everything that is drawn of it. */
export type Told = ReadonlyMap<string, string>

/** Returns what it was told before, the very same, when nothing is new. */
export function reconcile(calendar: CalendarHandle, wanted: readonly GridEvent[], told: Told): Told {
  const next = new Map(wanted.map((event) => [event.id, JSON.stringify(event)]))
  const gone = [...told.keys()].filter((id) => !next.has(id))
  const changed = wanted.filter((event) => told.get(event.id) !== next.get(event.id))
  for (const id of gone) calendar.removeEventById(id)
  for (const event of changed) {
    if (told.has(event.id)) calendar.updateEvent(event)
    else calendar.addEvent(event)
  }
  return gone.length || changed.length ? next : told
}

/**
 * Has the component stack the events of a day once more. It does so by itself before those that were just told are
 * drawn, and leaves them on top of each other; another gap, by less than anybody sees, is its one other reason.
 */
export function restack(calendar: CalendarHandle, turn: number) {
  calendar.setOption('eventGap', GAP + (turn % 2) / 64)
}
