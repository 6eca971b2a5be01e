// The wall time being shown, to the minute. The engine says what time it is; between its answers seconds are counted here.

import { addSeconds, dayOf, type Day, type Wall } from './wall'

const TICK_MS = 5_000

export class Clock {
  #said: Wall
  #saidAtMs = performance.now()
  #now: Wall

  constructor(now: Wall) {
    this.#said = now
    this.#now = $state(now.slice(0, 16) + ':00')
  }

  get now(): Wall {
    return this.#now
  }

  get today(): Day {
    return dayOf(this.#now)
  }

  /** Every answer that carries the time sets the clock right again, also after a sleep or a change of zone. */
  set(now: Wall) {
    this.#said = now
    this.#saidAtMs = performance.now()
    this.#tick()
  }

  /** Starts ticking; returns the function that stops it. */
  start(): () => void {
    const timer = setInterval(() => this.#tick(), TICK_MS)
    return () => clearInterval(timer)
  }

  #tick() {
    const wall = addSeconds(this.#said, Math.floor((performance.now() - this.#saidAtMs) / 1000))
    const minute = wall.slice(0, 16) + ':00'
    if (minute !== this.#now) this.#now = minute
  }
}
