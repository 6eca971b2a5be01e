//! A series that is deleted or cut here while somebody changes one of its occurrences there: the person is asked.

use daymark_engine::api::Call;
use daymark_engine::api::conflicts::{Conflict, ConflictChoice, ConflictKind, ResolveConflict};
use daymark_engine::api::schedule::{DeleteEvent, Scope, Written};
use journeys::world::World;

use crate::machine::places::{PLACES, Place, SEED, Shape};
use crate::round::{Edit, Play};
use crate::support::{items, wall};

/// Behind the cut, and as the rule gives it.
const RENAMED: &str = "2026-04-06T09:00:00";

/// The series was deleted as far as `scope` says, and nobody has read yet what became of it there.
async fn deleted(place: Place, scope: Scope) -> Play {
    let play = Play::begin(place).await;
    play.edit(scope, Edit::Delete).await;
    let all = place.seen(&play.world).await;
    let renamed = all.iter().find(|it| it.start == wall(RENAMED)).unwrap();
    let shape = Shape { title: Some("Theirs".into()), ..Shape::default() };
    assert!(place.edit(&play.world, renamed, false, &shape));
    play
}

async fn decide(play: &Play, scope: Scope, choice: ConflictChoice) {
    let conflicts: Vec<Conflict> = play.world.call(Call::Conflicts(())).await.unwrap();
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    let kind = if scope == Scope::All { ConflictKind::DeletedHere } else { ConflictKind::CutHere };
    assert_eq!((conflicts[0].kind, &*conflicts[0].theirs.title), (kind, "Theirs"));
    let answer = ResolveConflict { conflict: conflicts[0].id, version: Some(conflicts[0].version), choice };
    let _: Written = play.world.call(Call::ResolveConflict(answer)).await.unwrap();
    play.runs().await;
}

#[tokio::test]
async fn what_was_changed_there_is_not_deleted_unasked_with_its_series_or_the_rest_of_it() {
    for place in PLACES {
        for scope in [Scope::Following, Scope::All] {
            let play = deleted(place, scope).await;
            let before = play.there().await;
            play.runs().await;
            assert_eq!(play.there().await, before, "{place:?} {scope:?}: nothing is deleted unasked");
            decide(&play, scope, ConflictChoice::Theirs).await;
            play.rests_as(&before).await;
        }
    }
}

#[tokio::test]
async fn what_was_changed_there_goes_where_the_person_says_so() {
    for place in PLACES {
        for (scope, left) in [(Scope::Following, 2), (Scope::All, 0)] {
            let play = deleted(place, scope).await;
            let before = play.there().await;
            play.runs().await;
            decide(&play, scope, ConflictChoice::Mine).await;
            play.rests_as(&before[..left].to_vec()).await;
        }
    }
}

/// Somebody is invited to two occurrences of a series, and never to all of it.
const ALONE: &str = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//There//EN\n\
    BEGIN:VEVENT\nUID:alone\nDTSTAMP:20260101T000000Z\nSUMMARY:First\nRECURRENCE-ID:20260309T130000Z\n\
    DTSTART:20260309T130000Z\nDTEND:20260309T140000Z\nEND:VEVENT\n\
    BEGIN:VEVENT\nUID:alone\nDTSTAMP:20260101T000000Z\nSUMMARY:Second\nRECURRENCE-ID:20260316T130000Z\n\
    DTSTART:20260316T130000Z\nDTEND:20260316T140000Z\nEND:VEVENT\nEND:VCALENDAR\n";

#[tokio::test]
async fn of_single_occurrences_without_a_series_only_the_one_that_is_meant_is_deleted() {
    for (first, second) in [("First", "Second"), ("Second", "First")] {
        let world = World::build().seed(SEED).without_relay().start().await.unwrap();
        let text = ALONE.replace('\n', "\r\n");
        world.sandbox.caldav().put("kit@caldav.example", "coral", "alone.ics", &text);
        Place::Coral.connect(&world).await;
        world.introduce().await.unwrap();
        world.sync().await.unwrap();
        delete(&world, first).await;
        let left = world.sandbox.caldav().text("kit@caldav.example", "coral", "alone.ics").unwrap();
        assert!(left.contains(second) && !left.contains(first), "{left}");
        let shown = items(&world, "2026-03-01", "2026-04-01").await;
        assert_eq!(shown.iter().map(|it| &*it.title).collect::<Vec<_>>(), [second]);
        delete(&world, second).await;
        assert!(world.sandbox.caldav().all("kit@caldav.example", "coral").is_empty());
    }
}

async fn delete(world: &World, title: &str) {
    let all = items(world, "2026-03-01", "2026-04-01").await;
    let event = all.into_iter().find(|it| it.title == title).unwrap().event;
    let _: Written = world
        .call(Call::DeleteEvent(DeleteEvent { event, scope: None, guests_confirmed: false }))
        .await
        .unwrap();
    for _ in 0..2 {
        world.advance(chrono::TimeDelta::minutes(20));
        world.sync().await.unwrap();
    }
}
