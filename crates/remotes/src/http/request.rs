//! A request, and to whom it may go readably.

use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::Serialize;

use super::invalid;
use crate::error::RemoteError;

/// No provider page comes near this; an endless body must not fill the memory.
const LARGEST_BODY_BYTES: usize = 64 * 1024 * 1024;

/// A request that can be sent more than once.
#[derive(Clone, Debug)]
pub struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
    pub(super) repeatable: bool,
    limit: Option<Duration>,
    pub(super) largest_bytes: usize,
}

impl Request {
    /// Reading and deleting may be repeated after an unknown outcome; other calls must say so.
    pub fn new(method: Method, url: Url) -> Self {
        let repeatable = matches!(method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE);
        let headers = HeaderMap::new();
        let largest_bytes = LARGEST_BODY_BYTES;
        Request { method, url, headers, body: None, repeatable, limit: None, largest_bytes }
    }

    pub fn get(url: Url) -> Self {
        Request::new(Method::GET, url)
    }

    /// Sending it twice has the effect of sending it once.
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Allows more time than usual, for a long poll.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Takes an answer of so many bytes at most.
    pub fn largest(mut self, bytes: usize) -> Self {
        self.largest_bytes = bytes;
        self
    }

    /// Sets a header. A value that cannot be one (a line break in an etag) is refused, not cut.
    pub fn header(mut self, name: HeaderName, value: &str) -> Result<Self, RemoteError> {
        let value = HeaderValue::from_str(value)
            .map_err(|_| invalid("the request", format!("{name} cannot carry this value")))?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Adds a value beside those that the header has already.
    pub fn also(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    pub fn bearer(self, token: &str) -> Result<Self, RemoteError> {
        let mut request = self.header(reqwest::header::AUTHORIZATION, &format!("Bearer {token}"))?;
        if let Some(value) = request.headers.get_mut(reqwest::header::AUTHORIZATION) {
            value.set_sensitive(true);
        }
        Ok(request)
    }

    /// A name and a password (RFC 7617); readable to whoever sees the request, so never beyond its server.
    pub fn basic(self, username: &str, password: &str) -> Result<Self, RemoteError> {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"));
        let mut request = self.header(reqwest::header::AUTHORIZATION, &format!("Basic {pair}"))?;
        if let Some(value) = request.headers.get_mut(reqwest::header::AUTHORIZATION) {
            value.set_sensitive(true);
        }
        Ok(request)
    }

    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(reqwest::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = Some(body.into());
        self
    }

    pub fn json(self, value: &impl Serialize) -> Result<Self, RemoteError> {
        let body = serde_json::to_vec(value).map_err(|why| invalid("the request", why.to_string()))?;
        Ok(self.body("application/json", body))
    }

    pub(super) fn writes(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "PROPFIND" | "REPORT")
    }

    /// The call that sends it once.
    pub(super) fn on(&self, client: &reqwest::Client) -> reqwest::RequestBuilder {
        let mut call = client.request(self.method.clone(), self.url.clone()).headers(self.headers.clone());
        if let Some(body) = &self.body {
            call = call.body(body.clone());
        }
        if let Some(limit) = self.limit {
            call = call.timeout(limit);
        }
        call
    }

    pub fn url(&self) -> &Url {
        &self.url
    }
}

/// Plain http carries tokens readably; only a service on this machine may be spoken to so.
pub fn guard_scheme(service: &'static str, url: &Url) -> Result<(), RemoteError> {
    if url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(url)) {
        return Ok(());
    }
    Err(invalid(service, "its address must begin with https:// (http:// only on this machine)".into()))
}

pub fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
