//! Events as Graph sends them, and what Daymark makes of each.

use serde_json::json;

use super::*;

const HOME: Tz = Tz::America__Toronto;

fn single() -> Value {
    json!({
        "@odata.etag": "W/\"abc==\"", "id": "AAMk=", "iCalUId": "0400", "type": "singleInstance",
        "subject": "Site visit", "body": {"contentType": "text", "content": "Bring forms\r\n\r\n"},
        "location": {"displayName": "12 Elm St", "locationType": "default"},
        "start": {"dateTime": "2026-03-02T14:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-02T15:30:00.0000000", "timeZone": "UTC"},
        "originalStartTimeZone": "Eastern Standard Time", "isAllDay": false, "isCancelled": false,
        "isOrganizer": true, "showAs": "busy", "sensitivity": "normal",
        "responseStatus": {"response": "organizer"}, "seriesMasterId": null, "recurrence": null,
        "lastModifiedDateTime": "2026-02-20T10:00:00.1234567Z"
    })
}

fn with(mut raw: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        raw[name] = value.clone();
    }
    raw
}

fn weekly() -> Value {
    with(
        single(),
        json!({"type": "seriesMaster", "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "sunday"},
            "range": {"type": "noEnd", "startDate": "2026-03-02", "endDate": "0001-01-01",
                      "recurrenceTimeZone": "Eastern Standard Time"}}}),
    )
}

fn whole_day(start: &str, end: &str, zone: &str) -> Value {
    with(
        single(),
        json!({"isAllDay": true, "originalStartTimeZone": zone,
            "start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": end, "timeZone": "UTC"}}),
    )
}

fn ok(raw: Value) -> Event {
    event(raw, HOME, Counting::Unknown).unwrap().event
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn on(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_single_event_is_read_whole_and_kept_verbatim() {
    let read = event(single(), HOME, Counting::Unknown).unwrap();
    assert_eq!(read.raw, single());
    let event = read.event;
    assert_eq!((event.id.0.as_str(), event.uid.as_str()), ("AAMk=", "0400"));
    assert_eq!(event.etag.as_deref(), Some("W/\"abc==\""));
    assert_eq!(event.fields.title, "Site visit");
    assert_eq!(event.fields.description, "Bring forms");
    assert_eq!(event.fields.location, "12 Elm St");
    let (start, end) = (at("2026-03-02T14:00:00Z"), at("2026-03-02T15:30:00Z"));
    assert_eq!(event.fields.span, Span::Timed { start, end, zone: HOME });
    assert_eq!((event.answer, event.organizer), (Answer::Own, true));
    assert!(event.series.is_none() && event.updated.is_some());
}

#[test]
fn a_start_in_the_hour_that_spring_leaves_out_keeps_the_length() {
    let edge = |at: &str| json!({"dateTime": at, "timeZone": "Eastern Standard Time"});
    let (start, end) = (edge("2026-03-08T02:54:00.0000000"), edge("2026-03-08T03:44:00.0000000"));
    let event = ok(with(single(), json!({"start": start, "end": end})));
    let (start, end) = (at("2026-03-08T07:54:00Z"), at("2026-03-08T08:44:00Z"));
    assert_eq!(event.fields.span, Span::Timed { start, end, zone: HOME });
}

#[test]
fn a_series_repeats_in_the_zone_it_was_made_in() {
    let event = ok(weekly());
    assert!(event.is_master());
    assert_eq!(event.fields.recurrence, ["RRULE:FREQ=WEEKLY;BYDAY=MO"]);
    assert!(matches!(event.fields.span, Span::Timed { zone: HOME, .. }));
    let mut berlin = weekly();
    berlin["recurrence"]["range"]["recurrenceTimeZone"] = json!("W. Europe Standard Time");
    assert!(matches!(ok(berlin).fields.span, Span::Timed { zone: Tz::Europe__Berlin, .. }));
}

#[test]
fn a_custom_zone_falls_back_to_home_and_keeps_the_event() {
    let mut raw = with(weekly(), json!({"originalStartTimeZone": "tzone://Microsoft/Custom"}));
    raw["recurrence"]["range"]["recurrenceTimeZone"] = json!("tzone://Microsoft/Custom");
    assert!(matches!(ok(raw).fields.span, Span::Timed { zone: HOME, .. }));
}

#[test]
fn an_all_day_event_keeps_its_dates_in_every_zone() {
    for zone in ["Hawaiian Standard Time", "New Zealand Standard Time", "UTC", "tzone://Microsoft/Custom"] {
        let event = ok(whole_day("2026-03-02T00:00:00.0000000", "2026-03-04T00:00:00.0000000", zone));
        assert_eq!(event.fields.span, Span::AllDay { start: on("2026-03-02"), end: on("2026-03-04") });
    }
}

#[test]
fn an_all_day_event_whose_midnight_was_converted_keeps_its_date() {
    let span = |start, end, zone| ok(whole_day(start, end, zone)).fields.span;
    let day = Span::AllDay { start: on("2026-03-02"), end: on("2026-03-03") };
    assert_eq!(span("2026-03-02T10:00:00", "2026-03-03T10:00:00", "Hawaiian Standard Time"), day);
    assert_eq!(span("2026-03-01T11:00:00", "2026-03-02T11:00:00", "New Zealand Standard Time"), day);
}

#[test]
fn an_exception_knows_its_series_and_its_original_start() {
    let raw = with(
        single(),
        json!({"type": "exception", "seriesMasterId": "M=", "originalStart": "2026-03-09T13:00:00Z"}),
    );
    let series = ok(raw).series.unwrap();
    assert_eq!(series.master, RemoteId("M=".into()));
    assert_eq!(series.original, Original::At(at("2026-03-09T13:00:00Z")));
}

#[test]
fn an_exception_of_an_all_day_series_is_known_by_its_date_even_as_an_hour() {
    let raw = |start: &str| {
        let changes = json!({"type": "exception", "seriesMasterId": "M=", "originalStart": start});
        with(single(), changes)
    };
    for start in ["2026-03-09T00:00:00Z", "2026-03-09T04:00:00Z"] {
        let read = event(raw(start), HOME, Counting::Dates).unwrap();
        assert_eq!(read.event.series.unwrap().original, Original::On(on("2026-03-09")), "{start}");
    }
}

#[test]
fn a_cancelled_occurrence_is_found_by_its_local_date() {
    let timed = ok(weekly());
    let gone = cancelled("OID.AAMkA.GI=.2026-03-09", &timed).unwrap();
    assert_eq!(gone, Original::At(at("2026-03-09T13:00:00Z")), "09:00 local, after the change of clocks");
    let days = ok(whole_day("2026-03-02T00:00:00", "2026-03-03T00:00:00", "UTC"));
    assert_eq!(cancelled("OID.x.2026-03-09", &days).unwrap(), Original::On(on("2026-03-09")));
    assert!(cancelled("OID.x", &timed).is_err());
}

#[test]
fn answers_and_privacy_are_read() {
    let answer = |word: &str, organizer: bool| {
        ok(with(single(), json!({"responseStatus": {"response": word}, "isOrganizer": organizer}))).answer
    };
    assert_eq!(answer("declined", false), Answer::Declined);
    assert_eq!(answer("tentativelyAccepted", false), Answer::Tentative);
    assert_eq!(answer("notResponded", false), Answer::Open);
    assert_eq!(answer("none", true), Answer::Own);
    for word in ["private", "personal", "confidential"] {
        assert_eq!(ok(with(single(), json!({"sensitivity": word}))).fields.visibility, Visibility::Private);
    }
}

#[test]
fn a_word_that_graph_adds_one_day_counts_as_busy() {
    let event = ok(with(single(), json!({"showAs": "hibernating", "type": "somethingNew"})));
    assert_eq!(event.fields.show_as, ShowAs::Busy);
}

#[test]
fn absent_and_null_properties_are_tolerated() {
    let event = ok(json!({
        "id": "x", "subject": null, "body": null, "location": null,
        "start": {"dateTime": "2026-03-02T14:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-02T14:00:00", "timeZone": "UTC"}
    }));
    assert_eq!(event.fields.title, "");
}

#[test]
fn what_cannot_be_understood_is_named_with_its_place() {
    let flaw = |raw| event(raw, HOME, Counting::Unknown).unwrap_err();
    let broken = flaw(with(single(), json!({"start": {"dateTime": 7}})));
    assert_eq!(broken.id, Some(RemoteId("AAMk=".into())));
    assert!(broken.why.starts_with("start.dateTime"), "{}", broken.why);
    let inverted =
        flaw(with(single(), json!({"end": {"dateTime": "2026-03-01T00:00:00", "timeZone": "UTC"}})));
    assert!(inverted.why.contains("ends before"));
    assert_eq!(flaw(json!({"subject": "no id"})).id, None);
}

#[test]
fn of_a_bad_event_the_title_and_the_day_are_seen_if_they_can_be_read() {
    let seen = |changes| event(with(single(), changes), HOME, Counting::Unknown).unwrap_err().glimpse;
    let start = |text: &str| Some(text.parse().unwrap());
    let end = json!({"dateTime": "2026-03-01T00:00:00", "timeZone": "UTC"});
    assert_eq!(seen(json!({"end": end})), Glimpse::new("Site visit", start("2026-03-02T14:00:00Z")));
    let strange = json!({"dateTime": "2026-03-12T09:00:00", "timeZone": "Nowhere/Land"});
    let (nameless, no_day) =
        (json!({"subject": 7, "start": strange}), json!({"start": {"dateTime": "soon"}}));
    assert_eq!(seen(nameless), Glimpse::new("", start("2026-03-12T09:00:00")));
    assert_eq!(seen(no_day), Glimpse::new("Site visit", None));
    let midnight = json!({"dateTime": "2026-03-12T00:00:00", "timeZone": "UTC"});
    let whole_day = seen(json!({"isAllDay": true, "start": midnight, "end": 7}));
    assert_eq!(whole_day, Glimpse::new("Site visit", start("2026-03-12")));
}
