//! Google's JSON as it comes: only what Daymark reads, and tolerant of what it does not know.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Deserialize;
use serde_json::Value;

/// An answer of `events.list`. The items stay raw, so that one bad event spoils no page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventList {
    #[serde(default)]
    pub items: Vec<Value>,
    pub next_page_token: Option<String>,
    /// Only on the last page.
    pub next_sync_token: Option<String>,
    pub time_zone: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CalendarList {
    #[serde(default)]
    pub items: Vec<Calendar>,
    pub next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Calendar {
    pub id: String,
    pub summary: Option<String>,
    /// The name that the person gave it in their own list.
    pub summary_override: Option<String>,
    pub background_color: Option<String>,
    pub time_zone: Option<String>,
    pub access_role: Option<String>,
    #[serde(default)]
    pub primary: bool,
}

/// An event, or what is left of one: of a cancelled event only the id is promised.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub id: String,
    #[serde(rename = "iCalUID")]
    pub ical_uid: Option<String>,
    pub etag: Option<String>,
    pub status: Option<String>,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub location: Option<String>,
    pub start: Option<Moment>,
    pub end: Option<Moment>,
    pub recurrence: Option<Vec<String>>,
    pub recurring_event_id: Option<String>,
    pub original_start_time: Option<Moment>,
    pub transparency: Option<String>,
    pub visibility: Option<String>,
    pub event_type: Option<String>,
    pub gadget: Option<Gadget>,
    pub attendees: Option<Vec<Attendee>>,
    pub organizer: Option<Person>,
    pub extended_properties: Option<ExtendedProperties>,
    pub updated: Option<String>,
}

/// A date, or an instant with the zone that its owner meant.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    pub date: Option<NaiveDate>,
    pub date_time: Option<DateTime<FixedOffset>>,
    pub time_zone: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attendee {
    #[serde(default, rename = "self")]
    pub is_self: bool,
    pub response_status: Option<String>,
}

#[derive(Deserialize)]
pub struct Person {
    #[serde(default, rename = "self")]
    pub is_self: bool,
}

/// Birthdays of contacts came as gadgets before they had an event type.
#[derive(Deserialize)]
pub struct Gadget {
    #[serde(default)]
    pub preferences: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
pub struct ExtendedProperties {
    #[serde(default)]
    pub private: BTreeMap<String, String>,
}
