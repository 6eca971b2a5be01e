//! A calendar that somebody publishes at an address: fetched whole, when it has changed.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono_tz::Tz;
use data_encoding::HEXLOWER;
use daymark_core::ics::{self, Deltas};
use daymark_core::time::Interval;
use reqwest::header::{ACCEPT, ETAG, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION};
use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::calendar::{
    Access, CalendarProvider, Changes, Cursor, Draft, Next, Page, Patch, RemoteCalendar, RemoteCalendarId,
    RemoteEvent, Target,
};
use crate::capabilities::FEED;
use crate::error::{RemoteError, SignInFailure};
use crate::http::{Answer, Request, Service, guard_scheme};
use crate::oauth::TokenStore;

const SERVICE: &str = FEED.name;
/// Years of a busy team's events come nowhere near this.
pub const LARGEST_BYTES: usize = 20_000_000;
const MOST_REDIRECTS: usize = 5;
/// The one calendar of a feed.
pub const CALENDAR: &str = "feed";

/// Where a feed is, and what it is called. Addresses of private calendars are as good as a password,
/// so it is kept where tokens are.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub url: Url,
    pub name: String,
}

/// One subscribed feed.
pub struct Feed {
    service: Service,
    place: Box<dyn TokenStore>,
    home: Tz,
    /// What was fetched to find that it has changed, for the full round that follows.
    fetched: Mutex<Option<(Cursor, Deltas)>>,
}

/// What the last answer said of itself, so that the next one can be spared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Version {
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    /// Of the content: some servers call everything new.
    digest: String,
}

/// The address that a person typed or pasted, as it is asked: `webcal:` means `https:`.
pub fn address(typed: &str) -> Result<Url, RemoteError> {
    let typed = typed.trim();
    let secure = |rest: &str| format!("https://{rest}");
    let lower = typed.to_ascii_lowercase();
    let given = ["webcal://", "webcals://"].iter().find(|scheme| lower.starts_with(**scheme));
    let text = given.and_then(|scheme| typed.get(scheme.len()..)).map_or_else(|| typed.to_owned(), secure);
    let mut url = Url::parse(&text).map_err(|_| invalid("it is no address".into()))?;
    url.set_fragment(None);
    check(&url)?;
    Ok(url)
}

fn check(url: &Url) -> Result<(), RemoteError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("it carries a name or password, which would be sent along".into()));
    }
    guard_scheme(SERVICE, url)
}

impl Feed {
    pub fn new(service: Service, place: Box<dyn TokenStore>, home: Tz) -> Self {
        Feed { service, place, home, fetched: Mutex::default() }
    }

    pub fn service(&self) -> &Service {
        &self.service
    }

    async fn place(&self) -> Result<Place, RemoteError> {
        let kept = self.place.load().await.map_err(|source| RemoteError::Keyring { source })?;
        kept.and_then(|kept| serde_json::from_str(&kept).ok()).ok_or_else(|| {
            let reason = "the address of the feed is not in the keyring; subscribe again".into();
            SignInFailure::Lapsed { reason }.into()
        })
    }
}

/// Fetches what is there now, unless it is what `known` says. No token, cookie or name goes along.
pub async fn fetch(
    service: &Service,
    url: &Url,
    home: Tz,
    known: Option<&Cursor>,
) -> Result<Option<(Cursor, Deltas)>, RemoteError> {
    let known: Option<Version> = known.and_then(|cursor| serde_json::from_str(&cursor.0).ok());
    let answer = follow(service, url, known.as_ref()).await?;
    if answer.status == StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    let version = Version {
        etag: header(&answer, &ETAG),
        modified: header(&answer, &LAST_MODIFIED),
        digest: HEXLOWER.encode(&Sha256::digest(&answer.body)),
    };
    if known.is_some_and(|known| known.digest == version.digest) {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&answer.body);
    let deltas = ics::deltas(&text, home).map_err(|error| unreadable(error.to_string()))?;
    // Half of it is no newer state: a series would lose its exceptions, and what follows would be gone.
    if let Some(why) = deltas.broken.first() {
        return Err(unreadable(why.clone()));
    }
    Ok(Some((Cursor(serde_json::json!(version).to_string()), deltas)))
}

async fn follow(service: &Service, url: &Url, known: Option<&Version>) -> Result<Answer, RemoteError> {
    let mut url = url.clone();
    for _ in 0..=MOST_REDIRECTS {
        check(&url)?;
        let answer = service.send(request(&url, known)?).await?;
        match answer.status.as_u16() {
            200 | 304 => return Ok(answer),
            301 | 302 | 303 | 307 | 308 => url = redirected(&url, &answer)?,
            status => return Err(refusal(status)),
        }
    }
    Err(invalid(format!("it leads on more than {MOST_REDIRECTS} times")))
}

fn request(url: &Url, known: Option<&Version>) -> Result<Request, RemoteError> {
    let mut request =
        Request::get(url.clone()).largest(LARGEST_BYTES).header(ACCEPT, "text/calendar, */*;q=0.1")?;
    if let Some(etag) = known.and_then(|known| known.etag.as_deref()) {
        request = request.header(IF_NONE_MATCH, etag)?;
    }
    if let Some(modified) = known.and_then(|known| known.modified.as_deref()) {
        request = request.header(IF_MODIFIED_SINCE, modified)?;
    }
    Ok(request)
}

/// Only on to an encrypted address; within this machine also to another of this machine.
fn redirected(from: &Url, answer: &Answer) -> Result<Url, RemoteError> {
    let target = header(answer, &LOCATION).and_then(|target| from.join(&target).ok());
    let target = target.ok_or_else(|| invalid("it leads on to nowhere".into()))?;
    if target.scheme() != "https" && from.scheme() == "https" {
        return Err(invalid("it leads on to an address without encryption".into()));
    }
    check(&target)?;
    Ok(target)
}

fn header(answer: &Answer, name: &HeaderName) -> Option<String> {
    answer.headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn refusal(status: u16) -> RemoteError {
    match status {
        401 | 403 => RemoteError::Forbidden { reason: "the address is not open to everybody".into() },
        404 | 410 => RemoteError::NotFound,
        status => invalid(format!("its server answered with status {status}")),
    }
}

fn invalid(reason: String) -> RemoteError {
    RemoteError::Invalid { service: SERVICE, reason }
}

fn unreadable(why: String) -> RemoteError {
    RemoteError::Malformed { service: SERVICE, at: "the feed".into(), why }
}

fn read_only() -> RemoteError {
    RemoteError::Forbidden { reason: "a subscribed calendar can only be read".into() }
}

#[async_trait]
impl CalendarProvider for Feed {
    async fn calendars(&self) -> Result<Vec<RemoteCalendar>, RemoteError> {
        let name = self.place().await?.name;
        let id = RemoteCalendarId(CALENDAR.into());
        Ok(vec![RemoteCalendar { id, name, color: None, zone: None, access: Access::Read, primary: false }])
    }

    /// A feed has no changes, only a new whole. What has changed is taken in by a full round, which
    /// then finds here what was fetched for it.
    async fn changes(
        &self,
        _calendar: &RemoteCalendarId,
        cursor: Option<&Cursor>,
        _window: Interval,
    ) -> Result<Changes, RemoteError> {
        let waiting = self.fetched.lock().unwrap_or_else(PoisonError::into_inner).take();
        let found = match (waiting, cursor) {
            (Some(waiting), None) => Some(waiting),
            _ => fetch(&self.service, &self.place().await?.url, self.home, cursor).await?,
        };
        let page = |items, cursor| Ok(Changes::Page(Page { items, next: Next::Done(cursor) }));
        match (found, cursor) {
            (None, Some(same)) => page(Vec::new(), same.clone()),
            (Some((next, deltas)), None) => page(deltas.deltas, next),
            (Some(new), Some(_)) => {
                *self.fetched.lock().unwrap_or_else(PoisonError::into_inner) = Some(new);
                Ok(Changes::Expired)
            }
            (None, None) => Err(invalid("it answers as if it had been asked before".into())),
        }
    }

    async fn get(&self, _: &RemoteCalendarId, _: &Target) -> Result<Option<RemoteEvent>, RemoteError> {
        Err(read_only())
    }

    async fn insert(&self, _: &RemoteCalendarId, _: &Draft) -> Result<RemoteEvent, RemoteError> {
        Err(read_only())
    }

    async fn made_from(&self, _: &RemoteCalendarId, _: &str) -> Result<Option<RemoteEvent>, RemoteError> {
        Err(read_only())
    }

    async fn patch(&self, _: &RemoteCalendarId, _: &Patch) -> Result<RemoteEvent, RemoteError> {
        Err(read_only())
    }

    async fn delete(&self, _: &RemoteCalendarId, _: &Target, _: Option<&str>) -> Result<(), RemoteError> {
        Err(read_only())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::client;
    use crate::testing::{Drawer, Script, StillPace};
    use daymark_core::time::Instant;

    const FILE: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260302T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    fn feed(script: &Script) -> Feed {
        let place = Place { url: script.url("cal.ics"), name: "Team".into() };
        let drawer = Drawer::with(&serde_json::to_string(&place).unwrap());
        Feed::new(service(), Box::new(drawer), Tz::UTC)
    }

    fn service() -> Service {
        Service::new(SERVICE, client().unwrap(), FEED.at_once, StillPace::new())
    }

    async fn pull(feed: &Feed, cursor: Option<&Cursor>) -> Result<Changes, RemoteError> {
        let start = Instant::UNIX_EPOCH;
        let window = Interval::new(start, start + chrono::TimeDelta::days(1)).unwrap();
        feed.changes(&RemoteCalendarId(CALENDAR.into()), cursor, window).await
    }

    fn done(changes: Changes) -> (usize, Cursor) {
        match changes {
            Changes::Page(Page { items, next: Next::Done(cursor) }) => (items.len(), cursor),
            other => panic!("{other:?}"),
        }
    }

    fn ok(headers: &str, body: &str) -> String {
        format!("200 OK\r\ncontent-type: text/calendar{headers}\r\n\r\n{body}")
    }

    #[tokio::test]
    async fn an_unchanged_feed_is_asked_with_its_version_and_brings_nothing() {
        let first = ok("\r\netag: \"v1\"\r\nlast-modified: Mon, 02 Mar 2026 09:00:00 GMT", FILE);
        let script = Script::play([first, "304 Not Modified".into()]).await;
        let feed = feed(&script);
        let (items, cursor) = done(pull(&feed, None).await.unwrap());
        assert_eq!(items, 1);
        assert_eq!(done(pull(&feed, Some(&cursor)).await.unwrap()), (0, cursor));
        let asked = script.heard()[1].to_lowercase();
        assert!(asked.contains("if-none-match: \"v1\"") && asked.contains("if-modified-since: mon, 02 mar"));
        assert!(!asked.contains("authorization") && !asked.contains("cookie"));
    }

    #[tokio::test]
    async fn a_changed_feed_is_fetched_once_and_read_whole() {
        let both = FILE.replace("END:VCALENDAR", &FILE[17..FILE.len() - 15].replace("UID:a", "UID:b"));
        let both = format!("{both}END:VCALENDAR\r\n");
        let script = Script::play([ok("", FILE), ok("", FILE), ok("", &both)]).await;
        let feed = feed(&script);
        let (_, cursor) = done(pull(&feed, None).await.unwrap());
        let (items, same) = done(pull(&feed, Some(&cursor)).await.unwrap());
        assert_eq!((items, &same), (0, &cursor), "the same content is no news, whatever the server says");
        assert_eq!(pull(&feed, Some(&cursor)).await.unwrap(), Changes::Expired);
        assert_eq!(done(pull(&feed, None).await.unwrap()).0, 2);
        assert_eq!(script.heard().len(), 3);
    }

    #[tokio::test]
    async fn redirects_are_followed_a_few_times_and_never_to_less_safety() {
        let moved = |to: &str| format!("302 Found\r\nlocation: {to}");
        let script = Script::play([moved("/b.ics"), ok("", FILE)]).await;
        assert_eq!(done(pull(&feed(&script), None).await.unwrap()).0, 1);
        assert!(script.heard()[1].starts_with("GET /b.ics"));
        let script = Script::play((0..9).map(|n| moved(&format!("/{n}")))).await;
        assert!(matches!(pull(&feed(&script), None).await, Err(RemoteError::Invalid { .. })));
        assert_eq!(script.heard().len(), 1 + MOST_REDIRECTS);
        for elsewhere in ["http://example.org/a.ics", "ftp://127.0.0.1/", "http://me:pass@127.0.0.1/"] {
            let script = Script::play([moved(elsewhere)]).await;
            let refused = pull(&feed(&script), None).await;
            assert!(matches!(refused, Err(RemoteError::Invalid { .. })), "{elsewhere}");
            assert_eq!(script.heard().len(), 1);
        }
        let from = "https://example.org/a".parse().unwrap();
        let headers = [(LOCATION, "http://127.0.0.1/a".parse().unwrap())].into_iter().collect();
        let answer = Answer { status: StatusCode::FOUND, headers, body: bytes::Bytes::new() };
        assert!(redirected(&from, &answer).is_err(), "not from the web into this machine");
    }

    #[tokio::test]
    async fn what_is_no_calendar_or_too_large_is_a_failure_and_no_empty_calendar() {
        let page = Script::play([ok("", "<html>Please sign in</html>")]).await;
        assert!(matches!(pull(&feed(&page), None).await, Err(RemoteError::Malformed { .. })));
        let large = Script::play([ok("", &"x".repeat(LARGEST_BYTES + 1))]).await;
        assert!(matches!(pull(&feed(&large), None).await, Err(RemoteError::Invalid { .. })));
        let gone = Script::play(["404 Not Found"]).await;
        assert!(matches!(pull(&feed(&gone), None).await, Err(RemoteError::NotFound)));
    }

    #[test]
    fn an_address_is_taken_as_people_paste_it_and_refused_where_it_would_give_something_away() {
        let fine = |typed: &str| address(typed).unwrap().to_string();
        assert_eq!(fine(" webcal://example.org/a.ics "), "https://example.org/a.ics");
        assert_eq!(fine("WEBCALS://example.org/a?b#c"), "https://example.org/a?b");
        assert_eq!(fine("https://192.168.1.9/a.ics"), "https://192.168.1.9/a.ics");
        for bad in ["http://example.org/a.ics", "https://me:pass@example.org/", "calendar", "file:///etc/x"] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_lost_address_asks_for_a_new_subscription() {
        let feed = Feed::new(service(), Box::new(Drawer::default()), Tz::UTC);
        assert!(matches!(feed.calendars().await, Err(RemoteError::SignIn { .. })));
    }
}
