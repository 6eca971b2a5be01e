//! The same for leaving an account: killed between staging, removing each copy, and giving the permission back, it
//! ends with no copy there and no permission here.

use std::sync::Arc;

use anyhow::ensure;
use chrono::{NaiveTime, TimeDelta};
use chrono_tz::America::Toronto;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::CalendarChoice;
use daymark_engine::secrets::SecretStore as _;
use daymark_engine::secrets::passphrase::PassphraseSecrets;
use daymark_engine::system::SystemEntropy;
use journeys::world::World;
use serde_json::json;

use super::laptop::{Laptop, Point, WORDS, points};
use super::{all_deaths_between_commits_survived, all_survived, named, with_writes};
use crate::accounts::{accounts, disconnect};
use crate::machine::places::{PLACES, Place, SEED, Seen, end_of};
use crate::support::calendar;

/// An account has been left, and two copies still stand on its calendar.
struct Scene {
    laptop: Laptop,
    place: Place,
    id: i64,
}

impl Scene {
    async fn set(place: Place) -> anyhow::Result<Scene> {
        let laptop = Laptop::open(World::build().seed(SEED).without_relay()).await?;
        let world = &laptop.world;
        for place in PLACES {
            place.connect(world).await;
        }
        world.introduce().await?;
        world.sync().await?;
        let there = calendar(world, place.name()).await;
        let choice = CalendarChoice { calendar: there, receives_blocks: Some(true), ..Default::default() };
        let () = world.call(Call::SetCalendar(choice)).await?;
        let from = if place == Place::Coral { Place::Green } else { Place::Coral };
        let today = world.now().with_timezone(&Toronto).date_naive().and_time(NaiveTime::MIN);
        for days in [2, 3] {
            let start = today + TimeDelta::days(days) + TimeDelta::hours(10);
            from.insert(world, &Seen::new(format!("visit{days}"), start, end_of(start, false), false), None);
        }
        world.sync().await?;
        let known = accounts(world).await;
        let id = known.iter().find(|it| it.address.starts_with(place.user())).expect("it is there").id;
        ensure!(copies(world, place).await == 2, "two copies to remove");
        disconnect(world, id).await;
        laptop.hand_over().await?;
        Ok(Scene { laptop, place, id })
    }

    async fn is_right(&self) -> anyhow::Result<()> {
        // What was sent may have to wait a moment for its next try.
        for _ in 0..2 {
            let report = self.laptop.run().await?;
            ensure!(report["well"] == json!(true), "a run fails: {report}");
        }
        let left = copies(&self.laptop.world, self.place).await;
        ensure!(left == 0, "{left} copies are left");
        let file = self.laptop.world.data().join("secrets");
        let secrets = PassphraseSecrets::open(&file, WORDS, Arc::new(SystemEntropy))?;
        ensure!(secrets.load(&format!("revoke-{}", self.id)).await?.is_none(), "it was not given back");
        let kept = secrets.load(&format!("account-{}", self.id)).await?;
        let key = kept.map(|kept| serde_json::from_slice(&kept).unwrap_or(json!({ "password": "a token" })));
        ensure!(key.is_none_or(|key| key["password"] == ""), "it is still here");
        Ok(())
    }
}

async fn copies(world: &World, place: Place) -> usize {
    place.seen(world).await.iter().filter(|it| it.copy).count()
}

async fn after(place: Place, point: Point) -> Option<String> {
    let survived = async {
        let scene = Scene::set(place).await?;
        ensure!(scene.laptop.killed_at(place.provider(), &point).await?, "the engine never came there");
        scene.is_right().await
    };
    named(&point, survived.await)
}

async fn survives_every_death(place: Place, writes: usize) {
    let whole = Scene::set(place).await.unwrap();
    whole.laptop.run().await.unwrap();
    let points = points(whole.laptop.asked(place.provider()));
    whole.is_right().await.unwrap();
    with_writes(&points, writes);
    all_survived(points, |point| after(place, point)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_leaves_google_it_ends_without_copies_and_without_the_permission() {
    // Two copies, and the return of the permission.
    survives_every_death(Place::Green, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_leaves_microsoft_it_ends_without_copies_and_without_the_permission() {
    survives_every_death(Place::Mauve, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_leaves_a_caldav_server_it_ends_without_copies_and_without_the_password() {
    survives_every_death(Place::Coral, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_any_two_commits_while_it_leaves_it_ends_without_copies() {
    let whole = Scene::set(Place::Green).await.unwrap();
    let report = whole.laptop.run().await.unwrap();
    whole.is_right().await.unwrap();
    all_deaths_between_commits_survived(&report, async |number| {
        let scene = Scene::set(Place::Green).await?;
        let died = scene.laptop.died_before_commit(number).await?;
        scene.is_right().await.map(|()| died)
    })
    .await;
}
