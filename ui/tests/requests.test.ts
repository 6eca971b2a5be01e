import { describe, expect, it } from 'vitest'
import { requestsOf } from '../src/features/bookings/requests'
import { visitsOf } from '../src/features/bookings/visits'
import type { Booking } from '../src/host/contract'

const visit = (state: Booking['state'], hour: string) =>
  ({ state, start: `2026-03-05T${hour}:00:00`, end: `2026-03-05T${hour}:45:00` }) as Booking

describe('requests', () => {
  it('wait for an answer until they start, and no longer', () => {
    const requests = [visit('requested', '11')]
    expect(requestsOf(requests, '2026-03-05T10:59:00')).toEqual(requests)
    expect(requestsOf(requests, '2026-03-05T11:00:00')).toEqual([])
  })

  it('stand in the order of their visits, the first to come first', () => {
    const [late, early] = [visit('requested', '15'), visit('requested', '11')]
    expect(requestsOf([late, early], '2026-03-05T08:00:00')).toEqual([early, late])
  })
})

describe('visits', () => {
  const states = ['accepted', 'confirmed', 'declined', 'cancelled', 'requested'] as const

  it.each(states)('are coming until their time is over, also when they are %s', (state) => {
    const one = visit(state, '11')
    expect(visitsOf([one], '2026-03-05T11:44:00', 'upcoming')).toEqual([one])
    expect(visitsOf([one], '2026-03-05T11:44:00', 'past')).toEqual([])
    expect(visitsOf([one], '2026-03-05T11:45:00', 'upcoming')).toEqual([])
    expect(visitsOf([one], '2026-03-05T11:45:00', 'past')).toEqual([one])
  })

  it('stand with the nearest to now first', () => {
    const [early, late] = [visit('confirmed', '11'), visit('declined', '15')]
    expect(visitsOf([late, early], '2026-03-05T08:00:00', 'upcoming')).toEqual([early, late])
    expect(visitsOf([early, late], '2026-03-05T20:00:00', 'past')).toEqual([late, early])
  })
})
