import { describe, expect, it } from 'vitest'
import { emptyWeekend } from '../src/state/weekend'

const range = { from: '2026-03-02', to: '2026-03-09' }
const hours = [1, 2, 3, 4, 5].map((day) => ({ day, start: '09:00', end: '17:00' }))
const from = (start: string, end: string) => ({ start: `2026-03-${start}:00`, end: `2026-03-${end}:00` })
const left = (...items: { start: string; end: string }[]) => emptyWeekend({ items, hours, range })

describe('a weekend that is not wanted', () => {
  it('is left out while nothing stands on it', () => {
    expect(left(from('06T16:00', '06T17:00'))).toEqual([0, 6])
  })

  it('shows the day that a visit stands on, and that day alone', () => {
    expect(left(from('07T10:00', '07T11:00'))).toEqual([0])
    expect(left(from('08T10:00', '08T11:00'))).toEqual([6])
  })

  it('shows every day that an event reaches into, from Friday night or over the whole range', () => {
    expect(left(from('06T22:00', '07T01:00'))).toEqual([0])
    expect(left({ start: '2026-02-01T00:00:00', end: '2026-04-01T00:00:00' })).toEqual([])
  })

  it('does not count an event that ends at midnight, nor one outside the range', () => {
    expect(left(from('06T22:00', '07T00:00'))).toEqual([0, 6])
    expect(left(from('14T10:00', '14T11:00'), from('01T10:00', '01T11:00'))).toEqual([0, 6])
  })

  it('shows an event that has no length', () => {
    expect(left(from('07T10:00', '07T10:00'))).toEqual([0])
    expect(left(from('07T00:00', '07T00:00'))).toEqual([0])
  })

  it('shows a day on which the person works', () => {
    const saturdays = [...hours, { day: 6, start: '09:00', end: '12:00' }]
    expect(emptyWeekend({ items: [], hours: saturdays, range })).toEqual([0])
  })
})
