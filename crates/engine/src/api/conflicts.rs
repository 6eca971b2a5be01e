//! What only the person can decide, with both sides in words that can be shown, and their answer.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::repeat::Repeats;
use super::schedule::{EventRef, When};

/// An edit that is held because the other side changed the same, or one side deleted the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Conflict {
    #[ts(type = "number")]
    pub id: i64,
    /// Rises when the other side moves on. An answer that names an older one is refused.
    #[ts(type = "number")]
    pub version: i64,
    pub kind: ConflictKind,
    pub event: EventRef,
    #[ts(type = "number")]
    pub calendar: i64,
    pub calendar_name: String,
    pub account_address: String,
    pub mine: Side,
    pub theirs: Side,
    /// What differs, for each field that both changed; for a delete here, what changed there.
    pub differences: Vec<Difference>,
    /// The answers it offers.
    pub choices: Vec<ConflictChoice>,
    #[ts(type = "string")]
    pub found: NaiveDateTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    BothChanged,
    /// Deleted here, changed at the provider.
    DeletedHere,
    /// Its series was ended or changed here from a day on, and an occurrence behind that day changed at the provider.
    CutHere,
    /// Changed here, deleted at the provider.
    DeletedThere,
}

/// One side's version of the event. Who changed it no provider says; when, where it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Side {
    pub deleted: bool,
    pub title: String,
    pub when: When,
    #[ts(type = "string | null")]
    pub changed_at: Option<NaiveDateTime>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Difference {
    pub field: ConflictField,
    pub mine: Said,
    pub theirs: Said,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConflictField {
    Title,
    Description,
    Location,
    When,
    Repeats,
    ShowAs,
    Visibility,
}

/// What one side says in a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Said {
    Text {
        text: String,
    },
    When {
        when: When,
    },
    /// `null`: it no longer repeats.
    Repeats {
        repeats: Option<Repeats>,
    },
    /// It is free, or takes time.
    Free {
        free: bool,
    },
    Private {
        private: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConflictChoice {
    /// Mine goes over theirs; what I deleted stays deleted; what they deleted comes back as a new event.
    Mine,
    /// Theirs stands; the journal keeps mine.
    Theirs,
    /// Theirs stays on the event, mine becomes a new one.
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResolveConflict {
    #[ts(type = "number")]
    pub conflict: i64,
    /// [`Conflict::version`] as it was shown; left out, the answer is about whatever it is now.
    #[ts(optional, type = "number")]
    pub version: Option<i64>,
    pub choice: ConflictChoice,
}
