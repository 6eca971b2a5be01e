//! Offered starts as a viewer's calendar shows them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::clock::dates;
use crate::time::{Instant, wall};

/// Starts under the dates that the viewer's clock shows. Starts stay instants until here, so the
/// viewer's zone can neither lose a time nor show it twice.
pub fn by_date(starts: &[Instant], viewer: Tz) -> BTreeMap<NaiveDate, Vec<Instant>> {
    let mut days: BTreeMap<NaiveDate, Vec<Instant>> = BTreeMap::new();
    for start in starts {
        days.entry(wall(*start, viewer).date()).or_default().push(*start);
    }
    days
}

/// The dates from `first` to `last`, both included, that have no start.
pub fn closed_dates(
    days: &BTreeMap<NaiveDate, Vec<Instant>>,
    first: NaiveDate,
    last: NaiveDate,
) -> Vec<NaiveDate> {
    dates(first, last).filter(|date| !days.contains_key(date)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::New_York;

    #[test]
    fn a_start_stands_under_the_viewers_date_on_a_clock_change_too() {
        let starts = ["2026-11-01T03:59:00Z", "2026-11-01T04:00:00Z", "2026-11-02T04:59:00Z"];
        let starts: Vec<Instant> = starts.iter().map(|at| at.parse().unwrap()).collect();
        let days = by_date(&starts, New_York);
        let counts: Vec<_> = days.iter().map(|(date, starts)| (date.to_string(), starts.len())).collect();
        assert_eq!(counts, [("2026-10-31".into(), 1), ("2026-11-01".into(), 2)]);
    }

    #[test]
    fn dates_without_a_start_are_closed() {
        let days = by_date(&["2026-03-03T10:00:00Z".parse().unwrap()], Tz::UTC);
        let closed = closed_dates(&days, "2026-03-02".parse().unwrap(), "2026-03-04".parse().unwrap());
        assert_eq!(closed.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-03-02", "2026-03-04"]);
    }
}
