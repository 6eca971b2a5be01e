//! When a run that nobody asked for would delete so much that its deletes have to be looked at first.

use std::collections::BTreeMap;

/// More deletions than this in one run.
pub const MOST: usize = 20;
/// More than one event in this many of a calendar…
pub const SHARE: usize = 10;
/// …that has at least this many.
pub const FEW: usize = 10;

/// Whether the run’s deletes must wait. `deletes` and `events` count by calendar: what would go, and what is there.
pub fn stops(deletes: &BTreeMap<i64, usize>, events: &BTreeMap<i64, usize>) -> bool {
    let share = |(calendar, deleted): (&i64, &usize)| {
        let all = events.get(calendar).copied().unwrap_or_default();
        all >= FEW && deleted * SHARE > all
    };
    deletes.values().sum::<usize>() > MOST || deletes.iter().any(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(deletes: usize, events: usize) -> bool {
        stops(&BTreeMap::from([(1, deletes)]), &BTreeMap::from([(1, events)]))
    }

    #[test]
    fn a_run_stops_at_more_than_twenty_or_a_tenth_of_a_calendar() {
        assert!(!of(20, 1_000));
        assert!(of(21, 1_000));
        assert!(!of(2, 20));
        assert!(of(3, 20));
        assert!(!of(9, 9), "a tenth of next to nothing says nothing");
        let spread = BTreeMap::from([(1, 7), (2, 7), (3, 7)]);
        assert!(stops(&spread, &BTreeMap::new()), "the run counts, not the calendar alone");
    }
}
