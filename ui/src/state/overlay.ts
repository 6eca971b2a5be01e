// What the person just did, laid over what the engine last said, until the engine says it too.

import type { EventRef, Item, When } from '../host/contract'

export type Patch =
  | { kind: 'change'; key: string; fields: Partial<Item> }
  | { kind: 'remove'; key: string }
  | { kind: 'add'; item: Item }

export const keyOf = (event: EventRef): string => `${event.event}|${event.original ?? ''}`

export const placed = (when: When): Partial<Item> => ({
  start: when.start,
  end: when.end,
  all_day: when.all_day,
})

export function overlaid(items: readonly Item[], patches: readonly Patch[]): Item[] {
  return patches.reduce<Item[]>(apply, [...items])
}

function apply(items: Item[], patch: Patch): Item[] {
  switch (patch.kind) {
    case 'add':
      return [...items, patch.item]
    case 'remove':
      return items.filter((item) => keyOf(item.event) !== patch.key)
    case 'change':
      return items.map((item) => (keyOf(item.event) === patch.key ? { ...item, ...patch.fields } : item))
  }
}
