//! The agenda: what stands between two instants, in the zone being shown.

use chrono::{DateTime, NaiveDateTime};
use chrono_tz::Tz;
use daymark_core::event::{Answer, Kind, Original, ShowAs, Status, Visibility};
use daymark_core::time::{Instant, Interval, resolve, resolve_both, wall};
use sqlx::SqliteConnection;

use crate::error::{MirrorError, Result};
use crate::table::calendar::CalendarId;
use crate::table::conflict::ConflictId;
use crate::table::event::{self, EventRow};
use crate::table::occurrence::{LONG_S, WALL_MARGIN_S, kind};
use crate::text::Row;
use crate::{Mirror, expand};

/// Names an event, or one occurrence of a series. It stays the same when the occurrence is edited.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventRef {
    pub event: i64,
    pub original: Option<Original>,
}

/// One occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgendaRow {
    pub event: EventRef,
    pub calendar: CalendarId,
    pub title: String,
    pub location: String,
    pub time: Time,
    pub status: Status,
    pub kind: Kind,
    pub answer: Answer,
    pub show_as: ShowAs,
    pub visibility: Visibility,
    /// Takes the owner's time.
    pub busy: bool,
    pub repeats: bool,
    pub editable: bool,
    pub sending: Sending,
    /// What the person is asked about it.
    pub conflict: Option<ConflictId>,
    /// The booking that it was made from, unless that has come to its end: then it is an event like any other.
    pub booking: Option<String>,
    /// What it is a copy of.
    pub block: Option<BlockOf>,
}

/// The source of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockOf {
    pub calendar: String,
    /// `None` when copies on this calendar do not tell.
    pub title: Option<String>,
}

/// When it stands, for a reader in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    pub start: Instant,
    pub end: Instant,
    /// Wall time of the zone being shown; for whole days the first one's midnight.
    pub start_wall: NaiveDateTime,
    /// Exclusive.
    pub end_wall: NaiveDateTime,
    pub all_day: bool,
}

/// Where an edit is on its way to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    Sent,
    Waiting,
    Refused,
    /// Held until the person decides.
    Held,
}

/// Everything about one occurrence.
#[derive(Clone, Debug, PartialEq)]
pub struct EventView {
    pub row: AgendaRow,
    pub description: String,
    /// The zone in which it was made.
    pub zone: Option<Tz>,
    pub fields: daymark_core::event::Fields,
    /// Of the series that it is, or belongs to.
    pub series: Option<daymark_core::event::Fields>,
    /// Why the provider refused the last edit.
    pub reason: String,
    /// What the provider said, verbatim; null before it said anything.
    pub raw: serde_json::Value,
    /// The same of the series that it belongs to, or is.
    pub raw_series: serde_json::Value,
}

/// A row as the queries of the views give it. Each column costs a copy on its way from SQLite's thread, so that what
/// is short travels together.
pub(super) struct Raw {
    pub unit: i64,
    pub original: String,
    pub kind_of_time: i64,
    pub start_s: i64,
    pub end_s: i64,
    pub event: i64,
    pub calendar: i64,
    pub title: String,
    pub location: String,
    /// Its status, kind, answer, how it shows and to whom, as they are stored, with spaces between.
    pub words: String,
    /// The sum of those below that hold.
    pub flags: i64,
    pub outbox: Option<String>,
    pub conflict: Option<i64>,
    pub booking: Option<String>,
    pub source_calendar: Option<String>,
    pub source_title: Option<String>,
}

mod flags {
    pub const BUSY: i64 = 1;
    pub const REPEATS: i64 = 2;
    pub const ORGANIZER: i64 = 4;
    pub const WRITABLE: i64 = 8;
}

impl Mirror {
    /// What touches `within`, of the calendars that are shown, in the order of start.
    pub async fn agenda(&self, within: Interval, zone: Tz) -> Result<Vec<AgendaRow>> {
        self.reach(within).await?;
        let mut conn = self.pool.read().await?;
        let (from_s, to_s) = (within.start().timestamp(), within.end().timestamp());
        let (wide_from_s, wide_to_s) = (from_s - WALL_MARGIN_S, to_s + WALL_MARGIN_S);
        let short_from_s = wide_from_s - LONG_S;
        let rows = sqlx::query_as!(
            Raw,
            r#"SELECT o.unit AS "unit!", o.original AS "original!", o.kind AS "kind_of_time!",
                      o.start_s AS "start_s!", o.end_s AS "end_s!",
                      e.id AS event, e.calendar, e.title, e.location,
                      concat_ws(' ', e.status, e.kind, e.answer, e.show_as, e.visibility) AS "words!: String",
                      e.busy + 2 * (e.id <> o.unit OR e.repeats) + 4 * e.organizer + 8 * (c.access = 'write')
                          AS "flags!: i64", x.state AS "outbox?",
                      k.id AS "conflict?", CASE WHEN NOT EXISTS (SELECT 1 FROM booking g
                                            WHERE g.id = e.booking AND g.state IN ('cancelled', 'declined'))
                          THEN e.booking END AS "booking?: String", sc.name AS "source_calendar?",
                      CASE WHEN c.block_privacy <> 'busy' AND s.visibility <> 'private' THEN s.title END
                          AS "source_title?: String"
               FROM (SELECT unit, original, event, kind, start_s, end_s FROM occurrence
                     WHERE is_long = 0 AND start_s >= ?1 AND start_s < ?3 AND end_s >= ?2
                     UNION ALL
                     SELECT unit, original, event, kind, start_s, end_s FROM occurrence
                     WHERE is_long = 1 AND end_s >= ?2 AND start_s < ?3) o
               CROSS JOIN event e ON e.id = o.event
               CROSS JOIN calendar c ON c.id = e.calendar AND c.chosen = 1 AND c.shown = 1 AND c.gone = 0
               LEFT JOIN outbox x ON x.event = e.id
               LEFT JOIN conflict k ON k.event = e.id
               LEFT JOIN block b ON b.event = e.id
               LEFT JOIN calendar sc ON sc.id = b.from_calendar
               LEFT JOIN event s ON s.id = b.from_event"#,
            short_from_s,
            wide_from_s,
            wide_to_s
        )
        .fetch_all(&mut *conn)
        .await?;
        let mut agenda = Vec::with_capacity(rows.len());
        for raw in rows {
            let time = time_of(raw.event, raw.kind_of_time, raw.start_s, raw.end_s, zone)?;
            if touches(&time, within) {
                agenda.push(raw.into_row(time)?);
            }
        }
        agenda
            .sort_by(|a, b| (a.time.start, a.time.end, &a.event).cmp(&(b.time.start, b.time.end, &b.event)));
        Ok(agenda)
    }

    /// Has the series expanded as far as somebody looks: what is not expanded would look free.
    pub(crate) async fn reach(&self, within: Interval) -> Result<()> {
        if expand::is_reached(&mut *self.pool.read().await?, within).await? {
            return Ok(());
        }
        let mut tx = self.pool.write().await?;
        expand::reach(&mut tx, within).await?;
        Ok(tx.commit().await?)
    }

    /// Everything about one event or occurrence, also of a calendar that is not shown.
    pub async fn event(&self, event: &EventRef, zone: Tz) -> Result<EventView> {
        let mut tx = self.pool.snapshot().await?;
        let original = event.original.map(|original| original.to_string()).unwrap_or_default();
        let found = sqlx::query_as!(
            Raw,
            r#"SELECT o.unit, o.original, o.kind AS kind_of_time, o.start_s, o.end_s,
                      e.id AS event, e.calendar, e.title, e.location,
                      concat_ws(' ', e.status, e.kind, e.answer, e.show_as, e.visibility) AS "words!: String",
                      e.busy + 2 * (e.id <> o.unit OR e.repeats) + 4 * e.organizer + 8 * (c.access = 'write')
                          AS "flags!: i64", x.state AS "outbox?",
                      k.id AS "conflict?", CASE WHEN NOT EXISTS (SELECT 1 FROM booking g
                                            WHERE g.id = e.booking AND g.state IN ('cancelled', 'declined'))
                          THEN e.booking END AS "booking?: String", sc.name AS "source_calendar?",
                      CASE WHEN c.block_privacy <> 'busy' AND s.visibility <> 'private' THEN s.title END
                          AS "source_title?: String"
               FROM occurrence o
               JOIN event e ON e.id = o.event
               JOIN calendar c ON c.id = e.calendar
               LEFT JOIN outbox x ON x.event = e.id
               LEFT JOIN conflict k ON k.event = e.id
               LEFT JOIN block b ON b.event = e.id
               LEFT JOIN calendar sc ON sc.id = b.from_calendar
               LEFT JOIN event s ON s.id = b.from_event
               WHERE o.unit = ?1 AND (o.original = ?2 OR ?2 = '')
               ORDER BY o.start_s LIMIT 1"#,
            event.event,
            original
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(MirrorError::NotFound("event"))?;
        let row = event::get(&mut tx, found.event).await?;
        let reason = reason(&mut tx, found.event).await?;
        let time = time_of(found.event, found.kind_of_time, found.start_s, found.end_s, zone)?;
        let raw = event::raw(&mut tx, found.event).await?;
        let raw_series = event::raw(&mut tx, found.unit).await?;
        let unit = event::get(&mut tx, found.unit).await?;
        let series = unit.is_series().then_some(unit.known.fields);
        Ok(EventView { raw, raw_series, ..view(found.into_row(time)?, row, series, reason) })
    }
}

async fn reason(conn: &mut SqliteConnection, event: i64) -> Result<String> {
    let reason = sqlx::query_scalar!("SELECT reason FROM outbox WHERE event = ?", event);
    Ok(reason.fetch_optional(conn).await?.unwrap_or_default())
}

/// All but what the provider said.
fn view(
    row: AgendaRow,
    event: EventRow,
    series: Option<daymark_core::event::Fields>,
    reason: String,
) -> EventView {
    let fields = event.known.fields;
    let zone = match fields.span {
        daymark_core::time::Span::Timed { zone, .. } => Some(zone),
        daymark_core::time::Span::AllDay { .. } | daymark_core::time::Span::Floating { .. } => None,
    };
    let description = fields.description.clone();
    let unsaid = serde_json::Value::Null;
    EventView { row, description, zone, fields, series, reason, raw: unsaid.clone(), raw_series: unsaid }
}

impl Raw {
    pub fn into_row(self, time: Time) -> Result<AgendaRow> {
        let at = Row::new("event", &self.event);
        let original = if self.original.is_empty() {
            None
        } else {
            Some(Row::new("occurrence", &self.unit).parsed("original", &self.original)?)
        };
        let mut words = self.words.split(' ');
        let mut next = || words.next().unwrap_or_default();
        let status = at.word("status", next())?;
        let kind: Kind = at.word("kind", next())?;
        let (answer, show_as) = (at.word("answer", next())?, at.word("show_as", next())?);
        let visibility = at.word("visibility", next())?;
        let holds = |flag: i64| self.flags & flag != 0;
        let own = holds(flags::ORGANIZER) && !matches!(kind, Kind::Birthday | Kind::WorkingLocation);
        Ok(AgendaRow {
            event: EventRef { event: self.unit, original },
            calendar: CalendarId(self.calendar),
            time,
            status,
            kind,
            answer,
            show_as,
            visibility,
            busy: holds(flags::BUSY),
            repeats: holds(flags::REPEATS),
            editable: own && holds(flags::WRITABLE),
            sending: match self.outbox.as_deref() {
                _ if self.conflict.is_some() => Sending::Held,
                None => Sending::Sent,
                Some("refused") => Sending::Refused,
                Some(_) => Sending::Waiting,
            },
            conflict: self.conflict.map(ConflictId),
            title: self.title,
            location: self.location,
            booking: self.booking,
            block: self.source_calendar.map(|calendar| BlockOf { calendar, title: self.source_title }),
        })
    }
}

/// An event without length stands at its start.
pub(crate) fn touches(time: &Time, within: Interval) -> bool {
    let at_start = time.start == time.end && time.start >= within.start();
    time.start < within.end() && (time.end > within.start() || at_start)
}

pub(crate) fn time_of(row: i64, kind_of_time: i64, start_s: i64, end_s: i64, zone: Tz) -> Result<Time> {
    let at = Row::new("occurrence", &row);
    let (start, end) = (at.instant("start_s", start_s)?, at.instant("end_s", end_s)?);
    if kind_of_time == kind::TIMED {
        let (start_wall, end_wall) = (wall(start, zone), wall(end, zone));
        return Ok(Time { start, end, start_wall, end_wall, all_day: false });
    }
    let walls: [NaiveDateTime; 2] = [start, end].map(|it: DateTime<_>| it.naive_utc());
    let [start_wall, end_wall] = walls;
    let all_day = kind_of_time == kind::WHOLE_DAYS;
    let (start, end) = match all_day {
        true => (resolve(start_wall, zone), resolve(end_wall, zone)),
        false => resolve_both(start_wall, end_wall, zone),
    };
    Ok(Time { start, end, start_wall, end_wall, all_day })
}
