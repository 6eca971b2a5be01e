//! The Microsoft identity platform: consent page, codes, tokens, and refusals in its words.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use super::Microsoft;
use super::token_error::{Lament, page, redirect_error};
use crate::consent::{self, Decision, Page, redirect_with};
use crate::identity::{Account, Ask, Provider, is_loopback};

/// The form or query of a request by name; the last of several wins.
pub type Form = BTreeMap<String, String>;

const GRAPH: &str = "https://graph.microsoft.com/";
/// Asked for like scopes, but they name no permission on Graph.
const SIGN_IN: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// What the authorize endpoint was asked, once nothing is wrong with it.
struct Authorize {
    ask: Ask,
    state: String,
    login_hint: Option<String>,
}

pub async fn authorize(
    State(microsoft): State<Arc<Microsoft>>,
    Path(_tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let authorize = match check(&microsoft, &form(query.as_deref().unwrap_or_default())) {
        Ok(authorize) => authorize,
        Err(response) => return *response,
    };
    let accounts = microsoft.world.identity().accounts(Provider::Microsoft);
    let page = Page {
        provider: Provider::Microsoft,
        client_id: &authorize.ask.client_id,
        accounts: &accounts,
        login_hint: authorize.login_hint.as_deref(),
        scopes: &authorize.ask.scopes,
    };
    consent::render(&page).into_response()
}

pub async fn decide(
    State(microsoft): State<Arc<Microsoft>>,
    Path(_tenant): Path<String>,
    RawQuery(query): RawQuery,
    body: String,
) -> Response {
    match check(&microsoft, &form(query.as_deref().unwrap_or_default())) {
        Ok(authorize) => decided(&microsoft, authorize, &Decision::from_form(&body)),
        Err(response) => *response,
    }
}

fn decided(microsoft: &Microsoft, authorize: Authorize, decision: &Decision) -> Response {
    let Authorize { ask, state, .. } = authorize;
    let refuse = |error: &str, why: &str| redirect_error(&ask.redirect_uri, &state, error, why);
    if !decision.allowed {
        return refuse("access_denied", "AADSTS65004: User declined to consent to access the app.");
    }
    let account = microsoft.world.identity().account(Provider::Microsoft, &decision.account);
    let Some(account) = account else {
        return refuse("login_required", "AADSTS50058: No user was signed in.");
    };
    if microsoft.needs_admin(&account.email) {
        return refuse(
            "consent_required",
            "AADSTS90094: An administrator of the organization must grant this permission.",
        );
    }
    let granted = granted(microsoft, &ask, &decision.scopes);
    let (world, redirect_uri) = (&microsoft.world, ask.redirect_uri.clone());
    let code = world.identity().approve(ask, &account.email, granted, world.now(), &world.dice);
    // A redirect address without a path comes back with "/".
    let location =
        redirect_with(&redirect_uri, &[("code", &code), ("state", &state), ("session_state", "sandbox")]);
    redirect(location)
}

/// What the user ticked, out of what was asked; a fault may shrink it further.
fn granted(microsoft: &Microsoft, ask: &Ask, ticked: &BTreeSet<String>) -> BTreeSet<String> {
    let ticked = normal(ticked.iter().map(String::as_str));
    let granted: BTreeSet<String> = ask.scopes.intersection(&ticked).cloned().collect();
    match microsoft.world.faults.narrowed_scopes(Provider::Microsoft) {
        Some(only) => granted.intersection(&normal(only.iter().map(String::as_str))).cloned().collect(),
        None => granted,
    }
}

fn check(microsoft: &Microsoft, form: &Form) -> Result<Authorize, Box<Response>> {
    let get = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let client_id = get("client_id");
    if microsoft.world.identity().client(Provider::Microsoft, client_id).is_none() {
        return Err(page(
            "AADSTS700016",
            "The application was not found in the directory. Register it, or correct client_id.",
        ));
    }
    let redirect_uri = get("redirect_uri");
    if !is_loopback(redirect_uri) {
        return Err(page(
            "AADSTS50011",
            "The redirect URI does not match those of the application. Desktop applications use http on localhost or 127.0.0.1.",
        ));
    }
    let refuse =
        |error: &str, why: &str| Err(Box::new(redirect_error(redirect_uri, get("state"), error, why)));
    if get("response_type") != "code" {
        return refuse("unsupported_response_type", "AADSTS700054: response_type must be code.");
    }
    if get("code_challenge_method") != "S256" || get("code_challenge").is_empty() {
        return refuse(
            "invalid_request",
            "AADSTS9002325: Proof Key for Code Exchange with S256 is required.",
        );
    }
    let scopes = scopes(get("scope"));
    if scopes.is_empty() {
        return refuse("invalid_request", "AADSTS900144: The request must contain the parameter 'scope'.");
    }
    if get("prompt") == "none" {
        return refuse(
            "interaction_required",
            "AADSTS50058: A silent sign-in was asked for, but no user is signed in.",
        );
    }
    Ok(Authorize {
        ask: Ask {
            provider: Provider::Microsoft,
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            offline: scopes.contains("offline_access"),
            scopes,
            challenge: Some(get("code_challenge").to_owned()),
            force_consent: get("prompt") == "consent",
        },
        state: get("state").to_owned(),
        login_hint: form.get("login_hint").cloned(),
    })
}

/// The address may be left out of a Graph scope; both ways mean the same.
pub fn scopes(text: &str) -> BTreeSet<String> {
    normal(text.split_whitespace())
}

fn normal<'a>(scopes: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    scopes.map(|scope| scope.strip_prefix(GRAPH).unwrap_or(scope).to_owned()).collect()
}

/// The permissions among the scopes.
pub fn permissions(scopes: &BTreeSet<String>) -> BTreeSet<String> {
    scopes.iter().filter(|scope| !SIGN_IN.contains(&scope.as_str())).cloned().collect()
}

pub fn form(text: &str) -> Form {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

pub fn redirect(location: Option<String>) -> Response {
    let location = location.and_then(|location| HeaderValue::from_str(&location).ok());
    match location {
        Some(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        None => *page("AADSTS50011", "The redirect URI cannot be read."),
    }
}

/// What an `id_token` says of the user; it is not signed, and nobody here should trust it.
pub fn id_token(account: &Account, client_id: &str) -> String {
    let encode =
        |value: serde_json::Value| data_encoding::BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let header = encode(serde_json::json!({"typ": "JWT", "alg": "none"}));
    let claims = encode(serde_json::json!({
        "aud": client_id,
        "name": account.name,
        "preferred_username": account.email,
        "oid": super::ids::mailbox_part(&account.email),
        "ver": "2.0",
    }));
    format!("{header}.{claims}.")
}

pub async fn token(
    State(microsoft): State<Arc<Microsoft>>,
    Path(_tenant): Path<String>,
    body: String,
) -> Result<Response, Lament> {
    super::token::exchange(&microsoft, &form(&body))
}
