//! Three accounts of one person, each with one calendar, all copying to each other.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use daymark_core::event::marks;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{CalendarChoice, ProviderKind};
use daymark_engine::api::blocks::{HeldRun, ReleaseRun};
use journeys::world::World;
use serde_json::{Value, json};

use crate::support::{calendar, health, text};

const SEED: &str = r##"{
  "zone": "America/Toronto",
  "clients": [
    {"provider": "google", "id": "daymark-desktop.apps.googleusercontent.example", "secret": "sandbox-secret"},
    {"provider": "microsoft", "id": "6f1c2a50-0d4c-4d0e-9b1e-5a7e3c1d9b02"}
  ],
  "accounts": [
    {"provider": "google", "email": "kit@work.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"name": "Work", "primary": true, "color": "#2f6fb0", "events": []}]},
    {"provider": "google", "email": "kit@home.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"name": "Home", "primary": true, "color": "#2f6fb0", "events": []}]},
    {"provider": "microsoft", "email": "kit@clinic.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"name": "Clinic", "primary": true, "color": "#b5532a", "events": []}]}
  ]
}"##;

/// One of the three calendars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Work,
    Home,
    Clinic,
}

pub const PLACES: [Place; 3] = [Place::Work, Place::Home, Place::Clinic];

impl Place {
    pub fn name(self) -> &'static str {
        match self {
            Place::Work => "Work",
            Place::Home => "Home",
            Place::Clinic => "Clinic",
        }
    }

    pub fn user(self) -> &'static str {
        match self {
            Place::Work => "kit@work.example",
            Place::Home => "kit@home.example",
            Place::Clinic => "kit@clinic.example",
        }
    }

    pub fn kind(self) -> ProviderKind {
        match self {
            Place::Work | Place::Home => ProviderKind::Google,
            Place::Clinic => ProviderKind::Microsoft,
        }
    }
}

/// An event as its provider holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub id: String,
    pub title: String,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub busy: bool,
    /// The marker, if it carries one.
    pub marker: Option<String>,
    pub raw: Value,
}

pub struct Three {
    pub world: World,
}

impl Three {
    pub async fn begin() -> Three {
        let world = World::build().seed(SEED).without_relay().start().await.unwrap();
        let three = Three { world };
        three.sign_in(&PLACES).await;
        three
    }

    /// Signs these accounts in on the present laptop, and lets each of their calendars receive copies.
    pub async fn sign_in(&self, places: &[Place]) {
        for place in places {
            self.world.connect(place.kind(), place.user()).await.unwrap();
        }
        self.world.introduce().await.unwrap();
        for place in places {
            self.choose(*place, |choice| choice.receives_blocks = Some(true)).await;
        }
        self.world.sync().await.unwrap();
    }

    pub async fn choose(&self, place: Place, change: impl FnOnce(&mut CalendarChoice)) {
        let calendar = calendar(&self.world, place.name()).await;
        let mut choice = CalendarChoice { calendar, ..CalendarChoice::default() };
        change(&mut choice);
        let () = self.world.call(Call::SetCalendar(choice)).await.unwrap();
    }

    pub fn held(&self, place: Place) -> Vec<Held> {
        match place {
            Place::Work | Place::Home => {
                let events = self.world.sandbox.google().live_events(place.user(), "primary");
                events.into_iter().map(google).collect()
            }
            Place::Clinic => {
                let events = self.world.sandbox.microsoft().events(place.user(), place.name()).unwrap();
                events.into_iter().map(microsoft).collect()
            }
        }
    }

    pub fn copies(&self, place: Place) -> Vec<Held> {
        self.held(place).into_iter().filter(|it| it.marker.is_some()).collect()
    }

    /// How many copies there are on each calendar.
    pub fn counts(&self) -> [usize; 3] {
        PLACES.map(|place| self.copies(place).len())
    }

    /// Somebody adds an event at the provider.
    pub fn add(&self, place: Place, title: &str, start: DateTime<Utc>, length_min: i64) -> String {
        self.insert(place, body(place, title, start, start + TimeDelta::minutes(length_min)))
    }

    pub fn insert(&self, place: Place, event: Value) -> String {
        let made = match place {
            Place::Work | Place::Home => {
                self.world.sandbox.google().insert(place.user(), "primary", event).unwrap()
            }
            Place::Clinic => {
                self.world.sandbox.microsoft().insert(place.user(), place.name(), &event).unwrap()
            }
        };
        text(&made, "/id")
    }

    pub fn edit(&self, place: Place, id: &str, patch: Value) {
        match place {
            Place::Work | Place::Home => {
                drop(self.world.sandbox.google().edit(place.user(), "primary", id, patch).unwrap());
            }
            Place::Clinic => {
                drop(self.world.sandbox.microsoft().edit(place.user(), id, &patch).unwrap());
            }
        }
    }

    pub fn move_to(&self, place: Place, id: &str, start: DateTime<Utc>) {
        let mut whole = body(place, "", start, start + TimeDelta::hours(1));
        let patch = json!({ "start": whole["start"].take(), "end": whole["end"].take() });
        self.edit(place, id, patch);
    }

    pub fn set_busy(&self, place: Place, id: &str, busy: bool) {
        let patch = match (place, busy) {
            (Place::Work | Place::Home, true) => json!({ "transparency": "opaque" }),
            (Place::Work | Place::Home, false) => json!({ "transparency": "transparent" }),
            (Place::Clinic, true) => json!({ "showAs": "busy" }),
            (Place::Clinic, false) => json!({ "showAs": "free" }),
        };
        self.edit(place, id, patch);
    }

    pub fn delete(&self, place: Place, id: &str) {
        match place {
            Place::Work | Place::Home => {
                drop(self.world.sandbox.google().delete(place.user(), "primary", id).unwrap());
            }
            Place::Clinic => self.world.sandbox.microsoft().delete(place.user(), id).unwrap(),
        }
    }

    pub async fn held_run(&self) -> Option<HeldRun> {
        let mut runs: Vec<HeldRun> = self.world.call(Call::HeldRuns(())).await.unwrap();
        runs.pop()
    }

    /// The person looks at what the brake holds back, and lets it go on.
    pub async fn release(&self) {
        while let Some(HeldRun { run, token, .. }) = self.held_run().await {
            let () = self.world.call(Call::ReleaseRun(ReleaseRun { run, token })).await.unwrap();
        }
    }

    /// Runs until nothing is under way, with the person answering the brake.
    pub async fn settle(&self) {
        for _ in 0..20 {
            self.world.advance(TimeDelta::minutes(20));
            let reports = self.world.run().await.unwrap();
            self.release().await;
            let well = reports.iter().all(|(_, report)| report.ok);
            if well && health(&self.world).await.waiting == 0 {
                return;
            }
        }
        panic!("it does not come to rest: {:?}", health(&self.world).await.cards);
    }
}

fn google(raw: Value) -> Held {
    let moment = |at: &str| DateTime::parse_from_rfc3339(&text(&raw, at)).unwrap().to_utc();
    let mark = raw["extendedProperties"]["private"][marks::BLOCK].as_str().map(str::to_owned);
    Held {
        id: text(&raw, "/id"),
        title: text(&raw, "/summary"),
        start: moment("/start/dateTime"),
        end: moment("/end/dateTime"),
        busy: raw["transparency"] != "transparent",
        marker: mark,
        raw,
    }
}

fn microsoft(raw: Value) -> Held {
    let moment = |at: &str| text(&raw, at).parse::<NaiveDateTime>().unwrap().and_utc();
    let properties = raw["singleValueExtendedProperties"].as_array().cloned().unwrap_or_default();
    let found = properties.iter().find(|it| text(it, "/id").ends_with("daymark-marks"));
    let marks: Option<Value> = found.and_then(|it| serde_json::from_str(&text(it, "/value")).ok());
    let mark = marks.and_then(|all| all[marks::BLOCK].as_str().map(str::to_owned));
    Held {
        id: text(&raw, "/id"),
        title: text(&raw, "/subject"),
        start: moment("/start/dateTime"),
        end: moment("/end/dateTime"),
        busy: raw["showAs"] != "free",
        marker: mark,
        raw,
    }
}

/// An event in the words of its provider.
pub fn body(place: Place, title: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> Value {
    let moment = |at: DateTime<Utc>| json!({ "dateTime": at.format("%FT%T").to_string(), "timeZone": "UTC" });
    let name = match place {
        Place::Work | Place::Home => "summary",
        Place::Clinic => "subject",
    };
    json!({ name: title, "start": moment(start), "end": moment(end) })
}
