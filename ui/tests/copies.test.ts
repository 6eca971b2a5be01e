import { describe, expect, it } from 'vitest'
import { countsOf, stateOf } from '../src/features/activity/runText'
import { byCalendar } from '../src/features/removal/doomed'
import { isNothing, previewOf, RemovalPlan } from '../src/features/removal/removal.svelte'
import { sourceText, titleOf } from '../src/features/schedule/copyText'
import { toGridEvents } from '../src/features/schedule/gridEvents'
import type { BlockSource, DoomedEvent, Item, JournalRun } from '../src/host/contract'
import type { CallName, Host } from '../src/host/host'
import { translator } from '../src/i18n/translate'
import { mergeCopies } from '../src/state/copies'
import { Engine } from '../src/state/engine.svelte'
import { Pages, withKnown } from '../src/state/pages.svelte'

const t = translator('en', 'en-GB')
const NAMES = ['', 'Northcare', 'Visits', 'Maya']
const nameOf = (calendar: number) => NAMES[calendar] ?? ''

const item = (event: number, calendar: number, block: BlockSource | null = null, more: Partial<Item> = {}) =>
  ({
    event: { event, original: null },
    calendar,
    title: block ? 'Busy' : 'Dentist',
    start: '2026-03-04T15:00:00',
    end: '2026-03-04T16:00:00',
    all_day: false,
    visit: false,
    look: 'busy',
    editable: true,
    sending: 'sent',
    booking: null,
    block,
    ...more,
  }) as Item
const from = (calendar: string, title: string | null = null): BlockSource => ({ calendar, title })

describe('copies in a merged week', () => {
  it('are told by their original where it is in sight', () => {
    const dentist = item(1, 3)
    const { items, copies } = mergeCopies(
      [item(2, 1, from('Maya')), dentist, item(3, 2, from('Maya'))],
      nameOf,
    )
    expect(items).toEqual([dentist])
    expect([...(copies.get('1|') ?? [])]).toEqual([1, 2])
  })

  it('stand in for an original out of sight, once, by the copy that says most', () => {
    const titled = item(3, 2, from('Maya', 'Dentist'))
    const { items, copies } = mergeCopies([item(2, 1, from('Maya')), titled], nameOf)
    expect(items).toEqual([titled])
    expect([...(copies.get('3|') ?? [])]).toEqual([1])
  })

  it('of other times, of other calendars, or refused by their own calendar are drawn', () => {
    const all = [
      item(1, 3),
      item(2, 1, from('Maya'), { start: '2026-03-04T15:15:00' }),
      item(3, 1, from('Family')),
      item(4, 2, from('Maya'), { sending: 'failed' }),
    ]
    expect(mergeCopies(all, nameOf).items).toEqual(all)
  })

  it('never hide an event that is no copy', () => {
    const both = [item(1, 3), item(2, 3)]
    expect(mergeCopies(both, nameOf).items).toEqual(both)
  })
})

describe('a copy', () => {
  it('cannot be dragged, for it goes where its original goes', () => {
    const [drawn] = toGridEvents({
      items: [item(1, 1, from('Maya'))],
      tint: () => 'cal-1',
      now: null,
      days: [],
      hours: [],
      overrides: [],
    })
    expect(drawn).toMatchObject({ startEditable: false, durationEditable: false })
    expect(drawn?.classNames).toEqual(expect.arrayContaining(['block', 'fixed']))
  })

  it('that tells nothing is called busy in the person’s language', () => {
    const fr = translator('fr', 'fr-CA')
    expect(titleOf(item(1, 1, from('Maya')), fr)).toBe('Occupé')
    expect(titleOf(item(1, 1, from('Maya', 'Dentist'), { title: 'Dentist' }), fr)).toBe('Dentist')
    expect(sourceText(item(1, 1, from('Maya', 'Dentist')), t)).toBe('Copy of “Dentist” in Maya')
  })
})

describe('a time of which nothing else is shown', () => {
  it('is called busy, and one without a title is not', () => {
    const untitled = { title: '' }
    expect(titleOf(item(1, 1, null, { ...untitled, private: true }), t)).toBe('Busy')
    expect(titleOf(item(1, 1, null, { ...untitled, private: false }), t)).toBe('(no title)')
  })
})

describe('a run in words', () => {
  const run = (more: Partial<JournalRun>): JournalRun => ({
    run: 1,
    last: 9,
    at: '2026-03-04T11:00:00',
    cause: 'block',
    created: 4,
    changed: 0,
    deleted: 2,
    waiting: 0,
    refused: 0,
    undone: 0,
    title: 'Busy',
    ...more,
  })

  it('counts what it did and leaves out what it did not', () => {
    expect(countsOf(run({}), t)).toEqual(['4 added', '2 deleted'])
  })

  it('says first what was refused, then what waits, then what was undone', () => {
    expect(stateOf(run({}), t).text).toBe('Sent')
    expect(stateOf(run({ refused: 1, waiting: 3 }), t)).toEqual({ text: '1 refused', tone: 'bad' })
    expect(stateOf(run({ waiting: 6 }), t).text).toBe('Waiting')
    expect(stateOf(run({ waiting: 2, undone: 2 }), t).text).toBe('2 waiting')
    expect(stateOf(run({ undone: 2 }), t).text).toBe('2 undone')
    expect(stateOf(run({ undone: 6, refused: 1 }), t).text).toBe('Undone')
  })
})

describe('a list in pages', () => {
  it('asks for each page below the last', () => {
    const all = Array.from({ length: 7 }, (_, i) => 7 - i)
    const asked: (number | null)[] = []
    const ask = (limit: number, before: number | null) => {
      asked.push(before)
      return all.filter((id) => before === null || id < before).slice(0, limit)
    }
    const pages = new Pages<number>(3, ask, (id) => id)
    expect([pages.items, pages.more]).toEqual([[7, 6, 5], true])
    pages.grow()
    pages.grow()
    expect([pages.items, pages.more]).toEqual([all, false])
    expect([...new Set(asked)]).toEqual([null, 5, 2])
  })

  it('keeps in sight what it knew while later pages are answered anew', () => {
    expect(withKnown([9, 8, 7], [8, 7, 6, 5], (id) => id)).toEqual([9, 8, 7, 6, 5])
    expect(withKnown([], [8, 7], (id) => id)).toEqual([8, 7])
  })
})

describe('a removal', () => {
  const doomed = (calendar: string, start: string): DoomedEvent => ({
    calendar,
    title: 'Busy',
    start,
    all_day: false,
  })

  it('is shown by calendar, the fullest first, in the order of time', () => {
    const groups = byCalendar([
      doomed('Visits', '2026-03-05T10:00:00'),
      doomed('Northcare', '2026-03-06T10:00:00'),
      doomed('Northcare', '2026-03-04T10:00:00'),
    ])
    expect(
      groups.map(({ calendar, events }) => [calendar, ...events.map(({ start }) => start.slice(8, 10))]),
    ).toEqual([
      ['Northcare', '04', '06'],
      ['Visits', '05'],
    ])
  })

  function world(answers: unknown[]) {
    const asked: string[] = []
    const rpc = (name: CallName, payload: unknown) => {
      asked.push(`${name} ${JSON.stringify(payload)}`)
      const answer = answers.shift() as { code?: string }
      return answer.code ? Promise.reject({ message: '', params: {}, ...answer }) : Promise.resolve(answer)
    }
    const engine = new Engine({ inBrowser: false, listen: () => () => {}, rpc } as unknown as Host)
    return { asked, plan: new RemovalPlan(engine, 'copies') }
  }
  const preview = (token: string, ...deletes: DoomedEvent[]) => ({
    deletes,
    left: 0,
    unread: [],
    token,
    done: false,
  })
  const one = doomed('Northcare', '2026-03-04T10:00:00')

  it('is confirmed by the token of what was looked at', async () => {
    const { asked, plan } = world([preview('a', one), preview('a', one)])
    await plan.look()
    await plan.confirm()
    expect(asked).toEqual(['remove_blocks {"token":null}', 'remove_blocks {"token":"a"}'])
    expect(plan.done?.deletes).toEqual([one])
  })

  it('that no longer fits is not done: the new preview is shown and says so', async () => {
    const { asked, plan } = world([preview('a', one), { code: 'changed_since' }, preview('b', one, one)])
    await plan.look()
    await plan.confirm()
    expect(asked.at(-1)).toBe('remove_blocks {"token":null}')
    expect([plan.done, plan.changed, plan.trouble]).toEqual([null, true, null])
    expect(plan.preview?.token).toBe('b')
  })

  it('that fails otherwise keeps its preview and says why', async () => {
    const { plan } = world([preview('a', one), { code: 'database' }])
    await plan.look()
    await plan.confirm()
    expect(plan.trouble?.code).toBe('database')
    expect([plan.preview?.token, plan.done]).toEqual(['a', null])
  })

  it('of either kind has one shape', () => {
    expect(isNothing(previewOf({ ...preview('a'), left: 2 }))).toBe(true)
    expect(previewOf({ deletes: [], restores: [], cannot: [], token: 'c', done: false })).toMatchObject({
      left: 0,
      unread: [],
    })
  })
})
