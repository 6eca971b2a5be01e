import { describe, expect, it } from 'vitest'
import { beside } from '../src/components/beside'
import { faultsOf, numbersFit } from '../src/features/bookings/pageDraft'
import {
  hourUnderNow,
  moved,
  offHours,
  stretched,
  toGridEvents,
  whenSelected,
} from '../src/features/schedule/gridEvents'
import { worthSaying } from '../src/features/health/remedy'
import { blocksOf, copiedToWeekdays, faultOf, kept, withBlock, withDay } from '../src/features/settings/hours'
import { reconcile, type CalendarHandle, type Told } from '../src/features/schedule/reconcile'
import { folded } from '../src/features/shell/folded'
import type { Card, HourBlock, Item } from '../src/host/contract'

describe('the grid', () => {
  const at = (start: string, end: string, all_day = false) => ({ start, end, all_day }) as Item

  it('a drag moves both ends by wall time', () => {
    expect(moved(at('2026-03-08T01:00:00', '2026-03-08T02:00:00'), 3600)).toEqual({
      start: '2026-03-08T02:00:00',
      end: '2026-03-08T03:00:00',
      all_day: false,
    })
    expect(moved(at('2026-03-08T00:00:00', '2026-03-09T00:00:00', true), 86_400)).toMatchObject({
      start: '2026-03-09T00:00:00',
      end: '2026-03-10T00:00:00',
    })
  })

  it('an hour gives way to now where their labels would overlap', () => {
    expect(hourUnderNow('2026-03-04T11:42:20', 24)).toBe(12 * 60)
    expect(hourUnderNow('2026-03-04T11:42:20', 36)).toBeNull()
    expect(hourUnderNow('2026-03-04T12:07:00', 36)).toBe(12 * 60)
    expect(hourUnderNow('2026-03-04T12:30:00', 24)).toBeNull()
  })

  it('a stretch moves the end only', () => {
    expect(stretched(at('2026-03-08T01:00:00', '2026-03-08T02:00:00'), 900)).toMatchObject({
      start: '2026-03-08T01:00:00',
      end: '2026-03-08T02:15:00',
    })
  })

  it('a selection of days ends at the midnight after the last', () => {
    expect(
      whenSelected({ startStr: '2026-03-04T00:00:00', endStr: '2026-03-06T00:00:00', allDay: true }),
    ).toEqual({
      start: '2026-03-04T00:00:00',
      end: '2026-03-06T00:00:00',
      all_day: true,
    })
  })

  it('off hours are what the blocks of the day leave', () => {
    const hours: HourBlock[] = [
      { day: 3, start: '13:00', end: '17:00' },
      { day: 3, start: '08:30', end: '12:00' },
      { day: 4, start: '20:00', end: '02:00' },
    ]
    const gaps = (day: string) =>
      offHours(day, hours, [
        { date: '2026-03-11', blocks: [] },
        { date: '2026-03-12', blocks: [{ start: '10:00', end: '24:00' }] },
      ]).map((gap) => [gap.start.slice(5, 16), gap.end.slice(5, 16)])
    expect(gaps('2026-03-04')).toEqual([
      ['03-04T00:00', '03-04T08:30'],
      ['03-04T12:00', '03-04T13:00'],
      ['03-04T17:00', '03-05T00:00'],
    ])
    expect(gaps('2026-03-05')).toEqual([['03-05T00:00', '03-05T20:00']])
    expect(gaps('2026-03-11')).toEqual([['03-11T00:00', '03-12T00:00']])
    expect(gaps('2026-03-12')).toEqual([['03-12T00:00', '03-12T10:00']])
    expect(gaps('2026-03-06')).toEqual([['03-06T00:00', '03-07T00:00']])
  })
})

describe('the calendar component', () => {
  const item = (event: number, title: string): Item => ({
    event: { event, original: null },
    calendar: 1,
    title,
    location: '',
    start: '2026-03-04T10:00:00',
    end: '2026-03-04T11:00:00',
    all_day: false,
    visit: false,
    look: 'busy',
    repeats: false,
    editable: true,
    sending: 'sent',
    conflict: null,
    booking: null,
    block: null,
    private: false,
  })

  it('is told only what changed', () => {
    const said: string[] = []
    const handle: CalendarHandle = {
      addEvent: ({ id }) => said.push(`add ${id}`),
      updateEvent: ({ id }) => said.push(`update ${id}`),
      removeEventById: (id) => said.push(`remove ${id}`),
      unselect: () => {},
      setOption: () => {},
    }
    const show = (items: Item[], told: Told) => {
      said.length = 0
      return reconcile(
        handle,
        toGridEvents({
          items,
          tint: () => 'cal-1',
          now: null,
          days: ['2026-03-04'],
          hours: [],
          overrides: [],
        }),
        told,
      )
    }
    const told = show([item(1, 'one'), item(2, 'two')], new Map())
    expect(said).toEqual(['add 1|', 'add 2|'])
    expect(show([item(1, 'one'), item(2, 'two')], told)).toBe(told)
    expect(said).toEqual([])
    show([item(2, 'zwei'), item(3, 'three')], told)
    expect(said).toEqual(['remove 1|', 'update 2|', 'add 3|'])
  })
})

describe('health cards', () => {
  const of = (...codes: Card['code'][]) =>
    worthSaying(codes.map((code) => ({ code }) as Card)).map((it) => it.code)

  it('of each account that cannot read a locked store are left out beside the card of the store', () => {
    expect(of('secrets_locked', 'keyring_failing', 'offline')).toEqual(['secrets_locked', 'offline'])
    expect(of('keyring_failing', 'offline')).toEqual(['keyring_failing', 'offline'])
  })
})

describe('working hours', () => {
  const day = (start: string, end: string): HourBlock => ({ day: 1, start, end })

  it('blocks may touch, may not overlap, and only the last may pass midnight', () => {
    expect(faultOf([day('09:00', '12:00'), day('12:00', '17:00')])).toBeNull()
    expect(faultOf([day('09:00', '12:30'), day('12:00', '17:00')])).toBe('hours.overlap')
    expect(faultOf([day('09:00', '12:00'), day('20:00', '02:00')])).toBeNull()
    expect(faultOf([day('20:00', '02:00'), day('21:00', '22:00')])).toBe('hours.overlap')
    expect(faultOf([day('09:00', '09:00')])).toBe('hours.empty')
    expect(faultOf([day('09:00', '24:00')])).toBeNull()
  })

  it('stay in the order they are written in, and are kept by day and time once nothing is wrong', () => {
    const written = withDay([day('08:00', '09:00')], 1, [day('13:00', '17:00'), day('08:00', '12:00')])
    expect(blocksOf(written, 1).map(({ start }) => start)).toEqual(['13:00', '08:00'])
    expect(kept(written)?.map(({ start }) => start)).toEqual(['08:00', '13:00'])
    expect(kept(withDay(written, 2, [{ day: 2, start: '09:00', end: '09:00' }]))).toBeNull()
  })

  it('a new block leaves a break and stays within the day', () => {
    expect(blocksOf(withBlock([day('09:00', '12:00')], 1), 1)[1]).toEqual(day('13:00', '15:00'))
    expect(blocksOf(withBlock([day('09:00', '23:30')], 1), 1)[1]).toEqual(day('23:00', '24:00'))
    expect(blocksOf(withBlock([], 2), 2)).toEqual([{ day: 2, start: '09:00', end: '17:00' }])
  })

  it('copying fills the weekdays and leaves the weekend', () => {
    const week = copiedToWeekdays(
      [
        day('09:00', '12:00'),
        { day: 6, start: '10:00', end: '11:00' },
        { day: 3, start: '06:00', end: '07:00' },
      ],
      1,
    )
    expect([1, 2, 3, 4, 5].map((weekday) => blocksOf(week, weekday).map((block) => block.start))).toEqual(
      Array.from({ length: 5 }, () => ['09:00']),
    )
    expect(blocksOf(week, 6)).toHaveLength(1)
    expect(withDay(week, 6, [])).toHaveLength(5)
  })
})

describe('the page’s form', () => {
  const type = {
    name: 'Home assessment',
    description: '',
    length_min: 60,
    place: 'at_visitor' as const,
    place_detail: '',
    step_min: 15,
    buffer_before_min: 0,
    buffer_after_min: 0,
    notice_min: 0,
    window_days: 30,
    cancel_cutoff_min: 0,
  }

  it('finds what is missing or out of range', () => {
    expect(faultsOf(type)).toEqual({})
    expect(faultsOf({ ...type, name: ' ' })).toEqual({ name: 'page.nameMissing' })
    expect(numbersFit(type)).toBe(true)
    for (const wrong of [{ length_min: 0 }, { length_min: 1441 }, { window_days: Number.NaN }])
      expect(numbersFit({ ...type, ...wrong })).toBe(false)
    expect(faultsOf({ ...type, place: 'video' })).toEqual({ place_detail: 'page.placeMissing' })
  })
})

describe('small parts', () => {
  it('a popover goes right, else left, else under, and never outside', () => {
    const view = { innerWidth: 1280, innerHeight: 720 }
    const size = { offsetWidth: 340, offsetHeight: 240 }
    expect(beside({ left: 300, right: 440, top: 200, bottom: 250 }, size, view)).toEqual({
      left: 448,
      top: 192,
    })
    expect(beside({ left: 1000, right: 1140, top: 700, bottom: 715 }, size, view)).toEqual({
      left: 652,
      top: 468,
    })
    expect(beside({ left: 10, right: 1270, top: 100, bottom: 130 }, size, view)).toEqual({
      left: 12,
      top: 138,
    })
    expect(
      beside({ left: 10, right: 380, top: 700, bottom: 720 }, size, { innerWidth: 390, innerHeight: 720 }),
    ).toEqual({ left: 12, top: 452 })
  })

  it('a search minds neither case nor accents', () => {
    expect(folded(' Montréal ')).toBe('montreal')
  })
})
