//! The journal, and the edits that need somebody's attention.

use daymark_core::journal::State;

use crate::Mirror;
use crate::error::Result;
use crate::table::calendar::CalendarId;
use crate::table::journal::{self, Entry, JournalId};
use crate::table::outbox;

/// An edit that will not reach the provider by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedEdit {
    pub event: i64,
    pub calendar: CalendarId,
    pub title: String,
    pub why: Stuck,
    /// In the provider's words; empty unless it refused.
    pub reason: String,
    /// The latest entry that is about it, for its undo.
    pub journal: Option<JournalId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    Refused,
    /// The calendar is no longer there.
    CalendarGone,
    /// The calendar can no longer be written.
    ReadOnly,
}

/// A series that has more occurrences than are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truncated {
    pub event: i64,
    pub calendar: CalendarId,
    pub title: String,
}

impl Mirror {
    /// The latest entries, newest first, from below `before`.
    pub async fn journal(&self, limit: u32, before: Option<JournalId>) -> Result<Vec<Entry>> {
        journal::list(&mut *self.pool.read().await?, limit, before).await
    }

    /// Edits that have not reached their provider.
    pub async fn waiting_count(&self) -> Result<i64> {
        outbox::count(&mut *self.pool.read().await?).await
    }

    /// Edits that wait for somebody: refused, or without a calendar to go to.
    pub async fn failed_edits(&self) -> Result<Vec<FailedEdit>> {
        let rows = sqlx::query!(
            r#"SELECT o.event, e.calendar, e.title, o.reason, o.state = 'refused' AS "refused!: bool",
                      c.gone AS "gone: bool",
                      (SELECT max(j.id) FROM journal j
                       WHERE j.event = o.event AND j.state IN ('waiting', 'refused')) AS "journal?: i64"
               FROM outbox o
               CROSS JOIN event e ON e.id = o.event
               JOIN calendar c ON c.id = e.calendar
               JOIN account a ON a.id = c.account AND a.left_s IS NULL
               WHERE o.state = 'refused' OR c.gone = 1 OR c.access <> 'write'
               ORDER BY o.staged_s, o.event"#
        )
        .fetch_all(&mut *self.pool.read().await?)
        .await?;
        let failed = rows.into_iter().map(|row| FailedEdit {
            event: row.event,
            calendar: CalendarId(row.calendar),
            title: row.title,
            why: match (row.gone, row.refused) {
                (true, _) => Stuck::CalendarGone,
                (false, true) => Stuck::Refused,
                (false, false) => Stuck::ReadOnly,
            },
            reason: row.reason,
            journal: row.journal.map(JournalId),
        });
        Ok(failed.collect())
    }

    /// Series whose expansion ran into its budget.
    pub async fn truncated(&self) -> Result<Vec<Truncated>> {
        let rows = sqlx::query!("SELECT id, calendar, title FROM event WHERE truncated = 1 ORDER BY id")
            .fetch_all(&mut *self.pool.read().await?)
            .await?;
        let truncated = rows.into_iter().map(|row| Truncated {
            event: row.id,
            calendar: CalendarId(row.calendar),
            title: row.title,
        });
        Ok(truncated.collect())
    }
}

impl Entry {
    /// Whether an undo may be offered; whether it succeeds also depends on what came after.
    pub fn undoable(&self) -> bool {
        matches!(self.state, State::Waiting | State::Sent | State::Refused)
    }
}
