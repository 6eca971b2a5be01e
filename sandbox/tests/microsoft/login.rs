//! Sign-in: redirect addresses, PKCE, public clients, rotation, narrower scopes and every refusal.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use daymark_sandbox::Provider;
use daymark_sandbox::consent::Decision;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::microsoft::Demand;
use serde_json::json;
use tower::ServiceExt;

use crate::bench::{Answer, Bench, MAYA};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const SCOPES: &str = "offline_access openid User.Read https://graph.microsoft.com/Calendars.ReadWrite";
const REDIRECT: &str = "http://localhost:49152";

type Pairs<'a> = BTreeMap<&'a str, &'a str>;

fn asked<'a>() -> Pairs<'a> {
    BTreeMap::from([
        ("client_id", "app"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", SCOPES),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "s-1"),
    ])
}

fn form(pairs: &Pairs<'_>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn address(pairs: &Pairs<'_>) -> String {
    format!("http://sandbox.test/login/common/oauth2/v2.0/authorize?{}", form(pairs))
}

fn answer_of(location: &str) -> BTreeMap<String, String> {
    url::Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

async fn code(bench: &Bench) -> String {
    let location = bench.control.allow(&address(&asked()), MAYA).await.unwrap();
    answer_of(&location)["code"].clone()
}

async fn token(bench: &Bench, pairs: &Pairs<'_>) -> Answer {
    let request = Request::post("/login/common/oauth2/v2.0/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form(pairs)))
        .unwrap();
    let Ok(response) = bench.router.clone().oneshot(request).await;
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap(),
    }
}

fn redeem<'a>(code: &'a str) -> Pairs<'a> {
    BTreeMap::from([
        ("client_id", "app"),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ])
}

fn refresh<'a>(token: &'a str) -> Pairs<'a> {
    BTreeMap::from([("client_id", "app"), ("grant_type", "refresh_token"), ("refresh_token", token)])
}

fn refusal(answer: &Answer) -> (u16, &str, u64) {
    (answer.status, answer.body["error"].as_str().unwrap(), answer.body["error_codes"][0].as_u64().unwrap())
}

#[tokio::test]
async fn a_sign_in_gives_tokens_that_open_the_mailbox() {
    let mut bench = Bench::new();
    let location = bench.control.allow(&address(&asked()), MAYA).await.unwrap();
    assert!(location.starts_with("http://localhost:49152/?code="), "a path is added: {location}");
    assert_eq!(answer_of(&location)["state"], "s-1");
    let answer = token(&bench, &redeem(&answer_of(&location)["code"])).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.text("scope"), "Calendars.ReadWrite User.Read openid", "offline_access is not told");
    assert!(answer.body["refresh_token"].is_string() && answer.body["id_token"].is_string());
    bench.token = answer.text("access_token");
    assert_eq!(bench.get("me").await.status, 200);
}

#[tokio::test]
async fn no_refresh_token_without_offline_access() {
    let bench = Bench::new();
    let mut ask = asked();
    ask.insert("scope", "User.Read Calendars.ReadWrite");
    let location = bench.control.allow(&address(&ask), MAYA).await.unwrap();
    let answer = token(&bench, &redeem(&answer_of(&location)["code"])).await;
    assert!(answer.body.get("refresh_token").is_none());
}

#[tokio::test]
async fn only_http_on_this_machine_may_be_redirected_to() {
    let bench = Bench::new();
    for bad in ["https://localhost:1/", "http://example.org/", "http://[::1]:49152/", "daymark://done"] {
        let mut ask = asked();
        ask.insert("redirect_uri", bad);
        assert!(bench.control.allow(&address(&ask), MAYA).await.is_err(), "{bad}");
    }
    for fine in ["http://127.0.0.1:1/", "http://localhost/callback"] {
        let mut ask = asked();
        ask.insert("redirect_uri", fine);
        assert!(bench.control.allow(&address(&ask), MAYA).await.unwrap().starts_with(fine), "{fine}");
    }
}

#[tokio::test]
async fn pkce_is_not_optional() {
    let bench = Bench::new();
    let mut ask = asked();
    ask.remove("code_challenge");
    let location = bench.control.allow(&address(&ask), MAYA).await.unwrap();
    assert_eq!(answer_of(&location)["error"], "invalid_request");
    let code = code(&bench).await;
    let mut wrong = redeem(&code);
    wrong.insert("code_verifier", "another-verifier-of-sufficient-length-but-not-the-one");
    assert_eq!(refusal(&token(&bench, &wrong).await), (400, "invalid_grant", 501_481));
    wrong.remove("code_verifier");
    assert_eq!(refusal(&token(&bench, &wrong).await), (400, "invalid_request", 900_144));
}

#[tokio::test]
async fn a_public_client_must_not_send_a_secret_and_a_confidential_one_must() {
    let bench = Bench::new();
    let code = code(&bench).await;
    let mut with_secret = redeem(&code);
    with_secret.insert("client_secret", "s");
    assert_eq!(refusal(&token(&bench, &with_secret).await), (401, "invalid_client", 700_025));
    let seed = json!({"zone": "UTC", "accounts": [], "clients": [{"provider": "microsoft", "id": "web", "secret": "s"}]});
    bench.control.seed_text(&seed.to_string()).unwrap();
    let mut confidential = redeem(&code);
    confidential.insert("client_id", "web");
    assert_eq!(refusal(&token(&bench, &confidential).await), (401, "invalid_client", 7_000_218));
}

#[tokio::test]
async fn a_code_works_once_and_for_ten_minutes() {
    let bench = Bench::new();
    let first = code(&bench).await;
    assert_eq!(token(&bench, &redeem(&first)).await.status, 200);
    assert_eq!(refusal(&token(&bench, &redeem(&first)).await), (400, "invalid_grant", 54_005));
    let second = code(&bench).await;
    bench.control.advance(chrono::TimeDelta::minutes(10));
    assert_eq!(refusal(&token(&bench, &redeem(&second)).await), (400, "invalid_grant", 70_008));
}

#[tokio::test]
async fn refresh_tokens_rotate_and_the_old_one_stays_alive() {
    let bench = Bench::new();
    let code = code(&bench).await;
    let old = token(&bench, &redeem(&code)).await.text("refresh_token");
    let next = token(&bench, &refresh(&old)).await.text("refresh_token");
    assert_ne!(old, next);
    assert_eq!(token(&bench, &refresh(&old)).await.status, 200);
    bench.control.advance(chrono::TimeDelta::days(91));
    assert_eq!(refusal(&token(&bench, &refresh(&next)).await), (400, "invalid_grant", 700_082));
}

#[tokio::test]
async fn a_revoked_grant_and_a_changed_policy_end_in_a_new_sign_in() {
    let bench = Bench::new();
    let first = code(&bench).await;
    let alive = token(&bench, &redeem(&first)).await.text("refresh_token");
    bench.microsoft().demand_sign_in(MAYA, Demand::SecondFactor);
    let answer = token(&bench, &refresh(&alive)).await;
    assert_eq!(refusal(&answer), (400, "interaction_required", 50_076));
    assert!(answer.text("error_description").starts_with("AADSTS50076:"));
    let again = code(&bench).await;
    assert_eq!(token(&bench, &redeem(&again)).await.status, 200);
    assert_eq!(token(&bench, &refresh(&alive)).await.status, 200, "the sign-in settled it");
    bench.control.revoke(Provider::Microsoft, MAYA);
    assert_eq!(refusal(&token(&bench, &refresh(&alive)).await), (400, "invalid_grant", 50_173));
}

#[tokio::test]
async fn fewer_scopes_may_be_granted_than_were_asked() {
    let mut bench = Bench::new();
    let narrow = Kind::NarrowScopes { scopes: vec!["User.Read".into(), "offline_access".into()] };
    bench.control.arm(Fault::new(Provider::Microsoft, narrow)).unwrap();
    let code = code(&bench).await;
    let answer = token(&bench, &redeem(&code)).await;
    assert_eq!(answer.text("scope"), "User.Read");
    let mut wider = refresh(answer.body["refresh_token"].as_str().unwrap());
    wider.insert("scope", "Calendars.ReadWrite offline_access");
    let refused = token(&bench, &wider).await;
    assert_eq!(refusal(&refused), (400, "invalid_grant", 65_001));
    assert_eq!(refused.text("suberror"), "consent_required");
    bench.token = answer.text("access_token");
    assert_eq!(bench.get("me/calendars").await.code(), "ErrorAccessDenied");
}

#[tokio::test]
async fn a_denial_and_an_administrators_veto_come_back_as_errors() {
    let bench = Bench::new();
    let deny = Decision { allowed: false, account: MAYA.into(), scopes: Default::default() };
    let location = bench.control.consent(&address(&asked()), &deny).await.unwrap();
    assert_eq!(
        (answer_of(&location)["error"].as_str(), answer_of(&location)["state"].as_str()),
        ("access_denied", "s-1")
    );
    bench.microsoft().require_admin(MAYA);
    let location = bench.control.allow(&address(&asked()), MAYA).await.unwrap();
    assert_eq!(answer_of(&location)["error"], "consent_required");
}

#[tokio::test]
async fn the_consent_page_lists_accounts_and_scopes() {
    let bench = Bench::new();
    let mut ask = asked();
    ask.insert("login_hint", MAYA);
    let request = Request::get(address(&ask).replace("http://sandbox.test", "")).body(Body::empty()).unwrap();
    let Ok(response) = bench.router.clone().oneshot(request).await;
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let page = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(
        page.contains("Calendars.ReadWrite") && page.contains(&format!("value=\"{MAYA}\" required checked"))
    );
}
