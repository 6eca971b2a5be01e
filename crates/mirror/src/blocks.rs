//! Keeps the copies of busy times: plans, stops before too much would be deleted, and stages the rest
//! through the same desk as every other edit.

use std::collections::{BTreeMap, BTreeSet};

use daymark_core::blocks::{Link, Mark, Marker, Op, Source, Tag, brake, genuine, plan};
use daymark_core::event::Fields;
use daymark_core::journal::Cause;
use daymark_core::time::{Instant, Span};
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::error::{MirrorError, Result};
use crate::stage::Desk;
use crate::table::calendar::CalendarId;
use crate::table::held_run::{self, Held};
use crate::table::run::{self, RunId};
use crate::table::{block, calendar, event, state};
use crate::view::blocks::{BlockRules, Known};

/// Operations carried out in one turn; the next turn finds the rest.
const MOST: usize = 2_000;

/// What a turn came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Blocked {
    /// So many writes were staged.
    Staged(usize),
    /// The brake stopped its deletes; of the rest so many writes were staged.
    Held(usize),
}

/// An event that a previewed run would delete.
#[derive(Clone, Debug, PartialEq)]
pub struct Doomed {
    pub event: i64,
    pub calendar: CalendarId,
    pub title: String,
    pub span: Span,
}

/// Deletes of a run that wait for the person.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldRun {
    pub id: i64,
    pub at: Instant,
    pub deletes: Vec<Doomed>,
    /// Names exactly these deletes; who releases the run says it.
    pub token: String,
}

/// What a cleaner would take away.
#[derive(Clone, Debug, PartialEq)]
pub struct Cleaning {
    pub deletes: Vec<Doomed>,
    /// Events with a marker that are not as Daymark wrote them: they stay.
    pub left: usize,
    /// Calendars of which it is not known what stands on them.
    pub unread: Vec<CalendarId>,
    pub token: String,
}

impl Mirror {
    /// Brings the copies to where they should stand. Cheap when they do.
    pub async fn block_others(&self, rules: &BlockRules, now: Instant) -> Result<Blocked> {
        self.reach(rules.window).await?;
        if self.blocks_stand(rules).await? {
            return Ok(Blocked::Staged(0));
        }
        let mut tx = self.pool.write().await?;
        let known = Known::load(&mut tx, rules).await?;
        let plan = plan(&known.query(rules));
        calendar::set_ignored(&mut tx, &plan.ignored).await?;
        let stops = brake::stops(&deletes_by_calendar(&plan.ops), &known.events);
        let blocked = if stops {
            // What would go waits for the person. What blocks a time must not: it could be booked meanwhile.
            held_run::put(&mut tx, &deletes(&plan.ops), now).await?;
            let rest = plan.ops.into_iter().filter(|op| !is_delete(op)).collect();
            Blocked::Held(carry_out(&mut tx, rest, now).await?)
        } else {
            held_run::clear(&mut tx).await?;
            Blocked::Staged(carry_out(&mut tx, plan.ops, now).await?)
        };
        state::bump(&mut tx).await?;
        tx.commit().await?;
        Ok(blocked)
    }

    /// Nothing is to be done, and what is shown about it is right.
    async fn blocks_stand(&self, rules: &BlockRules) -> Result<bool> {
        let mut tx = self.pool.snapshot().await?;
        let known = Known::load(&mut tx, rules).await?;
        let plan = plan(&known.query(rules));
        if known.ignored != plan.ignored {
            return Ok(false);
        }
        match held_run::get(&mut tx).await? {
            None => Ok(plan.ops.is_empty()),
            // Still the same question.
            Some(held) => Ok(held.deletes == deletes(&plan.ops) && plan.ops.iter().all(is_delete)),
        }
    }

    /// The run that waits for the person.
    pub async fn held_run(&self) -> Result<Option<HeldRun>> {
        let mut tx = self.pool.snapshot().await?;
        match held_run::get(&mut tx).await? {
            None => Ok(None),
            Some(held) => Ok(Some(view(&mut tx, held).await?)),
        }
    }

    /// Carries the held run out, if it is still the one that was looked at.
    pub async fn release_run(&self, id: i64, token: &str, rules: &BlockRules, now: Instant) -> Result<usize> {
        let mut tx = self.pool.write().await?;
        let held = held_run::get(&mut tx).await?.filter(|held| held.id == id);
        if held.is_none() {
            return Err(MirrorError::NotFound("held run"));
        }
        let known = Known::load(&mut tx, rules).await?;
        let ops = plan(&known.query(rules)).ops;
        if token_of(&deletes(&ops)) != token {
            held_run::put(&mut tx, &deletes(&ops), now).await?;
            tx.commit().await?;
            return Err(MirrorError::ChangedSince);
        }
        held_run::clear(&mut tx).await?;
        let staged = carry_out(&mut tx, ops, now).await?;
        state::bump(&mut tx).await?;
        tx.commit().await?;
        Ok(staged)
    }

    /// Leaves what the held run would delete as it is, until its sources change their times.
    pub async fn drop_run(&self, id: i64, rules: &BlockRules) -> Result<()> {
        let mut tx = self.pool.write().await?;
        let held = held_run::get(&mut tx).await?.filter(|held| held.id == id);
        let held = held.ok_or(MirrorError::NotFound("held run"))?;
        let known = Known::load(&mut tx, rules).await?;
        for copy in known.occurrences.iter().filter(|it| held.deletes.binary_search(&it.event).is_ok()) {
            if let Mark::Copy(marker) = copy.mark {
                keep(&mut tx, copy.calendar, copy.event, &marker).await?;
            }
        }
        held_run::clear(&mut tx).await?;
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// What a cleaner would take away from `only` these calendars, or from all: every copy that its
    /// marker shows to be ours, whatever this database remembers.
    pub async fn copies(&self, only: Option<&[CalendarId]>, rules: &BlockRules) -> Result<Cleaning> {
        cleaning(&mut *self.pool.snapshot().await?, only, rules).await
    }

    /// Takes away what was previewed, and copies nothing more to those calendars.
    pub async fn remove_copies(
        &self,
        only: Option<&[CalendarId]>,
        token: &str,
        rules: &BlockRules,
        now: Instant,
    ) -> Result<usize> {
        let mut tx = self.pool.write().await?;
        let cleaning = cleaning(&mut tx, only, rules).await?;
        if cleaning.token != token {
            return Err(MirrorError::ChangedSince);
        }
        let run = run::begin(&mut tx, Cause::Removal, now).await?;
        for doomed in &cleaning.deletes {
            let row = event::get(&mut tx, doomed.event).await?;
            Desk::within(&mut tx, Cause::Removal, run, now).await?.delete(&row).await?;
            block::forget_event(&mut tx, doomed.event).await?;
        }
        let all = calendar::list(&mut tx).await?;
        let meant = |id: &CalendarId| only.is_none_or(|only| only.contains(id));
        let ids: Vec<i64> = all.iter().map(|it| it.id).filter(meant).map(|id| id.0).collect();
        calendar::stop_receiving(&mut tx, &ids).await?;
        held_run::clear(&mut tx).await?;
        state::bump(&mut tx).await?;
        tx.commit().await?;
        Ok(cleaning.deletes.len())
    }
}

fn deletes(ops: &[Op]) -> Vec<i64> {
    let copies = ops.iter().filter_map(|op| match op {
        Op::Delete { copy, .. } => Some(*copy),
        _ => None,
    });
    copies.collect::<BTreeSet<i64>>().into_iter().collect()
}

fn is_delete(op: &Op) -> bool {
    matches!(op, Op::Delete { .. })
}

fn deletes_by_calendar(ops: &[Op]) -> BTreeMap<i64, usize> {
    let mut counts = BTreeMap::new();
    for op in ops {
        if let Op::Delete { target, .. } = op {
            *counts.entry(*target).or_default() += 1;
        }
    }
    counts
}

fn token_of(events: &[i64]) -> String {
    let events: Vec<String> = events.iter().map(ToString::to_string).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    Tag::of("deletes", &events).to_string()
}

async fn view(conn: &mut SqliteConnection, held: Held) -> Result<HeldRun> {
    let Held { id, at, deletes } = held;
    let token = token_of(&deletes);
    Ok(HeldRun { id, at, deletes: doomed(conn, &deletes).await?, token })
}

pub(crate) async fn doomed(conn: &mut SqliteConnection, events: &[i64]) -> Result<Vec<Doomed>> {
    let rows = event::load(conn, events).await?;
    let doomed = rows.into_iter().map(|row| {
        let Fields { title, span, .. } = row.known.fields;
        Doomed { event: row.known.key, calendar: row.calendar, title, span }
    });
    Ok(doomed.collect())
}

async fn cleaning(
    conn: &mut SqliteConnection,
    only: Option<&[CalendarId]>,
    rules: &BlockRules,
) -> Result<Cleaning> {
    let known = Known::load_copies(conn, rules.home).await?;
    let meant = |calendar: i64| only.is_none_or(|only| only.contains(&CalendarId(calendar)));
    let taken = |calendar: i64| meant(calendar) && known.writable.contains(&calendar);
    let query = known.query(rules);
    let mut events: Vec<i64> =
        genuine(&query).iter().filter(|it| taken(it.calendar)).map(|it| it.event).collect();
    events.sort_unstable();
    let marked = known.occurrences.iter().filter(|it| meant(it.calendar)).count();
    Ok(Cleaning {
        left: marked.saturating_sub(events.len()),
        unread: known.unread.iter().filter(|it| meant(**it)).map(|it| CalendarId(*it)).collect(),
        token: token_of(&events),
        deletes: doomed(conn, &events).await?,
    })
}

/// Carries a plan out. Everything that it writes is one run of the journal.
async fn carry_out(conn: &mut SqliteConnection, ops: Vec<Op>, now: Instant) -> Result<usize> {
    let ops: Vec<Op> = ops.into_iter().take(MOST).collect();
    let writes = ops.iter().filter(|op| op.writes()).count();
    let mut run = None;
    for op in ops {
        if op.writes() && run.is_none() {
            run = Some(run::begin(conn, Cause::Block, now).await?);
        }
        step(conn, op, run, now).await?;
    }
    Ok(writes)
}

async fn step(conn: &mut SqliteConnection, op: Op, run: Option<RunId>, now: Instant) -> Result<()> {
    match (op, run) {
        (Op::Create { link, derived_id, fields }, Some(run)) => {
            let mut desk = Desk::within(conn, Cause::Block, run, now).await?;
            let staged = desk.create(CalendarId(link.target), &fields, None, &derived_id).await?;
            block::put(conn, &Link { event: staged.event.event, ..link }).await
        }
        (Op::Update { link, fields, changed }, Some(run)) => {
            let row = event::get(conn, link.event).await?;
            Desk::within(conn, Cause::Block, run, now).await?.change(&row, &fields, &changed).await?;
            block::put(conn, &link).await
        }
        (Op::Delete { copy, .. }, Some(run)) => {
            let row = event::get(conn, copy).await?;
            Desk::within(conn, Cause::Block, run, now).await?.delete(&row).await?;
            block::forget_event(conn, copy).await
        }
        (Op::Adopt(link), _) => block::put(conn, &link).await,
        (Op::Forget { target, source }, _) => block::forget(conn, target, &source).await,
        (Op::Create { .. } | Op::Update { .. } | Op::Delete { .. }, None) => Ok(()),
    }
}

/// Our rows of what a marker names by hashes: calendar and event, and 0 for what is not here.
async fn source_rows(conn: &mut SqliteConnection, source: &Source) -> Result<(i64, i64)> {
    let calendars = Known::calendars(conn).await?.calendars;
    let Some(calendar) = calendars.iter().find(|it| it.tag == source.calendar) else { return Ok((0, 0)) };
    let units = event::units(conn, CalendarId(calendar.key)).await?;
    let named = units.iter().find(|(_, remote_id)| Tag::of_event(remote_id) == source.event);
    Ok((calendar.key, named.map_or(0, |(event, _)| *event)))
}

/// From now on the copy stands as its reader wants it.
pub(crate) async fn keep(
    conn: &mut SqliteConnection,
    target: i64,
    event: i64,
    marker: &Marker,
) -> Result<()> {
    if block::keep(conn, event).await? {
        return Ok(());
    }
    let link = Link {
        target,
        source: marker.source,
        event,
        from: source_rows(conn, &marker.source).await?,
        times: marker.times,
        asked: marker.times,
        words: Tag::of("words", &[]),
        again: 0,
        kept: true,
    };
    block::put(conn, &link).await
}
