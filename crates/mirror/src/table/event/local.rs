//! Events as the person wants them: made, edited and cancelled here, before the provider knows.

use daymark_core::event::{Answer, Fields, Kind, Original, Status, takes_time};
use sqlx::SqliteConnection;

use super::EventRow;
use crate::error::Result;
use crate::table::calendar::CalendarId;
use crate::text::{json, word};

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

/// It will be inserted under this id, as something the provider has never had. An exception waits until its series
/// has got its own.
pub async fn detach(conn: &mut SqliteConnection, key: i64, derived_id: Option<&str>) -> Result<()> {
    sqlx::query!(
        "UPDATE event SET remote_id = NULL, etag = NULL, uid = '', raw = 'null', series_remote = NULL, derived_id = ?
         WHERE id = ?",
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
