//! The engine is killed at every request that it makes to a provider or to the relay, and between any two
//! transactions that it makes durable, and the next run makes everything right.

mod copies;
mod joining;
mod laptop;
mod leaving;

use std::fmt;

use anyhow::{Context as _, ensure};
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use chrono_tz::America::Toronto;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::ProviderKind;
use daymark_engine::api::schedule::{ChangeEvent, DeleteEvent, Item, Schedule, ScheduleQuery, When, Written};
use daymark_engine::ports::Clock as _;
use daymark_engine::system::SystemClock;
use daymark_sandbox::faults::Moment;
use daymark_sandbox::identity::Provider;
use futures_util::{StreamExt as _, stream};
use journeys::world::{PARTNER, WEEK, WORK, World};
use serde_json::{Value, json};
use url::Url;

use self::laptop::{Laptop, Point, points};
use crate::gate::Gate;
use crate::machine::ics::Resource;
use crate::support::{calendar, create, text, unchanged, writes};

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
    seed: &'static str,
}

const GOOGLE: Account = Account {
    provider: Provider::Google,
    kind: ProviderKind::Google,
    user: WORK,
    calendar: "Northcare",
    held: "primary",
    moved: "Route review",
    deleted: "Supplier call",
    seed: WEEK,
};

const MICROSOFT: Account = Account {
    provider: Provider::Microsoft,
    kind: ProviderKind::Microsoft,
    user: PARTNER,
    calendar: "Partner clinic",
    held: "Partner clinic",
    moved: "Case review",
    deleted: "Handover of equipment",
    seed: WEEK,
};

const CALDAV: Account = Account {
    provider: Provider::CalDav,
    kind: ProviderKind::CalDav,
    user: WORK,
    calendar: "Round",
    held: "round",
    moved: "Visit",
    deleted: "Supplier call",
    seed: r##"{
      "zone": "America/Toronto",
      "accounts": [
        {"provider": "caldav", "email": "maya@northcare.example", "name": "Maya", "zone": "America/Toronto",
         "calendars": [
          {"id": "round", "name": "Round", "primary": true, "color": "#2f6fb0", "events": [
            {"key": "visit", "title": "Visit", "when": {"weekday": "fri", "from": "10:00", "to": "12:00"}},
            {"key": "call", "title": "Supplier call",
             "when": {"weekday": "tue", "from": "11:00", "to": "12:00"}}]}]}
      ]
    }"##,
};

const CREATED: &str = "Made before the crash";
const VISITOR: &str = "P. Singh";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Provider,
    Relay,
}

/// A data folder with edits and a booking that wait, and the world that it belongs to.
struct Scene {
    account: Account,
    laptop: Laptop,
    gate: Gate,
    manage: Url,
    /// When the visitor comes, and where the moved and the created event belong.
    booked: NaiveDateTime,
    moved_to: NaiveDateTime,
    created_at: NaiveDateTime,
}

impl Scene {
    async fn set(account: Account) -> anyhow::Result<Scene> {
        let laptop = Laptop::open(World::build().seed(account.seed)).await?;
        let world = &laptop.world;
        match account.kind {
            ProviderKind::CalDav => world.connect_caldav(account.user).await?,
            kind => world.connect(kind, account.user).await?,
        };
        world.introduce().await?;
        let relay = world.relay.as_ref().context("a world with a relay")?;
        let gate = Gate::before(&relay.public_url).await?;
        world.open_page_at(&gate.address()?).await?;
        world.sync().await?;
        world.advance(TimeDelta::minutes(1));
        let (booked, answer) = world.visitor()?.book(None).await?;
        let manage = answer.manage.with_context(|| format!("the booking got {}", answer.status))?;
        let booked = booked.with_timezone(&Toronto).naive_local();
        let (moved_to, created_at) = edit(world, account).await?;
        laptop.hand_over().await?;
        gate.forget();
        Ok(Scene { account, laptop, gate, manage, booked, moved_to, created_at })
    }

    /// Whether the engine came to that point. If so, it is dead now.
    async fn killed_at(&self, side: Side, point: &Point) -> anyhow::Result<bool> {
        match side {
            Side::Provider => self.laptop.killed_at(self.account.provider, point).await,
            Side::Relay => {
                self.gate.keep(&point.method, point.skip, point.at);
                let reached = self.laptop.killed_when(self.gate.kept()).await;
                self.gate.open();
                reached
            }
        }
    }

    /// What was meant stands exactly once, and nothing is left to do.
    async fn is_right(&self) -> anyhow::Result<()> {
        let Laptop { world, .. } = &self.laptop;
        let report = self.laptop.run().await?;
        ensure!(report["well"] == json!(true), "a run fails: {report}");
        ensure!(report["waiting"] == json!(0), "something waits: {report}");
        ensure!(report["bookings"] == json!(["confirmed"]), "the booking: {report}");
        self.stands(CREATED, &[self.created_at])?;
        self.stands(self.account.moved, &[self.moved_to])?;
        self.stands(self.account.deleted, &[])?;
        self.stands(VISITOR, &[self.booked])?;
        let page = world.visitor()?.manage(&self.manage).await?;
        ensure!(page.contains("has it in the calendar"), "the visitor is not told: {page}");
        writes_nothing_more(&self.laptop).await
    }

    fn stands(&self, title: &str, expected: &[NaiveDateTime]) -> anyhow::Result<()> {
        let all = self.held()?.into_iter().filter(|(known, _)| known.contains(title));
        let starts: Vec<NaiveDateTime> = all.map(|(_, start)| start).collect();
        ensure!(starts == expected, "{title} stands at {starts:?} instead of {expected:?}");
        Ok(())
    }

    /// The titles and starts of all that the provider holds.
    fn held(&self) -> anyhow::Result<Vec<(String, NaiveDateTime)>> {
        let Account { provider, user, held, .. } = self.account;
        let sandbox = &self.laptop.world.sandbox;
        let (events, name) = match provider {
            Provider::Google => (sandbox.google().live_events(user, held), "/summary"),
            Provider::Microsoft => (sandbox.microsoft().events(user, held)?, "/subject"),
            Provider::CalDav => {
                let all = sandbox.caldav().all(user, held);
                let seen = all.iter().flat_map(|(name, text)| Resource::read(text).seen(name));
                return Ok(seen.map(|it| (it.title, it.start)).collect());
            }
        };
        events.iter().map(|event| Ok((text(event, name), start(event, provider)?))).collect()
    }

    fn points(&self, side: Side) -> Vec<Point> {
        points(match side {
            Side::Provider => self.laptop.asked(self.account.provider),
            Side::Relay => self.gate.passed(),
        })
    }
}

async fn writes_nothing_more(laptop: &Laptop) -> anyhow::Result<()> {
    let before = writes(&laptop.world);
    let again = laptop.run().await?;
    ensure!(again["well"] == json!(true) && again["waiting"] == json!(0), "a further run: {again}");
    let wrote = laptop.world.sandbox.control().writes().split_off(before);
    ensure!(wrote.is_empty(), "a further run writes: {wrote:?}");
    ensure!(laptop.world.sandbox.control().mail().is_empty(), "somebody was mailed");
    Ok(())
}

fn start(event: &Value, provider: Provider) -> anyhow::Result<NaiveDateTime> {
    // Titles are looked for among events of whole days too.
    if event.pointer("/start/date").is_some() {
        return Ok(text(event, "/start/date").parse::<chrono::NaiveDate>()?.and_time(chrono::NaiveTime::MIN));
    }
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
    let change = ChangeEvent { when: Some(when), ..unchanged(&item.event) };
    let _: Written = world.call(Call::ChangeEvent(change)).await?;
    let _: Written = world
        .call(Call::DeleteEvent(DeleteEvent {
            event: titled(account.deleted)?.event.clone(),
            scope: None,
            guests_confirmed: false,
        }))
        .await?;
    Ok((moved_to, created_at))
}

/// What goes wrong after a death at that point.
async fn after(account: Account, side: Side, point: Point) -> Option<String> {
    let survived = async {
        let scene = Scene::set(account).await?;
        ensure!(scene.killed_at(side, &point).await?, "the engine never came there");
        scene.is_right().await
    };
    named(&point, survived.await)
}

fn named(point: &impl fmt::Debug, survived: anyhow::Result<()>) -> Option<String> {
    let failed = survived.err()?;
    Some(format!("{point:?}: {failed:#}"))
}

async fn survives_every_death(account: Account, side: Side, writes_at_least: usize) {
    let whole = Scene::set(account).await.unwrap();
    whole.laptop.run().await.unwrap();
    let points = whole.points(side);
    whole.is_right().await.unwrap();
    with_writes(&points, writes_at_least);
    all_survived(points, |point| after(account, side, point)).await;
}

fn with_writes(points: &[Point], at_least: usize) {
    let writes = points.iter().filter(|point| point.at == Moment::After).count();
    assert!(writes >= at_least, "{points:?}");
}

async fn survives_every_death_between_commits(account: Account) {
    let whole = Scene::set(account).await.unwrap();
    let report = whole.laptop.run().await.unwrap();
    whole.is_right().await.unwrap();
    all_deaths_between_commits_survived(&report, async |number| {
        let scene = Scene::set(account).await?;
        let died = scene.laptop.died_before_commit(number).await?;
        scene.is_right().await.map(|()| died)
    })
    .await;
}

/// Loops run beside each other, and now and then two of them share a commit or need one more: the last few points
/// may not be reached, and then that run was whole. All before them are.
const UNSURE: u64 = 3;

/// `report` is of a run that nobody disturbed; `die` says whether the engine came to that commit.
async fn all_deaths_between_commits_survived(report: &Value, die: impl AsyncFn(u64) -> anyhow::Result<bool>) {
    let commits = report["commits"].as_u64().unwrap();
    assert!(commits >= 10, "{report}");
    let die = &die;
    all_survived((0..commits).collect(), |number| async move {
        let survived = die(number).await.and_then(|died| {
            ensure!(died || number + UNSURE >= commits, "the engine never came there");
            Ok(())
        });
        named(&format_args!("before commit {number}"), survived)
    })
    .await;
}

async fn all_survived<P, D: Future<Output = Option<String>>>(points: Vec<P>, die: impl FnMut(P) -> D) {
    let deaths = stream::iter(points).map(die);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_request_to_a_caldav_server_it_ends_with_each_event_once() {
    survives_every_death(CALDAV, Side::Provider, 4).await;
}

/// The first of these is too small for a single transaction, the last for some only.
const SMALL_DISKS: [u32; 4] = [64, 128, 192, 256];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_takes_no_more_is_named_and_costs_nothing() {
    all_survived(SMALL_DISKS.to_vec(), |blocks| async move {
        let survived = async {
            let scene = Scene::set(GOOGLE).await?;
            let said = scene.laptop.fails_on_a_small_disk(blocks).await?;
            ensure!(said.contains("the database failed: "), "it says {said:?}");
            scene.is_right().await
        };
        named(&format_args!("{blocks} blocks"), survived.await)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_met_a_full_disk_goes_on_by_itself_once_there_is_room() {
    all_survived(SMALL_DISKS.to_vec(), |blocks| async move {
        let survived = async {
            let scene = Scene::set(GOOGLE).await?;
            let report = scene.laptop.goes_on_with_room(blocks).await?;
            ensure!(report["well"] == true, "it does not go on: {report}");
            scene.is_right().await
        };
        named(&format_args!("{blocks} blocks"), survived.await)
    })
    .await;
}

/// Between making the inbox durable, acknowledging it, deciding and publishing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_request_to_the_relay_it_ends_with_one_confirmed_booking() {
    survives_every_death(GOOGLE, Side::Relay, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_any_two_commits_while_it_syncs_google_it_ends_with_each_event_once() {
    survives_every_death_between_commits(GOOGLE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_any_two_commits_while_it_syncs_microsoft_it_ends_with_each_event_once() {
    survives_every_death_between_commits(MICROSOFT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_any_two_commits_while_it_syncs_a_caldav_server_it_ends_with_each_event_once() {
    survives_every_death_between_commits(CALDAV).await;
}
