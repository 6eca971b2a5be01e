//! Takes a series apart at one of its occurrences, so that a later half can be changed alone.

use chrono::{NaiveDateTime, TimeDelta};

use super::error::RecurrenceError;
use super::lines::{ExtraDate, Lines, Moment};
use super::parts::{Manner, RuleText, end_of_day};
use super::place;
use super::rule::Rule;
use super::start::Clock;
use crate::event::Original;
use crate::time::{Span, resolve};

/// How far after an extra date the rule itself is looked for.
const SEARCH_DAYS: i64 = 366 * 10;

/// The two halves of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The lines of the first half, which keeps its start.
    pub before: Vec<String>,
    /// Where the second half begins, and its lines.
    pub first: Span,
    pub after: Vec<String>,
}

/// Splits a series before the occurrence `at`. `None`: that is its first one, and nothing lies before.
pub fn split(first: &Span, lines: &[String], at: Original) -> Result<Option<Split>, RecurrenceError> {
    let read = Lines::read(lines)?;
    if !read.excluded_rules.is_empty() || read.rules.len() > 1 {
        return Err(RecurrenceError::Fixed("it has more than one rule"));
    }
    let clock = Clock::of(first, lines);
    let manner = clock.manner;
    let cut = Cut { first, clock, at: clock.wall(at) };
    if cut.at <= clock.begins {
        return Ok(None);
    }
    let rule = read.rules.first().map(|rule| cut.rule(rule, lines)).transpose()?.unwrap_or_default();
    let later = |wall: &NaiveDateTime| *wall >= cut.at;
    let (mut after_dates, before_dates): (Vec<&ExtraDate>, Vec<&ExtraDate>) =
        read.dates.iter().partition(|date| later(&clock.read(date.at)));
    let begins = rule.begins.unwrap_or(cut.at);
    after_dates.retain(|date: &&ExtraDate| clock.read(date.at) != begins);
    let (after_gone, before_gone): (Vec<&Moment>, Vec<&Moment>) =
        read.excluded.iter().partition(|moment| later(&clock.read(**moment)));
    let half = |begins, rule: Option<String>, dates: &[&ExtraDate], gone: &[&Moment]| {
        let dates: Vec<String> = dates.iter().map(|date| extra(clock, date)).collect();
        let gone: Vec<String> = gone.iter().map(|moment| manner.write(clock.read(**moment))).collect();
        let lines = [rule, line_of_dates(manner, &dates), manner.line("EXDATE", &gone)];
        Clock { begins, ..clock }.start(lines.into_iter().flatten())
    };
    Ok(Some(Split {
        before: half(clock.begins, rule.before, &before_dates, &before_gone),
        first: place(first, lines, manner.original(begins)),
        after: half(begins, rule.after, &after_dates, &after_gone),
    }))
}

struct Cut<'a> {
    first: &'a Span,
    clock: Clock,
    at: NaiveDateTime,
}

/// A rule in two halves; the second begins with an occurrence of its own.
#[derive(Default)]
struct Halves {
    before: Option<String>,
    after: Option<String>,
    begins: Option<NaiveDateTime>,
}

impl Cut<'_> {
    fn rule(&self, rule: &Rule, lines: &[String]) -> Result<Halves, RecurrenceError> {
        let Some(text) = lines.iter().find_map(|line| RuleText::of(line)) else {
            return Ok(Halves::default());
        };
        let just_before = self.at - TimeDelta::seconds(1);
        let earlier = rule.starts(self.clock.begins, self.clock.begins, just_before, usize::MAX)?.starts;
        let search_to = self.at + TimeDelta::days(SEARCH_DAYS);
        let later = rule.starts(self.clock.begins, self.at, search_to, 1)?.starts;
        let ended = |start: &NaiveDateTime| rule.until.is_some_and(|until| self.is_past(*start, &until));
        let begins = later.first().copied().filter(|start| !ended(start));
        let mut before = text.clone();
        before.remove("COUNT");
        let last = earlier.last().copied().unwrap_or(self.clock.begins);
        if rule.until.is_none_or(|until| !self.is_past(self.at, &until)) {
            before.set("UNTIL", self.clock.manner.write(self.end_after(last)));
        }
        let mut after = text;
        if let Some(count) = rule.count {
            let left = usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(earlier.len());
            after.set("COUNT", left.to_string());
        }
        Ok(Halves { before: Some(before.line()), after: begins.map(|_| after.line()), begins })
    }

    fn is_past(&self, start: NaiveDateTime, until: &Moment) -> bool {
        match (until.date_only, self.clock.manner) {
            (true, _) | (_, Manner::Dates) => start > end_of_day(until.written),
            (false, Manner::Instants(zone)) => resolve(start, zone) > until.instant(zone),
            (false, Manner::Walls) => start > until.written,
        }
    }

    /// The end of the last occurrence's day, which all providers can say; an earlier moment when the
    /// second half begins on that very day.
    fn end_after(&self, last: NaiveDateTime) -> NaiveDateTime {
        let day_before = end_of_day(self.at - TimeDelta::days(1));
        if matches!(self.first, Span::AllDay { .. }) || day_before >= last { day_before } else { last }
    }
}

impl Manner {
    pub(super) fn original(self, at: NaiveDateTime) -> Original {
        match self {
            Manner::Dates => Original::On(at.date()),
            Manner::Instants(zone) => Original::At(resolve(at, zone)),
            Manner::Walls => Original::Floating(at),
        }
    }
}

fn extra(clock: Clock, date: &ExtraDate) -> String {
    let start = clock.manner.write(clock.read(date.at));
    match date.length {
        Some(length) => format!("{start}/PT{}S", length.num_seconds()),
        None => start,
    }
}

/// Extra dates with a length of their own are periods, and say so.
fn line_of_dates(manner: Manner, values: &[String]) -> Option<String> {
    if values.iter().any(|value| value.contains('/')) {
        return Some(format!("RDATE;VALUE=PERIOD:{}", values.join(",")));
    }
    manner.line("RDATE", values)
}
