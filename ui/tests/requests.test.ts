import { describe, expect, it } from 'vitest'
import { requestsOf } from '../src/features/bookings/requests'
import type { Booking } from '../src/host/contract'

describe('requests', () => {
  it('wait for an answer until they start, and no longer', () => {
    const start = '2026-03-05T11:00:00'
    const requests = [{ state: 'requested', start }] as Booking[]
    expect(requestsOf(requests, '2026-03-05T10:59:00')).toEqual(requests)
    expect(requestsOf(requests, start)).toEqual([])
  })
})
