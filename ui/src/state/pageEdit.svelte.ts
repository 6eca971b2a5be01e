// What the person changed of the page's settings and has not saved. It outlives the form, which goes with its view.

import type { PageSettings } from '../host/contract'

interface Edit {
  /** What the change was made to. */
  base: PageSettings
  draft: PageSettings
}

export class PageEdit {
  #edit = $state.raw<Edit | null>(null)

  /** The settings with the changes on top: what nobody touched follows what is saved elsewhere. */
  over(settings: PageSettings): PageSettings {
    return this.#edit ? rebased(this.#edit, settings) : settings
  }

  set(settings: PageSettings, change: Partial<PageSettings>) {
    this.#edit = { base: settings, draft: { ...this.over(settings), ...change } }
  }

  discard() {
    this.#edit = null
  }

  /** What was changed again while it was being saved is not saved yet. */
  saved(sent: PageSettings) {
    this.set(sent, {})
  }
}

const rebased = ({ base, draft }: Edit, settings: PageSettings): PageSettings => ({
  ...settings,
  ...touched(base, draft),
  appointment: { ...settings.appointment, ...touched(base.appointment, draft.appointment) },
})

const touched = <T extends object>(base: T, draft: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(draft).filter(([key, value]) => base[key as keyof T] !== value),
  ) as Partial<T>
