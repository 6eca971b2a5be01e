// Copies of busy times in the fake engine: what stands, what the brake holds back, what can be taken away.

import type {
  BlockRemoval,
  Card,
  DoomedEvent,
  HeldRun,
  Item,
  JournalEntry,
  JournalQuery,
  JournalRun,
  Removal,
} from '../../../ui/src/host/contract'
import type { Day, Kept, MakeEvent } from './seed'

interface Standing {
  events: Kept[]
  journal: JournalEntry[]
  /** Changes when somebody else changes the calendars. */
  salt: number
}
type NameOf = (calendar: number) => string

const BUSY = 'Busy'
const pad = (n: number) => String(n).padStart(2, '0')

/** Copies of two calendars' events; those of Family are in sight, for Family itself is not shown. */
export function copies(event: MakeEvent, on: Day): Kept[] {
  type Span = ReturnType<Day>
  const copy = (calendar: number, [start, end]: Span, from: string, title: string | null = null) =>
    event(calendar, start, end, title ?? BUSY, '', { block: { calendar: from, title } })
  return [
    copy(1, on(2, '16:00', '17:00'), 'Family'),
    copy(5, on(2, '16:00', '17:00'), 'Family'),
    copy(1, on(4, '15:00', '16:00'), 'Maya'),
    copy(5, on(4, '15:00', '16:00'), 'Maya'),
    copy(1, on(5, '13:00', '14:00'), 'Family'),
    copy(5, on(5, '13:00', '14:00'), 'Family'),
    copy(2, on(5, '16:00', '16:30'), 'Family', 'School pick-up'),
    copy(1, on(6, '08:30', '09:00'), 'Family'),
    copy(1, ['2026-03-06', '2026-03-07'], 'Family'),
  ]
}

/** What would go, had Family been emptied by mistake. */
export function heldRun(): HeldRun {
  const days = Array.from({ length: 14 }, (_, i) => `2026-03-${pad(i + 9)}`)
  const deletes = days.flatMap((day, i) => [
    {
      calendar: 'Northcare',
      title: BUSY,
      start: `${day}T${i % 2 ? '13:00' : '08:30'}:00`,
      all_day: false,
    },
    ...(i % 3
      ? [
          {
            calendar: 'Visits',
            title: 'School pick-up',
            start: `${day}T15:30:00`,
            all_day: false,
          },
        ]
      : []),
    ...(i % 7
      ? []
      : [
          {
            calendar: 'Partner clinic',
            title: BUSY,
            start: `${day}T00:00:00`,
            all_day: true,
          },
        ]),
  ])
  return {
    run: 40,
    at: '2026-03-04T11:36:00',
    deletes,
    token: 'held-1',
  }
}

export const brakeCard = (held: HeldRun): Card => ({
  id: 'held',
  severity: 'attention',
  code: 'brake',
  message: 'held',
  params: { deletes: String(held.deletes.length) },
  events: [],
  remedies: [{ kind: 'review_run', run: held.run }],
})

const ofEvent =
  (name: NameOf) =>
  ({ item }: { item: Item }): DoomedEvent => ({
    calendar: name(item.calendar),
    title: item.title,
    start: item.start,
    all_day: item.all_day,
  })

export function copyRemoval({ events, salt }: Standing, name: NameOf): BlockRemoval {
  const doomed = events.filter(({ item }) => item.block)
  return {
    deletes: doomed.map(ofEvent(name)),
    left: doomed.length > 0 ? 1 : 0,
    unread: [],
    token: `copies-${salt}-${doomed.length}`,
    done: false,
  }
}

/** What was created here goes; what was changed here gets its time back; what somebody changed since stays. */
export function wholeRemoval(
  { events, journal, salt }: Standing,
  name: NameOf,
): { doomed: Kept[]; removal: Removal } {
  const made = new Set(
    journal.filter((it) => it.action === 'create' && it.state !== 'undone').map((it) => it.title),
  )
  const doomed = events.filter(({ item }) => item.block || item.booking || made.has(item.title))
  const moved = events.filter(({ item }) => item.title === 'Hand-over with Léa')
  const stays = events.filter(({ item }) => item.title === 'Route review')
  return {
    doomed,
    removal: {
      deletes: doomed.map(ofEvent(name)),
      restores: moved.map(({ item }) => ({
        calendar: name(item.calendar),
        title: item.title,
        start: item.start.replace('16:15', '15:30'),
        new_title: 'Hand-over',
      })),
      cannot: [
        ...stays.map(({ item }) => ({
          calendar: name(item.calendar),
          title: item.title,
          why: 'changed_since' as const,
        })),
        ...(events.length > 0
          ? [{ calendar: 'Old rota', title: 'Night shift', why: 'read_only' as const }]
          : []),
      ],
      token: `all-${salt}-${doomed.length}`,
      done: false,
    },
  }
}

/** What was written together, newest first. */
export function runsOf(journal: JournalEntry[], { limit, before }: JournalQuery): JournalRun[] {
  const byRun = new Map<number | null, [JournalEntry, ...JournalEntry[]]>()
  for (const entry of journal) {
    const known = byRun.get(entry.run)
    if (known) known.push(entry)
    else byRun.set(entry.run, [entry])
  }
  const runs = [...byRun.values()].map((entries) => {
    const count = (test: (entry: JournalEntry) => boolean) => entries.filter(test).length
    const [latest] = entries
    return {
      run: latest.run,
      last: latest.id,
      at: latest.at,
      cause: latest.cause,
      title: latest.title,
      created: count((it) => it.action === 'create'),
      changed: count((it) => it.action === 'change'),
      deleted: count((it) => it.action === 'delete'),
      waiting: count((it) => it.state === 'waiting'),
      refused: count((it) => it.state === 'refused'),
      undone: count((it) => it.state === 'undone'),
    }
  })
  return runs.filter((run) => before === null || run.last < before).slice(0, limit)
}
