//! The person's settings, and what a window needs to start.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Boot {
    pub version: String,
    /// The version of the one zone database in use.
    pub zone_database: String,
    #[ts(type = "string")]
    pub now: NaiveDateTime,
    pub settings: Settings,
    /// What the system speaks, of the languages that Daymark has words in: a window's own browser may not know.
    pub system_language: Language,
    pub first_start: FirstStart,
    /// Providers that have a client id, so that a sign-in can start.
    pub can_connect: Vec<super::accounts::ProviderKind>,
    pub secrets: SecretsState,
}

/// Which of the three first steps are still open. All closed: the steps are not shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FirstStart {
    pub account: bool,
    pub hours: bool,
    pub page: bool,
    pub dismissed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretsState {
    Keyring,
    /// An encrypted file, opened with a passphrase.
    Passphrase,
    /// Nothing is kept: accounts must be signed in again at the next start.
    SessionOnly,
    /// No keyring answers; accounts cannot be added until the person chooses.
    Missing,
    /// The encrypted file waits for its passphrase; until then nothing can be read or kept.
    Locked,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Settings {
    /// The zone being shown and in which hours are meant (IANA).
    pub zone: String,
    pub language: Language,
    pub theme: Theme,
    pub clock_24h: bool,
    /// 0 = Sunday … 6 = Saturday.
    pub week_start: u8,
    pub show_weekend: bool,
    pub name: String,
    pub role: String,
    pub organisation: String,
    pub phone: String,
    pub home_address: String,
    pub hours: Vec<HourBlock>,
    pub overrides: Vec<DateOverride>,
    pub first_steps_dismissed: bool,
    pub notifications: bool,
    /// How far ahead busy times are copied to other calendars.
    #[serde(default = "block_days")]
    pub block_days: u16,
}

fn block_days() -> u16 {
    90
}

/// A block of weekly hours; several a day make breaks between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HourBlock {
    /// 0 = Sunday … 6 = Saturday.
    pub day: u8,
    /// `HH:MM`; an end not after its start runs past midnight, and 24:00 is a valid end.
    pub start: String,
    pub end: String,
}

/// The hours of one date instead of the weekly ones; no blocks: closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DateOverride {
    pub date: String,
    pub blocks: Vec<TimeBlock>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TimeBlock {
    pub start: String,
    pub end: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    System,
    English,
    French,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    System,
    Light,
    Dark,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Zones {
    pub names: Vec<String>,
}
