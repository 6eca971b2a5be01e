//! A series that is deleted here while somebody changes one of its occurrences there.

use daymark_core::conflict::{Choice, Kind};
use daymark_core::event::{Field, Fields, RemoteId};
use daymark_core::journal::Cause;
use daymark_core::merge::Delta;

use super::world::{World, ZONE, cancelled, exception, fields, now, standup, timed, upsert, week};
use crate::{Action, Edit, Extent, Outcome, Staged};

/// The stand-up was deleted here as a whole, and its Wednesday renamed there.
async fn series_deleted_here() -> (World, Staged) {
    let world = World::new().await;
    let moved = Fields { span: timed("2026-03-05T16:00:00Z", 15), recurrence: vec![], ..standup() };
    let moved = Delta::Upsert(Box::new(exception(5, "1", moved)));
    world.receive(vec![upsert("s", "1", standup()), moved]).await;
    let event = world.week().await[0].event.clone();
    let delete = Edit::DeleteSeries { event, extent: Extent::All };
    let deleted = world.stage(delete, Cause::You, now()).await.unwrap();
    let applied = world.receive(vec![wednesday("2", "Theirs")]).await;
    assert_eq!(applied.asked, 1);
    (world, deleted)
}

fn wednesday(etag: &str, title: &str) -> Delta {
    let span = timed("2026-03-04T14:00:00Z", 15);
    Delta::Upsert(Box::new(exception(4, etag, Fields { span, ..fields(title) })))
}

#[tokio::test]
async fn deleting_a_series_asks_when_one_of_its_occurrences_was_changed_there() {
    let (world, _) = series_deleted_here().await;
    let dispute = world.dispute().await;
    assert_eq!((dispute.kind, dispute.fields.as_slice()), (Kind::DeletedHere, [Field::Title].as_slice()));
    assert_eq!(dispute.event.original, None, "the series is in question");
    assert_eq!((dispute.mine.title.as_str(), dispute.theirs.unwrap().title.as_str()), ("Stand-up", "Theirs"));
    assert!(world.jobs().await.is_empty());
    // Nor does anything else of the series that comes in decide it.
    world.receive(vec![upsert("s", "2", standup())]).await;
    assert!(world.jobs().await.is_empty());
    let dispute = world.dispute().await;
    world.choose(&dispute, Choice::Mine).await;
    world.receive(vec![upsert("s", "3", standup())]).await;
    let job = world.begin().await;
    assert!(matches!(job.action, Action::Delete { .. }));
    world.end(&job, Outcome::Deleted).await;
    assert!(world.week().await.is_empty());
    world.is_quiet().await;
    let before = world.journal(1, None).await.unwrap().remove(0).before.unwrap();
    assert_eq!(before.exceptions.len(), 2, "what was deleted can come back as it was");
}

#[tokio::test]
async fn keeping_a_series_that_was_deleted_here_shows_what_they_made_of_its_occurrence() {
    let (world, _) = series_deleted_here().await;
    world.choose(&world.dispute().await, Choice::Theirs).await;
    assert_eq!(world.titles().await, ["Stand-up", "Stand-up", "Theirs", "Stand-up", "Stand-up"]);
    assert!(world.jobs().await.is_empty());
    world.is_quiet().await;
}

#[tokio::test]
async fn a_deleted_series_follows_what_becomes_of_its_occurrence() {
    let (world, _) = series_deleted_here().await;
    let old = world.dispute().await;
    world.receive(vec![wednesday("3", "Theirs, again")]).await;
    let newer = world.dispute().await;
    assert!(newer.version > old.version && newer.theirs.unwrap().title == "Theirs, again");
    // They take it back: nothing is left to decide.
    world.receive(vec![wednesday("4", "Stand-up")]).await;
    assert!(world.conflicts().await.unwrap().is_empty());
    assert!(matches!(world.job().await.action, Action::Delete { .. }));
}

#[tokio::test]
async fn a_deleted_series_comes_back_with_their_occurrence_when_the_delete_is_undone() {
    let (world, deleted) = series_deleted_here().await;
    world.take_back(deleted.journal).await;
    assert_eq!(world.titles().await[2], "Theirs");
    world.is_quiet().await;
}

#[tokio::test]
async fn deleting_a_series_does_not_ask_about_what_the_person_has_seen() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup()), wednesday("1", "Theirs")]).await;
    let event = world.week().await[0].event.clone();
    world.stage(Edit::DeleteSeries { event, extent: Extent::All }, Cause::You, now()).await.unwrap();
    // Its etag moved and nothing that Daymark shows, another one is cancelled, and all is read anew.
    world.receive(vec![wednesday("2", "Theirs"), cancelled(6)]).await;
    world.restart(world.calendar).await.unwrap();
    world.receive(vec![upsert("s", "1", standup()), wednesday("2", "Theirs"), cancelled(6)]).await;
    assert!(world.conflicts().await.unwrap().is_empty());
    assert!(matches!(world.job().await.action, Action::Delete { .. }));
}

#[tokio::test]
async fn a_deleted_series_in_dispute_takes_all_its_times_until_the_person_decides() {
    let (world, _) = series_deleted_here().await;
    // Five days, and the Thursday's visit where it was moved to as well.
    assert_eq!(world.busy(week(), ZONE).await.unwrap().taken.len(), 6);
    world.choose(&world.dispute().await, Choice::Mine).await;
    assert!(world.busy(week(), ZONE).await.unwrap().taken.is_empty());
}

/// From Tuesday on it was deleted here, and its Wednesday renamed there; its Thursday was moved before that.
async fn rest_deleted_here() -> World {
    let world = World::new().await;
    let moved = Fields { span: timed("2026-03-05T16:00:00Z", 15), recurrence: vec![], ..standup() };
    let moved = Delta::Upsert(Box::new(exception(5, "1", moved)));
    world.receive(vec![upsert("s", "1", standup()), moved]).await;
    let event = world.week().await[1].event.clone();
    let delete = Edit::DeleteSeries { event, extent: Extent::Following };
    world.stage(delete, Cause::You, now()).await.unwrap();
    assert_eq!(world.receive(vec![wednesday("2", "Theirs")]).await.asked, 1);
    world
}

#[tokio::test]
async fn deleting_this_and_following_asks_when_an_occurrence_behind_the_cut_was_changed_there() {
    let world = rest_deleted_here().await;
    let dispute = world.dispute().await;
    assert_eq!((dispute.kind, dispute.fields.as_slice()), (Kind::DeletedHere, [Field::Title].as_slice()));
    assert!(dispute.cut, "what stands before the cut stays");
    assert_eq!((dispute.mine.title.as_str(), dispute.theirs.unwrap().title.as_str()), ("Stand-up", "Theirs"));
    assert!(world.jobs().await.is_empty());
    world.receive(vec![upsert("s", "2", standup())]).await;
    world.choose(&world.dispute().await, Choice::Mine).await;
    world.receive(vec![upsert("s", "3", standup())]).await;
    let job = world.begin().await;
    assert!(matches!(job.action, Action::Patch { .. }));
    world.end(&job, super::hands::stored("s", "4", job.fields.clone())).await;
    assert_eq!(world.titles().await, ["Stand-up"]);
    world.is_quiet().await;
}

#[tokio::test]
async fn a_series_that_is_cut_here_and_deleted_there_is_asked_about_until_the_person_decides() {
    for (choice, left) in [(Choice::Mine, &["Stand-up"][..]), (Choice::Theirs, &[])] {
        let world = World::new().await;
        world.receive(vec![upsert("s", "1", standup())]).await;
        let event = world.week().await[1].event.clone();
        let delete = Edit::DeleteSeries { event, extent: Extent::Following };
        world.stage(delete, Cause::You, now()).await.unwrap();
        assert_eq!(world.receive(vec![Delta::Removed(RemoteId("s".into()))]).await.asked, 1);
        world.receive(vec![upsert("other", "1", fields("Visit"))]).await;
        let dispute = world.dispute().await;
        assert_eq!((dispute.kind, dispute.theirs.clone()), (Kind::DeletedThere, None));
        assert!(world.jobs().await.is_empty(), "there is nothing to cut");
        world.choose(&dispute, choice).await;
        world.receive(vec![Delta::Removed(RemoteId("other".into()))]).await;
        assert_eq!(world.titles().await, left);
        if choice == Choice::Mine {
            world.send("s-new", "1").await;
        }
        world.is_quiet().await;
    }
}

#[tokio::test]
async fn keeping_the_rest_of_a_series_brings_all_of_its_occurrences_back() {
    let world = rest_deleted_here().await;
    world.choose(&world.dispute().await, Choice::Theirs).await;
    assert_eq!(world.titles().await, ["Stand-up", "Stand-up", "Theirs", "Stand-up", "Stand-up"]);
    assert_eq!(world.starts().await[3], "Thu 11:00");
    assert!(world.jobs().await.is_empty());
    world.is_quiet().await;
}

#[tokio::test]
async fn an_occurrence_that_was_known_before_the_cut_asks_once_when_it_is_changed_there() {
    let world = rest_deleted_here().await;
    world.receive(vec![wednesday("3", "Stand-up")]).await;
    let moved = Fields { title: "Theirs".into(), span: timed("2026-03-05T16:00:00Z", 15), ..fields("") };
    world.receive(vec![Delta::Upsert(Box::new(exception(5, "2", moved)))]).await;
    assert_eq!(world.dispute().await.event.original, None, "the series is in question");
    world.choose(&world.dispute().await, Choice::Theirs).await;
    assert_eq!(world.titles().await, ["Stand-up", "Stand-up", "Stand-up", "Theirs", "Stand-up"]);
    world.is_quiet().await;
}
