//! Busy on one = blocked on all, over real sockets: copies appear, move, vanish, and never multiply.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use daymark_engine::api::Call;
use daymark_engine::api::blocks::{
    BlockPrivacy, BlockRemoval, Confirm, DropRun, HeldRun, ReleaseRun, Removal,
};
use daymark_engine::api::health::{CardCode, Remedy};
use daymark_engine::api::journal::{Cause, JournalQuery, JournalRun, RunUndone, UndoRun};
use daymark_engine::api::schedule::{ChangeEvent, Scope, When, Written};
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use serde_json::json;

use crate::support::{health, items, text, unchanged, writes};
use crate::three::{PLACES, Place, Three, body};

fn hour(day: i64, hour: i64) -> DateTime<Utc> {
    let monday: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
    monday + TimeDelta::days(day) + TimeDelta::hours(hour)
}

async fn runs(three: &Three) -> Vec<JournalRun> {
    three.world.call(Call::JournalRuns(JournalQuery { limit: 50, before: None })).await.unwrap()
}

#[tokio::test]
async fn a_copy_appears_moves_and_vanishes_with_its_source() {
    let three = Three::begin().await;
    let id = three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.world.sync().await.unwrap();
    assert_eq!(three.counts(), [0, 1, 1]);
    let before: Vec<String> = PLACES.iter().flat_map(|place| three.copies(*place)).map(|it| it.id).collect();
    three.move_to(Place::Work, &id, hour(2, 9));
    three.world.sync().await.unwrap();
    for place in [Place::Home, Place::Clinic] {
        let copy = three.copies(place).remove(0);
        assert_eq!((copy.title.as_str(), copy.start, copy.busy), ("Busy", hour(2, 9), true));
    }
    let after: Vec<String> = PLACES.iter().flat_map(|place| three.copies(*place)).map(|it| it.id).collect();
    assert_eq!(before, after, "a copy is moved in place, not deleted and made again");
    three.delete(Place::Work, &id);
    three.world.sync().await.unwrap();
    assert_eq!(three.counts(), [0, 0, 0]);
}

#[tokio::test]
async fn a_copy_invites_nobody_reminds_nobody_and_is_quiet() {
    let three = Three::begin().await;
    let mut meeting = body(Place::Work, "Round table", hour(1, 15), hour(1, 16));
    meeting["attendees"] = json!([{ "email": "boss@work.example" }, { "email": "kit@work.example" }]);
    meeting["description"] = json!("Dial in: 555-0100");
    meeting["eventType"] = json!("default");
    three.insert(Place::Work, meeting);
    three.choose(Place::Home, |choice| choice.block_privacy = Some(BlockPrivacy::All)).await;
    three.world.sync().await.unwrap();
    let home = three.copies(Place::Home).remove(0);
    assert_eq!(
        (home.title.as_str(), text(&home.raw, "/description")),
        ("Round table", "Dial in: 555-0100".into())
    );
    assert!(home.raw.get("attendees").is_none() && home.raw.get("conferenceData").is_none());
    assert_eq!(home.raw["reminders"]["useDefault"], false);
    let clinic = three.copies(Place::Clinic).remove(0);
    assert_eq!(clinic.raw["attendees"].as_array().map(Vec::len).unwrap_or_default(), 0);
    assert_eq!((&clinic.raw["isReminderOn"], &clinic.raw["sensitivity"]), (&json!(false), &json!("private")));
    let posts = three.world.sandbox.control().writes();
    let google = posts.iter().filter(|it| it.provider == Some(Provider::Google));
    assert!(google.into_iter().all(|it| format!("{it:?}").contains("sendUpdates=none")));
    assert!(three.world.sandbox.control().mail().is_empty());
}

#[tokio::test]
async fn time_away_is_copied_as_plain_busy_time() {
    let three = Three::begin().await;
    let mut away = body(Place::Clinic, "Away", hour(1, 9), hour(1, 17));
    away["showAs"] = json!("oof");
    three.insert(Place::Clinic, away);
    three.world.sync().await.unwrap();
    let copy = three.copies(Place::Work).remove(0);
    assert!(copy.busy && copy.raw["eventType"] != "outOfOffice");
}

#[tokio::test]
async fn lost_answers_make_no_second_copy() {
    let three = Three::begin().await;
    for provider in [Provider::Google, Provider::Microsoft] {
        let lost = Fault::new(provider, Kind::LoseAnswer).method("POST").contains("/events").times(5);
        three.world.sandbox.control().arm(lost).unwrap();
    }
    three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.add(Place::Clinic, "Ward round", hour(2, 15), 60);
    three.settle().await;
    assert_eq!(three.counts(), [1, 2, 1]);
}

#[tokio::test]
async fn stopped_between_staging_and_sending_it_makes_no_second_copy() {
    let mut three = Three::begin().await;
    three.add(Place::Work, "Dentist", hour(1, 15), 60);
    for provider in [Provider::Google, Provider::Microsoft] {
        let cut = Fault::new(provider, Kind::Cut).method("POST").contains("/events").always();
        three.world.sandbox.control().arm(cut).unwrap();
    }
    three.world.run().await.unwrap();
    assert_eq!(three.counts(), [0, 0, 0]);
    assert_eq!(health(&three.world).await.waiting, 2);
    three.world.restart().await.unwrap();
    three.world.sandbox.control().clear_faults();
    three.settle().await;
    assert_eq!(three.counts(), [0, 1, 1]);
    let before = writes(&three.world);
    three.world.sync().await.unwrap();
    assert_eq!(writes(&three.world), before);
}

#[tokio::test]
async fn a_second_laptop_adopts_the_copies_instead_of_multiplying_them() {
    let mut three = Three::begin().await;
    let id = three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.add(Place::Clinic, "Ward round", hour(2, 15), 60);
    three.settle().await;
    assert_eq!(three.counts(), [1, 2, 1]);
    let mut other = three.world.change_laptop("second").await.unwrap();
    let before = writes(&three.world);
    three.sign_in(&PLACES).await;
    three.settle().await;
    assert_eq!(writes(&three.world), before, "nothing is written for what stands already");
    // Whichever laptop sees a change first carries it out; the other finds it done.
    three.move_to(Place::Work, &id, hour(3, 9));
    for _ in 0..3 {
        three.settle().await;
        std::mem::swap(&mut three.world.engine, &mut other);
    }
    assert_eq!(three.counts(), [1, 2, 1]);
    assert!(three.copies(Place::Home).iter().any(|it| it.start == hour(3, 9)));
    three.delete(Place::Work, &id);
    for _ in 0..3 {
        three.settle().await;
        std::mem::swap(&mut three.world.engine, &mut other);
    }
    assert_eq!(three.counts(), [1, 1, 0]);
}

#[tokio::test]
async fn two_laptops_that_see_a_new_event_at_once_make_one_copy() {
    let mut three = Three::begin().await;
    let mut other = three.world.change_laptop("second").await.unwrap();
    three.sign_in(&PLACES).await;
    three.add(Place::Work, "Dentist", hour(1, 15), 60);
    let (one, two) = (Arc::clone(&three.world.engine), Arc::clone(&other));
    let both = three.world.clock.passing(async { tokio::join!(one.sync(), two.sync()) }).await;
    both.0.unwrap();
    both.1.unwrap();
    for _ in 0..3 {
        three.settle().await;
        std::mem::swap(&mut three.world.engine, &mut other);
    }
    assert_eq!(three.counts(), [0, 1, 1]);
}

#[tokio::test]
async fn a_second_laptop_without_the_sources_account_leaves_its_copies_alone() {
    let mut three = Three::begin().await;
    three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.settle().await;
    let _first = three.world.change_laptop("second").await.unwrap();
    let before = writes(&three.world);
    three.sign_in(&[Place::Home, Place::Clinic]).await;
    three.settle().await;
    assert_eq!(writes(&three.world), before);
    assert_eq!(three.counts(), [0, 1, 1]);
}

#[tokio::test]
async fn a_users_copy_of_a_copy_is_left_alone_and_blocks_as_any_event_does() {
    let three = Three::begin().await;
    let id = three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.settle().await;
    let copy = three.copies(Place::Home).remove(0);
    let mut made = body(Place::Home, "Busy", hour(4, 10), hour(4, 11));
    made["extendedProperties"] = copy.raw["extendedProperties"].clone();
    let made = three.insert(Place::Home, made);
    three.settle().await;
    assert_eq!(three.counts(), [1, 2, 2], "the new event blocks the other two");
    three.delete(Place::Work, &id);
    three.settle().await;
    let left: Vec<String> = three.copies(Place::Home).into_iter().map(|it| it.id).collect();
    assert_eq!(left, [made], "the original's own copy is gone, and nothing else");
    assert_eq!(three.counts(), [1, 1, 1]);
}

#[tokio::test]
async fn a_copy_deleted_by_hand_stays_deleted_until_its_source_moves() {
    let three = Three::begin().await;
    let id = three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.settle().await;
    for place in [Place::Home, Place::Clinic] {
        three.delete(place, &three.copies(place)[0].id);
    }
    three.settle().await;
    assert_eq!(three.counts(), [0, 0, 0]);
    three.move_to(Place::Work, &id, hour(2, 15));
    three.settle().await;
    assert_eq!(three.counts(), [0, 1, 1]);
}

#[tokio::test]
async fn a_time_that_is_free_and_busy_again_is_copied_again() {
    let three = Three::begin().await;
    let id = three.add(Place::Work, "Dentist", hour(1, 15), 60);
    for _ in 0..6 {
        three.set_busy(Place::Work, &id, true);
        three.settle().await;
        assert_eq!(three.counts(), [0, 1, 1]);
        three.set_busy(Place::Work, &id, false);
        three.settle().await;
        assert_eq!(three.counts(), [0, 0, 0]);
    }
}

#[tokio::test]
async fn a_failed_fetch_is_no_empty_source_and_deletes_nothing() {
    let three = Three::begin().await;
    three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.settle().await;
    let failing = Kind::Status { status: 500, reason: None, retry_after_s: None, body: None };
    let events = Fault::new(Provider::Google, failing).method("GET").contains("/events").always();
    three.world.sandbox.control().arm(events).unwrap();
    three.world.run().await.unwrap();
    three.world.sandbox.control().clear_faults();
    three.world.sandbox.google().expire_sync_tokens(Place::Work.user(), "primary");
    let cut = Fault::new(Provider::Google, Kind::Truncate).method("GET").contains("/events").times(20);
    three.world.sandbox.control().arm(cut).unwrap();
    three.world.run().await.unwrap();
    assert_eq!(three.counts(), [0, 1, 1]);
    three.world.sandbox.control().clear_faults();
    three.world.sandbox.google().share(Place::Work.user(), Place::Work.user(), None).unwrap();
    three.settle().await;
    assert_eq!(three.counts(), [0, 1, 1], "nor is a calendar that left the list");
}

#[tokio::test]
async fn a_revoked_account_deletes_nothing() {
    let three = Three::begin().await;
    let id = three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.settle().await;
    three.delete(Place::Work, &id);
    three.world.sandbox.control().revoke(Provider::Google, Place::Work.user());
    three.world.advance(TimeDelta::hours(2));
    three.world.run().await.unwrap();
    assert_eq!(three.counts(), [0, 1, 1]);
}

#[tokio::test]
async fn a_windows_edge_never_deletes_a_source_or_a_past_copy() {
    let three = Three::begin().await;
    three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.settle().await;
    three.world.advance(TimeDelta::days(40));
    three.settle().await;
    assert_eq!(three.held(Place::Work).len(), 1);
    assert_eq!(three.counts(), [0, 1, 1]);
}

#[tokio::test]
async fn one_meeting_seen_through_two_providers_is_copied_once() {
    let three = Three::begin().await;
    let id = three.add(Place::Work, "Case conference", hour(1, 15), 60);
    let uid =
        three.world.sandbox.google().event(Place::Work.user(), "primary", &id).unwrap()["iCalUID"].clone();
    let mut same = body(Place::Home, "Case conference", hour(1, 15), hour(1, 16));
    same["iCalUID"] = uid;
    three.insert(Place::Home, same);
    three.settle().await;
    assert_eq!(three.counts(), [0, 0, 1]);
}

#[tokio::test]
async fn a_whole_series_that_moves_takes_its_copies_along_without_the_brake() {
    let three = Three::begin().await;
    let mut series = body(Place::Work, "Stand-up", hour(1, 14), hour(1, 15));
    series["recurrence"] = json!(["RRULE:FREQ=DAILY"]);
    let id = three.insert(Place::Work, series);
    three.settle().await;
    let [_, home, clinic] = three.counts();
    assert!((85..=91).contains(&home) && home == clinic, "{home} {clinic}");
    let before: Vec<String> = three.copies(Place::Home).into_iter().map(|it| it.id).collect();
    three.move_to(Place::Work, &id, hour(1, 16));
    three.world.sync().await.unwrap();
    assert_eq!(three.held_run().await, None);
    let after: Vec<String> = three.copies(Place::Home).into_iter().map(|it| it.id).collect();
    assert_eq!(before, after);
    assert!(three.copies(Place::Home).iter().all(|it| it.start.format("%H").to_string() == "16"));
}

#[tokio::test]
async fn this_and_following_takes_its_copies_along_without_the_brake_also_while_the_engine_runs() {
    for running in [false, true] {
        let three = Three::begin().await;
        let mut series = body(Place::Work, "Stand-up", hour(1, 14), hour(1, 15));
        series["recurrence"] = json!(["RRULE:FREQ=DAILY"]);
        three.insert(Place::Work, series);
        three.settle().await;
        let ids = || three.copies(Place::Home).into_iter().map(|it| it.id).collect::<BTreeSet<_>>();
        let before = ids();
        let items = items(&three.world, "2026-03-02", "2026-03-09").await;
        let third = items.iter().filter(|it| it.title == "Stand-up").nth(2).unwrap();
        let (start, end) = (third.start + TimeDelta::hours(3), third.end + TimeDelta::hours(3));
        let change = ChangeEvent {
            scope: Some(Scope::Following),
            when: Some(When { start, end, all_day: false }),
            ..unchanged(&third.event)
        };
        if running {
            three.world.engine.start();
        }
        let _: Written = three.world.call(Call::ChangeEvent(change)).await.unwrap();
        let moved = || three.copies(Place::Home).iter().filter(|it| it.start.hour() == 17).count();
        while running && moved() + 2 < before.len() {
            three.world.advance(TimeDelta::seconds(1));
            tokio::task::yield_now().await;
        }
        if !running {
            three.world.sync().await.unwrap();
        }
        assert_eq!(three.held_run().await, None);
        three.world.engine.stop().await;
        assert_eq!((ids(), moved()), (before.clone(), before.len() - 2), "running: {running}");
    }
}

#[tokio::test]
async fn the_brake_stops_before_anything_is_written_and_a_release_goes_on() {
    let mut three = Three::begin().await;
    let ids: Vec<String> =
        (0..24).map(|n| three.add(Place::Work, &format!("Visit {n}"), hour(1 + n, 15), 60)).collect();
    three.settle().await;
    assert_eq!(three.counts(), [0, 24, 24]);
    ids.iter().for_each(|id| three.delete(Place::Work, id));
    let before = writes(&three.world);
    three.world.sync().await.unwrap();
    assert_eq!(writes(&three.world), before);
    let card = |cards: Vec<daymark_engine::api::health::Card>| {
        cards.into_iter().find(|card| card.code == CardCode::Brake).unwrap()
    };
    let first = card(health(&three.world).await.cards);
    assert_eq!(first.params["deletes"], "48");
    three.world.restart().await.unwrap();
    assert_eq!(card(health(&three.world).await.cards), first, "the same question after a restart");
    three.world.sync().await.unwrap();
    assert_eq!(card(health(&three.world).await.cards), first);
    let held = three.held_run().await.unwrap();
    assert_eq!((held.deletes.len(), first.remedies.clone()), (48, vec![Remedy::ReviewRun { run: held.run }]));
    let stale = Call::ReleaseRun(ReleaseRun { run: held.run, token: "another".into() });
    assert!(three.world.call::<()>(stale).await.is_err());
    three.release().await;
    three.world.sync().await.unwrap();
    assert_eq!(three.counts(), [0, 0, 0]);
    assert!(health(&three.world).await.cards.iter().all(|card| card.code != CardCode::Brake));
}

#[tokio::test]
async fn a_dropped_run_keeps_the_copies() {
    let three = Three::begin().await;
    let ids: Vec<String> =
        (0..24).map(|n| three.add(Place::Work, &format!("Visit {n}"), hour(1 + n, 15), 60)).collect();
    three.settle().await;
    ids.iter().for_each(|id| three.delete(Place::Work, id));
    three.world.sync().await.unwrap();
    let HeldRun { run, .. } = three.held_run().await.unwrap();
    let () = three.world.call(Call::DropRun(DropRun { run })).await.unwrap();
    three.settle().await;
    assert_eq!((three.counts(), three.held_run().await), ([0, 24, 24], None));
}

#[tokio::test]
async fn the_cleaner_takes_all_copies_away_with_an_empty_database() {
    let mut three = Three::begin().await;
    for n in 0..12 {
        three.add(PLACES[n % 3], &format!("Event {n}"), hour(1 + i64::try_from(n).unwrap(), 15), 60);
    }
    three.settle().await;
    assert_eq!(three.counts(), [8, 8, 8]);
    let _first = three.world.change_laptop("new").await.unwrap();
    for place in PLACES {
        three.world.connect(place.kind(), place.user()).await.unwrap();
    }
    let preview: BlockRemoval = three.world.call(Call::RemoveBlocks(Confirm::default())).await.unwrap();
    assert_eq!((preview.deletes.len(), preview.left, preview.unread.len(), preview.done), (24, 0, 0, false));
    assert_eq!(three.counts(), [8, 8, 8], "a preview changes nothing");
    let confirm = Confirm { token: Some(preview.token) };
    let done: BlockRemoval = three.world.call(Call::RemoveBlocks(confirm)).await.unwrap();
    assert!(done.done);
    three.settle().await;
    assert_eq!(three.counts(), [0, 0, 0]);
    assert_eq!(PLACES.map(|place| three.held(place).len()), [4, 4, 4], "and nothing else");
}

#[tokio::test]
async fn a_run_of_copies_is_undone_in_one_go_and_not_made_again() {
    let three = Three::begin().await;
    for n in 0..3 {
        three.add(Place::Work, &format!("Visit {n}"), hour(1 + n, 15), 60);
    }
    three.world.sync().await.unwrap();
    let run = runs(&three).await.into_iter().find(|run| run.cause == Cause::Block).unwrap();
    assert_eq!((run.created, run.waiting), (6, 0));
    let undone: RunUndone = three
        .world
        .call(Call::UndoRun(UndoRun { run: run.run.unwrap(), guests_confirmed: false }))
        .await
        .unwrap();
    assert_eq!((undone.undone, undone.refused.len()), (6, 0));
    three.settle().await;
    assert_eq!(three.counts(), [0, 0, 0]);
}

#[tokio::test]
async fn everything_that_daymark_ever_wrote_can_be_taken_away() {
    let three = Three::begin().await;
    three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.settle().await;
    let home = crate::support::calendar(&three.world, "Home").await;
    crate::support::create(&three.world, home, "Made here", "2026-03-05T10:00:00", "2026-03-05T11:00:00")
        .await;
    three.settle().await;
    assert_eq!(three.counts(), [1, 1, 2]);
    let preview: Removal = three.world.call(Call::RemoveEverything(Confirm::default())).await.unwrap();
    assert_eq!((preview.deletes.len(), preview.restores.len(), preview.cannot.len()), (5, 0, 0));
    let confirm = Confirm { token: Some(preview.token) };
    let _: Removal = three.world.call(Call::RemoveEverything(confirm)).await.unwrap();
    three.settle().await;
    assert_eq!(PLACES.map(|place| three.held(place).len()), [1, 0, 0]);
}

#[tokio::test]
async fn the_schedule_names_the_source_of_a_copy() {
    let three = Three::begin().await;
    three.choose(Place::Home, |choice| choice.block_privacy = Some(BlockPrivacy::Title)).await;
    three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.settle().await;
    let all = items(&three.world, "2026-03-03", "2026-03-04").await;
    let mut sources: Vec<_> = all
        .into_iter()
        .filter_map(|item| item.block.map(|block| (item.title, block.calendar, block.title)))
        .collect();
    sources.sort();
    let work = || "Work".to_owned();
    assert_eq!(sources, [("Busy".into(), work(), None), ("Dentist".into(), work(), Some("Dentist".into()))]);
}

#[tokio::test]
async fn a_calendar_that_stops_receiving_gives_its_copies_back() {
    let three = Three::begin().await;
    three.add(Place::Work, "Dentist", hour(1, 15), 60);
    three.settle().await;
    three.choose(Place::Home, |choice| choice.receives_blocks = Some(false)).await;
    three.settle().await;
    assert_eq!(three.counts(), [0, 0, 1]);
}
