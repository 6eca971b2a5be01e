//! Connecting: a sign-in in the browser becomes an account, new or known.

use std::sync::Arc;

use chrono_tz::Tz;
use daymark_mirror::{Account, AccountId};
use daymark_remotes::calendar::RemoteCalendar;
use daymark_remotes::error::RemoteError;
use daymark_remotes::oauth::{Answer, Grant, SignIn};

use super::Accounts;
use super::sign_in::{self, Unnamed};
use crate::api::Tag;
use crate::api::accounts::{ConnectIntent, ConnectStarted, ConnectState, ProviderKind};
use crate::api::problem::{Problem, ProblemCode};
use crate::problems;
use crate::sync::provider_name;

impl Accounts {
    /// Starts a sign-in. It goes on by itself; [`Accounts::state`] and the `connect` notice tell how.
    pub async fn connect(&self, intent: ConnectIntent, home: Tz) -> Result<ConnectStarted, Problem> {
        self.can_keep_secrets()?;
        let provider = intent.provider;
        let known = match intent.account {
            Some(id) => Some(self.known(AccountId(id)).await?),
            None => None,
        };
        let server = self.providers.server(provider).map_err(|error| sign_in::problem(&error, provider))?;
        let hint = known.as_ref().map(|account| account.address.as_str());
        let entropy = self.ports.entropy.as_ref();
        let sign_in = SignIn::begin(&server, hint, entropy)
            .await
            .map_err(|error| sign_in::problem(&error, provider))?;
        let page = sign_in.authorize_url().clone();
        let (attempt, cancel) = self.attempts.begin(entropy);
        let (this, name) = (self.clone(), attempt.clone());
        let clock = Arc::clone(&self.ports.clock);
        tokio::spawn(async move {
            let on_stranger = || this.met_stranger(&name);
            let ended = match sign_in::answer(sign_in, clock.as_ref(), &cancel, &on_stranger).await {
                Ok((answer, tab)) => {
                    let work = this.take_up(answer, provider, known, home);
                    tab.follow(work, clock.wait(sign_in::TAB_PATIENCE)).await
                }
                Err(error) => Err(sign_in::problem(&error, provider)),
            };
            let state = match ended {
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

    fn met_stranger(&self, attempt: &str) {
        self.attempts.met_stranger(attempt);
        self.notices.tell(&[Tag::Connect]);
    }

    /// Makes an account of what the browser brought.
    async fn take_up(
        &self,
        answer: Answer,
        provider: ProviderKind,
        known: Option<Account>,
        home: Tz,
    ) -> Result<AccountId, Problem> {
        let words = |error: RemoteError| sign_in::problem(&error, provider);
        let service = self.providers.sign_in_service();
        let grant = answer.redeem(&service).await.map_err(words)?;
        let (live, tokens) =
            self.providers.unnamed(provider, Box::new(Unnamed::default()), home).map_err(words)?;
        tokens.adopt(grant.clone()).await.map_err(words)?;
        let address = live.address().await.map_err(words)?;
        if let Some(other) = known.filter(|account| !account.address.eq_ignore_ascii_case(&address)) {
            return Err(wrong_account(&other.address, &address));
        }
        self.keep(provider, &address, grant, home).await
    }

    /// The account's row comes first: a token without a row could never be found and revoked. Should
    /// the process end between the two, the account asks for a sign-in, and nothing is lost. An account
    /// that is known, or was left, comes back with everything it had.
    async fn keep(
        &self,
        provider: ProviderKind,
        address: &str,
        grant: Grant,
        home: Tz,
    ) -> Result<AccountId, Problem> {
        let _leaving = self.leaving.lock().await;
        self.forget_revocation(provider, address).await?;
        let name = provider_name(provider);
        let id =
            self.mirror.add_account(name, address, self.ports.clock.now()).await.map_err(problems::mirror)?;
        self.note_end(id, &grant).await?;
        let words = |error: RemoteError| sign_in::problem(&error, provider);
        let tokens = self.providers.tokens(id, provider).map_err(words)?;
        tokens.adopt(grant).await.map_err(words)?;
        let account = self.account(id).await?;
        if !account.paused {
            crate::sync::trouble::account_is_well(&self.health, id);
        }
        let live = self.providers.of(id, provider, home).await.map_err(words)?;
        match live.calendars.calendars().await {
            Ok(listed) => self.store_list(id, &listed, live.capabilities().tells_busy).await?,
            // The first sync reads the list again and says what is wrong with it.
            Err(error) => {
                tracing::warn!(%error, "the list of calendars could not be read right after the sign-in")
            }
        }
        self.notices.tell(&[Tag::Accounts, Tag::Schedule]);
        self.changed.ring();
        Ok(id)
    }

    pub(super) async fn store_list(
        &self,
        id: AccountId,
        listed: &[RemoteCalendar],
        tells_busy: bool,
    ) -> Result<(), Problem> {
        let listed = crate::sync::pull::readable(listed, tells_busy);
        self.mirror.store_calendars(id, &listed).await.map_err(problems::mirror)
    }

    async fn note_end(&self, id: AccountId, grant: &Grant) -> Result<(), Problem> {
        let account = self.account(id).await?;
        let known = daymark_mirror::Grant { ends: grant.refresh_ends, ..account.grant };
        self.mirror.set_grant(id, &known).await.map_err(problems::mirror)
    }
}

pub(super) fn wrong_account(wanted: &str, got: &str) -> Problem {
    Problem::new(
        ProblemCode::SignInMismatch,
        format!("you signed in as {got}, but {wanted} needs it; choose that account in the browser"),
    )
    .with("wanted", wanted)
    .with("got", got)
}
