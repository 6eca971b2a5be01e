//! Which zone of the database a calendar file means by a name of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

use calcard::common::timezone;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarProperty,
};
use chrono::{NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::rules::{Rules, offset_at};
use super::values::{offset_s, point, recurrence_lines};
use crate::recurrence::{Series, expand};
use crate::time::{Instant, Interval, Span, shows};

/// A zone's own rules are held against the database in each week of so many years, from the latest
/// event's on: old rules are rarely complete.
const PROBED_YEARS: i32 = 4;
const PROBES_EVERY: TimeDelta = TimeDelta::days(7);
/// As far as the rules of a zone that only its file knows are written out.
const LAST_YEAR: i32 = 2100;
const MOST_CHANGES: usize = 400;

/// What a name of a file means.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    Database(Tz),
    Own(Arc<Rules>),
}

impl Zone {
    /// False for the wall times that a clock change leaves out.
    pub(super) fn shows(&self, wall: NaiveDateTime) -> bool {
        match self {
            Zone::Database(zone) => shows(wall, *zone),
            Zone::Own(rules) => rules.shows(wall),
        }
    }
}

/// The zones that a calendar names, and the one for names that say nothing.
#[derive(Debug)]
pub(super) struct Zones {
    pub default: Tz,
    own: BTreeMap<String, Zone>,
}

impl Zones {
    pub(super) fn of(calendar: &ICalendar, default: Tz) -> Self {
        let years = years(calendar);
        let own = calendar.timezones().filter_map(|component| {
            let name = component.property(&ICalendarProperty::Tzid)?.values.first()?.as_text()?;
            let zone = known(name)
                .or_else(|| component.timezone().and_then(|(_, zone)| database_zone(zone)))
                .or_else(|| alike(calendar, component, years?.1))
                .map(Zone::Database)
                .or_else(|| own_rules(calendar, component, years?))?;
            Some((name.to_owned(), zone))
        });
        Zones { default, own: own.collect() }
    }

    /// A name that nothing is known of means the owner's zone: its times are local ones at least.
    pub(super) fn find(&self, name: &str) -> Zone {
        self.known(name).unwrap_or(Zone::Database(self.default))
    }

    fn known(&self, name: &str) -> Option<Zone> {
        self.own.get(name).cloned().or_else(|| known(name).map(Zone::Database))
    }

    /// The names in a component that nothing is known of.
    pub(super) fn strangers<'c>(&self, component: &'c ICalendarComponent) -> BTreeSet<&'c str> {
        let names = component.entries.iter().filter_map(ICalendarEntry::tz_id);
        names.filter(|name| self.known(name).is_none()).collect()
    }
}

/// The zone that a text defines, as servers tell the zone of a calendar.
pub fn zone_of_calendar(text: &str) -> Option<Tz> {
    let calcard::Entry::ICalendar(calendar) = calcard::Parser::new(text).entry() else { return None };
    Zones::of(&calendar, Tz::UTC).own.into_values().find_map(|zone| match zone {
        Zone::Database(zone) => Some(zone),
        Zone::Own(_) => None,
    })
}

/// A zone of the database, by its own name, the name that Windows gives it, or one of many others.
fn known(name: &str) -> Option<Tz> {
    let named = name.parse().ok().or_else(|| timezone::Tz::from_str(name).ok().and_then(database_zone));
    named.or_else(|| name.replacen('_', "/", 1).parse().ok()).or_else(|| registered(name))
}

/// Names like `/example.org/Tzfile/Europe/Berlin`: whose list it is, and then the database's own name (RFC 5545
/// §3.8.3.1).
fn registered(name: &str) -> Option<Tz> {
    let list = name.strip_prefix('/')?;
    list.match_indices('/').find_map(|(at, _)| list.get(at + 1..)?.parse().ok())
}

fn database_zone(zone: timezone::Tz) -> Option<Tz> {
    match zone {
        timezone::Tz::Tz(zone) => Some(zone),
        timezone::Tz::Fixed(offset) => fixed(offset.local_minus_utc()),
        timezone::Tz::Floating => None,
    }
}

/// The database's zone of a fixed offset in whole hours; its names have the sign of POSIX.
fn fixed(offset_s: i32) -> Option<Tz> {
    (offset_s % 3600 == 0).then(|| format!("Etc/GMT{:+}", -offset_s / 3600).parse().ok()).flatten()
}

/// The years of the calendar's first and latest event.
fn years(calendar: &ICalendar) -> Option<(i32, i32)> {
    let events = calendar.components.iter().filter(|it| it.component_type == ICalendarComponentType::VEvent);
    let starts = events.filter_map(|event| event.property(&ICalendarProperty::Dtstart)?.values.first());
    let years: Vec<i32> =
        starts.filter_map(|start| start.as_partial_date_time()?.year).map(i32::from).collect();
    Some((*years.iter().min()?, *years.iter().max()?))
}

/// The first zone of the database whose clock stands as the component says in the years from `year` on.
fn alike(calendar: &ICalendar, component: &ICalendarComponent, year: i32) -> Option<Tz> {
    let (begin, end) = (midday(year)?, midday(year + PROBED_YEARS)?);
    let changes = changes(calendar, component, Interval::new(midday(year - 2)?, end)?);
    let expected = shown(&changes, begin, end);
    let agrees = |zone: &&Tz| expected.iter().all(|(at, offset_s)| offset_of(**zone, *at) == *offset_s);
    if expected.is_empty() {
        return None;
    }
    chrono_tz::TZ_VARIANTS.iter().find(agrees).copied()
}

/// What a clock shows in each week from `begin` to `end`.
fn shown(changes: &[(NaiveDateTime, i32)], begin: Instant, end: Instant) -> Vec<(Instant, i32)> {
    let probes = std::iter::successors(Some(begin), |at| Some(*at + PROBES_EVERY)).take_while(|at| *at < end);
    probes.filter_map(|at| Some((at, offset_at(changes, at.naive_utc())?))).collect()
}

/// The zone of the database whose clock stands as a file's own in most weeks of `year`.
fn nearest(changes: &[(NaiveDateTime, i32)], year: i32) -> Option<Tz> {
    let expected = shown(changes, midday(year)?, midday(year + 1)?);
    let differs =
        |zone: &&Tz| expected.iter().filter(|(at, offset_s)| offset_of(**zone, *at) != *offset_s).count();
    chrono_tz::TZ_VARIANTS.iter().min_by_key(differs).copied()
}

/// The component's own clock, from a year before the first event on.
fn own_rules(
    calendar: &ICalendar,
    component: &ICalendarComponent,
    (first, last): (i32, i32),
) -> Option<Zone> {
    let years = Interval::new(midday(first - 1)?, midday(LAST_YEAR.max(first))?)?;
    let changes = changes(calendar, component, years);
    let nearest = nearest(&changes, last)?;
    Rules::new(changes, nearest).map(|rules| Zone::Own(Arc::new(rules)))
}

fn midday(year: i32) -> Option<Instant> {
    Some(NaiveDate::from_ymd_opt(year, 1, 1)?.and_hms_opt(12, 0, 0)?.and_utc())
}

fn offset_of(zone: Tz, at: Instant) -> i32 {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

/// When the clock changes in `years`, in UTC, and what it then shows, in order.
fn changes(
    calendar: &ICalendar,
    component: &ICalendarComponent,
    years: Interval,
) -> Vec<(NaiveDateTime, i32)> {
    let parts = component.component_ids.iter().filter_map(|id| calendar.component_by_id(*id));
    let observances: Vec<Observance> = parts.filter_map(Observance::read).collect();
    // Rules of former times often lack an end: of each kind the last one counts that has begun.
    let overtaken = |it: &Observance| {
        observances.iter().any(|other| {
            other.daylight == it.daylight
                && other.start > it.start
                && other.start <= years.start().naive_utc()
        })
    };
    let standing = observances.iter().filter(|it| !overtaken(it));
    let mut changes: Vec<(NaiveDateTime, i32)> = standing.flat_map(|it| it.changes(years)).collect();
    changes.sort_unstable();
    changes
}

/// One of a zone's `STANDARD` and `DAYLIGHT` parts (RFC 5545 §3.6.5).
struct Observance {
    daylight: bool,
    start: NaiveDateTime,
    from_s: i32,
    to_s: i32,
    lines: Vec<String>,
}

impl Observance {
    fn read(component: &ICalendarComponent) -> Option<Self> {
        let offset = |name| component.property(&name).and_then(offset_s);
        let start = component.property(&ICalendarProperty::Dtstart)?.values.first()?;
        Some(Observance {
            daylight: component.component_type == ICalendarComponentType::Daylight,
            start: point(start.as_partial_date_time()?, None)?.wall(),
            from_s: offset(ICalendarProperty::Tzoffsetfrom)?,
            to_s: offset(ICalendarProperty::Tzoffsetto)?,
            lines: component
                .entries
                .iter()
                .flat_map(|property| recurrence_lines(property, &|written| point(written, None)))
                .collect(),
        })
    }

    fn changes(&self, years: Interval) -> Vec<(NaiveDateTime, i32)> {
        let span = Span::Floating { start: self.start, end: self.start };
        let series = Series { first: &span, lines: &self.lines, nominal: None };
        let found = expand(&series, &[], years, Tz::UTC, MOST_CHANGES).ok();
        let starts = found.into_iter().flat_map(|found| found.occurrences);
        // The first change counts, however long ago it was.
        let starts = starts.map(|it| it.span.bounds(Tz::UTC).0.naive_utc()).chain([self.start]);
        starts.map(|start| (start - TimeDelta::seconds(self.from_s.into()), self.to_s)).collect()
    }
}
