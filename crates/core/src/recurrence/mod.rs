//! Series: which occurrences a rule, its extra and excluded dates and its exceptions make.
//!
//! Rules repeat wall time: 09:00 stays 09:00 on both sides of a clock change. Each wall time is
//! turned into an instant by [`crate::time::resolve`] afterwards. All-day series count dates and
//! never touch a zone before the window is applied. What a series may cost is bounded by a budget.

mod error;
mod lines;
mod parts;
pub mod plain;
mod rule;
mod shift;
mod split;
mod start;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

pub use error::RecurrenceError;
pub use lines::{duration, nominal_duration};
pub use shift::Shift;
pub(crate) use shift::{nth, ordinal};
pub use split::{Split, split};
pub use start::{beginning, is_start, named, starting};

use crate::event::{Event, Original, Status};
use crate::time::{Instant, Interval, Span, resolve, wall};
use lines::{ExtraDate, Lines, Moment};
use rule::Rule;
use start::Clock;

/// How many occurrences of one series are worked out, when the caller says nothing else.
pub const BUDGET: usize = 5_000;

/// No occurrence is longer: what says so is garbage, and reaches out of all calendars.
pub(crate) const LONGEST: TimeDelta = TimeDelta::days(36_525);

/// A zone's clock is never further from UTC than this; windows are searched that much wider.
const CLOCK_SPREAD: TimeDelta = TimeDelta::days(2);

/// What repeats: the first occurrence, and the lines that say how.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    pub first: &'a Span,
    pub lines: &'a [String],
    /// Days of a length given as `DURATION`, which follow the calendar (RFC 5545 §3.3.6): a timed
    /// occurrence then ends at its wall time so many days on, plus the rest. `None`: exact length.
    pub nominal: Option<(i64, TimeDelta)>,
}

/// An occurrence that somebody moved, changed or cancelled.
#[derive(Clone, Copy, Debug)]
pub struct Exception<'a> {
    pub original: Original,
    pub span: &'a Span,
    pub cancelled: bool,
}

impl<'a> Exception<'a> {
    /// `None` for an event that belongs to no series.
    pub fn of(event: &'a Event) -> Option<Self> {
        let original = event.series.as_ref()?.original;
        Some(Exception { original, span: &event.fields.span, cancelled: event.status == Status::Cancelled })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Where it stood before anyone moved it.
    pub original: Original,
    pub span: Span,
    /// The place in the list of exceptions of the one that it comes from.
    pub exception: Option<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    /// In the order of their starts.
    pub occurrences: Vec<Occurrence>,
    /// Set when the budget ran out: from this instant on, occurrences may be missing.
    pub truncated: Option<Instant>,
}

/// The occurrences that touch `window`, for an owner who lives in `zone`.
pub fn expand(
    series: &Series<'_>,
    exceptions: &[Exception<'_>],
    window: Interval,
    zone: Tz,
    budget: usize,
) -> Result<Expansion, RecurrenceError> {
    let lines = Lines::read(series.lines)?;
    let (start, end) = series.first.bounds(zone);
    if end - start > LONGEST && !series.lines.is_empty() {
        return Err(RecurrenceError::TooLong);
    }
    let run = Run { series, window, zone, budget };
    let mut expansion = Expansion::default();
    let mut found = run.generate(&lines, &mut expansion.truncated)?;
    for (which, exception) in exceptions.iter().enumerate() {
        let original = run.same_kind(exception.original);
        found.remove(&original);
        if !exception.cancelled {
            let span = exception.span.clone();
            found.insert(original, Occurrence { original, span, exception: Some(which) });
        }
    }
    let mut occurrences: Vec<Occurrence> = found.into_values().filter(|it| run.in_window(&it.span)).collect();
    occurrences.sort_by_key(|it| (it.span.bounds(zone), it.original));
    expansion.occurrences = occurrences;
    Ok(expansion)
}

/// The occurrences of a master event with its exceptions.
pub fn expand_event(
    master: &Event,
    exceptions: &[Event],
    window: Interval,
    zone: Tz,
) -> Result<Expansion, RecurrenceError> {
    let Event { fields, .. } = master;
    let series = Series { first: &fields.span, lines: &fields.recurrence, nominal: None };
    // An event that names no series stands for itself, so that places in both lists agree.
    let exceptions: Vec<Exception<'_>> = exceptions
        .iter()
        .map(|event| {
            let alone = Exception {
                original: Original::of(&event.fields.span),
                span: &event.fields.span,
                cancelled: true,
            };
            Exception::of(event).unwrap_or(alone)
        })
        .collect();
    expand(&series, &exceptions, window, zone, BUDGET)
}

/// Where the occurrence named `original` stands when nobody touched it.
pub fn place(first: &Span, lines: &[String], original: Original) -> Span {
    let zone = match first {
        Span::Timed { zone, .. } => *zone,
        Span::AllDay { .. } | Span::Floating { .. } => Tz::UTC,
    };
    let at = original.instant(zone);
    let window = Interval::new(at, at + TimeDelta::seconds(1));
    let series = Series { first, lines, nominal: None };
    let Some(window) = window else { return first.clone() };
    let run = Run { series: &series, window, zone, budget: 1 };
    match run.same_kind(original) {
        Original::At(at) => run.occurrence(wall(at, zone)).span,
        Original::On(date) => run.occurrence(date.and_time(NaiveTime::MIN)).span,
        Original::Floating(wall) => run.occurrence(wall).span,
    }
}

/// Whether a series gives an occurrence of that name, before any exceptions.
pub fn gives(first: &Span, lines: &[String], original: Original) -> Result<bool, RecurrenceError> {
    let (start, end) = place(first, lines, original).bounds(Tz::UTC);
    let margin = TimeDelta::days(1);
    let Some(window) = Interval::new(start - margin, end + margin) else { return Ok(false) };
    let series = Series { first, lines, nominal: None };
    let expansion = expand(&series, &[], window, Tz::UTC, BUDGET)?;
    let run = Run { series: &series, window, zone: Tz::UTC, budget: BUDGET };
    let named = run.same_kind(original);
    Ok(expansion.occurrences.iter().any(|it| it.original == named))
}

struct Run<'a> {
    series: &'a Series<'a>,
    window: Interval,
    zone: Tz,
    budget: usize,
}

type Found = BTreeMap<Original, Occurrence>;

impl Run<'_> {
    /// What the lines give, without exceptions.
    fn generate(&self, lines: &Lines, truncated: &mut Option<Instant>) -> Result<Found, RecurrenceError> {
        let mut found = Found::new();
        let first = self.series.first.clone();
        found.insert(
            Original::of(&first),
            Occurrence { original: Original::of(&first), span: first, exception: None },
        );
        for rule in &lines.rules {
            for start in self.follow(rule, truncated)? {
                let occurrence = self.occurrence(start);
                found.insert(occurrence.original, occurrence);
            }
        }
        for date in &lines.dates {
            let occurrence = self.extra(date);
            found.insert(occurrence.original, occurrence);
        }
        for rule in &lines.excluded_rules {
            for start in self.follow(rule, truncated)? {
                found.remove(&self.occurrence(start).original);
            }
        }
        found.retain(|original, _| !lines.excluded.iter().any(|moment| self.excludes(moment, *original)));
        Ok(found)
    }

    /// The rule's starts in wall time, those near the window only.
    fn follow(
        &self,
        rule: &Rule,
        truncated: &mut Option<Instant>,
    ) -> Result<Vec<NaiveDateTime>, RecurrenceError> {
        let (from, to) = self.searched();
        let rule = match self.series.first {
            Span::AllDay { .. } => &rule.clone().of_whole_days(),
            Span::Timed { .. } | Span::Floating { .. } => rule,
        };
        let mut run = rule.starts(self.first_wall(), from, to, self.budget)?;
        if run.cut_short {
            let reached = run.starts.last().map_or(self.window.start(), |last| self.instant(*last));
            let missing = Some(reached).filter(|reached| *reached < self.window.end());
            *truncated = [*truncated, missing].into_iter().flatten().min();
        }
        if let Some(until) = rule.until {
            run.starts.retain(|start| self.is_until(*start, &until));
        }
        Ok(run.starts)
    }

    /// The wall times between which an occurrence must begin to touch the window.
    fn searched(&self) -> (NaiveDateTime, NaiveDateTime) {
        let (start, end) = self.series.first.bounds(self.zone);
        let length = end - start + CLOCK_SPREAD;
        let earliest = self.window.start().checked_sub_signed(length).unwrap_or(self.window.start());
        let latest = self.window.end().checked_add_signed(CLOCK_SPREAD).unwrap_or(self.window.end());
        (earliest.naive_utc(), latest.naive_utc())
    }

    fn first_wall(&self) -> NaiveDateTime {
        Clock::of(self.series.first, self.series.lines).begins
    }

    fn series_zone(&self) -> Tz {
        zone_of(self.series.first, self.zone)
    }

    fn instant(&self, start: NaiveDateTime) -> Instant {
        resolve(start, self.series_zone())
    }

    fn is_until(&self, start: NaiveDateTime, until: &Moment) -> bool {
        match self.series.first {
            Span::AllDay { .. } => start.date() <= until.date(),
            _ if until.date_only => start.date() <= until.date(),
            Span::Timed { zone, .. } => resolve(start, *zone) <= until.instant(*zone),
            Span::Floating { .. } => start <= until.wall(self.zone),
        }
    }

    fn occurrence(&self, start: NaiveDateTime) -> Occurrence {
        let span = match self.series.first {
            Span::Timed { start: first, end, zone } => {
                let at = resolve(start, *zone);
                Span::Timed { start: at, end: self.timed_end(start, at, *end - *first, *zone), zone: *zone }
            }
            Span::AllDay { start: first, end } => {
                Span::AllDay { start: start.date(), end: start.date() + (*end - *first) }
            }
            Span::Floating { start: first, end } => Span::Floating { start, end: start + (*end - *first) },
        };
        Occurrence { original: Original::of(&span), span, exception: None }
    }

    fn timed_end(&self, start: NaiveDateTime, at: Instant, exact: TimeDelta, zone: Tz) -> Instant {
        let days = |days: i64| start.checked_add_days(Days::new(u64::try_from(days).ok()?));
        match self.series.nominal {
            Some((count, rest)) if count > 0 => {
                days(count).map_or(at + exact, |day| resolve(day, zone) + rest)
            }
            _ => at + exact,
        }
    }

    fn extra(&self, date: &ExtraDate) -> Occurrence {
        let moment = date.at;
        match self.series.first {
            Span::Timed { zone, .. } => {
                // A date alone stands for that day at the series' own time.
                let at = if moment.date_only {
                    resolve(moment.date().and_time(self.first_wall().time()), *zone)
                } else {
                    moment.instant(*zone)
                };
                let mut occurrence = self.occurrence(wall(at, *zone));
                let end = match (&occurrence.span, date.length) {
                    (_, Some(length)) => at + length,
                    (Span::Timed { start, end, .. }, None) => at + (*end - *start),
                    _ => at,
                };
                occurrence.span = Span::Timed { start: at, end, zone: *zone };
                occurrence.original = Original::At(at);
                occurrence
            }
            Span::AllDay { .. } => self.occurrence(moment.written),
            Span::Floating { .. } => {
                let mut occurrence = self.occurrence(moment.wall(self.zone));
                if let (Span::Floating { start, end }, Some(length)) = (&mut occurrence.span, date.length) {
                    *end = *start + length;
                }
                occurrence
            }
        }
    }

    fn excludes(&self, moment: &Moment, original: Original) -> bool {
        match original {
            Original::At(at) if moment.date_only => wall(at, self.series_zone()).date() == moment.date(),
            Original::At(at) => moment.instant(self.series_zone()) == at,
            Original::On(date) => moment.date() == date,
            Original::Floating(wall_time) if moment.date_only => wall_time.date() == moment.date(),
            // Some programs write the wall time and call it UTC.
            Original::Floating(wall_time) => {
                moment.wall(self.zone) == wall_time || moment.written == wall_time
            }
        }
    }

    fn same_kind(&self, original: Original) -> Original {
        same_kind(self.series.first, self.series.lines, original, self.zone)
    }

    fn in_window(&self, span: &Span) -> bool {
        let (start, end) = span.bounds(self.zone);
        let without_length = start == end && start >= self.window.start();
        start < self.window.end() && (end > self.window.start() || without_length)
    }
}

/// The identity of an occurrence in the form that the occurrences of a series have which begins with
/// `first`: providers name a day of an all-day series by its midnight too. `zone` is the owner's.
pub fn same_kind(first: &Span, lines: &[String], original: Original, zone: Tz) -> Original {
    let zone = zone_of(first, zone);
    match (first, original) {
        (Span::Timed { zone, .. }, Original::On(date)) => {
            Original::At(resolve(date.and_time(Clock::of(first, lines).begins.time()), *zone))
        }
        (Span::Timed { .. }, Original::Floating(wall_time)) => Original::At(resolve(wall_time, zone)),
        (Span::AllDay { .. }, Original::At(at)) => {
            let midnight_utc = at.naive_utc().time() == NaiveTime::MIN;
            Original::On(if midnight_utc { at.date_naive() } else { wall(at, zone).date() })
        }
        (Span::AllDay { .. }, Original::Floating(wall_time)) => Original::On(wall_time.date()),
        (Span::Floating { .. }, Original::At(at)) => Original::Floating(wall(at, zone)),
        (Span::Floating { start, .. }, Original::On(date)) => Original::Floating(date.and_time(start.time())),
        (_, original) => original,
    }
}

/// The zone that wall times of a series are read in.
fn zone_of(first: &Span, owner: Tz) -> Tz {
    match first {
        Span::Timed { zone, .. } => *zone,
        _ => owner,
    }
}

/// The instant that an `UNTIL` means in a series of `zone`: the end of its day when it is a date.
pub fn utc_of(until: &str, zone: Tz) -> Option<Instant> {
    let moment = lines::moment(until, None)?;
    match moment.date_only {
        false => Some(moment.instant(zone)),
        true => Some(resolve(moment.date().and_hms_opt(23, 59, 59)?, zone)),
    }
}

/// Parts the lines of a series into those that make it, and the occurrences that its `EXDATE`s cancel.
/// A whole day left out of a timed series may be several occurrences; such a line stays, as does one that
/// cannot be read, to be named when the series is expanded.
pub fn cancellations(first: &Span, lines: &[String], zone: Tz) -> (Vec<String>, Vec<Original>) {
    let mut making = Vec::new();
    let mut cancelled = Vec::new();
    for line in lines {
        match cancelled_by(first, line, zone) {
            Some(originals) => cancelled.extend(originals),
            None => making.push(line.clone()),
        }
    }
    (making, cancelled)
}

fn cancelled_by(first: &Span, line: &String, zone: Tz) -> Option<Vec<Original>> {
    let read = Lines::read(std::slice::from_ref(line)).ok()?;
    let originals: Option<Vec<Original>> =
        read.excluded.iter().map(|moment| moment.original(first, zone)).collect();
    originals.filter(|originals| !originals.is_empty())
}

#[cfg(test)]
mod tests;
