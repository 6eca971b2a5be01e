// Which visits stand under which heading, and in which order.

import type { Booking } from '../../host/contract'
import type { Wall } from '../../state/wall'

export type Shown = 'upcoming' | 'past'

export const byStart = (a: Booking, b: Booking): number => a.start.localeCompare(b.start)

/**
 * The clock alone parts them. A visit that is off stays where it was looked for until its time is over: its visitor
 * may have to be told.
 */
export function visitsOf(bookings: readonly Booking[], now: Wall, shown: Shown): Booking[] {
  const past = shown === 'past'
  const visits = bookings.filter((booking) => booking.end <= now === past).sort(byStart)
  return past ? visits.reverse() : visits
}
