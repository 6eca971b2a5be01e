//! Accounts: signing in, choosing calendars, and leaving.

pub mod caldav;
pub mod sign_in;

use std::sync::Arc;

use chrono_tz::Tz;
use daymark_mirror::{Account, AccountId, AccountState, Calendar, CalendarId, Choice, Mirror};
use daymark_remotes::calendar::RemoteCalendar;
use daymark_remotes::error::RemoteError;
use daymark_remotes::oauth::SignIn;

use crate::api::Tag;
use crate::api::accounts::{
    self as api, CalendarChoice, ConnectIntent, ConnectStarted, ConnectState, ProviderKind,
};
use crate::api::problem::{Problem, ProblemCode};
use crate::api::settings::SecretsState;
use crate::health::{Registry, Subject};
use crate::notices::Notices;
use crate::ports::Ports;
use crate::problems;
use crate::providers::{Live, Providers, secret_name};
use crate::sync::loops::Bell;
use crate::sync::{provider_name, provider_of};
use sign_in::{Attempts, Shared, Unnamed};

/// The use cases around accounts.
#[derive(Clone)]
pub struct Accounts {
    pub mirror: Mirror,
    pub providers: Arc<Providers>,
    pub ports: Ports,
    pub health: Arc<Registry>,
    pub notices: Arc<Notices>,
    pub attempts: Arc<Attempts>,
    /// Rung when the set of accounts or calendars changed, so that loops look again.
    pub changed: Bell,
}

impl Accounts {
    /// Starts a sign-in. It goes on by itself; [`Accounts::state`] and the `connect` notice tell how.
    pub async fn connect(&self, intent: ConnectIntent, home: Tz) -> Result<ConnectStarted, Problem> {
        if self.ports.secrets.state() == SecretsState::Missing {
            return Err(no_keyring());
        }
        let provider = intent.provider;
        let known = match intent.account {
            Some(id) => Some(self.account(AccountId(id)).await?),
            None => None,
        };
        let server = self.providers.server(provider).map_err(|error| no_client(provider, &error))?;
        let hint = known.as_ref().map(|account| account.address.as_str());
        let entropy = self.ports.entropy.as_ref();
        let sign_in = SignIn::begin(&server, hint, entropy)
            .await
            .map_err(|error| sign_in::problem(&error, provider))?;
        let page = sign_in.authorize_url().clone();
        let (attempt, cancel) = self.attempts.begin(entropy);
        let (this, name) = (self.clone(), attempt.clone());
        tokio::spawn(async move {
            let state = match this.finish(sign_in, provider, known, home, &cancel).await {
                Ok(account) => ConnectState::Done { account: account.0 },
                Err(problem) => ConnectState::Failed { problem },
            };
            this.attempts.end(&name, state);
            this.notices.tell(&[Tag::Connect, Tag::Accounts]);
        });
        if let Err(error) = self.ports.browser.open(&page) {
            // The link can still be copied by hand; the attempt goes on.
            tracing::warn!(%error, "the system's browser could not be opened");
        }
        Ok(ConnectStarted { attempt, authorize_url: page.into() })
    }

    pub fn state(&self, attempt: &str) -> Result<ConnectState, Problem> {
        let unknown =
            || Problem::new(ProblemCode::NotFound, "this sign-in is not known any more; begin again");
        self.attempts.state(attempt).ok_or_else(unknown)
    }

    async fn finish(
        &self,
        sign_in: SignIn,
        provider: ProviderKind,
        known: Option<Account>,
        home: Tz,
        cancel: &tokio_util::sync::CancellationToken,
    ) -> Result<AccountId, Problem> {
        let words = |error: RemoteError| sign_in::problem(&error, provider);
        let service = self.providers.sign_in_service();
        let clock = self.ports.clock.as_ref();
        let grant = sign_in::finish(sign_in, &service, clock, cancel).await.map_err(words)?;
        let unnamed = Arc::new(Unnamed::default());
        let live =
            self.providers.make(provider, Box::new(Shared(Arc::clone(&unnamed))), home).map_err(words)?;
        live.adopt(grant).await.map_err(words)?;
        let address = live.address().await.map_err(words)?;
        if let Some(other) = known.filter(|account| !account.address.eq_ignore_ascii_case(&address)) {
            return Err(wrong_account(&other.address, &address));
        }
        self.keep(provider, &address, &live, &unnamed).await
    }

    /// The account's row comes first: a token without a row could never be found and revoked. Should
    /// the process end between the two, the account asks for a sign-in, and nothing is lost.
    async fn keep(
        &self,
        provider: ProviderKind,
        address: &str,
        live: &Live,
        unnamed: &Arc<Unnamed>,
    ) -> Result<AccountId, Problem> {
        let now = self.ports.clock.now();
        let id =
            self.mirror.add_account(provider_name(provider), address, now).await.map_err(problems::mirror)?;
        let token = daymark_remotes::oauth::TokenStore::load(unnamed.as_ref())
            .await
            .ok()
            .flatten()
            .ok_or_else(|| Problem::new(ProblemCode::NoRefreshToken, "the sign-in left no token"))?;
        self.ports.secrets.save(&secret_name(id), token.as_bytes()).await.map_err(problems::secrets)?;
        self.providers.forget(Some(id));
        crate::sync::trouble::account_is_well(&self.health, id);
        match live.calendars.calendars().await {
            Ok(listed) => self.store_list(id, &listed).await?,
            // The first sync reads the list again and says what is wrong with it.
            Err(error) => {
                tracing::warn!(%error, "the list of calendars could not be read right after the sign-in")
            }
        }
        self.notices.tell(&[Tag::Accounts, Tag::Schedule]);
        self.changed.ring();
        Ok(id)
    }

    async fn store_list(&self, id: AccountId, listed: &[RemoteCalendar]) -> Result<(), Problem> {
        let listed: Vec<_> = listed.iter().map(crate::sync::pull::listed_as).collect();
        self.mirror.store_calendars(id, &listed).await.map_err(problems::mirror)
    }

    /// Removes the account with its mirror, its token, and the grant behind it.
    pub async fn disconnect(&self, id: AccountId, home: Tz) -> Result<(), Problem> {
        let account = self.account(id).await?;
        let provider = provider_of(&account).map_err(|error| problems::remote(&error))?;
        if let Ok(live) = self.providers.of(id, provider, home).await {
            // A provider that cannot be reached must not keep the person from leaving.
            if let Err(error) = live.revoke().await {
                tracing::warn!(%error, "the grant could not be revoked at the provider");
            }
        }
        self.ports.secrets.remove(&secret_name(id)).await.map_err(problems::secrets)?;
        let calendars = self.calendars_of(id).await?;
        self.mirror.remove_account(id).await.map_err(problems::mirror)?;
        self.providers.forget(Some(id));
        self.health.forget(|subject| match subject {
            Subject::Account(account) => *account == id.0,
            Subject::Calendar(calendar) | Subject::Event(calendar, _) => {
                calendars.contains(&CalendarId(*calendar))
            }
            _ => false,
        });
        self.notices.tell(&[Tag::Accounts, Tag::Schedule, Tag::Page, Tag::Journal]);
        self.changed.ring();
        Ok(())
    }

    pub async fn choose(&self, choice: CalendarChoice) -> Result<(), Problem> {
        if choice.color.is_some_and(|color| !(1..=8).contains(&color)) {
            return Err(Problem::new(ProblemCode::BadRequest, "a colour is a number from 1 to 8"));
        }
        let wanted = Choice {
            chosen: choice.chosen,
            shown: choice.shown,
            counts_busy: choice.counts_busy,
            color: choice.color,
        };
        self.mirror.choose_calendar(CalendarId(choice.calendar), wanted).await.map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Accounts, Tag::Schedule, Tag::Page]);
        self.changed.ring();
        Ok(())
    }

    async fn account(&self, id: AccountId) -> Result<Account, Problem> {
        let accounts = self.mirror.accounts().await.map_err(problems::mirror)?;
        let gone = || Problem::new(ProblemCode::NotFound, "this account is not connected any more");
        accounts.into_iter().find(|account| account.id == id).ok_or_else(gone)
    }

    async fn calendars_of(&self, id: AccountId) -> Result<Vec<CalendarId>, Problem> {
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        Ok(calendars.iter().filter(|calendar| calendar.account == id).map(|calendar| calendar.id).collect())
    }
}

/// An account as the UI lists it.
pub fn view(
    account: &Account,
    calendars: &[Calendar],
    health: &Registry,
    syncing: bool,
    next_sync: Option<daymark_core::time::Instant>,
    zone: Tz,
) -> Result<api::Account, Problem> {
    let provider = provider_of(account).map_err(|error| problems::remote(&error))?;
    let own = calendars.iter().filter(|calendar| calendar.account == account.id && !calendar.gone);
    Ok(api::Account {
        id: account.id.0,
        provider,
        address: account.address.clone(),
        state: state(account, health, syncing),
        calendars: own.map(|calendar| calendar_view(calendar, health, next_sync, zone)).collect(),
    })
}

fn state(account: &Account, health: &Registry, syncing: bool) -> api::AccountState {
    use crate::api::health::CardCode;
    let has = |code| health.has(Subject::Account(account.id.0), code);
    match account.state {
        AccountState::SignInNeeded | AccountState::MissingScope => api::AccountState::SignInNeeded,
        AccountState::Ok if syncing => api::AccountState::Syncing,
        AccountState::Ok if has(CardCode::Offline) => api::AccountState::Offline,
        AccountState::Ok if has(CardCode::ProviderFailing) => api::AccountState::Failing,
        AccountState::Ok => api::AccountState::Ok,
    }
}

fn calendar_view(
    calendar: &Calendar,
    health: &Registry,
    next_sync: Option<daymark_core::time::Instant>,
    zone: Tz,
) -> api::Calendar {
    let wall = |at| daymark_core::time::wall(at, zone);
    let failing = health.has(Subject::Calendar(calendar.id.0), crate::api::health::CardCode::CalendarFailing);
    let progress = match (calendar.first_synced, calendar.cursor.is_some()) {
        _ if failing => api::Progress::Failing,
        (Some(_), _) => api::Progress::UpToDate,
        (None, true) => api::Progress::FirstSync,
        (None, false) => api::Progress::NeverSynced,
    };
    api::Calendar {
        id: calendar.id.0,
        name: calendar.name.clone(),
        color: calendar.color,
        writable: calendar.access == daymark_mirror::Access::Write,
        primary: calendar.primary,
        chosen: calendar.chosen,
        shown: calendar.shown,
        counts_busy: calendar.counts_busy,
        events: calendar.events,
        progress,
        last_sync: calendar.last_sync.map(wall),
        next_sync: next_sync.filter(|_| calendar.chosen).map(wall),
    }
}

fn no_keyring() -> Problem {
    Problem::new(
        ProblemCode::NoKeyring,
        "no keyring answers on this machine, so a token could not be kept safely; start a keyring service, or set \
         [secrets] store = \"passphrase\" in config.toml",
    )
}

fn no_client(provider: ProviderKind, error: &RemoteError) -> Problem {
    Problem::new(ProblemCode::NoClientId, error.to_string()).with("provider", format!("{provider:?}"))
}

fn wrong_account(wanted: &str, got: &str) -> Problem {
    Problem::new(
        ProblemCode::SignInMismatch,
        format!("you signed in as {got}, but {wanted} needs it; choose that account in the browser"),
    )
    .with("wanted", wanted)
    .with("got", got)
}
