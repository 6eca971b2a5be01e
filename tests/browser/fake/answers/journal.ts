// The fake's answers about what was written: the journal, runs that are held back, conflicts, and taking all away.

import type { HeldRun, JournalEntry } from '../../../../ui/src/host/contract'
import { present, Refusal, type Part } from '../calls'
import { copyRemoval, runsOf, wholeRemoval } from '../copies'
import type { World } from '../world'

type Calls =
  | 'journal'
  | 'journal_runs'
  | 'undo_run'
  | 'conflicts'
  | 'resolve_conflict'
  | 'held_runs'
  | 'release_run'
  | 'drop_run'
  | 'remove_blocks'
  | 'remove_everything'

export const journalAnswers = (world: World): Part<Calls> => ({
  journal: ({ limit, before }) =>
    world.journal.filter((it) => before === null || it.id < before).slice(0, limit),
  journal_runs: (query) => runsOf(world.journal, query),
  undo_run: ({ run }) => undoRun(world, run),
  conflicts: () => world.conflicts,
  resolve_conflict: ({ conflict: id, version, choice }) => {
    const found = present(world.conflicts.find((it) => it.id === id))
    if (version !== found.version) throw new Refusal('conflict_moved')
    if (!found.choices.includes(choice)) throw new Refusal('bad_request')
    const stands = world.find(found.event)
    world.conflicts = world.conflicts.filter((it) => it !== found)
    world.cards = world.cards.filter(
      ({ remedies }) => !remedies.some((it) => it.kind === 'open_conflict' && it.conflict === id),
    )
    stands.item.conflict = null
    if (choice === 'theirs') Object.assign(stands.item, found.theirs.when)
    world.notify('conflicts', 'health')
    return world.write(stands, 'change', found.mine.when.start, () => {})
  },
  held_runs: () => world.held,
  release_run: ({ run, token }) => {
    const held = world.held.find((it) => it.run === run)
    if (held && (token !== held.token || world.salt !== 0)) {
      world.held = [{ ...held, deletes: held.deletes.slice(4), token: 'held-2' }]
      world.salt = 0
      throw new Refusal('changed_since')
    }
    world.note('block', settle(world, run).deletes)
    return null
  },
  drop_run: ({ run }) => {
    settle(world, run)
    return null
  },
  remove_blocks: ({ token }) => {
    const removal = copyRemoval(world, world.name)
    if (token === null) return removal
    if (token !== removal.token) throw new Refusal('changed_since')
    world.events = world.events.filter(({ item }) => !item.block)
    world.note('removal', removal.deletes)
    stopCopies(world)
    return { ...removal, done: true }
  },
  remove_everything: ({ token }) => {
    const { doomed, removal } = wholeRemoval(world, world.name)
    if (token === null) return removal
    if (token !== removal.token) throw new Refusal('changed_since')
    world.events = world.events.filter((it) => !doomed.includes(it))
    world.note('removal', removal.deletes)
    stopCopies(world)
    return { ...removal, done: true }
  },
})

function undoRun(world: World, run: number) {
  const entries = world.journal.filter((it) => it.run === run)
  if (entries.length === 0) throw new Refusal('not_found')
  const able = entries.filter((it) => it.undoable)
  for (const it of able) {
    world.undos.get(it.id)?.()
    it.state = 'undone'
    it.undoable = false
  }
  const start = (it: JournalEntry) => it.before?.start ?? it.after?.start ?? ''
  world.note(
    'undo',
    able.map((it) => ({ title: it.title, calendar: it.calendar, start: start(it) })),
  )
  world.notify('schedule', 'journal', 'health')
  const refused = entries.filter((it) => !able.includes(it))
  return {
    undone: able.length,
    lost: able.flatMap(({ title, lost }) => (lost.length > 0 ? [{ title, lost }] : [])),
    refused: refused.map(({ title, state }) => ({
      title,
      why: state === 'overtaken' ? ('never_took_effect' as const) : ('undone_before' as const),
    })),
  }
}

function settle(world: World, run: number): HeldRun {
  const held = present(world.held.find((it) => it.run === run))
  world.held = []
  world.dropCards('brake')
  world.notify('schedule', 'journal', 'health')
  return held
}

function stopCopies(world: World) {
  for (const found of world.calendars) found.receives_blocks = false
  world.held = []
  world.dropCards('brake')
  world.notify('schedule', 'journal', 'health', 'accounts')
}
