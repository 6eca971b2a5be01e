//! Edits of several occurrences of a series at once, each one step of the journal.
//!
//! The core says what the series becomes; here that is turned into the rows that differ. Providers
//! drop what differs from a rule when the rule changes, so it is written again once they have the
//! new one: see [`restate`].

use std::collections::BTreeMap;

use daymark_core::event::{Field, Fields, Original, Status};
use daymark_core::journal::{Action, ExceptionImage, Image, State};
use daymark_core::merge::same;
use daymark_core::recurrence::Shift;
use daymark_core::rest::Rest;
use daymark_core::series::{Cut, Series};
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::anew;
use crate::error::{CannotUndo, MirrorError, Result};
use crate::stage::{Desk, Extent, Staged, live};
use crate::table::calendar::CalendarId;
use crate::table::event::{self, EventRow, Local};
use crate::table::{cursor, journal, outbox, rest, state};
use crate::view::agenda::EventRef;

/// What is to stand at one occurrence.
enum Want {
    /// What the rule gives.
    Plain(Fields),
    Own(Fields),
    Cancelled,
    /// The rule no longer gives it.
    Nothing,
}

impl Desk<'_> {
    /// `derived_id` is for the second half, when there is one.
    pub async fn change_series(
        &mut self,
        event: &EventRef,
        extent: Extent,
        (wanted, which): (&Fields, &[Field]),
        derived_id: &str,
    ) -> Result<Staged> {
        let (master, at) = self.master(event).await?;
        let whole = self.series(&master).await?;
        if !whole.gives(at) && whole.exception(at).is_none() {
            return Err(MirrorError::NoOccurrence);
        }
        match cut(&whole, at, extent)? {
            Cut::Whole => self.change_all(&master, &whole, at, (wanted, which)).await,
            Cut::Halves { before, after } => {
                if !master.known.organizer && event::has_guests(self.conn, master.known.key).await? {
                    return Err(MirrorError::Invited);
                }
                let changed = after.changed(at, wanted, which)?;
                self.check(master.calendar, &changed.fields).await?;
                let own = changed.exceptions.iter().filter(|it| it.fields.is_some());
                let exceptions = Some(own.map(|it| it.original).collect());
                let rest = anew::rest_of(self.conn, &master).await?;
                let rest = rest.map(|rest| Rest { exceptions, ..rest });
                self.replace(&master, &whole, &before).await?;
                let made = self.create_series((master.calendar, rest.as_ref()), &changed, derived_id).await?;
                outbox::follow(self.conn, made.event.event, master.known.key).await?;
                let original = Shift::between(&after.fields, &changed.fields).original(at);
                Ok(Staged { event: EventRef { original: Some(original), ..made.event }, ..made })
            }
        }
    }

    /// A series that is named as a whole.
    pub async fn change_whole(
        &mut self,
        master: &EventRow,
        (wanted, which): (&Fields, &[Field]),
    ) -> Result<Staged> {
        let whole = self.series(master).await?;
        let first = Original::of(&master.known.fields.span);
        let staged = self.change_all(master, &whole, first, (wanted, which)).await?;
        Ok(Staged { event: EventRef { original: None, ..staged.event }, ..staged })
    }

    async fn change_all(
        &mut self,
        master: &EventRow,
        whole: &Series,
        at: Original,
        (wanted, which): (&Fields, &[Field]),
    ) -> Result<Staged> {
        let changed = whole.changed(at, wanted, which)?;
        self.check(master.calendar, &changed.fields).await?;
        let staged = self.replace(master, whole, &changed).await?;
        let original = Shift::between(&whole.fields, &changed.fields).original(at);
        Ok(Staged { event: EventRef { original: Some(original), ..staged.event }, ..staged })
    }

    pub async fn delete_series(&mut self, event: &EventRef, extent: Extent) -> Result<Staged> {
        let (master, at) = self.master(event).await?;
        let whole = self.series(&master).await?;
        if !whole.gives(at) && whole.exception(at).is_none() {
            return Err(MirrorError::NoOccurrence);
        }
        match cut(&whole, at, extent)? {
            Cut::Whole => self.delete(&master).await,
            Cut::Halves { before, .. } => {
                self.check_access(master.calendar).await?;
                self.replace(&master, &whole, &before).await
            }
        }
    }

    /// The series of an occurrence, and which one it is.
    async fn master(&mut self, event: &EventRef) -> Result<(EventRow, Original)> {
        let master = live(event::get(self.conn, event.event).await?)?;
        if !master.is_series() {
            return Err(MirrorError::NoOccurrence);
        }
        let first = Original::of(&master.known.fields.span);
        Ok((master, event.original.unwrap_or(first)))
    }

    /// A series as it is shown. What was cancelled where its rule no longer comes is no part of it.
    pub async fn series(&mut self, master: &EventRow) -> Result<Series> {
        let image = self.whole_image(master).await?;
        let mut series = Series { fields: image.fields, exceptions: Vec::new() };
        let counts = |it: &ExceptionImage| it.fields.is_some() || series.gives(it.original);
        series.exceptions = image.exceptions.into_iter().filter(counts).collect();
        Ok(series)
    }

    /// One step: the series is now `wanted`.
    async fn replace(&mut self, master: &EventRow, was: &Series, wanted: &Series) -> Result<Staged> {
        let key = master.known.key;
        self.rewrite(master, wanted).await?;
        let (before, after) = (image_of(was), image_of(wanted));
        let journal = self.note(Action::Change, master.calendar, key, Some(&before), Some(&after)).await?;
        self.judge_anew(key).await?;
        self.tidy(key).await?;
        self.finish(key, key, None, journal).await
    }

    /// Brings the rows of a series to where `wanted` stands.
    async fn rewrite(&mut self, master: &EventRow, wanted: &Series) -> Result<()> {
        let key = master.known.key;
        event::set_fields(self.conn, master, &wanted.fields).await?;
        self.dirty(key, Some(&master.known.fields), false).await?;
        let mut own: BTreeMap<Original, &ExceptionImage> =
            wanted.exceptions.iter().map(|it| (it.original, it)).collect();
        for row in event::exceptions(self.conn, key).await? {
            let Some(original) = row.original else { continue };
            let want = want(wanted, original, own.remove(&original));
            self.set_occurrence(&row, want).await?;
        }
        let master = event::get(self.conn, key).await?;
        for exception in own.into_values() {
            self.add_exception(&master, wanted, exception).await?;
        }
        Ok(())
    }

    async fn set_occurrence(&mut self, row: &EventRow, want: Want) -> Result<()> {
        let (key, fields) = (row.known.key, &row.known.fields);
        let deleting = row.known.edit.as_ref().is_some_and(|edit| edit.deleted);
        let cancelled = row.known.status == Status::Cancelled;
        match want {
            _ if row.known.is_orphan() => Ok(()),
            Want::Cancelled | Want::Nothing if deleting || cancelled => Ok(()),
            Want::Cancelled | Want::Nothing => {
                self.dirty(key, Some(fields), true).await?;
                self.judge_anew(key).await
            }
            Want::Plain(wanted) | Want::Own(wanted) if cancelled => {
                event::uncancel(self.conn, row, &wanted).await?;
                self.dirty(key, None, false).await
            }
            Want::Plain(wanted) | Want::Own(wanted) if deleting || wanted != *fields => {
                event::set_fields(self.conn, row, &wanted).await?;
                self.dirty(key, Some(fields), false).await?;
                self.judge_anew(key).await?;
                self.tidy(key).await
            }
            Want::Plain(_) | Want::Own(_) => Ok(()),
        }
    }

    async fn add_exception(
        &mut self,
        master: &EventRow,
        series: &Series,
        exception: &ExceptionImage,
    ) -> Result<i64> {
        let untouched = series.untouched(exception.original);
        let fields = exception.fields.as_ref().unwrap_or(&untouched);
        let key = self.except(master, exception.original, fields).await?;
        self.dirty(key, Some(&untouched), exception.fields.is_none()).await?;
        Ok(key)
    }

    async fn create_series(
        &mut self,
        (calendar, rest): (CalendarId, Option<&Rest>),
        series: &Series,
        derived_id: &str,
    ) -> Result<Staged> {
        let derived_id = Some(derived_id);
        let local = Local { calendar, derived_id, place: None, fields: &series.fields };
        let key = event::insert_local(self.conn, local).await?;
        rest::put(self.conn, key, rest).await?;
        self.dirty(key, None, false).await?;
        let master = event::get(self.conn, key).await?;
        for exception in &series.exceptions {
            let key = self.add_exception(&master, series, exception).await?;
            if rest.is_some() {
                // What comes along may bring it in the shape that it had before the cut.
                outbox::ended(self.conn, key, None).await?;
            }
        }
        let after = image_of(series);
        let journal = self.note(Action::Create, calendar, key, None, Some(&after)).await?;
        self.finish(key, key, None, journal).await
    }

    /// Puts a series back to `before`, where a step made it `after`, unless something newer stands on it.
    pub async fn undo_series(&mut self, row: &EventRow, before: &Image, after: &Image) -> Result<Staged> {
        let now = self.series(row).await?;
        let changed = daymark_core::journal::undo_of_change(&before.fields, &after.fields, &now.fields)
            .map_err(|since| MirrorError::CannotUndo(since.into()))?;
        let exceptions = match alike(&now.exceptions, &after.exceptions) {
            true => before.exceptions.clone(),
            // The step named none of them and moved none: what was made of one since then stands.
            false if alike(&before.exceptions, &after.exceptions) && !changed.iter().any(plans) => {
                now.exceptions.clone()
            }
            false => return Err(MirrorError::CannotUndo(CannotUndo::OccurrenceChanged)),
        };
        let mut wanted = Series { fields: now.fields.clone(), exceptions };
        changed.iter().for_each(|field| wanted.fields.take(&before.fields, *field));
        self.check_access(row.calendar).await?;
        self.replace(row, &now, &wanted).await
    }
}

/// It says when occurrences take place.
fn plans(field: &Field) -> bool {
    matches!(field, Field::Span | Field::Recurrence)
}

fn cut(whole: &Series, at: Original, extent: Extent) -> Result<Cut> {
    match extent {
        Extent::All => Ok(Cut::Whole),
        Extent::Following => Ok(whole.cut(at)?),
    }
}

fn want(wanted: &Series, original: Original, own: Option<&ExceptionImage>) -> Want {
    match own.map(|it| &it.fields) {
        Some(Some(fields)) => Want::Own(fields.clone()),
        Some(None) => Want::Cancelled,
        None if wanted.gives(original) => Want::Plain(wanted.untouched(original)),
        None => Want::Nothing,
    }
}

fn image_of(series: &Series) -> Image {
    Image { exceptions: series.exceptions.clone(), ..Image::of(&series.fields) }
}

/// The same occurrences differ from the rule, in the same way.
fn alike(one: &[ExceptionImage], other: &[ExceptionImage]) -> bool {
    let means = |one: &ExceptionImage, other: &ExceptionImage| match (&one.fields, &other.fields) {
        (None, None) => true,
        (Some(one), Some(other)) => Field::ALL.iter().all(|field| same(one, other, *field)),
        _ => false,
    };
    let found = |it: &ExceptionImage| other.iter().any(|at| at.original == it.original && means(it, at));
    one.len() == other.len() && one.iter().all(found)
}

/// The provider has a new plan of a series. Some drop all that differed from the old one, others keep
/// it: whatever is to differ is looked at again, and written where it is not so. Returns what changed.
pub(crate) async fn restate(
    conn: &mut SqliteConnection,
    master: &EventRow,
    before: Option<&Fields>,
    now: Instant,
) -> Result<Vec<EventRow>> {
    let plan = |fields: &Fields| Series { fields: fields.clone(), exceptions: Vec::new() };
    let (series, before) = (plan(&master.known.fields), before.map(plan));
    let had_place = |original| before.as_ref().is_some_and(|before| before.gives(original));
    let mut touched = Vec::new();
    for row in event::exceptions(conn, master.known.key).await? {
        let Some(original) = row.original else { continue };
        let key = row.known.key;
        let deleting = row.known.edit.as_ref().is_some_and(|edit| edit.deleted);
        match series.gives(original) {
            _ if row.known.is_orphan() || comes_back(&row) => continue,
            true => write_again(conn, &row, &series.untouched(original), now).await?,
            // With its place it went by itself.
            false if deleting => {
                outbox::remove(conn, key).await?;
                journal::close(conn, key, i64::MAX, State::Sent, "").await?;
                let round = cursor::get(conn, row.calendar).await?.round;
                event::cancel(conn, key, round).await?;
            }
            false if row.known.edit.is_none() && !row.is_hidden() && had_place(original) => {
                let round = cursor::get(conn, row.calendar).await?.round;
                event::cancel(conn, key, round).await?;
            }
            false => continue,
        }
        touched.push(event::get(conn, key).await?);
    }
    Ok(touched)
}

/// It was cancelled at the provider, and an edit wants it to take place again.
fn comes_back(row: &EventRow) -> bool {
    let edit = row.known.edit.as_ref();
    row.known.id.is_some() && edit.is_some_and(|edit| edit.base.is_none() && !edit.deleted)
}

/// The provider has it either as it was, or as the rule gives it.
async fn write_again(
    conn: &mut SqliteConnection,
    row: &EventRow,
    untouched: &Fields,
    now: Instant,
) -> Result<()> {
    let key = row.known.key;
    let base = row.known.edit.as_ref().and_then(|edit| edit.base.clone());
    let base = base.unwrap_or_else(|| row.known.fields.clone());
    event::detach(conn, key, None).await?;
    let version = state::next_edit(conn).await?;
    let entry =
        outbox::Entry { event: key, version, deleted: row.is_hidden(), base: Some(&base), not_before: now };
    outbox::put(conn, entry, now).await?;
    outbox::unknown(conn, key, &base, std::slice::from_ref(untouched)).await
}
