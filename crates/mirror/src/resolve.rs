//! Carries out what the person decided about a conflict. Each side that is not chosen stays in the
//! journal: every decision is an entry with both sides as its images, and can be undone like any edit.

use daymark_core::conflict::{Choice, Settlement};
use daymark_core::event::Fields;
use daymark_core::journal::{Action, Cause, Image, State};
use daymark_core::time::Instant;

use crate::Mirror;
use crate::error::{MirrorError, Result};
use crate::stage::{Desk, Staged};
use crate::table::conflict::{self, ConflictId};
use crate::table::event::{self, EventRow};
use crate::table::journal::{self, JournalId};
use crate::table::outbox;
use crate::view::agenda::EventRef;
use crate::{anew, deleting, revive};

/// What the person decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub conflict: ConflictId,
    /// Of the conflict as they saw it; `None`: whatever it is now.
    pub version: Option<i64>,
    pub choice: Choice,
    /// For an event that is made anew.
    pub new_derived_id: String,
}

impl Mirror {
    pub async fn resolve(&self, decision: Decision, now: Instant) -> Result<Staged> {
        let mut tx = self.pool.write().await?;
        let open = conflict::get(&mut tx, decision.conflict).await?;
        if decision.version.is_some_and(|seen| seen != open.version) {
            return Err(MirrorError::MovedOn);
        }
        let settlement = open.kind.settle(decision.choice)?;
        let row = event::get(&mut tx, open.event).await?;
        let mut desk = Desk::new(&mut tx, Cause::You, now).await?;
        let staged = desk.settle(&row, settlement, &decision.new_derived_id).await?;
        tx.commit().await?;
        Ok(staged)
    }
}

impl Desk<'_> {
    async fn settle(&mut self, row: &EventRow, settlement: Settlement, new_id: &str) -> Result<Staged> {
        match settlement {
            Settlement::SendMine => self.send_mine(row).await,
            Settlement::TakeTheirs => {
                let cut_off = outbox::followers(self.conn, row.known.key).await?;
                self.bring_back_occurrences(row).await?;
                let staged = self.take_theirs(row).await?;
                self.drop_cut_off(&cut_off).await?;
                Ok(staged)
            }
            Settlement::KeepBoth => {
                let staged = self.take_theirs(row).await?;
                self.create(row.calendar, &copy(&row.known.fields), None, new_id).await?;
                Ok(staged)
            }
            Settlement::Revive => self.revive(row, new_id).await,
            Settlement::LetGo => {
                let cut_off = outbox::followers(self.conn, row.known.key).await?;
                let staged = self.let_go(row, State::Overtaken).await?;
                self.drop_cut_off(&cut_off).await?;
                Ok(staged)
            }
        }
    }

    /// What was deleted along with the rest of a series stands again as they have it.
    async fn bring_back_occurrences(&mut self, series: &EventRow) -> Result<()> {
        for row in event::exceptions(self.conn, series.known.key).await? {
            if deleting::goes_along(&row, series) {
                let key = row.known.key;
                event::set_fields(self.conn, &row, theirs(&row)?).await?;
                conflict::close(self.conn, key).await?;
                self.dirty(key, None, false).await?;
                self.tidy(key).await?;
            }
        }
        Ok(())
    }

    /// A series that stays as they have it was not cut: what waited for the cut would stand twice.
    async fn drop_cut_off(&mut self, events: &[i64]) -> Result<()> {
        for row in event::load(self.conn, events).await? {
            if row.is_only_here() && row.master.is_none() {
                let before = self.whole_image(&row).await?.with(anew::rest_of(self.conn, &row).await?);
                self.drop_unsent(&row, &before).await?;
            }
        }
        Ok(())
    }

    /// What was disputed is sent over what they made of it.
    async fn send_mine(&mut self, row: &EventRow) -> Result<Staged> {
        self.check_access(row.calendar).await?;
        let (key, deleted) = (row.known.key, is_deleted(row));
        // A series is deleted with what it has by now: what differs from this later asks again.
        let rest = if deleted { anew::rest_of(self.conn, row).await? } else { None };
        let theirs = Image { fields: theirs(row)?.clone(), rest, ..self.whole_image(row).await? };
        conflict::close(self.conn, key).await?;
        self.dirty(key, None, deleted).await?;
        let mine = image(row, &row.known.fields);
        let (action, after) = if deleted { (Action::Delete, None) } else { (Action::Change, Some(&mine)) };
        let journal = self.note(action, row.calendar, key, Some(&theirs), after).await?;
        self.done(row, journal).await
    }

    /// The event is theirs again. A write of ours with an unknown outcome is still looked after.
    async fn take_theirs(&mut self, row: &EventRow) -> Result<Staged> {
        let (key, theirs) = (row.known.key, theirs(row)?);
        let (before, after) = (image(row, &row.known.fields), image(row, theirs));
        journal::close(self.conn, key, i64::MAX, State::Overtaken, "").await?;
        let (action, before) =
            if is_deleted(row) { (Action::Create, None) } else { (Action::Change, Some(&before)) };
        let journal = self.note(action, row.calendar, key, before, Some(&after)).await?;
        if !row.started {
            journal::set_state(self.conn, journal, State::Sent).await?;
        }
        conflict::close(self.conn, key).await?;
        event::set_fields(self.conn, row, theirs).await?;
        self.dirty(key, None, false).await?;
        self.tidy(key).await?;
        self.done(row, journal).await
    }

    async fn revive(&mut self, row: &EventRow, new_id: &str) -> Result<Staged> {
        self.check_access(row.calendar).await?;
        let key = row.known.key;
        conflict::close(self.conn, key).await?;
        // A repeated insert may have made it anew already: it must find that one.
        let repeated = row.known.derived.as_deref().filter(|_| row.known.id.is_none() && row.started);
        let new_id = repeated.unwrap_or(new_id);
        let touched = match row.master {
            Some(_) => revive::part_from_series(self.conn, row, Some(new_id), self.now).await?,
            None => revive::insert_again(self.conn, row, Some(new_id), self.now).await?,
        };
        let made = touched.last().map_or(key, |row| row.known.key);
        self.dirty(made, None, false).await?;
        outbox::ended(self.conn, made, None).await?;
        let after = Image::of(&row.known.fields);
        let journal = self.note(Action::Create, row.calendar, made, None, Some(&after)).await?;
        let staged = self.finish(made, made, None, journal).await?;
        self.finish(key, row.unit(), None, journal).await?;
        Ok(Staged { event: EventRef { event: made, original: None }, ..staged })
    }

    async fn done(&mut self, row: &EventRow, journal: JournalId) -> Result<Staged> {
        let (unit, original) = revive::named(row);
        self.finish(row.known.key, unit, original, journal).await
    }
}

fn is_deleted(row: &EventRow) -> bool {
    row.known.edit.as_ref().is_some_and(|edit| edit.deleted)
}

fn theirs(row: &EventRow) -> Result<&Fields> {
    let base = row.known.edit.as_ref().and_then(|edit| edit.base.as_ref());
    base.ok_or(MirrorError::NotFound("other side of this conflict"))
}

fn image(row: &EventRow, fields: &Fields) -> Image {
    Image { original: row.original, ..Image::of(fields) }
}

/// Ours as an event of its own. What Daymark knew the event by stays with theirs.
fn copy(mine: &Fields) -> Fields {
    Fields { marks: Default::default(), ..mine.clone() }
}
