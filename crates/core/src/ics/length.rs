//! How long an event is, and why that may be anyone's guess.

use calcard::icalendar::{ICalendarEntry, ICalendarProperty, ICalendarValue};
use chrono::{Days, NaiveDateTime, TimeDelta};

use super::parse::Component;
use super::values::{Point, nominal, point};
use crate::event::Status;
use crate::time::{Span, next_day, resolve, wall};

impl Component<'_> {
    /// What is wrong with its length. A guess in its place would make a busy time free, so such an event is set
    /// aside; where nothing takes place, no length is needed.
    pub(super) fn flaw(&self) -> Option<&'static str> {
        if self.status() == Status::Cancelled {
            return None;
        }
        match self.said(&ICalendarProperty::Dtend) {
            Some(end) => self.flaw_of_end(end),
            None => self.flaw_of_duration(),
        }
    }

    fn flaw_of_end(&self, end: &ICalendarEntry) -> Option<&'static str> {
        let Some(meant) = self.moment(end) else { return Some("no end that can be read") };
        let start = self.said(&ICalendarProperty::Dtstart)?;
        // On a clock that only the file knows, the hour that comes twice goes back where time does not.
        let (start, end) = match meant {
            Point::Zoned(..) => (self.moment(start)?, meant),
            Point::Date(_) | Point::Floating(_) => (self.point(start)?, self.point(end)?),
        };
        let early = match (self.length_in_gap(), start) {
            (Some(length), _) => length < TimeDelta::zero(),
            (None, Point::Date(day)) => end.wall().date() < day,
            (None, Point::Zoned(_, zone)) => end.instant(zone) < start.instant(zone),
            (None, Point::Floating(_)) => {
                let local = self.zones.default;
                end.instant(local) < start.instant(local)
            }
        };
        early.then_some("an end before its start")
    }

    fn flaw_of_duration(&self) -> Option<&'static str> {
        let ICalendarValue::Duration(length) = self.said(&ICalendarProperty::Duration)?.values.first()?
        else {
            return Some("no length that can be read");
        };
        match nominal(length) {
            None => Some("a length of more than a hundred years"),
            Some((0, rest)) if rest.is_zero() => None,
            Some(_) => length.neg.then_some("a length below zero"),
        }
    }

    /// A property that says something: some programs write the name and leave the value out.
    fn said(&self, name: &ICalendarProperty) -> Option<&ICalendarEntry> {
        let blank = |value: &ICalendarValue| value.as_text().is_some_and(|text| text.trim().is_empty());
        let property = self.component.property(name)?;
        property.values.first().is_some_and(|value| !blank(value)).then_some(property)
    }

    fn moment(&self, property: &ICalendarEntry) -> Option<Point> {
        let zone = property.tz_id().map(|name| self.zones.find(name));
        point(property.values.first()?.as_partial_date_time()?, zone.as_ref())
    }

    /// Start and end, with the defaults of RFC 5545 §3.6.1 for what is missing: a whole day, or no
    /// length at all. So it is for what [`Self::flaw`] names, where that is not in the way.
    pub(super) fn span(&self, start: Point, nominal: Option<(i64, TimeDelta)>) -> Span {
        let end = self.said(&ICalendarProperty::Dtend).and_then(|property| self.point(property));
        let local = self.zones.default;
        match start {
            Point::Date(date) => {
                let counted = nominal.map(|(days, rest)| date + TimeDelta::days(days + rest.num_days()));
                let end = end.map(|end| end.wall().date()).or(counted).filter(|end| *end > date);
                Span::AllDay { start: date, end: end.unwrap_or_else(|| next_day(date)) }
            }
            Point::Floating(begin) => {
                let counted = nominal.map(|(days, rest)| begin + TimeDelta::days(days) + rest);
                let end = end.map(|end| match end {
                    Point::Zoned(..) => wall(end.instant(local), local),
                    end => end.wall(),
                });
                Span::Floating {
                    start: begin,
                    end: end.or(counted).filter(|end| *end > begin).unwrap_or(begin),
                }
            }
            Point::Zoned(begin, zone) => {
                let at = resolve(begin, zone);
                let counted = nominal.and_then(|(days, rest)| {
                    let day = begin.checked_add_days(Days::new(u64::try_from(days).ok()?))?;
                    Some(resolve(day, zone) + rest)
                });
                let in_gap = self.length_in_gap().map(|length| at + length);
                let end = end.map(|end| in_gap.unwrap_or_else(|| end.instant(zone)));
                let end = end.or(counted).filter(|end| *end > at);
                Span::Timed { start: at, end: end.unwrap_or(at), zone }
            }
        }
    }

    /// How far its end is from its start by a clock that never shows the start.
    fn length_in_gap(&self) -> Option<TimeDelta> {
        let (zone, start) = self.on_clock(&ICalendarProperty::Dtstart)?;
        let (same, end) = self.on_clock(&ICalendarProperty::Dtend)?;
        (zone == same && !self.zones.find(zone).shows(start)).then(|| end - start)
    }

    /// A wall time as written, and the zone that it names.
    fn on_clock(&self, name: &ICalendarProperty) -> Option<(&str, NaiveDateTime)> {
        let property = self.component.property(name)?;
        match point(property.values.first()?.as_partial_date_time()?, None)? {
            Point::Floating(wall) => Some((property.tz_id()?, wall)),
            Point::Date(_) | Point::Zoned(..) => None,
        }
    }

    /// The length, when it is given as `DURATION` and counts.
    pub(super) fn nominal(&self) -> Option<(i64, TimeDelta)> {
        if self.said(&ICalendarProperty::Dtend).is_some() {
            return None;
        }
        match self.said(&ICalendarProperty::Duration)?.values.first()? {
            ICalendarValue::Duration(length) if !length.neg => nominal(length),
            _ => None,
        }
    }
}
