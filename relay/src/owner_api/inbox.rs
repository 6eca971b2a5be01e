//! `GET inbox` waits for news and answers at once when there is some; `POST ack` says what is safe.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use daymark_core::contract::{Ack, Inbox, InboxEntry, LONG_POLL_MAX_S, ProblemCode};
use serde::Deserialize;

use super::problem::{Refused, Result, parse};
use super::signed::Signed;
use crate::app::App;
use crate::store::{AckOutcome, PersonId};

const ENTRIES_MAX: u32 = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(default)]
    after: u64,
    /// Seconds; 0 answers at once.
    #[serde(default)]
    wait: u64,
}

pub async fn read(
    State(app): State<Arc<App>>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
    signed: Signed,
) -> Result<Json<Inbox>> {
    let Query(asked) = asked.map_err(|rejection| Refused::bad_request(rejection.body_text()))?;
    let wait = Duration::from_secs(asked.wait.min(LONG_POLL_MAX_S));
    let entries = tokio::select! {
        entries = news(&app, signed.device.person, asked.after) => entries?,
        () = tokio::time::sleep(wait) => app.store.inbox(signed.device.person, asked.after, ENTRIES_MAX).await?,
        () = app.stopping.cancelled() => Vec::new(),
    };
    let known = Some(app.store.known(signed.device.person).await?);
    Ok(Json(Inbox { epoch: app.store.epoch().await?, entries, known }))
}

/// Returns once there is an entry after `after`.
async fn news(app: &App, person: PersonId, after: u64) -> Result<Vec<InboxEntry>> {
    let mut changes = app.store.changes(person);
    loop {
        // Marked before reading, so that what arrives meanwhile rings again.
        changes.mark_unchanged();
        let entries = app.store.inbox(person, after, ENTRIES_MAX).await?;
        if !entries.is_empty() {
            return Ok(entries);
        }
        if changes.changed().await.is_err() {
            return Ok(Vec::new());
        }
    }
}

pub async fn ack(State(app): State<Arc<App>>, signed: Signed) -> Result<StatusCode> {
    let ack: Ack = parse(&signed.body)?;
    if ack.upto > i64::MAX.unsigned_abs() {
        return Err(Refused::bad_request("upto is too large"));
    }
    match app.store.ack(signed.device.person, &ack.epoch, ack.upto).await? {
        AckOutcome::Acked => Ok(StatusCode::NO_CONTENT),
        AckOutcome::EpochChanged => {
            Err(Refused::new(ProblemCode::EpochChanged, "the relay was restored from a backup"))
        }
    }
}
