//! Takes in how a write to a provider ended.

use chrono::TimeDelta;
use daymark_core::event::{Field, Fields};
use daymark_core::journal::State;
use daymark_core::merge::{Delta, Fate, Snapshot, rebase, three_way};
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::apply::Page;
use crate::due::{Action, Job};
use crate::error::Result;
use crate::table::event::{self, EventRow};
use crate::table::{cursor, journal, outbox, state};
use crate::{refusal, revive, series};

/// How a write ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The event as the provider has it now.
    Stored(Box<Snapshot>),
    Deleted,
    /// The event is no longer there.
    Gone,
    /// It changed since it was read, to this if it was read again.
    Changed(Option<Box<Snapshot>>),
    /// Sending it again would give the same answer.
    Refused {
        reason: String,
    },
    /// To be tried again.
    Later {
        not_before: Instant,
        /// The write is known not to have taken effect.
        untouched: bool,
    },
}

impl Mirror {
    pub async fn settle(&self, job: &Job, outcome: Outcome, now: Instant) -> Result<()> {
        let mut tx = self.pool.write().await?;
        let round = cursor::get(&mut tx, job.calendar).await?.round;
        let mut end = End { conn: &mut tx, job, now, page: Page::empty(job.calendar, round), round };
        end.load().await?;
        let row = event::load(end.conn, &[job.event]).await?.pop();
        match outcome {
            Outcome::Stored(snapshot) => end.stored(row, snapshot).await?,
            Outcome::Deleted => end.deleted(row).await?,
            Outcome::Gone if matches!(job.action, Action::Recall { .. }) => end.never_there(row).await?,
            Outcome::Gone if matches!(job.action, Action::Delete { .. } | Action::Check { .. }) => {
                end.deleted(row).await?
            }
            Outcome::Gone => end.gone(row).await?,
            Outcome::Changed(Some(snapshot)) if end.is_stubborn(row.as_ref(), &snapshot) => {
                end.refused(row, UNCHANGED).await?;
            }
            Outcome::Changed(Some(snapshot)) => end.rebase(row, snapshot).await?,
            Outcome::Changed(None) => end.wait_for_pull().await?,
            Outcome::Refused { reason } => end.refused(row, &reason).await?,
            Outcome::Later { not_before, untouched } => {
                if untouched {
                    end.not_taken().await?;
                }
                outbox::later(end.conn, job.event, not_before, now).await?;
            }
        }
        end.page.index(&mut tx, now).await?;
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}

/// How long a pull is given to bring what a refused precondition was about.
const REREAD: TimeDelta = TimeDelta::seconds(30);
/// Preconditions that are refused again and again are not asked for without a pause.
const LONGEST_PAUSE_S: i64 = 300;

/// So often a provider may say that an event changed, and show it as it was; then it means no.
const UNCHANGED_MAX: i64 = 8;
const UNCHANGED: &str = "it says again and again that the event changed, and shows no change";

struct End<'a> {
    conn: &'a mut SqliteConnection,
    job: &'a Job,
    now: Instant,
    page: Page,
    round: i64,
}

impl End<'_> {
    /// Holds the job's row and its exceptions, for what the answer does to them.
    async fn load(&mut self) -> Result<()> {
        for row in event::members(self.conn, &[self.job.event]).await? {
            self.page.hold(row);
        }
        Ok(())
    }

    async fn stored(&mut self, row: Option<EventRow>, mut snapshot: Box<Snapshot>) -> Result<()> {
        // A write answers for what it carried, even where the answer cannot show it.
        if snapshot.event.fields.marks.is_empty() {
            snapshot.event.fields.marks.clone_from(&self.job.fields.marks);
        }
        let Some(row) = row.filter(|row| row.version.is_some()) else {
            // A pull has settled the edit meanwhile, one way or the other.
            return self.page.take(self.conn, Delta::Upsert(snapshot), self.now).await;
        };
        let row = self.merge_twin(row, &snapshot).await?;
        let remote = &snapshot.event.fields;
        let fate = self.fate(&row, remote);
        let key = row.known.key;
        let (shown, waits) = match &fate {
            Fate::Waits { fields } | Fate::Asks { fields, .. } => (&**fields, true),
            Fate::None | Fate::Reached | Fate::Overtaken => (remote, false),
        };
        event::store_remote(self.conn, key, &snapshot, shown, self.round).await?;
        // An insert sent only to learn what to delete carried the edits before the delete.
        let carried =
            if row.version == Some(self.job.version) { self.job.version - 1 } else { self.job.version };
        let up_to = if waits { carried } else { i64::MAX };
        if let Some(written) = written(&self.job.action) {
            journal::amend(self.conn, key, up_to, written, remote).await?;
        }
        journal::close(self.conn, key, up_to, State::Sent, "").await?;
        if waits {
            outbox::ended(self.conn, key, Some(remote)).await?;
            self.page.hold_edit(self.conn, key, &fate, remote, self.now).await?;
        } else {
            outbox::remove(self.conn, key).await?;
        }
        let row = event::get(self.conn, key).await?;
        if plans_anew(&self.job.action) && row.is_series() {
            for touched in series::restate(self.conn, &row, self.job.base.as_ref(), self.now).await? {
                self.page.touch(touched);
            }
        }
        self.page.hold_stored(self.conn, row).await
    }

    /// What becomes of the edit, now that the write is answered.
    fn fate(&self, row: &EventRow, remote: &Fields) -> Fate {
        let shown = &row.known.fields;
        let Some(edit) = &row.known.edit else { return Fate::None };
        match &self.job.action {
            // A repeated insert answers with what the first one made, and with what became of that.
            Action::Insert { .. } | Action::Recall { .. } | Action::Check { .. } => {
                rebase(edit, shown, remote)
            }
            Action::Patch { .. } | Action::Delete { .. } if edit.deleted => {
                Fate::Waits { fields: Box::new(shown.clone()) }
            }
            // It answers for this very write, which met what was read: what it made of a value is taken
            // over, and nothing in it is anybody's change.
            Action::Patch { .. } | Action::Delete { .. } => {
                let fields = three_way(Some(&self.job.fields), &[], shown, remote).fields;
                if fields == *remote { Fate::Reached } else { Fate::Waits { fields: Box::new(fields) } }
            }
        }
    }

    /// A pull may have brought the event that this insert made before the insert's answer came:
    /// the two rows are one.
    async fn merge_twin(&mut self, row: EventRow, snapshot: &Snapshot) -> Result<EventRow> {
        let key = row.known.key;
        let twin = event::by_remote_id(self.conn, row.calendar, &snapshot.event.id).await?;
        let Some(twin) = twin.filter(|twin| *twin != key) else { return Ok(row) };
        let twin = event::get(self.conn, twin).await?;
        let edited = twin.known.edit.as_ref().filter(|edit| !edit.deleted);
        if let Some(edit) = edited {
            // What was changed on the twin was meant for the event.
            let base = edit.base.as_ref();
            let merged = three_way(base, &[], &twin.known.fields, &row.known.fields);
            event::set_fields(self.conn, &row, &merged.fields).await?;
            let version = state::next_edit(self.conn).await?;
            let entry =
                outbox::Entry { event: key, version, deleted: false, base: None, not_before: self.now };
            outbox::put(self.conn, entry, self.now).await?;
            journal::hand_over(self.conn, twin.known.key, key).await?;
        }
        event::hand_over_exceptions(self.conn, twin.known.key, key).await?;
        let fate = if twin.known.edit.is_some() && edited.is_none() { Fate::Overtaken } else { Fate::None };
        self.page.hold(twin.clone());
        self.page.remove(self.conn, twin.known.key, &fate).await?;
        event::get(self.conn, key).await
    }

    async fn deleted(&mut self, row: Option<EventRow>) -> Result<()> {
        let Some(row) = row else { return Ok(()) };
        let wanted = row.known.edit.as_ref().is_none_or(|edit| edit.deleted);
        match (wanted, row.master) {
            (true, Some(_)) => {
                self.close(&row).await?;
                event::cancel(self.conn, row.known.key, self.round).await?;
                let row = event::get(self.conn, row.known.key).await?;
                self.page.touch(row);
                Ok(())
            }
            (true, None) => self.remove(&row, &Fate::Reached).await,
            (false, master) => self.bring_back(&row, master.is_some()).await,
        }
    }

    /// Nothing came of an insert that is no longer wanted, so there is nothing to delete.
    async fn never_there(&mut self, row: Option<EventRow>) -> Result<()> {
        if let Some(row) = row.as_ref().filter(|row| row.known.edit.as_ref().is_some_and(|edit| edit.deleted))
        {
            let before = row.version.unwrap_or_default() - 1;
            journal::close(self.conn, row.known.key, before, State::Undone, "").await?;
        }
        self.deleted(row).await
    }

    /// The delete was taken back while it was under way: what is wanted again is inserted anew.
    async fn bring_back(&mut self, row: &EventRow, occurrence: bool) -> Result<()> {
        let derived_id = row.known.derived.as_deref();
        let touched = if occurrence {
            revive::part_from_series(self.conn, row, derived_id, self.now).await?
        } else {
            revive::insert_again(self.conn, row, derived_id, self.now).await?
        };
        touched.into_iter().for_each(|row| self.page.touch(row));
        Ok(())
    }

    async fn close(&mut self, row: &EventRow) -> Result<()> {
        outbox::remove(self.conn, row.known.key).await?;
        journal::close(self.conn, row.known.key, i64::MAX, State::Sent, "").await
    }

    /// Takes a row away with its exceptions, as the person wanted.
    async fn remove(&mut self, row: &EventRow, fate: &Fate) -> Result<()> {
        for exception in event::exceptions(self.conn, row.known.key).await? {
            let edit = if exception.known.edit.is_some() { Fate::Overtaken } else { Fate::None };
            self.page.remove(self.conn, exception.known.key, &edit).await?;
        }
        self.page.remove(self.conn, row.known.key, fate).await
    }

    /// Somebody deleted what the write was for.
    async fn gone(&mut self, row: Option<EventRow>) -> Result<()> {
        match row {
            None => Ok(()),
            Some(row) if row.known.edit.as_ref().is_some_and(|edit| edit.deleted) => {
                self.deleted(Some(row)).await
            }
            Some(row) if row.known.waits_alive() => {
                outbox::not_taken(self.conn, row.known.key).await?;
                self.page.orphan(self.conn, row.known.key, false, self.now).await
            }
            Some(row) => {
                let fate = if row.known.edit.is_some() { Fate::Overtaken } else { Fate::None };
                self.remove(&row, &fate).await
            }
        }
    }

    async fn rebase(&mut self, row: Option<EventRow>, snapshot: Box<Snapshot>) -> Result<()> {
        if row.is_none() {
            return Ok(());
        }
        // The plan must still know what was sent: what came back may be our own lost write.
        self.page.take(self.conn, Delta::Upsert(snapshot), self.now).await?;
        outbox::not_taken(self.conn, self.job.event).await?;
        let tries = u32::try_from(self.job.attempts).unwrap_or(u32::MAX);
        let pause_s = 2_i64.saturating_pow(tries).saturating_sub(1).min(LONGEST_PAUSE_S);
        outbox::later(self.conn, self.job.event, self.now + TimeDelta::seconds(pause_s), self.now).await
    }

    /// The provider does not take the write, although nothing has changed there.
    fn is_stubborn(&self, row: Option<&EventRow>, snapshot: &Snapshot) -> bool {
        let same = |row: &EventRow| row.known.id.is_some() && row.known.etag == snapshot.event.etag;
        self.job.attempts >= UNCHANGED_MAX && row.is_some_and(same)
    }

    async fn wait_for_pull(&mut self) -> Result<()> {
        self.not_taken().await?;
        outbox::later(self.conn, self.job.event, self.now + REREAD, self.now).await
    }

    async fn refused(&mut self, row: Option<EventRow>, reason: &str) -> Result<()> {
        self.not_taken().await?;
        // A newer edit waits, which may be acceptable.
        let Some(row) = row.filter(|row| row.version == Some(self.job.version)) else { return Ok(()) };
        outbox::refuse(self.conn, self.job.event, reason).await?;
        if !journal::has_open(self.conn, self.job.event, self.job.version).await? {
            refusal::note(self.conn, &row, self.now).await?;
        }
        journal::close(self.conn, self.job.event, i64::MAX, State::Refused, reason).await
    }

    /// Forgets that the write was begun, unless an earlier try of it may have taken effect.
    async fn not_taken(&mut self) -> Result<()> {
        if self.job.started_before {
            return Ok(());
        }
        outbox::not_taken(self.conn, self.job.event).await?;
        // An edit taken back while it was under way leaves nothing to send.
        match event::load(self.conn, &[self.job.event]).await?.pop() {
            Some(row) if row.is_hidden() && row.is_only_here() && row.master.is_none() => {
                self.never_there(Some(row)).await
            }
            Some(row) if !row.is_as_at_provider() => Ok(()),
            Some(row) if event::is_missing(self.conn, row.known.key).await? => {
                self.remove(&row, &Fate::Overtaken).await
            }
            Some(row) => self.close(&row).await,
            None => Ok(()),
        }
    }
}

/// The fields that a write carried.
fn written(action: &Action) -> Option<&[Field]> {
    match action {
        Action::Insert { .. } | Action::Recall { .. } => Some(&Field::ALL),
        Action::Patch { changed, .. } => Some(changed),
        Action::Delete { .. } | Action::Check { .. } => None,
    }
}

/// A series has another rule, or stands at another time.
fn plans_anew(action: &Action) -> bool {
    written(action).is_some_and(|fields| fields.contains(&Field::Span) || fields.contains(&Field::Recurrence))
        && matches!(action, Action::Patch { .. })
}
