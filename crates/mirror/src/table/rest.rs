//! What an event that is to be inserted takes over from an earlier one.

use std::collections::BTreeMap;

use daymark_core::rest::Rest;
use sqlx::SqliteConnection;

use crate::error::Result;
use crate::text::{Row, json};

pub async fn get(conn: &mut SqliteConnection, event: i64) -> Result<Option<Rest>> {
    Ok(load(conn, &[event]).await?.remove(&event))
}

/// Of several events, by their rows; most have none.
pub async fn load(conn: &mut SqliteConnection, events: &[i64]) -> Result<BTreeMap<i64, Rest>> {
    let events = json(&events)?;
    let rows =
        sqlx::query!("SELECT event, kept FROM rest WHERE event IN (SELECT value FROM json_each(?))", events);
    let rows = rows.fetch_all(conn).await?;
    rows.into_iter()
        .map(|row| Ok((row.event, Row::new("rest", &row.event).json("kept", &row.kept)?)))
        .collect()
}

pub async fn put(conn: &mut SqliteConnection, event: i64, rest: Option<&Rest>) -> Result<()> {
    let Some(rest) = rest else { return remove(conn, event).await };
    let kept = json(rest)?;
    sqlx::query!("INSERT OR REPLACE INTO rest (event, kept) VALUES (?, ?)", event, kept)
        .execute(conn)
        .await?;
    Ok(())
}

async fn remove(conn: &mut SqliteConnection, event: i64) -> Result<()> {
    sqlx::query!("DELETE FROM rest WHERE event = ?", event).execute(conn).await?;
    Ok(())
}
