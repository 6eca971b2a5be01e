//! The schedule: edits on both sides, series, and undo.

use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::details::Answer;
use daymark_engine::api::journal::Undo;
use daymark_engine::api::schedule::{
    ChangeEvent, DeleteEvent, EventDetail, EventSearch, FoundEvents, Sending, When, Written,
};
use journeys::world::{WORK, World};
use serde_json::json;

use crate::support::{at_google, calendar, create, google_start, move_to, text, titled, wall, writes};

#[tokio::test]
async fn an_event_moved_in_google_moves_on_screen() {
    let world = World::week().await.unwrap();
    let before = titled(&world, "Supplier call").await;
    assert_eq!(before[0].start, wall("2026-03-03T11:00:00"));
    let moved = json!({
        "start": { "dateTime": "2026-03-03T13:30:00-05:00", "timeZone": "America/Toronto" },
        "end": { "dateTime": "2026-03-03T14:30:00-05:00", "timeZone": "America/Toronto" },
    });
    world.sandbox.google().edit(WORK, WORK, "suppliercall01", moved).unwrap();
    world.sync().await.unwrap();
    let after = titled(&world, "Supplier call").await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].start, wall("2026-03-03T13:30:00"));
}

#[tokio::test]
async fn a_series_shows_its_moved_and_not_its_cancelled_occurrence() {
    let world = World::week().await.unwrap();
    let standups = titled(&world, "Team stand-up").await;
    let starts: Vec<_> = standups.iter().map(|item| item.start).collect();
    let expected =
        ["2026-03-02T09:00:00", "2026-03-03T09:00:00", "2026-03-04T09:00:00", "2026-03-06T09:30:00"];
    assert_eq!(starts, expected.map(wall));
    assert!(standups.iter().all(|item| item.repeats));
}

#[tokio::test]
async fn a_move_is_on_screen_at_once_and_then_in_google() {
    let world = World::week().await.unwrap();
    let item = titled(&world, "Supplier call").await.remove(0);
    move_to(&world, &item, "2026-03-03T15:00:00", "2026-03-03T16:00:00").await;
    let shown = titled(&world, "Supplier call").await.remove(0);
    assert_eq!((shown.start, shown.sending), (wall("2026-03-03T15:00:00"), Sending::Waiting));
    world.sync().await.unwrap();
    let there = at_google(&world, WORK, WORK, "Supplier call").remove(0);
    assert_eq!(google_start(&there).to_rfc3339(), "2026-03-03T20:00:00+00:00");
    assert_eq!(text(&there, "/status"), "tentative", "what the edit did not touch is carried over");
    assert_eq!(titled(&world, "Supplier call").await.remove(0).sending, Sending::Sent);
}

#[tokio::test]
async fn moving_one_occurrence_leaves_its_series_alone() {
    let world = World::week().await.unwrap();
    let tuesday = titled(&world, "Team stand-up").await.remove(1);
    let when = When { start: wall("2026-03-03T10:15:00"), end: wall("2026-03-03T10:30:00"), all_day: false };
    let change = ChangeEvent {
        event: tuesday.event,
        title: None,
        location: None,
        description: None,
        when: Some(when),
        free: None,
        scope: None,
        guests_confirmed: false,
    };
    let _: Written = world.call(Call::ChangeEvent(change)).await.unwrap();
    world.sync().await.unwrap();
    world.sync().await.unwrap();
    let starts: Vec<_> = titled(&world, "Team stand-up").await.iter().map(|item| item.start).collect();
    let expected =
        ["2026-03-02T09:00:00", "2026-03-03T10:15:00", "2026-03-04T09:00:00", "2026-03-06T09:30:00"];
    assert_eq!(starts, expected.map(wall));
}

#[tokio::test]
async fn a_created_event_is_one_event_at_google_and_its_undo_removes_it() {
    let world = World::week().await.unwrap();
    let northcare = calendar(&world, "Northcare").await;
    let written =
        create(&world, northcare, "Ramp inspection", "2026-03-05T10:00:00", "2026-03-05T11:00:00").await;
    world.sync().await.unwrap();
    assert_eq!(at_google(&world, WORK, WORK, "Ramp inspection").len(), 1);
    let _: Written =
        world.call(Call::Undo(Undo { journal: written.journal, guests_confirmed: false })).await.unwrap();
    assert!(titled(&world, "Ramp inspection").await.is_empty());
    world.advance(TimeDelta::seconds(10));
    world.sync().await.unwrap();
    assert!(at_google(&world, WORK, WORK, "Ramp inspection").is_empty());
}

#[tokio::test]
async fn a_delete_taken_back_in_time_never_reaches_google() {
    let world = World::week().await.unwrap();
    let item = titled(&world, "Supplier call").await.remove(0);
    let before = writes(&world);
    let written: Written = world
        .call(Call::DeleteEvent(DeleteEvent { event: item.event, scope: None, guests_confirmed: false }))
        .await
        .unwrap();
    assert!(titled(&world, "Supplier call").await.is_empty());
    world.sync().await.unwrap();
    let _: Written =
        world.call(Call::Undo(Undo { journal: written.journal, guests_confirmed: false })).await.unwrap();
    world.advance(TimeDelta::minutes(1));
    world.sync().await.unwrap();
    assert_eq!(titled(&world, "Supplier call").await.len(), 1);
    assert_eq!(writes(&world), before);
}

#[tokio::test]
async fn edits_made_offline_wait_and_then_arrive() {
    let mut world = World::week().await.unwrap();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Made in a tunnel", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.restart().await.unwrap();
    assert_eq!(titled(&world, "Made in a tunnel").await.remove(0).sending, Sending::Waiting);
    world.sync().await.unwrap();
    assert_eq!(at_google(&world, WORK, WORK, "Made in a tunnel").len(), 1);
}

#[tokio::test]
async fn edits_of_different_fields_on_both_sides_meet() {
    let world = World::week().await.unwrap();
    let item = titled(&world, "Supplier call").await.remove(0);
    let change = ChangeEvent {
        event: item.event,
        title: Some("Supplier call, new parts".into()),
        location: None,
        description: None,
        when: None,
        free: None,
        scope: None,
        guests_confirmed: false,
    };
    let _: Written = world.call(Call::ChangeEvent(change)).await.unwrap();
    world.sandbox.google().edit(WORK, WORK, "suppliercall01", json!({ "location": "Depot 4" })).unwrap();
    world.sync().await.unwrap();
    world.advance(TimeDelta::minutes(1));
    world.sync().await.unwrap();
    let there = at_google(&world, WORK, WORK, "Supplier call").remove(0);
    assert_eq!(text(&there, "/summary"), "Supplier call, new parts");
    assert_eq!(text(&there, "/location"), "Depot 4");
    assert_eq!(titled(&world, "new parts").await.remove(0).location, "Depot 4");
}

#[tokio::test]
async fn attendees_their_answers_and_the_meeting_are_shown_and_survive_an_edit_without_a_mail() {
    let world = World::week().await.unwrap();
    let invited = json!({
        "attendees": [
            { "email": WORK, "organizer": true, "self": true, "responseStatus": "accepted" },
            { "email": "jonas@liftworks.example", "displayName": "Jonas", "responseStatus": "declined" },
        ],
        "hangoutLink": "https://meet.example/abc",
        "attachments": [{ "title": "Order form", "fileUrl": "https://drive.example/file/1" }],
    });
    world.sandbox.google().edit(WORK, WORK, "suppliercall01", invited).unwrap();
    world.sync().await.unwrap();
    let item = titled(&world, "Supplier call").await.remove(0);
    let detail: EventDetail = world.call(Call::Event(item.event.clone())).await.unwrap();
    let answers: Vec<_> =
        detail.details.attendees.iter().map(|it| (it.address.as_str(), it.answer)).collect();
    assert_eq!(answers, [(WORK, Answer::Accepted), ("jonas@liftworks.example", Answer::Declined)]);
    assert_eq!(detail.details.attachments.len(), 1);

    let mails = world.sandbox.control().mail().len();
    let change = ChangeEvent {
        event: item.event,
        title: Some("Supplier call, ramps".into()),
        location: None,
        description: None,
        when: None,
        free: None,
        scope: None,
        guests_confirmed: true,
    };
    let _: Written = world.call(Call::ChangeEvent(change)).await.unwrap();
    world.sync().await.unwrap();
    let there = at_google(&world, WORK, WORK, "Supplier call, ramps").remove(0);
    assert_eq!(there["attendees"].as_array().map(Vec::len), Some(2), "nobody was left out by the edit");
    assert_eq!(there["attachments"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.sandbox.control().mail().len(), mails, "nobody was mailed");
}

#[tokio::test]
async fn events_of_all_accounts_are_found_by_their_words_nearest_first() {
    let world = World::week().await.unwrap();
    let invited = json!({ "summary": "Repairs, plan",
        "start": { "dateTime": "2026-04-03T11:00:00-04:00" }, "end": { "dateTime": "2026-04-03T12:00:00-04:00" },
        "attendees": [{ "email": "jonas@liftworks.example", "displayName": "Jonas Wéber" }] });
    world.sandbox.google().insert(WORK, WORK, invited).unwrap();
    world.sync().await.unwrap();
    for (text, expected) in [
        ("chen", vec!["Wheelchair review, M. Chen"]),
        ("university", vec!["Clinic desk"]),
        ("REPAIR", vec!["Repairs at the depot", "Repairs, plan"]),
        ("weber", vec!["Repairs, plan"]),
        ("nobody", vec![]),
    ] {
        let search = EventSearch { text: text.into() };
        let found: FoundEvents = world.call(Call::SearchEvents(search)).await.unwrap();
        assert_eq!(found.items.iter().map(|it| it.title.as_str()).collect::<Vec<_>>(), expected, "{text}");
        assert!(!found.more);
    }
}

#[tokio::test]
async fn a_visit_is_what_has_a_place_to_go_to() {
    let world = World::week().await.unwrap();
    let visits: Vec<_> =
        titled(&world, "").await.into_iter().filter(|it| it.visit).map(|it| it.title).collect();
    for (title, is_visit) in
        [("Wheelchair review, M. Chen", true), ("Dentist", true), ("Supplier call: ramp parts", false)]
    {
        assert_eq!(visits.iter().any(|visit| visit == title), is_visit, "{title}");
    }
    assert!(!visits.iter().any(|title| title.starts_with("Team stand-up")), "{visits:?}");
}
