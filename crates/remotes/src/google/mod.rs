//! Google Calendar v3.

mod busy;
mod cursor;
mod details;
mod project;
mod pull;
mod push;
mod refusal;
mod rest;
mod wire;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono_tz::Tz;
use daymark_core::rest::Rest;
use daymark_core::time::Interval;
use reqwest::{Method, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use self::details::details;
pub use self::pull::decode;
use self::refusal::{Refusal, accepted};
pub use self::rest::lost;
use crate::calendar::{
    Access, CalendarProvider, Changes, Cursor, Draft, Patch, RemoteCalendar, RemoteCalendarId, RemoteEvent,
    Target,
};
use crate::capabilities::GOOGLE;
use crate::error::RemoteError;
use crate::http::{Pace, Request, Service};
use crate::oauth::{SignedIn, Tokens};
use crate::settings::{GoogleSettings, join};

const SERVICE: &str = GOOGLE.name;

/// One account at Google.
pub struct Google {
    api: Url,
    account: SignedIn,
    /// Zones of the calendars seen so far: some times name none and mean their calendar's.
    zones: Mutex<BTreeMap<RemoteCalendarId, Tz>>,
}

impl Google {
    pub fn new(
        settings: &GoogleSettings,
        http: reqwest::Client,
        pace: Arc<dyn Pace>,
        tokens: Arc<Tokens>,
    ) -> Self {
        let service = Service::new(SERVICE, http, GOOGLE.at_once, pace).classed_by(refusal::class);
        Google {
            api: join(&settings.api, ["calendar", "v3"]),
            account: SignedIn::new(service, tokens),
            zones: Mutex::default(),
        }
    }

    /// The way to Google, so that a caller can tell it that the network is back.
    pub fn service(&self) -> &Service {
        self.account.service()
    }

    /// The account's address: the primary calendar has it as its id, whatever scopes were granted.
    pub async fn address(&self) -> Result<String, RemoteError> {
        let url = join(&self.api, ["users", "me", "calendarList", "primary"]);
        Ok(self.read::<wire::Calendar>(Request::get(url)).await?.id)
    }

    /// Sends, and answers with what Google refused sorted by its reason.
    async fn send(&self, request: Request) -> Result<Result<crate::http::Answer, Refusal>, RemoteError> {
        Ok(accepted(self.account.send(request).await?))
    }

    async fn read<T: DeserializeOwned>(&self, request: Request) -> Result<T, RemoteError> {
        self.send(request).await??.json(SERVICE)
    }

    fn events(&self, calendar: &RemoteCalendarId) -> Url {
        join(&self.api, ["calendars", &calendar.0, "events"])
    }

    fn event(&self, calendar: &RemoteCalendarId, id: &str) -> Url {
        join(&self.api, ["calendars", &calendar.0, "events", id])
    }

    /// A write that mails nobody.
    fn quiet(method: Method, mut url: Url) -> Request {
        url.query_pairs_mut().append_pair("sendUpdates", "none");
        Request::new(method, url)
    }

    /// Where a new event goes. What it takes over is announced, or Google passes over parts of it in silence.
    fn new_event(&self, calendar: &RemoteCalendarId, rest: Option<&Rest>) -> Url {
        let mut url = self.events(calendar);
        if rest.is_some() {
            let announced = [("conferenceDataVersion", "1"), ("supportsAttachments", "true")];
            url.query_pairs_mut().extend_pairs(announced);
        }
        url
    }

    async fn single(&self, calendar: &RemoteCalendarId, raw: Value) -> Result<RemoteEvent, RemoteError> {
        let zone = if project::lacks_zone(&raw) { self.zone(calendar).await? } else { Tz::UTC };
        project::single(raw, zone).map_err(|why| RemoteError::Malformed {
            service: SERVICE,
            at: "event".into(),
            why,
        })
    }

    async fn zone(&self, calendar: &RemoteCalendarId) -> Result<Tz, RemoteError> {
        if let Some(zone) = self.zones().get(calendar) {
            return Ok(*zone);
        }
        let zone = zone_of(self.listed(calendar).await?.time_zone.as_deref());
        self.remember(calendar, zone);
        Ok(zone)
    }

    fn remember(&self, calendar: &RemoteCalendarId, zone: Tz) {
        self.zones().insert(calendar.clone(), zone);
    }

    fn zones(&self) -> std::sync::MutexGuard<'_, BTreeMap<RemoteCalendarId, Tz>> {
        self.zones.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calendar's entry in the account's list; [`RemoteError::NotFound`] when it is out of sight.
    async fn listed(&self, calendar: &RemoteCalendarId) -> Result<wire::Calendar, RemoteError> {
        self.read(Request::get(join(&self.api, ["users", "me", "calendarList", &calendar.0]))).await
    }

    /// 410 says that the event is gone. 404 says so too, and also that the calendar cannot be seen:
    /// then nothing is known of the event, and absence of knowledge must not look like a deletion.
    async fn confirm_gone(&self, calendar: &RemoteCalendarId, refusal: &Refusal) -> Result<(), RemoteError> {
        if refusal.status == StatusCode::NOT_FOUND.as_u16() {
            self.listed(calendar).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl CalendarProvider for Google {
    async fn calendars(&self) -> Result<Vec<RemoteCalendar>, RemoteError> {
        let mut found = Vec::new();
        let mut page_token: Option<String> = None;
        loop {
            let mut url = join(&self.api, ["users", "me", "calendarList"]);
            url.query_pairs_mut().append_pair("maxResults", "250");
            if let Some(token) = &page_token {
                url.query_pairs_mut().append_pair("pageToken", token);
            }
            let page: wire::CalendarList = self.read(Request::get(url)).await?;
            found.extend(page.items.into_iter().map(calendar));
            match page.next_page_token {
                Some(token) if page_token.as_ref() == Some(&token) => return Err(endless()),
                Some(token) => page_token = Some(token),
                None => return Ok(found),
            }
        }
    }

    /// Google lists everything, so the window is not asked for: with a lower bound an occurrence
    /// that was moved before it would be missing, and its series would show it where it was.
    async fn changes(
        &self,
        calendar: &RemoteCalendarId,
        cursor: Option<&Cursor>,
        _window: Interval,
    ) -> Result<Changes, RemoteError> {
        self.pull(calendar, cursor).await
    }

    async fn busy(
        &self,
        calendar: &RemoteCalendarId,
        cursor: Option<&Cursor>,
        window: Interval,
    ) -> Result<Changes, RemoteError> {
        self.busy_times(calendar, cursor, window).await
    }

    async fn get(
        &self,
        calendar: &RemoteCalendarId,
        target: &Target,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        self.look_up(calendar, &write::event_id(target)?).await
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

fn calendar(listed: wire::Calendar) -> RemoteCalendar {
    RemoteCalendar {
        id: RemoteCalendarId(listed.id),
        name: listed.summary_override.or(listed.summary).unwrap_or_default(),
        color: listed.background_color.map(|color| color.to_lowercase()).filter(|color| is_rgb(color)),
        zone: listed.time_zone.and_then(|zone| zone.parse().ok()),
        access: match listed.access_role.as_deref() {
            Some("owner" | "writer" | "writerWithoutPrivateAccess") => Access::Write,
            Some("freeBusyReader") => Access::FreeBusy,
            _ => Access::Read,
        },
        primary: listed.primary,
    }
}

fn is_rgb(color: &str) -> bool {
    color.len() == 7 && color.starts_with('#') && color.bytes().skip(1).all(|byte| byte.is_ascii_hexdigit())
}

fn zone_of(name: Option<&str>) -> Tz {
    name.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

fn endless() -> RemoteError {
    let why = "the same page is offered for ever".into();
    RemoteError::Malformed { service: SERVICE, at: "nextPageToken".into(), why }
}

#[cfg(test)]
mod tests;
