//! What the schedule shows, and the edits made on it.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::accounts::ProviderKind;
use super::blocks::BlockSource;
use super::details::{Details, EventKind};
use super::journal::Lost;
use super::repeat::{Repeat, Repeats};

/// How many characters the engine takes of each text of an event.
pub struct Longest {
    pub title: usize,
    pub location: usize,
    pub description: usize,
}

/// What people write by hand stays far below; more than this is a paste gone wrong, and providers refuse it.
pub const LONGEST: Longest = Longest { title: 500, location: 1_000, description: 8_000 };

/// Names an event, or one occurrence of a series.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct EventRef {
    #[ts(type = "number")]
    pub event: i64,
    /// Which occurrence, as [`Item::event`] gave it; `null` for a single event.
    pub original: Option<String>,
}

/// Whole days of the shown zone; `to` is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScheduleQuery {
    #[ts(type = "string")]
    pub from: NaiveDate,
    #[ts(type = "string")]
    pub to: NaiveDate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Schedule {
    /// The zone that every wall time here is in.
    pub zone: String,
    #[ts(type = "string")]
    pub now: NaiveDateTime,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventSearch {
    /// Beginnings of words; all of them must be found.
    pub text: String,
}

/// What a search found: each event once, at its occurrence nearest to now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundEvents {
    /// What is to come in its order, then what has been, the latest first.
    pub items: Vec<Item>,
    /// There is more, further from now.
    pub more: bool,
}

/// One occurrence on screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Item {
    pub event: EventRef,
    #[ts(type = "number")]
    pub calendar: i64,
    pub title: String,
    pub location: String,
    /// Wall time; for all-day items the first day's midnight.
    #[ts(type = "string")]
    pub start: NaiveDateTime,
    /// Exclusive.
    #[ts(type = "string")]
    pub end: NaiveDateTime,
    pub all_day: bool,
    /// Somebody is to be met at a place, or has booked.
    pub visit: bool,
    pub look: Look,
    /// Part of a series.
    pub repeats: bool,
    pub editable: bool,
    pub sending: Sending,
    /// The conflict that holds its edit until the person decides.
    #[ts(type = "number | null")]
    pub conflict: Option<i64>,
    /// Made from a booking on the public page.
    pub booking: Option<String>,
    /// A copy of a busy time on another calendar.
    pub block: Option<BlockSource>,
    /// Details are hidden from this account.
    pub private: bool,
}

/// How an occurrence is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    Busy,
    Free,
    Tentative,
    Declined,
    OutOfOffice,
}

/// Where an edit is on its way to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sending {
    Sent,
    /// Waits in the outbox.
    Waiting,
    /// The provider refused it; the health banner says why.
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventDetail {
    pub item: Item,
    pub description: String,
    pub calendar_name: String,
    pub account_address: String,
    /// The zone in which the event was made.
    pub event_zone: Option<String>,
    pub kind: EventKind,
    pub details: Details,
    /// How its series repeats; `null` for a single event.
    pub repeats: Option<Repeats>,
    /// Whom an edit of it reaches; `null` where nobody else is invited, or the meeting is not the owner's.
    pub guests: Option<Guests>,
}

/// The people whom the owner invited. What they hear of an edit depends on the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Guests {
    #[ts(type = "number")]
    pub count: usize,
    pub provider: ProviderKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct When {
    #[ts(type = "string")]
    pub start: NaiveDateTime,
    #[ts(type = "string")]
    pub end: NaiveDateTime,
    pub all_day: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NewEvent {
    #[ts(type = "number")]
    pub calendar: i64,
    pub title: String,
    pub location: String,
    pub description: String,
    pub when: When,
    pub free: bool,
    #[serde(default)]
    #[ts(optional)]
    pub recurrence: Option<Repeat>,
}

/// How much of a series an edit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The occurrence that is named, alone.
    This,
    /// It and all later ones: the series is cut in two.
    Following,
    All,
}

/// Fields that are `null` stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChangeEvent {
    pub event: EventRef,
    pub title: Option<String>,
    pub location: Option<String>,
    pub description: Option<String>,
    pub when: Option<When>,
    pub free: Option<bool>,
    /// Left out: the occurrence alone, or the whole of what is named without one.
    #[serde(default)]
    #[ts(optional)]
    pub scope: Option<Scope>,
    /// The person knows what becomes of the guests ([`Guests`]), and wants it. Without it an edit that reaches
    /// guests is answered with [`super::problem::ProblemCode::AskAboutGuests`].
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub guests_confirmed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeleteEvent {
    pub event: EventRef,
    /// As in [`ChangeEvent::scope`].
    #[serde(default)]
    #[ts(optional)]
    pub scope: Option<Scope>,
    /// As in [`ChangeEvent::guests_confirmed`].
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub guests_confirmed: bool,
}

/// A write that is in the mirror, the outbox and the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Written {
    pub event: EventRef,
    /// The journal entry, for undo.
    #[ts(type = "number")]
    pub journal: i64,
    /// What an event that is made like an earlier one will lack.
    pub lost: Vec<Lost>,
}

/// The right-hand rail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Rail {
    #[ts(type = "string")]
    pub now: NaiveDateTime,
    /// The next timed, busy item of today, or tomorrow's first.
    pub next: Option<Item>,
    #[ts(type = "number | null")]
    pub starts_in_min: Option<i64>,
    /// Today's timed items in order.
    pub today: Vec<Item>,
}
