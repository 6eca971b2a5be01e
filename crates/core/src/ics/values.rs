//! Single values of properties: points in time, lengths, and the lines of a series.

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendarDuration, ICalendarEntry, ICalendarPeriod, ICalendarProperty, ICalendarRecurrenceRule,
    ICalendarValue,
};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use chrono_tz::Tz;

use super::zones::Zone;
use crate::event::Original;
use crate::recurrence::LONGEST;
use crate::time::{Instant, Span, resolve, wall};

/// Whether an end can be written: a year has four digits (RFC 5545 §3.3.4).
pub(super) fn is_writable_end(span: &Span) -> bool {
    let years = match span {
        Span::Timed { end, zone, .. } => [end.year(), wall(*end, *zone).year()],
        Span::AllDay { end, .. } => [end.year(); 2],
        Span::Floating { end, .. } => [end.year(); 2],
    };
    years.into_iter().all(|year| year <= 9999)
}

/// A point in time as a property writes it.
#[derive(Clone, Copy)]
pub(super) enum Point {
    Date(NaiveDate),
    Floating(NaiveDateTime),
    Zoned(NaiveDateTime, Tz),
}

impl Point {
    pub(super) fn wall(self) -> NaiveDateTime {
        match self {
            Point::Date(date) => date.and_time(NaiveTime::MIN),
            Point::Floating(wall) | Point::Zoned(wall, _) => wall,
        }
    }

    pub(super) fn instant(self, zone: Tz) -> Instant {
        match self {
            Point::Zoned(wall, own) => resolve(wall, own),
            other => resolve(other.wall(), zone),
        }
    }

    pub(super) fn original(self) -> Original {
        match self {
            Point::Date(date) => Original::On(date),
            Point::Floating(wall) => Original::Floating(wall),
            Point::Zoned(wall, zone) => Original::At(resolve(wall, zone)),
        }
    }

    /// As `EXDATE` and its like write it, zone included.
    fn value(self) -> (String, Option<Tz>) {
        match self {
            Point::Date(date) => (date.format("%Y%m%d").to_string(), None),
            Point::Floating(wall) => (wall.format("%Y%m%dT%H%M%S").to_string(), None),
            Point::Zoned(wall, Tz::UTC) => (wall.format("%Y%m%dT%H%M%SZ").to_string(), None),
            Point::Zoned(wall, zone) => (wall.format("%Y%m%dT%H%M%S").to_string(), Some(zone)),
        }
    }
}

pub(super) fn point(written: &PartialDateTime, zone: Option<&Zone>) -> Option<Point> {
    let date = NaiveDate::from_ymd_opt(
        i32::from(written.year?),
        u32::from(written.month?),
        u32::from(written.day?),
    )?;
    let Some(hour) = written.hour else {
        return Some(Point::Date(date));
    };
    let part = |part: Option<u8>| u32::from(part.unwrap_or(0));
    // A leap second has no second of its own here.
    let time = NaiveTime::from_hms_opt(hour.into(), part(written.minute), part(written.second).min(59))?;
    let wall_time = date.and_time(time);
    Some(match (written.tz_hour, zone) {
        (Some(hours), _) => {
            let offset =
                TimeDelta::minutes(i64::from(hours) * 60 + i64::from(written.tz_minute.unwrap_or(0)));
            let utc = if written.tz_minus { wall_time + offset } else { wall_time - offset };
            Point::Zoned(utc, Tz::UTC)
        }
        (None, Some(Zone::Database(zone))) => Point::Zoned(wall_time, *zone),
        (None, Some(Zone::Own(rules))) => Point::Zoned(rules.instant(wall_time).naive_utc(), Tz::UTC),
        (None, None) => Point::Floating(wall_time),
    })
}

/// `None` for one that reaches out of all calendars.
pub(super) fn nominal(length: &ICalendarDuration) -> Option<(i64, TimeDelta)> {
    let days = i64::from(length.weeks) * 7 + i64::from(length.days);
    let seconds = i64::from(length.hours) * 3600 + i64::from(length.minutes) * 60 + i64::from(length.seconds);
    let seconds = TimeDelta::seconds(seconds);
    let is_sane = days <= LONGEST.num_days() && seconds <= LONGEST;
    is_sane.then_some((days, seconds))
}

/// A length as `DURATION` writes it, in hours, minutes and seconds: the days of one would follow the calendar.
pub(super) fn exact(length: TimeDelta) -> String {
    let (hours, minutes, seconds) =
        (length.num_hours(), length.num_minutes() % 60, length.num_seconds() % 60);
    let part = |number: i64, unit: char| if number == 0 { String::new() } else { format!("{number}{unit}") };
    let written = [part(hours, 'H'), part(minutes, 'M'), part(seconds, 'S')].concat();
    format!("PT{}", if written.is_empty() { "0S".to_owned() } else { written })
}

/// How the points of a property are meant.
type Read<'a> = &'a dyn Fn(&PartialDateTime) -> Option<Point>;

/// The end of a rule. Only one that is written in UTC may be meant otherwise than it stands there.
fn until_of(written: &PartialDateTime, read: Read<'_>) -> PartialDateTime {
    let meant = written.tz_hour.and_then(|_| read(written)).map(Point::wall);
    meant.and_then(in_utc).unwrap_or_else(|| written.clone())
}

fn in_utc(wall: NaiveDateTime) -> Option<PartialDateTime> {
    let small = |number: u32| u8::try_from(number).ok();
    Some(PartialDateTime {
        year: u16::try_from(wall.year()).ok(),
        month: small(wall.month()),
        day: small(wall.day()),
        hour: small(wall.hour()),
        minute: small(wall.minute()),
        second: small(wall.second()),
        tz_hour: Some(0),
        tz_minute: Some(0),
        tz_minus: false,
    })
}

fn recurrence_line(name: &str, value: &ICalendarValue, read: Read<'_>) -> Option<String> {
    let dated = |(text, zone): (String, Option<Tz>)| match zone {
        Some(zone) => format!("{name};TZID={zone}:{text}"),
        None => format!("{name}:{text}"),
    };
    match value {
        ICalendarValue::RecurrenceRule(rule) => {
            let until = rule.until.as_ref().map(|until| until_of(until, read));
            let rule = ICalendarRecurrenceRule { until, ..rule.as_ref().clone() };
            Some(format!("{name}:{rule}"))
        }
        ICalendarValue::PartialDateTime(written) => Some(dated(read(written)?.value())),
        ICalendarValue::Period(ICalendarPeriod::Range { start, end }) => {
            let (start, zone) = (read(start)?.value(), read(end)?.value());
            Some(dated((format!("{}/{}", start.0, zone.0), start.1)))
        }
        ICalendarValue::Period(ICalendarPeriod::Duration { start, duration }) => {
            let (start, zone) = read(start)?.value();
            Some(dated((format!("{start}/{duration}"), zone)))
        }
        // What cannot be read is handed on as it is, to be named when the series is expanded.
        other => other.as_text().map(|text| format!("{name}:{text}")),
    }
}

/// The lines of a series that a property holds, one for each value.
pub(super) fn recurrence_lines(property: &ICalendarEntry, read: Read<'_>) -> Vec<String> {
    let name = match property.name {
        ICalendarProperty::Rrule => "RRULE",
        ICalendarProperty::Exrule => "EXRULE",
        ICalendarProperty::Rdate => "RDATE",
        ICalendarProperty::Exdate => "EXDATE",
        _ => return Vec::new(),
    };
    property.values.iter().filter_map(|value| recurrence_line(name, value, read)).collect()
}

/// A UTC offset in seconds, as time zones have it.
pub(super) fn offset_s(property: &ICalendarEntry) -> Option<i32> {
    let written = property.values.first()?.as_partial_date_time()?;
    let seconds = i32::from(written.tz_hour?) * 3600 + i32::from(written.tz_minute.unwrap_or(0)) * 60;
    Some(if written.tz_minus { -seconds } else { seconds })
}
