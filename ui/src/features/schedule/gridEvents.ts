// Between the engine's occurrences and the events of the calendar component. All times stay wall times.

import type { DateOverride, HourBlock, Item, TimeBlock, When } from '../../host/contract'
import type { Dates } from '../../i18n/dates'
import { keyOf } from '../../state/overlay'
import {
  addDays,
  addMinutes,
  addSeconds,
  clockOf,
  dayOf,
  midnight,
  MINUTES_A_DAY,
  minutesOf,
  weekdayOf,
  type Day,
  type Wall,
} from '../../state/wall'

export interface GridEvent {
  id: string
  start: Wall
  end: Wall
  allDay: boolean
  title: string
  startEditable: boolean
  durationEditable: boolean
  display: 'auto' | 'background'
  classNames: string[]
  extendedProps: Record<string, unknown>
}

interface Drawn {
  items: readonly Item[]
  tint: (calendar: number) => string
  now: Wall | null
  days: readonly Day[]
  hours: readonly HourBlock[]
  overrides: readonly DateOverride[]
}

export function toGridEvents({ items, tint, now, days, hours, overrides }: Drawn): GridEvent[] {
  const drawn = items.map((item) => fromItem(item, tint(item.calendar)))
  const closed = hours.length > 0 ? days.flatMap((day) => offHours(day, hours, overrides)) : []
  return [...closed, ...drawn, ...nowLine(now, days)]
}

function fromItem(item: Item, tint: string): GridEvent {
  const marks = [
    tint,
    `look-${item.look}`,
    ...(item.booking ? ['booked'] : []),
    ...(item.block ? ['block'] : []),
    ...(item.repeats ? ['repeats'] : []),
  ]
  // A copy goes where its original goes.
  const movable = item.editable && !item.block
  return {
    id: keyOf(item.event),
    start: item.start,
    end: item.end,
    allDay: item.all_day,
    title: item.title,
    startEditable: movable,
    durationEditable: movable,
    display: 'auto',
    classNames: movable ? marks : [...marks, 'fixed'],
    extendedProps: { item },
  }
}

const background = (
  id: string,
  start: Wall,
  end: Wall,
  classNames: string[],
  extendedProps = {},
): GridEvent => ({
  id,
  start,
  end,
  classNames,
  extendedProps,
  allDay: false,
  title: '',
  startEditable: false,
  durationEditable: false,
  display: 'background',
})

/** The line through today, and the time in words beside the first day. */
function nowLine(now: Wall | null, days: readonly Day[]): GridEvent[] {
  const [first] = days
  if (!now || !first || !days.includes(dayOf(now))) return []
  const beside = first + now.slice(10)
  return [
    background('now', now, addMinutes(now, 1), ['now-line']),
    background('now-clock', beside, addMinutes(beside, 1), ['now-label'], { clock: true }),
  ]
}

const LABEL_PX = 15

/** The full hour, in minutes of the day, whose label would lie under the one of now. */
export function hourUnderNow(now: Wall, halfHourPx: number): number | null {
  const minutes = minutesOf(clockOf(now))
  const nearest = Math.round(minutes / 60) * 60
  return (Math.abs(minutes - nearest) / 30) * halfHourPx < LABEL_PX ? nearest : null
}

/** The parts of a day outside the working hours. A block that runs past midnight ends with its day here. */
export function offHours(
  day: Day,
  hours: readonly HourBlock[],
  overrides: readonly DateOverride[],
): GridEvent[] {
  const own: readonly TimeBlock[] | undefined = overrides.find(({ date }) => date === day)?.blocks
  const blocks = (own ?? hours.filter((block) => block.day === weekdayOf(day)))
    .map((block) => ({ from: minutesOf(block.start), to: endOf(block) }))
    .sort((a, b) => a.from - b.from)
  const gaps: [number, number][] = []
  let reached = 0
  for (const { from, to } of blocks) {
    if (from > reached) gaps.push([reached, from])
    reached = Math.max(reached, to)
  }
  if (reached < MINUTES_A_DAY) gaps.push([reached, MINUTES_A_DAY])
  const start = midnight(day)
  return gaps.map(([from, to]) =>
    background(`off-${day}-${from}`, addMinutes(start, from), addMinutes(start, to), ['off-hours']),
  )
}

const endOf = (block: TimeBlock) => {
  const end = minutesOf(block.end)
  return end > minutesOf(block.start) ? end : MINUTES_A_DAY
}

/** The component reports by how much an event was dragged; its JavaScript dates would bend at this machine's clock changes. */
export const moved = (item: Item, seconds: number): When => ({
  start: addSeconds(item.start, seconds),
  end: addSeconds(item.end, seconds),
  all_day: item.all_day,
})

export const stretched = (item: Item, seconds: number): When => ({
  start: item.start,
  end: addSeconds(item.end, seconds),
  all_day: item.all_day,
})

export function whenSelected(info: { startStr: string; endStr: string; allDay: boolean }): When {
  if (!info.allDay) return { start: info.startStr, end: info.endStr, all_day: false }
  const last = dayOf(info.endStr)
  const end = last > dayOf(info.startStr) ? last : addDays(last, 1)
  return { start: midnight(dayOf(info.startStr)), end: midnight(end), all_day: true }
}

/** The head of a day's column, as nodes: the component would take a string literally. */
export function dayHead(wall: Wall, dates: Dates, today: Day): { domNodes: Node[] } {
  const name = document.createElement('span')
  name.textContent = dates.weekdayShort(wall)
  const number = document.createElement('b')
  number.textContent = dates.dayNumber(wall)
  if (dayOf(wall) === today) number.className = 'today'
  return { domNodes: [name, number] }
}
