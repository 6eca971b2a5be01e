//! Every request the providers saw, in order, without the secrets in it.

use std::{collections::BTreeMap, sync::Mutex};

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::{identity::Provider, sync::lock};

/// A handler puts this among its response's extensions when it changed state.
#[derive(Clone, Copy, Debug)]
pub struct Wrote;

const KEPT_HEADERS: [&str; 11] = [
    "if-match",
    "if-none-match",
    "prefer",
    "preference-applied",
    "content-type",
    "user-agent",
    "retry-after",
    "etag",
    "client-request-id",
    "x-goog-api-client",
    "location",
];
const SECRET_FIELDS: [&str; 8] = [
    "access_token",
    "refresh_token",
    "id_token",
    "code",
    "code_verifier",
    "client_secret",
    "token",
    "assertion",
];
const HIDDEN: &str = "(hidden)";

#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub seq: u64,
    pub at: DateTime<Utc>,
    pub provider: Option<Provider>,
    /// Whose access token it carried, if a live one.
    pub user: Option<String>,
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: BTreeMap<String, String>,
    pub body: Option<Value>,
    /// `None` while it is handled, and for ever when the client went away meanwhile.
    pub status: Option<u16>,
    pub answer_headers: BTreeMap<String, String>,
    /// Kept only when the sandbox was configured to.
    pub answer: Option<Value>,
    pub duration_ms: u64,
    /// It changed the provider's state, whether or not the client got the answer.
    pub wrote: bool,
    /// The armed fault it met.
    pub fault: Option<u64>,
    /// The connection ended without an answer.
    pub cut: bool,
}

/// What is known when a request comes in.
pub struct Opening {
    pub at: DateTime<Utc>,
    pub provider: Option<Provider>,
    pub user: Option<String>,
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: BTreeMap<String, String>,
    pub body: Option<Value>,
}

/// What is known when its answer goes out.
pub struct Closing {
    pub status: Option<u16>,
    pub headers: BTreeMap<String, String>,
    pub answer: Option<Value>,
    pub duration_ms: u64,
}

/// A user's requests under way: now, and at most so far.
#[derive(Clone, Copy, Debug, Default)]
struct UnderWay {
    now: usize,
    peak: usize,
}

#[derive(Default)]
struct Entries {
    last_seq: u64,
    list: Vec<Entry>,
    /// How many at the beginning of the list were cleared.
    cleared: usize,
}

pub struct Ledger {
    entries: Mutex<Entries>,
    under_way: Mutex<BTreeMap<String, UnderWay>>,
    pub keeps_answers: bool,
}

impl Ledger {
    pub fn new(keeps_answers: bool) -> Self {
        Self { entries: Mutex::default(), under_way: Mutex::default(), keeps_answers }
    }

    /// Since it was cleared.
    pub fn all(&self) -> Vec<Entry> {
        let entries = lock(&self.entries);
        entries.list.iter().skip(entries.cleared).cloned().collect()
    }

    /// Since the world began.
    pub fn whole(&self) -> Vec<Entry> {
        lock(&self.entries).list.clone()
    }

    pub fn clear(&self) {
        let mut entries = lock(&self.entries);
        // Only where answers are kept will somebody ask for the whole of it.
        if !self.keeps_answers {
            entries.list.clear();
        }
        entries.cleared = entries.list.len();
    }

    /// The most requests of a user that were under way at one time.
    pub fn peak(&self, user: &str) -> usize {
        lock(&self.under_way).get(user).map_or(0, |under_way| under_way.peak)
    }

    fn count(&self, user: Option<&str>, begins: bool) {
        let Some(user) = user else { return };
        let mut all = lock(&self.under_way);
        let under_way = all.entry(user.to_owned()).or_default();
        under_way.now = if begins { under_way.now + 1 } else { under_way.now.saturating_sub(1) };
        under_way.peak = under_way.peak.max(under_way.now);
    }

    pub fn open(&self, opening: Opening) -> u64 {
        let Opening { at, provider, user, method, path, query, headers, body } = opening;
        self.count(user.as_deref(), true);
        let mut entries = lock(&self.entries);
        entries.last_seq += 1;
        let seq = entries.last_seq;
        let entry = Entry {
            seq,
            at,
            provider,
            user,
            method,
            path,
            query: hide_in_form(&query),
            headers,
            body,
            status: None,
            answer_headers: BTreeMap::new(),
            answer: None,
            duration_ms: 0,
            wrote: false,
            fault: None,
            cut: false,
        };
        entries.list.push(entry);
        seq
    }

    /// Notes what happened on the way, before the answer is out.
    pub fn note(&self, seq: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = lock(&self.entries).list.iter_mut().find(|entry| entry.seq == seq) {
            change(entry);
        }
    }

    pub fn close(&self, seq: u64, closing: Closing) {
        let mut user = None;
        self.note(seq, |entry| {
            user.clone_from(&entry.user);
            entry.cut = closing.status.is_none();
            entry.status = closing.status;
            entry.answer_headers = closing.headers;
            entry.answer = closing.answer;
            entry.duration_ms = closing.duration_ms;
        });
        self.count(user.as_deref(), false);
    }
}

/// The headers worth keeping; never `Authorization`.
pub fn kept_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    KEPT_HEADERS
        .iter()
        .filter_map(|name| {
            let values: Vec<&str> =
                headers.get_all(*name).iter().filter_map(|value| value.to_str().ok()).collect();
            (!values.is_empty()).then(|| ((*name).to_owned(), hide_in_address(name, values.join(", "))))
        })
        .collect()
}

/// A body as JSON, a form or anything else as its text; secrets hidden. `None` for an empty one.
pub fn body_value(bytes: &[u8], content_type: &str) -> Option<Value> {
    if bytes.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return Some(Value::String(hide_in_form(&text)));
    }
    match serde_json::from_str(&text) {
        Ok(value) => Some(hide_in_json(value)),
        Err(_) => Some(Value::String(text)),
    }
}

fn hide_in_address(name: &str, value: String) -> String {
    match (name, value.split_once('?')) {
        ("location", Some((before, query))) => format!("{before}?{}", hide_in_form(query)),
        _ => value,
    }
}

fn hide_in_form(text: &str) -> String {
    let hide = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if SECRET_FIELDS.contains(&name) => format!("{name}={HIDDEN}"),
        _ => pair.to_owned(),
    };
    text.split('&').map(hide).collect::<Vec<_>>().join("&")
}

/// Only the top level is looked at: token endpoints answer flat, and an event may have a field named `code`.
fn hide_in_json(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        for (name, field) in fields.iter_mut() {
            if SECRET_FIELDS.contains(&name.as_str()) && field.is_string() {
                *field = Value::String(HIDDEN.to_owned());
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_a_token_request_is_kept() {
        let form = b"grant_type=refresh_token&refresh_token=1%2F%2Fabc&client_secret=s";
        let kept = body_value(form, "application/x-www-form-urlencoded").unwrap();
        assert_eq!(kept, "grant_type=refresh_token&refresh_token=(hidden)&client_secret=(hidden)");
        let answer =
            body_value(br#"{"access_token":"ya29.x","expires_in":3599}"#, "application/json").unwrap();
        assert_eq!(answer, serde_json::json!({"access_token": "(hidden)", "expires_in": 3599}));
    }

    #[test]
    fn the_authorization_header_is_never_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer x".parse().unwrap());
        headers.insert("if-match", "\"1\"".parse().unwrap());
        headers.insert("location", "http://127.0.0.1/?state=a&code=b".parse().unwrap());
        let kept = kept_headers(&headers);
        assert_eq!(kept.len(), 2);
        assert_eq!(kept["location"], "http://127.0.0.1/?state=a&code=(hidden)");
    }
}
