//! A calendar of which only free and busy is shared: its times are read, and stand for what they are.

use chrono::NaiveDateTime;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{Account, Calendar, CalendarChoice, Progress, ProviderKind};
use daymark_engine::api::health::CardCode;
use daymark_engine::api::schedule::Item;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use journeys::world::{WORK, World};

use crate::support::{health, items, wall};

const VISITS: &str = "visits.northcare@group.calendar.example";
const LONG_VISIT: (&str, &str) = ("2026-03-02T13:00:00", "2026-03-02T14:30:00");

fn share(world: &World, role: &str) {
    world.sandbox.google().share(WORK, VISITS, Some(role)).unwrap();
}

async fn visits(world: &World) -> Calendar {
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await.unwrap();
    let mut calendars = accounts.into_iter().flat_map(|account| account.calendars);
    calendars.find(|calendar| calendar.name == "Visits").unwrap()
}

/// What the schedule shows of it in the seeded week.
async fn shown(world: &World) -> Vec<Item> {
    let id = visits(world).await.id;
    let mut week = items(world, "2026-03-02", "2026-03-07").await;
    week.retain(|item| item.calendar == id);
    week
}

fn times(items: &[Item]) -> Vec<(NaiveDateTime, NaiveDateTime)> {
    items.iter().map(|item| (item.start, item.end)).collect()
}

fn long_visit() -> (NaiveDateTime, NaiveDateTime) {
    (wall(LONG_VISIT.0), wall(LONG_VISIT.1))
}

async fn tick(world: &World) {
    let calendar = visits(world).await.id;
    let on = Some(true);
    let choice =
        CalendarChoice { calendar, chosen: on, shown: on, counts_busy: on, ..CalendarChoice::default() };
    let () = world.call(Call::SetCalendar(choice)).await.unwrap();
}

#[tokio::test]
async fn a_calendar_that_shares_only_free_and_busy_is_read_and_keeps_the_page_open() {
    let world = World::build().start().await.unwrap();
    share(&world, "freeBusyReader");
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.introduce().await.unwrap();
    world.open_page().await.unwrap();
    world.sync().await.unwrap();
    assert!(!visits(&world).await.chosen, "somebody else's time is counted when the person says so");
    tick(&world).await;
    world.sync().await.unwrap();
    let calendar = visits(&world).await;
    assert_eq!((calendar.progress, calendar.writable), (Progress::UpToDate, false));
    let week = shown(&world).await;
    assert!(times(&week).contains(&long_visit()), "{week:?}");
    assert!(week.iter().all(|item| item.title.is_empty() && item.private && !item.editable));
    let offered = world.visitor().unwrap().offered(Some("2026-03-03")).await.unwrap();
    assert!(!offered.is_empty(), "what is read keeps no page closed");
}

#[tokio::test]
async fn events_give_way_to_busy_times_and_come_back_with_the_right_to_see_them() {
    let world = World::week().await.unwrap();
    let before = shown(&world).await;
    assert!(before.iter().any(|item| item.title.contains("Lakeshore")));
    share(&world, "freeBusyReader");
    world.sync().await.unwrap();
    let during = shown(&world).await;
    assert!(times(&during).contains(&long_visit()));
    assert!(during.iter().all(|item| item.title.is_empty()), "{during:?}");
    share(&world, "owner");
    world.sync().await.unwrap();
    assert_eq!(times(&shown(&world).await), times(&before));
    assert!(shown(&world).await.iter().any(|item| item.title.contains("Lakeshore")));
}

#[tokio::test]
async fn a_busy_time_that_has_ended_there_ends_here() {
    let world = World::week().await.unwrap();
    share(&world, "freeBusyReader");
    world.sync().await.unwrap();
    let before = shown(&world).await.len();
    world.sandbox.google().delete(WORK, VISITS, "fitting0lakeshore").unwrap();
    world.sync().await.unwrap();
    let after = shown(&world).await;
    assert_eq!(after.len(), before - 1);
    assert!(!times(&after).contains(&long_visit()));
}

#[tokio::test]
async fn an_answer_that_leaves_the_calendar_out_is_a_failure_and_frees_nothing() {
    let world = World::week().await.unwrap();
    share(&world, "freeBusyReader");
    world.sync().await.unwrap();
    let before = times(&shown(&world).await);
    world.sandbox.google().forget_in_free_busy(VISITS);
    world.run().await.unwrap();
    assert_eq!(times(&shown(&world).await), before);
    assert_eq!(visits(&world).await.progress, Progress::Failing);
    assert!(health(&world).await.cards.iter().any(|card| card.code == CardCode::CalendarFailing));
}

#[tokio::test]
async fn a_sign_in_without_the_permission_for_busy_times_fails_that_calendar_in_words() {
    let world = World::week().await.unwrap();
    share(&world, "freeBusyReader");
    let refused = Kind::Status {
        status: 403,
        reason: Some("insufficientPermissions".into()),
        retry_after_s: None,
        body: None,
    };
    let fault = Fault::new(Provider::Google, refused).contains("/freeBusy").times(50);
    world.sandbox.control().arm(fault).unwrap();
    world.sync().await.unwrap();
    let cards = health(&world).await.cards;
    let card = cards.iter().find(|card| card.code == CardCode::CalendarFailing).unwrap();
    assert!(card.message.contains("sign the account in again"), "{}", card.message);
    assert!(!cards.iter().any(|card| card.code == CardCode::MissingScope), "the account works on");
}
