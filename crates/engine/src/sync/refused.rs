//! Writes that will not reach their provider by themselves, as cards of health: they stand until the person has
//! answered, over restarts too.

use daymark_core::plain::clause;
use daymark_mirror::{FailedEdit, JournalId, Mirror, MirrorError, Stuck};

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
        Stuck::Unknown => unknown(edit),
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

/// It may stand there for all to see, so it is not said to be gone.
fn unknown(edit: &FailedEdit) -> Card {
    let FailedEdit { event, title, reason, .. } = edit;
    let said = clause(reason);
    let message = format!(
        "“{title}” is taken back here, and whether its calendar has it is not known: the provider does not say \
         ({said}). Try again, or look there."
    );
    let card = card(CardCode::WriteUnknown, HealthState::Attention, message);
    answered(card.with("title", title).with("reason", reason), *event, edit.journal)
}

fn refused(edit: &FailedEdit) -> Card {
    let FailedEdit { event, title, reason, .. } = edit;
    let said = clause(reason);
    let (code, message) = if edit.of_booking {
        let message = format!(
            "“{title}” is booked, and the calendar refuses it: {said}. The visitor's time is kept; try again, or \
             take it back and tell them."
        );
        (CardCode::BookingRefused, message)
    } else {
        let message = format!(
            "The provider refused the change of “{title}”: {said}. Try again, undo it, or change it."
        );
        (CardCode::WriteRefused, message)
    };
    let card = card(code, HealthState::Attention, message).with("title", title).with("reason", reason);
    answered(card, *event, edit.journal)
}

/// The ways in which a person can answer it.
fn answered(card: Card, event: i64, journal: Option<JournalId>) -> Card {
    let card = card.remedy(Remedy::RetryWrite { event });
    match journal {
        Some(journal) => card.remedy(Remedy::Undo { journal: journal.0 }),
        None => card,
    }
}
