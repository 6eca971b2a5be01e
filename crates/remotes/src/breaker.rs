//! A circuit breaker: after repeated failures a service is left alone, and probed once a minute; one
//! that asked for a rest gets it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use daymark_core::time::Instant;

/// Failures in a row until calls are held back.
const FAILURES_TO_OPEN: u32 = 5;
/// Between probes: one a minute is no burden, and within a minute of its return a service is found.
const PAUSE: Duration = Duration::from_secs(60);
/// A probe that says nothing for this long was dropped by its caller; another one may go.
const PROBE_LIMIT: Duration = Duration::from_secs(90);

#[derive(Debug, Default)]
pub struct Breaker {
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    circuit: Circuit,
    /// The rests that the service asked for: from all calls, and from those that write.
    rest: Rest,
    write_rest: Rest,
}

/// Since when, and for how long.
type Rest = Option<(Instant, Duration)>;

/// What a service asked to be spared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spared {
    Calls,
    /// A limit of what may be written says nothing about reading.
    Writes,
}

/// Why a call may not go, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Down(Duration),
    Resting(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Circuit {
    Closed { failures: u32 },
    Open { since: Instant },
    HalfOpen { since: Instant },
}

impl Default for Circuit {
    fn default() -> Self {
        Circuit::Closed { failures: 0 }
    }
}

/// How a call may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Usual,
    /// To see whether the service is back: one try, and no more.
    Probe,
}

impl Breaker {
    /// Lets a call through, or says how long calls still wait.
    pub fn admit(&self, now: Instant, writes: bool) -> Result<Admission, Held> {
        let mut state = self.lock();
        let rests = [Some(state.rest), writes.then_some(state.write_rest)].into_iter().flatten().flatten();
        if let Some(wait) = rests.filter_map(|(since, length)| left(since, length, now)).max() {
            return Err(Held::Resting(wait));
        }
        let wait = match state.circuit {
            Circuit::Closed { .. } => return Ok(Admission::Usual),
            Circuit::Open { since } => left(since, PAUSE, now),
            Circuit::HalfOpen { since } => left(since, PROBE_LIMIT, now),
        };
        if let Some(wait) = wait {
            return Err(Held::Down(wait));
        }
        state.circuit = Circuit::HalfOpen { since: now };
        Ok(Admission::Probe)
    }

    /// The service answered sensibly. A rest that it asked for goes on.
    pub fn succeeded(&self) {
        self.lock().circuit = Circuit::default();
    }

    /// The service did not answer, or with a fault of its own. True when calls are held back now.
    pub fn failed(&self, now: Instant) -> bool {
        let mut state = self.lock();
        state.circuit = match state.circuit {
            Circuit::Closed { failures } if failures + 1 < FAILURES_TO_OPEN => {
                Circuit::Closed { failures: failures + 1 }
            }
            Circuit::Open { since } => Circuit::Open { since },
            Circuit::Closed { .. } | Circuit::HalfOpen { .. } => Circuit::Open { since: now },
        };
        !matches!(state.circuit, Circuit::Closed { .. })
    }

    /// The service asked to be left alone for so long. Nothing shortens it: whoever asks meanwhile is
    /// kept out for longer still.
    pub fn rest(&self, now: Instant, length: Duration, from: Spared) {
        let mut state = self.lock();
        let rest = match from {
            Spared::Calls => &mut state.rest,
            Spared::Writes => &mut state.write_rest,
        };
        let longer = |(since, standing)| left(since, standing, now).is_some_and(|left| left > length);
        if !rest.is_some_and(longer) {
            *rest = Some((now, length));
        }
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
            assert_eq!(breaker.admit(at(0), true), Ok(Admission::Usual));
            breaker.failed(at(0));
        }
        breaker
    }

    #[test]
    fn a_success_forgets_the_failures_before_it() {
        let breaker = Breaker::default();
        for _ in 0..3 * FAILURES_TO_OPEN {
            assert!(!breaker.failed(at(0)));
            breaker.succeeded();
        }
        assert_eq!(breaker.admit(at(0), true), Ok(Admission::Usual));
    }

    #[test]
    fn after_repeated_failures_calls_wait() {
        assert_eq!(open_breaker().admit(at(5), true), Err(Held::Down(Duration::from_secs(55))));
    }

    #[test]
    fn an_outage_of_an_hour_sees_one_probe_a_minute_and_its_end_is_found_within_one() {
        let breaker = open_breaker();
        let mut probes = Vec::new();
        for second in 1..=3600 {
            if breaker.admit(at(second), true).is_ok() {
                probes.push(second);
                breaker.failed(at(second));
            }
        }
        assert_eq!(probes, (1..=60).map(|minute| minute * 60).collect::<Vec<_>>());
        let found = (3601..).find(|second| breaker.admit(at(*second), true).is_ok()).unwrap();
        assert_eq!(found, 3660);
    }

    #[test]
    fn when_the_pause_is_over_one_probe_goes_and_the_others_wait() {
        let breaker = open_breaker();
        assert_eq!(breaker.admit(at(60), true), Ok(Admission::Probe));
        assert!(breaker.admit(at(60), true).is_err());
        breaker.succeeded();
        assert_eq!(breaker.admit(at(61), true), Ok(Admission::Usual));
    }

    #[test]
    fn a_probe_that_was_dropped_does_not_close_the_service_for_ever() {
        let breaker = open_breaker();
        assert_eq!(breaker.admit(at(60), true), Ok(Admission::Probe));
        assert_eq!(breaker.admit(at(60 + 90), true), Ok(Admission::Probe));
    }

    #[test]
    fn a_rest_that_was_asked_for_is_kept_whatever_else_happens() {
        let breaker = Breaker::default();
        breaker.rest(at(0), Duration::from_secs(100), Spared::Calls);
        breaker.succeeded();
        breaker.rest(at(10), Duration::from_secs(5), Spared::Calls);
        assert_eq!(breaker.admit(at(40), true), Err(Held::Resting(Duration::from_secs(60))));
        assert_eq!(breaker.admit(at(100), true), Ok(Admission::Usual));
    }

    #[test]
    fn a_limit_of_writes_leaves_reading_alone() {
        let breaker = Breaker::default();
        breaker.rest(at(0), Duration::from_secs(3600), Spared::Writes);
        assert_eq!(breaker.admit(at(1), false), Ok(Admission::Usual));
        assert_eq!(breaker.admit(at(1), true), Err(Held::Resting(Duration::from_secs(3599))));
        breaker.succeeded();
        assert!(breaker.admit(at(3599), true).is_err());
        assert_eq!(breaker.admit(at(3600), true), Ok(Admission::Usual));
    }

    #[test]
    fn a_clock_set_back_holds_nothing_up() {
        let breaker = open_breaker();
        breaker.rest(at(0), Duration::from_secs(3600), Spared::Calls);
        assert_eq!(breaker.admit(at(-100_000), true), Ok(Admission::Probe));
    }
}
