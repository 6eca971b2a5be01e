//! `POST decisions`: what became of the bookings on the owner's side.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use daymark_core::contract::{Decided, Decisions};

use super::problem::{Refused, Result, parse};
use super::signed::Signed;
use crate::app::App;

const DECISIONS_MAX: usize = 500;

pub async fn decide(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<Decided>> {
    let asked: Decisions = parse(&signed.body)?;
    if asked.decisions.len() > DECISIONS_MAX {
        return Err(Refused::bad_request(format!("more than {DECISIONS_MAX} decisions at once")));
    }
    let bookings = app.store.decide(signed.device.person, asked.decisions).await?;
    Ok(Json(Decided { bookings }))
}
