//! The use cases of an engine, put together once; calls and loops share them.

use std::sync::{Arc, Mutex, PoisonError};

use chrono_tz::Tz;
use daymark_core::booking::State;
use daymark_core::time::{wall, zone_database};
use daymark_mirror::{Booking, Mirror, MirrorError};
use daymark_remotes::error::RemoteError;
use daymark_remotes::relay::Means;

use crate::accounts::Accounts;
use crate::accounts::sign_in::Attempts;
use crate::alerts::Alerts;
use crate::api::blocks::{BlockRemoval, Confirm};
use crate::api::settings::{Boot, FirstStart, Language, Settings};
use crate::api::{Problem, Tag};
use crate::blocks::Blocks;
use crate::config::Config;
use crate::conflicts::Conflicts;
use crate::health::Registry;
use crate::lock::FolderLock;
use crate::notices::Notices;
use crate::page::{Asked, PageDesk};
use crate::ports::Ports;
use crate::problems;
use crate::profile;
use crate::providers::{EnginePace, Providers};
use crate::schedule::Desk;
use crate::sync::gaps;
use crate::sync::loops::Bell;
use crate::sync::pull::Pull;
use crate::sync::push::Push;
use crate::sync::trouble::{self, Who};
use crate::sync::{Reach, Report, Sync};
use crate::words::{Tongue, tongue};

/// The name that the settings have in the mirror.
pub const SETTINGS: &str = "settings";

/// What calls and loops share. Each use case holds only what it needs; this holds the use cases.
pub struct Parts {
    pub mirror: Mirror,
    pub ports: Ports,
    pub health: Arc<Registry>,
    pub notices: Arc<Notices>,
    pub alerts: Arc<Alerts>,
    pub providers: Arc<Providers>,
    pub sync: Arc<Sync>,
    pub accounts: Accounts,
    pub desk: Desk,
    pub conflicts: Conflicts,
    pub page: PageDesk,
    pub blocks: Blocks,
    /// Rung when something waits in the outbox.
    pub staged: Bell,
    /// Rung when everything should be read now.
    pub hurry: Bell,
    /// Rung when the set of accounts or what counts as busy changed.
    pub changed: Bell,
    language: String,
    settings: Mutex<Settings>,
    /// Here, because a loop that outlives its engine still writes.
    lock: Mutex<Option<FolderLock>>,
}

impl Parts {
    pub fn assemble(
        mirror: Mirror,
        config: Arc<Config>,
        ports: Ports,
        language: String,
        settings: Settings,
    ) -> Result<Parts, RemoteError> {
        let notices = Arc::new(Notices::default());
        let health = Arc::new(Registry::new(Arc::clone(&notices)));
        let alerts = Arc::new(Alerts::default());
        let (staged, hurry, changed) = (Bell::default(), Bell::default(), Bell::default());
        let means = means(&ports)?;
        let providers = Arc::new(Providers::new(config, means.clone(), Arc::clone(&ports.secrets)));
        let sync = Arc::new(assemble_sync(&mirror, &providers, &ports, &health, &notices));
        let accounts = Accounts {
            mirror: mirror.clone(),
            providers: Arc::clone(&providers),
            sync: Arc::clone(&sync),
            ports: ports.clone(),
            health: Arc::clone(&health),
            notices: Arc::clone(&notices),
            attempts: Arc::new(Attempts::default()),
            changed: changed.clone(),
            staged: staged.clone(),
            leaving: Arc::default(),
        };
        let desk = Desk {
            mirror: mirror.clone(),
            ports: ports.clone(),
            health: Arc::clone(&health),
            notices: Arc::clone(&notices),
            staged: staged.clone(),
        };
        let conflicts = conflicts_beside(&desk);
        let page = PageDesk {
            mirror: mirror.clone(),
            ports: ports.clone(),
            means,
            health: Arc::clone(&health),
            notices: Arc::clone(&notices),
            alerts: Arc::clone(&alerts),
            staged: staged.clone(),
            changed: changed.clone(),
            enrolled: Bell::default(),
            joining: Arc::default(),
        };
        let blocks = blocks_beside(&desk);
        Ok(Parts {
            mirror,
            ports,
            health,
            notices,
            alerts,
            providers,
            sync,
            accounts,
            desk,
            conflicts,
            page,
            blocks,
            staged,
            hurry,
            changed,
            language,
            settings: Mutex::new(settings),
            lock: Mutex::default(),
        })
    }

    /// Keeps the folder for this engine, until nothing of it is left or it lets go.
    pub fn hold(&self, lock: FolderLock) {
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(lock);
    }

    /// Only once the mirror is closed.
    pub fn let_go(&self) {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// In this order, because a booking that waits must not be overtaken by what the providers say:
    /// inbox, providers, decisions, writes that follow, answers to the relay, publication.
    pub async fn turn(&self, reach: Reach) -> Result<Vec<(String, Report)>, Problem> {
        let zone = self.zone()?;
        self.take_inbox(0).await;
        let mut reports = self.sync_accounts(reach, zone).await?;
        self.adopt_zone().await?;
        if self.page.decide_due(&self.settings()).await? {
            let further = self.sync_accounts(Reach::Push, self.zone()?).await?;
            merge_reports(&mut reports, further);
        }
        if reach == Reach::Full && self.blocks.turn(&self.settings()).await? {
            let further = self.sync_accounts(Reach::Push, self.zone()?).await?;
            merge_reports(&mut reports, further);
        }
        // A time that is declined is open again at once: by then the page must no longer offer it.
        self.page.publish(&self.settings()).await;
        self.page.send_decisions().await;
        self.accounts.tidy_left(self.zone()?).await?;
        Ok(reports)
    }

    /// Looks at every calendar first: what stands there is what counts, not what is remembered.
    pub async fn remove_blocks(&self, confirm: &Confirm) -> Result<BlockRemoval, Problem> {
        if confirm.token.is_none() {
            self.sync_accounts(Reach::Full, self.zone()?).await?;
        }
        self.blocks.remove(confirm, &self.settings()).await
    }

    /// Takes the inbox, and notifies of what is new in it.
    pub async fn take_inbox(&self, wait_s: u64) -> Asked {
        let asked = self.page.take_inbox(wait_s).await;
        if let Asked::News(bookings) = &asked {
            bookings.iter().for_each(|booking| self.alert_booking(booking));
        }
        asked
    }

    fn alert_booking(&self, booking: &Booking) {
        let settings = self.settings();
        if !settings.notifications {
            return;
        }
        let tongue = self.tongue();
        let who = booking.visitor.as_ref().map(|visitor| visitor.name.as_str()).unwrap_or_default();
        let at = wall(booking.start, self.zone_or_utc());
        self.alerts.say(match booking.state {
            State::Cancelled => tongue.booking_cancelled(who, at, settings.clock_24h),
            State::Requested => tongue.requested(who, at, settings.clock_24h),
            _ => tongue.booked(who, at, settings.clock_24h),
        });
    }

    /// What a run of some account makes possible. Writes that follow are left to the next run, which the
    /// outbox's bell starts. A step that fails keeps none of the others back; the first failure is told.
    pub async fn after_sync(&self) -> Result<(), Problem> {
        self.alert_owner();
        let first = [
            self.mirror.roll_horizon(self.ports.clock.now()).await.map(drop).map_err(problems::mirror),
            self.adopt_zone().await,
            self.page.decide_due(&self.settings()).await.map(drop),
            self.copy_busy().await,
        ];
        // A time that is declined is open again at once: by then the page must no longer offer it.
        self.page.publish(&self.settings()).await;
        self.page.send_decisions().await;
        let last = async { self.accounts.tidy_left_at_times(self.zone()?).await }.await;
        first.into_iter().chain([last]).collect()
    }

    async fn copy_busy(&self) -> Result<(), Problem> {
        if self.blocks.turn(&self.settings()).await? {
            self.staged.ring();
        }
        Ok(())
    }

    pub async fn sync_accounts(&self, reach: Reach, zone: Tz) -> Result<Vec<(String, Report)>, Problem> {
        self.mirror.roll_horizon(self.ports.clock.now()).await.map_err(problems::mirror)?;
        let reports = self.sync.all(reach, zone).await.map_err(problems::mirror)?;
        self.alert_owner();
        Ok(reports.into_iter().map(|(account, report)| (account.address, report)).collect())
    }

    /// Until the person has said where they live, the first account's main calendar knows best.
    pub async fn adopt_zone(&self) -> Result<(), Problem> {
        let settings = self.settings();
        let untouched: Option<Settings> = self.mirror.setting(SETTINGS).await.map_err(problems::mirror)?;
        if untouched.is_some() {
            return Ok(());
        }
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let main = calendars.iter().filter(|calendar| calendar.primary && !calendar.gone);
        let main = main.into_iter().find_map(|calendar| calendar.zone);
        match main {
            Some(zone) if zone.name() != settings.zone => {
                self.set_settings(Settings { zone: zone.name().into(), ..settings }).await
            }
            _ => Ok(()),
        }
    }

    pub fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub async fn set_settings(&self, settings: Settings) -> Result<(), Problem> {
        profile::check_settings(&settings)?;
        self.mirror.set_setting(SETTINGS, &settings).await.map_err(problems::mirror)?;
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
        // The providers' clients were made with the old zone, and so were the days that cards name.
        self.providers.renew_all();
        let zone = self.zone_or_utc();
        gaps::show(&self.mirror, &self.health, zone).await.map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Settings, Tag::Schedule, Tag::Page, Tag::Health, Tag::Accounts]);
        self.changed.ring();
        Ok(())
    }

    pub fn zone(&self) -> Result<Tz, Problem> {
        profile::zone(&self.settings())
    }

    pub fn zone_or_utc(&self) -> Tz {
        self.zone().unwrap_or(Tz::UTC)
    }

    pub fn tongue(&self) -> Tongue {
        tongue(self.settings().language, &self.language)
    }

    pub async fn boot(&self) -> Result<Boot, Problem> {
        let settings = self.settings();
        let accounts = self.mirror.accounts().await.map_err(problems::mirror)?;
        let saved: Option<Settings> = self.mirror.setting(SETTINGS).await.map_err(problems::mirror)?;
        Ok(Boot {
            version: env!("CARGO_PKG_VERSION").into(),
            zone_database: zone_database().into(),
            now: wall(self.ports.clock.now(), self.zone()?),
            first_start: FirstStart {
                account: accounts.is_empty(),
                hours: saved.is_none_or(|settings: Settings| settings.name.is_empty()),
                page: !self.page.is_enrolled().await?,
                dismissed: settings.first_steps_dismissed,
            },
            settings,
            system_language: tongue(Language::System, &self.language).into(),
            can_connect: self.providers.connectable(),
            secrets: self.ports.secrets.state(),
        })
    }

    /// What is known of accounts before anybody has been asked.
    pub async fn say_about_accounts(&self) -> Result<(), MirrorError> {
        for account in self.mirror.accounts().await? {
            if account.paused {
                let who = Who { account: account.id, address: &account.address };
                trouble::account_is_paused(&self.health, who);
            }
        }
        Ok(())
    }

    /// A lost sign-in is told once, when it is found.
    fn alert_owner(&self) {
        if !self.settings().notifications {
            return;
        }
        let tongue = self.tongue();
        for card in self.health.take_news() {
            let account = card.params.get("account").map(String::as_str).unwrap_or_default();
            if let Some(words) = tongue.trouble(card.code, account) {
                self.alerts.say(words);
            }
        }
    }
}

fn conflicts_beside(desk: &Desk) -> Conflicts {
    Conflicts {
        mirror: desk.mirror.clone(),
        ports: desk.ports.clone(),
        health: Arc::clone(&desk.health),
        notices: Arc::clone(&desk.notices),
        staged: desk.staged.clone(),
    }
}

fn blocks_beside(desk: &Desk) -> Blocks {
    let (health, notices) = (Arc::clone(&desk.health), Arc::clone(&desk.notices));
    Blocks::new(desk.mirror.clone(), desk.ports.clone(), health, notices, desk.staged.clone())
}

fn means(ports: &Ports) -> Result<Means, RemoteError> {
    let (http, entropy) = (daymark_remotes::http::client()?, Arc::clone(&ports.entropy));
    Ok(Means { http, pace: EnginePace::new(ports), entropy })
}

fn assemble_sync(
    mirror: &Mirror,
    providers: &Arc<Providers>,
    ports: &Ports,
    health: &Arc<Registry>,
    notices: &Arc<Notices>,
) -> Sync {
    let pull = Pull {
        mirror: mirror.clone(),
        health: Arc::clone(health),
        notices: Arc::clone(notices),
        clock: Arc::clone(&ports.clock),
        again: std::sync::Mutex::default(),
    };
    let push = Push {
        mirror: mirror.clone(),
        health: Arc::clone(health),
        notices: Arc::clone(notices),
        clock: Arc::clone(&ports.clock),
        entropy: Arc::clone(&ports.entropy),
    };
    let (providers, health, notices) = (Arc::clone(providers), Arc::clone(health), Arc::clone(notices));
    Sync::new(mirror.clone(), providers, pull, push, health, notices)
}

fn merge_reports(all: &mut [(String, Report)], further: Vec<(String, Report)>) {
    for (address, report) in further {
        if let Some((_, sum)) = all.iter_mut().find(|(known, _)| *known == address) {
            sum.pulled.add(report.pulled);
            sum.pushed.add(report.pushed);
            sum.ok &= report.ok;
        }
    }
}
