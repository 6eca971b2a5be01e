//! From a calendar's components to events.

use std::collections::BTreeMap;
use std::sync::Arc;

use calcard::Parser;
use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarClassification, ICalendarComponent, ICalendarComponentType, ICalendarEntry,
    ICalendarParameterName, ICalendarProperty, ICalendarStatus, ICalendarTransparency, ICalendarValue,
};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

use super::IcsError;
use super::forgiven::{self, Forgiven};
use super::rules::Rules;
use super::text::without_controls;
use super::values::{Point, point, recurrence_lines};
use super::zones::{Zone, Zones};
use crate::event::{Answer, Event, Fields, Kind, RemoteId, SeriesRef, ShowAs, Status, Visibility};
use crate::glimpse::Glimpse;
use crate::recurrence::starting;
use crate::time::{Instant, Span};

/// An event of a file, with what a file alone knows.
#[derive(Clone, Debug)]
pub struct Entry {
    pub event: Event,
    pub sequence: i64,
    /// A length given as `DURATION`: days that follow the calendar, and the exact rest.
    pub nominal: Option<(i64, TimeDelta)>,
    /// An exception that the later occurrences follow.
    pub this_and_future: bool,
    /// The date of its `RECURRENCE-ID` as written: all that counts in a series of whole days.
    pub original_date: Option<NaiveDate>,
    /// The zone that only the file knows: all instants of `event` are then its wall times, written as UTC.
    pub(super) own: Option<Arc<Rules>>,
}

#[derive(Debug, Default)]
pub struct File {
    pub entries: Vec<Entry>,
    /// All that is wrong, in words.
    pub problems: Vec<String>,
    pub unreadable: Vec<Unreadable>,
    /// What was read otherwise than it is written, in words.
    pub doubts: Vec<String>,
    /// Why the file may hold more than was read.
    pub broken: Vec<String>,
}

/// An event that could not be read.
#[derive(Debug)]
pub struct Unreadable {
    /// Empty for one without.
    pub uid: String,
    /// What it has or lacks, in words.
    pub lack: &'static str,
    pub glimpse: Glimpse,
    /// Without what is wrong, where the rest can be read: enough to be written to.
    pub(super) rest: Option<Box<Entry>>,
}

/// What becomes of a zone that only its file knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnZones {
    /// Its rules are followed, in an [`Entry`] that says so.
    Followed,
    /// A series goes by the zone of the database that is nearest to it, since a mirror has no other; what stands by
    /// itself is at its very instant.
    Nearest,
}

/// For whom a file is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// Of times without a zone that is known.
    pub zone: Tz,
    /// Addresses whose own answers to invitations are read too.
    pub owner: &'a [String],
    pub own_zones: OwnZones,
}

/// Reads all calendars of a text. Times without a zone that is known are local to `zone`.
pub fn parse(text: &str, zone: Tz) -> Result<File, IcsError> {
    parse_as(text, zone, &[])
}

/// The same for an owner with these addresses, whose own answers to invitations are read too.
pub(super) fn parse_as(text: &str, zone: Tz, owner: &[String]) -> Result<File, IcsError> {
    parse_for(text, Asked { zone, owner, own_zones: OwnZones::Nearest })
}

pub(super) fn parse_for(text: &str, asked: Asked<'_>) -> Result<File, IcsError> {
    let mut file = File::default();
    let mut calendars = 0;
    let text = without_controls(text);
    let Forgiven { text, breaks_off } = Forgiven::of(&text);
    let mut parser = Parser::new(&text);
    loop {
        match parser.entry() {
            calcard::Entry::ICalendar(calendar) => {
                calendars += 1;
                read_calendar(&calendar, asked, &mut file);
            }
            calcard::Entry::UnterminatedComponent(name) => {
                file.broken.push(format!("{name} has no end; the file may be cut off"));
                break;
            }
            calcard::Entry::TooManyComponents => {
                file.broken.push("the file nests or holds too many components".into());
                break;
            }
            calcard::Entry::Eof => break,
            _ => {}
        }
    }
    if calendars == 0 && file.broken.is_empty() {
        return Err(IcsError::NoCalendar);
    }
    if file.broken.is_empty() {
        file.broken.extend(breaks_off.map(str::to_owned));
    }
    file.problems.extend(file.broken.iter().cloned());
    Ok(file)
}

/// Shows every event of a calendar to `see`.
pub(super) fn each_event(calendar: &ICalendar, asked: Asked<'_>, mut see: impl FnMut(Component<'_>)) {
    let zones = Zones::of(calendar, asked.zone);
    let events = calendar.components.iter().filter(|it| it.component_type == ICalendarComponentType::VEvent);
    for component in events {
        let own = own_zone(component, &zones);
        see(Component { component, zones: &zones, own, owner: asked.owner, own_zones: asked.own_zones });
    }
}

fn read_calendar(calendar: &ICalendar, asked: Asked<'_>, file: &mut File) {
    each_event(calendar, asked, |component| {
        file.problems.extend(component.strangers());
        file.doubts.extend(component.doubts());
        let (lack, rest) = match (component.entry(file.entries.len()), component.flaw()) {
            (Ok(entry), None) => return file.entries.push(entry),
            (Ok(entry), Some(flaw)) => (flaw, Some(Box::new(entry))),
            (Err(lack), _) => (lack, None),
        };
        file.problems.push(format!("{} has {lack}", component.named()));
        let uid = component.text(&ICalendarProperty::Uid).unwrap_or_default();
        file.unreadable.push(Unreadable { uid, lack, glimpse: component.glimpse(), rest });
    });
}

/// The zone that only the file knows, if the event or its place in a series is written in one.
fn own_zone(component: &ICalendarComponent, zones: &Zones) -> Option<Arc<Rules>> {
    let names = [ICalendarProperty::Dtstart, ICalendarProperty::RecurrenceId];
    let named = names.iter().filter_map(|name| component.property(name)?.tz_id());
    named.map(|name| zones.find(name)).find_map(|zone| match zone {
        Zone::Own(rules) => Some(rules),
        Zone::Database(_) => None,
    })
}

/// An event as it is written.
pub(super) struct Component<'a> {
    pub(super) component: &'a ICalendarComponent,
    pub(super) zones: &'a Zones,
    own: Option<Arc<Rules>>,
    own_zones: OwnZones,
    pub(super) owner: &'a [String],
}

impl Component<'_> {
    /// `place` keeps an event that has no UID apart from others.
    pub(super) fn entry(&self, place: usize) -> Result<Entry, &'static str> {
        let start = self.component.property(&ICalendarProperty::Dtstart);
        let start = start.and_then(|start| self.point(start)).ok_or("no start that can be read")?;
        let nominal = self.nominal();
        let uid = self.text(&ICalendarProperty::Uid).unwrap_or_default();
        let mut fields = Fields::new(
            self.text(&ICalendarProperty::Summary).unwrap_or_default(),
            self.span(start, nominal),
        );
        fields.description = self.text(&ICalendarProperty::Description).unwrap_or_default();
        fields.location = self.text(&ICalendarProperty::Location).unwrap_or_default();
        fields.recurrence = self.recurrence(start);
        fields.show_as = self.show_as();
        fields.visibility = self.visibility();
        fields.marks = self.marks();
        let exception = self.component.property(&ICalendarProperty::RecurrenceId);
        let original = exception.map(|property| {
            // Taken for a master, it would stand in for its whole series.
            self.point(property).ok_or("no place in its series that can be read")
        });
        let original = original.transpose()?;
        let series =
            original.map(|point| SeriesRef { master: RemoteId(uid.clone()), original: point.original() });
        // Only a master repeats; rules copied into an exception are not its own.
        if series.is_some() {
            fields.recurrence.clear();
        }
        if fields.recurrence.is_empty() {
            fields.span = self.exact(start, fields.span);
        }
        let (answer, organizer) = self.part_of_owner();
        let event = Event {
            // Events without a UID must not be taken for one.
            id: RemoteId(if uid.is_empty() { format!("entry {place}") } else { uid.clone() }),
            uid,
            etag: None,
            status: self.status(),
            kind: Kind::Default,
            answer,
            organizer,
            fields,
            series,
            updated: self.updated(),
        };
        // `calcard` keeps the parameter only when it says THISANDFUTURE, the one value there is.
        let this_and_future =
            exception.is_some_and(|property| property.has_parameter(&ICalendarParameterName::Range));
        let original_date = original.map(|point| point.wall().date());
        let own = self.own.clone().filter(|_| self.own_zones == OwnZones::Followed);
        Ok(Entry { event, sequence: self.sequence(), nominal, this_and_future, original_date, own })
    }

    /// The very instants of what stands by itself, where its zone is only nearly the one that is meant.
    fn exact(&self, start: Point, span: Span) -> Span {
        match (self.nearly(), start, span) {
            (Some(rules), Point::Zoned(wall, _), Span::Timed { end, zone, .. }) => {
                let (start, end) = rules.instants(wall, crate::time::wall(end, zone));
                Span::Timed { start, end, zone }
            }
            (_, _, span) => span,
        }
    }

    /// The rules that its zone is only nearly.
    fn nearly(&self) -> Option<&Rules> {
        self.own.as_deref().filter(|_| self.own_zones == OwnZones::Nearest)
    }

    /// What can be read of it. A place in a series stands in for a start that cannot.
    fn glimpse(&self) -> Glimpse {
        let names = [ICalendarProperty::Dtstart, ICalendarProperty::RecurrenceId];
        let start = names.iter().find_map(|name| {
            let property = self.component.property(name)?;
            let zone = property.tz_id().map(|name| self.zones.find(name));
            point(property.values.first()?.as_partial_date_time()?, zone.as_ref())
        });
        let title = self.text(&ICalendarProperty::Summary).unwrap_or_default();
        Glimpse::new(&title, start.map(Point::original))
    }

    /// As a person finds it again.
    fn named(&self) -> String {
        let uid = self.text(&ICalendarProperty::Uid).unwrap_or_default();
        match self.glimpse().title {
            title if title.is_empty() => format!("{uid}: the event"),
            title => format!("{uid}: “{title}”"),
        }
    }

    /// Intervals that no rule can have, in words.
    fn doubts(&self) -> Vec<String> {
        let found = self.component.entries.iter().filter_map(forgiven::interval);
        let said = |(written, read)| {
            format!("{} repeats with INTERVAL={written}, which is read as {read}", self.named())
        };
        found.map(said).chain(self.strange_clock()).collect()
    }

    /// A series whose clock is shown as the nearest that is known.
    fn strange_clock(&self) -> Option<String> {
        let rules = self.nearly()?;
        let repeats = self.component.property(&ICalendarProperty::Rrule).is_some();
        let name = self.component.property(&ICalendarProperty::Dtstart)?.tz_id()?;
        repeats.then(|| {
            format!(
                "{} repeats in the zone “{name}”, which only this file knows; it is shown as in {}",
                self.named(),
                rules.nearest
            )
        })
    }

    /// Zones whose names say nothing, in words.
    fn strangers(&self) -> impl Iterator<Item = String> {
        let uid = self.text(&ICalendarProperty::Uid).unwrap_or_default();
        let local = self.zones.default;
        let names = self.zones.strangers(self.component).into_iter();
        names.map(move |name| {
            format!("{uid}: the zone “{name}” is not known; its times are shown as times of {local}")
        })
    }

    pub(super) fn point(&self, property: &ICalendarEntry) -> Option<Point> {
        self.read(property, property.values.first()?.as_partial_date_time()?)
    }

    /// A point of a property; as a wall time of the file's own zone, where the event stands in one.
    fn read(&self, property: &ICalendarEntry, written: &PartialDateTime) -> Option<Point> {
        let zone = property.tz_id().map(|name| self.zones.find(name));
        let meant = point(written, zone.as_ref())?;
        Some(match (&self.own, meant) {
            // A time that its own clock leaves out is kept as it is named.
            (Some(rules), Point::Zoned(..)) => match (&zone, point(written, None)?) {
                (Some(Zone::Own(named)), Point::Floating(wall)) if named == rules => {
                    Point::Zoned(wall, self.clock(rules))
                }
                _ => Point::Zoned(rules.wall(meant.instant(Tz::UTC)), self.clock(rules)),
            },
            _ => meant,
        })
    }

    /// The zone in which wall times of the file's own are kept.
    fn clock(&self, own: &Rules) -> Tz {
        match self.own_zones {
            OwnZones::Followed => Tz::UTC,
            OwnZones::Nearest => own.nearest,
        }
    }

    fn recurrence(&self, start: Point) -> Vec<String> {
        let entries = self.component.entries.iter();
        let lines = entries
            .flat_map(|property| recurrence_lines(property, &|written| self.read(property, written)))
            .collect();
        match start {
            Point::Zoned(named, zone) => starting(named, zone, lines),
            Point::Date(_) | Point::Floating(_) => lines,
        }
    }

    fn text(&self, name: &ICalendarProperty) -> Option<String> {
        let text = self.component.property(name)?.values.first()?.as_text()?;
        Some(text.to_owned())
    }

    pub(super) fn status(&self) -> Status {
        match self.component.status() {
            Some(ICalendarStatus::Cancelled) => Status::Cancelled,
            Some(ICalendarStatus::Tentative) => Status::Tentative,
            _ => Status::Confirmed,
        }
    }

    /// The standard knows taken and free only; Outlook's own property says what kind of taken it is,
    /// as long as the two do not contradict each other.
    fn show_as(&self) -> ShowAs {
        let free = self.component.transparency() == Some(&ICalendarTransparency::Transparent);
        let outlook = self.other(super::BUSY_STATUS).map(str::to_ascii_uppercase);
        match (free, outlook.as_deref()) {
            (true, Some("WORKINGELSEWHERE")) => ShowAs::WorkingElsewhere,
            (true, _) => ShowAs::Free,
            (false, Some("OOF")) => ShowAs::OutOfOffice,
            (false, _) if self.status() == Status::Tentative => ShowAs::Tentative,
            (false, _) => ShowAs::Busy,
        }
    }

    /// A property that the standard does not name.
    pub(super) fn other(&self, name: &str) -> Option<&str> {
        let named =
            |property: &&ICalendarEntry| other_name(property).is_some_and(|it| it.eq_ignore_ascii_case(name));
        self.component.entries.iter().find(named)?.values.first()?.as_text()
    }

    fn marks(&self) -> BTreeMap<String, String> {
        let mark = |property: &ICalendarEntry| {
            let key = other_name(property)?.to_ascii_lowercase().strip_prefix("x-")?.to_owned();
            let value = property.values.first().and_then(|value| value.as_text()).unwrap_or_default();
            key.starts_with(super::MARK).then(|| (key, value.to_owned()))
        };
        self.component.entries.iter().filter_map(mark).collect()
    }

    /// Somebody else's invitation carries the owner's answer.
    fn part_of_owner(&self) -> (Answer, bool) {
        let is_own = |property: &ICalendarEntry| {
            property
                .calendar_address()
                .is_some_and(|it| self.owner.iter().any(|own| own.eq_ignore_ascii_case(it)))
        };
        let organizer = self.component.property(&ICalendarProperty::Organizer);
        if self.owner.is_empty() || organizer.is_none_or(is_own) {
            return (Answer::Own, true);
        }
        let mut attendees = self.component.properties(&ICalendarProperty::Attendee);
        let Some(own) = attendees.find(|property| is_own(property)) else { return (Answer::Own, false) };
        let part = own.parameters(&ICalendarParameterName::Partstat).find_map(|part| part.as_text());
        let answer = match part.map(str::to_ascii_uppercase).as_deref() {
            Some("ACCEPTED") => Answer::Accepted,
            Some("TENTATIVE") => Answer::Tentative,
            Some("DECLINED") => Answer::Declined,
            _ => Answer::Open,
        };
        (answer, false)
    }

    fn visibility(&self) -> Visibility {
        match self.component.property(&ICalendarProperty::Class).and_then(|class| class.values.first()) {
            Some(ICalendarValue::Classification(ICalendarClassification::Public)) => Visibility::Public,
            Some(ICalendarValue::Classification(_)) => Visibility::Private,
            _ => Visibility::Default,
        }
    }

    fn sequence(&self) -> i64 {
        let sequence = self.component.property(&ICalendarProperty::Sequence);
        sequence.and_then(|sequence| sequence.values.first()?.as_integer()).unwrap_or(0)
    }

    fn updated(&self) -> Option<Instant> {
        let stamps = [ICalendarProperty::LastModified, ICalendarProperty::Dtstamp];
        let stamp = stamps.iter().find_map(|name| self.component.property(name))?;
        Some(self.point(stamp)?.instant(Tz::UTC))
    }
}

fn other_name(property: &ICalendarEntry) -> Option<&str> {
    match &property.name {
        ICalendarProperty::Other(name) => Some(name),
        _ => None,
    }
}
