//! What only the person can decide: found, kept up to date, decided, and never lost.

use daymark_core::conflict::{Choice, Kind};
use daymark_core::event::{Field, Fields, RemoteId, SeriesRef};
use daymark_core::journal::{Action as Written, Cause, State};
use daymark_core::merge::Delta;
use serde_json::json;

use super::hands::{stored, with_one};
use super::world::{
    World, ZONE, cancelled, exception, fields, later, now, snapshot, standup, standup_on, timed, upsert, week,
};
use crate::{
    Action, Decision, Dispute, Edit, EventRef, Extent, MirrorError, Next, Outcome, Sending, Staged, Target,
};

impl World {
    pub async fn dispute(&self) -> Dispute {
        let mut open = self.conflicts().await.unwrap();
        assert_eq!(open.len(), 1, "{open:?}");
        open.remove(0)
    }

    pub async fn choose(&self, dispute: &Dispute, choice: Choice) -> Staged {
        let new_derived_id = "d-new".into();
        let decision =
            Decision { conflict: dispute.id, version: Some(dispute.version), choice, new_derived_id };
        self.resolve(decision, later(30)).await.unwrap()
    }

    pub async fn is_quiet(&self) {
        assert!(self.conflicts().await.unwrap().is_empty());
        assert_eq!(self.waiting_count().await.unwrap(), 0);
        assert!(self.states().await.iter().all(|state| *state != State::Waiting));
    }
}

/// “Visit” became “Ours” here and “Theirs” there, where it also got a place.
async fn both_changed() -> (World, EventRef) {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Ours").await;
    let theirs = Fields { location: "Elm Street".into(), ..fields("Theirs") };
    let applied = world.receive(vec![upsert("a", "2", theirs)]).await;
    assert_eq!(applied.asked, 1);
    (world, event)
}

async fn deleted_here() -> (World, EventRef) {
    let (world, event) = with_one("Visit").await;
    world.delete(&event).await;
    world.receive(vec![upsert("a", "2", fields("Theirs"))]).await;
    (world, event)
}

async fn deleted_there() -> (World, EventRef) {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Ours").await;
    world.receive(vec![Delta::Removed(RemoteId("a".into()))]).await;
    (world, event)
}

#[tokio::test]
async fn two_values_of_one_field_are_held_until_the_person_decides() {
    let (world, event) = both_changed().await;
    let dispute = world.dispute().await;
    assert_eq!((dispute.kind, dispute.event.clone()), (Kind::BothChanged, event));
    assert_eq!(dispute.fields, [Field::Title]);
    assert_eq!((dispute.mine.title.as_str(), dispute.theirs.unwrap().title.as_str()), ("Ours", "Theirs"));
    let row = &world.week().await[0];
    assert_eq!((row.title.as_str(), row.location.as_str()), ("Ours", "Elm Street"));
    assert_eq!((row.sending, row.conflict), (Sending::Held, Some(dispute.id)));
    assert!(world.jobs().await.is_empty());
    assert_eq!(world.waiting_count().await.unwrap(), 1);
}

#[tokio::test]
async fn keeping_mine_sends_only_what_was_disputed_over_theirs() {
    let (world, _) = both_changed().await;
    world.choose(&world.dispute().await, Choice::Mine).await;
    let target = Target::Event(RemoteId("a".into()));
    let changed = vec![Field::Title];
    assert_eq!(world.job().await.action, Action::Patch { target, etag: Some("2".into()), changed });
    world.send("a", "3").await;
    let row = &world.week().await[0];
    assert_eq!((row.title.as_str(), row.location.as_str()), ("Ours", "Elm Street"));
    world.is_quiet().await;
    let entry = world.journal(1, None).await.unwrap().remove(0);
    let titles = [entry.before, entry.after].map(|image| image.unwrap().fields.title);
    assert_eq!(titles, ["Theirs", "Ours"], "what was not chosen is in the journal");
}

#[tokio::test]
async fn keeping_theirs_sends_nothing_and_can_be_undone() {
    let (world, _) = both_changed().await;
    let staged = world.choose(&world.dispute().await, Choice::Theirs).await;
    assert_eq!(world.titles().await, ["Theirs"]);
    assert!(world.jobs().await.is_empty());
    world.is_quiet().await;
    assert_eq!(world.states().await, [State::Overtaken, State::Sent]);
    world.take_back(staged.journal).await;
    assert_eq!(world.titles().await, ["Ours"]);
    world.send("a", "3").await;
    world.is_quiet().await;
}

#[tokio::test]
async fn keeping_both_leaves_theirs_and_makes_a_new_event_of_mine() {
    let (world, _) = both_changed().await;
    world.choose(&world.dispute().await, Choice::Both).await;
    let mut titles = world.titles().await;
    titles.sort();
    assert_eq!(titles, ["Ours", "Theirs"]);
    let job = world.job().await;
    assert_eq!(job.action, Action::Insert { derived_id: "d-new".into() });
    assert_eq!(job.fields.location, "Elm Street", "only the disputed field tells them apart");
    world.send("d-new", "1").await;
    world.is_quiet().await;
}

#[tokio::test]
async fn of_an_occurrence_mine_becomes_a_single_event() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup())]).await;
    let wednesday = world.week().await[2].event.clone();
    world.retitle(&wednesday, "Ours").await;
    let theirs = Fields { span: timed("2026-03-04T14:00:00Z", 15), ..fields("Theirs") };
    world.receive(vec![Delta::Upsert(Box::new(exception(4, "1", theirs)))]).await;
    let dispute = world.dispute().await;
    assert_eq!(dispute.event, wednesday);
    world.choose(&dispute, Choice::Both).await;
    let insert = world.job().await;
    assert!(matches!(insert.action, Action::Insert { .. }) && insert.fields.recurrence.is_empty());
    let titles = world.titles().await;
    assert_eq!(titles.iter().filter(|title| *title == "Ours").count(), 1);
    assert_eq!(titles.iter().filter(|title| *title == "Theirs").count(), 1);
}

#[tokio::test]
async fn a_second_change_there_brings_the_card_up_to_date() {
    let (world, _) = both_changed().await;
    let old = world.dispute().await;
    let later_theirs = Fields { location: "Oak Street".into(), ..fields("Theirs again") };
    world.receive(vec![upsert("a", "3", later_theirs)]).await;
    let dispute = world.dispute().await;
    assert_eq!((dispute.id, dispute.theirs.as_ref().unwrap().title.as_str()), (old.id, "Theirs again"));
    assert_eq!(world.week().await[0].location, "Oak Street");
    // Nobody decides about what they have not seen.
    let stale = Decision {
        conflict: old.id,
        version: Some(old.version),
        choice: Choice::Mine,
        new_derived_id: "x".into(),
    };
    assert!(matches!(world.resolve(stale, now()).await, Err(MirrorError::MovedOn)));
    world.choose(&dispute, Choice::Mine).await;
    let Action::Patch { etag, .. } = world.job().await.action else { panic!("not a patch") };
    assert_eq!(etag, Some("3".into()));
}

#[tokio::test]
async fn a_change_that_they_take_back_sends_the_edit_after_all() {
    let (world, _) = both_changed().await;
    world.receive(vec![upsert("a", "3", fields("Visit"))]).await;
    assert!(world.conflicts().await.unwrap().is_empty());
    world.send("a", "4").await;
    assert_eq!(world.titles().await, ["Ours"]);
    world.is_quiet().await;
}

#[tokio::test]
async fn a_further_edit_of_mine_stays_in_the_dispute_and_typing_theirs_ends_it() {
    let (world, event) = both_changed().await;
    world.retitle(&event, "Ours, better").await;
    assert_eq!(world.dispute().await.mine.title, "Ours, better");
    let moved = Fields { span: timed("2026-03-03T15:00:00Z", 60), ..fields("") };
    let edit = Edit::Change { event: event.clone(), fields: moved, changed: vec![Field::Span] };
    world.stage(edit, Cause::You, now()).await.unwrap();
    assert_eq!(world.dispute().await.fields, [Field::Title], "only theirs against mine is disputed");
    assert!(world.jobs().await.is_empty());
    world.retitle(&event, "Theirs").await;
    assert!(world.conflicts().await.unwrap().is_empty());
    let Action::Patch { changed, .. } = world.job().await.action else { panic!("not a patch") };
    assert_eq!(changed, [Field::Span]);
}

#[tokio::test]
async fn an_undo_of_the_disputed_edit_leaves_theirs() {
    let (world, event) = with_one("Visit").await;
    let staged = world.retitle(&event, "Ours").await;
    world.receive(vec![upsert("a", "2", fields("Theirs"))]).await;
    world.take_back(staged.journal).await;
    assert_eq!(world.titles().await, ["Theirs"]);
    assert!(world.jobs().await.is_empty());
    world.is_quiet().await;
}

#[tokio::test]
async fn deleting_what_is_disputed_asks_about_the_delete() {
    let (world, event) = both_changed().await;
    let deleted = world.delete(&event).await;
    assert_eq!(world.dispute().await.kind, Kind::DeletedHere);
    assert!(world.week().await.is_empty() && world.jobs().await.is_empty());
    world.take_back(deleted.journal).await;
    assert_eq!(world.dispute().await.kind, Kind::BothChanged);
    assert_eq!(world.titles().await, ["Ours"]);
}

#[tokio::test]
async fn a_delete_here_against_an_edit_there_asks() {
    let (world, _) = deleted_here().await;
    let dispute = world.dispute().await;
    assert_eq!((dispute.kind, dispute.fields.as_slice()), (Kind::DeletedHere, [Field::Title].as_slice()));
    assert!(world.jobs().await.is_empty());
    let refused =
        Decision { conflict: dispute.id, version: None, choice: Choice::Both, new_derived_id: "x".into() };
    assert!(matches!(world.resolve(refused, now()).await, Err(MirrorError::NotOffered(_))));
    world.choose(&dispute, Choice::Mine).await;
    let job = world.begin().await;
    assert!(matches!(job.action, Action::Delete { .. }));
    world.end(&job, Outcome::Deleted).await;
    assert!(world.week().await.is_empty());
    world.is_quiet().await;
    let entry = world.journal(1, None).await.unwrap().remove(0);
    assert_eq!((entry.action, entry.before.unwrap().fields.title.as_str()), (Written::Delete, "Theirs"));
}

#[tokio::test]
async fn keeping_what_was_deleted_here_shows_theirs_again() {
    let (world, event) = deleted_here().await;
    let staged = world.choose(&world.dispute().await, Choice::Theirs).await;
    assert_eq!((world.titles().await, world.only().await), (vec!["Theirs".to_owned()], event));
    assert!(world.jobs().await.is_empty());
    world.is_quiet().await;
    // And the decision can be undone.
    world.take_back(staged.journal).await;
    assert!(world.week().await.is_empty());
    assert!(matches!(world.job().await.action, Action::Delete { .. }));
}

#[tokio::test]
async fn a_delete_undone_while_it_is_disputed_leaves_theirs() {
    let (world, event) = with_one("Visit").await;
    let deleted = world.delete(&event).await;
    world.receive(vec![upsert("a", "2", fields("Theirs"))]).await;
    world.take_back(deleted.journal).await;
    assert_eq!(world.titles().await, ["Theirs"]);
    world.is_quiet().await;
}

#[tokio::test]
async fn a_delete_meets_a_change_that_daymark_does_not_manage_without_asking() {
    let (world, event) = with_one("Visit").await;
    world.delete(&event).await;
    let job = world.begin().await;
    // Somebody answered the invitation: the etag moved, and nothing that Daymark shows.
    let changed = Outcome::Changed(Some(Box::new(snapshot("a", "2", fields("Visit")))));
    world.end(&job, changed).await;
    assert!(world.conflicts().await.unwrap().is_empty());
    let Action::Delete { etag, .. } = world.job().await.action else { panic!("not a delete") };
    assert_eq!(etag, Some("2".into()));
}

#[tokio::test]
async fn an_edit_of_an_event_that_is_gone_there_stays_and_asks() {
    let (world, event) = deleted_there().await;
    let dispute = world.dispute().await;
    assert_eq!((dispute.kind, dispute.theirs.clone()), (Kind::DeletedThere, None));
    assert_eq!((world.titles().await, world.only().await), (vec!["Ours".to_owned()], event.clone()));
    // The same news twice is no news.
    assert!(!world.receive(vec![Delta::Removed(RemoteId("a".into()))]).await.changed);
    let back = world.choose(&dispute, Choice::Mine).await;
    assert_eq!(back.event, event);
    assert_eq!(world.job().await.action, Action::Insert { derived_id: "d-new".into() });
    world.send("d-new", "1").await;
    assert_eq!(world.titles().await, ["Ours"]);
    world.is_quiet().await;
}

#[tokio::test]
async fn a_write_that_finds_its_event_gone_asks_too_and_letting_go_can_be_undone() {
    let (world, event) = with_one("Visit").await;
    world.retitle(&event, "Ours").await;
    let job = world.begin().await;
    world.end(&job, Outcome::Gone).await;
    let gone = world.choose(&world.dispute().await, Choice::Theirs).await;
    assert!(world.week().await.is_empty());
    world.is_quiet().await;
    assert_eq!(world.states().await, [State::Overtaken, State::Sent]);
    world.take_back(gone.journal).await;
    assert_eq!(world.titles().await, ["Ours"]);
    assert!(matches!(world.job().await.action, Action::Insert { .. }));
}

#[tokio::test]
async fn an_event_that_comes_back_while_the_card_is_open_goes_on() {
    let (world, _) = deleted_there().await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    assert!(world.conflicts().await.unwrap().is_empty());
    world.send("a", "2").await;
    assert_eq!(world.titles().await, ["Ours"]);
}

#[tokio::test]
async fn a_disputed_event_that_is_deleted_there_changes_its_card() {
    let (world, _) = both_changed().await;
    let id = world.dispute().await.id;
    world.receive(vec![Delta::Removed(RemoteId("a".into()))]).await;
    let dispute = world.dispute().await;
    assert_eq!((dispute.id, dispute.kind, dispute.theirs), (id, Kind::DeletedThere, None));
    assert_eq!(dispute.mine.title, "Ours");
}

#[tokio::test]
async fn an_undo_or_a_delete_of_what_is_gone_there_ends_it() {
    let (world, event) = with_one("Visit").await;
    let staged = world.retitle(&event, "Ours").await;
    world.receive(vec![Delta::Removed(RemoteId("a".into()))]).await;
    world.take_back(staged.journal).await;
    assert!(world.week().await.is_empty());
    world.is_quiet().await;

    let (world, event) = deleted_there().await;
    world.delete(&event).await;
    assert!(world.week().await.is_empty());
    world.is_quiet().await;
}

#[tokio::test]
async fn deleted_on_both_sides_is_no_conflict() {
    let (world, _) = deleted_here().await;
    world.receive(vec![Delta::Removed(RemoteId("a".into()))]).await;
    world.is_quiet().await;
    assert!(world.week().await.is_empty());
}

#[tokio::test]
async fn an_edited_occurrence_that_is_cancelled_there_comes_back_as_a_single_event() {
    for choice in [Choice::Mine, Choice::Theirs] {
        let world = World::new().await;
        world.receive(vec![upsert("s", "1", standup())]).await;
        let wednesday = world.week().await[2].event.clone();
        world.retitle(&wednesday, "Ours").await;
        world.receive(vec![cancelled(4)]).await;
        let dispute = world.dispute().await;
        assert_eq!((dispute.kind, dispute.event.clone()), (Kind::DeletedThere, wednesday));
        assert_eq!(world.week().await.len(), 5);
        world.choose(&dispute, choice).await;
        if choice == Choice::Mine {
            assert_eq!(world.titles().await[2], "Ours");
            world.send("d-new", "1").await;
            assert_eq!(world.week().await.len(), 5);
        } else {
            assert_eq!(world.week().await.len(), 4);
        }
        world.is_quiet().await;
    }
}

#[tokio::test]
async fn an_edited_occurrence_outlives_its_series() {
    for seen_by_a_full_round in [false, true] {
        let world = World::new().await;
        world.receive(vec![upsert("s", "1", standup())]).await;
        let wednesday = world.week().await[2].event.clone();
        world.retitle(&wednesday, "Ours").await;
        if seen_by_a_full_round {
            world.restart(world.calendar).await.unwrap();
            world.page(vec![], Next::Done("done".into())).await;
        } else {
            world.receive(vec![Delta::Removed(RemoteId("s".into()))]).await;
        }
        assert_eq!(world.titles().await, ["Ours"]);
        let dispute = world.dispute().await;
        assert_eq!((dispute.kind, dispute.event.original), (Kind::DeletedThere, None));
        let dispute = world.dispute().await;
        world.choose(&dispute, Choice::Mine).await;
        world.send("d-new", "1").await;
        assert_eq!(world.titles().await, ["Ours"]);
        world.is_quiet().await;
    }
}

#[tokio::test]
async fn an_edited_series_that_is_deleted_there_comes_back_with_its_exceptions() {
    let world = World::new().await;
    let moved = Fields { span: timed("2026-03-04T16:00:00Z", 15), recurrence: vec![], ..standup() };
    let exceptions = vec![cancelled(3), Delta::Upsert(Box::new(exception(4, "1", moved.clone())))];
    world.receive([vec![upsert("s", "1", standup())], exceptions].concat()).await;
    let starts = world.starts().await;
    let series = EventRef { original: None, ..world.week().await[0].event.clone() };
    world.retitle(&series, "Ours").await;
    world.receive(vec![Delta::Removed(RemoteId("s".into()))]).await;
    assert_eq!(world.starts().await, starts, "nothing of it goes while the person is asked");
    world.choose(&world.dispute().await, Choice::Mine).await;
    let job = world.begin().await;
    assert_eq!(job.action, Action::Insert { derived_id: "d-new".into() });
    world.end(&job, stored("s2", "1", job.fields.clone())).await;
    assert_eq!(world.jobs().await.len(), 2, "its moved and its cancelled occurrence follow");
    assert_eq!(world.starts().await, starts);
    // A server that keeps a series in one piece has them already.
    let mut moved = snapshot("s2_4", "1", Fields { title: "Ours".into(), ..moved });
    moved.event.series = Some(SeriesRef { master: RemoteId("s2".into()), original: standup_on(4) });
    let master = Box::new(snapshot("s2", "2", Fields { title: "Ours".into(), ..standup() }));
    let whole = Delta::Series { master, exceptions: vec![moved], cancelled: vec![standup_on(3)] };
    world.receive(vec![whole]).await;
    assert_eq!(world.starts().await, starts);
    world.is_quiet().await;
}

#[tokio::test]
async fn a_repeated_insert_that_somebody_has_changed_asks() {
    let world = World::new().await;
    let staged = world.create("Visit").await;
    world.begin().await;
    world.retitle(&staged.event, "Ours").await;
    let again = world.begin().await;
    // The first try had made it, and somebody renamed it since.
    world.end(&again, stored("r1", "2", fields("Theirs"))).await;
    let dispute = world.dispute().await;
    assert_eq!((dispute.mine.title.as_str(), dispute.theirs.unwrap().title.as_str()), ("Ours", "Theirs"));
}

#[tokio::test]
async fn several_conflicts_stand_side_by_side_and_survive_a_restart() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("One")), upsert("b", "1", fields("Two"))]).await;
    for row in world.week().await {
        world.retitle(&row.event, &format!("{}, ours", row.title)).await;
    }
    world.receive(vec![upsert("a", "2", fields("One, theirs")), Delta::Removed(RemoteId("b".into()))]).await;
    world.mirror.close().await;
    let path = world.folder.path().join("data/mirror.db");
    let mirror = crate::Mirror::open(&path).await.unwrap();
    let world = World { mirror, ..world };
    let open = world.conflicts().await.unwrap();
    let kinds: Vec<Kind> = open.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [Kind::BothChanged, Kind::DeletedThere]);
    world.choose(&open[1], Choice::Theirs).await;
    assert_eq!(world.dispute().await.kind, Kind::BothChanged);
}

#[tokio::test]
async fn an_account_that_is_removed_takes_its_conflicts_along() {
    let (world, _) = both_changed().await;
    world.remove_account(world.account).await.unwrap();
    assert!(world.conflicts().await.unwrap().is_empty());
    assert_eq!(world.waiting_count().await.unwrap(), 0);
}

#[tokio::test]
async fn theirs_of_an_event_that_a_full_round_missed_leaves_nothing() {
    let (world, _) = both_changed().await;
    world.restart(world.calendar).await.unwrap();
    world.receive(vec![]).await;
    assert_eq!(world.titles().await, ["Ours"], "absence alone does not end what waits");
    world.choose(&world.dispute().await, Choice::Theirs).await;
    assert!(world.week().await.is_empty());
    world.is_quiet().await;
}

#[tokio::test]
async fn neither_time_in_dispute_is_free_until_the_person_decides() {
    let (world, event) = with_one("Visit").await;
    let at = |start: &str| Fields { span: timed(start, 60), ..fields("Visit") };
    let edit = Edit::Change { event, fields: at("2026-03-03T15:00:00Z"), changed: vec![Field::Span] };
    world.stage(edit, Cause::You, now()).await.unwrap();
    world.receive(vec![upsert("a", "2", at("2026-03-04T15:00:00Z"))]).await;
    let taken = async || {
        let busy = world.busy(week(), ZONE).await.unwrap();
        busy.taken.iter().map(|it| it.interval.start().format("%d").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(taken().await, ["03", "04"]);
    world.choose(&world.dispute().await, Choice::Theirs).await;
    assert_eq!(taken().await, ["04"]);
}

#[tokio::test]
async fn what_was_deleted_here_and_changed_there_takes_its_time_until_the_person_decides() {
    let (world, _) = deleted_here().await;
    assert_eq!(world.busy(week(), ZONE).await.unwrap().taken.len(), 1);
    world.choose(&world.dispute().await, Choice::Mine).await;
    assert!(world.busy(week(), ZONE).await.unwrap().taken.is_empty());
}

#[tokio::test]
async fn an_edit_of_a_series_names_one_of_its_occurrences() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup())]).await;
    let series = world.week().await[0].event.event;
    let sunday = Some("2026-03-08T14:00:00Z".parse().unwrap());
    let event = EventRef { event: series, original: sunday };
    let edit = Edit::DeleteSeries { event, extent: Extent::Following };
    assert!(matches!(world.stage(edit, Cause::You, now()).await, Err(MirrorError::NoOccurrence)));
}

#[tokio::test]
async fn a_series_that_somebody_else_called_is_not_cut_by_a_change() {
    let guest = "ATTENDEE:mailto:guest@example.org";
    let text = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{guest}\nEND:VEVENT\nEND:VCALENDAR\n");
    for raw in [json!({"attendees": [{"email": "guest@example.org"}]}), json!({ "ics": text })] {
        let (world, change) = cuttable(raw.clone(), false).await;
        let refused = world.stage(change(Extent::Following), Cause::You, now()).await;
        assert!(matches!(refused, Err(MirrorError::Invited)));
        world.stage(change(Extent::All), Cause::You, now()).await.unwrap();
        assert_eq!(world.titles().await, ["Renamed"; 5]);
        let (world, change) = cuttable(raw.clone(), true).await;
        let cut = world.stage(change(Extent::Following), Cause::You, now()).await.unwrap();
        assert_eq!(world.heirs(&[cut.event.event]).await.unwrap()[0].rest.raw, raw);
    }
}

async fn cuttable(raw: serde_json::Value, organizer: bool) -> (World, impl Fn(Extent) -> Edit) {
    let world = World::new().await;
    let mut series = snapshot("s", "1", standup());
    (series.raw, series.event.organizer) = (raw, organizer);
    world.receive(vec![Delta::Upsert(Box::new(series))]).await;
    let event = world.week().await[2].event.clone();
    let change = move |extent| Edit::ChangeSeries {
        event: event.clone(),
        extent,
        fields: fields("Renamed"),
        changed: vec![Field::Title],
        derived_id: "d2".into(),
    };
    (world, change)
}
