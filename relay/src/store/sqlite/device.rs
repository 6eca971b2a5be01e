//! Who may speak for a person: enrolment codes, devices, and the nonces they have used.

use daymark_core::time::Instant;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

use super::writer::Change;
use crate::store::{Device, EnrolOutcome, EnrolmentOutcome, NewDevice, NewEnrolment, PersonId, Result};

pub async fn add_enrolment(to: &mut SqliteConnection, new: NewEnrolment) -> Result<Change<EnrolmentOutcome>> {
    let known: bool = sqlx::query_scalar("SELECT count(*) FROM person WHERE slug = ?1")
        .bind(&new.slug)
        .fetch_one(&mut *to)
        .await?;
    match (known, new.again) {
        (true, false) => return Ok(Change::unheard(EnrolmentOutcome::SlugInUse)),
        (false, true) => return Ok(Change::unheard(EnrolmentOutcome::UnknownPerson)),
        (true, true) | (false, false) => {}
    }
    sqlx::query("INSERT INTO person (slug, name) VALUES (?1, ?2) ON CONFLICT (slug) DO UPDATE SET name = ?2")
        .bind(&new.slug)
        .bind(&new.name)
        .execute(&mut *to)
        .await?;
    sqlx::query(
        "INSERT INTO enrolment (code_hash, person, expires_s) SELECT ?1, id, ?2 FROM person WHERE slug = ?3",
    )
    .bind(&new.code_hash)
    .bind(new.expires_at.timestamp())
    .bind(&new.slug)
    .execute(to)
    .await?;
    Ok(Change::unheard(EnrolmentOutcome::Added))
}

pub async fn enrol(to: &mut SqliteConnection, new: NewDevice) -> Result<Change<EnrolOutcome>> {
    let Some(code) = sqlx::query(
        "SELECT e.person, e.expires_s, e.device, p.slug FROM enrolment e JOIN person p ON p.id = e.person
         WHERE e.code_hash = ?1",
    )
    .bind(&new.code_hash)
    .fetch_optional(&mut *to)
    .await?
    else {
        return Ok(Change::unheard(EnrolOutcome::BadCode));
    };
    let slug: String = code.try_get("slug")?;
    let used_by: String = code.try_get("device")?;
    if !used_by.is_empty() {
        return enrolled_before(to, used_by, slug, &new).await;
    }
    if code.try_get::<i64, _>("expires_s")? <= new.now.timestamp() {
        return Ok(Change::unheard(EnrolOutcome::BadCode));
    }
    let person = PersonId(code.try_get("person")?);
    replace_device(to, person, &new).await?;
    Ok(Change::of(person, EnrolOutcome::Enrolled { device: new.id, slug }))
}

/// A laptop whose answer was lost asks again with the same key, and gets the same answer.
async fn enrolled_before(
    to: &mut SqliteConnection,
    device: String,
    slug: String,
    new: &NewDevice,
) -> Result<Change<EnrolOutcome>> {
    let same_key: bool = sqlx::query_scalar(
        "SELECT count(*) FROM device WHERE id = ?1 AND verifying_key = ?2 AND sealing_key = ?3 AND revoked = 0",
    )
    .bind(&device)
    .bind(&new.verifying_key)
    .bind(&new.sealing_key)
    .fetch_one(to)
    .await?;
    Ok(Change::unheard(if same_key {
        EnrolOutcome::Enrolled { device, slug }
    } else {
        EnrolOutcome::BadCode
    }))
}

async fn replace_device(to: &mut SqliteConnection, person: PersonId, new: &NewDevice) -> Result<()> {
    sqlx::query("UPDATE device SET revoked = 1 WHERE person = ?1 AND revoked = 0")
        .bind(person.0)
        .execute(&mut *to)
        .await?;
    sqlx::query(
        "INSERT INTO device (id, person, name, verifying_key, sealing_key, enrolled_s)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(&new.id)
    .bind(person.0)
    .bind(&new.name)
    .bind(&new.verifying_key)
    .bind(&new.sealing_key)
    .bind(new.now.timestamp())
    .execute(&mut *to)
    .await?;
    sqlx::query("UPDATE enrolment SET device = ?1 WHERE code_hash = ?2")
        .bind(&new.id)
        .bind(&new.code_hash)
        .execute(to)
        .await?;
    Ok(())
}

pub async fn find(from: &SqlitePool, id: &str) -> Result<Option<Device>> {
    let row = sqlx::query("SELECT id, person, verifying_key, revoked FROM device WHERE id = ?1")
        .bind(id)
        .fetch_optional(from)
        .await?;
    row.map(|row| {
        Ok(Device {
            id: row.try_get("id")?,
            person: PersonId(row.try_get("person")?),
            verifying_key: row.try_get("verifying_key")?,
            revoked: row.try_get("revoked")?,
        })
    })
    .transpose()
}

pub async fn use_nonce(
    to: &mut SqliteConnection,
    device: String,
    nonce: String,
    now: Instant,
) -> Result<Change<bool>> {
    let added = sqlx::query(
        "INSERT INTO nonce (device, nonce, seen_s) VALUES (?1, ?2, ?3) ON CONFLICT (device, nonce) DO NOTHING",
    )
    .bind(device)
    .bind(nonce)
    .bind(now.timestamp())
    .execute(to)
    .await?;
    Ok(Change::unheard(added.rows_affected() == 1))
}
