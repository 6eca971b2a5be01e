// Which view is open. It is kept in the address, so that a reload comes back to the same place.

import type { Day } from './wall'

export const PLACES = ['schedule', 'bookings', 'activity', 'settings'] as const
export type Place = (typeof PLACES)[number]
export const SPANS = ['day', 'week', 'month', 'agenda'] as const
export type Span = (typeof SPANS)[number]

const isOneOf = <T extends string>(all: readonly T[], value: string | undefined): value is T =>
  all.some((one) => one === value)

export class Router {
  place = $state<Place>('schedule')
  span = $state<Span>('week')
  /** The day the schedule stands on; `null` follows today. */
  anchor = $state<Day | null>(null)

  constructor() {
    const [place, span, day] = location.hash.replace(/^#\//, '').split('/')
    if (isOneOf(PLACES, place)) this.place = place
    if (isOneOf(SPANS, span)) this.span = span
    else if (window.innerWidth < 640) this.span = 'day'
    if (day && /^\d{4}-\d{2}-\d{2}$/.test(day)) this.anchor = day
  }

  go(place: Place) {
    this.place = place
    this.#write()
  }

  show(span: Span, anchor: Day | null = this.anchor) {
    this.span = span
    this.anchor = anchor
    this.place = 'schedule'
    this.#write()
  }

  #write() {
    const parts = this.place === 'schedule' ? [this.place, this.span, this.anchor ?? ''] : [this.place]
    history.replaceState(null, '', `#/${parts.join('/').replace(/\/$/, '')}`)
  }
}
