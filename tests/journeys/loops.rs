//! The loops of a running engine, through sleep, clocks that are set, and a network that goes and comes.

use chrono::TimeDelta;
use chrono_tz::America::Toronto;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{Account, Calendar};
use daymark_engine::api::health::CardCode;
use daymark_sandbox::faults::{Fault, Kind, Moment};
use daymark_sandbox::identity::Provider;
use journeys::visitor::Visitor;
use journeys::world::{PARTNER, PERSONAL, WORK, World};
use serde_json::json;

use crate::support::{health, titled};

/// Longer than anything here takes, and shorter than the hour after which everything is read in any case.
const PATIENCE: TimeDelta = TimeDelta::minutes(30);
const A_WHILE: TimeDelta = TimeDelta::seconds(5);
const QUIET_WHILES: usize = 12;
/// In one while, as long as a run is under way that may wait for time to pass.
const VISITS_MAX: usize = 50;
/// And while nothing but the loops waits for time: a disk that is busy may take a second for each commit.
const VISITS_OF_A_BUSY_DISK: usize = 20_000;
/// Those for syncing, for what follows, and for waking up.
const LOOPS_THAT_WAIT: usize = 3;
/// Visits: many times what a reading takes.
const READ_WITHIN: usize = 2_000;
/// Several times what an alarm takes.
const MINUTES_MAX: usize = 120;

/// A week whose engine runs by itself, has read everything, and has nothing more to do for some minutes.
async fn running() -> World {
    let world = World::week().await.unwrap();
    rename(&world, "Before it started");
    world.engine.start();
    arrives(&world, "Before it started").await;
    is_quiet(&world).await;
    world
}

/// Lets whiles pass until a minute of them has gone by in which no provider was asked, with the next reading minutes
/// away: whatever is read after that has a cause of its own.
async fn is_quiet(world: &World) {
    let visitor = world.visitor().unwrap();
    let (mut asked, mut whiles) = (0, 0);
    until(world, "quiet", async || {
        visitor.page(None).await.unwrap();
        let (now, before) = (world.sandbox.control().ledger().len(), asked);
        asked = now;
        let quiet = now == before && reads_later(world).await;
        // The outbox is looked at in each while. What is being looked at just now says nothing.
        whiles = if !quiet { 0 } else { whiles + usize::from(!is_syncing(world).await) };
        whiles == QUIET_WHILES
    })
    .await;
}

/// Nothing is to be read within the next two minutes.
async fn reads_later(world: &World) -> bool {
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await.unwrap();
    let soon = (world.now() + TimeDelta::minutes(2)).with_timezone(&Toronto).naive_local();
    accounts.iter().all(|account| {
        let later = |calendar: &Calendar| calendar.next_sync.is_some_and(|next| next > soon);
        account.calendars.iter().filter(|calendar| calendar.chosen).all(later)
    })
}

async fn is_syncing(world: &World) -> bool {
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await.unwrap();
    accounts.iter().any(|account| account.syncing)
}

/// Lets a while pass, with visits to the public page before it as long as a run is under way: the engine's own
/// requests take a few whiles, however busy this machine is. A run that waits for time to pass gets it.
async fn pass(world: &World, visitor: &Visitor) {
    for visit in 0..VISITS_OF_A_BUSY_DISK {
        visitor.page(None).await.unwrap();
        let may_wait = world.clock.waits() > LOOPS_THAT_WAIT;
        if !is_syncing(world).await || (may_wait && visit > VISITS_MAX) {
            break;
        }
    }
    world.advance(A_WHILE);
}

/// Somebody else changes the seeded call.
fn rename(world: &World, title: &str) {
    world.sandbox.google().edit(WORK, WORK, "suppliercall01", json!({ "summary": title })).unwrap();
}

async fn arrives(world: &World, title: &str) {
    until(world, title, async || !titled(world, title).await.is_empty()).await;
}

async fn is_offline(world: &World) -> bool {
    health(world).await.cards.iter().any(|card| card.code == CardCode::Offline)
}

/// Lets time pass until it holds.
pub async fn until(world: &World, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let visitor = world.visitor().unwrap();
    let mut passed = TimeDelta::zero();
    while !holds().await {
        assert!(passed < PATIENCE, "{what}: not within {PATIENCE}");
        pass(world, &visitor).await;
        passed += A_WHILE;
    }
}

#[tokio::test]
async fn after_eight_hours_of_sleep_everything_is_read() {
    let world = running().await;
    rename(&world, "Changed in the night");
    world.clock.jump(TimeDelta::hours(8));
    arrives(&world, "Changed in the night").await;
    world.engine.stop().await;
}

#[tokio::test]
async fn a_clock_set_back_by_a_day_stops_no_loop() {
    let world = running().await;
    rename(&world, "Changed after the clock");
    world.clock.jump(TimeDelta::days(-1));
    arrives(&world, "Changed after the clock").await;
    // And from then on as ever.
    rename(&world, "Changed once more");
    arrives(&world, "Changed once more").await;
    world.engine.stop().await;
}

#[tokio::test]
async fn providers_out_of_reach_after_waking_heal_by_themselves() {
    let world = running().await;
    for provider in [Provider::Google, Provider::Microsoft] {
        world.sandbox.control().arm(Fault::new(provider, Kind::Cut).always()).unwrap();
    }
    rename(&world, "Changed meanwhile");
    world.clock.jump(TimeDelta::hours(8));
    until(&world, "offline", async || is_offline(&world).await).await;
    assert!(!titled(&world, "Before it started").await.is_empty(), "the mirror keeps what it has");
    world.sandbox.control().clear_faults();
    arrives(&world, "Changed meanwhile").await;
    until(&world, "online again", async || !is_offline(&world).await).await;
    world.engine.stop().await;
}

/// All of an account was read within the last hour.
async fn was_read(world: &World, address: &str) -> bool {
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await.unwrap();
    let recent = (world.now() - TimeDelta::hours(1)).with_timezone(&Toronto).naive_local();
    let mut own = accounts.iter().filter(|account| account.address == address);
    own.all(|account| {
        let mut chosen = account.calendars.iter().filter(|calendar| calendar.chosen);
        chosen.all(|calendar| calendar.last_sync.is_some_and(|last| last > recent))
    })
}

/// The addresses of the accounts that the alarm is about.
async fn stale(world: &World) -> Vec<String> {
    let cards = health(world).await.cards.into_iter().filter(|card| card.code == CardCode::Stale);
    cards.map(|card| card.params["account"].clone()).collect()
}

#[tokio::test]
async fn an_account_that_is_not_read_for_hours_though_nothing_fails_raises_an_alarm_until_it_is() {
    let world = running().await;
    let (control, visitor) = (world.sandbox.control(), world.visitor().unwrap());
    // Google takes every request and answers none.
    let held = control.arm(Fault::new(Provider::Google, Kind::Hold { at: Moment::Before }).always()).unwrap();
    world.advance(TimeDelta::hours(3));
    assert!(stale(&world).await.is_empty(), "after a sleep everything is old, and is being read");
    for _ in 0..READ_WITHIN {
        if was_read(&world, PARTNER).await {
            break;
        }
        visitor.page(None).await.unwrap();
    }
    // A minute is no sleep; and no run is waited for, because those at Google do not end.
    for _ in 0..MINUTES_MAX {
        visitor.page(None).await.unwrap();
        if stale(&world).await.len() == 2 {
            break;
        }
        world.advance(TimeDelta::minutes(1));
    }
    assert_eq!(stale(&world).await, [WORK, PERSONAL], "and not the one that is read");
    control.clear_faults();
    control.release(held);
    until(&world, "all is read", async || stale(&world).await.is_empty()).await;
    world.engine.stop().await;
}

/// Visits until it holds, while no time passes.
async fn without_time(world: &World, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let visitor = world.visitor().unwrap();
    for _ in 0..READ_WITHIN {
        if holds().await {
            return;
        }
        visitor.page(None).await.unwrap();
    }
    panic!("{what}: not without time passing");
}

/// How often Microsoft was asked.
fn asked_of_microsoft(world: &World) -> usize {
    let ledger = world.sandbox.control().ledger();
    ledger.iter().filter(|entry| entry.provider == Some(Provider::Microsoft)).count()
}

/// The only account at Microsoft is being synced.
async fn partner_syncs(world: &World) -> bool {
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await.unwrap();
    accounts.iter().any(|account| account.address == PARTNER && account.syncing)
}

#[tokio::test]
async fn sync_now_during_a_run_reads_again_as_soon_as_that_run_has_ended() {
    let world = running().await;
    let control = world.sandbox.control();
    // The answer is made before the change, and comes late.
    let late =
        Fault::new(Provider::Google, Kind::Hold { at: Moment::After }).matches("northcare.*syncToken=");
    let held = control.arm(late).unwrap();
    let before = asked_of_microsoft(&world);
    let () = world.call(Call::SyncNow(())).await.unwrap();
    control.wait_held(held).await;
    without_time(&world, "the others end", async || {
        asked_of_microsoft(&world) > before && !partner_syncs(&world).await
    })
    .await;
    rename(&world, "Changed during the run");
    let before = asked_of_microsoft(&world);
    let () = world.call(Call::SyncNow(())).await.unwrap();
    without_time(&world, "the second ring is heard", async || asked_of_microsoft(&world) > before).await;
    control.release(held);
    without_time(&world, "read again", async || !titled(&world, "Changed during the run").await.is_empty())
        .await;
    world.engine.stop().await;
}

#[tokio::test]
async fn a_stopped_engine_waits_for_nothing_and_asks_nobody() {
    let world = running().await;
    assert!(world.clock.waits() > 0, "its loops run");
    world.engine.stop().await;
    assert_eq!(world.clock.waits(), 0);
    let asked = world.sandbox.control().ledger().len();
    world.clock.jump(TimeDelta::days(1));
    world.advance(TimeDelta::days(1));
    // Whatever woke had a whole round trip of time to ask.
    world.visitor().unwrap().page(None).await.unwrap();
    assert_eq!(world.sandbox.control().ledger().len(), asked);
}
