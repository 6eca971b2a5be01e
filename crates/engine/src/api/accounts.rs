//! Accounts, their calendars, and signing in.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::blocks::{BlockFilters, BlockPrivacy};
use super::health::{Card, Remedy};
use super::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    Google,
    Microsoft,
    /// A calendar file that was read once.
    File,
    /// A calendar that somebody publishes at an address, read again and again.
    Feed,
    #[serde(rename = "caldav")]
    CalDav,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountId {
    #[ts(type = "number")]
    pub account: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Account {
    #[ts(type = "number")]
    pub id: i64,
    pub provider: ProviderKind,
    /// The mail address or name that tells this account from others.
    pub address: String,
    pub state: AccountState,
    /// Why it is not simply connected, and what helps: health's card about it.
    pub reason: Option<Card>,
    /// Being sent or read right now.
    pub syncing: bool,
    /// Where its provider tells of changes only for a stretch of days: which of them are kept here.
    pub kept: Option<KeptDays>,
    pub calendars: Vec<Calendar>,
}

/// The first and the last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeptDays {
    #[ts(type = "string")]
    pub from: NaiveDate,
    #[ts(type = "string")]
    pub to: NaiveDate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    Connected,
    /// It works, but its sign-in will end, or cannot be renewed just now.
    Expiring,
    SignInNeeded,
    /// Its provider cannot be asked; Daymark goes on trying.
    Error,
    /// Nothing is asked until the person says so.
    Paused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PauseAccount {
    #[ts(type = "number")]
    pub account: i64,
    pub paused: bool,
}

/// What disconnecting an account would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DisconnectPreview {
    /// Events mirrored from it.
    #[ts(type = "number")]
    pub events: i64,
    /// Edits that its provider would not get.
    pub waiting: Vec<UnsentEdit>,
    /// Copies of its events that stand on other calendars.
    #[ts(type = "number")]
    pub copies: i64,
    /// Copies of other calendars' events that stand on its own, and are removed there before it is left.
    #[ts(type = "number")]
    pub own_copies: i64,
    /// Copies that stand on its calendars, and stay there.
    #[ts(type = "number")]
    pub stranded: i64,
    /// Its sign-in has ended, so nothing can be removed there before it is signed in again.
    pub signed_out: bool,
    /// Coming bookings that stand on its calendars.
    #[ts(type = "number")]
    pub bookings: i64,
    /// The public page puts its bookings there.
    pub receives_bookings: bool,
    /// Until then it can be brought back with everything.
    #[ts(type = "string")]
    pub restorable_until: NaiveDateTime,
    /// Names exactly the copies that would be removed.
    pub token: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnsentEdit {
    pub calendar: String,
    pub title: String,
    pub deletes: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Disconnect {
    #[ts(type = "number")]
    pub account: i64,
    /// Also remove the copies that the preview with this token counted. `null` leaves them where they are.
    pub remove_copies: Option<String>,
}

/// An account that was disconnected, and can still be brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LeftAccount {
    #[ts(type = "number")]
    pub id: i64,
    pub provider: ProviderKind,
    pub address: String,
    #[ts(type = "string")]
    pub left: NaiveDateTime,
    #[ts(type = "number")]
    pub days_remaining: i64,
    /// What it still waits for before its permission is given back.
    pub removing: Option<Removing>,
}

/// Copies that are being removed from the calendars of an account that was disconnected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Removing {
    /// Those that still stand there.
    #[ts(type = "number")]
    pub copies: i64,
    pub held_up: Option<HeldUp>,
}

/// Why they cannot be removed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HeldUp {
    /// Daymark goes on trying.
    ProviderUnreachable,
    /// The account is signed in again, or left at once.
    SignInNeeded,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Restored {
    /// Its permission was given back: the person signs in, and everything is there again.
    SignIn(ConnectStarted),
    Done,
}

/// One step of a connection test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TestStep {
    pub step: TestSubject,
    pub outcome: TestOutcome,
    /// Selects the words.
    pub finding: TestFinding,
    /// How many calendars, where the finding counts them.
    #[ts(type = "number")]
    pub count: i64,
    /// English, for logs and terminals.
    pub message: String,
    pub remedy: Remedy,
}

/// What a step of a connection test found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TestFinding {
    Fine,
    /// So many calendars are listed, or may be written.
    Counted,
    /// There is nothing to test here.
    NotNeeded,
    /// An earlier step failed.
    NotReached,
    Unreachable,
    /// Its certificate or its encryption is not right.
    Unsafe,
    SignInNeeded,
    MissingScope,
    NotAllowed,
    /// Daymark has no client id, or one that the provider does not accept.
    ClientNotAccepted,
    /// The provider's API is not enabled in the project of the client id.
    ApiOff,
    /// The address answers with a redirect, which is not followed.
    SentElsewhere,
    /// The provider asks to be left alone for a while.
    TooOften,
    ProviderFailing,
    KeyringFailing,
    NothingWritable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TestSubject {
    /// The provider's server answers at all.
    Network,
    /// It is the server that it says it is.
    Tls,
    /// The provider takes the permission that is stored.
    Token,
    /// The list of calendars can be read.
    Calendars,
    /// A calendar's events can be read.
    Read,
    /// At least one calendar may be written.
    Write,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    Passed,
    Failed,
    /// An earlier step failed, or there is nothing to test.
    Skipped,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportIcs {
    pub name: String,
    pub text: String,
    pub counts_busy: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Subscribe {
    pub url: String,
    pub counts_busy: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportedCalendar {
    #[ts(type = "number")]
    pub account: i64,
    #[ts(type = "number")]
    pub calendar: i64,
    pub name: String,
    /// Events and series that it holds.
    #[ts(type = "number")]
    pub events: i64,
    /// What could not be read.
    pub problems: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CalendarRef {
    #[ts(type = "number")]
    pub calendar: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportedCalendar {
    /// A name for the file.
    pub file_name: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Calendar {
    #[ts(type = "number")]
    pub id: i64,
    pub name: String,
    /// Index 1–8 into the palette of muted calendar colours.
    pub color: u8,
    pub writable: bool,
    pub primary: bool,
    /// Mirrored at all.
    pub chosen: bool,
    /// Drawn on the schedule.
    pub shown: bool,
    pub counts_busy: bool,
    /// Which of its events block other calendars.
    pub filters: BlockFilters,
    /// How many of its events block nothing, of those within the time that copies reach.
    #[ts(type = "number")]
    pub ignored: i64,
    /// Copies of other calendars' busy times are written to it.
    pub receives_blocks: bool,
    pub block_privacy: BlockPrivacy,
    /// During the first reading: those that are here so far. No provider says how many will come.
    #[ts(type = "number")]
    pub events: i64,
    pub progress: Progress,
    #[ts(type = "string | null")]
    pub last_sync: Option<NaiveDateTime>,
    #[ts(type = "string | null")]
    pub next_sync: Option<NaiveDateTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    NeverSynced,
    FirstSync,
    UpToDate,
    Failing,
}

/// `null` leaves a setting as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CalendarChoice {
    #[ts(type = "number")]
    pub calendar: i64,
    pub chosen: Option<bool>,
    pub shown: Option<bool>,
    pub counts_busy: Option<bool>,
    pub color: Option<u8>,
    pub filters: Option<BlockFilters>,
    pub receives_blocks: Option<bool>,
    pub block_privacy: Option<BlockPrivacy>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectIntent {
    pub provider: ProviderKind,
    /// Sign this account in again instead of adding one.
    #[ts(type = "number | null")]
    pub account: Option<i64>,
}

/// An account at a CalDAV server: it has no sign-in page, so the answer comes at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectCalDav {
    /// A mail address, or the address of a server. Empty with `account`: where that account was.
    pub address_or_url: String,
    /// When it is empty, the account's, or else the mail address.
    pub username: String,
    /// An app password where the server wants one.
    pub password: Password,
    /// The person agreed to plain http; asked for by the problem `plain_http`.
    pub allow_http: bool,
    /// Other servers that the person agreed to, each asked for by the problem `other_server`.
    pub servers: Vec<String>,
    /// Connect this account again instead of adding one.
    #[ts(type = "number | null")]
    pub account: Option<i64>,
}

/// What somebody typed to be let in. It shows itself to nobody but who asks for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectStarted {
    pub attempt: String,
    /// Shown for copying, should the browser not open.
    pub authorize_url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectAttempt {
    pub attempt: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ConnectState {
    /// The person is in the browser.
    Waiting {
        /// A page of another sign-in came back and was turned away.
        strange: bool,
    },
    Done {
        #[ts(type = "number")]
        account: i64,
    },
    Failed {
        problem: Problem,
    },
}
