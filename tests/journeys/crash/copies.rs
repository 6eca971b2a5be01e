//! The same for copies between calendars: killed while it makes, moves and takes away copies on one of them, the
//! engine ends with each copy once, where the rule wants it.

use anyhow::ensure;
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::America::Toronto;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::CalendarChoice;
use journeys::world::World;
use serde_json::json;

use super::laptop::{Laptop, Point, points};
use super::{all_deaths_between_commits_survived, all_survived, named, with_writes, writes_nothing_more};
use crate::machine::places::{PLACES, Place, SEED, Seen, Shape, end_of};
use crate::machine::spec;
use crate::support::calendar;

/// Somebody adds, moves and deletes at one calendar, and the other two have copies to follow.
struct Scene {
    laptop: Laptop,
}

impl Scene {
    async fn set(source: Place) -> anyhow::Result<Scene> {
        let laptop = Laptop::open(World::build().seed(SEED).without_relay()).await?;
        let world = &laptop.world;
        for place in PLACES {
            place.connect(world).await;
        }
        world.introduce().await?;
        world.sync().await?;
        for place in PLACES {
            let calendar = calendar(world, place.name()).await;
            let choice = CalendarChoice { calendar, receives_blocks: Some(true), ..Default::default() };
            let () = world.call(Call::SetCalendar(choice)).await?;
        }
        for (days, title) in [(2, "stays"), (3, "moves"), (4, "goes")] {
            source.insert(world, &visit(world, days, title), None);
        }
        world.sync().await?;
        laptop.hand_over().await?;
        edit(world, source).await?;
        Ok(Scene { laptop })
    }

    async fn is_right(&self) -> anyhow::Result<()> {
        let report = self.laptop.run().await?;
        ensure!(report["well"] == json!(true), "a run fails: {report}");
        ensure!(report["waiting"] == json!(0), "something waits: {report}");
        let mut all = Vec::new();
        for place in PLACES {
            all.push((place, place.seen(&self.laptop.world).await));
        }
        let now = self.laptop.world.now().with_timezone(&Toronto).naive_local();
        for target in PLACES {
            let (found, wanted) = (spec::found(&all, target), spec::wanted(&all, target, now));
            ensure!(found == wanted, "copies on {target:?}: {found:?} instead of {wanted:?}");
        }
        writes_nothing_more(&self.laptop).await
    }
}

fn visit(world: &World, days: i64, title: &str) -> Seen {
    let today = world.now().with_timezone(&Toronto).date_naive();
    let start: NaiveDateTime = today.and_time(NaiveTime::MIN) + TimeDelta::days(days) + TimeDelta::hours(10);
    Seen::new(title.into(), start, end_of(start, false), false)
}

async fn edit(world: &World, source: Place) -> anyhow::Result<()> {
    let stand = source.seen(world).await;
    let find = |title: &str| stand.iter().find(|it| it.title == title).expect("it was planted");
    let moves = find("moves");
    let later = Shape {
        when: Some((moves.start + TimeDelta::hours(2), moves.end + TimeDelta::hours(2))),
        ..Shape::default()
    };
    ensure!(source.edit(world, moves, false, &later), "the move is refused");
    ensure!(source.delete(world, find("goes"), false), "the deletion is refused");
    source.insert(world, &visit(world, 5, "comes"), None);
    world.sandbox.control().clear_ledger();
    Ok(())
}

async fn after(source: Place, target: Place, point: Point) -> Option<String> {
    let survived = async {
        let scene = Scene::set(source).await?;
        ensure!(scene.laptop.killed_at(target.provider(), &point).await?, "the engine never came there");
        scene.is_right().await
    };
    named(&point, survived.await)
}

async fn survives_every_death(source: Place, target: Place) {
    let whole = Scene::set(source).await.unwrap();
    whole.laptop.run().await.unwrap();
    let points = points(whole.laptop.asked(target.provider()));
    whole.is_right().await.unwrap();
    with_writes(&points, 3);
    all_survived(points, |point| after(source, target, point)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_copies_to_google_it_ends_with_each_copy_once() {
    survives_every_death(Place::Coral, Place::Green).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_copies_to_microsoft_it_ends_with_each_copy_once() {
    survives_every_death(Place::Green, Place::Mauve).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_copies_to_a_caldav_server_it_ends_with_each_copy_once() {
    survives_every_death(Place::Mauve, Place::Coral).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_any_two_commits_while_it_copies_it_ends_with_each_copy_once() {
    let whole = Scene::set(Place::Coral).await.unwrap();
    let report = whole.laptop.run().await.unwrap();
    whole.is_right().await.unwrap();
    all_deaths_between_commits_survived(&report, async |number| {
        let scene = Scene::set(Place::Coral).await?;
        let died = scene.laptop.died_before_commit(number).await?;
        scene.is_right().await.map(|()| died)
    })
    .await;
}
