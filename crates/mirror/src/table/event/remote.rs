//! Events as a provider has them: stored, renewed, and tied to their series.

use daymark_core::event::{Fields, RemoteId, SeriesRef, takes_time};
use daymark_core::merge::Snapshot;
use sqlx::SqliteConnection;

use crate::error::Result;
use crate::table::calendar::CalendarId;
use crate::text::{json, word};

/// A snapshot as the columns say it.
struct Columns<'a> {
    status: String,
    kind: String,
    answer: String,
    updated_s: Option<i64>,
    series: Option<&'a str>,
    original: Option<String>,
    fields: String,
    busy: bool,
    raw: String,
}

impl<'a> Columns<'a> {
    /// `shown` are the fields with the edits that wait.
    fn of(snapshot: &'a Snapshot, shown: &Fields) -> Result<Self> {
        let event = &snapshot.event;
        Ok(Columns {
            status: word(&event.status)?,
            kind: word(&event.kind)?,
            answer: word(&event.answer)?,
            updated_s: event.updated.map(|at| at.timestamp()),
            series: event.series.as_ref().map(|series| series.master.0.as_str()),
            original: event.series.as_ref().map(|series| series.original.to_string()),
            fields: json(shown)?,
            busy: takes_time(event.status, event.kind, event.answer, shown.show_as),
            raw: json(&snapshot.raw)?,
        })
    }
}

/// A new row for what the provider has.
pub async fn insert_remote(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    snapshot: &Snapshot,
    round: i64,
) -> Result<i64> {
    let (event, columns) = (&snapshot.event, Columns::of(snapshot, &snapshot.event.fields)?);
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
        columns.status,
        columns.kind,
        columns.answer,
        event.organizer,
        columns.updated_s,
        columns.series,
        columns.original,
        columns.fields,
        columns.busy,
        columns.raw,
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
    let (event, columns) = (&snapshot.event, Columns::of(snapshot, shown)?);
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
        columns.status,
        columns.kind,
        columns.answer,
        event.organizer,
        columns.updated_s,
        columns.series,
        columns.original,
        columns.fields,
        columns.busy,
        columns.raw,
        round,
        key
    )
    .execute(conn)
    .await?;
    Ok(())
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

/// The provider answers under the id that a series was to be inserted with: what was changed of it here since are
/// exceptions of that series, and theirs are found by the same name.
pub async fn name_series(conn: &mut SqliteConnection, calendar: CalendarId, ids: &[&str]) -> Result<()> {
    let ids = json(&ids)?;
    sqlx::query!(
        "UPDATE event SET series_remote = made.derived_id
         FROM event made
         WHERE made.calendar = ? AND made.remote_id IS NULL
           AND made.derived_id IN (SELECT value FROM json_each(?))
           AND event.master = made.id AND event.series_remote IS NULL",
        calendar.0,
        ids
    )
    .execute(conn)
    .await?;
    Ok(())
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
