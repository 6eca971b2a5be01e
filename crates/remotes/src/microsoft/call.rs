//! One call to Graph: the address, the headers that every call carries, and what a refusal means.

use reqwest::header::{HeaderName, HeaderValue, IF_MATCH};
use reqwest::{Method, Url};
use serde_json::Value;

use super::{NAME, wire};
use crate::capabilities::MICROSOFT;
use crate::error::RemoteError;
use crate::http::{Answer, Request};
use crate::oauth::SignedIn;
use crate::settings::join;

/// More pages than this of one list are a loop, not a list.
const MOST_PAGES: usize = 1000;

/// The address that Graph itself writes into links; behind a proxy it differs from the configured one.
const PUBLISHED: &str = "https://graph.microsoft.com/v1.0/";

/// A mailbox that has been signed in to.
pub(super) struct Mailbox {
    pub base: Url,
    pub account: SignedIn,
}

impl Mailbox {
    /// An address below the configured one. The query is given as it shall be sent, but for spaces.
    pub fn url(&self, segments: &[&str], query: Option<&str>) -> Url {
        let mut url = join(&self.base, segments.iter().copied());
        url.set_query(query);
        url
    }

    /// The address that a link of an answer leads to. A token is sent only where it was configured
    /// to go, so a link elsewhere is an error.
    pub fn follow(&self, link: &str) -> Result<Url, RemoteError> {
        let base = self.base.as_str().trim_end_matches('/');
        let below = |known: &str| {
            let rest = link.strip_prefix(known)?;
            rest.starts_with(['/', '?']).then_some(rest)
        };
        let rest = below(base).or_else(|| below(PUBLISHED.trim_end_matches('/')));
        let url = rest.and_then(|rest| format!("{base}{rest}").parse::<Url>().ok());
        // `..` in a path, or anything else that parsing tidies away, must not lead out either.
        url.filter(|url| below_path(&self.base, url)).ok_or_else(|| RemoteError::Malformed {
            service: NAME,
            at: "@odata.nextLink".to_owned(),
            why: "the link leads away from the configured address".to_owned(),
        })
    }

    pub async fn get(&self, url: Url) -> Result<Answer, RemoteError> {
        self.send(Request::get(url)).await
    }

    /// `None` when it does not exist.
    pub async fn find(&self, url: Url) -> Result<Option<Answer>, RemoteError> {
        match self.get(url).await {
            Ok(answer) => Ok(Some(answer)),
            Err(RemoteError::NotFound) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Every entry of a paged collection.
    pub async fn list(&self, url: Url) -> Result<Vec<Value>, RemoteError> {
        let mut entries = Vec::new();
        let mut next = Some(url);
        for _ in 0..MOST_PAGES {
            let Some(url) = next else { return Ok(entries) };
            let page: wire::List = self.get(url).await?.json(NAME)?;
            entries.extend(page.value);
            next = page.next_link.map(|link| self.follow(&link)).transpose()?;
        }
        let why = format!("a list of more than {MOST_PAGES} pages");
        Err(RemoteError::Malformed { service: NAME, at: "@odata.nextLink".to_owned(), why })
    }

    pub async fn write(
        &self,
        method: Method,
        url: Url,
        etag: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, RemoteError> {
        let mut request = Request::new(method.clone(), url);
        // The transactionId makes one event of two POSTs. A PATCH whose outcome is unknown is left
        // to the caller: sent again, its own first effect would look like somebody else's change.
        if method == Method::POST {
            request = request.repeatable();
        }
        if let Some(etag) = etag {
            request = request.header(IF_MATCH, etag)?;
        }
        if let Some(body) = body {
            request = request.json(body)?;
        }
        self.send(request).await
    }

    /// Sends, and turns every refusal into an error.
    async fn send(&self, request: Request) -> Result<Answer, RemoteError> {
        let answer = self.exchange(request).await?;
        if answer.status.is_success() { Ok(answer) } else { Err(refusal(&answer)) }
    }

    /// Sends with everything that a call to Graph carries; any answer is given back.
    pub async fn exchange(&self, request: Request) -> Result<Answer, RemoteError> {
        self.account.send(request.also(HeaderName::from_static("prefer"), prefer())).await
    }
}

/// Graph forgets preferences from one request to the next, so each carries them all: ids that
/// survive a move, times in UTC, bodies as text, and the page size (`$top` does not set it everywhere).
fn prefer() -> HeaderValue {
    let text = format!(
        r#"IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text", odata.maxpagesize={}"#,
        MICROSOFT.page_size
    );
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(r#"IdType="ImmutableId""#))
}

fn below_path(base: &Url, url: &Url) -> bool {
    let root = base.path().trim_end_matches('/');
    let inside = url.path().strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    base.origin() == url.origin() && inside && url.username().is_empty() && url.password().is_none()
}

/// The code of a refusal, for the few that are branched on.
pub(super) fn code(answer: &Answer) -> String {
    answer.json::<wire::Refusal>(NAME).map(|refusal| refusal.error.code).unwrap_or_default()
}

pub(super) fn refusal(answer: &Answer) -> RemoteError {
    let told = answer.json::<wire::Refusal>(NAME).map(|refusal| refusal.error).ok();
    let reason = told.map_or_else(
        || format!("status {}", answer.status.as_u16()),
        |told| format!("{} ({})", told.message.trim_end_matches('.'), told.code),
    );
    match answer.status.as_u16() {
        403 => RemoteError::Forbidden { reason },
        404 | 410 => RemoteError::NotFound,
        409 => RemoteError::Taken,
        412 => RemoteError::Changed,
        status @ 300..=399 => RemoteError::Elsewhere { service: NAME, status },
        400..=499 => RemoteError::Invalid { service: NAME, reason },
        _ => RemoteError::Malformed { service: NAME, at: ".".to_owned(), why: reason },
    }
}

#[cfg(test)]
mod tests;
