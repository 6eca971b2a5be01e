//! One request to Graph and its answer, apart from how they travel: alone or inside a batch.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::error::GraphError;
use super::prefer::Preferences;
use super::query::Query;
use super::quirks::Quirks;

pub struct Call<'a> {
    pub method: &'a str,
    pub path: Path,
    pub query: Query,
    pub prefer: Preferences,
    pub if_match: Option<String>,
    pub body: Option<Value>,
    /// The address of Graph's version as the caller spelled it, for links.
    pub base: &'a str,
    pub scopes: &'a BTreeSet<String>,
    pub now: DateTime<Utc>,
    pub quirks: Quirks,
}

#[derive(Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub body: Option<Value>,
    pub headers: Vec<(String, String)>,
    /// It changed the mailbox.
    pub wrote: bool,
}

impl Reply {
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body), ..Self::default() }
    }

    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub fn wrote(self) -> Self {
        Self { wrote: true, ..self }
    }

    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl Call<'_> {
    pub fn draft(&self) -> Result<super::draft::Draft, GraphError> {
        let body =
            self.body.as_ref().ok_or_else(|| GraphError::bad_body("The request needs a JSON body."))?;
        Ok(super::draft::Draft::parse(body)?.by_a_client())
    }

    /// The address that was asked, for the link to the next page.
    pub fn address(&self) -> String {
        format!("{}/{}", self.base, self.path.raw)
    }
}

/// The address below the version, cut into segments; keywords in lower case, ids as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub segments: Vec<String>,
    raw: String,
}

const KEYWORDS: [&str; 10] = [
    "me",
    "users",
    "calendar",
    "calendars",
    "calendarview",
    "events",
    "instances",
    "delta",
    "extensions",
    "$batch",
];

impl Path {
    /// `calendars('id')` and `calendars/id` name the same; so do `delta`, `delta()` and
    /// `microsoft.graph.delta()`.
    pub fn parse(raw: &str) -> Self {
        let raw = raw.trim_matches('/');
        let mut segments = Vec::new();
        for segment in raw.split('/') {
            let segment = decoded(segment);
            match segment.split_once("('").and_then(|(name, rest)| Some((name, rest.strip_suffix("')")?))) {
                Some((name, id)) => segments.extend([keyword(name), id.to_owned()]),
                None => segments.push(keyword(&segment)),
            }
        }
        Self { segments, raw: raw.to_owned() }
    }
}

fn keyword(segment: &str) -> String {
    let bare = segment.trim_end_matches("()");
    let lower = bare.to_ascii_lowercase();
    let name = lower.strip_prefix("microsoft.graph.").unwrap_or(&lower);
    if KEYWORDS.contains(&name) { name.to_owned() } else { segment.to_owned() }
}

fn decoded(segment: &str) -> String {
    // A plus sign in a path is a plus sign.
    let form = format!("x={}", segment.replace('+', "%2B"));
    url::form_urlencoded::parse(form.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_path_reads_the_same() {
        let expected = ["me", "calendars", "AbC=", "calendarview", "delta"];
        for raw in [
            "me/calendars/AbC=/calendarView/delta",
            "me/calendars/AbC%3D/calendarview/delta()",
            "/me/calendars('AbC=')/calendarView/microsoft.graph.delta()",
            "me/calendars(%27AbC%3D%27)/calendarView/microsoft.graph.delta",
        ] {
            assert_eq!(Path::parse(raw).segments, expected, "{raw}");
        }
    }
}
