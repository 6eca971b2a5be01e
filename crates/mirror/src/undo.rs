//! Takes a journalled edit back, by an edit of its own that can be taken back too.

use daymark_core::event::{Fields, Status, marks};
use daymark_core::journal::{Action, Cause, ExceptionImage, Image, State, undo_of_change};
use daymark_core::time::Instant;

use sqlx::{Connection as _, SqliteConnection};

use crate::error::{CannotUndo, MirrorError, Result};
use crate::stage::{Desk, Staged};
use crate::table::event::{self, EventRow};
use crate::table::journal::{self, Entry, JournalId};
use crate::table::run::{self, RunId};
use crate::table::{outbox, rest};
use crate::{Mirror, anew, blocks};

/// How the undo of a run went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunUndone {
    pub undone: Vec<Staged>,
    /// What could not be taken back, and why.
    pub refused: Vec<(Entry, CannotUndo)>,
}

impl Mirror {
    /// Takes back the whole step that an entry belongs to. `new_derived_id` is for an event that must be
    /// made anew: ids of deleted ones stay used up.
    pub async fn undo(&self, id: JournalId, new_derived_id: &str, now: Instant) -> Result<Staged> {
        let mut tx = self.pool.write().await?;
        let named = journal::get(&mut tx, id).await?;
        let run = run::begin(&mut tx, Cause::Undo, now).await?;
        let staged = take_back(&mut tx, &named, new_derived_id, run, now).await?;
        tx.commit().await?;
        Ok(staged)
    }

    /// Takes back everything of a run that can be, the latest first; the rest is named.
    pub async fn undo_run(
        &self,
        id: RunId,
        mut new_derived_id: impl FnMut() -> String + Send,
        now: Instant,
    ) -> Result<RunUndone> {
        let mut tx = self.pool.write().await?;
        let entries = journal::of_run(&mut tx, id).await?;
        if entries.is_empty() {
            return Err(MirrorError::NotFound("run"));
        }
        let run = run::begin(&mut tx, Cause::Undo, now).await?;
        let mut ended = RunUndone::default();
        for entry in entries {
            let mut attempt = (*tx).begin().await?;
            let is_undone = journal::get(&mut attempt, entry.id).await?.state == State::Undone;
            if is_undone && entry.state != State::Undone {
                // With the step of an entry before it.
                continue;
            }
            match take_back(&mut attempt, &entry, &new_derived_id(), run, now).await {
                Ok(staged) => {
                    attempt.commit().await?;
                    ended.undone.push(staged);
                }
                Err(MirrorError::CannotUndo(why)) => {
                    attempt.rollback().await?;
                    ended.refused.push((entry, why));
                }
                Err(MirrorError::ReadOnly) => {
                    attempt.rollback().await?;
                    ended.refused.push((entry, CannotUndo::ReadOnly));
                }
                Err(MirrorError::NotFound(_)) => {
                    attempt.rollback().await?;
                    ended.refused.push((entry, CannotUndo::Gone));
                }
                Err(error) => return Err(error),
            }
        }
        tx.commit().await?;
        Ok(ended)
    }
}

/// Takes back the whole step that `named` belongs to.
async fn take_back(
    conn: &mut SqliteConnection,
    named: &Entry,
    new_derived_id: &str,
    run: RunId,
    now: Instant,
) -> Result<Staged> {
    let not = match named.state {
        State::Undone => Some(CannotUndo::UndoneBefore),
        State::Overtaken => Some(CannotUndo::NeverTookEffect),
        State::Waiting | State::Sent | State::Refused => None,
    };
    if let Some(why) = not {
        return Err(MirrorError::CannotUndo(why));
    }
    let mut step = journal::step(conn, named.id).await?;
    step.retain(Entry::undoable);
    // Before the undo is recorded, so that only the entries of other edits stay open.
    for entry in &step {
        journal::set_state(conn, entry.id, State::Undone).await?;
    }
    let mut desk = Desk::within(conn, Cause::Undo, run, now).await?;
    let (mut undone, mut first) = (None, None);
    for entry in &step {
        let staged = desk.take_back(entry, new_derived_id).await?;
        // As the step itself: the series first, then what was cut off it.
        let first = *first.get_or_insert(staged.event.event);
        outbox::follow(desk.conn, staged.event.event, first).await?;
        if entry.id == named.id || undone.is_none() {
            undone = Some(staged);
        }
    }
    let staged = undone.ok_or(MirrorError::NotFound("journal entry"))?;
    if named.cause == Cause::Block {
        keep_copy(conn, &staged).await?;
    }
    Ok(staged)
}

/// Who takes a copy's write back wants the copy so: it is left alone until its source changes its time.
async fn keep_copy(conn: &mut SqliteConnection, staged: &Staged) -> Result<()> {
    let Some(row) = event::load(conn, &[staged.event.event]).await?.pop() else { return Ok(()) };
    let marker = row.known.fields.marks.get(marks::BLOCK).and_then(|text| text.parse().ok());
    match marker {
        Some(marker) => blocks::keep(conn, row.calendar.0, row.known.key, &marker).await,
        None => Ok(()),
    }
}

impl Desk<'_> {
    async fn take_back(&mut self, entry: &Entry, new_derived_id: &str) -> Result<Staged> {
        match entry.action {
            Action::Create => self.undo_create(entry).await,
            Action::Change => self.undo_change(entry).await,
            Action::Delete => self.undo_delete(entry, new_derived_id).await,
        }
    }

    async fn undo_create(&mut self, entry: &Entry) -> Result<Staged> {
        let row = self.standing(entry).await?;
        self.delete(&row).await
    }

    async fn undo_change(&mut self, entry: &Entry) -> Result<Staged> {
        let (Some(before), Some(after)) = (&entry.before, &entry.after) else {
            return Err(MirrorError::CannotUndo(CannotUndo::NothingKnown));
        };
        let row = self.standing(entry).await?;
        let of_series = |image: &Image| !image.exceptions.is_empty() || !image.fields.recurrence.is_empty();
        if row.master.is_none() && of_series(before) && of_series(after) {
            return self.undo_series(&row, before, after).await;
        }
        let changed = undo_of_change(&before.fields, &after.fields, &row.known.fields)
            .map_err(|since| MirrorError::CannotUndo(since.into()))?;
        self.change(&row, &before.fields, &changed).await
    }

    async fn standing(&mut self, entry: &Entry) -> Result<EventRow> {
        let row = event::load(self.conn, &[entry.event]).await?.pop();
        row.filter(|row| !row.is_hidden()).ok_or_else(|| MirrorError::CannotUndo(CannotUndo::Gone))
    }

    async fn undo_delete(&mut self, entry: &Entry, new_derived_id: &str) -> Result<Staged> {
        let row = event::load(self.conn, &[entry.event]).await?.pop();
        match row {
            Some(row) if row.known.edit.as_ref().is_some_and(|edit| edit.deleted) => {
                self.keep(&row, new_derived_id).await
            }
            Some(row) if row.known.status != Status::Cancelled => {
                Err(MirrorError::CannotUndo(CannotUndo::StillThere))
            }
            _ => self.make_anew(entry, new_derived_id).await,
        }
    }

    /// The delete still waits: it is simply no longer wanted.
    async fn keep(&mut self, row: &EventRow, new_derived_id: &str) -> Result<Staged> {
        let key = row.known.key;
        self.dirty(key, None, false).await?;
        self.judge_anew(key).await?;
        if row.started && (row.known.id.is_some() || row.master.is_some()) {
            // Should the delete have taken effect after all, it comes back as a new event.
            event::set_derived_id(self.conn, key, new_derived_id).await?;
            let rest = anew::rest_of(self.conn, row).await?;
            rest::put(self.conn, key, rest.as_ref()).await?;
        }
        let after = Image { original: row.original, ..Image::of(&row.known.fields) };
        let journal = self.note(Action::Create, row.calendar, key, None, Some(&after)).await?;
        self.tidy(key).await?;
        self.finish(key, row.unit(), row.master.and(row.original), journal).await
    }

    /// The event is gone at the provider: the same again, under a new id.
    async fn make_anew(&mut self, entry: &Entry, new_derived_id: &str) -> Result<Staged> {
        let Some(before) = &entry.before else {
            return Err(MirrorError::CannotUndo(CannotUndo::NothingKnown));
        };
        let staged =
            self.create(entry.calendar, &before.fields, before.rest.as_ref(), new_derived_id).await?;
        if before.exceptions.is_empty() {
            return Ok(staged);
        }
        let master = event::get(self.conn, staged.event.event).await?;
        for exception in &before.exceptions {
            self.except_anew(&master, exception).await?;
        }
        self.finish(master.known.key, master.known.key, None, staged.journal).await
    }

    async fn except_anew(&mut self, master: &EventRow, exception: &ExceptionImage) -> Result<()> {
        let untouched = Fields { recurrence: Vec::new(), ..master.known.fields.clone() };
        let fields = exception.fields.as_ref().unwrap_or(&untouched);
        let key = self.except(master, exception.original, fields).await?;
        self.dirty(key, None, exception.fields.is_none()).await
    }
}
