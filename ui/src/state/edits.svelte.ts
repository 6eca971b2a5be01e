// Every edit of an event: on screen at once, then in the engine's outbox, and back again by undo.

import type {
  ChangeEvent,
  EventRef,
  Guests,
  Item,
  Lost,
  NewEvent,
  RunUndone,
  Scope,
  Written,
} from '../host/contract'
import type { Trouble } from '../host/host'
import { asTrouble } from '../host/host'
import type { Engine } from './engine.svelte'
import { guestsIn } from './guests'
import { keyOf, placed, type Patch } from './overlay'
import type { ToastAction } from './toasts.svelte'

const UNDO_DEPTH = 50

export type Done = 'created' | 'changed' | 'moved' | 'deleted' | 'undone'

/** How the person hears of an edit. The words are the window's, not the edit's. */
export interface EditVoice {
  done(what: Done, undo: ToastAction['run'] | null, lost: readonly Lost[]): void
  failed(trouble: Trouble): void
  nothingToUndo(): void
  /** Asks whether an edit may reach these guests, or pass them by. */
  mayConcern(guests: Guests): Promise<boolean>
}

/** Hears of a refusal in the voice's stead: whoever wrote the words keeps them. */
type Refusal = (trouble: Trouble) => void

/** How far an edit reaches, where the person was asked: into a series, and to guests. */
export interface Reach {
  scope?: Scope
  guests_confirmed?: boolean
}

const DECLINED = Symbol('the person thought better of it')

export class Edits {
  readonly #engine: Engine
  readonly #voice: EditVoice
  #undoable: number[] = []
  /** Edits that the engine has not answered yet: each may become the last one. */
  #underway: readonly Promise<unknown>[] = []
  #provisional = -1
  patches = $state.raw<readonly Patch[]>([])

  constructor(engine: Engine, voice: EditVoice) {
    this.#engine = engine
    this.#voice = voice
  }

  create(event: NewEvent, refused?: Refusal): Promise<boolean> {
    const patch: Patch = { kind: 'add', item: this.#provisionalItem(event) }
    return this.#write('created', patch, () => this.#engine.call('create_event', event), refused)
  }

  change(
    event: EventRef,
    change: Omit<ChangeEvent, 'event'>,
    refused?: Refusal,
    declined?: () => void,
  ): Promise<boolean> {
    return this.#change('changed', event, change, refused, declined)
  }

  #change(
    what: 'changed' | 'moved',
    event: EventRef,
    change: Omit<ChangeEvent, 'event'>,
    refused?: Refusal,
    declined?: () => void,
  ): Promise<boolean> {
    const fields: Partial<Item> = { sending: 'waiting', ...(change.when ? placed(change.when) : {}) }
    if (change.title !== null) fields.title = change.title
    if (change.location !== null) fields.location = change.location
    const patch: Patch = { kind: 'change', key: keyOf(event), fields }
    return this.#write(
      what,
      patch,
      (word) => this.#engine.call('change_event', { event, ...change, ...word }),
      refused,
      declined,
    )
  }

  move(event: EventRef, when: NonNullable<ChangeEvent['when']>, reach: Reach = {}): Promise<boolean> {
    const text = { title: null, location: null, description: null }
    return this.#change('moved', event, { ...text, free: null, when, ...reach })
  }

  delete(event: EventRef, reach: Reach = {}): Promise<boolean> {
    const patch: Patch = { kind: 'remove', key: keyOf(event) }
    return this.#write('deleted', patch, (word) =>
      this.#engine.call('delete_event', { event, ...reach, ...word }),
    )
  }

  /** Keys are faster than answers: what is on its way is waited for, or an older edit would be taken back instead. */
  async undoLast() {
    await Promise.allSettled(this.#underway)
    const journal = this.#undoable.at(-1)
    if (journal === undefined) this.#voice.nothingToUndo()
    else await this.undo(journal)
  }

  async undo(journal: number): Promise<boolean> {
    this.#undoable = this.#undoable.filter((other) => other !== journal)
    const stays = () => void (this.#undoable = [...this.#undoable, journal])
    return this.#write(
      'undone',
      null,
      (word) => this.#engine.call('undo', { journal, ...word }),
      undefined,
      stays,
    )
  }

  /** Takes back all that was written together; `null` when the person thought better of it. */
  async undoRun(run: number): Promise<RunUndone | null> {
    const ended = await this.#asked((word) => this.#engine.call('undo_run', { run, ...word }))
    return ended === DECLINED ? null : ended
  }

  /** Sends it, and once more with the person's word where guests are concerned. */
  async #asked<T>(send: (word: Reach) => Promise<T>): Promise<T | typeof DECLINED> {
    try {
      return await send({})
    } catch (thrown) {
      const guests = guestsIn(asTrouble(thrown))
      if (!guests) throw thrown
      return (await this.#voice.mayConcern(guests)) ? send({ guests_confirmed: true }) : DECLINED
    }
  }

  /** Asks the engine for an edit that can be taken back. */
  #undoably(send: (word: Reach) => Promise<Written>): Promise<Written | typeof DECLINED> {
    const noted = async () => {
      const written = await this.#asked(send)
      if (written === DECLINED) return written
      this.#undoable = [...this.#undoable, written.journal].slice(-UNDO_DEPTH)
      return written
    }
    const edit = noted().finally(() => (this.#underway = this.#underway.filter((other) => other !== edit)))
    this.#underway = [...this.#underway, edit]
    return edit
  }

  /** `declined` hears when the person would rather not. */
  async #write(
    what: Done,
    patch: Patch | null,
    send: (word: Reach) => Promise<Written>,
    refused: Refusal = (trouble) => this.#voice.failed(trouble),
    declined: () => void = () => {},
  ): Promise<boolean> {
    if (patch) this.patches = [...this.patches, patch]
    try {
      const written = await (what === 'undone' ? this.#asked(send) : this.#undoably(send))
      if (written === DECLINED) return (declined(), false)
      const { journal, lost } = written
      this.#voice.done(what, what === 'undone' ? null : () => void this.undo(journal), lost)
      // The overlay goes only when the engine's own answer has taken its place.
      await this.#engine.queries.invalidate(['schedule', 'journal'])
      return true
    } catch (thrown) {
      refused(asTrouble(thrown))
      return false
    } finally {
      if (patch) this.patches = this.patches.filter((other) => other !== patch)
    }
  }

  #provisionalItem(event: NewEvent): Item {
    return {
      event: { event: this.#provisional--, original: null },
      calendar: event.calendar,
      title: event.title,
      location: event.location,
      start: event.when.start,
      end: event.when.end,
      all_day: event.when.all_day,
      visit: event.location !== '',
      look: event.free ? 'free' : 'busy',
      repeats: false,
      editable: false,
      sending: 'waiting',
      conflict: null,
      booking: null,
      block: null,
      private: false,
    }
  }
}
