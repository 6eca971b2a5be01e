//! Copies of busy times, as they are remembered.

use daymark_core::blocks::{Link, Source};
use sqlx::SqliteConnection;

use crate::error::{MirrorError, Result};
use crate::text::Row;

struct Raw {
    target: i64,
    source: String,
    event: i64,
    from_calendar: i64,
    from_event: i64,
    times: String,
    asked: String,
    words: String,
    again: i64,
    kept: bool,
}

impl TryFrom<Raw> for Link {
    type Error = MirrorError;
    fn try_from(raw: Raw) -> Result<Self> {
        let at = Row::new("block", &raw.event);
        Ok(Link {
            target: raw.target,
            source: at.parsed("source", &raw.source)?,
            event: raw.event,
            from: (raw.from_calendar, raw.from_event),
            times: at.parsed("times", &raw.times)?,
            asked: at.parsed("asked", &raw.asked)?,
            words: at.parsed("words", &raw.words)?,
            again: at.number("again", raw.again)?,
            kept: raw.kept,
        })
    }
}

pub async fn list(conn: &mut SqliteConnection) -> Result<Vec<Link>> {
    let rows = sqlx::query_as!(
        Raw,
        r#"SELECT target, source, event, from_calendar, from_event, times, asked, words, again,
                  kept AS "kept: bool"
           FROM block ORDER BY target, source"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Link::try_from).collect()
}

/// Remembers a copy. An event is a copy of one thing, and a thing has one copy on a calendar.
pub async fn put(conn: &mut SqliteConnection, link: &Link) -> Result<()> {
    let source = link.source.to_string();
    let original = link.source.original.map(|it| it.to_string()).unwrap_or_default();
    let (times, asked, words) = (link.times.to_string(), link.asked.to_string(), link.words.to_string());
    sqlx::query!("DELETE FROM block WHERE event = ?", link.event).execute(&mut *conn).await?;
    sqlx::query!(
        r#"INSERT INTO block (target, source, event, from_calendar, from_event, original, times, asked, words,
                              again, kept)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (target, source) DO UPDATE SET event = excluded.event,
               from_calendar = excluded.from_calendar, from_event = excluded.from_event,
               times = excluded.times, asked = excluded.asked, words = excluded.words,
               again = excluded.again, kept = excluded.kept"#,
        link.target,
        source,
        link.event,
        link.from.0,
        link.from.1,
        original,
        times,
        asked,
        words,
        link.again,
        link.kept
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn forget(conn: &mut SqliteConnection, target: i64, source: &Source) -> Result<()> {
    let source = source.to_string();
    sqlx::query!("DELETE FROM block WHERE target = ? AND source = ?", target, source).execute(conn).await?;
    Ok(())
}

pub async fn forget_event(conn: &mut SqliteConnection, event: i64) -> Result<()> {
    sqlx::query!("DELETE FROM block WHERE event = ?", event).execute(conn).await?;
    Ok(())
}

/// The person wants the copy as it is. False when it is not remembered.
pub async fn keep(conn: &mut SqliteConnection, event: i64) -> Result<bool> {
    let done = sqlx::query!("UPDATE block SET kept = 1, times = asked WHERE event = ?", event);
    Ok(done.execute(conn).await?.rows_affected() > 0)
}

pub async fn forget_all(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::query!("DELETE FROM block").execute(conn).await?;
    Ok(())
}
