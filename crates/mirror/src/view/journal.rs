//! The journal, and the edits that need somebody's attention.

use daymark_core::journal::{Cause, State};
use daymark_core::time::Instant;

use crate::Mirror;
use crate::error::Result;
use crate::table::calendar::CalendarId;
use crate::table::journal::{self, Entry, JournalId};
use crate::table::outbox;
use crate::table::run::RunId;
use crate::text::Row;

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
    /// A booked visit that has never reached the calendar.
    pub of_booking: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    Refused,
    /// An insert without an answer is no longer wanted, and the provider does not say whether it has the event.
    Unknown,
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

/// What was written together.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// `None` for a single entry from before there were runs.
    pub run: Option<RunId>,
    /// Its latest entry; further back is asked for from below it.
    pub last: JournalId,
    pub at: Instant,
    pub cause: Cause,
    pub created: i64,
    pub changed: i64,
    pub deleted: i64,
    /// Not yet at their providers.
    pub waiting: i64,
    pub refused: i64,
    pub undone: i64,
    /// The title of its latest entry.
    pub title: String,
}

impl Mirror {
    /// The latest runs, newest first, from below the entry `before`.
    pub async fn journal_runs(&self, limit: u32, before: Option<JournalId>) -> Result<Vec<RunView>> {
        let before = before.map_or(i64::MAX, |id| id.0);
        let rows = sqlx::query!(
            r#"WITH latest AS (
                   SELECT run, max(id) AS last,
                          sum(action = 'create') AS created, sum(action = 'change') AS changed,
                          sum(action = 'delete') AS deleted, sum(state = 'waiting') AS waiting,
                          sum(state = 'refused') AS refused, sum(state = 'undone') AS undone
                   FROM journal GROUP BY coalesce(run, -id) HAVING max(id) < ?1
                   ORDER BY last DESC LIMIT ?2)
               SELECT l.run AS "run?: i64", l.last AS "last!: i64", l.created AS "created!: i64",
                      l.changed AS "changed!: i64", l.deleted AS "deleted!: i64", l.waiting AS "waiting!: i64",
                      l.refused AS "refused!: i64", l.undone AS "undone!: i64", j.at_s, j.cause,
                      coalesce(j.after ->> '$.fields.title', j.before ->> '$.fields.title', '')
                          AS "title!: String"
               FROM latest l JOIN journal j ON j.id = l.last ORDER BY l.last DESC"#,
            before,
            limit
        )
        .fetch_all(&mut *self.pool.read().await?)
        .await?;
        rows.into_iter()
            .map(|row| {
                let at = Row::new("journal", &row.last);
                Ok(RunView {
                    run: row.run.map(RunId),
                    last: JournalId(row.last),
                    at: at.instant("at_s", row.at_s)?,
                    cause: at.word("cause", &row.cause)?,
                    created: row.created,
                    changed: row.changed,
                    deleted: row.deleted,
                    waiting: row.waiting,
                    refused: row.refused,
                    undone: row.undone,
                    title: row.title,
                })
            })
            .collect()
    }

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
                      o.deleted = 1 AND e.remote_id IS NULL AND e.master IS NULL AS "unknown!: bool",
                      c.gone AS "gone: bool",
                      (SELECT max(j.id) FROM journal j
                       WHERE j.event = o.event AND j.state IN ('waiting', 'refused')) AS "journal?: i64",
                      o.base IS NULL AND EXISTS (SELECT 1 FROM booking b WHERE b.event = o.event)
                          AS "of_booking!: bool"
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
            why: match (row.gone, row.refused, row.unknown) {
                (true, ..) => Stuck::CalendarGone,
                (false, true, true) => Stuck::Unknown,
                (false, true, false) => Stuck::Refused,
                (false, false, _) => Stuck::ReadOnly,
            },
            reason: row.reason,
            journal: row.journal.map(JournalId),
            of_booking: row.of_booking,
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
