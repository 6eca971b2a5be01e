//! Writes a whole calendar as an iCalendar file: masters, exceptions, left-out dates, and the zones
//! they repeat in. Whatever a text holds, it cannot end its line: no foreign property comes out of it.

mod lines;
mod people;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::values::{exact, is_writable_end};
use crate::event::{Event, Fields, Original, ShowAs, Status, Visibility};
use crate::recurrence::{beginning, named};
use crate::time::{Instant, Span, resolve, shows, wall};
use lines::{Lines, text};
pub use people::lines_of;

/// An event with what its provider has of it beyond the fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    pub event: Event,
    /// Content lines: of the event itself, then whole components such as alarms.
    pub lines: Vec<String>,
}

impl From<Event> for Exported {
    /// With nothing but its fields.
    fn from(event: Event) -> Self {
        Exported { event, lines: Vec::new() }
    }
}

/// The file for `events` as they stand at `now`. Exceptions name their master by its `id`, and have
/// its `uid`.
pub fn export(name: &str, exported: &[Exported], now: Instant) -> String {
    let events: Vec<&Event> = exported.iter().map(|it| &it.event).collect();
    let mut out = Lines::default();
    out.put("BEGIN:VCALENDAR");
    out.put("VERSION:2.0");
    out.put("PRODID:-//Daymark//Daymark//EN");
    out.put("CALSCALE:GREGORIAN");
    out.put(&format!("X-WR-CALNAME:{}", text(name)));
    for zone in zones_of(&events) {
        zones::write(zone, &events, now, &mut out);
    }
    let left_out = left_out(&events);
    let masters: BTreeMap<&str, &Event> =
        events.iter().filter(|it| it.series.is_none()).map(|it| (it.id.0.as_str(), *it)).collect();
    for Exported { event, lines } in exported.iter().filter(|it| it.event.status != Status::Cancelled) {
        let master = event.series.as_ref().and_then(|series| masters.get(series.master.0.as_str()));
        let without = left_out.get(event.id.0.as_str()).filter(|_| event.series.is_none());
        write(event, master.copied(), without.map_or(&[], Vec::as_slice), now, &mut out);
        lines.iter().for_each(|line| out.put(line));
        out.put("END:VEVENT");
    }
    out.put("END:VCALENDAR");
    out.finish()
}

/// The occurrences that somebody cancelled, by their series. Every reader knows left-out dates; few
/// know cancelled exceptions.
fn left_out<'e>(events: &[&'e Event]) -> BTreeMap<&'e str, Vec<Original>> {
    let mut left_out: BTreeMap<&str, Vec<Original>> = BTreeMap::new();
    for event in events.iter().copied().filter(|event| event.status == Status::Cancelled) {
        if let Some(series) = &event.series {
            left_out.entry(&series.master.0).or_default().push(series.original);
        }
    }
    left_out
}

fn zones_of(events: &[&Event]) -> BTreeSet<&'static str> {
    let zone = |event: &Event| match event.fields.span {
        Span::Timed { zone, .. } if zone != Tz::UTC => Some(zone.name()),
        _ => None,
    };
    events.iter().copied().filter_map(zone).collect()
}

/// The event without its end.
fn write(event: &Event, master: Option<&Event>, left_out: &[Original], now: Instant, out: &mut Lines) {
    let fields = &event.fields;
    // An occurrence is named in the form of its series' first one.
    let series = master.map_or(fields, |master| &master.fields);
    out.put("BEGIN:VEVENT");
    out.put(&format!("UID:{}", text(&event.uid)));
    out.put(&format!("DTSTAMP:{}", utc(now)));
    if let Some(updated) = event.updated {
        out.put(&format!("LAST-MODIFIED:{}", utc(updated)));
    }
    if let Some(place) = &event.series {
        out.put(&original("RECURRENCE-ID", place.original, series));
    }
    span(fields, out);
    if event.series.is_none() {
        fields.recurrence.iter().filter_map(|line| lines::recurrence(line)).for_each(|line| out.put(&line));
        left_out.iter().for_each(|it| out.put(&original("EXDATE", *it, series)));
    }
    for (name, value) in
        [("SUMMARY", &fields.title), ("DESCRIPTION", &fields.description), ("LOCATION", &fields.location)]
    {
        if !value.is_empty() {
            out.put(&format!("{name}:{}", text(value)));
        }
    }
    words(event, out);
}

fn words(event: &Event, out: &mut Lines) {
    if event.status == Status::Tentative || event.fields.show_as == ShowAs::Tentative {
        out.put("STATUS:TENTATIVE");
    }
    if matches!(event.fields.show_as, ShowAs::Free | ShowAs::WorkingElsewhere) {
        out.put("TRANSP:TRANSPARENT");
    }
    match event.fields.visibility {
        Visibility::Default => {}
        Visibility::Public => out.put("CLASS:PUBLIC"),
        Visibility::Private => out.put("CLASS:PRIVATE"),
    }
}

fn span(fields: &Fields, out: &mut Lines) {
    let ends = is_writable_end(&fields.span);
    match &fields.span {
        Span::Timed { start, end, zone } if begins_in_gap(fields) => {
            out.put(&timed("DTSTART", *start, *zone, fields));
            out.put(&format!("DURATION:{}", exact(*end - *start)));
        }
        Span::Timed { start, end, zone } => {
            out.put(&shown("DTSTART", *start, *zone));
            // An end must come after the start; without one the event has no length.
            if ends && end > start {
                out.put(&shown("DTEND", *end, *zone));
            }
        }
        Span::AllDay { start, end } => {
            out.put(&whole("DTSTART", *start));
            if ends {
                out.put(&whole("DTEND", *end));
            }
        }
        Span::Floating { start, end } => {
            out.put(&format!("DTSTART:{}", local(*start)));
            if ends && end > start {
                out.put(&format!("DTEND:{}", local(*end)));
            }
        }
    }
}

/// A length means the same to all readers there; an end does not.
fn begins_in_gap(fields: &Fields) -> bool {
    beginning(&fields.span, &fields.recurrence).is_some()
}

fn original(name: &str, original: Original, series: &Fields) -> String {
    match (original, &series.span) {
        (Original::At(at), Span::Timed { zone, .. }) => timed(name, at, *zone, series),
        (Original::At(at), _) => shown(name, at, Tz::UTC),
        (Original::On(date), _) => whole(name, date),
        (Original::Floating(at), _) => format!("{name}:{}", local(at)),
    }
}

/// In the hour that a clock leaves out, as its series calls it.
fn timed(name: &str, at: Instant, zone: Tz, series: &Fields) -> String {
    match named(series, at) {
        named if shows(named, zone) => shown(name, at, zone),
        left_out => format!("{name};TZID={}:{}", zone.name(), local(left_out)),
    }
}

/// In its zone, but for the hour that clocks show twice: a wall time means the first of the two
/// there, so the second is written in UTC.
fn shown(name: &str, at: Instant, zone: Tz) -> String {
    let shown = wall(at, zone);
    if zone == Tz::UTC || resolve(shown, zone) != at {
        return format!("{name}:{}", utc(at));
    }
    format!("{name};TZID={}:{}", zone.name(), local(shown))
}

fn whole(name: &str, date: NaiveDate) -> String {
    format!("{name};VALUE=DATE:{}", date.format("%Y%m%d"))
}

fn utc(at: Instant) -> String {
    format!("{}Z", local(at.naive_utc()))
}

fn local(at: NaiveDateTime) -> String {
    at.format("%Y%m%dT%H%M%S").to_string()
}

#[cfg(test)]
mod tests;
