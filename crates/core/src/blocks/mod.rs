//! *Busy on one = blocked on all*: which copies of busy times should stand on which calendar, and
//! what brings the copies that do stand there to it.
//!
//! [`plan`] is a total function of what is known: it reads nothing and writes nothing, and its answer
//! is a list of operations. A copy is known by three things together: the [`Link`] that remembers
//! it, the [`Marker`] inside the remote event, and the time at which it stands. What does not hold
//! all of them is left alone, and absence of data never deletes anything.

pub mod brake;
mod content;
mod marker;
mod pairs;
mod places;
mod plan;
mod sort;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::event::{Answer, Field, Fields, Kind, Original, ShowAs, Status, Visibility, takes_time};
use crate::time::Interval;

pub use content::{BUSY, Privacy};
pub use marker::{Marker, NoMarker, Source, Tag, Times, derived_id};
pub use plan::plan;
pub use sort::genuine;

/// A calendar's part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub key: i64,
    /// The calendar as this account sees it.
    pub tag: Tag,
    /// The same for one calendar that is seen through two accounts.
    pub real: Tag,
    pub counts: Counts,
    pub receives: Receives,
}

/// Whether a calendar's busy times block others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    Yes {
        filters: Filters,
        /// All of it was read, and the last reading went well: what is missing is gone.
        complete: bool,
    },
    /// The person said so.
    No,
    /// It is paused, gone from the list, or was never read: nothing is known about what it has.
    Unknown,
}

/// Whether copies are written to a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receives {
    Yes(Privacy),
    No,
    /// What stands there is not known, or it cannot be written now.
    Unknown,
}

/// Which of a calendar's events block others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filters {
    /// Only those that touch the owner's hours.
    pub hours_only: bool,
    pub all_day: bool,
    pub tentative: bool,
    /// Also those that are marked as free.
    pub free: bool,
}

impl Default for Filters {
    fn default() -> Self {
        Filters { hours_only: false, all_day: true, tentative: true, free: false }
    }
}

/// What stands on a calendar at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    pub calendar: i64,
    /// The single event or the series that it is listed under, and the event that shows.
    pub unit: i64,
    pub event: i64,
    /// The unit by its provider's id; `None` before the provider has answered for it.
    pub tag: Option<Tag>,
    pub original: Option<Original>,
    /// The provider's id of the event; empty before it has answered.
    pub remote_id: String,
    /// The series' for all of its occurrences: Graph gives each exception one of its own.
    pub uid: String,
    pub times: Times,
    pub title: String,
    pub location: String,
    pub description: String,
    pub status: Status,
    pub kind: Kind,
    pub answer: Answer,
    pub show_as: ShowAs,
    pub visibility: Visibility,
    pub mark: Mark,
    /// An edit of it is on its way to the provider.
    pub waiting: bool,
}

/// What an event says about being a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    None,
    Copy(Marker),
    /// Written by a version that this one does not understand.
    Unreadable,
}

impl Occurrence {
    fn is_live(&self) -> bool {
        let takes_no_time = matches!(self.kind, Kind::WorkingLocation | Kind::Birthday);
        self.status != Status::Cancelled && self.answer != Answer::Declined && !takes_no_time
    }

    fn is_busy(&self) -> bool {
        takes_time(self.status, self.kind, self.answer, self.show_as)
    }

    fn is_tentative(&self) -> bool {
        self.status == Status::Tentative
            || self.show_as == ShowAs::Tentative
            || matches!(self.answer, Answer::Tentative | Answer::Open)
    }
}

/// A copy as it is remembered. One whose event is no longer there is a tombstone: somebody deleted
/// the copy, and it stays deleted until its source changes its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub target: i64,
    pub source: Source,
    /// Our row of the copy; 0 until it has one.
    pub event: i64,
    /// Our rows of the source: its calendar, and its single event or series.
    pub from: (i64, i64),
    /// The time at which the copy was last seen to stand as it should.
    pub times: Times,
    /// The time and the words that were asked for last.
    pub asked: Times,
    pub words: Tag,
    /// How often the same was asked for again.
    pub again: u8,
    /// The person wants this copy as it is, until its source changes its time.
    pub kept: bool,
}

/// All that a plan follows from.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    pub calendars: &'a [Calendar],
    /// What touches the window on the calendars above, and all copies.
    pub occurrences: &'a [Occurrence],
    pub links: &'a [Link],
    /// Events (with their calendar) whose absence says nothing: they are being deleted, were set
    /// aside, or have more occurrences than are known.
    pub unsure: &'a HashSet<(Tag, Tag)>,
    /// Where copies are kept up. Its edge never means deletion.
    pub window: Interval,
    /// The owner's hours, in order and apart.
    pub hours: &'a [Interval],
    pub home: Tz,
}

/// One step towards the copies that should stand.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    Create {
        link: Link,
        derived_id: String,
        fields: Box<Fields>,
    },
    /// The copy that the link names gets these fields, of which some differ.
    Update {
        link: Link,
        fields: Box<Fields>,
        changed: Vec<Field>,
    },
    Delete {
        copy: i64,
        target: i64,
        source: Source,
    },
    /// The copy is right; it is only remembered, or remembered better.
    Adopt(Link),
    /// The link is of no more use. Nothing is deleted.
    Forget {
        target: i64,
        source: Source,
    },
}

impl Op {
    /// Whether it changes anything at a provider.
    pub fn writes(&self) -> bool {
        matches!(self, Op::Create { .. } | Op::Update { .. } | Op::Delete { .. })
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub ops: Vec<Op>,
    /// By calendar that counts as busy: how many of its events block nothing.
    pub ignored: BTreeMap<i64, usize>,
}
