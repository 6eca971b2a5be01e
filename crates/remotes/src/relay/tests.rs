//! What goes over the wire to a relay, and what its refusals become.

use ed25519_dalek::VerifyingKey;
use serde_json::json;

use super::*;
use crate::http::client;
use crate::testing::{Dice, Script, StillPace, json_answer};

fn means() -> Means {
    Means { http: client().unwrap(), pace: StillPace::new(), entropy: Arc::new(Dice::new(1)) }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn relay_at(script: &Script) -> RelayClient {
    RelayClient::new(means(), script.url(""), "device-1".into(), key()).unwrap()
}

fn ack() -> Ack {
    Ack { epoch: "e".into(), upto: 3 }
}

fn verified(request: &str, key: &VerifyingKey) -> Params {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut first = head.lines().next().unwrap().split(' ');
    let header = |name: &str| {
        let line =
            head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:"))).unwrap();
        line.split_once(": ").unwrap().1.to_owned()
    };
    let headers = signing::Headers {
        content_digest: header("content-digest"),
        signature_input: header("signature-input"),
        signature: header("signature"),
    };
    let covered =
        Covered { method: first.next().unwrap(), target: first.next().unwrap(), body: body.as_bytes() };
    signing::verify(key, covered, &headers, StillPace::new().now().timestamp()).unwrap()
}

async fn refused(answer: String) -> RelayError {
    let script = Script::play([answer]).await;
    relay_at(&script).ack(&ack()).await.unwrap_err()
}

#[tokio::test]
async fn every_request_is_signed_with_a_nonce_of_its_own() {
    let script = Script::play(["200 OK", "200 OK"]).await;
    let relay = relay_at(&script);
    relay.ack(&ack()).await.unwrap();
    relay.ack(&ack()).await.unwrap();
    let key = key().verifying_key();
    let nonces: Vec<String> = script.heard().iter().map(|request| verified(request, &key).nonce).collect();
    assert_eq!(nonces.len(), 2);
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn a_poll_of_the_inbox_signs_its_query_and_never_asks_for_too_long() {
    let script = Script::play([json_answer(200, &json!({"epoch": "e1", "entries": []}))]).await;
    let inbox = relay_at(&script).inbox(41, 9_999).await.unwrap();
    assert_eq!(inbox, Inbox { epoch: "e1".into(), entries: vec![], known: None });
    let heard = script.heard().remove(0);
    assert!(heard.starts_with("GET /api/v1/inbox?after=41&wait=25 "), "{heard}");
    verified(&heard, &key().verifying_key());
}

#[tokio::test]
async fn a_failed_request_is_not_repeated_under_a_used_nonce() {
    let script = Script::play([""]).await;
    let failure = relay_at(&script).inbox(0, 0).await.unwrap_err();
    assert!(matches!(failure, RelayError::Remote(RemoteError::Unreachable { .. })), "{failure:?}");
    assert_eq!(script.heard().len(), 1);
}

#[tokio::test]
async fn refusals_arrive_by_their_codes() {
    let problem = |code: &str| json_answer(409, &json!({"code": code, "message": "no"}));
    assert!(matches!(refused(problem("old_rev")).await, RelayError::OldRev));
    assert!(matches!(refused(problem("epoch_changed")).await, RelayError::EpochChanged));
    assert!(matches!(refused(problem("device_revoked")).await, RelayError::DeviceRevoked));
    assert!(
        matches!(refused(problem("bad_request")).await, RelayError::Refused { message } if message == "no")
    );
}

#[tokio::test]
async fn a_signature_refused_for_the_clock_says_so() {
    let body = json!({"code": "bad_signature", "message": "skew"});
    let dated = |date: &str| format!("401 No\r\ndate: {date}\r\n\r\n{body}");
    let off = refused(dated("Mon, 02 Mar 2026 08:30:00 GMT")).await;
    assert!(matches!(off, RelayError::ClockOff { by } if by.num_minutes() == 30), "{off:?}");
    assert!(off.to_string().contains("30 minutes"));
    let right = refused(dated("Mon, 02 Mar 2026 09:00:10 GMT")).await;
    assert!(matches!(right, RelayError::BadSignature));
}

#[tokio::test]
async fn an_address_that_is_no_relay_is_named_as_such() {
    let failure = refused("404 Not Found\r\n\r\n<html>".into()).await;
    assert!(failure.to_string().contains("is this a relay's address?"), "{failure}");
}

#[tokio::test]
async fn enrolling_sends_the_code_unsigned_and_tells_a_wrong_one() {
    let enrolled = json!({"device": "d7", "epoch": "e1", "page_url": "https://book.example.org/maya"});
    let wrong = json_answer(403, &json!({"code": "bad_code", "message": "used"}));
    let script = Script::play([json_answer(200, &enrolled), wrong]).await;
    let enrol = Enrol {
        code: "ABCD".into(),
        device_name: "laptop".into(),
        verifying_key: "k".into(),
        sealing_key: "s".into(),
    };
    let made = RelayClient::enrol(means(), script.url(""), &enrol).await.unwrap();
    assert_eq!(made.device, "d7");
    assert!(!script.heard().remove(0).to_ascii_lowercase().contains("signature:"));
    let again = RelayClient::enrol(means(), script.url(""), &enrol).await;
    assert!(matches!(again, Err(RelayError::BadCode)));
}

#[tokio::test]
async fn a_relay_in_plain_http_beyond_this_machine_is_refused() {
    let base = "http://relay.example.org/".parse().unwrap();
    let refused = RelayClient::new(means(), base, "d".into(), key());
    assert!(matches!(refused, Err(RelayError::Remote(RemoteError::Invalid { .. }))));
}
