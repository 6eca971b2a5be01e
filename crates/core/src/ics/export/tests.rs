//! What is written reads back as the same, and no text gets out of its line.

use chrono::{TimeDelta, Timelike};
use proptest::prelude::*;

use super::*;
use crate::details::{Attachment, Attendee, Details, Meeting};
use crate::event::{Answer, Fields, Kind, RemoteId, SeriesRef};
use crate::ics::{Pen, Reader, create, details, expand, parse};

fn now() -> Instant {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn event(uid: &str, fields: Fields) -> Event {
    Event {
        id: RemoteId(uid.into()),
        uid: uid.into(),
        etag: None,
        status: Status::Confirmed,
        kind: Kind::Default,
        answer: Answer::Own,
        organizer: true,
        fields,
        series: None,
        updated: Some(now()),
    }
}

fn weekly() -> Event {
    let start = "2026-03-02T14:00:00Z".parse().unwrap();
    let span = Span::Timed { start, end: start + TimeDelta::hours(1), zone: Tz::America__Toronto };
    let recurrence = vec!["RRULE:FREQ=WEEKLY;COUNT=5".into()];
    event("w", Fields { recurrence, ..Fields::new("Weekly", span) })
}

fn exception(master: &Event, original: Instant, moved_to: Instant, status: Status) -> Event {
    let span = Span::Timed { start: moved_to, end: moved_to + TimeDelta::hours(2), zone: Tz::UTC };
    let series = Some(SeriesRef { master: master.id.clone(), original: Original::At(original) });
    Event { series, status, ..event(&master.uid, Fields::new("Moved", span)) }
}

fn plain(events: &[Event]) -> Vec<Exported> {
    events.iter().cloned().map(Exported::from).collect()
}

fn read(text: &str) -> Vec<Event> {
    let file = parse(text, Tz::UTC).unwrap();
    assert!(file.problems.is_empty(), "{:?}", file.problems);
    file.entries.into_iter().map(|entry| entry.event).collect()
}

#[test]
fn a_series_with_a_moved_and_a_cancelled_occurrence_shows_the_same_days() {
    let master = weekly();
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let events = [
        master.clone(),
        exception(&master, at("2026-03-16T13:00:00Z"), at("2026-03-17T15:00:00Z"), Status::Confirmed),
        exception(&master, at("2026-03-23T13:00:00Z"), at("2026-03-23T13:00:00Z"), Status::Cancelled),
    ];
    let text = export("Work", &plain(&events), now());
    let date = |text: &str| text.parse().unwrap();
    let shown = expand(&text, date("2026-03-01"), date("2026-05-01"), Tz::UTC).unwrap();
    assert!(shown.problems.is_empty(), "{:?}", shown.problems);
    let starts: Vec<&str> = shown.lines.iter().map(|line| line.start.as_str()).collect();
    let hours = ["02T14", "09T13", "17T15", "30T13"].map(|it| format!("2026-03-{it}:00:00Z"));
    assert_eq!(starts, hours, "the clock changes on 8 March, and the wall time stays\n{text}");
    assert!(text.contains("EXDATE;TZID=America/Toronto:20260323T090000\r\n"), "{text}");
}

#[test]
fn what_ends_after_all_calendars_is_written_without_its_end() {
    let start: NaiveDate = "9999-12-31".parse().unwrap();
    let late = start.and_hms_opt(23, 0, 0).unwrap();
    let next = late + TimeDelta::hours(2);
    for span in [
        Span::AllDay { start, end: start.succ_opt().unwrap() },
        Span::Floating { start: late, end: next },
        Span::Timed { start: late.and_utc(), end: next.and_utc(), zone: Tz::UTC },
        Span::Timed {
            start: late.and_utc() - TimeDelta::hours(9),
            end: late.and_utc(),
            zone: Tz::Asia__Tokyo,
        },
    ] {
        let fields = Fields::new("Late", span);
        let exported = export("Work", &plain(&[event("l", fields.clone())]), now());
        assert_eq!(read(&exported).len(), 1, "{exported}");
        let pen = Pen { now: now(), zone: Tz::UTC, owner: &[] };
        assert_eq!(read(&create("l", &fields, &pen).unwrap()).len(), 1);
    }
}

#[test]
fn people_files_a_meeting_and_reminders_read_back_as_the_same() {
    let person = |name: &str, address: &str, answer, organizer| Attendee {
        name: name.into(),
        address: address.into(),
        answer,
        organizer,
        optional: address.starts_with("li"),
        resource: address.starts_with("room"),
        me: false,
    };
    let shown = Details {
        attendees: vec![
            person("Maya: \"boss\"; care", "maya@x.org", Answer::Own, true),
            person("Li, P.", "li@x.org", Answer::Declined, false),
            person("", "room@x.org", Answer::Open, false),
        ],
        meeting: Some(Meeting { service: "Meet".into(), url: "https://meet.example/a;b".into() }),
        attachments: vec![Attachment { title: "Plan; b".into(), url: Some("https://x.example/1".into()) }],
        ..Details::default()
    };
    let lines = lines_of(&Details { reminders_min: vec![15], ..shown.clone() }, "Weekly\nEND:VEVENT");
    let text = export("Work", &[Exported { event: weekly(), lines }], now());
    assert_eq!(read(&text), [weekly()], "and the rest is as it was");
    let mut again = details(&text, None, &Reader { zone: Tz::UTC, owner: &[] });
    assert!(!again.attendees.iter().any(|one| one.answer == Answer::Accepted));
    again.attendees[0].name = shown.attendees[0].name.clone();
    assert_eq!(again, shown);
    let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Weekly\\nEND:VEVENT\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n";
    assert!(text.contains(alarm), "{text}");
}

#[test]
fn a_zone_is_described_by_its_changes() {
    let text = export("Work", &plain(&[weekly()]), now());
    for line in [
        "TZID:America/Toronto",
        "DTSTART:20250309T020000",
        "RDATE:20260308T020000",
        "TZOFFSETFROM:-0500",
        "TZOFFSETTO:-0400",
        "TZNAME:EDT",
    ] {
        assert!(text.contains(&format!("\r\n{line}\r\n")), "{line}\n{text}");
    }
    // Under another name the description alone must do.
    let foreign = text.replace("America/Toronto", "Office clock");
    let found = &read(&foreign)[0].fields.span;
    assert_eq!(found.bounds(Tz::UTC), weekly().fields.span.bounds(Tz::UTC));
}

#[test]
fn an_hour_that_clocks_show_twice_keeps_its_instant() {
    let second = "2026-11-01T06:30:00Z".parse::<Instant>().unwrap();
    let span =
        Span::Timed { start: second, end: second + TimeDelta::minutes(15), zone: Tz::America__Toronto };
    let text = export("x", &plain(&[event("f", Fields::new("Late", span.clone()))]), now());
    assert_eq!(read(&text)[0].fields.span.bounds(Tz::UTC), span.bounds(Tz::UTC));
}

#[test]
fn lines_are_folded_between_letters_and_never_longer_than_75_bytes() {
    let span = weekly().fields.span;
    let title = "Überprüfung ".repeat(40);
    let text = export("x", &plain(&[event("l", Fields::new(title.clone(), span))]), now());
    assert!(text.split("\r\n").all(|line| line.len() <= 75));
    assert_eq!(read(&text)[0].fields.title, title);
}

fn any_zone() -> impl Strategy<Value = Tz> {
    prop_oneof![
        Just(Tz::UTC),
        Just(Tz::America__Toronto),
        Just(Tz::Europe__Berlin),
        Just(Tz::Asia__Kathmandu),
        Just(Tz::Australia__Lord_Howe)
    ]
}

/// A time of day that no zone's clock shows twice or never.
fn any_span() -> impl Strategy<Value = Span> {
    let timed =
        (0..20_000_i64, 12..20_i64, 0..3_000_i64, any_zone()).prop_map(|(day, hour, minutes, zone)| {
            let start = Instant::UNIX_EPOCH + TimeDelta::days(day);
            let start = resolve(start.naive_utc().with_hour(u32::try_from(hour).unwrap()).unwrap(), zone);
            let end = start + TimeDelta::minutes(minutes);
            let certain = resolve(wall(end, zone), zone);
            Span::Timed { start, end: certain.max(start), zone }
        });
    let whole = (0..20_000_i64, 1..10_i64).prop_map(|(day, days)| {
        let start = Instant::UNIX_EPOCH.date_naive() + TimeDelta::days(day);
        Span::AllDay { start, end: start + TimeDelta::days(days) }
    });
    let floating = (0..1_000_000_i64, 0..3_000_i64).prop_map(|(at, minutes)| {
        let start = Instant::UNIX_EPOCH.naive_utc() + TimeDelta::minutes(at);
        Span::Floating { start, end: start + TimeDelta::minutes(minutes) }
    });
    prop_oneof![timed, whole, floating]
}

fn lines_for(span: &Span) -> Vec<String> {
    let moved = |days: i64| match span {
        Span::Timed { start, zone, .. } if *zone == Tz::UTC => {
            format!("EXDATE:{}", utc(*start + TimeDelta::days(days)))
        }
        Span::Timed { start, zone, .. } => {
            format!("EXDATE;TZID={zone}:{}", local(wall(*start, *zone) + TimeDelta::days(days)))
        }
        Span::AllDay { start, .. } => format!("EXDATE:{}", (*start + TimeDelta::days(days)).format("%Y%m%d")),
        Span::Floating { start, .. } => format!("EXDATE:{}", local(*start + TimeDelta::days(days))),
    };
    vec!["RRULE:FREQ=DAILY;COUNT=20".into(), moved(2), moved(5)]
}

fn any_text() -> impl Strategy<Value = String> {
    // Control characters do not survive, and are not meant to.
    let letters = prop_oneof![
        4 => any::<char>().prop_map(|it| if it.is_control() { 'x' } else { it }),
        2 => prop::sample::select(vec!['\n', '\\', ';', ',', ':', '"', ' ', 'n', 'N']),
        1 => prop::sample::select(vec!['é', '日', '🙂']),
    ];
    // The two line separators of Unicode are written as line breaks.
    prop::collection::vec(letters, 0..120)
        .prop_map(|all| all.into_iter().filter(|it| !matches!(it, '\u{2028}' | '\u{2029}')).collect())
}

fn any_event() -> impl Strategy<Value = Event> {
    let words = (any_text(), any_text(), any_text());
    let marks = (any::<bool>(), 0..3_usize, any::<bool>(), any::<bool>());
    (any_span(), words, marks).prop_map(|(span, (title, description, location), marks)| {
        let (free, visibility, tentative, repeats) = marks;
        let recurrence = if repeats { lines_for(&span) } else { Vec::new() };
        let visibility = [Visibility::Default, Visibility::Public, Visibility::Private][visibility];
        let show_as = match (free, tentative) {
            (true, _) => ShowAs::Free,
            (false, true) => ShowAs::Tentative,
            (false, false) => ShowAs::Busy,
        };
        let fields =
            Fields { description, location, recurrence, visibility, show_as, ..Fields::new(title, span) };
        let status = if tentative { Status::Tentative } else { Status::Confirmed };
        Event { status, ..event("u@example.org", fields) }
    })
}

proptest! {
    #[test]
    fn what_is_exported_reads_back_as_the_same(events in prop::collection::vec(any_event(), 0..4)) {
        let events: Vec<Event> = events.into_iter().enumerate().map(|(n, mut event)| {
            event.uid = format!("{n}@example.org");
            event.id = RemoteId(event.uid.clone());
            event
        }).collect();
        let text = export("Calendar", &plain(&events), now());
        prop_assert_eq!(read(&text), events);
    }

    #[test]
    fn no_text_gets_out_of_its_line(title in any::<String>(), uid in any::<String>(), name in any::<String>()) {
        let nasty = format!("{title}\r\nBEGIN:VEVENT\r\nUID:evil\r\n\0");
        let rule = format!("RRULE:FREQ=DAILY\r\nX-EVIL:{title}");
        let span = weekly().fields.span;
        let fields = Fields {
            location: nasty.clone(), description: nasty.clone(), recurrence: vec![rule, nasty.clone()],
            ..Fields::new(nasty, span)
        };
        let text = export(&name, &plain(&[event(&format!("u{uid}"), fields)]), now());
        prop_assert_eq!(text.matches("\nBEGIN:VEVENT").count(), 1);
        prop_assert!(!text.contains("\nUID:evil") && !text.contains("\nX-EVIL"));
        prop_assert!(!text.contains('\0'));
        prop_assert!(text.replace("\r\n", "").chars().all(|it| !matches!(it, '\r' | '\n')));
    }
}
