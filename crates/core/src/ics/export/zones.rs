//! A zone of the database as a component of a file (RFC 5545 §3.6.5): each change of its clock in the
//! years that matter, as the database has it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate, Offset, TimeDelta, TimeZone};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

use super::lines::{Lines, text};
use super::local;
use crate::event::Event;
use crate::time::{Instant, Span};

/// Series without an end are written with the rules of so many years to come.
const YEARS_AHEAD: i32 = 5;
/// Longer stretches would only fill the file.
const MOST_YEARS: i32 = 60;
const STEP: TimeDelta = TimeDelta::days(7);

/// What a clock shows: its offset, whether that is daylight saving, and the name of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Clock {
    offset_s: i32,
    daylight: bool,
    name: String,
}

pub(super) fn write(zone: &str, events: &[&Event], now: Instant, out: &mut Lines) {
    let Ok(tz) = zone.parse::<Tz>() else { return };
    let years = years(events, tz, now);
    let Some(begin) = start_of(*years.start()) else { return };
    let Some(end) = start_of(years.end().saturating_add(1)) else { return };
    out.put("BEGIN:VTIMEZONE");
    out.put(&format!("TZID:{}", tz.name()));
    let standing = clock(tz, begin);
    observance(&standing, standing.offset_s, &[begin], out);
    // One component for each kind of change, with the moments of it.
    let mut kinds: BTreeMap<(Clock, i32), Vec<Instant>> = BTreeMap::new();
    for (at, from) in changes(tz, begin, end) {
        kinds.entry((clock(tz, at), from.offset_s)).or_default().push(at);
    }
    for ((to, from_s), moments) in kinds {
        observance(&to, from_s, &moments, out);
    }
    out.put("END:VTIMEZONE");
}

fn observance(to: &Clock, from_s: i32, moments: &[Instant], out: &mut Lines) {
    let kind = if to.daylight { "DAYLIGHT" } else { "STANDARD" };
    // A change is written as the clock before it shows it.
    let shown = |at: &Instant| local(at.naive_utc() + TimeDelta::seconds(from_s.into()));
    out.put(&format!("BEGIN:{kind}"));
    let mut moments = moments.iter().map(shown);
    out.put(&format!("DTSTART:{}", moments.next().unwrap_or_default()));
    moments.for_each(|moment| out.put(&format!("RDATE:{moment}")));
    out.put(&format!("TZOFFSETFROM:{}", offset(from_s)));
    out.put(&format!("TZOFFSETTO:{}", offset(to.offset_s)));
    out.put(&format!("TZNAME:{}", text(&to.name)));
    out.put(&format!("END:{kind}"));
}

fn years(events: &[&Event], zone: Tz, now: Instant) -> RangeInclusive<i32> {
    let starts = events.iter().filter_map(|event| match event.fields.span {
        Span::Timed { start, zone: own, .. } if own == zone => Some(start.year()),
        _ => None,
    });
    let (mut first, mut last) = (now.year(), now.year());
    for year in starts {
        first = first.min(year);
        last = last.max(year);
    }
    let last = last.saturating_add(YEARS_AHEAD);
    first.saturating_sub(1).max(last.saturating_sub(MOST_YEARS))..=last
}

fn start_of(year: i32) -> Option<Instant> {
    Some(NaiveDate::from_ymd_opt(year, 1, 1)?.and_hms_opt(0, 0, 0)?.and_utc())
}

fn clock(zone: Tz, at: Instant) -> Clock {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    Clock {
        offset_s: offset.fix().local_minus_utc(),
        daylight: !offset.dst_offset().is_zero(),
        name: offset.abbreviation().unwrap_or(zone.name()).to_owned(),
    }
}

/// Each moment from which a clock of the zone shows something else, with what it showed before.
fn changes(zone: Tz, begin: Instant, end: Instant) -> Vec<(Instant, Clock)> {
    let mut found = Vec::new();
    let mut at = begin;
    while at < end {
        let next = (at + STEP).min(end);
        let before = clock(zone, at);
        if clock(zone, next) != before {
            found.push((change_within(zone, at, next, &before), before));
        }
        at = next;
    }
    found
}

/// The first second at which the clock no longer shows what it showed at `at`.
fn change_within(zone: Tz, mut at: Instant, mut changed: Instant, before: &Clock) -> Instant {
    while changed - at > TimeDelta::seconds(1) {
        let middle = at + TimeDelta::seconds((changed - at).num_seconds() / 2);
        if clock(zone, middle) == *before {
            at = middle;
        } else {
            changed = middle;
        }
    }
    changed
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{rest:02}")
    }
}
