// Dates and times in words. Wall times go through Intl as UTC, so nothing is ever converted.

import { CALLED, UTC } from '../host/contract'
import { addDays, asUtc, dayOf, type Day, type Wall } from '../state/wall'

type Options = Intl.DateTimeFormatOptions

/** Québec writes 9 h 30, without a nought. */
const writesHours = (locale: string) => /^fr-ca\b/i.test(locale)

export class Dates {
  readonly #locale: string
  readonly #clock: Options
  #made = new Map<string, Intl.DateTimeFormat>()

  constructor(locale: string, clock24h: boolean) {
    this.#locale = locale
    this.#clock = clock24h
      ? { hour: writesHours(locale) ? 'numeric' : '2-digit', minute: '2-digit', hourCycle: 'h23' }
      : { hour: 'numeric', minute: '2-digit', hourCycle: 'h12' }
  }

  time = (wall: Wall) => this.#format(wall, this.#clock)
  weekday = (day: Day) => this.#format(day, { weekday: 'long' })
  weekdayShort = (day: Day) => this.#format(day, { weekday: 'short' }).replace('.', '')
  weekdayNarrow = (day: Day) => this.#format(day, { weekday: 'short' }).slice(0, 2)
  dayNumber = (day: Day) => String(asUtc(day).getUTCDate())
  month = (day: Day) => this.#format(day, { month: 'long', year: 'numeric' })
  monthShort = (day: Day) => this.#format(day, { month: 'short' })
  date = (day: Day) => this.#format(day, { day: 'numeric', month: 'long', year: 'numeric' })
  dayAndMonth = (day: Day) => this.#format(day, { weekday: 'short', day: 'numeric', month: 'short' })
  fullDay = (day: Day) => this.#format(day, { weekday: 'long', day: 'numeric', month: 'long' })
  /** A day among days of other years: this year goes without saying. */
  dayFrom = (day: Day, today: Day) =>
    day.slice(0, 4) === today.slice(0, 4)
      ? this.dayAndMonth(day)
      : this.#format(day, { day: 'numeric', month: 'short', year: 'numeric' })
  /** A day in a sentence: "12 March", with its year when that is another one. */
  dayOfYear = (day: Day, today: Day) =>
    day.slice(0, 4) === today.slice(0, 4)
      ? this.#format(day, { day: 'numeric', month: 'long' })
      : this.date(day)
  /** Several things in a sentence: "a, b and c". */
  list = (things: readonly string[]) => new Intl.ListFormat(this.#locale).format(things)
  moment = (wall: Wall) => `${this.dayAndMonth(wall)}, ${this.time(wall)}`

  times = (start: Wall, end: Wall) => `${this.time(start)} – ${this.time(end)}`

  /** "2 – 6 March 2026", as the locale writes a range. Two months, or two years, are written shorter. */
  days(first: Day, last: Day): string {
    const month = first.slice(0, 7) === last.slice(0, 7) ? 'long' : 'short'
    return this.#make({ day: 'numeric', month, year: 'numeric' }).formatRange(asUtc(first), asUtc(last))
  }

  /** When an event is: its day and times, or its days. `end` is exclusive. */
  when(start: Wall, end: Wall, allDay: boolean): string {
    const last = allDay ? addDays(dayOf(end), -1) : dayOf(end)
    if (allDay) return last > dayOf(start) ? this.days(dayOf(start), last) : this.fullDay(start)
    if (dayOf(start) === last) return `${this.fullDay(start)}, ${this.times(start, end)}`
    return `${this.moment(start)} – ${this.moment(end)}`
  }

  /** The same, as short as a line among others wants it. */
  whenShort(start: Wall, end: Wall, allDay: boolean): string {
    const last = allDay ? addDays(dayOf(end), -1) : dayOf(end)
    if (allDay) return last > dayOf(start) ? this.days(dayOf(start), last) : this.dayAndMonth(dayOf(start))
    if (dayOf(start) === last) return `${this.dayAndMonth(start)}, ${this.times(start, end)}`
    return `${this.moment(start)} – ${this.moment(end)}`
  }

  #format = (wall: Wall | Day, options: Options) => this.#make(options).format(asUtc(wall))

  #make(options: Options): Intl.DateTimeFormat {
    const key = JSON.stringify(options)
    const made = this.#made.get(key) ?? new Intl.DateTimeFormat(this.#locale, { ...options, timeZone: 'UTC' })
    this.#made.set(key, made)
    return made
  }
}

/** "America/Argentina/Buenos_Aires" as people call it: Buenos Aires. The sign of "Etc/GMT+5" is that of POSIX. */
export function cityOf(zone: string): string {
  const distance = /^(?:Etc\/)?GMT([+-])?(\d+)$/.exec(zone)
  if (UTC.includes(zone) || distance?.[2] === '0') return 'UTC'
  if (distance) return `UTC${distance[1] === '+' ? '−' : '+'}${distance[2]}`
  return CALLED[zone] ?? (zone.split('/').pop() ?? zone).replaceAll('_', ' ')
}
