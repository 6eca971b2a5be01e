// The person's settings: what the engine holds, with unsaved changes on top until it has them.

import type { Boot, Settings } from '../host/contract'
import { asTrouble, type Trouble } from '../host/host'
import type { Engine } from './engine.svelte'

type Unfit = Partial<Pick<Settings, 'hours' | 'overrides'>>

export class Preferences {
  readonly #engine: Engine
  readonly #boot: Boot
  #unsaved = $state.raw<Partial<Settings>>({})
  #queue: Promise<unknown> = Promise.resolve()
  #unfit = $state.raw<Unfit>({})
  trouble = $state.raw<Trouble | null>(null)

  constructor(engine: Engine, boot: Boot) {
    this.#engine = engine
    this.#boot = boot
  }

  readonly now: Settings = $derived.by(() => ({
    ...(this.#engine.read('settings', null).data ?? this.#boot.settings),
    ...this.#unsaved,
  }))

  /** What is being written and not yet right enough to be saved: it outlives the view it is written in. */
  get unfit(): Unfit {
    return this.#unfit
  }

  keepUnfit(change: Unfit) {
    this.#unfit = { ...this.#unfit, ...change }
  }

  /** Saves in the order of the changes; what the engine refuses goes back to what it was. */
  save(change: Partial<Settings>): Promise<boolean> {
    this.#unfit = without(this.#unfit, (key) => key in change)
    this.#unsaved = { ...this.#unsaved, ...change }
    const saved = this.#queue.then(() => this.#send(change))
    this.#queue = saved
    return saved
  }

  async #send(change: Partial<Settings>): Promise<boolean> {
    try {
      await this.#engine.call('set_settings', { ...this.now, ...change })
      this.trouble = null
      await this.#engine.queries.invalidate(['settings'])
      return true
    } catch (thrown) {
      this.trouble = asTrouble(thrown)
      return false
    } finally {
      this.#forget(change)
    }
  }

  #forget(change: Partial<Settings>) {
    this.#unsaved = without(this.#unsaved, (key, value) => change[key] === value)
  }
}

const without = <T extends Partial<Settings>>(
  settings: T,
  drop: (key: keyof Settings, value: unknown) => boolean,
): T =>
  Object.fromEntries(
    Object.entries(settings).filter(([key, value]) => !drop(key as keyof Settings, value)),
  ) as T
