//! Takes a journalled edit back, by an edit of its own that can be taken back too.

use daymark_core::event::{Fields, Status};
use daymark_core::journal::{Action, Cause, ExceptionImage, Image, State, undo_of_change};
use daymark_core::time::Instant;

use crate::Mirror;
use crate::error::{MirrorError, Result};
use crate::stage::{Desk, Staged};
use crate::table::event::{self, EventRow};
use crate::table::journal::{self, Entry, JournalId};

impl Mirror {
    /// Takes back the whole step that an entry belongs to. `new_derived_id` is for an event that must be
    /// made anew: ids of deleted ones stay used up.
    pub async fn undo(&self, id: JournalId, new_derived_id: &str, now: Instant) -> Result<Staged> {
        let mut tx = self.pool.write().await?;
        let named = journal::get(&mut tx, id).await?;
        let not = match named.state {
            State::Undone => Some("it was undone before"),
            State::Overtaken => Some("it never took effect"),
            State::Waiting | State::Sent | State::Refused => None,
        };
        if let Some(why) = not {
            return Err(MirrorError::CannotUndo(why.into()));
        }
        let mut step = journal::step(&mut tx, id).await?;
        step.retain(Entry::undoable);
        // Before the undo is recorded, so that only the entries of other edits stay open.
        for entry in &step {
            journal::set_state(&mut tx, entry.id, State::Undone).await?;
        }
        let mut desk = Desk::new(&mut tx, Cause::Undo, now).await?;
        let mut undone = None;
        for entry in &step {
            let staged = desk.take_back(entry, new_derived_id).await?;
            if entry.id == id || undone.is_none() {
                undone = Some(staged);
            }
        }
        tx.commit().await?;
        undone.ok_or(MirrorError::NotFound("journal entry"))
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
            return Err(MirrorError::CannotUndo("the journal does not say what stood before".into()));
        };
        let row = self.standing(entry).await?;
        let of_series = |image: &Image| !image.exceptions.is_empty() || !image.fields.recurrence.is_empty();
        if row.master.is_none() && of_series(before) && of_series(after) {
            return self.undo_series(&row, before, after).await;
        }
        let changed = undo_of_change(&before.fields, &after.fields, &row.known.fields)
            .map_err(|since| MirrorError::CannotUndo(since.to_string()))?;
        self.change(&row, &before.fields, &changed).await
    }

    async fn standing(&mut self, entry: &Entry) -> Result<EventRow> {
        let row = event::load(self.conn, &[entry.event]).await?.pop();
        row.filter(|row| !row.is_hidden())
            .ok_or_else(|| MirrorError::CannotUndo("the event is no longer there".into()))
    }

    async fn undo_delete(&mut self, entry: &Entry, new_derived_id: &str) -> Result<Staged> {
        let row = event::load(self.conn, &[entry.event]).await?.pop();
        match row {
            Some(row) if row.known.edit.as_ref().is_some_and(|edit| edit.deleted) => {
                self.keep(&row, new_derived_id).await
            }
            Some(row) if row.known.status != Status::Cancelled => {
                Err(MirrorError::CannotUndo("the event is there".into()))
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
        }
        let after = Image { original: row.original, ..Image::of(&row.known.fields) };
        let journal = self.note(Action::Create, row.calendar, key, None, Some(&after)).await?;
        self.tidy(key).await?;
        self.finish(key, row.unit(), row.master.and(row.original), journal).await
    }

    /// The event is gone at the provider: the same again, under a new id.
    async fn make_anew(&mut self, entry: &Entry, new_derived_id: &str) -> Result<Staged> {
        let Some(before) = &entry.before else {
            return Err(MirrorError::CannotUndo("the journal does not say what stood before".into()));
        };
        let staged = self.create(entry.calendar, &before.fields, new_derived_id).await?;
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
