//! Accounts, their calendars, and signing in.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    Google,
    Microsoft,
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
    pub calendars: Vec<Calendar>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    Ok,
    Syncing,
    SignInNeeded,
    Offline,
    /// Something else is wrong; health says what.
    Failing,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CalendarChoice {
    #[ts(type = "number")]
    pub calendar: i64,
    pub chosen: Option<bool>,
    pub shown: Option<bool>,
    pub counts_busy: Option<bool>,
    pub color: Option<u8>,
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
    /// A mail address, or the address of a server.
    pub address_or_url: String,
    /// The mail address when it is empty.
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
    Waiting,
    Done {
        #[ts(type = "number")]
        account: i64,
    },
    Failed {
        problem: Problem,
    },
}
