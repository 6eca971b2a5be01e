//! The life of a booking: its states, and the stretch of time that it claims.

use chrono::{DurationRound, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::time::{Instant, Interval};

/// Claims are kept in quanta, so that a primary key can forbid two for one time.
pub const QUANTUM_MIN: i64 = 5;

/// A booking's identity; 128 random bits in lower-case hex, made by the relay.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BookingId(pub String);

/// An appointment type's identity, unique for its owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypeId(pub String);

/// Where a booking stands. `Declined` and `Cancelled` are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for the owner: the page's data was too old to promise, or the owner approves by hand.
    Requested,
    /// Promised under a fresh lease; the laptop has not yet seen it.
    Accepted,
    /// On the owner's calendar.
    Confirmed,
    Declined,
    Cancelled,
}

/// What may happen to a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Confirm,
    Decline,
    Cancel,
}

/// A step that its state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a booking that is {state:?} cannot take the step {step:?}")]
pub struct Refused {
    pub state: State,
    pub step: Step,
}

impl State {
    /// The state after `step`. Repeating a step changes nothing; a late confirm never revives
    /// what was cancelled.
    pub fn after(self, step: Step) -> Result<State, Refused> {
        match (self, step) {
            (State::Requested | State::Accepted | State::Confirmed, Step::Confirm) => Ok(State::Confirmed),
            (State::Requested | State::Accepted | State::Declined, Step::Decline) => Ok(State::Declined),
            (State::Requested | State::Accepted | State::Confirmed | State::Cancelled, Step::Cancel) => {
                Ok(State::Cancelled)
            }
            (state, step) => Err(Refused { state, step }),
        }
    }

    /// A request that nobody answered before its start: it is over, and binds nobody.
    pub fn has_lapsed(self, start: Instant, now: Instant) -> bool {
        self == State::Requested && start <= now
    }

    /// A live booking holds its time.
    pub fn is_live(self) -> bool {
        matches!(self, State::Requested | State::Accepted | State::Confirmed)
    }
}

/// What a visit claims: itself and the gap that must follow it. As every claim of one person
/// carries the larger of the two buffers behind it, two neighbours stand apart by that larger one,
/// not by the sum.
pub fn claim(visit: Interval, gap: TimeDelta) -> Option<Interval> {
    let quantum = TimeDelta::minutes(QUANTUM_MIN);
    let start = visit.start().duration_trunc(quantum).ok()?;
    let wanted_end = visit.end() + gap;
    let floor = wanted_end.duration_trunc(quantum).ok()?;
    let end = if floor < wanted_end { floor + quantum } else { floor };
    Interval::new(start, end)
}

/// The quanta of a claim, numbered from the epoch.
pub fn quanta(claim: &Interval) -> std::ops::Range<i64> {
    quantum_of(claim.start())..quantum_of(claim.end())
}

fn quantum_of(at: Instant) -> i64 {
    at.timestamp().div_euclid(QUANTUM_MIN * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(start: &str, end: &str) -> Interval {
        Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_late_confirm_never_revives_a_cancelled_booking() {
        let cancelled = State::Accepted.after(Step::Cancel).unwrap();
        assert_eq!(cancelled, State::Cancelled);
        assert!(cancelled.after(Step::Confirm).is_err());
    }

    #[test]
    fn a_repeated_step_changes_nothing() {
        for (state, step) in [
            (State::Confirmed, Step::Confirm),
            (State::Declined, Step::Decline),
            (State::Cancelled, Step::Cancel),
        ] {
            assert_eq!(state.after(step), Ok(state));
        }
    }

    #[test]
    fn only_a_request_lapses_and_at_its_very_start() {
        let start: Instant = "2026-03-02T09:00:00Z".parse().unwrap();
        let second = TimeDelta::seconds(1);
        assert!(!State::Requested.has_lapsed(start, start - second));
        assert!(State::Requested.has_lapsed(start, start));
        assert!(!State::Accepted.has_lapsed(start, start + second));
    }

    #[test]
    fn a_claim_covers_every_quantum_it_touches() {
        let claimed =
            claim(visit("2026-03-02T09:02:00Z", "2026-03-02T09:58:00Z"), TimeDelta::zero()).unwrap();
        assert_eq!(claimed, visit("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"));
        assert_eq!(quanta(&claimed).count(), 12);
    }

    #[test]
    fn claims_a_gap_apart_share_no_quantum_and_closer_ones_do() {
        let gap = TimeDelta::minutes(30);
        let first = claim(visit("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"), gap).unwrap();
        let apart = claim(visit("2026-03-02T10:30:00Z", "2026-03-02T11:00:00Z"), gap).unwrap();
        let close = claim(visit("2026-03-02T10:25:00Z", "2026-03-02T10:55:00Z"), gap).unwrap();
        assert!(!first.overlaps(&apart));
        assert!(first.overlaps(&close));
    }
}
