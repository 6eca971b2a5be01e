//! Records an edit: the row as it is shown from now on, the outbox and the journal, in one
//! transaction. The network has no part in it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::event::{Field, Fields, Original, Status};
use daymark_core::journal::{Action, Cause, ExceptionImage, Image, State};
use daymark_core::merge::{Fate, rebase};
use daymark_core::rest::Rest;
use daymark_core::time::{Instant, Span};
use sqlx::SqliteConnection;

use crate::error::{MirrorError, Result};
use crate::table::calendar::{self, Access, CalendarId};
use crate::table::event::{self, EventRow, Local};
use crate::table::journal::{self, JournalId, Note};
use crate::table::run::{self, RunId};
use crate::table::{booking, conflict, cursor, occurrence, outbox, rest, state};
use crate::view::agenda::EventRef;
use crate::{Mirror, anew, expand, revive};

/// A delete is held back for as long as its undo is offered: taking it back then needs no network.
const HOLD: TimeDelta = TimeDelta::seconds(6);

#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    Create {
        calendar: CalendarId,
        fields: Fields,
        /// Derived from what caused it, so that sending it twice makes one event.
        derived_id: String,
    },
    Change {
        event: EventRef,
        fields: Fields,
        /// Which of `fields` are meant.
        changed: Vec<Field>,
    },
    Delete {
        event: EventRef,
    },
    /// Of a series, as far as `extent` says; `fields` are what its occurrence `event` becomes.
    ChangeSeries {
        event: EventRef,
        extent: Extent,
        fields: Fields,
        changed: Vec<Field>,
        /// For the second half, which is a series of its own.
        derived_id: String,
    },
    DeleteSeries {
        event: EventRef,
        extent: Extent,
    },
}

/// How much of a series an edit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The occurrence that it names, and all later ones.
    Following,
    All,
}

/// An edit that is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    pub event: EventRef,
    /// For its undo.
    pub journal: JournalId,
}

impl Mirror {
    pub async fn stage(&self, edit: Edit, cause: Cause, now: Instant) -> Result<Staged> {
        let mut tx = self.pool.write().await?;
        let staged = Desk::new(&mut tx, cause, now).await?.stage(edit).await?;
        tx.commit().await?;
        Ok(staged)
    }
}

/// One edit being recorded.
pub(crate) struct Desk<'c> {
    pub conn: &'c mut SqliteConnection,
    pub cause: Cause,
    /// What it is written together with.
    pub run: RunId,
    pub now: Instant,
    /// The number of this edit.
    pub version: i64,
}

/// What an edit is about: a row, or an occurrence that so far is as its series says.
enum Object {
    Row(EventRow),
    Occurrence { master: EventRow, original: Original, untouched: Fields },
}

impl<'c> Desk<'c> {
    /// For an edit that is a run by itself.
    pub async fn new(conn: &'c mut SqliteConnection, cause: Cause, now: Instant) -> Result<Self> {
        let run = run::begin(conn, cause, now).await?;
        Desk::within(conn, cause, run, now).await
    }

    pub async fn within(
        conn: &'c mut SqliteConnection,
        cause: Cause,
        run: RunId,
        now: Instant,
    ) -> Result<Self> {
        let version = state::next_edit(conn).await?;
        Ok(Desk { conn, cause, run, now, version })
    }

    pub async fn stage(mut self, edit: Edit) -> Result<Staged> {
        match edit {
            Edit::Create { calendar, fields, derived_id } => {
                self.create(calendar, &fields, None, &derived_id).await
            }
            Edit::Change { event, fields, changed } => match self.object(&event).await? {
                Object::Row(row) if row.is_series() => self.change_whole(&row, (&fields, &changed)).await,
                Object::Row(row) => self.change(&row, &fields, &changed).await,
                Object::Occurrence { master, original, untouched } => {
                    self.change_occurrence(&master, original, &untouched, &fields, &changed).await
                }
            },
            Edit::Delete { event } => match self.object(&event).await? {
                Object::Row(row) => self.delete(&row).await,
                Object::Occurrence { master, original, untouched } => {
                    self.delete_occurrence(&master, original, &untouched).await
                }
            },
            Edit::ChangeSeries { event, extent, fields, changed, derived_id } => {
                self.change_series(&event, extent, (&fields, &changed), &derived_id).await
            }
            Edit::DeleteSeries { event, extent } => self.delete_series(&event, extent).await,
        }
    }

    async fn object(&mut self, event: &EventRef) -> Result<Object> {
        let row = event::get(self.conn, event.event).await?;
        let Some(original) = event.original else {
            return live(row).map(Object::Row);
        };
        let place = occurrence::get(self.conn, event.event, &original).await?;
        let place = place.ok_or(MirrorError::NoOccurrence)?;
        if place.event != row.known.key {
            return live(event::get(self.conn, place.event).await?).map(Object::Row);
        }
        let zone = match row.known.fields.span {
            Span::Timed { zone, .. } => zone,
            Span::AllDay { .. } | Span::Floating { .. } => Tz::UTC,
        };
        let span = place.span(zone)?;
        let untouched = Fields { span, recurrence: Vec::new(), ..row.known.fields.clone() };
        Ok(Object::Occurrence { master: live(row)?, original, untouched })
    }

    pub async fn create(
        &mut self,
        calendar: CalendarId,
        fields: &Fields,
        rest: Option<&Rest>,
        derived_id: &str,
    ) -> Result<Staged> {
        self.check(calendar, fields).await?;
        let local = Local { calendar, derived_id: Some(derived_id), place: None, fields };
        let key = event::insert_local(self.conn, local).await?;
        rest::put(self.conn, key, rest).await?;
        self.dirty(key, None, false).await?;
        let after = Image::of(fields);
        let journal = self.note(Action::Create, calendar, key, None, Some(&after)).await?;
        self.finish(key, key, None, journal).await
    }

    pub async fn change(&mut self, row: &EventRow, wanted: &Fields, changed: &[Field]) -> Result<Staged> {
        let before = &row.known.fields;
        let after = changed_fields(before, wanted, changed);
        self.check(row.calendar, &after).await?;
        event::set_fields(self.conn, row, &after).await?;
        let key = row.known.key;
        self.dirty(key, Some(before), false).await?;
        let images = (image(row, before), image(row, &after));
        let journal = self.note(Action::Change, row.calendar, key, Some(&images.0), Some(&images.1)).await?;
        let named = revive::named(row);
        self.judge_anew(key).await?;
        self.tidy(key).await?;
        self.finish(key, named.0, named.1, journal).await
    }

    async fn change_occurrence(
        &mut self,
        master: &EventRow,
        original: Original,
        untouched: &Fields,
        wanted: &Fields,
        changed: &[Field],
    ) -> Result<Staged> {
        let after = changed_fields(untouched, wanted, changed);
        self.check(master.calendar, &after).await?;
        let key = self.except(master, original, &after).await?;
        self.dirty(key, Some(untouched), false).await?;
        let images = (at_place(untouched, original), at_place(&after, original));
        let journal =
            self.note(Action::Change, master.calendar, key, Some(&images.0), Some(&images.1)).await?;
        self.tidy(key).await?;
        self.finish(key, master.known.key, Some(original), journal).await
    }

    pub async fn delete(&mut self, row: &EventRow) -> Result<Staged> {
        self.check_access(row.calendar).await?;
        let key = row.known.key;
        let named = revive::named(row);
        let before = self.whole_image(row).await?.with(anew::rest_of(self.conn, row).await?);
        if row.is_only_here() && row.master.is_none() {
            return self.drop_unsent(row, &before).await;
        }
        if row.known.is_orphan() {
            return self.let_go(row, State::Overtaken).await;
        }
        self.dirty(key, Some(&row.known.fields), true).await?;
        let journal = self.note(Action::Delete, row.calendar, key, Some(&before), None).await?;
        self.judge_anew(key).await?;
        self.finish(key, named.0, named.1, journal).await
    }

    /// What was never sent needs no deleting: it leaves nothing but its journal.
    pub async fn drop_unsent(&mut self, row: &EventRow, before: &Image) -> Result<Staged> {
        let key = row.known.key;
        for member in event::members(self.conn, &[key]).await? {
            journal::close(self.conn, member.known.key, i64::MAX, State::Undone, "").await?;
        }
        let journal = self.note(Action::Delete, row.calendar, key, Some(before), None).await?;
        journal::set_state(self.conn, journal, State::Sent).await?;
        booking::lost(self.conn, key).await?;
        event::remove(self.conn, &[key]).await?;
        self.finish(key, key, None, journal).await
    }

    async fn delete_occurrence(
        &mut self,
        master: &EventRow,
        original: Original,
        untouched: &Fields,
    ) -> Result<Staged> {
        self.check_access(master.calendar).await?;
        let key = self.except(master, original, untouched).await?;
        self.dirty(key, Some(untouched), true).await?;
        let rest = anew::rest_of_occurrence(self.conn, master, original).await?;
        let before = at_place(untouched, original).with(rest);
        let journal = self.note(Action::Delete, master.calendar, key, Some(&before), None).await?;
        self.finish(key, master.known.key, Some(original), journal).await
    }

    pub async fn except(&mut self, master: &EventRow, original: Original, fields: &Fields) -> Result<i64> {
        let local =
            Local { calendar: master.calendar, derived_id: None, place: Some((master, original)), fields };
        event::insert_local(self.conn, local).await
    }

    pub async fn check(&mut self, calendar: CalendarId, fields: &Fields) -> Result<()> {
        self.check_access(calendar).await?;
        if fields.span.is_ordered() { Ok(()) } else { Err(MirrorError::EndsBeforeStart) }
    }

    pub async fn check_access(&mut self, calendar: CalendarId) -> Result<()> {
        match calendar::access(self.conn, calendar).await? {
            Access::Write => Ok(()),
            Access::Read | Access::FreeBusy => Err(MirrorError::ReadOnly),
        }
    }

    /// The provider no longer has it, and neither has the mirror from now on. Its open entries end in
    /// `state`; the one that this makes keeps how it stood.
    pub async fn let_go(&mut self, row: &EventRow, state: State) -> Result<Staged> {
        let key = row.known.key;
        let (unit, original) = revive::named(row);
        let before = self.whole_image(row).await?.with(anew::rest_of(self.conn, row).await?);
        for member in event::members(self.conn, &[key]).await? {
            journal::close(self.conn, member.known.key, i64::MAX, state, "").await?;
        }
        let journal = self.note(Action::Delete, row.calendar, key, Some(&before), None).await?;
        journal::set_state(self.conn, journal, State::Sent).await?;
        self.forget(row).await?;
        self.finish(key, unit, original, journal).await
    }

    /// Takes away a row that the provider does not have; an occurrence of a series stays as cancelled.
    async fn forget(&mut self, row: &EventRow) -> Result<()> {
        let key = row.known.key;
        if row.master.is_none() {
            booking::lost(self.conn, key).await?;
            return event::remove(self.conn, &[key]).await;
        }
        let round = cursor::get(self.conn, row.calendar).await?.round;
        outbox::remove(self.conn, key).await?;
        event::cancel(self.conn, key, round).await
    }

    /// An edit of something that is in dispute may settle or shift the dispute.
    pub async fn judge_anew(&mut self, key: i64) -> Result<()> {
        let row = event::get(self.conn, key).await?;
        let Some(edit) = &row.known.edit else { return Ok(()) };
        let (Some(_), false, Some(base)) = (&edit.conflict, row.known.is_orphan(), &edit.base) else {
            return Ok(());
        };
        match rebase(edit, &row.known.fields, base) {
            Fate::Asks { fields, conflict } => {
                event::set_fields(self.conn, &row, &fields).await?;
                conflict::put(self.conn, key, &conflict, self.now).await
            }
            Fate::Waits { fields } => {
                event::set_fields(self.conn, &row, &fields).await?;
                conflict::close(self.conn, key).await
            }
            Fate::None | Fate::Reached | Fate::Overtaken => {
                event::set_fields(self.conn, &row, base).await?;
                conflict::close(self.conn, key).await
            }
        }
    }

    pub async fn dirty(&mut self, event: i64, base: Option<&Fields>, deleted: bool) -> Result<()> {
        // Nobody is offered an undo of these on the spot.
        let at_once = matches!(self.cause, Cause::Block | Cause::Removal);
        let not_before = if deleted && !at_once { self.now + HOLD } else { self.now };
        let entry = outbox::Entry { event, version: self.version, deleted, base, not_before };
        outbox::put(self.conn, entry, self.now).await
    }

    /// An edit that ends where the provider stands has nothing to send; an exception that is again
    /// as its series says is none.
    pub async fn tidy(&mut self, key: i64) -> Result<()> {
        let row = event::get(self.conn, key).await?;
        if !row.is_as_at_provider() {
            return Ok(());
        }
        let orphan = row.known.is_orphan();
        let missing = orphan || event::is_missing(self.conn, key).await?;
        let state = if missing { State::Overtaken } else { State::Sent };
        outbox::remove(self.conn, key).await?;
        journal::close(self.conn, key, i64::MAX, state, "").await?;
        if orphan {
            return self.forget(&row).await;
        }
        if missing || row.known.id.is_none() && row.master.is_some() {
            booking::lost(self.conn, key).await?;
            event::remove(self.conn, &[key]).await?;
        }
        Ok(())
    }

    /// How a row stands, with what differs from its rule when it is a series.
    pub async fn whole_image(&mut self, row: &EventRow) -> Result<Image> {
        let mut image = image(row, &row.known.fields);
        for exception in event::exceptions(self.conn, row.known.key).await? {
            let Some(original) = exception.original else { continue };
            let fields = (!exception.is_hidden()).then(|| exception.known.fields.clone());
            image.exceptions.push(ExceptionImage { original, fields });
        }
        Ok(image)
    }

    pub async fn note(
        &mut self,
        action: Action,
        calendar: CalendarId,
        event: i64,
        before: Option<&Image>,
        after: Option<&Image>,
    ) -> Result<JournalId> {
        let (run, cause, version, state) = (self.run, self.cause, self.version, State::Waiting);
        let note = Note { run, cause, action, calendar, event, version, before, after, state };
        journal::add(self.conn, note, self.now).await
    }

    /// Brings the time index up to the edit. `key` is the row, `unit` what it is listed under.
    pub async fn finish(
        &mut self,
        key: i64,
        unit: i64,
        original: Option<Original>,
        journal: JournalId,
    ) -> Result<Staged> {
        let units: BTreeSet<i64> = [key, unit].into();
        expand::refresh(self.conn, &units, self.now).await?;
        state::bump(self.conn).await?;
        Ok(Staged { event: EventRef { event: unit, original }, journal })
    }
}

/// The row of an event that is there.
pub(crate) fn live(row: EventRow) -> Result<EventRow> {
    let gone =
        row.known.status == Status::Cancelled || row.known.edit.as_ref().is_some_and(|edit| edit.deleted);
    if gone { Err(MirrorError::NotFound("event")) } else { Ok(row) }
}

fn changed_fields(before: &Fields, wanted: &Fields, changed: &[Field]) -> Fields {
    let mut after = before.clone();
    for field in changed {
        after.take(wanted, *field);
    }
    after
}

fn image(row: &EventRow, fields: &Fields) -> Image {
    Image { original: row.original, ..Image::of(fields) }
}

fn at_place(fields: &Fields, original: Original) -> Image {
    Image { original: Some(original), ..Image::of(fields) }
}
