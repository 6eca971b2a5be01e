//! Handlers of `calendars/{calendarId}/events`.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Map, Value};

use super::{
    Google,
    book::{Books, Role, Stored},
    caller::{Caller, Need},
    draft::Understands,
    list::{Listing, instances},
    notify,
    problem::Problem,
    query::Query,
    view::View,
    write::{Author, Change, Method},
};
use crate::ledger::Wrote;

type Answer = Result<Response, Problem>;
type Id = Path<(String, String)>;

pub fn router() -> Router<Arc<Google>> {
    let event = get(get_event).patch(patch_event).put(replace_event).delete(delete_event);
    Router::new()
        .route("/calendars/{calendar}/events", get(list_events).post(insert_event))
        .route("/calendars/{calendar}/events/import", post(import_event))
        .route("/calendars/{calendar}/events/{event}", event)
        .route("/calendars/{calendar}/events/{event}/instances", get(list_instances))
        .route("/calendars/{calendar}/events/{event}/move", post(move_event))
}

async fn list_events(
    State(google): State<Arc<Google>>,
    caller: Caller,
    Path(calendar): Path<String>,
    query: Query,
) -> Answer {
    caller.may(Need::ReadEvents)?;
    let now = google.world.now();
    let books = google.books();
    let (role, calendar) = readable(&books, &caller, &calendar)?;
    let empty_page_every = google.world.config.google_empty_page_every;
    let listing = Listing { calendar, role, query: &query, now, tick: books.tick(), empty_page_every };
    Ok(Json(listing.answer()?).into_response())
}

async fn list_instances(
    State(google): State<Arc<Google>>,
    caller: Caller,
    Path((calendar, event)): Id,
    query: Query,
) -> Answer {
    caller.may(Need::ReadEvents)?;
    let now = google.world.now();
    let books = google.books();
    let (role, calendar) = readable(&books, &caller, &calendar)?;
    let listing = Listing { calendar, role, query: &query, now, tick: books.tick(), empty_page_every: 0 };
    Ok(Json(instances(&listing, &event)?).into_response())
}

async fn get_event(
    State(google): State<Arc<Google>>,
    caller: Caller,
    Path((calendar, event)): Id,
    query: Query,
) -> Answer {
    caller.may(Need::ReadEvents)?;
    let books = google.books();
    let (role, calendar) = readable(&books, &caller, &calendar)?;
    let stored = calendar.find(&event).ok_or_else(Problem::not_found)?;
    let mut view = View::new(calendar, role, query.zone()?);
    view.max_attendees = query.number("maxAttendees")?;
    Ok(with_etag(&stored, view.event(&stored)))
}

async fn insert_event(
    State(google): State<Arc<Google>>,
    caller: Caller,
    Path(calendar): Path<String>,
    query: Query,
    body: Bytes,
) -> Answer {
    caller.may(Need::WriteEvents)?;
    let minted = google.world.dice.base32hex(26);
    write(&google, &caller, &calendar, &query, "invitation", |calendar, stamp| {
        let author = Author { email: &caller.email };
        calendar.insert(&object(&body)?, Understands::from_query(&query)?, author, stamp, &minted)
    })
}

async fn import_event(
    State(google): State<Arc<Google>>,
    caller: Caller,
    Path(calendar): Path<String>,
    query: Query,
    body: Bytes,
) -> Answer {
    caller.may(Need::WriteEvents)?;
    let minted = google.world.dice.base32hex(26);
    // An import is private: nobody is told.
    write(&google, &caller, &calendar, &Query::default(), "import", |calendar, stamp| {
        let author = Author { email: &caller.email };
        calendar.import(&object(&body)?, Understands::from_query(&query)?, author, stamp, &minted)
    })
}

async fn patch_event(
    state: State<Arc<Google>>,
    caller: Caller,
    path: Id,
    query: Query,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    change_event(&state, &caller, path, &query, &headers, &body, Method::Patch)
}

async fn replace_event(
    state: State<Arc<Google>>,
    caller: Caller,
    path: Id,
    query: Query,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    change_event(&state, &caller, path, &query, &headers, &body, Method::Replace)
}

fn change_event(
    google: &Google,
    caller: &Caller,
    Path((calendar, id)): Id,
    query: &Query,
    headers: &HeaderMap,
    body: &Bytes,
    method: Method,
) -> Answer {
    caller.may(Need::WriteEvents)?;
    write(google, caller, &calendar, query, "update", |calendar, stamp| {
        let change = Change {
            id: &id,
            method,
            body: &object(body)?,
            understands: Understands::from_query(query)?,
            if_match: if_match(headers),
        };
        calendar.change(&change, stamp)
    })
}

async fn delete_event(
    State(google): State<Arc<Google>>,
    caller: Caller,
    Path((calendar, id)): Id,
    query: Query,
    headers: HeaderMap,
) -> Answer {
    caller.may(Need::WriteEvents)?;
    write(&google, &caller, &calendar, &query, "cancellation", |calendar, stamp| {
        calendar.remove(&id, if_match(&headers), stamp)
    })?;
    Ok((Extension(Wrote), StatusCode::NO_CONTENT).into_response())
}

/// The answer says `cancelled` although the move worked: it shows the stub that stays behind.
async fn move_event(
    State(google): State<Arc<Google>>,
    caller: Caller,
    Path((calendar, id)): Id,
    query: Query,
    headers: HeaderMap,
) -> Answer {
    caller.may(Need::WriteEvents)?;
    let destination = query.text("destination").ok_or_else(|| Problem::required("Required"))?;
    let now = google.world.now();
    let mut books = google.books();
    if !books.role(&caller.email, destination)?.writes() {
        return Err(Problem::writer_required());
    }
    let (role, source, stamp) = books.open_to_write(&caller.email, &calendar, now)?;
    let moved = source.take_out(&id, if_match(&headers), stamp)?;
    let stub = source.stored(&id).cloned().ok_or_else(Problem::not_found)?;
    let answer = View::new(source, role, None).event(&stub);
    let (_, target, stamp) = books.open_to_write(&caller.email, destination, now)?;
    target.take_in(moved, stamp);
    Ok((Extension(Wrote), with_etag(&stub, answer)).into_response())
}

/// Runs one change under the lock, tells the guests as asked, and answers with the event.
fn write(
    google: &Google,
    caller: &Caller,
    calendar: &str,
    query: &Query,
    about: &str,
    change: impl FnOnce(&mut super::book::Calendar, super::book::Stamp) -> Result<Stored, Problem>,
) -> Answer {
    let audience = notify::Audience::from_query(query)?;
    let now = google.world.now();
    let mut books = google.books();
    let (role, calendar, stamp) = books.open_to_write(&caller.email, calendar, now)?;
    let stored = change(calendar, stamp)?;
    notify::post(&google.world, audience, about, calendar, &stored);
    let answer = View::new(calendar, role, None).event(&stored);
    Ok((Extension(Wrote), with_etag(&stored, answer)).into_response())
}

/// Who sees only free and busy cannot list events.
fn readable<'a>(
    books: &'a Books,
    caller: &Caller,
    calendar: &str,
) -> Result<(Role, &'a super::book::Calendar), Problem> {
    let (role, calendar) = books.open(&caller.email, calendar)?;
    if role == Role::FreeBusyReader { Err(Problem::forbidden()) } else { Ok((role, calendar)) }
}

fn object(body: &Bytes) -> Result<Map<String, Value>, Problem> {
    serde_json::from_slice(body).map_err(|_| Problem::parse_error())
}

fn if_match(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok())
}

fn with_etag(stored: &Stored, answer: Value) -> Response {
    let mut response = Json(answer).into_response();
    if let Ok(etag) = HeaderValue::from_str(&stored.etag()) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}
