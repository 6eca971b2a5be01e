//! Outlook calendars through Microsoft Graph v1.0.

mod body;
mod call;
mod cursor;
mod delta;
mod details;
mod marks;
mod project;
mod rest;
#[cfg(test)]
mod round_trip;
mod rule;
mod wire;
mod write;
mod zone;

use std::sync::Arc;

use async_trait::async_trait;
use chrono_tz::Tz;
use daymark_core::time::Interval;

pub use self::delta::{decode, kept};
pub use self::details::details;
pub use self::rest::lost;
use crate::calendar::{
    Access, CalendarProvider, Changes, Cursor, Draft, Item, Patch, RemoteCalendar, RemoteCalendarId,
    RemoteEvent, Target,
};
use crate::capabilities::MICROSOFT;
use crate::error::RemoteError;
use crate::http::{Pace, Service};
use crate::oauth::{SignedIn, Tokens};
use crate::settings::MicrosoftSettings;

const NAME: &str = MICROSOFT.name;

/// One mailbox at Microsoft.
pub struct Graph {
    mailbox: call::Mailbox,
    home: Tz,
}

impl Graph {
    /// `home` is the owner's zone: it stands in where Exchange names none that exists elsewhere,
    /// and whole days are written as its midnights.
    pub fn new(
        settings: &MicrosoftSettings,
        http: reqwest::Client,
        pace: Arc<dyn Pace>,
        tokens: Arc<Tokens>,
        home: Tz,
    ) -> Self {
        let account = SignedIn::new(Service::new(NAME, http, MICROSOFT.at_once, pace), tokens);
        Graph { mailbox: call::Mailbox { base: settings.graph.clone(), account }, home }
    }

    /// The account's address. Personal accounts have no `mail`; their sign-in name is an address.
    pub async fn address(&self) -> Result<String, RemoteError> {
        let url = self.mailbox.url(&["me"], Some("$select=mail,userPrincipalName"));
        let me: wire::Me = self.mailbox.get(url).await?.json(NAME)?;
        me.mail.or(me.user_principal_name).ok_or_else(|| RemoteError::Malformed {
            service: NAME,
            at: "userPrincipalName".to_owned(),
            why: "the account has neither this nor a mail address".to_owned(),
        })
    }

    /// The way to Graph, so that a caller can tell it that the network is back.
    pub fn service(&self) -> &Service {
        self.mailbox.account.service()
    }
}

#[async_trait]
impl CalendarProvider for Graph {
    async fn calendars(&self) -> Result<Vec<RemoteCalendar>, RemoteError> {
        let listed = self.mailbox.list(self.mailbox.url(&["me", "calendars"], None)).await?;
        listed.iter().map(calendar).collect()
    }

    async fn changes(
        &self,
        calendar: &RemoteCalendarId,
        cursor: Option<&Cursor>,
        window: Interval,
    ) -> Result<Changes, RemoteError> {
        self.read_changes(calendar, cursor, window).await
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

fn calendar(raw: &serde_json::Value) -> Result<RemoteCalendar, RemoteError> {
    let from: wire::Calendar =
        serde_path_to_error::deserialize(raw).map_err(|why| RemoteError::Malformed {
            service: NAME,
            at: format!("calendars.{}", why.path()),
            why: why.inner().to_string(),
        })?;
    Ok(RemoteCalendar {
        id: RemoteCalendarId(from.id),
        name: from.name,
        color: Some(from.hex_color.to_lowercase()).filter(|color| color.starts_with('#')),
        // Graph knows a zone of the mailbox only, and tells it only under another permission.
        zone: None,
        access: if from.can_edit { Access::Write } else { Access::Read },
        primary: from.is_default_calendar,
    })
}

impl From<project::Flaw> for Item {
    fn from(flaw: project::Flaw) -> Self {
        Item::Malformed { id: flaw.id, why: flaw.why, glimpse: flaw.glimpse }
    }
}
