// The accounts and their calendars, with a choice shown at once while it is being saved.

import type { Account, Calendar, CalendarChoice } from '../host/contract'
import { asTrouble, type Trouble } from '../host/host'
import type { Engine } from './engine.svelte'

const UNCHANGED: Omit<CalendarChoice, 'calendar'> = {
  chosen: null,
  shown: null,
  counts_busy: null,
  color: null,
  filters: null,
  receives_blocks: null,
  block_privacy: null,
}

export class Calendars {
  readonly #engine: Engine
  readonly #failed: (trouble: Trouble) => void
  #choices = $state.raw<readonly CalendarChoice[]>([])

  constructor(engine: Engine, failed: (trouble: Trouble) => void) {
    this.#engine = engine
    this.#failed = failed
  }

  get query() {
    return this.#engine.read('accounts', null)
  }

  readonly accounts: Account[] | undefined = $derived.by(() =>
    this.query.data?.map((account) => ({
      ...account,
      calendars: account.calendars.map((calendar) => this.#choices.reduce(chosen, calendar)),
    })),
  )

  readonly all: Calendar[] = $derived.by(() => this.accounts?.flatMap((account) => account.calendars) ?? [])
  readonly writable: Calendar[] = $derived.by(() => this.all.filter((c) => c.chosen && c.writable))

  find(id: number): Calendar | undefined {
    return this.all.find((calendar) => calendar.id === id)
  }

  name(id: number): string {
    return this.find(id)?.name ?? ''
  }

  /** The palette class of a calendar. */
  tint(id: number): string {
    return `cal-${this.find(id)?.color ?? 8}`
  }

  async choose(calendar: number, change: Partial<Omit<CalendarChoice, 'calendar'>>) {
    const choice: CalendarChoice = { ...UNCHANGED, ...change, calendar }
    this.#choices = [...this.#choices, choice]
    try {
      await this.#engine.call('set_calendar', choice)
      await this.#engine.queries.invalidate(['accounts', 'schedule'])
    } catch (thrown) {
      this.#failed(asTrouble(thrown))
    } finally {
      this.#choices = this.#choices.filter((other) => other !== choice)
    }
  }
}

function chosen(calendar: Calendar, choice: CalendarChoice): Calendar {
  if (choice.calendar !== calendar.id) return calendar
  return {
    ...calendar,
    chosen: choice.chosen ?? calendar.chosen,
    shown: choice.shown ?? calendar.shown,
    counts_busy: choice.counts_busy ?? calendar.counts_busy,
    color: choice.color ?? calendar.color,
    filters: choice.filters ?? calendar.filters,
    receives_blocks: choice.receives_blocks ?? calendar.receives_blocks,
    block_privacy: choice.block_privacy ?? calendar.block_privacy,
  }
}
