//! The same for a laptop that joins its relay with a new code: killed anywhere on the way, it starts well, and the same
//! code typed again brings everything right. No visitor is lost, whichever keys the relay had meanwhile.

use anyhow::{Context as _, ensure};
use chrono::TimeDelta;
use daymark_engine::api::accounts::ProviderKind;
use daymark_sandbox::faults::Moment;
use journeys::world::{WORK, World};
use serde_json::{Value, json};

use super::laptop::{Laptop, Point, points};
use super::{VISITOR, all_survived, named, with_writes};
use crate::gate::Gate;
use crate::joining::code_again;

struct Scene {
    laptop: Laptop,
    gate: Gate,
}

impl Scene {
    /// A visitor has booked, and the laptop has not heard of it when it joins anew.
    async fn set() -> anyhow::Result<Scene> {
        let mut laptop = Laptop::open(World::build()).await?;
        let world = &laptop.world;
        world.connect(ProviderKind::Google, WORK).await?;
        world.introduce().await?;
        let relay = world.relay.as_ref().context("a world with a relay")?;
        let gate = Gate::before(&relay.public_url).await?;
        world.open_page_at(&gate.address()?).await?;
        world.sync().await?;
        world.advance(TimeDelta::minutes(1));
        book(world).await?;
        let code = code_again(world).await;
        laptop.hand_over().await?;
        gate.forget();
        laptop.joins = Some((gate.address()?, code));
        Ok(Scene { laptop, gate })
    }

    async fn killed_at(&self, point: &Point) -> anyhow::Result<bool> {
        self.gate.keep(&point.method, point.skip, point.at);
        let reached = self.laptop.killed_when(self.gate.kept()).await;
        self.gate.open();
        reached
    }

    async fn ends_right(mut self) -> anyhow::Result<()> {
        let joins = self.laptop.joins.take();
        let started = self.laptop.run().await?;
        ensure!(started["well"] == json!(true), "it does not start well: {started}");
        book(&self.laptop.world).await?;
        self.laptop.joins = joins;
        both_known(&self.laptop.run().await?)?;
        // Whatever the keys were: now they are the ones that the relay has.
        self.laptop.joins = None;
        both_known(&self.laptop.run().await?)
    }
}

async fn book(world: &World) -> anyhow::Result<()> {
    let (_, answer) = world.visitor()?.book(None).await?;
    ensure!(answer.manage.is_some(), "the booking got {}", answer.status);
    Ok(())
}

fn both_known(report: &Value) -> anyhow::Result<()> {
    ensure!(report["visitors"] == json!([VISITOR, VISITOR]), "visitors are lost: {report}");
    ensure!(report["bookings"] == json!(["confirmed", "confirmed"]), "bookings wait: {report}");
    ensure!(report["cards"] == json!([]), "something is wrong: {report}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_request_while_it_joins_anew_it_joins_by_the_same_code_and_knows_every_visitor() {
    let whole = Scene::set().await.unwrap();
    whole.laptop.run().await.unwrap();
    let points = points(whole.gate.passed());
    whole.ends_right().await.unwrap();
    with_writes(&points, 4);
    assert!(points.iter().any(|it| it.method == "POST" && it.skip == 0 && it.at == Moment::After));
    all_survived(points, |point| async move {
        let survived = async {
            let scene = Scene::set().await?;
            ensure!(scene.killed_at(&point).await?, "the engine never came there");
            scene.ends_right().await
        };
        named(&point, survived.await)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_any_commit_until_it_has_joined_it_joins_by_the_same_code_and_knows_every_visitor() {
    let whole = Scene::set().await.unwrap();
    let joined = whole.laptop.run().await.unwrap()["joined"].as_u64().unwrap();
    assert!(joined >= 1, "joining is a commit");
    all_survived((0..joined).collect(), |number| async move {
        let survived = async {
            let scene = Scene::set().await?;
            ensure!(scene.laptop.died_before_commit(number).await?, "the engine never came there");
            scene.ends_right().await
        };
        named(&format_args!("before commit {number}"), survived.await)
    })
    .await;
}
