//! A circuit breaker: after repeated failures a service is left alone for a while, then probed once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use daymark_core::time::Instant;

/// Failures in a row until calls are held back.
const FAILURES_TO_OPEN: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// A probe that says nothing for this long was dropped by its caller; another one may go.
const PROBE_LIMIT: Duration = Duration::from_secs(90);

#[derive(Debug)]
pub struct Breaker {
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { since: Instant, pause: Duration },
    HalfOpen { since: Instant, pause: Duration },
}

impl Default for Breaker {
    fn default() -> Self {
        Breaker { state: Mutex::new(State::Closed { failures: 0 }) }
    }
}

impl Breaker {
    /// Lets a call through, or says how long calls still wait.
    pub fn admit(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.lock();
        let (since, limit, pause) = match *state {
            State::Closed { .. } => return Ok(()),
            State::Open { since, pause } => (since, pause, pause),
            State::HalfOpen { since, pause } => (since, PROBE_LIMIT, pause),
        };
        match left(since, limit, now) {
            Some(wait) => Err(wait),
            None => {
                *state = State::HalfOpen { since: now, pause };
                Ok(())
            }
        }
    }

    /// The service answered sensibly.
    pub fn succeeded(&self) {
        *self.lock() = State::Closed { failures: 0 };
    }

    /// The service did not answer, or with a fault of its own.
    pub fn failed(&self, now: Instant) {
        let mut state = self.lock();
        *state = match *state {
            State::Closed { failures } if failures + 1 < FAILURES_TO_OPEN => {
                State::Closed { failures: failures + 1 }
            }
            State::Closed { .. } => State::Open { since: now, pause: FIRST_PAUSE },
            State::Open { since, pause } => State::Open { since, pause },
            State::HalfOpen { pause, .. } => {
                State::Open { since: now, pause: (pause * 2).min(LONGEST_PAUSE) }
            }
        };
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is a plain value: a panic elsewhere cannot leave it half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is left of `limit`. A clock that was set back counts as time gone by, so that it cannot
/// hold calls back for hours.
fn left(since: Instant, limit: Duration, now: Instant) -> Option<Duration> {
    let passed = now - since;
    if passed < TimeDelta::zero() {
        return None;
    }
    limit.checked_sub(passed.to_std().unwrap_or_default()).filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Instant {
        Instant::from_timestamp(1_772_000_000 + second, 0).unwrap()
    }

    fn open_breaker() -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..FAILURES_TO_OPEN {
            assert_eq!(breaker.admit(at(0)), Ok(()));
            breaker.failed(at(0));
        }
        breaker
    }

    #[test]
    fn a_success_forgets_the_failures_before_it() {
        let breaker = Breaker::default();
        for _ in 0..3 * FAILURES_TO_OPEN {
            breaker.failed(at(0));
            breaker.succeeded();
        }
        assert_eq!(breaker.admit(at(0)), Ok(()));
    }

    #[test]
    fn after_repeated_failures_calls_wait() {
        assert_eq!(open_breaker().admit(at(5)), Err(Duration::from_secs(10)));
    }

    #[test]
    fn when_the_pause_is_over_one_probe_goes_and_the_others_wait() {
        let breaker = open_breaker();
        assert_eq!(breaker.admit(at(15)), Ok(()));
        assert!(breaker.admit(at(15)).is_err());
        breaker.succeeded();
        assert_eq!(breaker.admit(at(16)), Ok(()));
    }

    #[test]
    fn a_failed_probe_doubles_the_pause_up_to_a_limit() {
        let breaker = open_breaker();
        let mut now = 15;
        for expected in [30, 60, 120, 240, 300, 300] {
            assert_eq!(breaker.admit(at(now)), Ok(()));
            breaker.failed(at(now));
            assert_eq!(breaker.admit(at(now)), Err(Duration::from_secs(expected)));
            now += expected as i64;
        }
    }

    #[test]
    fn a_probe_that_was_dropped_does_not_close_the_service_for_ever() {
        let breaker = open_breaker();
        assert_eq!(breaker.admit(at(15)), Ok(()));
        assert_eq!(breaker.admit(at(15 + 90)), Ok(()));
    }

    #[test]
    fn a_clock_set_back_holds_nothing_up() {
        assert_eq!(open_breaker().admit(at(-100_000)), Ok(()));
    }
}
