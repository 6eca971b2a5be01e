//! Google's OAuth for installed apps: consent page, token endpoint, revocation, userinfo.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{Google, Policy, caller::Caller, query::Query};
use crate::{
    consent::{Decision, Page, redirect_with, render, render_error},
    identity::{Ask, Provider, Redeem, Refusal, Tokens, is_loopback},
};

pub fn router() -> Router<Arc<Google>> {
    Router::new()
        .route("/google-auth/o/oauth2/v2/auth", get(show_consent).post(take_decision))
        .route("/google-token/token", post(token))
        .route("/google-token/revoke", post(revoke))
        .route("/google/oauth2/v2/userinfo", get(userinfo))
        .route("/google/oauth2/v3/userinfo", get(userinfo))
}

/// A request that cannot even be sent back to the client.
struct Unusable {
    status: StatusCode,
    code: &'static str,
    why: &'static str,
}

impl IntoResponse for Unusable {
    fn into_response(self) -> Response {
        (self.status, render_error("Google", self.code, self.why)).into_response()
    }
}

fn read_ask(google: &Google, query: &Query) -> Result<Ask, Unusable> {
    let bad = |code, why| Unusable { status: StatusCode::BAD_REQUEST, code, why };
    let text = |name: &str| query.text(name).unwrap_or_default();
    if google.world.identity().client(Provider::Google, text("client_id")).is_none() {
        let why = "The OAuth client was not found.";
        return Err(Unusable { status: StatusCode::UNAUTHORIZED, code: "invalid_client", why });
    }
    if !is_loopback(text("redirect_uri")) {
        return Err(bad("redirect_uri_mismatch", "Only a loopback address on any port fits this client."));
    }
    if text("response_type") != "code" {
        return Err(bad("unsupported_response_type", "response_type must be code."));
    }
    let scopes: BTreeSet<String> = text("scope").split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() {
        return Err(bad("invalid_request", "Missing required parameter: scope"));
    }
    if text("code_challenge_method") != "S256" || text("code_challenge").len() != 43 {
        return Err(bad("invalid_request", "A code_challenge with code_challenge_method S256 is needed."));
    }
    Ok(Ask {
        provider: Provider::Google,
        client_id: text("client_id").to_owned(),
        redirect_uri: text("redirect_uri").to_owned(),
        scopes,
        challenge: query.text("code_challenge").map(str::to_owned),
        offline: text("access_type") == "offline",
        force_consent: text("prompt").split_whitespace().any(|prompt| prompt == "consent"),
    })
}

/// Marks of a page inside another app, which Google lets nobody sign in from.
const EMBEDDED: [&str; 2] = ["; wv)", "WebView"];

fn is_embedded(headers: &HeaderMap) -> bool {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    EMBEDDED.iter().any(|mark| agent.contains(mark))
}

async fn show_consent(State(google): State<Arc<Google>>, headers: HeaderMap, query: Query) -> Response {
    if is_embedded(&headers) {
        let why = "Use a browser; a page inside another app is not allowed.";
        let status = StatusCode::FORBIDDEN;
        return Unusable { status, code: "disallowed_useragent", why }.into_response();
    }
    let ask = match read_ask(&google, &query) {
        Ok(ask) => ask,
        Err(unusable) => return unusable.into_response(),
    };
    let accounts = google.world.identity().accounts(Provider::Google);
    let page = Page {
        provider: Provider::Google,
        client_id: &ask.client_id,
        accounts: &accounts,
        login_hint: query.text("login_hint"),
        scopes: &ask.scopes,
    };
    render(&page).into_response()
}

async fn take_decision(State(google): State<Arc<Google>>, query: Query, body: String) -> Response {
    let ask = match read_ask(&google, &query) {
        Ok(ask) => ask,
        Err(unusable) => return unusable.into_response(),
    };
    let decision = Decision::from_form(&body);
    let account = google.world.identity().account(Provider::Google, &decision.account);
    // Google says this itself, and the app that asked hears nothing.
    if let Some(policy) = google.policy(&decision.account) {
        let (status, code, why) = policy.page();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        return Unusable { status, code, why }.into_response();
    }
    let redirect_uri = ask.redirect_uri.clone();
    let mut pairs = Vec::new();
    if let Some(state) = query.text("state") {
        pairs.push(("state", state.to_owned()));
    }
    let scopes = granted(&google, &ask, &decision);
    match account {
        Some(account) if decision.allowed && !scopes.is_empty() => {
            pairs.push(("scope", answered(&scopes)));
            let now = google.world.now();
            let code = google.world.identity().approve(ask, &account.email, scopes, now, &google.world.dice);
            pairs.push(("code", code));
        }
        _ => pairs.push(("error", "access_denied".to_owned())),
    }
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    match redirect_with(&redirect_uri, &pairs) {
        Some(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Users may tick fewer scopes than asked for; an armed fault may narrow them further.
fn granted(google: &Google, ask: &Ask, decision: &Decision) -> BTreeSet<String> {
    let mut scopes: BTreeSet<String> = ask.scopes.intersection(&decision.scopes).cloned().collect();
    if let Some(narrowed) =
        decision.allowed.then(|| google.world.faults.narrowed_scopes(Provider::Google)).flatten()
    {
        scopes.retain(|scope| narrowed.contains(scope));
    }
    scopes
}

/// Google answers with the long names of `email` and `profile`, whatever name they were asked for by.
fn answered(scopes: &BTreeSet<String>) -> String {
    let long = |scope: &String| match scope.as_str() {
        "email" => "https://www.googleapis.com/auth/userinfo.email".to_owned(),
        "profile" => "https://www.googleapis.com/auth/userinfo.profile".to_owned(),
        _ => scope.clone(),
    };
    scopes.iter().map(long).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

/// The fields of a token request, with the client's credentials from the header if they are there.
struct TokenAsk(Vec<(String, String)>);

impl TokenAsk {
    fn read(headers: &HeaderMap, body: &str) -> Self {
        let mut fields: Vec<(String, String)> =
            form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        if let Some((id, secret)) = basic(headers) {
            fields.extend([("client_id".to_owned(), id), ("client_secret".to_owned(), secret)]);
        }
        Self(fields)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(data_encoding::BASE64.decode(text.as_bytes()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain =
        |text: &str| form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned());
    Some((plain(id)?, plain(secret).unwrap_or_default()))
}

async fn token(State(google): State<Arc<Google>>, headers: HeaderMap, body: String) -> Response {
    let ask = TokenAsk::read(&headers, &body);
    if let Err(refusal) = check_client(&google, &ask) {
        return refused(refusal);
    }
    let (now, dice) = (google.world.now(), &google.world.dice);
    let text = |name: &str| ask.text(name).unwrap_or_default();
    let tokens = match ask.text("grant_type") {
        Some("authorization_code") => google.world.identity().redeem(
            &Redeem {
                client_id: text("client_id"),
                code: text("code"),
                redirect_uri: text("redirect_uri"),
                verifier: ask.text("code_verifier"),
            },
            now,
            dice,
        ),
        Some("refresh_token") => {
            google.world.identity().refresh(text("client_id"), text("refresh_token"), None, now, dice)
        }
        _ => return oauth_error(400, "unsupported_grant_type", "Invalid grant_type."),
    };
    match tokens {
        Ok(tokens) if google.policy(&tokens.email) == Some(Policy::AdminPolicyEnforced) => {
            oauth_error(400, "admin_policy_enforced", "Restricted by the administrator.")
        }
        Ok(tokens) => Json(token_answer(&google, text("client_id"), &tokens)).into_response(),
        Err(refusal) => refused(refusal),
    }
}

/// Google gives desktop clients a secret and wants it, though it is none.
fn check_client(google: &Google, ask: &TokenAsk) -> Result<(), Refusal> {
    let identity = google.world.identity();
    let client = identity.client(Provider::Google, ask.text("client_id").unwrap_or_default());
    let client = client.ok_or(Refusal::ClientUnknown)?;
    match (&client.secret, ask.text("client_secret")) {
        (Some(_), None) => Err(Refusal::SecretMissing),
        (Some(secret), Some(sent)) if secret != sent => Err(Refusal::SecretWrong),
        _ => Ok(()),
    }
}

fn token_answer(google: &Google, client_id: &str, tokens: &Tokens) -> Value {
    let mut out = json!({
        "access_token": tokens.access_token,
        "expires_in": tokens.expires_in_s,
        "scope": answered(&tokens.scopes),
        "token_type": "Bearer",
    });
    if let Some(fields) = out.as_object_mut() {
        if let Some(refresh_token) = &tokens.refresh_token {
            fields.insert("refresh_token".to_owned(), json!(refresh_token));
        }
        if let Some(left_s) = tokens.refresh_expires_in_s {
            fields.insert("refresh_token_expires_in".to_owned(), json!(left_s));
        }
        if tokens.scopes.contains("openid") {
            fields.insert("id_token".to_owned(), json!(id_token(google, client_id, tokens)));
        }
    }
    out
}

/// An id token whose signature nobody can check; over TLS from the token endpoint nobody needs to.
fn id_token(google: &Google, client_id: &str, tokens: &Tokens) -> String {
    let now = google.world.now().timestamp();
    let mut claims = json!({
        "iss": "https://accounts.google.com", "aud": client_id, "azp": client_id,
        "sub": subject(&tokens.email), "iat": now, "exp": now + 3_600,
    });
    if let Some(fields) = claims.as_object_mut() {
        fields.extend(profile(google, &tokens.email, |scope| tokens.scopes.contains(scope)));
    }
    let part = |value: &Value| data_encoding::BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!(
        "{}.{}.{}",
        part(&json!({"alg": "RS256", "kid": "sandbox", "typ": "JWT"})),
        part(&claims),
        google.world.dice.token()
    )
}

fn subject(email: &str) -> String {
    email.bytes().fold(100_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))).to_string()
}

fn profile(google: &Google, email: &str, has: impl Fn(&str) -> bool) -> Map<String, Value> {
    let mut out = Map::new();
    let long = |name: &str| format!("https://www.googleapis.com/auth/userinfo.{name}");
    if has("email") || has(&long("email")) {
        out.insert("email".to_owned(), json!(email));
        out.insert("email_verified".to_owned(), json!(true));
    }
    let account = google.world.identity().account(Provider::Google, email);
    if let Some(account) = account.filter(|_| has("profile") || has(&long("profile"))) {
        out.insert("name".to_owned(), json!(account.name));
    }
    out
}

async fn userinfo(State(google): State<Arc<Google>>, caller: Caller) -> Json<Value> {
    let mut out = profile(&google, &caller.email, |scope| caller.has(scope));
    out.insert("id".to_owned(), json!(subject(&caller.email)));
    out.insert("sub".to_owned(), json!(subject(&caller.email)));
    Json(Value::Object(out))
}

/// Revoking any token ends the application's whole grant for the account.
async fn revoke(State(google): State<Arc<Google>>, query: Query, body: String) -> Response {
    let form = Query::parse(&body);
    let token = form.text("token").or_else(|| query.text("token")).unwrap_or_default();
    if google.world.identity().revoke_token(token) {
        return Json(json!({})).into_response();
    }
    oauth_error(400, "invalid_token", "Token expired or revoked")
}

fn refused(refusal: Refusal) -> Response {
    match refusal {
        Refusal::ClientUnknown => oauth_error(401, "invalid_client", "The OAuth client was not found."),
        Refusal::SecretWrong => oauth_error(401, "invalid_client", "Unauthorized"),
        Refusal::SecretMissing => oauth_error(400, "invalid_request", "client_secret is missing."),
        Refusal::CodeUnknown => oauth_error(400, "invalid_grant", "Malformed auth code."),
        Refusal::RedirectDiffers => oauth_error(400, "redirect_uri_mismatch", "Bad Request"),
        Refusal::VerifierWrong => oauth_error(400, "invalid_grant", "Invalid code verifier."),
        Refusal::CodeExpired | Refusal::CodeUsed => oauth_error(400, "invalid_grant", "Bad Request"),
        _ => oauth_error(400, "invalid_grant", "Token has been expired or revoked."),
    }
}

fn oauth_error(status: u16, error: &str, description: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, Json(json!({"error": error, "error_description": description}))).into_response()
}
