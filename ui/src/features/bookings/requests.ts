// Answering a request that a visitor left on the public page.

import type { Booking } from '../../host/contract'
import type { Session } from '../../state/session.svelte'

export const requestsOf = (bookings: Booking[] | undefined): Booking[] =>
  (bookings ?? []).filter((booking) => booking.state === 'requested')

export async function answerRequest(session: Session, booking: string, confirm: boolean) {
  const asked = await session.engine.attempt('decide_booking', { booking, confirm })
  if ('trouble' in asked) return session.fail(asked.trouble)
  session.toasts.say(session.t(confirm ? 'bookings.wasConfirmed' : 'bookings.wasDeclined'))
  await session.engine.queries.invalidate(['bookings', 'schedule'])
}
