//! Busy time: what takes the owner's time, and of which calendars that is not known.

use chrono_tz::Tz;
use daymark_core::event::{Fields, Original, marks, takes_time};
use daymark_core::recurrence::{self, BUDGET, Series};
use daymark_core::time::{Instant, Interval, day_start, next_day, wall};
use sqlx::SqliteConnection;

use super::agenda::{EventRef, time_of};
use crate::Mirror;
use crate::error::Result;
use crate::expand::shown;
use crate::table::calendar::CalendarId;
use crate::table::event::{self, EventRow};
use crate::table::occurrence::{LONG_S, WALL_MARGIN_S};
use crate::text::Row;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// In the order of start.
    pub taken: Vec<Taken>,
    /// Calendars that count as busy and have never been read to the end. Unknown is not free:
    /// while there is one, nothing may be promised.
    pub unknown: Vec<CalendarId>,
    /// Where an event stands that could not be read: from its start to the end of that day, since nobody knows how
    /// long it is. Nothing new may be promised there.
    pub unread: Vec<Interval>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub interval: Interval,
    pub event: EventRef,
    pub calendar: CalendarId,
    pub title: String,
    pub location: String,
    /// The booking that it was made from.
    pub booking: Option<String>,
}

async fn unread(conn: &mut SqliteConnection, within: Interval, zone: Tz) -> Result<Vec<Interval>> {
    let starts = sqlx::query!(
        r#"SELECT s.remote_id, s.start AS "start!" FROM set_aside s
           CROSS JOIN calendar c ON c.id = s.calendar AND c.chosen = 1 AND c.counts_busy = 1
           CROSS JOIN account a ON a.id = c.account AND a.left_s IS NULL
           WHERE s.start IS NOT NULL AND s.once = 0"#
    )
    .fetch_all(conn)
    .await?;
    let mut stretches = Vec::new();
    for row in starts {
        let start: Original = Row::new("set_aside", &row.remote_id).parsed("start", &row.start)?;
        stretches.extend(rest_of_day(start.instant(zone), zone).filter(|rest| rest.overlaps(&within)));
    }
    Ok(stretches)
}

fn rest_of_day(start: Instant, zone: Tz) -> Option<Interval> {
    Interval::new(start, day_start(next_day(wall(start, zone).date()), zone))
}

/// Where an event stands at its provider while the person has not decided whether it stays there: nobody
/// may be given that time meanwhile.
async fn disputed(conn: &mut SqliteConnection, within: Interval, zone: Tz) -> Result<Vec<Taken>> {
    let keys = sqlx::query_scalar!(
        "SELECT k.event FROM conflict k
         CROSS JOIN event e ON e.id = k.event
         CROSS JOIN calendar c ON c.id = e.calendar
             AND c.chosen = 1 AND c.counts_busy = 1 AND c.gone = 0
         WHERE k.kind <> 'deleted_there'"
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut taken = Vec::new();
    for row in event::load(conn, &keys).await? {
        let Some(theirs) = row.known.edit.as_ref().and_then(|edit| edit.base.as_ref()) else { continue };
        taken.extend(standing(&row, &row, theirs, within, zone));
        if row.is_series() && row.is_hidden() {
            let exceptions = event::exceptions(conn, row.known.key).await?;
            let live = exceptions.iter().filter(|it| !it.is_hidden());
            let moved = live.filter(|it| same_start(it) != Some(true));
            taken.extend(moved.flat_map(|it| standing(&row, it, &it.known.fields, within, zone)));
        }
    }
    Ok(taken)
}

/// Where `row` stands at its provider; it is hidden here with `owner`, or shown elsewhere.
fn standing(owner: &EventRow, row: &EventRow, theirs: &Fields, within: Interval, zone: Tz) -> Vec<Taken> {
    let moved = owner.is_hidden() || theirs.span != row.known.fields.span;
    if !moved || !takes_time(row.known.status, row.known.kind, row.known.answer, theirs.show_as) {
        return Vec::new();
    }
    let (unit, original) = (row.unit(), row.master.and(row.original));
    let taken = |interval| Taken {
        interval,
        event: EventRef { event: unit, original },
        calendar: row.calendar,
        title: theirs.title.clone(),
        location: theirs.location.clone(),
        booking: theirs.marks.get(marks::BOOKING).cloned(),
    };
    times(theirs, within, zone).into_iter().map(taken).collect()
}

/// Each time that a rule gives; where it cannot be followed, the first.
fn times(fields: &Fields, within: Interval, zone: Tz) -> Vec<Interval> {
    let series = Series { first: &fields.span, lines: &fields.recurrence, nominal: None };
    let spans = match recurrence::expand(&series, &[], within, zone, BUDGET) {
        Ok(expansion) => expansion.occurrences.into_iter().map(|it| it.span).collect(),
        Err(_) => vec![fields.span.clone()],
    };
    spans.iter().filter_map(|span| span.interval(zone)).filter(|it| it.overlaps(&within)).collect()
}

/// Series of which the time index has only the beginning.
async fn endless(conn: &mut SqliteConnection) -> Result<Vec<i64>> {
    let keys = sqlx::query_scalar!("SELECT id FROM event WHERE truncated = 1 ORDER BY id");
    Ok(keys.fetch_all(conn).await?)
}

/// What those of `endless` that count take: worked out for the asked stretch alone, where mostly none is missing.
/// What may be missing even there is taken, for unknown is not free.
async fn unlisted(
    conn: &mut SqliteConnection,
    endless: &[i64],
    within: Interval,
    zone: Tz,
) -> Result<Vec<Taken>> {
    if endless.is_empty() {
        return Ok(Vec::new());
    }
    let counted = sqlx::query_scalar!(
        "SELECT c.id FROM calendar c JOIN account a ON a.id = c.account AND a.left_s IS NULL
         WHERE c.chosen = 1 AND c.counts_busy = 1"
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut taken = Vec::new();
    for row in event::load(conn, endless).await? {
        if counted.contains(&row.calendar.0) && !row.is_hidden() {
            let exceptions = event::exceptions(conn, row.known.key).await?;
            taken.extend(taken_by(&row, &exceptions.iter().collect::<Vec<_>>(), within, zone));
        }
    }
    Ok(taken)
}

fn taken_by(series: &EventRow, exceptions: &[&EventRow], within: Interval, zone: Tz) -> Vec<Taken> {
    // A rule that cannot be followed has no end that was cut off.
    let Ok(shown) = shown(series, exceptions, within, zone) else { return Vec::new() };
    let rest = shown.truncated.and_then(|from| Interval::new(from.max(within.start()), within.end()));
    let mut taken: Vec<Taken> = rest
        .filter(|_| is_busy(series))
        .map(|rest| taken_at(series, series, None, rest))
        .into_iter()
        .collect();
    taken.extend(shown.occurrences.iter().filter(|(_, shows)| is_busy(shows)).filter_map(|(it, shows)| {
        let interval = it.span.interval(zone).filter(|interval| interval.overlaps(&within))?;
        Some(taken_at(series, shows, Some(it.original), interval))
    }));
    taken
}

fn is_busy(row: &EventRow) -> bool {
    let known = &row.known;
    takes_time(known.status, known.kind, known.answer, known.fields.show_as)
}

fn taken_at(series: &EventRow, shows: &EventRow, original: Option<Original>, interval: Interval) -> Taken {
    let fields = &shows.known.fields;
    Taken {
        interval,
        event: EventRef { event: series.known.key, original },
        calendar: series.calendar,
        title: fields.title.clone(),
        location: fields.location.clone(),
        booking: fields.marks.get(marks::BOOKING).cloned(),
    }
}

/// The rule gives this time already.
fn same_start(exception: &EventRow) -> Option<bool> {
    Some(Original::of(&exception.known.fields.span) == exception.original?)
}

impl Mirror {
    /// What takes time within `within`, for an owner who lives in `zone`. A calendar that has gone from its
    /// provider's list keeps what was known of it taken.
    pub async fn busy(&self, within: Interval, zone: Tz) -> Result<Busy> {
        self.reach(within).await?;
        let mut tx = self.pool.snapshot().await?;
        let (from_s, to_s) = (within.start().timestamp(), within.end().timestamp());
        let (wide_from_s, wide_to_s) = (from_s - WALL_MARGIN_S, to_s + WALL_MARGIN_S);
        let short_from_s = wide_from_s - LONG_S;
        let rows = sqlx::query!(
            r#"SELECT o.unit AS "unit!", o.original AS "original!", o.kind AS "kind!",
                      o.start_s AS "start_s!", o.end_s AS "end_s!", e.calendar, e.title, e.location, e.booking
               FROM (SELECT unit, original, event, kind, start_s, end_s FROM occurrence
                     WHERE is_long = 0 AND start_s >= ?1 AND start_s < ?3 AND end_s >= ?2
                     UNION ALL
                     SELECT unit, original, event, kind, start_s, end_s FROM occurrence
                     WHERE is_long = 1 AND end_s >= ?2 AND start_s < ?3) o
               CROSS JOIN event e ON e.id = o.event AND e.busy = 1
               CROSS JOIN calendar c ON c.id = e.calendar
                   AND c.chosen = 1 AND c.counts_busy = 1
               CROSS JOIN account a ON a.id = c.account AND a.left_s IS NULL
               -- A copy takes time through its source alone, as long as that counts here. One that the person keeps
               -- may stand where its source does not.
               WHERE NOT EXISTS (SELECT 1 FROM block b
                                 CROSS JOIN occurrence so ON so.unit = b.from_event AND so.original = b.original
                                 CROSS JOIN event s ON s.id = so.event AND s.busy = 1
                                 CROSS JOIN calendar sc ON sc.id = s.calendar
                                     AND sc.chosen = 1 AND sc.counts_busy = 1
                                 CROSS JOIN account sa ON sa.id = sc.account AND sa.left_s IS NULL
                                 WHERE b.event = e.id AND b.kept = 0)"#,
            short_from_s,
            wide_from_s,
            wide_to_s
        )
        .fetch_all(&mut *tx)
        .await?;
        let unknown = sqlx::query_scalar!(
            "SELECT c.id FROM calendar c JOIN account a ON a.id = c.account AND a.left_s IS NULL
             WHERE c.chosen = 1 AND c.counts_busy = 1 AND c.first_synced_s IS NULL ORDER BY c.id"
        )
        .fetch_all(&mut *tx)
        .await?;
        let endless = endless(&mut tx).await?;
        let mut taken = Vec::with_capacity(rows.len());
        for row in rows.into_iter().filter(|row| !endless.contains(&row.unit)) {
            let time = time_of(row.unit, row.kind, row.start_s, row.end_s, zone)?;
            // What has no length takes no time.
            let Some(interval) = Interval::new(time.start, time.end).filter(|it| it.overlaps(&within)) else {
                continue;
            };
            let original = if row.original.is_empty() {
                None
            } else {
                Some(Row::new("occurrence", &row.unit).parsed("original", &row.original)?)
            };
            taken.push(Taken {
                interval,
                event: EventRef { event: row.unit, original },
                calendar: CalendarId(row.calendar),
                title: row.title,
                location: row.location,
                booking: row.booking,
            });
        }
        taken.extend(unlisted(&mut tx, &endless, within, zone).await?);
        taken.extend(disputed(&mut tx, within, zone).await?);
        taken.sort_by(|a, b| (a.interval, &a.event).cmp(&(b.interval, &b.event)));
        let unread = unread(&mut tx, within, zone).await?;
        Ok(Busy { taken, unknown: unknown.into_iter().map(CalendarId).collect(), unread })
    }
}
