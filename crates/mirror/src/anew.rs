//! What an event is beyond its fields, and brings along where another is made like it.

use daymark_core::event::{Original, marks};
use daymark_core::rest::{People, Rest};
use serde_json::Value;
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::error::Result;
use crate::table::calendar::CalendarId;
use crate::table::event::{self, EventRow};
use crate::table::rest;

/// An event that waits to be made like an earlier one.
#[derive(Clone, Debug, PartialEq)]
pub struct Heir {
    pub calendar: CalendarId,
    pub title: String,
    pub rest: Rest,
}

impl Mirror {
    /// Those among these events that take something over.
    pub async fn heirs(&self, events: &[i64]) -> Result<Vec<Heir>> {
        let mut tx = self.pool.snapshot().await?;
        let mut rests = rest::load(&mut tx, events).await?;
        let rows = event::load(&mut tx, events).await?;
        let heir = |row: EventRow| {
            let rest = rests.remove(&row.known.key)?;
            Some(Heir { calendar: row.calendar, title: row.known.fields.title, rest })
        };
        Ok(rows.into_iter().filter_map(heir).collect())
    }
}

/// What its provider said of it, or what it waits to take over itself. A copy of a busy time has nothing but its
/// fields.
pub(crate) async fn rest_of(conn: &mut SqliteConnection, row: &EventRow) -> Result<Option<Rest>> {
    if row.known.fields.marks.contains_key(marks::BLOCK) {
        return Ok(None);
    }
    if let Some(kept) = rest::get(conn, row.known.key).await? {
        return Ok(Some(kept));
    }
    let raw = said(conn, row).await?;
    let people = if row.known.organizer { People::ComeAlong } else { People::Theirs };
    let rest = Rest { original: row.original, ..Rest::new(raw, people) };
    Ok((!rest.raw.is_null()).then_some(rest))
}

/// The same of an occurrence that is as its series says.
pub(crate) async fn rest_of_occurrence(
    conn: &mut SqliteConnection,
    master: &EventRow,
    original: Original,
) -> Result<Option<Rest>> {
    let rest = rest_of(conn, master).await?;
    Ok(rest.map(|rest| Rest { original: Some(original), ..rest }))
}

/// The same where nobody was asked about the people; an undo that has asked left it on the row.
pub(crate) async fn unasked(conn: &mut SqliteConnection, row: &EventRow) -> Result<Option<Rest>> {
    match rest::get(conn, row.known.key).await? {
        Some(kept) => Ok(Some(kept)),
        None => Ok(rest_of(conn, row).await?.map(Rest::unasked)),
    }
}

/// What was said of the event itself, else of its series. A part of a text only says where the whole is.
async fn said(conn: &mut SqliteConnection, row: &EventRow) -> Result<Value> {
    let own = event::raw(conn, row.known.key).await?;
    match row.master {
        Some(master) if own.is_null() || own.get("in").is_some() => event::raw(conn, master).await,
        _ => Ok(own),
    }
}
