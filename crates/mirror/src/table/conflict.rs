//! Conflicts that are open: one for each edit that is held until the person decides.

use daymark_core::conflict::{Conflict, Kind};
use daymark_core::event::Field;
use daymark_core::time::Instant;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::error::{MirrorError, Result};
use crate::text::{Row, json, json_option, word};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConflictId(pub i64);

/// An open conflict; what both sides are is in the rows of the event and its edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub id: ConflictId,
    pub event: i64,
    pub kind: Kind,
    pub fields: Vec<Field>,
    pub version: i64,
    pub found: Instant,
}

/// Opens a conflict about an event's edit, or brings the open one up to date.
pub async fn put(conn: &mut SqliteConnection, event: i64, conflict: &Conflict, now: Instant) -> Result<()> {
    let (kind, fields) = (word(&conflict.kind)?, json(&conflict.fields)?);
    let ground = json_option(conflict.ground.as_ref())?;
    let now_s = now.timestamp();
    sqlx::query!(
        "INSERT INTO conflict (event, kind, fields, ground, found_s) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (event) DO UPDATE SET kind = excluded.kind, fields = excluded.fields,
             ground = excluded.ground, version = version + 1",
        event,
        kind,
        fields,
        ground,
        now_s
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// There is nothing to decide any more.
pub async fn close(conn: &mut SqliteConnection, event: i64) -> Result<()> {
    sqlx::query!("DELETE FROM conflict WHERE event = ?", event).execute(conn).await?;
    Ok(())
}

struct Raw {
    id: i64,
    event: i64,
    kind: String,
    fields: String,
    version: i64,
    found_s: i64,
}

impl TryFrom<Raw> for Open {
    type Error = MirrorError;
    fn try_from(raw: Raw) -> Result<Self> {
        let at = Row::new("conflict", &raw.id);
        Ok(Open {
            id: ConflictId(raw.id),
            event: raw.event,
            kind: at.word("kind", &raw.kind)?,
            fields: at.json("fields", &raw.fields)?,
            version: raw.version,
            found: at.instant("found_s", raw.found_s)?,
        })
    }
}

/// The oldest first.
pub async fn list(conn: &mut SqliteConnection) -> Result<Vec<Open>> {
    let rows =
        sqlx::query_as!(Raw, "SELECT id, event, kind, fields, version, found_s FROM conflict ORDER BY id")
            .fetch_all(conn)
            .await?;
    rows.into_iter().map(Open::try_from).collect()
}

pub async fn get(conn: &mut SqliteConnection, id: ConflictId) -> Result<Open> {
    sqlx::query_as!(Raw, "SELECT id, event, kind, fields, version, found_s FROM conflict WHERE id = ?", id.0)
        .fetch_optional(conn)
        .await?
        .ok_or(MirrorError::NotFound("conflict"))?
        .try_into()
}
