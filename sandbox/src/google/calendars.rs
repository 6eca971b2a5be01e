//! Handlers of the calendar list, of calendars, settings, colours and free/busy.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Google,
    book::{Books, Calendar, Entry, Role, etag},
    caller::{Caller, Need},
    problem::Problem,
    query::Query,
    token::{PageToken, SyncToken, decode, encode},
    view,
};
use crate::identity::Provider;

type Answer = Result<Json<Value>, Problem>;

const CALENDARS_MAX: usize = 50;

pub fn router() -> Router<Arc<Google>> {
    Router::new()
        .route("/users/me/calendarList", get(list))
        .route("/users/me/calendarList/{calendar}", get(get_entry))
        .route("/users/me/settings/timezone", get(time_zone))
        .route("/calendars/{calendar}", get(get_calendar))
        .route("/colors", get(colors))
        .route("/freeBusy", post(free_busy))
}

async fn list(State(google): State<Arc<Google>>, caller: Caller, query: Query) -> Answer {
    caller.may(Need::ReadLists)?;
    let books = google.books();
    let sync = read_sync_token(&caller, &query)?;
    let size = query.page_size(100, 250)?;
    let page = read_page_token(&caller, &query, books.tick())?;
    let mut entries = chosen(&books, &caller, &query, sync.as_ref())?;
    entries.retain(|entry| entry.calendar > page.after);
    let more = entries.len() > size;
    entries.truncate(size);
    let last = entries.last().filter(|_| more).map(|entry| entry.calendar.clone());
    let shown = entries.iter().filter_map(|entry| Some(view::entry(entry, books.calendar(&entry.calendar)?)));
    let mut out = json!({"kind": "calendar#calendarList", "etag": etag(books.tick()), "items": shown.collect::<Vec<_>>()});
    let (name, token) = match last {
        Some(after) => ("nextPageToken", encode(&PageToken { after, page: page.page + 1, ..page })),
        None => {
            let token = SyncToken { of: caller.email, frozen: String::new(), epoch: 0, since: page.since };
            ("nextSyncToken", encode(&token))
        }
    };
    if let Some(fields) = out.as_object_mut() {
        fields.insert(name.to_owned(), json!(token));
    }
    Ok(Json(out))
}

fn read_sync_token(caller: &Caller, query: &Query) -> Result<Option<SyncToken>, Problem> {
    let Some(text) = query.text("syncToken") else { return Ok(None) };
    for name in ["minAccessRole", "showOwnOrganizationOnly"] {
        if query.text(name).is_some() {
            return Err(Problem::not_with_sync_token(name));
        }
    }
    for name in ["showDeleted", "showHidden"] {
        if query.flag(name)? == Some(false) {
            return Err(Problem::not_with_sync_token(name));
        }
    }
    let invalid = || Problem::invalid_parameter("syncToken", "Invalid sync token value.");
    decode::<SyncToken>(text).filter(|token| token.of == caller.email).map(Some).ok_or_else(invalid)
}

fn read_page_token(caller: &Caller, query: &Query, tick: u64) -> Result<PageToken, Problem> {
    let fingerprint = query.fingerprint(|name| name != "pageToken");
    let Some(text) = query.text("pageToken") else {
        return Ok(PageToken {
            of: caller.email.clone(),
            fingerprint,
            page: 0,
            after: String::new(),
            since: tick,
        });
    };
    decode::<PageToken>(text)
        .filter(|token| token.of == caller.email && token.fingerprint == fingerprint)
        .ok_or_else(|| Problem::invalid_parameter("pageToken", "Invalid page token value."))
}

fn chosen<'a>(
    books: &'a Books,
    caller: &Caller,
    query: &Query,
    sync: Option<&SyncToken>,
) -> Result<Vec<&'a Entry>, Problem> {
    let least = match query.text("minAccessRole") {
        None => Role::FreeBusyReader,
        Some(text) => Role::parse(text).ok_or_else(Problem::bad_request)?,
    };
    let (show_deleted, show_hidden) = (query.is_set("showDeleted")?, query.is_set("showHidden")?);
    let wanted = |entry: &&Entry| match sync {
        // All that was deleted or hidden since then is in the result.
        Some(token) => entry.tick > token.since,
        None => entry.role >= least && (show_deleted || !entry.deleted) && (show_hidden || !entry.hidden),
    };
    let mut entries: Vec<&Entry> = books.list(&caller.email).iter().filter(wanted).collect();
    entries.sort_by(|one, two| one.calendar.cmp(&two.calendar));
    Ok(entries)
}

async fn get_entry(State(google): State<Arc<Google>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.may(Need::ReadLists)?;
    let books = google.books();
    let (_, calendar) = books.open(&caller.email, &id)?;
    let entry = books.list(&caller.email).iter().find(|entry| entry.calendar == calendar.id);
    Ok(Json(view::entry(entry.ok_or_else(Problem::not_found)?, calendar)))
}

async fn get_calendar(State(google): State<Arc<Google>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.may(Need::ReadCalendars)?;
    let books = google.books();
    Ok(Json(view::calendar(books.open(&caller.email, &id)?.1)))
}

async fn time_zone(State(google): State<Arc<Google>>, caller: Caller) -> Answer {
    caller.may(Need::ReadSettings)?;
    let account = google.world.identity().account(Provider::Google, &caller.email);
    let zone = account.ok_or_else(Problem::not_found)?.zone;
    Ok(Json(json!({"kind": "calendar#setting", "etag": etag(1), "id": "timezone", "value": zone.name()})))
}

async fn colors(caller: Caller) -> Answer {
    caller.may(Need::ReadLists)?;
    let pair = |background: &str| json!({"background": background, "foreground": "#1d1d1d"});
    Ok(Json(json!({
        "kind": "calendar#colors",
        "updated": "2012-02-14T00:00:00.000Z",
        "calendar": {"1": pair("#ac725e"), "14": pair("#9fe1e7")},
        "event": {"1": pair("#a4bdfc"), "2": pair("#7ae7bf"), "11": pair("#dc2127")},
    })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FreeBusyAsk {
    time_min: Option<String>,
    time_max: Option<String>,
    #[serde(default)]
    items: Vec<FreeBusyItem>,
    calendar_expansion_max: Option<usize>,
}

#[derive(Deserialize)]
struct FreeBusyItem {
    id: String,
}

async fn free_busy(State(google): State<Arc<Google>>, caller: Caller, body: Bytes) -> Answer {
    caller.may(Need::FreeBusy)?;
    let ask: FreeBusyAsk = serde_json::from_slice(&body).map_err(|_| Problem::parse_error())?;
    let instant = |text: Option<String>| {
        let text = text.ok_or_else(|| Problem::required("Required"))?;
        DateTime::parse_from_rfc3339(&text).map(|at| at.to_utc()).map_err(|_| Problem::bad_request())
    };
    let (from, to) = (instant(ask.time_min)?, instant(ask.time_max)?);
    if from >= to {
        return Err(Problem::time_range_empty());
    }
    let books = google.books();
    let most = ask.calendar_expansion_max.unwrap_or(CALENDARS_MAX).min(CALENDARS_MAX);
    let mut calendars = Map::new();
    for (index, item) in ask.items.iter().enumerate() {
        if books.missing_in_free_busy.contains(&item.id) {
            continue;
        }
        let answer = match books.open(&caller.email, &item.id) {
            _ if index >= most => failed("tooManyCalendarsRequested"),
            Ok((_, calendar)) => json!({"busy": busy(calendar, from, to)}),
            Err(_) => failed("notFound"),
        };
        calendars.insert(item.id.clone(), answer);
    }
    let (time_min, time_max) = (view::millis(from), view::millis(to));
    Ok(Json(
        json!({"kind": "calendar#freeBusy", "timeMin": time_min, "timeMax": time_max, "calendars": calendars}),
    ))
}

fn failed(reason: &str) -> Value {
    json!({"errors": [{"domain": "global", "reason": reason}], "busy": []})
}

/// Busy times, merged where they touch and cut to the window.
fn busy(calendar: &Calendar, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Value> {
    let mut times: Vec<(DateTime<Utc>, DateTime<Utc>)> = calendar
        .between(from, to)
        .into_iter()
        .filter(|event| event.text("transparency") != Some("transparent"))
        .filter_map(|event| event.span.map(|span| span.instants(calendar.zone)))
        .map(|(start, end)| (start.max(from), end.min(to)))
        .collect();
    times.sort();
    let mut merged: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for (start, end) in times {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    merged.into_iter().map(|(start, end)| json!({"start": text(start), "end": text(end)})).collect()
}
