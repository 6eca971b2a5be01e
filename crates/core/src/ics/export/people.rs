//! People, links, files and reminders as lines, where a provider has no such lines itself.

use super::lines::text;
use crate::details::{Attachment, Attendee, Details, Meeting};
use crate::event::Answer;

/// The lines of an event with this title. Nobody is mailed by them: a file that is handed on is no invitation.
pub fn lines_of(details: &Details, title: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for person in details.attendees.iter().filter(|one| one.address.contains('@')) {
        lines
            .extend(person.organizer.then(|| format!("ORGANIZER{}:mailto:{}", name(person), person.address)));
        lines.extend((!person.organizer || person.answer != Answer::Own).then(|| attendee(person)));
    }
    lines.extend(details.meeting.as_ref().map(conference));
    lines.extend(details.attachments.iter().filter_map(attachment));
    lines.extend(details.reminders_min.iter().flat_map(|minutes| alarm(*minutes, title)));
    lines
}

fn attendee(person: &Attendee) -> String {
    let answer = match person.answer {
        Answer::Own | Answer::Accepted => "ACCEPTED",
        Answer::Open => "NEEDS-ACTION",
        Answer::Tentative => "TENTATIVE",
        Answer::Declined => "DECLINED",
    };
    let kind = if person.resource { ";CUTYPE=RESOURCE" } else { "" };
    let role = if person.optional { ";ROLE=OPT-PARTICIPANT" } else { "" };
    format!("ATTENDEE{}{kind}{role};PARTSTAT={answer}:mailto:{}", name(person), person.address)
}

fn name(person: &Attendee) -> String {
    parameter("CN", &person.name)
}

fn conference(meeting: &Meeting) -> String {
    format!("CONFERENCE;VALUE=URI;FEATURE=VIDEO{}:{}", parameter("LABEL", &meeting.service), meeting.url)
}

fn attachment(attachment: &Attachment) -> Option<String> {
    Some(format!("ATTACH{}:{}", parameter("FILENAME", &attachment.title), attachment.url.as_ref()?))
}

fn alarm(minutes: i64, title: &str) -> [String; 5] {
    let sign = if minutes < 0 { "" } else { "-" };
    [
        "BEGIN:VALARM".into(),
        "ACTION:DISPLAY".into(),
        format!("DESCRIPTION:{}", text(title)),
        format!("TRIGGER:{sign}PT{}M", minutes.abs()),
        "END:VALARM".into(),
    ]
}

/// In quotes, which themselves cannot stand there (RFC 5545 §3.2).
fn parameter(name: &str, value: &str) -> String {
    let value: String = value.chars().filter(|letter| !letter.is_control()).collect();
    if value.is_empty() { String::new() } else { format!(";{name}=\"{}\"", value.replace('"', "'")) }
}
