// One window's state, put together: everything a view may ask for.

import { createContext } from 'svelte'
import type { Boot, Language, Lost, SecretsState } from '../host/contract'
import type { Trouble } from '../host/host'
import { cityOf, Dates } from '../i18n/dates'
import { troubleText } from '../i18n/trouble'
import { translator, type Tongue, type Translate } from '../i18n/translate'
import { Calendars } from './calendars.svelte'
import { Clock } from './clock.svelte'
import { Edits, type Done } from './edits.svelte'
import type { Engine } from './engine.svelte'
import { doneText } from './lost'
import { PageEdit } from './pageEdit.svelte'
import { Preferences } from './preferences.svelte'
import { Router } from './router.svelte'
import { ScheduleState } from './schedule.svelte'
import { Toasts } from './toasts.svelte'
import { Ui } from './ui.svelte'

/** Toasts speak of the last edit only: "Deleted" three times over would not say what. */
const LAST_EDIT = 'the last edit'

export class Session {
  readonly engine: Engine
  readonly boot: Boot
  readonly clock: Clock
  readonly preferences: Preferences
  readonly calendars: Calendars
  readonly edits: Edits
  readonly schedule: ScheduleState
  readonly pageEdit = new PageEdit()
  readonly toasts = new Toasts()
  readonly router = new Router()
  readonly ui = new Ui()

  constructor(engine: Engine, boot: Boot) {
    this.engine = engine
    this.boot = boot
    this.clock = new Clock(boot.now)
    this.preferences = new Preferences(engine, boot)
    this.calendars = new Calendars(engine, (trouble) => this.fail(trouble))
    this.edits = new Edits(engine, {
      done: (what, undo, lost) => this.#done(what, undo, lost),
      failed: (trouble) => this.fail(trouble),
      nothingToUndo: () => this.toasts.say(this.t('edit.nothingToUndo'), null, LAST_EDIT),
      mayConcern: (guests) => this.ui.ask(guests),
    })
    this.schedule = new ScheduleState(this)
    engine.onNow((now) => this.clock.set(now))
  }

  readonly tongue: Tongue = $derived.by(() => this.#tongueOf(this.preferences.now.language))
  readonly locale: string = $derived.by(() => localeOf(this.tongue))
  readonly t: Translate = $derived.by(() => translator(this.tongue, this.locale))
  readonly dates: Dates = $derived.by(() => new Dates(this.locale, this.preferences.now.clock_24h))
  readonly zoneName: string = $derived.by(() => cityOf(this.schedule.zone))

  /** Where sign-ins are kept: the one thing of the start that the person may change. */
  readonly secrets: SecretsState = $derived.by(
    () => this.engine.read('boot', null).data?.secrets ?? this.boot.secrets,
  )

  /** A failed call in words, at the foot of the window. */
  fail(trouble: Trouble) {
    this.toasts.warn(troubleText(trouble, this.t))
  }

  words(trouble: Trouble): string {
    return troubleText(trouble, this.t)
  }

  /** WebKit knows the system's language only where its locale was made. */
  #tongueOf(chosen: Language): Tongue {
    const system = this.engine.inBrowser ? browserLanguage() : this.boot.system_language
    return (chosen === 'system' ? system : chosen) === 'french' ? 'fr' : 'en'
  }

  #done(what: Done, undo: (() => void) | null, lost: readonly Lost[]) {
    const text = doneText(this.t(`edit.${what}`), lost, what === 'undone' ? 'lost' : 'cut', this.t)
    this.toasts.say(text, undo && { label: this.t('edit.undo'), run: undo }, LAST_EDIT)
  }
}

const browserLanguage = (): Language =>
  navigator.languages.find((tag) => /^(en|fr)\b/.test(tag))?.startsWith('fr') ? 'french' : 'english'

/** The region the system speaks, where it speaks this language at all. */
const localeOf = (tongue: Tongue): string =>
  navigator.languages.find((tag) => tag.startsWith(tongue)) ?? tongue

export const [useSession, provideSession] = createContext<Session>()
