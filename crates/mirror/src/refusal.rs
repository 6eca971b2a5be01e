//! A write that its provider refuses, and that so far is in nobody's journal: an occurrence that is written along
//! with its series. The series has its new shape by then, so the occurrence is a matter of its own from here on.

use daymark_core::event::Fields;
use daymark_core::journal::{Action, Cause, Image};
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::error::Result;
use crate::stage::Desk;
use crate::table::event::EventRow;
use crate::table::journal::JournalId;

/// What the write was to change becomes an entry, which can be taken back by itself.
pub(crate) async fn note(conn: &mut SqliteConnection, row: &EventRow, now: Instant) -> Result<JournalId> {
    let mut desk = Desk::new(conn, Cause::You, now).await?;
    let edit = row.known.edit.as_ref();
    let image = |fields: &Fields| Image { original: row.original, ..Image::of(fields) };
    let before = edit.and_then(|edit| edit.base.as_ref()).map(image);
    let after = image(&row.known.fields);
    let (action, before, after) = match before {
        _ if edit.is_some_and(|edit| edit.deleted) => (Action::Delete, Some(before.unwrap_or(after)), None),
        None => (Action::Create, None, Some(after)),
        Some(before) => (Action::Change, Some(before), Some(after)),
    };
    desk.note(action, row.calendar, row.known.key, before.as_ref(), after.as_ref()).await
}
