//! What is wrong right now, for the banner, the tray and the log alike.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Health {
    pub state: HealthState,
    pub cards: Vec<Card>,
    #[ts(type = "string | null")]
    pub last_sync: Option<NaiveDateTime>,
    #[ts(type = "number | null")]
    pub last_sync_age_s: Option<i64>,
    /// Edits that have not reached their provider.
    #[ts(type = "number")]
    pub waiting: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    Ok,
    /// Syncing for the first time, or catching up.
    Working,
    /// Works, but something needs a look.
    Attention,
    /// Something does not work until the person acts.
    Broken,
}

/// One thing that is wrong. `code` selects the words, `message` is English, for logs and terminals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Card {
    pub id: String,
    pub severity: HealthState,
    pub code: CardCode,
    pub message: String,
    pub params: BTreeMap<String, String>,
    /// The first of the events that it is about, where it names them.
    pub events: Vec<Glimpse>,
    /// What helps, the best first.
    pub remedies: Vec<Remedy>,
}

/// What is known of an event that could not be read; never nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Glimpse {
    /// Empty when it is not known.
    pub title: String,
    #[ts(type = "string | null")]
    pub day: Option<NaiveDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CardCode {
    /// params: `account`
    SignInNeeded,
    /// params: `account`, `scope`
    MissingScope,
    /// Google ends each sign-in after seven days: its client id is in testing. params: `account`, `ends`
    TestGrant,
    /// It did so. params: `account`
    TestGrantEnded,
    /// The sign-in will end. params: `account`, `ends`
    SignInEnding,
    /// The sign-in cannot be renewed just now; it still works. params: `account`, `reason`
    SignInFailing,
    /// An administrator of the organisation no longer allows Daymark. params: `account`, `client`
    SignInByPolicy,
    /// No client id is set for the account's provider. params: `account`, `service`, `section`
    NoClientId,
    /// The provider does not accept the client id. params: `account`, `service`, `section`, `client`
    ClientRefused,
    /// The provider's API is not enabled in the project of the client id. params: `account`, `service`
    ApiOff,
    /// The keyring does not keep or give the account's permission. params: `account`, `reason`
    KeyringFailing,
    /// Nothing is asked of its provider, as the person wished. params: `account`
    AccountPaused,
    /// It was not synced for hours, and nothing says why. params: `account`, `hours`
    Stale,
    /// No answer for a while. params: `account`
    Offline,
    /// Its address answers with a redirect, often to a page of the network. params: `account`, `reason`
    SentElsewhere,
    /// The provider's answer was cut off, or is not understood. params: `account`, `reason`
    AnswerUnreadable,
    /// The provider is failing or throttling. params: `account`
    ProviderFailing,
    /// The provider asked to be left alone for a while, or a limit of it is used up. params: `account`, `minutes`
    ProviderResting,
    /// params: `calendar`
    CalendarFailing,
    /// Events could not be read and were set aside; `once` of the `count` stand in the calendar all the same, but at
    /// their first time only. params: `calendar`, `once`, `source` (provider, feed or file),
    /// `count`, `reason`, and where they count as busy `times`: kept free of visits, or unknown
    EventSetAside,
    /// A series has more occurrences than are shown. params: `title`
    SeriesTruncated,
    /// The provider refused an edit. params: `title`, `reason`
    WriteRefused,
    /// A new event was taken back before it was known whether its provider has it, and the provider does not say.
    /// params: `title`, `reason`
    WriteUnknown,
    /// An edit has nowhere to go: its calendar is no longer in the account's list. params: `title`
    WriteCalendarGone,
    /// An edit has nowhere to go: its calendar can only be read now. params: `title`
    WriteReadOnly,
    /// The provider refused a booking's event: the visit is not on the calendar. params: `title`, `reason`
    BookingRefused,
    /// The relay cannot be reached: the page ages. params: `reason`
    RelayUnreachable,
    /// The relay does not accept this device. params: `reason`
    RelayRefused,
    /// No calendar counts as busy, or none takes bookings: the page offers nothing.
    PageHasNoCalendar,
    /// A calendar that counts as busy is no longer listed: the page offers nothing. params: `calendar`
    PageCalendarGone,
    /// The clock of this machine is wrong.
    ClockSkew,
    /// Secrets live only until Daymark stops.
    SecretsForSessionOnly,
    NoKeyring,
    /// Nothing new can be kept until there is room.
    DiskFull,
    /// Another program holds the database.
    DatabaseLocked,
    DatabaseDamaged,
    /// The file that keeps sign-ins waits for its passphrase.
    SecretsLocked,
    /// params: `reason`
    DatabaseTrouble,
    /// A booking clashes with something added elsewhere. params: `title`
    BookingClash,
    /// A run would delete many events at once and waits for the person. params: `deletes`
    Brake,
    /// You moved or deleted a booking's event, and the visitor does not know. params: `title`
    BookingUntold,
    /// Both sides changed an event, or one deleted what the other changed. params: `title`
    Conflict,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Remedy {
    None,
    SignIn {
        #[ts(type = "number")]
        account: i64,
    },
    /// End the pause.
    Resume {
        #[ts(type = "number")]
        account: i64,
    },
    Retry,
    OpenSettings,
    /// Choose where sign-ins are kept, or unlock the file they are in.
    OpenSecrets,
    OpenBookings,
    OpenConflict {
        #[ts(type = "number")]
        conflict: i64,
    },
    /// Sends a refused write again.
    RetryWrite {
        #[ts(type = "number")]
        event: i64,
    },
    /// Reads a calendar file in again, once it is mended.
    ImportFile,
    /// Speaks no more of what could not be read.
    DismissSetAside {
        #[ts(type = "number")]
        calendar: i64,
    },
    Undo {
        #[ts(type = "number")]
        journal: i64,
    },
    /// Shows what a held run would do.
    ReviewRun {
        #[ts(type = "number")]
        run: i64,
    },
}
