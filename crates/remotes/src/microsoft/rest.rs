//! What a new event in Outlook takes over from an earlier one beyond the managed fields, and what it cannot.
//!
//! Graph writes no attachment with an event, no answer of an attendee and no existing online meeting, and a
//! POST with attendees mails each of them.

use daymark_core::event::Fields;
use daymark_core::rest::{Lost, Rest};
use serde_json::{Map, Value, json};

const KEPT: [&str; 7] = [
    "allowNewTimeProposals",
    "categories",
    "hideAttendees",
    "importance",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "responseRequested",
];

/// Members of the body of a POST.
pub(super) fn taken_over(rest: &Rest, fields: &Fields) -> Map<String, Value> {
    let raw = &rest.raw;
    let kept = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), present(raw, name)?.clone())));
    let mut body: Map<String, Value> = kept.collect();
    if rest.invites() {
        body.insert("attendees".into(), people(raw));
    }
    // Written beside the one place that Daymark manages, the others would be wiped by it.
    if let Some(places) = places(raw, &fields.location) {
        body.insert("locations".into(), places);
    }
    if rest.invites() && is_online(raw) {
        body.insert("isOnlineMeeting".into(), json!(true));
        let provider = present(raw, "onlineMeetingProvider").filter(|provider| **provider != "unknown");
        body.extend(provider.map(|provider| ("onlineMeetingProvider".to_owned(), provider.clone())));
    }
    body
}

/// What of the earlier event does not come back.
pub fn lost(rest: &Rest) -> Vec<Lost> {
    let raw = &rest.raw;
    let is = |name: &str| raw.get(name).and_then(Value::as_bool).unwrap_or_default();
    let people = rest.loses_people().filter(|_| entries(raw, "attendees").next().is_some());
    let held = is_online(raw) || present(raw, "onlineMeeting").is_some();
    let cases = [
        (rest.invites() && entries(raw, "attendees").any(has_answered), Lost::Answers),
        (is("hasAttachments"), Lost::Attachments),
        (held, Lost::MeetingLink),
    ];
    let others = cases.into_iter().filter(|(is_so, _)| *is_so).map(|(_, lost)| lost);
    people.into_iter().chain(others).collect()
}

fn present<'a>(raw: &'a Value, name: &str) -> Option<&'a Value> {
    raw.get(name).filter(|value| !value.is_null())
}

fn entries<'a>(raw: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    raw.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn is_online(raw: &Value) -> bool {
    raw.get("isOnlineMeeting").and_then(Value::as_bool).unwrap_or_default()
}

fn people(raw: &Value) -> Value {
    let person = |entry: &Value| {
        let address = entry.get("emailAddress")?;
        let kind = entry.get("type").and_then(Value::as_str).unwrap_or("required");
        Some(json!({ "emailAddress": address, "type": kind }))
    };
    entries(raw, "attendees").filter_map(person).collect()
}

fn has_answered(attendee: &Value) -> bool {
    let response = attendee.pointer("/status/response").and_then(Value::as_str);
    response.is_some_and(|response| ["accepted", "tentativelyAccepted", "declined"].contains(&response))
}

/// All places with their addresses, as long as the person has not named another one.
fn places(raw: &Value, shown: &str) -> Option<Value> {
    let first = raw.pointer("/location/displayName").and_then(Value::as_str)?;
    let several: Vec<Value> = entries(raw, "locations").map(plain).collect();
    (first == shown && !several.is_empty()).then_some(Value::Array(several))
}

/// Without what OData says about it.
fn plain(place: &Value) -> Value {
    let members = place.as_object().into_iter().flatten();
    let kept = members.filter(|(name, member)| !name.contains('@') && !member.is_null());
    Value::Object(kept.map(|(name, member)| (name.clone(), member.clone())).collect())
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use daymark_core::rest::People;
    use daymark_core::time::Span;

    use super::*;

    fn fields(location: &str) -> Fields {
        let at = |text: &str| text.parse().unwrap();
        let (start, end) = (at("2026-03-02T09:00:00Z"), at("2026-03-02T10:00:00Z"));
        let fields = Fields::new("Visit", Span::Timed { start, end, zone: Tz::UTC });
        Fields { location: location.into(), ..fields }
    }

    fn meeting() -> Rest {
        let raw = json!({
            "id": "a", "subject": "Old", "isOrganizer": true, "hasAttachments": true, "webLink": "https://x",
            "attendees": [
                { "emailAddress": { "name": "Li", "address": "li@x.org" }, "type": "optional",
                  "status": { "response": "accepted", "time": "2026-01-01T00:00:00Z" } },
            ],
            "location": { "displayName": "A" },
            "locations": [{ "displayName": "A", "@odata.type": "x" }, { "displayName": "B", "address": {} }],
            "categories": ["Red"], "importance": "high", "isReminderOn": false, "reminderMinutesBeforeStart": 5,
            "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
            "onlineMeeting": { "joinUrl": "https://teams.example/1" },
        });
        Rest::new(raw, People::ComeAlong)
    }

    #[test]
    fn people_without_their_answers_places_reminder_and_categories_are_taken_over() {
        let body = Value::Object(taken_over(&meeting(), &fields("A")));
        let expected = json!({
            "attendees": [{ "emailAddress": { "name": "Li", "address": "li@x.org" }, "type": "optional" }],
            "locations": [{ "displayName": "A" }, { "displayName": "B", "address": {} }],
            "categories": ["Red"], "importance": "high", "isReminderOn": false, "reminderMinutesBeforeStart": 5,
            "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
        });
        assert_eq!(body, expected);
        assert_eq!(lost(&meeting()), [Lost::Answers, Lost::Attachments, Lost::MeetingLink]);
        assert!(!taken_over(&meeting(), &fields("C")).contains_key("locations"));
    }

    #[test]
    fn an_invitation_brings_back_neither_people_nor_a_meeting_in_the_owners_name() {
        let rest = Rest { people: People::Theirs, ..meeting() };
        let body = taken_over(&rest, &fields("A"));
        assert!(!body.contains_key("attendees") && !body.contains_key("isOnlineMeeting"), "{body:?}");
        assert_eq!(lost(&rest), [Lost::Invitation, Lost::Attachments, Lost::MeetingLink]);
    }
}
