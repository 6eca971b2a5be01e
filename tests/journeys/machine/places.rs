//! The three calendars of the plays, as their providers show and change them: nothing here goes through Daymark.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::America::Toronto;
use daymark_core::event::marks;
use daymark_engine::api::accounts::ProviderKind;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use journeys::world::World;
use serde_json::{Value, json};

use super::ics::Resource;
use crate::support::text;

pub const SEED: &str = r##"{
  "zone": "America/Toronto",
  "clients": [
    {"provider": "google", "id": "daymark-desktop.apps.googleusercontent.example", "secret": "sandbox-secret"},
    {"provider": "microsoft", "id": "6f1c2a50-0d4c-4d0e-9b1e-5a7e3c1d9b02"}
  ],
  "accounts": [
    {"provider": "google", "email": "kit@google.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"name": "Green", "primary": true, "color": "#2f6fb0", "events": []}]},
    {"provider": "microsoft", "email": "kit@microsoft.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"name": "Mauve", "primary": true, "color": "#b5532a", "events": []}]},
    {"provider": "caldav", "email": "kit@caldav.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"id": "coral", "name": "Coral", "primary": true, "color": "#2f6fb0", "events": []}]}
  ]
}"##;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Green,
    Mauve,
    Coral,
}

pub const PLACES: [Place; 3] = [Place::Green, Place::Mauve, Place::Coral];

/// An occurrence as one side shows it, with wall times of Toronto.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// What its provider calls it; empty for what Daymark shows.
    pub id: String,
    /// What its provider calls the series that it is of.
    pub series: Option<String>,
    pub title: String,
    pub location: String,
    pub notes: String,
    pub start: NaiveDateTime,
    pub end: NaiveDateTime,
    pub all_day: bool,
    pub free: bool,
    pub copy: bool,
}

impl Seen {
    pub fn new(title: String, start: NaiveDateTime, end: NaiveDateTime, all_day: bool) -> Seen {
        let (id, location, notes) = Default::default();
        Seen { id, series: None, title, location, notes, start, end, all_day, free: false, copy: false }
    }

    /// The first word of its title says for ever which event it is.
    pub fn name(&self) -> String {
        self.title.split(' ').next().unwrap_or_default().to_owned()
    }

    /// Without what only its provider knows, and without what any provider rewrites.
    pub fn plain(&self) -> Seen {
        let notes = self.notes.replace("\r\n", "\n").trim().to_owned();
        Seen { id: String::new(), series: None, notes, ..self.clone() }
    }
}

/// What somebody else changes of an event.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    pub title: Option<String>,
    pub location: Option<String>,
    pub when: Option<(NaiveDateTime, NaiveDateTime)>,
    pub free: Option<bool>,
}

/// How an event that somebody else makes repeats.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub weekly: bool,
    pub count: u32,
}

impl Place {
    pub fn name(self) -> &'static str {
        match self {
            Place::Green => "Green",
            Place::Mauve => "Mauve",
            Place::Coral => "Coral",
        }
    }

    pub fn provider(self) -> Provider {
        match self {
            Place::Green => Provider::Google,
            Place::Mauve => Provider::Microsoft,
            Place::Coral => Provider::CalDav,
        }
    }

    pub fn user(self) -> &'static str {
        match self {
            Place::Green => "kit@google.example",
            Place::Mauve => "kit@microsoft.example",
            Place::Coral => "kit@caldav.example",
        }
    }

    pub async fn connect(self, world: &World) {
        let connected = match self {
            Place::Green => world.connect(ProviderKind::Google, self.user()).await,
            Place::Mauve => world.connect(ProviderKind::Microsoft, self.user()).await,
            Place::Coral => world.connect_caldav(self.user()).await,
        };
        connected.unwrap();
    }

    /// A fault that meets Daymark's requests and not those with which these plays look.
    pub fn fault(self, kind: Kind) -> Fault {
        let asked = match self {
            Place::Green => "/google/calendar/v3/(calendars/kit|users)|/google-token",
            Place::Mauve => "(?i)/graph/v1.0/(me/calendars|me/events|.batch)|/login",
            Place::Coral => "/caldav/",
        };
        Fault::new(self.provider(), kind).matches(asked)
    }

    /// Refuses what Daymark writes to its calendar.
    pub fn refuse(self, world: &World, status: u16, skip: u32, times: Option<u32>) {
        let methods: &[&str] = match (self, status) {
            (Place::Green | Place::Mauve, 404) => &["PATCH"],
            (Place::Green | Place::Mauve, _) => &["POST", "PATCH", "DELETE"],
            (Place::Coral, 404) => &["PUT"],
            (Place::Coral, _) => &["PUT", "DELETE"],
        };
        methods.iter().for_each(|method| self.refuse_one(world, status, method, (skip, times)));
    }

    /// The same for one kind of request; `times` is `None` for all of them.
    pub fn refuse_one(self, world: &World, status: u16, method: &str, (skip, times): (u32, Option<u32>)) {
        let asked = match self {
            Place::Green => "/google/calendar/v3/calendars/.*/events",
            Place::Mauve => "(?i)/graph/v1.0/me/.*events",
            Place::Coral => "/caldav/.*/coral/",
        };
        let reason = (self == Place::Green && status == 403).then(|| "forbidden".to_owned());
        let kind = Kind::Status { status, reason, retry_after_s: None, body: None };
        let fault = Fault::new(self.provider(), kind).matches(asked).method(method).skip(skip);
        world.sandbox.control().arm(Fault { times, ..fault }).unwrap();
    }

    /// All that stands there, occurrence by occurrence, as the provider itself expands it.
    pub async fn seen(self, world: &World) -> Vec<Seen> {
        match self {
            Place::Green => listed(world, self, green_address(world)).await.iter().map(green).collect(),
            Place::Mauve => {
                let copies = mauve_copies(world);
                let all = listed(world, self, mauve_address(world)).await;
                let seen = all.iter().map(mauve);
                seen.map(|it| Seen { copy: copies.contains(&it.id), ..it }).collect()
            }
            Place::Coral => {
                let all = world.sandbox.caldav().all(self.user(), "coral");
                all.iter().flat_map(|(name, text)| Resource::read(text).seen(name)).collect()
            }
        }
    }

    pub fn insert(self, world: &World, seen: &Seen, rule: Option<Rule>) {
        let body = |title: &str, zone: &str| {
            let mut body = json!({ title: seen.title });
            set_when(&mut body, self, seen.all_day, zone, (seen.start, seen.end));
            body
        };
        match self {
            Place::Green => {
                let mut body = body("summary", "America/Toronto");
                if let Some(rule) = rule {
                    body["recurrence"] = json!([rule.line()]);
                }
                world.sandbox.google().insert(self.user(), "primary", body).unwrap();
            }
            Place::Mauve => {
                let mut body = body("subject", "Eastern Standard Time");
                if let Some(rule) = rule {
                    body["recurrence"] = rule.pattern(seen.start);
                }
                world.sandbox.microsoft().insert(self.user(), self.name(), &body).unwrap();
            }
            Place::Coral => {
                let uid = format!("there-{}", seen.name());
                let text = Resource::new(&uid, seen, rule.map(|rule| rule.line()).as_deref()).text();
                world.sandbox.caldav().put(self.user(), "coral", &format!("{uid}.ics"), &text);
            }
        }
    }

    /// False when the provider does not let anybody do that.
    pub fn edit(self, world: &World, seen: &Seen, whole: bool, shape: &Shape) -> bool {
        match (self, whole.then_some(seen.series.as_ref()).flatten()) {
            (Place::Green, series) => {
                let body = green_body(self, seen, shape);
                let id = series.unwrap_or(&seen.id);
                world.sandbox.google().edit(self.user(), "primary", id, body).is_ok()
            }
            (Place::Mauve, series) => {
                let body = mauve_body(self, seen, shape);
                world.sandbox.microsoft().edit(self.user(), series.unwrap_or(&seen.id), &body).is_ok()
            }
            (Place::Coral, series) => {
                let (name, original) = parts(&seen.id);
                let text = world.sandbox.caldav().text(self.user(), "coral", name).unwrap();
                let mut resource = Resource::read(&text);
                resource.edit(series.is_none().then_some(original), shape);
                world.sandbox.caldav().put(self.user(), "coral", name, &resource.text());
                true
            }
        }
    }

    pub fn delete(self, world: &World, seen: &Seen, whole: bool) -> bool {
        let series = whole.then_some(seen.series.as_ref()).flatten();
        match self {
            Place::Green => {
                let id = series.unwrap_or(&seen.id);
                world.sandbox.google().delete(self.user(), "primary", id).is_ok()
            }
            Place::Mauve => world.sandbox.microsoft().delete(self.user(), series.unwrap_or(&seen.id)).is_ok(),
            Place::Coral => {
                let (name, original) = parts(&seen.id);
                if seen.series.is_none() || whole {
                    return world.sandbox.caldav().delete(self.user(), "coral", name);
                }
                let text = world.sandbox.caldav().text(self.user(), "coral", name).unwrap();
                let mut resource = Resource::read(&text);
                resource.cancel(original);
                world.sandbox.caldav().put(self.user(), "coral", name, &resource.text());
                true
            }
        }
    }

    pub fn forget_cursors(self, world: &World) {
        match self {
            Place::Green => world.sandbox.google().expire_sync_tokens(self.user(), "primary"),
            Place::Mauve => {
                world.sandbox.microsoft().expire_sync_states(self.user(), self.name()).unwrap();
            }
            Place::Coral => world.sandbox.caldav().forget_tokens(self.user(), "coral"),
        }
    }
}

impl Rule {
    fn line(self) -> String {
        let every = if self.weekly { "WEEKLY" } else { "DAILY" };
        format!("RRULE:FREQ={every};COUNT={}", self.count)
    }

    fn pattern(self, start: NaiveDateTime) -> Value {
        let day = start.format("%A").to_string().to_lowercase();
        let pattern = match self.weekly {
            true => json!({"type": "weekly", "interval": 1, "daysOfWeek": [day], "firstDayOfWeek": "monday"}),
            false => json!({"type": "daily", "interval": 1}),
        };
        let range = json!({"type": "numbered", "startDate": start.date().to_string(),
            "numberOfOccurrences": self.count, "recurrenceTimeZone": "Eastern Standard Time"});
        json!({ "pattern": pattern, "range": range })
    }
}

/// The name of a resource, and the start that the occurrence has by its rule.
fn parts(id: &str) -> (&str, NaiveDateTime) {
    let (name, original) = id.split_once('|').unwrap();
    (name, NaiveDateTime::parse_from_str(original, "%Y%m%dT%H%M%S").unwrap())
}

fn set_when(body: &mut Value, place: Place, all_day: bool, zone: &str, when: (NaiveDateTime, NaiveDateTime)) {
    // Their own pages let nobody choose a time that clocks do not show.
    let when = match all_day {
        true => when,
        false => (shown(when.0), after(shown(when.0), passed(when.0, when.1))),
    };
    for (name, at) in [("start", when.0), ("end", when.1)] {
        body[name] = match (place, all_day) {
            (Place::Green, true) => json!({ "date": at.date().to_string() }),
            _ => json!({ "dateTime": at.format("%FT%T").to_string(), "timeZone": zone }),
        };
    }
    if place == Place::Mauve {
        body["isAllDay"] = json!(all_day);
    }
}

fn green_body(place: Place, seen: &Seen, shape: &Shape) -> Value {
    let mut body = json!({});
    if let Some(title) = &shape.title {
        body["summary"] = json!(title);
    }
    if let Some(location) = &shape.location {
        body["location"] = json!(location);
    }
    if let Some(free) = shape.free {
        body["transparency"] = json!(if free { "transparent" } else { "opaque" });
    }
    if let Some(when) = shape.when {
        set_when(&mut body, place, seen.all_day, "America/Toronto", when);
    }
    body
}

fn mauve_body(place: Place, seen: &Seen, shape: &Shape) -> Value {
    let mut body = json!({});
    if let Some(title) = &shape.title {
        body["subject"] = json!(title);
    }
    if let Some(location) = &shape.location {
        body["location"] = json!({ "displayName": location });
    }
    if let Some(free) = shape.free {
        body["showAs"] = json!(if free { "free" } else { "busy" });
    }
    if let Some(when) = shape.when {
        set_when(&mut body, place, seen.all_day, "Eastern Standard Time", when);
    }
    body
}

fn green_address(world: &World) -> String {
    let api = world.sandbox.google_api();
    let api = format!("{api}/calendar/v3");
    let (from, to) = window(world);
    format!(
        "{api}/calendars/primary/events?singleEvents=true&maxResults=2499&timeMin={from}T00:00:00Z\
         &timeMax={to}T00:00:00Z"
    )
}

fn mauve_address(world: &World) -> String {
    let (graph, (from, to)) = (world.sandbox.graph(), window(world));
    format!("{graph}/v1.0/me/calendarView?startDateTime={from}T00:00:00Z&endDateTime={to}T00:00:00Z")
}

/// All that these plays do is within.
fn window(world: &World) -> (NaiveDate, NaiveDate) {
    let today = world.now().date_naive();
    (today - TimeDelta::days(30), today + TimeDelta::days(150))
}

/// Asks the provider as its own web page would.
async fn listed(world: &World, place: Place, address: String) -> Vec<Value> {
    let (client, scope) = match place {
        Place::Green => {
            ("daymark-desktop.apps.googleusercontent.example", "https://www.googleapis.com/auth/calendar")
        }
        _ => ("6f1c2a50-0d4c-4d0e-9b1e-5a7e3c1d9b02", "Calendars.ReadWrite"),
    };
    let token = world.sandbox.control().mint(place.provider(), place.user(), client, &[scope]).access_token;
    let http = daymark_remotes::http::client().unwrap();
    let (mut all, mut next) = (Vec::new(), Some(address));
    while let Some(address) = next {
        let prefer = r#"IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text""#;
        let asked = http.get(&address).bearer_auth(&token).header("Prefer", prefer);
        let answer = asked.send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer.get("nextPageToken").is_none(), "one page holds these plays");
        let items = answer.get("items").or(answer.get("value")).and_then(Value::as_array);
        all.extend(items.into_iter().flatten().cloned());
        next = answer.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned);
    }
    all
}

fn green(event: &Value) -> Seen {
    let at = |name: &str| match event[name].get("date").and_then(Value::as_str) {
        Some(date) => date.parse::<NaiveDate>().unwrap().and_time(NaiveTime::MIN),
        None => toronto(DateTime::parse_from_rfc3339(&text(&event[name], "/dateTime")).unwrap().to_utc()),
    };
    let mark = format!("/extendedProperties/private/{}", marks::BLOCK);
    Seen {
        id: text(event, "/id"),
        series: event.get("recurringEventId").and_then(Value::as_str).map(str::to_owned),
        title: text(event, "/summary"),
        location: text(event, "/location"),
        notes: text(event, "/description"),
        start: at("start"),
        end: at("end"),
        all_day: event["start"].get("date").is_some(),
        free: event["transparency"] == "transparent",
        copy: event.pointer(&mark).is_some(),
    }
}

fn mauve(event: &Value) -> Seen {
    let all_day = event["isAllDay"] == true;
    let at = |name: &str| {
        let said = text(&event[name], "/dateTime").parse::<NaiveDateTime>().unwrap();
        if all_day { said } else { toronto(said.and_utc()) }
    };
    Seen {
        id: text(event, "/id"),
        series: event.get("seriesMasterId").and_then(Value::as_str).map(str::to_owned),
        title: text(event, "/subject"),
        location: text(event, "/location/displayName"),
        notes: text(event, "/body/content"),
        start: at("start"),
        end: at("end"),
        all_day,
        free: event["showAs"] == "free",
        copy: false,
    }
}

/// The ids of the copies; only single events are.
fn mauve_copies(world: &World) -> Vec<String> {
    let all = world.sandbox.microsoft().events(Place::Mauve.user(), Place::Mauve.name()).unwrap();
    let is_copy = |event: &&Value| event["singleValueExtendedProperties"].to_string().contains(marks::BLOCK);
    all.iter().filter(is_copy).map(|event| text(event, "/id")).collect()
}

fn toronto(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&Toronto).naive_local()
}

/// What clocks in Toronto show at a wall time: in the night in which they go forward, an hour of them is left out.
pub fn shown(wall: NaiveDateTime) -> NaiveDateTime {
    let exists = wall.and_local_timezone(Toronto).earliest().is_some();
    if exists { wall } else { wall + TimeDelta::hours(1) }
}

/// The time between two wall times. What starts in the hour left out takes as long as is written.
pub fn passed(start: NaiveDateTime, end: NaiveDateTime) -> TimeDelta {
    if shown(start) == start { instant(shown(end)) - instant(start) } else { end - start }
}

/// What clocks show so long after they show `start`.
pub fn after(start: NaiveDateTime, length: TimeDelta) -> NaiveDateTime {
    toronto(instant(start) + length)
}

fn instant(shown: NaiveDateTime) -> DateTime<Utc> {
    shown.and_local_timezone(Toronto).earliest().unwrap().to_utc()
}

/// How long a whole day or a visit of these plays takes.
pub fn end_of(start: NaiveDateTime, all_day: bool) -> NaiveDateTime {
    start + if all_day { TimeDelta::days(1) } else { TimeDelta::minutes(50) }
}
