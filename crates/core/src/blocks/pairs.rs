//! Gives copies whose occurrence is gone to occurrences that have no copy yet.
//!
//! When a whole series moves, all its occurrences are other ones; when it is split, those of its second half belong
//! to another event, mostly at another time as well. Their copies are moved or renamed instead of being deleted and
//! made again.

use std::collections::{BTreeMap, VecDeque};

use super::places::Place;
use super::plan::Missing;
use super::{Occurrence, Tag, Times};

type Orphan<'a> = (Place, &'a Occurrence);

pub(super) struct Paired<'a> {
    pub moves: Vec<(Missing<'a>, Orphan<'a>)>,
    pub missing: Vec<Missing<'a>>,
    pub orphans: Vec<Orphan<'a>>,
}

/// First within one event, in the order of time; then whatever stands at the same time; then from series to series
/// of one calendar: no provider says of a second half which series it was cut off.
pub(super) fn pair<'a>(orphans: Vec<Orphan<'a>>, missing: Vec<Missing<'a>>) -> Paired<'a> {
    let mut paired = Paired { moves: Vec::new(), missing, orphans };
    paired.by(|place, _| Some(Key::Event(place.0, place.1.calendar, place.1.event)));
    paired.by(|place, times| Some(Key::Time(place.0, times)));
    paired.by(|place, _| place.1.original.map(|_| Key::Series(place.0, place.1.calendar)));
    paired
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Event(i64, Tag, Tag),
    Time(i64, Times),
    Series(i64, Tag),
}

impl<'a> Paired<'a> {
    /// What has no key stays as it is.
    fn by(&mut self, key: impl Fn(&Place, Times) -> Option<Key>) {
        if self.orphans.is_empty() || self.missing.is_empty() {
            return;
        }
        let (mut orphans, mut missing) =
            (std::mem::take(&mut self.orphans), std::mem::take(&mut self.missing));
        orphans.sort_by_key(|(place, copy)| (copy.times, *place));
        missing.sort_by_key(|wanted| (wanted.occurrence.times, wanted.place));
        let mut waiting: BTreeMap<Key, VecDeque<Orphan<'a>>> = BTreeMap::new();
        for orphan in orphans {
            match key(&orphan.0, orphan.1.times) {
                Some(key) => waiting.entry(key).or_default().push_back(orphan),
                None => self.orphans.push(orphan),
            }
        }
        for wanted in missing {
            let key = key(&wanted.place, wanted.occurrence.times);
            match key.and_then(|key| waiting.get_mut(&key)).and_then(VecDeque::pop_front) {
                Some(orphan) => self.moves.push((wanted, orphan)),
                None => self.missing.push(wanted),
            }
        }
        self.orphans.extend(waiting.into_values().flatten());
    }
}
