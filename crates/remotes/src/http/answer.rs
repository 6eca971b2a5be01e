//! An answer, and what it means for asking again.

use std::time::Duration;

use bytes::Bytes;
use chrono::DateTime;
use daymark_core::time::Instant;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::error::RemoteError;

/// An answer with its whole body.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; the error says where it departs from the form.
    pub fn json<T: serde::de::DeserializeOwned>(&self, service: &'static str) -> Result<T, RemoteError> {
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| RemoteError::Malformed {
            service,
            at: error.path().to_string(),
            why: unquoted(&error.into_inner().to_string()),
        })
    }

    /// `Retry-After`, in either of its forms (RFC 9110 §10.2.3).
    pub fn retry_after(&self, now: Instant) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let moment = DateTime::parse_from_rfc2822(text).ok()?;
        Some((moment.to_utc() - now).to_std().unwrap_or_default())
    }
}

/// What serde says without the text that it quotes: that can be a title or a token, and errors are
/// logged.
pub fn unquoted(why: &str) -> String {
    match (why.split_once('"'), why.rsplit_once('"')) {
        (Some((before, _)), Some((_, after))) => format!("{before}…{after}"),
        _ => why.to_owned(),
    }
}

/// What an answer means for sending the same request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The service did its work; what it says is the caller's matter.
    Final,
    /// Not carried out, for being asked too often.
    Throttled,
    /// Not carried out: a limit that comes back only after hours is used up. The caller reads which.
    UsedUp,
    /// A passing fault; the request may have been carried out.
    Fault,
}

/// What every service has in common: 429 and 5xx.
pub fn usual_class(answer: &Answer) -> Class {
    match answer.status.as_u16() {
        429 => Class::Throttled,
        // With the header it is an overload that was refused, without it nobody knows.
        503 | 504 if answer.headers.contains_key(RETRY_AFTER) => Class::Throttled,
        500..=599 => Class::Fault,
        _ => Class::Final,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_may_be_a_date() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "Mon, 02 Mar 2026 09:00:30 GMT".parse().unwrap())]);
        let answer = Answer { status: StatusCode::OK, headers, body: Bytes::new() };
        let now = "2026-03-02T09:00:00Z".parse().unwrap();
        assert_eq!(answer.retry_after(now), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_wrong_answer_is_named_by_its_place() {
        let answer = Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: r#"{"a":[1,"secret"]}"#.into(),
        };
        let wrong = answer.json::<std::collections::BTreeMap<String, Vec<u8>>>("Testing").unwrap_err();
        let RemoteError::Malformed { at, why, .. } = wrong else { panic!() };
        assert_eq!((at.as_str(), why.contains("secret")), ("a[1]", false));
    }
}
