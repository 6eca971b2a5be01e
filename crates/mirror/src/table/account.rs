//! Accounts at providers. Their secrets are elsewhere.

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
}

/// What lasts beyond a restart. Whether an account is syncing or offline is known only while running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    Ok,
    SignInNeeded,
    MissingScope,
}

/// The id of the account, made if it is new.
pub async fn add(
    conn: &mut SqliteConnection,
    provider: &str,
    address: &str,
    now: Instant,
) -> Result<AccountId> {
    let now_s = now.timestamp();
    let id = sqlx::query_scalar!(
        r#"INSERT INTO account (provider, address, added_s) VALUES (?, ?, ?)
           ON CONFLICT (provider, address) DO UPDATE SET state = 'ok', reason = ''
           RETURNING id AS "id!""#,
        provider,
        address,
        now_s
    )
    .fetch_one(conn)
    .await?;
    Ok(AccountId(id))
}

pub async fn list(conn: &mut SqliteConnection) -> Result<Vec<Account>> {
    let rows = sqlx::query!("SELECT id, provider, address, state, reason, added_s FROM account ORDER BY id")
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let at = Row::new("account", &row.id);
            Ok(Account {
                id: AccountId(row.id),
                state: at.word("state", &row.state)?,
                added: at.instant("added_s", row.added_s)?,
                provider: row.provider,
                address: row.address,
                reason: row.reason,
            })
        })
        .collect()
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
