// Search in the fake engine: the beginnings of words in titles, places and names of people.

import type { FoundEvents, Item } from '../../../ui/src/host/contract'
import type { Kept } from './seed'

const MOST = 20
const plain = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
const wordsOf = (text: string) =>
  plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)

function saidOf(item: Item, events: Kept[]) {
  const attendees = events.find((it) => it.item === item)?.details.attendees ?? []
  const people = attendees.filter((one) => !one.me)
  return wordsOf([item.title, item.location, ...people.flatMap((one) => [one.name, one.address])].join(' '))
}

/** What is to come in its order, then what has been, the latest first; a series once. */
export function search(shown: Item[], events: Kept[], text: string, now: string): FoundEvents {
  const wanted = wordsOf(text)
  const found = shown.filter(
    (item) =>
      wanted.length > 0 &&
      !item.block &&
      wanted.every((word) => saidOf(item, events).some((said) => said.startsWith(word))),
  )
  const coming = found.filter((it) => it.end > now).sort((a, b) => a.start.localeCompare(b.start))
  const past = found.filter((it) => it.end <= now).sort((a, b) => b.start.localeCompare(a.start))
  const once = new Map<string, Item>()
  for (const item of [...coming, ...past]) {
    const series = item.repeats ? item.title : `${item.event.event}`
    if (!once.has(series)) once.set(series, item)
  }
  const items = [...once.values()]
  return { items: items.slice(0, MOST), more: items.length > MOST }
}
