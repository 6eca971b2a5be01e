//! JSON batching: up to twenty requests in one, each with its own answer, some of them throttled.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::Microsoft;
use super::call::Reply;
use super::error::GraphError;
use super::http::{self, Raw};
use crate::faults::Kind;
use crate::identity::{Access, Provider};

const REQUESTS_MAX: usize = 20;

pub fn answer(microsoft: &Microsoft, access: &Access, raw: &Raw<'_>) -> Result<Reply, GraphError> {
    let requests = raw.body.as_ref().and_then(|body| body.get("requests")).and_then(Value::as_array);
    let requests = requests.ok_or_else(|| invalid("The batch needs a list of requests."))?;
    if requests.is_empty() || requests.len() > REQUESTS_MAX {
        return Err(invalid(&format!("A batch holds 1 to {REQUESTS_MAX} requests.")));
    }
    let mut statuses: BTreeMap<String, u16> = BTreeMap::new();
    let mut wrote = false;
    let mut answers = Vec::new();
    for request in requests {
        let id = text(request, "id").filter(|id| !statuses.contains_key(*id));
        let id = id.ok_or_else(|| invalid("Every request of a batch needs an id of its own."))?;
        let reply = inner(microsoft, access, raw, request, &statuses);
        statuses.insert(id.to_owned(), reply.status);
        wrote |= reply.wrote;
        answers.push(shown(id, reply));
    }
    // Answers come in whatever order they were ready.
    answers.reverse();
    Ok(Reply { wrote, ..Reply::ok(json!({"responses": answers})) })
}

fn inner(
    microsoft: &Microsoft,
    access: &Access,
    raw: &Raw<'_>,
    request: &Value,
    statuses: &BTreeMap<String, u16>,
) -> Reply {
    let needs =
        request.get("dependsOn").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let outcome =
        match needs.map(|id| statuses.get(id)).find(|status| status.is_none_or(|status| *status >= 400)) {
            Some(_) => {
                Err(GraphError::new(424, "FailedDependency", "A request that this one depends on failed."))
            }
            None => run(microsoft, access, raw, request),
        };
    outcome.unwrap_or_else(|error| {
        let date = microsoft.world.now().format("%Y-%m-%dT%H:%M:%S").to_string();
        http::refused(&error, &microsoft.request_id(), &date)
    })
}

fn run(microsoft: &Microsoft, access: &Access, raw: &Raw<'_>, request: &Value) -> Result<Reply, GraphError> {
    let method = text(request, "method").unwrap_or("GET").to_ascii_uppercase();
    let url = text(request, "url").ok_or_else(|| invalid("Every request of a batch needs a url."))?;
    let relative = format!("/{}", url.trim_start_matches('/'));
    throttled(microsoft, &method, &relative)?;
    let (path, query) = relative.split_once('?').unwrap_or((&relative, ""));
    let given = request.get("headers").and_then(Value::as_object);
    let headers = headers(given);
    let body = request.get("body").cloned();
    http::one(
        microsoft,
        access,
        Raw { method: &method, path, query, headers: &headers, body, base: raw.base },
    )
}

/// An armed fault meets a request inside a batch by the address it would have alone.
fn throttled(microsoft: &Microsoft, method: &str, relative: &str) -> Result<(), GraphError> {
    let address = format!("/graph/v1.0{relative}");
    let hit = microsoft.world.faults.meet(Some(Provider::Microsoft), method, &address);
    let Some(Kind::Status { status, reason, retry_after_s, .. }) = hit.map(|hit| hit.kind) else {
        return Ok(());
    };
    let body = http::error_body(status, reason.as_deref());
    let word = |pointer| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let error = GraphError::new(status, word("/error/code"), word("/error/message"));
    Err(match retry_after_s {
        Some(seconds) => error.with_header("Retry-After", seconds.to_string()),
        None => error,
    })
}

fn shown(id: &str, reply: Reply) -> Value {
    let mut headers: Map<String, Value> =
        reply.headers.into_iter().map(|(name, value)| (name, json!(value))).collect();
    if reply.body.is_none() {
        return json!({"id": id, "status": reply.status, "headers": headers});
    }
    headers.insert("Content-Type".into(), json!("application/json"));
    json!({"id": id, "status": reply.status, "headers": headers, "body": reply.body})
}

fn headers(given: Option<&Map<String, Value>>) -> HeaderMap {
    let pairs = given.into_iter().flatten().filter_map(|(name, value)| {
        Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value.as_str()?).ok()?))
    });
    pairs.collect()
}

fn text<'a>(request: &'a Value, name: &str) -> Option<&'a str> {
    request.get(name).and_then(Value::as_str)
}

fn invalid(message: &str) -> GraphError {
    GraphError::new(400, "BadRequest", message)
}
