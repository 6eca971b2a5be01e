//! Brings back what the provider no longer has: as a new event, whatever was known of the old one.

use daymark_core::event::Original;
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::anew;
use crate::error::Result;
use crate::table::event::{self, EventRow, Local};
use crate::table::{cursor, journal, outbox, rest, state};

/// The event, or the series with its exceptions, is inserted anew. Returns the rows that changed.
pub(crate) async fn insert_again(
    conn: &mut SqliteConnection,
    row: &EventRow,
    derived_id: Option<&str>,
    now: Instant,
) -> Result<Vec<EventRow>> {
    let key = row.known.key;
    let rest = anew::unasked(conn, row).await?;
    event::detach(conn, key, derived_id).await?;
    rest::put(conn, key, rest.as_ref()).await?;
    outbox::ended(conn, key, None).await?;
    for exception in event::exceptions(conn, key).await? {
        let (hidden, key) = (exception.is_hidden(), exception.known.key);
        event::detach(conn, key, None).await?;
        let version = state::next_edit(conn).await?;
        let entry = outbox::Entry { event: key, version, deleted: hidden, base: None, not_before: now };
        outbox::put(conn, entry, now).await?;
        outbox::ended(conn, key, None).await?;
    }
    Ok(vec![event::get(conn, key).await?])
}

/// The same for an occurrence. A cancelled one cannot be written to: it comes back as a single event,
/// which is the last of the rows that this returns.
pub(crate) async fn part_from_series(
    conn: &mut SqliteConnection,
    row: &EventRow,
    derived_id: Option<&str>,
    now: Instant,
) -> Result<Vec<EventRow>> {
    let key = row.known.key;
    let local = Local { calendar: row.calendar, derived_id, place: None, fields: &row.known.fields };
    let single = event::insert_local(conn, local).await?;
    let rest = anew::unasked(conn, row).await?;
    rest::put(conn, single, rest.as_ref()).await?;
    rest::put(conn, key, None).await?;
    let version = state::next_edit(conn).await?;
    let entry = outbox::Entry { event: single, version, deleted: false, base: None, not_before: now };
    outbox::put(conn, entry, now).await?;
    journal::hand_over(conn, key, single).await?;
    outbox::remove(conn, key).await?;
    let round = cursor::get(conn, row.calendar).await?.round;
    event::cancel(conn, key, round).await?;
    event::load(conn, &[key, single]).await
}

/// Which occurrence of its series a row is, for those that are one.
pub(crate) fn named(row: &EventRow) -> (i64, Option<Original>) {
    (row.unit(), row.master.and(row.original))
}
