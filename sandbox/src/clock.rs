//! The sandbox's time: it stands still until told, or follows a source handed in by the program.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

use crate::sync::lock;

type Source = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

enum Mode {
    Standing(DateTime<Utc>),
    Following { source: Source, ahead: TimeDelta },
}

/// Cloned handles share one time.
#[derive(Clone)]
pub struct Clock(Arc<Mutex<Mode>>);

impl Clock {
    /// A clock that moves only through [`Clock::advance`] and [`Clock::set`].
    pub fn standing(at: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(Mode::Standing(at))))
    }

    /// A clock that runs with `source`, shifted by whatever it is set or advanced to.
    pub fn following(source: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Mutex::new(Mode::Following { source: Arc::new(source), ahead: TimeDelta::zero() })))
    }

    pub fn now(&self) -> DateTime<Utc> {
        match &*lock(&self.0) {
            Mode::Standing(at) => *at,
            Mode::Following { source, ahead } => source() + *ahead,
        }
    }

    pub fn advance(&self, by: TimeDelta) {
        match &mut *lock(&self.0) {
            Mode::Standing(at) => *at += by,
            Mode::Following { ahead, .. } => *ahead += by,
        }
    }

    pub fn set(&self, to: DateTime<Utc>) {
        match &mut *lock(&self.0) {
            Mode::Standing(at) => *at = to,
            Mode::Following { source, ahead } => *ahead = to - source(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_standing_clock_moves_only_when_told() {
        let clock = Clock::standing(at("2026-03-04T16:42:00Z"));
        assert_eq!(clock.now(), clock.now());
        clock.advance(TimeDelta::minutes(5));
        assert_eq!(clock.now(), at("2026-03-04T16:47:00Z"));
    }

    #[test]
    fn a_following_clock_keeps_the_distance_it_was_set_to() {
        let source = Clock::standing(at("2026-01-01T00:00:00Z"));
        let inner = source.clone();
        let clock = Clock::following(move || inner.now());
        clock.set(at("2026-06-01T00:00:00Z"));
        source.advance(TimeDelta::seconds(1));
        assert_eq!(clock.now(), at("2026-06-01T00:00:01Z"));
    }
}
