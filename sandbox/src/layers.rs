//! What stands in front of every provider: the ledger, and inside it the armed faults.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{
    bearer::bearer,
    faults::{Hit, Kind, Moment},
    google,
    identity::Provider,
    ledger::{Closing, Opening, Wrote, body_value, kept_headers},
    microsoft,
    world::World,
};

/// Larger than any calendar request or answer.
const BODY_MAX_BYTES: usize = 64 << 20;

/// On a response: end the connection instead of sending it.
#[derive(Clone, Copy, Debug)]
pub struct HangUp;

#[derive(Clone, Copy)]
struct Seq(u64);

pub fn around(providers: Router, world: &Arc<World>) -> Router {
    providers
        .layer(from_fn_with_state(world.clone(), meet_faults))
        .layer(from_fn_with_state(world.clone(), keep_ledger))
}

async fn keep_ledger(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_MAX_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let provider = Provider::of_path(parts.uri.path());
    let seq = world.ledger.open(Opening {
        at: world.now(),
        provider,
        user: user(&world, provider, &parts.headers),
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: kept_headers(&parts.headers),
        body: body_value(&bytes, content_type(&parts.headers)),
    });
    parts.extensions.insert(Seq(seq));
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    let cut = response.extensions().get::<HangUp>().is_some();
    let (parts, bytes) = taken_apart(response).await;
    world.ledger.close(
        seq,
        Closing {
            status: (!cut).then_some(parts.status.as_u16()),
            headers: kept_headers(&parts.headers),
            answer: if world.ledger.keeps_answers && !cut {
                body_value(&bytes, content_type(&parts.headers))
            } else {
                None
            },
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        },
    );
    Response::from_parts(parts, Body::from(bytes))
}

async fn meet_faults(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let provider = Provider::of_path(request.uri().path());
    let seq = request.extensions().get::<Seq>().map_or(0, |seq| seq.0);
    let address = request.uri().path_and_query().map_or("", |address| address.as_str()).to_owned();
    let Some(hit) = world.faults.meet(provider, request.method().as_str(), &address) else {
        return handle(&world, seq, request, next).await;
    };
    world.ledger.note(seq, |entry| entry.fault = Some(hit.id));
    match before(&world, &hit, request.uri().path(), request.headers()).await {
        Some(response) => response,
        None => after(&world, &hit, handle(&world, seq, request, next).await).await,
    }
}

async fn handle(world: &World, seq: u64, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.extensions().get::<Wrote>().is_some() {
        world.ledger.note(seq, |entry| entry.wrote = true);
    }
    response
}

/// What the fault does before the request is handled; a response means that it is not.
async fn before(world: &World, hit: &Hit, path: &str, headers: &HeaderMap) -> Option<Response> {
    match &hit.kind {
        Kind::Status { status, reason, retry_after_s, body } => {
            let reason = reason.as_deref();
            let body = body.clone().unwrap_or_else(|| error_body(path, *status, reason));
            Some(refusal(*status, &body, *retry_after_s))
        }
        Kind::Redirect { to } => Some(Redirect::temporary(to).into_response()),
        Kind::ExpireSync => Some(refusal(410, &error_body(path, 410, None), None)),
        Kind::Cut => Some(hang_up(StatusCode::BAD_GATEWAY.into_response())),
        Kind::Delay { delay_ms } => {
            sleep(Duration::from_millis(*delay_ms)).await;
            None
        }
        Kind::Hold { at: Moment::Before } => {
            world.faults.hold(hit).await;
            None
        }
        Kind::RevokeGrant => {
            if let Some(token) = bearer(headers) {
                world.identity().revoke_token(token);
            }
            None
        }
        _ => None,
    }
}

/// What the fault does to the answer of a request that was handled.
async fn after(world: &World, hit: &Hit, response: Response) -> Response {
    match hit.kind {
        Kind::LoseAnswer => hang_up(response),
        Kind::Hold { at: Moment::After } => {
            world.faults.hold(hit).await;
            response
        }
        Kind::Truncate => with_body(response, |bytes| bytes.slice(..bytes.len() / 2)).await,
        Kind::BreakItem { index } => with_body(response, |bytes| break_item(&bytes, index)).await,
        Kind::Jumble => with_body(response, |bytes| jumbled(&bytes)).await,
        _ => response,
    }
}

fn error_body(path: &str, status: u16, reason: Option<&str>) -> Value {
    match path.split('/').nth(1) {
        // Token endpoints speak OAuth (RFC 6749, 5.2), whoever runs them.
        Some("google-token" | "login") => {
            let default = if status >= 500 { "temporarily_unavailable" } else { "invalid_grant" };
            serde_json::json!({"error": reason.unwrap_or(default), "error_description": "An armed fault."})
        }
        Some("graph") => microsoft::error_body(status, reason),
        Some("caldav") => serde_json::json!(reason.unwrap_or_default()),
        _ => google::error_body(status, reason),
    }
}

fn refusal(status: u16, body: &Value, retry_after_s: Option<u32>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match body.as_str() {
        Some(text) => (status, text.to_owned()).into_response(),
        None => (status, axum::Json(body)).into_response(),
    };
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn hang_up(mut response: Response) -> Response {
    response.extensions_mut().insert(HangUp);
    response
}

async fn taken_apart(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    (parts, to_bytes(body, BODY_MAX_BYTES).await.unwrap_or_default())
}

async fn with_body(response: Response, change: impl FnOnce(Bytes) -> Bytes) -> Response {
    let (mut parts, bytes) = taken_apart(response).await;
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(change(bytes)))
}

/// Makes one item of a list (`items` at Google, `value` at Microsoft, an event's text at CalDAV) unreadable as an event.
fn break_item(bytes: &Bytes, index: usize) -> Bytes {
    let Ok(mut answer) = serde_json::from_slice::<Value>(bytes) else {
        return crate::caldav::break_item(bytes, index);
    };
    for list in ["items", "value"] {
        if let Some(item) =
            answer.get_mut(list).and_then(|list| list.get_mut(index)).and_then(Value::as_object_mut)
        {
            item.insert(
                "start".to_owned(),
                serde_json::json!({"dateTime": "half past never", "timeZone": 7}),
            );
        }
    }
    Bytes::from(answer.to_string())
}

/// The same list in another order, and each item said again: no provider promises otherwise.
fn jumbled(bytes: &Bytes) -> Bytes {
    let Ok(mut answer) = serde_json::from_slice::<Value>(bytes) else { return bytes.clone() };
    for list in ["items", "value"] {
        if let Some(items) = answer.get_mut(list).and_then(Value::as_array_mut) {
            *items = items.iter().rev().flat_map(|item| [item.clone(), item.clone()]).collect();
        }
    }
    Bytes::from(answer.to_string())
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn user(world: &World, provider: Option<Provider>, headers: &HeaderMap) -> Option<String> {
    let access = world.identity().access(provider?, bearer(headers)?, world.now()).ok()?;
    Some(access.email)
}
