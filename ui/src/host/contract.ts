// The contract with the engine, written from its Rust types; not edited by hand.

export type Account = { id: number, provider: ProviderKind, 
/**
 * The mail address or name that tells this account from others.
 */
address: string, state: AccountState, calendars: Array<Calendar>, };

export type AccountId = { account: number, };

export type AccountState = "ok" | "syncing" | "sign_in_needed" | "offline" | "failing";

export type Action = "create" | "change" | "delete";

export type AppointmentType = { name: string, description: string, length_min: number, place: PlaceKind, 
/**
 * The address or link, for fixed places and video.
 */
place_detail: string, step_min: number, buffer_before_min: number, buffer_after_min: number, notice_min: number, window_days: number, cancel_cutoff_min: number, };

export type Booking = { id: string, state: BookingState, type_name: string, start: string, end: string, visitor: BookingVisitor, event: EventRef | null, 
/**
 * It overlaps something added elsewhere meanwhile.
 */
clash: boolean, received: string, };

export type BookingState = "requested" | "accepted" | "confirmed" | "declined" | "cancelled";

export type BookingVisitor = { name: string, email: string, phone: string, address: string, note: string, zone: string, };

export type Boot = { version: string, 
/**
 * The version of the one zone database in use.
 */
zone_database: string, now: string, settings: Settings, first_start: FirstStart, 
/**
 * Providers that have a client id, so that a sign-in can start.
 */
can_connect: Array<ProviderKind>, secrets: SecretsState, };

export type Calendar = { id: number, name: string, 
/**
 * Index 1–8 into the palette of muted calendar colours.
 */
color: number, writable: boolean, primary: boolean, 
/**
 * Mirrored at all.
 */
chosen: boolean, 
/**
 * Drawn on the schedule.
 */
shown: boolean, counts_busy: boolean, events: number, progress: Progress, last_sync: string | null, next_sync: string | null, };

export type CalendarChoice = { calendar: number, chosen: boolean | null, shown: boolean | null, counts_busy: boolean | null, color: number | null, };

export type Card = { id: string, severity: HealthState, code: CardCode, message: string, params: { [key in string]: string }, remedy: Remedy, };

export type CardCode = "sign_in_needed" | "missing_scope" | "offline" | "provider_failing" | "calendar_failing" | "event_set_aside" | "series_truncated" | "write_refused" | "relay_unreachable" | "relay_refused" | "clock_skew" | "secrets_for_session_only" | "no_keyring" | "database_trouble" | "booking_clash";

export type Cause = "you" | "booking" | "undo";

export type ChangeEvent = { event: EventRef, title: string | null, location: string | null, description: string | null, when: When | null, free: boolean | null, };

export type ConnectAttempt = { attempt: string, };

export type ConnectCalDav = { 
/**
 * A mail address, or the address of a server.
 */
address_or_url: string, 
/**
 * The mail address when it is empty.
 */
username: string, 
/**
 * An app password where the server wants one.
 */
password: Password, 
/**
 * The person agreed to plain http; asked for by the problem `plain_http`.
 */
allow_http: boolean, 
/**
 * Other servers that the person agreed to, each asked for by the problem `other_server`.
 */
servers: Array<string>, 
/**
 * Connect this account again instead of adding one.
 */
account: number | null, };

export type ConnectIntent = { provider: ProviderKind, 
/**
 * Sign this account in again instead of adding one.
 */
account: number | null, };

export type ConnectStarted = { attempt: string, 
/**
 * Shown for copying, should the browser not open.
 */
authorize_url: string, };

export type ConnectState = { "state": "waiting" } | { "state": "done", account: number, } | { "state": "failed", problem: Problem, };

export type DateOverride = { date: string, blocks: Array<TimeBlock>, };

export type DecideBooking = { booking: string, confirm: boolean, };

export type EnrolRelay = { address: string, code: string, };

export type EntryState = "waiting" | "sent" | "refused" | "overtaken" | "undone";

export type EventDetail = { item: Item, description: string, calendar_name: string, account_address: string, 
/**
 * The zone in which the event was made.
 */
event_zone: string | null, };

export type EventRef = { event: number, 
/**
 * Which occurrence, as [`Item::event`] gave it; `null` for a single event.
 */
original: string | null, };

export type FirstStart = { account: boolean, hours: boolean, page: boolean, dismissed: boolean, };

export type Health = { state: HealthState, cards: Array<Card>, last_sync: string | null, last_sync_age_s: number | null, 
/**
 * Edits that have not reached their provider.
 */
waiting: number, };

export type HealthState = "ok" | "working" | "attention" | "broken";

export type HourBlock = { 
/**
 * 0 = Sunday … 6 = Saturday.
 */
day: number, 
/**
 * `HH:MM`; an end not after its start runs past midnight, and 24:00 is a valid end.
 */
start: string, end: string, };

export type Item = { event: EventRef, calendar: number, title: string, location: string, 
/**
 * Wall time; for all-day items the first day's midnight.
 */
start: string, 
/**
 * Exclusive.
 */
end: string, all_day: boolean, look: Look, 
/**
 * Part of a series.
 */
repeats: boolean, editable: boolean, sending: Sending, 
/**
 * Made from a booking on the public page.
 */
booking: string | null, 
/**
 * Details are hidden from this account.
 */
private: boolean, };

export type JournalEntry = { id: number, at: string, action: Action, cause: Cause, state: EntryState, calendar: string, title: string, 
/**
 * The event's start before and after, where it had one.
 */
start_before: string | null, start_after: string | null, 
/**
 * Why the provider refused it.
 */
reason: string | null, undoable: boolean, };

export type JournalQuery = { limit: number, 
/**
 * Only entries older than this one.
 */
before: number | null, };

export type Language = "system" | "english" | "french";

export type Look = "busy" | "free" | "tentative" | "declined" | "out_of_office";

export type NewEvent = { calendar: number, title: string, location: string, description: string, when: When, free: boolean, };

export type Notice = { 
/**
 * Rises with every notice, so that a gap in the stream shows.
 */
change: number, tags: Array<Tag>, };

export type PageSettings = { on: boolean, 
/**
 * The person answers each request instead of giving times at once.
 */
approval: boolean, 
/**
 * The calendar that receives bookings; `null`: the first writable one.
 */
calendar: number | null, appointment: AppointmentType, };

export type Password = string;

export type PlaceKind = "at_visitor" | "fixed" | "phone" | "video";

export type Problem = { code: ProblemCode, message: string, 
/**
 * Values that the translated sentence mentions.
 */
params: { [key in string]: string }, };

export type ProblemCode = "bad_request" | "not_found" | "read_only" | "ends_before_start" | "cannot_undo" | "no_client_id" | "sign_in_mismatch" | "sign_in_denied" | "sign_in_timed_out" | "no_refresh_token" | "missing_scope" | "bad_address" | "wrong_password" | "plain_http" | "other_server" | "not_caldav" | "no_calendars" | "no_keyring" | "offline" | "bad_enrol_code" | "relay_refused" | "provider_refused" | "bad_settings" | "database" | "internal";

export type Progress = "never_synced" | "first_sync" | "up_to_date" | "failing";

export type ProviderKind = "google" | "microsoft" | "caldav";

export type PublicPage = { 
/**
 * Joined to a relay.
 */
enrolled: boolean, url: string | null, 
/**
 * The link as a QR code: an SVG document.
 */
qr_svg: string | null, settings: PageSettings, published_at: string | null, 
/**
 * Until then a visitor's time is given at once.
 */
lease_until: string | null, 
/**
 * How many starts the page offers now.
 */
offered: number, 
/**
 * Why the last publication failed.
 */
problem: Problem | null, };

export type Rail = { now: string, 
/**
 * The next timed, busy item of today, or tomorrow's first.
 */
next: Item | null, starts_in_min: number | null, 
/**
 * Today's timed items in order.
 */
today: Array<Item>, };

export type Remedy = { "kind": "none" } | { "kind": "sign_in", account: number, } | { "kind": "retry" } | { "kind": "open_settings" } | { "kind": "open_bookings" } | { "kind": "undo", journal: number, };

export type Schedule = { 
/**
 * The zone that every wall time here is in.
 */
zone: string, now: string, items: Array<Item>, };

export type ScheduleQuery = { from: string, to: string, };

export type SecretsState = "keyring" | "passphrase" | "session_only" | "missing";

export type Sending = "sent" | "waiting" | "failed";

export type Settings = { 
/**
 * The zone being shown and in which hours are meant (IANA).
 */
zone: string, language: Language, theme: Theme, clock_24h: boolean, 
/**
 * 0 = Sunday … 6 = Saturday.
 */
week_start: number, show_weekend: boolean, name: string, role: string, organisation: string, phone: string, home_address: string, hours: Array<HourBlock>, overrides: Array<DateOverride>, first_steps_dismissed: boolean, notifications: boolean, };

export type Tag = "schedule" | "accounts" | "health" | "bookings" | "page" | "settings" | "journal" | "connect";

export type Theme = "system" | "light" | "dark";

export type TimeBlock = { start: string, end: string, };

export type Undo = { journal: number, };

export type When = { start: string, end: string, all_day: boolean, };

export type Written = { event: EventRef, 
/**
 * The journal entry, for undo.
 */
journal: number, };

export type Zones = { names: Array<string>, };

export interface Calls {
  boot: { payload: null; answer: Boot };
  schedule: { payload: ScheduleQuery; answer: Schedule };
  event: { payload: EventRef; answer: EventDetail };
  rail: { payload: null; answer: Rail };
  create_event: { payload: NewEvent; answer: Written };
  change_event: { payload: ChangeEvent; answer: Written };
  delete_event: { payload: EventRef; answer: Written };
  undo: { payload: Undo; answer: Written };
  journal: { payload: JournalQuery; answer: Array<JournalEntry> };
  accounts: { payload: null; answer: Array<Account> };
  connect: { payload: ConnectIntent; answer: ConnectStarted };
  connect_state: { payload: ConnectAttempt; answer: ConnectState };
  connect_caldav: { payload: ConnectCalDav; answer: AccountId };
  cancel_connect: { payload: ConnectAttempt; answer: null };
  disconnect: { payload: AccountId; answer: null };
  set_calendar: { payload: CalendarChoice; answer: null };
  sync_now: { payload: null; answer: null };
  health: { payload: null; answer: Health };
  settings: { payload: null; answer: Settings };
  set_settings: { payload: Settings; answer: null };
  zones: { payload: null; answer: Zones };
  page: { payload: null; answer: PublicPage };
  enrol_relay: { payload: EnrolRelay; answer: PublicPage };
  set_page: { payload: PageSettings; answer: PublicPage };
  bookings: { payload: null; answer: Array<Booking> };
  decide_booking: { payload: DecideBooking; answer: null };
}
