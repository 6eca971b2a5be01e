// Who booked what stands in the journal: its entries know a title and a time, the bookings know the people.

import type { Booking, BookingVisitor } from '../../host/contract'
import type { Booked } from '../../state/ui.svelte'

/** As the engine titles the event of a booking. */
const titleOf = ({ visitor, type_name }: Booking) => `${visitor.name}: ${type_name}`

/** The visitor, where the title and what else is known leave no doubt who it is. */
export function bookedBy(bookings: readonly Booking[] | undefined, booked: Booked): BookingVisitor | null {
  const { title, start } = booked
  const alike = (bookings ?? []).filter((it) => titleOf(it) === title)
  const [first, ...others] = start === null ? alike : alike.filter((it) => it.start === start)
  const same = others.every(({ visitor }) => visitor.email === first?.visitor.email)
  return first && same ? first.visitor : null
}
