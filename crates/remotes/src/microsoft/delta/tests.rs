//! Delta pages as Graph sends them, and what is made of them.

use serde_json::json;

use super::*;
use crate::calendar::CalendarProvider as _;
use crate::microsoft::call::Mailbox;
use crate::testing::{Script, json_answer, signed_in};

fn window() -> Interval {
    Interval::new("2026-01-01T00:00:00Z".parse().unwrap(), "2026-12-31T00:00:00Z".parse().unwrap()).unwrap()
}

async fn graph(script: &Script) -> Graph {
    let mailbox = Mailbox { base: script.url("v1.0"), account: signed_in(script, "a1").await };
    Graph { mailbox, home: Tz::America__Toronto }
}

async fn read(answers: Vec<String>) -> (Result<Changes, RemoteError>, Vec<String>) {
    let script = Script::play(answers).await;
    let calendar = RemoteCalendarId("C=".into());
    let changes = graph(&script).await.changes(&calendar, None, window()).await;
    (changes, script.heard())
}

/// The items of a complete round.
async fn items(answers: Vec<String>) -> Vec<Item> {
    match read(answers).await.0.unwrap() {
        Changes::Page(page) => page.items,
        Changes::Expired => panic!("expired"),
    }
}

fn page(entries: &[Value]) -> String {
    let link = "https://graph.microsoft.com/v1.0/me/calendars/C=/calendarView/delta?$deltatoken=d1";
    json_answer(200, &json!({"value": entries, "@odata.deltaLink": link}))
}

fn ok(body: Value) -> String {
    json_answer(200, &body)
}

fn gone() -> String {
    json_answer(404, &json!({"error": {"code": "ErrorItemNotFound", "message": "gone"}}))
}

fn event(id: &str, date: &str) -> Value {
    json!({"id": id, "type": "singleInstance", "subject": id,
        "start": {"dateTime": format!("{date}T14:00:00"), "timeZone": "UTC"},
        "end": {"dateTime": format!("{date}T15:00:00"), "timeZone": "UTC"}})
}

fn master() -> Value {
    let mut raw = event("M", "2026-03-02");
    raw["type"] = json!("seriesMaster");
    raw["recurrence"] = json!({"pattern": {"type": "daily", "interval": 1},
        "range": {"type": "noEnd", "startDate": "2026-03-02", "recurrenceTimeZone": "UTC"}});
    raw
}

fn stub(id: &str) -> Value {
    json!({"id": id, "type": "occurrence", "seriesMasterId": "M",
        "start": {"dateTime": "2026-03-03T14:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-03T15:00:00", "timeZone": "UTC"}})
}

fn removed(id: &str) -> Value {
    json!({"id": id, "@removed": {"reason": "deleted"}})
}

fn id_of(item: &Item) -> &str {
    match item {
        Item::Upsert(event) => &event.event.id.0,
        Item::Series { master, .. } => &master.event.id.0,
        Item::Removed(id) => &id.0,
        Item::Malformed { id, .. } => id.as_ref().map_or("", |id| &id.0),
    }
}

#[tokio::test]
async fn many_stubs_of_a_series_read_it_once_and_whole() {
    let mut series = master();
    let mut moved = stub("E");
    moved["type"] = json!("exception");
    moved["subject"] = json!("moved");
    moved["originalStart"] = json!("2026-03-05T14:00:00Z");
    series["exceptionOccurrences"] = json!([moved]);
    let (changes, heard) = read(vec![
        page(&[stub("O1"), stub("O2"), stub("O3")]),
        ok(series),
        ok(json!({"id": "M", "cancelledOccurrences": ["OID.M.2026-03-06"]})),
    ])
    .await;
    assert_eq!(heard.len(), 3, "{heard:?}");
    let Ok(Changes::Page(page)) = changes else { panic!("{changes:?}") };
    let [Item::Series { master, exceptions, cancelled }] = page.items.as_slice() else { panic!("{page:?}") };
    assert_eq!(master.event.fields.recurrence, ["RRULE:FREQ=DAILY"]);
    assert!(master.raw.get("exceptionOccurrences").is_none(), "each exception keeps its own");
    assert_eq!(exceptions[0].event.fields.title, "moved");
    assert_eq!(cancelled, &[daymark_core::event::Original::At("2026-03-06T14:00:00Z".parse().unwrap())]);
}

#[tokio::test]
async fn a_series_whose_master_is_gone_is_removed() {
    let items = items(vec![page(&[stub("O1")]), gone()]).await;
    assert_eq!(items, [Item::Removed(RemoteId("M".into()))]);
}

#[tokio::test]
async fn a_series_that_graph_will_not_give_does_not_hold_up_the_rest() {
    let refused = json_answer(403, &json!({"error": {"code": "ErrorAccessDenied", "message": "no"}}));
    let items = items(vec![page(&[stub("O1")]), refused]).await;
    assert!(matches!(&items[..], [Item::Malformed { id: Some(id), .. }] if id.0 == "M"), "{items:?}");
}

#[tokio::test]
async fn the_marks_of_single_events_come_from_one_further_request() {
    let marks: Vec<Value> =
        marks::written(&BTreeMap::from([("daymark-booking".to_owned(), "b7".to_owned())]));
    let marked = json!({"value": [{"id": "B", marks::PROPERTIES: marks}]});
    let items = items(vec![page(&[event("A", "2026-03-02"), event("B", "2026-03-03")]), ok(marked)]).await;
    let marks_of = |item: &Item| match item {
        Item::Upsert(event) => event.event.fields.marks.get("daymark-booking").cloned(),
        _ => None,
    };
    assert_eq!(items.iter().map(marks_of).collect::<Vec<_>>(), [None, Some("b7".to_owned())]);
}

#[tokio::test]
async fn a_quiet_round_costs_one_request() {
    let (changes, heard) = read(vec![page(&[])]).await;
    assert!(matches!(changes, Ok(Changes::Page(Page { next: Next::Done(_), .. }))));
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with(
        "GET /v1.0/me/calendars/C=/calendarView/delta?startDateTime=2026-01-01T00:00:00Z&endDateTime="
    ));
}

#[tokio::test]
async fn what_is_really_gone_is_removed() {
    let items = items(vec![page(&[removed("X")]), gone()]).await;
    assert_eq!(items, [Item::Removed(RemoteId("X".into()))]);
}

#[tokio::test]
async fn what_only_left_the_window_is_kept() {
    let items = items(vec![page(&[removed("X")]), ok(event("X", "2027-06-01"))]).await;
    assert!(matches!(&items[..], [Item::Upsert(event)] if event.event.id.0 == "X"), "{items:?}");
}

#[tokio::test]
async fn what_stands_in_the_window_of_another_calendar_is_removed_from_this_one() {
    let items = items(vec![page(&[removed("X")]), ok(event("X", "2026-06-01"))]).await;
    assert_eq!(items, [Item::Removed(RemoteId("X".into()))]);
}

#[tokio::test]
async fn a_cancelled_event_is_removed() {
    let mut cancelled = event("X", "2026-03-02");
    cancelled["isCancelled"] = json!(true);
    assert_eq!(items(vec![page(&[cancelled])]).await, [Item::Removed(RemoteId("X".into()))]);
}

#[tokio::test]
async fn of_an_event_that_comes_twice_the_last_one_counts() {
    let mut newer = event("A", "2026-03-02");
    newer["subject"] = json!("newer");
    let items =
        items(vec![page(&[removed("A"), event("A", "2026-03-02"), newer]), ok(json!({"value": []}))]).await;
    assert!(matches!(&items[..], [Item::Upsert(event)] if event.event.fields.title == "newer"), "{items:?}");
}

#[tokio::test]
async fn one_malformed_event_is_set_aside_and_the_rest_stands() {
    let mut broken = event("A", "2026-03-02");
    broken["start"] = json!("soon");
    let entries = [json!({"subject": "no id"}), broken, event("B", "2026-03-02")];
    let items = items(vec![page(&entries), ok(json!({"value": []}))]).await;
    assert_eq!(items.iter().map(id_of).collect::<Vec<_>>(), ["", "A", "B"]);
    assert!(matches!(&items[1], Item::Malformed { why, .. } if why.starts_with("start")), "{items:?}");
}

#[tokio::test]
async fn an_expired_state_is_known_by_any_of_its_names() {
    for (status, code) in
        [(410, "SyncStateNotFound"), (410, ""), (400, "syncStateNotFound"), (404, "RESYNCREQUIRED")]
    {
        let answer = json_answer(status, &json!({"error": {"code": code, "message": ""}}));
        assert!(matches!(read(vec![answer]).await.0, Ok(Changes::Expired)), "{status} {code}");
    }
    let other = json_answer(404, &json!({"error": {"code": "ErrorItemNotFound", "message": ""}}));
    assert!(matches!(read(vec![other]).await.0, Err(RemoteError::NotFound)));
}

#[tokio::test]
async fn a_page_that_leads_nowhere_is_an_error() {
    let answer = json_answer(200, &json!({"value": []}));
    assert!(matches!(read(vec![answer]).await.0, Err(RemoteError::Malformed { .. })));
}
