//! The hands on the sandbox's Microsoft.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use daymark_core::event::{Original, RemoteId};
use daymark_core::time::wall;
use daymark_remotes::calendar::RemoteCalendarId;
use daymark_sandbox::microsoft::Microsoft;
use serde_json::{Value, json};

use crate::hands::{At, Hands};
use crate::world::{HOME, MAIL};

pub const MAIN: &str = "Calendar";
pub const READ_ONLY: &str = "Holidays";
pub const CROWDED: &str = "Crowded";
/// More than one page that Daymark asks for.
pub const CROWD: usize = 1_100;

pub struct MicrosoftHands(pub Arc<Microsoft>);

const ZONE: &str = "Eastern Standard Time";
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn moments(at: At<'_>) -> Value {
    let moment = |text: &str| json!({"dateTime": text, "timeZone": ZONE});
    match at {
        At::Timed { start, end } => json!({"start": moment(start), "end": moment(end), "isAllDay": false}),
        At::Days { start, end } => {
            let midnight = |day: &str| moment(&format!("{day}T00:00:00"));
            json!({"start": midnight(start), "end": midnight(end), "isAllDay": true})
        }
    }
}

fn body(title: &str, at: At<'_>) -> Value {
    let mut body = moments(at);
    body["subject"] = json!(title);
    body
}

fn weekly(at: At<'_>) -> Value {
    let (At::Timed { start, .. } | At::Days { start, .. }) = at;
    let first: NaiveDate = start[..10].parse().unwrap();
    let day = DAYS[first.weekday().num_days_from_monday() as usize];
    json!({
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": [day]},
        "range": {"type": "noEnd", "startDate": first, "recurrenceTimeZone": ZONE},
    })
}

/// The local day on which the rule puts the occurrence.
fn date(original: &Original) -> String {
    match original {
        Original::At(at) => wall(*at, HOME).date().to_string(),
        Original::On(date) => date.to_string(),
        Original::Floating(_) => panic!("Graph has no floating time"),
    }
}

fn id(event: &Value) -> RemoteId {
    RemoteId(event["id"].as_str().unwrap().to_owned())
}

impl MicrosoftHands {
    fn calendar_id(&self, name: &str) -> RemoteCalendarId {
        RemoteCalendarId(self.0.calendar_id(MAIL, name).unwrap())
    }
}

impl Hands for MicrosoftHands {
    fn calendar(&self) -> RemoteCalendarId {
        self.calendar_id(MAIN)
    }

    fn read_only(&self) -> RemoteCalendarId {
        self.calendar_id(READ_ONLY)
    }

    fn crowded(&self) -> RemoteCalendarId {
        self.calendar_id(CROWDED)
    }

    fn events_in_crowd(&self) -> usize {
        CROWD
    }

    fn insert(&self, title: &str, at: At<'_>) -> RemoteId {
        id(&self.0.insert(MAIL, MAIN, &body(title, at)).unwrap())
    }

    fn insert_weekly(&self, title: &str, at: At<'_>) -> RemoteId {
        let mut body = body(title, at);
        body["recurrence"] = weekly(at);
        id(&self.0.insert(MAIL, MAIN, &body).unwrap())
    }

    fn rename(&self, id: &RemoteId, title: &str) {
        self.0.edit(MAIL, &id.0, &json!({"subject": title})).unwrap();
    }

    fn decorate(&self, id: &RemoteId) {
        let patch = json!({"categories": ["Blue"], "importance": "high", "reminderMinutesBeforeStart": 42,
            "singleValueExtendedProperties": [{"id": "String {00020329-0000-0000-C000-000000000046} Name others", "value": "kept"}]});
        self.0.edit(MAIL, &id.0, &patch).unwrap();
    }

    fn delete(&self, id: &RemoteId) {
        self.0.delete(MAIL, &id.0).unwrap();
    }

    fn move_occurrence(&self, master: &RemoteId, original: &Original, at: At<'_>) {
        self.0.edit_occurrence(MAIL, &master.0, &date(original), &moments(at)).unwrap();
    }

    fn cancel_occurrence(&self, master: &RemoteId, original: &Original) {
        self.0.cancel_occurrence(MAIL, &master.0, &date(original)).unwrap();
    }

    fn expire_cursors(&self) {
        self.0.expire_sync_states(MAIL, MAIN).unwrap();
    }

    fn hide_calendar(&self) {
        self.0.remove_calendar(MAIL, MAIN).unwrap();
    }

    fn held(&self, id: &RemoteId) -> Value {
        let events = self.0.events(MAIL, MAIN).unwrap();
        let mut event = events.into_iter().find(|event| event["id"] == json!(id.0)).unwrap();
        for passing in ["@odata.etag", "changeKey", "lastModifiedDateTime"] {
            event.as_object_mut().unwrap().remove(passing);
        }
        event
    }

    fn live_titles(&self) -> Vec<String> {
        let events = self.0.events(MAIL, MAIN).unwrap();
        events.iter().map(|event| event["subject"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
