//! The published page, and the time that live bookings hold of it.

use daymark_core::time::Instant;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqliteRow};

use super::row::{At, mode_word, signed, to_json};
use super::writer::Change;
use crate::store::{PageRecord, PersonId, Publication, PutOutcome, Result, Taken};

pub async fn put(
    to: &mut SqliteConnection,
    person: PersonId,
    new: Publication,
) -> Result<Change<PutOutcome>> {
    // A new laptop counts from the start again; the old one can no longer publish.
    let stored: Option<i64> = sqlx::query_scalar("SELECT rev FROM page WHERE person = ?1 AND device = ?2")
        .bind(person.0)
        .bind(&new.device)
        .fetch_optional(&mut *to)
        .await?;
    if let Some(stored) = stored.filter(|stored| signed(new.rev) <= *stored) {
        return Ok(Change::unheard(PutOutcome::OldRev { stored: stored.unsigned_abs() }));
    }
    sqlx::query(
        "INSERT INTO page (person, device, rev, based_on_seq, checked_s, lease_until_s, mode, sheet)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (person) DO UPDATE SET device = ?2, rev = ?3, based_on_seq = ?4, checked_s = ?5,
             lease_until_s = ?6, mode = ?7, sheet = ?8",
    )
    .bind(person.0)
    .bind(&new.device)
    .bind(signed(new.rev))
    .bind(signed(new.based_on_seq))
    .bind(new.checked_at.timestamp())
    .bind(new.lease_until.timestamp())
    .bind(mode_word(new.mode))
    .bind(to_json("page", "sheet", &new.sheet)?)
    .execute(to)
    .await?;
    Ok(Change::of(person, PutOutcome::Stored))
}

pub async fn find(from: &SqlitePool, slug: &str, now: Instant) -> Result<Option<PageRecord>> {
    let Some(row) = sqlx::query(
        "SELECT p.id, p.name, g.device, g.rev, g.based_on_seq, g.checked_s, g.lease_until_s, g.mode, g.sheet,
                d.sealing_key
         FROM person p LEFT JOIN page g ON g.person = p.id LEFT JOIN device d ON d.id = g.device
         WHERE p.slug = ?1",
    )
    .bind(slug)
    .fetch_optional(from)
    .await?
    else {
        return Ok(None);
    };
    let person = PersonId(row.try_get("id")?);
    Ok(Some(PageRecord {
        person,
        name: row.try_get("name")?,
        published: publication(&row, slug)?,
        sealing_key: row.try_get::<Option<String>, _>("sealing_key")?.unwrap_or_default(),
        taken: taken(from, person, now).await?,
    }))
}

fn publication(row: &SqliteRow, slug: &str) -> Result<Option<Publication>> {
    let Some(device) = row.try_get::<Option<String>, _>("device")? else {
        return Ok(None);
    };
    let at = At { table: "page", row: slug };
    Ok(Some(Publication {
        device,
        rev: at.whole("rev", row.try_get("rev")?)?,
        based_on_seq: at.whole("based_on_seq", row.try_get("based_on_seq")?)?,
        checked_at: at.instant("checked_s", row.try_get("checked_s")?)?,
        lease_until: at.instant("lease_until_s", row.try_get("lease_until_s")?)?,
        mode: at.mode(row.try_get("mode")?)?,
        sheet: at.json("sheet", row.try_get("sheet")?)?,
    }))
}

async fn taken(from: &SqlitePool, person: PersonId, now: Instant) -> Result<Vec<Taken>> {
    let rows = sqlx::query(
        "SELECT id, start_s, end_s, gap_s FROM booking
         WHERE person = ?1 AND end_s + gap_s > ?2 AND state IN ('requested', 'accepted', 'confirmed')
         ORDER BY start_s",
    )
    .bind(person.0)
    .bind(now.timestamp())
    .fetch_all(from)
    .await?;
    rows.iter()
        .map(|row| {
            let at = At { table: "booking", row: row.try_get("id")? };
            let gap_s: i64 = row.try_get("gap_s")?;
            Ok(Taken {
                visit: at.visit(row.try_get("start_s")?, row.try_get("end_s")?)?,
                gap_min: at.whole("gap_s", gap_s / 60)?,
            })
        })
        .collect()
}
