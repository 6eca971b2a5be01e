//! From rule lines to Graph's pattern, refusing in plain words what Graph cannot hold.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use daymark_core::time::wall;

use super::super::wire::{Pattern, Range, Recurrence};
use super::{DAYS, INDEXES, days_in_every, long_day};
use crate::capabilities::MICROSOFT;

/// Every part of a rule that this side understands.
const PARTS: [&str; 9] =
    ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"];

type Parts = BTreeMap<String, String>;

/// Graph's form of the rule `lines` of a series whose first occurrence starts at `start` on the
/// clocks of `zone`.
pub(in super::super) fn recurrence(
    lines: &[String],
    start: NaiveDateTime,
    zone: Tz,
    zone_name: String,
) -> Result<Recurrence, String> {
    let parts = parts(lines)?;
    let pattern = pattern(&parts, start.date())?;
    if !falls_on(start.date(), &pattern) {
        return Err("the first occurrence must fall on a day of the rule itself".to_owned());
    }
    let range = Range {
        start_date: start.date().to_string(),
        recurrence_time_zone: Some(zone_name),
        ..range(&parts, start.time(), zone)?
    };
    Ok(Recurrence { pattern, range })
}

fn parts(lines: &[String]) -> Result<Parts, String> {
    let [line] = lines else {
        return Err("a series has one rule here, without extra or left-out dates".to_owned());
    };
    let rule =
        line.strip_prefix("RRULE:").ok_or_else(|| "extra or left-out dates cannot be kept".to_owned())?;
    let mut parts = Parts::new();
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let (name, value) =
            part.split_once('=').ok_or_else(|| format!("{part:?} is not a part of a rule"))?;
        let name = name.to_ascii_uppercase();
        if !PARTS.contains(&name.as_str()) {
            return Err(format!("{name} cannot be kept"));
        }
        parts.insert(name, value.to_ascii_uppercase());
    }
    Ok(parts)
}

fn pattern(parts: &Parts, start: NaiveDate) -> Result<Pattern, String> {
    let interval = interval(parts)?;
    let made = match parts.get("FREQ").map(String::as_str) {
        Some("DAILY") => daily(parts, interval)?,
        Some("WEEKLY") => weekly(parts, start)?,
        Some("MONTHLY") => monthly(parts, start)?,
        Some("YEARLY") => yearly(parts, start)?,
        Some(other) => return Err(format!("a series cannot repeat {other}")),
        None => return Err("the rule does not say how often it repeats".to_owned()),
    };
    Ok(Pattern { interval, ..made })
}

fn interval(parts: &Parts) -> Result<u32, String> {
    let longest = MICROSOFT.longest_interval.unwrap_or(u32::MAX);
    let Some(text) = parts.get("INTERVAL") else { return Ok(1) };
    let stated = text.parse().ok().filter(|interval| (1..=longest).contains(interval));
    stated.ok_or_else(|| format!("the interval must be 1 to {longest}"))
}

fn refuse(parts: &Parts, names: &[&str]) -> Result<(), String> {
    match names.iter().find(|name| parts.contains_key(**name)) {
        Some(name) => Err(format!("{name} does not go with the rest of this rule here")),
        None => Ok(()),
    }
}

fn daily(parts: &Parts, interval: u32) -> Result<Pattern, String> {
    refuse(parts, &["BYMONTHDAY", "BYMONTH", "BYSETPOS"])?;
    match parts.get("BYDAY") {
        None => Ok(Pattern { kind: "daily".into(), ..Pattern::default() }),
        Some(days) if interval == 1 => weekly_on(plain_days(days)?, parts),
        Some(_) => Err("every so many days, and only on some weekdays, cannot be kept".to_owned()),
    }
}

fn weekly(parts: &Parts, start: NaiveDate) -> Result<Pattern, String> {
    refuse(parts, &["BYMONTHDAY", "BYMONTH", "BYSETPOS"])?;
    match parts.get("BYDAY") {
        Some(days) => weekly_on(plain_days(days)?, parts),
        None => weekly_on(vec![day_name(start)], parts),
    }
}

fn weekly_on(days_of_week: Vec<String>, parts: &Parts) -> Result<Pattern, String> {
    let first = parts.get("WKST").map_or("MO", String::as_str);
    let first = long_day(first).ok_or_else(|| format!("{first:?} is not a day of the week"))?;
    Ok(Pattern {
        kind: "weekly".into(),
        days_of_week,
        first_day_of_week: Some(first.to_owned()),
        ..Pattern::default()
    })
}

fn monthly(parts: &Parts, start: NaiveDate) -> Result<Pattern, String> {
    refuse(parts, &["BYMONTH"])?;
    if parts.contains_key("BYDAY") {
        return relative(parts, "relativeMonthly");
    }
    let day_of_month = match (parts.get("BYMONTHDAY").map(String::as_str), parts.get("BYSETPOS")) {
        (Some("28,29"), Some(last)) if last == "-1" => 29,
        (Some("28,29,30"), Some(last)) if last == "-1" => 30,
        (_, Some(_)) => return Err("BYSETPOS with days of the month cannot be kept".to_owned()),
        (Some("-1"), None) => 31,
        (Some(day), None) => one_day(day)?,
        (None, None) => start.day(),
    };
    if day_of_month > 28 && !parts.get("BYMONTHDAY").is_some_and(|days| days == "-1" || days.contains(',')) {
        return Err(format!(
            "day {day_of_month} of each month that has one cannot be kept; the last day can"
        ));
    }
    Ok(Pattern { kind: "absoluteMonthly".into(), day_of_month, ..Pattern::default() })
}

fn yearly(parts: &Parts, start: NaiveDate) -> Result<Pattern, String> {
    let month = match parts.get("BYMONTH") {
        Some(text) => {
            text.parse().ok().filter(|m| (1..=12).contains(m)).ok_or("a yearly series has one month here")?
        }
        None if parts.contains_key("BYDAY") => {
            return Err("a weekday of the whole year cannot be kept".to_owned());
        }
        None => start.month(),
    };
    if parts.contains_key("BYDAY") {
        return Ok(Pattern { month, ..relative(parts, "relativeYearly")? });
    }
    refuse(parts, &["BYSETPOS"])?;
    let day_of_month = match parts.get("BYMONTHDAY").map(String::as_str) {
        Some("-1") => last_day(month),
        Some(day) => one_day(day)?,
        None => start.day(),
    };
    let skips_years =
        month == 2 && day_of_month == 29 && parts.get("BYMONTHDAY").is_none_or(|day| day != "-1");
    if skips_years || day_of_month > last_day(month) {
        return Err("a day that not every year has cannot be kept; the month's last day can".to_owned());
    }
    Ok(Pattern { kind: "absoluteYearly".into(), month, day_of_month, ..Pattern::default() })
}

/// The longest that a month gets.
fn last_day(month: u32) -> u32 {
    if month == 2 { 29 } else { days_in_every(month) }
}

fn relative(parts: &Parts, kind: &str) -> Result<Pattern, String> {
    refuse(parts, &["BYMONTHDAY"])?;
    let days = parts.get("BYDAY").map_or("", String::as_str);
    let (number, days_of_week) = match parts.get("BYSETPOS") {
        Some(position) => (position.as_str(), plain_days(days)?),
        None => numbered_day(days)?,
    };
    let index = number.strip_prefix('+').unwrap_or(number).parse().ok();
    let (index, _) = INDEXES
        .iter()
        .find(|(_, known)| Some(*known) == index)
        .ok_or("only the first to fourth and the last of such days of a month can be kept")?;
    Ok(Pattern {
        kind: kind.to_owned(),
        days_of_week,
        index: Some((*index).to_owned()),
        first_day_of_week: Some("monday".to_owned()),
        ..Pattern::default()
    })
}

/// `2TU` or `-1FR`.
fn numbered_day(text: &str) -> Result<(&str, Vec<String>), String> {
    let refused = || "only one numbered weekday of a month can be kept".to_owned();
    let (number, day) = text.split_at_checked(text.len().saturating_sub(2)).ok_or_else(refused)?;
    let day = long_day(day).filter(|_| !number.is_empty() && !number.contains(',')).ok_or_else(refused)?;
    Ok((number, vec![day.to_owned()]))
}

fn plain_days(text: &str) -> Result<Vec<String>, String> {
    text.split(',')
        .map(|day| long_day(day).map(str::to_owned).ok_or_else(|| format!("{day:?} is not a plain weekday")))
        .collect()
}

fn one_day(text: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|day| (1..=31).contains(day))
        .ok_or_else(|| "only one day of the month, counted from its start, can be kept".to_owned())
}

fn day_name(date: NaiveDate) -> String {
    let position = date.weekday().num_days_from_monday() as usize;
    DAYS.get(position).map_or_else(String::new, |(long, _)| (*long).to_owned())
}

/// Graph moves a series to the first day that fits its pattern, which would silently move the event.
fn falls_on(date: NaiveDate, pattern: &Pattern) -> bool {
    let weekday = || pattern.days_of_week.contains(&day_name(date));
    let day = || date.day() == pattern.day_of_month.min(days_of(date));
    match pattern.kind.as_str() {
        "weekly" => weekday(),
        "absoluteMonthly" => day(),
        "absoluteYearly" => date.month() == pattern.month && day(),
        "relativeMonthly" => is_nth(date, pattern),
        "relativeYearly" => date.month() == pattern.month && is_nth(date, pattern),
        _ => true,
    }
}

fn is_nth(date: NaiveDate, pattern: &Pattern) -> bool {
    let matching: Vec<u32> = (1..=days_of(date))
        .filter(|day| date.with_day(*day).is_some_and(|day| pattern.days_of_week.contains(&day_name(day))))
        .collect();
    let wanted = match pattern.index.as_deref() {
        Some("last") => matching.last(),
        Some("second") => matching.get(1),
        Some("third") => matching.get(2),
        Some("fourth") => matching.get(3),
        _ => matching.first(),
    };
    wanted == Some(&date.day())
}

fn days_of(date: NaiveDate) -> u32 {
    (28..=31).rev().find(|day| date.with_day(*day).is_some()).unwrap_or(28)
}

fn range(parts: &Parts, starts: NaiveTime, zone: Tz) -> Result<Range, String> {
    match (parts.get("COUNT"), parts.get("UNTIL")) {
        (None, None) => Ok(Range { kind: "noEnd".into(), ..Range::default() }),
        (Some(count), None) => {
            let number_of_occurrences =
                count.parse().ok().filter(|n| *n > 0).ok_or("a series has at least one occurrence")?;
            Ok(Range { kind: "numbered".into(), number_of_occurrences, ..Range::default() })
        }
        (None, Some(until)) => {
            let end_date = Some(last_date(until, starts, zone)?.to_string());
            Ok(Range { kind: "endDate".into(), end_date, ..Range::default() })
        }
        (Some(_), Some(_)) => Err("a series ends by number or by date, not both".to_owned()),
    }
}

/// The last local day on which an occurrence that starts at `starts` is not after `until`.
fn last_date(until: &str, starts: NaiveTime, zone: Tz) -> Result<NaiveDate, String> {
    if let Ok(date) = NaiveDate::parse_from_str(until, "%Y%m%d") {
        return Ok(date);
    }
    let text = until.strip_suffix('Z').unwrap_or(until);
    let stated = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S")
        .map_err(|_| format!("{until:?} is no date to end a series at"))?;
    let local = if until.ends_with('Z') { wall(stated.and_utc(), zone) } else { stated };
    let reached = local.time() >= starts;
    Ok(if reached { local.date() } else { local.date() - Days::new(1) })
}
