// Answers of the engine, kept until their tags go stale. What is on screen is asked again at once, the rest when needed.

import { createSubscriber } from 'svelte/reactivity'
import type { Tag } from '../host/contract'
import { asTrouble, type Answer, type CallName, type Payload, type Trouble } from '../host/host'

/** The calls that read, and the tags that make their answers stale. */
export const READS = {
  boot: ['settings', 'accounts'],
  schedule: ['schedule'],
  event: ['schedule'],
  search_events: ['schedule'],
  rail: ['schedule'],
  conflicts: ['conflicts'],
  journal: ['journal'],
  journal_runs: ['journal'],
  held_runs: ['health', 'journal'],
  accounts: ['accounts'],
  left_accounts: ['accounts'],
  disconnect_preview: ['accounts', 'schedule'],
  connect_state: ['connect'],
  health: ['health'],
  settings: ['settings'],
  zones: [],
  page: ['page'],
  bookings: ['bookings'],
} as const satisfies Partial<Record<CallName, readonly Tag[]>>

export type ReadName = keyof typeof READS
type Ask = <N extends ReadName>(name: N, payload: Payload<N>) => Promise<Answer<N>>

const KEPT_UNSEEN = 40

export class Query<N extends ReadName> {
  #data: Answer<N> | undefined
  #trouble: Trouble | undefined
  #stale = true
  #running: Promise<void> | undefined
  #listeners = new Set<() => void>()
  readonly #observe = createSubscriber((update) => this.subscribe(update))

  constructor(
    readonly name: N,
    private readonly ask: () => Promise<Answer<N>>,
    private readonly seen: () => void,
  ) {}

  /** The last good answer, also while a newer one is on its way or failed. */
  get data(): Answer<N> | undefined {
    this.#observe()
    return this.#data
  }

  get trouble(): Trouble | undefined {
    this.#observe()
    return this.#trouble
  }

  get watched(): boolean {
    return this.#listeners.size > 0
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    this.seen()
    // Asking may answer at once in tests; never while an effect is still reading.
    queueMicrotask(() => this.watched && void this.fresh())
    return () => this.#listeners.delete(listener)
  }

  goStale() {
    this.#stale = true
  }

  /** Resolves when the answer is newer than the last `goStale`. */
  fresh(): Promise<void> {
    if (!this.#stale && !this.#trouble) return this.#running ?? Promise.resolve()
    this.#running ??= this.#run().finally(() => (this.#running = undefined))
    return this.#running
  }

  async #run() {
    do {
      this.#stale = false
      try {
        this.#data = await this.ask()
        this.#trouble = undefined
      } catch (thrown) {
        this.#trouble = asTrouble(thrown)
      }
      for (const listener of this.#listeners) listener()
      // What went stale while its answer was under way is asked once more.
    } while (this.#stale)
  }
}

export class Queries {
  readonly #ask: Ask
  #kept = new Map<string, Query<ReadName>>()

  constructor(ask: Ask) {
    this.#ask = ask
  }

  get<N extends ReadName>(name: N, payload: Payload<N>): Query<N> {
    const key = `${name} ${JSON.stringify(payload)}`
    const found = this.#kept.get(key) as Query<N> | undefined
    if (found) return found
    const query: Query<N> = new Query(
      name,
      () => this.#ask(name, payload),
      () => this.#touch(key, query),
    )
    this.#touch(key, query)
    return query
  }

  /** Marks what carries one of the tags as stale and asks again for what is being watched. */
  async invalidate(tags: readonly Tag[]): Promise<void> {
    await this.#refresh((query) => READS[query.name].some((tag) => tags.includes(tag)))
  }

  async invalidateAll(): Promise<void> {
    await this.#refresh(() => true)
  }

  async #refresh(affected: (query: Query<ReadName>) => boolean) {
    const stale = [...this.#kept.values()].filter(affected)
    stale.forEach((query) => query.goStale())
    await Promise.all(stale.filter((query) => query.watched).map((query) => query.fresh()))
  }

  #touch<N extends ReadName>(key: string, query: Query<N>) {
    this.#kept.delete(key)
    this.#kept.set(key, query as unknown as Query<ReadName>)
    const unseen = [...this.#kept].filter(([, kept]) => !kept.watched)
    for (const [oldKey, old] of unseen.slice(0, Math.max(0, unseen.length - KEPT_UNSEEN))) {
      old.goStale()
      this.#kept.delete(oldKey)
    }
  }
}
