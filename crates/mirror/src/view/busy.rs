//! Busy time: what takes the owner's time, and of which calendars that is not known.

use chrono_tz::Tz;
use daymark_core::time::Interval;

use super::agenda::{EventRef, time_of};
use crate::Mirror;
use crate::error::Result;
use crate::table::calendar::CalendarId;
use crate::table::occurrence::{LONG_S, WALL_MARGIN_S};
use crate::text::Row;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// In the order of start.
    pub taken: Vec<Taken>,
    /// Calendars that count as busy and have never been read to the end. Unknown is not free:
    /// while there is one, nothing may be promised.
    pub unknown: Vec<CalendarId>,
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
               -- A copy takes time through its source alone, as long as that counts here.
               WHERE NOT EXISTS (SELECT 1 FROM block b
                                 CROSS JOIN occurrence so ON so.unit = b.from_event AND so.original = b.original
                                 CROSS JOIN event s ON s.id = so.event AND s.busy = 1
                                 CROSS JOIN calendar sc ON sc.id = s.calendar
                                     AND sc.chosen = 1 AND sc.counts_busy = 1
                                 WHERE b.event = e.id)"#,
            short_from_s,
            wide_from_s,
            wide_to_s
        )
        .fetch_all(&mut *tx)
        .await?;
        let unknown = sqlx::query_scalar!(
            "SELECT id FROM calendar
             WHERE chosen = 1 AND counts_busy = 1 AND first_synced_s IS NULL ORDER BY id"
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut taken = Vec::with_capacity(rows.len());
        for row in rows {
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
        taken.sort_by(|a, b| (a.interval, &a.event).cmp(&(b.interval, &b.event)));
        Ok(Busy { taken, unknown: unknown.into_iter().map(CalendarId).collect() })
    }
}
