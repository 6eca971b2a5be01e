//! Which request does what: the part of Graph v1.0 that concerns one user's calendars.

use serde_json::{Map, Value, json};

use super::call::{Call, Reply};
use super::delta::Ask;
use super::error::GraphError;
use super::filter::Filter;
use super::ids::Key;
use super::mailbox::{Calendar, Mailbox, Window};
use super::query::{CANCELLED, Expand, Order, chosen};
use super::render::Renderer;

/// Not understood by a delta feed, which always gives whole events.
const NOT_ON_DELTA: [&str; 5] = ["$orderby", "$filter", "$select", "$expand", "$search"];

/// Answers one request of the mailbox's owner.
pub fn answer(mailbox: &mut Mailbox, call: &Call<'_>) -> Result<Reply, GraphError> {
    let segments: Vec<&str> = call.path.segments.iter().map(String::as_str).collect();
    let rest = match segments.as_slice() {
        ["me", rest @ ..] => rest,
        ["users", user, rest @ ..] if user.eq_ignore_ascii_case(&mailbox.address) => rest,
        ["users", ..] => return Err(GraphError::access_denied()),
        [other, ..] => return Err(GraphError::no_such_segment(other)),
        [] => return Err(GraphError::no_such_segment("")),
    };
    check_scope(call, rest.is_empty())?;
    match rest {
        [] => only(call, "GET").map(|()| me(mailbox, call)),
        ["calendars"] => calendars(mailbox, call),
        ["calendar"] => only(call, "GET").and_then(|()| calendar(mailbox, call, None)),
        ["calendars", id] => only(call, "GET").and_then(|()| calendar(mailbox, call, Some(id))),
        ["calendar", rest @ ..] => within(mailbox, call, None, rest),
        ["calendars", id, rest @ ..] => within(mailbox, call, Some(id), rest),
        rest => within(mailbox, call, None, rest),
    }
}

fn within(
    mailbox: &mut Mailbox,
    call: &Call<'_>,
    calendar: Option<&str>,
    rest: &[&str],
) -> Result<Reply, GraphError> {
    let found = calendar.map(|id| mailbox.calendar(id)).unwrap_or_else(|| mailbox.default_calendar())?;
    let number = found.number;
    // Without a calendar an event is looked for in all of them.
    let only_in = calendar.map(|_| number);
    match rest {
        ["events"] if call.method == "POST" => create(mailbox, call, number),
        ["events"] => only(call, "GET").and_then(|()| events(mailbox, call, number)),
        ["events", id] => event(mailbox, call, only_in, id),
        ["events", id, "instances"] => only(call, "GET").and_then(|()| instances(mailbox, call, only_in, id)),
        ["calendarview"] => only(call, "GET").and_then(|()| view(mailbox, call, number)),
        ["calendarview", "delta"] => only(call, "GET").and_then(|()| delta(mailbox, call, number)),
        [other, ..] => Err(GraphError::no_such_segment(other)),
        [] => Err(GraphError::no_such_segment("")),
    }
}

fn only(call: &Call<'_>, method: &str) -> Result<(), GraphError> {
    if call.method == method {
        return Ok(());
    }
    Err(GraphError::new(
        405,
        "Request_BadRequest",
        "Specified HTTP method is not allowed for the request target.",
    ))
}

fn check_scope(call: &Call<'_>, profile: bool) -> Result<(), GraphError> {
    let has = |scope: &str| call.scopes.iter().any(|granted| granted.eq_ignore_ascii_case(scope));
    if profile {
        let allowed = has("User.Read") || has("User.ReadWrite");
        return allowed.then_some(()).ok_or_else(|| {
            GraphError::new(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            )
        });
    }
    let writes = has("Calendars.ReadWrite") || has("Calendars.ReadWrite.Shared");
    let reads = writes || has("Calendars.Read") || has("Calendars.Read.Shared");
    let allowed = if call.method == "GET" { reads } else { writes };
    allowed.then_some(()).ok_or_else(GraphError::access_denied)
}

fn me(mailbox: &Mailbox, call: &Call<'_>) -> Reply {
    let (given, family) = mailbox.name.split_once(' ').unwrap_or((&mailbox.name, ""));
    Reply::ok(json!({
        "@odata.context": format!("{}/$metadata#users/$entity", call.base),
        "businessPhones": [],
        "displayName": mailbox.name,
        "givenName": given,
        "jobTitle": null,
        "mail": mailbox.address,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "surname": family,
        "userPrincipalName": mailbox.address,
        "id": format!("{}-0000-4000-8000-000000000001", mailbox.part.to_lowercase()),
    }))
}

fn calendars(mailbox: &Mailbox, call: &Call<'_>) -> Result<Reply, GraphError> {
    only(call, "GET")?;
    let renderer = Renderer { mailbox, prefer: &call.prefer };
    let list: Vec<&Calendar> = mailbox.calendars.iter().collect();
    collection(call, "users('me')/calendars", list, |calendar| Ok(renderer.calendar(calendar)))
}

fn calendar(mailbox: &Mailbox, call: &Call<'_>, id: Option<&str>) -> Result<Reply, GraphError> {
    let found = id.map(|id| mailbox.calendar(id)).unwrap_or_else(|| mailbox.default_calendar())?;
    let mut json = Renderer { mailbox, prefer: &call.prefer }.calendar(found);
    if let Some(fields) = json.as_object_mut() {
        fields.insert(
            "@odata.context".into(),
            json!(format!("{}/$metadata#users('me')/calendars/$entity", call.base)),
        );
    }
    Ok(Reply::ok(json))
}

/// Cuts one page out of the whole list and links to the next.
fn collection<T>(
    call: &Call<'_>,
    context: &str,
    list: Vec<T>,
    show: impl Fn(T) -> Result<Value, GraphError>,
) -> Result<Reply, GraphError> {
    let page = call.query.page(call.prefer.page_size, call.quirks.page_size)?;
    let (total, upto) = (list.len(), page.skip.saturating_add(page.size));
    let value: Result<Vec<Value>, GraphError> =
        list.into_iter().skip(page.skip).take(page.size).map(show).collect();
    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(format!("{}/$metadata#{context}", call.base)));
    if call.query.get("$count") == Some("true") {
        body.insert("@odata.count".into(), json!(total));
    }
    if upto < total {
        let link = format!("{}?{}", call.address(), call.query.skipping(upto));
        body.insert("@odata.nextLink".into(), json!(link));
    }
    body.insert("value".into(), Value::Array(value?));
    Ok(Reply::ok(Value::Object(body)))
}

/// An event with what `$expand` and `$select` ask for.
fn entity(mailbox: &Mailbox, call: &Call<'_>, key: Key) -> Result<Map<String, Value>, GraphError> {
    let renderer = Renderer { mailbox, prefer: &call.prefer };
    let select = call.query.select()?;
    let mut json = renderer.full(key)?;
    if key.date.is_none() && select.iter().flatten().any(|name| name == CANCELLED) {
        json.insert(CANCELLED.into(), renderer.cancelled(key.number)?);
    }
    let mut json = chosen(json, select.as_deref())?;
    for expand in call.query.expand()? {
        match expand {
            Expand::Exceptions => {
                json.insert("exceptionOccurrences".into(), renderer.exceptions(key.number)?);
            }
            Expand::Extended(ids) => {
                let found = extended(mailbox, key, &ids)?;
                if !found.is_empty() {
                    json.insert("singleValueExtendedProperties".into(), json!(found));
                }
            }
            Expand::Nothing(name) => drop(json.insert(name, json!([]))),
        }
    }
    Ok(json)
}

fn extended(mailbox: &Mailbox, key: Key, ids: &[String]) -> Result<Vec<Value>, GraphError> {
    let all = properties(mailbox, key)?;
    let asked = all.iter().filter(|(id, _)| ids.iter().any(|asked| super::draft::same_property(asked, id)));
    Ok(asked.map(|(id, value)| json!({"id": id, "value": value})).collect())
}

fn properties(mailbox: &Mailbox, key: Key) -> Result<Vec<(String, String)>, GraphError> {
    let event = mailbox.event(key.number)?;
    let exception = key.date.and_then(|date| event.exceptions.get(&date));
    let own = exception.into_iter().flat_map(|exception| exception.extended.iter());
    Ok(own.chain(event.extended.iter()).cloned().collect())
}

/// Filters and orders whole events, then cuts a page out, and only then looks at the selection.
fn listed(mailbox: &Mailbox, call: &Call<'_>, keys: Vec<Key>) -> Result<Reply, GraphError> {
    let keys = ordered(mailbox, call, filtered(mailbox, call, keys)?)?;
    collection(call, "users('me')/events", keys, |key| entity(mailbox, call, key).map(Value::Object))
}

fn filtered(mailbox: &Mailbox, call: &Call<'_>, keys: Vec<Key>) -> Result<Vec<Key>, GraphError> {
    let Some(text) = call.query.get("$filter") else { return Ok(keys) };
    let filter = Filter::parse(text)?;
    let renderer = Renderer { mailbox, prefer: &call.prefer };
    let mut kept = Vec::new();
    for key in keys {
        let full = if filter.reads_events() { renderer.full(key)? } else { Map::new() };
        if filter.admits(&full, &properties(mailbox, key)?) {
            kept.push(key);
        }
    }
    Ok(kept)
}

fn ordered(mailbox: &Mailbox, call: &Call<'_>, keys: Vec<Key>) -> Result<Vec<Key>, GraphError> {
    let Some(by) = call.query.get("$orderby") else { return Ok(keys) };
    let order = Order::parse(by)?;
    let renderer = Renderer { mailbox, prefer: &call.prefer };
    let ranked: Result<Vec<_>, _> =
        keys.into_iter().map(|key| Ok((order.rank(&renderer.full(key)?), key))).collect();
    let mut ranked = ranked?;
    ranked.sort();
    if order.descending {
        ranked.reverse();
    }
    Ok(ranked.into_iter().map(|(_, key)| key).collect())
}

/// Single events and masters; occurrences only come through views.
fn events(mailbox: &Mailbox, call: &Call<'_>, calendar: u64) -> Result<Reply, GraphError> {
    let here = mailbox.events.values().filter(|event| event.calendar == calendar);
    listed(mailbox, call, here.map(|event| Key::event(event.number)).collect())
}

/// Occurrences, exceptions and single events that touch the window, in the order of their starts; no masters.
fn view(mailbox: &Mailbox, call: &Call<'_>, calendar: u64) -> Result<Reply, GraphError> {
    let window = call.query.window()?;
    let mut found = Vec::new();
    for event in mailbox.events.values().filter(|event| event.calendar == calendar) {
        if event.recurrence.is_none() {
            if window.touches(&event.start, &event.end) {
                found.push((event.start.instant(), Key::event(event.number)));
            }
            continue;
        }
        let dates = event.dates_within(window).into_iter();
        found.extend(dates.map(|date| (event.placed(date).0.instant(), Key::occurrence(event.number, date))));
    }
    found.sort_unstable();
    listed(mailbox, call, found.into_iter().map(|(_, key)| key).collect())
}

fn delta(mailbox: &mut Mailbox, call: &Call<'_>, calendar: u64) -> Result<Reply, GraphError> {
    if call.query.first_of(&NOT_ON_DELTA).is_some() {
        return Err(GraphError::unsupported_query(format!(
            "The following parameters are not supported with change tracking over the 'CalendarView' resource: '{}'.",
            NOT_ON_DELTA.join(", ")
        )));
    }
    let token = |name| call.query.get(name).filter(|token| !token.is_empty()).map(str::to_owned);
    let ask = match (token("$skiptoken"), token("$deltatoken")) {
        (Some(token), _) => Ask::Next(token),
        (None, Some(token)) => Ask::Changes(token),
        (None, None) => Ask::First(call.query.window()?),
    };
    let page = mailbox.delta(calendar, ask, &call.address(), &call.prefer, &call.quirks)?;
    let link = format!("{}?{}={}", call.address(), page.parameter, page.token);
    let name = if page.parameter == "$skiptoken" { "@odata.nextLink" } else { "@odata.deltaLink" };
    let body = json!({
        "@odata.context": format!("{}/$metadata#Collection(event)", call.base),
        name: link,
        "value": page.value,
    });
    Ok(Reply::ok(body).with_header("Preference-Applied", "odata.track-changes"))
}

fn create(mailbox: &mut Mailbox, call: &Call<'_>, calendar: u64) -> Result<Reply, GraphError> {
    let created = mailbox.create(calendar, call.draft()?, call.now)?;
    if call.quirks.refuse_repeats && !created.is_new {
        return Err(GraphError::new(
            409,
            "ErrorDuplicateTransactionId",
            "The transaction id was used before.",
        ));
    }
    let reply = one(mailbox, call, created.key)?;
    let address =
        format!("{}/me/events/{}", call.base, Renderer { mailbox, prefer: &call.prefer }.id(created.key, 0));
    let reply = reply.with_status(201).with_header("Location", address);
    Ok(if created.is_new { reply.wrote() } else { reply })
}

fn one(mailbox: &Mailbox, call: &Call<'_>, key: Key) -> Result<Reply, GraphError> {
    let mut json = entity(mailbox, call, key)?;
    json.insert(
        "@odata.context".into(),
        json!(format!("{}/$metadata#users('me')/events/$entity", call.base)),
    );
    Ok(Reply::ok(Value::Object(json)).with_header("ETag", mailbox.etag(key)?))
}

fn found(mailbox: &Mailbox, only_in: Option<u64>, id: &str) -> Result<Key, GraphError> {
    let key = mailbox.key(id)?;
    let calendar = mailbox.event(key.number)?.calendar;
    if only_in.is_none_or(|number| number == calendar) { Ok(key) } else { Err(GraphError::not_found()) }
}

fn event(
    mailbox: &mut Mailbox,
    call: &Call<'_>,
    only_in: Option<u64>,
    id: &str,
) -> Result<Reply, GraphError> {
    let key = found(mailbox, only_in, id)?;
    match call.method {
        "GET" => one(mailbox, call, key),
        "PATCH" => {
            check_match(mailbox, call, key)?;
            mailbox.patch(key, call.draft()?, call.now)?;
            one(mailbox, call, key).map(Reply::wrote)
        }
        "DELETE" => {
            check_match(mailbox, call, key)?;
            mailbox.delete(key)?;
            Ok(Reply { status: 204, ..Reply::default() }.wrote())
        }
        _ => only(call, "GET").map(|()| Reply::default()),
    }
}

fn check_match(mailbox: &Mailbox, call: &Call<'_>, key: Key) -> Result<(), GraphError> {
    match call.if_match.as_deref() {
        None | Some("*") => Ok(()),
        Some(etag) if etag == mailbox.etag(key)? => Ok(()),
        Some(_) => Err(GraphError::conflict()),
    }
}

fn instances(
    mailbox: &Mailbox,
    call: &Call<'_>,
    only_in: Option<u64>,
    id: &str,
) -> Result<Reply, GraphError> {
    let key = found(mailbox, only_in, id)?;
    let window: Window = call.query.window()?;
    let event = mailbox.event(key.number)?;
    if event.recurrence.is_none() || key.date.is_some() {
        return Err(GraphError::new(
            400,
            "ErrorInvalidRequest",
            "Your request can't be completed: the event is not a series master.",
        ));
    }
    let dates = event.dates_within(window).into_iter();
    listed(mailbox, call, dates.map(|date| Key::occurrence(key.number, date)).collect())
}
