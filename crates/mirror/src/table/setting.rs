//! The person's settings, as JSON by name. What they mean is the engine's matter.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use crate::error::Result;
use crate::text::{Row, json};

pub async fn get<T: DeserializeOwned>(conn: &mut SqliteConnection, key: &str) -> Result<Option<T>> {
    let value =
        sqlx::query_scalar!("SELECT value FROM setting WHERE key = ?", key).fetch_optional(conn).await?;
    Row::new("setting", &key).json_option("value", value.as_deref())
}

pub async fn put(conn: &mut SqliteConnection, key: &str, value: &impl Serialize) -> Result<()> {
    let value = json(value)?;
    sqlx::query!(
        "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        key,
        value
    )
    .execute(conn)
    .await?;
    Ok(())
}
