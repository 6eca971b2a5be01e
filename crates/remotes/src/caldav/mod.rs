//! Calendars at any server that speaks CalDAV (RFC 4791), by WebDAV sync where there is one.

mod body;
mod calendars;
mod call;
mod cursor;
pub mod discovery;
mod href;
mod project;
mod pull;
mod push;
mod refusal;
mod rest;
mod xml;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono_tz::Tz;
use daymark_core::time::Interval;
use url::Url;

pub use self::pull::decode;
pub use self::rest::lost;
pub use self::xml::XmlError;

use self::call::Server;
use crate::calendar::{
    CalendarProvider, Changes, Cursor, Draft, Patch, RemoteCalendar, RemoteCalendarId, RemoteEvent, Target,
};
use crate::capabilities::CALDAV;
use crate::error::RemoteError;
use crate::http::{Pace, Service};

const SERVICE: &str = CALDAV.name;

/// What the person signs in with; an app password where the server wants one.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    pub username: String,
    pub password: String,
}

/// Without the password.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Where an account's calendars are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Collections that hold calendars; all on one server.
    pub homes: Vec<Url>,
    pub principal: Option<Url>,
    /// The person agreed to plain http for this server.
    pub plain_http: bool,
}

/// One account at one server.
pub struct CalDav {
    place: Place,
    server: Server,
    home: Tz,
    /// Addresses under which the owner is invited, once they were asked for.
    owner: tokio::sync::OnceCell<Vec<String>>,
    /// Lists of which only a part has been read, so that the next part needs no new list.
    lists: Mutex<BTreeMap<RemoteCalendarId, pull::List>>,
    username: String,
}

impl CalDav {
    /// `None` for a place without a home. `home` is the owner's zone, for times that name none.
    pub fn new(
        place: Place,
        login: Login,
        http: reqwest::Client,
        pace: Arc<dyn Pace>,
        home: Tz,
    ) -> Option<Self> {
        let base = place.homes.first()?.clone();
        let username = login.username.clone();
        let service = call::service(http, pace, place.plain_http.then_some(&base));
        let server = Server::new(base, login, service);
        let (owner, lists) = (tokio::sync::OnceCell::new(), Mutex::default());
        Some(CalDav { place, server, home, owner, lists, username })
    }

    pub fn service(&self) -> &Service {
        self.server.service()
    }

    fn lists(&self) -> std::sync::MutexGuard<'_, BTreeMap<RemoteCalendarId, pull::List>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CalendarProvider for CalDav {
    async fn calendars(&self) -> Result<Vec<RemoteCalendar>, RemoteError> {
        self.list_calendars().await
    }

    /// Servers list everything, so the window is not asked for.
    async fn changes(
        &self,
        calendar: &RemoteCalendarId,
        cursor: Option<&Cursor>,
        _window: Interval,
    ) -> Result<Changes, RemoteError> {
        self.read_changes(calendar, cursor).await
    }

    async fn get(
        &self,
        calendar: &RemoteCalendarId,
        target: &Target,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        self.read_one(calendar, target).await
    }

    async fn insert(&self, calendar: &RemoteCalendarId, draft: &Draft) -> Result<RemoteEvent, RemoteError> {
        self.create(calendar, draft).await
    }

    async fn made_from(
        &self,
        calendar: &RemoteCalendarId,
        derived_id: &str,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        self.made(calendar, derived_id).await
    }

    async fn patch(&self, calendar: &RemoteCalendarId, patch: &Patch) -> Result<RemoteEvent, RemoteError> {
        self.update(calendar, patch).await
    }

    async fn delete(
        &self,
        calendar: &RemoteCalendarId,
        target: &Target,
        etag: Option<&str>,
    ) -> Result<(), RemoteError> {
        self.remove(calendar, target, etag).await
    }
}
