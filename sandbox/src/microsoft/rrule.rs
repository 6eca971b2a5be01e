//! Seeds say repetition in RFC 5545; Graph has its own words, and fewer of them.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value, json};

const DAYS: [(&str, &str); 7] = [
    ("SU", "sunday"),
    ("MO", "monday"),
    ("TU", "tuesday"),
    ("WE", "wednesday"),
    ("TH", "thursday"),
    ("FR", "friday"),
    ("SA", "saturday"),
];

/// Graph's recurrence for one `RRULE:` line of a series that starts on `start`.
pub fn from_line(line: &str, start: NaiveDate) -> Result<Value, String> {
    let rule = line.strip_prefix("RRULE:").ok_or_else(|| format!("Graph knows no line like {line}"))?;
    let parts: BTreeMap<&str, &str> = rule.split(';').filter_map(|part| part.split_once('=')).collect();
    let known = ["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST", "COUNT", "UNTIL"];
    if let Some(other) = parts.keys().find(|name| !known.contains(name)) {
        return Err(format!("Graph cannot say {other}"));
    }
    Ok(json!({"pattern": pattern(&parts, start)?, "range": range(&parts, start)?}))
}

fn pattern(parts: &BTreeMap<&str, &str>, start: NaiveDate) -> Result<Value, String> {
    let (ordinal, days) = by_day(parts.get("BYDAY").copied().unwrap_or_default())?;
    let kind = match (parts.get("FREQ").copied().unwrap_or_default(), ordinal) {
        ("DAILY", None) if days.is_empty() => "daily",
        ("DAILY" | "WEEKLY", None) => "weekly",
        ("MONTHLY", Some(_)) => "relativeMonthly",
        ("MONTHLY", None) if days.is_empty() => "absoluteMonthly",
        ("YEARLY", Some(_)) => "relativeYearly",
        ("YEARLY", None) if days.is_empty() => "absoluteYearly",
        (frequency, _) => return Err(format!("Graph cannot say FREQ={frequency} this way")),
    };
    let mut pattern = Map::new();
    pattern.insert("type".into(), json!(kind));
    pattern.insert("interval".into(), json!(number(parts, "INTERVAL")?.unwrap_or(1)));
    if kind == "weekly" || ordinal.is_some() {
        let own = DAYS.get(start.weekday().num_days_from_sunday() as usize).map_or("monday", |(_, day)| day);
        pattern.insert("daysOfWeek".into(), if days.is_empty() { json!([own]) } else { json!(days) });
    }
    if kind == "weekly" {
        let first = parts.get("WKST").copied().unwrap_or("MO");
        pattern.insert("firstDayOfWeek".into(), json!(day(first)?));
    }
    if let Some(index) = ordinal {
        pattern.insert("index".into(), json!(index));
    }
    if kind.starts_with("absolute") {
        pattern.insert("dayOfMonth".into(), json!(number(parts, "BYMONTHDAY")?.unwrap_or(start.day())));
    }
    if kind.ends_with("Yearly") {
        pattern.insert("month".into(), json!(number(parts, "BYMONTH")?.unwrap_or(start.month())));
    }
    Ok(Value::Object(pattern))
}

fn range(parts: &BTreeMap<&str, &str>, start: NaiveDate) -> Result<Value, String> {
    let start = start.to_string();
    if let Some(count) = number(parts, "COUNT")? {
        return Ok(json!({"type": "numbered", "startDate": start, "numberOfOccurrences": count}));
    }
    match parts.get("UNTIL") {
        Some(until) => {
            let date = until.get(..8).and_then(|date| NaiveDate::parse_from_str(date, "%Y%m%d").ok());
            let date = date.ok_or_else(|| format!("UNTIL={until} is no date"))?;
            Ok(json!({"type": "endDate", "startDate": start, "endDate": date.to_string()}))
        }
        None => Ok(json!({"type": "noEnd", "startDate": start})),
    }
}

type Days = (Option<&'static str>, Vec<&'static str>);

/// Days, and the one ordinal before them, if any.
fn by_day(text: &str) -> Result<Days, String> {
    let mut index = None;
    let mut days = Vec::new();
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let (ordinal, name) = word.split_at(word.len().saturating_sub(2));
        days.push(day(name)?);
        index = match ordinal {
            "" => index,
            "1" => Some("first"),
            "2" => Some("second"),
            "3" => Some("third"),
            "4" => Some("fourth"),
            "-1" => Some("last"),
            _ => return Err(format!("Graph cannot say BYDAY={word}")),
        };
    }
    Ok((index, days))
}

fn day(name: &str) -> Result<&'static str, String> {
    DAYS.iter()
        .find(|(short, _)| *short == name)
        .map(|(_, day)| *day)
        .ok_or_else(|| format!("{name} is no day"))
}

fn number(parts: &BTreeMap<&str, &str>, name: &str) -> Result<Option<u32>, String> {
    parts.get(name).map(|text| text.parse().map_err(|_| format!("{name}={text} is no number"))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(line: &str) -> Value {
        from_line(line, "2026-01-05".parse().unwrap()).unwrap()
    }

    #[test]
    fn weekdays_until_a_day() {
        let rule = graph("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260201T000000Z");
        assert_eq!(rule["pattern"]["daysOfWeek"], json!(["monday", "wednesday"]));
        assert_eq!(
            rule["range"],
            json!({"type": "endDate", "startDate": "2026-01-05", "endDate": "2026-02-01"})
        );
    }

    #[test]
    fn the_second_tuesday_of_the_month() {
        let rule = graph("RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=5");
        assert_eq!(rule["pattern"]["type"], "relativeMonthly");
        assert_eq!(rule["pattern"]["index"], "second");
        assert_eq!(rule["range"]["numberOfOccurrences"], 5);
    }

    #[test]
    fn a_plain_rule_takes_its_days_from_the_start() {
        assert_eq!(graph("RRULE:FREQ=WEEKLY")["pattern"]["daysOfWeek"], json!(["monday"]));
        assert_eq!(graph("RRULE:FREQ=MONTHLY")["pattern"]["dayOfMonth"], 5);
        assert_eq!(graph("RRULE:FREQ=YEARLY")["pattern"]["month"], 1);
    }

    #[test]
    fn what_graph_cannot_say_is_refused() {
        for line in [
            "RRULE:FREQ=HOURLY",
            "RRULE:FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO",
            "EXDATE:20260105",
            "RRULE:FREQ=MONTHLY;BYDAY=5MO",
        ] {
            assert!(from_line(line, "2026-01-05".parse().unwrap()).is_err(), "{line}");
        }
    }
}
