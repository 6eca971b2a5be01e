//! Bookings: what arrives from the relay, what is decided about it, and what the relay is to be told.

use daymark_core::booking::{BookingId, State, Step, TypeId};
use daymark_core::contract::{BookingState, Enrolled, Place, Verdict, Visitor, WaitsFor};
use daymark_core::event::Fields;
use daymark_core::journal::Cause;
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::error::{MirrorError, Result};
use crate::stage::{Desk, Edit};
use crate::table::booking::{self, Booking, New};
use crate::table::calendar::CalendarId;
use crate::table::relay::{self, Published, Relay};
use crate::table::state;
use crate::view::agenda::EventRef;

/// An inbox entry, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    pub seq: u64,
    pub booking: BookingId,
    pub version: u32,
    pub at: Instant,
    pub kind: ArrivedKind,
}

#[expect(clippy::large_enum_variant, reason = "an inbox holds a few of them, and only for a moment")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArrivedKind {
    Booked {
        type_id: TypeId,
        type_name: String,
        start: Instant,
        length_min: u32,
        /// The visitor was told that it is accepted.
        promised: bool,
        place: Option<Place>,
        waits_for: Option<WaitsFor>,
        visitor: Option<Visitor>,
        /// As it came: it is kept when there is no visitor.
        sealed: String,
    },
    Cancelled,
}

/// What is decided about a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub booking: BookingId,
    /// Of the booking that the decision was made about.
    pub version: u32,
    pub verdict: Verdict,
    /// The event that a confirmed booking becomes.
    pub event: Option<BookingEvent>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingEvent {
    pub calendar: CalendarId,
    pub fields: Fields,
    /// Derived from the booking, so that no second laptop makes a second event.
    pub derived_id: String,
}

impl Mirror {
    pub async fn relay(&self) -> Result<Option<Relay>> {
        relay::get(&mut *self.pool.read().await?).await
    }

    /// The keys of that name work from here on: where this device is at home and what it signs with change together.
    pub async fn join_relay(&self, address: &str, keys: &str, enrolled: &Enrolled) -> Result<()> {
        let mut tx = self.pool.write().await?;
        relay::join(&mut tx, address, keys, enrolled).await?;
        Ok(tx.commit().await?)
    }

    pub async fn published(&self, published: &Published) -> Result<()> {
        let mut tx = self.pool.write().await?;
        relay::published(&mut tx, published).await?;
        Ok(tx.commit().await?)
    }

    pub async fn acked(&self, upto: u64) -> Result<()> {
        let mut tx = self.pool.write().await?;
        relay::acked(&mut tx, upto).await?;
        Ok(tx.commit().await?)
    }

    pub async fn relay_restored(&self, epoch: &str) -> Result<()> {
        let mut tx = self.pool.write().await?;
        relay::restored(&mut tx, epoch).await?;
        Ok(tx.commit().await?)
    }

    pub async fn bookings(&self) -> Result<Vec<Booking>> {
        booking::list(&mut *self.pool.read().await?).await
    }

    /// Makes inbox entries durable, and with them the place up to which the inbox was read: only then may
    /// the relay be told. Returns the bookings that are news here; a repeated delivery brings none.
    pub async fn take_inbox(&self, arrived: &[Arrived], now: Instant) -> Result<Vec<Booking>> {
        let mut tx = self.pool.write().await?;
        let mut news = Vec::new();
        for entry in arrived {
            if take(&mut tx, entry, now).await? {
                news.extend(booking::get(&mut tx, &entry.booking).await?);
            }
        }
        if let Some(upto) = arrived.iter().map(|entry| entry.seq).max() {
            relay::received(&mut tx, upto).await?;
        }
        tx.commit().await?;
        Ok(news)
    }

    /// Records a decision; a confirmed booking becomes an event in the same transaction. A decision about a
    /// booking that has moved on meanwhile is dropped, and a request whose time has passed is answered no more.
    pub async fn decide(&self, decided: Decided, now: Instant) -> Result<()> {
        let mut tx = self.pool.write().await?;
        let known = booking::get(&mut tx, &decided.booking).await?.ok_or(MirrorError::NotFound("booking"))?;
        if known.version != decided.version {
            return Ok(());
        }
        let step = match decided.verdict {
            Verdict::Confirm => Step::Confirm,
            Verdict::Decline => Step::Decline,
        };
        if known.state.has_lapsed(known.start, now) {
            return Err(MirrorError::ChangedSince);
        }
        let state = known.state.after(step)?;
        let event = match (&decided.event, &known.event) {
            (Some(wanted), None) => Some(create(&mut tx, wanted, now).await?),
            _ => None,
        };
        booking::set_state(&mut tx, &known.id, known.version, state).await?;
        booking::decided(&mut tx, &known.id, decided.verdict, event).await?;
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// What the relay is to be told, in the order of arrival.
    pub async fn decisions_to_send(&self) -> Result<Vec<Booking>> {
        let mut tx = self.pool.snapshot().await?;
        let mut due = Vec::new();
        for id in booking::to_tell(&mut tx).await? {
            due.extend(booking::get(&mut tx, &id).await?);
        }
        Ok(due)
    }

    /// The relay's answer to what it was told: how each booking stands there. One that was cancelled meanwhile is
    /// cancelled here; one that it does not know, because it came back from a backup, is not told again.
    pub async fn decisions_sent(
        &self,
        told: &[BookingId],
        states: &[BookingState],
        now: Instant,
    ) -> Result<()> {
        let mut tx = self.pool.write().await?;
        for id in told {
            booking::told(&mut tx, id).await?;
        }
        for it in states {
            let Some(known) = booking::get(&mut tx, &it.booking).await? else { continue };
            if it.state == State::Cancelled && known.state != State::Cancelled {
                cancel(&mut tx, &known, it.version, now).await?;
            }
        }
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}

/// True when the entry changed something.
async fn take(conn: &mut SqliteConnection, entry: &Arrived, now: Instant) -> Result<bool> {
    let known = booking::get(conn, &entry.booking).await?;
    match (&entry.kind, known) {
        (
            ArrivedKind::Booked {
                type_id,
                type_name,
                start,
                length_min,
                promised,
                place,
                waits_for,
                visitor,
                sealed,
            },
            None,
        ) => {
            let new = New {
                id: &entry.booking,
                version: entry.version,
                seq: entry.seq,
                state: if *promised { State::Accepted } else { State::Requested },
                type_id,
                type_name,
                start: *start,
                length_min: *length_min,
                place: place.as_ref(),
                waits_for: *waits_for,
                visitor: visitor.as_ref(),
                sealed,
            };
            booking::add(conn, new, now).await
        }
        (ArrivedKind::Booked { sealed, .. }, Some(known))
            if known.visitor.is_none() && !sealed.is_empty() =>
        {
            booking::seal(conn, &known.id, sealed).await?;
            Ok(false)
        }
        (ArrivedKind::Cancelled, Some(known)) if known.state.is_live() => {
            cancel(conn, &known, entry.version, now).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The booking is off, and its event goes by the outbox like any other. An event that is gone already, or
/// whose calendar may no longer be written, must not keep the cancellation from being known.
async fn cancel(conn: &mut SqliteConnection, known: &Booking, version: u32, now: Instant) -> Result<()> {
    booking::set_state(conn, &known.id, version, State::Cancelled).await?;
    let Some(event) = known.event else { return Ok(()) };
    let event = EventRef { event, original: None };
    match Desk::new(conn, Cause::Booking, now).await?.stage(Edit::Delete { event }).await {
        Ok(_) | Err(MirrorError::NotFound(_) | MirrorError::ReadOnly) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn create(conn: &mut SqliteConnection, wanted: &BookingEvent, now: Instant) -> Result<i64> {
    let edit = Edit::Create {
        calendar: wanted.calendar,
        fields: wanted.fields.clone(),
        derived_id: wanted.derived_id.clone(),
    };
    Ok(Desk::new(conn, Cause::Booking, now).await?.stage(edit).await?.event.event)
}
