//! Listing events: pages, sync tokens, tombstones, filters.

use daymark_sandbox::{
    Provider,
    faults::{Fault, Kind},
};
use serde_json::{Value, json};

use crate::world::{Fake, MAYA, fake, fake_with, hour, ids};

const EVENTS: &str = "/calendars/primary/events";

async fn with_events(fake: &Fake, count: u32) {
    for index in 0..count {
        fake.insert(hour(&format!("visit{index}"), "Visit", 8 + index)).await;
    }
}

async fn sync_token(fake: &Fake) -> String {
    fake.list("").await["nextSyncToken"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_the_last_page_has_a_sync_token() {
    let fake = fake();
    with_events(&fake, 5).await;
    let first = fake.list("?maxResults=3").await;
    assert_eq!((ids(&first).len(), first.get("nextSyncToken")), (3, None));
    let token = first["nextPageToken"].as_str().unwrap();
    let last = fake.list(&format!("?maxResults=3&pageToken={token}")).await;
    assert_eq!(
        (ids(&last), last.get("nextPageToken")),
        (vec!["visit3".to_owned(), "visit4".to_owned()], None)
    );
    assert!(last["nextSyncToken"].is_string());
}

#[tokio::test]
async fn a_page_may_be_empty_because_its_size_counts_before_the_filters() {
    let fake = fake();
    with_events(&fake, 4).await;
    for index in 0..2 {
        fake.delete(&format!("{EVENTS}/visit{index}")).await;
    }
    let first = fake.list("?maxResults=2").await;
    assert!(ids(&first).is_empty());
    assert!(first["nextPageToken"].is_string());
}

#[tokio::test]
async fn every_so_many_pages_one_is_empty_and_nothing_is_lost() {
    let fake = fake_with(|config| config.google_empty_page_every = 2);
    with_events(&fake, 5).await;
    let (mut seen, mut empty, mut query) = (Vec::new(), 0, "?maxResults=2".to_owned());
    loop {
        let page = fake.list(&query).await;
        empty += u32::from(ids(&page).is_empty());
        seen.extend(ids(&page));
        let Some(token) = page["nextPageToken"].as_str() else { break };
        query = format!("?maxResults=2&pageToken={token}");
    }
    assert_eq!((seen.len(), empty), (5, 2));
}

#[tokio::test]
async fn a_page_token_is_good_only_for_its_query() {
    let fake = fake();
    with_events(&fake, 3).await;
    let first = fake.list("?maxResults=2").await;
    let token = first["nextPageToken"].as_str().unwrap();
    assert_eq!(fake.get(&format!("{EVENTS}?maxResults=1&pageToken={token}")).await.status, 400);
    assert_eq!(
        fake.get(&format!("/calendars/visits/events?maxResults=2&pageToken={token}")).await.status,
        400
    );
}

#[tokio::test]
async fn a_sync_lists_changes_and_tombstones_only() {
    let fake = fake();
    with_events(&fake, 3).await;
    let token = sync_token(&fake).await;
    fake.patch(&format!("{EVENTS}/visit1"), json!({"summary": "Changed"})).await;
    fake.delete(&format!("{EVENTS}/visit2")).await;
    let changes = fake.list(&format!("?syncToken={token}")).await;
    assert_eq!(ids(&changes), ["visit1", "visit2"]);
    let tombstone = changes["items"][1].as_object().unwrap();
    assert_eq!(tombstone.keys().collect::<Vec<_>>(), ["etag", "id", "kind", "status"]);
    assert_eq!(tombstone["status"], "cancelled");
    let next = changes["nextSyncToken"].as_str().unwrap();
    assert!(ids(&fake.list(&format!("?syncToken={next}")).await).is_empty());
}

#[tokio::test]
async fn what_changes_between_two_pages_is_in_the_next_sync() {
    let fake = fake();
    with_events(&fake, 3).await;
    let first = fake.list("?maxResults=2").await;
    fake.control.google().edit(MAYA, "primary", "visit0", json!({"summary": "Meanwhile"})).unwrap();
    let page = first["nextPageToken"].as_str().unwrap();
    let last = fake.list(&format!("?maxResults=2&pageToken={page}")).await;
    let sync = last["nextSyncToken"].as_str().unwrap();
    assert_eq!(ids(&fake.list(&format!("?syncToken={sync}")).await), ["visit0"]);
}

#[tokio::test]
async fn a_sync_token_forbids_some_parameters_and_freezes_others() {
    let fake = fake();
    let token = sync_token(&fake).await;
    let time = "2026-03-01T00:00:00Z";
    let forbidden = [
        "iCalUID=a",
        "orderBy=updated",
        "privateExtendedProperty=a%3Db",
        "q=x",
        "sharedExtendedProperty=a%3Db",
        &format!("timeMin={time}"),
        &format!("timeMax={time}"),
        &format!("updatedMin={time}"),
        "showDeleted=false",
    ];
    for parameter in forbidden.into_iter().chain(["singleEvents=true", "timeZone=UTC", "eventTypes=default"])
    {
        let answer = fake.get(&format!("{EVENTS}?syncToken={token}&{parameter}")).await;
        assert_eq!((answer.status, answer.reason().as_str()), (400, "invalid"), "{parameter}");
    }
    assert_eq!(
        fake.get(&format!("{EVENTS}?syncToken={token}&showDeleted=true&maxResults=5")).await.status,
        200
    );
}

#[tokio::test]
async fn an_expired_sync_token_is_410_full_sync_required() {
    let fake = fake();
    let token = sync_token(&fake).await;
    fake.control.google().expire_sync_tokens(MAYA, "primary");
    let answer = fake.get(&format!("{EVENTS}?syncToken={token}")).await;
    assert_eq!((answer.status, answer.reason().as_str()), (410, "fullSyncRequired"));
    assert_eq!(answer.json()["error"]["errors"][0]["location"], "syncToken");
    let fresh = sync_token(&fake).await;
    assert_eq!(fake.get(&format!("{EVENTS}?syncToken={fresh}")).await.status, 200);
}

#[tokio::test]
async fn an_armed_expiry_meets_only_a_sync() {
    let fake = fake();
    let token = sync_token(&fake).await;
    fake.control.arm(Fault::new(Provider::Google, Kind::ExpireSync)).unwrap();
    assert_eq!(fake.get(EVENTS).await.status, 200);
    assert_eq!(fake.get(&format!("{EVENTS}?syncToken={token}")).await.status, 410);
    assert_eq!(fake.get(&format!("{EVENTS}?syncToken={token}")).await.status, 200);
}

#[tokio::test]
async fn garbage_is_no_sync_token() {
    let answer = fake().get(&format!("{EVENTS}?syncToken=CNDvgarbage")).await;
    assert_eq!((answer.status, answer.reason().as_str()), (400, "invalid"));
}

#[tokio::test]
async fn time_min_bounds_the_end_and_time_max_the_start_both_exclusive() {
    let fake = fake();
    with_events(&fake, 3).await;
    let between = |from: &str, to: &str| {
        format!("?timeMin=2026-03-05T{from}:00-05:00&timeMax=2026-03-05T{to}:00-05:00")
    };
    assert_eq!(ids(&fake.list(&between("09:00", "10:00")).await), ["visit1"]);
    assert_eq!(ids(&fake.list(&between("08:59", "10:01")).await), ["visit0", "visit1", "visit2"]);
    let empty = fake.get(&format!("{EVENTS}{}", between("10:00", "10:00"))).await;
    assert_eq!((empty.status, empty.reason().as_str()), (400, "timeRangeEmpty"));
    assert_eq!(fake.get(&format!("{EVENTS}?timeMin=2026-03-05T10:00:00")).await.status, 400);
}

#[tokio::test]
async fn order_by_start_time_needs_single_events_and_gives_no_sync_token() {
    let fake = fake();
    fake.insert(hour("visitb", "Early", 8)).await;
    fake.insert(hour("visita", "Late", 9)).await;
    assert_eq!(fake.get(&format!("{EVENTS}?orderBy=startTime")).await.status, 400);
    let ordered = fake.list("?orderBy=startTime&singleEvents=true").await;
    assert_eq!(
        (ids(&ordered), ordered.get("nextSyncToken")),
        (vec!["visitb".to_owned(), "visita".to_owned()], None)
    );
}

#[tokio::test]
async fn updated_min_lists_deletions_and_reaches_back_only_so_far() {
    let fake = fake();
    with_events(&fake, 2).await;
    fake.control.advance(chrono::TimeDelta::minutes(30));
    fake.delete(&format!("{EVENTS}/visit1")).await;
    assert_eq!(ids(&fake.list("?updatedMin=2026-03-04T17:00:00Z").await), ["visit1"]);
    let old = fake.get(&format!("{EVENTS}?updatedMin=2025-11-01T00:00:00Z")).await;
    assert_eq!((old.status, old.reason().as_str()), (410, "updatedMinTooLongAgo"));
}

#[tokio::test]
async fn private_properties_select_and_together() {
    let fake = fake();
    let mut event = hour("visit1", "Visit", 10);
    event["extendedProperties"] = json!({"private": {"daymark": "1", "kind": "copy"}});
    fake.insert(event).await;
    fake.insert(hour("visit2", "Visit", 11)).await;
    let list = |query: &str| format!("?privateExtendedProperty=daymark%3D1{query}");
    assert_eq!(ids(&fake.list(&list("")).await), ["visit1"]);
    assert!(ids(&fake.list(&list("&privateExtendedProperty=kind%3Dother")).await).is_empty());
    assert!(fake.list(&list("")).await.get("nextSyncToken").is_none());
}

#[tokio::test]
async fn free_text_and_ical_uid_select() {
    let fake = fake();
    fake.insert(hour("visit1", "Stair-lift survey", 10)).await;
    fake.insert(hour("visit2", "Training", 11)).await;
    assert_eq!(ids(&fake.list("?q=survey").await), ["visit1"]);
    assert_eq!(ids(&fake.list("?iCalUID=visit2@google.com").await), ["visit2"]);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_can_be_slipped_into_a_list() {
    let fake = fake();
    with_events(&fake, 2).await;
    fake.control.arm(Fault::new(Provider::Google, Kind::BreakItem { index: 1 })).unwrap();
    let list = fake.list("").await;
    assert_eq!(list["items"][0]["start"]["dateTime"], "2026-03-05T08:00:00-05:00");
    assert_eq!(list["items"][1]["start"]["timeZone"], Value::from(7));
}

#[tokio::test]
async fn an_answer_can_stop_half_way() {
    let fake = fake();
    fake.control.arm(Fault::new(Provider::Google, Kind::Truncate)).unwrap();
    let answer = fake.get(EVENTS).await;
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_str::<Value>(&answer.text).is_err());
}
