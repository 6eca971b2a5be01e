//! Which events a complete reading of a calendar saw, and which it did not.

use sqlx::SqliteConnection;

use crate::error::Result;
use crate::table::calendar::CalendarId;
use crate::text::json;

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
