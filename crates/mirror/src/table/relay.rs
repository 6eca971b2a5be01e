//! The relay that this device has joined, and how far the two have told each other.

use daymark_core::contract::Enrolled;
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::error::{MirrorError, Result};
use crate::text::Row;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    pub address: String,
    /// The name that this device has there.
    pub device: String,
    /// The name of the keys that it has there.
    pub keys: String,
    pub page_url: String,
    pub epoch: String,
    /// The last inbox entry that is durable here.
    pub inbox_seq: u64,
    /// The last one that the relay was told about.
    pub acked_seq: u64,
    pub rev: u64,
    /// Of the last published sheet.
    pub digest: String,
    pub published: Option<Instant>,
    pub lease_until: Option<Instant>,
    /// How many starts were offered.
    pub offered: u32,
}

/// A publication that the relay has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub rev: u64,
    pub digest: String,
    pub at: Instant,
    pub lease_until: Instant,
    pub offered: u32,
}

struct Raw {
    address: String,
    device: String,
    keys: String,
    page_url: String,
    epoch: String,
    inbox_seq: i64,
    acked_seq: i64,
    rev: i64,
    digest: String,
    published_s: Option<i64>,
    lease_until_s: Option<i64>,
    offered: i64,
}

pub async fn get(conn: &mut SqliteConnection) -> Result<Option<Relay>> {
    let raw = sqlx::query_as!(
        Raw,
        "SELECT address, device, keys, page_url, epoch, inbox_seq, acked_seq, rev, digest, published_s,
                lease_until_s, offered
         FROM relay"
    )
    .fetch_optional(conn)
    .await?;
    raw.map(Relay::try_from).transpose()
}

impl TryFrom<Raw> for Relay {
    type Error = MirrorError;
    fn try_from(raw: Raw) -> Result<Self> {
        let at = Row::new("relay", &1);
        Ok(Relay {
            inbox_seq: at.number("inbox_seq", raw.inbox_seq)?,
            acked_seq: at.number("acked_seq", raw.acked_seq)?,
            rev: at.number("rev", raw.rev)?,
            published: at.instant_option("published_s", raw.published_s)?,
            lease_until: at.instant_option("lease_until_s", raw.lease_until_s)?,
            offered: at.number("offered", raw.offered)?,
            address: raw.address,
            device: raw.device,
            keys: raw.keys,
            page_url: raw.page_url,
            epoch: raw.epoch,
            digest: raw.digest,
        })
    }
}

/// Joins a relay in place of any other, with the keys that it said yes to; its numbers start at nothing.
pub async fn join(conn: &mut SqliteConnection, address: &str, keys: &str, enrolled: &Enrolled) -> Result<()> {
    sqlx::query!("DELETE FROM relay").execute(&mut *conn).await?;
    sqlx::query!(
        "INSERT INTO relay (id, address, device, keys, page_url, epoch) VALUES (1, ?, ?, ?, ?, ?)",
        address,
        enrolled.device,
        keys,
        enrolled.page_url,
        enrolled.epoch
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn published(conn: &mut SqliteConnection, published: &Published) -> Result<()> {
    let rev = seq(published.rev);
    let (published_s, lease_until_s) = (published.at.timestamp(), published.lease_until.timestamp());
    sqlx::query!(
        "UPDATE relay SET rev = ?, digest = ?, published_s = ?, lease_until_s = ?, offered = ?",
        rev,
        published.digest,
        published_s,
        lease_until_s,
        published.offered
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn received(conn: &mut SqliteConnection, upto: u64) -> Result<()> {
    let upto = seq(upto);
    sqlx::query!("UPDATE relay SET inbox_seq = max(inbox_seq, ?)", upto).execute(conn).await?;
    Ok(())
}

/// The relay knows; never more than what is durable here.
pub async fn acked(conn: &mut SqliteConnection, upto: u64) -> Result<()> {
    let upto = seq(upto);
    sqlx::query!("UPDATE relay SET acked_seq = max(acked_seq, min(inbox_seq, ?))", upto)
        .execute(conn)
        .await?;
    Ok(())
}

/// The relay came back from a backup: its inbox is asked for from the beginning, its page is an old one, and what it
/// was told is told again.
pub async fn restored(conn: &mut SqliteConnection, epoch: &str) -> Result<()> {
    sqlx::query!("UPDATE relay SET epoch = ?, inbox_seq = 0, acked_seq = 0, digest = ''", epoch)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("UPDATE booking SET decision_sent = 0 WHERE decision IS NOT NULL").execute(conn).await?;
    Ok(())
}

/// No relay counts as far as an i64 reaches.
fn seq(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
