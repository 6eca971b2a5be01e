//! Edits on their way out: staged, sent, answered, refused, taken back.

use daymark_core::event::{Field, Fields, Original, RemoteId};
use daymark_core::journal::{Action as Written, Cause, State};
use daymark_core::merge::Delta;

use super::hands::{stored, with_one};
use super::world::{
    World, cancelled, exception, fields, later, listed, now, snapshot, standup, standup_on, timed, upsert,
};
use crate::{Access, Action, Edit, EventRef, MirrorError, Outcome, Sending, Target};

#[tokio::test]
async fn an_edit_is_shown_at_once_and_is_done_when_it_is_answered() {
    let world = World::new().await;
    world.create("Visit").await;
    assert_eq!(world.week().await[0].sending, Sending::Waiting);
    assert_eq!(world.waiting_count().await.unwrap(), 1);
    let job = world.begin().await;
    assert_eq!(job.action, Action::Insert { derived_id: "d-Visit".into() });
    world.end(&job, stored("r1", "1", job.fields.clone())).await;
    assert_eq!(world.week().await[0].sending, Sending::Sent);
    assert_eq!(world.states().await, [State::Sent]);
    assert!(world.jobs().await.is_empty());
    // The pull brings the same again.
    assert!(!world.receive(vec![upsert("r1", "1", fields("Visit"))]).await.changed);
}

#[tokio::test]
async fn edits_that_follow_each_other_are_sent_as_one() {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Second").await;
    let moved = Fields { span: timed("2026-03-03T15:00:00Z", 60), ..fields("") };
    let edit = Edit::Change { event: event.clone(), fields: moved, changed: vec![Field::Span] };
    world.stage(edit, Cause::You, now()).await.unwrap();
    let job = world.job().await;
    let target = Target::Event(RemoteId("a".into()));
    let changed = vec![Field::Title, Field::Span];
    assert_eq!(job.action, Action::Patch { target, etag: Some("1".into()), changed });
    world.send("a", "2").await;
    assert_eq!(world.states().await, [State::Sent, State::Sent]);
}

#[tokio::test]
async fn a_newer_edit_makes_a_job_stale_before_it_is_sent_and_outlives_it_after() {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Second").await;
    let stale = world.job().await;
    world.retitle(&event, "Third").await;
    assert!(!world.started(&stale).await.unwrap());

    let third = world.begin().await;
    world.retitle(&event, "Fourth").await;
    world.end(&third, stored("a", "2", fields("Third"))).await;
    assert_eq!(world.titles().await, ["Fourth"]);
    let fourth = world.job().await;
    let target = Target::Event(RemoteId("a".into()));
    assert_eq!(fourth.action, Action::Patch { target, etag: Some("2".into()), changed: vec![Field::Title] });
    assert_eq!(world.states().await, [State::Sent, State::Sent, State::Waiting]);
}

#[tokio::test]
async fn what_the_provider_made_of_a_value_is_taken_over() {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "  Spaced  ").await;
    let job = world.begin().await;
    world.end(&job, stored("a", "2", fields("Spaced"))).await;
    assert_eq!(world.titles().await, ["Spaced"]);
    assert!(world.jobs().await.is_empty());
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_event() {
    let world = World::new().await;
    world.create("Visit").await;
    world.begin().await;
    // The answer is lost; a pull brings the event under the id that was asked for.
    world.receive(vec![upsert("d-Visit", "1", fields("Visit"))]).await;
    assert_eq!(world.titles().await, ["Visit"]);
    assert_eq!(world.states().await, [State::Sent]);
    assert!(world.jobs().await.is_empty());
}

#[tokio::test]
async fn an_event_that_the_pull_brought_under_another_id_is_one_with_its_insert() {
    let world = World::new().await;
    let staged = world.create("Visit").await;
    world.begin().await;
    world.receive(vec![upsert("other-id", "1", fields("Visit"))]).await;
    assert_eq!(world.week().await.len(), 2);
    // What is changed on the one is not lost with it.
    let twin = world.week().await.into_iter().find(|row| row.event != staged.event).unwrap().event;
    world.retitle(&twin, "Visit, ground floor").await;
    let insert =
        world.jobs().await.into_iter().find(|job| matches!(job.action, Action::Insert { .. })).unwrap();
    world.started(&insert).await.unwrap();
    world.end(&insert, stored("other-id", "1", fields("Visit"))).await;
    assert_eq!(world.titles().await, ["Visit, ground floor"]);
    assert_eq!(world.only().await, staged.event);
    world.send("other-id", "2").await;
    assert_eq!(world.titles().await, ["Visit, ground floor"]);
}

#[tokio::test]
async fn an_event_that_was_never_sent_leaves_nothing_when_it_is_deleted() {
    let world = World::new().await;
    let staged = world.create("Visit").await;
    world.delete(&staged.event).await;
    assert!(world.week().await.is_empty());
    assert!(world.jobs().await.is_empty());
    assert_eq!(world.waiting_count().await.unwrap(), 0);
}

#[tokio::test]
async fn an_insert_that_may_have_happened_is_repeated_before_it_is_deleted() {
    let world = World::new().await;
    let staged = world.create("Visit").await;
    world.begin().await;
    world.delete(&staged.event).await;
    assert!(world.week().await.is_empty());
    let insert = world.begin().await;
    assert_eq!(insert.action, Action::Recall { derived_id: "d-Visit".into() });
    world.end(&insert, stored("r1", "1", fields("Visit"))).await;
    assert!(world.week().await.is_empty());
    let delete = world.begin().await;
    let target = Target::Event(RemoteId("r1".into()));
    assert_eq!(delete.action, Action::Delete { target, etag: Some("1".into()) });
    world.end(&delete, Outcome::Deleted).await;
    assert_eq!(world.states().await, [State::Sent, State::Sent]);
    assert_eq!(world.waiting_count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_delete_is_held_back_so_that_its_undo_needs_no_network() {
    let (world, event) = with_one("Visit").await;
    let deleted = world.delete(&event).await;
    assert!(world.week().await.is_empty());
    assert!(world.due(world.account, later(5), 10).await.unwrap().is_empty());
    assert_eq!(world.due(world.account, later(6), 10).await.unwrap().len(), 1);
    let back = world.take_back(deleted.journal).await;
    assert_eq!(back.event, event);
    assert_eq!(world.titles().await, ["Visit"]);
    assert!(world.jobs().await.is_empty());
    assert_eq!(world.states().await, [State::Undone, State::Sent]);
}

#[tokio::test]
async fn an_edit_does_not_wait_for_a_clock_that_was_set_back() {
    const DAY_S: i64 = 24 * 60 * 60;
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Second").await;
    let yesterday = later(-DAY_S);
    let job = world.due(world.account, yesterday, 10).await.unwrap().remove(0);
    world.started(&job).await.unwrap();
    // From then on it waits by the clock as it is now.
    let outcome = Outcome::Later { not_before: later(30 - DAY_S), untouched: true };
    world.settle(&job, outcome, yesterday).await.unwrap();
    assert!(world.due(world.account, later(29 - DAY_S), 10).await.unwrap().is_empty());
    assert_eq!(world.due(world.account, later(30 - DAY_S), 10).await.unwrap().len(), 1);
    // Nor does one whose next try was planned before.
    let job = world.due(world.account, later(40 - DAY_S), 10).await.unwrap().remove(0);
    world.started(&job).await.unwrap();
    let outcome = Outcome::Later { not_before: later(60 - DAY_S), untouched: true };
    world.settle(&job, outcome, later(40 - DAY_S)).await.unwrap();
    assert_eq!(world.due(world.account, later(-2 * DAY_S), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_delete_that_was_sent_is_undone_by_making_the_event_anew() {
    let (world, event) = with_one("Visit").await;
    let deleted = world.delete(&event).await;
    let job = world.begin().await;
    world.end(&job, Outcome::Deleted).await;
    let back = world.take_back(deleted.journal).await;
    assert_eq!(world.titles().await, ["Visit"]);
    assert_eq!(world.job().await.action, Action::Insert { derived_id: "d-again".into() });
    // And the undo can be undone.
    world.take_back(back.journal).await;
    assert!(world.week().await.is_empty());
    assert!(world.jobs().await.is_empty());
}

#[tokio::test]
async fn a_deleted_series_comes_back_with_its_exceptions() {
    let world = World::new().await;
    let moved = Fields { span: timed("2026-03-04T16:00:00Z", 15), recurrence: vec![], ..standup() };
    let moved = Delta::Upsert(Box::new(exception(4, "1", moved)));
    world.receive(vec![upsert("s", "1", standup()), cancelled(3), moved]).await;
    let shown = world.starts().await;
    let series = EventRef { original: None, ..world.week().await[0].event.clone() };
    let deleted = world.delete(&series).await;
    assert!(world.week().await.is_empty());
    let job = world.begin().await;
    world.end(&job, Outcome::Deleted).await;
    world.take_back(deleted.journal).await;
    assert_eq!(world.starts().await, shown);
    // Its occurrences wait until the series exists.
    world.send("s2", "1").await;
    let mut targets: Vec<String> =
        world.jobs().await.into_iter().map(|job| format!("{:?}", job.action)).collect();
    targets.sort();
    assert!(targets[0].starts_with("Delete { target: Occurrence { master: RemoteId(\"s2\")"), "{targets:?}");
    assert!(targets[1].starts_with("Patch { target: Occurrence { master: RemoteId(\"s2\")"), "{targets:?}");
}

#[tokio::test]
async fn a_delete_taken_back_while_under_way_brings_the_event_back_as_a_new_one() {
    let (world, event) = with_one("Visit").await;
    let deleted = world.delete(&event).await;
    let job = world.begin().await;
    world.take_back(deleted.journal).await;
    assert_eq!(world.titles().await, ["Visit"]);
    world.end(&job, Outcome::Deleted).await;
    assert_eq!(world.titles().await, ["Visit"]);
    assert_eq!(world.job().await.action, Action::Insert { derived_id: "d-again".into() });
    world.send("d-again", "1").await;
    assert_eq!(world.only().await, event);
}

#[tokio::test]
async fn a_delete_taken_back_while_under_way_is_forgotten_when_it_did_not_happen() {
    let (world, event) = with_one("Visit").await;
    let deleted = world.delete(&event).await;
    let job = world.begin().await;
    world.take_back(deleted.journal).await;
    world.end(&job, Outcome::Later { not_before: later(3), untouched: true }).await;
    assert!(world.jobs().await.is_empty());
    assert_eq!(world.only().await, event);
}

#[tokio::test]
async fn a_delete_taken_back_with_an_unknown_outcome_is_looked_after() {
    for happened in [false, true] {
        let (world, event) = with_one("Visit").await;
        let deleted = world.delete(&event).await;
        let job = world.begin().await;
        world.take_back(deleted.journal).await;
        world.end(&job, Outcome::Later { not_before: later(3), untouched: false }).await;
        let check = world.begin().await;
        assert_eq!(check.action, Action::Check { target: Target::Event(RemoteId("a".into())) });
        let outcome = if happened { Outcome::Gone } else { stored("a", "1", fields("Visit")) };
        world.end(&check, outcome).await;
        assert_eq!(world.jobs().await.len(), usize::from(happened));
        assert_eq!(world.only().await, event);
    }
}

#[tokio::test]
async fn a_change_is_undone_only_when_nothing_newer_stands_on_it() {
    let (world, event) = with_one("Visit").await;
    let first = world.retitle(&event, "Second").await;
    world.send("a", "2").await;
    let third = world.retitle(&event, "Third").await;
    let refused = world.undo(first.journal, "x", later(2)).await;
    assert!(matches!(refused, Err(MirrorError::CannotUndo(_))), "{refused:?}");
    world.take_back(third.journal).await;
    assert_eq!(world.titles().await, ["Second"]);
    assert!(world.jobs().await.is_empty());
    world.take_back(first.journal).await;
    assert_eq!(world.titles().await, ["Visit"]);
    world.send("a", "3").await;
    let twice = world.undo(first.journal, "x", later(3)).await;
    assert!(matches!(twice, Err(MirrorError::CannotUndo(_))));
}

#[tokio::test]
async fn undoing_an_event_that_was_sent_deletes_it() {
    let world = World::new().await;
    let staged = world.create("Visit").await;
    world.send("r1", "1").await;
    world.take_back(staged.journal).await;
    assert!(world.week().await.is_empty());
    assert!(matches!(world.job().await.action, Action::Delete { .. }));
}

#[tokio::test]
async fn a_refused_edit_stays_visible_and_can_be_tried_again_or_undone() {
    let (world, event) = with_one("Visit").await;
    let staged = world.retitle(&event, "Second").await;
    let job = world.begin().await;
    world.end(&job, Outcome::Refused { reason: "not yours".into() }).await;
    assert_eq!(world.week().await[0].sending, Sending::Refused);
    assert!(world.jobs().await.is_empty());
    let failed = world.failed_edits().await.unwrap();
    assert_eq!((failed[0].reason.as_str(), failed[0].journal), ("not yours", Some(staged.journal)));

    assert!(world.retry(event.event, now()).await.unwrap());
    assert_eq!(world.states().await, [State::Waiting]);
    let job = world.begin().await;
    world.end(&job, Outcome::Refused { reason: "still not".into() }).await;
    world.take_back(staged.journal).await;
    assert_eq!(world.titles().await, ["Visit"]);
    assert_eq!(world.week().await[0].sending, Sending::Sent);
    assert!(world.failed_edits().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_write_that_may_have_happened_is_overwritten_when_it_is_taken_back() {
    let (world, event) = with_one("Visit").await;
    let staged = world.retitle(&event, "Second").await;
    let job = world.begin().await;
    world.end(&job, Outcome::Later { not_before: later(5), untouched: false }).await;
    world.take_back(staged.journal).await;
    let Action::Patch { changed, .. } = world.job().await.action else { panic!("not a patch") };
    assert_eq!(changed, vec![Field::Title]);
}

#[tokio::test]
async fn a_change_at_the_provider_is_merged_and_a_clash_is_held_and_kept_in_the_journal() {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Ours").await;
    let job = world.begin().await;
    let theirs = Fields { location: "Elm Street".into(), ..fields("Theirs") };
    world.end(&job, Outcome::Changed(Some(Box::new(snapshot("a", "2", theirs.clone()))))).await;
    let row = &world.week().await[0];
    assert_eq!((row.title.as_str(), row.location.as_str()), ("Ours", "Elm Street"));
    assert_eq!(row.sending, Sending::Held);
    assert!(world.jobs().await.is_empty());
    assert_eq!(world.journal(1, None).await.unwrap()[0].theirs, Some(theirs));
}

#[tokio::test]
async fn one_occurrence_is_changed_alone_and_keeps_its_name() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup())]).await;
    let wednesday = world.week().await[2].event.clone();
    assert_eq!(wednesday.original, Some(standup_on(4)));
    let moved = Fields { span: timed("2026-03-04T16:30:00Z", 15), ..fields("") };
    let edit = Edit::Change { event: wednesday.clone(), fields: moved, changed: vec![Field::Span] };
    let staged = world.stage(edit, Cause::You, now()).await.unwrap();
    assert_eq!(staged.event, wednesday);
    assert_eq!(world.starts().await[2], "Wed 11:30");
    let job = world.begin().await;
    let target = Target::Occurrence { master: RemoteId("s".into()), original: standup_on(4) };
    assert_eq!(job.action, Action::Patch { target, etag: None, changed: vec![Field::Span] });
    let made = exception(4, "2", job.fields.clone());
    world.end(&job, Outcome::Stored(Box::new(made.clone()))).await;
    assert!(!world.receive(vec![Delta::Upsert(Box::new(made))]).await.changed);
    assert_eq!(world.starts().await, ["Mon 09:00", "Tue 09:00", "Wed 11:30", "Thu 09:00", "Fri 09:00"]);
    assert_eq!(world.week().await[2].event, wednesday);
}

#[tokio::test]
async fn one_occurrence_is_deleted_and_its_series_stays() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup())]).await;
    let wednesday = world.week().await[2].event.clone();
    world.delete(&wednesday).await;
    assert_eq!(world.week().await.len(), 4);
    let job = world.begin().await;
    let target = Target::Occurrence { master: RemoteId("s".into()), original: standup_on(4) };
    assert_eq!(job.action, Action::Delete { target, etag: None });
    world.end(&job, Outcome::Deleted).await;
    assert_eq!(world.week().await.len(), 4);
    world.receive(vec![cancelled(4)]).await;
    assert_eq!(world.week().await.len(), 4);
    assert!(!world.receive(vec![cancelled(4)]).await.changed);
}

#[tokio::test]
async fn an_edit_of_an_occurrence_taken_back_leaves_no_exception() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup())]).await;
    let wednesday = world.week().await[2].event.clone();
    let staged = world.retitle(&wednesday, "Long stand-up").await;
    world.take_back(staged.journal).await;
    assert!(world.jobs().await.is_empty());
    assert_eq!(world.titles().await, ["Stand-up"; 5]);
    let deleted = world.delete(&wednesday).await;
    world.take_back(deleted.journal).await;
    assert_eq!(world.week().await.len(), 5);
    assert_eq!(world.waiting_count().await.unwrap(), 0);
}

#[tokio::test]
async fn an_occurrence_of_a_series_that_is_not_yet_there_waits_for_it() {
    let world = World::new().await;
    let edit = Edit::Create { calendar: world.calendar, fields: standup(), derived_id: "d1".into() };
    world.stage(edit, Cause::You, now()).await.unwrap();
    let tuesday = world.week().await[1].event.clone();
    world.retitle(&tuesday, "Retro").await;
    let job = world.begin().await;
    assert!(matches!(job.action, Action::Insert { .. }));
    world.end(&job, stored("s", "1", standup())).await;
    let job = world.begin().await;
    let target = Target::Occurrence { master: RemoteId("s".into()), original: standup_on(3) };
    assert_eq!(job.action, Action::Patch { target, etag: None, changed: vec![Field::Title] });
}

/// What became of a series of which one occurrence was renamed and one deleted here, while its insert had no answer;
/// there the first was moved and the second deleted too.
async fn met_by_a_series_that_it_made(arrives: Vec<Delta>) {
    let world = World::new().await;
    let edit = Edit::Create { calendar: world.calendar, fields: standup(), derived_id: "s".into() };
    world.stage(edit, Cause::You, now()).await.unwrap();
    world.begin().await;
    let [_, tuesday, wednesday, ..] = &world.week().await[..] else { panic!("no week") };
    world.retitle(&tuesday.event, "Retro").await;
    world.delete(&wednesday.event).await;
    world.receive(arrives).await;
    assert_eq!(world.starts().await, ["Mon 09:00", "Tue 11:00", "Thu 09:00", "Fri 09:00"]);
    assert_eq!(world.titles().await[1], "Retro");
    assert!(world.conflicts().await.unwrap().is_empty());
    let job = world.begin().await;
    assert!(matches!(&job.action, Action::Patch { changed, .. } if *changed == [Field::Title]), "{job:?}");
    world.end(&job, stored("s_3", "2", job.fields.clone())).await;
    assert!(world.jobs().await.is_empty());
}

#[tokio::test]
async fn an_occurrence_is_one_with_theirs_although_the_insert_of_its_series_was_never_answered() {
    let moved = Fields { span: timed("2026-03-03T16:00:00Z", 15), recurrence: vec![], ..standup() };
    let moved = exception(3, "1", moved);
    let one_by_one = vec![upsert("s", "1", standup()), Delta::Upsert(Box::new(moved.clone())), cancelled(4)];
    met_by_a_series_that_it_made(one_by_one).await;
    let master = Box::new(snapshot("s", "1", standup()));
    let whole = Delta::Series { master, exceptions: vec![moved], cancelled: vec![standup_on(4)] };
    met_by_a_series_that_it_made(vec![whole]).await;
}

#[tokio::test]
async fn a_calendar_that_cannot_be_written_takes_no_edit() {
    let (world, event) = with_one("Visit").await;
    world.store_calendars(world.account, &[listed("main", Access::Read)]).await.unwrap();
    assert!(!world.week().await[0].editable);
    let refused = world.stage(Edit::Delete { event: event.clone() }, Cause::You, now()).await;
    assert!(matches!(refused, Err(MirrorError::ReadOnly)));
    let backwards = Fields { span: timed("2026-03-02T15:00:00Z", -10), ..fields("") };
    world.store_calendars(world.account, &[listed("main", Access::Write)]).await.unwrap();
    let edit = Edit::Change { event, fields: backwards, changed: vec![Field::Span] };
    assert!(matches!(world.stage(edit, Cause::You, now()).await, Err(MirrorError::EndsBeforeStart)));
}

#[tokio::test]
async fn an_edit_waits_when_its_calendar_can_no_longer_be_written_and_is_named() {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Ours").await;
    world.store_calendars(world.account, &[listed("main", Access::Read)]).await.unwrap();
    assert!(world.jobs().await.is_empty());
    assert_eq!(world.failed_edits().await.unwrap().len(), 1);
    world.store_calendars(world.account, &[listed("main", Access::Write)]).await.unwrap();
    assert_eq!(world.jobs().await.len(), 1);
}

#[tokio::test]
async fn a_full_round_does_not_sweep_what_waits_or_was_sent_meanwhile() {
    let world = World::new().await;
    world.receive(vec![]).await;
    world.restart(world.calendar).await.unwrap();
    world.page(vec![], crate::Next::More("more".into())).await;
    world.create("Sent meanwhile").await;
    world.send("r1", "1").await;
    world.create("Waiting").await;
    let done = world.page(vec![], crate::Next::Done("done".into())).await;
    assert_eq!(done.removed, 0);
    assert_eq!(world.titles().await, ["Sent meanwhile", "Waiting"]);
}

#[tokio::test]
async fn an_edit_taken_back_does_not_leave_an_event_that_a_full_round_missed() {
    let (world, event) = with_one("Visit").await;
    let staged = world.retitle(&event, "Ours").await;
    world.restart(world.calendar).await.unwrap();
    world.receive(vec![]).await;
    assert_eq!(world.titles().await, ["Ours"]);
    world.take_back(staged.journal).await;
    assert!(world.week().await.is_empty());
    assert_eq!(world.states().await, [State::Undone, State::Overtaken]);
}

#[tokio::test]
async fn the_journal_is_read_page_by_page() {
    let (world, event) = with_one("Visit").await;
    for title in ["One", "Two", "Three"] {
        world.retitle(&event, title).await;
    }
    let newest = world.journal(2, None).await.unwrap();
    assert_eq!(newest.len(), 2);
    let oldest = world.journal(2, Some(newest[1].id)).await.unwrap();
    assert_eq!((oldest.len(), oldest[0].action, oldest[0].cause), (1, Written::Change, Cause::You));
    let images = (oldest[0].before.clone().unwrap(), oldest[0].after.clone().unwrap());
    assert_eq!((images.0.fields.title.as_str(), images.1.fields.title.as_str()), ("Visit", "One"));
}

#[tokio::test]
async fn an_unknown_event_or_occurrence_takes_no_edit() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup())]).await;
    let series = world.week().await[0].event.event;
    let sunday: Original = "2026-03-08T14:00:00Z".parse().unwrap();
    for (event, original) in [(99, None), (series, Some(sunday))] {
        let edit = Edit::Delete { event: EventRef { event, original } };
        assert!(world.stage(edit, Cause::You, now()).await.is_err());
    }
}

#[tokio::test]
async fn a_write_that_was_stored_although_the_server_said_it_failed_is_no_conflict() {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Ours").await;
    let job = world.begin().await;
    world.end(&job, Outcome::Later { not_before: later(5), untouched: false }).await;
    // The second try carries the old etag; what it meets is our own first one.
    let job = world.begin().await;
    world.end(&job, Outcome::Changed(Some(Box::new(snapshot("a", "2", fields("Ours")))))).await;
    assert!(world.conflicts().await.unwrap().is_empty());
    assert_eq!((world.titles().await, world.waiting_count().await.unwrap()), (vec!["Ours".to_owned()], 0));
    assert_eq!(world.states().await, [State::Sent]);
}
