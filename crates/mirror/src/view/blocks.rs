//! All that a plan of copies follows from, in one state of the mirror.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono_tz::Tz;
use daymark_core::blocks::{
    Calendar, Counts, Filters, Link, Mark, Occurrence, Privacy, Query, Receives, Tag, Times,
};
use daymark_core::event::Original;
use daymark_core::time::Interval;
use sqlx::SqliteConnection;

use crate::error::Result;
use crate::table::block;
use crate::table::calendar::Access;
use crate::table::occurrence::{self as times, LONG_S, WALL_MARGIN_S};
use crate::text::Row;

/// What the owner's settings say about copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRules {
    /// Where copies are kept up.
    pub window: Interval,
    /// The owner's hours within the window, in order and apart.
    pub hours: Vec<Interval>,
    pub home: Tz,
}

pub(crate) struct Known {
    pub calendars: Vec<Calendar>,
    /// What is shown as ignored so far.
    pub ignored: BTreeMap<i64, usize>,
    /// Calendars that can be written to.
    pub writable: BTreeSet<i64>,
    pub occurrences: Vec<Occurrence>,
    pub links: Vec<Link>,
    unsure: HashSet<(Tag, Tag)>,
    /// Live events by calendar.
    pub events: BTreeMap<i64, usize>,
    /// Calendars that can be written and were not read well: what stands there is not known.
    pub unread: Vec<i64>,
}

impl Known {
    pub fn query<'a>(&'a self, rules: &'a BlockRules) -> Query<'a> {
        Query {
            calendars: &self.calendars,
            occurrences: &self.occurrences,
            links: &self.links,
            unsure: &self.unsure,
            window: rules.window,
            hours: &rules.hours,
            home: rules.home,
        }
    }

    /// What bears on a plan.
    pub async fn load(conn: &mut SqliteConnection, rules: &BlockRules) -> Result<Known> {
        let mut known = Known::calendars(conn).await?;
        let (from_s, to_s) = (rules.window.start().timestamp(), rules.window.end().timestamp());
        let (wide_from_s, wide_to_s) = (from_s - WALL_MARGIN_S, to_s + WALL_MARGIN_S);
        let short_from_s = wide_from_s - LONG_S;
        let tells_all = known.calendars.iter().any(|it| it.receives == Receives::Yes(Privacy::All));
        let rows = sqlx::query_as!(
            Raw,
            r#"SELECT o.unit AS "unit!", o.original AS "original!", o.kind AS "kind_of_time!",
                      o.start_s AS "start_s!", o.end_s AS "end_s!", e.id AS "event!",
                      e.calendar AS "calendar!",
                      u.remote_id AS unit_remote, coalesce(e.remote_id, '') AS "remote_id!: String", u.uid,
                      e.title, e.location, -- A copy's own is read always: it may have to go.
                      CASE WHEN ?4 OR e.id IN (SELECT id FROM event WHERE block IS NOT NULL)
                           THEN coalesce(e.fields ->> 'description', '') ELSE '' END
                          AS "description!: String",
                      e.status, e.kind, e.answer, e.show_as,
                      e.visibility,
                      -- Few events carry a marker, and to look for one means to parse all that an event is.
                      CASE WHEN e.id IN (SELECT id FROM event WHERE block IS NOT NULL) THEN e.block END
                          AS "block?: String", x.event IS NOT NULL AS "waiting!: bool"
               FROM (SELECT unit, original, event, kind, start_s, end_s FROM occurrence
                     WHERE is_long = 0 AND start_s >= ?1 AND start_s < ?3 AND end_s >= ?2
                     UNION ALL
                     SELECT unit, original, event, kind, start_s, end_s FROM occurrence
                     WHERE is_long = 1 AND end_s >= ?2 AND start_s < ?3) o
               CROSS JOIN event e ON e.id = o.event
               CROSS JOIN event u ON u.id = o.unit
               CROSS JOIN calendar c ON c.id = e.calendar AND c.chosen = 1 AND c.gone = 0
               LEFT JOIN outbox x ON x.event = e.id"#,
            short_from_s,
            wide_from_s,
            wide_to_s,
            tells_all
        )
        .fetch_all(&mut *conn)
        .await?;
        known.take(rows, rules.home)?;
        known.later_copies(conn, wide_to_s, rules.home).await?;
        known.links = block::list(conn).await?;
        known.note_unsure(conn).await?;
        known.count(conn).await?;
        Ok(known)
    }

    /// All copies at any time, on every calendar; nothing else.
    pub async fn load_copies(conn: &mut SqliteConnection, home: Tz) -> Result<Known> {
        let mut known = Known::calendars(conn).await?;
        known.later_copies(conn, i64::MIN, home).await?;
        known.links = block::list(conn).await?;
        Ok(known)
    }

    /// The calendars, and nothing of what stands on them.
    pub async fn calendars(conn: &mut SqliteConnection) -> Result<Known> {
        let rows = sqlx::query!(
            r#"SELECT c.id, c.remote_id, c.access, c.ignored, c.chosen AS "chosen: bool",
                      c.counts_busy AS "counts_busy: bool", c.receives_blocks AS "receives_blocks: bool",
                      c.block_privacy, c.block_hours_only AS "hours_only: bool",
                      c.block_all_day AS "all_day: bool", c.block_tentative AS "tentative: bool",
                      c.block_free AS "free: bool", c.gone AS "gone: bool",
                      c.first_synced_s IS NOT NULL AS "first_synced!: bool", c.last_error = '' AS "well!: bool",
                      EXISTS (SELECT 1 FROM set_aside s WHERE s.calendar = c.id AND s.remote_id = '')
                          AS "blurred!: bool",
                      EXISTS (SELECT 1 FROM calendar o JOIN account b ON b.id = o.account
                              WHERE o.remote_id = c.remote_id AND b.provider = a.provider AND o.access <> 'free_busy'
                                  AND o.chosen = 1 AND o.gone = 0) AS "open_elsewhere!: bool",
                      a.provider, a.address, (a.state IN ('ok', 'expiring') AND a.paused = 0) AS "connected!: bool"
               FROM calendar c JOIN account a ON a.id = c.account ORDER BY c.id"#
        )
        .fetch_all(conn)
        .await?;
        let mut known = Known {
            calendars: Vec::with_capacity(rows.len()),
            ignored: BTreeMap::new(),
            writable: BTreeSet::new(),
            occurrences: Vec::new(),
            links: Vec::new(),
            unsure: HashSet::new(),
            events: BTreeMap::new(),
            unread: Vec::new(),
        };
        for row in rows {
            let at = Row::new("calendar", &row.id);
            let access: Access = at.word("access", &row.access)?;
            let seen = row.chosen && !row.gone && row.first_synced;
            let filters = Filters {
                hours_only: row.hours_only,
                all_day: row.all_day,
                tentative: row.tentative,
                free: row.free,
            };
            let counts = match (seen && row.connected, row.counts_busy) {
                (false, _) => Counts::Unknown,
                (true, false) => Counts::No,
                // Its busy times hold the copies too, without their marks: what another account sees in full is
                // counted there.
                (true, true) if access == Access::FreeBusy && row.open_elsewhere => Counts::No,
                (true, true) => Counts::Yes { filters, complete: row.well && !row.blurred },
            };
            let written = seen && row.connected && row.well && access == Access::Write;
            let receives = match (written, row.receives_blocks) {
                (false, _) => Receives::Unknown,
                (true, true) => Receives::Yes(at.word("block_privacy", &row.block_privacy)?),
                (true, false) => Receives::No,
            };
            if !written && access == Access::Write && !row.gone {
                known.unread.push(row.id);
            }
            if access == Access::Write && !row.gone {
                known.writable.insert(row.id);
            }
            let ignored = usize::try_from(row.ignored).unwrap_or_default();
            known.ignored.extend((ignored > 0).then_some((row.id, ignored)));
            known.calendars.push(Calendar {
                key: row.id,
                tag: Tag::of_calendar(&row.provider, &row.address, &row.remote_id),
                real: Tag::of("calendar itself", &[&row.provider, &row.remote_id]),
                counts,
                receives,
            });
        }
        Ok(known)
    }

    /// Copies that begin at or after an instant.
    async fn later_copies(&mut self, conn: &mut SqliteConnection, from_s: i64, home: Tz) -> Result<()> {
        let rows = sqlx::query_as!(
            Raw,
            r#"SELECT o.unit AS "unit!", o.original AS "original!", o.kind AS "kind_of_time!",
                      o.start_s AS "start_s!", o.end_s AS "end_s!", e.id AS "event!",
                      e.calendar AS "calendar!",
                      u.remote_id AS unit_remote, coalesce(e.remote_id, '') AS "remote_id!: String", u.uid,
                      e.title, e.location, coalesce(e.fields ->> 'description', '') AS "description!: String",
                      e.status, e.kind, e.answer, e.show_as,
                      e.visibility, e.block AS "block?: String", x.event IS NOT NULL AS "waiting!: bool"
               FROM event e
               CROSS JOIN occurrence o ON o.unit = e.id AND o.event = e.id AND o.start_s >= ?
               CROSS JOIN event u ON u.id = o.unit
               CROSS JOIN calendar c ON c.id = e.calendar AND c.chosen = 1 AND c.gone = 0
               LEFT JOIN outbox x ON x.event = e.id
               WHERE e.block IS NOT NULL"#,
            from_s
        )
        .fetch_all(conn)
        .await?;
        self.take(rows, home)
    }

    fn take(&mut self, rows: Vec<Raw>, home: Tz) -> Result<()> {
        let mut units: HashMap<i64, Option<Tag>> = HashMap::new();
        self.occurrences.reserve(rows.len());
        for row in rows {
            let remote = row.unit_remote.as_deref();
            let tag = *units.entry(row.unit).or_insert_with(|| remote.map(Tag::of_event));
            self.occurrences.push(row.occurrence(tag, home)?);
        }
        Ok(())
    }

    /// Events that are being deleted, were set aside, have more occurrences than are known, or were cut: until the
    /// second half has a name, its copies seem to be wanted by nobody.
    async fn note_unsure(&mut self, conn: &mut SqliteConnection) -> Result<()> {
        let rows = sqlx::query!(
            r#"SELECT e.calendar AS "calendar!: i64", coalesce(u.remote_id, e.remote_id) AS "remote?: String"
               FROM outbox o JOIN event e ON e.id = o.event LEFT JOIN event u ON u.id = e.master
               WHERE o.deleted = 1
               UNION SELECT f.calendar, f.remote_id
               FROM outbox o JOIN event e ON e.id = o.event AND e.remote_id IS NULL JOIN event f ON f.id = o.follows
               UNION SELECT calendar, remote_id FROM set_aside
               UNION SELECT calendar, remote_id FROM event WHERE truncated = 1"#
        )
        .fetch_all(conn)
        .await?;
        let tags: HashMap<i64, Tag> = self.calendars.iter().map(|it| (it.key, it.tag)).collect();
        for row in rows {
            let pair = tags.get(&row.calendar).zip(row.remote.as_deref());
            self.unsure.extend(pair.map(|(calendar, remote)| (*calendar, Tag::of_event(remote))));
        }
        Ok(())
    }

    async fn count(&mut self, conn: &mut SqliteConnection) -> Result<()> {
        let rows = sqlx::query!(
            r#"SELECT calendar, count(*) AS "events!: i64" FROM event WHERE status <> 'cancelled'
               GROUP BY calendar"#
        )
        .fetch_all(conn)
        .await?;
        let count = |events: i64| usize::try_from(events).unwrap_or_default();
        self.events = rows.into_iter().map(|row| (row.calendar, count(row.events))).collect();
        Ok(())
    }
}

struct Raw {
    unit: i64,
    original: String,
    kind_of_time: i64,
    start_s: i64,
    end_s: i64,
    event: i64,
    calendar: i64,
    unit_remote: Option<String>,
    remote_id: String,
    uid: String,
    title: String,
    location: String,
    description: String,
    status: String,
    kind: String,
    answer: String,
    show_as: String,
    visibility: String,
    block: Option<String>,
    waiting: bool,
}

impl Raw {
    fn occurrence(self, tag: Option<Tag>, home: Tz) -> Result<Occurrence> {
        let at = Row::new("event", &self.event);
        let original: Option<Original> = match self.original.as_str() {
            "" => None,
            text => Some(Row::new("occurrence", &self.unit).parsed("original", text)?),
        };
        let place = times::Occurrence {
            unit: self.unit,
            original: String::new(),
            event: self.event,
            kind: self.kind_of_time,
            start_s: self.start_s,
            end_s: self.end_s,
        };
        let mark = match self.block.as_deref().map(str::parse) {
            None => Mark::None,
            Some(Ok(marker)) => Mark::Copy(marker),
            Some(Err(_)) => Mark::Unreadable,
        };
        Ok(Occurrence {
            calendar: self.calendar,
            unit: self.unit,
            event: self.event,
            tag,
            original,
            times: Times::of(&place.span(home)?, home),
            status: at.word("status", &self.status)?,
            kind: at.word("kind", &self.kind)?,
            answer: at.word("answer", &self.answer)?,
            show_as: at.word("show_as", &self.show_as)?,
            visibility: at.word("visibility", &self.visibility)?,
            remote_id: self.remote_id,
            uid: self.uid,
            title: self.title,
            location: self.location,
            description: self.description,
            mark,
            waiting: self.waiting,
        })
    }
}
