//! Single events: ids, etags, methods, what is ignored and what is refused.

use serde_json::{Value, json};

use crate::world::{MAYA, fake, fake_with, hour};

const EVENTS: &str = "/calendars/primary/events";

#[tokio::test]
async fn an_inserted_event_has_all_that_google_adds() {
    let fake = fake();
    let event = fake.insert(hour("visit1", "Visit", 10)).await;
    assert_eq!(event["kind"], "calendar#event");
    assert_eq!(event["status"], "confirmed");
    assert_eq!(event["iCalUID"], "visit1@google.com");
    assert_eq!(event["sequence"], 0);
    assert_eq!(
        event["start"],
        json!({"dateTime": "2026-03-05T10:00:00-05:00", "timeZone": "America/Toronto"})
    );
    assert_eq!(event["organizer"], json!({"email": MAYA, "self": true}));
    assert_eq!(event["created"], "2026-03-04T16:42:00Z");
    assert_eq!(event["updated"], "2026-03-04T16:42:00.000Z");
    assert_eq!(event["reminders"], json!({"useDefault": true}));
    assert!(event["etag"].as_str().unwrap().starts_with('"'));
    assert!(event.get("transparency").is_none());
}

#[tokio::test]
async fn an_id_outside_base32hex_is_refused_without_naming_it() {
    let fake = fake();
    for id in ["abcd", "ABCDE", "visit-1", "wxyz1"] {
        let answer = fake.post(EVENTS, hour(id, "Visit", 10)).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["message"].as_str()),
            (400, Some("Invalid resource id value."))
        );
    }
}

#[tokio::test]
async fn an_id_is_taken_once_and_stays_burnt_when_deleted() {
    let fake = fake();
    fake.insert(hour("visit1", "Visit", 10)).await;
    let again = fake.post(EVENTS, hour("visit1", "Visit", 10)).await;
    assert_eq!((again.status, again.reason().as_str()), (409, "duplicate"));
    assert_eq!(fake.delete(&format!("{EVENTS}/visit1")).await.status, 204);
    let burnt = fake.post(EVENTS, hour("visit1", "Visit", 10)).await;
    assert_eq!((burnt.status, burnt.reason().as_str()), (409, "duplicate"));
    assert_eq!(fake.get(&format!("{EVENTS}/visit1")).await.json()["status"], "cancelled");
}

#[tokio::test]
async fn a_deleted_event_is_cancelled_whatever_it_was_before() {
    let fake = fake();
    let mut tentative = hour("visit1", "Visit", 10);
    tentative["status"] = json!("tentative");
    fake.insert(tentative).await;
    fake.delete(&format!("{EVENTS}/visit1")).await;
    assert_eq!(fake.get(&format!("{EVENTS}/visit1")).await.json()["status"], "cancelled");
}

#[tokio::test]
async fn a_deleted_event_comes_back_by_update() {
    let fake = fake();
    fake.insert(hour("visit1", "Visit", 10)).await;
    fake.delete(&format!("{EVENTS}/visit1")).await;
    let patched = fake.patch(&format!("{EVENTS}/visit1"), json!({"summary": "x"})).await.json();
    assert_eq!(patched["status"], "cancelled");
    let restored = fake.put(&format!("{EVENTS}/visit1"), hour("visit1", "Visit", 10)).await.json();
    assert_eq!(restored["status"], "confirmed");
}

#[tokio::test]
async fn deleting_what_is_deleted_is_410() {
    let fake = fake();
    fake.insert(hour("visit1", "Visit", 10)).await;
    fake.delete(&format!("{EVENTS}/visit1")).await;
    let again = fake.delete(&format!("{EVENTS}/visit1")).await;
    assert_eq!((again.status, again.reason().as_str()), (410, "deleted"));
    assert_eq!(fake.delete(&format!("{EVENTS}/never0")).await.status, 404);
}

#[tokio::test]
async fn a_stale_etag_is_412_on_every_writing_method() {
    let fake = fake();
    let event = fake.insert(hour("visit1", "Visit", 10)).await;
    let stale = event["etag"].as_str().unwrap();
    let path = format!("{EVENTS}/visit1");
    let fresh = fake.patch_if(&path, stale, json!({"summary": "A"})).await;
    assert_eq!(fresh.status, 200);
    assert_eq!(fresh.headers["etag"], fresh.json()["etag"].as_str().unwrap());
    let refused = fake.patch_if(&path, stale, json!({"summary": "B"})).await;
    assert_eq!((refused.status, refused.reason().as_str()), (412, "conditionNotMet"));
    assert_eq!(refused.json()["error"]["errors"][0]["location"], "If-Match");
    assert_eq!(fake.delete_if(&path, stale).await.status, 412);
    assert_eq!(fake.get(&path).await.json()["summary"], "A");
}

#[tokio::test]
async fn a_patch_keeps_the_rest_and_a_put_drops_it() {
    let fake = fake();
    let mut event = hour("visit1", "Visit", 10);
    event["location"] = json!("5 King St W");
    event["attendees"] = json!([{"email": "a@b.example"}, {"email": "c@d.example"}]);
    fake.insert(event).await;
    let path = format!("{EVENTS}/visit1");
    let patched = fake.patch(&path, json!({"attendees": [{"email": "a@b.example"}]})).await.json();
    assert_eq!(patched["location"], "5 King St W");
    assert_eq!(patched["attendees"].as_array().unwrap().len(), 1);
    let replaced = fake.put(&path, hour("visit1", "Visit", 10)).await.json();
    assert_eq!((replaced.get("location"), replaced.get("attendees")), (None, None));
}

#[tokio::test]
async fn an_all_day_event_becomes_timed_only_when_its_date_is_removed() {
    let fake = fake();
    let days = json!({"id": "alld1", "start": {"date": "2026-03-05"}, "end": {"date": "2026-03-06"}});
    fake.insert(days).await;
    let path = format!("{EVENTS}/alld1");
    let edge = |hour: u32| json!({"dateTime": format!("2026-03-05T{hour:02}:00:00Z")});
    let mixed = fake.patch(&path, json!({"start": edge(9), "end": edge(10)})).await;
    assert_eq!(mixed.status, 400);
    let with_null = |hour: u32| json!({"dateTime": format!("2026-03-05T{hour:02}:00:00Z"), "date": null});
    assert_eq!(fake.patch(&path, json!({"start": with_null(9), "end": with_null(10)})).await.status, 200);
}

#[tokio::test]
async fn all_day_dates_are_the_same_in_every_zone() {
    let fake = fake();
    fake.insert(json!({"id": "alld1", "start": {"date": "2026-03-05"}, "end": {"date": "2026-03-06"}})).await;
    for zone in ["Pacific/Honolulu", "Pacific/Auckland"] {
        let event = fake.get(&format!("{EVENTS}/alld1?timeZone={zone}")).await.json();
        assert_eq!(event["start"], json!({"date": "2026-03-05"}), "{zone}");
    }
}

#[tokio::test]
async fn changed_reminders_leave_updated_alone() {
    let fake = fake();
    let before = fake.insert(hour("visit1", "Visit", 10)).await;
    fake.control.advance(chrono::TimeDelta::minutes(5));
    let reminders =
        json!({"reminders": {"useDefault": false, "overrides": [{"method": "popup", "minutes": 5}]}});
    let after = fake.patch(&format!("{EVENTS}/visit1"), reminders).await.json();
    assert_eq!(before["updated"], after["updated"]);
    assert_ne!(before["etag"], after["etag"]);
}

#[tokio::test]
async fn unannounced_parts_are_ignored_with_200() {
    let fake = fake();
    let mut event = hour("visit1", "Visit", 10);
    event["conferenceData"] = json!({"createRequest": {"requestId": "r1"}});
    event["attachments"] = json!([{"fileUrl": "https://drive.example/1"}]);
    let ignored = fake.insert(event.clone()).await;
    assert_eq!((ignored.get("conferenceData"), ignored.get("attachments")), (None, None));
    event["id"] = json!("visit2");
    let kept =
        fake.post(&format!("{EVENTS}?conferenceDataVersion=1&supportsAttachments=true"), event).await.json();
    assert_eq!(kept["conferenceData"]["createRequest"]["status"]["statusCode"], "success");
    assert_eq!(kept["attachments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn mails_go_out_only_as_asked_for() {
    let fake = fake();
    let mut event = hour("visit1", "Visit", 10);
    event["attendees"] = json!([{"email": "ben@northcare.example"}, {"email": "someone@else.example"}]);
    fake.insert(event).await;
    assert!(fake.control.mail().is_empty());
    let mails = |query: &'static str| {
        let fake = &fake;
        async move {
            let before = fake.control.mail().len();
            fake.patch(&format!("{EVENTS}/visit1?sendUpdates={query}"), json!({})).await;
            fake.control.mail().len() - before
        }
    };
    assert_eq!((mails("none").await, mails("externalOnly").await, mails("all").await), (0, 1, 2));
}

#[tokio::test]
async fn self_is_relative_to_the_calendar_and_missing_on_secondary_ones() {
    let fake = fake();
    let mut event = hour("visit1", "Visit", 10);
    event["attendees"] = json!([{"email": MAYA}]);
    let attendee = |event: &Value| event["attendees"][0].clone();
    let on_primary = fake.insert(event.clone()).await;
    assert_eq!(attendee(&on_primary)["self"], true);
    let on_secondary = fake.post("/calendars/visits/events", event).await.json();
    assert_eq!(attendee(&on_secondary).get("self"), None);
    assert_eq!(on_secondary["organizer"], json!({"email": "visits", "displayName": "Visits", "self": true}));
}

#[tokio::test]
async fn a_move_answers_cancelled_although_it_worked() {
    let fake = fake();
    fake.insert(hour("visit1", "Visit", 10)).await;
    let answer = fake.post(&format!("{EVENTS}/visit1/move?destination=visits"), json!({})).await;
    assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("cancelled")));
    assert_eq!(fake.get("/calendars/visits/events/visit1").await.json()["status"], "confirmed");
}

#[tokio::test]
async fn an_import_is_known_by_its_ical_uid() {
    let fake = fake();
    let mut event = hour("ignored", "Import", 10);
    event.as_object_mut().unwrap().remove("id");
    assert_eq!(fake.post(&format!("{EVENTS}/import"), event.clone()).await.status, 400);
    event["iCalUID"] = json!("abc@elsewhere.example");
    let first = fake.post(&format!("{EVENTS}/import"), event.clone()).await.json();
    let again = fake.post(&format!("{EVENTS}/import"), event).await.json();
    assert_eq!(first["id"], again["id"]);
    assert_eq!(first["privateCopy"], true);
}

#[tokio::test]
async fn readers_cannot_write_and_see_no_private_details() {
    let fake = fake();
    let mut event = hour("visit1", "Secret", 10);
    event["visibility"] = json!("private");
    fake.post("/calendars/visits/events", event).await;
    let ben = fake.seen_by("ben@northcare.example", &["calendar"]);
    let refused = ben.post("/calendars/visits/events", hour("visit2", "x", 10)).await;
    assert_eq!((refused.status, refused.reason().as_str()), (403, "requiredAccessLevel"));
    let seen = ben.get("/calendars/visits/events/visit1").await.json();
    assert_eq!((seen.get("summary"), seen["visibility"].as_str()), (None, Some("private")));
}

#[tokio::test]
async fn free_busy_readers_list_nothing_and_strangers_find_nothing() {
    let fake = fake();
    let ben = fake.seen_by("ben@northcare.example", &["calendar"]);
    let refused = ben.get(&format!("/calendars/{MAYA}/events")).await;
    assert_eq!((refused.status, refused.reason().as_str()), (403, "forbidden"));
    let unseen = ben.get("/calendars/hidden/events").await;
    assert_eq!((unseen.status, unseen.reason().as_str()), (404, "notFound"));
}

#[tokio::test]
async fn two_inserts_of_one_id_at_once_make_one_event() {
    let fake = fake();
    let (one, two) = tokio::join!(
        fake.post(EVENTS, hour("visit1", "Visit", 10)),
        fake.post(EVENTS, hour("visit1", "Visit", 10))
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn a_missing_bad_or_expired_token_is_401() {
    let fake = fake();
    assert_eq!(fake.with_token("nonsense").get("/users/me/calendarList").await.reason(), "authError");
    assert_eq!(
        fake.send("GET", "/google/calendar/v3/users/me/calendarList", &[], String::new()).await.status,
        401
    );
    fake.control.advance(chrono::TimeDelta::seconds(3_599));
    let expired = fake.get("/users/me/calendarList").await;
    assert_eq!((expired.status, expired.reason().as_str()), (401, "authError"));
}

#[tokio::test]
async fn too_few_scopes_are_403_in_the_new_format() {
    let fake = fake();
    let reader = fake.seen_by(MAYA, &["calendar.events.readonly"]);
    assert_eq!(reader.get(EVENTS).await.status, 200);
    let refused = reader.post(EVENTS, hour("visit1", "Visit", 10)).await;
    assert_eq!((refused.status, refused.reason().as_str()), (403, "insufficientPermissions"));
    assert_eq!(refused.json()["error"]["details"][0]["reason"], "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
}

#[tokio::test]
async fn a_quota_per_minute_ends_with_403_and_begins_anew() {
    let fake = fake_with(|config| config.google_quota_per_minute = Some(2));
    for _ in 0..2 {
        assert_eq!(fake.get(EVENTS).await.status, 200);
    }
    let over = fake.get(EVENTS).await;
    assert_eq!((over.status, over.reason().as_str()), (403, "userRateLimitExceeded"));
    fake.control.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(fake.get(EVENTS).await.status, 200);
}
