//! Making a booking: its claims, itself and its inbox entry, in one transaction.

use daymark_core::booking::{BookingId, QUANTUM_MIN, claim, quanta};
use daymark_core::contract::{AsBooked, InboxKind, WaitsFor};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqliteRow};

use super::inbox;
use super::row::{At, signed, state_word, to_json};
use super::writer::Change;
use crate::store::{BookOutcome, Booking, NewBooking, Result, Terms, WaitsBecause};

/// Resources with more than one seat do not exist yet; a person is one.
const SEAT: i64 = 0;

pub async fn make(to: &mut SqliteConnection, new: NewBooking) -> Result<Change<BookOutcome>> {
    if let Some(before) = request(to, &new.idem_hash).await? {
        let same = before == new.request_digest;
        return Ok(Change::unheard(if same { BookOutcome::MadeBefore } else { BookOutcome::KeyReused }));
    }
    if !page_stands(to, &new).await? {
        return Ok(Change::unheard(BookOutcome::PageChanged));
    }
    if neighbour_too_close(to, &new).await? || !take_claims(to, &new).await? {
        return Ok(Change::unheard(BookOutcome::Taken));
    }
    insert(to, &new).await?;
    let kind = InboxKind::Booked {
        type_id: new.type_id,
        start: new.visit.start(),
        length_min: new.length_min,
        promised: new.state == daymark_core::booking::State::Accepted,
        sealed: new.sealed_for_owner,
        as_booked: Some(as_booked(&new.terms)),
    };
    inbox::append(to, new.person, &new.id, 1, &kind, new.now).await?;
    Ok(Change::of(new.person, BookOutcome::Made))
}

fn as_booked(terms: &Terms) -> AsBooked {
    AsBooked {
        type_name: terms.type_name.clone(),
        place: terms.place.clone(),
        waits_for: terms.waits_because.map(|why| match why {
            WaitsBecause::OwnerApproves => WaitsFor::Owner,
            WaitsBecause::StaleTimes => WaitsFor::Times,
        }),
    }
}

/// The visitor's time was checked against one publication; a newer one may have withdrawn it.
async fn page_stands(to: &mut SqliteConnection, new: &NewBooking) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM page WHERE person = ?1 AND device = ?2 AND rev = ?3")
        .bind(new.person.0)
        .bind(&new.device)
        .bind(signed(new.rev))
        .fetch_one(to)
        .await?)
}

/// Claims carry a gap behind the visit only. Where two types keep different gaps the larger one
/// counts on both sides, which the claims alone cannot see.
async fn neighbour_too_close(to: &mut SqliteConnection, new: &NewBooking) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM booking
         WHERE person = ?1 AND state IN ('requested', 'accepted', 'confirmed')
           AND end_s + max(gap_s, ?4) > ?2 AND start_s < ?3 + max(gap_s, ?4)",
    )
    .bind(new.person.0)
    .bind(new.visit.start().timestamp())
    .bind(new.visit.end().timestamp())
    .bind(gap_s(new))
    .fetch_one(to)
    .await?)
}

/// False when the primary key says that another booking holds a part of the time.
async fn take_claims(to: &mut SqliteConnection, new: &NewBooking) -> Result<bool> {
    let Some(claimed) = claim(new.visit, chrono::TimeDelta::seconds(gap_s(new))) else {
        return Ok(false);
    };
    let quanta = quanta(&claimed);
    let taken = sqlx::query(
        "INSERT INTO claim (person, quantum, seat, booking)
         WITH RECURSIVE step(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM step WHERE n + 1 < ?2)
         SELECT ?3, n, ?4, ?5 FROM step",
    )
    .bind(quanta.start)
    .bind(quanta.end)
    .bind(new.person.0)
    .bind(SEAT)
    .bind(&new.id.0)
    .execute(to)
    .await;
    match taken {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn insert(to: &mut SqliteConnection, new: &NewBooking) -> Result<()> {
    sqlx::query(
        "INSERT INTO booking (id, person, version, state, type_id, start_s, end_s, gap_s, terms, idem_hash,
             request_digest, token_hash, manage_sealed, email, created_s)
         VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )
    .bind(&new.id.0)
    .bind(new.person.0)
    .bind(state_word(new.state))
    .bind(&new.type_id.0)
    .bind(new.visit.start().timestamp())
    .bind(new.visit.end().timestamp())
    .bind(gap_s(new))
    .bind(to_json("booking", "terms", &new.terms)?)
    .bind(&new.idem_hash)
    .bind(&new.request_digest)
    .bind(&new.token_hash)
    .bind(&new.sealed_for_visitor)
    .bind(&new.email)
    .bind(new.now.timestamp())
    .execute(to)
    .await?;
    Ok(())
}

fn gap_s(new: &NewBooking) -> i64 {
    i64::from(new.gap_min) * 60
}

pub async fn request_of(from: &SqlitePool, idem_hash: &str) -> Result<Option<String>> {
    request(&mut *from.acquire().await?, idem_hash).await
}

async fn request(from: &mut SqliteConnection, idem_hash: &str) -> Result<Option<String>> {
    Ok(sqlx::query_scalar("SELECT request_digest FROM booking WHERE idem_hash = ?1")
        .bind(idem_hash)
        .fetch_optional(from)
        .await?)
}

pub async fn managed(from: &SqlitePool, token_hash: &str) -> Result<Option<Booking>> {
    let row = sqlx::query(
        "SELECT b.id, p.slug, b.version, b.state, b.start_s, b.end_s, b.terms, b.manage_sealed,
             NOT EXISTS (SELECT 1 FROM inbox i WHERE i.booking = b.id AND i.seq > p.acked_seq) AS heard
         FROM booking b JOIN person p ON p.id = b.person WHERE b.token_hash = ?1 AND b.forgotten = 0",
    )
    .bind(token_hash)
    .fetch_optional(from)
    .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &SqliteRow) -> Result<Booking> {
    let id: String = row.try_get("id")?;
    let at = At { table: "booking", row: &id };
    Ok(Booking {
        slug: row.try_get("slug")?,
        version: at.whole("version", row.try_get("version")?)?,
        state: at.state(row.try_get("state")?)?,
        visit: at.visit(row.try_get("start_s")?, row.try_get("end_s")?)?,
        terms: at.json("terms", row.try_get("terms")?)?,
        sealed_for_visitor: row.try_get("manage_sealed")?,
        heard: row.try_get("heard")?,
        id: BookingId(id),
    })
}

const _: () = assert!(QUANTUM_MIN == 5, "stored claims are counted in quanta of five minutes");
