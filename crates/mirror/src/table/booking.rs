//! Bookings from the public page, as this device knows them.

use chrono::TimeDelta;
use daymark_core::booking::{BookingId, State, TypeId};
use daymark_core::contract::{Place, Verdict, Visitor, WaitsFor};
use daymark_core::time::{Instant, Interval};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::error::{MirrorError, Result};
use crate::text::{Row, json, json_option, word};

/// What the owner did to a booking's event while the relay has no word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Untold {
    Moved,
    Cancelled,
}

/// Why a booking's event is not on the calendar yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwritten {
    Waiting,
    /// In the provider's words.
    Refused {
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub id: BookingId,
    pub version: u32,
    pub state: State,
    pub type_id: TypeId,
    pub type_name: String,
    pub start: Instant,
    pub length_min: u32,
    /// As the page said it then; `None` when nobody told.
    pub place: Option<Place>,
    /// Whose word a request waits for; `None` when nobody told.
    pub waits_for: Option<WaitsFor>,
    /// `None` when what they typed could not be opened here.
    pub visitor: Option<Visitor>,
    /// What they sealed, until it is opened and their event says it.
    pub sealed: Option<String>,
    /// Our row of the event that it became.
    pub event: Option<i64>,
    /// What the relay is to be told.
    pub decision: Option<Verdict>,
    pub decision_sent: bool,
    pub clash: bool,
    /// The visitor does not know of it.
    pub untold: Option<Untold>,
    /// Its event is not on the calendar yet.
    pub unwritten: Option<Unwritten>,
    pub received: Instant,
}

impl Booking {
    pub fn interval(&self) -> Option<Interval> {
        Interval::new(self.start, self.start + TimeDelta::minutes(self.length_min.into()))
    }

    /// Its time is spoken for, and no event says so yet.
    pub fn holds_time_without_event(&self) -> bool {
        self.state.is_live() && self.event.is_none()
    }
}

/// A booking as it arrives.
pub struct New<'a> {
    pub id: &'a BookingId,
    pub version: u32,
    pub seq: u64,
    pub state: State,
    pub type_id: &'a TypeId,
    pub type_name: &'a str,
    pub start: Instant,
    pub length_min: u32,
    pub place: Option<&'a Place>,
    pub waits_for: Option<WaitsFor>,
    pub visitor: Option<&'a Visitor>,
    pub sealed: &'a str,
}

struct Raw {
    id: String,
    version: i64,
    state: String,
    type_id: String,
    type_name: String,
    start_s: i64,
    length_min: i64,
    place: String,
    waits_for: String,
    visitor: Option<String>,
    sealed: String,
    event: Option<i64>,
    decision: Option<String>,
    decision_sent: bool,
    clash: bool,
    untold: String,
    received_s: i64,
    sending: Option<String>,
    reason: Option<String>,
}

/// False when it is known already: a repeated delivery changes nothing.
pub async fn add(conn: &mut SqliteConnection, new: New<'_>, now: Instant) -> Result<bool> {
    let place = json_option(new.place)?.unwrap_or_default();
    let waits_for = new.waits_for.as_ref().map(word).transpose()?.unwrap_or_default();
    let (state, visitor) = (word(&new.state)?, json_option(new.visitor)?);
    let sealed = if visitor.is_some() { "" } else { new.sealed };
    let (start_s, now_s) = (new.start.timestamp(), now.timestamp());
    let seq = i64::try_from(new.seq).unwrap_or(i64::MAX);
    let done = sqlx::query!(
        "INSERT INTO booking (id, version, seq, state, type_id, type_name, start_s, length_min, place,
             waits_for, visitor, sealed, received_s)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO NOTHING",
        new.id.0,
        new.version,
        seq,
        state,
        new.type_id.0,
        new.type_name,
        start_s,
        new.length_min,
        place,
        waits_for,
        visitor,
        sealed,
        now_s
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn get(conn: &mut SqliteConnection, id: &BookingId) -> Result<Option<Booking>> {
    let raw = sqlx::query_as!(
        Raw,
        r#"SELECT b.id, b.version, b.state, b.type_id, b.type_name, b.start_s, b.length_min, b.place, b.waits_for,
                  b.visitor, b.sealed, b.event,
                  b.decision, b.decision_sent AS "decision_sent: bool", b.clash AS "clash: bool", b.untold,
                  b.received_s, o.state AS "sending?: String", o.reason AS "reason?: String"
           FROM booking b LEFT JOIN outbox o ON o.event = b.event AND o.base IS NULL AND o.deleted = 0
           WHERE b.id = ?"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    raw.map(Booking::try_from).transpose()
}

/// The latest visit first.
pub async fn list(conn: &mut SqliteConnection) -> Result<Vec<Booking>> {
    let rows = sqlx::query_as!(
        Raw,
        r#"SELECT b.id, b.version, b.state, b.type_id, b.type_name, b.start_s, b.length_min, b.place, b.waits_for,
                  b.visitor, b.sealed, b.event,
                  b.decision, b.decision_sent AS "decision_sent: bool", b.clash AS "clash: bool", b.untold,
                  b.received_s, o.state AS "sending?: String", o.reason AS "reason?: String"
           FROM booking b LEFT JOIN outbox o ON o.event = b.event AND o.base IS NULL AND o.deleted = 0
           ORDER BY b.start_s DESC, b.id"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Booking::try_from).collect()
}

impl TryFrom<Raw> for Booking {
    type Error = MirrorError;
    fn try_from(raw: Raw) -> Result<Self> {
        let at = Row::new("booking", &raw.id);
        Ok(Booking {
            version: at.number("version", raw.version)?,
            state: at.word("state", &raw.state)?,
            start: at.instant("start_s", raw.start_s)?,
            length_min: at.number("length_min", raw.length_min)?,
            place: at.json_option("place", kept(&raw.place))?,
            waits_for: kept(&raw.waits_for).map(|it| at.word("waits_for", it)).transpose()?,
            visitor: at.json_option("visitor", raw.visitor.as_deref())?,
            sealed: kept(&raw.sealed).map(str::to_owned),
            event: raw.event,
            decision: raw.decision.as_deref().map(|text| at.word("decision", text)).transpose()?,
            decision_sent: raw.decision_sent,
            clash: raw.clash,
            untold: kept(&raw.untold).map(|it| at.word("untold", it)).transpose()?,
            unwritten: raw.sending.map(|sending| match sending.as_str() {
                "refused" => Unwritten::Refused { reason: raw.reason.unwrap_or_default() },
                _ => Unwritten::Waiting,
            }),
            received: at.instant("received_s", raw.received_s)?,
            id: BookingId(raw.id.clone()),
            type_id: TypeId(raw.type_id),
            type_name: raw.type_name,
        })
    }
}

fn kept(text: &str) -> Option<&str> {
    Some(text).filter(|it| !it.is_empty())
}

/// Keeps what could not be opened, of a booking that was taken in without it.
pub async fn seal(conn: &mut SqliteConnection, id: &BookingId, sealed: &str) -> Result<()> {
    sqlx::query!("UPDATE booking SET sealed = ? WHERE id = ? AND visitor IS NULL", sealed, id.0)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn opened(conn: &mut SqliteConnection, id: &BookingId, visitor: &Visitor) -> Result<()> {
    let visitor = json(visitor)?;
    sqlx::query!("UPDATE booking SET visitor = ? WHERE id = ?", visitor, id.0).execute(conn).await?;
    Ok(())
}

pub async fn said(conn: &mut SqliteConnection, id: &BookingId) -> Result<()> {
    sqlx::query!("UPDATE booking SET sealed = '' WHERE id = ?", id.0).execute(conn).await?;
    Ok(())
}

/// Its new state; a decision that waits to be told belongs to the state before and is dropped.
pub async fn set_state(
    conn: &mut SqliteConnection,
    id: &BookingId,
    version: u32,
    state: State,
) -> Result<()> {
    let state = word(&state)?;
    sqlx::query!(
        "UPDATE booking SET state = ?, version = ?, decision = NULL WHERE id = ?",
        state,
        version,
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn decided(
    conn: &mut SqliteConnection,
    id: &BookingId,
    verdict: Verdict,
    event: Option<i64>,
) -> Result<()> {
    let decision = word(&verdict)?;
    sqlx::query!(
        "UPDATE booking SET decision = ?, decision_sent = 0, event = coalesce(?, event) WHERE id = ?",
        decision,
        event,
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An event says that it was made from a booking which has none: it was moved to another calendar, made
/// anew, or its account is back.
pub async fn found(conn: &mut SqliteConnection, id: &str, event: i64) -> Result<()> {
    sqlx::query!(
        "UPDATE booking SET event = ?, state = CASE untold WHEN 'cancelled' THEN 'confirmed' ELSE state END,
             untold = CASE untold WHEN 'cancelled' THEN '' ELSE untold END
         WHERE id = ? AND event IS NULL AND (state IN ('accepted', 'confirmed') OR untold = 'cancelled')",
        event,
        id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The booking takes place when its event does.
pub async fn follow(conn: &mut SqliteConnection, event: i64, start: Instant, length_min: i64) -> Result<()> {
    let start_s = start.timestamp();
    sqlx::query!(
        "UPDATE booking SET start_s = ?1, length_min = ?2, untold = 'moved'
         WHERE event = ?3 AND state IN ('requested', 'accepted', 'confirmed')
           AND (start_s <> ?1 OR length_min <> ?2)",
        start_s,
        length_min,
        event
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Its event is gone, so it is off, unless another event was made from it, or its calendar no longer shows events:
/// then nothing is known of it.
pub async fn lost(conn: &mut SqliteConnection, event: i64) -> Result<()> {
    sqlx::query!(
        "UPDATE booking SET event = (SELECT e.id FROM event e WHERE e.booking = booking.id AND e.id <> ?1
                                         AND e.status <> 'cancelled' LIMIT 1)
         WHERE event = ?1 AND state IN ('requested', 'accepted', 'confirmed')",
        event
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "UPDATE booking SET state = 'cancelled', decision = NULL, untold = 'cancelled'
         WHERE state IN ('accepted', 'confirmed') AND event IS NULL
           AND id = (SELECT e.booking FROM event e JOIN calendar c ON c.id = e.calendar
                     WHERE e.id = ? AND c.access <> 'free_busy')",
        event
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn told(conn: &mut SqliteConnection, id: &BookingId) -> Result<()> {
    sqlx::query!("UPDATE booking SET decision_sent = 1 WHERE id = ?", id.0).execute(conn).await?;
    Ok(())
}

/// Decisions that the relay does not know. A confirmation waits until its event has left the outbox:
/// "confirmed" is said of what stands on the calendar.
pub async fn to_tell(conn: &mut SqliteConnection) -> Result<Vec<BookingId>> {
    let ids = sqlx::query_scalar!(
        "SELECT b.id FROM booking b
         WHERE b.decision IS NOT NULL AND b.decision_sent = 0
           AND (b.decision <> 'confirm' OR NOT EXISTS (SELECT 1 FROM outbox o WHERE o.event = b.event))
         ORDER BY b.seq"
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(BookingId).collect())
}
