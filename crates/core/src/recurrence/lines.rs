//! The lines of a series (RFC 5545 §3.8.5): rules, extra dates and excluded dates.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use super::LONGEST;
use super::error::RecurrenceError;
use super::{rule::Rule, start};
use crate::event::Original;
use crate::time::{Instant, Span, resolve, wall};

/// All lines of a series, read.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub rules: Vec<Rule>,
    pub excluded_rules: Vec<Rule>,
    pub dates: Vec<ExtraDate>,
    pub excluded: Vec<Moment>,
}

/// A date or a time as a line writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub written: NaiveDateTime,
    pub date_only: bool,
    pub zone: Option<Tz>,
}

/// An `RDATE`, with its own length when it is a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ExtraDate {
    pub at: Moment,
    pub length: Option<TimeDelta>,
}

impl Moment {
    /// The instant it means in a series of `zone`.
    pub(super) fn instant(&self, zone: Tz) -> Instant {
        match self.zone {
            Some(Tz::UTC) => self.written.and_utc(),
            own => resolve(self.written, own.unwrap_or(zone)),
        }
    }

    /// What a clock in `zone` shows then.
    pub(super) fn wall(&self, zone: Tz) -> NaiveDateTime {
        match self.zone {
            None => self.written,
            Some(_) => wall(self.instant(zone), zone),
        }
    }

    pub(super) fn date(&self) -> NaiveDate {
        self.written.date()
    }

    /// The one occurrence that it names in a series which begins with `first`; `None` for a whole day
    /// of a series that is not made of days.
    pub(super) fn original(&self, first: &Span, owner: Tz) -> Option<Original> {
        match first {
            Span::AllDay { .. } => Some(Original::On(self.date())),
            _ if self.date_only => None,
            Span::Timed { zone, .. } => Some(Original::At(self.instant(*zone))),
            Span::Floating { .. } => Some(Original::Floating(self.wall(owner))),
        }
    }
}

impl Lines {
    pub(super) fn read(lines: &[String]) -> Result<Self, RecurrenceError> {
        let mut read = Lines::default();
        for line in lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()) {
            read.add(line)?;
        }
        Ok(read)
    }

    fn add(&mut self, line: &str) -> Result<(), RecurrenceError> {
        let property = Property::of(line)?;
        match property.name.as_str() {
            "RRULE" => self.rules.push(Rule::read(line, property.value)?),
            "EXRULE" => self.excluded_rules.push(Rule::read(line, property.value)?),
            "RDATE" => {
                for value in property.values() {
                    self.dates.push(property.extra_date(value)?);
                }
            }
            "EXDATE" => {
                for value in property.values() {
                    self.excluded.push(property.moment(value)?);
                }
            }
            // It is read with the first occurrence, which alone says whether it counts.
            start::NAME => {}
            other => {
                return Err(RecurrenceError::malformed(
                    line,
                    format!("{other} says nothing about recurrence"),
                ));
            }
        }
        Ok(())
    }
}

/// A content line, taken apart.
struct Property<'a> {
    line: &'a str,
    name: String,
    zone: Option<Tz>,
    value: &'a str,
}

impl<'a> Property<'a> {
    fn of(line: &'a str) -> Result<Self, RecurrenceError> {
        let colon = end_of_head(line).ok_or_else(|| RecurrenceError::malformed(line, "it has no colon"))?;
        let (head, value) = line.split_at(colon);
        let mut parts = head.split(';');
        let name = parts.next().unwrap_or_default().trim().to_ascii_uppercase();
        let mut zone = None;
        for (key, text) in parts.filter_map(|part| part.split_once('=')) {
            if key.eq_ignore_ascii_case("TZID") {
                let text = text.trim_matches('"');
                let unknown = || RecurrenceError::UnknownZone { line: line.into(), zone: text.into() };
                zone = Some(text.parse().map_err(|_| unknown())?);
            }
        }
        Ok(Property { line, name, zone, value: value.trim_start_matches(':') })
    }

    fn values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.value.split(',').map(str::trim).filter(|value| !value.is_empty())
    }

    fn moment(&self, value: &str) -> Result<Moment, RecurrenceError> {
        moment(value, self.zone).ok_or_else(|| {
            RecurrenceError::malformed(self.line, format!("“{value}” is neither a date nor a time"))
        })
    }

    /// A value with a slash is a period, whether `VALUE=PERIOD` says so or not.
    fn extra_date(&self, value: &str) -> Result<ExtraDate, RecurrenceError> {
        let Some((start, end)) = value.split_once('/') else {
            return Ok(ExtraDate { at: self.moment(value)?, length: None });
        };
        let at = self.moment(start)?;
        let length = match duration(end) {
            Some(length) => length,
            None => self.moment(end)?.instant(Tz::UTC) - at.instant(Tz::UTC),
        };
        Ok(ExtraDate { at, length: Some(length.max(TimeDelta::zero())) })
    }
}

/// The place of the colon that ends name and parameters; one inside quotes does not.
fn end_of_head(line: &str) -> Option<usize> {
    let mut quoted = false;
    line.char_indices().find_map(|(at, letter)| {
        quoted ^= letter == '"';
        (letter == ':' && !quoted).then_some(at)
    })
}

/// Reads `20260302`, `20260302T090000` or `20260302T090000Z`; the last is UTC whatever else is said.
pub(super) fn moment(value: &str, zone: Option<Tz>) -> Option<Moment> {
    let (date, time) = value.split_once(['T', 't']).map_or((value, None), |(date, time)| (date, Some(time)));
    let date = NaiveDate::parse_from_str(date, "%Y%m%d").ok().filter(|_| date.len() == 8)?;
    let Some(time) = time else {
        return Some(Moment { written: date.and_time(NaiveTime::MIN), date_only: true, zone });
    };
    let utc = time.ends_with(['Z', 'z']);
    let digits = time.trim_end_matches(['Z', 'z']);
    let time =
        NaiveTime::parse_from_str(digits, "%H%M%S").or_else(|_| NaiveTime::parse_from_str(digits, "%H%M"));
    let zone = if utc { Some(Tz::UTC) } else { zone };
    Some(Moment { written: date.and_time(time.ok()?), date_only: false, zone })
}

/// Reads an RFC 5545 §3.3.6 duration such as `PT1H30M` or `P2W`, days as 24 hours.
pub fn duration(text: &str) -> Option<TimeDelta> {
    let (days, exact) = nominal_duration(text)?;
    let length = TimeDelta::try_days(days)?.checked_add(&exact)?;
    (length.abs() <= LONGEST).then_some(length)
}

/// Reads a duration into its days, which follow the calendar, and its exact rest.
pub fn nominal_duration(text: &str) -> Option<(i64, TimeDelta)> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut rest = text.strip_prefix(['P', 'p'])?;
    let (mut days, mut exact_s) = (0_i64, 0_i64);
    while !rest.is_empty() {
        rest = rest.strip_prefix(['T', 't']).unwrap_or(rest);
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let count: i64 = number.parse::<i32>().ok()?.into();
        let unit = tail.chars().next()?;
        match unit.to_ascii_uppercase() {
            'W' => days += count * 7,
            'D' => days += count,
            'H' => exact_s += count * 3600,
            'M' => exact_s += count * 60,
            'S' => exact_s += count,
            _ => return None,
        }
        rest = tail.get(unit.len_utf8()..)?;
    }
    Some((sign * days, TimeDelta::try_seconds(sign * exact_s)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Lines, RecurrenceError> {
        Lines::read(&[line.to_owned()])
    }

    #[test]
    fn lists_zones_and_periods_are_read() {
        let lines = read("EXDATE;TZID=\"Europe/Berlin\":20260302T090000,20260303T090000Z").unwrap();
        assert_eq!(lines.excluded[0].instant(Tz::UTC).to_rfc3339(), "2026-03-02T08:00:00+00:00");
        assert_eq!(lines.excluded[1].instant(Tz::UTC).to_rfc3339(), "2026-03-03T09:00:00+00:00");
        let lines =
            read("RDATE;VALUE=PERIOD:20260302T090000Z/PT2H,20260303T090000Z/20260303T093000Z").unwrap();
        let lengths: Vec<_> = lines.dates.iter().filter_map(|date| date.length).collect();
        assert_eq!(lengths, [TimeDelta::hours(2), TimeDelta::minutes(30)]);
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let error = read("EXDATE;TZID=Moon/Base:20260302T090000").unwrap_err();
        assert!(matches!(error, RecurrenceError::UnknownZone { zone, .. } if zone == "Moon/Base"));
    }

    #[test]
    fn a_malformed_line_is_named() {
        for line in ["RRULE", "EXDATE:tomorrow", "RDATE:20260302T0900", "SUMMARY:x", "EXDATE:2026-03-02"] {
            let read = read(line);
            if line == "RDATE:20260302T0900" {
                // Seconds are often left out, and what is meant is plain.
                assert!(read.is_ok());
            } else {
                assert!(read.unwrap_err().to_string().contains(line), "{line}");
            }
        }
    }

    #[test]
    fn durations_keep_days_apart_from_hours() {
        assert_eq!(nominal_duration("P1W2DT3H"), Some((9, TimeDelta::hours(3))));
        assert_eq!(duration("-PT15M"), Some(TimeDelta::minutes(-15)));
        assert_eq!(duration("PT"), None);
        assert_eq!(duration("1H"), None);
        assert_eq!(duration("P2000000000W"), None);
        assert_eq!(duration("PX"), None);
    }
}
