//! Facts about what a change does to a text, and above all what it leaves alone.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::event::marks;
use crate::ics::{Reader, Resource, read};

const PEN: Pen<'static> = Pen { now: Instant::UNIX_EPOCH, zone: Tz::Europe__Berlin, owner: &[] };

/// What others wrote, with everything that Daymark does not know.
const SERIES: &str = "BEGIN:VCALENDAR\r\nPRODID:-//Other//EN\r\nVERSION:2.0\r\nX-WR-CALNAME:Theirs\r\n\
    BEGIN:VTIMEZONE\r\nTZID:Eastern Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:-0400\r\n\
    TZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
    BEGIN:VEVENT\r\nUID:series@other\r\nDTSTAMP:20250101T000000Z\r\nSEQUENCE:3\r\nSUMMARY;LANGUAGE=en:Round\r\n\
    DESCRIPTION;ALTREP=\"cid:1\":Long \r\n text\\, folded\r\n\
    DTSTART;TZID=Eastern Standard Time;X-P=1:20260302T090000\r\nDURATION:PT30M\r\n\
    RRULE:FREQ=WEEKLY;WKST=SU;BYDAY=MO\r\n\
    EXDATE;TZID=Eastern Standard Time:20260309T090000,20260406T090000\r\n\
    ATTENDEE;CN=\"Doe; Jane\";PARTSTAT=ACCEPTED:mailto:jane@x.example\r\nATTACH:https://x.example/a\r\n\
    X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\r\n\
    BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nACTION:DISPLAY\r\nSUMMARY:Bell\r\nEND:VALARM\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:series@other\r\nDTSTAMP:20250101T000000Z\r\n\
    RECURRENCE-ID;TZID=Eastern Standard Time:20260316T090000\r\nDTSTART;TZID=Eastern Standard Time:20260316T110000\r\n\
    DTEND;TZID=Eastern Standard Time:20260316T113000\r\nSUMMARY:Moved\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn parsed(text: &str) -> Resource {
    read(text, &Reader { zone: PEN.zone, owner: &[] }).unwrap()
}

fn changed(text: &str, place: Place, field: Field, make: impl FnOnce(&mut Fields)) -> String {
    let resource = parsed(text);
    let mut fields = match place {
        Place::Master => resource.master.fields,
        Place::Occurrence(original) => resource.occurrence(original, PEN.zone).unwrap().fields,
    };
    make(&mut fields);
    change(text, place, &fields, &[field], &PEN).unwrap()
}

fn lines(text: &str) -> Vec<&str> {
    text.split("\r\n").collect()
}

/// Lines of one text that the other lacks.
fn only_in<'a>(one: &'a str, other: &str) -> Vec<&'a str> {
    let other = lines(other);
    lines(one).into_iter().filter(|line| !other.contains(line)).collect()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn monday(text: &str) -> Original {
    Original::At(at(text))
}

#[test]
fn a_new_title_touches_one_line_and_the_stamps() {
    let after =
        changed(SERIES, Place::Master, Field::Title, |fields| fields.title = "Visit; two, please".into());
    let new = [
        "DTSTAMP:19700101T000000Z",
        "SUMMARY;LANGUAGE=en:Visit\\; two\\, please",
        "LAST-MODIFIED:19700101T000000Z",
    ];
    assert_eq!(only_in(&after, SERIES), new);
    assert_eq!(only_in(SERIES, &after), ["SUMMARY;LANGUAGE=en:Round"]);
    assert_eq!(after.matches("DTSTAMP:20250101").count(), 1, "the exception's stamp stays");
}

#[test]
fn a_series_keeps_the_zone_name_that_others_gave_it() {
    let after = changed(SERIES, Place::Master, Field::Span, |fields| {
        let start = at("2026-03-02T15:00:00Z");
        fields.span = Span::Timed { start, end: start + TimeDelta::hours(1), zone: Tz::America__New_York };
    });
    assert!(after.contains("DTSTART;X-P=1;TZID=Eastern Standard Time:20260302T100000\r\n"), "{after}");
    assert!(after.contains("DTEND;TZID=Eastern Standard Time:20260302T110000\r\n"));
    assert!(!after.contains("DURATION") && after.contains("SEQUENCE:4\r\n"));
    assert_eq!(after.matches("BEGIN:VTIMEZONE").count(), 1);
}

#[test]
fn a_moved_occurrence_is_a_second_event_that_keeps_the_alarms() {
    let place = Place::Occurrence(monday("2026-03-23T13:00:00Z"));
    let after = changed(SERIES, place, Field::Span, |fields| {
        let start = at("2026-03-24T13:00:00Z");
        fields.span = Span::Timed { start, end: start + TimeDelta::hours(1), zone: Tz::America__New_York };
    });
    assert_eq!(only_in(SERIES, &after), Vec::<&str>::new(), "nothing of the series is lost");
    assert!(after.contains("RECURRENCE-ID;TZID=Eastern Standard Time:20260323T090000\r\n"), "{after}");
    assert_eq!((after.matches("BEGIN:VALARM").count(), after.matches("RRULE:FREQ=WEEKLY").count()), (2, 1));
    assert_eq!((after.matches("EXDATE").count(), after.matches("ATTENDEE").count()), (1, 2));
    let again = changed(&after, place, Field::Title, |fields| fields.title = "Again".into());
    assert_eq!(again.matches("BEGIN:VEVENT").count(), 3, "the exception is changed, not doubled");
    assert_eq!(parsed(&again).exceptions.len(), 2);
}

#[test]
fn a_cancelled_occurrence_is_an_excluded_date_and_its_exception_goes() {
    let Cancelled::Now(after) = cancel(SERIES, monday("2026-03-16T13:00:00Z"), &PEN).unwrap() else {
        panic!()
    };
    assert!(after.contains("EXDATE;TZID=Eastern Standard Time:20260316T090000\r\n"), "{after}");
    assert!(parsed(&after).exceptions.is_empty());
    assert_eq!(cancel(&after, monday("2026-03-16T13:00:00Z"), &PEN), Ok(Cancelled::Already));
    assert_eq!(cancel(SERIES, monday("2026-04-06T13:00:00Z"), &PEN), Ok(Cancelled::Already));
    let place = Place::Occurrence(monday("2026-03-16T13:00:00Z"));
    let fields = parsed(SERIES).master.fields;
    assert_eq!(change(&after, place, &fields, &[Field::Title], &PEN), Err(WriteError::Cancelled));
}

#[test]
fn a_new_rule_leaves_cancelled_occurrences_cancelled() {
    let after = changed(SERIES, Place::Master, Field::Recurrence, |fields| {
        fields.recurrence =
            vec!["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260501".into(), "RDATE:20260304T140000Z".into()];
    });
    assert!(after.contains("EXDATE;TZID=Eastern Standard Time:20260309T090000,20260406T090000\r\n"));
    // The end of that day in New York.
    assert!(after.contains("RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260502T035959Z\r\n"), "{after}");
    assert!(after.contains("RDATE:20260304T140000Z\r\n") && !after.contains("WKST"));
    assert_eq!(parsed(&after).cancelled, parsed(SERIES).cancelled);
}

#[test]
fn of_single_occurrences_the_earliest_is_what_is_deleted() {
    let visit = |day: u32| event(&format!("RECURRENCE-ID:202603{day}T090000Z\r\nSUMMARY:On {day}"));
    let text = resource(&format!("{}{}{}", visit(12), visit(10), visit(10)));
    let Ok(Cancelled::Now(after)) = delete(&text, &PEN) else { panic!() };
    assert!(after.contains("On 12") && !after.contains("On 10"), "{after}");
    assert_eq!(delete(&after, &PEN), Ok(Cancelled::Empty));
    assert_eq!(delete(SERIES, &PEN), Ok(Cancelled::Empty));
}

#[test]
fn an_exception_goes_with_the_place_that_it_had_in_the_rule() {
    let cut = changed(SERIES, Place::Master, Field::Recurrence, |fields| {
        fields.recurrence = vec!["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260310".into()];
    });
    assert!(parsed(&cut).exceptions.is_empty(), "{cut}");
    let later = changed(SERIES, Place::Master, Field::Recurrence, |fields| {
        fields.recurrence = vec!["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260317".into()];
    });
    assert_eq!(parsed(&later).exceptions.len(), 1, "it still has its place");
    let renamed = changed(&cut, Place::Master, Field::Title, |fields| fields.title = "Walk".into());
    assert!(parsed(&renamed).exceptions.is_empty());
    let added = SERIES.replace(
        "RECURRENCE-ID;TZID=Eastern Standard Time:20260316T090000",
        "RECURRENCE-ID:20260318T090000Z",
    );
    let cut = changed(&added, Place::Master, Field::Recurrence, |fields| {
        fields.recurrence = vec!["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260310".into()];
    });
    assert_eq!(parsed(&cut).exceptions.len(), 1, "the rule never gave it");
}

#[test]
fn a_rule_that_is_wanted_already_is_not_written_anew() {
    let after = changed(SERIES, Place::Master, Field::Recurrence, |_| {});
    assert!(only_in(SERIES, &after).iter().all(|line| line.starts_with("SEQUENCE")), "{after}");
}

#[test]
fn a_meeting_that_others_called_is_not_renumbered() {
    let invited = SERIES.replace("ATTACH:", "ORGANIZER:mailto:boss@x.example\r\nATTACH:");
    let move_it = |pen: &Pen<'_>| {
        let fields = parsed(&invited).master.fields;
        change(&invited, Place::Master, &fields, &[Field::Span], pen).unwrap()
    };
    assert!(move_it(&PEN).contains("SEQUENCE:3"));
    assert!(move_it(&Pen { owner: &["Boss@x.example".to_owned()], ..PEN }).contains("SEQUENCE:4"));
}

#[test]
fn an_all_day_series_ends_and_leaves_out_days() {
    let day: NaiveDate = "2026-03-02".parse().unwrap();
    let mut fields = Fields::new("Office day", Span::AllDay { start: day, end: day + TimeDelta::days(1) });
    fields.recurrence = vec!["RRULE:FREQ=WEEKLY;UNTIL=20260401T035959Z".into(), "EXDATE:20260309".into()];
    let text = create("a", &fields, &PEN).unwrap();
    assert!(
        text.contains("DTSTART;VALUE=DATE:20260302\r\n") && text.contains("DTEND;VALUE=DATE:20260303\r\n")
    );
    assert!(text.contains("UNTIL=20260401\r\n") && text.contains("EXDATE;VALUE=DATE:20260309\r\n"), "{text}");
    let on = Original::On("2026-03-16".parse().unwrap());
    let Cancelled::Now(after) = cancel(&text, on, &PEN).unwrap() else { panic!() };
    assert!(after.contains("EXDATE;VALUE=DATE:20260316\r\n"));
    assert!(!after.contains("VTIMEZONE"));
}

#[test]
fn a_single_occurrence_without_its_series_can_be_changed_and_cancelled() {
    let alone = SERIES.replace("RRULE:FREQ=WEEKLY;WKST=SU;BYDAY=MO", "RECURRENCE-ID:20260302T140000Z");
    let renamed = changed(&alone, Place::Master, Field::Title, |fields| fields.title = "Only".into());
    assert!(renamed.contains("SUMMARY;LANGUAGE=en:Only"));
    let Cancelled::Now(rest) = cancel(&alone, monday("2026-03-16T13:00:00Z"), &PEN).unwrap() else {
        panic!()
    };
    assert_eq!(cancel(&rest, monday("2026-03-02T14:00:00Z"), &PEN), Ok(Cancelled::Empty));
}

#[test]
fn the_hour_that_clocks_show_twice_is_written_in_utc() {
    let start = at("2026-11-01T06:15:00Z");
    let span = Span::Timed { start, end: start + TimeDelta::hours(1), zone: Tz::America__Toronto };
    let text = create("a", &Fields::new("Night", span.clone()), &PEN).unwrap();
    assert!(text.contains("DTSTART:20261101T061500Z"));
    assert_eq!(parsed(&text).master.fields.span.bounds(Tz::UTC), span.bounds(Tz::UTC));
}

#[test]
fn outlooks_word_for_time_away_is_kept_in_step() {
    let away = changed(SERIES, Place::Master, Field::ShowAs, |fields| fields.show_as = ShowAs::OutOfOffice);
    assert!(away.contains("X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n") && !away.contains("TRANSP"));
    assert_eq!(parsed(&away).master.fields.show_as, ShowAs::OutOfOffice);
    let free = changed(&away, Place::Master, Field::ShowAs, |fields| fields.show_as = ShowAs::Free);
    assert!(free.contains("BUSYSTATUS:FREE") && free.contains("TRANSP:TRANSPARENT"));
}

#[test]
fn a_line_that_says_nothing_about_recurrence_is_refused() {
    let mut fields = parsed(SERIES).master.fields;
    fields.recurrence = vec!["ATTENDEE:mailto:x@x.example".into()];
    let refused = change(SERIES, Place::Master, &fields, &[Field::Recurrence], &PEN);
    assert!(matches!(refused, Err(WriteError::Recurrence(_))));
}

fn spans() -> impl Strategy<Value = Span> {
    let zones = chrono_tz::TZ_VARIANTS;
    let timed = (0_i64..2_000_000_000, 0_i64..1_000_000, 0..zones.len()).prop_filter_map(
        "said in UTC",
        move |(from, length, zone)| {
            let (start, zone) = (Instant::from_timestamp(from, 0)?, zones[zone]);
            let end = start + TimeDelta::seconds(length);
            // An hour shown twice loses its zone; names like `GMT0` and `UTC` are one zone of several names.
            let told = |at| crate::time::resolve(crate::time::wall(at, zone), zone) == at;
            (told(start) && told(end)).then_some(Span::Timed { start, end, zone })
        },
    );
    let days = (0_i64..20_000, 1_i64..30).prop_map(|(from, length)| {
        let start = NaiveDate::default() + TimeDelta::days(from);
        Span::AllDay { start, end: start + TimeDelta::days(length) }
    });
    let floating = (0_i64..2_000_000_000, 0_i64..1_000_000).prop_map(|(from, length)| {
        let start = Instant::from_timestamp(from, 0).unwrap().naive_utc();
        Span::Floating { start, end: start + TimeDelta::seconds(length) }
    });
    prop_oneof![timed, days, floating]
}

prop_compose! {
    fn any_fields()(
        span in spans(), title in "[^\\p{Cc}]{0,90}", description in "([^\\p{Cc}]|\n){0,90}", location in "[^\\p{Cc}]{0,20}",
        repeats in any::<bool>(), mark in proptest::option::of("[^\\p{Cc}]{0,20}"),
        show_as in prop::sample::select(vec![ShowAs::Free, ShowAs::Tentative, ShowAs::Busy, ShowAs::OutOfOffice, ShowAs::WorkingElsewhere]),
        visibility in prop::sample::select(vec![Visibility::Default, Visibility::Public, Visibility::Private]),
    ) -> Fields {
        let recurrence = if repeats { vec!["RRULE:FREQ=WEEKLY".to_owned()] } else { vec![] };
        let marks = mark.map(|value| (marks::BOOKING.to_owned(), value));
        Fields { title, description, location, span, recurrence, show_as, visibility, marks: BTreeMap::from_iter(marks) }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read_back(fields in any_fields(), other in any_fields()) {
        let text = create("a", &fields, &PEN).unwrap();
        prop_assert_eq!(&parsed(&text).master.fields, &fields);
        let changed = fields.diff(&other);
        let after = change(&text, Place::Master, &other, &changed, &PEN).unwrap();
        prop_assert_eq!(&parsed(&after).master.fields, &other);
        let back = change(&after, Place::Master, &fields, &changed, &PEN).unwrap();
        prop_assert_eq!(&parsed(&back).master.fields, &fields);
    }

    #[test]
    fn a_change_leaves_every_other_line_as_it_was(fields in any_fields(), which in 0..Field::ALL.len()) {
        let after = change(SERIES, Place::Master, &fields, &[Field::ALL[which]], &PEN).unwrap();
        const MANAGED: [&str; 15] = ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "SUMMARY", "DESCRIPTION", " text", "LOCATION",
            "DTSTART", "DTEND", "DURATION", "RRULE", "TRANSP", "STATUS", "CLASS", "X-"];
        // An exception goes as a whole with the place that it had.
        let series = SERIES.split("BEGIN:VEVENT").nth(1).unwrap();
        for line in only_in(series, &after) {
            prop_assert!(MANAGED.iter().any(|name| line.starts_with(name)), "{}", line);
        }
        prop_assert_eq!(after.matches("EXDATE").count(), 1);
    }

    #[test]
    fn hostile_text_cannot_add_a_line(evil in "[\\x00-\\x1f:;,\"A-Z\u{85}\u{2028}\\\\]{0,60}") {
        let mut fields = Fields::new(format!("a{evil}"), parsed(SERIES).master.fields.span);
        fields.description = format!("\r\nATTENDEE:mailto:x@x.example\r\n{evil}");
        fields.location = evil.clone();
        fields.marks = BTreeMap::from([(marks::BOOKING.to_owned(), evil.clone()), (format!("daymark-{evil}"), evil.clone())]);
        fields.recurrence = vec![format!("RRULE:FREQ=DAILY\r\nATTENDEE:mailto:{evil}")];
        let text = create(&evil, &fields, &PEN).unwrap();
        const KNOWN: [&str; 18] = ["BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "UID", "DTSTAMP", "CREATED", "LAST-MODIFIED",
            "SUMMARY", "DESCRIPTION", "LOCATION", "DTSTART", "DTEND", "RRULE", "TZID", "X-DAYMARK-BOOKING", "X-DAYMARK-"];
        let outside = text.split("BEGIN:VTIMEZONE").next().unwrap().to_owned() + text.split("END:VTIMEZONE").last().unwrap();
        for line in crate::ics::text::Document::read(&outside).unwrap().lines {
            prop_assert!(line.text.is_empty() || KNOWN.contains(&line.name().as_str()) || line.name().starts_with("X-DAYMARK-"), "{}", line.text);
        }
        prop_assert_eq!(text.matches("BEGIN:VEVENT\r\n").count(), 1);
        prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n', '\0']));
    }
}

#[test]
fn of_single_occurrences_the_one_that_is_read_is_the_one_that_is_written() {
    let visit = |day: u32| {
        format!(
            "BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:202603{day}T090000Z\r\nDTSTART:202603{day}T100000Z\r\nSUMMARY:On {day}\r\n\
             END:VEVENT\r\n"
        )
    };
    let text = format!("BEGIN:VCALENDAR\r\n{}{}END:VCALENDAR\r\n", visit(23), visit(16));
    assert_eq!(parsed(&text).master.fields.title, "On 16");
    let text = changed(&text, Place::Master, Field::Title, |fields| fields.title = "Renamed".into());
    assert_eq!(parsed(&text).master.fields.title, "Renamed");
    assert!(text.contains("SUMMARY:On 23"));
}

/// A resource with some lines in the place of its event.
fn resource(body: &str) -> String {
    format!("BEGIN:VCALENDAR\r\n{body}END:VCALENDAR\r\n")
}

fn event(rest: &str) -> String {
    format!("BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260302T090000Z\r\n{rest}\r\nEND:VEVENT\r\n")
}

fn renamed(text: &str) -> Result<String, WriteError> {
    let mut fields = parsed(text).master.fields;
    fields.title = "Renamed".into();
    change(text, Place::Master, &fields, &[Field::Title], &PEN)
}

#[test]
fn a_line_that_is_read_as_a_title_is_the_one_that_is_written() {
    for broken in ["SUMMARY,Days off", "SUMMARY=Days:off", "\"SUMMARY\":Days off", "SUM\u{1}MARY:Days off"] {
        let text = resource(&event(&format!("{broken}\r\nSUMMARY:Second")));
        assert_eq!(parsed(&renamed(&text).unwrap()).master.fields.title, "Renamed", "{broken}");
    }
}

#[test]
fn an_event_that_was_set_aside_for_its_length_is_mended_by_a_new_time() {
    for flaw in ["DTEND:20260302T080000Z", "DURATION:P9999999999W", "DURATION:-PT1H"] {
        let text = resource(&event(flaw));
        assert!(read(&text, &Reader { zone: PEN.zone, owner: &[] }).is_err(), "{text}");
        let span =
            Span::Timed { start: at("2026-03-02T09:00:00Z"), end: at("2026-03-02T10:00:00Z"), zone: Tz::UTC };
        let fields = Fields::new("Visit", span.clone());
        let mended = change(&text, Place::Master, &fields, &[Field::Span], &PEN).unwrap();
        assert_eq!(parsed(&mended).master.fields.span, span, "{mended}");
    }
}

#[test]
fn a_resource_whose_parts_do_not_nest_is_not_written_to() {
    let inner = event("SUMMARY:Inner");
    for text in [
        resource(&event(&format!("SUMMARY:Outer\r\n{}", inner.trim_end()))),
        resource(&inner.replace("END:VEVENT", "BEGIN:VALARM\r\nEND:VEVENT\r\nEND:VALARM")),
        resource(&inner.replace("END:VEVENT", "END:VTODO")),
    ] {
        assert_eq!(renamed(&text), Err(WriteError::NotNested), "{text}");
        assert_eq!(cancel(&text, monday("2026-03-02T09:00:00Z"), &PEN), Err(WriteError::NotNested));
    }
}

#[test]
fn of_two_masters_the_one_that_is_read_is_the_one_that_is_written() {
    let newer = event("SEQUENCE:2\r\nSUMMARY:Newer");
    let older = event("SEQUENCE:1\r\nSUMMARY:Older");
    for text in [resource(&(newer.clone() + &older)), resource(&(older + &newer))] {
        assert_eq!(parsed(&text).master.fields.title, "Newer");
        let after = renamed(&text).unwrap();
        assert_eq!(parsed(&after).master.fields.title, "Renamed");
        assert!(after.contains("SUMMARY:Older"));
    }
}

#[test]
fn of_two_exceptions_for_one_place_the_one_that_is_read_is_the_one_that_is_written() {
    let exception = |rest: &str| event(&format!("RECURRENCE-ID:20260309T090000Z\r\n{rest}"));
    let newer = exception("SEQUENCE:2\r\nSUMMARY:Newer");
    let older = exception("SEQUENCE:1\r\nSUMMARY:Older");
    let place = Place::Occurrence(monday("2026-03-09T09:00:00Z"));
    let text = resource(&[event("RRULE:FREQ=WEEKLY"), newer, older].concat());
    let after = changed(&text, place, Field::Title, |fields| fields.title = "Renamed".into());
    assert_eq!(parsed(&after).exceptions[0].fields.title, "Renamed", "{after}");
}
