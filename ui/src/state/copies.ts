// Copies of busy times in a merged week. Where the original is in sight a copy tells nothing new, and copies of one
// time on several calendars are one thing: each is drawn once, and knows on which other calendars it stands.

import type { Item } from '../host/contract'
import { keyOf } from './overlay'

export interface Merged {
  items: Item[]
  /** By the key of an item that is drawn: the calendars of the copies that are not. */
  copies: ReadonlyMap<string, ReadonlySet<number>>
}

export function mergeCopies(items: readonly Item[], nameOf: (calendar: number) => string): Merged {
  const drawn = new Map<string, Item>()
  const copies = new Map<string, Set<number>>()
  const merged = new Set<Item>()
  for (const item of [...items].sort((a, b) => rank(a) - rank(b))) {
    const time = [item.start, item.end, item.block?.calendar ?? nameOf(item.calendar)].join('|')
    const first = drawn.get(time)
    if (!first) drawn.set(time, item)
    if (!first || !item.block || item.sending === 'failed') continue
    merged.add(item)
    const key = keyOf(first.event)
    copies.set(key, (copies.get(key) ?? new Set()).add(item.calendar))
  }
  return { items: items.filter((item) => !merged.has(item)), copies }
}

/** Originals stand before their copies, and copies that say more before those that say less. */
const rank = ({ block }: Item): number => (!block ? 0 : block.title !== null ? 1 : 2)
