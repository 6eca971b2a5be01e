//! What only the person can decide: both sides changed one thing, or one deleted what the other changed.

use serde::{Deserialize, Serialize};

use crate::event::{Field, Fields};

/// What keeps an edit from being sent until the person has chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub kind: Kind,
    /// The fields that both sides changed to different values; for a delete here, what changed there.
    pub fields: Vec<Field>,
    /// What both sides started from. Field by field: where only one side has changed something it
    /// moves along, so that a later change there is not held against ours. `None`: it is not known.
    pub ground: Option<Fields>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Both changed a field, to different values.
    BothChanged,
    /// Deleted here, changed there.
    DeletedHere,
    /// Changed here, deleted there.
    DeletedThere,
}

/// The person's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    Mine,
    Theirs,
    Both,
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Ours is sent over theirs.
    SendMine,
    /// Theirs stands; the journal keeps ours.
    TakeTheirs,
    /// Theirs stands, and ours becomes an event of its own.
    KeepBoth,
    /// Ours comes back as a new event.
    Revive,
    /// It goes here as well; the journal keeps ours.
    LetGo,
}

/// An answer that this conflict does not offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a conflict of the kind {kind:?} cannot be settled by {choice:?}")]
pub struct NotOffered {
    pub kind: Kind,
    pub choice: Choice,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::BothChanged, Kind::DeletedHere, Kind::DeletedThere];

    pub fn settle(self, choice: Choice) -> Result<Settlement, NotOffered> {
        match (self, choice) {
            (Kind::BothChanged | Kind::DeletedHere, Choice::Mine) => Ok(Settlement::SendMine),
            (Kind::BothChanged | Kind::DeletedHere, Choice::Theirs) => Ok(Settlement::TakeTheirs),
            (Kind::BothChanged, Choice::Both) => Ok(Settlement::KeepBoth),
            (Kind::DeletedThere, Choice::Mine) => Ok(Settlement::Revive),
            (Kind::DeletedThere, Choice::Theirs) => Ok(Settlement::LetGo),
            (Kind::DeletedHere | Kind::DeletedThere, Choice::Both) => Err(NotOffered { kind: self, choice }),
        }
    }

    /// The answers it offers.
    pub fn choices(self) -> Vec<Choice> {
        let all = [Choice::Mine, Choice::Theirs, Choice::Both];
        all.into_iter().filter(|choice| self.settle(*choice).is_ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_conflict_offers_both_sides_and_only_two_values_can_both_be_kept() {
        for kind in Kind::ALL {
            let choices = kind.choices();
            assert!(choices.contains(&Choice::Mine) && choices.contains(&Choice::Theirs), "{kind:?}");
            assert_eq!(choices.contains(&Choice::Both), kind == Kind::BothChanged, "{kind:?}");
        }
    }

    #[test]
    fn no_answer_drops_an_event_that_stands_at_the_provider() {
        for kind in [Kind::BothChanged, Kind::DeletedHere] {
            for choice in kind.choices() {
                assert_ne!(kind.settle(choice), Ok(Settlement::LetGo));
            }
        }
    }
}
