//! Forgetting in time: visitors' data after their visit, used nonces, dead enrolment codes.

use chrono::TimeDelta;
use daymark_core::signing::MAX_SKEW_S;
use daymark_core::time::Instant;
use sqlx::sqlite::SqliteConnection;

use super::writer::Change;
use crate::store::{Forgotten, Result};

pub async fn forget(
    to: &mut SqliteConnection,
    ended_before: Instant,
    now: Instant,
) -> Result<Change<Forgotten>> {
    let ended_s = ended_before.timestamp();
    // What the laptop has not taken yet stays sealed for it, however late it comes.
    sqlx::query(
        "UPDATE inbox SET kind = json_set(kind, '$.sealed', '')
         WHERE booking IN (SELECT id FROM booking WHERE end_s < ?1)
           AND seq <= (SELECT acked_seq FROM person WHERE id = inbox.person)
           AND json_extract(kind, '$.sealed') <> ''",
    )
    .bind(ended_s)
    .execute(&mut *to)
    .await?;
    let bookings = sqlx::query(
        "UPDATE booking SET forgotten = 1, email = '', manage_sealed = x'' WHERE end_s < ?1 AND forgotten = 0",
    )
    .bind(ended_s)
    .execute(&mut *to)
    .await?
    .rows_affected();
    // Twice the skew: a signature is refused by its age long before its nonce is forgotten.
    let nonces = delete(to, "DELETE FROM nonce WHERE seen_s < ?1", now - TimeDelta::seconds(2 * MAX_SKEW_S));
    let nonces = nonces.await?;
    let enrolments = delete(to, "DELETE FROM enrolment WHERE expires_s < ?1", now).await?;
    Ok(Change::unheard(Forgotten { bookings, nonces, enrolments }))
}

async fn delete(to: &mut SqliteConnection, sql: &'static str, before: Instant) -> Result<u64> {
    Ok(sqlx::query(sql).bind(before.timestamp()).execute(to).await?.rows_affected())
}
