//! The client against a script: what it asks, in which order, and what it makes of the answers.

use chrono::TimeDelta;
use daymark_core::event::{Field, Fields, Original, RemoteId};
use daymark_core::time::Span;
use serde_json::json;

use super::*;
use crate::calendar::{Item, Next, Page};
use crate::testing::{Script, json_answer, signed_in};

async fn google(script: &Script) -> Google {
    Google {
        api: script.url("calendar/v3"),
        account: signed_in(script, "access").await,
        zones: Mutex::default(),
    }
}

pub async fn playing(answers: impl IntoIterator<Item = (u16, Value)>) -> (Script, Google) {
    let script = Script::play(answers.into_iter().map(|(status, body)| json_answer(status, &body))).await;
    let google = google(&script).await;
    (script, google)
}

pub fn maya() -> RemoteCalendarId {
    RemoteCalendarId("maya@example.org".into())
}

pub fn window() -> Interval {
    let start = "2026-01-01T00:00:00Z".parse().unwrap();
    Interval::new(start, start + TimeDelta::days(400)).unwrap()
}

fn event(id: &str) -> Value {
    json!({"id": id, "status": "confirmed", "summary": "Visit", "etag": "\"1\"",
           "start": {"dateTime": "2026-03-02T14:00:00Z", "timeZone": "America/Toronto"},
           "end": {"dateTime": "2026-03-02T15:00:00Z", "timeZone": "America/Toronto"}})
}

pub fn refused(status: u16, reason: &str, location: &str) -> (u16, Value) {
    let error = json!({"domain": "global", "reason": reason, "message": "No.", "location": location});
    (status, json!({"error": {"code": status, "message": "No.", "errors": [error]}}))
}

fn draft() -> Draft {
    let start = "2026-03-02T14:00:00Z".parse().unwrap();
    let span = Span::Timed { start, end: start + TimeDelta::hours(1), zone: Tz::America__Toronto };
    Draft { derived_id: "0f".repeat(16), fields: Fields::new("Visit", span), rest: None }
}

pub fn page(changes: Changes) -> Page {
    match changes {
        Changes::Page(page) => page,
        Changes::Expired => panic!("expired"),
    }
}

fn request_line(heard: &str) -> &str {
    heard.lines().next().unwrap()
}

#[tokio::test]
async fn an_empty_page_is_followed_and_only_the_last_one_ends_the_round() {
    let (script, google) = playing([
        (200, json!({"items": [], "nextPageToken": "p/2", "timeZone": "America/Toronto"})),
        (200, json!({"items": [event("a"), {"id": "b", "status": "cancelled"}], "nextSyncToken": "s=1"})),
        (200, json!({"items": [], "nextPageToken": "p3"})),
        (200, json!({"nextSyncToken": "s2"})),
    ])
    .await;
    let first = page(google.changes(&maya(), None, window()).await.unwrap());
    let Next::More(cursor) = first.next else { panic!() };
    let second = page(google.changes(&maya(), Some(&cursor), window()).await.unwrap());
    assert!(matches!(&second.items[..], [Item::Upsert(_), Item::Removed(RemoteId(id))] if id == "b"));
    let Next::Done(cursor) = second.next else { panic!() };
    let third = page(google.changes(&maya(), Some(&cursor), window()).await.unwrap());
    let Next::More(cursor) = third.next else { panic!() };
    page(google.changes(&maya(), Some(&cursor), window()).await.unwrap());
    let lines: Vec<String> = script.heard().iter().map(|heard| request_line(heard).to_owned()).collect();
    let path = "GET /calendar/v3/calendars/maya@example.org/events?maxResults=2500";
    assert_eq!(lines[0], format!("{path} HTTP/1.1"));
    assert_eq!(lines[1], format!("{path}&pageToken=p%2F2 HTTP/1.1"));
    assert_eq!(lines[2], format!("{path}&syncToken=s%3D1 HTTP/1.1"));
    assert_eq!(lines[3], format!("{path}&syncToken=s%3D1&pageToken=p3 HTTP/1.1"), "a page keeps its round");
}

#[tokio::test]
async fn a_dead_sync_token_begins_anew_and_a_refused_first_pull_does_not() {
    let dead = cursor::Place::done("s1".into()).cursor();
    let (_script, google) = playing([
        refused(410, "fullSyncRequired", "syncToken"),
        refused(400, "invalid", "pageToken"),
        refused(410, "fullSyncRequired", "syncToken"),
        refused(403, "forbidden", ""),
    ])
    .await;
    assert_eq!(google.changes(&maya(), Some(&dead), window()).await.unwrap(), Changes::Expired);
    assert_eq!(google.changes(&maya(), Some(&dead), window()).await.unwrap(), Changes::Expired);
    assert!(google.changes(&maya(), None, window()).await.is_err());
    let refused = google.changes(&maya(), Some(&dead), window()).await;
    assert!(matches!(refused, Err(RemoteError::Forbidden { .. })));
}

#[tokio::test]
async fn a_cursor_that_nobody_can_read_begins_anew_without_a_call() {
    let (script, google) = playing([]).await;
    let strange = Cursor("from another world".into());
    assert_eq!(google.changes(&maya(), Some(&strange), window()).await.unwrap(), Changes::Expired);
    assert!(script.heard().is_empty());
}

#[tokio::test]
async fn one_malformed_event_is_set_aside_and_the_rest_stands() {
    let broken = json!({"id": "bad", "start": {"dateTime": 5}});
    let list = json!({"items": [event("a"), broken, event("c")], "nextSyncToken": "s"});
    let (_script, google) = playing([(200, list)]).await;
    let items = page(google.changes(&maya(), None, window()).await.unwrap()).items;
    assert!(matches!(&items[..], [Item::Upsert(_), Item::Malformed { id: Some(_), .. }, Item::Upsert(_)]));
}

#[tokio::test]
async fn a_list_without_any_token_is_no_end() {
    let (_script, google) = playing([(200, json!({"items": []}))]).await;
    let failure = google.changes(&maya(), None, window()).await.unwrap_err();
    assert!(matches!(failure, RemoteError::Malformed { .. }));
}

#[tokio::test]
async fn calendars_come_with_their_rights_and_their_own_names() {
    let (script, google) = playing([
        (200, json!({"items": [], "nextPageToken": "2"})),
        (200, json!({"items": [
            {"id": "maya@example.org", "summary": "maya@example.org", "summaryOverride": "Work", "primary": true,
             "accessRole": "owner", "backgroundColor": "#9FE1E7", "timeZone": "America/Toronto"},
            {"id": "team", "summary": "Team", "accessRole": "freeBusyReader", "backgroundColor": "red"},
            {"id": "x", "accessRole": "writerWithoutPrivateAccess"},
            {"id": "h", "summary": "Holidays", "accessRole": "reader"}]})),
    ])
    .await;
    let calendars = google.calendars().await.unwrap();
    assert_eq!(script.heard().len(), 2);
    assert_eq!((calendars[0].name.as_str(), calendars[0].primary), ("Work", true));
    assert_eq!((calendars[0].color.as_deref(), calendars[1].color.as_deref()), (Some("#9fe1e7"), None));
    assert_eq!(calendars[0].zone, Some(Tz::America__Toronto));
    let access: Vec<Access> = calendars.iter().map(|calendar| calendar.access).collect();
    assert_eq!(access, [Access::Write, Access::FreeBusy, Access::Write, Access::Read]);
}

#[tokio::test]
async fn the_account_is_known_by_its_primary_calendar() {
    let (script, google) = playing([(200, json!({"id": "maya@example.org", "primary": true}))]).await;
    assert_eq!(google.address().await.unwrap(), "maya@example.org");
    assert!(request_line(&script.heard()[0]).contains("/users/me/calendarList/primary"));
}

#[tokio::test]
async fn an_insert_mails_nobody_and_a_lost_answer_makes_no_second_event() {
    let id = "0f".repeat(16);
    let script = Script::play([
        String::new(),
        json_answer(409, &refused(409, "duplicate", "").1),
        json_answer(200, &event(&id)),
    ])
    .await;
    let made = google(&script).await.insert(&maya(), &draft()).await.unwrap();
    assert_eq!(made.event.id, RemoteId(id.clone()));
    let heard = script.heard();
    assert!(request_line(&heard[0]).contains("events?sendUpdates=none"));
    assert!(heard[1].contains(&id) && request_line(&heard[1]).starts_with("POST"));
    assert!(request_line(&heard[2]).starts_with("GET") && request_line(&heard[2]).contains(&id));
}

#[tokio::test]
async fn an_id_that_was_deleted_stays_burnt_and_the_next_one_is_taken() {
    let next = write::nth_id(&"0f".repeat(16), 1);
    let (script, google) = playing([
        refused(409, "duplicate", ""),
        (200, json!({"id": "x", "status": "cancelled"})),
        (200, event(&next)),
    ])
    .await;
    let made = google.insert(&maya(), &draft()).await.unwrap();
    assert_eq!(made.event.id, RemoteId(next.clone()));
    assert!(script.heard()[2].contains(&next));
}

#[tokio::test]
async fn a_patch_goes_out_once_with_its_etag_and_a_changed_event_refuses_it() {
    let (script, google) = playing([refused(412, "conditionNotMet", "If-Match"), (200, event("a"))]).await;
    let patch = Patch {
        target: Target::Event(RemoteId("a".into())),
        etag: Some("\"1\"".into()),
        fields: draft().fields,
        changed: vec![Field::Title],
    };
    assert!(matches!(google.patch(&maya(), &patch).await, Err(RemoteError::Changed)));
    assert!(google.patch(&maya(), &patch).await.is_ok());
    let heard = script.heard();
    assert!(request_line(&heard[0]).starts_with("PATCH"));
    assert!(heard[0].contains("if-match: \"1\""));
    assert!(heard[0].ends_with(r#"{"summary":"Visit"}"#));
}

#[tokio::test]
async fn a_patch_of_nothing_writes_nothing() {
    let (script, google) = playing([(200, event("a"))]).await;
    let target = Target::Event(RemoteId("a".into()));
    let patch = Patch { target, etag: None, fields: draft().fields, changed: vec![] };
    google.patch(&maya(), &patch).await.unwrap();
    assert!(request_line(&script.heard()[0]).starts_with("GET"));
}

#[tokio::test]
async fn a_patch_never_brings_a_deleted_event_back() {
    let (script, google) = playing([(200, json!({"id": "a", "status": "cancelled"}))]).await;
    let target = Target::Event(RemoteId("a".into()));
    let patch = Patch { target, etag: None, fields: draft().fields, changed: vec![Field::ShowAs] };
    assert!(matches!(google.patch(&maya(), &patch).await, Err(RemoteError::NotFound)));
    assert_eq!(script.heard().len(), 1);
}

#[tokio::test]
async fn what_is_gone_already_counts_as_deleted() {
    let (script, google) =
        playing([refused(410, "deleted", ""), refused(404, "notFound", ""), (200, json!({"id": "c"}))]).await;
    let target = Target::Occurrence {
        master: RemoteId("s".into()),
        original: Original::On("2026-03-02".parse().unwrap()),
    };
    assert!(google.delete(&maya(), &target, None).await.is_ok());
    assert!(google.delete(&maya(), &target, Some("\"1\"")).await.is_ok());
    let heard = script.heard();
    assert!(
        request_line(&heard[0]).starts_with("DELETE")
            && request_line(&heard[0]).contains("/events/s_20260302?sendUpdates=none")
    );
    assert!(request_line(&heard[2]).contains("/users/me/calendarList/maya@example.org"));
}

#[tokio::test]
async fn a_calendar_out_of_sight_does_not_make_its_events_look_deleted() {
    let answers = || [refused(404, "notFound", ""), refused(404, "notFound", "")];
    let target = Target::Event(RemoteId("a".into()));
    let (_script, google) = playing(answers()).await;
    assert!(matches!(google.get(&maya(), &target).await, Err(RemoteError::NotFound)));
    let (_script, google) = playing(answers()).await;
    assert!(matches!(google.delete(&maya(), &target, None).await, Err(RemoteError::NotFound)));
}

#[tokio::test]
async fn a_cancelled_event_is_answered_as_gone() {
    let (_script, google) = playing([(200, json!({"id": "a", "status": "cancelled"}))]).await;
    assert_eq!(google.get(&maya(), &Target::Event(RemoteId("a".into()))).await.unwrap(), None);
}

#[tokio::test]
async fn a_time_without_zone_is_read_in_the_calendars_which_is_asked_once() {
    let mut bare = event("a");
    bare["start"] = json!({"dateTime": "2026-03-02T14:00:00Z"});
    let calendar = json!({"id": "maya@example.org", "timeZone": "Europe/Berlin"});
    let (script, google) = playing([(200, bare.clone()), (200, calendar), (200, bare)]).await;
    for _ in 0..2 {
        let event = google.get(&maya(), &Target::Event(RemoteId("a".into()))).await.unwrap().unwrap();
        assert!(matches!(event.event.fields.span, Span::Timed { zone: Tz::Europe__Berlin, .. }));
    }
    assert_eq!(script.heard().len(), 3);
}
