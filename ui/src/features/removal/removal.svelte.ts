// Taking away what Daymark wrote: looked at first, then confirmed by the token of exactly that preview.

import type { BlockRemoval, DoomedEvent, Removal, RestoredEvent, StayingEvent } from '../../host/contract'
import type { Trouble } from '../../host/host'
import type { Engine } from '../../state/engine.svelte'
import type { RemovalKind } from '../../state/ui.svelte'

/** Both kinds of removal in one shape. */
export interface Preview {
  deletes: readonly DoomedEvent[]
  restores: readonly RestoredEvent[]
  cannot: readonly StayingEvent[]
  /** Copies that somebody changed: they stay. */
  left: number
  /** Calendars whose contents are not known. */
  unread: readonly string[]
  token: string
}

export function previewOf(removal: BlockRemoval | Removal): Preview {
  const none = { restores: [], cannot: [], left: 0, unread: [] }
  return { ...none, ...removal }
}

export const isNothing = ({ deletes, restores }: Preview): boolean =>
  deletes.length === 0 && restores.length === 0

export class RemovalPlan {
  readonly #engine: Engine
  readonly kind: RemovalKind
  preview = $state.raw<Preview | null>(null)
  /** What was done, once it is. */
  done = $state.raw<Preview | null>(null)
  trouble = $state.raw<Trouble | null>(null)
  /** The calendars changed between the look and the word: the preview is a new one. */
  changed = $state(false)
  busy = $state(false)

  constructor(engine: Engine, kind: RemovalKind) {
    this.#engine = engine
    this.kind = kind
  }

  async look() {
    const asked = await this.#ask(null)
    if ('trouble' in asked) this.trouble = asked.trouble
    else this.preview = asked.preview
  }

  async confirm() {
    if (!this.preview) return
    this.changed = false
    const asked = await this.#ask(this.preview.token)
    if ('preview' in asked) {
      this.done = asked.preview
      await this.#engine.queries.invalidate(['schedule', 'journal', 'health', 'accounts'])
    } else if (asked.trouble.code === 'changed_since') {
      await this.look()
      this.changed = this.trouble === null
    } else {
      this.trouble = asked.trouble
    }
  }

  async #ask(token: string | null): Promise<{ preview: Preview } | { trouble: Trouble }> {
    this.busy = true
    this.trouble = null
    const call = this.kind === 'copies' ? 'remove_blocks' : 'remove_everything'
    const asked = await this.#engine.attempt(call, { token })
    this.busy = false
    return 'trouble' in asked ? asked : { preview: previewOf(asked.answer) }
  }
}
