//! What only the person can decide, as cards of health: banner, tray and notifications know of it so.

use daymark_mirror::{ConflictId, FailedEdit, Mirror, MirrorError, Stuck};

use crate::api::health::{Card, CardCode, HealthState, Remedy};
use crate::health::{Registry, Subject, card};

/// Shows a card for each refused write and each conflict that is open, and takes back the cards of what was decided.
pub async fn show(mirror: &Mirror, health: &Registry) -> Result<(), MirrorError> {
    show_failed(mirror, health).await?;
    let open = mirror.conflicts().await?;
    health.forget(|subject| match subject {
        Subject::Conflict(id) => !open.iter().any(|it| it.id == ConflictId(*id)),
        _ => false,
    });
    for dispute in open {
        let title = dispute.mine.title;
        let message = format!(
            "“{title}” was changed here and elsewhere at the same time. Choose what stays; nothing is lost."
        );
        let card = card(CardCode::Conflict, HealthState::Attention, message)
            .with("title", title)
            .remedy(Remedy::OpenConflict { conflict: dispute.id.0 });
        health.raise(Subject::Conflict(dispute.id.0), card);
    }
    Ok(())
}

/// A card for each edit that will not reach its provider by itself. One that was taken back, or changed since,
/// is never settled by a push of its own.
async fn show_failed(mirror: &Mirror, health: &Registry) -> Result<(), MirrorError> {
    let failed = mirror.failed_edits().await?;
    health.forget(|subject| match subject {
        Subject::Write(event) => !failed.iter().any(|it| it.event == *event),
        _ => false,
    });
    for edit in failed {
        health.raise(Subject::Write(edit.event), failed_card(edit));
    }
    Ok(())
}

fn failed_card(edit: FailedEdit) -> Card {
    let FailedEdit { title, why, reason, journal, .. } = edit;
    let (reason, undo) = match why {
        Stuck::Refused => (reason, journal),
        // What cannot be written cannot be taken back by a write either.
        Stuck::CalendarGone => ("its calendar is no longer there".into(), None),
        Stuck::ReadOnly => ("its calendar can only be read".into(), None),
    };
    let message =
        format!("The provider refused the change of “{title}”: {reason}. Undo it, or change it again.");
    card(CardCode::WriteRefused, HealthState::Attention, message)
        .with("title", title)
        .with("reason", reason)
        .remedy(undo.map_or(Remedy::None, |entry| Remedy::Undo { journal: entry.0 }))
}
