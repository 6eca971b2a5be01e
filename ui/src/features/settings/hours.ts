// The working week as rows of blocks, and what can be wrong with it.

import type { HourBlock } from '../../host/contract'
import type { PlainKey } from '../../i18n/translate'
import { clockFrom, MINUTES_A_DAY, minutesOf } from '../../state/wall'

const FIRST_BLOCK = { start: '09:00', end: '17:00' }
const BREAK_MIN = 60
const BLOCK_MIN = 120

const inOrder = (blocks: readonly HourBlock[]) =>
  blocks.toSorted((a, b) => a.day - b.day || a.start.localeCompare(b.start))

/** In the order they stand in: while one is being written it must not move away from under the hand. */
export const blocksOf = (hours: readonly HourBlock[], day: number): HourBlock[] =>
  hours.filter((block) => block.day === day)

const without = (hours: readonly HourBlock[], day: number) => hours.filter((block) => block.day !== day)

export const withDay = (
  hours: readonly HourBlock[],
  day: number,
  blocks: readonly HourBlock[],
): HourBlock[] => [...without(hours, day), ...blocks].sort((a, b) => a.day - b.day)

/** One more block after the last one, leaving a break; as much of it as the day still holds. */
export function withBlock(hours: readonly HourBlock[], day: number): HourBlock[] {
  const blocks = inOrder(blocksOf(hours, day))
  const last = blocks.at(-1)
  if (!last) return withDay(hours, day, [{ day, ...FIRST_BLOCK }])
  const start = Math.min(minutesOf(last.end) + BREAK_MIN, MINUTES_A_DAY - 60)
  const end = Math.min(start + BLOCK_MIN, MINUTES_A_DAY)
  return withDay(hours, day, [...blocks, { day, start: clockFrom(start), end: clockFrom(end) }])
}

const WEEKDAYS = [1, 2, 3, 4, 5]

export function copiedToWeekdays(hours: readonly HourBlock[], day: number): HourBlock[] {
  const model = blocksOf(hours, day)
  return WEEKDAYS.reduce<HourBlock[]>(
    (all, weekday) =>
      withDay(
        all,
        weekday,
        model.map((block) => ({ ...block, day: weekday })),
      ),
    [...hours],
  )
}

/** The hours as they are kept, by day and time, unless something is wrong with one of the days. */
export function kept(hours: readonly HourBlock[]): HourBlock[] | null {
  const right = [0, 1, 2, 3, 4, 5, 6].every((day) => faultOf(blocksOf(hours, day)) === null)
  return right ? inOrder(hours) : null
}

/** What is wrong with a day, if anything. A block may run past midnight only as the last of its day. */
export function faultOf(day: readonly HourBlock[]): PlainKey | null {
  const blocks = inOrder(day)
  for (const [index, block] of blocks.entries()) {
    if (block.start === block.end) return 'hours.empty'
    const next = blocks[index + 1]
    if (!next) continue
    const overnight = minutesOf(block.end) <= minutesOf(block.start)
    if (overnight || minutesOf(block.end) > minutesOf(next.start)) return 'hours.overlap'
  }
  return null
}
