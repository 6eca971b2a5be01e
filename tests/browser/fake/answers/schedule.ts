// The fake's answers about events: the schedule, search, and edits.

import type { Booking, ChangeEvent, EventDetail, Item, Scope, When } from '../../../../ui/src/host/contract'
import { present, Refusal, type Part } from '../calls'
import { search } from '../search'
import { asUtc, NOW, wallOf, type Kept } from '../seed'
import type { World } from '../world'

type Calls =
  | 'schedule'
  | 'rail'
  | 'event'
  | 'search_events'
  | 'open_link'
  | 'create_event'
  | 'change_event'
  | 'delete_event'
  | 'undo'
  | 'retry_write'

export const scheduleAnswers = (world: World): Part<Calls> => ({
  schedule: ({ from, to }) => ({
    zone: world.settings.zone,
    now: NOW,
    items: world.shown().filter((it) => it.start < `${to}T00:00:00` && it.end > `${from}T00:00:00`),
  }),
  rail: () => {
    const today = world.today()
    return { now: NOW, next: today.find((it) => it.start > NOW) ?? null, starts_in_min: 33, today }
  },
  event: (ref) => detail(world, world.find(ref)),
  search_events: ({ text }) => search(world.shown(), world.events, text, NOW),
  open_link: () => null,
  create_event: (made) => {
    world.mayWrite()
    const created = world.make(made.calendar, made.when.start, made.when.end, made.title, made.location, {
      all_day: made.when.all_day,
      look: made.free ? 'free' : 'busy',
      sending: 'waiting',
    })
    created.description = made.description
    world.events.push(created)
    const undo = () => (world.events = world.events.filter((it) => it !== created))
    return world.write(created, 'create', null, undo)
  },
  change_event: (change) => {
    world.mayWrite()
    const found = world.find(change.event)
    world.mayConcern(found, change.guests_confirmed)
    const old = structuredClone(found)
    const others = reached(world, found, change.scope).filter((it) => it !== found)
    for (const { item } of others) follow(item, old.item.start, change)
    apply(found, change)
    return world.write(found, 'change', old.item.start, () => Object.assign(found, old))
  },
  delete_event: ({ event, scope, guests_confirmed }) => {
    const found = world.find(event)
    world.mayConcern(found, guests_confirmed)
    const gone = reached(world, found, scope)
    const written = world.write(found, 'delete', found.item.start, () => world.events.push(...gone))
    world.events = world.events.filter((it) => !gone.includes(it))
    return written
  },
  undo: ({ journal, guests_confirmed }) => {
    const undo = world.undos.get(journal)
    const row = world.journal.find((it) => it.id === journal)
    if (!undo || !row) throw new Refusal('cannot_undo')
    world.mayConcern(world.meetings.get(journal), guests_confirmed)
    undo()
    row.state = 'undone'
    row.undoable = false
    world.notify('schedule', 'journal')
    return { event: { event: 1, original: null }, journal: journal + 500, lost: [] }
  },
  retry_write: ({ event }) => {
    world.cards = world.cards.filter(
      ({ remedies }) => !remedies.some((it) => it.kind === 'retry_write' && it.event === event),
    )
    for (const it of world.bookings.filter((it) => it.event?.event === event))
      Object.assign(it, { unwritten: null, state: 'confirmed' } satisfies Partial<Booking>)
    world.notify('health', 'bookings', 'journal', 'schedule')
    return null
  },
})

function detail(world: World, found: Kept): EventDetail {
  const inside = (calendar: { id: number }) => calendar.id === found.item.calendar
  const account = present(world.accounts.find((it) => it.calendars.some(inside)))
  return {
    ...found,
    calendar_name: world.name(found.item.calendar),
    account_address: account.address,
    event_zone: world.settings.zone,
    guests: world.guests(found),
  }
}

/** The occurrences that an edit of one is about. */
function reached({ events }: World, { item }: Kept, scope: Scope = 'this'): Kept[] {
  if (scope === 'this') return events.filter((it) => it.item === item)
  const series = events.filter((it) => it.item.repeats && it.item.title === item.title)
  return series.filter((it) => scope === 'all' || it.item.start >= item.start)
}

function apply(found: Kept, { title, location, description, when, free }: ChangeEvent) {
  const { item } = found
  item.title = title ?? item.title
  item.location = location ?? item.location
  found.description = description ?? found.description
  if (when !== null) Object.assign(item, when)
  if (free !== null) item.look = free ? 'free' : 'busy'
  item.sending = 'waiting'
}

/** The others of the series move as far as the one that was dragged. */
function follow(item: Item, before: string, { title, when }: ChangeEvent) {
  item.title = title ?? item.title
  if (when === null) return
  const byMs = asUtc(when.start).getTime() - asUtc(before).getTime()
  const moved = (wall: string) => wallOf(new Date(asUtc(wall).getTime() + byMs))
  Object.assign(item, { start: moved(item.start), end: moved(item.end) } satisfies Partial<When>)
}
