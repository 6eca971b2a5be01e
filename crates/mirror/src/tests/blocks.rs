//! Copies of busy times through the mirror: staged, sent, remembered, held back, undone and cleaned away.

use std::collections::BTreeMap;

use daymark_core::blocks::{Filters, Privacy};
use daymark_core::event::{Answer, Field, Fields, ShowAs, Visibility, marks};
use daymark_core::journal::Cause;
use daymark_core::merge::Delta;

use super::pair::{Pair, hours_from, rules};
use super::world::*;
use crate::{Action, Blocked, Choice, Edit, EventRef, Extent, JournalId, MirrorError, Outcome, RunId, Stays};

#[tokio::test]
async fn the_copies_of_a_series_that_is_cut_wait_for_its_second_half_and_follow_it_in_place() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("s", "1", standup())]).await;
    let made = pair.settle_down().await.len();
    assert!(made > 60, "{made}");
    let at = standup_on(4);
    let series = pair.agenda(week(), ZONE).await.unwrap();
    let row = series.iter().find(|row| row.calendar == pair.one && row.event.original == Some(at)).unwrap();
    let fields = Fields {
        span: timed("2026-03-04T16:00:00Z", 15),
        ..Fields::new("Stand-up", whole_day("2026-03-04"))
    };
    let edit = Edit::ChangeSeries {
        event: row.event.clone(),
        extent: Extent::Following,
        fields,
        changed: vec![Field::Span],
        derived_id: "second".into(),
    };
    pair.stage(edit, Cause::You, now()).await.unwrap();
    assert_eq!(pair.plan().await, Blocked::Staged(0), "the second half has no name yet");
    assert_eq!(pair.send().await.len(), 1, "the cut");
    assert_eq!(pair.plan().await, Blocked::Staged(0), "nor has it now");
    assert_eq!(pair.send().await.len(), 1, "the second half");
    pair.plan().await;
    let sent = pair.send().await;
    assert_eq!(sent.len(), made - 2, "all but those of Monday and Tuesday");
    assert!(sent.iter().all(|job| matches!(job.action, Action::Patch { .. })));
    assert_eq!(pair.plan().await, Blocked::Staged(0));
}

#[tokio::test]
async fn a_busy_time_is_copied_in_one_run_of_its_own_cause() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    let sent = pair.settle_down().await;
    assert_eq!(sent.len(), 1);
    let wrote = &sent[0].fields;
    assert_eq!(
        (wrote.title.as_str(), wrote.show_as, wrote.visibility),
        ("Busy", ShowAs::Busy, Visibility::Private)
    );
    assert!(wrote.marks.contains_key(marks::BLOCK));
    let runs = pair.journal_runs(10, None).await.unwrap();
    assert_eq!((runs[0].cause, runs[0].created, runs[0].waiting), (Cause::Block, 1, 0));
    let copy = pair.copies(pair.other).await.remove(0);
    let source = copy.block.unwrap();
    assert_eq!((source.calendar.as_str(), source.title), ("maya@work.example", None));
}

#[tokio::test]
async fn a_copy_is_changed_in_place_and_only_where_it_differs() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    pair.settle_down().await;
    let moved = Fields { span: timed("2026-03-02T18:00:00Z", 30), ..fields("Dentist, moved") };
    pair.receive(pair.one, vec![upsert("a", "2", moved)]).await;
    let sent = pair.settle_down().await;
    let Action::Patch { changed, .. } = &sent[0].action else { panic!("{sent:?}") };
    assert_eq!((sent.len(), changed.as_slice()), (1, [Field::Span, Field::Marks].as_slice()));
}

#[tokio::test]
async fn a_restart_between_staging_and_sending_makes_no_second_copy() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    assert_eq!(pair.plan().await, Blocked::Staged(1));
    for _ in 0..3 {
        assert_eq!(pair.plan().await, Blocked::Staged(0));
    }
    assert_eq!(pair.send().await.len(), 1);
    assert_eq!(pair.copies(pair.other).await.len(), 1);
}

#[tokio::test]
async fn a_copy_that_was_deleted_elsewhere_stays_deleted_until_its_source_moves() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    let derived = match &pair.settle_down().await[0].action {
        Action::Insert { derived_id } => derived_id.clone(),
        other => panic!("{other:?}"),
    };
    let gone = Delta::Removed(daymark_core::event::RemoteId(derived));
    pair.receive(pair.other, vec![gone]).await;
    assert!(pair.settle_down().await.is_empty());
    let moved = Fields { span: timed("2026-03-02T18:00:00Z", 30), ..fields("Dentist") };
    pair.receive(pair.one, vec![upsert("a", "2", moved)]).await;
    assert_eq!(pair.settle_down().await.len(), 1);
}

#[tokio::test]
async fn a_source_that_is_being_deleted_keeps_its_copy_until_that_is_done() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    pair.settle_down().await;
    let mut rows = pair.agenda(week(), ZONE).await.unwrap();
    rows.retain(|row| row.calendar == pair.one);
    let event = rows.remove(0).event;
    pair.stage(Edit::Delete { event }, Cause::You, now()).await.unwrap();
    assert_eq!(pair.plan().await, Blocked::Staged(0), "it may be taken back");
    assert_eq!(pair.copies(pair.other).await.len(), 1);
    let job = pair.due(pair.accounts[0], later(10), 10).await.unwrap().remove(0);
    assert!(pair.started(&job).await.unwrap());
    pair.settle(&job, Outcome::Deleted, now()).await.unwrap();
    assert_eq!(pair.plan().await, Blocked::Staged(1));
    assert!(pair.copies(pair.other).await.is_empty());
}

#[tokio::test]
async fn a_calendar_that_could_not_be_read_or_is_gone_deletes_nothing() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    pair.settle_down().await;
    pair.receive(pair.one, vec![Delta::Removed(daymark_core::event::RemoteId("a".into()))]).await;
    pair.note_sync(pair.one, Some("503"), now()).await.unwrap();
    assert_eq!(pair.plan().await, Blocked::Staged(0));
    pair.note_sync(pair.one, None, now()).await.unwrap();
    pair.store_calendars(pair.accounts[0], &[]).await.unwrap();
    assert_eq!(pair.plan().await, Blocked::Staged(0));
    pair.store_calendars(pair.accounts[0], &[listed("maya@work.example", crate::Access::Write)])
        .await
        .unwrap();
    assert_eq!(pair.plan().await, Blocked::Staged(1));
}

#[tokio::test]
async fn availability_counts_a_copy_through_its_source_alone() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    pair.settle_down().await;
    let taken = pair.busy(week(), ZONE).await.unwrap().taken;
    assert_eq!(taken.iter().map(|it| it.title.as_str()).collect::<Vec<_>>(), ["Dentist"]);
    let uncounted = Choice { counts_busy: Some(false), ..Choice::default() };
    pair.choose_calendar(pair.one, uncounted).await.unwrap();
    let taken = pair.busy(week(), ZONE).await.unwrap().taken;
    assert_eq!(taken.len(), 1, "without its source, what stands on the other calendar takes the time");
}

#[tokio::test]
async fn a_free_event_that_blocks_takes_time_through_its_copy() {
    let pair = Pair::new().await;
    let flight = Fields { show_as: ShowAs::Free, ..fields("Flight") };
    pair.receive(pair.one, vec![upsert("a", "1", flight)]).await;
    pair.settle_down().await;
    let ignored = |calendars: Vec<crate::Calendar>| calendars[0].ignored;
    assert_eq!(ignored(pair.calendars().await.unwrap()), 1);
    let filters = Some(Filters { free: true, ..Filters::default() });
    pair.choose_calendar(pair.one, Choice { filters, ..Choice::default() }).await.unwrap();
    assert_eq!(pair.settle_down().await.len(), 1);
    assert_eq!(ignored(pair.calendars().await.unwrap()), 0);
    assert_eq!(pair.busy(week(), ZONE).await.unwrap().taken.len(), 1);
}

#[tokio::test]
async fn the_brake_stops_a_run_before_anything_is_staged_and_the_question_survives() {
    let pair = Pair::new().await;
    pair.receive(pair.one, hours_from("2026-03-03T10:00:00Z", 30)).await;
    assert_eq!(pair.settle_down().await.len(), 30);
    let gone = (0..25).map(|number| Delta::Removed(daymark_core::event::RemoteId(format!("e{number}"))));
    pair.receive(pair.one, gone.collect()).await;
    assert_eq!(pair.plan().await, Blocked::Held(0));
    assert!(pair.send().await.is_empty());
    let held = pair.held_run().await.unwrap().unwrap();
    assert_eq!(held.deletes.len(), 25);
    let changes = pair.change_number().await.unwrap();
    assert_eq!(pair.plan().await, Blocked::Staged(0), "the same question is not asked anew");
    assert_eq!(pair.change_number().await.unwrap(), changes);
    assert_eq!(pair.held_run().await.unwrap().unwrap(), held);
    let wrong = pair.release_run(held.id, "something else", &rules(), now()).await;
    assert!(matches!(wrong, Err(MirrorError::ChangedSince)));
    assert_eq!(pair.release_run(held.id, &held.token, &rules(), now()).await.unwrap(), 25);
    assert_eq!(pair.send().await.len(), 25);
    assert_eq!(pair.held_run().await.unwrap(), None);
    assert!(pair.settle_down().await.is_empty());
    assert_eq!(pair.copies(pair.other).await.len(), 5);
}

#[tokio::test]
async fn while_deletes_are_held_new_busy_times_are_blocked_all_the_same() {
    let pair = Pair::new().await;
    pair.receive(pair.one, hours_from("2026-03-03T10:00:00Z", 30)).await;
    pair.settle_down().await;
    let gone = (0..25).map(|number| Delta::Removed(daymark_core::event::RemoteId(format!("e{number}"))));
    pair.receive(pair.one, gone.collect()).await;
    assert_eq!(pair.plan().await, Blocked::Held(0));
    let held = pair.held_run().await.unwrap().unwrap();
    let visit = Fields { span: timed("2026-03-09T10:00:00Z", 60), ..fields("Visit") };
    pair.receive(pair.one, vec![upsert("new", "1", visit)]).await;
    assert_eq!(pair.plan().await, Blocked::Held(1));
    assert_eq!(pair.send().await.len(), 1);
    assert_eq!(pair.held_run().await.unwrap().unwrap(), held, "the question is the same");
    assert_eq!(pair.plan().await, Blocked::Staged(0));
    assert_eq!(pair.copies(pair.other).await.len(), 31);
}

#[tokio::test]
async fn a_tenth_of_a_calendar_stops_a_run_too() {
    let pair = Pair::new().await;
    pair.receive(pair.one, hours_from("2026-03-03T10:00:00Z", 12)).await;
    pair.settle_down().await;
    let gone = |number: i64| Delta::Removed(daymark_core::event::RemoteId(format!("e{number}")));
    pair.receive(pair.one, vec![gone(1)]).await;
    assert_eq!(pair.plan().await, Blocked::Staged(1));
    pair.send().await;
    pair.receive(pair.one, vec![gone(2), gone(3)]).await;
    assert_eq!(pair.plan().await, Blocked::Held(0));
}

#[tokio::test]
async fn a_dropped_run_leaves_what_it_would_have_deleted() {
    let pair = Pair::new().await;
    pair.receive(pair.one, hours_from("2026-03-03T10:00:00Z", 30)).await;
    pair.settle_down().await;
    pair.receive(pair.one, vec![]).await;
    let gone = (0..30).map(|number| Delta::Removed(daymark_core::event::RemoteId(format!("e{number}"))));
    pair.receive(pair.one, gone.collect()).await;
    assert_eq!(pair.plan().await, Blocked::Held(0));
    let held = pair.held_run().await.unwrap().unwrap();
    pair.drop_run(held.id, &rules()).await.unwrap();
    assert!(pair.settle_down().await.is_empty());
    assert_eq!(pair.copies(pair.other).await.len(), 30);
    assert_eq!(
        pair.busy(rules().window, ZONE).await.unwrap().taken.len(),
        30,
        "they take time by themselves"
    );
}

#[tokio::test]
async fn a_run_is_undone_as_a_whole_and_not_made_again() {
    let pair = Pair::new().await;
    pair.receive(pair.one, hours_from("2026-03-03T10:00:00Z", 5)).await;
    pair.settle_down().await;
    let run = pair.last_run().await;
    let mut number = 0;
    let fresh = move || {
        number += 1;
        format!("{number:032}")
    };
    let undone = pair.undo_run(run, fresh, now()).await.unwrap();
    assert_eq!((undone.undone.len(), undone.refused.len()), (5, 0));
    assert!(pair.copies(pair.other).await.is_empty());
    assert_eq!(pair.plan().await, Blocked::Staged(0), "who takes copies back does not want them");
    let again = pair.undo_run(run, String::new, now()).await.unwrap();
    assert_eq!((again.undone.len(), again.refused.len()), (0, 5));
    let runs = pair.journal_runs(10, None).await.unwrap();
    assert_eq!((runs[0].cause, runs[0].deleted, runs[1].undone), (Cause::Undo, 5, 5));
}

#[tokio::test]
async fn an_undone_deletion_of_a_copy_leaves_it_standing() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    pair.settle_down().await;
    pair.receive(pair.one, vec![Delta::Removed(daymark_core::event::RemoteId("a".into()))]).await;
    assert_eq!(pair.settle_down().await.len(), 1);
    let run = pair.last_run().await;
    let undone = pair.undo_run(run, || "f".repeat(32), now()).await.unwrap();
    assert_eq!(undone.undone.len(), 1);
    assert_eq!(pair.send().await.len(), 1);
    assert!(pair.settle_down().await.is_empty());
}

#[tokio::test]
async fn a_copy_whose_deletion_is_undone_names_its_source_again() {
    let told = Choice { block_privacy: Some(Privacy::Title), ..Choice::default() };
    let free = Fields { show_as: ShowAs::Free, ..fields("Dentist") };
    // Only its calendar, where the event itself is gone.
    let without_event = (Delta::Removed(daymark_core::event::RemoteId("a".into())), None);
    for (gone, title) in [(upsert("a", "2", free), Some("Dentist")), without_event] {
        let pair = Pair::new().await;
        pair.choose_calendar(pair.other, told).await.unwrap();
        pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
        pair.settle_down().await;
        let source = async || pair.copies(pair.other).await.remove(0).block.map(|it| (it.calendar, it.title));
        let named = source().await;
        assert_eq!(named, Some(("maya@work.example".into(), Some("Dentist".into()))));
        pair.receive(pair.one, vec![gone]).await;
        assert_eq!(pair.settle_down().await.len(), 1);
        let run = pair.last_run().await;
        pair.undo_run(run, || "f".repeat(32), now()).await.unwrap();
        assert_eq!(source().await, Some(("maya@work.example".into(), title.map(str::to_owned))));
        assert_eq!(pair.busy(week(), ZONE).await.unwrap().taken.len(), 1, "it takes its time by itself");
        pair.settle_down().await;
        pair.receive(pair.one, vec![upsert("a", "3", fields("Dentist"))]).await;
        pair.settle_down().await;
        assert_eq!(source().await, named, "and all of it once it is back");
    }
}

#[tokio::test]
async fn a_copy_that_is_kept_where_its_source_was_takes_its_time() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    pair.settle_down().await;
    let moved = Fields { span: timed("2026-03-02T18:00:00Z", 30), ..fields("Dentist") };
    pair.receive(pair.one, vec![upsert("a", "2", moved)]).await;
    pair.settle_down().await;
    assert_eq!(pair.busy(week(), ZONE).await.unwrap().taken.len(), 1);
    let run = pair.last_run().await;
    pair.undo_run(run, String::new, now()).await.unwrap();
    assert_eq!(pair.busy(week(), ZONE).await.unwrap().taken.len(), 2);
}

#[tokio::test]
async fn an_undone_move_of_a_copy_is_not_made_again() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    pair.settle_down().await;
    let moved = |start: &str| Fields { span: timed(start, 30), ..fields("Dentist") };
    pair.receive(pair.one, vec![upsert("a", "2", moved("2026-03-02T18:00:00Z"))]).await;
    pair.settle_down().await;
    let run = pair.last_run().await;
    pair.undo_run(run, String::new, now()).await.unwrap();
    assert_eq!(pair.send().await.len(), 1);
    assert!(pair.settle_down().await.is_empty());
    pair.receive(pair.one, vec![upsert("a", "3", moved("2026-03-02T20:00:00Z"))]).await;
    assert_eq!(pair.settle_down().await.len(), 1, "until its source moves");
}

#[tokio::test]
async fn a_cleaner_works_from_markers_alone() {
    let pair = Pair::new().await;
    pair.receive(pair.one, hours_from("2026-03-03T10:00:00Z", 3)).await;
    let sent = pair.settle_down().await;
    let there = sent.iter().map(|job| {
        let Action::Insert { derived_id } = &job.action else { panic!() };
        upsert(derived_id, "e", job.fields.clone())
    });
    let there: Vec<Delta> = there.collect();
    // Another database, which has never heard of any of it.
    let fresh = Pair::new().await;
    let off = Choice { receives_blocks: Some(false), ..Choice::default() };
    for calendar in [fresh.one, fresh.other] {
        fresh.choose_calendar(calendar, off).await.unwrap();
    }
    fresh.receive(fresh.other, there).await;
    // One that somebody moved, and one of their own.
    let mut moved = sent[0].fields.clone();
    moved.span = timed("2026-04-01T10:00:00Z", 60);
    fresh.receive(fresh.other, vec![upsert("moved", "e", moved), upsert("own", "e", fields("Own"))]).await;
    let preview = fresh.mirror.copies(None, &rules()).await.unwrap();
    assert_eq!((preview.deletes.len(), preview.left, preview.unread.len()), (3, 1, 0));
    let wrong = fresh.remove_copies(None, "x", &rules(), now()).await;
    assert!(matches!(wrong, Err(MirrorError::ChangedSince)));
    assert_eq!(fresh.remove_copies(None, &preview.token, &rules(), now()).await.unwrap(), 3);
    assert_eq!(fresh.send().await.len(), 3);
    let left: Vec<String> =
        fresh.agenda(rules().window, ZONE).await.unwrap().into_iter().map(|it| it.title).collect();
    assert_eq!(left, ["Own", "Busy"]);
}

#[tokio::test]
async fn everything_daymark_wrote_is_taken_away_where_nobody_changed_it_since() {
    let pair = Pair::new().await;
    let titled = |title: &str| Fields { location: "Depot".into(), ..fields(title) };
    pair.receive(pair.one, vec![upsert("a", "1", titled("One")), upsert("b", "1", titled("Two"))]).await;
    pair.settle_down().await;
    let create = Edit::Create { calendar: pair.one, fields: fields("Made here"), derived_id: "d".repeat(32) };
    pair.stage(create, Cause::You, now()).await.unwrap();
    for row in pair.agenda(week(), ZONE).await.unwrap() {
        if ["One", "Two"].contains(&row.title.as_str()) {
            let event: EventRef = row.event.clone();
            let renamed = titled(&format!("{} renamed", row.title));
            let edit = Edit::Change { event, fields: renamed, changed: vec![Field::Title] };
            pair.stage(edit, Cause::You, now()).await.unwrap();
        }
    }
    pair.send().await;
    pair.settle_down().await;
    pair.receive(pair.one, vec![upsert("b", "9", titled("Two by somebody else"))]).await;
    let preview = pair.removal().await.unwrap();
    // Copies of all three, and the one made here.
    assert_eq!((preview.deletes.len(), preview.restores.len(), preview.cannot.len()), (4, 1, 1));
    assert_eq!(
        (preview.restores[0].fields.title.as_str(), preview.cannot[0].why),
        ("One", Stays::ChangedSince)
    );
    let done = pair.remove_everything(&preview.token, now()).await.unwrap();
    assert_eq!(done, preview);
    pair.send().await;
    assert!(pair.settle_down().await.is_empty(), "nothing is copied any more");
    let mut titles: Vec<String> =
        pair.agenda(week(), ZONE).await.unwrap().into_iter().map(|it| it.title).collect();
    titles.sort();
    assert_eq!(titles, ["One", "Two by somebody else"]);
    let runs: BTreeMap<Option<RunId>, Cause> =
        pair.journal_runs(50, None).await.unwrap().into_iter().map(|it| (it.run, it.cause)).collect();
    assert!(runs.values().any(|cause| *cause == Cause::Removal));
}

#[tokio::test]
async fn an_event_that_an_undo_brought_back_is_not_taken_away() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Theirs"))]).await;
    let off = Choice { receives_blocks: Some(false), ..Choice::default() };
    pair.choose_calendar(pair.other, off).await.unwrap();
    let event = pair.agenda(week(), ZONE).await.unwrap().remove(0).event;
    let staged = pair.stage(Edit::Delete { event }, Cause::You, now()).await.unwrap();
    let _: JournalId = staged.journal;
    pair.undo(staged.journal, &"e".repeat(32), now()).await.unwrap();
    assert_eq!(pair.removal().await.unwrap().deletes, vec![]);
}

#[tokio::test]
async fn privacy_can_be_changed_and_copies_follow_in_place() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    pair.settle_down().await;
    let told = Choice { block_privacy: Some(Privacy::Title), ..Choice::default() };
    pair.choose_calendar(pair.other, told).await.unwrap();
    let sent = pair.settle_down().await;
    let Action::Patch { changed, .. } = &sent[0].action else { panic!("{sent:?}") };
    assert_eq!(changed.as_slice(), [Field::Title, Field::Visibility]);
    let source = pair.copies(pair.other).await.remove(0).block.unwrap();
    assert_eq!(source.title.as_deref(), Some("Dentist"));
}

#[tokio::test]
async fn what_copies_told_is_taken_back_when_they_may_only_say_busy() {
    let pair = Pair::new().await;
    let telling = |privacy| Choice { block_privacy: Some(privacy), ..Choice::default() };
    pair.choose_calendar(pair.other, telling(Privacy::All)).await.unwrap();
    let told = Fields { description: "Ward 4".into(), location: "Depot".into(), ..fields("Dentist") };
    pair.receive(pair.one, vec![upsert("a", "1", told)]).await;
    assert_eq!(pair.settle_down().await[0].fields.description, "Ward 4");
    pair.choose_calendar(pair.other, telling(Privacy::Busy)).await.unwrap();
    let sent = pair.settle_down().await;
    let Action::Patch { changed, .. } = &sent[0].action else { panic!("{sent:?}") };
    assert_eq!(changed.as_slice(), [Field::Title, Field::Description, Field::Location, Field::Visibility]);
    assert_eq!(sent[0].fields.description, "");
}

#[tokio::test]
async fn whole_days_and_series_are_copied_occurrence_by_occurrence() {
    let pair = Pair::new().await;
    let day = Fields::new("Fair", whole_day("2026-03-05"));
    pair.receive(pair.one, vec![upsert("s", "1", standup()), upsert("d", "1", day)]).await;
    let sent = pair.settle_down().await;
    // 13 weeks of five days less what lies beyond the window, and the whole day.
    assert!((60..=66).contains(&sent.len()), "{}", sent.len());
    assert_eq!(sent.iter().filter(|job| job.fields.span.is_all_day()).count(), 1);
    assert!(sent.iter().all(|job| job.fields.recurrence.is_empty()));
    pair.receive(
        pair.one,
        vec![Delta::Upsert(Box::new(exception(
            4,
            "2",
            Fields { span: timed("2026-03-04T16:00:00Z", 15), ..standup() },
        )))],
    )
    .await;
    let sent = pair.settle_down().await;
    assert_eq!(sent.len(), 1, "a moved occurrence moves its own copy");
}

#[tokio::test]
async fn a_series_that_begins_in_a_gap_is_copied_at_the_times_that_it_takes() {
    let pair = Pair::new().await;
    let recurrence = vec!["DTSTART:20260308T023000".into(), "RRULE:FREQ=DAILY;COUNT=3".into()];
    let night = Fields { recurrence, ..Fields::new("Night", timed("2026-03-08T07:30:00Z", 30)) };
    pair.receive(pair.one, vec![upsert("n", "1", night)]).await;
    let sent = pair.settle_down().await;
    let mut spans: Vec<_> = sent.into_iter().map(|job| job.fields.span.bounds(ZONE)).collect();
    spans.sort();
    let starts = ["2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z", "2026-03-10T06:30:00Z"];
    assert_eq!(spans, starts.map(|start| timed(start, 30).bounds(ZONE)));
    assert_eq!(pair.settle_down().await.len(), 0);
}

#[tokio::test]
async fn a_declined_meeting_gives_its_time_back() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Meeting"))]).await;
    pair.settle_down().await;
    let mut declined = snapshot("a", "2", fields("Meeting"));
    declined.event.answer = Answer::Declined;
    pair.receive(pair.one, vec![Delta::Upsert(Box::new(declined))]).await;
    let sent = pair.settle_down().await;
    assert!(matches!(sent[0].action, Action::Delete { .. }));
}
