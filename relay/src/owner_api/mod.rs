//! The laptop's side: enrolment, publication, inbox and decisions, as `daymark_core::contract` spells them.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};
use daymark_core::contract::paths;

use crate::app::App;

mod decisions;
mod enrol;
mod inbox;
mod page;
mod problem;
mod signed;

/// A sheet of a year with many types is some hundred kilobytes.
const BODY_MAX_BYTES: usize = 2 * 1024 * 1024;

pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route(paths::ENROL, post(enrol::enrol))
        .route(paths::PAGE, put(page::put))
        .route(paths::INBOX, get(inbox::read))
        .route(paths::ACK, post(inbox::ack))
        .route(paths::DECISIONS, post(decisions::decide))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
}
