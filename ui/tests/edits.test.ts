import { describe, expect, it } from 'vitest'
import { LONGEST, type Item } from '../src/host/contract'
import type { CallName, Host } from '../src/host/host'
import { Edits } from '../src/state/edits.svelte'
import { Engine } from '../src/state/engine.svelte'
import { overlaid } from '../src/state/overlay'
import { changeBetween, endsTooEarly, tooLong, withAllDay, withStart } from '../src/state/drafts'
import { Ui, type Draft, type Layer } from '../src/state/ui.svelte'

const item = (event: number, more: Partial<Item> = {}): Item => ({
  event: { event, original: null },
  calendar: 1,
  title: 'Visit',
  location: '',
  start: '2026-03-04T10:00:00',
  end: '2026-03-04T11:00:00',
  all_day: false,
  visit: false,
  look: 'busy',
  repeats: false,
  editable: true,
  sending: 'sent',
  conflict: null,
  booking: null,
  block: null,
  private: false,
  ...more,
})

function world(answer: (name: CallName, payload?: unknown) => Promise<unknown>, agrees = true) {
  const said: string[] = []
  const engine = new Engine({ inBrowser: false, listen: () => () => {}, rpc: answer } as unknown as Host)
  const edits = new Edits(engine, {
    done: (what) => said.push(what),
    failed: (trouble) => said.push(`failed ${trouble.code}`),
    nothingToUndo: () => said.push('nothing'),
    mayConcern: (guests) => {
      said.push(`${guests.count} at ${guests.provider}`)
      return Promise.resolve(agrees)
    },
  })
  return { said, edits }
}

const moved = { start: '2026-03-04T12:00:00', end: '2026-03-04T13:00:00', all_day: false }

describe('an edit', () => {
  it('is on screen before the engine has answered, and marked as waiting', async () => {
    let reply: (value: unknown) => void = () => {}
    const { edits } = world(() => new Promise((resolve) => (reply = resolve)))
    const move = edits.move({ event: 1, original: null }, moved)
    expect(overlaid([item(1), item(2)], edits.patches)).toEqual([
      item(1, { ...moved, sending: 'waiting' }),
      item(2),
    ])
    reply({ event: { event: 1, original: null }, journal: 5, lost: [] })
    expect(await move).toBe(true)
    expect(edits.patches).toEqual([])
  })

  it('of one occurrence leaves the others of its series alone', () => {
    const first = item(1, { event: { event: 1, original: '2026-03-04' } })
    const second = item(1, { event: { event: 1, original: '2026-03-11' } })
    const { edits } = world(() => new Promise(() => {}))
    void edits.delete(first.event)
    expect(overlaid([first, second], edits.patches)).toEqual([second])
  })

  it('that is refused goes back to what it was, and says why', async () => {
    const { said, edits } = world(() => Promise.reject({ code: 'read_only', message: 'no', params: {} }))
    expect(await edits.move({ event: 1, original: null }, moved)).toBe(false)
    expect(overlaid([item(1)], edits.patches)).toEqual([item(1)])
    expect(said).toEqual(['failed read_only'])
  })
})

describe('a refusal', () => {
  const refusal = () => Promise.reject({ code: 'title_too_long', message: 'no', params: { limit: '500' } })

  it('goes to whoever wrote the words, and then nobody else speaks of it', async () => {
    const { said, edits } = world(refusal)
    const heard: string[] = []
    const change = { title: 'A', location: null, description: null, free: null, when: null }
    await edits.change({ event: 1, original: null }, change, ({ code }) => heard.push(code))
    const made = { calendar: 1, title: 'A', location: '', description: '', free: false, when: moved }
    await edits.create(made, ({ code }) => heard.push(code))
    expect([heard, said, edits.patches]).toEqual([['title_too_long', 'title_too_long'], [], []])
  })
})

describe('what opens unasked', () => {
  const back: Layer = { kind: 'held', run: 1 }

  it('opens at once over the bare views', () => {
    const ui = new Ui()
    ui.openNext(back)
    expect(ui.layer).toBe(back)
  })

  it('waits for what the person has open, and for what they open from there', () => {
    const ui = new Ui()
    ui.open({ kind: 'menu' })
    ui.openNext(back)
    expect(ui.layer?.kind).toBe('menu')
    ui.open({ kind: 'scope', what: 'delete', event: { event: 1, original: null }, answer: () => {} })
    expect(ui.layer?.kind).toBe('scope')
    ui.answer({ scope: 'this' })
    expect(ui.layer).toBe(back)
    ui.close()
    expect(ui.layer).toBeNull()
  })
})

describe('a meeting with guests', () => {
  const event = { event: 1, original: null }
  /** Refuses what nobody confirmed, as the engine does. */
  function engine() {
    const sent: unknown[] = []
    const answer = (_: CallName, payload?: unknown) => {
      sent.push(payload)
      const { guests_confirmed } = payload as { guests_confirmed?: boolean }
      const params = { guests: '2', provider: 'microsoft' }
      return guests_confirmed
        ? Promise.resolve({ event, journal: sent.length, lost: [] })
        : Promise.reject({ code: 'ask_about_guests', message: 'ask', params })
    }
    return { sent, answer }
  }

  it('is sent again with the word of the person who was asked', async () => {
    const { sent, answer } = engine()
    const { said, edits } = world(answer)
    expect(await edits.delete(event)).toBe(true)
    expect(sent).toEqual([{ event }, { event, guests_confirmed: true }])
    await edits.undoLast()
    expect(said).toEqual(['2 at microsoft', 'deleted', '2 at microsoft', 'undone'])
  })

  it('stays as it is when the person would rather not, and so does what could be undone', async () => {
    const { sent, answer } = engine()
    const { said, edits } = world(answer, false)
    expect(await edits.move(event, moved)).toBe(false)
    expect(await edits.undo(7)).toBe(false)
    await edits.undoLast()
    expect([said, edits.patches]).toEqual([Array(3).fill('2 at microsoft'), []])
    expect(sent.slice(1)).toEqual([{ journal: 7 }, { journal: 7 }])
    expect(await edits.undoRun(3)).toBeNull()
  })

  it('is not asked about twice where the question of the series said it', async () => {
    const { sent, answer } = engine()
    const { said, edits } = world(answer)
    await edits.delete(event, { scope: 'all', guests_confirmed: true })
    expect([said, sent]).toEqual([['deleted'], [{ event, scope: 'all', guests_confirmed: true }]])
  })

  it('leaves the question with no', async () => {
    const ui = new Ui()
    const asked = ui.ask({ count: 1, provider: 'google' })
    ui.close()
    expect(await asked).toBe(false)
    const again = ui.ask({ count: 1, provider: 'google' })
    ui.answer({ guests_confirmed: true })
    expect([await again, ui.layer]).toEqual([true, null])
  })
})

describe('undo', () => {
  it('waits for an edit that is on its way, and never takes back an older one instead', async () => {
    const undone: unknown[] = []
    let reply: (value: unknown) => void = () => {}
    const answers = [
      () => Promise.resolve({ event: { event: 1, original: null }, journal: 5, lost: [] }),
      () => new Promise((resolve) => (reply = resolve)),
    ]
    const { edits } = world((name, payload) => {
      if (name !== 'undo') return answers.shift()?.() ?? Promise.reject(new Error('asked too often'))
      undone.push(payload)
      return Promise.resolve({ event: { event: 1, original: null }, journal: 7, lost: [] })
    })
    await edits.move({ event: 1, original: null }, moved)
    const removed = edits.delete({ event: 1, original: null })
    const undo = edits.undoLast()
    expect(undone).toEqual([])
    reply({ event: { event: 1, original: null }, journal: 6, lost: [] })
    await Promise.all([removed, undo])
    expect(undone).toEqual([{ journal: 6 }])
  })

  it('takes back the last edit first, and each only once', async () => {
    const undone: number[] = []
    let journal = 0
    const { said, edits } = world(async (name) => ({
      event: { event: 1, original: null },
      journal: name === 'undo' ? 99 : ++journal,
      lost: [],
    }))
    const undo = edits.undo.bind(edits)
    edits.undo = (entry) => (undone.push(entry), undo(entry))
    await edits.delete({ event: 1, original: null })
    await edits.delete({ event: 2, original: null })
    await edits.undoLast()
    await edits.undoLast()
    await edits.undoLast()
    expect(undone).toEqual([2, 1])
    expect(said).toEqual(['deleted', 'deleted', 'undone', 'undone', 'nothing'])
  })
})

describe('a draft', () => {
  const draft: Draft = {
    event: { event: 1, original: null },
    title: 'Visit',
    location: '',
    description: '',
    calendar: 1,
    start: '2026-03-04T10:00:00',
    end: '2026-03-04T11:30:00',
    all_day: false,
    free: false,
    repeats: false,
  }

  it('sends only what changed', () => {
    expect(changeBetween(draft, draft)).toBeNull()
    expect(changeBetween(draft, { ...draft, title: 'Fitting' })).toEqual({
      title: 'Fitting',
      location: null,
      description: null,
      free: null,
      when: null,
    })
  })

  it('keeps its length when its start moves', () => {
    expect(withStart(draft, '2026-03-05T23:00:00').end).toBe('2026-03-06T00:30:00')
  })

  it('covers whole days when it becomes all-day, also over midnight', () => {
    expect(withAllDay(draft, true)).toMatchObject({
      start: '2026-03-04T00:00:00',
      end: '2026-03-05T00:00:00',
    })
    const night = { ...draft, start: '2026-03-04T22:00:00', end: '2026-03-05T02:00:00' }
    expect(withAllDay(night, true).end).toBe('2026-03-06T00:00:00')
    const toMidnight = { ...draft, start: '2026-03-04T22:00:00', end: '2026-03-05T00:00:00' }
    expect(withAllDay(toMidnight, true).end).toBe('2026-03-05T00:00:00')
  })

  it('says by how much a text is too long, but of one that came so from elsewhere only when it changes', () => {
    const none = { title: 0, location: 0, description: 0 }
    const long = { ...draft, title: 'é'.repeat(LONGEST.title + 1) }
    expect(tooLong(draft, long)).toEqual({ ...none, title: 1 })
    expect(tooLong(draft, { ...draft, title: '🏡'.repeat(LONGEST.title) })).toEqual(none)
    const known = { ...long, event: { event: 1, original: null } }
    expect(tooLong(known, { ...known, location: 'Depot 4' })).toEqual(none)
    expect(tooLong(known, { ...known, title: `${known.title}!` })).toEqual({ ...none, title: 2 })
  })

  it('may have no length, but may not end before it starts', () => {
    expect(endsTooEarly({ ...draft, end: draft.start })).toBe(false)
    expect(endsTooEarly({ ...draft, end: '2026-03-04T09:59:00' })).toBe(true)
    expect(
      endsTooEarly({ ...draft, all_day: true, start: '2026-03-04T00:00:00', end: '2026-03-04T00:00:00' }),
    ).toBe(true)
  })
})
