//! What a Google event shows beyond the managed fields. Anything unreadable is left out: it is for the eye only.

use daymark_core::details::{Attachment, Attendee, Details, Meeting, web_address};
use daymark_core::event::Answer;
use serde::Deserialize;
use serde_json::Value;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Person {
    email: String,
    display_name: String,
    response_status: String,
    organizer: bool,
    optional: bool,
    resource: bool,
    #[serde(rename = "self")]
    is_self: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct File {
    title: String,
    file_url: String,
}

pub fn details(raw: &Value) -> Details {
    let attachments = list::<File>(raw, "attachments").map(attachment).collect();
    Details {
        attendees: list::<Person>(raw, "attendees").map(attendee).collect(),
        more_attendees: raw.get("attendeesOmitted").and_then(Value::as_bool).unwrap_or_default(),
        meeting: meeting(raw),
        attachments,
        more_attachments: false,
        reminders_min: reminders(raw),
    }
    .ordered()
}

fn list<'a, T: for<'de> Deserialize<'de>>(
    raw: &'a Value,
    name: &str,
) -> impl Iterator<Item = T> + use<'a, T> {
    let entries = raw.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(|entry| T::deserialize(entry).ok())
}

fn attendee(person: Person) -> Attendee {
    let answer = match person.response_status.as_str() {
        "accepted" => Answer::Accepted,
        "tentative" => Answer::Tentative,
        "declined" => Answer::Declined,
        _ if person.organizer => Answer::Own,
        _ => Answer::Open,
    };
    Attendee {
        name: person.display_name,
        address: person.email,
        answer,
        organizer: person.organizer,
        optional: person.optional,
        resource: person.resource,
        me: person.is_self,
    }
}

/// The video entry of the conference; older events have nothing but `hangoutLink`.
fn meeting(raw: &Value) -> Option<Meeting> {
    let entries = raw.pointer("/conferenceData/entryPoints").and_then(Value::as_array);
    let is_video = |entry: &&Value| entry.get("entryPointType").and_then(Value::as_str) == Some("video");
    let video = entries.and_then(|entries| entries.iter().find(is_video)?.get("uri"));
    let url = video.or_else(|| raw.get("hangoutLink"))?.as_str().and_then(web_address)?;
    let service = raw.pointer("/conferenceData/conferenceSolution/name").and_then(Value::as_str);
    Some(Meeting { service: service.unwrap_or_default().to_owned(), url })
}

/// Those of the event itself; the calendar's own are known to the calendar alone.
fn reminders(raw: &Value) -> Vec<i64> {
    let overrides = raw.pointer("/reminders/overrides").and_then(Value::as_array).into_iter().flatten();
    overrides.filter_map(|entry| entry.get("minutes")?.as_i64()).collect()
}

fn attachment(file: File) -> Attachment {
    Attachment { title: file.title, url: web_address(&file.file_url) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attendees_come_with_their_answers_and_the_meeting_with_its_link() {
        let raw = json!({
            "attendees": [
                { "email": "li@x.org", "responseStatus": "declined", "optional": true },
                { "email": "maya@x.org", "displayName": "Maya", "organizer": true, "self": true,
                  "responseStatus": "accepted" },
                { "email": "room@x.org", "resource": true, "responseStatus": "needsAction" },
            ],
            "attendeesOmitted": true,
            "conferenceData": {
                "conferenceSolution": { "name": "Google Meet" },
                "entryPoints": [
                    { "entryPointType": "phone", "uri": "tel:+1" },
                    { "entryPointType": "video", "uri": "https://meet.example/abc" },
                ],
            },
            "attachments": [{ "title": "Plan", "fileUrl": "https://drive.example/open?id=1" }],
            "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 3 }] },
        });
        let details = details(&raw);
        let [maya, li, room] = details.attendees.as_slice() else { panic!("{details:?}") };
        assert!(maya.organizer && maya.me && maya.answer == Answer::Accepted);
        assert!(li.optional && li.answer == Answer::Declined);
        assert!(room.resource && room.answer == Answer::Open);
        assert!(details.more_attendees);
        let meeting = Meeting { service: "Google Meet".into(), url: "https://meet.example/abc".into() };
        assert_eq!(details.meeting, Some(meeting));
        assert_eq!((details.attachments.len(), details.reminders_min), (1, vec![3]));
    }

    #[test]
    fn what_cannot_be_read_or_opened_is_left_out() {
        let raw = json!({
            "attendees": [7, { "email": "a@x.org" }],
            "hangoutLink": "javascript:alert(1)",
            "attachments": [{ "title": "Plan", "fileUrl": "file:///etc/passwd" }],
        });
        let details = details(&raw);
        assert_eq!(details.attendees.len(), 1);
        assert_eq!(details.meeting, None);
        assert_eq!(details.attachments, [Attachment { title: "Plan".into(), url: None }]);
        assert_eq!(super::details(&json!(null)), Details::default());
    }
}
