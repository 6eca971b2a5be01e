//! iCalendar files (RFC 5545): what they hold, and what of it happens between two dates.
//!
//! The crate `calcard` reads the text, here it becomes events and series. Files come from anywhere,
//! so what is missing gets the default that the standard names, what is wrong is set aside and named,
//! and the rest is shown.

mod deltas;
mod details;
mod export;
mod forgiven;
mod length;
mod parse;
mod resource;
mod rules;
mod text;
mod texts;
mod values;
mod vtimezone;
mod write;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use serde::Serialize;

pub use deltas::{Deltas, deltas};
pub use details::details;
pub use export::{Exported, export, lines_of};
use parse::{Asked, OwnZones, parse_for};
pub use parse::{Entry, parse};
pub use resource::{Reader, Resource, ResourceError, glimpse, has_attendees, read, uid};
pub use write::{
    Cancelled, Pen, Place, WriteError, cancel, change, create, create_like, delete, is_whole, unmanaged,
};
pub use zones::zone_of_calendar;

use crate::event::{Fields, Original, Status};
use crate::recurrence::{self, BUDGET, Exception, Occurrence, Series};
use crate::time::{Instant, Interval, Span, days, resolve, wall};

/// What the keys of Daymark's marks begin with; their properties are the same with `X-` before it.
const MARK: &str = "daymark-";

/// Where Outlook, and others after it, say more than taken or free.
const BUSY_STATUS: &str = "X-MICROSOFT-CDO-BUSYSTATUS";

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IcsError {
    #[error("this is no iCalendar file: it has no BEGIN:VCALENDAR")]
    NoCalendar,
    #[error("the last day must come after the first one")]
    NoDays,
}

/// One occurrence: instants as `…Z`, whole days as dates with an exclusive end, floating times
/// without an offset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub uid: String,
    /// Where the occurrence of a series stood before anyone moved it; null for a single event.
    pub recurrence_id: Option<String>,
    pub start: String,
    pub end: String,
    pub all_day: bool,
    pub summary: String,
    pub status: Status,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    pub lines: Vec<Line>,
    /// What could not be shown, in words.
    pub problems: Vec<String>,
    /// How many of them are no fault of the text: a series has more occurrences than are shown.
    pub cut: usize,
    /// The text may hold more than could be read.
    pub broken: bool,
}

/// What a calendar file says happens on the days from `from` up to, but not including, `to`.
/// Days begin, and floating times are meant, in `zone`.
pub fn expand(text: &str, from: NaiveDate, to: NaiveDate, zone: Tz) -> Result<Expanded, IcsError> {
    let window = days(from, to, zone).ok_or(IcsError::NoDays)?;
    let file = parse_for(text, Asked { zone, owner: &[], own_zones: OwnZones::Followed })?;
    let broken = !file.broken.is_empty();
    let mut problems = file.problems;
    problems.extend(file.doubts);
    problems.extend(twins(&file.entries));
    let mut found: Vec<((Instant, Instant), Line)> = Vec::new();
    let mut too_many = 0;
    for (name, group) in by_event(file.entries) {
        let shown = group.expand(window, zone).or_else(|error| {
            problems.push(format!("{name}: {error}; only what does not repeat is shown"));
            group.without_rules().expand(window, zone)
        });
        if let Ok(Shown { lines, complete_until }) = shown {
            let cut = complete_until.map(|at| format!("{name}: too many occurrences; complete until {at}"));
            too_many += usize::from(cut.is_some());
            problems.extend(cut);
            found.extend(lines);
        }
    }
    found.sort_by(|(at, line), (other_at, other)| (at, &line.uid).cmp(&(other_at, &other.uid)));
    let lines = found.into_iter().map(|(_, line)| line).collect();
    Ok(Expanded { lines, problems, cut: too_many, broken })
}

/// No clock is farther from UTC.
const FARTHEST_OFFSET: TimeDelta = TimeDelta::days(1);

/// A master, if the file has it, with its exceptions.
#[derive(Clone, Default)]
struct Group {
    master: Option<Entry>,
    exceptions: BTreeMap<Original, Entry>,
}

struct Shown {
    lines: Vec<((Instant, Instant), Line)>,
    complete_until: Option<Instant>,
}

/// Different events under one UID of which none is the newer: one of them is not shown, in words.
fn twins(entries: &[Entry]) -> Vec<String> {
    let masters = entries.iter().filter(|it| it.event.series.is_none());
    let mut known: BTreeMap<&str, &Entry> = BTreeMap::new();
    let mut named = BTreeSet::new();
    for entry in masters {
        let uid = entry.event.id.0.as_str();
        match known.insert(uid, entry) {
            Some(other) if other.age() == entry.age() && other.event.fields != entry.event.fields => {
                named.insert(uid);
            }
            _ => {}
        }
    }
    let said = |uid| format!("{uid}: several events have this UID; only the last of them is shown");
    named.into_iter().map(said).collect()
}

/// Of several entries for the same thing, the newest counts (RFC 5545 §3.8.7.4); of equals the last.
fn by_event(entries: Vec<Entry>) -> BTreeMap<String, Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for entry in entries {
        let group = groups.entry(entry.event.id.0.clone()).or_default();
        let known = match &entry.event.series {
            None => group.master.as_ref(),
            Some(series) => group.exceptions.get(&series.original),
        };
        if known.is_some_and(|known| known.age() > entry.age()) {
            continue;
        }
        match &entry.event.series {
            None => group.master = Some(entry),
            Some(series) => {
                group.exceptions.insert(series.original, entry);
            }
        }
    }
    groups
}

impl Entry {
    fn age(&self) -> (i64, Option<Instant>) {
        (self.sequence, self.event.updated)
    }

    /// Out of the file's own zone, if it stands in one.
    fn real(&self, span: &Span) -> Span {
        match (&self.own, span) {
            (Some(rules), Span::Timed { start, end, zone }) => {
                let (start, end) = rules.instants(start.naive_utc(), end.naive_utc());
                Span::Timed { start, end, zone: *zone }
            }
            (_, span) => span.clone(),
        }
    }

    fn real_original(&self, original: Original) -> Original {
        match (&self.own, original) {
            (Some(rules), Original::At(at)) => Original::At(rules.instant(at.naive_utc())),
            (_, original) => original,
        }
    }

    /// As an exception of the series of `master`.
    fn exception(&self, master: &Entry) -> Option<Exception<'_>> {
        let exception = Exception::of(&self.event)?;
        let date = self.original_date.filter(|_| master.event.fields.span.is_all_day());
        let original =
            date.map_or_else(|| master.names(self.real_original(exception.original)), Original::On);
        Some(Exception { original, ..exception })
    }

    /// What a series on a clock that only the file knows calls an occurrence of it: of a time that the clock leaves
    /// out, its own time of day.
    fn names(&self, original: Original) -> Original {
        let (Some(rules), Original::At(at), Span::Timed { start, .. }) =
            (&self.own, original, &self.event.fields.span)
        else {
            return original;
        };
        let left_out = rules.skipped(at).filter(|named| named.time() == start.naive_utc().time());
        Original::At(left_out.unwrap_or_else(|| rules.wall(at)).and_utc())
    }
}

impl Group {
    /// What is left of a series whose lines cannot be read.
    fn without_rules(&self) -> Group {
        let mut left = self.clone();
        left.master.iter_mut().for_each(|master| master.event.fields.recurrence.clear());
        left
    }

    fn expand(&self, window: Interval, zone: Tz) -> Result<Shown, recurrence::RecurrenceError> {
        let exceptions: Vec<&Entry> = self.exceptions.values().collect();
        let Some(master) = &self.master else {
            return Ok(Shown { lines: orphans(&exceptions, window, zone), complete_until: None });
        };
        let fields = &master.event.fields;
        let series = Series { first: &fields.span, lines: &fields.recurrence, nominal: master.nominal };
        let given: Vec<Exception<'_>> =
            exceptions.iter().filter_map(|entry| entry.exception(master)).collect();
        let wide = widened(window, &exceptions, zone);
        let wide = if master.own.is_some() { reaching(wide, FARTHEST_OFFSET) } else { wide };
        let expansion = recurrence::expand(&series, &given, wide, zone, BUDGET)?;
        let repeats = !fields.recurrence.is_empty() || !exceptions.is_empty();
        let lines = expansion.occurrences.into_iter().map(|it| {
            let entry = it.exception.and_then(|which| exceptions.get(which).copied());
            let entry = entry.or_else(|| ruling(&exceptions, it.original, zone));
            let shifted = if it.exception.is_none() { shift(it.clone(), entry, fields) } else { it.clone() };
            let original = repeats.then_some(shifted.original);
            let stands = it.exception.and(entry).unwrap_or(master);
            let (span, original) = (stands.real(&shifted.span), original.map(|it| master.real_original(it)));
            line(entry.unwrap_or(master), &span, original, zone)
        });
        let lines = lines.filter(|((start, end), _)| touches(window, *start, *end)).collect();
        Ok(Shown { lines, complete_until: expansion.truncated })
    }
}

fn touches(window: Interval, start: Instant, end: Instant) -> bool {
    start < window.end() && (end > window.start() || (start == end && start >= window.start()))
}

/// Exceptions whose master the file lacks, as invitations to a single occurrence have it.
fn orphans(entries: &[&Entry], window: Interval, zone: Tz) -> Vec<((Instant, Instant), Line)> {
    let live = entries.iter().filter(|entry| entry.event.status != Status::Cancelled);
    let lines = live.map(|entry| {
        let original = entry.event.series.as_ref().map(|series| entry.real_original(series.original));
        line(entry, &entry.real(&entry.event.fields.span), original, zone)
    });
    lines.filter(|((start, end), _)| touches(window, *start, *end)).collect()
}

/// The exception with `RANGE=THISANDFUTURE` that an untouched occurrence follows (RFC 5545 §3.2.13).
fn ruling<'e>(exceptions: &[&'e Entry], original: Original, zone: Tz) -> Option<&'e Entry> {
    let since = |entry: &&&Entry| {
        let series = entry.event.series.as_ref();
        series.is_some_and(|series| series.original.instant(zone) <= original.instant(zone))
    };
    let ruling = exceptions.iter().filter(|entry| entry.this_and_future).filter(since);
    ruling
        .max_by_key(|entry| entry.event.series.as_ref().map(|series| series.original.instant(zone)))
        .copied()
}

/// Moves an occurrence as far as the exception that it follows was moved, on the clock.
fn shift(it: Occurrence, ruling: Option<&Entry>, series: &Fields) -> Occurrence {
    let moved =
        ruling.and_then(|entry| Some((&entry.event.fields.span, entry.event.series.as_ref()?.original)));
    let Some((to, from)) = moved else {
        return it;
    };
    let span = match (it.span.clone(), to, from) {
        (Span::Timed { start, zone, .. }, Span::Timed { start: to, end, zone: to_zone }, from) => {
            let by = wall(*to, zone) - recurrence::named(series, from.instant(zone));
            let start = resolve(recurrence::named(series, start) + by, zone);
            Span::Timed { start, end: start + (*end - *to), zone: *to_zone }
        }
        (Span::AllDay { start, .. }, Span::AllDay { start: to, end }, Original::On(from)) => {
            let start = start + (*to - from);
            Span::AllDay { start, end: start + (*end - *to) }
        }
        (Span::Floating { start, .. }, Span::Floating { start: to, end }, Original::Floating(from)) => {
            let start = start + (*to - from);
            Span::Floating { start, end: start + (*end - *to) }
        }
        (span, ..) => span,
    };
    Occurrence { span, ..it }
}

/// The window, widened by what `THISANDFUTURE` exceptions move occurrences by.
fn widened(window: Interval, exceptions: &[&Entry], zone: Tz) -> Interval {
    let ruling = exceptions.iter().filter(|entry| entry.this_and_future);
    let reach = ruling.filter_map(|entry| {
        let (start, end) = entry.event.fields.span.bounds(zone);
        let original = entry.event.series.as_ref()?.original.instant(zone);
        Some((start - original).abs() + (end - start) + TimeDelta::days(1))
    });
    reaching(window, reach.max().unwrap_or_default())
}

fn reaching(window: Interval, reach: TimeDelta) -> Interval {
    Interval::new(window.start() - reach, window.end() + reach).unwrap_or(window)
}

fn line(entry: &Entry, span: &Span, original: Option<Original>, zone: Tz) -> ((Instant, Instant), Line) {
    let (start, end) = match span {
        Span::Timed { start, end, .. } => (write_instant(*start), write_instant(*end)),
        Span::AllDay { start, end } => (start.to_string(), end.to_string()),
        Span::Floating { start, end } => (start.format(LOCAL).to_string(), end.format(LOCAL).to_string()),
    };
    let recurrence_id = original.map(|original| match original {
        Original::At(at) => write_instant(at),
        Original::On(date) => date.to_string(),
        Original::Floating(wall) => wall.format(LOCAL).to_string(),
    });
    let line = Line {
        uid: entry.event.uid.clone(),
        recurrence_id,
        start,
        end,
        all_day: span.is_all_day(),
        summary: entry.event.fields.title.clone(),
        status: entry.event.status,
    };
    (span.bounds(zone), line)
}

const LOCAL: &str = "%Y-%m-%dT%H:%M:%S";

fn write_instant(at: Instant) -> String {
    format!("{}Z", at.naive_utc().format(LOCAL))
}

#[cfg(test)]
mod gap_tests;
#[cfg(test)]
mod tests;
