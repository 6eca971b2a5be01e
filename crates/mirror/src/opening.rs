//! What a visitor sealed to keys that were not here is opened later: the booking then knows its visitor, and its event
//! says so.

use daymark_core::booking::BookingId;
use daymark_core::contract::Visitor;
use daymark_core::event::{Field, Fields};
use daymark_core::journal::Cause;
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::error::{MirrorError, Result};
use crate::stage::{Desk, Edit};
use crate::table::{booking, event, state};
use crate::view::agenda::EventRef;

/// What tells of a visitor in an event.
const WORDS: [Field; 3] = [Field::Title, Field::Location, Field::Description];

#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub booking: BookingId,
    pub visitor: Visitor,
    /// The event's words as they are written while the visitor is not known, and as they should be.
    pub unsaid: Fields,
    pub said: Fields,
}

impl Mirror {
    /// False when nothing of it is news. The sealed text stays until no event can be made without its visitor any more:
    /// a decision may be under way that has not seen them.
    pub async fn opened(&self, opened: &Opened, now: Instant) -> Result<bool> {
        let mut tx = self.pool.write().await?;
        let Some(known) = booking::get(&mut tx, &opened.booking).await? else { return Ok(false) };
        let settled = known.event.is_some() || !known.state.is_live();
        let mut news = known.visitor.is_none();
        if known.sealed.is_none() || !(news || settled) {
            return Ok(false);
        }
        booking::opened(&mut tx, &known.id, &opened.visitor).await?;
        if let Some(event) = known.event {
            news |= say(&mut tx, event, opened, now).await?;
        }
        if settled {
            booking::said(&mut tx, &known.id).await?;
        }
        state::bump(&mut tx).await?;
        tx.commit().await?;
        Ok(news)
    }
}

/// Whether the event said something else. What its owner wrote there meanwhile stays.
async fn say(conn: &mut SqliteConnection, key: i64, opened: &Opened, now: Instant) -> Result<bool> {
    let shown = match event::get(conn, key).await {
        Ok(row) => row.known.fields,
        Err(MirrorError::NotFound(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let Opened { unsaid, said, .. } = opened;
    let untouched = |field: &Field| shown.agrees(unsaid, *field) && !shown.agrees(said, *field);
    let changed: Vec<Field> = WORDS.into_iter().filter(untouched).collect();
    if changed.is_empty() {
        return Ok(false);
    }
    let event = EventRef { event: key, original: None };
    let edit = Edit::Change { event, fields: said.clone(), changed };
    match Desk::new(conn, Cause::Booking, now).await?.stage(edit).await {
        Ok(_) => Ok(true),
        Err(MirrorError::NotFound(_) | MirrorError::ReadOnly) => Ok(false),
        Err(error) => Err(error),
    }
}
