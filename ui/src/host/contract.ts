// The contract with the engine, written from its Rust types; not edited by hand.

export type Account = { id: number, provider: ProviderKind, 
/**
 * The mail address or name that tells this account from others.
 */
address: string, state: AccountState, 
/**
 * Why it is not simply connected, and what helps: health's card about it.
 */
reason: Card | null, 
/**
 * Being sent or read right now.
 */
syncing: boolean, 
/**
 * Where its provider tells of changes only for a stretch of days: which of them are kept here.
 */
kept: KeptDays | null, calendars: Array<Calendar>, };

export type AccountId = { account: number, };

export type AccountState = "connected" | "expiring" | "sign_in_needed" | "error" | "paused";

export type Action = "create" | "change" | "delete";

export type Answer = "own" | "open" | "accepted" | "tentative" | "declined";

export type AppointmentType = { name: string, description: string, length_min: number, place: PlaceKind, 
/**
 * The address or link, for fixed places and video.
 */
place_detail: string, step_min: number, buffer_before_min: number, buffer_after_min: number, notice_min: number, window_days: number, cancel_cutoff_min: number, };

export type Attachment = { title: string, url: string | null, };

export type Attendee = { 
/**
 * `''` when only the address is known.
 */
name: string, address: string, answer: Answer, organizer: boolean, optional: boolean, 
/**
 * A room or another thing.
 */
resource: boolean, 
/**
 * The calendar's owner.
 */
me: boolean, };

export type BlockFilters = { 
/**
 * Only those that touch the hours.
 */
hours_only: boolean, all_day: boolean, tentative: boolean, 
/**
 * Also those marked as free.
 */
free: boolean, };

export type BlockPrivacy = "busy" | "title" | "all";

export type BlockRemoval = { deletes: Array<DoomedEvent>, 
/**
 * Events with a mark of Daymark's that somebody changed: they stay.
 */
left: number, 
/**
 * Calendars that could not be read: what stands there is not known.
 */
unread: Array<string>, token: string, 
/**
 * It is done; the calendars receive no copies any more.
 */
done: boolean, };

export type BlockSource = { calendar: string, 
/**
 * `null` when copies on that calendar say only "Busy".
 */
title: string | null, };

export type Booking = { id: string, state: BookingState, type_name: string, start: string, end: string, visitor: BookingVisitor, 
/**
 * Why nothing is known of the visitor; `null` when they are known.
 */
unopened: BookingUnopened | null, 
/**
 * Where, as the page said it when this was booked; `null` for bookings from before that was told.
 */
place: PlaceKind | null, 
/**
 * The address or link, for fixed places and video.
 */
place_detail: string, event: EventRef | null, 
/**
 * It overlaps something added elsewhere meanwhile.
 */
clash: boolean, 
/**
 * What you did to its event and the visitor does not know.
 */
untold: BookingUntold | null, 
/**
 * Why its event is not on the calendar yet.
 */
unwritten: BookingUnwritten | null, received: string, };

export type BookingState = "requested" | "accepted" | "confirmed" | "declined" | "cancelled";

export type BookingUnopened = "sealed" | "gone";

export type BookingUntold = "moved" | "cancelled";

export type BookingUnwritten = { "kind": "undecided" } | { "kind": "waiting" } | { "kind": "refused", reason: string, };

export type BookingVisitor = { name: string, email: string, phone: string, address: string, note: string, zone: string, };

export type Boot = { version: string, 
/**
 * The version of the one zone database in use.
 */
zone_database: string, now: string, settings: Settings, 
/**
 * What the system speaks, of the languages that Daymark has words in: a window's own browser may not know.
 */
system_language: Language, first_start: FirstStart, 
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
shown: boolean, counts_busy: boolean, 
/**
 * Which of its events block other calendars.
 */
filters: BlockFilters, 
/**
 * How many of its events block nothing, of those within the time that copies reach.
 */
ignored: number, 
/**
 * Copies of other calendars' busy times are written to it.
 */
receives_blocks: boolean, block_privacy: BlockPrivacy, 
/**
 * During the first reading: those that are here so far. No provider says how many will come.
 */
events: number, progress: Progress, last_sync: string | null, next_sync: string | null, };

export type CalendarChoice = { calendar: number, chosen: boolean | null, shown: boolean | null, counts_busy: boolean | null, color: number | null, filters: BlockFilters | null, receives_blocks: boolean | null, block_privacy: BlockPrivacy | null, };

export type CalendarRef = { calendar: number, };

export type CannotUndo = "undone_before" | "never_took_effect" | "nothing_known" | "changed_since" | "occurrence_changed" | "gone" | "still_there" | "read_only";

export type Card = { id: string, severity: HealthState, code: CardCode, message: string, params: { [key in string]: string }, 
/**
 * The first of the events that it is about, where it names them.
 */
events: Array<Glimpse>, 
/**
 * What helps, the best first.
 */
remedies: Array<Remedy>, };

export type CardCode = "sign_in_needed" | "missing_scope" | "test_grant" | "test_grant_ended" | "sign_in_ending" | "sign_in_failing" | "sign_in_by_policy" | "no_client_id" | "client_refused" | "api_off" | "keyring_failing" | "account_paused" | "stale" | "offline" | "sent_elsewhere" | "answer_unreadable" | "provider_failing" | "provider_resting" | "calendar_failing" | "event_set_aside" | "series_truncated" | "write_refused" | "write_unknown" | "write_calendar_gone" | "write_read_only" | "booking_refused" | "relay_unreachable" | "relay_refused" | "page_has_no_calendar" | "page_calendar_gone" | "clock_skew" | "secrets_for_session_only" | "no_keyring" | "disk_full" | "database_locked" | "database_damaged" | "secrets_locked" | "database_trouble" | "booking_clash" | "brake" | "booking_untold" | "conflict";

export type Cause = "you" | "booking" | "undo" | "block" | "removal";

export type ChangeEvent = { event: EventRef, title: string | null, location: string | null, description: string | null, when: When | null, free: boolean | null, 
/**
 * Left out: the occurrence alone, or the whole of what is named without one.
 */
scope?: Scope, 
/**
 * The person knows what becomes of the guests ([`Guests`]), and wants it. Without it an edit that reaches
 * guests is answered with [`super::problem::ProblemCode::AskAboutGuests`].
 */
guests_confirmed?: boolean, };

export type ChooseSecrets = { "kind": "file", passphrase: Password, } | { "kind": "session" };

export type Confirm = { token: string | null, };

export type Conflict = { id: number, 
/**
 * Rises when the other side moves on. An answer that names an older one is refused.
 */
version: number, kind: ConflictKind, event: EventRef, calendar: number, calendar_name: string, account_address: string, mine: Side, theirs: Side, 
/**
 * What differs, for each field that both changed; for a delete here, what changed there.
 */
differences: Array<Difference>, 
/**
 * The answers it offers.
 */
choices: Array<ConflictChoice>, found: string, };

export type ConflictChoice = "mine" | "theirs" | "both";

export type ConflictField = "title" | "description" | "location" | "when" | "repeats" | "show_as" | "visibility";

export type ConflictKind = "both_changed" | "deleted_here" | "cut_here" | "deleted_there";

export type ConnectAttempt = { attempt: string, };

export type ConnectCalDav = { 
/**
 * A mail address, or the address of a server. Empty with `account`: where that account was.
 */
address_or_url: string, 
/**
 * When it is empty, the account's, or else the mail address.
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

export type ConnectState = { "state": "waiting", 
/**
 * A page of another sign-in came back and was turned away.
 */
strange: boolean, } | { "state": "done", account: number, } | { "state": "failed", problem: Problem, };

export type DateOverride = { date: string, blocks: Array<TimeBlock>, };

export type DecideBooking = { booking: string, confirm: boolean, };

export type DeleteEvent = { event: EventRef, 
/**
 * As in [`ChangeEvent::scope`].
 */
scope?: Scope, 
/**
 * As in [`ChangeEvent::guests_confirmed`].
 */
guests_confirmed?: boolean, };

export type Details = { 
/**
 * The organizer first.
 */
attendees: Array<Attendee>, 
/**
 * More were invited than the provider lists.
 */
more_attendees: boolean, meeting: Meeting | null, attachments: Array<Attachment>, 
/**
 * There are attachments that only the provider can show.
 */
more_attachments: boolean, };

export type Difference = { field: ConflictField, mine: Said, theirs: Said, };

export type Disconnect = { account: number, 
/**
 * Also remove the copies that the preview with this token counted. `null` leaves them where they are.
 */
remove_copies: string | null, };

export type DisconnectPreview = { 
/**
 * Events mirrored from it.
 */
events: number, 
/**
 * Edits that its provider would not get.
 */
waiting: Array<UnsentEdit>, 
/**
 * Copies of its events that stand on other calendars.
 */
copies: number, 
/**
 * Copies of other calendars' events that stand on its own, and are removed there before it is left.
 */
own_copies: number, 
/**
 * Copies that stand on its calendars, and stay there.
 */
stranded: number, 
/**
 * Its sign-in has ended, so nothing can be removed there before it is signed in again.
 */
signed_out: boolean, 
/**
 * Coming bookings that stand on its calendars.
 */
bookings: number, 
/**
 * The public page puts its bookings there.
 */
receives_bookings: boolean, 
/**
 * Until then it can be brought back with everything.
 */
restorable_until: string, 
/**
 * Names exactly the copies that would be removed.
 */
token: string, };

export type DoomedEvent = { calendar: string, title: string, start: string, all_day: boolean, };

export type DropRun = { run: number, };

export type EnrolRelay = { address: string, code: string, };

export type EntryState = "waiting" | "sent" | "refused" | "overtaken" | "undone";

export type EventDetail = { item: Item, description: string, calendar_name: string, account_address: string, 
/**
 * The zone in which the event was made.
 */
event_zone: string | null, kind: EventKind, details: Details, 
/**
 * How its series repeats; `null` for a single event.
 */
repeats: Repeats | null, 
/**
 * Whom an edit of it reaches; `null` where nobody else is invited, or the meeting is not the owner's.
 */
guests: Guests | null, };

export type EventKind = "default" | "out_of_office" | "focus_time" | "working_location" | "birthday" | "from_mail";

export type EventRef = { event: number, 
/**
 * Which occurrence, as [`Item::event`] gave it; `null` for a single event.
 */
original: string | null, };

export type EventSearch = { 
/**
 * Beginnings of words; all of them must be found.
 */
text: string, };

export type ExportedCalendar = { 
/**
 * A name for the file.
 */
file_name: string, text: string, };

export type FirstStart = { account: boolean, hours: boolean, page: boolean, dismissed: boolean, };

export type FoundEvents = { 
/**
 * What is to come in its order, then what has been, the latest first.
 */
items: Array<Item>, 
/**
 * There is more, further from now.
 */
more: boolean, };

export type Glimpse = { 
/**
 * Empty when it is not known.
 */
title: string, day: string | null, };

export type Guests = { count: number, provider: ProviderKind, };

export type Health = { state: HealthState, cards: Array<Card>, last_sync: string | null, last_sync_age_s: number | null, 
/**
 * Edits that have not reached their provider.
 */
waiting: number, };

export type HealthState = "ok" | "working" | "attention" | "broken";

export type HeldRun = { run: number, at: string, deletes: Array<DoomedEvent>, 
/**
 * Names exactly this; to be given back when it is released.
 */
token: string, };

export type HeldUp = "provider_unreachable" | "sign_in_needed";

export type HourBlock = { 
/**
 * 0 = Sunday … 6 = Saturday.
 */
day: number, 
/**
 * `HH:MM`; an end not after its start runs past midnight, and 24:00 is a valid end.
 */
start: string, end: string, };

export type ImportIcs = { name: string, text: string, counts_busy: boolean, };

export type ImportedCalendar = { account: number, calendar: number, name: string, 
/**
 * Events and series that it holds.
 */
events: number, 
/**
 * What could not be read.
 */
problems: Array<string>, };

export type Item = { event: EventRef, calendar: number, title: string, location: string, 
/**
 * Wall time; for all-day items the first day's midnight.
 */
start: string, 
/**
 * Exclusive.
 */
end: string, all_day: boolean, 
/**
 * Somebody is to be met at a place, or has booked.
 */
visit: boolean, look: Look, 
/**
 * Part of a series.
 */
repeats: boolean, editable: boolean, sending: Sending, 
/**
 * The conflict that holds its edit until the person decides.
 */
conflict: number | null, 
/**
 * Made from a booking on the public page.
 */
booking: string | null, 
/**
 * A copy of a busy time on another calendar.
 */
block: BlockSource | null, 
/**
 * Details are hidden from this account.
 */
private: boolean, };

export type JournalEntry = { id: number, run: number | null, at: string, action: Action, cause: Cause, state: EntryState, calendar: string, title: string, 
/**
 * When the event was before and after, where it was.
 */
before: When | null, after: When | null, 
/**
 * Why the provider refused it.
 */
reason: string | null, undoable: boolean, 
/**
 * What its undo would not bring back.
 */
lost: Array<Lost>, };

export type JournalQuery = { limit: number, 
/**
 * Only entries older than this one.
 */
before: number | null, };

export type JournalRun = { 
/**
 * `null` for a single entry from before there were runs.
 */
run: number | null, 
/**
 * Its latest entry; older runs are asked for with it as `before`.
 */
last: number, at: string, cause: Cause, created: number, changed: number, deleted: number, 
/**
 * Not yet at their providers.
 */
waiting: number, refused: number, undone: number, 
/**
 * The title of its latest entry.
 */
title: string, };

export type KeptDays = { from: string, to: string, };

export type Language = "system" | "english" | "french";

export type LeftAccount = { id: number, provider: ProviderKind, address: string, left: string, days_remaining: number, 
/**
 * What it still waits for before its permission is given back.
 */
removing: Removing | null, };

export type Link = { url: string, };

export type Look = "busy" | "free" | "tentative" | "declined" | "out_of_office";

export type Lost = "invitation" | "people" | "answers" | "other_people" | "attachments" | "meeting_link" | "kind" | "everything";

export type LostOf = { title: string, lost: Array<Lost>, };

export type Meeting = { 
/**
 * `''` when it does not say.
 */
service: string, url: string, };

export type MovedAside = { 
/**
 * Its name now, in the data folder.
 */
name: string, };

export type NewEvent = { calendar: number, title: string, location: string, description: string, when: When, free: boolean, recurrence?: Repeat, };

export type NotUndone = { title: string, why: CannotUndo, };

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

export type Passphrase = { passphrase: Password, };

export type Password = string;

export type PauseAccount = { account: number, paused: boolean, };

export type PlaceKind = "at_visitor" | "fixed" | "phone" | "video";

export type Problem = { code: ProblemCode, message: string, 
/**
 * Values that the translated sentence mentions.
 */
params: { [key in string]: string }, };

export type ProblemCode = "bad_request" | "not_found" | "read_only" | "ends_before_start" | "no_such_year" | "title_too_long" | "location_too_long" | "description_too_long" | "series_fixed" | "ask_about_guests" | "conflict_moved" | "cannot_undo" | "changed_since" | "no_client_id" | "client_refused" | "api_off" | "sign_in_mismatch" | "sign_in_denied" | "sign_in_by_policy" | "sign_in_embedded" | "sign_in_strange" | "sign_in_code_refused" | "sign_in_refused" | "sign_in_malformed" | "sign_in_timed_out" | "no_refresh_token" | "missing_scope" | "bad_address" | "wrong_password" | "plain_http" | "other_server" | "not_caldav" | "server_unreachable" | "server_unsafe" | "no_calendars" | "no_keyring" | "secrets_locked" | "wrong_passphrase" | "passphrase_too_short" | "secrets_file" | "offline" | "sent_elsewhere" | "bad_enrol_code" | "relay_not_secure" | "relay_refused" | "provider_refused" | "provider_failing" | "not_read_yet" | "file_not_saved" | "not_a_calendar" | "bad_feed_address" | "bad_settings" | "disk_full" | "database_locked" | "database_damaged" | "database" | "internal";

export type Progress = "never_synced" | "first_sync" | "up_to_date" | "failing";

export type ProviderKind = "google" | "microsoft" | "file" | "feed" | "caldav";

export type PublicPage = { 
/**
 * Joined to a relay.
 */
enrolled: boolean, 
/**
 * The relay's address, as it was joined.
 */
relay: string | null, url: string | null, 
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

export type ReleaseRun = { run: number, token: string, };

export type Remedy = { "kind": "none" } | { "kind": "sign_in", account: number, } | { "kind": "resume", account: number, } | { "kind": "retry" } | { "kind": "open_settings" } | { "kind": "open_secrets" } | { "kind": "open_bookings" } | { "kind": "open_conflict", conflict: number, } | { "kind": "retry_write", event: number, } | { "kind": "import_file" } | { "kind": "dismiss_set_aside", calendar: number, } | { "kind": "undo", journal: number, } | { "kind": "review_run", run: number, };

export type Removal = { deletes: Array<DoomedEvent>, restores: Array<RestoredEvent>, cannot: Array<StayingEvent>, token: string, done: boolean, };

export type Removing = { 
/**
 * Those that still stand there.
 */
copies: number, held_up: HeldUp | null, };

export type Repeat = { 
/**
 * 1 to 999.
 */
every: number, unit: RepeatUnit, ends: RepeatEnds, };

export type RepeatEnds = { "kind": "never" } | { "kind": "on", date: string, } | { "kind": "after", count: number, };

export type RepeatUnit = { "kind": "days" } | { "kind": "weeks", on: Array<Weekday>, } | { "kind": "months_on_day", day: number, } | { "kind": "months_on_weekday", nth: number, weekday: Weekday, } | { "kind": "years" };

export type Repeats = { "kind": "rule", rule: Repeat, } | { "kind": "custom" };

export type ResolveConflict = { conflict: number, 
/**
 * [`Conflict::version`] as it was shown; left out, the answer is about whatever it is now.
 */
version?: number, choice: ConflictChoice, };

export type Restored = { "state": "sign_in" } & ConnectStarted | { "state": "done" };

export type RestoredEvent = { calendar: string, title: string, 
/**
 * The start and the title that it gets.
 */
start: string, new_title: string, };

export type RetryWrite = { 
/**
 * The event that it is about.
 */
event: number, };

export type RunUndone = { undone: number, 
/**
 * What could not be taken back.
 */
refused: Array<NotUndone>, 
/**
 * What is taken back, and not as it was.
 */
lost: Array<LostOf>, };

export type Said = { "kind": "text", text: string, } | { "kind": "when", when: When, } | { "kind": "repeats", repeats: Repeats | null, } | { "kind": "free", free: boolean, } | { "kind": "private", private: boolean, };

export type Schedule = { 
/**
 * The zone that every wall time here is in.
 */
zone: string, now: string, items: Array<Item>, };

export type ScheduleQuery = { from: string, to: string, };

export type Scope = "this" | "following" | "all";

export type SecretsState = "keyring" | "passphrase" | "session_only" | "missing" | "locked";

export type Sending = "sent" | "waiting" | "failed";

export type Settings = { 
/**
 * The zone being shown and in which hours are meant (IANA).
 */
zone: string, language: Language, theme: Theme, clock_24h: boolean, 
/**
 * 0 = Sunday … 6 = Saturday.
 */
week_start: number, show_weekend: boolean, name: string, role: string, organisation: string, phone: string, home_address: string, hours: Array<HourBlock>, overrides: Array<DateOverride>, first_steps_dismissed: boolean, notifications: boolean, 
/**
 * How far ahead busy times are copied to other calendars.
 */
block_days: number, };

export type Side = { deleted: boolean, title: string, when: When, changed_at: string | null, };

export type StayingEvent = { calendar: string, title: string, why: StaysBecause, };

export type StaysBecause = "changed_since" | "read_only";

export type Subscribe = { url: string, counts_busy: boolean, };

export type Tag = "schedule" | "accounts" | "health" | "bookings" | "page" | "settings" | "journal" | "conflicts" | "connect";

export type TestFinding = "fine" | "counted" | "not_needed" | "not_reached" | "unreachable" | "unsafe" | "sign_in_needed" | "missing_scope" | "not_allowed" | "client_not_accepted" | "api_off" | "sent_elsewhere" | "too_often" | "provider_failing" | "keyring_failing" | "nothing_writable";

export type TestOutcome = "passed" | "failed" | "skipped";

export type TestStep = { step: TestSubject, outcome: TestOutcome, 
/**
 * Selects the words.
 */
finding: TestFinding, 
/**
 * How many calendars, where the finding counts them.
 */
count: number, 
/**
 * English, for logs and terminals.
 */
message: string, remedy: Remedy, };

export type TestSubject = "network" | "tls" | "token" | "calendars" | "read" | "write";

export type Theme = "system" | "light" | "dark";

export type TimeBlock = { start: string, end: string, };

export type Undo = { journal: number, 
/**
 * As in [`super::schedule::ChangeEvent::guests_confirmed`].
 */
guests_confirmed?: boolean, };

export type UndoRun = { run: number, 
/**
 * As in [`super::schedule::ChangeEvent::guests_confirmed`].
 */
guests_confirmed?: boolean, };

export type UnsentEdit = { calendar: string, title: string, deletes: boolean, };

export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

export type When = { start: string, end: string, all_day: boolean, };

export type Written = { event: EventRef, 
/**
 * The journal entry, for undo.
 */
journal: number, 
/**
 * What an event that is made like an earlier one will lack.
 */
lost: Array<Lost>, };

export type Zones = { names: Array<string>, };

export interface Calls {
  boot: { payload: null; answer: Boot };
  schedule: { payload: ScheduleQuery; answer: Schedule };
  event: { payload: EventRef; answer: EventDetail };
  search_events: { payload: EventSearch; answer: FoundEvents };
  open_link: { payload: Link; answer: null };
  rail: { payload: null; answer: Rail };
  create_event: { payload: NewEvent; answer: Written };
  change_event: { payload: ChangeEvent; answer: Written };
  delete_event: { payload: DeleteEvent; answer: Written };
  undo: { payload: Undo; answer: Written };
  retry_write: { payload: RetryWrite; answer: null };
  conflicts: { payload: null; answer: Array<Conflict> };
  resolve_conflict: { payload: ResolveConflict; answer: Written };
  journal: { payload: JournalQuery; answer: Array<JournalEntry> };
  journal_runs: { payload: JournalQuery; answer: Array<JournalRun> };
  undo_run: { payload: UndoRun; answer: RunUndone };
  held_runs: { payload: null; answer: Array<HeldRun> };
  release_run: { payload: ReleaseRun; answer: null };
  drop_run: { payload: DropRun; answer: null };
  remove_blocks: { payload: Confirm; answer: BlockRemoval };
  remove_everything: { payload: Confirm; answer: Removal };
  accounts: { payload: null; answer: Array<Account> };
  connect: { payload: ConnectIntent; answer: ConnectStarted };
  connect_state: { payload: ConnectAttempt; answer: ConnectState };
  connect_caldav: { payload: ConnectCalDav; answer: AccountId };
  cancel_connect: { payload: ConnectAttempt; answer: null };
  disconnect_preview: { payload: AccountId; answer: DisconnectPreview };
  disconnect: { payload: Disconnect; answer: null };
  left_accounts: { payload: null; answer: Array<LeftAccount> };
  leave_at_once: { payload: AccountId; answer: null };
  restore_account: { payload: AccountId; answer: Restored };
  pause_account: { payload: PauseAccount; answer: null };
  test_account: { payload: AccountId; answer: Array<TestStep> };
  import_ics: { payload: ImportIcs; answer: ImportedCalendar };
  subscribe: { payload: Subscribe; answer: ImportedCalendar };
  dismiss_set_aside: { payload: CalendarRef; answer: null };
  export_calendar: { payload: CalendarRef; answer: ExportedCalendar };
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
  choose_secrets: { payload: ChooseSecrets; answer: null };
  unlock_secrets: { payload: Passphrase; answer: null };
  replace_secrets: { payload: Passphrase; answer: MovedAside };
}

/** How many characters the engine takes of each text of an event. */
export const LONGEST = { title: 500, location: 1000, description: 8000 };

/** How many characters a passphrase has at least. */
export const SHORTEST_PASSPHRASE = 8;

/** What places of zones are called that have another name today. */
export const CALLED: Readonly<Record<string, string>> = {
  "Africa/Asmera": "Asmara",
  "America/Coral_Harbour": "Atikokan",
  "America/Ensenada": "Tijuana",
  "America/Fort_Wayne": "Indianapolis",
  "America/Godthab": "Nuuk",
  "America/Porto_Acre": "Rio Branco",
  "America/Sao_Paulo": "São Paulo",
  "America/Shiprock": "Denver",
  "Asia/Ashkhabad": "Ashgabat",
  "Asia/Calcutta": "Kolkata",
  "Asia/Chungking": "Chongqing",
  "Asia/Dacca": "Dhaka",
  "Asia/Ho_Chi_Minh": "Ho Chi Minh City",
  "Asia/Katmandu": "Kathmandu",
  "Asia/Macao": "Macau",
  "Asia/Rangoon": "Yangon",
  "Asia/Saigon": "Ho Chi Minh City",
  "Asia/Thimbu": "Thimphu",
  "Asia/Ujung_Pandang": "Makassar",
  "Asia/Ulan_Bator": "Ulaanbaatar",
  "Atlantic/Faeroe": "Faroe",
  "Australia/ACT": "Canberra",
  "Australia/NSW": "Sydney",
  "Australia/North": "Darwin",
  "Australia/Queensland": "Brisbane",
  "Australia/South": "Adelaide",
  "Australia/Tasmania": "Hobart",
  "Australia/Victoria": "Melbourne",
  "Australia/West": "Perth",
  "Canada/Atlantic": "Halifax",
  "Canada/Central": "Winnipeg",
  "Canada/Eastern": "Toronto",
  "Canada/Mountain": "Edmonton",
  "Canada/Newfoundland": "St. John’s",
  "Canada/Pacific": "Vancouver",
  "America/St_Johns": "St. John’s",
  "Europe/Kiev": "Kyiv",
  "Europe/Uzhgorod": "Uzhhorod",
  "Europe/Zaporozhye": "Zaporizhzhia",
  "Pacific/Enderbury": "Kanton",
  "Pacific/Ponape": "Pohnpei",
  "Pacific/Truk": "Chuuk",
  "US/Alaska": "Anchorage",
  "US/Arizona": "Phoenix",
  "US/Central": "Chicago",
  "US/Eastern": "New York",
  "US/Hawaii": "Honolulu",
  "US/Michigan": "Detroit",
  "US/Mountain": "Denver",
  "US/Pacific": "Los Angeles",
};

/** Names of UTC itself. */
export const UTC: readonly string[] = ["UTC", "Etc/UTC", "Etc/UCT", "UCT", "Etc/Zulu", "Zulu", "Etc/Universal", "Universal", "GMT", "Etc/GMT", "Etc/Greenwich", "Greenwich"];
