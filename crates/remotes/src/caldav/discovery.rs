//! From what a person types to the calendars behind it.
//!
//! The password is the answer to a server's challenge, and goes to the origin that the person named. A
//! server that sends on to another one is not followed before the person has agreed to that one by name.

use std::sync::Arc;

use chrono_tz::Tz;
use reqwest::header::WWW_AUTHENTICATE;
use url::Url;

use super::call::{Ask, multistatus, once, redirected, service};
use super::href::{as_collection, canonical, resolve};
use super::refusal::accepted;
use super::xml::{Multistatus, Space};
use super::{CalDav, Login, Place, body};
use crate::calendar::RemoteCalendar;
use crate::error::RemoteError;
use crate::http::{Answer, Pace, Patience, Service, is_this_machine};

const MOST_HOPS: usize = 8;

/// What the person has agreed to beyond what they typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Their server may be spoken to in plain http.
    pub plain_http: bool,
    /// Other servers that may have the password too, as `https://host[:port]`.
    pub servers: Vec<String>,
}

/// An account that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub place: Place,
    pub calendars: Vec<RemoteCalendar>,
}

#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    #[error("this is neither a mail address nor the address of a server")]
    BadAddress,
    /// Passwords and appointments would be readable on the way.
    #[error("{server} would be spoken to in plain http, which everybody on the way can read")]
    PlainHttp { server: String },
    /// Another origin than the one that was typed.
    #[error("the calendars are at {server}; agree that your password is sent there")]
    OtherServer { server: String },
    #[error("the server does not accept this name and password; some want an app password")]
    WrongPassword,
    #[error("{server} does not offer calendars by CalDAV")]
    NotCalDav { server: String },
    #[error("no calendar was found for this account")]
    NoCalendars,
    #[error(transparent)]
    Remote(#[from] RemoteError),
}

/// Where the search begins, in the order of hope.
pub fn entrances(entered: &str) -> Result<Vec<Url>, DiscoveryError> {
    let entered = entered.trim();
    let mail = entered.rsplit_once('@').filter(|_| !entered.contains('/')).map(|(_, domain)| domain);
    let url = match (mail, entered.contains("://")) {
        (Some(domain), _) => on_host(domain)?,
        (None, true) => Url::parse(entered).map_err(|_| DiscoveryError::BadAddress)?,
        (None, false) => on_host(entered)?,
    };
    let named = matches!(url.scheme(), "https" | "http") && url.host().is_some();
    if !named || !url.username().is_empty() || url.password().is_some() {
        return Err(DiscoveryError::BadAddress);
    }
    let well_known = url.join("/.well-known/caldav").map_err(|_| DiscoveryError::BadAddress)?;
    let root = url.join("/").map_err(|_| DiscoveryError::BadAddress)?;
    let given = Some(canonical(&url)).filter(|url| url.path() != "/");
    Ok(given.into_iter().chain([well_known, root]).collect())
}

/// https, but for a server on this machine.
fn on_host(host: &str) -> Result<Url, DiscoveryError> {
    let plain = Url::parse(&format!("http://{host}")).map_err(|_| DiscoveryError::BadAddress)?;
    if is_this_machine(&plain) {
        return Ok(plain);
    }
    Url::parse(&format!("https://{host}")).map_err(|_| DiscoveryError::BadAddress)
}

/// Looks for the account's calendars.
pub async fn discover(
    entered: &str,
    login: &Login,
    consent: &Consent,
    http: reqwest::Client,
    pace: Arc<dyn Pace>,
    home: Tz,
) -> Result<Found, DiscoveryError> {
    let entrances = entrances(entered)?;
    let first = entrances.first().ok_or(DiscoveryError::BadAddress)?;
    // Somebody waits at a form, and can press the button again.
    let once = Patience { tries: 1, ..Patience::default() };
    let service = service(http.clone(), Arc::clone(&pace), consent.plain_http.then_some(first));
    let search = Search { origin: first.clone(), login, consent, service: service.with_patience(once) };
    for entrance in &entrances {
        let Some(door) = search.enter(entrance).await? else { continue };
        let place = search.homes(door).await?;
        let account = CalDav::new(place.clone(), login.clone(), http.clone(), Arc::clone(&pace), home)
            .ok_or(DiscoveryError::NoCalendars)?;
        let calendars = account.list_calendars().await?;
        if calendars.is_empty() {
            return Err(DiscoveryError::NoCalendars);
        }
        return Ok(Found { place, calendars });
    }
    Err(DiscoveryError::NotCalDav { server: server_of(first) })
}

struct Search<'a> {
    origin: Url,
    login: &'a Login,
    consent: &'a Consent,
    service: Service,
}

/// A place that speaks CalDAV.
struct Door {
    at: Url,
    answer: Multistatus,
}

impl Search<'_> {
    /// Follows an entrance to an answer; `None` when nobody speaks CalDAV there.
    async fn enter(&self, entrance: &Url) -> Result<Option<Door>, DiscoveryError> {
        let mut url = entrance.clone();
        for _ in 0..MOST_HOPS {
            self.admit(&url)?;
            let answer = self.knock(&url, body::OF_ENTRANCE).await?;
            if let Some(next) = redirected(&answer, &url) {
                url = next;
                continue;
            }
            return Ok(match accepted(answer).map(|answer| multistatus(&answer)) {
                Ok(Ok(answer)) => Some(Door { at: url, answer }),
                // A web site that is no calendar server answers in many ways.
                Ok(Err(_)) => None,
                Err(refusal) if refusal.status == 401 => return Err(DiscoveryError::WrongPassword),
                Err(_) => None,
            });
        }
        Ok(None)
    }

    /// Asks without the password first; it is the answer to a challenge only.
    async fn knock(&self, url: &Url, properties: &str) -> Result<Answer, DiscoveryError> {
        let ask = Ask::propfind("0", properties);
        let answer = once(&self.service, &ask, url, None).await?;
        let challenged = answer.status.as_u16() == 401;
        if challenged && !wants_password(&answer) {
            return Err(DiscoveryError::NotCalDav { server: server_of(url) });
        }
        if challenged || is_stranger(&answer) {
            return Ok(once(&self.service, &ask, url, Some(self.login)).await?);
        }
        Ok(answer)
    }

    /// Only what the person named, or agreed to since; and https unless they agreed to less.
    fn admit(&self, url: &Url) -> Result<(), DiscoveryError> {
        let server = server_of(url);
        let agreed =
            self.consent.servers.iter().any(|it| it.trim_end_matches('/').eq_ignore_ascii_case(&server));
        let secured =
            url.host() == self.origin.host() && self.origin.scheme() == "http" && url.scheme() == "https";
        let own = url.origin() == self.origin.origin();
        let plain = url.scheme() != "https" && !is_this_machine(url);
        match (own || secured || agreed, plain) {
            (false, _) => Err(DiscoveryError::OtherServer { server }),
            (true, true) if !(own && self.consent.plain_http) => Err(DiscoveryError::PlainHttp { server }),
            (true, _) => Ok(()),
        }
    }

    /// The collections that hold the calendars. A server that names none may be one itself.
    async fn homes(&self, door: Door) -> Result<Place, DiscoveryError> {
        let principal = door.answer.responses.iter().find_map(|it| {
            let href = it.property(Space::Dav, "current-user-principal")?.href()?;
            resolve(&door.at, href)
        });
        let named = match &principal {
            Some(principal) => {
                self.admit(principal)?;
                let answer = accepted(self.knock(principal, body::OF_PRINCIPAL).await?);
                homes_in(principal, &multistatus(&answer.map_err(RemoteError::from)?)?)
            }
            None => homes_in(&door.at, &door.answer),
        };
        let mut homes = if named.is_empty() { vec![as_collection(door.at)] } else { named };
        let first = homes.first().cloned().ok_or(DiscoveryError::NoCalendars)?;
        self.admit(&first)?;
        homes.retain(|home| home.origin() == first.origin());
        let principal = principal.filter(|it| it.origin() == first.origin());
        let plain_http = first.scheme() == "http" && self.consent.plain_http;
        Ok(Place { homes, principal, plain_http })
    }
}

fn homes_in(base: &Url, answer: &Multistatus) -> Vec<Url> {
    let sets = answer.responses.iter().filter_map(|it| it.property(Space::CalDav, "calendar-home-set"));
    let hrefs = sets.flat_map(|set| &set.children).filter(|it| it.is(Space::Dav, "href"));
    hrefs.filter_map(|href| resolve(base, &href.text)).map(as_collection).collect()
}

/// The answer is for nobody in particular: with a password it may say more.
fn is_stranger(answer: &Answer) -> bool {
    let Ok(answer) = multistatus(answer) else { return false };
    !answer.responses.iter().any(|it| {
        let principal = it.property(Space::Dav, "current-user-principal");
        let named = principal.is_some_and(|principal| principal.href().is_some());
        named || it.property(Space::CalDav, "calendar-home-set").is_some()
    })
}

/// Basic is the one way that is spoken here; a server that wants another will not get the password.
fn wants_password(answer: &Answer) -> bool {
    let challenges = answer.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|it| it.to_str().ok());
    challenges.flat_map(|it| it.split(',')).any(|it| it.trim().to_ascii_lowercase().starts_with("basic"))
}

fn server_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}
