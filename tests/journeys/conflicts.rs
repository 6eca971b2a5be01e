//! Both sides change one thing: nobody's value is lost, the person decides, and both sides then agree.

use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::conflicts::{
    Conflict, ConflictChoice, ConflictField, ConflictKind, ResolveConflict, Said,
};
use daymark_engine::api::health::{CardCode, HealthState, Remedy};
use daymark_engine::api::schedule::{ChangeEvent, DeleteEvent, EventRef, Scope, Sending, Written};
use journeys::world::{WORK, World};
use serde_json::json;

use crate::support::{at_google, health, move_to, text, titled, wall, writes};

const CALL: &str = "suppliercall01";

async fn conflicts(world: &World) -> Vec<Conflict> {
    world.call(Call::Conflicts(())).await.unwrap()
}

async fn rename_here(world: &World, title: &str) -> EventRef {
    let event = titled(world, "Supplier call").await.remove(0).event;
    let change = ChangeEvent {
        event: event.clone(),
        title: Some(title.into()),
        location: None,
        description: None,
        when: None,
        free: None,
        scope: None,
        guests_confirmed: false,
    };
    let _: Written = world.call(Call::ChangeEvent(change)).await.unwrap();
    event
}

async fn answer(world: &World, conflict: &Conflict, choice: ConflictChoice) -> Written {
    let answer = ResolveConflict { conflict: conflict.id, version: Some(conflict.version), choice };
    world.call(Call::ResolveConflict(answer)).await.unwrap()
}

/// Both renamed the call before either saw the other's.
async fn both_renamed() -> World {
    let world = World::week().await.unwrap();
    rename_here(&world, "Supplier call, ours").await;
    world.sandbox.google().edit(WORK, WORK, CALL, json!({"summary": "Supplier call, theirs"})).unwrap();
    world.sync().await.unwrap();
    world
}

/// Nothing is left to decide or to send, and Google has the calls by these names.
async fn settles_with(world: &World, titles: &[&str]) {
    for _ in 0..3 {
        world.advance(TimeDelta::minutes(1));
        world.sync().await.unwrap();
    }
    assert!(conflicts(world).await.is_empty());
    let well = health(world).await;
    assert_eq!(well.waiting, 0);
    assert!(!well.cards.iter().any(|card| card.code == CardCode::Conflict));
    let mut there: Vec<String> =
        at_google(world, WORK, WORK, "Supplier call").iter().map(|event| text(event, "/summary")).collect();
    let mut here: Vec<String> =
        titled(world, "Supplier call").await.into_iter().map(|item| item.title).collect();
    there.sort();
    here.sort();
    assert_eq!((here.as_slice(), there.as_slice()), (there.as_slice(), titles.map_owned().as_slice()));
    let before = writes(world);
    world.sync().await.unwrap();
    assert_eq!(writes(world), before);
}

trait Owned {
    fn map_owned(&self) -> Vec<String>;
}

impl Owned for [&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

#[tokio::test]
async fn a_clash_is_a_card_with_both_sides_and_neither_is_sent_over() {
    let world = both_renamed().await;
    let open = conflicts(&world).await;
    assert_eq!(open.len(), 1);
    let conflict = &open[0];
    assert_eq!((conflict.kind, conflict.calendar_name.as_str()), (ConflictKind::BothChanged, "Northcare"));
    assert_eq!(conflict.account_address, WORK);
    assert_eq!(conflict.differences.len(), 1);
    let said = |text: &str| Said::Text { text: text.into() };
    let difference = &conflict.differences[0];
    assert_eq!(difference.field, ConflictField::Title);
    assert_eq!(difference.mine, said("Supplier call, ours"));
    assert_eq!(difference.theirs, said("Supplier call, theirs"));
    assert_eq!(conflict.mine.when.start, wall("2026-03-03T11:00:00"));
    assert!(conflict.theirs.changed_at.is_some() && !conflict.theirs.deleted);
    let item = titled(&world, "Supplier call").await.remove(0);
    assert_eq!((item.sending, item.conflict), (Sending::Waiting, Some(conflict.id)));
    let there = at_google(&world, WORK, WORK, "Supplier call").remove(0);
    assert_eq!(text(&there, "/summary"), "Supplier call, theirs");
    let sick = health(&world).await;
    let card = sick.cards.iter().find(|card| card.code == CardCode::Conflict).unwrap();
    assert_eq!(card.remedies, [Remedy::OpenConflict { conflict: conflict.id }]);
    assert_eq!(sick.state, HealthState::Attention, "tray and banner know");
}

#[tokio::test]
async fn mine_theirs_and_both_are_carried_out_at_google() {
    for (choice, titles) in [
        (ConflictChoice::Mine, vec!["Supplier call, ours"]),
        (ConflictChoice::Theirs, vec!["Supplier call, theirs"]),
        (ConflictChoice::Both, vec!["Supplier call, ours", "Supplier call, theirs"]),
    ] {
        let world = both_renamed().await;
        let conflict = conflicts(&world).await.remove(0);
        answer(&world, &conflict, choice).await;
        settles_with(&world, &titles).await;
    }
}

#[tokio::test]
async fn a_conflict_outlives_a_restart() {
    let mut world = both_renamed().await;
    world.restart().await.unwrap();
    assert_eq!(conflicts(&world).await.len(), 1);
    assert!(health(&world).await.cards.iter().any(|card| card.code == CardCode::Conflict));
}

#[tokio::test]
async fn an_answer_to_an_older_card_is_refused() {
    let world = both_renamed().await;
    let old = conflicts(&world).await.remove(0);
    world.sandbox.google().edit(WORK, WORK, CALL, json!({"summary": "Supplier call, again"})).unwrap();
    world.sync().await.unwrap();
    let stale =
        ResolveConflict { conflict: old.id, version: Some(old.version), choice: ConflictChoice::Mine };
    let refused = world.engine.call(Call::ResolveConflict(stale)).await.unwrap_err();
    assert_eq!(format!("{:?}", refused.code), "ConflictMoved");
    let fresh = conflicts(&world).await.remove(0);
    answer(&world, &fresh, ConflictChoice::Theirs).await;
    settles_with(&world, &["Supplier call, again"]).await;
}

#[tokio::test]
async fn a_delete_here_against_an_edit_there_asks() {
    for (choice, titles) in
        [(ConflictChoice::Mine, vec![]), (ConflictChoice::Theirs, vec!["Supplier call, theirs"])]
    {
        let world = World::week().await.unwrap();
        let event = titled(&world, "Supplier call").await.remove(0).event;
        let _: Written = world
            .call(Call::DeleteEvent(DeleteEvent { event, scope: None, guests_confirmed: false }))
            .await
            .unwrap();
        world.sandbox.google().edit(WORK, WORK, CALL, json!({"summary": "Supplier call, theirs"})).unwrap();
        world.advance(TimeDelta::seconds(10));
        world.sync().await.unwrap();
        let conflict = conflicts(&world).await.remove(0);
        assert_eq!((conflict.kind, conflict.mine.deleted), (ConflictKind::DeletedHere, true));
        assert_eq!(conflict.choices, [ConflictChoice::Mine, ConflictChoice::Theirs]);
        assert_eq!(at_google(&world, WORK, WORK, "Supplier call").len(), 1, "nothing is deleted unasked");
        answer(&world, &conflict, choice).await;
        settles_with(&world, &titles).await;
    }
}

/// The stand-up is deleted here as a whole while its Tuesday has another name there, which nobody has read yet.
async fn series_deleted_here() -> World {
    let world = World::week().await.unwrap();
    let event = titled(&world, "Team stand-up").await.remove(1).event;
    let master = at_google(&world, WORK, WORK, "Team stand-up")
        .into_iter()
        .find(|event| event.get("recurrence").is_some())
        .unwrap();
    let tuesday = format!("{}_20260303T140000Z", text(&master, "/id"));
    let renamed = json!({"summary": "Team stand-up, with Ana"});
    world.sandbox.google().edit(WORK, WORK, &tuesday, renamed).unwrap();
    let delete = DeleteEvent { event, scope: Some(Scope::All), guests_confirmed: false };
    let _: Written = world.call(Call::DeleteEvent(delete)).await.unwrap();
    world.advance(TimeDelta::seconds(10));
    // Sends without reading first.
    world.engine.push().await.unwrap();
    world
}

#[tokio::test]
async fn deleting_a_series_asks_when_one_of_its_occurrences_was_changed_there() {
    for choice in [ConflictChoice::Mine, ConflictChoice::Theirs] {
        let world = series_deleted_here().await;
        let conflict = conflicts(&world).await.remove(0);
        assert_eq!((conflict.kind, conflict.mine.deleted), (ConflictKind::DeletedHere, true));
        assert_eq!(conflict.theirs.title, "Team stand-up, with Ana");
        assert_eq!(conflict.theirs.when.start, wall("2026-03-03T09:00:00"));
        assert!(!at_google(&world, WORK, WORK, "Team stand-up").is_empty(), "nothing is deleted unasked");
        answer(&world, &conflict, choice).await;
        for _ in 0..3 {
            world.advance(TimeDelta::minutes(1));
            world.sync().await.unwrap();
        }
        assert!(conflicts(&world).await.is_empty());
        let titles: Vec<String> =
            titled(&world, "Team stand-up").await.into_iter().map(|item| item.title).collect();
        let kept = titles.iter().any(|title| title == "Team stand-up, with Ana");
        let there = !at_google(&world, WORK, WORK, "Team stand-up").is_empty();
        assert_eq!(
            (kept, there),
            (choice == ConflictChoice::Theirs, choice == ConflictChoice::Theirs),
            "{titles:?}"
        );
        let before = writes(&world);
        world.sync().await.unwrap();
        assert_eq!(writes(&world), before);
    }
}

#[tokio::test]
async fn an_edit_here_against_a_delete_there_asks() {
    for (choice, titles) in
        [(ConflictChoice::Mine, vec!["Supplier call, ours"]), (ConflictChoice::Theirs, vec![])]
    {
        let world = World::week().await.unwrap();
        rename_here(&world, "Supplier call, ours").await;
        world.sandbox.google().delete(WORK, WORK, CALL).unwrap();
        world.sync().await.unwrap();
        let conflict = conflicts(&world).await.remove(0);
        assert_eq!((conflict.kind, conflict.theirs.deleted), (ConflictKind::DeletedThere, true));
        assert_eq!(titled(&world, "Supplier call").await.len(), 1, "nothing of it goes unasked");
        answer(&world, &conflict, choice).await;
        settles_with(&world, &titles).await;
    }
}

#[tokio::test]
async fn an_occurrence_that_somebody_moved_meanwhile_is_not_written_over() {
    let world = World::week().await.unwrap();
    let tuesday = titled(&world, "Team stand-up").await.remove(1);
    assert_eq!(tuesday.start, wall("2026-03-03T09:00:00"));
    let master = at_google(&world, WORK, WORK, "Team stand-up")
        .into_iter()
        .find(|event| event.get("recurrence").is_some())
        .unwrap();
    let occurrence = format!("{}_20260303T140000Z", text(&master, "/id"));
    let moved = json!({
        "start": {"dateTime": "2026-03-03T12:00:00-05:00", "timeZone": "America/Toronto"},
        "end": {"dateTime": "2026-03-03T12:15:00-05:00", "timeZone": "America/Toronto"},
    });
    world.sandbox.google().edit(WORK, WORK, &occurrence, moved).unwrap();
    move_to(&world, &tuesday, "2026-03-03T10:15:00", "2026-03-03T10:30:00").await;
    world.engine.push().await.unwrap();
    let conflict = conflicts(&world).await.remove(0);
    assert_eq!(conflict.differences.len(), 1);
    assert_eq!(conflict.theirs.when.start, wall("2026-03-03T12:00:00"));
    answer(&world, &conflict, ConflictChoice::Both).await;
    world.advance(TimeDelta::minutes(1));
    world.sync().await.unwrap();
    let starts: Vec<_> = titled(&world, "Team stand-up").await.iter().map(|item| item.start).collect();
    for start in ["2026-03-03T10:15:00", "2026-03-03T12:00:00"] {
        assert!(starts.contains(&wall(start)), "{start} of {starts:?}");
    }
}
