//! The journal as people read it: each write to a provider, and its undo.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::schedule::When;

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
    /// As in [`super::schedule::ChangeEvent::guests_confirmed`].
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub guests_confirmed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RetryWrite {
    /// The event that it is about.
    #[ts(type = "number")]
    pub event: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UndoRun {
    #[ts(type = "number")]
    pub run: i64,
    /// As in [`super::schedule::ChangeEvent::guests_confirmed`].
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub guests_confirmed: bool,
}

/// How the undo of a run went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunUndone {
    #[ts(type = "number")]
    pub undone: usize,
    /// What could not be taken back.
    pub refused: Vec<NotUndone>,
    /// What is taken back, and not as it was.
    pub lost: Vec<LostOf>,
}

/// An event that is made anew without something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LostOf {
    pub title: String,
    pub lost: Vec<Lost>,
}

/// What of an earlier event a new one does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Lost {
    /// Somebody else called the meeting; the new event is the owner's own, and nobody is in it.
    Invitation,
    /// The owner's guests.
    People,
    /// The guests are invited anew, and have to answer once more.
    Answers,
    /// Guests whom the provider does not name.
    OtherPeople,
    Attachments,
    /// There is a new one.
    MeetingLink,
    /// The provider alone makes events of its kind; this one is plain.
    Kind,
    /// All that Daymark does not manage.
    Everything,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NotUndone {
    pub title: String,
    pub why: CannotUndo,
}

/// Why an entry stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CannotUndo {
    UndoneBefore,
    NeverTookEffect,
    /// The journal does not say what stood before.
    NothingKnown,
    ChangedSince,
    OccurrenceChanged,
    Gone,
    /// It would be brought back, and is there.
    StillThere,
    ReadOnly,
}

/// What was written together: by one act of the person, or in one turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalRun {
    /// `null` for a single entry from before there were runs.
    #[ts(type = "number | null")]
    pub run: Option<i64>,
    /// Its latest entry; older runs are asked for with it as `before`.
    #[ts(type = "number")]
    pub last: i64,
    #[ts(type = "string")]
    pub at: NaiveDateTime,
    pub cause: Cause,
    #[ts(type = "number")]
    pub created: i64,
    #[ts(type = "number")]
    pub changed: i64,
    #[ts(type = "number")]
    pub deleted: i64,
    /// Not yet at their providers.
    #[ts(type = "number")]
    pub waiting: i64,
    #[ts(type = "number")]
    pub refused: i64,
    #[ts(type = "number")]
    pub undone: i64,
    /// The title of its latest entry.
    pub title: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalEntry {
    #[ts(type = "number")]
    pub id: i64,
    #[ts(type = "number | null")]
    pub run: Option<i64>,
    #[ts(type = "string")]
    pub at: NaiveDateTime,
    pub action: Action,
    pub cause: Cause,
    pub state: EntryState,
    pub calendar: String,
    pub title: String,
    /// When the event was before and after, where it was.
    pub before: Option<When>,
    pub after: Option<When>,
    /// Why the provider refused it.
    pub reason: Option<String>,
    pub undoable: bool,
    /// What its undo would not bring back.
    pub lost: Vec<Lost>,
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
    /// A copy of a busy time.
    Block,
    /// Copies, or all that Daymark wrote, were taken away.
    Removal,
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
