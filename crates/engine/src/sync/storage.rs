//! What is said while Daymark's own database fails: nothing that is read can be kept, and nobody would notice.

use daymark_core::causes::causes;
use daymark_mirror::{MirrorError, Storage};

use crate::api::health::{CardCode, HealthState};
use crate::api::problem::ProblemCode;
use crate::health::{Registry, Subject, card};

const CODES: [CardCode; 4] =
    [CardCode::DiskFull, CardCode::DatabaseLocked, CardCode::DatabaseDamaged, CardCode::DatabaseTrouble];

/// How a call that met it ends.
pub fn problem(storage: Storage) -> ProblemCode {
    match storage {
        Storage::Full => ProblemCode::DiskFull,
        Storage::Locked => ProblemCode::DatabaseLocked,
        Storage::Damaged => ProblemCode::DatabaseDamaged,
        Storage::Failing => ProblemCode::Database,
    }
}

fn code(storage: Storage) -> CardCode {
    match storage {
        Storage::Full => CardCode::DiskFull,
        Storage::Locked => CardCode::DatabaseLocked,
        Storage::Damaged => CardCode::DatabaseDamaged,
        Storage::Failing => CardCode::DatabaseTrouble,
    }
}

/// A run could not keep what it had.
pub fn failed(health: &Registry, error: &MirrorError) {
    if let Some(storage) = error.storage() {
        show(health, storage, &causes(error));
    }
}

fn show(health: &Registry, storage: Storage, said: &str) {
    let now = code(storage);
    clear(health, |known| known != now);
    let told = card(now, HealthState::Broken, format!("Nothing new can be kept: {said}."));
    let told = if storage == Storage::Failing { told.with("reason", said) } else { told };
    health.raise(Subject::Machine, told);
}

/// A run that had something to keep has kept it.
pub fn is_well(health: &Registry) {
    clear(health, |_| true);
}

fn clear(health: &Registry, which: impl Fn(CardCode) -> bool) {
    for code in CODES.into_iter().filter(|code| which(*code)) {
        health.clear(Subject::Machine, code);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::notices::Notices;

    #[test]
    fn one_card_at_a_time_says_why_nothing_is_kept_until_something_is() {
        let health = Registry::new(Arc::new(Notices::default()));
        let codes = || health.cards().into_iter().map(|card| card.code).collect::<Vec<_>>();
        show(&health, Storage::Locked, "another program holds the database");
        show(&health, Storage::Full, "the disk is full");
        assert_eq!(codes(), [CardCode::DiskFull]);
        assert_eq!(health.cards()[0].severity, HealthState::Broken);
        failed(&health, &MirrorError::NotFound("event"));
        assert_eq!(codes(), [CardCode::DiskFull], "what was asked for is not the database's fault");
        is_well(&health);
        assert_eq!(codes(), []);
    }
}
