//! Takes one answer of a provider into the mirror: rows, index, journal and cursor in one
//! transaction, so that a crash at any instant leaves the state before the answer or after it.

use std::collections::{BTreeMap, BTreeSet};

use daymark_core::conflict::{Conflict, Kind};
use daymark_core::event::{Event, Fields, Original, SeriesRef, marks};
use daymark_core::journal::State;
use daymark_core::merge::{Delta, Fate, Known, Op, Snapshot, plan};
use daymark_core::time::{Instant, Interval, Span, next_day};
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::anew;
use crate::deleting;
use crate::error::{MirrorError, Result};
use crate::expand;
use crate::table::calendar::CalendarId;
use crate::table::cursor::{self, Cursor};
use crate::table::event::{self, EventRow};
use crate::table::set_aside::Note;
use crate::table::{booking, calendar, conflict, journal, occurrence, outbox, rest, set_aside, state};

/// How an answer moves the reading of a calendar on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The cursor that was asked with; `None` begins a full round.
    pub asked: Option<String>,
    pub next: Next,
    /// What the round covers, for providers that cannot list everything: only what lies inside it
    /// can be missed by it.
    pub window: Option<Interval>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// More of this round waits behind the cursor.
    More(String),
    /// The round is complete; the next one starts here.
    Done(String),
}

/// What an answer did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// A view may show something else now.
    pub changed: bool,
    pub stored: usize,
    pub removed: usize,
    pub set_aside: usize,
    /// Series that have more occurrences than are shown.
    pub truncated: usize,
    /// Edits that are held since, because only the person can decide.
    pub asked: usize,
}

impl Mirror {
    pub async fn apply(
        &self,
        calendar: CalendarId,
        deltas: Vec<Delta>,
        turn: Turn,
        now: Instant,
    ) -> Result<Applied> {
        let mut tx = self.pool.write().await?;
        let applied = take_page(&mut tx, calendar, deltas, turn, now).await?;
        tx.commit().await?;
        Ok(applied)
    }

    /// The provider no longer knows the cursor: read everything again. Nothing known is deleted for that.
    pub async fn restart(&self, calendar: CalendarId) -> Result<()> {
        let mut tx = self.pool.write().await?;
        let cursor = Cursor { value: None, ..cursor::get(&mut tx, calendar).await? };
        cursor::put(&mut tx, calendar, &cursor).await?;
        Ok(tx.commit().await?)
    }
}

/// One answer within somebody's transaction.
pub(crate) async fn take_page(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    deltas: Vec<Delta>,
    turn: Turn,
    now: Instant,
) -> Result<Applied> {
    let mut cursor = cursor::get(conn, calendar).await?;
    begin(&mut cursor, &turn, &deltas)?;
    let mut page = Page::load(conn, calendar, &deltas, cursor.round).await?;
    for delta in deltas {
        page.take(conn, delta, now).await?;
    }
    page.finish(conn).await?;
    if let Next::Done(_) = turn.next {
        page.sweep(conn, &cursor, turn.window, now).await?;
        cursor.full = false;
        calendar::complete(conn, calendar, now).await?;
    }
    cursor.value = Some(match turn.next {
        Next::More(value) | Next::Done(value) => value,
    });
    cursor::put(conn, calendar, &cursor).await?;
    page.index(conn, now).await
}

fn begin(cursor: &mut Cursor, turn: &Turn, deltas: &[Delta]) -> Result<()> {
    if cursor.value != turn.asked {
        return Err(MirrorError::StaleCursor);
    }
    if turn.asked.is_none() {
        *cursor = Cursor { value: None, round: cursor.round + 1, full: true, blurred: false };
    }
    cursor.blurred |= deltas.iter().any(|delta| matches!(delta, Delta::Malformed { id: None, .. }));
    Ok(())
}

/// The rows that one answer is about, kept in step with the database while the answer is taken in:
/// a provider may name the same event several times in one page, and the last word counts.
pub(crate) struct Page {
    calendar: CalendarId,
    round: i64,
    rows: BTreeMap<i64, EventRow>,
    by_id: BTreeMap<String, i64>,
    by_derived: BTreeMap<String, i64>,
    by_series: BTreeMap<String, BTreeSet<i64>>,
    seen: BTreeSet<String>,
    whole_series: BTreeSet<String>,
    units: BTreeSet<i64>,
    applied: Applied,
}

impl Page {
    async fn load(
        conn: &mut SqliteConnection,
        calendar: CalendarId,
        deltas: &[Delta],
        round: i64,
    ) -> Result<Self> {
        let ids: BTreeSet<&str> = deltas.iter().flat_map(ids_of).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        event::name_series(conn, calendar, &ids).await?;
        let keys = event::related(conn, calendar, &ids).await?;
        let mut page = Page::empty(calendar, round);
        for row in event::load(conn, &keys).await? {
            page.hold(row);
        }
        Ok(page)
    }

    pub(crate) fn empty(calendar: CalendarId, round: i64) -> Self {
        Page {
            calendar,
            round,
            rows: BTreeMap::new(),
            by_id: BTreeMap::new(),
            by_derived: BTreeMap::new(),
            by_series: BTreeMap::new(),
            seen: BTreeSet::new(),
            whole_series: BTreeSet::new(),
            units: BTreeSet::new(),
            applied: Applied::default(),
        }
    }

    pub(crate) fn hold(&mut self, row: EventRow) {
        let key = row.known.key;
        if let Some(id) = &row.known.id {
            self.by_id.insert(id.0.clone(), key);
        }
        if let Some(derived) = &row.known.derived {
            self.by_derived.insert(derived.clone(), key);
        }
        if let Some(series) = &row.known.series {
            self.by_series.entry(series.master.0.clone()).or_default().insert(key);
        }
        self.rows.insert(key, row);
    }

    /// What of the held rows bears on a delta.
    fn known(&self, delta: &Delta) -> Vec<&Known> {
        let mut keys = BTreeSet::new();
        for id in ids_of(delta) {
            keys.extend(self.by_id.get(id));
            keys.extend(self.by_derived.get(id));
            keys.extend(self.by_series.get(id).into_iter().flatten());
        }
        keys.iter().filter_map(|key| self.rows.get(key)).map(|row| &row.known).collect()
    }

    pub(crate) async fn take(
        &mut self,
        conn: &mut SqliteConnection,
        delta: Delta,
        now: Instant,
    ) -> Result<()> {
        self.seen.extend(own_ids(&delta).map(str::to_owned));
        if let Delta::Series { master, .. } = &delta {
            self.whole_series.insert(master.event.id.0.clone());
        }
        let ops = plan(&self.known(&delta), delta);
        for op in ops {
            self.carry_out(conn, op, now).await?;
        }
        Ok(())
    }

    async fn carry_out(&mut self, conn: &mut SqliteConnection, op: Op, now: Instant) -> Result<()> {
        match op {
            Op::Store { key: None, snapshot, edit: _ } => self.store_new(conn, &snapshot, now).await,
            Op::Store { key: Some(key), snapshot, edit } => self.store(conn, key, &snapshot, edit, now).await,
            Op::Cancel { key, series, edit } => self.cancel(conn, key, &series, edit).await,
            Op::Remove { key, edit } => self.remove(conn, key, &edit).await,
            Op::Orphan { key, alone } => self.orphan(conn, key, alone, now).await,
            Op::SetAside { id, why, glimpse } => {
                self.applied.set_aside += 1;
                let id = id.as_ref().map(|id| id.0.as_str());
                // It is not readable, so what was noted about it must outlast this page.
                self.seen.retain(|seen| Some(seen.as_str()) != id);
                if let Some(id) = id {
                    event::stamp(conn, self.calendar, &[id], &[], self.round).await?;
                }
                let (calendar, why, glimpse, round) = (self.calendar, &why, &glimpse, self.round);
                set_aside::put(conn, Note { calendar, remote_id: id, why, glimpse, once: false, round }, now)
                    .await
            }
        }
    }

    async fn store_new(
        &mut self,
        conn: &mut SqliteConnection,
        snapshot: &Snapshot,
        now: Instant,
    ) -> Result<()> {
        self.make_room(conn, None, &snapshot.event, now).await?;
        let key = event::insert_remote(conn, self.calendar, snapshot, self.round).await?;
        let master = snapshot.event.series.as_ref().and_then(|it| self.by_id.get(&it.master.0).copied());
        self.applied.stored += 1;
        self.hold_stored(conn, EventRow::stored(key, self.calendar, master, snapshot)).await
    }

    async fn store(
        &mut self,
        conn: &mut SqliteConnection,
        key: i64,
        snapshot: &Snapshot,
        edit: Fate,
        now: Instant,
    ) -> Result<()> {
        self.make_room(conn, Some(key), &snapshot.event, now).await?;
        let remote = &snapshot.event.fields;
        let shown = match &edit {
            Fate::Waits { fields } | Fate::Asks { fields, .. } => fields,
            Fate::None | Fate::Reached | Fate::Overtaken => remote,
        };
        event::store_remote(conn, key, snapshot, shown, self.round).await?;
        self.hold_edit(conn, key, &edit, remote, now).await?;
        self.end_edit(conn, key, &edit).await?;
        self.applied.stored += 1;
        let row = event::get(conn, key).await?;
        self.hold_stored(conn, row).await
    }

    /// What becomes of an edit that still waits, now that the provider has `remote`.
    pub(crate) async fn hold_edit(
        &mut self,
        conn: &mut SqliteConnection,
        key: i64,
        edit: &Fate,
        remote: &Fields,
        now: Instant,
    ) -> Result<()> {
        match edit {
            Fate::Waits { .. } => {
                outbox::set_base(conn, key, Some(remote)).await?;
                conflict::close(conn, key).await
            }
            Fate::Asks { conflict, .. } => {
                outbox::set_base(conn, key, Some(remote)).await?;
                journal::note_clash(conn, key, remote).await?;
                self.applied.asked += 1;
                conflict::put(conn, key, conflict, now).await
            }
            Fate::None | Fate::Reached | Fate::Overtaken => Ok(()),
        }
    }

    /// The provider no longer has what an edit is about: it stays, held, until the person decides.
    pub(crate) async fn orphan(
        &mut self,
        conn: &mut SqliteConnection,
        key: i64,
        alone: bool,
        now: Instant,
    ) -> Result<()> {
        let row = event::get(conn, key).await?;
        let Some(edit) = &row.known.edit else { return Ok(()) };
        if !row.known.is_orphan() {
            let ground = edit.ground().cloned();
            let gone = Conflict { kind: Kind::DeletedThere, fields: Vec::new(), ground };
            conflict::put(conn, key, &gone, now).await?;
            self.applied.asked += 1;
        }
        if alone && row.original.is_some() {
            self.forget(&row);
            self.units.insert(row.unit());
            let rest = anew::unasked(conn, &row).await?;
            event::part(conn, key).await?;
            rest::put(conn, key, rest.as_ref()).await?;
        }
        self.touch(event::get(conn, key).await?);
        Ok(())
    }

    async fn cancel(
        &mut self,
        conn: &mut SqliteConnection,
        key: Option<i64>,
        series: &SeriesRef,
        edit: Fate,
    ) -> Result<()> {
        let key = match key {
            Some(key) => {
                self.end_edit(conn, key, &edit).await?;
                event::cancel(conn, key, self.round).await?;
                key
            }
            None => {
                let fields = cancelled_fields(series);
                event::insert_cancelled(conn, self.calendar, series, &fields, self.round).await?
            }
        };
        self.applied.stored += 1;
        self.touch(event::get(conn, key).await?);
        Ok(())
    }

    pub(crate) async fn remove(&mut self, conn: &mut SqliteConnection, key: i64, edit: &Fate) -> Result<()> {
        self.end_edit(conn, key, edit).await?;
        if let Some(row) = self.rows.remove(&key) {
            self.forget(&row);
            self.units.insert(row.unit());
        }
        booking::lost(conn, key).await?;
        event::remove(conn, &[key]).await?;
        self.applied.removed += 1;
        Ok(())
    }

    fn forget(&mut self, row: &EventRow) {
        if let Some(id) = &row.known.id {
            self.by_id.remove(&id.0);
        }
        if let Some(derived) = &row.known.derived {
            self.by_derived.remove(derived);
        }
        if let Some(exceptions) =
            row.known.series.as_ref().and_then(|it| self.by_series.get_mut(&it.master.0))
        {
            exceptions.remove(&row.known.key);
        }
    }

    /// Closes the edit that waited on an event, when the answer decided it.
    async fn end_edit(&mut self, conn: &mut SqliteConnection, key: i64, edit: &Fate) -> Result<()> {
        let state = match edit {
            Fate::None | Fate::Waits { .. } | Fate::Asks { .. } => return Ok(()),
            Fate::Reached => State::Sent,
            Fate::Overtaken => State::Overtaken,
        };
        outbox::remove(conn, key).await?;
        journal::close(conn, key, i64::MAX, state, "").await
    }

    /// One occurrence has one exception: another row that claims the same place gives way, and with an
    /// edit on it becomes an event of its own about which the person is asked.
    async fn make_room(
        &mut self,
        conn: &mut SqliteConnection,
        key: Option<i64>,
        event: &Event,
        now: Instant,
    ) -> Result<()> {
        let Some(place) = &event.series else { return Ok(()) };
        let in_place = self.by_series.get(&place.master.0).into_iter().flatten().find(|held| {
            Some(**held) != key
                && self.rows.get(held).is_some_and(|row| row.known.series.as_ref() == Some(place))
        });
        match in_place.copied() {
            Some(other) => self.give_way(conn, other, now).await,
            None => Ok(()),
        }
    }

    /// Takes a row away; one with an edit that wants the event to be there stays as an event of its own.
    pub(crate) async fn give_way(
        &mut self,
        conn: &mut SqliteConnection,
        key: i64,
        now: Instant,
    ) -> Result<()> {
        let known = self.rows.get(&key).map(|row| &row.known);
        match known.and_then(|known| known.edit.as_ref()) {
            Some(edit) if !edit.deleted => self.orphan(conn, key, true, now).await,
            Some(_) => self.remove(conn, key, &Fate::Reached).await,
            None => self.remove(conn, key, &Fate::None).await,
        }
    }

    /// Holds a stored row as it now is; a series takes in the exceptions that came before it.
    pub(crate) async fn hold_stored(&mut self, conn: &mut SqliteConnection, row: EventRow) -> Result<()> {
        if let (Some(id), false) = (&row.known.id, row.known.fields.recurrence.is_empty()) {
            let adopted = event::adopt(conn, self.calendar, row.known.key, id).await?;
            for exception in event::load(conn, &adopted).await? {
                self.units.insert(exception.known.key);
                self.hold(exception);
            }
        }
        follow_booking(conn, &row).await?;
        self.touch(row);
        Ok(())
    }

    pub(crate) fn touch(&mut self, row: EventRow) {
        self.units.insert(row.unit());
        self.hold(row);
    }

    /// Notes which events this page has seen.
    async fn finish(&mut self, conn: &mut SqliteConnection) -> Result<()> {
        let seen: Vec<&str> = self.seen.iter().map(String::as_str).collect();
        let whole: Vec<&str> = self.whole_series.iter().map(String::as_str).collect();
        event::stamp(conn, self.calendar, &seen, &whole, self.round).await?;
        for cleared in set_aside::clear(conn, self.calendar, &seen).await? {
            // Its rule may be what could not be read: only working it out anew tells whether it still is so.
            self.units
                .extend(self.by_id.get(&cleared).and_then(|key| self.rows.get(key)).map(EventRow::unit));
        }
        Ok(())
    }

    /// At the end of a full round: what the provider no longer has goes. Absence of data is not
    /// data: nothing goes unless the round was complete and every entry in it could be told apart,
    /// and with a window only what lies inside it.
    async fn sweep(
        &mut self,
        conn: &mut SqliteConnection,
        cursor: &Cursor,
        window: Option<Interval>,
        now: Instant,
    ) -> Result<()> {
        if !cursor.full {
            return Ok(());
        }
        let unseen = event::unseen(conn, self.calendar, self.round).await?;
        let swept = match (cursor.blurred, window) {
            (true, _) => Vec::new(),
            (false, None) => unseen,
            (false, Some(window)) => {
                let (from_s, to_s) = (window.start().timestamp(), window.end().timestamp());
                occurrence::inside(conn, &unseen, from_s, to_s).await?
            }
        };
        if !cursor.blurred {
            set_aside::clear_before(conn, self.calendar, self.round).await?;
        }
        if cursor.blurred || window.is_some() {
            event::stamp_all(conn, self.calendar, self.round).await?;
        }
        let mut members = event::members(conn, &swept).await?;
        // Exceptions first: a series takes those along that are still its own.
        members.sort_by_key(|row| row.master.is_none());
        for row in members {
            let key = row.known.key;
            self.hold(row);
            self.give_way(conn, key, now).await?;
        }
        Ok(())
    }

    /// Of each series that waits to be deleted or cut here and of which something came in.
    async fn ask_about_deletes(&mut self, conn: &mut SqliteConnection, now: Instant) -> Result<()> {
        for key in &self.units {
            // One that is not held was only named by an occurrence.
            if self.rows.get(key).is_none_or(deleting::takes_along) && deleting::ask(conn, *key, now).await? {
                self.applied.asked += 1;
            }
        }
        Ok(())
    }

    /// Brings the time index up to what was taken in.
    pub(crate) async fn index(mut self, conn: &mut SqliteConnection, now: Instant) -> Result<Applied> {
        self.ask_about_deletes(conn, now).await?;
        self.applied.truncated = expand::refresh(conn, &self.units, now).await?.len();
        self.applied.changed = self.applied.stored + self.applied.removed + self.applied.asked > 0;
        if self.applied.changed {
            state::bump(conn).await?;
        }
        Ok(self.applied)
    }
}

/// A booking takes place when and as long as the event that was made from it.
async fn follow_booking(conn: &mut SqliteConnection, row: &EventRow) -> Result<()> {
    let (Some(id), Span::Timed { start, end, .. }) =
        (row.known.fields.marks.get(marks::BOOKING), &row.known.fields.span)
    else {
        return Ok(());
    };
    booking::found(conn, id, row.known.key).await?;
    match (*end - *start).num_minutes() {
        // A visit without length is none that somebody meant.
        0 => Ok(()),
        length_min => booking::follow(conn, row.known.key, *start, length_min).await,
    }
}

/// The events that a delta is about, and the series that they belong to.
fn ids_of(delta: &Delta) -> impl Iterator<Item = &str> {
    let series = match delta {
        Delta::Upsert(snapshot) => snapshot.event.series.as_ref(),
        Delta::Series { .. } | Delta::Removed(_) | Delta::Malformed { .. } => None,
    };
    own_ids(delta).chain(series.map(|series| series.master.0.as_str()))
}

/// The events that a delta is about.
fn own_ids(delta: &Delta) -> impl Iterator<Item = &str> {
    let (id, exceptions) = match delta {
        Delta::Upsert(snapshot) => (Some(&snapshot.event.id), [].as_slice()),
        Delta::Series { master, exceptions, .. } => (Some(&master.event.id), exceptions.as_slice()),
        Delta::Removed(id) => (Some(id), [].as_slice()),
        Delta::Malformed { id, .. } => (id.as_ref(), [].as_slice()),
    };
    id.into_iter().chain(exceptions.iter().map(|it| &it.event.id)).map(|id| id.0.as_str())
}

/// A cancelled occurrence keeps nothing but its place.
fn cancelled_fields(series: &SeriesRef) -> Fields {
    let span = match series.original {
        Original::At(at) => Span::Timed { start: at, end: at, zone: chrono_tz::Tz::UTC },
        Original::On(date) => Span::AllDay { start: date, end: next_day(date) },
        Original::Floating(wall) => Span::Floating { start: wall, end: wall },
    };
    Fields::new("", span)
}
