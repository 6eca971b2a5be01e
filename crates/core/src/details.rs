//! What an event carries beyond the fields that Daymark manages: shown to the person, and never written.

use serde::{Deserialize, Serialize};

use crate::event::Answer;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// The organizer first, then in the provider's order.
    pub attendees: Vec<Attendee>,
    /// The provider lists fewer people than were invited.
    pub more_attendees: bool,
    pub meeting: Option<Meeting>,
    pub attachments: Vec<Attachment>,
    /// The provider says that there are attachments, and not which.
    pub more_attachments: bool,
    /// How long before the start the owner is reminded, where the provider says it of the event itself.
    pub reminders_min: Vec<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// `''` when the provider has an address only.
    pub name: String,
    pub address: String,
    /// `Own` for the organizer who never had to answer.
    pub answer: Answer,
    pub organizer: bool,
    pub optional: bool,
    /// A room or another thing, not a person.
    pub resource: bool,
    /// The owner of the calendar.
    pub me: bool,
}

/// Where a meeting is held online.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// As the service calls itself; `''` when it does not say.
    pub service: String,
    /// http or https.
    pub url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub title: String,
    /// http or https, where the provider gives an address that the person can open.
    pub url: Option<String>,
}

impl Details {
    /// Puts the organizer first, whichever place the provider gave them.
    pub fn ordered(mut self) -> Self {
        self.attendees.sort_by_key(|attendee| !attendee.organizer);
        self
    }
}

/// An address that a browser may be sent to. What comes from a calendar may have been written by anybody.
pub fn web_address(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let is_web = lower.starts_with("https://") || lower.starts_with("http://");
    let is_plain = text.chars().all(|it| !it.is_control() && !it.is_whitespace());
    (is_web && is_plain).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_can_be_opened() {
        assert_eq!(web_address(" https://meet.example/abc ").as_deref(), Some("https://meet.example/abc"));
        for bad in
            ["javascript:alert(1)", "file:///etc/passwd", "https://a.example/\nb", "data:text/html,x", ""]
        {
            assert_eq!(web_address(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_organizer_stands_first_and_the_others_keep_their_order() {
        let person = |address: &str, organizer| Attendee {
            name: String::new(),
            address: address.into(),
            answer: Answer::Open,
            organizer,
            optional: false,
            resource: false,
            me: false,
        };
        let attendees = vec![person("b@x.org", false), person("a@x.org", false), person("o@x.org", true)];
        let ordered = Details { attendees, ..Details::default() }.ordered();
        let order: Vec<_> = ordered.attendees.iter().map(|it| it.address.as_str()).collect();
        assert_eq!(order, ["o@x.org", "b@x.org", "a@x.org"]);
    }
}
