//! What waits to be sent, as jobs: each says the whole difference between an event here and there.

use daymark_core::event::{Field, Fields, Original, RemoteId};
use daymark_core::rest::Rest;
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::error::Result;
use crate::table::account::AccountId;
use crate::table::calendar::CalendarId;
use crate::table::event::{self, EventRow};
use crate::table::outbox::{self, Due};
use crate::table::{journal, rest, state};

/// One write to a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub event: i64,
    /// The edit that it carries; a newer one makes it stale.
    pub version: i64,
    pub calendar: CalendarId,
    pub calendar_remote_id: String,
    /// How often it has been tried.
    pub attempts: i64,
    /// An earlier try may have taken effect.
    pub started_before: bool,
    pub action: Action,
    /// The event as it is shown.
    pub fields: Fields,
    /// As the provider had it when it was last read.
    pub base: Option<Fields>,
    /// What an insert takes over from an earlier event.
    pub rest: Option<Rest>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Insert {
        derived_id: String,
    },
    /// An insert that may have happened is no longer wanted: what it made, if anything, is to be found.
    Recall {
        derived_id: String,
    },
    Patch {
        target: Target,
        etag: Option<String>,
        changed: Vec<Field>,
    },
    Delete {
        target: Target,
        etag: Option<String>,
    },
    /// Only read it: a delete that was taken back while it was under way may have happened.
    Check {
        target: Target,
    },
}

/// What a write goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Event(RemoteId),
    /// One occurrence of a series; writing to it makes an exception.
    Occurrence {
        master: RemoteId,
        original: Original,
    },
}

impl Mirror {
    /// What can be sent for an account at `now`, oldest first, at most one job for each event.
    pub async fn due(&self, account: AccountId, now: Instant, limit: u32) -> Result<Vec<Job>> {
        let mut tx = self.pool.snapshot().await?;
        let due = outbox::due(&mut tx, account, now, limit).await?;
        jobs(&mut tx, &due).await
    }

    /// An account whose provider failed answers again: what was put off because of that is due.
    pub async fn end_waits(&self, account: AccountId, now: Instant) -> Result<()> {
        let mut tx = self.pool.write().await?;
        outbox::end_waits(&mut tx, account, now).await?;
        Ok(tx.commit().await?)
    }

    /// Notes durably that the provider may have the write, before it is sent. False: a newer edit
    /// came meanwhile, and this job must not be sent.
    pub async fn started(&self, job: &Job) -> Result<bool> {
        let mut tx = self.pool.write().await?;
        let row = event::load(&mut tx, &[job.event]).await?.pop();
        let Some(mut sent) = row.and_then(|row| row.known.edit).map(|edit| edit.sent) else {
            return Ok(false);
        };
        if !sent.contains(&job.fields) {
            sent.push(job.fields.clone());
        }
        let current = outbox::start(&mut tx, job.event, job.version, &sent).await?;
        tx.commit().await?;
        Ok(current)
    }

    /// Tries a refused write again. False when the event has none.
    pub async fn retry(&self, event: i64, now: Instant) -> Result<bool> {
        let mut tx = self.pool.write().await?;
        let waits = reopen(&mut tx, event, now).await?;
        tx.commit().await?;
        Ok(waits)
    }
}

async fn reopen(conn: &mut SqliteConnection, event: i64, now: Instant) -> Result<bool> {
    let waits = outbox::retry(conn, event, now).await?;
    if waits {
        journal::reopen(conn, event).await?;
        state::bump(conn).await?;
    }
    Ok(waits)
}

pub(crate) async fn jobs(conn: &mut SqliteConnection, due: &[Due]) -> Result<Vec<Job>> {
    let keys: Vec<i64> = due.iter().map(|it| it.event).collect();
    let rows = event::load(conn, &keys).await?;
    let find = |key: i64| rows.iter().find(|row| row.known.key == key);
    let mut rests = rest::load(conn, &keys).await?;
    Ok(due.iter().filter_map(|due| job(due, find(due.event)?, rests.remove(&due.event))).collect())
}

fn job(due: &Due, row: &EventRow, rest: Option<Rest>) -> Option<Job> {
    Some(Job {
        event: due.event,
        version: row.version?,
        calendar: row.calendar,
        calendar_remote_id: due.calendar_remote_id.clone(),
        attempts: due.attempts,
        started_before: row.started,
        action: action(due, row)?,
        fields: row.known.fields.clone(),
        base: row.known.edit.as_ref().and_then(|edit| edit.base.clone()),
        rest,
    })
}

/// What brings the provider to where the row stands. An event whose insert may have happened is found before it
/// is deleted: only the provider can say what there is to delete.
fn action(due: &Due, row: &EventRow) -> Option<Action> {
    let deleted = row.known.edit.as_ref()?.deleted;
    let Some(target) = target(due, row) else {
        let derived_id = row.known.derived.clone()?;
        return Some(if deleted { Action::Recall { derived_id } } else { Action::Insert { derived_id } });
    };
    let etag = row.known.etag.clone();
    let changed = changed(row);
    Some(match (deleted, changed.is_empty()) {
        (true, _) => Action::Delete { target, etag },
        (false, true) => Action::Check { target },
        (false, false) => Action::Patch { target, etag, changed },
    })
}

fn target(due: &Due, row: &EventRow) -> Option<Target> {
    match (&row.known.id, row.original, &due.master_remote_id) {
        (Some(id), _, _) => Some(Target::Event(id.clone())),
        (None, Some(original), Some(master)) => {
            Some(Target::Occurrence { master: RemoteId(master.clone()), original })
        }
        (None, _, _) => None,
    }
}

/// The fields in which the provider differs or, after a write without a known outcome, may differ.
fn changed(row: &EventRow) -> Vec<Field> {
    let fields = &row.known.fields;
    let Some(edit) = &row.known.edit else { return Vec::new() };
    let differs = |field: &Field| {
        let at_base = edit.base.as_ref().is_some_and(|base| base.agrees(fields, *field));
        let maybe_sent = edit.sent.iter().any(|sent| !sent.agrees(fields, *field));
        // An occurrence has no rule of its own.
        let inherited = row.original.is_some() && *field == Field::Recurrence;
        !inherited && (!at_base || maybe_sent)
    };
    Field::ALL.into_iter().filter(differs).collect()
}
