//! What a Graph event shows beyond the managed fields. Anything unreadable is left out: it is for the eye only.

use daymark_core::details::{Attendee, Details, Meeting, web_address};
use daymark_core::event::Answer;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    email_address: Address,
    status: Option<Response>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    name: Option<String>,
    address: Option<String>,
}

#[derive(Deserialize)]
struct Response {
    response: Option<String>,
}

pub fn details(raw: &Value) -> Details {
    let organizer = raw.get("organizer").and_then(|it| Person::deserialize(it).ok());
    let organizer_address = organizer.as_ref().map(|it| address(it).to_lowercase()).unwrap_or_default();
    let i_organize = raw.get("isOrganizer").and_then(Value::as_bool).unwrap_or_default();
    let entries = raw.get("attendees").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut attendees: Vec<Attendee> = entries
        .iter()
        .filter_map(|entry| Person::deserialize(entry).ok())
        .map(|person| attendee(&person, &organizer_address, i_organize))
        .collect();
    // Graph does not list the organizer among those invited.
    if let Some(organizer) =
        organizer.filter(|_| !attendees.is_empty() && !attendees.iter().any(|it| it.organizer))
    {
        attendees.push(attendee(&organizer, &organizer_address, i_organize));
    }
    Details {
        attendees,
        more_attendees: false,
        meeting: meeting(raw),
        attachments: Vec::new(),
        more_attachments: raw.get("hasAttachments").and_then(Value::as_bool).unwrap_or_default(),
        reminders_min: reminder(raw).into_iter().collect(),
    }
    .ordered()
}

fn reminder(raw: &Value) -> Option<i64> {
    raw.get("isReminderOn")?.as_bool().filter(|is_on| *is_on)?;
    raw.get("reminderMinutesBeforeStart")?.as_i64()
}

fn address(person: &Person) -> &str {
    person.email_address.address.as_deref().unwrap_or_default()
}

fn attendee(person: &Person, organizer: &str, i_organize: bool) -> Attendee {
    let is_organizer = !organizer.is_empty() && address(person).to_lowercase() == organizer;
    let response = person.status.as_ref().and_then(|status| status.response.as_deref()).unwrap_or_default();
    let kind = person.kind.as_deref().unwrap_or_default();
    Attendee {
        name: person.email_address.name.clone().unwrap_or_default(),
        address: address(person).to_owned(),
        answer: match response {
            "accepted" => Answer::Accepted,
            "tentativelyAccepted" => Answer::Tentative,
            "declined" => Answer::Declined,
            _ if is_organizer => Answer::Own,
            _ => Answer::Open,
        },
        organizer: is_organizer,
        optional: kind == "optional",
        resource: kind == "resource",
        me: is_organizer && i_organize,
    }
}

fn meeting(raw: &Value) -> Option<Meeting> {
    let join = raw.pointer("/onlineMeeting/joinUrl").or_else(|| raw.get("onlineMeetingUrl"));
    let url = join?.as_str().and_then(web_address)?;
    let service = match raw.get("onlineMeetingProvider").and_then(Value::as_str) {
        Some("teamsForBusiness") => "Microsoft Teams",
        Some("skypeForBusiness" | "skypeForConsumer") => "Skype",
        _ => "",
    };
    Some(Meeting { service: service.into(), url })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_organizer_stands_among_those_who_were_invited() {
        let raw = json!({
            "isOrganizer": true,
            "organizer": { "emailAddress": { "name": "Maya", "address": "maya@x.org" } },
            "attendees": [
                { "type": "required", "status": { "response": "tentativelyAccepted" },
                  "emailAddress": { "name": "Li", "address": "li@x.org" } },
                { "type": "resource", "status": { "response": "none" },
                  "emailAddress": { "name": "Room 3", "address": "room3@x.org" } },
            ],
            "hasAttachments": true,
            "onlineMeetingProvider": "teamsForBusiness",
            "onlineMeeting": { "joinUrl": "https://teams.example/l/1" },
        });
        let details = details(&raw);
        let [maya, li, room] = details.attendees.as_slice() else { panic!("{details:?}") };
        assert!(maya.organizer && maya.me && maya.answer == Answer::Own);
        assert_eq!(li.answer, Answer::Tentative);
        assert!(room.resource);
        assert!(details.more_attachments);
        assert_eq!(details.meeting.map(|it| it.service).as_deref(), Some("Microsoft Teams"));
    }

    #[test]
    fn an_event_of_ones_own_lists_nobody() {
        let raw = json!({
            "isOrganizer": true,
            "organizer": { "emailAddress": { "name": "Maya", "address": "maya@x.org" } },
            "attendees": [],
            "onlineMeetingUrl": null,
        });
        assert_eq!(details(&raw), Details::default());
    }
}
