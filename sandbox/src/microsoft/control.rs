//! The same hands over HTTP, for browsers' tests and scripts: served under `/control/microsoft`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::hands::HandError;
use super::quirks::Quirks;
use super::{Demand, Microsoft};

pub fn control_router(microsoft: Arc<Microsoft>) -> Router {
    Router::new()
        .route("/quirks", get(quirks).post(set_quirks))
        .route("/events/{user}/{calendar}", get(events))
        .route("/act", post(act))
        .with_state(microsoft)
}

/// Something done to a mailbox by somebody else.
#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
enum Act {
    Insert { user: String, calendar: String, event: Value },
    Edit { user: String, event: String, patch: Value },
    Delete { user: String, event: String },
    EditOccurrence { user: String, series: String, date: String, patch: Value },
    CancelOccurrence { user: String, series: String, date: String },
    Relocate { user: String, event: String, calendar: String },
    RemoveCalendar { user: String, calendar: String },
    ExpireSyncStates { user: String, calendar: String },
    DemandSignIn { user: String, demand: Demand },
    RequireAdmin { user: String },
}

async fn quirks(State(microsoft): State<Arc<Microsoft>>) -> Json<Quirks> {
    Json(microsoft.quirks())
}

async fn set_quirks(State(microsoft): State<Arc<Microsoft>>, Json(quirks): Json<Quirks>) -> Json<Quirks> {
    microsoft.set_quirks(quirks);
    Json(quirks)
}

async fn events(
    State(microsoft): State<Arc<Microsoft>>,
    Path((user, calendar)): Path<(String, String)>,
) -> Response {
    answered(microsoft.events(&user, &calendar).map(|events| json!({"events": events})))
}

async fn act(State(microsoft): State<Arc<Microsoft>>, Json(act): Json<Act>) -> Response {
    let done = |outcome: Result<(), HandError>| outcome.map(|()| json!({"done": true}));
    answered(match act {
        Act::Insert { user, calendar, event } => microsoft.insert(&user, &calendar, &event),
        Act::Edit { user, event, patch } => microsoft.edit(&user, &event, &patch),
        Act::Delete { user, event } => done(microsoft.delete(&user, &event)),
        Act::EditOccurrence { user, series, date, patch } => {
            microsoft.edit_occurrence(&user, &series, &date, &patch)
        }
        Act::CancelOccurrence { user, series, date } => {
            done(microsoft.cancel_occurrence(&user, &series, &date))
        }
        Act::Relocate { user, event, calendar } => done(microsoft.relocate(&user, &event, &calendar)),
        Act::RemoveCalendar { user, calendar } => done(microsoft.remove_calendar(&user, &calendar)),
        Act::ExpireSyncStates { user, calendar } => done(microsoft.expire_sync_states(&user, &calendar)),
        Act::DemandSignIn { user, demand } => done({
            microsoft.demand_sign_in(&user, demand);
            Ok(())
        }),
        Act::RequireAdmin { user } => done({
            microsoft.require_admin(&user);
            Ok(())
        }),
    })
}

fn answered(outcome: Result<Value, HandError>) -> Response {
    match outcome {
        Ok(value) => Json(value).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": error.to_string()}))).into_response(),
    }
}
