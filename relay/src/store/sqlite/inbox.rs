//! The inbox of a person: what their laptop has yet to hear, in order.

use daymark_core::booking::BookingId;
use daymark_core::contract::{InboxEntry, InboxKind, Known};
use daymark_core::time::Instant;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqliteRow};

use super::row::{At, signed, to_json};
use super::writer::Change;
use crate::store::{AckOutcome, PersonId, Result};

/// Appends within the caller's transaction. Numbers follow the clock, so that a database that was put back from a backup
/// gives none twice: a laptop would take the second for the first, which it has.
pub async fn append(
    to: &mut SqliteConnection,
    person: PersonId,
    booking: &BookingId,
    version: u32,
    kind: &InboxKind,
    at: Instant,
) -> Result<()> {
    let seq: i64 = sqlx::query_scalar(
        "UPDATE person SET last_seq = max(last_seq + 1, ?2) WHERE id = ?1 RETURNING last_seq",
    )
    .bind(person.0)
    .bind(at.timestamp_millis())
    .fetch_one(&mut *to)
    .await?;
    sqlx::query(
        "INSERT INTO inbox (person, seq, booking, version, kind, at_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(person.0)
    .bind(seq)
    .bind(&booking.0)
    .bind(version)
    .bind(to_json("inbox", "kind", kind)?)
    .bind(at.timestamp())
    .execute(to)
    .await?;
    Ok(())
}

pub async fn read(from: &SqlitePool, person: PersonId, after: u64, limit: u32) -> Result<Vec<InboxEntry>> {
    let rows = sqlx::query(
        "SELECT seq, booking, version, kind, at_s FROM inbox WHERE person = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )
    .bind(person.0)
    .bind(signed(after))
    .bind(limit)
    .fetch_all(from)
    .await?;
    rows.iter().map(entry).collect()
}

pub async fn known(from: &SqlitePool, person: PersonId) -> Result<Known> {
    let row = sqlx::query(
        "SELECT p.last_seq, coalesce(g.rev, 0) AS rev FROM person p LEFT JOIN page g ON g.person = p.id WHERE p.id = ?1",
    )
    .bind(person.0)
    .fetch_one(from)
    .await?;
    let name = person.0.to_string();
    let at = At { table: "person", row: &name };
    Ok(Known {
        seq: at.whole("last_seq", row.try_get("last_seq")?)?,
        rev: at.whole("rev", row.try_get("rev")?)?,
    })
}

fn entry(row: &SqliteRow) -> Result<InboxEntry> {
    let seq: i64 = row.try_get("seq")?;
    let name = seq.to_string();
    let at = At { table: "inbox", row: &name };
    Ok(InboxEntry {
        seq: at.whole("seq", seq)?,
        booking: BookingId(row.try_get("booking")?),
        version: at.whole("version", row.try_get("version")?)?,
        kind: at.json("kind", row.try_get("kind")?)?,
        at: at.instant("at_s", row.try_get("at_s")?)?,
    })
}

pub async fn ack(
    to: &mut SqliteConnection,
    person: PersonId,
    epoch: String,
    upto: u64,
) -> Result<Change<AckOutcome>> {
    let current: String = sqlx::query_scalar("SELECT epoch FROM relay").fetch_one(&mut *to).await?;
    if current != epoch {
        return Ok(Change::unheard(AckOutcome::EpochChanged));
    }
    // An older ack that arrives late must not take the newer one back, and a laptop may know more than a backup.
    sqlx::query("UPDATE person SET acked_seq = max(acked_seq, min(last_seq, ?2)) WHERE id = ?1")
        .bind(person.0)
        .bind(signed(upto))
        .execute(to)
        .await?;
    Ok(Change::unheard(AckOutcome::Acked))
}
