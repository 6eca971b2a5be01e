//! What is still to be done for an account that was left: the deletes of our copies on its calendars. They are
//! sent while its permission lasts; each that is not, leaves its copy standing.

use std::collections::BTreeSet;

use daymark_core::journal::{Cause, State};
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::due::{Job, jobs};
use crate::error::Result;
use crate::stage::Desk;
use crate::table::account::AccountId;
use crate::table::event::{self, EventRow};
use crate::table::{journal, outbox, state};
use crate::{Mirror, expand};

impl Mirror {
    /// Copies that are still to be removed from the calendars of an account that was left.
    pub async fn parting(&self, id: AccountId) -> Result<usize> {
        Ok(outbox::parting(&mut *self.pool.read().await?, id).await?.len())
    }

    /// What of it can be sent at `now`, oldest first.
    pub async fn parting_due(&self, id: AccountId, now: Instant, limit: u32) -> Result<Vec<Job>> {
        let mut tx = self.pool.snapshot().await?;
        let due = outbox::parting_due(&mut tx, id, now, limit).await?;
        jobs(&mut tx, &due).await
    }

    /// Its provider did not delete the copy: somebody made something else of it, or it refuses. It is left alone.
    pub async fn let_stand(&self, job: &Job, now: Instant) -> Result<()> {
        let mut tx = self.pool.write().await?;
        outbox::not_taken(&mut tx, job.event).await?;
        if let Some(row) = event::load(&mut tx, &[job.event]).await?.pop() {
            give_up(&mut tx, &row, now).await?;
        }
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Nothing more is removed from the account's calendars.
    pub async fn end_parting(&self, id: AccountId, now: Instant) -> Result<()> {
        let mut tx = self.pool.write().await?;
        end(&mut tx, id, now).await?;
        Ok(tx.commit().await?)
    }
}

pub(crate) async fn end(conn: &mut SqliteConnection, id: AccountId, now: Instant) -> Result<()> {
    let keys = outbox::parting(conn, id).await?;
    for row in event::load(conn, &keys).await? {
        give_up(conn, &row, now).await?;
    }
    state::bump(conn).await
}

/// A delete that the provider may have carried out, or whose copy it may not even have, waits on like any
/// other; should the account come back, it is sent, and the copy is made anew.
async fn give_up(conn: &mut SqliteConnection, row: &EventRow, now: Instant) -> Result<()> {
    let key = row.known.key;
    outbox::stay(conn, key).await?;
    let waits = row.known.edit.as_ref().is_some_and(|edit| edit.deleted);
    if row.started || row.known.id.is_none() || !waits {
        return Ok(());
    }
    journal::close(conn, key, i64::MAX, State::Undone, "").await?;
    let mut desk = Desk::new(conn, Cause::Removal, now).await?;
    desk.dirty(key, None, false).await?;
    desk.tidy(key).await?;
    expand::refresh(conn, &BTreeSet::from([key]), now).await.map(drop)
}
