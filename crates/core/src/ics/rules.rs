//! A zone that only its file knows: the clock of a `VTIMEZONE` that no zone of the database keeps.

use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

use crate::time::Instant;

/// No zone has a gap or fold that is longer.
const DAY: TimeDelta = TimeDelta::days(1);

/// When the clock changes, in UTC and in order, and what it then shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    changes: Vec<(NaiveDateTime, i32)>,
    /// The zone of the database that differs least from it.
    pub nearest: Tz,
}

impl Rules {
    /// `None` without any: a zone that says nothing.
    pub(super) fn new(changes: Vec<(NaiveDateTime, i32)>, nearest: Tz) -> Option<Self> {
        (!changes.is_empty()).then_some(Rules { changes, nearest })
    }

    pub(super) fn wall(&self, at: Instant) -> NaiveDateTime {
        let utc = at.naive_utc();
        utc + self.offset_at(utc)
    }

    /// As [`crate::time::resolve`]: of a fold the first, in a gap by the offset before it.
    pub(super) fn instant(&self, wall: NaiveDateTime) -> Instant {
        let (before, after) = (self.offset_at(wall - DAY), self.offset_at(wall + DAY));
        let stands = |offset: &TimeDelta| self.offset_at(wall - *offset) == *offset;
        let offset = [before, after].into_iter().find(stands).unwrap_or(before);
        (wall - offset).and_utc()
    }

    /// As [`crate::time::shows`].
    pub(super) fn shows(&self, wall: NaiveDateTime) -> bool {
        self.wall(self.instant(wall)) == wall
    }

    /// As [`crate::time::skipped`].
    pub(super) fn skipped(&self, at: Instant) -> Option<NaiveDateTime> {
        let named = at.naive_utc() + self.offset_at(at.naive_utc() - DAY);
        (!self.shows(named) && self.instant(named) == at).then_some(named)
    }

    /// As [`crate::time::resolve_both`].
    pub(super) fn instants(&self, start: NaiveDateTime, end: NaiveDateTime) -> (Instant, Instant) {
        let at = self.instant(start);
        (at, if self.shows(start) { self.instant(end) } else { at + (end - start) })
    }

    fn offset_at(&self, utc: NaiveDateTime) -> TimeDelta {
        TimeDelta::seconds(offset_at(&self.changes, utc).unwrap_or(0).into())
    }
}

/// What the clock shows at a moment, by its changes; before the first one as after it.
pub(super) fn offset_at(changes: &[(NaiveDateTime, i32)], at: NaiveDateTime) -> Option<i32> {
    let begun = changes.partition_point(|(since, _)| *since <= at);
    changes.get(begun.saturating_sub(1)).map(|(_, offset_s)| *offset_s)
}
