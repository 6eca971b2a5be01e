//! Keeps the time index true: works out anew what a touched event or series puts on which day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::glimpse::Glimpse;
use daymark_core::recurrence::{self, BUDGET, Exception, RecurrenceError, Series};
use daymark_core::time::{Instant, Interval};
use sqlx::SqliteConnection;

use crate::error::{MirrorError, Result};
use crate::table::event::{self, EventRow};
use crate::table::occurrence::{self, Occurrence};
use crate::table::set_aside::Note;
use crate::table::{cursor, set_aside, state};

const PAST_DAYS: i64 = 90;
const FUTURE_DAYS: i64 = 400;
/// The horizon is moved when it has fallen this far behind, not with every clock tick.
const SLACK_DAYS: i64 = 1;
/// Who looks further than the horizon is likely to look a little further still.
const REACH_DAYS: i64 = 60;
/// Beyond this, series are not shown: nobody plans there, and every series would be expanded for it.
const FURTHEST_DAYS: i64 = 10 * 366;

/// The stretch that should be expanded at `now`; `None` only at the ends of time.
fn horizon_at(now: Instant) -> Option<Interval> {
    Interval::new(
        now.checked_sub_signed(TimeDelta::days(PAST_DAYS))?,
        now.checked_add_signed(TimeDelta::days(FUTURE_DAYS))?,
    )
}

/// The stretch that is expanded; made when there is none yet.
async fn horizon(conn: &mut SqliteConnection, now: Instant) -> Result<Interval> {
    if let Some(horizon) = state::horizon(conn).await? {
        return Ok(horizon);
    }
    let horizon = horizon_at(now).ok_or(MirrorError::NoClock)?;
    state::set_horizon(conn, horizon).await?;
    Ok(horizon)
}

/// Moves the horizon with time. True when every series was expanded anew.
pub(crate) async fn roll(conn: &mut SqliteConnection, now: Instant) -> Result<bool> {
    let wanted = horizon_at(now).ok_or(MirrorError::NoClock)?;
    let slack = TimeDelta::days(SLACK_DAYS);
    let current = state::horizon(conn).await?;
    if current.is_some_and(|it| it.start() <= wanted.start() + slack && it.end() >= wanted.end() - slack) {
        return Ok(false);
    }
    state::set_horizon(conn, wanted).await?;
    let series: BTreeSet<i64> = event::repeating(conn).await?.into_iter().collect();
    refresh(conn, &series, now).await?;
    Ok(true)
}

/// Works out `units` anew. Returns those that ran into their budget.
pub(crate) async fn refresh(
    conn: &mut SqliteConnection,
    units: &BTreeSet<i64>,
    now: Instant,
) -> Result<Vec<i64>> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let horizon = horizon(conn, now).await?;
    let rows = event::members(conn, &listed(units)).await?;
    let listing = list(conn, units, &rows, horizon).await?;
    for (row, why) in &listing.unreadable {
        let id = row.known.id.as_ref().map(|id| id.0.as_str());
        let (calendar, glimpse) = (row.calendar, &Glimpse::of(&row.known.fields));
        let round = cursor::get(conn, calendar).await?.round;
        set_aside::put(conn, Note { calendar, remote_id: id, why, glimpse, once: true, round }, now).await?;
    }
    Ok(listing.truncated)
}

/// Expands every series as far as somebody looks, when that is further than usual. The next time that the
/// horizon rolls, it is the usual one again.
pub(crate) async fn reach(conn: &mut SqliteConnection, looked_at: Interval) -> Result<()> {
    let Some(current) = state::horizon(conn).await? else { return Ok(()) };
    if current.contains(&looked_at) {
        return Ok(());
    }
    let ahead = TimeDelta::days(REACH_DAYS);
    let start = current.start().min(looked_at.start() - ahead);
    let end = current.end().max(looked_at.end() + ahead);
    let Some(wider) = Interval::new(start, end) else { return Ok(()) };
    state::set_horizon(conn, wider).await?;
    let series: BTreeSet<i64> = event::repeating(conn).await?.into_iter().collect();
    let rows = event::members(conn, &listed(&series)).await?;
    list(conn, &series, &rows, wider).await?;
    Ok(())
}

/// Whether everything in it is expanded, or it lies beyond what will be.
pub(crate) async fn is_reached(conn: &mut SqliteConnection, looked_at: Interval) -> Result<bool> {
    let Some(current) = state::horizon(conn).await? else { return Ok(true) };
    let furthest = TimeDelta::days(FURTHEST_DAYS);
    let beyond = looked_at.start() < current.start() - furthest || looked_at.end() > current.end() + furthest;
    Ok(beyond || current.contains(&looked_at))
}

fn listed(units: &BTreeSet<i64>) -> Vec<i64> {
    units.iter().copied().collect()
}

async fn list<'a>(
    conn: &mut SqliteConnection,
    units: &BTreeSet<i64>,
    rows: &'a [EventRow],
    horizon: Interval,
) -> Result<Listing<'a>> {
    // Whole days and floating times have no zone yet: they are expanded as if in UTC, a day wider.
    let day = TimeDelta::days(1);
    let window = Interval::new(horizon.start() - day, horizon.end() + day).unwrap_or(horizon);
    let mut exceptions: BTreeMap<i64, Vec<&EventRow>> = BTreeMap::new();
    for row in rows {
        if let Some(master) = row.master {
            exceptions.entry(master).or_default().push(row);
        }
    }
    let mut listing = Listing { window, listed: Vec::new(), truncated: Vec::new(), unreadable: Vec::new() };
    for row in rows.iter().filter(|row| row.master.is_none() && !row.is_hidden()) {
        let own = exceptions.get(&row.known.key).map_or(&[] as &[&EventRow], Vec::as_slice);
        listing.add(row, own);
    }
    let units = listed(units);
    occurrence::replace(conn, &units, &listing.listed).await?;
    event::set_truncated(conn, &units, &listing.truncated).await?;
    Ok(listing)
}

/// A series within a window.
pub(crate) struct Shown<'a> {
    /// Each with the row that it shows: the series', or an exception's.
    pub occurrences: Vec<(recurrence::Occurrence, &'a EventRow)>,
    /// From here on some may be missing.
    pub truncated: Option<Instant>,
}

/// What a series has within `window`, for an owner who lives in `zone`.
pub(crate) fn shown<'a>(
    row: &'a EventRow,
    exceptions: &[&'a EventRow],
    window: Interval,
    zone: Tz,
) -> std::result::Result<Shown<'a>, RecurrenceError> {
    let fields = &row.known.fields;
    let series = Series { first: &fields.span, lines: &fields.recurrence, nominal: None };
    let (rows, exceptions): (Vec<&EventRow>, Vec<Exception<'_>>) = exceptions
        .iter()
        .filter_map(|it| {
            let original = it.original?;
            let cancelled = it.is_hidden();
            Some((*it, Exception { original, span: &it.known.fields.span, cancelled }))
        })
        .unzip();
    let expansion = recurrence::expand(&series, &exceptions, window, zone, BUDGET)?;
    let showing = |it: &recurrence::Occurrence| it.exception.and_then(|which| rows.get(which).copied());
    let occurrences = expansion.occurrences.into_iter().map(|it| {
        let shows = showing(&it).unwrap_or(row);
        (it, shows)
    });
    Ok(Shown { occurrences: occurrences.collect(), truncated: expansion.truncated })
}

struct Listing<'a> {
    window: Interval,
    listed: Vec<Occurrence>,
    truncated: Vec<i64>,
    unreadable: Vec<(&'a EventRow, String)>,
}

impl<'a> Listing<'a> {
    fn add(&mut self, row: &'a EventRow, exceptions: &[&EventRow]) {
        if row.known.fields.recurrence.is_empty() {
            self.alone(row);
            self.changed(row, exceptions);
        } else {
            self.series(row, exceptions);
        }
    }

    fn alone(&mut self, row: &EventRow) {
        let key = row.known.key;
        self.listed.push(Occurrence::new(key, String::new(), key, &row.known.fields.span));
    }

    /// Exceptions stand where they say, whatever became of their rule.
    fn changed(&mut self, row: &EventRow, exceptions: &[&EventRow]) {
        for exception in exceptions.iter().filter(|it| !it.is_hidden()) {
            let original = exception.original.map(|original| original.to_string()).unwrap_or_default();
            let span = &exception.known.fields.span;
            self.listed.push(Occurrence::new(row.known.key, original, exception.known.key, span));
        }
    }

    fn series(&mut self, row: &'a EventRow, exceptions: &[&EventRow]) {
        match shown(row, exceptions, self.window, Tz::UTC) {
            Ok(shown) => {
                self.truncated.extend(shown.truncated.map(|_| row.known.key));
                self.listed.extend(shown.occurrences.iter().map(|(it, shows)| {
                    Occurrence::new(row.known.key, it.original.to_string(), shows.known.key, &it.span)
                }));
            }
            // A rule that cannot be followed must not hide the event: it stands at its first time.
            Err(why) => {
                self.unreadable.push((row, why.to_string()));
                self.alone(row);
                self.changed(row, exceptions);
            }
        }
    }
}
