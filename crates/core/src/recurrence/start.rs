//! Where a series begins by its clock. A clock change may leave that time out: the first occurrence then stands
//! later, and the others at the time that was named (RFC 5545 §3.3.5). A line beside the rule keeps that time.

use chrono::NaiveDateTime;
use chrono_tz::Tz;

use super::lines::Moment;
use super::parts::Manner;
use crate::event::{Fields, Original};
use crate::time::{Instant, Span, shows, skipped, wall};

/// The property that says it elsewhere, too.
pub(super) const NAME: &str = "DTSTART";

/// The clock of a series: how its times are written, and what it is to show at the first occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub manner: Manner,
    pub begins: NaiveDateTime,
}

impl Clock {
    pub fn of(first: &Span, lines: &[String]) -> Self {
        let begins = beginning(first, lines).unwrap_or_else(|| shown(first));
        Clock { manner: Manner::of(first), begins }
    }

    /// What it is to show at the original start of one of the occurrences.
    pub fn wall(&self, original: Original) -> NaiveDateTime {
        match (original, self.manner) {
            (Original::At(at), Manner::Instants(zone)) => self.named(at, zone),
            (Original::At(at), _) => at.naive_utc(),
            (Original::On(date), _) => date.and_time(chrono::NaiveTime::MIN),
            (Original::Floating(wall), _) => wall,
        }
    }

    /// What it is to show at a time that a line names.
    pub fn read(&self, moment: Moment) -> NaiveDateTime {
        match (self.manner, moment.zone) {
            (Manner::Instants(zone), Some(_)) => self.named(moment.instant(zone), zone),
            _ => moment.written,
        }
    }

    /// Of a time that is left out, what the series calls it.
    fn named(&self, at: Instant, zone: Tz) -> NaiveDateTime {
        let left_out = skipped(at, zone).filter(|named| named.time() == self.begins.time());
        left_out.unwrap_or_else(|| wall(at, zone))
    }

    /// The lines of a series that begins so.
    pub fn start(&self, lines: impl IntoIterator<Item = String>) -> Vec<String> {
        let lines = lines.into_iter().filter(|line| !is_start(line));
        match self.manner {
            Manner::Instants(zone) => starting(self.begins, zone, lines.collect()),
            Manner::Dates | Manner::Walls => lines.collect(),
        }
    }
}

/// The lines of a series that is to begin at `named`, as they are kept: with that time among them where the clock
/// of `zone` never shows it.
pub fn starting(named: NaiveDateTime, zone: Tz, mut lines: Vec<String>) -> Vec<String> {
    if !lines.is_empty() && !shows(named, zone) {
        lines.insert(0, line(named));
    }
    lines
}

/// The time at which a series is to begin, where its clock never shows that. A line that names another time was
/// left by a start that has moved since, and says nothing.
pub fn beginning(first: &Span, lines: &[String]) -> Option<NaiveDateTime> {
    let Span::Timed { start, zone, .. } = first else { return None };
    if !lines.iter().any(|line| is_start(line)) {
        return None;
    }
    skipped(*start, *zone).filter(|named| lines.contains(&line(*named)))
}

/// What a series calls the start of one of its occurrences.
pub fn named(series: &Fields, at: Instant) -> NaiveDateTime {
    Clock::of(&series.span, &series.recurrence).wall(Original::At(at))
}

/// It says where the series begins, and nothing about what follows.
pub fn is_start(line: &str) -> bool {
    line.split([':', ';']).next().is_some_and(|name| name.eq_ignore_ascii_case(NAME))
}

fn line(named: NaiveDateTime) -> String {
    format!("{NAME}:{}", named.format("%Y%m%dT%H%M%S"))
}

fn shown(first: &Span) -> NaiveDateTime {
    match first {
        Span::Timed { start, zone, .. } => wall(*start, *zone),
        Span::AllDay { start, .. } => start.and_time(chrono::NaiveTime::MIN),
        Span::Floating { start, .. } => *start,
    }
}
