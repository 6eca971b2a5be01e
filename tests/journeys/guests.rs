//! Meetings with guests: nobody hears of an edit, or fails to hear of it, without the person's word.

use daymark_engine::api::Call;
use daymark_engine::api::accounts::ProviderKind;
use daymark_engine::api::journal::{Undo, UndoRun};
use daymark_engine::api::problem::{Problem, ProblemCode};
use daymark_engine::api::schedule::{
    ChangeEvent, DeleteEvent, EventDetail, EventRef, Guests, Scope, When, Written,
};
use journeys::world::{PARTNER, WORK, World};
use serde_json::{Value, json};

use crate::caldav;
use crate::support::{at_google, google_start, titled, unchanged, wall, writes};

/// Moves an event by hand to Tuesday at one.
fn at_one(event: &EventRef, guests_confirmed: bool) -> Call {
    let when =
        Some(When { start: wall("2026-03-03T13:00:00"), end: wall("2026-03-03T14:00:00"), all_day: false });
    Call::ChangeEvent(ChangeEvent { when, guests_confirmed, ..unchanged(event) })
}

fn delete(event: &EventRef, guests_confirmed: bool) -> Call {
    Call::DeleteEvent(DeleteEvent { event: event.clone(), scope: None, guests_confirmed })
}

fn undo(journal: i64, guests_confirmed: bool) -> Call {
    Call::Undo(Undo { journal, guests_confirmed })
}

/// Nothing is done, and the question names how many would hear of it, and from whom.
async fn is_asked(world: &World, call: Call, guests: usize, provider: &str) {
    let before = writes(world);
    let problem: Problem = world.engine.call(call).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::AskAboutGuests, "{}", problem.message);
    let told = (problem.params["guests"].as_str(), problem.params["provider"].as_str());
    assert_eq!(told, (guests.to_string().as_str(), provider));
    world.sync().await.unwrap();
    assert_eq!(writes(world), before, "nothing is sent before the person has been asked");
}

async fn done(world: &World, call: Call) -> Written {
    let written = world.call(call).await.unwrap();
    world.sync().await.unwrap();
    written
}

fn mails(world: &World) -> Vec<String> {
    world.sandbox.control().mail().into_iter().map(|mail| mail.about).collect()
}

fn at_microsoft(hour: u32, more: &Value) -> Value {
    let edge = |hour: u32| json!({ "dateTime": format!("2026-03-03T{hour:02}:00:00"), "timeZone": "UTC" });
    let address = |address: &str| json!({ "type": "required", "emailAddress": { "address": address } });
    let mut body = json!({
        "subject": "Socket check", "start": edge(hour), "end": edge(hour + 1),
        "attendees": [address("li@garden.example"), address("jo@garden.example")],
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn outlook_mails_the_guests_only_with_the_persons_word() {
    let world = World::week().await.unwrap();
    world.sandbox.microsoft().insert(PARTNER, "Partner clinic", &at_microsoft(15, &json!({}))).unwrap();
    world.sync().await.unwrap();
    let event = titled(&world, "Socket check").await.remove(0).event;
    let detail: EventDetail = world.call(Call::Event(event.clone())).await.unwrap();
    assert_eq!(detail.guests, Some(Guests { count: 2, provider: ProviderKind::Microsoft }));
    let before = mails(&world).len();
    let since = |world: &World| mails(world).split_off(before);

    is_asked(&world, at_one(&event, false), 2, "microsoft").await;
    is_asked(&world, delete(&event, false), 2, "microsoft").await;
    assert!(since(&world).is_empty(), "{:?}", since(&world));
    let moved = done(&world, at_one(&event, true)).await;
    assert_eq!(since(&world), ["update", "update"]);

    is_asked(&world, undo(moved.journal, false), 2, "microsoft").await;
    assert_eq!(since(&world).len(), 2);
    done(&world, undo(moved.journal, true)).await;
    assert_eq!(since(&world).len(), 4);

    done(&world, delete(&event, true)).await;
    world.advance(chrono::TimeDelta::minutes(1));
    world.sync().await.unwrap();
    assert_eq!(since(&world)[4..], ["cancellation", "cancellation"]);
}

#[tokio::test]
async fn googles_guests_hear_nothing_and_the_person_knows_it() {
    let world = World::week().await.unwrap();
    let attendees = json!({ "attendees": [
        { "email": WORK, "organizer": true, "self": true, "responseStatus": "accepted" },
        { "email": "jonas@liftworks.example" },
        { "email": "room@liftworks.example", "resource": true },
    ]});
    world.sandbox.google().edit(WORK, WORK, "suppliercall01", attendees).unwrap();
    world.sync().await.unwrap();
    let event = titled(&world, "Supplier call").await.remove(0).event;
    is_asked(&world, at_one(&event, false), 1, "google").await;
    is_asked(&world, delete(&event, false), 1, "google").await;
    let moved = done(&world, at_one(&event, true)).await;
    let there = at_google(&world, WORK, WORK, "Supplier call").remove(0);
    assert_eq!(google_start(&there).to_rfc3339(), "2026-03-03T18:00:00+00:00");
    is_asked(&world, undo(moved.journal, false), 1, "google").await;
    let run = daymark_engine::api::journal::JournalQuery { limit: 1, before: None };
    let runs: Vec<daymark_engine::api::journal::JournalRun> =
        world.call(Call::JournalRuns(run)).await.unwrap();
    let run = runs[0].run.unwrap();
    is_asked(&world, Call::UndoRun(UndoRun { run, guests_confirmed: false }), 1, "google").await;
    assert!(mails(&world).is_empty());
}

#[tokio::test]
async fn what_has_no_guests_is_changed_and_taken_back_as_before() {
    let world = World::week().await.unwrap();
    let event = titled(&world, "Supplier call").await.remove(0).event;
    let detail: EventDetail = world.call(Call::Event(event.clone())).await.unwrap();
    assert_eq!(detail.guests, None);
    let moved = done(&world, at_one(&event, false)).await;
    done(&world, undo(moved.journal, false)).await;
}

#[tokio::test]
async fn a_deletion_that_still_waits_is_taken_back_without_a_question() {
    let world = World::week().await.unwrap();
    world.sandbox.microsoft().insert(PARTNER, "Partner clinic", &at_microsoft(15, &json!({}))).unwrap();
    world.sync().await.unwrap();
    let event = titled(&world, "Socket check").await.remove(0).event;
    let before = mails(&world).len();
    let deleted: Written = world.call(delete(&event, true)).await.unwrap();
    done(&world, undo(deleted.journal, false)).await;
    assert_eq!(titled(&world, "Socket check").await.len(), 1);
    assert_eq!(mails(&world).len(), before);
}

#[tokio::test]
async fn the_guests_of_one_day_count_when_their_whole_series_is_meant() {
    let world = World::week().await.unwrap();
    let days = titled(&world, "Team stand-up").await;
    let at_google = at_google(&world, WORK, WORK, "Team stand-up");
    let series = at_google.iter().find(|it| it.get("recurrence").is_some()).unwrap();
    let id = series["id"].as_str().unwrap();
    let attendees = json!({ "attendees": [{ "email": "jonas@liftworks.example" }] });
    world.sandbox.google().edit(WORK, WORK, id, attendees).unwrap();
    world.sync().await.unwrap();
    let event = &days[0].event;
    is_asked(&world, delete(event, false), 1, "google").await;
    let all = DeleteEvent { event: event.clone(), scope: Some(Scope::All), guests_confirmed: false };
    is_asked(&world, Call::DeleteEvent(all), 1, "google").await;
}

#[tokio::test]
async fn a_caldav_server_may_mail_the_guests_and_the_person_knows_it() {
    let (world, _) = caldav::connected().await;
    let event = titled(&world, "Visit").await.remove(0).event;
    is_asked(&world, at_one(&event, false), 1, "caldav").await;
    is_asked(&world, delete(&event, false), 1, "caldav").await;
    let moved = done(&world, at_one(&event, true)).await;
    is_asked(&world, undo(moved.journal, false), 1, "caldav").await;
    done(&world, undo(moved.journal, true)).await;
    assert_eq!(titled(&world, "Visit").await.remove(0).start, wall("2026-03-03T11:00:00"));
}
