//! The hands on the sandbox's Google.

use std::sync::Arc;

use daymark_core::event::{Original, RemoteId};
use daymark_remotes::calendar::RemoteCalendarId;
use daymark_sandbox::google::Google;
use serde_json::{Value, json};

use crate::hands::{At, Hands};
use crate::world::{HOME, MAIL};

pub const READ_ONLY: &str = "holidays@group.calendar.example";
pub const CROWDED: &str = "crowded@group.calendar.example";
/// More than the largest page that Daymark asks for.
pub const CROWD: usize = 2_700;

pub struct GoogleHands(pub Arc<Google>);

fn moments(at: At<'_>) -> (Value, Value) {
    let timed = |text: &str| json!({"dateTime": text, "timeZone": HOME.name(), "date": null});
    let day = |text: &str| json!({"date": text, "dateTime": null, "timeZone": null});
    match at {
        At::Timed { start, end } => (timed(start), timed(end)),
        At::Days { start, end } => (day(start), day(end)),
    }
}

fn body(title: &str, at: At<'_>) -> Value {
    let (start, end) = moments(at);
    json!({"summary": title, "start": start, "end": end})
}

fn without_nulls(mut body: Value) -> Value {
    for name in ["start", "end"] {
        if let Some(moment) = body[name].as_object_mut() {
            moment.retain(|_, value| !value.is_null());
        }
    }
    body
}

fn instance(master: &RemoteId, original: &Original) -> String {
    match original {
        Original::At(at) => format!("{}_{}", master.0, at.format("%Y%m%dT%H%M%SZ")),
        Original::On(date) => format!("{}_{}", master.0, date.format("%Y%m%d")),
        Original::Floating(_) => panic!("Google has no floating time"),
    }
}

fn id(event: &Value) -> RemoteId {
    RemoteId(event["id"].as_str().unwrap().to_owned())
}

impl Hands for GoogleHands {
    fn calendar(&self) -> RemoteCalendarId {
        RemoteCalendarId(MAIL.into())
    }

    fn read_only(&self) -> RemoteCalendarId {
        RemoteCalendarId(READ_ONLY.into())
    }

    fn crowded(&self) -> RemoteCalendarId {
        RemoteCalendarId(CROWDED.into())
    }

    fn events_in_crowd(&self) -> usize {
        CROWD
    }

    fn insert(&self, title: &str, at: At<'_>) -> RemoteId {
        id(&self.0.insert(MAIL, MAIL, without_nulls(body(title, at))).unwrap())
    }

    fn insert_weekly(&self, title: &str, at: At<'_>) -> RemoteId {
        let mut body = without_nulls(body(title, at));
        body["recurrence"] = json!(["RRULE:FREQ=WEEKLY"]);
        id(&self.0.insert(MAIL, MAIL, body).unwrap())
    }

    fn rename(&self, id: &RemoteId, title: &str) {
        self.0.edit(MAIL, MAIL, &id.0, json!({"summary": title})).unwrap();
    }

    fn decorate(&self, id: &RemoteId) {
        let patch = json!({"colorId": "7", "guestsCanModify": true,
            "extendedProperties": {"private": {"others": "kept"}, "shared": {"s": "kept"}}});
        self.0.edit(MAIL, MAIL, &id.0, patch).unwrap();
    }

    fn delete(&self, id: &RemoteId) {
        self.0.delete(MAIL, MAIL, &id.0).unwrap();
    }

    fn move_occurrence(&self, master: &RemoteId, original: &Original, at: At<'_>) {
        let (start, end) = moments(at);
        let patch = json!({"start": start, "end": end});
        self.0.edit(MAIL, MAIL, &instance(master, original), patch).unwrap();
    }

    fn cancel_occurrence(&self, master: &RemoteId, original: &Original) {
        self.0.delete(MAIL, MAIL, &instance(master, original)).unwrap();
    }

    fn expire_cursors(&self) {
        self.0.expire_sync_tokens(MAIL, MAIL);
    }

    fn hide_calendar(&self) {
        self.0.share(MAIL, MAIL, None).unwrap();
    }

    fn held(&self, id: &RemoteId) -> Value {
        let mut event = self.0.event(MAIL, MAIL, &id.0).unwrap();
        for passing in ["etag", "updated", "sequence"] {
            event.as_object_mut().unwrap().remove(passing);
        }
        event
    }

    fn live_titles(&self) -> Vec<String> {
        let events = self.0.live_events(MAIL, MAIL);
        let whole = events.iter().filter(|event| event.get("recurringEventId").is_none());
        whole.map(|event| event["summary"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
