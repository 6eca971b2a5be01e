//! A resource of a calendar server: one event with everything that is known of its occurrences.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::parse::{Entry, parse, parse_as};
use super::text::Document;
use super::{Group, IcsError, by_event};
use crate::event::{Event, Fields, Original, RemoteId, SeriesRef, Status};
use crate::glimpse::Glimpse;
use crate::recurrence::{cancellations, expand_event, same_kind};
use crate::time::{Interval, Span};

/// Whose calendar it is.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// Times without a zone that is known are local to it.
    pub zone: Tz,
    /// Addresses under which the owner is invited.
    pub owner: &'a [String],
}

#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The series or the single event. `EXDATE`s are not among its lines: they stand in `cancelled`.
    pub master: Event,
    pub exceptions: Vec<Event>,
    pub cancelled: Vec<Original>,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ResourceError {
    #[error(transparent)]
    NoCalendar(#[from] IcsError),
    /// It holds a task, a note or the like.
    #[error("it holds no event")]
    NoEvent,
    #[error("{0}")]
    Unreadable(String),
}

/// Reads one resource.
pub fn read(text: &str, reader: &Reader<'_>) -> Result<Resource, ResourceError> {
    let file = parse_as(text, reader.zone, reader.owner)?;
    // What is cut off may lack the very event; a part that cannot be read would look like one that is not there.
    let wrong = file.broken.into_iter().chain(file.problems).next();
    if let Some(why) = wrong {
        return Err(ResourceError::Unreadable(why));
    }
    if file.entries.is_empty() {
        return Err(ResourceError::NoEvent);
    }
    let mut groups = by_event(file.entries).into_values();
    match (groups.next(), groups.next()) {
        (Some(group), None) => group.resource(reader.zone),
        _ => Err(ResourceError::Unreadable("it holds several events with different UIDs".into())),
    }
}

/// What can be read of a resource that as a whole cannot.
pub fn glimpse(text: &str, zone: Tz) -> Glimpse {
    let file = parse(text, zone).unwrap_or_default();
    let read = file.entries.iter().map(Entry::glimpse);
    read.chain(file.unreadable.into_iter().map(|it| it.glimpse)).find(|it| !it.is_empty()).unwrap_or_default()
}

/// The UID of the event in a text, also of one that has a flaw.
pub fn uid(text: &str) -> Option<String> {
    let file = parse_as(text, Tz::UTC, &[]).ok().filter(|file| file.broken.is_empty())?;
    let flawed = file.unreadable.into_iter().filter_map(|it| it.rest).map(|rest| *rest);
    file.entries.into_iter().chain(flawed).next().map(|entry| entry.event.uid)
}

/// Whether others are invited to an event of the text. Alarms that are mails have addressees too, and are not meant.
pub fn has_attendees(text: &str) -> bool {
    let invites = |document: &Document| {
        let mut events = document.components("VEVENT").into_iter();
        events.any(|event| document.find(event, "ATTENDEE").is_some())
    };
    Document::read(text).is_ok_and(|document| invites(&document))
}

impl Entry {
    fn glimpse(&self) -> Glimpse {
        let start = self.real_original(Original::of(&self.event.fields.span));
        Glimpse::new(&self.event.fields.title, Some(start))
    }

    /// The occurrence that it stands for, in the form that those of the series have.
    pub(super) fn place_in(&self, series: &Fields, zone: Tz) -> Option<Original> {
        let written = self.event.series.as_ref()?.original;
        let date = self.original_date.filter(|_| series.span.is_all_day());
        Some(date.map_or_else(|| same_kind(&series.span, &series.recurrence, written, zone), Original::On))
    }
}

impl Group {
    /// An invitation to single occurrences has no master: the first stands in for it.
    fn resource(mut self, zone: Tz) -> Result<Resource, ResourceError> {
        let stand_in = self.master.is_none();
        let master = self.master.take().or_else(|| self.exceptions.pop_first().map(|(_, first)| first));
        let Some(mut master) = master.map(|entry| entry.event) else { return Err(ResourceError::NoEvent) };
        if stand_in {
            master.series = None;
        }
        let fields = &mut master.fields;
        let (making, cancelled) = cancellations(&fields.span, &fields.recurrence, zone);
        let mut cancelled: BTreeSet<Original> = cancelled.into_iter().collect();
        fields.recurrence = making;
        let mut exceptions = Vec::new();
        for entry in self.exceptions.into_values() {
            let Some(event) = placed(entry, &master, stand_in, zone) else { continue };
            match (&event.series, event.status) {
                (Some(place), Status::Cancelled) => drop(cancelled.insert(place.original)),
                _ => exceptions.push(event),
            }
        }
        // What is left out and yet there: the exception says more.
        exceptions.retain(|event| event.series.as_ref().is_none_or(|it| !cancelled.contains(&it.original)));
        Ok(Resource { master, exceptions, cancelled: cancelled.into_iter().collect() })
    }
}

/// An exception with its place in the form that the series' occurrences have.
fn placed(entry: Entry, master: &Event, stand_in: bool, zone: Tz) -> Option<Event> {
    let original = if stand_in {
        entry.event.series.as_ref()?.original
    } else {
        entry.place_in(&master.fields, zone)?
    };
    let series = Some(SeriesRef { master: RemoteId(master.uid.clone()), original });
    Some(Event { series, ..entry.event })
}

impl Resource {
    /// One occurrence as it stands; `None` when it is cancelled, or never was.
    pub fn occurrence(&self, original: Original, zone: Tz) -> Option<Event> {
        let fields = &self.master.fields;
        let original = same_kind(&fields.span, &fields.recurrence, original, zone);
        let is_here = |event: &&Event| event.series.as_ref().is_some_and(|it| it.original == original);
        if let Some(exception) = self.exceptions.iter().find(is_here) {
            return Some(exception.clone());
        }
        let span = self.untouched(original, zone)?;
        let mut event = self.master.clone();
        event.series = Some(SeriesRef { master: RemoteId(self.master.uid.clone()), original });
        event.fields.recurrence.clear();
        event.fields.span = span;
        Some(event)
    }

    /// Where the rule puts an occurrence that nobody touched.
    fn untouched(&self, original: Original, zone: Tz) -> Option<Span> {
        if self.cancelled.contains(&original) || self.master.fields.recurrence.is_empty() {
            return None;
        }
        let (begin, day) = (original.instant(zone), TimeDelta::days(2));
        let window = Interval::new(begin - day, begin + day)?;
        let found = expand_event(&self.master, &[], window, zone).ok()?;
        found.occurrences.into_iter().find(|it| it.original == original).map(|it| it.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_are_told_from_those_whom_an_alarm_mails() {
        let text = |line: &str| {
            let alarm = "BEGIN:VALARM\nACTION:EMAIL\nATTENDEE:mailto:me@example.org\nEND:VALARM";
            format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n{line}\n{alarm}\nEND:VEVENT\nEND:VCALENDAR\n")
        };
        assert!(has_attendees(&text("ATTENDEE;CN=Guest:mailto:guest@example.org")));
        assert!(has_attendees(&text("ATTEN\n DEE:mailto:guest@example.org")));
        assert!(!has_attendees(&text("SUMMARY:ATTENDEE")));
        assert!(!has_attendees("no calendar"));
    }
    use crate::event::Answer;

    #[test]
    fn of_a_resource_that_makes_no_sense_the_title_and_the_start_are_seen_if_they_can_be_read() {
        let seen = |lines: &str| {
            let text = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n{lines}END:VEVENT\nEND:VCALENDAR\n");
            assert!(read(&text, &reader(&[])).is_err(), "{text}");
            glimpse(&text, Tz::Europe__Berlin)
        };
        let start = |text: &str| Some(text.parse().unwrap());
        let stranger = seen("SUMMARY:Visit\\n Singh\nDTSTART;TZID=Nowhere/Land:20260312T090000\n");
        assert_eq!(stranger, Glimpse::new("Visit Singh", start("2026-03-12T08:00:00Z")));
        assert_eq!(seen("SUMMARY:Visit\nDTSTART:soon\n"), Glimpse::new("Visit", None));
        let placed = seen("RECURRENCE-ID;VALUE=DATE:20260312\nDTSTART:soon\n");
        assert_eq!(placed, Glimpse::new("", start("2026-03-12")));
        assert!(seen("").is_empty());
        assert!(glimpse("no calendar", Tz::UTC).is_empty());
    }

    const SERIES: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Round\r\n\
        DTSTART;TZID=Eastern Standard Time:20260302T090000\r\nDTEND;TZID=Eastern Standard Time:20260302T093000\r\n\
        RRULE:FREQ=WEEKLY\r\nEXDATE;TZID=Eastern Standard Time:20260309T090000\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20260316T130000Z\r\nDTSTART:20260316T150000Z\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20260323T130000Z\r\nDTSTART:20260323T130000Z\r\nSTATUS:CANCELLED\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";

    fn reader(owner: &[String]) -> Reader<'_> {
        Reader { zone: Tz::Europe__Berlin, owner }
    }

    fn at(text: &str) -> Original {
        Original::At(text.parse().unwrap())
    }

    #[test]
    fn a_cancelled_exception_and_an_excluded_date_are_the_same() {
        let read = read(SERIES, &reader(&[])).unwrap();
        assert_eq!(read.cancelled, [at("2026-03-09T13:00:00Z"), at("2026-03-23T13:00:00Z")]);
        assert_eq!(read.master.fields.recurrence, ["RRULE:FREQ=WEEKLY"]);
        assert_eq!(read.exceptions.len(), 1);
        assert_eq!(read.exceptions[0].series.as_ref().unwrap().original, at("2026-03-16T13:00:00Z"));
    }

    #[test]
    fn an_occurrence_is_found_moved_untouched_or_not_at_all() {
        let read = read(SERIES, &reader(&[])).unwrap();
        let start = |original| read.occurrence(original, Tz::UTC).map(|it| it.fields.span.bounds(Tz::UTC).0);
        assert_eq!(start(at("2026-03-16T13:00:00Z")), Some("2026-03-16T15:00:00Z".parse().unwrap()));
        assert_eq!(start(at("2026-03-30T13:00:00Z")), Some("2026-03-30T13:00:00Z".parse().unwrap()));
        assert_eq!(start(at("2026-03-23T13:00:00Z")), None);
        assert_eq!(start(at("2026-03-31T13:00:00Z")), None);
    }

    #[test]
    fn an_invitation_to_single_occurrences_shows_them() {
        let text = SERIES.replace("RRULE:FREQ=WEEKLY\r\n", "RECURRENCE-ID:20260302T140000Z\r\n");
        let read = read(&text, &reader(&[])).unwrap();
        assert_eq!((read.master.series.as_ref(), read.exceptions.len()), (None, 1));
    }

    #[test]
    fn a_task_is_no_event_and_half_an_event_is_unreadable() {
        let calendar = |body: &str| format!("BEGIN:VCALENDAR\r\n{body}\r\nEND:VCALENDAR\r\n");
        let task = calendar("BEGIN:VTODO\r\nUID:a\r\nEND:VTODO");
        assert_eq!(read(&task, &reader(&[])).unwrap_err(), ResourceError::NoEvent);
        let broken = calendar("BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT");
        assert!(matches!(read(&broken, &reader(&[])), Err(ResourceError::Unreadable(_))));
        assert!(matches!(read("x", &reader(&[])), Err(ResourceError::NoCalendar(_))));
        for end in [SERIES.len() / 4, SERIES.len() / 2, SERIES.len() - 5] {
            assert!(read(&SERIES[..end], &reader(&[])).is_err_and(|error| error != ResourceError::NoEvent));
            assert_eq!(uid(&SERIES[..end]), None);
        }
    }

    #[test]
    fn an_exception_without_a_readable_place_never_stands_in_for_its_series() {
        let text = SERIES.replace("RECURRENCE-ID:20260323T130000Z", "RECURRENCE-ID:20261399T130000Z");
        assert!(matches!(read(&text, &reader(&[])), Err(ResourceError::Unreadable(_))));
    }

    #[test]
    fn control_characters_are_not_read_as_they_are_not_written() {
        let text = SERIES.replace("Round", "Ro\u{1}und").replace("FREQ=WEEKLY", "FREQ=\u{7}WEEKLY");
        let read = read(&text, &reader(&[])).unwrap().master.fields;
        assert_eq!((read.title.as_str(), read.recurrence), ("Round", vec!["RRULE:FREQ=WEEKLY".to_owned()]));
    }

    fn event(rest: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n{rest}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    }

    #[test]
    fn a_length_of_many_thousand_years_is_set_aside() {
        for start in [";VALUE=DATE:20260302", ":20260302T090000Z", ":20260302T090000"] {
            let text = event(&format!("DTSTART{start}\r\nDURATION:P4294967295W"));
            let why = "a: the event has a length of more than a hundred years".to_owned();
            assert_eq!(read(&text, &reader(&[])), Err(ResourceError::Unreadable(why)));
        }
    }

    #[test]
    fn an_end_before_the_start_is_set_aside_and_its_uid_is_known() {
        let text = event("DTSTART:20260302T090000Z\r\nDTEND:20260302T080000Z");
        let why = "a: the event has an end before its start".to_owned();
        assert_eq!(read(&text, &reader(&[])), Err(ResourceError::Unreadable(why)));
        assert_eq!(uid(&text).as_deref(), Some("a"));
    }

    #[test]
    fn a_resource_that_breaks_off_is_said_to_whatever_it_lacks() {
        let cut = Err(ResourceError::Unreadable("the file breaks off: it has no END:VCALENDAR".into()));
        let ends = ["BEGIN:VEVENT", "UID:a", "DTSTART", "END:VEVENT", "END:VCALENDAR"];
        let text = event("DTSTART:20260302T090000Z");
        for end in ends.map(|line| text.find(line).unwrap()) {
            assert_eq!(read(&text[..end], &reader(&[])), cut, "{}", &text[..end]);
            assert_eq!(uid(&text[..end]), None);
        }
    }

    #[test]
    fn an_interval_of_zero_keeps_its_series_on_the_calendar() {
        let text = event("DTSTART:20260302T090000Z\r\nRRULE:FREQ=WEEKLY;INTERVAL=0");
        assert_eq!(read(&text, &reader(&[])).unwrap().master.fields.recurrence, ["RRULE:FREQ=WEEKLY"]);
    }

    #[test]
    fn the_owners_own_answer_is_read() {
        let invited = |part: &str| {
            format!(
                "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260302T090000Z\r\nORGANIZER:mailto:boss@x.example\r\n\
                 ATTENDEE;PARTSTAT=ACCEPTED:mailto:other@x.example\r\nATTENDEE{part}:MAILTO:Maya@x.example\r\n\
                 END:VEVENT\r\nEND:VCALENDAR\r\n"
            )
        };
        let owner = ["maya@x.example".to_owned()];
        let answer = |part: &str| read(&invited(part), &reader(&owner)).unwrap().master.answer;
        assert_eq!(answer(";PARTSTAT=DECLINED"), Answer::Declined);
        assert_eq!(answer(";PARTSTAT=TENTATIVE;CN=Maya"), Answer::Tentative);
        assert_eq!(answer(""), Answer::Open);
        assert!(!read(&invited(""), &reader(&owner)).unwrap().master.organizer);
        assert!(read(&invited(""), &reader(&["boss@x.example".to_owned()])).unwrap().master.organizer);
    }
}
