//! Seed files: people, calendars and events, with times relative to the day the sandbox stands in.

mod moment;

use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::Value;

pub use self::moment::{Moments, Span, When};
use crate::identity::{Account, Client, Provider};

/// A whole seed file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// "Today" and weekdays are those of this zone.
    pub zone: Tz,
    #[serde(default)]
    pub clients: Vec<Client>,
    pub accounts: Vec<SeedAccount>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedAccount {
    pub provider: Provider,
    pub email: String,
    pub name: String,
    pub zone: Tz,
    pub calendars: Vec<SeedCalendar>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedCalendar {
    /// Absent on a Google primary calendar, whose id is the address; Microsoft makes its own from it.
    #[serde(default)]
    pub id: Option<String>,
    pub name: String,
    #[serde(default)]
    pub primary: bool,
    #[serde(default)]
    pub access: SeedAccess,
    /// `#rrggbb`
    #[serde(default)]
    pub color: Option<String>,
    #[serde(default)]
    pub zone: Option<Tz>,
    #[serde(default)]
    pub hidden: bool,
    #[serde(default)]
    pub events: Vec<SeedEvent>,
    /// Plain half-hour events spread over the days, for measuring with many.
    #[serde(default)]
    pub bulk: Option<Bulk>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedAccess {
    #[default]
    Owner,
    Writer,
    WriterWithoutPrivate,
    Reader,
    FreeBusy,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    pub count: u32,
    pub from_day: i64,
    pub to_day: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedEvent {
    /// Base32hex (`a`–`v`, digits); the provider's event id derives from it.
    pub key: String,
    pub title: String,
    pub when: When,
    /// Defaults to the calendar's, then to the account's.
    #[serde(default)]
    pub zone: Option<Tz>,
    #[serde(default)]
    pub location: Option<String>,
    #[serde(default)]
    pub notes: Option<String>,
    #[serde(default)]
    pub tentative: bool,
    #[serde(default)]
    pub free: bool,
    #[serde(default)]
    pub private: bool,
    /// Lines of RFC 5545, e.g. `RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR`.
    #[serde(default)]
    pub repeat: Vec<String>,
    #[serde(default)]
    pub exceptions: Vec<SeedException>,
    #[serde(default)]
    pub attendees: Vec<String>,
    #[serde(default)]
    pub reminders_min: Vec<u32>,
    /// Merged into the provider's own JSON last, for what has no field here.
    #[serde(default)]
    pub raw: Option<Value>,
}

/// One occurrence that differs from its series.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedException {
    /// The day on which the rule puts the occurrence.
    pub on: moment::Day,
    #[serde(default)]
    pub cancelled: bool,
    #[serde(default)]
    pub moved: Option<When>,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub location: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("the seed cannot be read: {why}")]
    Unreadable { why: serde_json::Error },
    #[error("event {event} of calendar {calendar} does not fit: {why}")]
    Event { calendar: String, event: String, why: String },
}

impl Seed {
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        serde_json::from_str(text).map_err(|why| SeedError::Unreadable { why })
    }
}

impl SeedAccount {
    pub fn account(&self) -> Account {
        Account {
            provider: self.provider,
            email: self.email.clone(),
            name: self.name.clone(),
            zone: self.zone,
        }
    }

    pub fn zone_of(&self, calendar: &SeedCalendar, event: Option<&SeedEvent>) -> Tz {
        event.and_then(|event| event.zone).or(calendar.zone).unwrap_or(self.zone)
    }
}
