//! The journal as people read it: each write to a provider, and its undo.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalQuery {
    pub limit: u32,
    /// Only entries older than this one.
    #[ts(type = "number | null")]
    pub before: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Undo {
    #[ts(type = "number")]
    pub journal: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalEntry {
    #[ts(type = "number")]
    pub id: i64,
    #[ts(type = "string")]
    pub at: NaiveDateTime,
    pub action: Action,
    pub cause: Cause,
    pub state: EntryState,
    pub calendar: String,
    pub title: String,
    /// The event's start before and after, where it had one.
    #[ts(type = "string | null")]
    pub start_before: Option<NaiveDateTime>,
    #[ts(type = "string | null")]
    pub start_after: Option<NaiveDateTime>,
    /// Why the provider refused it.
    pub reason: Option<String>,
    pub undoable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    Change,
    Delete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    You,
    Booking,
    Undo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    Waiting,
    Sent,
    Refused,
    /// Something at the provider overtook it before it was sent.
    Overtaken,
    Undone,
}
