//! The time index: what stands when, so that a week can be read without expanding a series.

use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;
use daymark_core::event::Original;
use daymark_core::time::Span;
use sqlx::SqliteConnection;

use crate::error::Result;
use crate::text::{Row, json};

/// Longer ones are found by their end, all others by their start.
pub const LONG_S: i64 = 2 * 86_400;

/// Wall seconds are at most this far from the instant that they mean in any zone, plus a gap.
pub const WALL_MARGIN_S: i64 = 15 * 3_600;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    pub unit: i64,
    /// '' for a single event.
    pub original: String,
    pub event: i64,
    pub kind: i64,
    pub start_s: i64,
    pub end_s: i64,
}

/// What the seconds of an occurrence mean.
pub mod kind {
    pub const TIMED: i64 = 0;
    pub const WHOLE_DAYS: i64 = 1;
    pub const FLOATING: i64 = 2;
}

impl Occurrence {
    /// An end before its start counts as no length: a provider's slip must not hide an event.
    pub fn new(unit: i64, original: String, event: i64, span: &Span) -> Self {
        let (kind, start_s, end_s) = match span {
            Span::Timed { start, end, .. } => (kind::TIMED, start.timestamp(), end.timestamp()),
            Span::AllDay { start, end } => {
                let midnight = |date: &chrono::NaiveDate| date.and_time(NaiveTime::MIN).and_utc().timestamp();
                (kind::WHOLE_DAYS, midnight(start), midnight(end))
            }
            Span::Floating { start, end } => {
                (kind::FLOATING, start.and_utc().timestamp(), end.and_utc().timestamp())
            }
        };
        Occurrence { unit, original, event, kind, start_s, end_s: end_s.max(start_s) }
    }
}

impl Occurrence {
    /// Where it stands; `zone` is the one its series repeats in.
    pub fn span(&self, zone: Tz) -> Result<Span> {
        let at = Row::new("occurrence", &self.unit);
        let (start, end) = (at.instant("start_s", self.start_s)?, at.instant("end_s", self.end_s)?);
        Ok(match self.kind {
            kind::WHOLE_DAYS => Span::AllDay { start: start.date_naive(), end: end.date_naive() },
            kind::FLOATING => Span::Floating { start: start.naive_utc(), end: end.naive_utc() },
            _ => Span::Timed { start, end, zone },
        })
    }
}

/// Replaces everything listed under `units`.
pub async fn replace(conn: &mut SqliteConnection, units: &[i64], listed: &[Occurrence]) -> Result<()> {
    let units = json(&units)?;
    sqlx::query!("DELETE FROM occurrence WHERE unit IN (SELECT value FROM json_each(?))", units)
        .execute(&mut *conn)
        .await?;
    // One statement for thousands of rows; in bounded pieces, as the text of each is held in memory.
    for piece in listed.chunks(10_000) {
        let rows: Vec<_> = piece
            .iter()
            .map(|it| {
                let is_long = i64::from(it.end_s - it.start_s > LONG_S);
                (it.unit, &it.original, it.event, it.kind, it.start_s, it.end_s, is_long)
            })
            .collect();
        let rows = json(&rows)?;
        sqlx::query!(
            "INSERT INTO occurrence (unit, original, event, kind, start_s, end_s, is_long)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
             FROM json_each(?)",
            rows
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// One occurrence of a series.
pub async fn get(conn: &mut SqliteConnection, unit: i64, original: &Original) -> Result<Option<Occurrence>> {
    let original = original.to_string();
    Ok(sqlx::query_as!(
        Occurrence,
        "SELECT unit, original, event, kind, start_s, end_s FROM occurrence WHERE unit = ? AND original = ?",
        unit,
        original
    )
    .fetch_optional(conn)
    .await?)
}

/// Of `units`, those with an occurrence that lies wholly between two instants, in every zone.
pub async fn inside(conn: &mut SqliteConnection, units: &[i64], from_s: i64, to_s: i64) -> Result<Vec<i64>> {
    let units = json(&units)?;
    let margin = TimeDelta::seconds(WALL_MARGIN_S).num_seconds();
    Ok(sqlx::query_scalar!(
        r#"SELECT DISTINCT unit AS "unit!: i64" FROM occurrence
           WHERE unit IN (SELECT value FROM json_each(?1))
             AND start_s >= ?2 + CASE kind WHEN 0 THEN 0 ELSE ?4 END
             AND end_s <= ?3 - CASE kind WHEN 0 THEN 0 ELSE ?4 END"#,
        units,
        from_s,
        to_s,
        margin
    )
    .fetch_all(conn)
    .await?)
}
