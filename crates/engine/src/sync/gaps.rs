//! What a person must know of their calendars because it is not all on the schedule.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use daymark_mirror::{Mirror, MirrorError};

use super::aside;
use crate::api::health::{CardCode, HealthState};
use crate::health::{Registry, Subject, card};

/// Shows what was set aside and which series go on beyond what is listed, and takes back what has healed.
pub async fn show(mirror: &Mirror, health: &Registry, home: Tz) -> Result<(), MirrorError> {
    aside::show(mirror, health, home).await?;
    endless(mirror, health).await
}

async fn endless(mirror: &Mirror, health: &Registry) -> Result<(), MirrorError> {
    let calendars = mirror.calendars().await?;
    let shown = |id| calendars.iter().any(|it| it.id == id && it.chosen && !it.gone);
    let series = mirror.truncated().await?;
    let mut named = BTreeSet::new();
    for it in series.into_iter().filter(|it| shown(it.calendar)) {
        let message = format!(
            "“{}” repeats more often than Daymark lists. Far ahead it is missing on the schedule; no visit is \
             offered at its times all the same.",
            it.title
        );
        let told = card(CardCode::SeriesTruncated, HealthState::Ok, message).with("title", it.title);
        health.raise(Subject::Series(it.event), told);
        named.insert(it.event);
    }
    health.forget(|subject| matches!(subject, Subject::Series(event) if !named.contains(event)));
    Ok(())
}
