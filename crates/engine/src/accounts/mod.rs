//! Accounts: signing in, choosing calendars, pausing, and leaving.

pub mod caldav;
mod connect;
mod files;
mod leave;
pub mod sign_in;
mod test;
pub mod view;

use std::sync::Arc;

use chrono_tz::Tz;
use daymark_core::blocks::{Filters, Privacy};
use daymark_mirror::{Account, AccountId, CalendarId, Choice, Mirror};

use crate::api::Tag;
use crate::api::accounts::{CalendarChoice, PauseAccount};
use crate::api::blocks::BlockPrivacy;
use crate::api::problem::{Problem, ProblemCode};
use crate::health::Registry;
use crate::notices::Notices;
use crate::ports::Ports;
use crate::problems;
use crate::providers::Providers;
use crate::sync::Sync;
use crate::sync::gaps;
use crate::sync::loops::Bell;
use crate::sync::trouble::{self, Who};
use leave::Leaving;
use sign_in::Attempts;

/// The use cases around accounts.
#[derive(Clone)]
pub struct Accounts {
    pub mirror: Mirror,
    pub providers: Arc<Providers>,
    pub sync: Arc<Sync>,
    pub ports: Ports,
    pub health: Arc<Registry>,
    pub notices: Arc<Notices>,
    pub attempts: Arc<Attempts>,
    /// Rung when the set of accounts or calendars changed, so that loops look again.
    pub changed: Bell,
    /// Rung when something waits in the outbox.
    pub staged: Bell,
    /// Held while a permission is given back or taken anew, so that a late return never takes a new one.
    pub leaving: Arc<tokio::sync::Mutex<Leaving>>,
}

impl Accounts {
    pub async fn choose(&self, choice: CalendarChoice) -> Result<(), Problem> {
        if choice.color.is_some_and(|color| !(1..=8).contains(&color)) {
            return Err(Problem::new(ProblemCode::BadRequest, "a colour is a number from 1 to 8"));
        }
        let wanted = Choice {
            chosen: choice.chosen,
            shown: choice.shown,
            counts_busy: choice.counts_busy,
            color: choice.color,
            filters: choice.filters.map(|it| Filters {
                hours_only: it.hours_only,
                all_day: it.all_day,
                tentative: it.tentative,
                free: it.free,
            }),
            receives_blocks: choice.receives_blocks,
            block_privacy: choice.block_privacy.map(|it| match it {
                BlockPrivacy::Busy => Privacy::Busy,
                BlockPrivacy::Title => Privacy::Title,
                BlockPrivacy::All => Privacy::All,
            }),
        };
        self.mirror.choose_calendar(CalendarId(choice.calendar), wanted).await.map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Accounts, Tag::Schedule, Tag::Page]);
        self.changed.ring();
        Ok(())
    }

    /// Stops or starts asking the account's provider. What is here stays, and edits wait.
    pub async fn pause(&self, pause: PauseAccount, zone: Tz) -> Result<(), Problem> {
        let account = self.account(AccountId(pause.account)).await?;
        self.mirror.set_paused(account.id, pause.paused).await.map_err(problems::mirror)?;
        trouble::account_is_well(&self.health, account.id);
        if pause.paused {
            trouble::account_is_paused(&self.health, Who { account: account.id, address: &account.address });
        }
        gaps::show(&self.mirror, &self.health, zone).await.map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Accounts, Tag::Health]);
        self.changed.ring();
        Ok(())
    }

    /// A permission that could not be kept is not asked for.
    fn can_keep_secrets(&self) -> Result<(), Problem> {
        problems::keeps_secrets(self.ports.secrets.state())
    }

    async fn account(&self, id: AccountId) -> Result<Account, Problem> {
        let accounts = self.mirror.accounts().await.map_err(problems::mirror)?;
        accounts.into_iter().find(|account| account.id == id).ok_or_else(gone)
    }

    /// Also one that was left.
    async fn known(&self, id: AccountId) -> Result<Account, Problem> {
        let left = self.mirror.left_accounts().await.map_err(problems::mirror)?;
        match left.into_iter().find(|account| account.id == id) {
            Some(account) => Ok(account),
            None => self.account(id).await,
        }
    }
}

fn gone() -> Problem {
    Problem::new(ProblemCode::NotFound, "this account is not connected any more")
}
