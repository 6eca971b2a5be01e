// Search in the fake engine: the beginnings of words in titles, places and names of people.

const MOST = 20
const plain = (text) =>
  text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
const wordsOf = (text) =>
  plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)

function saidOf(item, events) {
  const people = events.find((it) => it.item === item).details.attendees.filter((one) => !one.me)
  return wordsOf([item.title, item.location, ...people.flatMap((one) => [one.name, one.address])].join(' '))
}

/** What is to come in its order, then what has been, the latest first; a series once. */
export function search(shown, events, text, now) {
  const wanted = wordsOf(text)
  const found = shown.filter(
    (item) =>
      wanted.length > 0 &&
      !item.block &&
      wanted.every((word) => saidOf(item, events).some((said) => said.startsWith(word))),
  )
  const coming = found.filter((it) => it.end > now).sort((a, b) => a.start.localeCompare(b.start))
  const past = found.filter((it) => it.end <= now).sort((a, b) => b.start.localeCompare(a.start))
  const once = new Map()
  for (const item of [...coming, ...past]) {
    const series = item.repeats ? item.title : `${item.event.event}`
    if (!once.has(series)) once.set(series, item)
  }
  const items = [...once.values()]
  return { items: items.slice(0, MOST), more: items.length > MOST }
}
