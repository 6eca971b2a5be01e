// The days on screen and what happens on them.

import type { Item } from '../host/contract'
import type { Calendars } from './calendars.svelte'
import type { Clock } from './clock.svelte'
import { mergeCopies } from './copies'
import type { Edits } from './edits.svelte'
import type { Engine } from './engine.svelte'
import { keyOf, overlaid } from './overlay'
import type { Preferences } from './preferences.svelte'
import type { Router, Span } from './router.svelte'
import { addDays, addMonths, daysBetween, startOfMonth, startOfWeek, weekdayOf, type Day } from './wall'
import { emptyWeekend } from './weekend'

const AGENDA_DAYS = 14
const MONTH_WEEKS_DAYS = 42

export interface Range {
  from: Day
  /** Exclusive. */
  to: Day
}

export class ScheduleState {
  readonly #engine: Engine
  readonly #router: Router
  readonly #clock: Clock
  readonly #preferences: Preferences
  readonly #calendars: Calendars
  readonly #edits: Edits

  constructor(parts: {
    engine: Engine
    router: Router
    clock: Clock
    preferences: Preferences
    calendars: Calendars
    edits: Edits
  }) {
    this.#engine = parts.engine
    this.#router = parts.router
    this.#clock = parts.clock
    this.#preferences = parts.preferences
    this.#calendars = parts.calendars
    this.#edits = parts.edits
  }

  readonly span: Span = $derived.by(() => this.#router.span)
  readonly anchor: Day = $derived.by(() => this.#router.anchor ?? this.#clock.today)
  readonly range: Range = $derived.by(() => this.#rangeOf(this.span, this.anchor))
  readonly query = $derived.by(() => this.#engine.read('schedule', this.range))
  readonly zone: string = $derived.by(() => this.query.data?.zone ?? this.#preferences.now.zone)

  /** Sunday and Saturday, where the person does not want to see them and nothing stands on them. */
  readonly hiddenDays: number[] = $derived.by(() => {
    const { show_weekend, hours } = this.#preferences.now
    if (show_weekend || this.span === 'day' || this.span === 'agenda') return []
    return emptyWeekend({ items: this.items, hours, range: this.range })
  })

  readonly days: Day[] = $derived.by(() => {
    const all = Array.from({ length: daysBetween(this.range.from, this.range.to) }, (_, i) =>
      addDays(this.range.from, i),
    )
    return all.filter((day) => !this.hiddenDays.includes(weekdayOf(day)))
  })

  readonly #merged = $derived.by(() => {
    const known = overlaid(this.query.data?.items ?? [], this.#edits.patches)
    const shown = known.filter((item) => this.#calendars.find(item.calendar)?.shown !== false)
    return mergeCopies(shown, (calendar) => this.#calendars.name(calendar))
  })

  readonly items: Item[] = $derived.by(() => this.#merged.items)

  /** The names of the other calendars that hold copies of what is drawn here once. */
  copiesOf(item: Item): string[] {
    const calendars = this.#merged.copies.get(keyOf(item.event)) ?? []
    return [...calendars].map((calendar) => this.#calendars.name(calendar))
  }

  /** Today is on screen. */
  readonly current: boolean = $derived.by(
    () => this.range.from <= this.#clock.today && this.#clock.today < this.range.to && this.span !== 'agenda',
  )

  step(direction: 1 | -1) {
    this.#router.show(this.span, this.stepped(direction))
  }

  today() {
    this.#router.show(this.span, null)
  }

  /** The neighbouring ranges, so that stepping finds them ready. */
  neighbours(): Range[] {
    return [this.#rangeOf(this.span, this.stepped(1)), this.#rangeOf(this.span, this.stepped(-1))]
  }

  stepped(direction: 1 | -1): Day {
    switch (this.span) {
      case 'day':
        return addDays(this.anchor, direction)
      case 'week':
        return addDays(this.anchor, direction * 7)
      case 'month':
        return addMonths(startOfMonth(this.anchor), direction)
      case 'agenda':
        return addDays(this.anchor, direction * AGENDA_DAYS)
    }
  }

  #rangeOf(span: Span, anchor: Day): Range {
    const weekStart = this.#preferences.now.week_start
    switch (span) {
      case 'day':
        return { from: anchor, to: addDays(anchor, 1) }
      case 'week': {
        const from = startOfWeek(anchor, weekStart)
        return { from, to: addDays(from, 7) }
      }
      case 'month': {
        const from = startOfWeek(startOfMonth(anchor), weekStart)
        return { from, to: addDays(from, MONTH_WEEKS_DAYS) }
      }
      case 'agenda':
        return { from: anchor, to: addDays(anchor, AGENDA_DAYS) }
    }
  }
}
