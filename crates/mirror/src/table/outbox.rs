//! The outbox: one row for each event that differs from the provider's. Edits that follow each
//! other change the event and raise the version; what to send is the difference when it is sent.

use daymark_core::event::Fields;
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use super::account::AccountId;
use crate::error::Result;
use crate::text::{json, json_option};

/// No edit waits longer than this between two tries.
pub const WAIT_MAX_S: i64 = 6 * 60 * 60;

pub struct Entry<'a> {
    pub event: i64,
    pub version: i64,
    pub deleted: bool,
    /// Used only when the event was clean until now.
    pub base: Option<&'a Fields>,
    pub not_before: Instant,
}

/// An edit that could be sent now.
pub struct Due {
    pub event: i64,
    pub attempts: i64,
    pub calendar_remote_id: String,
    pub master_remote_id: Option<String>,
}

/// The event is dirty. A further edit keeps what is known of the provider and of a started write.
pub async fn put(conn: &mut SqliteConnection, entry: Entry<'_>, now: Instant) -> Result<()> {
    let base = json_option(entry.base)?;
    let (not_before_s, now_s) = (entry.not_before.timestamp(), now.timestamp());
    sqlx::query!(
        r#"INSERT INTO outbox (event, version, deleted, base, not_before_s, staged_s)
           VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (event) DO UPDATE SET version = excluded.version, deleted = excluded.deleted,
               state = 'waiting', reason = '', attempts = 0, not_before_s = excluded.not_before_s"#,
        entry.event,
        entry.version,
        entry.deleted,
        base,
        not_before_s,
        now_s
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The write of `event` waits until that of `first` has given the provider its plan.
pub async fn follow(conn: &mut SqliteConnection, event: i64, first: i64) -> Result<()> {
    sqlx::query!("UPDATE outbox SET follows = ?1 WHERE event = ?2 AND event <> ?1", first, event)
        .execute(conn)
        .await?;
    Ok(())
}

/// What waits for the write of `first`.
pub async fn followers(conn: &mut SqliteConnection, first: i64) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!("SELECT event FROM outbox WHERE follows = ? ORDER BY event", first)
        .fetch_all(conn)
        .await?)
}

/// What the provider has was read anew.
pub async fn set_base(conn: &mut SqliteConnection, event: i64, base: Option<&Fields>) -> Result<()> {
    let base = json_option(base)?;
    sqlx::query!("UPDATE outbox SET base = ? WHERE event = ?", base, event).execute(conn).await?;
    Ok(())
}

/// A write begins; `sent` is what it and all earlier ones without a known outcome carry. False when a
/// newer edit came since it was planned.
pub async fn start(conn: &mut SqliteConnection, event: i64, version: i64, sent: &[Fields]) -> Result<bool> {
    let sent = json(&sent)?;
    let done = sqlx::query!(
        "UPDATE outbox SET started = 1, sent = ?, attempts = attempts + 1
         WHERE event = ? AND version = ? AND state = 'waiting'
           AND NOT EXISTS (SELECT 1 FROM conflict k WHERE k.event = outbox.event)",
        sent,
        event,
        version
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The started write is known to have ended; `base` is what the provider has now.
pub async fn ended(conn: &mut SqliteConnection, event: i64, base: Option<&Fields>) -> Result<()> {
    let base = json_option(base)?;
    sqlx::query!(
        "UPDATE outbox SET base = ?, started = 0, sent = '[]', attempts = 0 WHERE event = ?",
        base,
        event
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Something of ours or of the provider's own making may have changed what it has: `base`, or any of
/// `instead`.
pub async fn unknown(
    conn: &mut SqliteConnection,
    event: i64,
    base: &Fields,
    instead: &[Fields],
) -> Result<()> {
    let (base, instead) = (json(base)?, json(&instead)?);
    sqlx::query!("UPDATE outbox SET base = ?, started = 1, sent = ? WHERE event = ?", base, instead, event)
        .execute(conn)
        .await?;
    Ok(())
}

/// The write that was started last is known not to have taken effect.
pub async fn not_taken(conn: &mut SqliteConnection, event: i64) -> Result<()> {
    sqlx::query!("UPDATE outbox SET started = 0, sent = '[]' WHERE event = ?", event).execute(conn).await?;
    Ok(())
}

/// Nothing is tried again before `not_before`. A wait that was noted before the clock was set back counts no more.
pub async fn later(conn: &mut SqliteConnection, event: i64, not_before: Instant, now: Instant) -> Result<()> {
    let (not_before_s, now_s) = (not_before.timestamp(), now.timestamp());
    sqlx::query!(
        "UPDATE outbox SET
             not_before_s = CASE WHEN staged_s > ?2 + 60 OR not_before_s > ?2 + ?3 THEN ?1
                                 ELSE max(not_before_s, ?1) END,
             staged_s = min(staged_s, ?2)
         WHERE event = ?4",
        not_before_s,
        now_s,
        WAIT_MAX_S,
        event
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What an account's writes wait for after failures is over: they are due. Deletes that are held back stay so.
pub async fn end_waits(conn: &mut SqliteConnection, account: AccountId, now: Instant) -> Result<()> {
    let now_s = now.timestamp();
    sqlx::query!(
        "UPDATE outbox SET not_before_s = ?1
         WHERE attempts > 0 AND not_before_s > ?1 AND event IN
             (SELECT e.id FROM event e JOIN calendar c ON c.id = e.calendar WHERE c.account = ?2)",
        now_s,
        account.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The write did not take effect, and will not by itself.
pub async fn refuse(conn: &mut SqliteConnection, event: i64, reason: &str) -> Result<()> {
    sqlx::query!("UPDATE outbox SET state = 'refused', reason = ? WHERE event = ?", reason, event)
        .execute(conn)
        .await?;
    Ok(())
}

/// Tries a refused write again. False when there is none.
pub async fn retry(conn: &mut SqliteConnection, event: i64, now: Instant) -> Result<bool> {
    let now_s = now.timestamp();
    let done = sqlx::query!(
        "UPDATE outbox SET state = 'waiting', reason = '', attempts = 0, not_before_s = ?
         WHERE event = ? AND state = 'refused'",
        now_s,
        event
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn remove(conn: &mut SqliteConnection, event: i64) -> Result<()> {
    sqlx::query!("DELETE FROM outbox WHERE event = ?", event).execute(conn).await?;
    Ok(())
}

/// What could be sent for an account at `now`, oldest first. What only the person can decide is held.
/// An occurrence waits for its series: until it exists at the provider, while it is being deleted, while an
/// edit of it is under way or has changed its plan, and while the very edit that changed both is refused.
/// The second half of a series waits for the cut.
pub async fn due(
    conn: &mut SqliteConnection,
    account: AccountId,
    now: Instant,
    limit: u32,
) -> Result<Vec<Due>> {
    let now_s = now.timestamp();
    Ok(sqlx::query_as!(
        Due,
        r#"SELECT o.event AS "event!", o.attempts, c.remote_id AS calendar_remote_id, m.remote_id AS "master_remote_id?"
           FROM outbox o
           CROSS JOIN event e ON e.id = o.event
           JOIN calendar c ON c.id = e.calendar AND c.account = ?1 AND c.gone = 0 AND c.access = 'write'
           LEFT JOIN event m ON m.id = e.master
           LEFT JOIN outbox mo ON mo.event = e.master
           LEFT JOIN event f ON f.id = o.follows
           LEFT JOIN outbox fo ON fo.event = o.follows
           WHERE o.state = 'waiting'
             AND (o.not_before_s <= ?2 OR o.staged_s > ?2 + 60 OR o.not_before_s > ?2 + ?4)
             AND NOT EXISTS (SELECT 1 FROM conflict k WHERE k.event = o.event)
             AND (e.master IS NULL OR m.remote_id IS NOT NULL)
             AND (mo.event IS NULL
                  OR mo.deleted = 0 AND mo.state <> 'waiting' AND mo.version <> o.version
                     AND mo.base ->> 'recurrence' IS m.fields ->> 'recurrence'
                     AND mo.base ->> 'span' IS m.fields ->> 'span')
             AND (fo.event IS NULL
                  OR fo.deleted = 0
                     AND fo.base ->> 'recurrence' IS f.fields ->> 'recurrence'
                     AND fo.base ->> 'span' IS f.fields ->> 'span')
           ORDER BY o.staged_s, o.event LIMIT ?3"#,
        account.0,
        now_s,
        limit,
        WAIT_MAX_S
    )
    .fetch_all(conn)
    .await?)
}

/// The account was left: what deletes copies from its calendars is still sent.
pub async fn part(conn: &mut SqliteConnection, account: AccountId) -> Result<()> {
    sqlx::query!(
        "UPDATE outbox SET parting = 1 WHERE deleted = 1 AND event IN
             (SELECT e.id FROM event e JOIN calendar c ON c.id = e.calendar AND c.account = ?
              WHERE e.block IS NOT NULL)",
        account.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What is still sent for an account that was left.
pub async fn parting(conn: &mut SqliteConnection, account: AccountId) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!(
        "SELECT o.event FROM outbox o CROSS JOIN event e ON e.id = o.event
         JOIN calendar c ON c.id = e.calendar AND c.account = ?
         WHERE o.parting = 1 ORDER BY o.event",
        account.0
    )
    .fetch_all(conn)
    .await?)
}

/// Of that, what could be sent at `now`.
pub async fn parting_due(
    conn: &mut SqliteConnection,
    account: AccountId,
    now: Instant,
    limit: u32,
) -> Result<Vec<Due>> {
    let now_s = now.timestamp();
    Ok(sqlx::query_as!(
        Due,
        r#"SELECT o.event AS "event!", o.attempts, c.remote_id AS calendar_remote_id,
                  NULL AS "master_remote_id?: String"
           FROM outbox o
           CROSS JOIN event e ON e.id = o.event
           JOIN calendar c ON c.id = e.calendar AND c.account = ?1
           WHERE o.parting = 1 AND o.state = 'waiting'
             AND (o.not_before_s <= ?2 OR o.staged_s > ?2 + 60 OR o.not_before_s > ?2 + ?4)
           ORDER BY o.staged_s, o.event LIMIT ?3"#,
        account.0,
        now_s,
        limit,
        WAIT_MAX_S
    )
    .fetch_all(conn)
    .await?)
}

/// It waits like any other edit from now on.
pub async fn stay(conn: &mut SqliteConnection, event: i64) -> Result<()> {
    sqlx::query!("UPDATE outbox SET parting = 0 WHERE event = ?", event).execute(conn).await?;
    Ok(())
}

/// Edits that have not reached their provider, but for those of accounts that were left.
pub async fn count(conn: &mut SqliteConnection) -> Result<i64> {
    let count = sqlx::query_scalar!(
        "SELECT count(*) FROM outbox o CROSS JOIN event e ON e.id = o.event
         JOIN calendar c ON c.id = e.calendar JOIN account a ON a.id = c.account AND a.left_s IS NULL"
    );
    Ok(count.fetch_one(conn).await?)
}
