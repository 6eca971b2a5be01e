//! Events: what the provider said of each, and the fields that are shown.

mod local;
mod remote;
mod round;

use daymark_core::conflict::Conflict;
use daymark_core::event::{Event, Fields, Original, RemoteId, SeriesRef, Status, takes_time};
use daymark_core::ics;
use daymark_core::merge::{Known, Snapshot, Waiting};
use sqlx::SqliteConnection;

pub use self::local::{Local, cancel, detach, insert_local, part, set_derived_id, set_fields, uncancel};
pub use self::remote::{
    adopt, hand_over_exceptions, insert_cancelled, insert_remote, name_series, store_remote,
};
pub use self::round::{is_missing, stamp, stamp_all, unseen};
use super::calendar::CalendarId;
use crate::error::{MirrorError, Result};
use crate::text::{Row, json};

/// An event with the edit that waits on it.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    pub calendar: CalendarId,
    pub known: Known,
    /// Exceptions only: our row of their series.
    pub master: Option<i64>,
    pub original: Option<Original>,
    /// The edit number of the waiting edit.
    pub version: Option<i64>,
    /// The waiting edit may already be at the provider.
    pub started: bool,
}

impl EventRow {
    /// What its occurrences are listed under.
    pub fn unit(&self) -> i64 {
        self.master.unwrap_or(self.known.key)
    }

    pub fn is_hidden(&self) -> bool {
        self.known.status == Status::Cancelled || self.known.edit.as_ref().is_some_and(|edit| edit.deleted)
    }

    pub fn is_series(&self) -> bool {
        self.master.is_none() && !self.known.fields.recurrence.is_empty()
    }

    /// Nothing of it has ever reached the provider.
    pub fn is_only_here(&self) -> bool {
        self.known.id.is_none() && self.version.is_some() && !self.started
    }

    /// An edit waits that ends where the provider stands.
    pub fn is_as_at_provider(&self) -> bool {
        !self.started
            && self
                .known
                .edit
                .as_ref()
                .is_some_and(|edit| !edit.deleted && edit.base.as_ref() == Some(&self.known.fields))
    }

    /// A row as it is once `snapshot` was stored under `key` without an edit.
    pub fn stored(key: i64, calendar: CalendarId, master: Option<i64>, snapshot: &Snapshot) -> Self {
        let Event { id, uid, etag, status, kind, answer, organizer, fields, series, updated } =
            snapshot.event.clone();
        let original = series.as_ref().map(|series| series.original);
        let known = Known {
            key,
            id: Some(id),
            derived: None,
            series,
            uid,
            etag,
            status,
            kind,
            answer,
            organizer,
            updated,
            fields,
            edit: None,
        };
        EventRow { calendar, known, master, original, version: None, started: false }
    }

    fn is_busy_with(&self, fields: &Fields) -> bool {
        takes_time(self.known.status, self.known.kind, self.known.answer, fields.show_as)
    }
}

struct Raw {
    id: i64,
    calendar: i64,
    remote_id: Option<String>,
    derived_id: Option<String>,
    uid: String,
    etag: Option<String>,
    status: String,
    kind: String,
    answer: String,
    organizer: bool,
    updated_s: Option<i64>,
    series_remote: Option<String>,
    master: Option<i64>,
    original: Option<String>,
    fields: String,
    version: Option<i64>,
    deleted: Option<bool>,
    base: Option<String>,
    sent: Option<String>,
    started: Option<bool>,
    asks: Option<String>,
    disputed: Option<String>,
    ground: Option<String>,
}

/// The rows with these ids; unknown ones are passed over.
pub async fn load(conn: &mut SqliteConnection, ids: &[i64]) -> Result<Vec<EventRow>> {
    let ids = json(&ids)?;
    let rows = sqlx::query_as!(
        Raw,
        r#"SELECT e.id, e.calendar, e.remote_id, e.derived_id, e.uid, e.etag, e.status, e.kind, e.answer,
                  e.organizer AS "organizer: bool", e.updated_s, e.series_remote, e.master, e.original, e.fields,
                  o.version AS "version?", o.deleted AS "deleted?: bool", o.base, o.sent AS "sent?",
                  o.started AS "started?: bool", k.kind AS "asks?", k.fields AS "disputed?", k.ground
           FROM event e LEFT JOIN outbox o ON o.event = e.id LEFT JOIN conflict k ON k.event = e.id
           WHERE e.id IN (SELECT value FROM json_each(?))
           ORDER BY e.id"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(EventRow::try_from).collect()
}

pub async fn get(conn: &mut SqliteConnection, id: i64) -> Result<EventRow> {
    load(conn, &[id]).await?.pop().ok_or(MirrorError::NotFound("event"))
}

impl TryFrom<Raw> for EventRow {
    type Error = MirrorError;
    fn try_from(raw: Raw) -> Result<Self> {
        let at = Row::new("event", &raw.id);
        let original: Option<Original> =
            raw.original.as_deref().map(|text| at.parsed("original", text)).transpose()?;
        let series = match (&raw.series_remote, original) {
            (Some(master), Some(original)) => Some(SeriesRef { master: RemoteId(master.clone()), original }),
            _ => None,
        };
        let waits = Row::new("outbox", &raw.id);
        let asks = Row::new("conflict", &raw.id);
        let conflict = match (&raw.asks, &raw.disputed) {
            (Some(kind), Some(fields)) => Some(Conflict {
                kind: asks.word("kind", kind)?,
                fields: asks.json("fields", fields)?,
                ground: asks.json_option("ground", raw.ground.as_deref())?,
            }),
            _ => None,
        };
        let edit = match raw.deleted {
            None => None,
            Some(deleted) => Some(Waiting {
                deleted,
                base: waits.json_option("base", raw.base.as_deref())?,
                sent: waits.json_option("sent", raw.sent.as_deref())?.unwrap_or_default(),
                conflict,
            }),
        };
        let known = Known {
            key: raw.id,
            status: at.word("status", &raw.status)?,
            kind: at.word("kind", &raw.kind)?,
            answer: at.word("answer", &raw.answer)?,
            updated: at.instant_option("updated_s", raw.updated_s)?,
            fields: at.json("fields", &raw.fields)?,
            id: raw.remote_id.map(RemoteId),
            derived: raw.derived_id,
            series,
            uid: raw.uid,
            etag: raw.etag,
            organizer: raw.organizer,
            edit,
        };
        Ok(EventRow {
            calendar: CalendarId(raw.calendar),
            known,
            master: raw.master,
            original,
            version: raw.version,
            started: raw.started.unwrap_or_default(),
        })
    }
}

/// What the provider said of an event, verbatim; null before it said anything.
pub async fn raw(conn: &mut SqliteConnection, id: i64) -> Result<serde_json::Value> {
    let raw = sqlx::query_scalar!("SELECT raw FROM event WHERE id = ?", id).fetch_one(conn).await?;
    Row::new("event", &id).json("raw", &raw)
}

/// All that a page about these ids may touch: the events, those to be inserted under such an id,
/// and the exceptions of such a series.
pub async fn related(conn: &mut SqliteConnection, calendar: CalendarId, ids: &[&str]) -> Result<Vec<i64>> {
    let ids = json(&ids)?;
    Ok(sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM event WHERE calendar = ?1 AND remote_id IN (SELECT value FROM json_each(?2))
           UNION
           SELECT id FROM event WHERE calendar = ?1 AND derived_id IN (SELECT value FROM json_each(?2))
           UNION
           SELECT id FROM event WHERE calendar = ?1 AND series_remote IN (SELECT value FROM json_each(?2))"#,
        calendar.0,
        ids
    )
    .fetch_all(conn)
    .await?)
}

/// The units with their exceptions.
pub async fn members(conn: &mut SqliteConnection, units: &[i64]) -> Result<Vec<EventRow>> {
    let list = json(&units)?;
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM event WHERE id IN (SELECT value FROM json_each(?1))
           UNION
           SELECT id FROM event WHERE master IN (SELECT value FROM json_each(?1))"#,
        list
    )
    .fetch_all(&mut *conn)
    .await?;
    load(conn, &ids).await
}

pub async fn exceptions(conn: &mut SqliteConnection, master: i64) -> Result<Vec<EventRow>> {
    let ids =
        sqlx::query_scalar!("SELECT id FROM event WHERE master = ?", master).fetch_all(&mut *conn).await?;
    load(conn, &ids).await
}

pub async fn by_remote_id(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    id: &RemoteId,
) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM event WHERE calendar = ? AND remote_id = ?"#,
        calendar.0,
        id.0
    )
    .fetch_optional(conn)
    .await?)
}

/// The single events and series that a calendar's provider knows, by our rows and its ids.
pub async fn units(conn: &mut SqliteConnection, calendar: CalendarId) -> Result<Vec<(i64, String)>> {
    let rows = sqlx::query!(
        r#"SELECT id, remote_id AS "remote_id!" FROM event
           WHERE calendar = ? AND master IS NULL AND remote_id IS NOT NULL"#,
        calendar.0
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.id, row.remote_id)).collect())
}

pub async fn repeating(conn: &mut SqliteConnection) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!(r#"SELECT id AS "id!" FROM event WHERE repeats = 1"#).fetch_all(conn).await?)
}

/// Others are in it, in each of the ways that providers say so.
pub async fn has_guests(conn: &mut SqliteConnection, key: i64) -> Result<bool> {
    let raw = raw(conn, key).await?;
    let listed = raw.pointer("/attendees/0").is_some();
    let written = raw.get("ics").and_then(serde_json::Value::as_str);
    Ok(listed || written.is_some_and(ics::has_attendees))
}

pub async fn remove(conn: &mut SqliteConnection, ids: &[i64]) -> Result<()> {
    let ids = json(&ids)?;
    sqlx::query!("DELETE FROM event WHERE id IN (SELECT value FROM json_each(?))", ids).execute(conn).await?;
    Ok(())
}

pub async fn set_truncated(conn: &mut SqliteConnection, units: &[i64], truncated: &[i64]) -> Result<()> {
    let (units, truncated) = (json(&units)?, json(&truncated)?);
    sqlx::query!(
        "UPDATE event SET truncated = (id IN (SELECT value FROM json_each(?2)))
         WHERE id IN (SELECT value FROM json_each(?1))
           AND truncated <> (id IN (SELECT value FROM json_each(?2)))",
        units,
        truncated
    )
    .execute(conn)
    .await?;
    Ok(())
}
