// What is open over the views: editor, details, palette, and the like. One at a time.

import type { Item, ProviderKind } from '../host/contract'
import type { EventRef } from '../host/contract'
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

/** What can be taken away: the copies of busy times, or all that Daymark ever wrote. */
export type RemovalKind = 'copies' | 'everything'

export type Layer =
  | { kind: 'editor'; draft: Draft; anchor: DOMRect | null }
  | { kind: 'detail'; item: Item; anchor: DOMRect | null }
  | { kind: 'connect'; provider: ProviderKind | null; account: number | null }
  | { kind: 'held'; run: number }
  | { kind: 'conflict'; conflict: number }
  | { kind: 'removal'; what: RemovalKind | null }
  | { kind: 'palette' }
  | { kind: 'keys' }
  | { kind: 'menu' }
  | { kind: 'rail' }

export class Ui {
  layer = $state.raw<Layer | null>(null)

  open(layer: Layer) {
    this.layer = layer
  }

  close() {
    this.layer = null
  }
}
