//! One recurrence rule (RFC 5545 §3.3.10), followed in wall time.
//!
//! The crate `rrule` walks the rule. It is handed a rule in which all that the start implies is said
//! outright, and a start that is moved to the first day of a period near the window: an old series
//! costs no more than a new one, and a week that the series starts in the middle of counts whole for
//! `BYSETPOS`. `COUNT`, `UNTIL` and the zone are applied to what comes out.
//!
//! A start that the rule itself does not give is an occurrence, but not one that `COUNT` counts: so it
//! is with all implementations seen, although RFC 5545 §3.3.10 reads otherwise.
//!
//! It agrees with libical on what `rrule` alone reads otherwise: `BYWEEKNO` without `BYDAY` means
//! the start's weekday, `BYSETPOS` counts the whole first week. Known to remain: rules finer than a
//! day are followed in wall time, so the hour that repeats in autumn is there once.

use std::fmt::Write;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday};
use rrule::{RRule, RRuleSet, Unvalidated};

use super::error::RecurrenceError;
use super::lines::{Moment, moment};

/// The most that one run of `rrule` hands over.
const MOST_STEPS: u16 = u16::MAX;

/// `rrule` works out a whole period at once; with more times a day than this a year of it would not
/// fit into memory.
const MOST_TIMES_A_DAY: usize = 288;

const TIMES_OF_DAY: [&str; 3] = ["BYHOUR", "BYMINUTE", "BYSECOND"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
    Secondly,
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    line: String,
    frequency: Frequency,
    interval: u16,
    week_start: Weekday,
    pub count: Option<u32>,
    pub until: Option<Moment>,
    /// The `BY…` parts in the order they were written, checked.
    by: Vec<(String, String)>,
}

/// The starts that a rule gives in a stretch of wall time.
pub(super) struct Starts {
    pub starts: Vec<NaiveDateTime>,
    /// More were there, or were still looked for, when the budget ran out.
    pub cut_short: bool,
}

impl Rule {
    pub(super) fn read(line: &str, value: &str) -> Result<Self, RecurrenceError> {
        let wrong = |why: String| RecurrenceError::malformed(line, why);
        let mut rule = Rule {
            line: line.into(),
            frequency: Frequency::Daily,
            interval: 1,
            week_start: Weekday::Mon,
            count: None,
            until: None,
            by: Vec::new(),
        };
        let mut frequency = None;
        for part in value.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, text) = part.split_once('=').ok_or_else(|| wrong(format!("“{part}” has no value")))?;
            let key = key.trim().to_ascii_uppercase();
            let text = text.trim().to_ascii_uppercase();
            let bad = || wrong(format!("{key} cannot be “{text}”"));
            match key.as_str() {
                "FREQ" => frequency = Some(Frequency::read(&text).ok_or_else(bad)?),
                "INTERVAL" => rule.interval = text.parse().ok().filter(|every| *every > 0).ok_or_else(bad)?,
                // Some programs say “without end” as -1.
                "COUNT" => {
                    let count: i64 = text.parse().map_err(|_| bad())?;
                    rule.count = u32::try_from(count).ok().filter(|count| *count > 0);
                }
                "UNTIL" => rule.until = Some(moment(&text, None).ok_or_else(bad)?),
                "WKST" => rule.week_start = weekday(&text).ok_or_else(bad)?,
                _ if key.starts_with("BY") => {
                    rule.by.push((key.clone(), by_part(&key, &text).ok_or_else(bad)?))
                }
                _ => {}
            }
        }
        rule.frequency = frequency.ok_or_else(|| wrong("it has no FREQ".into()))?;
        Ok(rule)
    }

    /// The rule's starts from `first` (the series' own) on, inside `from..=to`, at most `budget`.
    pub(super) fn starts(
        &self,
        first: NaiveDateTime,
        from: NaiveDateTime,
        to: NaiveDateTime,
        budget: usize,
    ) -> Result<Starts, RecurrenceError> {
        if self.times_a_day() > MOST_TIMES_A_DAY {
            return Ok(Starts { starts: Vec::new(), cut_short: true });
        }
        let counted = self.count.is_some();
        // A rule that counts must be counted from its first occurrence.
        let begin = self.period_near(first, if counted { first } else { from.max(first) });
        let text = self.explicit(first);
        let failed = |source| RecurrenceError::Rule { line: self.line.clone(), source: Box::new(source) };
        let begin = begin.and_utc().with_timezone(&rrule::Tz::UTC);
        let parsed: RRule<Unvalidated> = text.parse().map_err(failed)?;
        let mut set = RRuleSet::new(begin).rrule(parsed.validate(begin).map_err(failed)?);
        let earliest = if counted { first } else { from.max(first) };
        set = set.after(earliest.and_utc().with_timezone(&rrule::Tz::UTC));
        set = set.before(to.and_utc().with_timezone(&rrule::Tz::UTC));
        let most = if counted { MOST_STEPS } else { u16::try_from(budget).unwrap_or(MOST_STEPS) };
        let result = set.all(most);
        let mut starts: Vec<NaiveDateTime> = result.dates.iter().map(|at| at.naive_utc()).collect();
        let count = self.count.and_then(|count| usize::try_from(count).ok());
        let cut_short = result.limited && count.is_none_or(|count| starts.len() < count);
        starts.truncate(count.unwrap_or(usize::MAX));
        starts.retain(|start| *start >= from);
        Ok(Starts { starts, cut_short })
    }

    /// For a series of whole days, of which times of day say nothing (RFC 5545 §3.3.10).
    pub(super) fn of_whole_days(mut self) -> Self {
        if self.frequency < Frequency::Hourly {
            self.by.retain(|(key, _)| !TIMES_OF_DAY.contains(&key.as_str()));
        }
        self
    }

    /// How many times of day a rule of whole days names.
    fn times_a_day(&self) -> usize {
        let named = |key: &str| -> usize {
            self.by.iter().filter(|(name, _)| name == key).map(|(_, values)| values.split(',').count()).sum()
        };
        let times = TIMES_OF_DAY.map(|key| named(key).max(1));
        if self.frequency < Frequency::Hourly { times.iter().product() } else { 1 }
    }

    /// The start of the last period at or before `near` that the interval, counted from `first`, hits.
    fn period_near(&self, first: NaiveDateTime, near: NaiveDateTime) -> NaiveDateTime {
        let interval = i64::from(self.interval);
        let base = self.period_start(first);
        let passed = self.periods_between(base, near).max(0);
        // One period early, since a week or a year may reach back over its edge.
        let skipped = (passed / interval - 1).max(0) * interval;
        self.later(base, skipped).unwrap_or(base)
    }

    fn period_start(&self, at: NaiveDateTime) -> NaiveDateTime {
        let date = at.date();
        let day = match self.frequency {
            Frequency::Yearly => NaiveDate::from_ymd_opt(date.year(), 1, 1),
            Frequency::Monthly => date.with_day(1),
            Frequency::Weekly => Some(date.week(self.week_start).first_day()),
            Frequency::Daily => Some(date),
            Frequency::Hourly => return whole(at, 3600),
            Frequency::Minutely => return whole(at, 60),
            Frequency::Secondly => return at,
        };
        day.unwrap_or(date).and_time(NaiveTime::MIN)
    }

    fn periods_between(&self, base: NaiveDateTime, near: NaiveDateTime) -> i64 {
        let months = |at: NaiveDateTime| i64::from(at.year()) * 12 + i64::from(at.month());
        match self.frequency {
            Frequency::Yearly => i64::from(near.year()) - i64::from(base.year()),
            Frequency::Monthly => months(near) - months(base),
            Frequency::Weekly => (near - base).num_days() / 7,
            Frequency::Daily => (near - base).num_days(),
            Frequency::Hourly => (near - base).num_hours(),
            Frequency::Minutely => (near - base).num_minutes(),
            Frequency::Secondly => (near - base).num_seconds(),
        }
    }

    fn later(&self, base: NaiveDateTime, periods: i64) -> Option<NaiveDateTime> {
        let count = u32::try_from(periods).ok()?;
        match self.frequency {
            Frequency::Yearly => base.checked_add_months(Months::new(count.checked_mul(12)?)),
            Frequency::Monthly => base.checked_add_months(Months::new(count)),
            Frequency::Weekly => base.checked_add_days(Days::new(u64::from(count) * 7)),
            Frequency::Daily => base.checked_add_days(Days::new(count.into())),
            Frequency::Hourly => base.checked_add_signed(TimeDelta::try_hours(periods)?),
            Frequency::Minutely => base.checked_add_signed(TimeDelta::try_minutes(periods)?),
            Frequency::Secondly => base.checked_add_signed(TimeDelta::try_seconds(periods)?),
        }
    }

    fn has(&self, key: &str) -> bool {
        self.by.iter().any(|(name, _)| name == key)
    }

    /// The rule with all that its start implies written out, and without an end.
    fn explicit(&self, first: NaiveDateTime) -> String {
        let mut text = format!("FREQ={};INTERVAL={}", self.frequency.name(), self.interval);
        let mut say = |key: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = write!(text, ";{key}={value}");
        };
        say("WKST", short(self.week_start));
        for (key, value) in &self.by {
            say(key, value);
        }
        for (key, value) in self.implied_days(first) {
            say(key, &value);
        }
        let times = [
            (Frequency::Hourly, "BYHOUR", first.hour()),
            (Frequency::Minutely, "BYMINUTE", first.minute()),
            (Frequency::Secondly, "BYSECOND", first.second()),
        ];
        for (finer, key, value) in times {
            if self.frequency < finer && !self.has(key) {
                say(key, &value.to_string());
            }
        }
        text
    }

    fn implied_days(&self, first: NaiveDateTime) -> Vec<(&'static str, String)> {
        let month = ("BYMONTH", first.month().to_string());
        let month_day = ("BYMONTHDAY", first.day().to_string());
        let week_day = ("BYDAY", short(first.weekday()).to_owned());
        let days_said = ["BYMONTHDAY", "BYDAY", "BYYEARDAY"].iter().any(|key| self.has(key));
        match self.frequency {
            Frequency::Yearly if self.has("BYWEEKNO") && !days_said => vec![week_day],
            Frequency::Yearly if self.has("BYMONTHDAY") && !self.month_said() => vec![month],
            Frequency::Yearly if !days_said && self.has("BYMONTH") => vec![month_day],
            Frequency::Yearly if !days_said => vec![month, month_day],
            Frequency::Monthly if !days_said => vec![month_day],
            Frequency::Weekly if !self.has("BYDAY") => vec![week_day],
            _ => Vec::new(),
        }
    }

    /// Whether something but the month's day says where in the year it lies.
    fn month_said(&self) -> bool {
        ["BYMONTH", "BYWEEKNO", "BYYEARDAY"].iter().any(|key| self.has(key))
    }
}

impl Frequency {
    const NAMED: [(Frequency, &'static str); 7] = [
        (Frequency::Yearly, "YEARLY"),
        (Frequency::Monthly, "MONTHLY"),
        (Frequency::Weekly, "WEEKLY"),
        (Frequency::Daily, "DAILY"),
        (Frequency::Hourly, "HOURLY"),
        (Frequency::Minutely, "MINUTELY"),
        (Frequency::Secondly, "SECONDLY"),
    ];

    fn read(text: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, name)| *name == text).map(|(frequency, _)| *frequency)
    }

    fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(frequency, _)| *frequency == self).map_or("DAILY", |(_, name)| name)
    }
}

fn whole(at: NaiveDateTime, unit_s: i64) -> NaiveDateTime {
    at - TimeDelta::seconds(at.and_utc().timestamp().rem_euclid(unit_s))
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

pub(super) fn weekday(text: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(name, _)| *name == text).map(|(_, day)| *day)
}

pub(super) fn short(day: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(_, named)| *named == day).map_or("MO", |(name, _)| name)
}

/// Checks the values of a `BY…` part: `rrule` is handed nothing that it might stumble over.
fn by_part(key: &str, text: &str) -> Option<String> {
    let range = match key {
        "BYSECOND" | "BYMINUTE" => 0..=59,
        "BYHOUR" => 0..=23,
        "BYMONTH" => 1..=12,
        "BYMONTHDAY" => -31..=31,
        "BYYEARDAY" | "BYSETPOS" => -366..=366,
        "BYWEEKNO" => -53..=53,
        "BYDAY" => return by_day(text),
        _ => return None,
    };
    let zero_counts = matches!(key, "BYSECOND" | "BYMINUTE" | "BYHOUR");
    let number = |value: &str| {
        // A leap second is the minute's last.
        let value: i32 = value.trim().parse().ok()?;
        let value = if key == "BYSECOND" && value == 60 { 59 } else { value };
        (range.contains(&value) && (zero_counts || value != 0)).then(|| value.to_string())
    };
    Some(text.split(',').map(number).collect::<Option<Vec<_>>>()?.join(","))
}

fn by_day(text: &str) -> Option<String> {
    let day = |value: &str| {
        let value = value.trim();
        let (nth, name) = value.split_at_checked(value.len().checked_sub(2)?)?;
        weekday(name)?;
        let nth = nth.strip_prefix('+').unwrap_or(nth);
        let number: Option<i32> = if nth.is_empty() { None } else { Some(nth.parse().ok()?) };
        number.is_none_or(|nth| nth != 0 && (-53..=53).contains(&nth)).then(|| format!("{nth}{name}"))
    };
    Some(text.split(',').map(day).collect::<Option<Vec<_>>>()?.join(","))
}
