//! What a new event at Google takes over from an earlier one beyond the managed fields, and what it cannot.

use daymark_core::rest::{Lost, Rest};
use serde_json::{Map, Value, json};

use super::project::MARK_PREFIX;

/// Taken over as they are; the rest of what Google says is its own to write.
const KEPT: [&str; 10] = [
    "anyoneCanAddSelf",
    "colorId",
    "focusTimeProperties",
    "guestsCanInviteOthers",
    "guestsCanModify",
    "guestsCanSeeOtherGuests",
    "outOfOfficeProperties",
    "reminders",
    "source",
    "workingLocationProperties",
];
/// Kinds that a client may make; the others are Google's.
const KINDS: [&str; 4] = ["default", "focusTime", "outOfOffice", "workingLocation"];
const OF_PERSON: [&str; 7] =
    ["additionalGuests", "comment", "displayName", "email", "optional", "resource", "responseStatus"];
const OF_FILE: [&str; 4] = ["fileUrl", "iconLink", "mimeType", "title"];
const OF_CONFERENCE: [&str; 6] =
    ["conferenceId", "conferenceSolution", "entryPoints", "notes", "parameters", "signature"];

/// Members of the body of an insert.
pub fn taken_over(rest: &Rest) -> Map<String, Value> {
    let raw = &rest.raw;
    let mut body = some_of(raw, &KEPT);
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    add("attachments", files(raw));
    add("attendees", list(raw, "attendees", &OF_PERSON).filter(|_| rest.invites()));
    add("conferenceData", conference(raw));
    add("eventType", kind(raw).filter(|kind| KINDS.contains(kind)).map(|kind| json!(kind)));
    add("extendedProperties", properties(raw));
    declines_no_past_invitation(&mut body);
    body
}

/// What of the earlier event does not come back.
pub fn lost(rest: &Rest) -> Vec<Lost> {
    let raw = &rest.raw;
    let has = |name: &str| raw.get(name).is_some();
    let people = rest.loses_people().filter(|_| list(raw, "attendees", &["email"]).is_some());
    let omitted = raw.get("attendeesOmitted").and_then(Value::as_bool).unwrap_or_default();
    let held = has("conferenceData") || has("hangoutLink");
    let cases = [
        (omitted && rest.invites(), Lost::OtherPeople),
        (held && conference(raw).is_none(), Lost::MeetingLink),
        (kind(raw).is_some_and(|kind| !KINDS.contains(&kind)), Lost::Kind),
    ];
    let others = cases.into_iter().filter(|(is_so, _)| *is_so).map(|(_, lost)| lost);
    people.into_iter().chain(others).collect()
}

fn some_of(value: &Value, names: &[&str]) -> Map<String, Value> {
    let members = value.as_object().into_iter().flatten();
    let kept = members.filter(|(name, member)| names.contains(&name.as_str()) && !member.is_null());
    kept.map(|(name, member)| (name.clone(), member.clone())).collect()
}

fn list(raw: &Value, name: &str, of_each: &[&str]) -> Option<Value> {
    let entries = raw.get(name)?.as_array().filter(|entries| !entries.is_empty())?;
    Some(entries.iter().map(|entry| Value::Object(some_of(entry, of_each))).collect())
}

/// One without an address cannot be written.
fn files(raw: &Value) -> Option<Value> {
    let Value::Array(mut files) = list(raw, "attachments", &OF_FILE)? else { return None };
    files.retain(|file| file.get("fileUrl").is_some());
    (!files.is_empty()).then_some(Value::Array(files))
}

/// The conference itself, not the request that once made it; Google takes one that says how to join it.
fn conference(raw: &Value) -> Option<Value> {
    let conference = some_of(raw.get("conferenceData")?, &OF_CONFERENCE);
    let joins = conference.get("entryPoints").and_then(Value::as_array).is_some_and(|it| !it.is_empty());
    (joins && conference.contains_key("conferenceSolution")).then_some(Value::Object(conference))
}

fn kind(raw: &Value) -> Option<&str> {
    raw.get("eventType").and_then(Value::as_str)
}

/// Those of other programs; Daymark's own come with the fields.
fn properties(raw: &Value) -> Option<Value> {
    let mut properties = some_of(raw.get("extendedProperties")?, &["private", "shared"]);
    for (_, of_kind) in &mut properties {
        let Some(of_kind) = of_kind.as_object_mut() else { continue };
        of_kind.retain(|key, _| !key.starts_with(MARK_PREFIX));
    }
    properties.retain(|_, of_kind| of_kind.as_object().is_some_and(|it| !it.is_empty()));
    (!properties.is_empty()).then_some(Value::Object(properties))
}

/// Time away that declines invitations did so when it was made; made again, it declines those that come.
fn declines_no_past_invitation(body: &mut Map<String, Value>) {
    for name in ["focusTimeProperties", "outOfOfficeProperties"] {
        let mode = body.get_mut(name).and_then(|properties| properties.get_mut("autoDeclineMode"));
        if let Some(mode) = mode.filter(|mode| **mode == "declineAllConflictingInvitations") {
            *mode = json!("declineOnlyNewConflictingInvitations");
        }
    }
}

#[cfg(test)]
mod tests {
    use daymark_core::rest::People;

    use super::*;

    fn of(raw: Value) -> Rest {
        Rest::new(raw, People::ComeAlong)
    }

    fn meeting() -> Value {
        json!({
            "id": "a", "etag": "\"1\"", "iCalUID": "a@google.com", "status": "confirmed", "htmlLink": "https://x",
            "summary": "Old", "organizer": { "email": "maya@x.org", "self": true },
            "attendees": [
                { "email": "maya@x.org", "self": true, "organizer": true, "responseStatus": "accepted" },
                { "email": "li@x.org", "id": "7", "displayName": "Li", "responseStatus": "declined" },
            ],
            "attachments": [
                { "fileUrl": "https://drive.example/1", "title": "Plan", "fileId": "1" }, { "title": "No address" },
            ],
            "conferenceData": {
                "createRequest": { "requestId": "r", "status": { "statusCode": "success" } },
                "conferenceId": "abc", "conferenceSolution": { "key": { "type": "hangoutsMeet" } },
                "entryPoints": [{ "entryPointType": "video", "uri": "https://meet.example/abc" }],
            },
            "hangoutLink": "https://meet.example/abc",
            "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 3 }] },
            "extendedProperties": {
                "private": { "other": "1", "daymark-block": "x" }, "shared": { "daymark-booking": "y" },
            },
            "colorId": "3", "guestsCanModify": true,
        })
    }

    #[test]
    fn people_files_conference_and_reminders_are_taken_over_and_nothing_that_is_googles_own() {
        let body = Value::Object(taken_over(&of(meeting())));
        let expected = json!({
            "attendees": [
                { "email": "maya@x.org", "responseStatus": "accepted" },
                { "email": "li@x.org", "displayName": "Li", "responseStatus": "declined" },
            ],
            "attachments": [{ "fileUrl": "https://drive.example/1", "title": "Plan" }],
            "conferenceData": {
                "conferenceId": "abc", "conferenceSolution": { "key": { "type": "hangoutsMeet" } },
                "entryPoints": [{ "entryPointType": "video", "uri": "https://meet.example/abc" }],
            },
            "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 3 }] },
            "extendedProperties": { "private": { "other": "1" } },
            "colorId": "3", "guestsCanModify": true,
        });
        assert_eq!(body, expected);
        assert_eq!(lost(&of(meeting())), []);
    }

    #[test]
    fn an_invitation_comes_back_without_its_people_and_that_is_said() {
        let rest = Rest { people: People::Theirs, ..of(meeting()) };
        assert!(!taken_over(&rest).contains_key("attendees"));
        assert_eq!(lost(&rest), [Lost::Invitation]);
        assert_eq!(lost(&of(meeting()).unasked()), [Lost::People]);
    }

    #[test]
    fn what_only_google_can_make_is_named() {
        let raw = json!({
            "eventType": "fromGmail", "hangoutLink": "https://meet.example/abc", "attendeesOmitted": true,
            "conferenceData": { "createRequest": { "requestId": "r" } },
        });
        let body = taken_over(&of(raw.clone()));
        assert!(body.is_empty(), "{body:?}");
        assert_eq!(lost(&of(raw)), [Lost::OtherPeople, Lost::MeetingLink, Lost::Kind]);
    }

    #[test]
    fn time_away_comes_back_as_such_and_declines_only_what_is_new() {
        let raw = json!({
            "eventType": "outOfOffice",
            "outOfOfficeProperties": { "autoDeclineMode": "declineAllConflictingInvitations", "declineMessage": "Away" },
        });
        let body = taken_over(&of(raw));
        assert_eq!(body["eventType"], "outOfOffice");
        let mode = &body["outOfOfficeProperties"]["autoDeclineMode"];
        assert_eq!(mode, "declineOnlyNewConflictingInvitations");
    }
}
