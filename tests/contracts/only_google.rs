//! What Google alone does, and Daymark must stand.

use chrono::TimeDelta;
use daymark_remotes::calendar::Target;
use daymark_remotes::error::RemoteError;
use daymark_sandbox::faults::Kind;

use crate::hands::At;
use crate::world::{World, draft, timed};

fn refusal(reason: &str) -> Kind {
    Kind::Status { status: 403, reason: Some(reason.to_owned()), retry_after_s: None, body: None }
}

#[tokio::test]
async fn a_403_means_what_its_reason_says() {
    let mut world = World::google().await;
    world.hands.insert("Visit", At::Timed { start: "2026-03-03T09:00:00", end: "2026-03-03T10:00:00" });
    world.arm("GET", refusal("rateLimitExceeded"));
    world.arm("GET", refusal("userRateLimitExceeded"));
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Visit"]);
    assert_eq!(world.pace.waits().len(), 2);
    world.arm("GET", refusal("quotaExceeded"));
    let calendar = world.calendar();
    assert!(matches!(world.try_pull(&calendar).await, Err(RemoteError::Quota { .. })));
    assert!(
        matches!(world.try_pull(&calendar).await, Err(RemoteError::Resting { .. })),
        "it is left to recover"
    );
    world.control().advance(TimeDelta::hours(1));
    world.arm("GET", refusal("forbidden"));
    assert!(matches!(world.try_pull(&calendar).await, Err(RemoteError::Forbidden { .. })));
}

#[tokio::test]
async fn a_quota_of_writes_that_is_used_up_leaves_reading_alone() {
    let mut world = World::google().await;
    let draft = draft("Ours", timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
    world.arm("POST", refusal("quotaExceeded"));
    let refused = world.provider.insert(&world.calendar(), &draft).await;
    assert!(matches!(refused, Err(RemoteError::Quota { .. })), "{refused:?}");
    let again = world.provider.insert(&world.calendar(), &draft).await;
    assert!(matches!(again, Err(RemoteError::Resting { .. })), "{again:?}");
    world.hands.insert("Visit", At::Timed { start: "2026-03-03T09:00:00", end: "2026-03-03T10:00:00" });
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Visit"]);
    world.control().advance(TimeDelta::hours(1));
    world.provider.insert(&world.calendar(), &draft).await.unwrap();
}

#[tokio::test]
async fn an_id_that_a_deleted_event_burnt_does_not_stop_an_insert() {
    let world = World::google().await;
    let ours = draft("Ours", timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
    let first = world.provider.insert(&world.calendar(), &ours).await.unwrap();
    let target = Target::Event(first.event.id.clone());
    world.provider.delete(&world.calendar(), &target, None).await.unwrap();
    let second = world.provider.insert(&world.calendar(), &ours).await.unwrap();
    let third = world.provider.insert(&world.calendar(), &ours).await.unwrap();
    assert_ne!(first.event.id, second.event.id);
    assert_eq!(second.event.id, third.event.id);
    assert_eq!(world.hands.live_titles(), ["Ours"]);
}

#[tokio::test]
async fn a_pull_keeps_its_parameters_and_asks_for_no_expansion() {
    let mut world = World::google().await;
    let crowded = world.hands.crowded();
    world.try_pull(&crowded).await.unwrap();
    world.try_pull(&crowded).await.unwrap();
    let lists: Vec<_> =
        world.control().ledger().into_iter().filter(|entry| entry.path.ends_with("/events")).collect();
    assert!(lists.iter().all(|entry| entry.status == Some(200)), "no parameter is refused beside a token");
    assert!(lists.iter().all(|entry| !entry.query.contains("singleEvents=true")));
    assert!(lists.iter().all(|entry| entry.query.contains("maxResults=2500")));
}
