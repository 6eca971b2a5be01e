//! "Someone else" at work: looks into calendars and edits made past the API, for tests and the control plane.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Map, Value, json};

use super::{
    Google,
    book::{Books, Calendar, Role, Stamp, Stored},
    draft::Understands,
    policy,
    problem::Problem,
    view::{self, View},
    write::{Author, Change, Method},
};

impl Google {
    /// Every event of the calendar in the API's own form, deleted ones and exceptions included, in order of id.
    pub fn events(&self, user: &str, calendar: &str) -> Vec<Value> {
        let books = self.books();
        let Some(calendar) = books.calendar(Books::resolve(user, calendar)) else { return Vec::new() };
        let view = View::new(calendar, Role::Owner, None);
        calendar.events.values().map(|stored| view.event(&calendar.effective(stored))).collect()
    }

    /// As [`Google::events`], without what is deleted.
    pub fn live_events(&self, user: &str, calendar: &str) -> Vec<Value> {
        let mut events = self.events(user, calendar);
        events.retain(|event| event.get("status") != Some(&json!("cancelled")));
        events
    }

    /// The user's whole list of calendars, hidden and deleted entries included.
    pub fn calendars(&self, user: &str) -> Vec<Value> {
        let books = self.books();
        let entries = books.list(user).iter();
        entries.filter_map(|entry| Some(view::entry(entry, books.calendar(&entry.calendar)?))).collect()
    }

    pub fn event(&self, user: &str, calendar: &str, id: &str) -> Option<Value> {
        let books = self.books();
        let calendar = books.calendar(Books::resolve(user, calendar))?;
        Some(View::new(calendar, Role::Owner, None).event(&calendar.find(id)?))
    }

    /// A new event in the owner's web page. It returns the event with its id.
    pub fn insert(&self, user: &str, calendar: &str, event: Value) -> Result<Value, Problem> {
        let minted = self.world.dice.base32hex(26);
        let body = object(event)?;
        self.edit_books(user, calendar, |calendar, stamp| {
            calendar.insert(&body, Understands::everything(), Author { email: user }, stamp, &minted)
        })
    }

    /// A meeting that somebody else called, and the owner is invited to.
    pub fn invite(&self, user: &str, calendar: &str, event: Value) -> Result<Value, Problem> {
        let minted = self.world.dice.base32hex(26);
        let body = object(event)?;
        self.edit_books(user, calendar, |calendar, stamp| {
            calendar.import(&body, Understands::everything(), Author { email: user }, stamp, &minted)
        })
    }

    /// A change in the owner's web page, merged as PATCH does.
    pub fn edit(&self, user: &str, calendar: &str, id: &str, patch: Value) -> Result<Value, Problem> {
        let body = object(patch)?;
        self.edit_books(user, calendar, |calendar, stamp| {
            let understands = Understands::everything();
            let change = Change { id, method: Method::Patch, body: &body, understands, if_match: None };
            calendar.change(&change, stamp)
        })
    }

    pub fn delete(&self, user: &str, calendar: &str, id: &str) -> Result<Value, Problem> {
        self.edit_books(user, calendar, |calendar, stamp| calendar.remove(id, None, stamp))
    }

    /// Sync tokens given out for the calendar so far have expired: 410.
    pub fn expire_sync_tokens(&self, user: &str, calendar: &str) {
        if let Some(calendar) = self.books().calendar_mut(Books::resolve(user, calendar)) {
            calendar.sync_epoch += 1;
        }
    }

    /// The user's role on a calendar changes; `None` takes the calendar off the list.
    pub fn share(&self, user: &str, calendar: &str, role: Option<&str>) -> Result<(), Problem> {
        let now = self.world.now();
        let mut books = self.books();
        let tick = books.stamp(now).tick;
        let entry = books.entry_mut(user, Books::resolve(user, calendar)).ok_or_else(Problem::not_found)?;
        entry.deleted = role.is_none();
        entry.tick = tick;
        if let Some(role) = role {
            entry.role = Role::parse(role).ok_or_else(|| Problem::invalid("Unknown role."))?;
        }
        Ok(())
    }

    /// freeBusy leaves the calendar out of its answers from now on.
    pub fn forget_in_free_busy(&self, calendar: &str) {
        self.books().missing_in_free_busy.insert(calendar.to_owned());
    }

    fn edit_books(
        &self,
        user: &str,
        calendar: &str,
        change: impl FnOnce(&mut Calendar, Stamp) -> Result<Stored, Problem>,
    ) -> Result<Value, Problem> {
        let now = self.world.now();
        let mut books = self.books();
        let stamp = books.stamp(now);
        let calendar = books.calendar_mut(Books::resolve(user, calendar)).ok_or_else(Problem::not_found)?;
        let stored = change(calendar, stamp)?;
        Ok(View::new(calendar, Role::Owner, None).event(&stored))
    }
}

fn object(value: Value) -> Result<Map<String, Value>, Problem> {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(Problem::parse_error()),
    }
}

pub fn control_router() -> Router<Arc<Google>> {
    let event = get(look).patch(edit).delete(delete);
    Router::new()
        .route("/{user}/calendars", get(look_calendars))
        .route("/{user}/calendars/{calendar}/events", get(look_all).post(insert))
        .route("/{user}/calendars/{calendar}/events/{event}", event)
        .route("/{user}/calendars/{calendar}/expire-sync", post(expire_sync))
        .route("/{user}/calendars/{calendar}/share", post(share))
        .route("/{user}/policy", post(policy::set))
}

async fn look_calendars(State(google): State<Arc<Google>>, Path(user): Path<String>) -> Json<Value> {
    Json(json!({"calendars": google.calendars(&user)}))
}

async fn look_all(
    State(google): State<Arc<Google>>,
    Path((user, calendar)): Path<(String, String)>,
) -> Json<Value> {
    Json(json!({"events": google.events(&user, &calendar)}))
}

async fn look(
    State(google): State<Arc<Google>>,
    Path((user, calendar, id)): Path<(String, String, String)>,
) -> Response {
    answer(google.event(&user, &calendar, &id).ok_or_else(Problem::not_found))
}

async fn insert(
    State(google): State<Arc<Google>>,
    Path((user, calendar)): Path<(String, String)>,
    Json(event): Json<Value>,
) -> Response {
    answer(google.insert(&user, &calendar, event))
}

async fn edit(
    State(google): State<Arc<Google>>,
    Path((user, calendar, id)): Path<(String, String, String)>,
    Json(patch): Json<Value>,
) -> Response {
    answer(google.edit(&user, &calendar, &id, patch))
}

async fn delete(
    State(google): State<Arc<Google>>,
    Path((user, calendar, id)): Path<(String, String, String)>,
) -> Response {
    answer(google.delete(&user, &calendar, &id))
}

async fn expire_sync(
    State(google): State<Arc<Google>>,
    Path((user, calendar)): Path<(String, String)>,
) -> Response {
    google.expire_sync_tokens(&user, &calendar);
    answer(Ok(json!({"done": true})))
}

async fn share(
    State(google): State<Arc<Google>>,
    Path((user, calendar)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Response {
    let role = body.get("role").and_then(Value::as_str);
    answer(google.share(&user, &calendar, role).map(|()| json!({"done": true})))
}

fn answer(result: Result<Value, Problem>) -> Response {
    result.map_or_else(IntoResponse::into_response, |value| Json(value).into_response())
}
