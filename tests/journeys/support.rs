//! What several journeys look at.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use daymark_engine::api::Call;
use daymark_engine::api::bookings::{Booking, PublicPage};
use daymark_engine::api::health::{Card, Health, Remedy};
use daymark_engine::api::schedule::{
    ChangeEvent, EventRef, Item, NewEvent, Schedule, ScheduleQuery, When, Written,
};
use journeys::world::World;
use serde_json::Value;

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn wall(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

pub async fn items(world: &World, from: &str, to: &str) -> Vec<Item> {
    let query = ScheduleQuery { from: date(from), to: date(to) };
    let schedule: Schedule = world.call(Call::Schedule(query)).await.unwrap();
    schedule.items
}

/// The items of the seeded week, Monday 2 to Friday 6 March 2026, by title.
pub async fn titled(world: &World, title: &str) -> Vec<Item> {
    let all = items(world, "2026-03-02", "2026-03-07").await;
    all.into_iter().filter(|item| item.title.contains(title)).collect()
}

pub async fn health(world: &World) -> Health {
    world.engine.health().await.unwrap()
}

/// The entry by which a card can be taken back.
pub fn undo_of(card: &Card) -> i64 {
    let undo = |remedy: &Remedy| match remedy {
        Remedy::Undo { journal } => Some(*journal),
        _ => None,
    };
    card.remedies.iter().find_map(undo).unwrap_or_else(|| panic!("no way to take it back: {card:?}"))
}

pub async fn bookings(world: &World) -> Vec<Booking> {
    world.call(Call::Bookings(())).await.unwrap()
}

pub async fn page(world: &World) -> PublicPage {
    world.call(Call::Page(())).await.unwrap()
}

/// A calendar's number by its name.
pub async fn calendar(world: &World, name: &str) -> i64 {
    let accounts: Vec<daymark_engine::api::accounts::Account> = world.call(Call::Accounts(())).await.unwrap();
    let mut calendars = accounts.iter().flat_map(|account| &account.calendars);
    calendars.find(|calendar| calendar.name == name).unwrap().id
}

pub async fn create(world: &World, calendar: i64, title: &str, start: &str, end: &str) -> Written {
    let when = When { start: wall(start), end: wall(end), all_day: false };
    let new = NewEvent {
        calendar,
        title: title.into(),
        location: String::new(),
        description: String::new(),
        when,
        free: false,
        recurrence: None,
    };
    world.call(Call::CreateEvent(new)).await.unwrap()
}

/// Moves an event in the window, or one occurrence, to other hours.
pub async fn move_to(world: &World, item: &Item, start: &str, end: &str) {
    let _: Written = world.call(moved_to(item, start, end, false)).await.unwrap();
}

/// The same of a meeting, by a person who knows what becomes of its guests.
pub async fn move_meeting_to(world: &World, item: &Item, start: &str, end: &str) {
    let _: Written = world.call(moved_to(item, start, end, true)).await.unwrap();
}

fn moved_to(item: &Item, start: &str, end: &str, guests_confirmed: bool) -> Call {
    let when = Some(When { start: wall(start), end: wall(end), all_day: false });
    Call::ChangeEvent(ChangeEvent { when, guests_confirmed, ..unchanged(&item.event) })
}

/// A change of an event that leaves all of it as it is.
pub fn unchanged(event: &EventRef) -> ChangeEvent {
    ChangeEvent {
        event: event.clone(),
        title: None,
        location: None,
        description: None,
        when: None,
        free: None,
        scope: None,
        guests_confirmed: false,
    }
}

/// The live events of a fake Google calendar whose title contains `title`.
pub fn at_google(world: &World, user: &str, calendar: &str, title: &str) -> Vec<Value> {
    let events = world.sandbox.google().live_events(user, calendar);
    events.into_iter().filter(|event| text(event, "/summary").contains(title)).collect()
}

/// The same at Microsoft.
pub fn at_microsoft(world: &World, user: &str, calendar: &str, title: &str) -> Vec<Value> {
    let events = world.sandbox.microsoft().events(user, calendar).unwrap();
    events.into_iter().filter(|event| text(event, "/subject").contains(title)).collect()
}

pub fn text(value: &Value, at: &str) -> String {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// When a Google event starts.
pub fn google_start(event: &Value) -> DateTime<Utc> {
    text(event, "/start/dateTime").parse().unwrap()
}

/// The requests that wrote something at the providers since the ledger was cleared.
pub fn writes(world: &World) -> usize {
    world.sandbox.control().writes().len()
}
