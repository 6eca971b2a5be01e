//! Holds the answer to a case against its `expect`, and puts it into the same form.

use std::collections::BTreeMap;

use chrono::{NaiveDate, SecondsFormat};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::input::instant;
use crate::availability::closed_dates;
use crate::time::{Instant, Interval};

pub(super) enum Answer {
    Starts { starts: Vec<Instant>, viewer: Tz, now: Instant },
    Ranges(Vec<Interval>),
    Days(BTreeMap<NaiveDate, Vec<Instant>>),
    Valid(bool),
    FirstStart(Option<i64>),
}

/// Whether all checks hold, what stands in their place, and the names that are no checks. A check whose value
/// has not its form does not hold.
pub(super) fn judge(answer: &Answer, expect: &Value) -> (Option<bool>, Value, Vec<String>) {
    let none = Map::new();
    let mut got = Map::new();
    let mut unknown = Vec::new();
    let mut holds = true;
    for (name, expected) in expect.as_object().unwrap_or(&none) {
        match check(answer, name, expected) {
            None => unknown.push(name.clone()),
            Some((held, value)) => {
                holds &= held;
                got.insert(name.clone(), value);
            }
        }
    }
    let judged = !got.is_empty() || unknown.is_empty();
    (judged.then_some(holds), Value::Object(got), unknown)
}

type Checked = Option<(bool, Value)>;

fn check(answer: &Answer, name: &str, expected: &Value) -> Checked {
    match (answer, name) {
        (Answer::Starts { starts, viewer, now }, _) => {
            check_starts(&Starts { starts, viewer: *viewer, now: *now }, name, expected)
        }
        (Answer::Ranges(ranges), "ranges" | "gaps") => {
            let got: Vec<Value> = ranges.iter().map(|range| render_range(*range)).collect();
            Some((same_ranges(ranges, expected), got.into()))
        }
        (Answer::Ranges(ranges), "count") => Some(equal(json!(ranges.len()), expected)),
        (Answer::Days(days), "by_date") => {
            let got: Map<String, Value> =
                days.iter().map(|(date, starts)| (date.to_string(), render_all(starts))).collect();
            Some(equal(got.into(), expected))
        }
        (Answer::Days(days), "closed") => {
            let named = dates_in(expected);
            let closed = match (named.first(), named.last()) {
                (Some(first), Some(last)) => closed_dates(days, *first, *last),
                _ => Vec::new(),
            };
            let closed: Vec<String> = closed.iter().map(NaiveDate::to_string).collect();
            Some(equal(json!(closed), expected))
        }
        (Answer::Valid(valid), "valid") => Some(equal(json!(valid), expected)),
        (Answer::FirstStart(first), "first_start") => Some(equal(json!(first), expected)),
        (Answer::FirstStart(first), "count") => Some(equal(json!(u8::from(first.is_some())), expected)),
        _ => None,
    }
}

fn equal(got: Value, expected: &Value) -> (bool, Value) {
    (got == *expected, got)
}

struct Starts<'a> {
    starts: &'a [Instant],
    viewer: Tz,
    now: Instant,
}

fn check_starts(it: &Starts<'_>, name: &str, expected: &Value) -> Checked {
    let count = it.starts.len();
    Some(match name {
        "count" => equal(json!(count), expected),
        // Counted as far as was asked.
        "min_count" => {
            let asked = expected.as_u64().and_then(|asked| usize::try_from(asked).ok());
            (asked.is_some_and(|asked| count >= asked), json!(asked.map_or(count, |asked| count.min(asked))))
        }
        "starts" | "starts_derived" | "starts_local" => it.list(it.starts.iter(), expected),
        "first" => it.one(it.starts.first(), expected),
        "last" => it.one(it.starts.last(), expected),
        "contains" => {
            let asked = listed(expected);
            it.list(
                it.starts.iter().filter(|start| asked.iter().any(|asked| it.is(**start, asked))),
                expected,
            )
        }
        "all_starts_at_or_after_min" => {
            let soonest_min = it.starts.first().map(|start| (*start - it.now).num_minutes());
            match expected.as_i64() {
                Some(asked_min) => {
                    let got = soonest_min.map_or(asked_min, |soonest_min| soonest_min.min(asked_min));
                    (got == asked_min, json!(got))
                }
                None => (false, json!(soonest_min)),
            }
        }
        _ => return None,
    })
}

impl Starts<'_> {
    fn list<'s>(&self, starts: impl Iterator<Item = &'s Instant>, expected: &Value) -> (bool, Value) {
        let asked = listed(expected);
        let sample = asked.first().unwrap_or(&Value::Null);
        let starts: Vec<&Instant> = starts.collect();
        let same = expected.is_array()
            && starts.len() == asked.len()
            && starts.iter().zip(asked).all(|(start, asked)| self.is(**start, asked));
        (same, starts.into_iter().map(|start| self.render(*start, sample)).collect())
    }

    fn one(&self, start: Option<&Instant>, expected: &Value) -> (bool, Value) {
        match start {
            Some(start) => (self.is(*start, expected), self.render(*start, expected)),
            None => (expected.is_null(), Value::Null),
        }
    }

    fn is(&self, start: Instant, expected: &Value) -> bool {
        let written = expected.as_str().and_then(|text| instant(text, self.viewer).ok());
        written == Some(start) || self.render(start, expected) == *expected
    }

    /// In the notation of `sample`: seconds since 1970, a local HH:MM, local with offset, or UTC.
    fn render(&self, start: Instant, sample: &Value) -> Value {
        let local = start.with_timezone(&self.viewer);
        match sample {
            Value::Number(_) => json!(start.timestamp()),
            Value::String(text) if text.len() == 5 => json!(local.format("%H:%M").to_string()),
            Value::String(text) if !text.ends_with('Z') => {
                json!(local.to_rfc3339_opts(SecondsFormat::AutoSi, false))
            }
            _ => render(start),
        }
    }
}

fn listed(expected: &Value) -> &[Value] {
    expected.as_array().map_or(&[], Vec::as_slice)
}

fn render(at: Instant) -> Value {
    json!(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn render_all(starts: &[Instant]) -> Value {
    starts.iter().map(|start| render(*start)).collect()
}

fn render_range(range: Interval) -> Value {
    json!({ "start": render(range.start()), "end": render(range.end()) })
}

fn same_ranges(ranges: &[Interval], expected: &Value) -> bool {
    let at = |range: &Value, edge: &str| instant(range.get(edge)?.as_str()?, Tz::UTC).ok();
    expected.as_array().is_some_and(|expected| {
        expected.len() == ranges.len()
            && expected.iter().zip(ranges).all(|(written, range)| {
                at(written, "start") == Some(range.start()) && at(written, "end") == Some(range.end())
            })
    })
}

/// The dates that a grouping case names, in order.
pub(super) fn expected_dates(expect: &Value) -> Vec<NaiveDate> {
    let mut dates = dates_in(expect.get("closed").unwrap_or(&Value::Null));
    let days = expect.get("by_date").and_then(Value::as_object);
    dates.extend(days.into_iter().flatten().filter_map(|(date, _)| date.parse::<NaiveDate>().ok()));
    dates.sort_unstable();
    dates
}

fn dates_in(list: &Value) -> Vec<NaiveDate> {
    let texts = list.as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut dates: Vec<NaiveDate> = texts.filter_map(|date| date.parse().ok()).collect();
    dates.sort_unstable();
    dates
}
