//! Batches, throttling and armed faults.

use axum::body::Body;
use axum::http::Request;
use daymark_sandbox::Provider;
use daymark_sandbox::faults::{Fault, Kind, Moment};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::bench::{Bench, MAYA, visit};

#[tokio::test]
async fn a_batch_answers_each_request_for_itself() {
    let bench = Bench::new();
    let answer = bench
        .post(
            "$batch",
            json!({"requests": [
                {"id": "1", "method": "POST", "url": "/me/events", "body": visit("Visit", "2026-03-05"),
                 "headers": {"Content-Type": "application/json", "Prefer": "IdType=\"ImmutableId\""}},
                {"id": "2", "method": "GET", "url": "/me/events/none"},
                {"id": "3", "method": "GET", "url": "/me/calendars", "dependsOn": ["2"]},
            ]}),
        )
        .await;
    let responses = answer.body["responses"].as_array().unwrap();
    let status = |id: &str| responses.iter().find(|response| response["id"] == id).unwrap()["status"].clone();
    assert_eq!((status("1"), status("2"), status("3")), (json!(201), json!(400), json!(424)));
    assert_eq!(responses[0]["id"], "3", "answers come in any order");
    assert_eq!(bench.control.writes().len(), 1);
}

#[tokio::test]
async fn a_batch_holds_twenty_at_most() {
    let bench = Bench::new();
    let requests: Vec<Value> =
        (0..21).map(|id| json!({"id": id.to_string(), "method": "GET", "url": "/me"})).collect();
    assert_eq!(bench.post("$batch", json!({"requests": requests})).await.status, 400);
}

#[tokio::test]
async fn a_request_inside_a_batch_can_be_throttled_alone() {
    let bench = Bench::new();
    let kind = Kind::Status { status: 429, reason: None, retry_after_s: Some(7), body: None };
    bench.control.arm(Fault::new(Provider::Microsoft, kind).contains("/me/events")).unwrap();
    let requests = json!({"requests": [
        {"id": "1", "method": "GET", "url": "/me/events"},
        {"id": "2", "method": "GET", "url": "/me/calendars"},
    ]});
    let answer = bench.post("$batch", requests).await;
    assert_eq!(answer.status, 200);
    let throttled =
        answer.body["responses"].as_array().unwrap().iter().find(|one| one["id"] == "1").unwrap().clone();
    assert_eq!(
        (throttled["status"].as_u64(), throttled["headers"]["Retry-After"].as_str()),
        (Some(429), Some("7"))
    );
    assert_eq!(throttled["body"]["error"]["code"], "ApplicationThrottled");
}

#[tokio::test]
async fn the_fifth_request_at_a_time_is_throttled() {
    let bench = Bench::new();
    let hold = Fault::new(Provider::Microsoft, Kind::Hold { at: Moment::After }).times(4);
    let fault = bench.control.arm(hold).unwrap();
    let held: Vec<_> = (0..4)
        .map(|_| {
            let request = Request::get("/graph/v1.0/me/calendars")
                .header("authorization", format!("Bearer {}", bench.token));
            tokio::spawn(bench.router.clone().oneshot(request.body(Body::empty()).unwrap()))
        })
        .collect();
    while bench.control.faults().iter().any(|armed| armed.holding < 4) {
        tokio::task::yield_now().await;
    }
    let refused = bench.get("me/calendars").await;
    assert_eq!(
        (refused.status, refused.code(), refused.header("retry-after")),
        (429, "ApplicationThrottled", "5")
    );
    bench.control.release(fault);
    for request in held {
        let Ok(response) = request.await.unwrap();
        assert_eq!(response.status(), 200);
    }
    assert_eq!(bench.get("me/calendars").await.status, 200);
}

#[tokio::test]
async fn armed_statuses_speak_graph_and_a_lost_answer_was_still_written() {
    let bench = Bench::new();
    let busy = Kind::Status { status: 503, reason: None, retry_after_s: Some(3), body: None };
    bench.control.arm(Fault::new(Provider::Microsoft, busy)).unwrap();
    let answer = bench.get("me/calendars").await;
    assert_eq!((answer.status, answer.code(), answer.header("retry-after")), (503, "ErrorServerBusy", "3"));
    bench.control.arm(Fault::new(Provider::Microsoft, Kind::LoseAnswer).method("POST")).unwrap();
    bench.post("me/events", visit("Visit", "2026-03-05")).await;
    assert_eq!(bench.microsoft().events(MAYA, "Calendar").unwrap().len(), 1);
    let entry = bench.control.ledger().pop().unwrap();
    assert!(entry.wrote && entry.cut);
}

#[tokio::test]
async fn an_armed_expiry_meets_the_delta_link() {
    let bench = Bench::plain();
    let window = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-03-15T00:00:00Z";
    let link = bench.get(&format!("me/calendarView/delta?{window}")).await.text("@odata.deltaLink");
    bench.control.arm(Fault::new(Provider::Microsoft, Kind::ExpireSync)).unwrap();
    let answer = bench.get(&link).await;
    assert_eq!((answer.status, answer.code()), (410, "SyncStateNotFound"));
    assert_eq!(bench.get(&link).await.status, 200);
}
