//! The engine is killed at every request that it makes to a provider or to the relay, and the next run makes
//! everything right.

use std::collections::BTreeMap;
use std::future::Future;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use chrono_tz::America::Toronto;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::ProviderKind;
use daymark_engine::api::schedule::{ChangeEvent, DeleteEvent, Item, Schedule, ScheduleQuery, When, Written};
use daymark_engine::launch::PASSPHRASE;
use daymark_engine::ports::Clock as _;
use daymark_engine::secrets::passphrase::PassphraseSecrets;
use daymark_engine::system::{SystemClock, SystemEntropy};
use daymark_sandbox::faults::{Fault, Kind, Moment};
use daymark_sandbox::identity::Provider;
use futures_util::{StreamExt as _, stream};
use journeys::world::{PARTNER, WORK, World, engine_config};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use url::Url;

use crate::gate::Gate;
use crate::support::{calendar, create, text, writes};

const WORDS: &str = "correct horse battery staple";
/// Worlds at a time: each is a process that starts, is killed, and starts again.
const AT_ONCE: usize = 3;

/// What is edited in one account's seeded week, before the engine is killed.
#[derive(Clone, Copy)]
struct Account {
    provider: Provider,
    kind: ProviderKind,
    user: &'static str,
    calendar: &'static str,
    /// What the provider calls it.
    held: &'static str,
    moved: &'static str,
    deleted: &'static str,
}

const GOOGLE: Account = Account {
    provider: Provider::Google,
    kind: ProviderKind::Google,
    user: WORK,
    calendar: "Northcare",
    held: "primary",
    moved: "Route review",
    deleted: "Supplier call",
};

const MICROSOFT: Account = Account {
    provider: Provider::Microsoft,
    kind: ProviderKind::Microsoft,
    user: PARTNER,
    calendar: "Partner clinic",
    held: "Partner clinic",
    moved: "Case review",
    deleted: "Handover of equipment",
};

const CREATED: &str = "Made before the crash";
const VISITOR: &str = "P. Singh";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Provider,
    Relay,
}

/// The request at which the engine dies: the how-manieth of its method, and whether the other side carried it out.
#[derive(Clone, Debug)]
struct Point {
    side: Side,
    method: String,
    skip: u32,
    at: Moment,
}

/// A data folder with edits and a booking that wait, and the world that it belongs to.
struct Scene {
    account: Account,
    world: World,
    gate: Gate,
    manage: Url,
    /// When the visitor comes, and where the moved and the created event belong.
    booked: NaiveDateTime,
    moved_to: NaiveDateTime,
    created_at: NaiveDateTime,
    _secrets: TempDir,
}

impl Scene {
    async fn set(account: Account) -> anyhow::Result<Scene> {
        let secrets = tempfile::tempdir()?;
        let file = secrets.path().join("secrets");
        let store = Arc::new(PassphraseSecrets::open(&file, WORDS, Arc::new(SystemEntropy))?);
        // The engine that is killed goes by the system's clock; what it finds was prepared a little earlier.
        let begin = SystemClock.now() - TimeDelta::minutes(5);
        let world = World::build().at(&begin.to_rfc3339())?.secrets(store).start().await?;
        world.connect(account.kind, account.user).await?;
        world.introduce().await?;
        let relay = world.relay.as_ref().context("a world with a relay")?;
        let gate = Gate::before(&relay.public_url).await?;
        world.open_page_at(&gate.address()?).await?;
        world.sync().await?;
        world.advance(TimeDelta::minutes(1));
        let (booked, answer) = world.visitor()?.book(None).await?;
        let manage = answer.manage.with_context(|| format!("the booking got {}", answer.status))?;
        let booked = booked.with_timezone(&Toronto).naive_local();
        let (moved_to, created_at) = edit(&world, account).await?;
        world.engine.stop().await;
        std::fs::copy(&file, world.data().join("secrets"))?;
        std::fs::write(world.data().join("config.toml"), config(&world)?)?;
        world.clock.set(SystemClock.now());
        world.sandbox.control().clear_ledger();
        gate.forget();
        Ok(Scene { account, world, gate, manage, booked, moved_to, created_at, _secrets: secrets })
    }

    fn engine(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_one-sync"));
        command.arg(self.world.data()).env(PASSPHRASE, WORDS).env("LANG", "en_CA.UTF-8").kill_on_drop(true);
        command
    }

    /// Whether the engine came to that point. If so, it is dead now.
    async fn killed_at(&self, point: &Point) -> anyhow::Result<bool> {
        match point.side {
            Side::Provider => {
                let control = self.world.sandbox.control();
                let fault = Fault::new(self.account.provider, Kind::Hold { at: point.at });
                let held = control.arm(fault.method(&point.method).skip(point.skip))?;
                let reached = self.killed_when(control.wait_held(held)).await;
                control.release(held);
                reached
            }
            Side::Relay => {
                self.gate.keep(&point.method, point.skip, point.at);
                let reached = self.killed_when(self.gate.kept()).await;
                self.gate.open();
                reached
            }
        }
    }

    /// Runs the engine until then; false when it ended before.
    async fn killed_when(&self, then: impl Future<Output = ()>) -> anyhow::Result<bool> {
        let mut engine = self.engine().stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        tokio::select! {
            () = then => {}
            _ = engine.wait() => return Ok(false),
        }
        // SIGKILL: nothing in the engine hears of it.
        engine.kill().await?;
        Ok(true)
    }

    /// A run to its end.
    async fn run(&self) -> anyhow::Result<Value> {
        self.world.clock.set(SystemClock.now());
        let ended = self.engine().output().await?;
        let said = || String::from_utf8_lossy(&ended.stderr).into_owned();
        ensure!(ended.status.success(), "the engine does not run: {}", said());
        Ok(serde_json::from_slice(&ended.stdout)?)
    }

    /// What was meant stands exactly once, and nothing is left to do.
    async fn is_right(&self) -> anyhow::Result<()> {
        let report = self.run().await?;
        ensure!(report["well"] == json!(true), "a run fails: {report}");
        ensure!(report["waiting"] == json!(0), "something waits: {report}");
        ensure!(report["bookings"] == json!(["confirmed"]), "the booking: {report}");
        self.stands(CREATED, &[self.created_at])?;
        self.stands(self.account.moved, &[self.moved_to])?;
        self.stands(self.account.deleted, &[])?;
        self.stands(VISITOR, &[self.booked])?;
        let page = self.world.visitor()?.manage(&self.manage).await?;
        ensure!(page.contains("has it in the calendar"), "the visitor is not told: {page}");
        let before = writes(&self.world);
        let again = self.run().await?;
        ensure!(again["well"] == json!(true) && again["waiting"] == json!(0), "a further run: {again}");
        let wrote = self.world.sandbox.control().writes().split_off(before);
        ensure!(wrote.is_empty(), "a further run writes: {wrote:?}");
        ensure!(self.world.sandbox.control().mail().is_empty(), "somebody was mailed");
        Ok(())
    }

    fn stands(&self, title: &str, expected: &[NaiveDateTime]) -> anyhow::Result<()> {
        let Account { provider, user, held, .. } = self.account;
        let (events, name) = match provider {
            Provider::Google => (self.world.sandbox.google().live_events(user, held), "/summary"),
            Provider::Microsoft => (self.world.sandbox.microsoft().events(user, held)?, "/subject"),
            Provider::CalDav => anyhow::bail!("no account of these journeys is at a CalDAV server"),
        };
        let titled = events.iter().filter(|event| text(event, name).contains(title));
        let starts: Vec<NaiveDateTime> =
            titled.map(|event| start(event, provider)).collect::<Result<_, _>>()?;
        ensure!(starts == expected, "{title} stands at {starts:?} instead of {expected:?}");
        Ok(())
    }

    /// Every request of a run that nobody disturbs is a point to die at. Reading changes nothing at the
    /// other side, so for it before and after are one.
    fn points(&self, side: Side) -> Vec<Point> {
        let asked = match side {
            Side::Provider => {
                self.world.sandbox.control().ledger().into_iter().map(|entry| entry.method).collect()
            }
            Side::Relay => self.gate.passed(),
        };
        let mut counts = BTreeMap::<String, u32>::new();
        for method in asked {
            *counts.entry(method).or_default() += 1;
        }
        let both = |method: &str| {
            if method == "GET" { vec![Moment::Before] } else { vec![Moment::Before, Moment::After] }
        };
        let points = counts.iter().flat_map(|(method, count)| {
            let moments = both(method);
            (0..*count).flat_map(move |skip| {
                moments.clone().into_iter().map(move |at| Point { side, method: method.clone(), skip, at })
            })
        });
        points.collect()
    }
}

fn start(event: &Value, provider: Provider) -> anyhow::Result<NaiveDateTime> {
    let said = text(event, "/start/dateTime");
    let at = match provider {
        Provider::Google => DateTime::parse_from_rfc3339(&said)?.to_utc(),
        Provider::Microsoft | Provider::CalDav => said.parse::<NaiveDateTime>()?.and_utc(),
    };
    Ok(at.with_timezone(&Toronto).naive_local())
}

/// Creates, moves and deletes; at night, when no visitor comes.
async fn edit(world: &World, account: Account) -> anyhow::Result<(NaiveDateTime, NaiveDateTime)> {
    let today = SystemClock.now().with_timezone(&Toronto).date_naive();
    let night = |date: chrono::NaiveDate, hour| date.and_hms_opt(hour, 0, 0).context("an hour of the day");
    let created_at = night(today + TimeDelta::days(1), 4)?;
    let end = created_at + TimeDelta::hours(1);
    let home = calendar(world, account.calendar).await;
    create(world, home, CREATED, &created_at.format("%FT%T").to_string(), &end.format("%FT%T").to_string())
        .await;
    let query = ScheduleQuery { from: today - TimeDelta::days(8), to: today + TimeDelta::days(8) };
    let schedule: Schedule = world.call(Call::Schedule(query)).await?;
    let titled = |title: &str| -> anyhow::Result<&Item> {
        schedule.items.iter().find(|item| item.title.contains(title)).context("a seeded event")
    };
    let item = titled(account.moved)?;
    let moved_to = night(item.start.date(), 3)?;
    let when = When { start: moved_to, end: moved_to + TimeDelta::hours(1), all_day: false };
    let event = item.event.clone();
    let change = ChangeEvent {
        event,
        title: None,
        location: None,
        description: None,
        when: Some(when),
        free: None,
        scope: None,
    };
    let _: Written = world.call(Call::ChangeEvent(change)).await?;
    let _: Written = world
        .call(Call::DeleteEvent(DeleteEvent { event: titled(account.deleted)?.event.clone(), scope: None }))
        .await?;
    Ok((moved_to, created_at))
}

fn config(world: &World) -> anyhow::Result<String> {
    let config = engine_config(&world.sandbox)?;
    let mut file = toml::Table::new();
    file.insert("google".into(), toml::Value::try_from(&config.google)?);
    file.insert("microsoft".into(), toml::Value::try_from(&config.microsoft)?);
    file.insert("secrets".into(), toml::Table::from_iter([("store".into(), "passphrase".into())]).into());
    Ok(toml::to_string(&file)?)
}

/// What goes wrong after a death at that point.
async fn after(account: Account, point: Point) -> Option<String> {
    let survived = async {
        let scene = Scene::set(account).await?;
        ensure!(scene.killed_at(&point).await?, "the engine never came there");
        scene.is_right().await
    };
    let failed = survived.await.err()?;
    Some(format!("{point:?}: {failed:#}"))
}

async fn survives_every_death(account: Account, side: Side, writes_at_least: usize) {
    let whole = Scene::set(account).await.unwrap();
    whole.run().await.unwrap();
    let points = whole.points(side);
    whole.is_right().await.unwrap();
    let writes = points.iter().filter(|point| point.at == Moment::After).count();
    assert!(writes >= writes_at_least, "{points:?}");
    let deaths = stream::iter(points).map(|point| after(account, point));
    let failures: Vec<String> =
        deaths.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
    assert!(failures.is_empty(), "killed at\n{}", failures.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_request_to_google_it_ends_with_each_event_once() {
    survives_every_death(GOOGLE, Side::Provider, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_request_to_microsoft_it_ends_with_each_event_once() {
    survives_every_death(MICROSOFT, Side::Provider, 5).await;
}

/// Between making the inbox durable, acknowledging it, deciding and publishing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_request_to_the_relay_it_ends_with_one_confirmed_booking() {
    survives_every_death(GOOGLE, Side::Relay, 3).await;
}
