//! Stored things as Google answers with them.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::book::{Calendar, Entry, Role, Stored, etag};

/// For whom and in which zone events are shown.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub calendar: &'a Calendar,
    pub role: Role,
    pub zone: Tz,
    pub max_attendees: Option<u32>,
}

/// What stays of a private event for a reader without access to it.
const SEEN_OF_PRIVATE: [&str; 4] = ["visibility", "transparency", "eventType", "recurrence"];

impl<'a> View<'a> {
    pub fn new(calendar: &'a Calendar, role: Role, zone: Option<Tz>) -> Self {
        Self { calendar, role, zone: zone.unwrap_or(calendar.zone), max_attendees: None }
    }

    /// The whole event.
    pub fn event(&self, stored: &Stored) -> Value {
        let hides = !self.role.sees_private()
            && matches!(stored.text("visibility"), Some("private" | "confidential"));
        let mut out = self.frame(stored);
        for (name, value) in &stored.fields {
            if !is_default(name, value) && (!hides || SEEN_OF_PRIVATE.contains(&name.as_str())) {
                out.insert(name.clone(), value.clone());
            }
        }
        if !hides {
            self.add_people(&mut out, stored);
            out.entry("reminders").or_insert_with(|| json!({"useDefault": true}));
            let entry =
                stored.fields.get("conferenceData").and_then(|data| data.pointer("/entryPoints/0/uri"));
            entry.map(|uri| out.insert("hangoutLink".to_owned(), uri.clone()));
        }
        out.entry("eventType").or_insert_with(|| json!("default"));
        Value::Object(out)
    }

    /// As a list shows it: of a deleted one only what is guaranteed.
    pub fn listed(&self, stored: &Stored) -> Value {
        if stored.cancelled { self.tombstone(stored) } else { self.event(stored) }
    }

    /// Guaranteed are only the id, and of an exception the series and the original start.
    fn tombstone(&self, stored: &Stored) -> Value {
        let mut out = Map::new();
        out.insert("kind".to_owned(), json!("calendar#event"));
        out.insert("etag".to_owned(), json!(stored.etag()));
        out.insert("id".to_owned(), json!(stored.id));
        out.insert("status".to_owned(), json!("cancelled"));
        self.add_series(&mut out, stored);
        Value::Object(out)
    }

    fn frame(&self, stored: &Stored) -> Map<String, Value> {
        let status =
            if stored.cancelled { "cancelled" } else { stored.text("status").unwrap_or("confirmed") };
        let fields = [
            ("kind", json!("calendar#event")),
            ("etag", json!(stored.etag())),
            ("id", json!(stored.id)),
            ("htmlLink", json!(html_link(stored, self.calendar))),
            ("created", json!(stored.created.to_rfc3339_opts(SecondsFormat::Secs, true))),
            ("updated", json!(millis(stored.updated))),
            ("iCalUID", json!(stored.ical_uid)),
            ("sequence", json!(stored.sequence)),
            ("status", json!(status)),
        ];
        let mut out: Map<String, Value> =
            fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        if let Some(span) = stored.span {
            out.insert("start".to_owned(), span.start_json(self.zone, self.calendar.zone));
            out.insert("end".to_owned(), span.end_json(self.zone, self.calendar.zone));
        }
        self.add_series(&mut out, stored);
        out.insert("status".to_owned(), json!(status));
        out
    }

    fn add_series(&self, out: &mut Map<String, Value>, stored: &Stored) {
        let Some((series, original)) = &stored.exception_of else { return };
        let own = self.calendar.stored(series).and_then(|master| master.span?.wall_start().1);
        let original = original.json(self.zone, own.unwrap_or(self.calendar.zone));
        out.insert("recurringEventId".to_owned(), json!(series));
        out.insert("originalStartTime".to_owned(), original);
    }

    fn add_people(&self, out: &mut Map<String, Value>, stored: &Stored) {
        out.insert("creator".to_owned(), stored.creator.clone());
        out.insert("organizer".to_owned(), stored.organizer.clone());
        let Some(attendees) = out.get_mut("attendees").and_then(Value::as_array_mut) else { return };
        let organizer = stored.organizer.get("email").and_then(Value::as_str).unwrap_or_default();
        // `self` is relative to the calendar, so a secondary calendar has none.
        let own = if self.calendar.primary { self.calendar.owner.as_str() } else { "" };
        for attendee in attendees.iter_mut().filter_map(Value::as_object_mut) {
            let email = attendee.get("email").and_then(Value::as_str).unwrap_or_default().to_owned();
            for (name, whose) in [("self", own), ("organizer", organizer)] {
                if !whose.is_empty() && email.eq_ignore_ascii_case(whose) {
                    attendee.insert(name.to_owned(), json!(true));
                }
            }
        }
        let most = self.max_attendees.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        if attendees.len() > most {
            attendees.retain(|attendee| attendee.get("self").is_some());
            out.insert("attendeesOmitted".to_owned(), json!(true));
        }
    }
}

/// Defaults are left out of an answer.
fn is_default(name: &str, value: &Value) -> bool {
    match name {
        // The frame has said it already: a deleted event is cancelled whatever it was before.
        "status" => true,
        "transparency" => value == "opaque",
        "visibility" => value == "default",
        "recurrence" | "attendees" | "attachments" => value.as_array().is_some_and(Vec::is_empty),
        _ => false,
    }
}

fn html_link(stored: &Stored, calendar: &Calendar) -> String {
    let eid = data_encoding::BASE64URL_NOPAD.encode(format!("{} {}", stored.id, calendar.id).as_bytes());
    format!("https://www.google.com/calendar/event?eid={eid}")
}

pub fn millis(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub fn calendar(calendar: &Calendar) -> Value {
    let mut out = json!({
        "kind": "calendar#calendar",
        "etag": etag(calendar.tick),
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.zone.name(),
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    });
    add_data_owner(&mut out, calendar);
    out
}

/// The calendar and its entry in a list have different etags.
pub fn entry(entry: &Entry, calendar: &Calendar) -> Value {
    if entry.deleted {
        return json!({
            "kind": "calendar#calendarListEntry", "etag": etag(entry.tick), "id": entry.calendar, "deleted": true,
        });
    }
    let mut out = json!({
        "kind": "calendar#calendarListEntry",
        "etag": etag(entry.tick + 1_000_000),
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.zone.name(),
        "colorId": "14",
        "backgroundColor": entry.color,
        "foregroundColor": "#000000",
        "selected": !entry.hidden,
        "accessRole": entry.role,
        "defaultReminders": default_reminders(calendar),
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    });
    add_data_owner(&mut out, calendar);
    if let Some(fields) = out.as_object_mut() {
        for (name, holds) in
            [("primary", calendar.primary && entry.role == Role::Owner), ("hidden", entry.hidden)]
        {
            if holds {
                fields.insert(name.to_owned(), json!(true));
            }
        }
    }
    out
}

fn add_data_owner(out: &mut Value, calendar: &Calendar) {
    if let Some(fields) = out.as_object_mut().filter(|_| !calendar.primary) {
        fields.insert("dataOwner".to_owned(), json!(calendar.owner));
    }
}

pub fn default_reminders(calendar: &Calendar) -> Value {
    if calendar.primary { json!([{"method": "popup", "minutes": 10}]) } else { json!([]) }
}
