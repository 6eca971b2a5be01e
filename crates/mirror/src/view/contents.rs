//! Everything that one calendar holds, as it is shown: for its export.

use std::collections::BTreeMap;

use daymark_core::event::{Event, RemoteId, SeriesRef};
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::error::Result;
use crate::table::calendar::CalendarId;
use crate::table::event::{self, EventRow};

/// Rows loaded at a time.
const BATCH: usize = 500;

impl Mirror {
    /// Singles, masters and exceptions, with the edits that wait. An exception has its master's UID and
    /// names it by its id, whatever the provider gave it: some give each occurrence a UID of its own.
    pub async fn contents(&self, calendar: CalendarId) -> Result<Vec<Event>> {
        let mut tx = self.pool.snapshot().await?;
        let keys = keys(&mut tx, calendar).await?;
        let mut rows = Vec::with_capacity(keys.len());
        for batch in keys.chunks(BATCH) {
            rows.extend(event::load(&mut tx, batch).await?);
        }
        let uids: BTreeMap<i64, String> = rows.iter().map(|row| (row.known.key, uid(row))).collect();
        Ok(rows.into_iter().filter_map(|row| whole(row, &uids)).collect())
    }
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
