//! Leaving an account: what it would mean, the leaving itself, and the way back.

use daymark_core::journal::Cause;
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::error::{MirrorError, Result};
use crate::stage::{Desk, Edit};
use crate::table::account::{self, Account, AccountId};
use crate::table::calendar::CalendarId;
use crate::table::{block, calendar, run, state};
use crate::view::agenda::EventRef;

/// What leaving an account would mean now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// Events mirrored from it.
    pub events: i64,
    /// Edits that have not reached its provider, and would not.
    pub waiting: Vec<Unsent>,
    /// Copies of its events on other calendars.
    pub copies: Vec<Copied>,
    /// Coming bookings that stand on its calendars.
    pub bookings: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    pub calendar: CalendarId,
    pub title: String,
    pub deletes: bool,
}

/// A copy that Daymark made of an event, on a calendar of another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    pub event: EventRef,
    pub calendar: CalendarId,
    pub title: String,
}

impl Mirror {
    pub async fn leaving(&self, id: AccountId, now: Instant) -> Result<Leaving> {
        let mut tx = self.pool.snapshot().await?;
        Ok(Leaving {
            events: events(&mut tx, id).await?,
            waiting: waiting(&mut tx, id).await?,
            copies: copies(&mut tx, id).await?,
            bookings: bookings(&mut tx, id, now).await?,
        })
    }

    /// Leaves the account: it and its calendars are hidden from now on, and everything of it is kept.
    /// With `remove_copies`, the copies of its events on other calendars are deleted like any event,
    /// in the same transaction. Answers how many they are.
    pub async fn leave(&self, id: AccountId, remove_copies: bool, now: Instant) -> Result<usize> {
        let mut tx = self.pool.write().await?;
        let copies = if remove_copies { copies(&mut tx, id).await? } else { Vec::new() };
        let mut removed = 0;
        let run = run::begin(&mut tx, Cause::Removal, now).await?;
        for copy in copies {
            let desk = Desk::within(&mut tx, Cause::Removal, run, now).await?;
            let event = copy.event.event;
            match desk.stage(Edit::Delete { event: copy.event }).await {
                Ok(_) => {
                    // Still remembered, it would pass for one that a person deleted, and never be made again.
                    block::forget_event(&mut tx, event).await?;
                    removed += 1;
                }
                // On its way out already, or on a calendar that can no longer be written.
                Err(MirrorError::NotFound(_) | MirrorError::ReadOnly) => {}
                Err(error) => return Err(error),
            }
        }
        account::set_left(&mut tx, id, Some(now)).await?;
        calendar::set_gone(&mut tx, id, true).await?;
        state::bump(&mut tx).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// Takes back that an account was left, for one that needs no sign-in.
    pub async fn restore(&self, id: AccountId) -> Result<()> {
        let mut tx = self.pool.write().await?;
        account::set_left(&mut tx, id, None).await?;
        calendar::set_gone(&mut tx, id, false).await?;
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Accounts that were left and whose rows are still here.
    pub async fn left_accounts(&self) -> Result<Vec<Account>> {
        account::list(&mut *self.pool.read().await?, true).await
    }
}

async fn events(conn: &mut SqliteConnection, id: AccountId) -> Result<i64> {
    let count = sqlx::query_scalar!(
        "SELECT count(*) FROM event e JOIN calendar c ON c.id = e.calendar
         WHERE c.account = ? AND e.status <> 'cancelled'",
        id.0
    );
    Ok(count.fetch_one(conn).await?)
}

async fn waiting(conn: &mut SqliteConnection, id: AccountId) -> Result<Vec<Unsent>> {
    let rows = sqlx::query!(
        r#"SELECT e.calendar, e.title, o.deleted AS "deleted: bool" FROM outbox o
           CROSS JOIN event e ON e.id = o.event
           JOIN calendar c ON c.id = e.calendar AND c.account = ?
           ORDER BY o.staged_s, o.event"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    let unsent = rows.into_iter().map(|row| Unsent {
        calendar: CalendarId(row.calendar),
        title: row.title,
        deletes: row.deleted,
    });
    Ok(unsent.collect())
}

async fn bookings(conn: &mut SqliteConnection, id: AccountId, now: Instant) -> Result<i64> {
    let now_s = now.timestamp();
    let count = sqlx::query_scalar!(
        "SELECT count(*) FROM booking b
         JOIN event e ON e.id = b.event
         JOIN calendar c ON c.id = e.calendar AND c.account = ?
         WHERE b.start_s >= ? AND b.state NOT IN ('declined', 'cancelled')",
        id.0,
        now_s
    );
    Ok(count.fetch_one(conn).await?)
}

/// The copies of an account's events on the calendars of others, as they are remembered.
async fn copies(conn: &mut SqliteConnection, id: AccountId) -> Result<Vec<Copied>> {
    let rows = sqlx::query!(
        r#"SELECT e.id AS "id!", e.calendar, e.title
           FROM block b
           JOIN calendar source ON source.id = b.from_calendar AND source.account = ?1
           JOIN event e ON e.id = b.event AND e.status <> 'cancelled'
           JOIN calendar c ON c.id = e.calendar AND c.account <> ?1 AND c.gone = 0
           ORDER BY e.id"#,
        id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let copied = rows.into_iter().map(|row| Copied {
        event: EventRef { event: row.id, original: None },
        calendar: CalendarId(row.calendar),
        title: row.title,
    });
    Ok(copied.collect())
}
