//! Throttling, outages and dead tokens.

use std::time::Duration;

use chrono::TimeDelta;
use daymark_remotes::error::RemoteError;
use daymark_sandbox::faults::{Fault, Kind};

use crate::hands::At;
use crate::world::{World, draft, timed};

fn status(status: u16, retry_after_s: Option<u32>) -> Kind {
    Kind::Status { status, reason: None, retry_after_s, body: None }
}

impl World {
    pub fn with_a_visit(self) -> Self {
        self.hands.insert("Visit", At::Timed { start: "2026-03-03T09:00:00", end: "2026-03-03T10:00:00" });
        self
    }
}

pub async fn a_throttled_call_waits_as_long_as_asked(world: World) {
    let mut world = world.with_a_visit();
    world.arm("GET", status(429, Some(7)));
    world.arm("POST", status(429, Some(9)));
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Visit"]);
    let ours = draft("Ours", timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
    world.provider.insert(&world.calendar(), &ours).await.unwrap();
    let waits = world.pace.waits();
    assert_eq!(waits.len(), 2);
    assert!(waits[0] >= Duration::from_secs(7) && waits[1] >= Duration::from_secs(9), "{waits:?}");
}

pub async fn a_long_throttling_is_left_to_the_caller(world: World) {
    let mut world = world.with_a_visit();
    world.arm("GET", status(429, Some(600)));
    let failure = world.try_pull(&world.calendar()).await.unwrap_err();
    let RemoteError::Throttled { retry_after: Some(wait), .. } = failure else { panic!("{failure:?}") };
    assert_eq!(wait, Duration::from_secs(600));
    assert!(world.pace.waits().is_empty());
    let asked = world.control().ledger().len();
    let early = world.try_pull(&world.calendar()).await.unwrap_err();
    assert!(matches!(early, RemoteError::Resting { .. }), "{early:?}");
    assert_eq!(world.control().ledger().len(), asked, "nobody is asked before that");
    world.control().advance(TimeDelta::seconds(600));
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Visit"]);
}

pub async fn a_passing_fault_is_tried_again(world: World) {
    let mut world = world.with_a_visit();
    world.arm("GET", status(503, None));
    world.arm("GET", Kind::Cut);
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Visit"]);
}

pub async fn a_service_that_is_down_is_unreachable_and_nothing_is_lost(world: World) {
    let mut world = world.with_a_visit();
    world.pull().await;
    let down = world.control().arm(Fault::new(world.kind, Kind::Cut).always()).unwrap();
    let failure = world.try_pull(&world.calendar()).await.unwrap_err();
    assert!(matches!(failure, RemoteError::Unreachable { .. }), "{failure:?}");
    assert_eq!(world.seen.titles(), ["Visit"]);
    world.control().release(down);
    world.hands.insert("New", At::Timed { start: "2026-03-04T09:00:00", end: "2026-03-04T10:00:00" });
    world.pull().await;
    assert_eq!(world.seen.titles(), ["New", "Visit"]);
}

pub async fn a_broken_answer_is_named_and_the_next_try_heals_it(world: World) {
    let mut world = world.with_a_visit();
    world.arm("GET", Kind::Truncate);
    let failure = world.try_pull(&world.calendar()).await.unwrap_err();
    assert!(matches!(failure, RemoteError::Malformed { .. }), "{failure:?}");
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Visit"]);
}
