//! The engine as its hosts see it: opened, called, listened to, started and stopped.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono_tz::Tz;
use daymark_core::time::wall;
use daymark_mirror::{AccountId, Mirror, MirrorError};
use daymark_remotes::error::RemoteError;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::accounts;
use crate::alerts::Alert;
use crate::api::accounts::Account;
use crate::api::health::{Health, HealthState};
use crate::api::problem::ProblemCode;
use crate::api::settings::Zones;
use crate::api::{Call, Notice, Problem, Tag};
use crate::config::Config;
use crate::history;
use crate::lock::{FolderLock, LockError};
use crate::parts::{self, Parts};
use crate::ports::Ports;
use crate::problems;
use crate::profile;
use crate::runner::Runner;
use crate::sync::{Reach, Report, is_asked};
use crate::tray::TrayView;

/// What an engine is opened with.
pub struct Opening {
    pub data: PathBuf,
    pub config: Config,
    pub ports: Ports,
    /// The system's language, as `LANG` has it.
    pub language: String,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    #[error("no network client can be made")]
    Network(#[from] RemoteError),
    #[error("the settings in the database are not right: {0}")]
    Settings(Problem),
}

/// The headless application.
pub struct Engine {
    parts: Arc<Parts>,
    runner: Mutex<Option<Runner>>,
    paused: AtomicBool,
}

impl Engine {
    pub async fn open(opening: Opening) -> Result<Engine, StartError> {
        let lock = FolderLock::take(&opening.data)?;
        let mirror = Mirror::open(&database(&opening.data)).await?;
        mirror.roll_horizon(opening.ports.clock.now()).await?;
        let engine = Engine::over(mirror, opening).await?;
        engine.parts.hold(lock);
        Ok(engine)
    }

    /// Opens a folder that another engine holds, for calls that only read. What would write fails.
    pub async fn open_beside(opening: Opening) -> Result<Engine, StartError> {
        let mirror = Mirror::open_beside(&database(&opening.data)).await?;
        Engine::over(mirror, opening).await
    }

    async fn over(mirror: Mirror, opening: Opening) -> Result<Engine, StartError> {
        let Opening { data: _, config, ports, language } = opening;
        let settings = mirror.setting(parts::SETTINGS).await?.unwrap_or_else(profile::default_settings);
        profile::check_settings(&settings).map_err(StartError::Settings)?;
        let parts = Parts::assemble(mirror, Arc::new(config), ports, language, settings)?;
        parts.say_about_secrets();
        parts.blocks.show_held().await.map_err(StartError::Settings)?;
        crate::sync::trouble::recall(&parts.mirror, &parts.health).await?;
        parts.say_about_accounts().await?;
        crate::sync::asks::show(&parts.mirror, &parts.health).await?;
        crate::sync::gaps::show(&parts.mirror, &parts.health, parts.zone_or_utc()).await?;
        Ok(Engine { parts: Arc::new(parts), runner: Mutex::new(None), paused: AtomicBool::new(false) })
    }

    /// A call by name, as it arrives from a window.
    pub async fn call_named(&self, name: &str, payload: Value) -> Result<Value, Problem> {
        let call = serde_json::json!({ "name": name, "payload": payload });
        let call: Call = serde_json::from_value(call).map_err(|error| {
            Problem::new(ProblemCode::BadRequest, format!("“{name}” is not understood: {error}"))
        })?;
        self.call(call).await
    }

    pub async fn call(&self, call: Call) -> Result<Value, Problem> {
        // The calls together make a large future; whoever awaits one should not carry it on the stack.
        Box::pin(self.dispatch(call)).await
    }

    async fn dispatch(&self, call: Call) -> Result<Value, Problem> {
        let parts = &self.parts;
        let zone = parts.zone()?;
        match call {
            Call::Boot(()) => json(parts.boot().await?),
            Call::Schedule(query) => json(parts.desk.schedule(query, zone).await?),
            Call::Event(event) => json(parts.desk.event(&event, zone).await?),
            Call::SearchEvents(search) => json(parts.desk.search(&search, zone).await?),
            Call::OpenLink(link) => json(parts.desk.open_link(&link)?),
            Call::Rail(()) => json(parts.desk.rail(zone).await?),
            Call::CreateEvent(new) => json(parts.desk.create(new, zone).await?),
            Call::ChangeEvent(change) => json(parts.desk.change(change, zone).await?),
            Call::DeleteEvent(delete) => json(parts.desk.delete(&delete).await?),
            Call::Undo(undo) => json(parts.desk.undo(undo).await?),
            Call::RetryWrite(write) => json(parts.desk.retry(write.event).await?),
            Call::Conflicts(()) => json(parts.conflicts.list(zone).await?),
            Call::ResolveConflict(answer) => json(parts.conflicts.resolve(answer).await?),
            Call::Journal(query) => json(history::entries(&parts.mirror, query, zone).await?),
            Call::JournalRuns(query) => json(history::runs(&parts.mirror, query, zone).await?),
            Call::UndoRun(undo) => json(parts.desk.undo_run(undo).await?),
            Call::HeldRuns(()) => json(parts.blocks.held(zone).await?),
            Call::ReleaseRun(run) => json(parts.blocks.release(&run, &parts.settings()).await?),
            Call::DropRun(run) => json(parts.blocks.drop_run(run, &parts.settings()).await?),
            Call::RemoveBlocks(confirm) => json(parts.remove_blocks(&confirm).await?),
            Call::RemoveEverything(confirm) => json(parts.blocks.remove_everything(&confirm, zone).await?),
            Call::Accounts(()) => json(self.accounts(zone).await?),
            Call::Connect(intent) => json(parts.accounts.connect(intent, zone).await?),
            Call::ConnectState(attempt) => json(parts.accounts.state(&attempt.attempt)?),
            Call::ConnectCaldav(ask) => json(parts.accounts.connect_caldav(ask, zone).await?),
            Call::CancelConnect(attempt) => done(|| parts.accounts.attempts.cancel(&attempt.attempt)),
            Call::DisconnectPreview(account) => {
                json(parts.accounts.disconnect_preview(AccountId(account.account), zone).await?)
            }
            Call::Disconnect(which) => json(parts.accounts.disconnect(which, zone).await?),
            Call::LeaveAtOnce(account) => {
                json(parts.accounts.leave_at_once(AccountId(account.account)).await?)
            }
            Call::LeftAccounts(()) => json(parts.accounts.left(zone).await?),
            Call::RestoreAccount(account) => {
                json(parts.accounts.restore(AccountId(account.account), zone).await?)
            }
            Call::PauseAccount(pause) => json(parts.accounts.pause(pause, zone).await?),
            Call::TestAccount(account) => json(parts.accounts.test(AccountId(account.account), zone).await?),
            Call::ImportIcs(file) => json(parts.accounts.import(file, zone).await?),
            Call::Subscribe(feed) => json(parts.accounts.subscribe(feed, zone).await?),
            Call::DismissSetAside(calendar) => json(parts.accounts.dismiss_set_aside(calendar, zone).await?),
            Call::ExportCalendar(calendar) => json(parts.accounts.export(calendar, zone).await?),
            Call::SetCalendar(choice) => json(parts.accounts.choose(choice).await?),
            Call::SyncNow(()) => done(|| self.sync_soon()),
            Call::Health(()) => json(self.health().await?),
            Call::Settings(()) => json(parts.settings()),
            Call::SetSettings(settings) => json(parts.set_settings(settings).await?),
            Call::Zones(()) => json(zones()),
            Call::Page(()) => json(parts.page.view(zone).await?),
            Call::EnrolRelay(enrol) => json(parts.page.enrol(enrol, zone).await?),
            Call::SetPage(page) => json(parts.page.set(page, zone).await?),
            Call::Bookings(()) => json(parts.page.bookings(zone).await?),
            Call::DecideBooking(decide) => json(parts.page.decide(decide, &parts.settings()).await?),
            Call::ChooseSecrets(choice) => json(parts.choose_secrets(choice).await?),
            Call::UnlockSecrets(typed) => json(parts.unlock_secrets(&typed.passphrase).await?),
            Call::ReplaceSecrets(typed) => json(parts.replace_secrets(&typed.passphrase).await?),
        }
    }

    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.parts.notices.listen()
    }

    pub fn alerts(&self) -> broadcast::Receiver<Alert> {
        self.parts.alerts.listen()
    }

    /// Starts the loops. Until then nothing happens by itself.
    pub fn start(&self) {
        let mut runner = self.runner.lock().unwrap_or_else(PoisonError::into_inner);
        if runner.is_none() {
            *runner = Some(Runner::start(&self.parts));
        }
    }

    /// Stops the loops, lets what is under way come to a durable point, closes the mirror, and leaves the
    /// folder to the next engine.
    pub async fn stop(&self) {
        self.halt().await;
        self.parts.accounts.attempts.cancel_all();
        self.parts.mirror.close().await;
        self.parts.let_go();
    }

    async fn halt(&self) {
        let runner = self.runner.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runner) = runner {
            runner.stop().await;
        }
    }

    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// Stops or restarts syncing by itself; edits go on, and wait.
    pub fn set_paused(self: &Arc<Self>, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
        let this = Arc::clone(self);
        tokio::spawn(async move {
            if paused {
                this.halt().await;
            } else {
                this.start();
            }
            this.parts.notices.tell(&[Tag::Health]);
        });
    }

    /// Reads and sends everything as soon as the loops come to it.
    pub fn sync_soon(&self) {
        self.parts.sync.pull.try_set_aside_again();
        self.parts.hurry.ring();
    }

    /// One whole run, now: the inbox, every account, what follows from both, and the page.
    pub async fn sync(&self) -> Result<Vec<(String, Report)>, Problem> {
        Box::pin(self.parts.turn(Reach::Full)).await
    }

    /// Sends what waits, and nothing else.
    pub async fn push(&self) -> Result<Vec<(String, Report)>, Problem> {
        let zone = self.parts.zone()?;
        self.parts.sync_accounts(Reach::Push, zone).await
    }

    pub async fn tray(&self) -> Result<TrayView, Problem> {
        let zone = self.parts.zone()?;
        let tongue = self.parts.tongue();
        let health = self.health().await?;
        let rail = self.parts.desk.rail(zone).await?;
        let clock_24h = self.parts.settings().clock_24h;
        let next = rail.next.as_ref().map(|item| (item.start, item.title.as_str()));
        Ok(TrayView {
            state: health.state,
            tooltip: tongue.state(health.state).into(),
            next: tongue.next(next, clock_24h),
            paused: self.is_paused(),
            words: tongue.tray(),
        })
    }

    async fn accounts(&self, zone: Tz) -> Result<Vec<Account>, Problem> {
        let parts = &self.parts;
        let accounts = parts.mirror.accounts().await.map_err(problems::mirror)?;
        let calendars = parts.mirror.calendars().await.map_err(problems::mirror)?;
        let runner = self.runner.lock().unwrap_or_else(PoisonError::into_inner);
        let view = |account| {
            let next = runner.as_ref().and_then(|runner| runner.next_sync(account));
            accounts::view::account(
                account,
                &calendars,
                &parts.health,
                parts.sync.is_running(account.id),
                next,
                zone,
            )
        };
        accounts.iter().map(view).collect()
    }

    pub async fn health(&self) -> Result<Health, Problem> {
        let parts = &self.parts;
        let calendars = parts.mirror.calendars().await.map_err(problems::mirror)?;
        let cards = parts.health.cards();
        let accounts = parts.mirror.accounts().await.map_err(problems::mirror)?;
        // A paused account is meant to grow old, and a file never does.
        let asked: Vec<_> = accounts.iter().filter(|account| is_asked(account)).map(|it| it.id).collect();
        let mirrored = || {
            let mirrored = calendars.iter().filter(|calendar| calendar.chosen && !calendar.gone);
            mirrored.filter(|calendar| asked.contains(&calendar.account))
        };
        // The age of the whole is the age of its oldest part.
        let oldest = mirrored().map(|calendar| calendar.last_sync).min().flatten();
        let working = mirrored().any(|calendar| calendar.first_synced.is_none());
        let worst = cards.iter().map(|card| card.severity).max().unwrap_or(HealthState::Ok);
        let now = parts.ports.clock.now();
        Ok(Health {
            state: if working { worst.max(HealthState::Working) } else { worst },
            cards,
            last_sync: oldest.map(|at| wall(at, parts.zone_or_utc())),
            last_sync_age_s: oldest.map(|at| (now - at).num_seconds().max(0)),
            waiting: parts.mirror.waiting_count().await.map_err(problems::mirror)?,
        })
    }
}

/// The database's place within the data folder.
pub fn database(data: &Path) -> PathBuf {
    data.join("daymark.db")
}

fn zones() -> Zones {
    Zones { names: chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect() }
}

/// For calls that answer nothing.
fn done(work: impl FnOnce()) -> Result<Value, Problem> {
    work();
    Ok(Value::Null)
}

fn json(answer: impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(answer).map_err(|error| problems::internal(&error))
}
