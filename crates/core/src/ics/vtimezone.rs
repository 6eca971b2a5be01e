//! A `VTIMEZONE` for a zone of the database: readers that do not know the name find its rules there.
//!
//! Where the clocks change by the same yearly rule for the years ahead, that rule is written; where
//! they do not (Morocco moves with the moon), each change of those years stands by itself.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Weekday};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

/// Years that are looked at, from the one before the event on.
const YEARS_AHEAD: i32 = 12;
const STEP: TimeDelta = TimeDelta::hours(12);

/// A change of the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    /// What the clock showed when it happened.
    at: NaiveDateTime,
    from_s: i32,
    to_s: i32,
    daylight: bool,
    name: String,
}

/// The lines of the component.
pub(super) fn lines(zone: Tz, name: &str, year: i32) -> Vec<String> {
    let changes = changes(zone, year - 1, year + YEARS_AHEAD);
    let mut lines = vec!["BEGIN:VTIMEZONE".to_owned(), format!("TZID:{name}")];
    if changes.is_empty() {
        lines.extend(observance(&[&standing(zone, year)], false));
    }
    for kind in kinds(&changes) {
        let of_kind: Vec<&Change> = changes.iter().filter(|change| is_alike(change, kind)).collect();
        lines.extend(observance(&of_kind, is_yearly(&of_kind)));
    }
    lines.push("END:VTIMEZONE".to_owned());
    lines
}

/// One change of each kind.
fn kinds(changes: &[Change]) -> Vec<&Change> {
    let mut kinds: Vec<&Change> = Vec::new();
    for change in changes {
        if !kinds.iter().any(|kind| is_alike(kind, change)) {
            kinds.push(change);
        }
    }
    kinds
}

fn is_alike(one: &Change, other: &Change) -> bool {
    (one.from_s, one.to_s, one.daylight) == (other.from_s, other.to_s, other.daylight)
}

fn observance(changes: &[&Change], yearly: bool) -> Vec<String> {
    let Some(first) = changes.first() else { return Vec::new() };
    let kind = if first.daylight { "DAYLIGHT" } else { "STANDARD" };
    let mut lines = vec![format!("BEGIN:{kind}"), format!("DTSTART:{}", written(first.at))];
    lines.push(format!("TZOFFSETFROM:{}", offset(first.from_s)));
    lines.push(format!("TZOFFSETTO:{}", offset(first.to_s)));
    if !first.name.is_empty() {
        lines.push(format!("TZNAME:{}", first.name));
    }
    match yearly.then(|| yearly_rule(changes)).flatten() {
        Some(rule) => lines.push(rule),
        None => lines.extend(changes.iter().skip(1).map(|change| format!("RDATE:{}", written(change.at)))),
    }
    lines.push(format!("END:{kind}"));
    lines
}

/// Once in each of the years, by one rule.
fn is_yearly(changes: &[&Change]) -> bool {
    let every_year = changes.windows(2).all(|pair| match pair {
        [one, next] => one.at.year() + 1 == next.at.year() && one.at.time() == next.at.time(),
        _ => true,
    });
    every_year && changes.len() >= usize::try_from(YEARS_AHEAD).unwrap_or(usize::MAX)
}

/// `-1SU` when it is always the month's last such day, else the count from its beginning.
fn yearly_rule(changes: &[&Change]) -> Option<String> {
    let first = changes.first()?.at;
    let same_day =
        |change: &&Change| change.at.month() == first.month() && change.at.weekday() == first.weekday();
    if !changes.iter().all(same_day) {
        return None;
    }
    let from_begin = |at: NaiveDateTime| at.day0() / 7 + 1;
    let is_last = |at: NaiveDateTime| (at + TimeDelta::days(7)).month() != at.month();
    let count = if changes.iter().all(|change| is_last(change.at)) {
        "-1".to_owned()
    } else if changes.iter().all(|change| from_begin(change.at) == from_begin(first)) {
        from_begin(first).to_string()
    } else {
        return None;
    };
    Some(format!("RRULE:FREQ=YEARLY;BYMONTH={};BYDAY={count}{}", first.month(), letters(first.weekday())))
}

fn letters(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

/// The state of a zone whose clocks do not change.
fn standing(zone: Tz, year: i32) -> Change {
    let at = midnight(year);
    let local = zone.offset_from_utc_datetime(&at);
    let to_s = local.fix().local_minus_utc();
    Change { at, from_s: to_s, to_s, daylight: false, name: named(local.abbreviation()) }
}

fn changes(zone: Tz, from: i32, to: i32) -> Vec<Change> {
    let (mut at, end) = (midnight(from), midnight(to));
    let mut found = Vec::new();
    while at < end {
        let next = at + STEP;
        if state(zone, at) != state(zone, next) {
            found.push(between(zone, at, next));
        }
        at = next;
    }
    found
}

fn midnight(year: i32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(chrono::NaiveTime::MIN)
}

/// Offset in seconds, and whether that is summer time.
fn state(zone: Tz, utc: NaiveDateTime) -> (i32, bool) {
    let local = zone.offset_from_utc_datetime(&utc);
    (local.fix().local_minus_utc(), !local.dst_offset().is_zero())
}

/// The first second of the new state, by halving.
fn between(zone: Tz, mut before: NaiveDateTime, mut after: NaiveDateTime) -> Change {
    let old = state(zone, before);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + (after - before) / 2;
        let middle = middle.and_utc().timestamp();
        let middle = chrono::DateTime::from_timestamp(middle, 0).unwrap_or_default().naive_utc();
        if state(zone, middle) == old { before = middle } else { after = middle }
    }
    let (to_s, daylight) = state(zone, after);
    let name = named(zone.offset_from_utc_datetime(&after).abbreviation());
    Change { at: after + TimeDelta::seconds(old.0.into()), from_s: old.0, to_s, daylight, name }
}

/// The database names some offsets by their numbers, which are no names.
fn named(abbreviation: Option<&str>) -> String {
    abbreviation.filter(|it| it.starts_with(|letter: char| letter.is_alphabetic())).unwrap_or_default().into()
}

fn written(at: NaiveDateTime) -> String {
    at.format("%Y%m%dT%H%M%S").to_string()
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds.abs() / 3600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    let rest = if rest == 0 { String::new() } else { format!("{rest:02}") };
    format!("{sign}{hours:02}{minutes:02}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ics::{Expanded, expand};

    #[test]
    fn a_zone_with_summer_time_is_two_yearly_rules() {
        let text = lines(Tz::America__Toronto, "America/Toronto", 2026).join("\n");
        assert!(
            text.contains("TZOFFSETTO:-0400\nTZNAME:EDT\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"),
            "{text}"
        );
        assert!(
            text.contains("TZOFFSETTO:-0500\nTZNAME:EST\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"),
            "{text}"
        );
        let berlin = lines(Tz::Europe__Berlin, "Europe/Berlin", 2026).join("\n");
        assert!(berlin.contains("BYMONTH=10;BYDAY=-1SU"), "{berlin}");
    }

    #[test]
    fn a_zone_without_changes_is_one_standing_offset() {
        let text = lines(Tz::Asia__Kolkata, "Asia/Kolkata", 2026).join("\n");
        assert!(
            text.contains("BEGIN:STANDARD\nDTSTART:20260101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530")
        );
        assert_eq!(text.matches("BEGIN:").count(), 2);
    }

    /// The reader holds a zone of an unknown name against the whole database by its rules.
    #[test]
    fn the_rules_mean_the_same_clock_as_the_zone() {
        for zone in [Tz::America__Toronto, Tz::Europe__Berlin, Tz::Pacific__Auckland, Tz::Africa__Casablanca]
        {
            let zone_lines = lines(zone, "Custom", 2026).join("\r\n");
            for day in ["20260115", "20260402", "20260715", "20261101"] {
                let event = format!(
                    "BEGIN:VCALENDAR\r\n{zone_lines}\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Custom:{day}T120000\r\n\
                     END:VEVENT\r\nEND:VCALENDAR\r\n"
                );
                let dates = ("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
                let Expanded { lines, .. } = expand(&event, dates.0, dates.1, Tz::UTC).unwrap();
                let wall = NaiveDateTime::parse_from_str(&format!("{day}T120000"), "%Y%m%dT%H%M%S").unwrap();
                let meant = crate::time::resolve(wall, zone);
                assert_eq!(lines[0].start, meant.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "{zone} {day}");
            }
        }
    }
}
