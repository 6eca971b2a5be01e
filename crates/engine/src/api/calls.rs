//! The list of calls: name, payload and answer, from which dispatch and the TypeScript map are made.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::accounts::{
    Account, AccountId, CalendarChoice, CalendarRef, ConnectAttempt, ConnectCalDav, ConnectIntent,
    ConnectStarted, ConnectState, Disconnect, DisconnectPreview, ExportedCalendar, ImportIcs,
    ImportedCalendar, LeftAccount, PauseAccount, Restored, Subscribe, TestStep,
};
use super::blocks::{BlockRemoval, Confirm, DropRun, HeldRun, ReleaseRun, Removal};
use super::bookings::{Booking, DecideBooking, EnrolRelay, PageSettings, PublicPage};
use super::conflicts::{Conflict, ResolveConflict};
use super::details::Link;
use super::health::Health;
use super::journal::{JournalEntry, JournalQuery, JournalRun, RetryWrite, RunUndone, Undo, UndoRun};
use super::schedule::{
    ChangeEvent, DeleteEvent, EventDetail, EventRef, EventSearch, FoundEvents, NewEvent, Rail, Schedule,
    ScheduleQuery, Written,
};
use super::secrets::{ChooseSecrets, MovedAside, Passphrase};
use super::settings::{Boot, Settings, Zones};

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident: $variant:ident($payload:ty) -> $answer:ty;)*) => {
        /// A request of the UI.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(tag = "name", content = "payload", rename_all = "snake_case")]
        pub enum Call {
            $($(#[$doc])* $variant($payload),)*
        }

        /// The TypeScript map from a call's name to its payload and answer.
        pub fn typescript_map(config: &ts_rs::Config) -> String {
            let mut out = String::from("export interface Calls {\n");
            $(out.push_str(&format!(
                "  {}: {{ payload: {}; answer: {} }};\n",
                stringify!($name),
                <$payload as TS>::name(config),
                <$answer as TS>::name(config),
            ));)*
            out.push_str("}\n");
            out
        }

        /// Shows every payload and answer to `visitor`.
        pub fn visit_types(visitor: &mut impl ts_rs::TypeVisitor) {
            $(visitor.visit::<$payload>();
            visitor.visit::<$answer>();)*
        }
    };
}

calls! {
    /// What a window needs before anything else.
    boot: Boot(()) -> Boot;
    /// The occurrences of some days, of all shown calendars.
    schedule: Schedule(ScheduleQuery) -> Schedule;
    /// Everything about one event or occurrence.
    event: Event(EventRef) -> EventDetail;
    /// Events by what they say: title, place and people.
    search_events: SearchEvents(EventSearch) -> FoundEvents;
    /// Opens a web address of an event in the system's browser.
    open_link: OpenLink(Link) -> ();
    /// The right-hand rail: what comes next today.
    rail: Rail(()) -> Rail;
    create_event: CreateEvent(NewEvent) -> Written;
    change_event: ChangeEvent(ChangeEvent) -> Written;
    delete_event: DeleteEvent(DeleteEvent) -> Written;
    /// Takes a journalled write back.
    undo: Undo(Undo) -> Written;
    /// Sends a refused write again. One that is not refused any more is left as it is.
    retry_write: RetryWrite(RetryWrite) -> ();
    /// What only the person can decide, the oldest first.
    conflicts: Conflicts(()) -> Vec<Conflict>;
    /// Carries the person's decision out; it can be undone like an edit.
    resolve_conflict: ResolveConflict(ResolveConflict) -> Written;
    journal: Journal(JournalQuery) -> Vec<JournalEntry>;
    /// The journal by what was written together.
    journal_runs: JournalRuns(JournalQuery) -> Vec<JournalRun>;
    /// Takes everything of a run back, as far as that can be done.
    undo_run: UndoRun(UndoRun) -> RunUndone;
    /// What the brake holds back.
    held_runs: HeldRuns(()) -> Vec<HeldRun>;
    release_run: ReleaseRun(ReleaseRun) -> ();
    drop_run: DropRun(DropRun) -> ();
    /// Takes all copies of busy times away, by their markers alone.
    remove_blocks: RemoveBlocks(Confirm) -> BlockRemoval;
    /// Takes away all that Daymark ever wrote.
    remove_everything: RemoveEverything(Confirm) -> Removal;
    accounts: Accounts(()) -> Vec<Account>;
    /// Starts a sign-in in the system's browser.
    connect: Connect(ConnectIntent) -> ConnectStarted;
    connect_state: ConnectState(ConnectAttempt) -> ConnectState;
    /// Connects an account at a CalDAV server; it is verified before anything is kept.
    connect_caldav: ConnectCaldav(ConnectCalDav) -> AccountId;
    cancel_connect: CancelConnect(ConnectAttempt) -> ();
    /// What `disconnect` would do; it does nothing.
    disconnect_preview: DisconnectPreview(AccountId) -> DisconnectPreview;
    /// Leaves an account. For thirty days it can be brought back with everything.
    disconnect: Disconnect(Disconnect) -> ();
    left_accounts: LeftAccounts(()) -> Vec<LeftAccount>;
    /// Waits no longer for copies to go from the calendars of an account that was disconnected.
    leave_at_once: LeaveAtOnce(AccountId) -> ();
    restore_account: RestoreAccount(AccountId) -> Restored;
    pause_account: PauseAccount(PauseAccount) -> ();
    /// Tries the connection step by step.
    test_account: TestAccount(AccountId) -> Vec<TestStep>;
    /// Reads a calendar file in; one of the same name is replaced.
    import_ics: ImportIcs(ImportIcs) -> ImportedCalendar;
    /// Subscribes to a calendar that is published at an address.
    subscribe: Subscribe(Subscribe) -> ImportedCalendar;
    /// Speaks no more of what could not be read of a calendar.
    dismiss_set_aside: DismissSetAside(CalendarRef) -> ();
    export_calendar: ExportCalendar(CalendarRef) -> ExportedCalendar;
    set_calendar: SetCalendar(CalendarChoice) -> ();
    sync_now: SyncNow(()) -> ();
    health: Health(()) -> Health;
    settings: Settings(()) -> Settings;
    set_settings: SetSettings(Settings) -> ();
    zones: Zones(()) -> Zones;
    page: Page(()) -> PublicPage;
    enrol_relay: EnrolRelay(EnrolRelay) -> PublicPage;
    set_page: SetPage(PageSettings) -> PublicPage;
    bookings: Bookings(()) -> Vec<Booking>;
    decide_booking: DecideBooking(DecideBooking) -> ();
    /// Decides where sign-ins and keys are kept, where no keyring answers. What this session held moves along.
    choose_secrets: ChooseSecrets(ChooseSecrets) -> ();
    /// Opens the file that they are kept in.
    unlock_secrets: UnlockSecrets(Passphrase) -> ();
    /// Moves a file aside whose passphrase nobody knows, and begins a new one.
    replace_secrets: ReplaceSecrets(Passphrase) -> MovedAside;
}
