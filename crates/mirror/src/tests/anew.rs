//! What an event that is made anew takes over.

use daymark_core::event::{Original, marks};
use daymark_core::journal::Cause;
use daymark_core::rest::{People, Rest};
use serde_json::json;

use super::hands::{stored, with_one};
use super::world::{World, fields, later, now, snapshot, standup, standup_on, upsert};
use crate::{Action, Edit, EventRef, Job, Outcome};

fn said(id: &str) -> serde_json::Value {
    json!({"id": id, "unmanaged": true})
}

async fn gone(world: &World) {
    let job = world.begin().await;
    world.end(&job, Outcome::Deleted).await;
}

fn rest(job: &Job) -> Rest {
    assert!(matches!(job.action, Action::Insert { .. }), "{job:?}");
    job.rest.clone().unwrap()
}

#[tokio::test]
async fn the_undo_of_a_sent_deletion_takes_over_what_the_provider_had_said() {
    let (world, event) = with_one("Visit").await;
    let deleted = world.delete(&event).await;
    assert!(world.meetings_of_undo(deleted.journal).await.unwrap().is_empty(), "it still waits");
    gone(&world).await;
    let asked = world.meetings_of_undo(deleted.journal).await.unwrap();
    assert_eq!(asked.iter().map(|it| &it.raw).collect::<Vec<_>>(), [&said("a")]);
    let again = world.take_back(deleted.journal).await;
    assert_eq!(world.heirs(&[again.event.event]).await.unwrap()[0].title, "Visit");
    let job = world.begin().await;
    assert_eq!(rest(&job), Rest::new(said("a"), People::ComeAlong));
    world.end(&job, stored("b", "1", job.fields.clone())).await;
    assert!(world.heirs(&[again.event.event]).await.unwrap().is_empty(), "the provider has it");
    let deleted = world.delete(&world.only().await).await;
    gone(&world).await;
    world.take_back(deleted.journal).await;
    assert_eq!(rest(&world.begin().await).raw, said("b"), "of the latest, not of the first");
}

#[tokio::test]
async fn what_never_reached_the_provider_again_still_knows_what_it_was_to_take_over() {
    let (world, event) = with_one("Visit").await;
    let deleted = world.delete(&event).await;
    gone(&world).await;
    let again = world.take_back(deleted.journal).await;
    let deleted = world.delete(&again.event).await;
    world.take_back(deleted.journal).await;
    assert_eq!(rest(&world.begin().await).raw, said("a"));
}

#[tokio::test]
async fn somebody_elses_meeting_is_known_as_theirs_and_no_guest_is_asked_about() {
    let world = World::new().await;
    let mut invitation = snapshot("a", "1", fields("Board"));
    invitation.event.organizer = false;
    world.receive(vec![daymark_core::merge::Delta::Upsert(Box::new(invitation))]).await;
    let deleted = world.delete(&world.only().await).await;
    gone(&world).await;
    assert!(world.meetings_of_undo(deleted.journal).await.unwrap().is_empty());
    world.take_back(deleted.journal).await;
    assert_eq!(rest(&world.begin().await).people, People::Theirs);
}

#[tokio::test]
async fn an_occurrence_takes_over_what_was_said_of_its_series() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup())]).await;
    let days = world.week().await;
    let deleted = world.delete(&days[1].event).await;
    gone(&world).await;
    world.take_back(deleted.journal).await;
    let original: Option<Original> = Some(standup_on(3));
    assert_eq!(rest(&world.begin().await), Rest { original, ..Rest::new(said("s"), People::ComeAlong) });
}

#[tokio::test]
async fn an_event_that_was_deleted_there_and_is_wanted_here_leaves_its_guests_out_unasked() {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Mine").await;
    world.receive(vec![daymark_core::merge::Delta::Removed(daymark_core::event::RemoteId("a".into()))]).await;
    let open = world.conflicts().await.unwrap().remove(0);
    let decision = crate::Decision {
        conflict: open.id,
        version: None,
        choice: daymark_core::conflict::Choice::Mine,
        new_derived_id: "d-mine".into(),
    };
    world.resolve(decision, later(1)).await.unwrap();
    assert_eq!(rest(&world.begin().await), Rest::new(said("a"), People::Unasked));
}

#[tokio::test]
async fn a_copy_of_a_busy_time_takes_over_nothing() {
    let world = World::new().await;
    let mut copy = fields("Busy");
    copy.marks.insert(marks::BLOCK.into(), "x".into());
    world.receive(vec![upsert("a", "1", copy)]).await;
    let event: EventRef = world.only().await;
    let deleted = world.stage(Edit::Delete { event }, Cause::You, now()).await.unwrap();
    gone(&world).await;
    world.take_back(deleted.journal).await;
    assert_eq!(world.begin().await.rest, None);
}
