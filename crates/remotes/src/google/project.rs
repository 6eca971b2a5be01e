//! Google's event ↦ Daymark's event.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use daymark_core::event::{
    Answer, Event, Fields, Kind, Original, RemoteId, SeriesRef, ShowAs, Status, Visibility,
};
use daymark_core::glimpse::Glimpse;
use daymark_core::time::{Span, next_day};
use serde::Deserialize;
use serde_json::Value;

use super::wire;
use crate::calendar::{Item, RemoteEvent};
use crate::http::unquoted;

/// Marks carry this, so that other programs' private properties stay out of our hands.
pub const MARK_PREFIX: &str = "daymark-";

/// One entry of a list. `calendar_zone` stands in where a time names no zone.
pub fn item(raw: Value, calendar_zone: Tz) -> Item {
    let id = raw.get("id").and_then(Value::as_str).map(|id| RemoteId(id.to_owned()));
    match read(&raw) {
        Err(why) => Item::Malformed { id, why, glimpse: glimpse(&raw) },
        Ok(wire) if is_gone(&wire) => Item::Removed(RemoteId(wire.id)),
        Ok(wire) => match event(wire, calendar_zone) {
            Ok(event) => Item::Upsert(Box::new(RemoteEvent { event, raw })),
            Err(why) => Item::Malformed { id, why, glimpse: glimpse(&raw) },
        },
    }
}

/// What is left to see of an entry that makes no sense.
fn glimpse(raw: &Value) -> Glimpse {
    let start = raw.get("start").and_then(|start| wire::Moment::deserialize(start).ok());
    let start =
        start.and_then(|it| it.date_time.map(|at| Original::At(at.to_utc())).or(it.date.map(Original::On)));
    Glimpse::new(raw.get("summary").and_then(Value::as_str).unwrap_or_default(), start)
}

/// One event that was asked for by its id.
pub fn single(raw: Value, calendar_zone: Tz) -> Result<RemoteEvent, String> {
    let event = event(read(&raw)?, calendar_zone)?;
    Ok(RemoteEvent { event, raw })
}

/// Whether the event's time can only be read with the calendar's own zone.
pub fn lacks_zone(raw: &Value) -> bool {
    raw.pointer("/start/dateTime").is_some() && raw.pointer("/start/timeZone").is_none()
}

/// Only a failure is worth finding its place for.
fn read(raw: &Value) -> Result<wire::Event, String> {
    wire::Event::deserialize(raw).or_else(|_| {
        serde_path_to_error::deserialize(raw)
            .map_err(|error| format!("{}: {}", error.path(), unquoted(&error.inner().to_string())))
    })
}

/// A cancelled occurrence stands for its absence from a living series; any other cancelled event
/// is simply gone (a deleted one, or the stub of one that moved to another calendar).
fn is_gone(wire: &wire::Event) -> bool {
    let names_occurrence = wire.recurring_event_id.is_some() && wire.original_start_time.is_some();
    status(wire) == Status::Cancelled && !names_occurrence
}

fn event(wire: wire::Event, calendar_zone: Tz) -> Result<Event, String> {
    let series = series(&wire)?;
    let status = status(&wire);
    let span = match &series {
        Some(series) if wire.start.is_none() => stand_in(&series.original, calendar_zone),
        _ => span(&wire, calendar_zone)?,
    };
    let (answer, organizer) = part_of_owner(&wire);
    let (kind, show_as, visibility) = (kind(&wire), show_as(&wire), visibility(&wire));
    Ok(Event {
        uid: wire.ical_uid.unwrap_or_else(|| wire.id.clone()),
        id: RemoteId(wire.id),
        etag: wire.etag,
        status,
        kind,
        answer,
        organizer,
        fields: Fields {
            // Details of a private event are hidden from readers: all of these may be absent.
            title: wire.summary.unwrap_or_default(),
            description: wire.description.unwrap_or_default(),
            location: wire.location.unwrap_or_default(),
            span,
            recurrence: wire.recurrence.unwrap_or_default(),
            show_as,
            visibility,
            marks: marks(wire.extended_properties),
        },
        series,
        updated: wire.updated.and_then(|at| at.parse().ok()),
    })
}

fn series(wire: &wire::Event) -> Result<Option<SeriesRef>, String> {
    let Some(master) = &wire.recurring_event_id else { return Ok(None) };
    let original = wire.original_start_time.as_ref().ok_or("originalStartTime: an exception without it")?;
    let original = match (original.date, original.date_time) {
        (Some(date), None) => Original::On(date),
        (None, Some(at)) => Original::At(at.to_utc()),
        _ => return Err("originalStartTime: neither a date nor a time".into()),
    };
    Ok(Some(SeriesRef { master: RemoteId(master.clone()), original }))
}

/// A cancelled occurrence carries no times of its own; it stands where it would have stood.
fn stand_in(original: &Original, zone: Tz) -> Span {
    match *original {
        Original::At(at) => Span::Timed { start: at, end: at, zone },
        Original::On(date) => Span::AllDay { start: date, end: next_day(date) },
        Original::Floating(wall) => Span::Floating { start: wall, end: wall },
    }
}

fn span(wire: &wire::Event, calendar_zone: Tz) -> Result<Span, String> {
    let start = wire.start.as_ref().ok_or("start: missing")?;
    let end = wire.end.as_ref().unwrap_or(start);
    let span = match (start.date, start.date_time, end.date, end.date_time) {
        // Imported events exist whose all-day end is their start: they mean that one day.
        (Some(start), None, Some(end), None) if start == end => Span::AllDay { start, end: next_day(start) },
        (Some(start), None, Some(end), None) => Span::AllDay { start, end },
        (None, Some(from), None, Some(to)) => {
            let zone = zone(start, wire.recurrence.is_some(), calendar_zone)?;
            Span::Timed { start: from.to_utc(), end: to.to_utc(), zone }
        }
        _ => return Err("start, end: neither two dates nor two times".into()),
    };
    if span.is_ordered() { Ok(span) } else { Err("end: before the start".into()) }
}

/// An unknown zone does no harm to a single event, whose instants are given. A series would drift
/// at the next change of the clocks, so it is set aside instead of being shown wrongly.
fn zone(start: &wire::Moment, repeats: bool, calendar_zone: Tz) -> Result<Tz, String> {
    match start.time_zone.as_deref().map(str::parse::<Tz>) {
        None => Ok(calendar_zone),
        Some(Ok(zone)) => Ok(zone),
        Some(Err(_)) if repeats => Err("start.timeZone: a series in a zone that is not known".into()),
        Some(Err(_)) => Ok(calendar_zone),
    }
}

fn status(wire: &wire::Event) -> Status {
    match wire.status.as_deref() {
        Some("cancelled") => Status::Cancelled,
        Some("tentative") => Status::Tentative,
        _ => Status::Confirmed,
    }
}

fn kind(wire: &wire::Event) -> Kind {
    let birthday = |gadget: &wire::Gadget| {
        gadget.preferences.get("goo.contactsEventType").and_then(Value::as_str) == Some("BIRTHDAY")
    };
    match wire.event_type.as_deref() {
        Some("outOfOffice") => Kind::OutOfOffice,
        Some("focusTime") => Kind::FocusTime,
        Some("workingLocation") => Kind::WorkingLocation,
        Some("birthday") => Kind::Birthday,
        Some("fromGmail") => Kind::FromMail,
        _ if wire.gadget.as_ref().is_some_and(birthday) => Kind::Birthday,
        _ => Kind::Default,
    }
}

/// Google has two words for it, opaque and transparent; the status and the type say the rest.
fn show_as(wire: &wire::Event) -> ShowAs {
    match (wire.transparency.as_deref(), wire.event_type.as_deref(), status(wire)) {
        (Some("transparent"), _, _) => ShowAs::Free,
        (_, Some("outOfOffice"), _) => ShowAs::OutOfOffice,
        (_, _, Status::Tentative) => ShowAs::Tentative,
        _ => ShowAs::Busy,
    }
}

fn visibility(wire: &wire::Event) -> Visibility {
    match wire.visibility.as_deref() {
        Some("public") => Visibility::Public,
        Some("private" | "confidential") => Visibility::Private,
        _ => Visibility::Default,
    }
}

/// The owner's answer, and whether the meeting is theirs. On secondary calendars no attendee is
/// marked `self`; what stands there then counts as one's own.
fn part_of_owner(wire: &wire::Event) -> (Answer, bool) {
    let attendees = wire.attendees.as_deref().unwrap_or_default();
    let called_it = wire.organizer.as_ref().is_some_and(|organizer| organizer.is_self);
    let own = called_it || attendees.is_empty();
    let said =
        attendees.iter().find(|attendee| attendee.is_self).and_then(|me| me.response_status.as_deref());
    let answer = match said {
        Some("declined") => Answer::Declined,
        _ if own => Answer::Own,
        Some("accepted") => Answer::Accepted,
        Some("tentative") => Answer::Tentative,
        Some(_) => Answer::Open,
        None => Answer::Own,
    };
    (answer, own)
}

fn marks(properties: Option<wire::ExtendedProperties>) -> BTreeMap<String, String> {
    let private = properties.map(|properties| properties.private).unwrap_or_default();
    private.into_iter().filter(|(key, _)| key.starts_with(MARK_PREFIX)).collect()
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::Toronto;
    use chrono_tz::Europe::Berlin;
    use serde_json::json;

    use super::*;

    fn timed(more: Value) -> Value {
        let mut event = json!({
            "id": "abc123", "iCalUID": "abc123@google.com", "etag": "\"33\"", "status": "confirmed",
            "summary": "Visit", "updated": "2026-02-20T10:00:00.000Z",
            "start": {"dateTime": "2026-03-02T09:00:00-05:00", "timeZone": "America/Toronto"},
            "end": {"dateTime": "2026-03-02T10:00:00-05:00", "timeZone": "America/Toronto"},
        });
        for (key, value) in more.as_object().unwrap() {
            event[key] = value.clone();
        }
        event
    }

    fn read_ok(raw: Value) -> Event {
        match item(raw, Berlin) {
            Item::Upsert(event) => event.event,
            other => panic!("{other:?}"),
        }
    }

    fn malformed(raw: Value) -> String {
        match item(raw, Berlin) {
            Item::Malformed { why, .. } => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_timed_event_keeps_its_instants_and_its_zone() {
        let event = read_ok(timed(json!({})));
        let expected = Span::Timed {
            start: "2026-03-02T14:00:00Z".parse().unwrap(),
            end: "2026-03-02T15:00:00Z".parse().unwrap(),
            zone: Toronto,
        };
        assert_eq!(event.fields.span, expected);
        assert_eq!((event.uid.as_str(), event.etag.as_deref()), ("abc123@google.com", Some("\"33\"")));
        assert_eq!((event.answer, event.organizer, event.status), (Answer::Own, true, Status::Confirmed));
        assert_eq!(event.updated, Some("2026-02-20T10:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_time_without_zone_is_in_the_calendars() {
        let start = json!({"dateTime": "2026-03-02T09:00:00+01:00"});
        let raw = timed(json!({"start": start, "end": {"dateTime": "2026-03-02T10:00:00+01:00"}}));
        assert!(lacks_zone(&raw));
        assert!(matches!(read_ok(raw).fields.span, Span::Timed { zone: Tz::Europe__Berlin, .. }));
    }

    #[test]
    fn an_unknown_zone_spoils_a_series_but_not_a_single_event() {
        let start = json!({"dateTime": "2026-03-02T09:00:00Z", "timeZone": "Mars/Olympus"});
        let single = timed(json!({"start": start}));
        assert!(matches!(read_ok(single).fields.span, Span::Timed { zone: Tz::Europe__Berlin, .. }));
        let series = timed(json!({"start": start, "recurrence": ["RRULE:FREQ=DAILY"]}));
        assert!(malformed(series).starts_with("start.timeZone"));
    }

    #[test]
    fn all_day_dates_are_never_turned_into_instants() {
        let raw = timed(json!({"start": {"date": "2026-03-08"}, "end": {"date": "2026-03-10"}}));
        let expected =
            Span::AllDay { start: "2026-03-08".parse().unwrap(), end: "2026-03-10".parse().unwrap() };
        assert_eq!(read_ok(raw).fields.span, expected);
        let empty = timed(json!({"start": {"date": "2026-03-08"}, "end": {"date": "2026-03-08"}}));
        assert!(read_ok(empty).fields.span.is_ordered());
    }

    #[test]
    fn an_exception_knows_its_master_and_its_original_start() {
        let original = json!({"dateTime": "2026-03-02T08:00:00-05:00", "timeZone": "America/Toronto"});
        let raw = timed(json!({"recurringEventId": "series1", "originalStartTime": original}));
        let series = read_ok(raw).series.unwrap();
        assert_eq!(series.master, RemoteId("series1".into()));
        assert_eq!(series.original, Original::At("2026-03-02T13:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_cancelled_occurrence_is_kept_with_nothing_but_its_place() {
        let raw = json!({"id": "s_20260302", "status": "cancelled", "recurringEventId": "s",
                         "originalStartTime": {"date": "2026-03-02"}});
        let event = read_ok(raw);
        assert_eq!(event.status, Status::Cancelled);
        assert_eq!(event.series.unwrap().original, Original::On("2026-03-02".parse().unwrap()));
        assert!(event.fields.span.is_ordered());
    }

    #[test]
    fn any_other_cancelled_event_is_gone() {
        let stub = json!({"id": "abc", "status": "cancelled"});
        assert_eq!(item(stub, Berlin), Item::Removed(RemoteId("abc".into())));
        let full = timed(json!({"status": "cancelled"}));
        assert_eq!(item(full, Berlin), Item::Removed(RemoteId("abc123".into())));
    }

    #[test]
    fn one_bad_event_is_named_by_its_place_and_not_by_its_title() {
        let raw = timed(json!({"start": {"dateTime": "next Tuesday"}}));
        let Item::Malformed { id, why, .. } = item(raw, Berlin) else { panic!() };
        assert_eq!(id, Some(RemoteId("abc123".into())));
        assert!(why.starts_with("start.dateTime"), "{why}");
        let odd = timed(json!({"recurrence": "a \"Divorce\" lawyer"}));
        assert!(!malformed(odd).contains("Divorce"));
        assert!(malformed(json!({"summary": "x"})).contains("id"));
        let mixed = timed(json!({"end": {"date": "2026-03-03"}}));
        assert!(malformed(mixed).starts_with("start, end"));
        let inverted = timed(json!({"end": {"dateTime": "2026-03-01T00:00:00Z"}}));
        assert!(malformed(inverted).starts_with("end"));
    }

    #[test]
    fn of_a_bad_event_the_title_and_the_day_are_seen_if_they_can_be_read() {
        let glimpse = |raw| match item(raw, Berlin) {
            Item::Malformed { glimpse, .. } => glimpse,
            other => panic!("{other:?}"),
        };
        let inverted = timed(json!({"summary": "Visit\nSingh", "end": {"dateTime": "2026-03-01T00:00:00Z"}}));
        let start = Original::At("2026-03-02T14:00:00Z".parse().unwrap());
        assert_eq!(glimpse(inverted), Glimpse::new("Visit Singh", Some(start)));
        let whole_day =
            json!({"id": "a", "summary": 7, "start": {"date": "2026-03-12"}, "end": {"dateTime": "x"}});
        let day = Original::On("2026-03-12".parse().unwrap());
        assert_eq!(glimpse(whole_day), Glimpse::new("", Some(day)));
        assert_eq!(glimpse(timed(json!({"summary": "Visit", "start": "soon"}))), Glimpse::new("Visit", None));
        assert!(glimpse(json!(["no event"])).is_empty());
    }

    #[test]
    fn a_private_event_seen_by_a_reader_has_no_title_and_takes_time() {
        let raw = timed(json!({"visibility": "private", "summary": null}));
        let event = read_ok(raw);
        assert_eq!((event.fields.title.as_str(), event.fields.visibility), ("", Visibility::Private));
        assert!(event.is_busy());
    }

    #[test]
    fn transparency_type_and_status_say_how_it_shows() {
        let shows = |more| read_ok(timed(more)).fields.show_as;
        assert_eq!(shows(json!({})), ShowAs::Busy);
        assert_eq!(shows(json!({"transparency": "transparent"})), ShowAs::Free);
        assert_eq!(shows(json!({"eventType": "outOfOffice"})), ShowAs::OutOfOffice);
        assert_eq!(shows(json!({"status": "tentative"})), ShowAs::Tentative);
        assert_eq!(shows(json!({"transparency": "something new"})), ShowAs::Busy);
    }

    #[test]
    fn event_types_that_take_no_time_are_known() {
        assert!(!read_ok(timed(json!({"eventType": "workingLocation"}))).is_busy());
        assert!(!read_ok(timed(json!({"eventType": "birthday"}))).is_busy());
        let old = json!({"gadget": {"preferences": {"goo.contactsEventType": "BIRTHDAY"}}});
        assert_eq!(read_ok(timed(old)).kind, Kind::Birthday);
        assert_eq!(read_ok(timed(json!({"eventType": "hologram"}))).kind, Kind::Default);
    }

    #[test]
    fn the_owners_own_answer_counts() {
        let said = |word: &str| {
            let attendees = json!([{"email": "boss@example.org", "responseStatus": "accepted"},
                                   {"email": "maya@example.org", "self": true, "responseStatus": word}]);
            let event =
                read_ok(timed(json!({"attendees": attendees, "organizer": {"email": "boss@example.org"}})));
            assert!(!event.organizer);
            event.answer
        };
        assert_eq!(said("declined"), Answer::Declined);
        assert_eq!(said("accepted"), Answer::Accepted);
        assert_eq!(said("tentative"), Answer::Tentative);
        assert_eq!(said("needsAction"), Answer::Open);
    }

    #[test]
    fn a_meeting_that_the_owner_called_is_theirs_until_they_decline_it() {
        let me = |word: &str| json!([{"self": true, "organizer": true, "responseStatus": word}]);
        let called = timed(json!({"attendees": me("accepted"), "organizer": {"self": true}}));
        let event = read_ok(called);
        assert_eq!((event.answer, event.organizer), (Answer::Own, true));
        let declined = timed(json!({"attendees": me("declined"), "organizer": {"self": true}}));
        assert_eq!(read_ok(declined).answer, Answer::Declined);
    }

    #[test]
    fn on_a_secondary_calendar_nobody_is_self_and_the_event_counts() {
        let attendees = json!([{"email": "team@example.org", "responseStatus": "declined"}]);
        let event = read_ok(timed(json!({"attendees": attendees, "organizer": {"email": "x@example.org"}})));
        assert_eq!(event.answer, Answer::Own);
        assert!(event.is_busy());
    }

    #[test]
    fn only_our_own_marks_are_read() {
        let private = json!({"daymark-booking": "b1", "otherapp": "x"});
        let event = read_ok(timed(json!({"extendedProperties": {"private": private, "shared": {"a": "b"}}})));
        assert_eq!(event.fields.marks, BTreeMap::from([("daymark-booking".into(), "b1".into())]));
    }

    #[test]
    fn everything_that_google_said_is_kept() {
        let raw = timed(json!({"conferenceData": {"conferenceId": "x"}, "colorId": "7"}));
        let Item::Upsert(event) = item(raw.clone(), Berlin) else { panic!() };
        assert_eq!(event.raw, raw);
    }
}
