//! Instants, half-open intervals, and the spans that events have: timed, all-day or floating.

use chrono::{
    DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A point in time. Zones are kept beside it where they matter.
pub type Instant = DateTime<Utc>;

/// A half-open stretch of time; never empty, never inverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bounds")]
pub struct Interval {
    start: Instant,
    end: Instant,
}

/// The unchecked form of an [`Interval`], as it arrives from outside.
#[derive(Deserialize)]
struct Bounds {
    start: Instant,
    end: Instant,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an interval must end after it starts ({start} – {end})")]
pub struct EmptyInterval {
    start: Instant,
    end: Instant,
}

impl TryFrom<Bounds> for Interval {
    type Error = EmptyInterval;
    fn try_from(bounds: Bounds) -> Result<Self, EmptyInterval> {
        Interval::new(bounds.start, bounds.end).ok_or(EmptyInterval { start: bounds.start, end: bounds.end })
    }
}

impl Interval {
    /// `None` when the end is not after the start.
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start < end).then_some(Interval { start, end })
    }

    pub fn start(&self) -> Instant {
        self.start
    }

    pub fn end(&self) -> Instant {
        self.end
    }

    pub fn length(&self) -> TimeDelta {
        self.end - self.start
    }

    pub fn overlaps(&self, other: &Interval) -> bool {
        self.start < other.end && other.start < self.end
    }

    pub fn contains(&self, other: &Interval) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    pub fn intersection(&self, other: &Interval) -> Option<Interval> {
        Interval::new(self.start.max(other.start), self.end.min(other.end))
    }
}

/// When an event takes place, in the form its owner gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Span {
    /// Fixed instants; `zone` is the one its series repeats in (RFC 5545 §3.3.5, form 3).
    Timed { start: Instant, end: Instant, zone: Tz },
    /// Whole days; `end` is exclusive (RFC 5545 §3.6.1).
    AllDay { start: NaiveDate, end: NaiveDate },
    /// The same wall time wherever one is (RFC 5545 §3.3.5, form 1).
    Floating { start: NaiveDateTime, end: NaiveDateTime },
}

impl Span {
    /// The instants this span covers for an owner who lives in `owner_zone`.
    /// An event without length still stands at its start, so it is `None` only there.
    pub fn interval(&self, owner_zone: Tz) -> Option<Interval> {
        let (start, end) = self.bounds(owner_zone);
        Interval::new(start, end)
    }

    /// First instant and the first one after, equal for an event without length.
    pub fn bounds(&self, owner_zone: Tz) -> (Instant, Instant) {
        match self {
            Span::Timed { start, end, .. } => (*start, *end),
            Span::AllDay { start, end } => (day_start(*start, owner_zone), day_start(*end, owner_zone)),
            Span::Floating { start, end } => resolve_both(*start, *end, owner_zone),
        }
    }

    pub fn is_all_day(&self) -> bool {
        matches!(self, Span::AllDay { .. })
    }

    /// True when the span has no negative length; all-day spans need a day at least.
    pub fn is_ordered(&self) -> bool {
        match self {
            Span::Timed { start, end, .. } => start <= end,
            Span::AllDay { start, end } => start < end,
            Span::Floating { start, end } => start <= end,
        }
    }
}

/// The instant of a wall time. In a gap the offset before it counts, in a fold the first of the
/// two, as RFC 5545 §3.3.5 says.
pub fn resolve(wall: NaiveDateTime, zone: Tz) -> Instant {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) => at.with_timezone(&Utc),
        LocalResult::Ambiguous(first, _) => first.with_timezone(&Utc),
        LocalResult::None => with_offset_before(wall, zone),
    }
}

/// The instants between which something takes place that the clock of `zone` is to time. What begins in
/// a gap keeps its length: its end alone, read by the new offset, could come before the start.
pub fn resolve_both(start: NaiveDateTime, end: NaiveDateTime, zone: Tz) -> (Instant, Instant) {
    let at = resolve(start, zone);
    (at, if shows(start, zone) { resolve(end, zone) } else { at + (end - start) })
}

/// False for the wall times that a clock change leaves out.
pub fn shows(wall_time: NaiveDateTime, zone: Tz) -> bool {
    wall(resolve(wall_time, zone), zone) == wall_time
}

/// The wall time that a clock change leaves out and that means `at`, where there is one: [`resolve`] reversed.
pub fn skipped(at: Instant, zone: Tz) -> Option<NaiveDateTime> {
    let before = zone.offset_from_utc_datetime(&(at.naive_utc() - TimeDelta::days(2))).fix();
    let named = at.naive_utc() + before;
    (!shows(named, zone) && resolve(named, zone) == at).then_some(named)
}

fn with_offset_before(wall: NaiveDateTime, zone: Tz) -> Instant {
    // No gap of the zone database is longer than a day (Samoa skipped one in 2011).
    let before = zone.offset_from_utc_datetime(&(wall - TimeDelta::days(2))).fix();
    Utc.from_utc_datetime(&(wall - before))
}

/// The first instant of a local day; it is not always midnight (some zones change at 00:00).
pub fn day_start(date: NaiveDate, zone: Tz) -> Instant {
    resolve(date.and_time(NaiveTime::MIN), zone)
}

/// The local days `from..to`, as instants.
pub fn days(from: NaiveDate, to: NaiveDate, zone: Tz) -> Option<Interval> {
    Interval::new(day_start(from, zone), day_start(to, zone))
}

/// The day after, or the same one at the end of the calendar.
pub fn next_day(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(date)
}

/// The wall time that `zone` shows at `at`.
pub fn wall(at: Instant, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The version of the one zone database in use, as the About page shows it.
pub fn zone_database() -> &'static str {
    chrono_tz::IANA_TZDB_VERSION
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::New_York;
    use chrono_tz::Pacific::Apia;

    fn wall_time(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn instant(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_wall_time_in_the_spring_gap_takes_the_offset_before_it() {
        assert_eq!(resolve(wall_time("2026-03-08T02:30:00"), New_York), instant("2026-03-08T07:30:00Z"));
    }

    #[test]
    fn a_floating_span_that_starts_in_the_spring_gap_keeps_its_length() {
        let span =
            Span::Floating { start: wall_time("2026-03-08T02:54:00"), end: wall_time("2026-03-08T03:44:00") };
        let covered = span.interval(New_York).unwrap();
        let expected = (instant("2026-03-08T07:54:00Z"), instant("2026-03-08T08:44:00Z"));
        assert_eq!((covered.start(), covered.end()), expected);
    }

    #[test]
    fn a_wall_time_in_the_autumn_fold_is_the_first_of_the_two() {
        assert_eq!(resolve(wall_time("2026-11-01T01:30:00"), New_York), instant("2026-11-01T05:30:00Z"));
    }

    #[test]
    fn a_day_that_a_zone_skipped_still_has_a_start() {
        let skipped = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap();
        assert_eq!(day_start(skipped, Apia), instant("2011-12-30T10:00:00Z"));
    }

    #[test]
    fn an_all_day_span_runs_from_the_owners_midnight_to_the_next() {
        let date = NaiveDate::from_ymd_opt(2026, 3, 8).unwrap();
        let span = Span::AllDay { start: date, end: next_day(date) };
        let covered = span.interval(New_York).unwrap();
        assert_eq!(covered.length(), TimeDelta::hours(23));
    }

    #[test]
    fn an_interval_from_outside_cannot_be_inverted() {
        let inverted = r#"{"start":"2026-01-02T00:00:00Z","end":"2026-01-01T00:00:00Z"}"#;
        assert!(serde_json::from_str::<Interval>(inverted).is_err());
    }
}
