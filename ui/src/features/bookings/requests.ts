// Answering a request that a visitor left on the public page.

import type { Booking } from '../../host/contract'
import type { Session } from '../../state/session.svelte'
import type { Wall } from '../../state/wall'
import { byStart } from './visits'

/** What still can be answered: a request lapses at its start. */
export const isOpen = (booking: Booking, now: Wall): boolean =>
  booking.state === 'requested' && booking.start > now

/** The visit that comes first is answered first. */
export const requestsOf = (bookings: readonly Booking[] | undefined, now: Wall): Booking[] =>
  (bookings ?? []).filter((booking) => isOpen(booking, now)).sort(byStart)

export async function answerRequest(session: Session, booking: string, confirm: boolean) {
  const asked = await session.engine.attempt('decide_booking', { booking, confirm })
  if ('trouble' in asked) return session.fail(asked.trouble)
  session.toasts.say(session.t(confirm ? 'bookings.wasConfirmed' : 'bookings.wasDeclined'))
  await session.engine.queries.invalidate(['bookings', 'schedule'])
}
