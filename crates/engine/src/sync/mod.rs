//! Syncing: what is sent and read for an account, in which order, and what its failures mean.

pub mod aside;
pub mod asks;
pub mod gaps;
pub mod grants;
pub mod loops;
pub mod parting;
pub mod pull;
pub mod push;
pub mod refused;
pub mod stale;
pub mod storage;
pub mod trouble;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono_tz::Tz;
use daymark_mirror::{Account, AccountId, AccountState, Grant, Mirror, MirrorError};
use daymark_remotes::error::RemoteError;
use daymark_remotes::oauth::GrantStatus;
use futures_util::future::join_all;

use crate::api::Tag;
use crate::api::accounts::ProviderKind;
use crate::health::{Registry, Subject};
use crate::notices::Notices;
use crate::ports::Clock;
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
    /// After a failure that may pass by itself: when to try again.
    pub retry: Option<Duration>,
}

impl Report {
    /// A run that went well and had nothing to do.
    pub fn idle() -> Self {
        Report { ok: true, ..Report::default() }
    }
}

/// A provider that is back is found within so long.
const RETRY: Duration = Duration::from_secs(60);

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
    pub clock: Arc<dyn Clock>,
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
        let clock = Arc::clone(&pull.clock);
        Sync { mirror, providers, pull, push, health, notices, clock, running: Mutex::default() }
    }

    /// Every account, side by side; one that fails does not hold the others up.
    pub async fn all(&self, reach: Reach, home: Tz) -> Result<Vec<(Account, Report)>, MirrorError> {
        let mut accounts = self.mirror.accounts().await?;
        accounts.retain(is_asked);
        let runs = accounts.iter().map(|account| self.account(account, reach, home));
        let reports = join_all(runs).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(accounts.into_iter().zip(reports).collect())
    }

    /// One account. Its troubles become health cards; the mirror's own are errors as well.
    pub async fn account(&self, account: &Account, reach: Reach, home: Tz) -> Result<Report, MirrorError> {
        let ended = self.take_turn(account, reach, home).await;
        match &ended {
            // A reading notes at least that it was made.
            Ok(report) if report.ok && reach == Reach::Full => storage::is_well(&self.health),
            Ok(_) => {}
            Err(error) => storage::failed(&self.health, error),
        }
        ended
    }

    async fn take_turn(&self, account: &Account, reach: Reach, home: Tz) -> Result<Report, MirrorError> {
        let turn = self.turn(account.id);
        let _turn = turn.lock().await;
        let mut report = Report::default();
        match self.run(account, reach, home, &mut report).await {
            Ok(()) => {
                report.ok = true;
                // A run that had nothing to send has asked nobody, and knows nothing.
                if reach == Reach::Full || report.pushed != Pushed::default() {
                    self.is_well(account, home).await?;
                }
            }
            Err(SyncError::Remote(error)) => {
                report.retry = retry_after(&error);
                self.failed(account, &error).await?;
            }
            Err(SyncError::Mirror(error)) => return Err(error),
        }
        tracing::debug!(account = account.id.0, ?reach, ?report, "an account was synced");
        Ok(report)
    }

    /// A paused account asks nothing of its provider but this: a permission that is not used for
    /// months ends, and the pause should not cost the sign-in.
    pub async fn keep_alive(&self, account: &Account, home: Tz) -> Result<(), MirrorError> {
        let Ok(provider) = provider_of(account) else { return Ok(()) };
        if !grants::wants_exercise(provider, &account.grant, self.clock.now()) {
            return Ok(());
        }
        let turn = self.turn(account.id);
        let _turn = turn.lock().await;
        let Ok(live) = self.providers.of(account.id, provider, home).await else { return Ok(()) };
        let Some(tokens) = &live.tokens else { return Ok(()) };
        if let Err(error) = tokens.exercise().await {
            tracing::info!(account = account.id.0, %error, "the permission of a paused account was not exercised");
        }
        self.learn(account).await.map(drop)
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
        let able = live.capabilities();
        let calendars = live.calendars.as_ref();
        let source = Source { calendars, lists: able.lists, tells_busy: able.tells_busy, home };
        report.pushed.add(self.push.account(account, source, &self.pull).await?);
        if reach == Reach::Full {
            report.pulled.add(self.pull.account(account, source).await?);
            if account.state == AccountState::Error {
                // It answers again: what waits need not wait for its next attempt.
                self.mirror.end_waits(account.id, self.clock.now()).await?;
            }
            report.pushed.add(self.push.account(account, source, &self.pull).await?);
        }
        Ok(())
    }

    async fn is_well(&self, account: &Account, home: Tz) -> Result<(), MirrorError> {
        let (grant, status) = self.learn(account).await?;
        // Paused or left while the run was under way: what is shown about that stays.
        if !self.is_still_asked(account.id).await? {
            return Ok(());
        }
        let who = Who { account: account.id, address: &account.address };
        let ending = match provider_of(account) {
            Ok(provider) => grants::ending(provider, &grant, &status, self.clock.now()),
            Err(_) => None,
        };
        match (&status.unsaved, &ending) {
            (Some(why), _) => trouble::keyring_failed(&self.health, who, why),
            (None, Some(ending)) => trouble::account_ends(&self.health, who, ending, home),
            (None, None) => trouble::account_is_well(&self.health, account.id),
        }
        let state = match (&status.unsaved, &ending) {
            (None, None) => AccountState::Ok,
            _ => AccountState::Expiring,
        };
        self.set_state(account, state).await
    }

    async fn failed(&self, account: &Account, error: &RemoteError) -> Result<(), MirrorError> {
        let (_, status) = self.learn(account).await?;
        if !self.is_still_asked(account.id).await? {
            return Ok(());
        }
        let who = Who { account: account.id, address: &account.address };
        let of_testing = provider_of(account)
            .is_ok_and(|provider| grants::ended_as_test(provider, &account.grant, &status, self.clock.now()));
        let state = state_after(error);
        if of_testing && state == AccountState::SignInNeeded {
            trouble::test_grant_ended(&self.health, who);
        } else {
            trouble::account_failed(&self.health, who, error);
        }
        self.set_state(account, state).await
    }

    async fn is_still_asked(&self, id: AccountId) -> Result<bool, MirrorError> {
        Ok(self.mirror.accounts().await?.iter().any(|account| account.id == id && is_asked(account)))
    }

    /// Keeps what the run has taught about the account's grant.
    async fn learn(&self, account: &Account) -> Result<(Grant, GrantStatus), MirrorError> {
        let status = self.providers.grant_status(account.id);
        let Ok(provider) = provider_of(account) else { return Ok((account.grant, status)) };
        let grant = grants::learned(provider, &account.grant, &status, self.clock.now());
        if grant != account.grant {
            self.mirror.set_grant(account.id, &grant).await?;
        }
        Ok((grant, status))
    }

    /// The card that stands is the reason, in the words that the person reads.
    async fn set_state(&self, account: &Account, state: AccountState) -> Result<(), MirrorError> {
        let card = self.health.about(&Subject::Account(account.id.0), &trouble::OF_ACCOUNT);
        let reason = card.map(|card| card.message).unwrap_or_default();
        if account.state != state || account.reason != reason {
            self.mirror.set_account_state(account.id, state, &reason).await?;
            self.notices.tell(&[Tag::Accounts]);
        }
        Ok(())
    }

    /// Whether the last run of the account ended in trouble that only its owner can cure.
    pub fn needs_owner(&self, account: AccountId) -> bool {
        self.health.about(&Subject::Account(account.0), &trouble::OF_OWNER).is_some()
    }

    pub fn is_running(&self, account: AccountId) -> bool {
        self.turn(account).try_lock().is_err()
    }

    fn turn(&self, account: AccountId) -> Arc<tokio::sync::Mutex<()>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(running.entry(account).or_default())
    }
}

fn state_after(error: &RemoteError) -> AccountState {
    match error {
        RemoteError::SignIn { .. } => AccountState::SignInNeeded,
        RemoteError::Scope { .. } => AccountState::MissingScope,
        _ => AccountState::Error,
    }
}

/// Whether anything is asked of the account's provider: not while it is paused, and a file has none.
pub fn is_asked(account: &Account) -> bool {
    !account.paused && !is_file(account)
}

/// What it holds is as old as it is, and never gets older.
pub fn is_file(account: &Account) -> bool {
    account.provider == FILE
}

/// When to try again after a failure; `None` when that would help nobody.
fn retry_after(error: &RemoteError) -> Option<Duration> {
    match error {
        RemoteError::Paused { wait, .. }
        | RemoteError::Resting { wait, .. }
        | RemoteError::Throttled { retry_after: Some(wait), .. } => Some(*wait),
        other => other.is_passing().then_some(RETRY),
    }
}

/// The provider that an account's row names.
pub fn provider_of(account: &Account) -> Result<ProviderKind, RemoteError> {
    match account.provider.as_str() {
        GOOGLE => Ok(ProviderKind::Google),
        MICROSOFT => Ok(ProviderKind::Microsoft),
        FILE => Ok(ProviderKind::File),
        FEED => Ok(ProviderKind::Feed),
        CALDAV => Ok(ProviderKind::CalDav),
        other => Err(RemoteError::Invalid {
            service: "the mirror",
            reason: format!("it holds an account of {other}, which this version does not know"),
        }),
    }
}

const GOOGLE: &str = "google";
const MICROSOFT: &str = "microsoft";
const FILE: &str = "file";
const FEED: &str = "feed";
const CALDAV: &str = "caldav";

/// How a provider is written in an account's row.
pub fn provider_name(provider: ProviderKind) -> &'static str {
    match provider {
        ProviderKind::Google => GOOGLE,
        ProviderKind::Microsoft => MICROSOFT,
        ProviderKind::File => FILE,
        ProviderKind::Feed => FEED,
        ProviderKind::CalDav => CALDAV,
    }
}
