// Arithmetic on wall times ("2026-03-04T10:15:00") and dates ("2026-03-04").
// They are counted as if they were UTC, so that neither this machine's zone nor its clock changes can bend them.

export type Wall = string
export type Day = string

export const MINUTES_A_DAY = 1440
const MS_A_MINUTE = 60_000
const MS_A_DAY = 86_400_000

const two = (n: number) => String(n).padStart(2, '0')

/** The wall time as a JavaScript date whose UTC fields are the wall's: for arithmetic and for Intl with zone UTC. */
export function asUtc(wall: Wall | Day): Date {
  const [y = 1970, mo = 1, d = 1, h = 0, mi = 0, s = 0] = (wall.match(/\d+/g) ?? []).map(Number)
  const date = new Date(0)
  date.setUTCFullYear(y, mo - 1, d)
  date.setUTCHours(h, mi, s)
  return date
}

export function fromUtc(date: Date): Wall {
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `${dayFromUtc(date)}T${time}`
}

function dayFromUtc(date: Date): Day {
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  return `${year}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
}

/** Reads the fields a local JavaScript date shows, which is how the calendar component speaks of wall times. */
export function fromLocal(date: Date): Wall {
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

export const dayOf = (wall: Wall): Day => wall.slice(0, 10)
export const clockOf = (wall: Wall): string => wall.slice(11, 16)
export const midnight = (day: Day): Wall => `${day}T00:00:00`
export const at = (day: Day, clock: string): Wall => addMinutes(midnight(day), minutesOf(clock))

/** "09:30" as minutes since midnight; "24:00" is 1440. */
export function minutesOf(clock: string): number {
  const [h = 0, m = 0] = clock.split(':').map(Number)
  return h * 60 + m
}

export const clockFrom = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`

export function addSeconds(wall: Wall, seconds: number): Wall {
  const date = asUtc(wall)
  date.setTime(date.getTime() + seconds * 1000)
  return fromUtc(date)
}

export const addMinutes = (wall: Wall, minutes: number): Wall => addSeconds(wall, minutes * 60)

export function addDays(day: Day, days: number): Day {
  const date = asUtc(day)
  date.setUTCDate(date.getUTCDate() + days)
  return dayFromUtc(date)
}

/** The same day of another month, or its last day where there is no such day. */
export function addMonths(day: Day, months: number): Day {
  const date = asUtc(day)
  const wanted = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const last = new Date(date)
  last.setUTCMonth(last.getUTCMonth() + 1, 0)
  date.setUTCDate(Math.min(wanted, last.getUTCDate()))
  return dayFromUtc(date)
}

export const minutesBetween = (from: Wall, to: Wall): number =>
  Math.round((asUtc(to).getTime() - asUtc(from).getTime()) / MS_A_MINUTE)

export const daysBetween = (from: Day, to: Day): number =>
  Math.round((asUtc(to).getTime() - asUtc(from).getTime()) / MS_A_DAY)

/** 0 = Sunday … 6 = Saturday. */
export const weekdayOf = (day: Day): number => asUtc(day).getUTCDay()

export const startOfWeek = (day: Day, weekStart: number): Day =>
  addDays(day, -((weekdayOf(day) - weekStart + 7) % 7))

export const startOfMonth = (day: Day): Day => `${day.slice(0, 8)}01`

/** The next full step after a time: where a new event is proposed. */
export function roundUp(wall: Wall, stepMin: number): Wall {
  const minutes = minutesOf(clockOf(wall))
  return addMinutes(midnight(dayOf(wall)), Math.ceil((minutes + 1) / stepMin) * stepMin)
}

/** What people type for a time: "9", "930", "9:30", "9h30", "9.30 pm", "14". `null` when it is none. */
export function readClock(text: string): string | null {
  const found = /^\s*(\d{1,2})(?:\s*[:.hH]?\s*(\d{2}))?\s*[hH]?\s*([aApP])?\.?[mM]?\.?\s*$/.exec(text)
  if (!found) return null
  let hour = Number(found[1])
  const minute = Number(found[2] ?? 0)
  const half = found[3]?.toLowerCase()
  if (half && (hour < 1 || hour > 12)) return null
  if (half) hour = (hour % 12) + (half === 'p' ? 12 : 0)
  return hour < 24 && minute < 60 ? `${two(hour)}:${two(minute)}` : null
}
