//! Takes a whole calendar at once: a file, or the first reading of a feed.

use daymark_core::merge::Delta;
use daymark_core::time::Instant;

use crate::Mirror;
use crate::apply::{self, Applied, Next, Turn};
use crate::error::{MirrorError, Result};
use crate::table::account::{self, AccountId};
use crate::table::calendar::{self, CalendarId, Choice, Listed};
use crate::table::cursor::{self, Cursor};
use crate::table::state;

/// A calendar that comes whole, as the one calendar of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub provider: String,
    pub address: String,
    pub calendar: Listed,
    pub counts_busy: bool,
    pub events: Vec<Delta>,
    /// Where reading goes on, for a calendar that is read again.
    pub next: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub account: AccountId,
    pub calendar: CalendarId,
    pub applied: Applied,
}

impl Mirror {
    /// Account, calendar and events in one transaction: a calendar that is there but was never read
    /// would count as unknown. The same import again brings the calendar up to date.
    pub async fn import(&self, import: Import, now: Instant) -> Result<Imported> {
        let mut tx = self.pool.write().await?;
        let account = account::add(&mut tx, &import.provider, &import.address, now).await?;
        calendar::upsert(&mut tx, account, &import.calendar).await?;
        let calendar = calendar::by_remote_id(&mut tx, account, &import.calendar.remote_id).await?;
        let calendar = calendar.ok_or(MirrorError::NotFound("calendar"))?;
        let choice = Choice { counts_busy: Some(import.counts_busy), ..Choice::default() };
        calendar::choose(&mut tx, calendar, choice).await?;
        let anew = Cursor { value: None, ..cursor::get(&mut tx, calendar).await? };
        cursor::put(&mut tx, calendar, &anew).await?;
        let turn = Turn { asked: None, next: Next::Done(import.next), window: None };
        let applied = apply::take_page(&mut tx, calendar, import.events, turn, now).await?;
        state::bump(&mut tx).await?;
        tx.commit().await?;
        Ok(Imported { account, calendar, applied })
    }
}
