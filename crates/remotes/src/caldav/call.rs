//! Calls to one server: with the password to its own origin, and to no other.

use std::sync::Arc;

use reqwest::header::{CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH, LOCATION};
use reqwest::{Method, StatusCode};
use url::Url;

use super::refusal::{self, Refusal, accepted};
use super::xml::{self, Multistatus};
use super::{Login, SERVICE, body};
use crate::capabilities::CALDAV;
use crate::error::{RemoteError, SignInFailure};
use crate::http::{Answer, Pace, Request, Service};

const MOST_REDIRECTS: usize = 5;
pub const XML: &str = "application/xml; charset=utf-8";
const ICS: &str = "text/calendar; charset=utf-8";

/// One account's way to its server.
pub struct Server {
    /// Any address of the server; its origin is the one that the password goes to.
    base: Url,
    login: Login,
    service: Service,
}

/// A call that can be repeated at another address.
#[derive(Clone, Debug)]
pub struct Ask {
    method: Method,
    headers: Vec<(HeaderName, String)>,
    body: Option<(&'static str, String)>,
    repeatable: bool,
}

impl Ask {
    fn new(method: Method) -> Self {
        Ask { method, headers: Vec::new(), body: None, repeatable: false }
    }

    fn dav(method: &'static [u8], depth: &str, body: String) -> Self {
        let method = Method::from_bytes(method).unwrap_or_default();
        // Some servers refuse XML that does not say that it is XML.
        let mut ask = Ask { body: Some((XML, body)), repeatable: true, ..Ask::new(method) };
        ask.headers.push((HeaderName::from_static("depth"), depth.to_owned()));
        ask
    }

    pub fn propfind(depth: &str, properties: &str) -> Self {
        Ask::dav(b"PROPFIND", depth, body::propfind(properties))
    }

    pub fn report(depth: &str, body: String) -> Self {
        Ask::dav(b"REPORT", depth, body)
    }

    pub fn get() -> Self {
        Ask::new(Method::GET)
    }

    /// Replaces what has this etag.
    pub fn put(text: String, etag: &str) -> Self {
        let mut ask = Ask { body: Some((ICS, text)), ..Ask::new(Method::PUT) };
        ask.headers.push((IF_MATCH, etag.to_owned()));
        ask
    }

    /// Puts something where nothing is.
    pub fn put_new(text: String) -> Self {
        let mut ask = Ask { body: Some((ICS, text)), ..Ask::new(Method::PUT) };
        ask.headers.push((IF_NONE_MATCH, "*".to_owned()));
        ask
    }

    /// No answer to the invitation is sent for it (RFC 6638 §8.1).
    pub fn delete(etag: &str) -> Self {
        let mut ask = Ask::new(Method::DELETE);
        ask.headers.push((IF_MATCH, etag.to_owned()));
        ask.headers.push((HeaderName::from_static("schedule-reply"), "F".to_owned()));
        ask
    }

    fn request(&self, url: Url, login: Option<&Login>) -> Result<Request, RemoteError> {
        let mut request = Request::new(self.method.clone(), url);
        if self.repeatable {
            request = request.repeatable();
        }
        for (name, value) in &self.headers {
            request = request.header(name.clone(), value)?;
        }
        if let Some((content_type, body)) = &self.body {
            request = request.body(content_type, body.clone());
        }
        match login {
            Some(login) => request.basic(&login.username, &login.password),
            None => Ok(request),
        }
    }
}

/// The service that calls to a server go through.
pub fn service(http: reqwest::Client, pace: Arc<dyn Pace>, plain: Option<&Url>) -> Service {
    let service = Service::new(SERVICE, http, CALDAV.at_once, pace).classed_by(refusal::class);
    match plain {
        Some(server) => service.plain_http_to(server),
        None => service,
    }
}

/// Sends one call, and follows nothing.
pub async fn once(
    service: &Service,
    ask: &Ask,
    url: &Url,
    login: Option<&Login>,
) -> Result<Answer, RemoteError> {
    service.send(ask.request(url.clone(), login)?).await
}

/// Where a redirect leads; `None` when the answer is none.
pub fn redirected(answer: &Answer, from: &Url) -> Option<Url> {
    const CODES: [u16; 5] = [301, 302, 303, 307, 308];
    let location = answer.headers.get(LOCATION).filter(|_| CODES.contains(&answer.status.as_u16()))?;
    from.join(location.to_str().ok()?).ok()
}

impl Server {
    pub fn new(base: Url, login: Login, service: Service) -> Self {
        Server { base, login, service }
    }

    pub fn service(&self) -> &Service {
        &self.service
    }

    /// An address on this server.
    pub fn at(&self, path: &str) -> Result<Url, RemoteError> {
        let url = super::href::resolve(&self.base, path).filter(|url| self.is_own(url));
        url.ok_or_else(|| elsewhere(path))
    }

    pub fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Redirects are followed within the server. One that leads away is for the person to decide about.
    pub async fn send(&self, ask: &Ask, url: &Url) -> Result<Result<Answer, Refusal>, RemoteError> {
        let mut url = url.clone();
        for _ in 0..MOST_REDIRECTS {
            if !self.is_own(&url) {
                return Err(elsewhere(&url.origin().ascii_serialization()));
            }
            let answer = once(&self.service, ask, &url, Some(&self.login)).await?;
            match redirected(&answer, &url) {
                Some(next) => url = next,
                None => return Ok(accepted(answer)),
            }
        }
        Err(malformed("the address", "it is redirected for ever"))
    }

    pub async fn ask(&self, ask: &Ask, url: &Url) -> Result<Multistatus, RemoteError> {
        multistatus(&self.send(ask, url).await??)
    }
}

pub fn multistatus(answer: &Answer) -> Result<Multistatus, RemoteError> {
    if answer.status != StatusCode::MULTI_STATUS {
        return Err(malformed("the answer", "it is no multistatus"));
    }
    xml::multistatus(&answer.body).map_err(|why| malformed("the answer's XML", &why.to_string()))
}

/// Without the mark of weakness: such an etag would match nothing (RFC 9110 §13.1.1).
pub fn etag(text: &str) -> Option<String> {
    let text = text.trim();
    let strong = text.strip_prefix("W/").unwrap_or(text);
    (!strong.is_empty()).then(|| strong.to_owned())
}

pub fn etag_of(answer: &Answer) -> Option<String> {
    answer.headers.get(ETAG)?.to_str().ok().and_then(etag)
}

/// Whether an answer is calendar text and not a page about something else.
pub fn is_calendar(answer: &Answer) -> bool {
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_none_or(|kind| !kind.to_ascii_lowercase().starts_with("text/html"))
}

pub fn malformed(at: &str, why: &str) -> RemoteError {
    RemoteError::Malformed { service: SERVICE, at: at.to_owned(), why: why.to_owned() }
}

fn elsewhere(place: &str) -> RemoteError {
    let reason =
        format!("the server sends on to {place}, where the password does not go; connect it again to agree");
    SignInFailure::Lapsed { reason }.into()
}
