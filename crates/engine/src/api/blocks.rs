//! Copies of busy times, what the brake holds back, and taking away what Daymark wrote.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What copies on a calendar say of their sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BlockPrivacy {
    /// Only "Busy".
    Busy,
    Title,
    /// Title, place and description; never people.
    All,
}

/// Which of a calendar's events block the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BlockFilters {
    /// Only those that touch the hours.
    pub hours_only: bool,
    pub all_day: bool,
    pub tentative: bool,
    /// Also those marked as free.
    pub free: bool,
}

/// What an item on the schedule is a copy of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BlockSource {
    pub calendar: String,
    /// `null` when copies on that calendar say only "Busy".
    pub title: Option<String>,
}

/// An event that would be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DoomedEvent {
    pub calendar: String,
    pub title: String,
    #[ts(type = "string")]
    pub start: NaiveDateTime,
    pub all_day: bool,
}

/// What the brake stopped: these deletes wait until the person says so, whatever else the run did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HeldRun {
    #[ts(type = "number")]
    pub run: i64,
    #[ts(type = "string")]
    pub at: NaiveDateTime,
    pub deletes: Vec<DoomedEvent>,
    /// Names exactly this; to be given back when it is released.
    pub token: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReleaseRun {
    #[ts(type = "number")]
    pub run: i64,
    pub token: String,
}

/// Leaves what the run would have deleted as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DropRun {
    #[ts(type = "number")]
    pub run: i64,
}

/// Without a token: what would be done. With the token of such a preview: that is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Confirm {
    pub token: Option<String>,
}

/// The copies that a cleaner takes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BlockRemoval {
    pub deletes: Vec<DoomedEvent>,
    /// Events with a mark of Daymark's that somebody changed: they stay.
    #[ts(type = "number")]
    pub left: usize,
    /// Calendars that could not be read: what stands there is not known.
    pub unread: Vec<String>,
    pub token: String,
    /// It is done; the calendars receive no copies any more.
    pub done: bool,
}

/// All that Daymark ever wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Removal {
    pub deletes: Vec<DoomedEvent>,
    pub restores: Vec<RestoredEvent>,
    pub cannot: Vec<StayingEvent>,
    pub token: String,
    pub done: bool,
}

/// An event of somebody else's that gets back what Daymark changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RestoredEvent {
    pub calendar: String,
    pub title: String,
    /// The start and the title that it gets.
    #[ts(type = "string")]
    pub start: NaiveDateTime,
    pub new_title: String,
}

/// An event that keeps what Daymark wrote, at least in part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StayingEvent {
    pub calendar: String,
    pub title: String,
    pub why: StaysBecause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StaysBecause {
    /// Somebody changed it again since.
    ChangedSince,
    /// The calendar is gone or can no longer be written.
    ReadOnly,
}
