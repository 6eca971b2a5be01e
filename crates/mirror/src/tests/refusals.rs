//! Writes that are refused for good, where more than one of them belongs to one edit.

use daymark_core::conflict::Choice;
use daymark_core::event::{Field, Fields};
use daymark_core::journal::{Cause, State};
use daymark_core::merge::Delta;

use super::hands::{stored, with_one};
use super::world::{World, exception, now, snapshot, standup, timed, upsert};
use crate::{Action, Edit, Extent, Job, Outcome, Staged, Stuck};

fn refused() -> Outcome {
    Outcome::Refused { reason: "not so".into() }
}

/// The stand-up, with its Thursday moved.
async fn with_a_series() -> World {
    let world = World::new().await;
    let moved = Fields { span: timed("2026-03-05T16:00:00Z", 15), recurrence: vec![], ..standup() };
    world.receive(vec![upsert("s", "1", standup()), Delta::Upsert(Box::new(exception(5, "1", moved)))]).await;
    world
}

/// An insert whose first answer was lost, and whose repetition is refused.
async fn with_a_doubtful_insert() -> (World, Staged) {
    let world = World::new().await;
    let staged = world.create("Visit").await;
    let job = world.begin().await;
    world.end(&job, Outcome::Later { not_before: now(), untouched: false }).await;
    refuses(&world).await;
    assert_eq!(world.failed_edits().await.unwrap()[0].why, Stuck::Refused);
    (world, staged)
}

#[tokio::test]
async fn a_refused_insert_that_may_stand_is_looked_for_when_it_is_given_up() {
    let (world, staged) = with_a_doubtful_insert().await;
    world.take_back(staged.journal).await;
    assert!(world.week().await.is_empty() && world.failed_edits().await.unwrap().is_empty());
    let recall = world.begin().await;
    assert_eq!(recall.action, Action::Recall { derived_id: "d-Visit".into() });
    world.end(&recall, stored("r1", "1", super::world::fields("Visit"))).await;
    let delete = world.begin().await;
    assert!(matches!(delete.action, Action::Delete { .. }), "what is there goes: {delete:?}");
    world.end(&delete, Outcome::Deleted).await;
    assert_eq!(world.waiting_count().await.unwrap(), 0);
    assert_eq!(world.states().await, [State::Undone, State::Sent]);
}

#[tokio::test]
async fn a_refused_insert_that_never_stood_leaves_nothing_when_it_is_given_up() {
    for by_undo in [true, false] {
        let (world, staged) = with_a_doubtful_insert().await;
        if by_undo {
            world.take_back(staged.journal).await;
        } else {
            world.delete(&staged.event).await;
        }
        let recall = world.begin().await;
        world.end(&recall, Outcome::Gone).await;
        assert_eq!((world.waiting_count().await.unwrap(), world.week().await.len()), (0, 0));
        assert_eq!(world.states().await, [State::Undone, State::Sent]);
    }
}

#[tokio::test]
async fn what_the_provider_does_not_say_of_an_insert_given_up_is_asked_again_or_wanted_again() {
    let (world, staged) = with_a_doubtful_insert().await;
    let given_up = world.take_back(staged.journal).await;
    refuses(&world).await;
    let failed = world.failed_edits().await.unwrap();
    assert_eq!((failed[0].why, failed[0].journal), (Stuck::Unknown, Some(given_up.journal)));
    assert!(world.retry(staged.event.event, now()).await.unwrap());
    assert!(matches!(world.job().await.action, Action::Recall { .. }));
    world.take_back(given_up.journal).await;
    assert_eq!(world.titles().await, ["Visit"]);
    assert!(matches!(world.job().await.action, Action::Insert { .. }));
}

#[tokio::test]
async fn an_insert_given_up_while_it_is_refused_for_the_first_time_is_asked_about_no_more() {
    let world = World::new().await;
    let staged = world.create("Visit").await;
    let job = world.begin().await;
    world.delete(&staged.event).await;
    world.end(&job, refused()).await;
    assert!(world.jobs().await.is_empty());
    assert_eq!(world.waiting_count().await.unwrap(), 0);
}

/// Renames it, from Wednesday on or as a whole.
async fn rename(world: &World, extent: Extent) -> Staged {
    let event = world.week().await[2].event.clone();
    let fields = Fields { title: "Later".into(), ..standup() };
    let changed = vec![Field::Title];
    let edit = Edit::ChangeSeries { event, extent, fields, changed, derived_id: "second".into() };
    world.stage(edit, Cause::You, now()).await.unwrap()
}

async fn refuses(world: &World) {
    let job = world.begin().await;
    world.end(&job, refused()).await;
}

async fn cut(world: &World) -> Job {
    let job = world.begin().await;
    assert!(matches!(job.action, Action::Patch { .. }), "{job:?}");
    world.end(&job, stored("s", "2", job.fields.clone())).await;
    job
}

#[tokio::test]
async fn the_second_half_of_a_series_waits_for_the_cut_and_goes_with_it() {
    let world = with_a_series().await;
    let before = world.titles().await;
    let staged = rename(&world, Extent::Following).await;
    refuses(&world).await;
    assert!(world.jobs().await.is_empty(), "nothing of the edit is sent");
    let failed = world.failed_edits().await.unwrap();
    assert_eq!(failed.len(), 1, "{failed:?}");
    world.take_back(failed[0].journal.unwrap()).await;
    assert_eq!(world.titles().await, before);
    assert_eq!(world.waiting_count().await.unwrap(), 0);
    assert_eq!(world.states().await[..2], [State::Undone; 2], "{staged:?}");
}

#[tokio::test]
async fn a_refused_second_half_is_taken_back_with_the_cut_which_is_written_first() {
    let world = with_a_series().await;
    let before = world.titles().await;
    rename(&world, Extent::Following).await;
    cut(&world).await;
    refuses(&world).await;
    let failed = world.failed_edits().await.unwrap();
    assert_eq!((failed.len(), failed[0].title.as_str()), (1, "Later"));
    world.take_back(failed[0].journal.unwrap()).await;
    assert_eq!(world.titles().await, before);
    let job = world.job().await;
    assert_eq!(job.fields.recurrence, standup().recurrence);
}

#[tokio::test]
async fn a_second_half_that_stands_goes_once_the_series_is_joined_again() {
    let world = with_a_series().await;
    let staged = rename(&world, Extent::Following).await;
    cut(&world).await;
    let insert = world.begin().await;
    world.end(&insert, stored("second", "1", insert.fields.clone())).await;
    let exception = world.begin().await;
    world.end(&exception, stored("e", "1", exception.fields.clone())).await;
    world.take_back(staged.journal).await;
    refuses(&world).await;
    assert!(world.jobs().await.is_empty(), "it is not deleted where the other half has not come back");
}

#[tokio::test]
async fn an_edit_of_a_whole_series_that_is_refused_leaves_its_exceptions_as_they_are() {
    let world = with_a_series().await;
    let before = world.titles().await;
    rename(&world, Extent::All).await;
    refuses(&world).await;
    assert!(world.jobs().await.is_empty(), "nor is a part of it sent");
    world.take_back(world.failed_edits().await.unwrap()[0].journal.unwrap()).await;
    assert_eq!((world.titles().await, world.waiting_count().await.unwrap()), (before, 0));
}

#[tokio::test]
async fn a_refused_name_of_a_series_is_taken_back_though_an_occurrence_was_deleted_since() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup())]).await;
    rename(&world, Extent::All).await;
    refuses(&world).await;
    let tuesday = world.week().await[1].event.clone();
    world.stage(Edit::Delete { event: tuesday }, Cause::You, now()).await.unwrap();
    world.take_back(world.failed_edits().await.unwrap()[0].journal.unwrap()).await;
    assert_eq!(world.titles().await, ["Stand-up"; 4]);
    let job = world.begin().await;
    assert!(matches!(job.action, Action::Delete { .. }), "the deleted one is all that is sent: {job:?}");
}

#[tokio::test]
async fn an_occurrence_that_is_refused_after_its_series_can_be_taken_back_by_itself() {
    let world = with_a_series().await;
    rename(&world, Extent::All).await;
    cut(&world).await;
    refuses(&world).await;
    let failed = world.failed_edits().await.unwrap();
    world.take_back(failed[0].journal.unwrap()).await;
    assert_eq!(world.titles().await, ["Later", "Later", "Later", "Stand-up", "Later"]);
    assert_eq!(world.waiting_count().await.unwrap(), 0);
}

#[tokio::test]
async fn what_waited_for_a_cut_goes_where_the_person_leaves_the_series_as_they_have_it() {
    let world = with_a_series().await;
    rename(&world, Extent::Following).await;
    let theirs = Fields { recurrence: vec!["RRULE:FREQ=DAILY".into()], ..standup() };
    world.receive(vec![upsert("s", "2", theirs)]).await;
    assert!(world.jobs().await.is_empty(), "both made another rule of it");
    world.choose(&world.dispute().await, Choice::Theirs).await;
    let titles = world.titles().await;
    assert!(titles.iter().all(|title| title == "Stand-up"), "{titles:?}");
}

#[tokio::test]
async fn a_provider_that_says_for_ever_that_an_event_changed_has_refused_it() {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Second").await;
    let unchanged = || Outcome::Changed(Some(Box::new(snapshot("a", "1", super::world::fields("Visit")))));
    for _ in 0..20 {
        let Some(job) = world.due(world.account, super::world::later(6_000), 10).await.unwrap().pop() else {
            break;
        };
        assert!(world.started(&job).await.unwrap());
        world.end(&job, unchanged()).await;
    }
    assert_eq!(world.failed_edits().await.unwrap().len(), 1);
    assert_eq!(world.titles().await, ["Second"]);
}
