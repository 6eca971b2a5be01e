//! Days and times of a seed, said relative to "today" and turned into dates.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use serde::Deserialize;

/// A day: so many days from today, or a weekday of this week (Monday first) or of one some weeks away.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Day {
    Offset {
        day: i64,
    },
    Weekday {
        weekday: Weekday,
        #[serde(default)]
        week: i64,
    },
    Date {
        date: NaiveDate,
    },
}

/// When a seeded event takes place.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum When {
    Timed {
        #[serde(flatten)]
        day: Day,
        #[serde(with = "hour_minute")]
        from: NaiveTime,
        /// At or before `from` means the next day.
        #[serde(with = "hour_minute")]
        to: NaiveTime,
    },
    AllDay {
        #[serde(flatten)]
        day: Day,
        #[serde(rename = "all_day_days")]
        days: u64,
    },
}

/// A seeded event's time, resolved to dates but not yet to instants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Span {
    /// Wall times in the event's zone.
    Timed { start: NaiveDateTime, end: NaiveDateTime },
    /// `end` is the day after the last.
    AllDay { start: NaiveDate, end: NaiveDate },
}

/// Today, against which a seed is resolved.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    pub today: NaiveDate,
}

impl Moments {
    pub fn at(now: DateTime<Utc>, zone: Tz) -> Self {
        Self { today: now.with_timezone(&zone).date_naive() }
    }

    pub fn day(&self, day: Day) -> NaiveDate {
        match day {
            Day::Date { date } => date,
            Day::Offset { day } => self.today + TimeDelta::days(day),
            Day::Weekday { weekday, week } => {
                let monday =
                    self.today - TimeDelta::days(i64::from(self.today.weekday().num_days_from_monday()));
                monday + TimeDelta::days(week * 7 + i64::from(weekday.num_days_from_monday()))
            }
        }
    }

    pub fn span(&self, when: When) -> Span {
        match when {
            When::Timed { day, from, to } => {
                let day = self.day(day);
                let last = if to > from { day } else { day + TimeDelta::days(1) };
                Span::Timed { start: day.and_time(from), end: last.and_time(to) }
            }
            When::AllDay { day, days } => {
                let start = self.day(day);
                Span::AllDay { start, end: start + Days::new(days.max(1)) }
            }
        }
    }
}

mod hour_minute {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, de::Error};

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        NaiveTime::parse_from_str(&text, "%H:%M")
            .map_err(|_| D::Error::custom(format!("{text} is no time like 09:30")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wednesday() -> Moments {
        Moments::at("2026-03-05T03:00:00Z".parse().unwrap(), chrono_tz::America::Toronto)
    }

    fn when(text: &str) -> When {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn today_is_the_seeds_own_zone_not_utc() {
        assert_eq!(wednesday().today.to_string(), "2026-03-04");
    }

    #[test]
    fn weekdays_count_from_this_weeks_monday() {
        let monday = when(r#"{"weekday": "mon", "from": "09:00", "to": "09:15"}"#);
        let Span::Timed { start, .. } = wednesday().span(monday) else { panic!("timed") };
        assert_eq!(start.to_string(), "2026-03-02 09:00:00");
        assert_eq!(
            wednesday().day(Day::Weekday { weekday: Weekday::Fri, week: -1 }).to_string(),
            "2026-02-27"
        );
    }

    #[test]
    fn an_all_day_event_ends_on_the_day_after() {
        let span = wednesday().span(when(r#"{"day": 1, "all_day_days": 2}"#));
        assert_eq!(
            span,
            Span::AllDay { start: "2026-03-05".parse().unwrap(), end: "2026-03-07".parse().unwrap() }
        );
    }

    #[test]
    fn an_end_before_the_start_is_the_next_day() {
        let Span::Timed { end, .. } = wednesday().span(when(r#"{"day": 0, "from": "22:00", "to": "02:00"}"#))
        else {
            panic!("timed")
        };
        assert_eq!(end.to_string(), "2026-03-05 02:00:00");
    }
}
