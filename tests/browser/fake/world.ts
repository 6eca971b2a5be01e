// One small world behind the window, kept in memory: its state, and what befalls it. Its calls are in `answers`.

import type {
  Account,
  Booking,
  Calendar,
  Card,
  Cause,
  Action,
  Conflict,
  ConnectState,
  DoomedEvent,
  EventRef,
  FirstStart,
  Guests,
  HeldRun,
  Item,
  JournalEntry,
  Notice,
  ProblemCode,
  ProviderKind,
  PublicPage,
  Removing,
  SecretsState,
  Settings,
  Tag,
  Written,
} from '../../../ui/src/host/contract'
import { present, Refusal, type CallName } from './calls'
import { brakeCard, heldRun } from './copies'
import { conflictCards, conflictsOf } from './conflicts'
import { lengthen } from './long'
import * as seed from './seed'
import { NOW, TODAY, type Kept } from './seed'

export interface Attempt {
  provider: ProviderKind
  account: number | null
  state: ConnectState
}

/** What a test may set from outside. */
export type Settable = Partial<Pick<World, 'refuse' | 'held' | 'salt'>>

const READS: CallName[] = [
  'schedule',
  'rail',
  'accounts',
  'journal',
  'journal_runs',
  'bookings',
  'page',
  'remove_blocks',
]

export class World {
  readonly listeners = new Set<(notice: Notice) => void>()
  readonly make = seed.eventMaker()
  settings: Settings = seed.settings()
  accounts: Account[] = seed.accounts()
  events: Kept[] = seed.events(this.make)
  bookings: Booking[] = seed.bookings()
  page: PublicPage = seed.page()
  journal: JournalEntry[] = seed.journal()
  cards: Card[] = [seed.CARDS.refused]
  readonly undos = new Map<number, () => void>()
  /** What an undo writes to again. */
  readonly meetings = new Map<number, Kept>()
  readonly attempts = new Map<string, Attempt>()
  first: FirstStart = { account: false, hours: false, page: false, dismissed: true }
  /** What every edit is refused with. */
  refuse: ProblemCode | null = null
  held: HeldRun[] = []
  conflicts: Conflict[] = []
  left: Account[] = []
  /** Of those, what is still removed before they are gone. */
  removing = new Map<number, Removing>()
  /** Changes when somebody else changes the calendars. */
  salt = 0
  secrets: SecretsState = 'keyring'
  readonly failing = new Set<CallName>()
  readonly stuck = new Set<CallName>()
  #change = 0

  constructor(traits: string) {
    const has = (trait: string) => traits.includes(trait)
    this.#looks(has)
    this.#isEmpty(has)
    this.#isInTrouble(has)
    this.#awaitsDecisions(has)
    if (has('long')) lengthen(this)
  }

  #looks(has: (trait: string) => boolean) {
    if (has('dark')) this.settings.theme = 'dark'
    if (has('light')) this.settings.theme = 'light'
    if (has('french')) this.settings.language = 'french'
    if (has('twelve')) this.settings.clock_24h = false
  }

  #isEmpty(has: (trait: string) => boolean) {
    if (has('empty') || has('first')) {
      this.accounts = []
      this.events = []
      this.bookings = []
      this.journal = []
      this.cards = []
      this.page = seed.noPage()
    }
    if (has('first')) {
      this.first = { account: true, hours: true, page: true, dismissed: false }
      this.settings.first_steps_dismissed = false
    }
  }

  #isInTrouble(has: (trait: string) => boolean) {
    const [work, personal, partner] = this.accounts
    if (has('broken') && personal) {
      this.cards.unshift(seed.CARDS.sign_in)
      personal.state = 'sign_in_needed'
    }
    if (has('caldav') && personal)
      Object.assign(personal, {
        provider: 'caldav',
        address: 'maya (cloud.example.org)',
      } satisfies Partial<Account>)
    if (has('outlook') && personal) personal.provider = 'microsoft'
    if (has('fetching')) {
      for (const it of work?.calendars ?? []) Object.assign(it, seed.FETCHING)
      for (const it of partner?.calendars ?? []) Object.assign(it, seed.UNREAD)
    }
    if (has('troubled')) for (const name of READS) this.failing.add(name)
    if (has('loading')) for (const name of [...READS, 'health' as const]) this.stuck.add(name)
    if (has('refusing')) this.refuse = 'read_only'
    if (has('keyless')) this.keepSecrets('missing')
    if (has('locked')) this.keepSecrets('locked')
    if (has('session')) this.keepSecrets('session_only')
  }

  #awaitsDecisions(has: (trait: string) => boolean) {
    if (has('calm')) this.cards = []
    if (has('aside')) this.cards = seed.asides()
    if (has('unbooked')) this.#refuseBooking()
    if (has('revoked')) this.#revoke()
    if (has('sealed')) this.#sealVisitors()
    if (has('untold')) this.#tellNobody()
    if (has('conflict')) {
      this.conflicts = conflictsOf(this.events)
      this.cards = [...this.cards, ...conflictCards(this.conflicts)]
    }
    if (has('held')) {
      const held = heldRun()
      this.held = [held]
      this.cards = [...this.cards, brakeCard(held)]
    }
  }

  #refuseBooking() {
    Object.assign(present(this.bookings.find(({ id }) => id === 'b2')), {
      event: { event: 42, original: null },
      unwritten: { kind: 'refused', reason: 'You need to have writer access.' },
    } satisfies Partial<Booking>)
    this.cards = [seed.CARDS.booking]
  }

  /** The relay wants a new code. */
  #revoke() {
    this.cards = [seed.CARDS.revoked]
    const reason = seed.CARDS.revoked.params.reason
    this.page.problem = { code: 'relay_refused', message: reason, params: { reason } }
  }

  /** What some visitors wrote cannot be opened here. */
  #sealVisitors() {
    const nobody = { name: '', email: '', phone: '', address: '', note: '', zone: '' }
    const unopened: Record<string, Booking['unopened']> = { b0: 'sealed', b1: 'sealed', b3: 'gone' }
    for (const it of this.bookings.filter(({ id }) => id in unopened))
      Object.assign(it, { visitor: nobody, unopened: unopened[it.id] ?? null } satisfies Partial<Booking>)
  }

  /** The owner took one booked visit off the calendar, and moved another. */
  #tellNobody() {
    const untold: Record<string, Partial<Booking>> = {
      b2: { state: 'cancelled', untold: 'cancelled', unwritten: null },
      b3: { untold: 'moved', clash: false },
    }
    for (const booking of this.bookings) Object.assign(booking, untold[booking.id])
  }

  notify(...tags: Tag[]) {
    this.#change += 1
    for (const listener of this.listeners) listener({ change: this.#change, tags })
  }

  get calendars(): Calendar[] {
    return this.accounts.flatMap((account) => account.calendars)
  }

  calendar(id: number): Calendar {
    return present(this.calendars.find((it) => it.id === id))
  }

  account(id: number): Account {
    return present(this.accounts.find((it) => it.id === id))
  }

  /** The name of a calendar, for a journal that outlives it. */
  name = (id: number): string => this.calendars.find((it) => it.id === id)?.name ?? ''

  shown(): Item[] {
    const shown = new Set(this.calendars.filter((it) => it.shown && it.chosen).map((it) => it.id))
    return this.events.map(({ item }) => item).filter((item) => shown.has(item.calendar))
  }

  today(): Item[] {
    return this.shown()
      .filter((item) => !item.all_day && item.start.startsWith(TODAY))
      .sort((a, b) => a.start.localeCompare(b.start))
  }

  find(ref: EventRef): Kept {
    return present(this.events.find(({ item }) => item.event.event === ref.event))
  }

  /** An edit of the person's: it stands in the journal and can be undone. */
  write(kept: Kept, action: Action, before: string | null, undo: () => void): Written {
    this.mayWrite()
    const { item } = kept
    const id = (this.journal[0]?.id ?? 0) + 1
    this.journal.unshift(
      seed.entry(id, `${NOW.slice(0, 17)}00`, 'you', action, item.title, 'waiting', {
        calendar: this.name(item.calendar),
        ...(before === null ? {} : { start_before: before }),
        ...(action === 'delete' ? {} : { start_after: item.start, end_after: item.end }),
      }),
    )
    this.undos.set(id, undo)
    if (action !== 'delete') this.meetings.set(id, kept)
    setTimeout(() => this.notify('schedule', 'journal'), 20)
    return { event: item.event, journal: id, lost: [] }
  }

  mayWrite() {
    if (this.refuse) throw new Refusal(this.refuse)
  }

  /** Whom the person invited to it. */
  guests({ item, details }: Kept): Guests | null {
    const inside = (calendar: { id: number }) => calendar.id === item.calendar
    const { provider } = present(this.accounts.find((it) => it.calendars.some(inside)))
    const count = details.attendees.filter((one) => !one.me && !one.organizer && !one.resource).length
    return count > 0 && item.editable ? { count, provider } : null
  }

  /** As the engine does: nothing reaches guests without the person's word. */
  mayConcern(kept: Kept | undefined, confirmed = false) {
    const guests = kept && !confirmed ? this.guests(kept) : null
    if (!guests) return
    const params = { guests: String(guests.count), provider: guests.provider }
    throw new Refusal('ask_about_guests', 'guests are invited', params)
  }

  /** A run of its own, with an entry for each of these. */
  note(cause: Cause, done: Pick<DoomedEvent, 'title' | 'calendar' | 'start'>[]) {
    const first = (this.journal[0]?.id ?? 0) + 1
    const made = done.map(({ title, calendar, start }, i) =>
      seed.entry(first + i, `${NOW.slice(0, 17)}00`, cause, 'delete', title, 'waiting', {
        run: first,
        calendar,
        start_before: start,
      }),
    )
    this.journal.unshift(...made.reverse())
  }

  dropCards(...codes: Card['code'][]) {
    this.cards = this.cards.filter((card) => !codes.includes(card.code))
  }

  /** From now on sign-ins are kept there; what is to be said of that is. */
  keepSecrets(where: SecretsState): null {
    this.secrets = where
    this.dropCards('no_keyring', 'secrets_locked', 'secrets_for_session_only')
    if (where === 'missing') this.cards.push(seed.CARDS.keyring)
    if (where === 'locked') this.cards.push(seed.CARDS.locked)
    if (where === 'session_only') this.cards.push(seed.CARDS.session)
    this.notify('settings', 'accounts', 'health', 'page')
    return null
  }

  /** What could not be kept is not taken. */
  mayKeep() {
    if (this.secrets === 'missing') throw new Refusal('no_keyring')
    if (this.secrets === 'locked') throw new Refusal('secrets_locked')
  }

  /** What somebody does elsewhere, unheard by the window until it asks. */
  moveConflict() {
    const moved = present(this.conflicts[0])
    const when = { ...moved.theirs.when, start: '2026-03-03T14:00:00', end: '2026-03-03T15:00:00' }
    moved.version += 1
    moved.theirs = { ...moved.theirs, when }
    present(moved.differences[0]).theirs = { kind: 'when', when }
  }

  /** The page of another sign-in comes back. */
  strange(attempt: string) {
    present(this.attempts.get(attempt)).state = { state: 'waiting', strange: true }
    this.notify('connect')
  }

  /** What the provider's page would do: the person consents, or does not. */
  consent(attempt: string, yes: boolean, problem = new Refusal('sign_in_denied', 'denied').problem) {
    const tried = present(this.attempts.get(attempt))
    tried.state = yes ? { state: 'done', account: this.#signedIn(tried) } : { state: 'failed', problem }
    if (yes) this.dropCards('sign_in_needed')
    this.notify('connect', 'accounts', 'health', 'schedule')
  }

  #signedIn({ account: id, provider }: Attempt): number {
    const back = this.left.find((it) => it.id === id)
    if (back) {
      this.accounts.push(back)
      this.left = this.left.filter((it) => it !== back)
    }
    const account = this.accounts.find((it) => it.id === id) ?? this.#joins(provider)
    account.state = 'connected'
    return account.id
  }

  #joins(provider: ProviderKind): Account {
    const calendars = this.accounts.length
      ? [seed.calendar(31, 'Visits', 4), seed.calendar(32, 'Rota', 6)]
      : seed.workCalendars()
    const id = this.accounts.length + 10
    const account = seed.account(id, provider, 'new@northcare.ca', calendars)
    this.accounts.push(account)
    if (this.events.length === 0) this.events = seed.events(this.make)
    return account
  }
}
