//! The journal of writes: who caused each, what stood before and after, and what became of it.

use serde::{Deserialize, Serialize};

use crate::event::{Field, Fields, Original};
use crate::rest::Rest;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    Change,
    Delete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The person, on the schedule.
    You,
    /// A visitor, through the public page.
    Booking,
    Undo,
    /// A copy of a busy time, kept up by itself.
    Block,
    /// The person had copies, or all that Daymark wrote, taken away.
    Removal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not yet at the provider.
    Waiting,
    Sent,
    Refused,
    /// Something at the provider came first; the images keep what the edit meant.
    Overtaken,
    /// Taken back before or after it was sent; another entry says when.
    Undone,
}

/// How an event stood before or after a write: all that is needed to bring it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    pub fields: Fields,
    /// Which occurrence of its series it is; `None` for single events and whole series.
    pub original: Option<Original>,
    /// What differed from the rule when a whole series was deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionImage>,
    /// What else the provider had of it when it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<Rest>,
}

/// One occurrence that differed from its series' rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionImage {
    pub original: Original,
    /// `None`: cancelled.
    pub fields: Option<Fields>,
}

impl Image {
    pub fn of(fields: &Fields) -> Self {
        Image { fields: fields.clone(), original: None, exceptions: Vec::new(), rest: None }
    }

    pub fn with(self, rest: Option<Rest>) -> Self {
        Image { rest, ..self }
    }
}

/// What a change's undo has to put back, or why it must not: the fields it changed, unless one of
/// them was changed again since.
pub fn undo_of_change(before: &Fields, after: &Fields, current: &Fields) -> Result<Vec<Field>, ChangedSince> {
    let changed = before.diff(after);
    match changed.iter().find(|field| !after.agrees(current, **field)) {
        Some(field) => Err(ChangedSince { field: *field }),
        None => Ok(changed),
    }
}

/// A later change stands on the one to be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field:?} was changed again since")]
pub struct ChangedSince {
    pub field: Field,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ShowAs;
    use crate::time::Span;
    use chrono_tz::Tz;

    fn visit(title: &str) -> Fields {
        let start = "2026-03-02T09:00:00Z".parse().unwrap();
        let end = "2026-03-02T10:00:00Z".parse().unwrap();
        Fields::new(title, Span::Timed { start, end, zone: Tz::UTC })
    }

    #[test]
    fn an_undo_puts_back_only_what_the_change_touched() {
        let current = Fields { location: "Elm Street".into(), ..visit("New") };
        assert_eq!(undo_of_change(&visit("Old"), &visit("New"), &current), Ok(vec![Field::Title]));
    }

    #[test]
    fn a_field_changed_again_since_cannot_be_put_back() {
        let current = visit("Newer");
        let refused = undo_of_change(&visit("Old"), &visit("New"), &current);
        assert_eq!(refused, Err(ChangedSince { field: Field::Title }));
        let free = Fields { show_as: ShowAs::Free, ..visit("New") };
        assert!(undo_of_change(&visit("Old"), &visit("New"), &free).is_ok());
    }
}
