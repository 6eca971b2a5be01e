//! Accounts, their calendars, and signing in.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::blocks::{BlockFilters, BlockPrivacy};
use super::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    Google,
    Microsoft,
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
    /// Which of its events block other calendars.
    pub filters: BlockFilters,
    /// How many of its events block nothing, of those within the time that copies reach.
    #[ts(type = "number")]
    pub ignored: i64,
    /// Copies of other calendars' busy times are written to it.
    pub receives_blocks: bool,
    pub block_privacy: BlockPrivacy,
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
