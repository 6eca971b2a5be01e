//! A series that is to be deleted takes its occurrences along, and one that is cut those behind the cut. Where somebody
//! changed one of them since the person did that, it becomes a question.

use daymark_core::conflict::{Conflict, Kind};
use daymark_core::event::{Field, Fields, Original, Status, marks};
use daymark_core::journal::Image;
use daymark_core::merge::{Fate, rebase, same};
use daymark_core::series::Series;
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::error::Result;
use crate::table::event::{self, EventRow};
use crate::table::{conflict, journal};

/// An occurrence as it stood when its series was deleted here, and as the provider has it now.
pub(crate) struct Changed {
    pub original: Original,
    pub was: Fields,
    pub is: Fields,
    pub fields: Vec<Field>,
}

/// A series that still waits to be deleted, at a provider that has it.
pub(crate) fn waits(row: &EventRow) -> bool {
    let deleted = row.known.edit.as_ref().is_some_and(|edit| edit.deleted);
    deleted && row.is_series() && row.known.id.is_some() && !row.known.fields.marks.contains_key(marks::BLOCK)
}

/// A series that still waits to be cut, at a provider that has it whole.
fn is_cut(row: &EventRow) -> bool {
    let Some(edit) = row.known.edit.as_ref().filter(|edit| !edit.deleted) else { return false };
    let fields = &row.known.fields;
    let shortened = |base: &Fields| base.recurrence != fields.recurrence && base.span == fields.span;
    row.is_series() && row.known.id.is_some() && edit.base.as_ref().is_some_and(shortened)
}

/// It waits to be written, and takes occurrences along. One that is gone at its provider has none to take, and what
/// becomes of it is asked already.
pub(crate) fn takes_along(row: &EventRow) -> bool {
    !row.known.is_orphan() && (waits(row) || is_cut(row))
}

/// Asks, or takes the question back, once something of the series has come in. True: the person has to decide.
pub(crate) async fn ask(conn: &mut SqliteConnection, series: i64, now: Instant) -> Result<bool> {
    let Some(row) = event::load(conn, &[series]).await?.pop().filter(takes_along) else {
        return Ok(false);
    };
    if is_disputed_itself(&row) {
        return Ok(false);
    }
    let changed = changed(conn, &row).await?;
    let mut fields: Vec<Field> = changed.into_iter().flat_map(|it| it.fields).collect();
    fields.sort_unstable();
    fields.dedup();
    if fields.is_empty() {
        conflict::close(conn, series).await?;
        return Ok(false);
    }
    for gone in event::exceptions(conn, series).await?.iter().filter(|it| goes_along(it, &row)) {
        // One question is enough.
        conflict::close(conn, gone.known.key).await?;
    }
    let ground = row.known.edit.as_ref().and_then(|edit| edit.ground().cloned());
    conflict::put(conn, series, &Conflict { kind: Kind::DeletedHere, fields, ground }, now).await?;
    Ok(true)
}

/// Somebody changed the series itself, which is asked about in any case.
pub(crate) fn is_disputed_itself(row: &EventRow) -> bool {
    let edit = row.known.edit.as_ref();
    let at_provider = edit.and_then(|edit| Some((edit, edit.base.as_ref()?)));
    at_provider.is_some_and(|(edit, base)| matches!(rebase(edit, &row.known.fields, base), Fate::Asks { .. }))
}

/// What differs at the provider from what the person saw when they deleted the series, or cut it.
pub(crate) async fn changed(conn: &mut SqliteConnection, series: &EventRow) -> Result<Vec<Changed>> {
    let key = series.known.key;
    let seen =
        if waits(series) { journal::deleted(conn, key).await? } else { journal::cut(conn, key).await? };
    let Some(Image { fields, exceptions, .. }) = seen else { return Ok(Vec::new()) };
    let seen = Series { fields, exceptions };
    let left = Series { fields: series.known.fields.clone(), exceptions: Vec::new() };
    let goes = |original| waits(series) || seen.gives(original) && !left.gives(original);
    let rows = event::exceptions(conn, key).await?;
    let gone = rows.iter().filter(|row| row.original.is_some_and(goes));
    Ok(gone.filter_map(|row| difference(&seen, row, series)).collect())
}

fn difference(seen: &Series, row: &EventRow, series: &EventRow) -> Option<Changed> {
    let is = if goes_along(row, series) { row.known.edit.as_ref()?.base.as_ref() } else { at_provider(row) };
    let (original, is) = (row.original?, is?);
    let was = seen.exception(original).and_then(|it| it.fields.clone());
    let was = was.unwrap_or_else(|| seen.untouched(original));
    // An occurrence has no rule of its own, and nobody but Daymark knows what marks are for.
    let told = |field: &Field| !matches!(field, Field::Recurrence | Field::Marks);
    let differs = |field: &Field| told(field) && !same(&was, is, *field);
    let fields: Vec<Field> = Field::ALL.into_iter().filter(differs).collect();
    (!fields.is_empty()).then(|| Changed { original, was, is: is.clone(), fields })
}

/// It is deleted by the very edit that cut its series.
pub(crate) fn goes_along(row: &EventRow, series: &EventRow) -> bool {
    let deleted = row.known.edit.as_ref().is_some_and(|edit| edit.deleted);
    deleted && row.version == series.version
}

/// An occurrence that does not take place there has nothing to lose. What was edited or deleted here is as it was
/// seen, unless it is in dispute itself.
fn at_provider(row: &EventRow) -> Option<&Fields> {
    let edit = row.known.edit.as_ref();
    match edit.filter(|edit| edit.conflict.is_some()) {
        Some(edit) if !row.known.is_orphan() => edit.base.as_ref(),
        Some(_) => None,
        None if row.known.status == Status::Cancelled || row.is_hidden() => None,
        None => Some(&row.known.fields),
    }
}
