import { describe, expect, it } from 'vitest'
import type { Answer, CallName, Host, NoticeSink } from '../src/host/host'
import { Engine } from '../src/state/engine.svelte'
import { Queries } from '../src/state/queries'

/** Lets every promise that is already settled run on. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

function world() {
  const asked: string[] = []
  const answers: ((value: unknown) => void)[] = []
  const queries = new Queries((name, payload) => {
    asked.push(`${name} ${JSON.stringify(payload)}`)
    return new Promise((resolve) => answers.push(resolve as (value: unknown) => void)) as Promise<
      Answer<typeof name>
    >
  })
  return { asked, answers, queries, answer: async (value: unknown) => (answers.shift()?.(value), settle()) }
}

describe('queries', () => {
  it('one answer serves everyone who asks the same', async () => {
    const { asked, queries, answer } = world()
    const first = queries.get('schedule', { from: '2026-03-02', to: '2026-03-09' })
    const second = queries.get('schedule', { from: '2026-03-02', to: '2026-03-09' })
    first.subscribe(() => {})
    second.subscribe(() => {})
    await settle()
    await answer({ items: [] })
    expect(first).toBe(second)
    expect(asked).toHaveLength(1)
    expect(first.data).toEqual({ items: [] })
  })

  it('only what carries a stale tag and is watched is asked again', async () => {
    const { asked, queries, answer } = world()
    queries.get('health', null).subscribe(() => {})
    queries.get('accounts', null).subscribe(() => {})
    await settle()
    await answer({})
    await answer([])
    void queries.invalidate(['health'])
    await settle()
    expect(asked).toEqual(['health null', 'accounts null', 'health null'])
  })

  it('what goes stale unseen is asked when it is seen again', async () => {
    const { asked, queries, answer } = world()
    const query = queries.get('page', null)
    const leave = query.subscribe(() => {})
    await settle()
    await answer({ offered: 1 })
    leave()
    await queries.invalidate(['page'])
    expect(asked).toHaveLength(1)
    query.subscribe(() => {})
    await settle()
    expect(asked).toHaveLength(2)
  })

  it('an answer that went stale under way is asked once more, however many notices came', async () => {
    const { asked, queries, answer } = world()
    const query = queries.get('journal', { limit: 50, before: null })
    query.subscribe(() => {})
    await settle()
    void queries.invalidate(['journal'])
    void queries.invalidate(['journal'])
    await answer(['old'])
    expect(asked).toHaveLength(2)
    expect(query.data).toEqual(['old'])
    await answer(['new'])
    expect(asked).toHaveLength(2)
    expect(query.data).toEqual(['new'])
  })

  it('a failure keeps the last good answer and is asked again when seen', async () => {
    let fail = false
    const queries = new Queries((() =>
      fail ? Promise.reject({ code: 'database', message: 'full' }) : Promise.resolve({ n: 1 })) as never)
    const query = queries.get('accounts', null)
    query.subscribe(() => {})
    await settle()
    fail = true
    await queries.invalidate(['accounts'])
    expect(query.data).toEqual({ n: 1 })
    expect(query.trouble?.code).toBe('database')
    fail = false
    await query.fresh()
    expect(query.trouble).toBeUndefined()
  })

  it('keeps a bounded number of answers that nobody looks at', async () => {
    const { asked, queries } = world()
    const watched = queries.get('schedule', { from: 'watched', to: '' })
    watched.subscribe(() => {})
    for (let n = 0; n < 200; n++) queries.get('schedule', { from: String(n), to: '' })
    await settle()
    expect(queries.get('schedule', { from: 'watched', to: '' })).toBe(watched)
    expect(asked).toHaveLength(1)
  })
})

describe('engine', () => {
  function listening() {
    const asked: CallName[] = []
    let sink: NoticeSink | undefined
    const host = {
      inBrowser: false,
      rpc: (name: CallName) => (asked.push(name), Promise.resolve({ now: '2026-03-04T11:42:00' })),
      listen: (given: NoticeSink) => ((sink = given), () => {}),
    } as unknown as Host
    const engine = new Engine(host)
    engine.follow()
    const notice = async (change: number, ...tags: ('health' | 'page')[]) => (
      sink?.notice({ change, tags }),
      settle()
    )
    return { asked, engine, notice, sink: () => sink as NoticeSink }
  }

  it('a gap in the notices makes everything stale', async () => {
    const { asked, engine, notice } = listening()
    engine.read('health', null).subscribe(() => {})
    engine.read('page', null).subscribe(() => {})
    await settle()
    asked.length = 0
    await notice(1, 'health')
    await notice(2, 'health')
    expect(asked).toEqual(['health', 'health'])
    await notice(4, 'health')
    expect(asked.slice(2).sort()).toEqual(['health', 'page'])
  })

  it('a stream that opens again makes everything stale and ends the outage', async () => {
    const { asked, engine, notice, sink } = listening()
    engine.read('page', null).subscribe(() => {})
    await notice(7, 'health')
    sink().lost()
    expect(engine.lost).toBe(true)
    asked.length = 0
    sink().opened()
    await settle()
    expect(engine.lost).toBe(false)
    expect(asked).toEqual(['page'])
    await notice(1, 'health')
    expect(asked).toEqual(['page'])
  })

  it('an answer that carries the time sets the clock', async () => {
    const { engine } = listening()
    const said: string[] = []
    engine.onNow((now) => said.push(now))
    engine.read('rail', null).subscribe(() => {})
    await settle()
    expect(said).toEqual(['2026-03-04T11:42:00'])
  })
})
