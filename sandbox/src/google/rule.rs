//! Recurrence lines of an event: checked as Google checks them, and expanded in the wall time of the series.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rrule::{RRuleSet, Tz as RuleTz};

use super::{
    problem::Problem,
    span::{Original, Span, resolve},
};

/// More occurrences than this of one series are never expanded.
pub const OCCURRENCES_MAX: u16 = 2_000;

/// A series: its lines and the span of its first occurrence.
pub struct Series<'a> {
    lines: &'a [String],
    span: Span,
}

impl<'a> Series<'a> {
    pub fn new(lines: &'a [String], span: Span) -> Self {
        Self { lines, span }
    }

    /// Refuses what Google refuses: other lines than the four, times without a zone, all-day UNTIL with a time.
    pub fn check(&self) -> Result<(), Problem> {
        if let Span::Timed { start_zone, end_zone, .. } = self.span {
            let missing = |name| Problem::required(&format!("Missing time zone definition for {name} time."));
            start_zone.ok_or_else(|| missing("start"))?;
            end_zone.ok_or_else(|| missing("end"))?;
        }
        for line in self.lines {
            let Some((name, value)) = line.split_once(':') else { return Err(unreadable()) };
            let until = value.split(';').find_map(|part| part.strip_prefix("UNTIL="));
            let whole_days = matches!(self.span, Span::AllDay { .. });
            let known = matches!(name.split(';').next(), Some("RRULE" | "EXRULE" | "RDATE" | "EXDATE"));
            if !known || (whole_days && until.is_some_and(|until| until.contains('T'))) {
                return Err(unreadable());
            }
            if let "RRULE" | "EXRULE" = name {
                self.rule_set(value).ok_or_else(unreadable)?;
            }
        }
        Ok(())
    }

    /// Original starts at or after `from` and before `to`, in order.
    pub fn originals(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Original> {
        let (start, zone) = self.span.wall_start();
        // A day more on either side, since wall times and instants differ by up to that.
        let (low, high) = ((from - TimeDelta::days(1)).naive_utc(), (to + TimeDelta::days(1)).naive_utc());
        let mut walls = self.walls("RRULE", low, high);
        walls.extend(self.dates("RDATE").filter(|wall| (low..high).contains(wall)));
        if !self.lines.iter().any(|line| line.starts_with("RRULE")) {
            walls.insert(start);
        }
        for gone in self.walls("EXRULE", low, high) {
            walls.remove(&gone);
        }
        for line in self.lines.iter().filter(|line| line.starts_with("EXDATE")) {
            for gone in dates_of(line, zone, start.time()) {
                walls.remove(&gone);
            }
        }
        let originals = walls.into_iter().map(|wall| match zone {
            Some(zone) => Original::Instant(resolve(wall, zone)),
            None => Original::Date(wall.date()),
        });
        let within = |original: &Original| (from..to).contains(&original.instant(Tz::UTC));
        originals.filter(within).collect()
    }

    pub fn has(&self, original: Original) -> bool {
        let at = original.instant(Tz::UTC);
        self.originals(at, at + TimeDelta::seconds(1)).contains(&original)
    }

    fn walls(&self, name: &str, low: NaiveDateTime, high: NaiveDateTime) -> BTreeSet<NaiveDateTime> {
        let rules = self.lines.iter().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let sets = rules.filter_map(|rule| self.rule_set(rule));
        let (low, high) =
            (low.and_utc().with_timezone(&RuleTz::UTC), high.and_utc().with_timezone(&RuleTz::UTC));
        sets.flat_map(|set| set.after(low).before(high).all(OCCURRENCES_MAX).dates)
            .map(|date| date.naive_utc())
            .collect()
    }

    fn dates(&self, name: &'static str) -> impl Iterator<Item = NaiveDateTime> {
        let (start, zone) = self.span.wall_start();
        let lines = self.lines.iter().filter(move |line| line.starts_with(name));
        lines.flat_map(move |line| dates_of(line, zone, start.time()))
    }

    /// The rule over wall times, which are handed to the crate as if they were UTC.
    fn rule_set(&self, rule: &str) -> Option<RRuleSet> {
        let (start, zone) = self.span.wall_start();
        let part = |part: &str| match part.split_once('=') {
            Some(("UNTIL", until)) => {
                let wall = wall_of(until, zone, NaiveTime::from_hms_opt(23, 59, 59)?)?;
                Some(format!("UNTIL={}Z", wall.format("%Y%m%dT%H%M%S")))
            }
            _ => Some(part.to_owned()),
        };
        let parts: Option<Vec<String>> = rule.split(';').map(part).collect();
        let text = format!("DTSTART:{}Z\nRRULE:{}", start.format("%Y%m%dT%H%M%S"), parts?.join(";"));
        text.parse().ok()
    }
}

fn unreadable() -> Problem {
    Problem::invalid("Invalid recurrence rule.")
}

/// The dates of an `RDATE` or `EXDATE` line as wall times of the series.
fn dates_of(line: &str, zone: Option<Tz>, time: NaiveTime) -> Vec<NaiveDateTime> {
    let Some((name, values)) = line.split_once(':') else { return Vec::new() };
    let own = name.split(';').find_map(|part| part.strip_prefix("TZID=")?.parse::<Tz>().ok());
    let to_series = |wall: NaiveDateTime| match (own, zone) {
        (Some(own), Some(zone)) => resolve(wall, own).with_timezone(&zone).naive_local(),
        _ => wall,
    };
    let read = |text: &str| match text.ends_with('Z') {
        true => wall_of(text, zone, time),
        false => wall_of(text, zone, time).map(to_series),
    };
    values.split(',').filter_map(read).collect()
}

/// `20260302`, `20260302T090000` or `20260302T140000Z` as wall time in `zone`.
fn wall_of(text: &str, zone: Option<Tz>, time_of_date: NaiveTime) -> Option<NaiveDateTime> {
    if let Some(utc) = text.strip_suffix('Z') {
        let utc = NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S").ok()?.and_utc();
        return Some(zone.map_or(utc.naive_utc(), |zone| utc.with_timezone(&zone).naive_local()));
    }
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S")
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y%m%d").map(|day| day.and_time(time_of_date)))
        .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn timed(start: &str) -> Span {
        let edge = |hours: i64| {
            let wall =
                NaiveDateTime::parse_from_str(start, "%Y-%m-%dT%H:%M").unwrap() + TimeDelta::hours(hours);
            json!({"dateTime": wall.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": "America/Toronto"})
        };
        Span::read(Some(&edge(0)), Some(&edge(1))).unwrap()
    }

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    fn suffixes(lines: &[String], span: Span) -> Vec<String> {
        let series = Series::new(lines, span);
        series.check().unwrap();
        let originals = series.originals(at("2026-01-01T00:00:00Z"), at("2026-12-31T00:00:00Z"));
        originals.iter().map(Original::suffix).collect()
    }

    #[test]
    fn nine_oclock_stays_nine_oclock_over_the_change_of_clocks() {
        let lines = lines(&["RRULE:FREQ=WEEKLY;COUNT=2"]);
        assert_eq!(suffixes(&lines, timed("2026-03-02T09:00")), ["20260302T140000Z", "20260309T130000Z"]);
    }

    #[test]
    fn until_and_exdate_are_instants_but_count_in_the_series_zone() {
        let lines = lines(&[
            "RRULE:FREQ=DAILY;UNTIL=20260306T140000Z",
            "EXDATE:20260303T140000Z",
            "EXDATE;TZID=America/Toronto:20260304T090000",
        ]);
        assert_eq!(
            suffixes(&lines, timed("2026-03-02T09:00")),
            ["20260302T140000Z", "20260305T140000Z", "20260306T140000Z"]
        );
    }

    #[test]
    fn an_all_day_series_counts_days() {
        let span =
            Span::read(Some(&json!({"date": "2026-03-07"})), Some(&json!({"date": "2026-03-08"}))).unwrap();
        assert_eq!(
            suffixes(&lines(&["RRULE:FREQ=DAILY;UNTIL=20260309"]), span),
            ["20260307", "20260308", "20260309"]
        );
        assert!(Series::new(&lines(&["RRULE:FREQ=DAILY;UNTIL=20260309T000000Z"]), span).check().is_err());
    }

    #[test]
    fn a_timed_series_needs_a_zone() {
        let edge = json!({"dateTime": "2026-03-02T09:00:00-05:00"});
        let span = Span::read(Some(&edge), Some(&edge)).unwrap();
        assert_eq!(Series::new(&lines(&["RRULE:FREQ=DAILY"]), span).check().unwrap_err().reason, "required");
    }

    #[test]
    fn other_lines_are_refused() {
        for line in ["DTSTART:20260302T090000Z", "RRULE:FREQ=SOMETIMES", "FREQ=DAILY", "RRULE"] {
            assert!(Series::new(&lines(&[line]), timed("2026-03-02T09:00")).check().is_err(), "{line}");
        }
    }

    #[test]
    fn only_what_the_rule_gives_is_an_occurrence() {
        let lines = lines(&["RRULE:FREQ=WEEKLY;COUNT=2"]);
        let series = Series::new(&lines, timed("2026-03-02T09:00"));
        assert!(series.has(Original::Instant(at("2026-03-09T13:00:00Z"))));
        assert!(!series.has(Original::Instant(at("2026-03-16T13:00:00Z"))));
    }
}
