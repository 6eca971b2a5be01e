//! What an appointment type asks for: length, grid, notice, buffers, window and limits.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// The settings of one appointment type that decide when it is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub visit: Visit,
    #[serde(default)]
    pub notice_min: u32,
    #[serde(default)]
    pub buffer_before_min: u32,
    #[serde(default)]
    pub buffer_after_min: u32,
    #[serde(default)]
    pub window: Window,
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// The day that a week begins with, for limits per week.
    #[serde(default = "monday")]
    pub week_start: Weekday,
}

fn monday() -> Weekday {
    Weekday::Mon
}

/// How the starts of visits are laid into free time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub length_min: u32,
    /// From one start to the next.
    pub step_min: u32,
    /// Moves the grid: 5 offers 09:05 where 09:00 stood.
    #[serde(default)]
    pub offset_min: u32,
    #[serde(default)]
    pub fill: Fill,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// Starts fall on the grid of the owner's clock, even if less then fits.
    #[default]
    ClockAligned,
    /// As many visits as fit; a rounder start is taken where it costs none.
    MostSlots,
}

/// How far ahead visitors may book, in the owner's days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Window {
    #[default]
    Open,
    /// Today and the `days` after it.
    Rolling { days: u32, business_days: bool },
    /// Until `days` days with a free time have been counted, today included.
    BookableDays { days: u32, business_days: bool },
    /// Both days included.
    Range { from: NaiveDate, to: NaiveDate },
}

/// At most so much in one of the owner's days, weeks, months or years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    pub per: Period,
    pub most: Most,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Day,
    Week,
    Month,
    Year,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Most {
    Visits(u32),
    Minutes(u32),
}

impl Rules {
    /// A type of `length_min` minutes, offered back to back, with nothing else asked.
    pub fn new(length_min: u32) -> Self {
        Rules {
            visit: Visit { length_min, step_min: length_min, offset_min: 0, fill: Fill::ClockAligned },
            notice_min: 0,
            buffer_before_min: 0,
            buffer_after_min: 0,
            window: Window::Open,
            limits: Vec::new(),
            week_start: monday(),
        }
    }
}

impl Visit {
    /// A visit takes a minute at least, whatever was set: the engine must come to an end.
    pub fn length(&self) -> TimeDelta {
        minutes(self.length_min.max(1))
    }

    pub fn step(&self) -> TimeDelta {
        minutes(self.step_min.max(1))
    }

    pub fn offset(&self) -> TimeDelta {
        minutes(self.offset_min)
    }

    /// The marks of the hour that starts may fall on: the coarsest that the step keeps to.
    pub fn grid_min(&self) -> i64 {
        let step = i64::from(self.step_min.max(1));
        [60, 30, 20, 15, 10, 5].into_iter().find(|grid| step % grid == 0).unwrap_or(1)
    }

    /// Where a visit that begins at `start` ends.
    pub fn end(&self, start: Instant) -> Instant {
        start + self.length()
    }
}

impl Period {
    pub const ALL: [Period; 4] = [Period::Day, Period::Week, Period::Month, Period::Year];

    /// The first date of the period around `date`: its name.
    pub(super) fn of(self, date: NaiveDate, week_start: Weekday) -> NaiveDate {
        let first = match self {
            Period::Day => Some(date),
            Period::Week => Some(date.week(week_start).first_day()),
            Period::Month => date.with_day(1),
            Period::Year => NaiveDate::from_ymd_opt(date.year(), 1, 1),
        };
        first.unwrap_or(date)
    }
}

pub(super) fn minutes(count: u32) -> TimeDelta {
    TimeDelta::minutes(count.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(step_min: u32) -> i64 {
        Visit { step_min, ..Rules::new(30).visit }.grid_min()
    }

    #[test]
    fn the_grid_is_the_coarsest_mark_that_the_step_keeps_to() {
        assert_eq!([60, 120, 90, 45, 40, 25, 8, 0].map(grid), [60, 60, 30, 15, 20, 5, 1, 1]);
    }

    #[test]
    fn a_period_is_named_by_its_first_day() {
        let date: NaiveDate = "2026-03-05".parse().unwrap();
        let first = |period: Period| period.of(date, Weekday::Mon).to_string();
        assert_eq!(Period::ALL.map(first), ["2026-03-05", "2026-03-02", "2026-03-01", "2026-01-01"]);
        assert_eq!(Period::Week.of(date, Weekday::Sun).to_string(), "2026-03-01");
    }
}
