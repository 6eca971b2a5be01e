//! A series at a CalDAV server that begins in the hour which a clock change leaves out: read, edited in all
//! three ways, and written so that other programs find what they wrote.

use chrono::{NaiveDateTime, TimeDelta};
use daymark_engine::api::Call;
use daymark_engine::api::health::{Card, CardCode};
use daymark_engine::api::journal::Undo;
use daymark_engine::api::schedule::{ChangeEvent, DeleteEvent, Item, Scope, When, Written};
use journeys::world::World;

use crate::caldav::{SEED, USER};
use crate::support::{health, items, unchanged, wall, writes};

const ROUND: &str = "round";
const GAP: &str = "2026-03-08T03:30:00";
const NIGHTS: [&str; 4] = [GAP, "2026-03-09T02:30:00", "2026-03-10T02:30:00", "2026-03-11T02:30:00"];

/// What another program wrote.
fn text(start: &str, count: u8) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Other//EN\r\nBEGIN:VEVENT\r\nUID:nights@other\r\n\
         DTSTAMP:20260101T000000Z\r\nSUMMARY:Night\r\nDTSTART;TZID=America/Toronto:{start}\r\n\
         DTEND;TZID=America/Toronto:{}T030000\r\nRRULE:FREQ=DAILY;COUNT={count}\r\nX-THEIRS;X-P=1:kept \r\n as it is\r\n\
         BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        &start[..8]
    )
}

async fn world(start: &str, count: u8) -> World {
    let world = World::build().seed(SEED).without_relay().start().await.unwrap();
    world.introduce().await.unwrap();
    world.connect_caldav(USER).await.unwrap();
    world.sandbox.caldav().put(USER, ROUND, "nights.ics", &text(start, count));
    settle(&world).await;
    world
}

/// Everything is written, and then nothing is.
async fn settle(world: &World) {
    for _ in 0..3 {
        world.advance(TimeDelta::minutes(1));
        world.sync().await.unwrap();
    }
    let (before, shown) = (writes(world), starts(world).await);
    world.advance(TimeDelta::minutes(10));
    world.sync().await.unwrap();
    let now = health(world).await;
    let is_usual = |card: &Card| card.code == CardCode::SecretsForSessionOnly;
    assert!(now.cards.iter().all(is_usual), "{:?}", now.cards);
    assert_eq!((writes(world), now.waiting), (before, 0));
    assert_eq!(starts(world).await, shown, "what was written is read as it was meant");
}

async fn nights(world: &World) -> Vec<Item> {
    let all = items(world, "2026-03-07", "2026-03-15").await;
    all.into_iter().filter(|item| item.title.contains("Night")).collect()
}

async fn starts(world: &World) -> Vec<NaiveDateTime> {
    nights(world).await.iter().map(|item| item.start).collect()
}

async fn on(world: &World, start: &str) -> Item {
    nights(world).await.into_iter().find(|item| item.start == wall(start)).unwrap()
}

async fn edit(
    world: &World,
    at: &str,
    scope: Scope,
    make: impl FnOnce(ChangeEvent) -> ChangeEvent,
) -> Written {
    let event = on(world, at).await.event;
    let change = make(ChangeEvent { scope: Some(scope), ..unchanged(&event) });
    world.call(Call::ChangeEvent(change)).await.unwrap()
}

fn moved_to(change: ChangeEvent, start: &str) -> ChangeEvent {
    let when = When { start: wall(start), end: wall(start) + TimeDelta::minutes(30), all_day: false };
    ChangeEvent { when: Some(when), ..change }
}

async fn delete(world: &World, at: &str, scope: Scope) {
    let event = on(world, at).await.event;
    let _: Written = world
        .call(Call::DeleteEvent(DeleteEvent { event, scope: Some(scope), guests_confirmed: false }))
        .await
        .unwrap();
}

fn held(world: &World) -> String {
    let text = world.sandbox.caldav().text(USER, ROUND, "nights.ics").unwrap();
    says(&text, "X-THEIRS;X-P=1:kept \r\n as it is");
    says(&text, "BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nACTION:DISPLAY\r\nEND:VALARM");
    text
}

fn says(text: &str, line: &str) {
    assert!(text.contains(&format!("{line}\r\n")), "{line} is not in {text}");
}

const BEGINS: &str = "DTSTART;TZID=America/Toronto:20260308T023000";
const ENDS: &str = "DTEND;TZID=America/Toronto:20260308T030000";

#[tokio::test]
async fn it_is_shown_as_it_is_meant_and_reading_it_writes_nothing() {
    let world = world("20260308T023000", 4).await;
    assert_eq!(starts(&world).await, NIGHTS.map(wall));
    let lengths: Vec<TimeDelta> = nights(&world).await.iter().map(|it| it.end - it.start).collect();
    assert_eq!(lengths, [TimeDelta::minutes(30); 4]);
    assert_eq!(held(&world), text("20260308T023000", 4));
}

#[tokio::test]
async fn one_occurrence_is_written_under_the_name_that_its_series_gives_it() {
    let world = world("20260308T023000", 4).await;
    edit(&world, NIGHTS[2], Scope::This, |it| moved_to(it, "2026-03-10T15:00:00")).await;
    settle(&world).await;
    edit(&world, GAP, Scope::This, |it| ChangeEvent { title: Some("Own Night".into()), ..it }).await;
    delete(&world, NIGHTS[3], Scope::This).await;
    settle(&world).await;
    assert_eq!(starts(&world).await, [GAP, NIGHTS[1], "2026-03-10T15:00:00"].map(wall));
    let text = held(&world);
    says(&text, "RECURRENCE-ID;TZID=America/Toronto:20260310T023000");
    says(&text, "RECURRENCE-ID;TZID=America/Toronto:20260308T023000");
    says(&text, "EXDATE;TZID=America/Toronto:20260311T023000");
    says(&text, BEGINS);
    delete(&world, GAP, Scope::This).await;
    settle(&world).await;
    says(&held(&world), "EXDATE;TZID=America/Toronto:20260308T023000");
    assert_eq!(starts(&world).await, [NIGHTS[1], "2026-03-10T15:00:00"].map(wall));
}

#[tokio::test]
async fn all_of_it_is_renamed_lengthened_moved_and_put_back() {
    let world = world("20260308T023000", 4).await;
    edit(&world, GAP, Scope::All, |it| ChangeEvent { title: Some("Late Night".into()), ..it }).await;
    settle(&world).await;
    says(&held(&world), &format!("{BEGINS}\r\n{ENDS}"));
    assert_eq!(starts(&world).await, NIGHTS.map(wall));
    let moved = edit(&world, NIGHTS[2], Scope::All, |it| moved_to(it, "2026-03-10T03:30:00")).await;
    settle(&world).await;
    says(&held(&world), "DTSTART;TZID=America/Toronto:20260308T033000");
    assert_eq!(starts(&world).await[1..], NIGHTS.map(|it| wall(it) + TimeDelta::hours(1))[1..]);
    let _: Written =
        world.call(Call::Undo(Undo { journal: moved.journal, guests_confirmed: false })).await.unwrap();
    settle(&world).await;
    says(&held(&world), BEGINS);
    assert_eq!(starts(&world).await, NIGHTS.map(wall));
    edit(&world, GAP, Scope::All, |it| moved_to(it, "2026-03-08T04:30:00")).await;
    settle(&world).await;
    let expected =
        ["2026-03-08", "2026-03-09", "2026-03-10", "2026-03-11"].map(|day| format!("{day}T04:30:00"));
    assert_eq!(starts(&world).await, expected.map(|it| wall(&it)));
}

#[tokio::test]
async fn this_and_following_leaves_the_first_half_where_it_begins() {
    let world = world("20260308T023000", 4).await;
    edit(&world, NIGHTS[2], Scope::Following, |it| moved_to(it, "2026-03-10T04:00:00")).await;
    settle(&world).await;
    let text = held(&world);
    says(&text, &format!("{BEGINS}\r\n{ENDS}"));
    assert!(text.contains("RRULE:FREQ=DAILY;UNTIL=20260310T035959Z"), "{text}");
    let expected = [GAP, NIGHTS[1], "2026-03-10T04:00:00", "2026-03-11T04:00:00"];
    assert_eq!(starts(&world).await, expected.map(wall));
    delete(&world, NIGHTS[1], Scope::Following).await;
    settle(&world).await;
    assert_eq!(starts(&world).await, [GAP, expected[2], expected[3]].map(wall));
}

#[tokio::test]
async fn a_second_half_that_begins_in_the_gap_keeps_the_time_of_the_whole() {
    let world = world("20260307T023000", 5).await;
    let whole = [&["2026-03-07T02:30:00"], NIGHTS.as_slice()].concat();
    assert_eq!(starts(&world).await, whole.iter().map(|it| wall(it)).collect::<Vec<_>>());
    edit(&world, GAP, Scope::Following, |it| ChangeEvent { title: Some("Late Night".into()), ..it }).await;
    settle(&world).await;
    assert_eq!(starts(&world).await, whole.iter().map(|it| wall(it)).collect::<Vec<_>>());
    let all = world.sandbox.caldav().all(USER, ROUND);
    let (_, second) = all.iter().find(|(_, text)| text.contains("Late Night")).unwrap();
    says(second, BEGINS);
    says(second, "DURATION:PT30M");
}
