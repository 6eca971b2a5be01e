//! Finding events by what they say.

use daymark_core::event::Fields;
use daymark_core::merge::Delta;
use serde_json::{Value, json};

use super::world::{World, ZONE, cancelled, exception, now, snapshot, standup, timed, upsert, whole_day};
use crate::{Choice, Edit, Found};

async fn found(world: &World, text: &str) -> Vec<String> {
    let Found { rows, .. } = world.search(text, now(), ZONE).await.unwrap();
    rows.into_iter().map(|row| row.title).collect()
}

fn on(day: &str, title: &str) -> Fields {
    Fields::new(title, timed(&format!("{day}T15:00:00Z"), 60))
}

fn with(id: &str, fields: Fields, attendees: Value) -> Delta {
    let mut all = snapshot(id, "1", fields);
    all.raw = json!({ "id": id, "attendees": attendees });
    Delta::Upsert(Box::new(all))
}

#[tokio::test]
async fn title_place_and_people_are_searched_by_the_beginnings_of_words_without_case_and_accents() {
    let world = World::new().await;
    let placed = Fields { location: "410 Bathurst St, Toronto".into(), ..on("2026-03-03", "Singh") };
    let (google, microsoft) = (
        json!([{ "displayName": "Jonas Weber", "email": "jonas@liftworks.example" },
               { "email": "maya@northcare.example", "self": true }]),
        json!([{ "emailAddress": { "name": "Ana Roy", "address": "ana@northcare.example" } }]),
    );
    world
        .receive(vec![
            upsert("a", "1", on("2026-03-04", "Übergabe mit Léa")),
            upsert("b", "1", placed),
            with("c", on("2026-03-05", "Supplier call"), google),
            with("d", on("2026-03-06", "Ward round"), microsoft),
        ])
        .await;
    for (text, expected) in [
        ("lea", "Übergabe mit Léa"),
        ("UBERG léa", "Übergabe mit Léa"),
        ("bathurst sin", "Singh"),
        ("liftworks", "Supplier call"),
        ("jonas@lift", "Supplier call"),
        ("roy", "Ward round"),
    ] {
        assert_eq!(found(&world, text).await, [expected], "{text}");
    }
    for text in ["gabe", "maya", "", "  ", "\"", "*", "NOT", "title:", "lea AND (", "🚑"] {
        assert_eq!(found(&world, text).await, [""; 0], "{text}");
    }
}

#[tokio::test]
async fn what_is_to_come_stands_first_and_what_has_been_follows_the_latest_first() {
    let world = World::new().await;
    let days = ["2026-02-27", "2026-03-20", "2024-05-06", "2026-03-03", "2027-08-09"];
    let deltas = days.iter().map(|day| upsert(day, "1", on(day, &format!("Visit {day}"))));
    world.receive(deltas.collect()).await;
    world.receive(vec![upsert("d", "1", Fields::new("Visit today", whole_day("2026-03-02")))]).await;
    let expected = ["today", "2026-03-03", "2026-03-20", "2027-08-09", "2026-02-27", "2024-05-06"];
    assert_eq!(found(&world, "visit").await, expected.map(|day| format!("Visit {day}")));
}

#[tokio::test]
async fn a_long_answer_ends_after_the_twenty_nearest_and_says_so() {
    let world = World::new().await;
    let deltas = (1..=28).map(|day| {
        let day = format!("2026-02-{day:02}");
        upsert(&day, "1", on(&day, &format!("Visit {day}")))
    });
    world.receive(deltas.collect()).await;
    let Found { rows, more } = world.search("visit", now(), ZONE).await.unwrap();
    assert_eq!((rows.len(), more), (20, true));
    assert_eq!((rows[0].title.as_str(), rows[19].title.as_str()), ("Visit 2026-02-28", "Visit 2026-02-09"));
}

#[tokio::test]
async fn a_series_is_found_once_at_its_next_occurrence_and_its_exceptions_by_their_own_words() {
    let world = World::new().await;
    let moved = Fields::new("Retrospective", timed("2026-03-04T16:00:00Z", 15));
    let mut gone = cancelled(3);
    if let Delta::Upsert(all) = &mut gone {
        all.event.fields.title = "Stand-up".into();
    }
    let changed = Delta::Upsert(Box::new(exception(4, "1", moved)));
    world.receive(vec![upsert("s", "1", standup()), gone, changed]).await;
    let Found { rows, .. } = world.search("stand", now(), ZONE).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].time.start, super::world::at("2026-03-02T14:00:00Z"));
    assert!(rows[0].repeats);
    assert_eq!(found(&world, "retro").await, ["Retrospective"]);
}

#[tokio::test]
async fn an_edit_is_found_at_once_and_what_is_gone_or_hidden_is_not() {
    let world = World::new().await;
    world
        .receive(vec![
            upsert("a", "1", on("2026-03-03", "Visit")),
            upsert("b", "1", on("2026-03-04", "Call")),
        ])
        .await;
    let event = world.search("visit", now(), ZONE).await.unwrap().rows.remove(0).event;
    let fields = on("2026-03-03", "Assessment");
    let changed = vec![daymark_core::event::Field::Title];
    let cause = daymark_core::journal::Cause::You;
    world.stage(Edit::Change { event: event.clone(), fields, changed }, cause, now()).await.unwrap();
    assert_eq!((found(&world, "assess").await.len(), found(&world, "visit").await.len()), (1, 0));
    world.stage(Edit::Delete { event }, cause, now()).await.unwrap();
    assert_eq!(found(&world, "assess").await, [""; 0]);
    assert_eq!(found(&world, "call").await, ["Call"]);
    let hidden = Choice { shown: Some(false), ..Choice::default() };
    world.choose_calendar(world.calendar, hidden).await.unwrap();
    assert_eq!(found(&world, "call").await, [""; 0]);
}

#[tokio::test]
async fn the_words_of_an_account_go_with_it() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", on("2026-03-03", "Visit"))]).await;
    world.remove_account(world.account).await.unwrap();
    let words: i64 = sqlx::query_scalar("SELECT count(*) FROM event_words")
        .fetch_one(&mut *world.pool.read().await.unwrap())
        .await
        .unwrap();
    assert_eq!(words, 0);
}

#[tokio::test]
async fn whatever_a_provider_lists_as_people_the_event_is_kept() {
    let world = World::new().await;
    for people in [json!("everybody"), json!(["bob", 7, null]), json!({ "a": 1 }), json!([{ "email": 5 }])] {
        world.receive(vec![with("a", on("2026-03-03", "Visit"), people)]).await;
        assert_eq!(found(&world, "visit").await, ["Visit"]);
    }
}
