//! Recurring events: occurrences, exceptions, splitting, expansion.

use serde_json::json;

use crate::world::{Fake, fake, hour, ids, standup};

const EVENTS: &str = "/calendars/primary/events";
const TUESDAY: &str = "/calendars/primary/events/standup_20260303T140000Z";

async fn with_series() -> Fake {
    let fake = fake();
    fake.insert(standup()).await;
    fake
}

async fn sync_token(fake: &Fake) -> String {
    fake.list("").await["nextSyncToken"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_timed_series_needs_a_zone() {
    let fake = fake();
    let mut series = hour("series1", "x", 9);
    series["recurrence"] = json!(["RRULE:FREQ=DAILY"]);
    let answer = fake.post(EVENTS, series).await;
    assert_eq!((answer.status, answer.reason().as_str()), (400, "required"));
}

#[tokio::test]
async fn an_occurrence_is_found_by_its_original_start_over_the_change_of_clocks() {
    let fake = with_series().await;
    let before = fake.get(TUESDAY).await.json();
    assert_eq!(before["recurringEventId"], "standup");
    assert_eq!(before["start"]["dateTime"], "2026-03-03T09:00:00-05:00");
    assert!(before.get("recurrence").is_none());
    let after = fake.get(&format!("{EVENTS}/standup_20260309T130000Z")).await.json();
    assert_eq!(after["start"]["dateTime"], "2026-03-09T09:00:00-04:00");
    assert_eq!(fake.get(&format!("{EVENTS}/standup_20260307T140000Z")).await.status, 404);
}

#[tokio::test]
async fn a_moved_occurrence_keeps_its_original_start_and_is_listed_on_its_own() {
    let fake = with_series().await;
    let token = sync_token(&fake).await;
    let edge = |time: &str| json!({"dateTime": format!("2026-03-03T{time}:00-05:00")});
    let moved = fake.patch(TUESDAY, json!({"start": edge("11:00"), "end": edge("11:15")})).await.json();
    assert_eq!(moved["originalStartTime"]["dateTime"], "2026-03-03T09:00:00-05:00");
    assert_eq!(moved["summary"], "Stand-up");
    let changes = fake.list(&format!("?syncToken={token}")).await;
    assert_eq!(ids(&changes), ["standup_20260303T140000Z"]);
}

#[tokio::test]
async fn a_deleted_occurrence_is_a_cancelled_exception_in_every_list_of_masters() {
    let fake = with_series().await;
    assert_eq!(fake.delete(TUESDAY).await.status, 204);
    let list = fake.list("").await;
    assert_eq!(ids(&list), ["standup", "standup_20260303T140000Z"]);
    let stub = list["items"][1].as_object().unwrap();
    assert_eq!(
        stub.keys().collect::<Vec<_>>(),
        ["etag", "id", "kind", "originalStartTime", "recurringEventId", "status"]
    );
    let expanded = fake.list("?singleEvents=true").await;
    assert_eq!(ids(&expanded).len(), 9);
    assert_eq!(fake.delete(TUESDAY).await.reason(), "deleted");
}

#[tokio::test]
async fn a_cancelled_status_on_an_occurrence_deletes_it_too() {
    let fake = with_series().await;
    let answer = fake.patch(TUESDAY, json!({"status": "cancelled"})).await.json();
    assert_eq!(answer["status"], "cancelled");
    assert_eq!(ids(&fake.list("?singleEvents=true").await).len(), 9);
}

#[tokio::test]
async fn instances_list_a_series_and_accept_an_occurrence() {
    let fake = with_series().await;
    fake.delete(TUESDAY).await;
    let all = fake.get(&format!("{EVENTS}/standup/instances")).await.json();
    assert_eq!(ids(&all).len(), 9);
    let deleted_too = fake.get(&format!("{EVENTS}/standup/instances?showDeleted=true")).await.json();
    assert_eq!(ids(&deleted_too).len(), 10);
    let one = fake.get(&format!("{EVENTS}/standup_20260304T140000Z/instances")).await.json();
    assert_eq!(ids(&one), ["standup_20260304T140000Z"]);
    let gone = fake.get(&format!("{TUESDAY}/instances")).await;
    assert_eq!((gone.status, ids(&gone.json()).len()), (200, 0));
}

#[tokio::test]
async fn instances_come_in_pages_and_within_bounds() {
    let fake = with_series().await;
    let first = fake.get(&format!("{EVENTS}/standup/instances?maxResults=4")).await.json();
    assert_eq!(ids(&first).len(), 4);
    assert!(first["nextPageToken"].is_string());
    let query = "timeMin=2026-03-09T00:00:00-04:00&timeMax=2026-03-10T00:00:00-04:00";
    let monday = fake.get(&format!("{EVENTS}/standup/instances?{query}")).await.json();
    assert_eq!(ids(&monday), ["standup_20260309T130000Z"]);
}

#[tokio::test]
async fn an_old_series_is_in_a_later_window() {
    let fake = fake();
    let mut series = standup();
    series["recurrence"] = json!(["RRULE:FREQ=WEEKLY;BYDAY=MO"]);
    fake.insert(series).await;
    let window = "timeMin=2026-12-07T00:00:00Z&timeMax=2026-12-08T00:00:00Z";
    assert_eq!(ids(&fake.list(&format!("?{window}")).await), ["standup"]);
    assert_eq!(ids(&fake.list(&format!("?singleEvents=true&{window}")).await), ["standup_20261207T140000Z"]);
    assert!(ids(&fake.list("?timeMin=2026-12-08T00:00:00Z&timeMax=2026-12-09T00:00:00Z").await).is_empty());
}

#[tokio::test]
async fn cutting_a_series_resets_the_exceptions_behind_the_cut() {
    let fake = with_series().await;
    let late = format!("{EVENTS}/standup_20260312T130000Z");
    fake.patch(&late, json!({"summary": "Late"})).await;
    fake.patch(TUESDAY, json!({"summary": "Early"})).await;
    let until = json!({"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20260306T140000Z"]});
    fake.patch(&format!("{EVENTS}/standup"), until).await;
    assert_eq!(fake.get(&late).await.json()["status"], "cancelled");
    assert_eq!(fake.get(TUESDAY).await.json()["summary"], "Early");
    assert_eq!(ids(&fake.list("?singleEvents=true").await).len(), 5);
}

#[tokio::test]
async fn a_deleted_series_takes_its_exceptions_along() {
    let fake = with_series().await;
    fake.patch(TUESDAY, json!({"summary": "Early"})).await;
    let token = sync_token(&fake).await;
    fake.delete(&format!("{EVENTS}/standup")).await;
    let changes = fake.list(&format!("?syncToken={token}")).await;
    assert_eq!(ids(&changes), ["standup", "standup_20260303T140000Z"]);
    assert!(changes["items"].as_array().unwrap().iter().all(|item| item["status"] == "cancelled"));
    assert!(ids(&fake.list("?singleEvents=true").await).is_empty());
}

#[tokio::test]
async fn deleted_series_show_their_instances_but_not_their_master() {
    let fake = with_series().await;
    fake.delete(&format!("{EVENTS}/standup")).await;
    let list = fake.list("?singleEvents=true&showDeleted=true").await;
    assert_eq!(ids(&list).len(), 10);
    assert!(!ids(&list).contains(&"standup".to_owned()));
}

#[tokio::test]
async fn an_all_day_series_names_occurrences_by_date() {
    let fake = fake();
    fake.insert(json!({
        "id": "alldate", "start": {"date": "2026-03-07"}, "end": {"date": "2026-03-08"},
        "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"],
    }))
    .await;
    let list = fake.list("?singleEvents=true").await;
    assert_eq!(ids(&list), ["alldate_20260307", "alldate_20260308", "alldate_20260309"]);
    assert_eq!(list["items"][1]["originalStartTime"], json!({"date": "2026-03-08"}));
}
