//! Writes that will not reach their provider by themselves, as cards of health: they stand until the person has
//! answered, over restarts too.

use daymark_mirror::{FailedEdit, Mirror, MirrorError, Stuck};

use crate::api::health::{Card, CardCode, HealthState, Remedy};
use crate::health::{Registry, Subject, card};

/// Shows a card for each write that is refused or has nowhere to go, and takes back those that were answered: tried again, taken
/// back, or changed since.
pub async fn show(mirror: &Mirror, health: &Registry) -> Result<(), MirrorError> {
    let failed = mirror.failed_edits().await?;
    health.forget(|subject| match subject {
        Subject::Write(event) => !failed.iter().any(|it| it.event == *event),
        _ => false,
    });
    for edit in &failed {
        health.raise(Subject::Write(edit.event), made(edit));
    }
    Ok(())
}

fn made(edit: &FailedEdit) -> Card {
    match edit.why {
        Stuck::Refused => refused(edit),
        Stuck::CalendarGone => nowhere(CardCode::WriteCalendarGone, "is no longer there", edit),
        Stuck::ReadOnly => nowhere(CardCode::WriteReadOnly, "can only be read now", edit),
    }
}

/// What cannot be written cannot be taken back by a write either. It goes as soon as its calendar takes it again.
fn nowhere(code: CardCode, why: &str, edit: &FailedEdit) -> Card {
    let title = &edit.title;
    let message = format!("Your change of “{title}” is kept here: its calendar {why}.");
    card(code, HealthState::Attention, message).with("title", title)
}

fn refused(edit: &FailedEdit) -> Card {
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
