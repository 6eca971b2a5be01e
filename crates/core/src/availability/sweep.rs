//! Cursors over sorted time, for questions that come in rising order.

use super::rules::Rules;
use super::taken::{By, Taken};
use crate::time::{Instant, Interval};

/// Something with an extent in time.
pub(super) trait Extent {
    fn extent(&self) -> Interval;
}

impl Extent for Interval {
    fn extent(&self) -> Interval {
        *self
    }
}

/// Taken time, with the stretch that it keeps clear of visits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    pub clear: Interval,
    pub itself: Interval,
    pub by: By,
    /// Its place in the list that it came from.
    pub which: usize,
}

impl Kept {
    pub(super) fn sorted(taken: &[Taken], rules: &Rules) -> Vec<Self> {
        let keep = |(which, taken): (usize, &Taken)| Kept {
            clear: taken.kept_clear(rules),
            itself: taken.interval,
            by: taken.by,
            which,
        };
        let mut kept: Vec<Kept> = taken.iter().enumerate().map(keep).collect();
        kept.sort_unstable_by_key(|kept| (kept.clear, kept.which));
        kept
    }
}

impl Extent for Kept {
    fn extent(&self) -> Interval {
        self.clear
    }
}

/// Walks a list that is sorted by start. What ended before a question's start is never looked at again.
pub(super) struct Cursor<'a, T> {
    rest: &'a [T],
}

impl<'a, T: Extent> Cursor<'a, T> {
    pub(super) fn new(sorted: &'a [T]) -> Self {
        Cursor { rest: sorted }
    }

    pub(super) fn overlapping(&mut self, asked: Interval) -> impl Iterator<Item = &'a T> + use<'a, T> {
        self.drop_before(asked.start());
        let begins_in_time = move |item: &&T| item.extent().start() < asked.end();
        self.rest.iter().take_while(begins_in_time).filter(move |item| item.extent().overlaps(&asked))
    }

    fn drop_before(&mut self, start: Instant) {
        let over = self.rest.iter().take_while(|item| item.extent().end() <= start).count();
        self.rest = self.rest.get(over..).unwrap_or_default();
    }
}
