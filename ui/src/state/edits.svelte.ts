// Every edit of an event: on screen at once, then in the engine's outbox, and back again by undo.

import type { ChangeEvent, EventRef, Item, NewEvent, Scope, Written } from '../host/contract'
import type { Trouble } from '../host/host'
import { asTrouble } from '../host/host'
import type { Engine } from './engine.svelte'
import { keyOf, placed, type Patch } from './overlay'
import type { ToastAction } from './toasts.svelte'

const UNDO_DEPTH = 50

/** How the person hears of an edit. The words are the window's, not the edit's. */
export interface EditVoice {
  done(what: 'created' | 'changed' | 'moved' | 'deleted' | 'undone', undo: ToastAction['run'] | null): void
  failed(trouble: Trouble): void
  nothingToUndo(): void
}

/** Hears of a refusal in the voice's stead: whoever wrote the words keeps them. */
type Refusal = (trouble: Trouble) => void

const reaching = (scope: Scope | undefined) => (scope ? { scope } : {})

export class Edits {
  readonly #engine: Engine
  readonly #voice: EditVoice
  #undoable: number[] = []
  /** Edits that the engine has not answered yet: each may become the last one. */
  #underway: readonly Promise<number>[] = []
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

  change(event: EventRef, change: Omit<ChangeEvent, 'event'>, refused?: Refusal): Promise<boolean> {
    return this.#change('changed', event, change, refused)
  }

  #change(
    what: 'changed' | 'moved',
    event: EventRef,
    change: Omit<ChangeEvent, 'event'>,
    refused?: Refusal,
  ): Promise<boolean> {
    const fields: Partial<Item> = { sending: 'waiting', ...(change.when ? placed(change.when) : {}) }
    if (change.title !== null) fields.title = change.title
    if (change.location !== null) fields.location = change.location
    const patch: Patch = { kind: 'change', key: keyOf(event), fields }
    return this.#write(what, patch, () => this.#engine.call('change_event', { event, ...change }), refused)
  }

  move(event: EventRef, when: NonNullable<ChangeEvent['when']>, scope?: Scope): Promise<boolean> {
    const text = { title: null, location: null, description: null }
    return this.#change('moved', event, { ...text, free: null, when, ...reaching(scope) })
  }

  delete(event: EventRef, scope?: Scope): Promise<boolean> {
    const patch: Patch = { kind: 'remove', key: keyOf(event) }
    return this.#write('deleted', patch, () =>
      this.#engine.call('delete_event', { event, ...reaching(scope) }),
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
    return this.#write('undone', null, () => this.#engine.call('undo', { journal }))
  }

  /** Asks the engine for an edit that can be taken back. */
  #undoably(send: () => Promise<Written>): Promise<number> {
    const noted = async () => {
      const { journal } = await send()
      this.#undoable = [...this.#undoable, journal].slice(-UNDO_DEPTH)
      return journal
    }
    const edit = noted().finally(() => (this.#underway = this.#underway.filter((other) => other !== edit)))
    this.#underway = [...this.#underway, edit]
    return edit
  }

  async #write(
    what: Parameters<EditVoice['done']>[0],
    patch: Patch | null,
    send: () => Promise<Written>,
    refused: Refusal = (trouble) => this.#voice.failed(trouble),
  ): Promise<boolean> {
    if (patch) this.patches = [...this.patches, patch]
    try {
      const journal = what === 'undone' ? (await send(), null) : await this.#undoably(send)
      this.#voice.done(what, journal === null ? null : () => void this.undo(journal))
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
