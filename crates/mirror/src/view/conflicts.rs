//! What only the person can decide, with both sides.

use daymark_core::conflict::Kind;
use daymark_core::event::{Field, Fields};
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use super::agenda::EventRef;
use crate::Mirror;
use crate::deleting;
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
    /// Not deleted as a whole: its series was ended or changed from a day on, and with that this one went.
    pub cut: bool,
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
            let dispute = dispute(open, row, mine_at);
            disputes.push(of_occurrence(&mut tx, dispute, row).await?);
        }
        Ok(disputes)
    }
}

/// A series that is to be deleted or cut, and was itself not changed there: what is shown is the first of its occurrences
/// that was.
async fn of_occurrence(conn: &mut SqliteConnection, dispute: Dispute, row: &EventRow) -> Result<Dispute> {
    if !deleting::takes_along(row) || deleting::is_disputed_itself(row) {
        return Ok(dispute);
    }
    let mut changed = deleting::changed(conn, row).await?;
    changed.sort_by_key(|it| it.original);
    Ok(match changed.into_iter().next() {
        Some(it) => {
            let cut = !deleting::waits(row);
            Dispute { mine: it.was, theirs: Some(it.is), fields: it.fields, cut, ..dispute }
        }
        None => dispute,
    })
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
        cut: false,
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
