//! `start` and `end` of an event: read from JSON, and written in the zone of the answer.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Span {
    Timed {
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        start_zone: Option<Tz>,
        end_zone: Option<Tz>,
    },
    /// `end` is the day after the last.
    AllDay {
        start: NaiveDate,
        end: NaiveDate,
    },
}

/// Where a series puts an occurrence: what identifies it, even after it was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Original {
    Date(NaiveDate),
    Instant(DateTime<Utc>),
}

#[derive(Clone, Copy, Debug)]
enum Edge {
    Day(NaiveDate),
    Time(DateTime<Utc>, Option<Tz>),
}

impl Span {
    pub fn read(start: Option<&Value>, end: Option<&Value>) -> Result<Self, Problem> {
        let start = edge(start, "start")?.ok_or_else(|| Problem::required("Missing start time."))?;
        let end = edge(end, "end")?.ok_or_else(|| Problem::required("Missing end time."))?;
        match (start, end) {
            (Edge::Day(start), Edge::Day(end)) if start < end => Ok(Self::AllDay { start, end }),
            (Edge::Time(start, start_zone), Edge::Time(end, end_zone)) if start <= end => {
                Ok(Self::Timed { start, end, start_zone, end_zone })
            }
            (Edge::Day(_), Edge::Day(_)) | (Edge::Time(..), Edge::Time(..)) => {
                Err(Problem::time_range_empty())
            }
            _ => Err(Problem::invalid("Start and end times must either both be date or both be dateTime.")),
        }
    }

    pub fn start_json(&self, zone: Tz, calendar: Tz) -> Value {
        match self {
            Self::Timed { start, start_zone, .. } => time_json(*start, zone, start_zone.unwrap_or(calendar)),
            Self::AllDay { start, .. } => json!({"date": start}),
        }
    }

    pub fn end_json(&self, zone: Tz, calendar: Tz) -> Value {
        match self {
            Self::Timed { end, end_zone, .. } => time_json(*end, zone, end_zone.unwrap_or(calendar)),
            Self::AllDay { end, .. } => json!({"date": end}),
        }
    }

    /// Bounds as instants; days begin and end at midnight of the calendar's zone.
    pub fn instants(&self, calendar: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        match self {
            Self::Timed { start, end, .. } => (*start, *end),
            Self::AllDay { start, end } => (midnight(*start, calendar), midnight(*end, calendar)),
        }
    }

    /// `start` and `end` as a client would send them: with a zone only where one was given.
    pub fn own_json(&self, calendar: Tz) -> (Value, Value) {
        let without_zone = |mut edge: Value, own: Option<Tz>| {
            if let Some(fields) = edge.as_object_mut().filter(|_| own.is_none()) {
                fields.remove("timeZone");
            }
            edge
        };
        let zones = match self {
            Self::Timed { start_zone, end_zone, .. } => (*start_zone, *end_zone),
            Self::AllDay { .. } => (None, None),
        };
        let start = without_zone(self.start_json(calendar, calendar), zones.0);
        (start, without_zone(self.end_json(calendar, calendar), zones.1))
    }

    /// The same length at another start of the same kind.
    pub fn moved_to(&self, original: Original) -> Self {
        match (*self, original) {
            (Self::Timed { start, end, start_zone, end_zone }, Original::Instant(at)) => {
                Self::Timed { start: at, end: at + (end - start), start_zone, end_zone }
            }
            (Self::AllDay { start, end }, Original::Date(day)) => {
                Self::AllDay { start: day, end: day + (end - start) }
            }
            (same, _) => same,
        }
    }

    /// Wall time and zone in which a series repeats; a whole day has no zone.
    pub fn wall_start(&self) -> (NaiveDateTime, Option<Tz>) {
        match self {
            Self::Timed { start, start_zone, .. } => {
                let zone = start_zone.unwrap_or(Tz::UTC);
                (start.with_timezone(&zone).naive_local(), Some(zone))
            }
            Self::AllDay { start, .. } => (start.and_time(NaiveTime::MIN), None),
        }
    }
}

impl Original {
    /// What follows the series id and `_` in an occurrence's id.
    pub fn suffix(&self) -> String {
        match self {
            Self::Date(day) => day.format("%Y%m%d").to_string(),
            Self::Instant(at) => at.format("%Y%m%dT%H%M%SZ").to_string(),
        }
    }

    pub fn from_suffix(text: &str) -> Option<Self> {
        let instant =
            NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").map(|at| Self::Instant(at.and_utc()));
        instant.or_else(|_| NaiveDate::parse_from_str(text, "%Y%m%d").map(Self::Date)).ok()
    }

    pub fn json(&self, zone: Tz, own: Tz) -> Value {
        match self {
            Self::Date(day) => json!({"date": day}),
            Self::Instant(at) => time_json(*at, zone, own),
        }
    }

    pub fn instant(&self, calendar: Tz) -> DateTime<Utc> {
        match self {
            Self::Date(day) => midnight(*day, calendar),
            Self::Instant(at) => *at,
        }
    }
}

fn edge(value: Option<&Value>, name: &'static str) -> Result<Option<Edge>, Problem> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    let field = |field: &str| value.get(field).filter(|value| !value.is_null());
    let zone = match field("timeZone").map(|zone| zone.as_str().and_then(|name| name.parse::<Tz>().ok())) {
        Some(None) => return Err(Problem::invalid(format!("Invalid time zone definition for {name} time."))),
        Some(zone) => zone,
        None => None,
    };
    match (field("date"), field("dateTime")) {
        (None, None) => Ok(None),
        (Some(date), None) => {
            let day = date.as_str().and_then(|text| text.parse().ok());
            day.map(|day| Some(Edge::Day(day))).ok_or_else(|| invalid_time(name))
        }
        (None, Some(time)) => {
            let text = time.as_str().ok_or_else(|| invalid_time(name))?;
            Ok(Some(Edge::Time(instant(text, zone, name)?, zone)))
        }
        (Some(_), Some(_)) => Err(invalid_time(name)),
    }
}

fn invalid_time(name: &str) -> Problem {
    Problem::invalid(format!("Invalid {name} time."))
}

fn instant(text: &str, zone: Option<Tz>, name: &str) -> Result<DateTime<Utc>, Problem> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map_err(|_| invalid_time(name))?;
    let missing = || Problem::required(&format!("Missing time zone definition for {name} time."));
    Ok(resolve(wall, zone.ok_or_else(missing)?))
}

/// Seconds are as fine as Google keeps time.
fn time_json(at: DateTime<Utc>, zone: Tz, own: Tz) -> Value {
    let text = at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, true);
    json!({"dateTime": text, "timeZone": own.name()})
}

pub fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    resolve(day.and_time(NaiveTime::MIN), zone)
}

/// A wall time as an instant: the earlier of two, and across a gap with the offset from before it (RFC 5545, 3.3.5).
pub fn resolve(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    if let Some(at) = zone.from_local_datetime(&wall).earliest() {
        return at.to_utc();
    }
    let before = zone.from_local_datetime(&(wall - TimeDelta::hours(3))).earliest();
    before.map_or_else(|| wall.and_utc(), |at| at.to_utc() + TimeDelta::hours(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(start: Value, end: Value) -> Result<Span, Problem> {
        Span::read(Some(&start), Some(&end))
    }

    #[test]
    fn a_day_and_a_time_do_not_mix() {
        let mixed = read(json!({"date": "2026-03-02"}), json!({"dateTime": "2026-03-02T10:00:00Z"}));
        assert!(mixed.is_err());
        assert!(
            read(
                json!({"date": "2026-03-02", "dateTime": "2026-03-02T10:00:00Z"}),
                json!({"date": "2026-03-03"})
            )
            .is_err()
        );
    }

    #[test]
    fn a_time_needs_an_offset_or_a_zone() {
        let wall = json!({"dateTime": "2026-03-02T10:00:00"});
        assert_eq!(read(wall.clone(), wall).unwrap_err().reason, "required");
        let zoned = json!({"dateTime": "2026-03-02T10:00:00", "timeZone": "America/Toronto"});
        let Span::Timed { start, .. } = read(zoned.clone(), zoned).unwrap() else { panic!("timed") };
        assert_eq!(start.to_rfc3339(), "2026-03-02T15:00:00+00:00");
    }

    #[test]
    fn an_end_before_the_start_is_an_empty_range() {
        let empty =
            read(json!({"dateTime": "2026-03-02T10:00:00Z"}), json!({"dateTime": "2026-03-02T09:00:00Z"}));
        assert_eq!(empty.unwrap_err().reason, "timeRangeEmpty");
    }

    #[test]
    fn times_are_answered_in_the_asked_zone_and_keep_their_own() {
        let zoned = json!({"dateTime": "2026-07-02T10:00:00", "timeZone": "America/Toronto"});
        let span = read(zoned.clone(), zoned).unwrap();
        assert_eq!(
            span.start_json(chrono_tz::Europe::Zurich, chrono_tz::UTC),
            json!({"dateTime": "2026-07-02T16:00:00+02:00", "timeZone": "America/Toronto"})
        );
    }

    #[test]
    fn a_wall_time_in_the_gap_takes_the_offset_from_before() {
        let wall = "2026-03-08T02:30:00".parse().unwrap();
        assert_eq!(resolve(wall, chrono_tz::America::Toronto).to_rfc3339(), "2026-03-08T07:30:00+00:00");
    }

    #[test]
    fn an_occurrence_id_names_its_original_start() {
        for text in ["20260302T140000Z", "20260302"] {
            assert_eq!(Original::from_suffix(text).unwrap().suffix(), text);
        }
        assert_eq!(Original::from_suffix("x"), None);
    }
}
