//! Series: masters, occurrences, exceptions and cancelled dates.

use serde_json::{Value, json};

use crate::bench::{Bench, daily, ids, visit};

const WEEK: &str = "startDateTime=2026-03-05T00:00:00Z&endDateTime=2026-03-10T00:00:00Z";

async fn week(bench: &Bench) -> Vec<Value> {
    bench.get(&format!("me/calendarView?{WEEK}&$top=50")).await.items().clone()
}

#[tokio::test]
async fn a_view_shows_occurrences_in_full_and_no_master() {
    let bench = Bench::new();
    let master = bench.event(daily("Stand-up", "2026-03-04")).await;
    let items = week(&bench).await;
    assert_eq!(items.len(), 5);
    assert!(items.iter().all(|item| item["type"] == "occurrence" && item["seriesMasterId"] == master));
    assert!(items.iter().all(|item| item["subject"] == "Stand-up" && item["recurrence"].is_null()));
}

#[tokio::test]
async fn an_occurrence_keeps_its_wall_time_over_the_change_of_clocks() {
    let bench = Bench::new();
    bench.event(daily("Stand-up", "2026-03-04")).await;
    let starts: Vec<String> = week(&bench)
        .await
        .iter()
        .map(|item| item["start"]["dateTime"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(starts[2], "2026-03-07T14:30:00.0000000");
    assert_eq!(starts[3], "2026-03-08T13:30:00.0000000");
}

#[tokio::test]
async fn an_occurrence_in_the_hour_that_spring_leaves_out_keeps_its_length() {
    let bench = Bench::new();
    let mut nightly = daily("Night check", "2026-03-04");
    for (name, at) in [("start", "2026-03-04T02:30:00"), ("end", "2026-03-04T03:20:00")] {
        nightly[name] = json!({"dateTime": at, "timeZone": "America/Toronto"});
    }
    bench.event(nightly).await;
    let items = week(&bench).await;
    let edge = |name: &str| items[3][name]["dateTime"].as_str().unwrap().to_owned();
    assert_eq!(edge("start"), "2026-03-08T07:30:00.0000000");
    assert_eq!(edge("end"), "2026-03-08T08:20:00.0000000");
}

#[tokio::test]
async fn every_occurrence_has_an_ical_uid_of_its_own() {
    let bench = Bench::new();
    bench.event(daily("Stand-up", "2026-03-04")).await;
    let items = week(&bench).await;
    let mut uids: Vec<&str> = items.iter().map(|item| item["iCalUId"].as_str().unwrap()).collect();
    uids.dedup();
    assert_eq!(uids.len(), 5);
    assert!(items.iter().all(|item| item["uid"] == items[0]["uid"]));
}

#[tokio::test]
async fn a_changed_occurrence_becomes_an_exception_with_the_same_id() {
    let bench = Bench::new();
    let master = bench.event(daily("Stand-up", "2026-03-04")).await;
    let id = ids(&week(&bench).await).remove(1);
    let later = json!({
        "start": {"dateTime": "2026-03-06T11:00:00", "timeZone": "America/Toronto"},
        "end": {"dateTime": "2026-03-06T11:15:00", "timeZone": "America/Toronto"},
    });
    let answer = bench.patch(&format!("me/events/{id}"), later).await;
    assert_eq!((answer.text("id"), answer.text("type")), (id.clone(), "exception".into()));
    assert_eq!(answer.text("originalStart"), "2026-03-06T14:30:00Z");
    // What the exception does not say still follows the master.
    bench.patch(&format!("me/events/{master}"), json!({"subject": "Morning call"})).await;
    assert_eq!(bench.get(&format!("me/events/{id}")).await.text("subject"), "Morning call");
    let expanded = bench.get(&format!("me/events/{master}?$expand=exceptionOccurrences")).await;
    assert_eq!(expanded.body["exceptionOccurrences"][0]["id"], id);
}

#[tokio::test]
async fn a_deleted_occurrence_is_cancelled_and_only_its_master_knows() {
    let bench = Bench::new();
    let master = bench.event(daily("Stand-up", "2026-03-04")).await;
    let id = ids(&week(&bench).await).remove(1);
    assert_eq!(bench.delete(&format!("me/events/{id}")).await.status, 204);
    assert_eq!(bench.get(&format!("me/events/{id}")).await.status, 404);
    assert_eq!(week(&bench).await.len(), 4);
    let plain = bench.get(&format!("me/events/{master}")).await;
    assert!(plain.body.get("cancelledOccurrences").is_none());
    let asked = bench.get(&format!("me/events/{master}?$select=subject,cancelledOccurrences")).await;
    assert_eq!(asked.body["cancelledOccurrences"], json!([format!("OID.{master}.2026-03-06")]));
}

#[tokio::test]
async fn instances_of_a_window_and_of_nothing_else() {
    let bench = Bench::new();
    let master = bench.event(daily("Stand-up", "2026-03-04")).await;
    let answer = bench.get(&format!("me/events/{master}/instances?{WEEK}&$top=3")).await;
    assert_eq!(answer.items().len(), 3);
    assert!(
        answer.text("@odata.nextLink").contains("$skip=3")
            || answer.text("@odata.nextLink").contains("%24skip=3")
    );
    let single = bench.event(visit("Visit", "2026-03-05")).await;
    assert_eq!(bench.get(&format!("me/events/{single}/instances?{WEEK}")).await.status, 400);
    assert_eq!(bench.get(&format!("me/events/{master}/instances")).await.code(), "ErrorInvalidParameter");
}

#[tokio::test]
async fn an_occurrence_cannot_cross_its_neighbours() {
    let bench = Bench::new();
    bench.event(daily("Stand-up", "2026-03-04")).await;
    let id = ids(&week(&bench).await).remove(1);
    let too_far = json!({
        "start": {"dateTime": "2026-03-07T11:00:00", "timeZone": "America/Toronto"},
        "end": {"dateTime": "2026-03-07T11:30:00", "timeZone": "America/Toronto"},
    });
    let answer = bench.patch(&format!("me/events/{id}"), too_far).await;
    assert_eq!((answer.status, answer.code()), (400, "ErrorOccurrenceCrossingBoundary"));
}

#[tokio::test]
async fn a_new_plan_for_the_series_forgets_exceptions_and_cancelled_dates() {
    let bench = Bench::new();
    let master = bench.event(daily("Stand-up", "2026-03-04")).await;
    let found = ids(&week(&bench).await);
    bench.patch(&format!("me/events/{}", found[0]), json!({"subject": "Guest"})).await;
    bench.delete(&format!("me/events/{}", found[1])).await;
    // The same plan again changes nothing.
    let same = daily("Stand-up", "2026-03-04");
    bench.patch(&format!("me/events/{master}"), json!({"start": same["start"], "end": same["end"]})).await;
    assert_eq!(week(&bench).await.len(), 4);
    let rule = json!({
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["thursday", "friday"]},
        "range": {"type": "noEnd", "startDate": "2026-03-04"},
    });
    bench.patch(&format!("me/events/{master}"), json!({"recurrence": rule})).await;
    let items = week(&bench).await;
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| item["type"] == "occurrence"));
    let single = bench.patch(&format!("me/events/{master}"), json!({"recurrence": null})).await;
    assert_eq!(single.text("type"), "singleInstance");
}

#[tokio::test]
async fn a_rule_graph_cannot_keep_is_refused() {
    let bench = Bench::new();
    let mut event = daily("Stand-up", "2026-03-04");
    event["recurrence"]["range"]["startDate"] = json!("2026-03-05");
    assert_eq!(bench.post("me/events", event.clone()).await.code(), "ErrorPropertyValidationFailure");
    event["recurrence"]["range"]["startDate"] = json!("2026-03-04");
    event["recurrence"]["pattern"]["type"] = json!("hourly");
    assert_eq!(bench.post("me/events", event).await.code(), "RequestBodyRead");
}

#[tokio::test]
async fn an_endless_series_answers_with_the_year_one_and_its_own_zone() {
    let bench = Bench::new();
    let id = bench.event(daily("Stand-up", "2026-03-04")).await;
    let range = bench.get(&format!("me/events/{id}")).await.body["recurrence"]["range"].clone();
    assert_eq!(
        (range["endDate"].as_str(), range["recurrenceTimeZone"].as_str()),
        (Some("0001-01-01"), Some("America/Toronto"))
    );
}

#[tokio::test]
async fn a_view_needs_a_window_of_bearable_length() {
    let bench = Bench::new();
    assert_eq!(bench.get("me/calendarView").await.code(), "ErrorInvalidParameter");
    let answer = bench.get("me/calendarView?startDateTime=2020-01-01&endDateTime=2030-01-01").await;
    assert_eq!(answer.code(), "ErrorCalendarViewRangeTooBig");
}

#[tokio::test]
async fn a_seed_speaks_rfc_5545_and_may_name_a_custom_zone() {
    let bench = Bench::new();
    let seed = json!({
        "zone": "America/Toronto",
        "accounts": [{
            "provider": "microsoft", "email": "jo@partner.example", "name": "Jo", "zone": "America/Toronto",
            "calendars": [{"name": "Calendar", "primary": true, "bulk": {"count": 50, "from_day": 0, "to_day": 9}, "events": [{
                "key": "standup", "title": "Stand-up", "when": {"weekday": "mon", "from": "09:00", "to": "09:15"},
                "repeat": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"],
                "exceptions": [
                    {"on": {"weekday": "wed"}, "moved": {"weekday": "wed", "from": "10:00", "to": "10:15"}},
                    {"on": {"weekday": "fri"}, "cancelled": true}
                ],
                "raw": {"originalStartTimeZone": "tzone://Microsoft/Custom"}
            }]}]
        }]
    });
    bench.control.seed_text(&seed.to_string()).unwrap();
    let events = bench.microsoft().events("jo@partner.example", "Calendar").unwrap();
    assert_eq!(events.len(), 51);
    assert_eq!(events[0]["originalStartTimeZone"], "tzone://Microsoft/Custom");
    assert_eq!(events[0]["exceptionOccurrences"][0]["start"]["dateTime"], "2026-03-04T15:00:00.0000000");
    assert!(events[0]["cancelledOccurrences"][0].as_str().unwrap().ends_with(".2026-03-06"));
}
