//! What every call carries, where links may lead, and what refusals mean.

use serde_json::json;

use super::*;
use crate::testing::{Script, json_answer, signed_in};

async fn mailbox(script: &Script) -> Mailbox {
    Mailbox { base: script.url("graph/v1.0/"), account: signed_in(script, "a1").await }
}

fn refused(status: u16, code: &str) -> RemoteError {
    let body = json!({"error": {"code": code, "message": "It says so."}}).to_string();
    let status = reqwest::StatusCode::from_u16(status).unwrap();
    refusal(&Answer { status, headers: Default::default(), body: body.into() })
}

#[tokio::test]
async fn every_page_repeats_all_preferences() {
    let script = Script::play([] as [String; 0]).await;
    let next = script.url("graph/v1.0/me/calendars?$skip=1");
    let script_two =
        Script::play([json_answer(200, &json!({"value": [1], "@odata.nextLink": next.as_str()}))]).await;
    let mailbox = mailbox(&script_two).await;
    let away = mailbox.list(mailbox.url(&["me", "calendars"], None)).await.unwrap_err();
    assert!(matches!(away, RemoteError::Malformed { .. }), "another port is another place: {away:?}");
    assert_eq!(script.heard().len(), 0);
    let heard = script_two.heard().remove(0);
    for preference in ["IdType=\"ImmutableId\"", "outlook.timezone=\"UTC\"", "odata.maxpagesize=500"] {
        assert!(heard.contains(preference), "{heard}");
    }
}

#[tokio::test]
async fn pages_are_followed_to_the_end_even_when_one_is_empty() {
    let link = |page: &str| format!("https://graph.microsoft.com/v1.0/me/calendars?$skip={page}");
    let script = Script::play([
        json_answer(200, &json!({"value": [], "@odata.nextLink": link("1")})),
        json_answer(200, &json!({"value": [1], "@odata.nextLink": link("2")})),
        json_answer(200, &json!({"value": [2]})),
    ])
    .await;
    let mailbox = mailbox(&script).await;
    let all = mailbox.list(mailbox.url(&["me", "calendars"], None)).await.unwrap();
    assert_eq!(all, [json!(1), json!(2)]);
    let heard = script.heard();
    assert!(heard[2].starts_with("GET /graph/v1.0/me/calendars?$skip=2 "), "a proxy stays in between");
    assert!(heard.iter().all(|request| request.contains("ImmutableId")));
}

#[tokio::test]
async fn a_link_that_leads_away_is_never_followed() {
    let script = Script::play([] as [String; 0]).await;
    let mailbox = mailbox(&script).await;
    let base = mailbox.base.as_str();
    for link in [
        "https://evil.example/v1.0/me/calendars".to_owned(),
        "https://graph.microsoft.com.evil.example/v1.0/me".to_owned(),
        "https://graph.microsoft.com/beta/me".to_owned(),
        format!("{base}../../elsewhere"),
        base.replace("http://", "http://user:pass@"),
        "/me/calendars".to_owned(),
        String::new(),
    ] {
        assert!(mailbox.follow(&link).is_err(), "{link}");
    }
    let inside = format!("{base}me/events?$skiptoken=a%2Bb");
    assert_eq!(mailbox.follow(&inside).unwrap().as_str(), inside);
}

#[tokio::test]
async fn an_id_with_slashes_stays_one_path_segment() {
    let script = Script::play([] as [String; 0]).await;
    let url = mailbox(&script).await.url(&["me", "events", "AA/B+C=="], Some("$select=id"));
    assert!(url.as_str().ends_with("/graph/v1.0/me/events/AA%2FB+C==?$select=id"), "{url}");
}

#[test]
fn refusals_are_sorted_by_what_to_do() {
    assert!(matches!(refused(412, "ErrorIrresolvableConflict"), RemoteError::Changed));
    assert!(matches!(refused(404, "ErrorItemNotFound"), RemoteError::NotFound));
    assert!(matches!(refused(409, "ErrorDuplicateTransactionId"), RemoteError::Taken));
    assert!(matches!(refused(403, "ErrorAccessDenied"), RemoteError::Forbidden { .. }));
    let invalid = refused(400, "ErrorPropertyValidationFailure").to_string();
    assert!(invalid.contains("It says so (ErrorPropertyValidationFailure)"), "{invalid}");
}
