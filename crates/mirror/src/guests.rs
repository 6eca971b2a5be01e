//! What providers said of the events that an edit reaches: who is invited stands there, and nowhere else.

use daymark_core::event::Original;
use daymark_core::journal::Action;
use daymark_core::rest::Rest;
use serde_json::Value;
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::error::Result;
use crate::stage::Extent;
use crate::table::calendar::CalendarId;
use crate::table::event;
use crate::table::journal::{self, Entry, JournalId};
use crate::table::run::RunId;
use crate::text::{Row, json};
use crate::view::agenda::EventRef;

/// An event of the owner's own that names attendees.
#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    pub calendar: CalendarId,
    /// Of an exception: which occurrence it stands for.
    pub original: Option<Original>,
    /// What the provider said, verbatim; of its series where it said nothing of the exception itself.
    pub raw: Value,
    /// The same of the series that it belongs to; null for what belongs to none.
    pub raw_series: Value,
}

struct Raw {
    id: i64,
    calendar: i64,
    original: Option<String>,
    raw: String,
    raw_series: Option<String>,
}

impl Mirror {
    /// The meetings that an edit of one occurrence reaches, or one of a whole series with its exceptions.
    pub async fn meetings(&self, event: &EventRef, extent: Option<Extent>) -> Result<Vec<Meeting>> {
        let mut tx = self.pool.snapshot().await?;
        let alone = event.original.filter(|_| extent.is_none());
        let Some(original) = alone.map(|original| original.to_string()) else {
            return meetings(&mut tx, &[event.event]).await;
        };
        let exception = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM event WHERE master = ? AND original = ?"#,
            event.event,
            original
        );
        match exception.fetch_optional(&mut *tx).await? {
            Some(exception) => meetings(&mut tx, &[exception]).await,
            None => {
                let mut found = meetings(&mut tx, &[event.event]).await?;
                found.retain(|meeting| meeting.original.is_none());
                Ok(found)
            }
        }
    }

    /// Those that the undo of an edit reaches.
    pub async fn meetings_of_undo(&self, id: JournalId) -> Result<Vec<Meeting>> {
        let mut tx = self.pool.snapshot().await?;
        let step = journal::step(&mut tx, id).await?;
        of_entries(&mut tx, &step).await
    }

    pub async fn meetings_of_undone_run(&self, id: RunId) -> Result<Vec<Meeting>> {
        let mut tx = self.pool.snapshot().await?;
        let entries = journal::of_run(&mut tx, id).await?;
        of_entries(&mut tx, &entries).await
    }
}

async fn of_entries(conn: &mut SqliteConnection, entries: &[Entry]) -> Result<Vec<Meeting>> {
    let (deleted, written): (Vec<_>, Vec<_>) =
        entries.iter().filter(|entry| entry.undoable()).partition(|entry| entry.action == Action::Delete);
    let written: Vec<i64> = written.into_iter().map(|entry| entry.event).collect();
    let mut found = meetings(conn, &written).await?;
    for entry in deleted {
        let rest =
            entry.before.as_ref().and_then(|before| before.rest.as_ref()).filter(|rest| rest.invites());
        if let Some(rest) = rest
            && may_be_gone(conn, entry.event).await?
        {
            found.push(Meeting::made_anew(entry.calendar, rest));
        }
    }
    Ok(found)
}

/// What still waits to be deleted was never gone, and nobody hears of it.
async fn may_be_gone(conn: &mut SqliteConnection, event: i64) -> Result<bool> {
    let row = event::load(conn, &[event]).await?.pop();
    Ok(row.is_none_or(|row| row.known.edit.is_none() || row.started))
}

/// Of the events with these ids and of their exceptions.
async fn meetings(conn: &mut SqliteConnection, ids: &[i64]) -> Result<Vec<Meeting>> {
    let ids = json(&ids)?;
    let rows = sqlx::query_as!(
        Raw,
        r#"SELECT e.id AS "id!", e.calendar AS "calendar!", e.original, e.raw AS "raw!", m.raw AS "raw_series?"
           FROM event e LEFT JOIN event m ON m.id = e.master
           WHERE (e.id IN (SELECT value FROM json_each(?1)) OR e.master IN (SELECT value FROM json_each(?1)))
             AND e.organizer = 1 AND e.status <> 'cancelled'
             AND (e.raw LIKE '%attendee%' OR m.raw LIKE '%attendee%')
           ORDER BY e.id"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Meeting::try_from).collect()
}

impl Meeting {
    /// It was deleted, and its people are to be invited again.
    fn made_anew(calendar: CalendarId, rest: &Rest) -> Self {
        let Rest { raw, original, .. } = rest.clone();
        Meeting { calendar, original, raw, raw_series: Value::Null }
    }
}

impl TryFrom<Raw> for Meeting {
    type Error = crate::error::MirrorError;
    fn try_from(row: Raw) -> Result<Self> {
        let at = Row::new("event", &row.id);
        let raw_series: Value =
            row.raw_series.map(|text| at.json("raw", &text)).transpose()?.unwrap_or_default();
        let own: Value = at.json("raw", &row.raw)?;
        Ok(Meeting {
            calendar: CalendarId(row.calendar),
            original: row.original.as_deref().map(|text| at.parsed("original", text)).transpose()?,
            raw: if own.is_null() { raw_series.clone() } else { own },
            raw_series,
        })
    }
}
