//! Query parameters as Google reads them: strictly typed, repeatable, 400 when one cannot be read.

use std::str::FromStr;

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::problem::Problem;

/// All pairs of the query, in order.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Query {
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    pub fn flag(&self, name: &'static str) -> Result<Option<bool>, Problem> {
        self.read(name, "boolean")
    }

    pub fn is_set(&self, name: &'static str) -> Result<bool, Problem> {
        Ok(self.flag(name)?.unwrap_or(false))
    }

    pub fn number(&self, name: &'static str) -> Result<Option<u32>, Problem> {
        self.read(name, "integer")
    }

    /// An instant with an offset, which Google demands.
    pub fn instant(&self, name: &'static str) -> Result<Option<DateTime<Utc>>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let instant = DateTime::parse_from_rfc3339(text).map_err(|_| Problem::bad_request())?;
        Ok(Some(instant.to_utc()))
    }

    pub fn zone(&self) -> Result<Option<Tz>, Problem> {
        let Some(text) = self.text("timeZone") else { return Ok(None) };
        let zone = text.parse().map_err(|_| Problem::invalid_parameter("timeZone", "Invalid time zone."))?;
        Ok(Some(zone))
    }

    /// A page size: at least 1, silently no more than `most`.
    pub fn page_size(&self, default: usize, most: usize) -> Result<usize, Problem> {
        match self.number("maxResults")? {
            None => Ok(default),
            Some(0) => Err(Problem::invalid_parameter("maxResults", "Invalid value for: maxResults")),
            Some(size) => Ok(usize::try_from(size).unwrap_or(most).min(most)),
        }
    }

    /// A short hash of some parameters: tokens hold only for the query they were given out for.
    pub fn fingerprint(&self, counts: impl Fn(&str) -> bool) -> String {
        let mut pairs: Vec<_> = self.0.iter().filter(|(name, _)| counts(name)).collect();
        pairs.sort();
        let text = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        data_encoding::BASE64URL_NOPAD.encode(&Sha256::digest(text.as_bytes())).chars().take(12).collect()
    }

    fn read<T: FromStr>(&self, name: &'static str, kind: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let wrong = |_| Problem::invalid_parameter(name, format!("Invalid {kind} value: '{text}'."));
        text.parse().map(Some).map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_offset_is_refused() {
        assert!(Query::parse("timeMin=2026-03-02T09:00:00").instant("timeMin").is_err());
        assert!(Query::parse("timeMin=2026-03-02T09:00:00-05:00").instant("timeMin").unwrap().is_some());
    }

    #[test]
    fn a_page_size_is_cut_to_the_most_and_never_zero() {
        assert_eq!(Query::parse("maxResults=9000").page_size(250, 2_500).unwrap(), 2_500);
        assert!(Query::parse("maxResults=0").page_size(250, 2_500).is_err());
    }

    #[test]
    fn the_fingerprint_ignores_order_and_tokens() {
        let one = Query::parse("a=1&b=2&pageToken=x").fingerprint(|name| name != "pageToken");
        assert_eq!(one, Query::parse("b=2&a=1").fingerprint(|name| name != "pageToken"));
        assert_ne!(one, Query::parse("a=1").fingerprint(|name| name != "pageToken"));
    }
}
