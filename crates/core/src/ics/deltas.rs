//! A calendar file as one answer of a provider, so that it is taken in like any other.

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Entry, Group, IcsError, by_event, parse, texts, twins};
use crate::event::{Event, Original, RemoteId, SeriesRef, Status};
use crate::glimpse::Glimpse;
use crate::merge::{Delta, Snapshot};
use crate::recurrence::{self, BUDGET, Series};
use crate::time::Interval;

/// Where a calendar's name stands in its file, within so many lines from the top.
const NAME: &str = "X-WR-CALNAME";
const NAME_WITHIN: usize = 100;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deltas {
    /// As its author calls it.
    pub name: Option<String>,
    /// Events and series, and what could not be read.
    pub deltas: Vec<Delta>,
    /// How many events and series there are.
    pub events: usize,
    /// What could not be read, in words.
    pub problems: Vec<String>,
    /// Why the text may hold more than was read, and its series more exceptions.
    pub broken: Vec<String>,
}

/// Reads a whole file. Times without a zone that is known are local to `zone`.
pub fn deltas(text: &str, zone: Tz) -> Result<Deltas, IcsError> {
    let file = parse(text, zone)?;
    let mut problems = file.problems;
    problems.extend(file.doubts);
    problems.extend(twins(&file.entries));
    let groups = by_event(file.entries);
    problems.extend(
        groups.iter().filter_map(|(name, group)| Some(format!("{name}: {}", group.unfollowed(zone)?))),
    );
    let texts = texts::of_each(text);
    let said = |uid: &str| texts.get(uid).map_or(Value::Null, |text| json!({ "ics": text }));
    let mut deltas: Vec<Delta> =
        groups.into_iter().flat_map(|(uid, group)| group.deltas(&said(&uid))).collect();
    let events = deltas.len();
    deltas.extend(file.unreadable.into_iter().map(|it| Delta::Malformed {
        id: (!it.uid.is_empty()).then_some(RemoteId(it.uid)),
        why: format!("it has {}", it.lack),
        glimpse: it.glimpse,
    }));
    // A file that breaks off may lack anything: what it does not name must not count as deleted.
    deltas.extend(file.broken.iter().map(|why| Delta::Malformed {
        id: None,
        why: why.clone(),
        glimpse: Glimpse::default(),
    }));
    Ok(Deltas { name: name(text), deltas, events, problems, broken: file.broken })
}

impl Group {
    /// Why a rule cannot be followed. Its event is taken in all the same, and stands at its first time.
    fn unfollowed(&self, zone: Tz) -> Option<String> {
        let fields = &self.master.as_ref()?.event.fields;
        let series = Series { first: &fields.span, lines: &fields.recurrence, nominal: None };
        let (start, _) = fields.span.bounds(zone);
        let first = Interval::new(start, start + TimeDelta::seconds(1))?;
        let followed = recurrence::expand(&series, &[], first, zone, BUDGET);
        followed.err().map(|error| format!("{error}; it stands at its first time only"))
    }

    /// The text is kept with the series, as a calendar server's is; its exceptions say where it is.
    fn deltas(self, text: &Value) -> Vec<Delta> {
        let Some(master) = self.master else {
            // Of several, the text does not say whose people are whose once each stands by itself.
            let text = if self.exceptions.len() == 1 { text } else { &Value::Null };
            return self.exceptions.into_values().filter_map(|entry| alone(entry, text)).collect();
        };
        if master.event.fields.recurrence.is_empty() && self.exceptions.is_empty() {
            return vec![Delta::Upsert(Box::new(snapshot(master.event, text.clone())))];
        }
        let id = master.event.id.clone();
        let part = if text.is_null() { Value::Null } else { json!({ "in": id }) };
        let (mut exceptions, mut cancelled) = (Vec::new(), Vec::new());
        for entry in self.exceptions.into_values() {
            let Some(original) = entry.exception(&master).map(|exception| exception.original) else {
                continue;
            };
            match entry.event.status {
                Status::Cancelled => cancelled.push(original),
                _ => exceptions.push(snapshot(placed(entry.event, &id, original), part.clone())),
            }
        }
        let master = Box::new(snapshot(master.event, text.clone()));
        vec![Delta::Series { master, exceptions, cancelled }]
    }
}

/// An exception without its master, as an invitation to one occurrence has it: an event of its own.
fn alone(entry: Entry, text: &Value) -> Option<Delta> {
    let series = entry.event.series.clone()?;
    if entry.event.status == Status::Cancelled {
        return None;
    }
    let placed = placed(entry.event, &series.master, series.original);
    Some(Delta::Upsert(Box::new(snapshot(Event { series: None, ..placed }, text.clone()))))
}

/// Master and exceptions share their UID, but each needs an id.
fn placed(event: Event, master: &RemoteId, original: Original) -> Event {
    let id = RemoteId(format!("{} {original}", master.0));
    Event { id, series: Some(SeriesRef { master: master.clone(), original }), ..event }
}

fn snapshot(event: Event, raw: Value) -> Snapshot {
    Snapshot { event, raw }
}

fn name(text: &str) -> Option<String> {
    let line = text.lines().take(NAME_WITHIN).find_map(|line| {
        let (head, value) = line.split_once(':')?;
        let property = head.split(';').next()?;
        property.eq_ignore_ascii_case(NAME).then_some(value.trim())
    })?;
    let name = line.replace("\\,", ",").replace("\\;", ";").replace("\\n", " ").replace("\\\\", "\\");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ics::{Reader, details};

    fn file(body: &str) -> Deltas {
        let text = format!("BEGIN:VCALENDAR\nX-WR-CALNAME:Team\\, east\n{body}END:VCALENDAR\n");
        deltas(&text, Tz::UTC).unwrap()
    }

    fn event(body: &str) -> String {
        format!("BEGIN:VEVENT\nUID:a\nDTSTART:20260302T090000Z\n{body}END:VEVENT\n")
    }

    #[test]
    fn a_master_with_its_exceptions_is_one_series() {
        let rule = event("RRULE:FREQ=DAILY\n");
        let moved = event("RECURRENCE-ID:20260303T090000Z\nDTSTART:20260303T100000Z\n");
        let gone = event("RECURRENCE-ID:20260304T090000Z\nSTATUS:CANCELLED\n");
        let read = file(&format!("{moved}{rule}{gone}"));
        let [Delta::Series { master, exceptions, cancelled }] = read.deltas.as_slice() else {
            panic!("{:?}", read.deltas)
        };
        assert_eq!((master.event.id.0.as_str(), exceptions.len(), cancelled.len()), ("a", 1, 1));
        assert_eq!(exceptions[0].event.id.0, "a 2026-03-03T09:00:00Z");
        assert_eq!((read.name.as_deref(), read.events), (Some("Team, east"), 1));
    }

    #[test]
    fn what_an_event_says_beyond_the_fields_is_kept_as_a_text_of_its_own() {
        let guest = "ATTENDEE;PARTSTAT=DECLINED:mailto:li@x.org\nX-DAYMARK-BLOCK:x\n";
        let plain = event("SEQUENCE:1\nCREATED:20260101T000000Z\n").replace("UID:a", "UID:plain");
        let rule = event(&format!("RRULE:FREQ=DAILY\n{guest}"));
        let moved = event("RECURRENCE-ID:20260303T090000Z\nATTENDEE:mailto:noor@x.org\n");
        let read = file(&format!("{plain}{rule}{moved}"));
        let [Delta::Series { master, exceptions, .. }, Delta::Upsert(plain)] = read.deltas.as_slice() else {
            panic!("{:?}", read.deltas)
        };
        assert_eq!((&plain.raw, &exceptions[0].raw), (&Value::Null, &json!({ "in": "a" })));
        let text = master.raw["ics"].as_str().unwrap();
        let who = |original: Option<&str>| {
            let reader = Reader { zone: Tz::UTC, owner: &[] };
            let shown = details(text, original.map(|at| at.parse().unwrap()), &reader);
            shown.attendees.into_iter().map(|one| one.address).collect::<Vec<_>>()
        };
        assert_eq!(who(None), ["li@x.org"]);
        assert_eq!(who(Some("2026-03-03T09:00:00Z")), ["noor@x.org"]);
    }

    #[test]
    fn an_exception_without_its_master_is_an_event() {
        let read = file(&event("RECURRENCE-ID:20260303T090000Z\n"));
        let [Delta::Upsert(alone)] = read.deltas.as_slice() else { panic!("{:?}", read.deltas) };
        assert!(alone.event.series.is_none());
    }

    #[test]
    fn what_cannot_be_read_is_named_and_a_file_that_breaks_off_deletes_nothing() {
        let read = file("BEGIN:VEVENT\nUID:b\nSUMMARY:Visit\\, Singh\nDTSTART:soon\nEND:VEVENT\n");
        let malformed = Delta::Malformed {
            id: Some(RemoteId("b".into())),
            why: "it has no start that can be read".into(),
            glimpse: Glimpse::new("Visit, Singh", None),
        };
        assert_eq!(read.deltas, [malformed]);
        let whole = format!("BEGIN:VCALENDAR\n{}BEGIN:VEVENT\nUID:c\nDTSTART:2026", event(""));
        let cut = deltas(&whole, Tz::UTC).unwrap();
        assert!(cut.deltas.iter().any(|it| matches!(it, Delta::Malformed { id: None, .. })), "{cut:?}");
    }

    #[test]
    fn of_a_file_that_breaks_off_the_event_in_whose_middle_it_does_is_not_read() {
        let lines = [
            "DTSTART:20260307T100000Z",
            "DTEND:20260307T133000Z",
            "SUMMARY:Club",
            "RRULE:FREQ=DAILY;COUNT=8",
        ];
        let last = format!("BEGIN:VEVENT\nUID:c\n{}\n", lines.join("\n"));
        let whole = format!("BEGIN:VCALENDAR\n{}{last}", event(""));
        for cut in whole.len() - last.len() + 15..whole.len() {
            let read = deltas(&whole[..cut], Tz::UTC).unwrap();
            assert_eq!((read.events, read.broken.len()), (1, 1), "{:?}", &whole[..cut]);
        }
    }

    #[test]
    fn two_events_with_one_uid_are_named() {
        let another = event("SUMMARY:Another\n");
        let read = file(&format!("{}{another}", event("")));
        assert_eq!((read.events, read.problems.len()), (1, 1), "{read:?}");
        assert!(read.problems[0].starts_with("a: several events have this UID"), "{:?}", read.problems);
        assert_eq!(file(&format!("{0}{0}", event(""))).problems, [""; 0], "the same again is no other");
    }

    #[test]
    fn each_event_that_is_set_aside_is_named_with_what_is_wrong_with_it() {
        let why = |body: &str| match file(&event(body)).deltas.as_slice() {
            [Delta::Malformed { id: Some(id), why, .. }] if id.0 == "a" => why.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(why("DTEND:20260302T080000Z\n"), "it has an end before its start");
        assert_eq!(why("DURATION:P9999999999W\n"), "it has a length of more than a hundred years");
        assert_eq!(why("DURATION:-PT1H\n"), "it has a length below zero");
        assert_eq!(why("RECURRENCE-ID:never\n"), "it has no place in its series that can be read");
    }

    #[test]
    fn a_rule_that_cannot_be_right_is_named_and_its_event_is_taken_in() {
        for (rule, said) in [
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0, which is read as 1"),
            ("FREQ=DAILY;INTERVAL=70000", "INTERVAL cannot be “70000”; it stands at its first time only"),
            ("FREQ=MONTHLY;BYWEEKNO=3", "it stands at its first time only"),
        ] {
            let read = file(&event(&format!("RRULE:{rule}\n")));
            assert!(matches!(read.deltas.as_slice(), [Delta::Series { .. }]), "{read:?}");
            let [problem] = read.problems.as_slice() else { panic!("{:?}", read.problems) };
            assert!(problem.starts_with("a: ") && problem.ends_with(said), "{problem}");
        }
    }

    #[test]
    fn of_a_file_that_breaks_off_it_is_said_once() {
        let cut = deltas(&format!("BEGIN:VCALENDAR\n{}", event("")), Tz::UTC).unwrap();
        assert_eq!(cut.problems, ["the file breaks off: it has no END:VCALENDAR"]);
        assert_eq!((cut.events, cut.deltas.len()), (1, 2), "{:?}", cut.deltas);
        let marked = format!("\u{feff}BEGIN:VCALENDAR\n{}END:VCALENDAR\n", event(""));
        assert_eq!(deltas(&marked, Tz::UTC).unwrap().problems, [""; 0]);
    }

    #[test]
    fn a_page_of_the_web_is_no_calendar() {
        assert_eq!(deltas("<!doctype html><html>", Tz::UTC), Err(IcsError::NoCalendar));
    }
}
