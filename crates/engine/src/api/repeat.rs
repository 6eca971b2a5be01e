//! How an event repeats, in the plain words that people use; anything else is custom.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Every so many days, weeks, months or years. The event's own start must be one of its days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Repeat {
    /// 1 to 999.
    pub every: u16,
    pub unit: RepeatUnit,
    pub ends: RepeatEnds,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RepeatUnit {
    Days,
    Weeks {
        on: Vec<Weekday>,
    },
    /// On this day of the month; months without it are left out.
    MonthsOnDay {
        day: u32,
    },
    /// On the first to fourth such weekday of the month, or on its last (-1).
    MonthsOnWeekday {
        nth: i8,
        weekday: Weekday,
    },
    Years,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RepeatEnds {
    Never,
    /// The last day on which it may take place.
    On {
        #[ts(type = "string")]
        date: NaiveDate,
    },
    After {
        count: u32,
    },
}

/// How an event that exists repeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Repeats {
    Rule {
        rule: Repeat,
    },
    /// More than plain words can say; it stays as it is.
    Custom,
}
