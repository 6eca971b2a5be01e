//! What only the person can decide, with both sides.

use daymark_core::conflict::Kind;
use daymark_core::event::{Field, Fields};
use daymark_core::time::Instant;

use super::agenda::EventRef;
use crate::Mirror;
use crate::error::Result;
use crate::revive;
use crate::table::calendar::CalendarId;
use crate::table::conflict::{self, ConflictId, Open};
use crate::table::event::{self, EventRow};
use crate::table::journal;

/// One open conflict.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispute {
    pub id: ConflictId,
    /// Rises when the other side moves on.
    pub version: i64,
    pub kind: Kind,
    pub event: EventRef,
    pub calendar: CalendarId,
    /// The fields that both changed; for a delete here, what changed there.
    pub fields: Vec<Field>,
    /// As it is shown here; for a delete, as it was when it was deleted.
    pub mine: Fields,
    /// As the provider has it; `None`: it no longer has it.
    pub theirs: Option<Fields>,
    pub found: Instant,
    /// When ours was last edited, and when theirs was.
    pub mine_at: Option<Instant>,
    pub theirs_at: Option<Instant>,
}

impl Mirror {
    /// Everything that waits for the person's decision, the oldest first.
    pub async fn conflicts(&self) -> Result<Vec<Dispute>> {
        let mut tx = self.pool.snapshot().await?;
        let open = conflict::list(&mut tx).await?;
        let keys: Vec<i64> = open.iter().map(|it| it.event).collect();
        let rows = event::load(&mut tx, &keys).await?;
        let mut disputes = Vec::with_capacity(open.len());
        for open in open {
            let Some(row) = rows.iter().find(|row| row.known.key == open.event) else { continue };
            let mine_at = journal::last_at(&mut tx, open.event).await?;
            disputes.push(dispute(open, row, mine_at));
        }
        Ok(disputes)
    }
}

fn dispute(open: Open, row: &EventRow, mine_at: Option<Instant>) -> Dispute {
    let (unit, original) = revive::named(row);
    let edit = row.known.edit.as_ref();
    let (theirs, theirs_at) = match open.kind {
        Kind::DeletedThere => (None, None),
        Kind::BothChanged | Kind::DeletedHere => (edit.and_then(|edit| edit.base.clone()), row.known.updated),
    };
    Dispute {
        id: open.id,
        version: open.version,
        kind: open.kind,
        event: EventRef { event: unit, original },
        calendar: row.calendar,
        fields: open.fields,
        mine: row.known.fields.clone(),
        theirs,
        found: open.found,
        mine_at,
        theirs_at,
    }
}
