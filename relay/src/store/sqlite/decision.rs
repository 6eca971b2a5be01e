//! What becomes of a booking: the owner's decisions and the visitor's cancellation.

use daymark_core::booking::{BookingId, State, Step};
use daymark_core::contract::{BookingState, Decision, InboxKind, Verdict};
use daymark_core::time::Instant;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::inbox;
use super::row::{At, state_word};
use super::writer::Change;
use crate::store::{CancelOutcome, PersonId, Result};

struct Standing {
    id: BookingId,
    person: PersonId,
    version: u32,
    state: State,
}

pub async fn decide(
    to: &mut SqliteConnection,
    person: PersonId,
    decisions: Vec<Decision>,
) -> Result<Change<Vec<BookingState>>> {
    let mut answers = Vec::with_capacity(decisions.len());
    for decision in decisions {
        let Some(mut standing) = by_id(to, person, &decision.booking).await? else {
            continue;
        };
        let step = match decision.verdict {
            Verdict::Confirm => Step::Confirm,
            Verdict::Decline => Step::Decline,
        };
        // A decision about an older version, or one that came too late, is ignored; the answer tells.
        if decision.version == standing.version
            && let Ok(after) = standing.state.after(step)
        {
            settle(to, &mut standing, after, decision.version).await?;
        }
        let Standing { id, version, state, .. } = standing;
        answers.push(BookingState { booking: id, version, state });
    }
    Ok(Change::of(person, answers))
}

pub async fn cancel(
    to: &mut SqliteConnection,
    token_hash: String,
    expect_version: u32,
    now: Instant,
) -> Result<Change<CancelOutcome>> {
    let Some(mut standing) = by_token(to, &token_hash).await? else {
        return Ok(Change::unheard(CancelOutcome::Unknown));
    };
    if standing.state == State::Cancelled {
        return Ok(Change::unheard(CancelOutcome::Cancelled));
    }
    let (Ok(after), true) = (standing.state.after(Step::Cancel), standing.version == expect_version) else {
        return Ok(Change::unheard(CancelOutcome::Changed));
    };
    // A calendar takes a cancellation only with a higher sequence than the invitation's (RFC 5546 §3.2.5).
    settle(to, &mut standing, after, expect_version + 1).await?;
    let Standing { id, person, version, .. } = standing;
    inbox::append(to, person, &id, version, &InboxKind::Cancelled, now).await?;
    Ok(Change::of(person, CancelOutcome::Cancelled))
}

/// Writes the new state; what is no longer live lets go of its time.
async fn settle(
    to: &mut SqliteConnection,
    standing: &mut Standing,
    state: State,
    version: u32,
) -> Result<()> {
    standing.state = state;
    standing.version = version;
    sqlx::query("UPDATE booking SET state = ?2, version = ?3 WHERE id = ?1")
        .bind(&standing.id.0)
        .bind(state_word(state))
        .bind(version)
        .execute(&mut *to)
        .await?;
    if !state.is_live() {
        sqlx::query("DELETE FROM claim WHERE booking = ?1").bind(&standing.id.0).execute(to).await?;
    }
    Ok(())
}

async fn by_id(to: &mut SqliteConnection, person: PersonId, id: &BookingId) -> Result<Option<Standing>> {
    let row = sqlx::query("SELECT id, person, version, state FROM booking WHERE id = ?1 AND person = ?2")
        .bind(&id.0)
        .bind(person.0)
        .fetch_optional(to)
        .await?;
    row.map(standing).transpose()
}

async fn by_token(to: &mut SqliteConnection, token_hash: &str) -> Result<Option<Standing>> {
    let row =
        sqlx::query("SELECT id, person, version, state FROM booking WHERE token_hash = ?1 AND forgotten = 0")
            .bind(token_hash)
            .fetch_optional(to)
            .await?;
    row.map(standing).transpose()
}

fn standing(row: sqlx::sqlite::SqliteRow) -> Result<Standing> {
    let id: String = row.try_get("id")?;
    let at = At { table: "booking", row: &id };
    Ok(Standing {
        person: PersonId(row.try_get("person")?),
        version: at.whole("version", row.try_get("version")?)?,
        state: at.state(row.try_get("state")?)?,
        id: BookingId(id),
    })
}
