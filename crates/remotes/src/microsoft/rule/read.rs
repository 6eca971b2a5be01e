//! From Graph's pattern to rule lines.

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use daymark_core::time::resolve;

use super::super::wire::{Pattern, Range, Recurrence};
use super::{INDEXES, days_in_every, short_day};

/// The RRULE line of a series; `zone` is `None` for one of whole days.
pub(in super::super) fn lines(recurrence: &Recurrence, zone: Option<Tz>) -> Result<Vec<String>, String> {
    let mut rule = pattern(&recurrence.pattern)?;
    rule.push_str(&bound(&recurrence.range, zone)?);
    Ok(vec![format!("RRULE:{rule}")])
}

fn pattern(pattern: &Pattern) -> Result<String, String> {
    let every = |freq: &str| match pattern.interval {
        0 | 1 => format!("FREQ={freq}"),
        interval => format!("FREQ={freq};INTERVAL={interval}"),
    };
    match pattern.kind.as_str() {
        "daily" => Ok(every("DAILY")),
        "weekly" => Ok(format!("{};BYDAY={}{}", every("WEEKLY"), days(pattern)?, week_start(pattern)?)),
        "absoluteMonthly" => Ok(format!("{};{}", every("MONTHLY"), day_of_month(pattern)?)),
        "relativeMonthly" => Ok(format!("{};{}", every("MONTHLY"), nth_day(pattern)?)),
        "absoluteYearly" => {
            Ok(format!("{};BYMONTH={};{}", every("YEARLY"), month(pattern)?, day_of_year(pattern)?))
        }
        "relativeYearly" => {
            Ok(format!("{};BYMONTH={};{}", every("YEARLY"), month(pattern)?, nth_day(pattern)?))
        }
        other => Err(format!("unknown recurrence pattern {other:?}")),
    }
}

fn days(pattern: &Pattern) -> Result<String, String> {
    let named: Option<Vec<&str>> = pattern.days_of_week.iter().map(|day| short_day(day)).collect();
    match named {
        Some(days) if !days.is_empty() => Ok(days.join(",")),
        _ => Err(format!("unusable daysOfWeek {:?}", pattern.days_of_week)),
    }
}

/// Only with an interval does it matter where a week begins (RFC 5545 §3.3.10); Graph's default is Sunday.
fn week_start(pattern: &Pattern) -> Result<String, String> {
    if pattern.interval < 2 {
        return Ok(String::new());
    }
    let first = pattern.first_day_of_week.as_deref().unwrap_or("sunday");
    short_day(first)
        .map(|day| format!(";WKST={day}"))
        .ok_or_else(|| format!("unknown firstDayOfWeek {first:?}"))
}

/// In a month too short for the day Exchange takes the month's last, where RFC 5545 leaves the month out.
fn day_of_month(pattern: &Pattern) -> Result<String, String> {
    match pattern.day_of_month {
        day @ 1..=28 => Ok(format!("BYMONTHDAY={day}")),
        29 => Ok("BYMONTHDAY=28,29;BYSETPOS=-1".to_owned()),
        30 => Ok("BYMONTHDAY=28,29,30;BYSETPOS=-1".to_owned()),
        31 => Ok("BYMONTHDAY=-1".to_owned()),
        day => Err(format!("unusable dayOfMonth {day}")),
    }
}

/// Only February differs from year to year.
fn day_of_year(pattern: &Pattern) -> Result<String, String> {
    match pattern.day_of_month {
        day @ 1..=31 if day <= days_in_every(month(pattern)?) => Ok(format!("BYMONTHDAY={day}")),
        29..=31 => Ok("BYMONTHDAY=-1".to_owned()),
        day => Err(format!("unusable dayOfMonth {day}")),
    }
}

fn month(pattern: &Pattern) -> Result<u32, String> {
    match pattern.month {
        month @ 1..=12 => Ok(month),
        month => Err(format!("unusable month {month}")),
    }
}

/// With several days the first (or last) that is any of them counts.
fn nth_day(pattern: &Pattern) -> Result<String, String> {
    let wanted = pattern.index.as_deref().unwrap_or("first");
    let (_, number) = INDEXES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .ok_or_else(|| format!("unknown index {wanted:?}"))?;
    let days = days(pattern)?;
    Ok(match pattern.days_of_week.len() {
        1 => format!("BYDAY={number}{days}"),
        _ => format!("BYDAY={days};BYSETPOS={number}"),
    })
}

fn bound(range: &Range, zone: Option<Tz>) -> Result<String, String> {
    match range.kind.as_str() {
        "noEnd" => Ok(String::new()),
        "numbered" if range.number_of_occurrences > 0 => {
            Ok(format!(";COUNT={}", range.number_of_occurrences))
        }
        "endDate" => {
            let text = range.end_date.as_deref().unwrap_or_default();
            let last: NaiveDate = text.parse().map_err(|_| format!("unusable endDate {text:?}"))?;
            Ok(format!(";UNTIL={}", until(last, zone)))
        }
        other => Err(format!("unusable recurrence range {other:?}")),
    }
}

/// RFC 5545 §3.3.10: a date for whole days, else UTC.
fn until(last: NaiveDate, zone: Option<Tz>) -> String {
    let Some(zone) = zone else { return last.format("%Y%m%d").to_string() };
    let end_of_day = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN);
    resolve(last.and_time(end_of_day), zone).format("%Y%m%dT%H%M%SZ").to_string()
}
