//! Runs: what was written together, by one act of the person or one turn of the engine.

use daymark_core::journal::Cause;
use daymark_core::time::Instant;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::error::Result;
use crate::text::word;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub i64);

pub async fn begin(conn: &mut SqliteConnection, cause: Cause, now: Instant) -> Result<RunId> {
    let (at_s, cause) = (now.timestamp(), word(&cause)?);
    let id = sqlx::query_scalar!(
        r#"INSERT INTO run (at_s, cause) VALUES (?, ?) RETURNING id AS "id!""#,
        at_s,
        cause
    );
    Ok(RunId(id.fetch_one(conn).await?))
}
