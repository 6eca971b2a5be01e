//! Gives copies whose occurrence is gone to occurrences that have no copy yet.
//!
//! When a whole series moves, all its occurrences are other ones; when it is split, they belong to
//! another event. Their copies are moved or renamed instead of being deleted and made again.

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

/// First within one event, in the order of time; then whatever stands at the same time.
pub(super) fn pair<'a>(orphans: Vec<Orphan<'a>>, missing: Vec<Missing<'a>>) -> Paired<'a> {
    let mut paired = Paired { moves: Vec::new(), missing, orphans };
    paired.by(|place, _| Key::Event(place.0, place.1.calendar, place.1.event));
    paired.by(|place, times| Key::Time(place.0, times));
    paired
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Event(i64, Tag, Tag),
    Time(i64, Times),
}

impl<'a> Paired<'a> {
    fn by(&mut self, key: impl Fn(&Place, Times) -> Key) {
        if self.orphans.is_empty() || self.missing.is_empty() {
            return;
        }
        let (mut orphans, mut missing) =
            (std::mem::take(&mut self.orphans), std::mem::take(&mut self.missing));
        orphans.sort_by_key(|(place, copy)| (copy.times, *place));
        missing.sort_by_key(|wanted| (wanted.occurrence.times, wanted.place));
        let mut waiting: BTreeMap<Key, VecDeque<Orphan<'a>>> = BTreeMap::new();
        for orphan in orphans {
            waiting.entry(key(&orphan.0, orphan.1.times)).or_default().push_back(orphan);
        }
        for wanted in missing {
            let found = waiting.get_mut(&key(&wanted.place, wanted.occurrence.times));
            match found.and_then(VecDeque::pop_front) {
                Some(orphan) => self.moves.push((wanted, orphan)),
                None => self.missing.push(wanted),
            }
        }
        self.orphans = waiting.into_values().flatten().collect();
    }
}
