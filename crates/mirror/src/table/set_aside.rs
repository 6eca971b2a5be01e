//! Entries of a provider's answers that could not be understood; the rest of their pages stands.

use daymark_core::glimpse::Glimpse;
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
    /// What could be read of it.
    pub glimpse: Glimpse,
    /// It stands in its calendar, once: its rule cannot be followed.
    pub once: bool,
    pub at: Instant,
}

/// An entry as the round that is being read has it.
pub struct Note<'a> {
    pub calendar: CalendarId,
    pub remote_id: Option<&'a str>,
    pub why: &'a str,
    pub glimpse: &'a Glimpse,
    /// Only its rule is the trouble.
    pub once: bool,
    pub round: i64,
}

pub async fn put(conn: &mut SqliteConnection, note: Note<'_>, now: Instant) -> Result<()> {
    let Note { calendar, remote_id, why, glimpse, once, round } = note;
    let (remote_id, at_s) = (remote_id.unwrap_or_default(), now.timestamp());
    let start = glimpse.start.map(|it| it.to_string());
    sqlx::query!(
        r#"INSERT INTO set_aside (calendar, remote_id, why, title, start, once, round, at_s)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (calendar, remote_id) DO UPDATE SET why = excluded.why, title = excluded.title,
               start = excluded.start, once = excluded.once, round = excluded.round, at_s = excluded.at_s"#,
        calendar.0,
        remote_id,
        why,
        glimpse.title,
        start,
        once,
        round,
        at_s
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Those that a later answer made readable, or removed. Returns which of them there were.
pub async fn clear(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    remote_ids: &[&str],
) -> Result<Vec<String>> {
    let remote_ids = json(&remote_ids)?;
    let cleared = sqlx::query_scalar!(
        "DELETE FROM set_aside WHERE calendar = ? AND remote_id IN (SELECT value FROM json_each(?))
         RETURNING remote_id",
        calendar.0,
        remote_ids
    );
    Ok(cleared.fetch_all(conn).await?)
}

/// Those that a full round did not come across again.
pub async fn clear_before(conn: &mut SqliteConnection, calendar: CalendarId, round: i64) -> Result<()> {
    sqlx::query!("DELETE FROM set_aside WHERE calendar = ? AND round < ?", calendar.0, round)
        .execute(conn)
        .await?;
    Ok(())
}

/// All of a calendar; those that are still read come back when they change.
pub async fn dismiss(conn: &mut SqliteConnection, calendar: CalendarId) -> Result<()> {
    sqlx::query!("DELETE FROM set_aside WHERE calendar = ?", calendar.0).execute(conn).await?;
    Ok(())
}

/// Ordered by their days. One of which no title could be read is known by the title that it had before.
pub async fn list(conn: &mut SqliteConnection) -> Result<Vec<SetAside>> {
    let rows = sqlx::query!(
        r#"SELECT s.calendar, s.remote_id, s.why, s.start, s.at_s, s.once AS "once: bool",
                  CASE s.title WHEN '' THEN coalesce(e.title, '') ELSE s.title END AS "title!: String"
           FROM set_aside s
           LEFT JOIN event e ON e.calendar = s.calendar AND e.remote_id = s.remote_id
           ORDER BY s.calendar, s.start IS NULL, s.start, s.title, s.remote_id"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let at = Row::new("set_aside", &row.remote_id);
            let start = row.start.as_deref().map(|text| at.parsed("start", text)).transpose()?;
            Ok(SetAside {
                calendar: CalendarId(row.calendar),
                glimpse: Glimpse::new(&row.title, start),
                at: at.instant("at_s", row.at_s)?,
                once: row.once,
                remote_id: (!row.remote_id.is_empty()).then_some(row.remote_id),
                why: row.why,
            })
        })
        .collect()
}
