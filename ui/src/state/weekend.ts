// Which days of the week the grid leaves out: of the weekend, those on which the person neither works nor has anything.

import type { HourBlock, Item } from '../host/contract'
import type { Range } from './schedule.svelte'
import { addDays, dayOf, midnight, weekdayOf } from './wall'

const WEEKEND = [0, 6]

interface Known {
  items: readonly Pick<Item, 'start' | 'end'>[]
  hours: readonly HourBlock[]
  range: Range
}

/** Sunday and Saturday by their numbers, as far as nothing would be lost from sight with them. */
export function emptyWeekend({ items, hours, range }: Known): number[] {
  const needed = new Set(hours.map(({ day }) => day))
  for (const item of items) for (const day of daysOf(item, range)) needed.add(weekdayOf(day))
  return WEEKEND.filter((day) => !needed.has(day))
}

/** The days within the range that an event stands on. One that ends at midnight does not stand on the day after. */
function daysOf({ start, end }: Pick<Item, 'start' | 'end'>, { from, to }: Range): string[] {
  const days: string[] = []
  const first = dayOf(start)
  for (let day = first < from ? from : first; day < to; day = addDays(day, 1)) {
    if (day > first && midnight(day) >= end) break
    days.push(day)
  }
  return days
}
