//! Graph's recurrence: a pattern and a range, and the dates they give in the series' own zone.

use chrono::{Datelike, Duration, NaiveDate, Weekday};
use serde_json::{Value, json};

use super::error::GraphError;
use super::moment::{Moment, Zone};

/// Two hundred years of days: no pattern of Graph's stays silent longer than a leap cycle.
const SEARCH_DAYS: i64 = 73_000;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Daily,
    Weekly,
    AbsoluteMonthly,
    RelativeMonthly,
    AbsoluteYearly,
    RelativeYearly,
}

const KINDS: [(&str, Kind); 6] = [
    ("daily", Kind::Daily),
    ("weekly", Kind::Weekly),
    ("absoluteMonthly", Kind::AbsoluteMonthly),
    ("relativeMonthly", Kind::RelativeMonthly),
    ("absoluteYearly", Kind::AbsoluteYearly),
    ("relativeYearly", Kind::RelativeYearly),
];
const DAYS: [(&str, Weekday); 7] = [
    ("sunday", Weekday::Sun),
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
];
/// What each index picks from the matching days of a month; none is the last.
const INDEXES: [(&str, Option<usize>); 5] =
    [("first", Some(0)), ("second", Some(1)), ("third", Some(2)), ("fourth", Some(3)), ("last", None)];

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Until {
    Never,
    Date(NaiveDate),
    Count(u32),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Recurrence {
    pub kind: Kind,
    pub interval: u32,
    pub days: Vec<Weekday>,
    pub first_day: Weekday,
    pub index: Option<usize>,
    pub day_of_month: u32,
    pub month: u32,
    pub start: NaiveDate,
    pub until: Until,
    pub zone: Zone,
}

impl Recurrence {
    /// Reads `{pattern, range}` for a series whose first occurrence starts at `start`.
    pub fn parse(value: &Value, start: &Moment) -> Result<Self, GraphError> {
        let (pattern, range) = (value.get("pattern"), value.get("range"));
        let (Some(pattern), Some(range)) = (pattern, range) else {
            return Err(invalid("The recurrence must have a pattern and a range."));
        };
        let zone = match range.get("recurrenceTimeZone").and_then(Value::as_str) {
            Some(name) if !name.is_empty() => Zone::named(name)?,
            _ => start.zone.clone(),
        };
        let first = date(range, "startDate")?.ok_or_else(|| invalid("The range must have a startDate."))?;
        if first != start.in_zone(&zone).wall.date() {
            return Err(invalid("The range's startDate must be the date on which the event starts."));
        }
        let recurrence = Self {
            kind: one_of(pattern, "type", &KINDS)?.ok_or_else(|| invalid("The pattern must have a type."))?,
            interval: number(pattern, "interval")?.unwrap_or(0),
            days: days(pattern)?,
            first_day: one_of(pattern, "firstDayOfWeek", &DAYS)?.unwrap_or(Weekday::Sun),
            index: one_of(pattern, "index", &INDEXES)?.unwrap_or(Some(0)),
            day_of_month: number(pattern, "dayOfMonth")?.unwrap_or(0),
            month: number(pattern, "month")?.unwrap_or(0),
            start: first,
            until: until(range, first)?,
            zone,
        };
        recurrence.check()?;
        Ok(recurrence)
    }

    fn check(&self) -> Result<(), GraphError> {
        let needs_days = matches!(self.kind, Kind::Weekly | Kind::RelativeMonthly | Kind::RelativeYearly);
        let needs_day = matches!(self.kind, Kind::AbsoluteMonthly | Kind::AbsoluteYearly);
        let needs_month = matches!(self.kind, Kind::AbsoluteYearly | Kind::RelativeYearly);
        if !(1..=999).contains(&self.interval) {
            return Err(invalid("The pattern's interval must be between 1 and 999."));
        }
        if needs_days && self.days.is_empty() {
            return Err(invalid("The pattern's daysOfWeek must name at least one day."));
        }
        if needs_day && !(1..=31).contains(&self.day_of_month) {
            return Err(invalid("The pattern's dayOfMonth must be between 1 and 31."));
        }
        if needs_month && !(1..=12).contains(&self.month) {
            return Err(invalid("The pattern's month must be between 1 and 12."));
        }
        Ok(())
    }

    pub fn to_json(&self) -> Value {
        let (until, end, count) = match self.until {
            Until::Never => ("noEnd", "0001-01-01".to_owned(), 0),
            Until::Date(date) => ("endDate", date.to_string(), 0),
            Until::Count(count) => ("numbered", "0001-01-01".to_owned(), count),
        };
        let mut pattern = json!({
            "type": word(&KINDS, self.kind),
            "interval": self.interval,
            "month": self.month,
            "dayOfMonth": self.day_of_month,
            "firstDayOfWeek": word(&DAYS, self.first_day),
            "index": word(&INDEXES, self.index),
        });
        if let (false, Some(fields)) = (self.days.is_empty(), pattern.as_object_mut()) {
            let days: Vec<&str> = self.days.iter().map(|day| word(&DAYS, *day)).collect();
            fields.insert("daysOfWeek".into(), json!(days));
        }
        json!({
            "pattern": pattern,
            "range": {
                "type": until,
                "startDate": self.start.to_string(),
                "endDate": end,
                "recurrenceTimeZone": self.zone.name,
                "numberOfOccurrences": count,
            }
        })
    }

    /// The dates of the series in order, up to and including `last`.
    pub fn dates(&self, last: NaiveDate) -> Vec<NaiveDate> {
        let (stop, count) = match self.until {
            Until::Never => (last, usize::MAX),
            Until::Date(end) => (last.min(end), usize::MAX),
            Until::Count(count) => (last, count as usize),
        };
        let horizon = self.start + Duration::days(SEARCH_DAYS);
        self.periods()
            .take_while(|period| *period <= stop.min(horizon))
            .flat_map(|period| self.within(period))
            .filter(|date| *date >= self.start && *date <= stop)
            .take(count)
            .collect()
    }

    /// The first day of each day, week, month or year that the interval names.
    fn periods(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        let origin = match self.kind {
            Kind::Daily => self.start,
            Kind::Weekly => self.start.week(self.first_day).first_day(),
            Kind::AbsoluteMonthly | Kind::RelativeMonthly => self.start.with_day(1).unwrap_or(self.start),
            Kind::AbsoluteYearly | Kind::RelativeYearly => {
                NaiveDate::from_ymd_opt(self.start.year(), self.month, 1).unwrap_or(self.start)
            }
        };
        (0..).map_while(move |turn: u32| {
            let steps = turn.checked_mul(self.interval)?;
            match self.kind {
                Kind::Daily => origin.checked_add_days(chrono::Days::new(steps.into())),
                Kind::Weekly => origin.checked_add_days(chrono::Days::new(u64::from(steps) * 7)),
                Kind::AbsoluteMonthly | Kind::RelativeMonthly => {
                    origin.checked_add_months(chrono::Months::new(steps))
                }
                Kind::AbsoluteYearly | Kind::RelativeYearly => {
                    origin.checked_add_months(chrono::Months::new(steps.checked_mul(12)?))
                }
            }
        })
    }

    fn within(&self, period: NaiveDate) -> Vec<NaiveDate> {
        match self.kind {
            Kind::Daily => vec![period],
            Kind::Weekly => {
                period.iter_days().take(7).filter(|date| self.days.contains(&date.weekday())).collect()
            }
            // Outlook moves the 31st of a short month to its last day, where RFC 5545 would skip the month.
            Kind::AbsoluteMonthly | Kind::AbsoluteYearly => month_days(period)
                .take_while(|date| date.day() <= self.day_of_month)
                .last()
                .into_iter()
                .collect(),
            // With several days the index counts matching days, so "first, Thursday or Friday" is the earlier.
            Kind::RelativeMonthly | Kind::RelativeYearly => {
                let mut matching = month_days(period).filter(|date| self.days.contains(&date.weekday()));
                match self.index {
                    Some(index) => matching.nth(index),
                    None => matching.last(),
                }
                .into_iter()
                .collect()
            }
        }
    }
}

fn month_days(first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |date| date.month() == first.month() && date.year() == first.year())
}

fn invalid(message: &str) -> GraphError {
    GraphError::invalid_property(message)
}

fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

fn known<T: Copy>(field: &str, text: &str, words: &[(&str, T)]) -> Result<T, GraphError> {
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value).ok_or_else(|| {
        GraphError::bad_body(format!(
            "Requested value '{text}' of '{field}' was not found in its enumeration."
        ))
    })
}

fn one_of<T: Copy>(from: &Value, field: &str, words: &[(&str, T)]) -> Result<Option<T>, GraphError> {
    match from.get(field).and_then(Value::as_str) {
        Some(text) => known(field, text, words).map(Some),
        None => Ok(None),
    }
}

fn days(pattern: &Value) -> Result<Vec<Weekday>, GraphError> {
    let named = pattern.get("daysOfWeek").and_then(Value::as_array);
    named
        .into_iter()
        .flatten()
        .map(|day| known("daysOfWeek", day.as_str().unwrap_or_default(), &DAYS))
        .collect()
}

fn number(from: &Value, field: &str) -> Result<Option<u32>, GraphError> {
    match from.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            value.as_u64().and_then(|number| u32::try_from(number).ok()).map(Some).ok_or_else(|| {
                GraphError::bad_body(format!("Cannot convert '{field}' to the expected type 'Edm.Int32'."))
            })
        }
    }
}

fn date(range: &Value, field: &str) -> Result<Option<NaiveDate>, GraphError> {
    match range.get(field).and_then(Value::as_str) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| {
            GraphError::bad_body(format!(
                "Cannot convert the literal '{text}' to the expected type 'Edm.Date'."
            ))
        }),
    }
}

fn until(range: &Value, first: NaiveDate) -> Result<Until, GraphError> {
    let kinds = [("endDate", 0), ("noEnd", 1), ("numbered", 2)];
    match one_of(range, "type", &kinds)? {
        Some(0) => match date(range, "endDate")? {
            Some(end) if end >= first => Ok(Until::Date(end)),
            _ => Err(invalid("The range's endDate must not lie before its startDate.")),
        },
        Some(2) => match number(range, "numberOfOccurrences")? {
            Some(count @ 1..=999) => Ok(Until::Count(count)),
            _ => Err(invalid("The range's numberOfOccurrences must be between 1 and 999.")),
        },
        Some(_) => Ok(Until::Never),
        None => Err(invalid("The range must have a type.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(pattern: Value, start: &str, range: Value) -> Result<Recurrence, GraphError> {
        let moment = Moment::parse(
            "start",
            &json!({"dateTime": format!("{start}T09:00:00"), "timeZone": "America/Toronto"}),
        )?;
        let mut range = range;
        range["startDate"] = json!(start);
        Recurrence::parse(&json!({"pattern": pattern, "range": range}), &moment)
    }

    fn dates(pattern: Value, start: &str, range: Value, last: &str) -> Vec<String> {
        let last = last.parse().unwrap();
        series(pattern, start, range).unwrap().dates(last).iter().map(ToString::to_string).collect()
    }

    fn no_end() -> Value {
        json!({"type": "noEnd"})
    }

    #[test]
    fn every_third_day() {
        let got = dates(json!({"type": "daily", "interval": 3}), "2026-01-05", no_end(), "2026-01-13");
        assert_eq!(got, ["2026-01-05", "2026-01-08", "2026-01-11"]);
    }

    #[test]
    fn the_first_day_of_the_week_decides_every_second_week() {
        let pattern = |first: &str| json!({"type": "weekly", "interval": 2, "daysOfWeek": ["sunday", "tuesday"], "firstDayOfWeek": first});
        let sunday = dates(pattern("sunday"), "2026-01-06", no_end(), "2026-01-21");
        assert_eq!(sunday, ["2026-01-06", "2026-01-18", "2026-01-20"]);
        let monday = dates(pattern("monday"), "2026-01-06", no_end(), "2026-01-21");
        assert_eq!(monday, ["2026-01-06", "2026-01-11", "2026-01-20"]);
    }

    #[test]
    fn the_31st_of_a_short_month_is_its_last_day() {
        let got = dates(
            json!({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31}),
            "2026-01-31",
            json!({"type": "numbered", "numberOfOccurrences": 3}),
            "2030-01-01",
        );
        assert_eq!(got, ["2026-01-31", "2026-02-28", "2026-03-31"]);
    }

    #[test]
    fn several_days_take_the_first_that_matches() {
        let got = dates(
            json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["thursday", "friday"], "index": "first"}),
            "2026-01-01",
            no_end(),
            "2026-03-31",
        );
        assert_eq!(got, ["2026-01-01", "2026-02-05", "2026-03-05"]);
    }

    #[test]
    fn the_last_weekday_of_the_month() {
        let week = ["monday", "tuesday", "wednesday", "thursday", "friday"];
        let pattern = json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": week, "index": "last"});
        let got = dates(pattern, "2026-01-30", no_end(), "2026-03-31");
        assert_eq!(got, ["2026-01-30", "2026-02-27", "2026-03-31"]);
    }

    #[test]
    fn yearly_by_date_and_by_weekday() {
        let date = json!({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 29, "month": 2});
        let got = dates(date, "2024-02-29", no_end(), "2026-12-31");
        assert_eq!(got, ["2024-02-29", "2025-02-28", "2026-02-28"]);
        let labour_day = json!({"type": "relativeYearly", "interval": 1, "daysOfWeek": ["monday"], "month": 9, "index": "first"});
        assert_eq!(dates(labour_day, "2025-09-01", no_end(), "2026-12-31"), ["2025-09-01", "2026-09-07"]);
    }

    #[test]
    fn the_end_date_is_the_last_day_that_counts() {
        let range = json!({"type": "endDate", "endDate": "2026-01-07"});
        let got = dates(json!({"type": "daily", "interval": 1}), "2026-01-05", range, "2026-02-01");
        assert_eq!(got, ["2026-01-05", "2026-01-06", "2026-01-07"]);
    }

    #[test]
    fn a_start_off_the_pattern_is_no_occurrence() {
        let pattern = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["friday"]});
        let range = json!({"type": "numbered", "numberOfOccurrences": 2});
        assert_eq!(dates(pattern, "2026-01-05", range, "2027-01-01"), ["2026-01-09", "2026-01-16"]);
    }

    #[test]
    fn an_endless_series_answers_the_year_one() {
        let json = series(json!({"type": "daily", "interval": 1}), "2026-01-05", no_end()).unwrap().to_json();
        assert_eq!(json["range"]["endDate"], "0001-01-01");
        assert_eq!(json["range"]["recurrenceTimeZone"], "America/Toronto");
        assert_eq!(json["pattern"]["firstDayOfWeek"], "sunday");
    }

    #[test]
    fn unknown_words_and_missing_parts_are_refused() {
        let refused = |pattern: Value, range: Value| series(pattern, "2026-01-05", range).unwrap_err().code;
        assert_eq!(refused(json!({"type": "hourly", "interval": 1}), no_end()), "RequestBodyRead");
        let daily = || json!({"type": "daily", "interval": 1});
        assert_eq!(refused(daily(), json!({"type": "forever"})), "RequestBodyRead");
        assert_eq!(
            refused(daily(), json!({"type": "endDate", "endDate": "2026-01-01"})),
            "ErrorPropertyValidationFailure"
        );
        assert_eq!(
            refused(json!({"type": "daily", "interval": 0}), no_end()),
            "ErrorPropertyValidationFailure"
        );
        assert_eq!(
            refused(json!({"type": "weekly", "interval": 1}), no_end()),
            "ErrorPropertyValidationFailure"
        );
    }

    #[test]
    fn the_range_starts_on_the_day_of_the_event() {
        let start =
            Moment::parse("start", &json!({"dateTime": "2026-01-05T09:00:00", "timeZone": "UTC"})).unwrap();
        let rule = json!({"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-01-06"}});
        assert_eq!(Recurrence::parse(&rule, &start).unwrap_err().code, "ErrorPropertyValidationFailure");
    }

    #[test]
    fn nine_in_the_morning_stays_nine_over_the_change_of_clocks() {
        let rule = series(json!({"type": "daily", "interval": 1}), "2026-03-07", no_end()).unwrap();
        let nine = chrono::NaiveTime::from_hms_opt(9, 0, 0).unwrap();
        let instants: Vec<String> = rule
            .dates("2026-03-08".parse().unwrap())
            .into_iter()
            .map(|date| rule.zone.instant(date.and_time(nine)).to_rfc3339())
            .collect();
        assert_eq!(instants, ["2026-03-07T14:00:00+00:00", "2026-03-08T13:00:00+00:00"]);
    }
}
