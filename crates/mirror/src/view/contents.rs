//! Everything that one calendar holds, as it is shown, with what its provider said: for its export.

use std::collections::BTreeMap;

use daymark_core::event::{Event, RemoteId, SeriesRef};
use serde_json::Value;
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::error::Result;
use crate::table::calendar::CalendarId;
use crate::table::event::{self, EventRow};

/// Rows loaded at a time.
const BATCH: usize = 500;

/// An event with what its provider said of it, and of its series.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    pub event: Event,
    pub raw: Value,
    pub raw_series: Value,
}

impl Mirror {
    /// As [`Mirror::contents`], with all that is known of each.
    pub async fn whole_contents(&self, calendar: CalendarId) -> Result<Vec<Content>> {
        let mut tx = self.pool.snapshot().await?;
        let mut whole = Vec::new();
        for (key, master, event) in contents(&mut tx, calendar).await? {
            let raw_series = match master {
                Some(master) => event::raw(&mut tx, master).await?,
                None => Value::Null,
            };
            let own = event::raw(&mut tx, key).await?;
            let raw = if own.is_null() { raw_series.clone() } else { own };
            whole.push(Content { event, raw, raw_series });
        }
        Ok(whole)
    }

    /// Singles, masters and exceptions, with the edits that wait. An exception has its master's UID and
    /// names it by its id, whatever the provider gave it: some give each occurrence a UID of its own.
    pub async fn contents(&self, calendar: CalendarId) -> Result<Vec<Event>> {
        let mut tx = self.pool.snapshot().await?;
        Ok(contents(&mut tx, calendar).await?.into_iter().map(|(_, _, event)| event).collect())
    }
}

/// Each with its row, and that of its series.
async fn contents(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
) -> Result<Vec<(i64, Option<i64>, Event)>> {
    let keys = keys(conn, calendar).await?;
    let mut rows = Vec::with_capacity(keys.len());
    for batch in keys.chunks(BATCH) {
        rows.extend(event::load(conn, batch).await?);
    }
    let uids: BTreeMap<i64, String> = rows.iter().map(|row| (row.known.key, uid(row))).collect();
    let of = |row: EventRow| Some((row.known.key, row.master, whole(row, &uids)?));
    Ok(rows.into_iter().filter_map(of).collect())
}

async fn keys(conn: &mut SqliteConnection, calendar: CalendarId) -> Result<Vec<i64>> {
    let keys = sqlx::query_scalar!(
        r#"SELECT e.id AS "id!" FROM event e LEFT JOIN outbox o ON o.event = e.id
           WHERE e.calendar = ? AND (o.deleted IS NULL OR o.deleted = 0 OR e.master IS NOT NULL)
           ORDER BY e.id"#,
        calendar.0
    );
    Ok(keys.fetch_all(conn).await?)
}

/// What the provider has not answered for yet goes by the id that its insert asks for.
fn uid(row: &EventRow) -> String {
    let derived = || row.known.derived.clone().unwrap_or_else(|| format!("event-{}", row.known.key));
    if row.known.uid.is_empty() { derived() } else { row.known.uid.clone() }
}

/// `None` for an exception whose master is not here.
fn whole(row: EventRow, uids: &BTreeMap<i64, String>) -> Option<Event> {
    let own = uids.get(&row.known.key)?.clone();
    let deleted = row.known.edit.as_ref().is_some_and(|edit| edit.deleted);
    let (uid, series) = match (row.original, row.master) {
        (Some(original), master) => {
            let uid = uids.get(&master?)?.clone();
            (uid.clone(), Some(SeriesRef { master: RemoteId(uid), original }))
        }
        (None, _) => (own.clone(), None),
    };
    let id = if series.is_some() { format!("{own} {}", row.known.key) } else { own };
    let known = row.known;
    Some(Event {
        id: RemoteId(id),
        uid,
        etag: None,
        status: if deleted { daymark_core::event::Status::Cancelled } else { known.status },
        kind: known.kind,
        answer: known.answer,
        organizer: known.organizer,
        fields: known.fields,
        series,
        updated: known.updated,
    })
}
