//! Where the reading of each calendar stands, and which full round of it is under way.

use sqlx::SqliteConnection;

use super::calendar::CalendarId;
use crate::error::Result;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    pub value: Option<String>,
    pub round: i64,
    /// A full round is under way.
    pub full: bool,
    /// This round held an entry without a readable id.
    pub blurred: bool,
}

pub async fn get(conn: &mut SqliteConnection, calendar: CalendarId) -> Result<Cursor> {
    let cursor = sqlx::query_as!(
        Cursor,
        r#"SELECT value, round, full AS "full: bool", blurred AS "blurred: bool" FROM cursor WHERE calendar = ?"#,
        calendar.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(cursor.unwrap_or_default())
}

pub async fn put(conn: &mut SqliteConnection, calendar: CalendarId, cursor: &Cursor) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO cursor (calendar, value, round, full, blurred) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (calendar) DO UPDATE SET value = excluded.value, round = excluded.round,
               full = excluded.full, blurred = excluded.blurred"#,
        calendar.0,
        cursor.value,
        cursor.round,
        cursor.full,
        cursor.blurred
    )
    .execute(conn)
    .await?;
    Ok(())
}
