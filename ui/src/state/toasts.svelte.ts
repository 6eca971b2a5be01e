// Short messages at the foot of the window, each with at most one thing to do about it.

import { SvelteMap } from 'svelte/reactivity'

export interface ToastAction {
  label: string
  run: () => void
}

export interface Toast {
  id: number
  text: string
  tone: 'plain' | 'bad'
  /** What it is about: the next word about the same thing takes its place. */
  about: string
  action: ToastAction | null
}

const SHOWN_MS = 8_000
const SHOWN_AT_ONCE = 3

export class Toasts {
  #next = 1
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody shows the timers
  #timers = new Map<number, ReturnType<typeof setTimeout>>()
  readonly #shown = new SvelteMap<number, Toast>()

  get shown(): Toast[] {
    return [...this.#shown.values()]
  }

  say(text: string, action: ToastAction | null = null, about = text) {
    this.#add({ text, tone: 'plain', action, about })
  }

  warn(text: string, action: ToastAction | null = null) {
    this.#add({ text, tone: 'bad', action, about: text })
  }

  close(id: number) {
    this.resume(id, 0)
    this.#shown.delete(id)
  }

  /** Stays while the pointer or the focus is on it. */
  hold(id: number) {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }

  resume(id: number, shownMs = SHOWN_MS) {
    this.hold(id)
    if (shownMs > 0 && this.#shown.has(id))
      this.#timers.set(
        id,
        setTimeout(() => this.close(id), shownMs),
      )
  }

  #add(toast: Omit<Toast, 'id'>) {
    const id = this.#next++
    for (const old of this.shown) if (old.about === toast.about) this.close(old.id)
    this.#shown.set(id, { id, ...toast })
    this.resume(id)
    for (const old of this.shown.slice(0, -SHOWN_AT_ONCE)) this.close(old.id)
  }
}
