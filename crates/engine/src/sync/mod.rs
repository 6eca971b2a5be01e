//! Syncing: what is sent and read for an account, in which order, and what its failures mean.

pub mod loops;
pub mod pull;
pub mod push;
pub mod trouble;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono_tz::Tz;
use daymark_mirror::{Account, AccountId, AccountState, Mirror, MirrorError};
use daymark_remotes::error::RemoteError;
use futures_util::future::join_all;

use crate::api::Tag;
use crate::api::accounts::ProviderKind;
use crate::api::health::CardCode;
use crate::health::{Registry, Subject};
use crate::notices::Notices;
use crate::providers::Providers;
use pull::{Pull, PullError, Pulled, Source};
use push::{Push, PushError, Pushed};
use trouble::Who;

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Sends what waits.
    Push,
    /// Sends, reads, and sends what the reading made possible.
    Full,
}

/// How a run for one account ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub pulled: Pulled,
    pub pushed: Pushed,
    pub ok: bool,
}

impl Report {
    /// A run that went well and had nothing to do.
    pub fn idle() -> Self {
        Report { ok: true, ..Report::default() }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}

impl From<PullError> for SyncError {
    fn from(error: PullError) -> Self {
        match error {
            PullError::Remote(error) => SyncError::Remote(error),
            PullError::Mirror(error) => SyncError::Mirror(error),
        }
    }
}

impl From<PushError> for SyncError {
    fn from(error: PushError) -> Self {
        match error {
            PushError::Remote(error) => SyncError::Remote(error),
            PushError::Mirror(error) => SyncError::Mirror(error),
        }
    }
}

pub struct Sync {
    pub mirror: Mirror,
    pub providers: Arc<Providers>,
    pub pull: Pull,
    pub push: Push,
    pub health: Arc<Registry>,
    pub notices: Arc<Notices>,
    /// One run at a time for each account: two would race for the same outbox rows.
    running: Mutex<HashMap<AccountId, Arc<tokio::sync::Mutex<()>>>>,
}

impl Sync {
    pub fn new(
        mirror: Mirror,
        providers: Arc<Providers>,
        pull: Pull,
        push: Push,
        health: Arc<Registry>,
        notices: Arc<Notices>,
    ) -> Self {
        Sync { mirror, providers, pull, push, health, notices, running: Mutex::default() }
    }

    /// Every account, side by side; one that fails does not hold the others up.
    pub async fn all(&self, reach: Reach, home: Tz) -> Result<Vec<(Account, Report)>, MirrorError> {
        let accounts = self.mirror.accounts().await?;
        let runs = accounts.iter().map(|account| self.account(account, reach, home));
        let reports = join_all(runs).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(accounts.into_iter().zip(reports).collect())
    }

    /// One account. Its troubles become health cards; only the mirror's own are errors.
    pub async fn account(&self, account: &Account, reach: Reach, home: Tz) -> Result<Report, MirrorError> {
        let turn = self.turn(account.id);
        let _turn = turn.lock().await;
        let mut report = Report::default();
        match self.run(account, reach, home, &mut report).await {
            Ok(()) => {
                report.ok = true;
                self.is_well(account).await?;
            }
            Err(SyncError::Remote(error)) => self.failed(account, &error).await?,
            Err(SyncError::Mirror(error)) => return Err(error),
        }
        tracing::debug!(account = account.id.0, ?reach, ?report, "an account was synced");
        Ok(report)
    }

    /// Sends first, so that a reading never shows an older state of what was just edited; reads; and
    /// sends again what the reading unlocked (a merged edit, an exception whose series is there now).
    async fn run(
        &self,
        account: &Account,
        reach: Reach,
        home: Tz,
        report: &mut Report,
    ) -> Result<(), SyncError> {
        let live = self.providers.of(account.id, provider_of(account)?, home).await?;
        let source = Source { calendars: live.calendars.as_ref(), lists: live.capabilities().lists };
        report.pushed.add(self.push.account(account, source.calendars).await?);
        if reach == Reach::Full {
            report.pulled.add(self.pull.account(account, source).await?);
            report.pushed.add(self.push.account(account, source.calendars).await?);
        }
        Ok(())
    }

    async fn is_well(&self, account: &Account) -> Result<(), MirrorError> {
        if account.state != AccountState::Ok {
            self.mirror.set_account_state(account.id, AccountState::Ok, "").await?;
            self.notices.tell(&[Tag::Accounts]);
        }
        trouble::account_is_well(&self.health, account.id);
        Ok(())
    }

    async fn failed(&self, account: &Account, error: &RemoteError) -> Result<(), MirrorError> {
        trouble::account_failed(&self.health, Who { account: account.id, address: &account.address }, error);
        let state = match error {
            RemoteError::SignIn { .. } => AccountState::SignInNeeded,
            RemoteError::Scope { .. } => AccountState::MissingScope,
            _ => return Ok(()),
        };
        if account.state != state {
            self.mirror.set_account_state(account.id, state, &error.to_string()).await?;
            self.notices.tell(&[Tag::Accounts]);
        }
        Ok(())
    }

    /// Whether the last run of the account ended in trouble that only its owner can cure.
    pub fn needs_owner(&self, account: AccountId) -> bool {
        let subject = Subject::Account(account.0);
        self.health.has(subject.clone(), CardCode::SignInNeeded)
            || self.health.has(subject, CardCode::MissingScope)
    }

    pub fn is_running(&self, account: AccountId) -> bool {
        self.turn(account).try_lock().is_err()
    }

    fn turn(&self, account: AccountId) -> Arc<tokio::sync::Mutex<()>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(running.entry(account).or_default())
    }
}

/// The provider that an account's row names.
pub fn provider_of(account: &Account) -> Result<ProviderKind, RemoteError> {
    match account.provider.as_str() {
        GOOGLE => Ok(ProviderKind::Google),
        MICROSOFT => Ok(ProviderKind::Microsoft),
        CALDAV => Ok(ProviderKind::CalDav),
        other => Err(RemoteError::Invalid {
            service: "the mirror",
            reason: format!("it holds an account of {other}, which this version does not know"),
        }),
    }
}

const GOOGLE: &str = "google";
const MICROSOFT: &str = "microsoft";
const CALDAV: &str = "caldav";

/// How a provider is written in an account's row.
pub fn provider_name(provider: ProviderKind) -> &'static str {
    match provider {
        ProviderKind::Google => GOOGLE,
        ProviderKind::Microsoft => MICROSOFT,
        ProviderKind::CalDav => CALDAV,
    }
}
