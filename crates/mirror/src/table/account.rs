//! Accounts at providers. Their secrets are elsewhere.

use chrono::TimeDelta;
use daymark_core::time::Instant;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::error::{MirrorError, Result};
use crate::text::{Row, word};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub i64);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// The engine's word for the provider.
    pub provider: String,
    pub address: String,
    pub state: AccountState,
    /// Why the last run failed; empty after one that went well.
    pub reason: String,
    pub added: Instant,
    /// Nothing is asked of its provider until the person says so; edits wait.
    pub paused: bool,
    pub grant: Grant,
    /// When it was disconnected, while its rows are kept.
    pub left: Option<Instant>,
}

/// What is known of the permission that an account lives on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// When the person gave it.
    pub granted: Option<Instant>,
    /// When the provider last took it.
    pub renewed: Option<Instant>,
    /// When it ends by itself, where the provider says so.
    pub ends: Option<Instant>,
    /// How long an earlier one lasted that ended by itself.
    pub life: Option<TimeDelta>,
}

/// How the account stood at its last run; whether it is syncing is known only while running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    Ok,
    /// It works, but its sign-in will end.
    Expiring,
    SignInNeeded,
    MissingScope,
    /// Its provider could not be asked.
    Error,
}

/// The id of the account, made if it is new. One that is known, in whatever letters, counts as signed
/// in again; one that was left comes back with everything it had.
pub async fn add(
    conn: &mut SqliteConnection,
    provider: &str,
    address: &str,
    now: Instant,
) -> Result<AccountId> {
    let now_s = now.timestamp();
    let known = sqlx::query_scalar!(
        r#"UPDATE account SET state = 'ok', reason = '', granted_s = ?1, renewed_s = ?1, ends_s = NULL,
               left_s = NULL, paused = CASE WHEN left_s IS NULL THEN paused ELSE 0 END
           WHERE provider = ?2 AND lower(address) = lower(?3) RETURNING id AS "id!""#,
        now_s,
        provider,
        address
    );
    if let Some(id) = known.fetch_optional(&mut *conn).await? {
        return Ok(AccountId(id));
    }
    let id = sqlx::query_scalar!(
        r#"INSERT INTO account (provider, address, added_s, granted_s, renewed_s)
           VALUES (?1, ?2, ?3, ?3, ?3) RETURNING id AS "id!""#,
        provider,
        address,
        now_s
    )
    .fetch_one(conn)
    .await?;
    Ok(AccountId(id))
}

struct Raw {
    id: i64,
    provider: String,
    address: String,
    state: String,
    reason: String,
    added_s: i64,
    paused: bool,
    left_s: Option<i64>,
    granted_s: Option<i64>,
    renewed_s: Option<i64>,
    ends_s: Option<i64>,
    grant_life_s: i64,
}

/// The accounts that are connected, or with `left` those that were.
pub async fn list(conn: &mut SqliteConnection, left: bool) -> Result<Vec<Account>> {
    let rows = sqlx::query_as!(
        Raw,
        r#"SELECT id, provider, address, state, reason, added_s, paused AS "paused: bool", left_s,
                  granted_s, renewed_s, ends_s, grant_life_s
           FROM account WHERE (left_s IS NOT NULL) = ? ORDER BY id"#,
        left
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Account::try_from).collect()
}

impl TryFrom<Raw> for Account {
    type Error = MirrorError;
    fn try_from(raw: Raw) -> Result<Self> {
        let at = Row::new("account", &raw.id);
        let grant = Grant {
            granted: at.instant_option("granted_s", raw.granted_s)?,
            renewed: at.instant_option("renewed_s", raw.renewed_s)?,
            ends: at.instant_option("ends_s", raw.ends_s)?,
            life: TimeDelta::try_seconds(raw.grant_life_s).filter(|life| *life > TimeDelta::zero()),
        };
        Ok(Account {
            id: AccountId(raw.id),
            state: at.word("state", &raw.state)?,
            added: at.instant("added_s", raw.added_s)?,
            left: at.instant_option("left_s", raw.left_s)?,
            grant,
            provider: raw.provider,
            address: raw.address,
            reason: raw.reason,
            paused: raw.paused,
        })
    }
}

pub async fn set_grant(conn: &mut SqliteConnection, id: AccountId, grant: &Grant) -> Result<()> {
    let seconds = |at: Option<Instant>| at.map(|at| at.timestamp());
    let (granted_s, renewed_s, ends_s) =
        (seconds(grant.granted), seconds(grant.renewed), seconds(grant.ends));
    let life_s = grant.life.map(|life| life.num_seconds()).unwrap_or_default();
    let done = sqlx::query!(
        "UPDATE account SET granted_s = ?, renewed_s = ?, ends_s = ?, grant_life_s = ? WHERE id = ?",
        granted_s,
        renewed_s,
        ends_s,
        life_s,
        id.0
    )
    .execute(conn)
    .await?;
    found(done.rows_affected())
}

pub async fn set_paused(conn: &mut SqliteConnection, id: AccountId, paused: bool) -> Result<()> {
    let done = sqlx::query!("UPDATE account SET paused = ? WHERE id = ? AND left_s IS NULL", paused, id.0)
        .execute(conn)
        .await?;
    found(done.rows_affected())
}

/// Marks it as left, or takes that back with `None`.
pub async fn set_left(conn: &mut SqliteConnection, id: AccountId, left: Option<Instant>) -> Result<()> {
    let left_s = left.map(|at| at.timestamp());
    let done = sqlx::query!(
        "UPDATE account SET left_s = ?1 WHERE id = ?2 AND (left_s IS NULL) = (?1 IS NOT NULL)",
        left_s,
        id.0
    )
    .execute(conn)
    .await?;
    found(done.rows_affected())
}

/// Refuses what belongs to an account that was left, or is not there.
pub async fn check_connected(conn: &mut SqliteConnection, id: AccountId) -> Result<()> {
    let connected = sqlx::query_scalar!("SELECT 1 AS one FROM account WHERE id = ? AND left_s IS NULL", id.0);
    found(connected.fetch_optional(conn).await?.map_or(0, |_| 1))
}

pub async fn set_state(
    conn: &mut SqliteConnection,
    id: AccountId,
    state: AccountState,
    reason: &str,
) -> Result<()> {
    let state = word(&state)?;
    let done = sqlx::query!("UPDATE account SET state = ?, reason = ? WHERE id = ?", state, reason, id.0)
        .execute(conn)
        .await?;
    found(done.rows_affected())
}

/// Takes everything of the account along.
pub async fn remove(conn: &mut SqliteConnection, id: AccountId) -> Result<()> {
    let done = sqlx::query!("DELETE FROM account WHERE id = ?", id.0).execute(conn).await?;
    found(done.rows_affected())
}

fn found(rows: u64) -> Result<()> {
    if rows == 0 { Err(MirrorError::NotFound("account")) } else { Ok(()) }
}
