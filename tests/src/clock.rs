//! A clock that stands still until a test moves it, one that runs elsewhere in time, and randomness that is
//! the same in every run.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use daymark_core::entropy::Entropy;
use daymark_core::time::Instant;
use daymark_engine::ports::Clock;
use daymark_engine::system::SystemClock;
use tokio::sync::watch;

/// The journeys' clock. Whoever waits on it wakes when the test has let enough time pass.
pub struct TestClock {
    time: watch::Sender<Time>,
    /// How much must have passed for each of those who wait.
    waiting: watch::Sender<BTreeMap<u64, TimeDelta>>,
    tickets: AtomicU64,
}

/// As on a machine: what its clock shows can be set, and a wait does not hear of it.
#[derive(Clone, Copy)]
struct Time {
    now: Instant,
    passed: TimeDelta,
}

/// Takes a wait off the list, also when it was given up.
struct Ticket<'a> {
    clock: &'a TestClock,
    number: u64,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.clock.waiting.send_modify(|waiting| {
            waiting.remove(&self.number);
        });
    }
}

impl TestClock {
    pub fn at(now: Instant) -> Self {
        TestClock {
            time: watch::channel(Time { now, passed: TimeDelta::zero() }).0,
            waiting: watch::channel(BTreeMap::new()).0,
            tickets: AtomicU64::new(0),
        }
    }

    /// Lets time pass until then.
    pub fn set(&self, now: Instant) {
        self.advance(now - self.now());
    }

    pub fn advance(&self, by: TimeDelta) {
        self.time.send_modify(|time| {
            time.now += by;
            time.passed += by;
        });
    }

    /// The clock shows another time although none passed for this machine: it slept, or somebody set it.
    pub fn jump(&self, by: TimeDelta) {
        self.time.send_modify(|time| time.now += by);
    }

    /// How many wait on it.
    pub fn waits(&self) -> usize {
        self.waiting.borrow().len()
    }

    /// Does `work`, and moves time on whenever somebody waits for it: back-off takes no real time.
    pub async fn passing<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                rest = self.earliest() => self.advance(rest),
            }
        }
    }

    /// What is left of the shortest wait, once somebody waits for a time that has not come.
    async fn earliest(&self) -> TimeDelta {
        let mut waits = self.waiting.subscribe();
        loop {
            let passed = self.time.borrow().passed;
            let earliest = waits.borrow_and_update().values().filter(|until| **until > passed).min().copied();
            match earliest {
                Some(until) => return until - passed,
                // The sender lives as long as `self`, so the channel cannot close while this waits.
                None => drop(waits.changed().await),
            }
        }
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.time.borrow().now
    }

    async fn wait(&self, duration: Duration) {
        let mut moves = self.time.subscribe();
        let duration = TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        let until = self.time.borrow().passed.checked_add(&duration).unwrap_or(TimeDelta::MAX);
        let number = self.tickets.fetch_add(1, Ordering::Relaxed);
        let _ticket = Ticket { clock: self, number };
        self.waiting.send_modify(|waiting| {
            waiting.insert(number, until);
        });
        // As above.
        let _ = moves.wait_for(|time| time.passed >= until).await;
    }
}

/// The machine's clock, set to another moment: what is looked at does not depend on today.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShiftedClock {
    by: TimeDelta,
}

impl ShiftedClock {
    /// Runs on from `then`.
    pub fn set_to(then: Instant) -> Self {
        ShiftedClock { by: then - SystemClock.now() }
    }
}

#[async_trait]
impl Clock for ShiftedClock {
    fn now(&self) -> Instant {
        SystemClock.now() + self.by
    }

    async fn wait(&self, duration: Duration) {
        SystemClock.wait(duration).await;
    }
}

impl daymark_relay::clock::Clock for ShiftedClock {
    fn now(&self) -> Instant {
        Clock::now(self)
    }
}

/// A seeded stream of bytes (SplitMix64): different at each draw, equal in each run.
pub struct SeededEntropy {
    state: AtomicU64,
}

impl SeededEntropy {
    pub fn new(seed: u64) -> Self {
        SeededEntropy { state: AtomicU64::new(seed) }
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut mixed = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            let drawn = self.next().to_le_bytes();
            part.copy_from_slice(drawn.get(..part.len()).unwrap_or_default());
        }
    }
}
