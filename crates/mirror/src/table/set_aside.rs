//! Entries of a provider's answers that could not be understood; the rest of their pages stands.

use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use super::calendar::CalendarId;
use crate::error::Result;
use crate::text::{Row, json};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    pub calendar: CalendarId,
    /// `None` when even the id could not be read.
    pub remote_id: Option<String>,
    pub why: String,
    pub at: Instant,
}

pub async fn put(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    remote_id: Option<&str>,
    why: &str,
    now: Instant,
) -> Result<()> {
    let (remote_id, at_s) = (remote_id.unwrap_or_default(), now.timestamp());
    sqlx::query!(
        r#"INSERT INTO set_aside (calendar, remote_id, why, at_s) VALUES (?, ?, ?, ?)
           ON CONFLICT (calendar, remote_id) DO UPDATE SET why = excluded.why, at_s = excluded.at_s"#,
        calendar.0,
        remote_id,
        why,
        at_s
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Those that a later answer made readable, or removed.
pub async fn clear(conn: &mut SqliteConnection, calendar: CalendarId, remote_ids: &[&str]) -> Result<()> {
    let remote_ids = json(&remote_ids)?;
    sqlx::query!(
        "DELETE FROM set_aside WHERE calendar = ? AND remote_id IN (SELECT value FROM json_each(?))",
        calendar.0,
        remote_ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn list(conn: &mut SqliteConnection) -> Result<Vec<SetAside>> {
    let rows = sqlx::query!("SELECT calendar, remote_id, why, at_s FROM set_aside ORDER BY at_s DESC")
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(SetAside {
                calendar: CalendarId(row.calendar),
                at: Row::new("set_aside", &row.remote_id).instant("at_s", row.at_s)?,
                remote_id: (!row.remote_id.is_empty()).then_some(row.remote_id),
                why: row.why,
            })
        })
        .collect()
}
