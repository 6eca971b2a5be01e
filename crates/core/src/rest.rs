//! The rest of an event: what its provider keeps beyond the managed fields, so that another event can be made like it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::Original;

/// What a new event takes over from an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    /// What the provider said of the earlier event, verbatim; of its series where it said nothing of the
    /// occurrence itself.
    pub raw: Value,
    /// Which occurrence of a series it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    /// Which occurrences of a series keep a text of their own; `None`: all that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exceptions: Option<Vec<Original>>,
    pub people: People,
}

/// What becomes of those who were invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum People {
    /// The meeting is the owner's, who is asked before anything of it is written.
    ComeAlong,
    /// It is the owner's, and nobody has asked.
    Unasked,
    /// Somebody else called the meeting: nobody can be invited to it in their name.
    Theirs,
}

impl Rest {
    pub fn new(raw: Value, people: People) -> Self {
        Rest { raw, original: None, exceptions: None, people }
    }

    pub fn invites(&self) -> bool {
        self.people == People::ComeAlong
    }

    /// For what nobody was asked about.
    pub fn unasked(self) -> Self {
        let people = if self.invites() { People::Unasked } else { self.people };
        Rest { people, ..self }
    }

    /// How its people are lost, if it has any.
    pub fn loses_people(&self) -> Option<Lost> {
        match self.people {
            People::ComeAlong => None,
            People::Unasked => Some(Lost::People),
            People::Theirs => Some(Lost::Invitation),
        }
    }
}

/// What of an earlier event cannot be had again by a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lost {
    /// Somebody else called the meeting: it comes back as an entry of the owner's own, without its people.
    Invitation,
    /// The owner's own guests, whom nobody was asked about.
    People,
    /// The people are invited anew, and what they answered is gone.
    Answers,
    /// The provider lists fewer people than were invited, and the others are not known.
    OtherPeople,
    Attachments,
    /// It is held online again, at another address.
    MeetingLink,
    /// It was of a kind that only the provider itself can make.
    Kind,
    /// The provider's text makes no sense as a whole, so that nothing but the managed fields is left of it.
    Everything,
}
