//! The list of calls: name, payload and answer, from which dispatch and the TypeScript map are made.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::accounts::{
    Account, AccountId, CalendarChoice, ConnectAttempt, ConnectCalDav, ConnectIntent, ConnectStarted,
    ConnectState,
};
use super::bookings::{Booking, DecideBooking, EnrolRelay, PageSettings, PublicPage};
use super::health::Health;
use super::journal::{JournalEntry, JournalQuery, Undo};
use super::schedule::{ChangeEvent, EventDetail, EventRef, NewEvent, Rail, Schedule, ScheduleQuery, Written};
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
    /// The right-hand rail: what comes next today.
    rail: Rail(()) -> Rail;
    create_event: CreateEvent(NewEvent) -> Written;
    change_event: ChangeEvent(ChangeEvent) -> Written;
    delete_event: DeleteEvent(EventRef) -> Written;
    /// Takes a journalled write back.
    undo: Undo(Undo) -> Written;
    journal: Journal(JournalQuery) -> Vec<JournalEntry>;
    accounts: Accounts(()) -> Vec<Account>;
    /// Starts a sign-in in the system's browser.
    connect: Connect(ConnectIntent) -> ConnectStarted;
    connect_state: ConnectState(ConnectAttempt) -> ConnectState;
    /// Connects an account at a CalDAV server; it is verified before anything is kept.
    connect_caldav: ConnectCaldav(ConnectCalDav) -> AccountId;
    cancel_connect: CancelConnect(ConnectAttempt) -> ();
    disconnect: Disconnect(AccountId) -> ();
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
}
