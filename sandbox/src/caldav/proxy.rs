//! In front of a real CalDAV server: its answers as they are, with the sandbox's faults and ledger around them.

use std::net::SocketAddr;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use regex::Regex;

use crate::ledger::Wrote;

const BODY_MAX_BYTES: usize = 64 << 20;
/// Radicale goes by these to the path that it is mounted under; Xandikos is told at its start.
const MOUNT: [(&str, &str); 2] = [("x-forwarded-for", "127.0.0.1"), ("x-script-name", "/caldav")];

pub struct Proxy {
    upstream: SocketAddr,
    client: Client<HttpConnector, Body>,
}

impl Proxy {
    pub fn new(upstream: SocketAddr) -> Self {
        Self { upstream, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// `forget`: the sync token in the request becomes one that the server has never given.
    pub async fn pass(&self, request: Request, forget: bool) -> Response {
        let (mut parts, body) = request.into_parts();
        let Ok(mut bytes) = to_bytes(body, BODY_MAX_BYTES).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        if forget {
            bytes = unknown_token(&String::from_utf8_lossy(&bytes)).into();
        }
        let address = parts.uri.path_and_query().map_or("/", |it| it.as_str());
        let Ok(uri) = format!("http://{}{address}", self.upstream).parse() else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        parts.uri = uri;
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.extend(
            MOUNT.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))),
        );
        let reads = is_reading(&parts.method);
        match self.client.request(Request::from_parts(parts, Body::from(bytes))).await {
            Ok(answer) => {
                let mut answer = answer.map(Body::new).into_response();
                // How the server framed its answer is between it and the proxy.
                [header::TRANSFER_ENCODING, header::CONTENT_LENGTH, header::CONNECTION]
                    .iter()
                    .for_each(|name| drop(answer.headers_mut().remove(name)));
                if !reads && answer.status().is_success() {
                    answer.extensions_mut().insert(Wrote);
                }
                answer
            }
            Err(error) => {
                tracing::warn!(%error, "the server behind the proxy does not answer");
                StatusCode::BAD_GATEWAY.into_response()
            }
        }
    }
}

fn is_reading(method: &Method) -> bool {
    matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "PROPFIND" | "REPORT")
}

/// Another last digit: the form stays, the token is none that was given.
fn unknown_token(body: &str) -> String {
    let Ok(token) = Regex::new(r"(<[^<>/]*sync-token>[^<]+)([0-9a-f])(</)") else { return body.to_owned() };
    let other = |found: &regex::Captures<'_>| {
        let part = |which| found.get(which).map_or("", |it| it.as_str());
        let digit = if part(2) == "0" { "1" } else { "0" };
        format!("{}{digit}{}", part(1), part(3))
    };
    token.replace(body, other).into_owned()
}
