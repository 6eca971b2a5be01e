//! Events: what the provider said of each, and the fields that are shown.

use daymark_core::conflict::Conflict;
use daymark_core::event::{Answer, Event, Fields, Kind, Original, RemoteId, SeriesRef, Status, takes_time};
use daymark_core::merge::{Known, Snapshot, Waiting};
use sqlx::SqliteConnection;

use super::calendar::CalendarId;
use crate::error::{MirrorError, Result};
use crate::text::{Row, json, word};

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

pub async fn repeating(conn: &mut SqliteConnection) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!(r#"SELECT id AS "id!" FROM event WHERE repeats = 1"#).fetch_all(conn).await?)
}

/// A new row for what the provider has.
pub async fn insert_remote(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    snapshot: &Snapshot,
    round: i64,
) -> Result<i64> {
    let event = &snapshot.event;
    let (status, kind, answer) = (word(&event.status)?, word(&event.kind)?, word(&event.answer)?);
    let series = event.series.as_ref().map(|series| series.master.0.as_str());
    let original = event.series.as_ref().map(|series| series.original.to_string());
    let (fields, raw) = (json(&event.fields)?, json(&snapshot.raw)?);
    let (updated_s, busy) = (event.updated.map(|at| at.timestamp()), event.is_busy());
    Ok(sqlx::query_scalar!(
        r#"INSERT INTO event (calendar, remote_id, uid, etag, status, kind, answer, organizer, updated_s,
                              series_remote, master, original, fields, busy, raw, round)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
                   ?10, (SELECT id FROM event WHERE calendar = ?1 AND remote_id = ?10), ?11, ?12, ?13, ?14, ?15)
           RETURNING id AS "id!""#,
        calendar.0,
        event.id.0,
        event.uid,
        event.etag,
        status,
        kind,
        answer,
        event.organizer,
        updated_s,
        series,
        original,
        fields,
        busy,
        raw,
        round
    )
    .fetch_one(conn)
    .await?)
}

/// Renews a row with what the provider has; `shown` are the fields with the edits that wait.
pub async fn store_remote(
    conn: &mut SqliteConnection,
    key: i64,
    snapshot: &Snapshot,
    shown: &Fields,
    round: i64,
) -> Result<()> {
    let event = &snapshot.event;
    let (status, kind, answer) = (word(&event.status)?, word(&event.kind)?, word(&event.answer)?);
    let series = event.series.as_ref().map(|series| series.master.0.as_str());
    let original = event.series.as_ref().map(|series| series.original.to_string());
    let (fields, raw) = (json(shown)?, json(&snapshot.raw)?);
    let updated_s = event.updated.map(|at| at.timestamp());
    let busy = takes_time(event.status, event.kind, event.answer, shown.show_as);
    sqlx::query!(
        r#"UPDATE event SET remote_id = ?1, uid = ?2, etag = ?3, status = ?4, kind = ?5, answer = ?6,
               organizer = ?7, updated_s = ?8, series_remote = coalesce(?9, series_remote),
               original = coalesce(?10, original),
               master = coalesce(master, (SELECT m.id FROM event m
                                          WHERE m.calendar = event.calendar AND m.remote_id = ?9)),
               fields = ?11, busy = ?12, raw = ?13, round = ?14
           WHERE id = ?15"#,
        event.id.0,
        event.uid,
        event.etag,
        status,
        kind,
        answer,
        event.organizer,
        updated_s,
        series,
        original,
        fields,
        busy,
        raw,
        round,
        key
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An event that so far exists only here.
pub struct Local<'a> {
    pub calendar: CalendarId,
    pub derived_id: Option<&'a str>,
    /// The series and which occurrence of it, for an exception.
    pub place: Option<(&'a EventRow, Original)>,
    pub fields: &'a Fields,
}

pub async fn insert_local(conn: &mut SqliteConnection, local: Local<'_>) -> Result<i64> {
    let master = local.place.map(|(master, _)| &master.known);
    let master_key = master.map(|known| known.key);
    let series = master.and_then(|known| known.id.as_ref()).map(|id| id.0.as_str());
    let original = local.place.map(|(_, original)| original.to_string());
    // An occurrence is what its series is; anything else new is the owner's own.
    let own = (Status::Confirmed, Kind::Default, Answer::Own, true);
    let (status, kind, answer, organizer) =
        master.map_or(own, |known| (known.status, known.kind, known.answer, known.organizer));
    let busy = takes_time(status, kind, answer, local.fields.show_as);
    let (status, kind, answer) = (word(&status)?, word(&kind)?, word(&answer)?);
    let fields = json(local.fields)?;
    Ok(sqlx::query_scalar!(
        r#"INSERT INTO event (calendar, derived_id, status, kind, answer, organizer, series_remote, master,
                              original, fields, busy)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           RETURNING id AS "id!""#,
        local.calendar.0,
        local.derived_id,
        status,
        kind,
        answer,
        organizer,
        series,
        master_key,
        original,
        fields,
        busy
    )
    .fetch_one(conn)
    .await?)
}

/// Shows other fields.
pub async fn set_fields(conn: &mut SqliteConnection, row: &EventRow, fields: &Fields) -> Result<()> {
    let (busy, fields) = (row.is_busy_with(fields), json(fields)?);
    sqlx::query!("UPDATE event SET fields = ?, busy = ? WHERE id = ?", fields, busy, row.known.key)
        .execute(conn)
        .await?;
    Ok(())
}

/// It will be inserted under this id, as something the provider has never had.
pub async fn detach(conn: &mut SqliteConnection, key: i64, derived_id: Option<&str>) -> Result<()> {
    sqlx::query!(
        "UPDATE event SET remote_id = NULL, etag = NULL, uid = '', raw = 'null', derived_id = ? WHERE id = ?",
        derived_id,
        key
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn set_derived_id(conn: &mut SqliteConnection, key: i64, derived_id: &str) -> Result<()> {
    sqlx::query!("UPDATE event SET derived_id = ? WHERE id = ?", derived_id, key).execute(conn).await?;
    Ok(())
}

/// The series that it was an occurrence of is gone: from now on it is an event of its own.
pub async fn part(conn: &mut SqliteConnection, key: i64) -> Result<()> {
    sqlx::query!(
        "UPDATE event SET remote_id = NULL, etag = NULL, uid = '', raw = 'null', series_remote = NULL,
             master = NULL, original = NULL
         WHERE id = ?",
        key
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Its occurrence does not take place.
pub async fn cancel(conn: &mut SqliteConnection, key: i64, round: i64) -> Result<()> {
    sqlx::query!("UPDATE event SET status = 'cancelled', busy = 0, round = ? WHERE id = ?", round, key)
        .execute(conn)
        .await?;
    Ok(())
}

/// A cancelled occurrence is to take place again, with these fields.
pub async fn uncancel(conn: &mut SqliteConnection, row: &EventRow, fields: &Fields) -> Result<()> {
    let busy = takes_time(Status::Confirmed, row.known.kind, row.known.answer, fields.show_as);
    let fields = json(fields)?;
    sqlx::query!(
        "UPDATE event SET status = 'confirmed', fields = ?, busy = ? WHERE id = ?",
        fields,
        busy,
        row.known.key
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Others are in it, as both providers call them.
pub async fn has_guests(conn: &mut SqliteConnection, key: i64) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce(json_array_length(raw, '$.attendees'), 0) > 0 AS "guests!: bool" FROM event WHERE id = ?"#,
        key
    )
    .fetch_one(conn)
    .await?)
}

/// A cancelled occurrence of which nothing else is known.
pub async fn insert_cancelled(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    series: &SeriesRef,
    fields: &Fields,
    round: i64,
) -> Result<i64> {
    let (original, fields) = (series.original.to_string(), json(fields)?);
    Ok(sqlx::query_scalar!(
        r#"INSERT INTO event (calendar, status, kind, answer, organizer, series_remote, master, original, fields,
                              busy, round)
           VALUES (?1, 'cancelled', 'default', 'own', 1,
                   ?2, (SELECT id FROM event WHERE calendar = ?1 AND remote_id = ?2), ?3, ?4, 0, ?5)
           RETURNING id AS "id!""#,
        calendar.0,
        series.master.0,
        original,
        fields,
        round
    )
    .fetch_one(conn)
    .await?)
}

/// Gives a series the exceptions that came before it, or were made while it had no remote id.
/// Returns the former: they have been listed as single events until now.
pub async fn adopt(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    master: i64,
    id: &RemoteId,
) -> Result<Vec<i64>> {
    sqlx::query!(
        "UPDATE event SET series_remote = ? WHERE master = ? AND series_remote IS NULL",
        id.0,
        master
    )
    .execute(&mut *conn)
    .await?;
    Ok(sqlx::query_scalar!(
        r#"UPDATE event SET master = ?1 WHERE calendar = ?2 AND series_remote = ?3 AND master IS NULL
           RETURNING id AS "id!""#,
        master,
        calendar.0,
        id.0
    )
    .fetch_all(conn)
    .await?)
}

/// Two rows turned out to be one series. Where both have an exception, the receiver's stays.
pub async fn hand_over_exceptions(conn: &mut SqliteConnection, from: i64, to: i64) -> Result<()> {
    sqlx::query!("UPDATE OR IGNORE event SET master = ? WHERE master = ?", to, from).execute(conn).await?;
    Ok(())
}

/// The round that a page belongs to has seen these.
pub async fn stamp(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    ids: &[&str],
    whole_series: &[&str],
    round: i64,
) -> Result<()> {
    let (ids, whole_series) = (json(&ids)?, json(&whole_series)?);
    sqlx::query!(
        "UPDATE event SET round = ?1
         WHERE calendar = ?2 AND round <> ?1 AND remote_id IN (SELECT value FROM json_each(?3))",
        round,
        calendar.0,
        ids
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "UPDATE event SET round = ?1
         WHERE calendar = ?2 AND round <> ?1 AND series_remote IN (SELECT value FROM json_each(?3))",
        round,
        calendar.0,
        whole_series
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Nothing can be concluded about what a round did not see: it counts as seen.
pub async fn stamp_all(conn: &mut SqliteConnection, calendar: CalendarId, round: i64) -> Result<()> {
    sqlx::query!("UPDATE event SET round = ?1 WHERE calendar = ?2 AND round < ?1", round, calendar.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// The last complete round did not see it: only the edit that waited on it has kept it here.
pub async fn is_missing(conn: &mut SqliteConnection, key: i64) -> Result<bool> {
    let missing = sqlx::query_scalar!(
        r#"SELECT e.remote_id IS NOT NULL AND u.full = 0 AND e.round < u.round AS "missing!: bool"
           FROM event e JOIN cursor u ON u.calendar = e.calendar WHERE e.id = ?"#,
        key
    );
    Ok(missing.fetch_optional(conn).await?.unwrap_or_default())
}

/// What a complete round did not see, but for what an edit waits on.
pub async fn unseen(conn: &mut SqliteConnection, calendar: CalendarId, round: i64) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT e.id AS "id!" FROM event e
           WHERE e.calendar = ? AND e.round < ? AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.event = e.id)"#,
        calendar.0,
        round
    )
    .fetch_all(conn)
    .await?)
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
