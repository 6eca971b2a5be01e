//! A relay that was put back from its backup: what it promises from then on is kept like any other promise.

use std::path::Path;

use chrono::TimeDelta;
use journeys::world::{WORK, World};

use crate::support::{at_google, bookings};

const DATABASE: &str = "relay.db";

/// A relay that has stopped leaves one file, which is all of it.
fn keep(folder: &Path, backup: &Path) {
    for beside in ["relay.db-wal", "relay.db-shm"] {
        assert!(!folder.join(beside).exists(), "{beside} is left beside a relay that has stopped");
    }
    std::fs::copy(folder.join(DATABASE), backup).unwrap();
}

struct Backup {
    world: World,
    folder: tempfile::TempDir,
}

impl Backup {
    async fn of(mut world: World) -> Backup {
        let folder = tempfile::tempdir().unwrap();
        let relay = world.stop_relay().await.unwrap();
        keep(&relay, &folder.path().join(DATABASE));
        world.start_relay_again().await.unwrap();
        Backup { world, folder }
    }

    async fn put_back(mut self) -> World {
        let relay = self.world.stop_relay().await.unwrap();
        std::fs::copy(self.folder.path().join(DATABASE), relay.join(DATABASE)).unwrap();
        self.world.start_relay_again().await.unwrap();
        self.world
    }
}

#[tokio::test]
async fn what_is_booked_after_a_backup_was_put_back_reaches_the_laptop() {
    // With and without a look at the relay between.
    for looked in [true, false] {
        let before = Backup::of(World::week().await.unwrap()).await;
        let visitor = before.world.visitor().unwrap();
        for day in ["2026-03-04", "2026-03-05"] {
            visitor.book(Some(day)).await.unwrap();
            before.world.sync().await.unwrap();
            before.world.advance(TimeDelta::minutes(1));
        }
        let world = before.put_back().await;
        if looked {
            world.sync().await.unwrap();
        }
        let (_, answer) = visitor.book(Some("2026-03-06")).await.unwrap();
        for _ in 0..2 {
            world.sync().await.unwrap();
        }
        assert_eq!(bookings(&world).await.len(), 3, "looked: {looked}");
        assert_eq!(at_google(&world, WORK, WORK, "P. Singh").len(), 3);
        let told = visitor.manage(&answer.manage.unwrap()).await.unwrap();
        assert!(told.contains("has it in the calendar"), "{told}");
    }
}

#[tokio::test]
async fn a_relay_with_an_older_page_is_given_the_newer_one_and_the_decisions_again() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    let (first, answer) = visitor.book(Some("2026-03-04")).await.unwrap();
    let before = Backup::of(world).await;
    before.world.sync().await.unwrap();
    let (taken, _) = visitor.book(Some("2026-03-05")).await.unwrap();
    before.world.sync().await.unwrap();
    let world = before.put_back().await;
    for _ in 0..2 {
        world.sync().await.unwrap();
    }
    assert!(!visitor.offered(Some("2026-03-05")).await.unwrap().contains(&taken), "it is on the calendar");
    assert!(!visitor.offered(Some("2026-03-04")).await.unwrap().contains(&first));
    let told = visitor.manage(&answer.manage.unwrap()).await.unwrap();
    assert!(told.contains("has it in the calendar"), "{told}");
}
