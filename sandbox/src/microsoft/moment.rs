//! Time as Graph writes it: a wall time without offset, next to the name of a zone, Windows or IANA.

use std::str::FromStr;

use chrono::{DateTime, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use windows_timezones::WindowsTimezone;

use super::error::GraphError;

/// A zone under the name its writer gave it, which answers repeat.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    pub name: String,
    pub tz: Tz,
}

impl Zone {
    pub fn utc() -> Self {
        Self { name: "UTC".into(), tz: Tz::UTC }
    }

    pub fn named(name: &str) -> Result<Self, GraphError> {
        let tz = match name {
            "UTC" | "tzone://Microsoft/Utc" => Some(Tz::UTC),
            _ => WindowsTimezone::from_str(name)
                .ok()
                .and_then(|windows| Tz::from_str(windows.tzdb_id()).ok())
                .or_else(|| Tz::from_str(name).ok()),
        };
        tz.map(|tz| Self { name: name.into(), tz }).ok_or_else(|| GraphError::unknown_zone(name))
    }

    /// Fold: the first of two. Gap: as far after the gap as the wall time lies inside it.
    pub fn instant(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        match self.tz.from_local_datetime(&wall) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
            LocalResult::None => {
                let before = wall - Duration::hours(3);
                match self.tz.from_local_datetime(&before).earliest() {
                    Some(at) => at.with_timezone(&Utc) + Duration::hours(3),
                    None => wall.and_utc(),
                }
            }
        }
    }

    pub fn wall(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.tz).naive_local()
    }
}

/// A start or an end.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    pub wall: NaiveDateTime,
    pub zone: Zone,
}

impl Moment {
    /// Reads a `dateTimeTimeZone`. An offset inside `dateTime` is honoured and turned into the named zone.
    pub fn parse(name: &str, value: &Value) -> Result<Self, GraphError> {
        let text = value.get("dateTime").and_then(Value::as_str);
        let text = text
            .ok_or_else(|| GraphError::invalid_property(format!("{name} must have a dateTime property.")))?;
        let zone = Zone::named(value.get("timeZone").and_then(Value::as_str).unwrap_or("UTC"))?;
        let wall = match DateTime::parse_from_rfc3339(text) {
            Ok(fixed) => zone.wall(fixed.with_timezone(&Utc)),
            Err(_) => parse_wall(text).ok_or_else(|| {
                GraphError::bad_body(format!(
                    "Cannot convert the literal '{text}' to the expected type 'Edm.DateTime'."
                ))
            })?,
        };
        Ok(Self { wall, zone })
    }

    pub fn instant(&self) -> DateTime<Utc> {
        self.zone.instant(self.wall)
    }

    pub fn in_zone(&self, zone: &Zone) -> Self {
        Self { wall: zone.wall(self.instant()), zone: zone.clone() }
    }

    pub fn is_midnight(&self) -> bool {
        self.wall.time() == NaiveTime::MIN
    }

    /// All-day events answer midnight under whatever zone is asked for: only the label moves with `Prefer`.
    pub fn shown(&self, zone: &Zone, all_day: bool) -> Value {
        let wall = if all_day { self.wall } else { zone.wall(self.instant()) };
        json!({ "dateTime": wall_text(wall), "timeZone": zone.name })
    }
}

/// Seven digits of a second, and never an offset.
pub fn wall_text(wall: NaiveDateTime) -> String {
    format!("{}0", wall.format("%Y-%m-%dT%H:%M:%S%.6f"))
}

pub fn instant_text(at: DateTime<Utc>) -> String {
    format!("{}0Z", at.format("%Y-%m-%dT%H:%M:%S%.6f"))
}

fn parse_wall(text: &str) -> Option<NaiveDateTime> {
    let date_only =
        || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| date.and_time(NaiveTime::MIN));
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(date_only)
}

/// A bound of a window in the query. Without an offset it is UTC, whatever zone `Prefer` names.
pub fn parse_bound(name: &str, text: &str) -> Result<DateTime<Utc>, GraphError> {
    DateTime::parse_from_rfc3339(text)
        .map(|fixed| fixed.with_timezone(&Utc))
        .ok()
        .or_else(|| parse_wall(text).map(|wall| wall.and_utc()))
        .ok_or_else(|| {
            GraphError::invalid_parameter(format!("The value '{text}' of parameter '{name}' is invalid."))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str, zone: &str) -> Moment {
        Moment::parse("start", &json!({"dateTime": text, "timeZone": zone})).unwrap()
    }

    #[test]
    fn windows_and_iana_names_mean_the_same_zone() {
        let windows = moment("2026-01-05T09:00:00", "Eastern Standard Time");
        let iana = moment("2026-01-05T09:00:00.0000000", "America/New_York");
        assert_eq!(windows.instant(), iana.instant());
        assert_eq!(windows.zone.name, "Eastern Standard Time");
    }

    #[test]
    fn an_answer_has_seven_digits_and_no_offset() {
        let shown = moment("2026-07-01T09:30:00", "Europe/Berlin").shown(&Zone::utc(), false);
        assert_eq!(shown, json!({"dateTime": "2026-07-01T07:30:00.0000000", "timeZone": "UTC"}));
    }

    #[test]
    fn an_all_day_event_keeps_its_midnight_under_any_zone() {
        let start = moment("2026-07-01", "Pacific/Auckland");
        let honolulu = Zone::named("Hawaiian Standard Time").unwrap();
        assert_eq!(start.shown(&honolulu, true)["dateTime"], "2026-07-01T00:00:00.0000000");
    }

    #[test]
    fn a_wall_time_in_a_gap_moves_forward() {
        let start = moment("2026-03-08T02:30:00", "America/New_York");
        assert_eq!(start.instant().to_rfc3339(), "2026-03-08T07:30:00+00:00");
    }

    #[test]
    fn an_unknown_zone_is_refused_by_name() {
        let error = Zone::named("Middle/Earth").unwrap_err();
        assert_eq!(error.code, "TimeZoneNotSupportedException");
        assert!(error.message.contains("Middle/Earth"));
    }

    #[test]
    fn a_bound_without_offset_is_utc() {
        assert_eq!(
            parse_bound("startDateTime", "2026-01-05T09:00:00").unwrap().to_rfc3339(),
            "2026-01-05T09:00:00+00:00"
        );
        assert_eq!(
            parse_bound("startDateTime", "2026-01-05T09:00:00-05:00").unwrap().to_rfc3339(),
            "2026-01-05T14:00:00+00:00"
        );
        assert!(parse_bound("startDateTime", "2026-01-05T09:00:00 05:00").is_err());
    }
}
