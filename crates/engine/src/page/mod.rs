//! The public page: what it offers, its publication, and what comes back through the inbox.

mod bookings;
mod enrol;
mod ground;
mod inbox;
pub mod keys;
pub mod offer;
mod opening;
mod publish;
mod qr;
mod trouble;
mod words;

use std::sync::Arc;

use chrono_tz::Tz;
use daymark_core::time::wall;
use daymark_mirror::Mirror;
use daymark_remotes::relay::{Means, RelayClient};
use tokio::sync::Mutex;
use url::Url;

use keys::KeyRing;

use crate::alerts::Alerts;
use crate::api::Tag;
use crate::api::bookings::{PageSettings, PublicPage};
use crate::api::problem::{Problem, ProblemCode};
use crate::health::Registry;
use crate::notices::Notices;
use crate::ports::Ports;
use crate::problems;
use crate::profile;
use crate::sync::loops::Bell;

pub use inbox::Asked;

const PAGE: &str = "page";

/// The use cases around the public page.
#[derive(Clone)]
pub struct PageDesk {
    pub mirror: Mirror,
    pub ports: Ports,
    pub means: Means,
    pub health: Arc<Registry>,
    pub notices: Arc<Notices>,
    pub alerts: Arc<Alerts>,
    /// Rung when a booking's event waits in the outbox.
    pub staged: Bell,
    /// Rung when what is offered may have changed.
    pub changed: Bell,
    /// Rung when this device has joined a relay.
    pub enrolled: Bell,
    /// Held by a try to join one.
    pub joining: Arc<Mutex<()>>,
}

impl PageDesk {
    pub async fn is_enrolled(&self) -> Result<bool, Problem> {
        Ok(self.mirror.relay().await.map_err(problems::mirror)?.is_some())
    }

    /// The page as the UI shows it.
    pub async fn view(&self, zone: Tz) -> Result<PublicPage, Problem> {
        let relay = self.mirror.relay().await.map_err(problems::mirror)?;
        let url = relay.as_ref().map(|relay| relay.page_url.clone());
        Ok(PublicPage {
            enrolled: relay.is_some(),
            relay: relay.as_ref().map(|relay| relay.address.clone()),
            qr_svg: url.as_deref().and_then(qr::svg),
            url,
            settings: self.settings().await?,
            published_at: relay.as_ref().and_then(|relay| relay.published).map(|at| wall(at, zone)),
            lease_until: relay.as_ref().and_then(|relay| relay.lease_until).map(|at| wall(at, zone)),
            offered: relay.as_ref().map(|relay| relay.offered).unwrap_or_default(),
            problem: trouble::problem(&self.health),
        })
    }

    pub async fn set(&self, page: PageSettings, zone: Tz) -> Result<PublicPage, Problem> {
        profile::check_page(&page)?;
        if let Some(calendar) = page.calendar {
            self.check_calendar(calendar).await?;
        }
        self.mirror.set_setting(PAGE, &page).await.map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Page]);
        self.changed.ring();
        self.view(zone).await
    }

    pub async fn settings(&self) -> Result<PageSettings, Problem> {
        let stored = self.mirror.setting(PAGE).await.map_err(problems::mirror)?;
        Ok(stored.unwrap_or_else(profile::default_page))
    }

    async fn check_calendar(&self, calendar: i64) -> Result<(), Problem> {
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let found = calendars.iter().find(|it| it.id.0 == calendar && !it.gone);
        match found.map(|it| it.access) {
            Some(daymark_mirror::Access::Write) => Ok(()),
            Some(_) => {
                Err(Problem::new(ProblemCode::ReadOnly, "bookings need a calendar that Daymark may write to"))
            }
            None => Err(Problem::new(ProblemCode::NotFound, "this calendar is not connected any more")),
        }
    }

    /// The client of the relay this device has joined; `None` before that, or when the keys are lost.
    async fn client(&self) -> Result<Option<RelayClient>, Problem> {
        let Some(relay) = self.mirror.relay().await.map_err(problems::mirror)? else { return Ok(None) };
        let ring = KeyRing::load(self.ports.secrets.as_ref()).await.map_err(problems::secrets)?;
        let Some(keys) = ring.get(&relay.keys) else {
            trouble::lost_keys(&self.health);
            return Ok(None);
        };
        let address = Url::parse(&relay.address).map_err(|error| problems::internal(&error))?;
        let client = RelayClient::new(self.means.clone(), address, relay.device, keys.signing.clone());
        client.map(Some).map_err(|error| problems::relay(&error))
    }
}
