//! Recurrence lines taken apart to be written anew: what is not touched keeps its words.

use chrono::{NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use super::lines::{Moment, moment};
use crate::time::{Span, resolve};

/// How times are written in the lines of a series: by dates, in UTC, or as the clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Dates,
    Instants(Tz),
    Walls,
}

impl Manner {
    pub fn of(first: &Span) -> Self {
        match first {
            Span::AllDay { .. } => Manner::Dates,
            Span::Timed { zone, .. } => Manner::Instants(*zone),
            Span::Floating { .. } => Manner::Walls,
        }
    }

    /// RFC 5545 §3.3.10 and §3.8.5: a date for whole days, UTC for times in a zone.
    pub fn write(self, at: NaiveDateTime) -> String {
        match self {
            Manner::Dates => at.format("%Y%m%d").to_string(),
            Manner::Instants(zone) => resolve(at, zone).format("%Y%m%dT%H%M%SZ").to_string(),
            Manner::Walls => at.format("%Y%m%dT%H%M%S").to_string(),
        }
    }

    /// A line of dates, as this manner names them.
    pub fn line(self, name: &str, values: &[String]) -> Option<String> {
        let kind = if self == Manner::Dates { ";VALUE=DATE" } else { "" };
        (!values.is_empty()).then(|| format!("{name}{kind}:{}", values.join(",")))
    }
}

/// The clock's last second of a day, which ends a rule that ends with it.
pub(super) fn end_of_day(day: NaiveDateTime) -> NaiveDateTime {
    day.date().and_time(NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN))
}

/// A rule as its parts, in the order in which they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuleText {
    head: String,
    parts: Vec<(String, String)>,
}

impl RuleText {
    /// `None` for a line that is no rule.
    pub fn of(line: &str) -> Option<Self> {
        let (head, value) = line.trim().split_once(':')?;
        let name = head.split(';').next().unwrap_or_default();
        if !name.eq_ignore_ascii_case("RRULE") && !name.eq_ignore_ascii_case("EXRULE") {
            return None;
        }
        let parts = value.split(';').filter_map(|part| part.split_once('='));
        let parts = parts.map(|(key, value)| (key.trim().to_ascii_uppercase(), value.trim().to_owned()));
        Some(RuleText { head: head.to_owned(), parts: parts.collect() })
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.parts.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub fn has_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.get(key).is_some())
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|(name, _)| name.as_str())
    }

    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        match self.parts.iter_mut().find(|(name, _)| name == key) {
            Some((_, present)) => *present = value,
            None => self.parts.push((key.to_owned(), value)),
        }
    }

    pub fn remove(&mut self, key: &str) {
        self.parts.retain(|(name, _)| name != key);
    }

    pub fn until(&self) -> Option<Moment> {
        moment(&self.get("UNTIL")?.to_ascii_uppercase(), None)
    }

    pub fn line(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{}:{}", self.head, parts.join(";"))
    }
}
