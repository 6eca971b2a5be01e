// What is open over the views: editor, details, palette, and the like. One at a time.

import type { ConnectStarted, Guests, Item, ProviderKind } from '../host/contract'
import type { EventRef } from '../host/contract'
import type { Trouble } from '../host/host'
import type { Reach } from './edits.svelte'
import type { Wall } from './wall'

/** An event being written or changed, as the editor holds it. */
export interface Draft {
  /** `null` for a new one. */
  event: EventRef | null
  title: string
  location: string
  description: string
  calendar: number
  start: Wall
  /** Exclusive; for all-day the midnight after the last day. */
  end: Wall
  all_day: boolean
  free: boolean
  repeats: boolean
}

/** What the engine would not take: as it was written, and why. */
export interface Refused {
  written: Draft
  trouble: Trouble
}

/** What can be taken away: the copies of busy times, or all that Daymark ever wrote. */
export type RemovalKind = 'copies' | 'everything'

/** What is done to an event of a series, before it is known how far it reaches. */
export type SeriesEdit = 'change' | 'delete'

/** A visit that somebody booked, as far as the place that speaks of it knows it. */
export interface Booked {
  title: string
  start: Wall | null
}

/** What is done to a visit without a word to its visitor: removed, or put back after they cancelled. */
export type Untold = 'unbook' | 'rebook'

export type Layer =
  | { kind: 'editor'; draft: Draft; anchor: DOMRect | null; refused?: Refused; written?: Draft }
  | { kind: 'detail'; item: Item; anchor: DOMRect | null }
  | { kind: 'connect'; provider: ProviderKind | null; account: number | null; back?: ConnectStarted }
  | { kind: 'held'; run: number }
  | { kind: 'scope'; what: SeriesEdit; event: EventRef; answer: (reach: Reach | null) => void }
  | { kind: 'guests'; guests: Guests; answer: (yes: boolean) => void }
  | { kind: 'conflict'; conflict: number }
  | { kind: Untold; booked: Booked; agree: () => void }
  | { kind: 'removal'; what: RemovalKind | null }
  | { kind: 'import' }
  | { kind: 'secrets' }
  | { kind: 'palette' }
  | { kind: 'search' }
  | { kind: 'keys' }
  | { kind: 'menu' }
  | { kind: 'rail' }

export class Ui {
  layer = $state.raw<Layer | null>(null)
  /** A card has sent the person to where a relay's new code is typed. */
  codeWanted = $state(false)
  #next: Layer[] = []

  open(layer: Layer) {
    this.#leave()
    this.layer = layer
  }

  /** Opens now, or when whatever the person has open is done: what comes unasked interrupts nobody. */
  openNext(layer: Layer) {
    this.#next.push(layer)
    this.#showNext()
  }

  close() {
    this.#leave()
    this.#showNext()
  }

  /** Whether an edit may concern these guests. */
  ask(guests: Guests): Promise<boolean> {
    return new Promise((answer) => this.openNext({ kind: 'guests', guests, answer }))
  }

  /** Answers the question that is open: how far an edit reaches, or yes. */
  answer(reach: Reach | null) {
    this.#leave(reach)
    this.#showNext()
  }

  /** A question that is left is answered with no. */
  #leave(reach: Reach | null = null) {
    const left = this.layer
    this.layer = null
    if (left?.kind === 'scope') left.answer(reach)
    if (left?.kind === 'guests') left.answer(reach?.guests_confirmed === true)
  }

  #showNext() {
    this.layer ??= this.#next.shift() ?? null
  }
}
