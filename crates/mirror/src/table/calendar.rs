//! The calendars of an account, and what the person chose for each.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use daymark_core::blocks::{Filters, Privacy};
use daymark_core::time::Instant;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use super::account::AccountId;
use crate::error::{MirrorError, Result};
use crate::text::{Row, json, word};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CalendarId(pub i64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Only when it is busy; its events cannot be listed.
    FreeBusy,
    Read,
    Write,
}

/// A calendar as an account's list names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub remote_id: String,
    pub name: String,
    pub zone: Option<Tz>,
    pub access: Access,
    pub primary: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub id: CalendarId,
    pub account: AccountId,
    pub remote_id: String,
    pub name: String,
    /// 1–8.
    pub color: u8,
    pub zone: Option<Tz>,
    pub access: Access,
    pub primary: bool,
    /// Mirrored at all.
    pub chosen: bool,
    /// Drawn on the schedule.
    pub shown: bool,
    pub counts_busy: bool,
    /// Which of its events block other calendars.
    pub filters: Filters,
    /// How many of them blocked nothing when that was last looked at.
    pub ignored: i64,
    /// Copies of other calendars' busy times are written to it.
    pub receives_blocks: bool,
    pub block_privacy: Privacy,
    /// No longer in the account's list.
    pub gone: bool,
    /// When a first pull was complete.
    pub first_synced: Option<Instant>,
    pub last_sync: Option<Instant>,
    /// Why the last sync failed; empty after one that worked.
    pub last_error: String,
    pub events: i64,
    /// Edits that have not reached the provider.
    pub waiting: i64,
    /// Where the next pull goes on.
    pub cursor: Option<String>,
}

/// `None` leaves a setting as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub chosen: Option<bool>,
    pub shown: Option<bool>,
    pub counts_busy: Option<bool>,
    pub color: Option<u8>,
    pub receives_blocks: Option<bool>,
    pub block_privacy: Option<Privacy>,
    pub filters: Option<Filters>,
}

/// Adds or renews one calendar. What the person chose stays; a new one is chosen when its events
/// can be read, and gets the next colour.
pub async fn upsert(conn: &mut SqliteConnection, account: AccountId, listed: &Listed) -> Result<()> {
    let access = word(&listed.access)?;
    let zone = listed.zone.map_or("", |zone| zone.name());
    let readable = listed.access != Access::FreeBusy;
    sqlx::query!(
        r#"INSERT INTO calendar (account, remote_id, name, color, zone, access, is_primary, chosen, shown, counts_busy)
           VALUES (?1, ?2, ?3, 1 + (SELECT count(*) FROM calendar) % 8, ?4, ?5, ?6, ?7, ?7, ?7)
           ON CONFLICT (account, remote_id) DO UPDATE SET
               name = excluded.name, zone = excluded.zone, access = excluded.access,
               is_primary = excluded.is_primary, gone = 0"#,
        account.0,
        listed.remote_id,
        listed.name,
        zone,
        access,
        listed.primary,
        readable
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks as gone what `kept` (remote ids) does not name.
pub async fn mark_gone(conn: &mut SqliteConnection, account: AccountId, kept: &[&str]) -> Result<()> {
    let kept = json(&kept)?;
    sqlx::query!(
        "UPDATE calendar SET gone = 1
         WHERE account = ? AND remote_id NOT IN (SELECT value FROM json_each(?))",
        account.0,
        kept
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// All calendars of an account go, or come back, with it.
pub async fn set_gone(conn: &mut SqliteConnection, account: AccountId, gone: bool) -> Result<()> {
    sqlx::query!("UPDATE calendar SET gone = ? WHERE account = ?", gone, account.0).execute(conn).await?;
    Ok(())
}

pub async fn of_account(conn: &mut SqliteConnection, account: AccountId) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!("SELECT id FROM calendar WHERE account = ? ORDER BY id", account.0)
        .fetch_all(conn)
        .await?)
}

/// How many copies of ours stand on those of an account's calendars that are not written to.
pub async fn unwritable_copies(conn: &mut SqliteConnection, account: AccountId) -> Result<usize> {
    let count = sqlx::query_scalar!(
        "SELECT count(*) FROM block b
         JOIN event e ON e.id = b.event AND e.status <> 'cancelled'
         JOIN calendar c ON c.id = e.calendar AND c.account = ?
         WHERE b.kept = 0 AND (c.chosen = 0 OR c.gone = 1 OR c.access <> 'write')",
        account.0
    );
    Ok(usize::try_from(count.fetch_one(conn).await?).unwrap_or_default())
}

/// A calendar's number by its provider's name for it.
pub async fn by_remote_id(
    conn: &mut SqliteConnection,
    account: AccountId,
    remote_id: &str,
) -> Result<Option<CalendarId>> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM calendar WHERE account = ? AND remote_id = ?",
        account.0,
        remote_id
    );
    Ok(id.fetch_optional(conn).await?.map(CalendarId))
}

struct Raw {
    id: i64,
    account: i64,
    remote_id: String,
    name: String,
    color: i64,
    zone: String,
    access: String,
    is_primary: bool,
    chosen: bool,
    shown: bool,
    counts_busy: bool,
    receives_blocks: bool,
    block_privacy: String,
    block_hours_only: bool,
    block_all_day: bool,
    block_tentative: bool,
    block_free: bool,
    ignored: i64,
    gone: bool,
    first_synced_s: Option<i64>,
    last_sync_s: Option<i64>,
    last_error: String,
    events: i64,
    waiting: i64,
    cursor: Option<String>,
}

pub async fn list(conn: &mut SqliteConnection) -> Result<Vec<Calendar>> {
    let rows = sqlx::query_as!(
        Raw,
        r#"SELECT c.id, c.account, c.remote_id, c.name, c.color, c.zone, c.access,
                  c.is_primary AS "is_primary: bool", c.chosen AS "chosen: bool", c.shown AS "shown: bool",
                  c.counts_busy AS "counts_busy: bool", c.gone AS "gone: bool",
                  c.receives_blocks AS "receives_blocks: bool", c.block_privacy,
                  c.block_hours_only AS "block_hours_only: bool", c.block_all_day AS "block_all_day: bool",
                  c.block_tentative AS "block_tentative: bool", c.block_free AS "block_free: bool", c.ignored,
                  c.first_synced_s, c.last_sync_s, c.last_error,
                  (SELECT count(*) FROM event e WHERE e.calendar = c.id AND e.status <> 'cancelled')
                      AS "events!: i64",
                  (SELECT count(*) FROM outbox o CROSS JOIN event e ON e.id = o.event WHERE e.calendar = c.id)
                      AS "waiting!: i64",
                  u.value AS "cursor?: String"
           FROM calendar c
           JOIN account a ON a.id = c.account AND a.left_s IS NULL
           LEFT JOIN cursor u ON u.calendar = c.id
           ORDER BY c.account, c.is_primary DESC, c.id"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Calendar::try_from).collect()
}

impl TryFrom<Raw> for Calendar {
    type Error = MirrorError;
    fn try_from(raw: Raw) -> Result<Self> {
        let at = Row::new("calendar", &raw.id);
        let zone = (!raw.zone.is_empty()).then(|| at.parsed("zone", &raw.zone)).transpose()?;
        Ok(Calendar {
            id: CalendarId(raw.id),
            account: AccountId(raw.account),
            color: at.number("color", raw.color)?,
            zone,
            access: at.word("access", &raw.access)?,
            first_synced: at.instant_option("first_synced_s", raw.first_synced_s)?,
            last_sync: at.instant_option("last_sync_s", raw.last_sync_s)?,
            remote_id: raw.remote_id,
            name: raw.name,
            primary: raw.is_primary,
            chosen: raw.chosen,
            shown: raw.shown,
            counts_busy: raw.counts_busy,
            filters: Filters {
                hours_only: raw.block_hours_only,
                all_day: raw.block_all_day,
                tentative: raw.block_tentative,
                free: raw.block_free,
            },
            ignored: raw.ignored,
            receives_blocks: raw.receives_blocks,
            block_privacy: at.word("block_privacy", &raw.block_privacy)?,
            gone: raw.gone,
            last_error: raw.last_error,
            events: raw.events,
            waiting: raw.waiting,
            cursor: raw.cursor,
        })
    }
}

pub async fn choose(conn: &mut SqliteConnection, id: CalendarId, choice: Choice) -> Result<()> {
    let privacy = choice.block_privacy.as_ref().map(word).transpose()?;
    let filter = |read: fn(Filters) -> bool| choice.filters.map(read);
    let hours_only = filter(|it| it.hours_only);
    let (all_day, tentative, free) =
        (filter(|it| it.all_day), filter(|it| it.tentative), filter(|it| it.free));
    let done = sqlx::query!(
        "UPDATE calendar SET chosen = coalesce(?, chosen), shown = coalesce(?, shown),
             counts_busy = coalesce(?, counts_busy), color = coalesce(?, color),
             receives_blocks = coalesce(?, receives_blocks), block_privacy = coalesce(?, block_privacy),
             block_hours_only = coalesce(?, block_hours_only), block_all_day = coalesce(?, block_all_day),
             block_tentative = coalesce(?, block_tentative), block_free = coalesce(?, block_free)
         WHERE id = ?",
        choice.chosen,
        choice.shown,
        choice.counts_busy,
        choice.color,
        choice.receives_blocks,
        privacy,
        hours_only,
        all_day,
        tentative,
        free,
        id.0
    )
    .execute(conn)
    .await?;
    found(done.rows_affected())
}

/// How many of its events block nothing, for each calendar that counts as busy.
pub async fn set_ignored(conn: &mut SqliteConnection, ignored: &BTreeMap<i64, usize>) -> Result<()> {
    let ignored = json(&ignored)?;
    sqlx::query!(
        "UPDATE calendar SET ignored = coalesce((SELECT value FROM json_each(?1) WHERE key = calendar.id), 0)
         WHERE ignored <> coalesce((SELECT value FROM json_each(?1) WHERE key = calendar.id), 0)",
        ignored
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Nothing more is copied to these.
pub async fn stop_receiving(conn: &mut SqliteConnection, ids: &[i64]) -> Result<()> {
    let ids = json(&ids)?;
    sqlx::query!("UPDATE calendar SET receives_blocks = 0 WHERE id IN (SELECT value FROM json_each(?))", ids)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes how a sync ended.
pub async fn synced(
    conn: &mut SqliteConnection,
    id: CalendarId,
    error: Option<&str>,
    now: Instant,
) -> Result<()> {
    let last_sync_s = error.is_none().then(|| now.timestamp());
    let error = error.unwrap_or_default();
    let done = sqlx::query!(
        "UPDATE calendar SET last_sync_s = coalesce(?, last_sync_s), last_error = ? WHERE id = ?",
        last_sync_s,
        error,
        id.0
    )
    .execute(conn)
    .await?;
    found(done.rows_affected())
}

/// A round of reading is complete.
pub async fn complete(conn: &mut SqliteConnection, id: CalendarId, now: Instant) -> Result<()> {
    let now_s = now.timestamp();
    sqlx::query!(
        "UPDATE calendar SET first_synced_s = coalesce(first_synced_s, ?1), last_sync_s = ?1, last_error = ''
         WHERE id = ?2",
        now_s,
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn access(conn: &mut SqliteConnection, id: CalendarId) -> Result<Access> {
    let access = sqlx::query_scalar!("SELECT access FROM calendar WHERE id = ? AND gone = 0", id.0)
        .fetch_optional(conn)
        .await?
        .ok_or(MirrorError::NotFound("calendar"))?;
    Row::new("calendar", &id.0).word("access", &access)
}

fn found(rows: u64) -> Result<()> {
    if rows == 0 { Err(MirrorError::NotFound("calendar")) } else { Ok(()) }
}
