//! The one row of counters, and how far series are expanded.

use daymark_core::time::Interval;
use sqlx::SqliteConnection;

use crate::error::Result;
use crate::text::Row;

/// Something a view shows has changed.
pub async fn bump(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::query!("UPDATE state SET change_number = change_number + 1").execute(conn).await?;
    Ok(())
}

pub async fn change_number(conn: &mut SqliteConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!("SELECT change_number FROM state").fetch_one(conn).await?)
}

/// A number for the next edit, higher than every one before.
pub async fn next_edit(conn: &mut SqliteConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!("UPDATE state SET edit_number = edit_number + 1 RETURNING edit_number")
        .fetch_one(conn)
        .await?)
}

/// The stretch in which series are expanded; `None` before the first time.
pub async fn horizon(conn: &mut SqliteConnection) -> Result<Option<Interval>> {
    let row = sqlx::query!("SELECT horizon_from_s, horizon_to_s FROM state").fetch_one(conn).await?;
    let at = Row::new("state", &1);
    Ok(Interval::new(
        at.instant("horizon_from_s", row.horizon_from_s)?,
        at.instant("horizon_to_s", row.horizon_to_s)?,
    ))
}

pub async fn set_horizon(conn: &mut SqliteConnection, horizon: Interval) -> Result<()> {
    let (from_s, to_s) = (horizon.start().timestamp(), horizon.end().timestamp());
    sqlx::query!("UPDATE state SET horizon_from_s = ?, horizon_to_s = ?", from_s, to_s).execute(conn).await?;
    Ok(())
}
