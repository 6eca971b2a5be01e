//! The control plane over HTTP, for browsers' tests and scripts.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Control;
use crate::{
    consent::Decision,
    faults::Fault,
    google,
    identity::{Client, Provider},
    microsoft,
};

pub fn router(control: Arc<Control>) -> Router {
    let own = Router::new()
        .route("/seed", post(seed))
        .route("/reset", post(reset))
        .route("/clock", get(clock).post(set_clock))
        .route("/faults", get(faults).post(arm).delete(clear_faults))
        .route("/faults/{id}", delete(release))
        .route("/ledger", get(ledger).delete(clear_ledger))
        .route("/mail", get(mail))
        .route("/token", post(token))
        .route("/revoke", post(revoke))
        .route("/expire", post(expire))
        .route("/client", post(register).delete(forget_client))
        .route("/consent", post(consent))
        .route("/caldav/password", post(set_password))
        .with_state(control.clone());
    own.nest("/google", google::control_router(control.google.clone()))
        .nest("/microsoft", microsoft::control_router(control.microsoft.clone()))
}

fn refused(why: impl ToString) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": why.to_string()}))).into_response()
}

fn done() -> Response {
    Json(json!({"done": true})).into_response()
}

async fn seed(State(control): State<Arc<Control>>, body: String) -> Response {
    control.seed_text(&body).map_or_else(refused, |()| done())
}

#[derive(Default, Deserialize)]
struct Reset {
    /// Plant the seeds again.
    #[serde(default)]
    reseed: bool,
}

async fn reset(State(control): State<Arc<Control>>, body: Option<Json<Reset>>) -> Response {
    if body.is_some_and(|Json(reset)| reset.reseed) {
        return control.reseed().map_or_else(refused, |()| done());
    }
    control.reset();
    done()
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tick {
    Set(DateTime<Utc>),
    AdvanceS(i64),
}

async fn clock(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(json!({"now": control.now()}))
}

async fn set_clock(State(control): State<Arc<Control>>, Json(tick): Json<Tick>) -> Json<Value> {
    match tick {
        Tick::Set(to) => control.set_clock(to),
        Tick::AdvanceS(seconds) => control.advance(TimeDelta::seconds(seconds)),
    }
    Json(json!({"now": control.now()}))
}

async fn faults(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(json!({"faults": control.faults()}))
}

async fn arm(State(control): State<Arc<Control>>, Json(fault): Json<Fault>) -> Response {
    control.arm(fault).map_or_else(refused, |id| Json(json!({"id": id})).into_response())
}

async fn clear_faults(State(control): State<Arc<Control>>) -> Response {
    control.clear_faults();
    done()
}

async fn release(State(control): State<Arc<Control>>, Path(id): Path<u64>) -> Response {
    if control.release(id) { done() } else { StatusCode::NOT_FOUND.into_response() }
}

async fn ledger(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(json!({"entries": control.ledger()}))
}

async fn clear_ledger(State(control): State<Arc<Control>>) -> Response {
    control.clear_ledger();
    done()
}

async fn mail(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(json!({"mail": control.mail()}))
}

#[derive(Deserialize)]
struct Whom {
    provider: Provider,
    email: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    scopes: Vec<String>,
}

async fn token(State(control): State<Arc<Control>>, Json(whom): Json<Whom>) -> Json<Value> {
    let scopes: Vec<&str> = whom.scopes.iter().map(String::as_str).collect();
    let tokens = control.mint(whom.provider, &whom.email, &whom.client_id, &scopes);
    Json(json!({
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_in": tokens.expires_in_s,
    }))
}

async fn revoke(State(control): State<Arc<Control>>, Json(whom): Json<Whom>) -> Response {
    control.revoke(whom.provider, &whom.email);
    done()
}

async fn expire(State(control): State<Arc<Control>>, Json(whom): Json<Whom>) -> Response {
    control.expire_access(whom.provider, &whom.email);
    done()
}

async fn register(State(control): State<Arc<Control>>, Json(client): Json<Client>) -> Response {
    control.register(client);
    done()
}

async fn forget_client(State(control): State<Arc<Control>>, Json(client): Json<Client>) -> Response {
    control.forget_client(client.provider, &client.id);
    done()
}

#[derive(Deserialize)]
struct Consent {
    url: String,
    account: String,
    /// Everything asked for, when absent.
    scopes: Option<Vec<String>>,
    #[serde(default)]
    deny: bool,
}

async fn consent(State(control): State<Arc<Control>>, Json(ask): Json<Consent>) -> Response {
    let answer = match ask.scopes {
        None if !ask.deny => control.allow(&ask.url, &ask.account).await,
        scopes => {
            let scopes = scopes.unwrap_or_default().into_iter().collect();
            let decision = Decision { allowed: !ask.deny, account: ask.account, scopes };
            control.consent(&ask.url, &decision).await
        }
    };
    answer.map_or_else(refused, |location| Json(json!({"location": location})).into_response())
}

#[derive(Deserialize)]
struct NewPassword {
    user: String,
    password: String,
}

async fn set_password(State(control): State<Arc<Control>>, Json(new): Json<NewPassword>) -> Response {
    control.caldav().set_password(&new.user, &new.password);
    done()
}
