//! Writes that a provider refused, as cards of health: they stand until the person has answered, over restarts too.

use daymark_mirror::{FailedEdit, Mirror, MirrorError, Stuck};

use crate::api::health::{Card, CardCode, HealthState, Remedy};
use crate::health::{Registry, Subject, card};

/// Shows a card for each write that is refused, and takes back those that were answered: tried again, taken
/// back, or changed since.
pub async fn show(mirror: &Mirror, health: &Registry) -> Result<(), MirrorError> {
    let mut refused = mirror.failed_edits().await?;
    refused.retain(|it| it.why == Stuck::Refused);
    health.forget(|subject| match subject {
        Subject::Write(event) => !refused.iter().any(|it| it.event == *event),
        _ => false,
    });
    for edit in &refused {
        health.raise(Subject::Write(edit.event), made(edit));
    }
    Ok(())
}

fn made(edit: &FailedEdit) -> Card {
    let FailedEdit { event, title, reason, .. } = edit;
    let (code, message) = if edit.of_booking {
        let message = format!(
            "“{title}” is booked, and the calendar refuses it: {reason}. The visitor's time is kept; try again, or \
             take it back and tell them."
        );
        (CardCode::BookingRefused, message)
    } else {
        let message = format!(
            "The provider refused the change of “{title}”: {reason}. Try again, undo it, or change it."
        );
        (CardCode::WriteRefused, message)
    };
    let card = card(code, HealthState::Attention, message).with("title", title).with("reason", reason);
    let card = card.remedy(Remedy::RetryWrite { event: *event });
    match edit.journal {
        Some(journal) => card.remedy(Remedy::Undo { journal: journal.0 }),
        None => card,
    }
}
