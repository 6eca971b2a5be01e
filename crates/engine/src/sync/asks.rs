//! What only the person can decide, as cards of health: banner, tray and notifications know of it so.

use daymark_mirror::{ConflictId, Mirror, MirrorError};

use super::refused;
use crate::api::health::{CardCode, HealthState, Remedy};
use crate::health::{Registry, Subject, card};

/// Shows a card for each conflict that is open and each write that is refused, and takes back the cards of what was decided.
pub async fn show(mirror: &Mirror, health: &Registry) -> Result<(), MirrorError> {
    refused::show(mirror, health).await?;
    let open = mirror.conflicts().await?;
    health.forget(|subject| match subject {
        Subject::Conflict(id) => !open.iter().any(|it| it.id == ConflictId(*id)),
        _ => false,
    });
    for dispute in open {
        let title = dispute.mine.title;
        let message = format!(
            "“{title}” is not the same here and elsewhere any more. Choose what stays; nothing is lost."
        );
        let card = card(CardCode::Conflict, HealthState::Attention, message)
            .with("title", title)
            .remedy(Remedy::OpenConflict { conflict: dispute.id.0 });
        health.raise(Subject::Conflict(dispute.id.0), card);
    }
    Ok(())
}
