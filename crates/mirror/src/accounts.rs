//! Accounts and calendars: connecting, listing, choosing, pausing.

use daymark_core::time::Instant;

use crate::error::Result;
use crate::table::account::{self, Account, AccountId, AccountState, Grant};
use crate::table::calendar::{self, Calendar, CalendarId, Choice, Listed};
use crate::table::state;
use crate::{Mirror, parting};

impl Mirror {
    /// The account, added if it is new; one that is known counts as signed in again.
    pub async fn add_account(&self, provider: &str, address: &str, now: Instant) -> Result<AccountId> {
        let mut tx = self.pool.write().await?;
        let id = account::add(&mut tx, provider, address, now).await?;
        parting::end(&mut tx, id, now).await?;
        state::bump(&mut tx).await?;
        tx.commit().await?;
        Ok(id)
    }

    pub async fn accounts(&self) -> Result<Vec<Account>> {
        account::list(&mut *self.pool.read().await?, false).await
    }

    /// Nothing is asked of a paused account's provider; its data stays, and edits wait.
    pub async fn set_paused(&self, id: AccountId, paused: bool) -> Result<()> {
        let mut tx = self.pool.write().await?;
        account::set_paused(&mut tx, id, paused).await?;
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    pub async fn set_grant(&self, id: AccountId, grant: &Grant) -> Result<()> {
        let mut tx = self.pool.write().await?;
        account::set_grant(&mut tx, id, grant).await?;
        Ok(tx.commit().await?)
    }

    pub async fn set_account_state(&self, id: AccountId, is: AccountState, reason: &str) -> Result<()> {
        let mut tx = self.pool.write().await?;
        account::set_state(&mut tx, id, is, reason).await?;
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets the account with everything that came from it, also the edits that wait.
    pub async fn remove_account(&self, id: AccountId) -> Result<()> {
        let mut tx = self.pool.write().await?;
        account::remove(&mut tx, id).await?;
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Takes over an account's list of calendars. One that is no longer listed is marked as gone:
    /// it is shown and pulled no more, and keeps its rows and the edits that wait.
    pub async fn store_calendars(&self, account: AccountId, listed: &[Listed]) -> Result<()> {
        let mut tx = self.pool.write().await?;
        // A run that was under way when the account was left must not bring its calendars back.
        account::check_connected(&mut tx, account).await?;
        for one in listed {
            calendar::upsert(&mut tx, account, one).await?;
        }
        let kept: Vec<&str> = listed.iter().map(|one| one.remote_id.as_str()).collect();
        calendar::mark_gone(&mut tx, account, &kept).await?;
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// All calendars of all accounts, primary ones first.
    pub async fn calendars(&self) -> Result<Vec<Calendar>> {
        calendar::list(&mut *self.pool.read().await?).await
    }

    pub async fn choose_calendar(&self, id: CalendarId, choice: Choice) -> Result<()> {
        let mut tx = self.pool.write().await?;
        calendar::choose(&mut tx, id, choice).await?;
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Notes how a sync of one calendar ended: `None` for well.
    pub async fn note_sync(&self, id: CalendarId, error: Option<&str>, now: Instant) -> Result<()> {
        let mut tx = self.pool.write().await?;
        calendar::synced(&mut tx, id, error, now).await?;
        Ok(tx.commit().await?)
    }
}
