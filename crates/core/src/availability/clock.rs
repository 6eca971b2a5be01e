//! Times of day and days as the owner's clock and calendar show them.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::time::{Instant, next_day, resolve, wall};

const MINUTES_A_DAY: u16 = 24 * 60;

/// A whole minute of the day, from 00:00 to 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is not a time of day; write HH:MM, from 00:00 to 24:00")]
pub struct NotATimeOfDay(String);

impl TimeOfDay {
    pub const MIDNIGHT: TimeOfDay = TimeOfDay(0);
    pub const LAST_MINUTE: TimeOfDay = TimeOfDay(MINUTES_A_DAY - 1);
    pub const END_OF_DAY: TimeOfDay = TimeOfDay(MINUTES_A_DAY);

    /// `None` past 24:00.
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes <= MINUTES_A_DAY).then_some(TimeOfDay(minutes))
    }

    pub fn minutes(self) -> u16 {
        self.0
    }

    /// What the clock shows at this time of `date`; 24:00 is the next day's midnight.
    pub fn on(self, date: NaiveDate) -> NaiveDateTime {
        date.and_time(NaiveTime::MIN) + TimeDelta::minutes(self.0.into())
    }
}

impl FromStr for TimeOfDay {
    type Err = NotATimeOfDay;

    fn from_str(text: &str) -> Result<Self, NotATimeOfDay> {
        let parsed = || {
            let mut parts = text.split(':');
            let hours: u16 = parts.next()?.parse().ok()?;
            let minutes: u16 = parts.next()?.parse().ok()?;
            let rest = parts.all(|seconds| seconds.chars().all(|digit| digit == '0'));
            (rest && hours <= 24 && minutes < 60).then_some(hours * 60 + minutes)
        };
        parsed().and_then(TimeOfDay::from_minutes).ok_or_else(|| NotATimeOfDay(text.into()))
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = NotATimeOfDay;
    fn try_from(text: String) -> Result<Self, NotATimeOfDay> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> String {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The instant at which the clock first shows `wall_time` or, when it jumps over it, what follows.
/// Hours that a clock never shows are not open: a block's edge inside a gap sits at the gap's end,
/// where an event (see [`resolve`]) would be carried past it.
pub(super) fn edge(wall_time: NaiveDateTime, zone: Tz) -> Instant {
    let at = resolve(wall_time, zone);
    let jumped = wall(at, zone) - wall_time;
    if jumped <= TimeDelta::zero() {
        return at;
    }
    // The jump lies within the `jumped` seconds before `at`: halve them until one is left.
    let (mut before_s, mut after_s) = (-jumped.num_seconds(), 0);
    while after_s - before_s > 1 {
        let middle_s = (before_s + after_s).div_euclid(2);
        let past_gap = wall(at + TimeDelta::seconds(middle_s), zone) >= wall_time;
        if past_gap { after_s = middle_s } else { before_s = middle_s }
    }
    at + TimeDelta::seconds(after_s)
}

pub(super) fn previous_day(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(1)).unwrap_or(date)
}

/// The dates from `first` to `last`, both included.
pub(super) fn dates(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |date| *date <= last)
}

/// The date `count` days on; with `business_days`, Saturdays and Sundays do not count.
pub(super) fn days_on(from: NaiveDate, count: u32, business_days: bool) -> NaiveDate {
    if !business_days {
        return from.checked_add_days(Days::new(count.into())).unwrap_or(NaiveDate::MAX);
    }
    (0..count).fold(from, |date, _| next_business_day(date))
}

pub(super) fn next_business_day(date: NaiveDate) -> NaiveDate {
    let mut next = next_day(date);
    while matches!(next.weekday(), Weekday::Sat | Weekday::Sun) && next < NaiveDate::MAX {
        next = next_day(next);
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::New_York;

    fn instant(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn twenty_four_is_the_next_days_midnight() {
        let date = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let end: TimeOfDay = "24:00".parse().unwrap();
        assert_eq!(end.on(date).to_string(), "2026-03-03 00:00:00");
    }

    #[test]
    fn what_is_no_time_of_day_is_refused_by_name() {
        for wrong in ["24:01", "9", "09:60", "25:00", "", "x:y", "09:00:30"] {
            assert_eq!(wrong.parse::<TimeOfDay>(), Err(NotATimeOfDay(wrong.into())));
        }
    }

    #[test]
    fn an_edge_inside_the_spring_gap_sits_at_its_end() {
        for skipped in ["2026-03-08T02:00:00", "2026-03-08T02:15:00", "2026-03-08T02:59:00"] {
            assert_eq!(edge(skipped.parse().unwrap(), New_York), instant("2026-03-08T07:00:00Z"));
        }
        assert_eq!(edge("2026-03-08T03:15:00".parse().unwrap(), New_York), instant("2026-03-08T07:15:00Z"));
    }

    #[test]
    fn business_days_skip_the_weekend() {
        let thursday = NaiveDate::from_ymd_opt(2026, 3, 5).unwrap();
        assert_eq!(days_on(thursday, 2, true).to_string(), "2026-03-09");
        assert_eq!(days_on(thursday, 2, false).to_string(), "2026-03-07");
    }
}
