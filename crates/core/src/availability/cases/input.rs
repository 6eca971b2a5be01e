//! The inputs of cases. Tolerant: names have synonyms, what a case leaves out has a default, what
//! is not known is passed over.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::Value;

use crate::availability::rules::{Fill, Limit, Most, Period, Rules, Window};
use crate::availability::schedule::{Block, Schedule, Travel, Week};
use crate::availability::{By, NotATimeOfDay, Taken, TimeOfDay};
use crate::time::{Instant, Interval, day_start, next_day, resolve};

#[derive(Debug, thiserror::Error)]
pub(super) enum Wrong {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    TimeOfDay(#[from] NotATimeOfDay),
    #[error("“{0}” is neither an instant nor a local date or time")]
    Time(String),
    #[error("“{0}” is not a weekday; Sunday is 0")]
    Weekday(u64),
    #[error("“{0}” is not a period; write day, week, month or year")]
    Period(String),
    #[error("“{0}” is not a kind of window")]
    Window(String),
    #[error("the window lacks its {0}")]
    WindowLacks(&'static str),
    #[error("the asked range ends before it begins")]
    Inverted,
}

/// Reads a point in time; one without an offset is local to `zone`, a date is its midnight there.
pub(super) fn instant(text: &str, zone: Tz) -> Result<Instant, Wrong> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(day_start(date, zone));
    }
    let local = text.parse().or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"));
    local.map(|local| resolve(local, zone)).map_err(|_| Wrong::Time(text.into()))
}

#[derive(Deserialize)]
pub(super) struct Range {
    pub start: String,
    pub end: String,
}

impl Range {
    /// `None` for one without length. An end that is a date includes that day.
    pub(super) fn interval(&self, zone: Tz) -> Result<Option<Interval>, Wrong> {
        let end = match self.end.parse::<NaiveDate>() {
            Ok(date) if self.end == self.start => day_start(next_day(date), zone),
            _ => instant(&self.end, zone)?,
        };
        Ok(Interval::new(instant(&self.start, zone)?, end))
    }

    /// As [`Range::interval`], with an end such as 23:59:59 read as the full minute after it.
    pub(super) fn up_to_the_minute(&self, zone: Tz) -> Result<Option<Interval>, Wrong> {
        let second = TimeDelta::seconds(1);
        Ok(self.interval(zone)?.and_then(|range| {
            let full = crate::availability::layout::next_minute(range.end());
            let end = if full - range.end() <= second { full } else { range.end() };
            Interval::new(range.start(), end)
        }))
    }
}

pub(super) fn intervals(ranges: &[Range], zone: Tz) -> Result<Vec<Interval>, Wrong> {
    ranges.iter().filter_map(|range| range.interval(zone).transpose()).collect()
}

#[derive(Deserialize)]
pub(super) struct ScheduleIn {
    #[serde(alias = "timezone", alias = "time_zone")]
    pub tz: Tz,
    #[serde(default)]
    pub weekly: Vec<WeeklyIn>,
    #[serde(default)]
    pub breaks: Vec<WeeklyIn>,
    #[serde(default)]
    pub overrides: Vec<OverrideIn>,
    #[serde(default, alias = "out_of_office")]
    pub out_of_office_dates: Vec<NaiveDate>,
    #[serde(default)]
    pub travel_tz: Vec<TravelIn>,
}

#[derive(Deserialize)]
pub(super) struct WeeklyIn {
    pub days: Vec<u64>,
    pub start: TimeOfDay,
    pub end: TimeOfDay,
}

#[derive(Deserialize)]
pub(super) struct OverrideIn {
    pub date: NaiveDate,
    pub start: Option<TimeOfDay>,
    pub end: Option<TimeOfDay>,
    #[serde(default, alias = "unavailable")]
    pub closed: bool,
}

#[derive(Deserialize)]
pub(super) struct TravelIn {
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub tz: Tz,
}

impl ScheduleIn {
    pub(super) fn schedule(self) -> Result<Schedule, Wrong> {
        let mut overrides: BTreeMap<NaiveDate, Vec<Block>> = BTreeMap::new();
        for day in &self.overrides {
            overrides.entry(day.date).or_default().extend(day.block());
        }
        let abroad = self.travel_tz.into_iter();
        Ok(Schedule {
            zone: self.tz,
            week: week(&self.weekly)?,
            breaks: week(&self.breaks)?,
            overrides,
            out_of_office: self.out_of_office_dates.into_iter().collect(),
            travel: abroad.map(|trip| Travel { from: trip.from, to: trip.to, zone: trip.tz }).collect(),
        })
    }
}

impl OverrideIn {
    /// Hours without length are how some tools close a day.
    fn block(&self) -> Option<Block> {
        let block = Block::new(self.start?, self.end?);
        (!self.closed && block.from != block.to).then_some(block)
    }
}

fn week(rows: &[WeeklyIn]) -> Result<Week, Wrong> {
    let mut week = Week::default();
    for row in rows {
        for day in &row.days {
            if let Some(blocks) = week.get_mut(monday_first(*day)?) {
                blocks.push(Block::new(row.start, row.end));
            }
        }
    }
    Ok(week)
}

/// The place of a weekday in a [`Week`], from one that counts from Sunday = 0.
pub(super) fn monday_first(day: u64) -> Result<usize, Wrong> {
    usize::try_from(day).ok().filter(|day| *day <= 7).map(|day| (day + 6) % 7).ok_or(Wrong::Weekday(day))
}

/// The same hours on the named days; every day when none is named.
pub(super) fn same_hours(zone: Tz, days: Option<Vec<u64>>, block: Block) -> Result<Schedule, Wrong> {
    let days = days.unwrap_or_else(|| (0..7).collect());
    let row = WeeklyIn { days, start: block.from, end: block.to };
    Ok(Schedule { week: week(&[row])?, ..Schedule::closed(zone) })
}

#[derive(Deserialize)]
pub(super) struct RulesIn {
    #[serde(alias = "duration_min")]
    pub length_min: u32,
    #[serde(alias = "interval_min", alias = "slot_interval_min")]
    pub step_min: Option<u32>,
    #[serde(default, alias = "notice_min", alias = "minimum_notice_min")]
    pub min_notice_min: u32,
    #[serde(default, alias = "offset_start_min")]
    pub offset_min: u32,
    #[serde(default)]
    pub fill_mode: Fill,
    #[serde(default, alias = "before_buffer_min", alias = "buffer_before")]
    pub buffer_before_min: u32,
    #[serde(default, alias = "after_buffer_min", alias = "buffer_after")]
    pub buffer_after_min: u32,
    pub window: Option<WindowIn>,
    #[serde(default, alias = "booking_limits")]
    pub limits: BTreeMap<String, Option<u32>>,
    #[serde(default, alias = "duration_limits_min", alias = "limits_min")]
    pub duration_limits: BTreeMap<String, Option<u32>>,
    pub max_per_day: Option<u32>,
    pub max_per_week: Option<u32>,
    pub max_per_month: Option<u32>,
    pub max_per_year: Option<u32>,
    #[serde(default = "monday")]
    pub week_start: Weekday,
}

fn monday() -> Weekday {
    Weekday::Mon
}

#[derive(Deserialize)]
pub(super) struct WindowIn {
    #[serde(rename = "type", alias = "kind")]
    kind: String,
    days: Option<u32>,
    calendar_days: Option<bool>,
    #[serde(alias = "from")]
    from_local: Option<NaiveDate>,
    #[serde(alias = "to")]
    to_local: Option<NaiveDate>,
}

impl RulesIn {
    pub(super) fn rules(self) -> Result<Rules, Wrong> {
        let named = [
            (Period::Day, self.max_per_day),
            (Period::Week, self.max_per_week),
            (Period::Month, self.max_per_month),
            (Period::Year, self.max_per_year),
        ];
        let mut all = limits(&self.limits, Most::Visits)?;
        all.extend(limits(&self.duration_limits, Most::Minutes)?);
        all.extend(
            named.into_iter().filter_map(|(per, most)| Some(Limit { per, most: Most::Visits(most?) })),
        );
        let mut rules = Rules::new(self.length_min);
        rules.visit.step_min = self.step_min.unwrap_or(self.length_min);
        rules.visit.offset_min = self.offset_min;
        rules.visit.fill = self.fill_mode;
        Ok(Rules {
            notice_min: self.min_notice_min,
            buffer_before_min: self.buffer_before_min,
            buffer_after_min: self.buffer_after_min,
            window: self.window.map_or(Ok(Window::Open), |window| window.window())?,
            limits: all,
            week_start: self.week_start,
            ..rules
        })
    }
}

/// Reads `{"day": 3, "month": 5}`; `PER_DAY` is a synonym of `day`, null means no limit.
pub(super) fn limits(
    named: &BTreeMap<String, Option<u32>>,
    most: fn(u32) -> Most,
) -> Result<Vec<Limit>, Wrong> {
    let given = named.iter().filter_map(|(name, count)| Some((name, (*count)?)));
    given.map(|(name, count)| Ok(Limit { per: period(name)?, most: most(count) })).collect()
}

fn period(name: &str) -> Result<Period, Wrong> {
    let plain = name.to_ascii_lowercase();
    serde_json::from_value(Value::from(plain.trim_start_matches("per_")))
        .map_err(|_| Wrong::Period(name.into()))
}

impl WindowIn {
    fn window(&self) -> Result<Window, Wrong> {
        let days = || self.days.ok_or(Wrong::WindowLacks("days"));
        let business_days = !self.calendar_days.unwrap_or(true);
        match self.kind.to_ascii_lowercase().as_str() {
            "unlimited" | "open" | "none" => Ok(Window::Open),
            "rolling" | "rolling_days" => Ok(Window::Rolling { days: days()?, business_days }),
            "rolling_bookable_days" | "rolling_window" => {
                Ok(Window::BookableDays { days: days()?, business_days })
            }
            "range" => Ok(Window::Range {
                from: self.from_local.ok_or(Wrong::WindowLacks("from_local"))?,
                to: self.to_local.ok_or(Wrong::WindowLacks("to_local"))?,
            }),
            _ => Err(Wrong::Window(self.kind.clone())),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct BookingIn {
    status: Option<String>,
    start: String,
    end: Option<String>,
    #[serde(alias = "before_buffer_min")]
    buffer_before_min: Option<u32>,
    #[serde(alias = "after_buffer_min")]
    buffer_after_min: Option<u32>,
}

impl BookingIn {
    /// `None` when the booking no longer holds its time. A status that is not known holds it:
    /// what cannot be judged is not free.
    pub(super) fn taken(&self, rules: &Rules, zone: Tz) -> Result<Option<Taken>, Wrong> {
        let by = match self.status.as_deref().unwrap_or("accepted").to_ascii_lowercase().as_str() {
            "cancelled" | "canceled" | "rejected" | "declined" => return Ok(None),
            "pending" | "requested" => By::Request,
            _ => By::Booking,
        };
        let start = instant(&self.start, zone)?;
        let end = self.end.as_ref().map_or(Ok(rules.visit.end(start)), |end| instant(end, zone))?;
        Ok(Interval::new(start, end).map(|interval| Taken {
            buffer_before_min: self.buffer_before_min.unwrap_or(rules.buffer_before_min),
            buffer_after_min: self.buffer_after_min.unwrap_or(rules.buffer_after_min),
            ..Taken::visit(interval, by, rules)
        }))
    }
}
