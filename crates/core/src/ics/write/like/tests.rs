//! A resource made like an earlier one, line by line.

use chrono_tz::Tz;
use serde_json::json;

use super::*;
use crate::ics::{details, read};
use crate::rest::People;
use crate::time::Instant;

const SERIES: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Other//EN\r\nX-WR-OWN:kept\r\n\
    BEGIN:VTIMEZONE\r\nTZID:Office\r\nX-LIC-LOCATION:America/Toronto\r\nBEGIN:STANDARD\r\nDTSTART:19701101T020000\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nEND:STANDARD\r\n\
    BEGIN:DAYLIGHT\r\nDTSTART:19700308T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nTZOFFSETFROM:-0500\r\n\
    TZOFFSETTO:-0400\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n\
    BEGIN:VEVENT\r\nUID:old\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY;LANGUAGE=en:Round\r\n\
    DTSTART;TZID=Office:20260302T090000\r\nDTEND;TZID=Office:20260302T093000\r\nRRULE:FREQ=DAILY;COUNT=10\r\n\
    EXDATE;TZID=Office:20260304T090000\r\nORGANIZER:mailto:maya@x.org\r\nATTENDEE;PARTSTAT=DECLINED;X-NUM=7:mailto:li@x.org\r\n\
    ATTACH;FILENAME=plan.pdf:https://files.example/1\r\nX-VENDOR;P=\"a:b\":kept as\r\n  it was\r\n\
    BEGIN:VALARM\r\nACTION:EMAIL\r\nATTENDEE:mailto:maya@x.org\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:old\r\nRECURRENCE-ID;TZID=Office:20260306T090000\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Round\r\n\
    DTSTART;TZID=Office:20260306T110000\r\nDTEND;TZID=Office:20260306T113000\r\nATTENDEE:mailto:noor@x.org\r\nX-OWN:1\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

fn pen() -> Pen<'static> {
    Pen { now: at("2026-02-01T00:00:00Z"), zone: Tz::America__Toronto, owner: &[] }
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn rest(text: &str, original: Option<&str>, people: People) -> Rest {
    let original = original.map(|text| Original::At(at(text)));
    Rest { original, ..Rest::new(json!({ "ics": text }), people) }
}

fn reader() -> Reader<'static> {
    Reader { zone: Tz::America__Toronto, owner: &[] }
}

fn fields() -> Fields {
    read(SERIES, &reader()).unwrap().master.fields
}

/// Lines of `text` that the other does not have.
fn more<'a>(text: &'a str, other: &str) -> Vec<&'a str> {
    text.lines().filter(|line| !other.lines().any(|it| it == *line)).collect()
}

#[test]
fn all_but_the_identity_of_a_resource_stays_to_the_byte() {
    let made = create_like("new", &fields(), &rest(SERIES, None, People::ComeAlong), &pen()).unwrap();
    assert_eq!(
        more(&made, SERIES),
        ["UID:new", "DTSTAMP:20260201T000000Z", "LAST-MODIFIED:20260201T000000Z", "UID:new"]
    );
    assert_eq!(more(SERIES, &made), ["UID:old", "UID:old"]);
}

#[test]
fn an_edit_that_was_not_sent_comes_along() {
    let renamed = Fields { title: "Walk".into(), ..fields() };
    let made = create_like("new", &renamed, &rest(SERIES, None, People::ComeAlong), &pen()).unwrap();
    assert!(made.contains("SUMMARY;LANGUAGE=en:Walk\r\n"), "{made}");
    assert!(made.contains("EXDATE;TZID=Office:20260304T090000\r\n"), "{made}");
}

#[test]
fn an_invitation_is_made_again_without_its_people_and_its_alarm_still_mails_its_owner() {
    let made = create_like("new", &fields(), &rest(SERIES, None, People::Theirs), &pen()).unwrap();
    assert!(
        !made.contains("li@x.org") && !made.contains("noor@x.org") && !made.contains("ORGANIZER"),
        "{made}"
    );
    assert!(made.contains("ACTION:EMAIL\r\nATTENDEE:mailto:maya@x.org"), "{made}");
}

#[test]
fn the_second_half_of_a_series_has_the_exceptions_behind_the_cut_and_the_alarms_of_all() {
    let after = Fields {
        span: crate::time::Span::Timed {
            start: at("2026-03-05T14:00:00Z"),
            end: at("2026-03-05T14:30:00Z"),
            zone: Tz::America__Toronto,
        },
        recurrence: vec!["RRULE:FREQ=DAILY;COUNT=7".into()],
        ..fields()
    };
    let made = create_like("new", &after, &rest(SERIES, None, People::ComeAlong), &pen()).unwrap();
    let known = read(&made, &reader()).unwrap();
    assert_eq!((known.master.fields.clone(), known.exceptions.len()), (after, 1));
    assert!(made.contains("BEGIN:VALARM") && made.contains("X-OWN:1") && made.contains("li@x.org"), "{made}");
}

#[test]
fn an_occurrence_comes_back_as_an_event_of_its_own_with_what_was_said_of_it() {
    let whole = read(SERIES, &reader()).unwrap();
    for (original, guest) in [("2026-03-06T14:00:00Z", "noor@x.org"), ("2026-03-03T14:00:00Z", "li@x.org")] {
        let stood = whole.occurrence(Original::At(at(original)), Tz::America__Toronto).unwrap().fields;
        let made =
            create_like("new", &stood, &rest(SERIES, Some(original), People::ComeAlong), &pen()).unwrap();
        let known = read(&made, &reader()).unwrap();
        assert_eq!(
            (&known.master.fields, known.exceptions.len(), known.cancelled.len()),
            (&stood, 0, 0),
            "{made}"
        );
        assert!(!made.contains("RECURRENCE-ID"), "{made}");
        let people = details(&made, None, &reader()).attendees;
        assert!(people.iter().any(|one| one.address == guest), "{people:?}");
    }
}

#[test]
fn a_text_whose_parts_do_not_nest_leaves_the_managed_fields() {
    let broken = rest(&SERIES.replace("END:VALARM\r\n", ""), None, People::ComeAlong);
    assert!(!is_whole(&broken) && is_whole(&rest(SERIES, None, People::Theirs)));
    let made = create_like("new", &fields(), &broken, &pen()).unwrap();
    assert_eq!(read(&made, &reader()).unwrap().master.fields.title, "Round");
}

#[test]
fn an_exception_that_is_none_any_more_does_not_come_along() {
    let keeping = |exceptions: &[&str]| {
        let kept = exceptions.iter().map(|text| Original::At(at(text))).collect();
        let rest = Rest { exceptions: Some(kept), ..rest(SERIES, None, People::ComeAlong) };
        read(&create_like("new", &fields(), &rest, &pen()).unwrap(), &reader()).unwrap()
    };
    assert_eq!(keeping(&["2026-03-06T14:00:00Z"]).exceptions.len(), 1);
    let none = keeping(&[]);
    assert_eq!((none.exceptions.len(), none.cancelled.len()), (0, 1), "what is left out stays so");
}
