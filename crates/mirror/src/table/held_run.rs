//! Deletes that the brake stopped, until the person has looked at them. There is one at a time.

use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::error::Result;
use crate::text::{Row, json};

pub struct Held {
    pub id: i64,
    pub at: Instant,
    /// The events that it would delete, in order.
    pub deletes: Vec<i64>,
}

pub async fn get(conn: &mut SqliteConnection) -> Result<Option<Held>> {
    let row = sqlx::query!("SELECT id, at_s, deletes FROM held_run ORDER BY id LIMIT 1")
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let at = Row::new("held_run", &row.id);
    Ok(Some(Held {
        id: row.id,
        at: at.instant("at_s", row.at_s)?,
        deletes: at.json("deletes", &row.deletes)?,
    }))
}

/// The same run again keeps its number and its time, whatever became of it meanwhile.
pub async fn put(conn: &mut SqliteConnection, deletes: &[i64], now: Instant) -> Result<()> {
    let (deletes, at_s) = (json(&deletes)?, now.timestamp());
    let done = sqlx::query!("UPDATE held_run SET deletes = ?", deletes).execute(&mut *conn).await?;
    if done.rows_affected() == 0 {
        sqlx::query!("INSERT INTO held_run (at_s, deletes) VALUES (?, ?)", at_s, deletes)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// False when there is none.
pub async fn clear(conn: &mut SqliteConnection) -> Result<bool> {
    let done = sqlx::query!("DELETE FROM held_run").execute(conn).await?;
    Ok(done.rows_affected() > 0)
}
