// Wall times must come out the same wherever the machine is.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Dates, cityOf } from '../src/i18n/dates'
import {
  addDays,
  addMinutes,
  addMonths,
  addSeconds,
  at,
  clockFrom,
  daysBetween,
  fromLocal,
  minutesBetween,
  minutesOf,
  readClock,
  roundUp,
  startOfWeek,
  weekdayOf,
} from '../src/state/wall'

const OFFSETS_MIN = {
  UTC: 0,
  'America/New_York': 300,
  'Asia/Kolkata': -330,
  'Pacific/Auckland': -780,
  'America/St_Johns': 210,
}
const before = process.env['TZ']

describe.each(Object.entries(OFFSETS_MIN))('on a machine in %s', (zone, offset) => {
  beforeAll(() => {
    process.env['TZ'] = zone
  })
  afterAll(() => {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  })

  it('really stands there', () => {
    expect(new Date(2026, 0, 15).getTimezoneOffset()).toBe(offset)
  })

  it('minutes are added across the hour that a clock change skips or repeats', () => {
    expect(addMinutes('2026-03-08T01:30:00', 60)).toBe('2026-03-08T02:30:00')
    expect(addMinutes('2026-11-01T00:30:00', 120)).toBe('2026-11-01T02:30:00')
    expect(addSeconds('2026-12-31T23:59:59', 1)).toBe('2027-01-01T00:00:00')
  })

  it('days and months keep to the calendar', () => {
    expect(addDays('2026-03-07', 2)).toBe('2026-03-09')
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28')
    expect(addMonths('2026-01-31', 1)).toBe('2026-02-28')
    expect(daysBetween('2026-03-01', '2026-04-01')).toBe(31)
    expect(minutesBetween('2026-03-08T00:00:00', '2026-03-09T00:00:00')).toBe(1440)
  })

  it('a week starts on the day the person wants', () => {
    expect(weekdayOf('2026-03-04')).toBe(3)
    expect(startOfWeek('2026-03-04', 1)).toBe('2026-03-02')
    expect(startOfWeek('2026-03-04', 0)).toBe('2026-03-01')
    expect(startOfWeek('2026-03-01', 1)).toBe('2026-02-23')
  })

  it('words say the wall time, unconverted', () => {
    const dates = new Dates('en-GB', true)
    expect(dates.time('2026-03-08T02:30:00')).toBe('02:30')
    expect(dates.time('2026-03-04T00:00:00')).toBe('00:00')
    expect(dates.fullDay('2026-03-04')).toBe('Wednesday 4 March')
    expect(dates.when('2026-03-04T00:00:00', '2026-03-05T00:00:00', true)).toBe('Wednesday 4 March')
  })

  it('a local date of the calendar component reads back as the wall time it shows', () => {
    expect(fromLocal(new Date(2026, 2, 4, 10, 15))).toBe('2026-03-04T10:15:00')
  })
})

describe('times of day', () => {
  it.each([
    ['9', '09:00'],
    ['930', '09:30'],
    ['1745', '17:45'],
    ['9:30', '09:30'],
    ['9h30', '09:30'],
    ['9 h', '09:00'],
    ['9.30 pm', '21:30'],
    ['12 am', '00:00'],
    ['12:15p', '12:15'],
    ['2:30 p.m.', '14:30'],
    [' 14 ', '14:00'],
    ['24:00', null],
    ['9:75', null],
    ['13pm', null],
    ['', null],
    ['noon', null],
  ])('%j is read as %j', (typed, clock) => {
    expect(readClock(typed)).toBe(clock)
  })

  it('24:00 is the end of a day', () => {
    expect(minutesOf('24:00')).toBe(1440)
    expect(clockFrom(1440)).toBe('24:00')
    expect(at('2026-03-04', '24:00')).toBe('2026-03-05T00:00:00')
  })

  it('a new event is proposed at the next full step', () => {
    expect(roundUp('2026-03-04T11:42:00', 15)).toBe('2026-03-04T11:45:00')
    expect(roundUp('2026-03-04T11:45:00', 15)).toBe('2026-03-04T12:00:00')
    expect(roundUp('2026-03-04T23:50:00', 15)).toBe('2026-03-05T00:00:00')
  })

  it('a zone is called by its city', () => {
    expect(cityOf('America/Argentina/Buenos_Aires')).toBe('Buenos Aires')
    expect(cityOf('UTC')).toBe('UTC')
    expect(cityOf('Etc/GMT-0')).toBe('UTC')
    expect(cityOf('Etc/GMT+5')).toBe('UTC−5')
    expect(cityOf('Etc/GMT-14')).toBe('UTC+14')
    expect(cityOf('Europe/Kiev')).toBe('Kyiv')
    expect(cityOf('Asia/Calcutta')).toBe('Kolkata')
  })
})

describe('ranges in words', () => {
  const dates = new Dates('en-GB', true)

  it('an all-day event ends on the day before its exclusive end', () => {
    expect(dates.when('2026-03-02T00:00:00', '2026-03-05T00:00:00', true)).toMatch(/^2\s?–\s?4 March 2026$/)
  })

  it('an event over midnight says both days', () => {
    expect(dates.when('2026-03-04T22:00:00', '2026-03-05T02:00:00', false)).toBe(
      'Wed 4 Mar, 22:00 – Thu 5 Mar, 02:00',
    )
  })

  it('a twelve-hour clock says noon and midnight as people do', () => {
    const twelve = new Dates('en-US', false)
    expect(twelve.time('2026-03-04T00:05:00')).toMatch(/^12:05\sAM$/)
    expect(twelve.time('2026-03-04T12:05:00')).toMatch(/^12:05\sPM$/)
  })
})
