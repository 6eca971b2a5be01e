//! The algebra of free and busy time: lists of half-open intervals, sorted, disjoint, never touching.

use crate::time::Interval;

/// Sorted and joined; intervals that touch become one.
pub fn merge(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    let mut merged: Vec<Interval> = Vec::with_capacity(intervals.len());
    for next in intervals {
        match merged.last_mut() {
            Some(last) if next.start() <= last.end() => *last = hull(*last, next),
            _ => merged.push(next),
        }
    }
    merged
}

/// What of `from` lies in none of `minus`.
pub fn subtract(from: Vec<Interval>, minus: Vec<Interval>) -> Vec<Interval> {
    let minus = merge(minus);
    let mut rest = Vec::new();
    let mut passed = 0;
    for whole in merge(from) {
        // Both lists rise, so what ends before this interval ends before every later one.
        passed += minus.iter().skip(passed).take_while(|cut| cut.end() <= whole.start()).count();
        let mut open = whole.start();
        for cut in minus.iter().skip(passed).take_while(|cut| cut.start() < whole.end()) {
            rest.extend(Interval::new(open, cut.start()));
            open = open.max(cut.end());
        }
        rest.extend(Interval::new(open, whole.end()));
    }
    rest
}

/// What lies in both lists.
pub fn intersect(left: Vec<Interval>, right: Vec<Interval>) -> Vec<Interval> {
    let (left, right) = (merge(left), merge(right));
    let mut common = Vec::new();
    let (mut ours, mut theirs) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(a), Some(b)) = (ours.peek(), theirs.peek()) {
        common.extend(a.intersection(b));
        if a.end() <= b.end() {
            ours.next();
        } else {
            theirs.next();
        }
    }
    common
}

/// What lies in every list; nothing when there is no list.
pub fn intersect_all(lists: impl IntoIterator<Item = Vec<Interval>>) -> Vec<Interval> {
    lists.into_iter().reduce(intersect).map(merge).unwrap_or_default()
}

fn hull(a: Interval, b: Interval) -> Interval {
    Interval::new(a.start().min(b.start()), a.end().max(b.end())).unwrap_or(a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;

    fn minutes(from: i64, to: i64) -> Option<Interval> {
        let at = |minute| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        Interval::new(at(from), at(to))
    }

    fn list(pairs: &[(i64, i64)]) -> Vec<Interval> {
        pairs.iter().filter_map(|(from, to)| minutes(*from, *to)).collect()
    }

    fn covers(intervals: &[Interval], minute: i64) -> bool {
        minutes(minute, minute + 1).is_some_and(|it| intervals.iter().any(|whole| whole.contains(&it)))
    }

    fn any_list() -> impl Strategy<Value = Vec<Interval>> {
        proptest::collection::vec((0_i64..200, 1_i64..40), 0..12)
            .prop_map(|pairs| list(&pairs.iter().map(|(at, len)| (*at, at + len)).collect::<Vec<_>>()))
    }

    #[test]
    fn touching_intervals_merge() {
        assert_eq!(merge(list(&[(10, 20), (0, 10), (15, 30)])), list(&[(0, 30)]));
    }

    #[test]
    fn a_cut_across_both_edges_leaves_the_middle() {
        assert_eq!(subtract(list(&[(10, 100)]), list(&[(0, 20), (90, 120)])), list(&[(20, 90)]));
    }

    #[test]
    fn no_list_has_nothing_in_common() {
        assert!(intersect_all([]).is_empty());
    }

    proptest! {
        #[test]
        fn the_algebra_agrees_with_counting_minutes(left in any_list(), right in any_list()) {
            let merged = merge(left.clone());
            let less = subtract(left.clone(), right.clone());
            let both = intersect(left.clone(), right.clone());
            for minute in 0..245 {
                let (ours, theirs) = (covers(&left, minute), covers(&right, minute));
                prop_assert_eq!(covers(&merged, minute), ours);
                prop_assert_eq!(covers(&less, minute), ours && !theirs);
                prop_assert_eq!(covers(&both, minute), ours && theirs);
            }
        }

        #[test]
        fn results_rise_and_never_touch(left in any_list(), right in any_list()) {
            for result in [merge(left.clone()), subtract(left.clone(), right.clone()), intersect(left, right)] {
                for pair in result.windows(2) {
                    prop_assert!(pair[0].end() < pair[1].start());
                }
            }
        }
    }
}
