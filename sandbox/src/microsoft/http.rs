//! Graph over HTTP: whose request it is, whether it may run now, and what goes out around the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Microsoft;
use super::batch;
use super::call::{Call, Path, Reply};
use super::error::GraphError;
use super::prefer::Preferences;
use super::query::Query;
use super::throttle::Permit;
use crate::bearer::bearer;
use crate::identity::{Access, Provider, Refusal};
use crate::ledger::Wrote;

const VERSION: &str = "/graph/v1.0";
const BODY_MAX_BYTES: usize = 4 << 20;

/// Rides on the answer, so that a request counts as running until its answer is out.
#[derive(Clone)]
struct Running {
    _permit: Arc<Permit>,
}

/// A request as it is known before anything of it was understood.
pub struct Raw<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: Option<Value>,
    pub base: &'a str,
}

pub async fn serve(State(microsoft): State<Arc<Microsoft>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let request_id = microsoft.request_id();
    let date = microsoft.world.now().format("%Y-%m-%dT%H:%M:%S").to_string();
    let outcome = match axum::body::to_bytes(body, BODY_MAX_BYTES).await {
        Ok(bytes) => handle(&microsoft, &parts, &bytes).await,
        Err(_) => Err(GraphError::new(413, "RequestEntityTooLarge", "The request is too large.")),
    };
    let (reply, permit) = outcome.unwrap_or_else(|error| (refused(&error, &request_id, &date), None));
    written(reply, permit, &request_id)
}

async fn handle(
    microsoft: &Microsoft,
    parts: &axum::http::request::Parts,
    bytes: &Bytes,
) -> Result<(Reply, Option<Permit>), GraphError> {
    let access = authorize(microsoft, &parts.headers)?;
    let quirks = microsoft.quirks();
    let permit =
        microsoft.throttle.enter(&access.client_id, &access.email, microsoft.world.now(), &quirks)?;
    if quirks.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(quirks.latency_ms)).await;
    }
    let path = parts.uri.path();
    let rest =
        path.strip_prefix(VERSION).ok_or_else(|| GraphError::new(400, "BadRequest", "Invalid version."))?;
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let base = format!("http://{host}{VERSION}");
    let raw = Raw {
        method: parts.method.as_str(),
        path: rest,
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body: parse_body(bytes)?,
        base: &base,
    };
    let reply = if rest.eq_ignore_ascii_case("/$batch") {
        batch::answer(microsoft, &access, &raw)?
    } else {
        one(microsoft, &access, raw)?
    };
    Ok((reply, Some(permit)))
}

fn parse_body(bytes: &Bytes) -> Result<Option<Value>, GraphError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let parsed = serde_json::from_slice(bytes);
    parsed.map(Some).map_err(|_| GraphError::new(400, "BadRequest", "Unable to read JSON request payload."))
}

/// Answers one request that is entitled and admitted.
pub fn one(microsoft: &Microsoft, access: &Access, raw: Raw<'_>) -> Result<Reply, GraphError> {
    let prefer = Preferences::parse(
        raw.headers.get_all("prefer").iter().filter_map(|value: &HeaderValue| value.to_str().ok()),
    )?;
    let if_match = raw.headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let call = Call {
        method: raw.method,
        path: Path::parse(raw.path),
        query: Query::parse(raw.query),
        prefer,
        if_match: if_match.map(str::to_owned),
        body: raw.body,
        base: raw.base,
        scopes: &access.scopes,
        now: microsoft.world.now(),
        quirks: microsoft.quirks(),
    };
    let reply = microsoft.answer(&access.email, &call)?;
    Ok(match call.prefer.applied() {
        Some(applied) => reply.with_header("Preference-Applied", applied),
        None => reply,
    })
}

fn authorize(microsoft: &Microsoft, headers: &HeaderMap) -> Result<Access, GraphError> {
    let unauthorized = |message: &str| {
        GraphError::new(401, "InvalidAuthenticationToken", message)
            .with_header("WWW-Authenticate", "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"")
    };
    let token = bearer(headers).unwrap_or_default();
    if token.is_empty() {
        return Err(unauthorized("Access token is empty."));
    }
    let world = &microsoft.world;
    world.identity().access(Provider::Microsoft, token, world.now()).map_err(|refusal| match refusal {
        Refusal::AccessExpired => unauthorized("Lifetime validation failed, the token is expired."),
        _ => unauthorized("Access token validation failure. Invalid audience."),
    })
}

pub fn refused(error: &GraphError, request_id: &str, date: &str) -> Reply {
    Reply {
        status: error.status,
        body: Some(error.body(request_id, date)),
        headers: error.headers.clone(),
        wrote: false,
    }
}

fn written(reply: Reply, permit: Option<Permit>, request_id: &str) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match reply.body {
        Some(body) => (status, axum::Json(body)).into_response(),
        None => (status, Body::empty()).into_response(),
    };
    let own = [
        ("request-id".to_owned(), request_id.to_owned()),
        ("client-request-id".to_owned(), request_id.to_owned()),
    ];
    for (name, value) in reply.headers.into_iter().chain(own) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    if reply.wrote {
        response.extensions_mut().insert(Wrote);
    }
    if let Some(permit) = permit {
        response.extensions_mut().insert(Running { _permit: Arc::new(permit) });
    }
    response
}

/// The body that an armed fault sends with this status.
pub fn error_body(status: u16, reason: Option<&str>) -> Value {
    let (code, message) = match status {
        401 => ("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
        403 => ("ErrorAccessDenied", "Access is denied. Check credentials and try again."),
        404 => ("ErrorItemNotFound", "The specified object was not found in the store."),
        410 => ("SyncStateNotFound", "The sync state generation is not found; generation=1;[highest=9]."),
        412 => (
            "ErrorIrresolvableConflict",
            "The change key passed in the request does not match the current one.",
        ),
        429 => ("ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
        503 => ("ErrorServerBusy", "The server is busy. Please try again later."),
        504 => ("GatewayTimeout", "The server did not answer in time."),
        _ => ("generalException", "An unspecified error has occurred."),
    };
    let error = GraphError::new(status, reason.unwrap_or(code), message);
    let mut body = error.body("00000000-0000-4000-8000-000000000000", "2000-01-01T00:00:00");
    if let Some(inner) = body.pointer_mut("/error/innerError") {
        *inner = json!({"request-id": "00000000-0000-4000-8000-000000000000"});
    }
    body
}
