//! What an event shows beyond what can be edited here: people, the online meeting, attachments.

use daymark_core::details as core;
use daymark_core::event;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Details {
    /// The organizer first.
    pub attendees: Vec<Attendee>,
    /// More were invited than the provider lists.
    pub more_attendees: bool,
    pub meeting: Option<Meeting>,
    pub attachments: Vec<Attachment>,
    /// There are attachments that only the provider can show.
    pub more_attachments: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attendee {
    /// `''` when only the address is known.
    pub name: String,
    pub address: String,
    pub answer: Answer,
    pub organizer: bool,
    pub optional: bool,
    /// A room or another thing.
    pub resource: bool,
    /// The calendar's owner.
    pub me: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The organizer, who need not answer.
    Own,
    Open,
    Accepted,
    Tentative,
    Declined,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Meeting {
    /// `''` when it does not say.
    pub service: String,
    pub url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attachment {
    pub title: String,
    pub url: Option<String>,
}

/// What kind of entry the provider says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Default,
    OutOfOffice,
    FocusTime,
    WorkingLocation,
    Birthday,
    FromMail,
}

/// A web address to open in the system's browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Link {
    pub url: String,
}

impl From<core::Details> for Details {
    fn from(details: core::Details) -> Self {
        Details {
            attendees: details.attendees.into_iter().map(Attendee::from).collect(),
            more_attendees: details.more_attendees,
            meeting: details.meeting.map(|it| Meeting { service: it.service, url: it.url }),
            attachments: details.attachments.into_iter().map(Attachment::from).collect(),
            more_attachments: details.more_attachments,
        }
    }
}

impl From<core::Attendee> for Attendee {
    fn from(attendee: core::Attendee) -> Self {
        let core::Attendee { name, address, answer, organizer, optional, resource, me } = attendee;
        Attendee { name, address, answer: answer.into(), organizer, optional, resource, me }
    }
}

impl From<core::Attachment> for Attachment {
    fn from(attachment: core::Attachment) -> Self {
        Attachment { title: attachment.title, url: attachment.url }
    }
}

impl From<event::Answer> for Answer {
    fn from(answer: event::Answer) -> Self {
        match answer {
            event::Answer::Own => Answer::Own,
            event::Answer::Open => Answer::Open,
            event::Answer::Accepted => Answer::Accepted,
            event::Answer::Tentative => Answer::Tentative,
            event::Answer::Declined => Answer::Declined,
        }
    }
}

impl From<event::Kind> for EventKind {
    fn from(kind: event::Kind) -> Self {
        match kind {
            event::Kind::Default => EventKind::Default,
            event::Kind::OutOfOffice => EventKind::OutOfOffice,
            event::Kind::FocusTime => EventKind::FocusTime,
            event::Kind::WorkingLocation => EventKind::WorkingLocation,
            event::Kind::Birthday => EventKind::Birthday,
            event::Kind::FromMail => EventKind::FromMail,
        }
    }
}
