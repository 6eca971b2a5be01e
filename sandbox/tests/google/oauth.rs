//! OAuth for installed apps: consent, PKCE, codes, refresh, revocation.

use daymark_sandbox::{
    Provider,
    consent::Decision,
    control::ConsentError,
    faults::{Fault, Kind},
    google::Policy,
};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::world::{Answer, Fake, MAYA, fake};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "http://127.0.0.1:49152/callback";
const CALENDAR: &str = "https://www.googleapis.com/auth/calendar";

fn authorize(change: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("client_id", "desktop"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "openid email https://www.googleapis.com/auth/calendar"),
        ("state", "s1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("access_type", "offline"),
    ];
    pairs.retain(|(name, _)| !change.iter().any(|(other, _)| other == name));
    pairs.extend(change.iter().filter(|(_, value)| !value.is_empty()));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("http://127.0.0.1/google-auth/o/oauth2/v2/auth?{query}")
}

fn parameter(location: &str, name: &str) -> Option<String> {
    let url = Url::parse(location).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn code(fake: &Fake, change: &[(&str, &str)]) -> String {
    let location = fake.control.allow(&authorize(change), MAYA).await.unwrap();
    parameter(&location, "code").unwrap()
}

async fn token(fake: &Fake, pairs: &[(&str, &str)]) -> Answer {
    let mut all = vec![("client_id", "desktop"), ("client_secret", "s3"), ("redirect_uri", REDIRECT)];
    all.retain(|(name, _)| !pairs.iter().any(|(other, _)| other == name));
    all.extend(pairs.iter().filter(|(_, value)| !value.is_empty()));
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    fake.send("POST", "/google-token/token", &headers, body).await
}

async fn redeem(fake: &Fake, code: &str) -> Answer {
    token(fake, &[("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER)]).await
}

async fn refresh(fake: &Fake, refresh_token: &str) -> Answer {
    token(fake, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
}

fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn consent_leads_back_with_code_and_state_and_to_tokens() {
    let fake = fake();
    let location = fake.control.allow(&authorize(&[]), MAYA).await.unwrap();
    assert!(location.starts_with(REDIRECT));
    assert_eq!(parameter(&location, "state").as_deref(), Some("s1"));
    let tokens = redeem(&fake, &parameter(&location, "code").unwrap()).await.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3_599);
    assert!(text(&tokens, "scope").contains("https://www.googleapis.com/auth/userinfo.email"));
    assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string());
    let list = fake.with_token(&text(&tokens, "access_token")).get("/users/me/calendarList").await;
    assert_eq!(list.status, 200);
}

#[tokio::test]
async fn the_page_preselects_the_hinted_account() {
    let fake = fake();
    let url = authorize(&[("login_hint", "ben@northcare.example")]);
    let path = url.trim_start_matches("http://127.0.0.1");
    let page = fake.send("GET", path, &[], String::new()).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(r#"value="ben@northcare.example" required checked"#));
    assert!(!page.text.contains(r#"value="maya@northcare.example" required checked"#));
}

#[tokio::test]
async fn denying_leads_back_with_access_denied() {
    let fake = fake();
    let decision = Decision { allowed: false, account: MAYA.to_owned(), scopes: [].into() };
    let location = fake.control.consent(&authorize(&[]), &decision).await.unwrap();
    assert_eq!(parameter(&location, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&location, "state").as_deref(), Some("s1"));
}

#[tokio::test]
async fn an_organisations_veto_is_googles_own_page_and_ends_refreshing() {
    let fake = fake();
    let token = text(&redeem(&fake, &code(&fake, &[]).await).await.json(), "refresh_token");
    for (policy, status) in [(Policy::AdminPolicyEnforced, 400), (Policy::OrgInternal, 403)] {
        fake.control.google().set_policy(MAYA, Some(policy));
        let answer = fake.control.allow(&authorize(&[]), MAYA).await;
        assert!(
            matches!(answer, Err(ConsentError::Refused { status: said }) if said == status),
            "{answer:?}"
        );
    }
    assert_eq!(refresh(&fake, &token).await.status, 200, "who had been let in stays in");
    fake.control.google().set_policy(MAYA, Some(Policy::AdminPolicyEnforced));
    assert_eq!(text(&refresh(&fake, &token).await.json(), "error"), "admin_policy_enforced");
    fake.control.google().set_policy(MAYA, None);
    assert_eq!(refresh(&fake, &token).await.status, 200);
}

#[tokio::test]
async fn a_page_inside_another_app_may_not_ask_for_consent() {
    let fake = fake();
    let path = authorize(&[]).replace("http://127.0.0.1", "");
    let agent = [("user-agent", "Mozilla/5.0 (Linux; Android 14; wv) Chrome/120")];
    assert_eq!(fake.send("GET", &path, &agent, String::new()).await.status, 403);
}

#[tokio::test]
async fn a_client_whose_registration_is_gone_is_refused_by_name() {
    let fake = fake();
    let first = redeem(&fake, &code(&fake, &[]).await).await;
    fake.control.forget_client(Provider::Google, "desktop");
    let refused = refresh(&fake, &text(&first.json(), "refresh_token")).await;
    assert_eq!((refused.status, text(&refused.json(), "error").as_str()), (401, "invalid_client"));
}

#[tokio::test]
async fn unticked_scopes_are_missing_from_the_answer() {
    let fake = fake();
    let decision = Decision { allowed: true, account: MAYA.to_owned(), scopes: ["openid".to_owned()].into() };
    let location = fake.control.consent(&authorize(&[]), &decision).await.unwrap();
    let tokens = redeem(&fake, &parameter(&location, "code").unwrap()).await.json();
    assert_eq!(text(&tokens, "scope"), "openid");
    let refused = fake.with_token(&text(&tokens, "access_token")).get("/users/me/calendarList").await;
    assert_eq!(refused.reason(), "insufficientPermissions");
}

#[tokio::test]
async fn an_armed_fault_narrows_the_next_consent() {
    let fake = fake();
    let scopes = vec!["openid".to_owned()];
    fake.control.arm(Fault::new(Provider::Google, Kind::NarrowScopes { scopes })).unwrap();
    let narrow = redeem(&fake, &code(&fake, &[]).await).await.json();
    assert_eq!(text(&narrow, "scope"), "openid");
    let wide = redeem(&fake, &code(&fake, &[]).await).await.json();
    assert!(text(&wide, "scope").contains(CALENDAR));
}

#[tokio::test]
async fn only_loopback_redirects_on_any_port_are_let_in() {
    let fake = fake();
    for fine in ["http://127.0.0.1:1/", "http://127.0.0.1:65535", "http://localhost:5000/x"] {
        assert!(fake.control.allow(&authorize(&[("redirect_uri", fine)]), MAYA).await.is_ok(), "{fine}");
    }
    for bad in ["https://evil.example/", "http://192.0.2.1/", "urn:ietf:wg:oauth:2.0:oob"] {
        assert!(fake.control.allow(&authorize(&[("redirect_uri", bad)]), MAYA).await.is_err(), "{bad}");
    }
    assert!(fake.control.allow(&authorize(&[("client_id", "other")]), MAYA).await.is_err());
}

#[tokio::test]
async fn pkce_is_enforced() {
    let fake = fake();
    for change in [("code_challenge", ""), ("code_challenge_method", "plain")] {
        assert!(fake.control.allow(&authorize(&[change]), MAYA).await.is_err());
    }
    let code = code(&fake, &[]).await;
    let without = token(&fake, &[("grant_type", "authorization_code"), ("code", &code)]).await;
    assert_eq!((without.status, text(&without.json(), "error").as_str()), (400, "invalid_grant"));
    let wrong = VERIFIER.replace('d', "e");
    let ask = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", &wrong)];
    assert_eq!(token(&fake, &ask).await.status, 400);
}

#[tokio::test]
async fn a_code_is_good_once_and_for_ten_minutes() {
    let fake = fake();
    let used = code(&fake, &[]).await;
    assert_eq!(redeem(&fake, &used).await.status, 200);
    assert_eq!(text(&redeem(&fake, &used).await.json(), "error"), "invalid_grant");
    let late = code(&fake, &[]).await;
    fake.control.advance(chrono::TimeDelta::minutes(10));
    assert_eq!(text(&redeem(&fake, &late).await.json(), "error"), "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_comes_at_the_first_consent_or_when_consent_is_forced() {
    let fake = fake();
    let first = redeem(&fake, &code(&fake, &[]).await).await.json();
    assert!(first["refresh_token"].is_string());
    let second = redeem(&fake, &code(&fake, &[]).await).await.json();
    assert_eq!(second.get("refresh_token"), None);
    let forced = redeem(&fake, &code(&fake, &[("prompt", "consent")]).await).await.json();
    assert!(forced["refresh_token"].is_string());
    let online =
        redeem(&fake, &code(&fake, &[("access_type", ""), ("prompt", "consent")]).await).await.json();
    assert_eq!(online.get("refresh_token"), None);
}

#[tokio::test]
async fn a_refresh_answer_has_no_refresh_token_and_the_old_one_lives() {
    let fake = fake();
    let tokens = redeem(&fake, &code(&fake, &[]).await).await.json();
    for _ in 0..2 {
        let fresh = refresh(&fake, &text(&tokens, "refresh_token")).await.json();
        assert!(fresh["access_token"].is_string());
        assert_eq!(fresh.get("refresh_token"), None);
    }
}

#[tokio::test]
async fn the_secret_of_the_client_is_wanted_and_checked() {
    let fake = fake();
    let ask = |secret: &'static str| {
        [("client_secret", secret), ("grant_type", "refresh_token"), ("refresh_token", "x")]
    };
    assert_eq!(text(&token(&fake, &ask("")).await.json(), "error"), "invalid_request");
    let wrong = token(&fake, &ask("wrong")).await;
    assert_eq!((wrong.status, text(&wrong.json(), "error").as_str()), (401, "invalid_client"));
}

#[tokio::test]
async fn revoking_any_token_ends_the_whole_grant() {
    let fake = fake();
    let tokens = redeem(&fake, &code(&fake, &[]).await).await.json();
    let (access, refresh_token) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let revoked = fake.send("POST", "/google-token/revoke", &headers, format!("token={access}")).await;
    assert_eq!(revoked.status, 200);
    let refused = refresh(&fake, &refresh_token).await;
    assert_eq!((refused.status, text(&refused.json(), "error").as_str()), (400, "invalid_grant"));
    assert_eq!(fake.with_token(&access).get("/users/me/calendarList").await.status, 401);
    assert_eq!(
        fake.send("POST", "/google-token/revoke", &headers, format!("token={access}")).await.status,
        400
    );
}

#[tokio::test]
async fn of_more_than_a_hundred_refresh_tokens_the_oldest_dies_silently() {
    let fake = fake();
    let first = fake.control.mint(Provider::Google, MAYA, "desktop", &[CALENDAR]).refresh_token.unwrap();
    for _ in 0..99 {
        fake.control.mint(Provider::Google, MAYA, "desktop", &[CALENDAR]);
    }
    assert_eq!(refresh(&fake, &first).await.status, 200);
    fake.control.mint(Provider::Google, MAYA, "desktop", &[CALENDAR]);
    assert_eq!(text(&refresh(&fake, &first).await.json(), "error"), "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_unused_for_half_a_year_dies() {
    let fake = fake();
    let token = fake.control.mint(Provider::Google, MAYA, "desktop", &[CALENDAR]).refresh_token.unwrap();
    fake.control.advance(chrono::TimeDelta::days(179));
    assert_eq!(refresh(&fake, &token).await.status, 200);
    fake.control.advance(chrono::TimeDelta::days(181));
    assert_eq!(refresh(&fake, &token).await.status, 400);
}

#[tokio::test]
async fn userinfo_has_the_address_only_with_its_scope() {
    let fake = fake();
    let tokens = redeem(&fake, &code(&fake, &[]).await).await.json();
    let authorization = format!("Bearer {}", text(&tokens, "access_token"));
    let headers = [("authorization", authorization.as_str())];
    let info = fake.send("GET", "/google/oauth2/v2/userinfo", &headers, String::new()).await.json();
    assert_eq!((info["email"].as_str(), info.get("name")), (Some(MAYA), None));
}
