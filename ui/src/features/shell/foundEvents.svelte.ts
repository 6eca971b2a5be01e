// Events found by what is typed: asked of the engine, shown until the answer to the next letter is there.

import type { FoundEvents as Found, Item } from '../../host/contract'
import { keyOf } from '../../state/overlay'
import type { Session } from '../../state/session.svelte'
import { goTo } from '../../state/goTo'
import { dayOf } from '../../state/wall'
import { titleOf } from '../schedule/copyText'
import type { Finding } from './finding'

/** One letter finds everything, and says nothing. */
const FEWEST_LETTERS = 2

export class FoundEvents {
  readonly #session: Session
  readonly #typed: () => string
  #last = $state.raw<Found | null>(null)

  constructor(session: Session, typed: () => string) {
    this.#session = session
    this.#typed = typed
    $effect(() => {
      if (!this.#query) this.#last = null
      else if (this.#query.data) this.#last = this.#query.data
    })
  }

  readonly asked: string = $derived.by(() => this.#typed().trim())
  readonly #query = $derived.by(() =>
    this.asked.length < FEWEST_LETTERS
      ? null
      : this.#session.engine.read('search_events', { text: this.asked }),
  )

  readonly entries: Finding[] = $derived.by(() => this.#last?.items.map((item) => this.#entry(item)) ?? [])

  /** What there is to say beside the events. */
  readonly note: string = $derived.by(() => {
    const { t } = this.#session
    if (!this.#query) return t('search.hint')
    if (this.#query.trouble) return this.#session.words(this.#query.trouble)
    if (this.#last?.more) return t('search.more')
    return this.#query.data && this.entries.length === 0 ? t('search.nothing') : ''
  })

  /** Resolves when the entries are those of what was typed. */
  async settled() {
    await this.#query?.fresh()
    this.#last = this.#query?.data ?? null
  }

  #entry(item: Item): Finding {
    const { t, dates, clock, calendars } = this.#session
    const day = dates.dayFrom(dayOf(item.start), clock.today)
    return {
      id: keyOf(item.event),
      icon: 'calendar',
      tint: calendars.tint(item.calendar),
      text: titleOf(item, t),
      under: item.location,
      detail: item.all_day ? day : `${day}, ${dates.time(item.start)}`,
      key: '',
      past: item.end <= clock.now,
      run: () => goTo(this.#session, item),
    }
  }
}
