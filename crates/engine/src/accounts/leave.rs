//! Leaving an account, in steps that may be cut anywhere: hidden first, then our copies go from its calendars, its
//! permission is moved aside in the keyring, given back to the provider, and forgotten. Its rows follow after
//! thirty days.

use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::time::{Instant, wall};
use daymark_mirror::{Account, AccountId, AccountState, Calendar, CalendarId, Removing};

use super::{Accounts, gone};
use crate::api::Tag;
use crate::api::accounts::{
    self as api, ConnectIntent, Disconnect, DisconnectPreview, HeldUp, LeftAccount, ProviderKind, Restored,
    UnsentEdit,
};
use crate::api::bookings::PageSettings;
use crate::api::problem::Problem;
use crate::health::Subject;
use crate::problems;
use crate::providers::secret_name;
use crate::sync::parting::is_signed_out;
use crate::sync::{provider_name, provider_of};

/// How long an account that was left can be brought back.
const KEPT: TimeDelta = TimeDelta::days(30);
/// How often what could not be given back is tried again.
const TIDY_EVERY: TimeDelta = TimeDelta::minutes(15);
/// Where the public page keeps its settings.
const PAGE: &str = "page";

/// When leftovers were last looked after.
#[derive(Debug, Default)]
pub struct Leaving {
    tidied: Option<Instant>,
}

/// The name under which a permission waits to be given back. It is kept nowhere but in the keyring.
fn revoke_name(account: AccountId) -> String {
    format!("revoke-{}", account.0)
}

impl Accounts {
    pub async fn disconnect_preview(&self, id: AccountId, zone: Tz) -> Result<DisconnectPreview, Problem> {
        self.account(id).await?;
        let now = self.ports.clock.now();
        let leaving = self.mirror.leaving(id, zone, now).await.map_err(problems::mirror)?;
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let name = |id: CalendarId| {
            calendars.iter().find(|it| it.id == id).map(|it| it.name.clone()).unwrap_or_default()
        };
        let page: Option<PageSettings> = self.mirror.setting(PAGE).await.map_err(problems::mirror)?;
        let target = page.and_then(|page| page.calendar);
        let is_target =
            |calendar: &Calendar| calendar.account == id && target == Some(calendar.id.0) && !calendar.gone;
        Ok(DisconnectPreview {
            events: leaving.events,
            waiting: leaving
                .waiting
                .into_iter()
                .map(|it| UnsentEdit { calendar: name(it.calendar), title: it.title, deletes: it.deletes })
                .collect(),
            copies: number(leaving.copies),
            own_copies: number(leaving.own),
            stranded: number(leaving.stranded),
            signed_out: leaving.signed_out,
            bookings: leaving.bookings,
            receives_bookings: calendars.iter().any(is_target),
            restorable_until: wall(now + KEPT, zone),
            token: leaving.token,
        })
    }

    /// The mirror hides the account first: from then on every start finishes what is left to do.
    pub async fn disconnect(&self, which: Disconnect, home: Tz) -> Result<(), Problem> {
        let id = AccountId(which.account);
        self.account(id).await?;
        let now = self.ports.clock.now();
        let removing = which.remove_copies.as_deref().map(|token| Removing { token, home });
        self.mirror.leave(id, removing, now).await.map_err(problems::mirror)?;
        self.forget_cards(id).await?;
        self.notices.tell(&[Tag::Accounts, Tag::Schedule, Tag::Page, Tag::Journal, Tag::Health]);
        self.changed.ring();
        self.staged.ring();
        self.give_up_permissions().await
    }

    /// The person waits no longer for copies to go from the account's calendars.
    pub async fn leave_at_once(&self, id: AccountId) -> Result<(), Problem> {
        let left = self.mirror.left_accounts().await.map_err(problems::mirror)?;
        left.iter().find(|account| account.id == id).ok_or_else(gone)?;
        self.mirror.end_parting(id, self.ports.clock.now()).await.map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Accounts, Tag::Journal]);
        self.give_up_permissions().await
    }

    pub async fn left(&self, zone: Tz) -> Result<Vec<LeftAccount>, Problem> {
        let now = self.ports.clock.now();
        let mut left = Vec::new();
        for account in self.mirror.left_accounts().await.map_err(problems::mirror)? {
            let since = account.left.unwrap_or(now);
            let remaining_s = (since + KEPT - now).num_seconds().max(0);
            left.push(LeftAccount {
                id: account.id.0,
                provider: provider_of(&account).map_err(|error| problems::remote(&error))?,
                address: account.address.clone(),
                left: wall(since, zone),
                days_remaining: remaining_s.div_euclid(86_400) + i64::from(remaining_s % 86_400 > 0),
                removing: self.removing(&account).await?,
            });
        }
        Ok(left)
    }

    async fn removing(&self, account: &Account) -> Result<Option<api::Removing>, Problem> {
        let copies = self.mirror.parting(account.id).await.map_err(problems::mirror)?;
        let held_up = match account.state {
            _ if is_signed_out(account) => Some(HeldUp::SignInNeeded),
            AccountState::Error => Some(HeldUp::ProviderUnreachable),
            _ => None,
        };
        Ok((copies > 0).then_some(api::Removing { copies: number(copies), held_up }))
    }

    pub async fn restore(&self, id: AccountId, home: Tz) -> Result<Restored, Problem> {
        let account = self.known(id).await?;
        let provider = provider_of(&account).map_err(|error| problems::remote(&error))?;
        let leaving = self.leaving.lock().await;
        // The permission of one that still removes copies is here.
        if !gives_back(provider) || self.is_parting(&account).await? && !is_signed_out(&account) {
            let now = self.ports.clock.now();
            self.mirror.restore(id, now).await.map_err(problems::mirror)?;
            self.notices.tell(&[Tag::Accounts, Tag::Schedule, Tag::Page]);
            self.changed.ring();
            return Ok(Restored::Done);
        }
        drop(leaving);
        let intent = ConnectIntent { provider, account: Some(id.0) };
        Ok(Restored::SignIn(self.connect(intent, home).await?))
    }

    /// As [`Accounts::tidy_left`], but not at every turn.
    pub async fn tidy_left_at_times(&self, home: Tz) -> Result<(), Problem> {
        let now = self.ports.clock.now();
        let tidied = self.leaving.lock().await.tidied;
        if tidied.is_some_and(|at| now >= at && now - at < TIDY_EVERY) {
            return Ok(());
        }
        self.tidy_left(home).await
    }

    /// Finishes what leaving has left to do, from wherever it was cut: it may run at any time, and twice.
    pub async fn tidy_left(&self, home: Tz) -> Result<(), Problem> {
        for account in self.parting().await? {
            self.sync.part(&account, home).await.map_err(problems::mirror)?;
        }
        self.give_up_permissions().await
    }

    /// Accounts that were left and from whose calendars copies can still be removed.
    pub async fn parting(&self) -> Result<Vec<Account>, Problem> {
        let mut parting = Vec::new();
        for account in self.mirror.left_accounts().await.map_err(problems::mirror)? {
            if !is_signed_out(&account) && self.is_parting(&account).await? {
                parting.push(account);
            }
        }
        Ok(parting)
    }

    async fn is_parting(&self, account: &Account) -> Result<bool, Problem> {
        Ok(account.left.is_some() && self.mirror.parting(account.id).await.map_err(problems::mirror)? > 0)
    }

    /// Takes one account as far as it gets, as soon as it is left.
    pub async fn part(&self, account: &Account, home: Tz) -> Result<(), Problem> {
        self.sync.part(account, home).await.map_err(problems::mirror)?;
        match self.is_parting(account).await? {
            true => Ok(()),
            false => self.give_up_permissions().await,
        }
    }

    /// Gives back the permissions that nothing waits for any more.
    async fn give_up_permissions(&self) -> Result<(), Problem> {
        let mut leaving = self.leaving.lock().await;
        let now = self.ports.clock.now();
        leaving.tidied = Some(now);
        for account in self.mirror.left_accounts().await.map_err(problems::mirror)? {
            let ended = account.left.is_some_and(|left| now - left >= KEPT);
            if !ended && self.is_parting(&account).await? {
                continue;
            }
            if let Err(problem) = self.tidy(&account, ended).await {
                // A locked keyring, most likely. The next turn comes back to it.
                tracing::warn!(account = account.id.0, code = ?problem.code, "leaving is not finished yet");
            }
        }
        Ok(())
    }

    async fn tidy(&self, account: &Account, ended: bool) -> Result<(), Problem> {
        let provider = provider_of(account).map_err(|error| problems::remote(&error))?;
        if gives_back(provider) {
            self.set_aside(account.id).await?;
            self.give_back(account.id, provider).await?;
        } else if provider == ProviderKind::CalDav {
            // A password is typed again by whoever comes back.
            self.providers.retire(account.id).await;
            self.providers.forget_password(account.id).await.map_err(problems::secrets)?;
        }
        if ended {
            let secrets = self.ports.secrets.as_ref();
            for name in [secret_name(account.id), revoke_name(account.id)] {
                secrets.remove(&name).await.map_err(problems::secrets)?;
            }
            self.mirror.remove_account(account.id).await.map_err(problems::mirror)?;
            self.notices.tell(&[Tag::Accounts, Tag::Journal]);
        }
        Ok(())
    }

    /// The permission changes its name before it is used once more: under the new one it can only be
    /// given back.
    async fn set_aside(&self, id: AccountId) -> Result<(), Problem> {
        let secrets = self.ports.secrets.as_ref();
        let Some(token) = secrets.load(&secret_name(id)).await.map_err(problems::secrets)? else {
            return Ok(());
        };
        self.providers.retire(id).await;
        secrets.save(&revoke_name(id), &token).await.map_err(problems::secrets)?;
        secrets.remove(&secret_name(id)).await.map_err(problems::secrets)
    }

    async fn give_back(&self, id: AccountId, provider: ProviderKind) -> Result<(), Problem> {
        let secrets = self.ports.secrets.as_ref();
        let token = secrets.load(&revoke_name(id)).await.map_err(problems::secrets)?;
        let Some(token) = token.and_then(|token| String::from_utf8(token).ok()) else { return Ok(()) };
        if let Err(error) = self.providers.revoke(provider, &token).await {
            tracing::info!(account = id.0, %error, "a permission could not be given back yet");
            return Ok(());
        }
        secrets.remove(&revoke_name(id)).await.map_err(problems::secrets)
    }

    /// The person signs in again: whatever waited to be given back would now end the new permission.
    pub(super) async fn forget_revocation(
        &self,
        provider: ProviderKind,
        address: &str,
    ) -> Result<(), Problem> {
        let left = self.mirror.left_accounts().await.map_err(problems::mirror)?;
        let same = |account: &&Account| {
            account.provider == provider_name(provider) && account.address.eq_ignore_ascii_case(address)
        };
        for account in left.iter().filter(same) {
            let name = revoke_name(account.id);
            self.ports.secrets.remove(&name).await.map_err(problems::secrets)?;
        }
        Ok(())
    }

    async fn forget_cards(&self, id: AccountId) -> Result<(), Problem> {
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let own: Vec<i64> = calendars.iter().filter(|it| it.account == id).map(|it| it.id.0).collect();
        self.health.forget(|subject| match subject {
            Subject::Account(account) => *account == id.0,
            Subject::Calendar(calendar) | Subject::Aside(calendar) => own.contains(calendar),
            _ => false,
        });
        Ok(())
    }
}

/// Whether the provider gave a permission that can be given back. A feed's address stays in the keyring
/// for as long as the feed can be brought back.
fn gives_back(provider: ProviderKind) -> bool {
    matches!(provider, ProviderKind::Google | ProviderKind::Microsoft)
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
