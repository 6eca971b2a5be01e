//! Opening the database, taking in answers, and reading the agenda and busy time.

use chrono_tz::Tz;
use daymark_core::event::{Fields, Original, RemoteId, ShowAs};
use daymark_core::glimpse::Glimpse;
use daymark_core::merge::Delta;
use daymark_core::time::{Interval, Span};

use super::world::{
    World, ZONE, at, cancelled, date, exception, fields, later, listed, now, snapshot, standup, standup_on,
    timed, upsert, week, whole_day, within,
};
use crate::{Access, AccountState, Choice, EventRef, Mirror, MirrorError, Next, Turn};

#[tokio::test]
async fn a_missing_folder_is_made_and_what_was_stored_is_there_after_a_restart() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    world.mirror.close().await;
    let path = world.folder.path().join("data/mirror.db");
    let again = Mirror::open(&path).await.unwrap();
    assert_eq!(again.agenda(week(), Tz::UTC).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_damaged_file_a_folder_and_a_newer_database_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror.db");
    std::fs::write(&path, "these bytes are no database, however long one reads them").unwrap();
    assert!(matches!(Mirror::open(&path).await, Err(MirrorError::Corrupt { .. })));
    assert!(matches!(Mirror::open(folder.path()).await, Err(MirrorError::Unreadable { .. })));
    assert!(matches!(Mirror::open(&path.join("under/a/file.db")).await, Err(MirrorError::Folder { .. })));

    let world = World::new().await;
    let mut tx = world.pool.write().await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'newer', 1, x'00', 0)";
    sqlx::query(newer).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    world.close().await;
    let newer = Mirror::open(&world.folder.path().join("data/mirror.db")).await;
    assert!(matches!(newer, Err(MirrorError::Newer { .. })), "{newer:?}");
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_leaves_nothing_half_written() {
    let world = World::new().await;
    let mut tx = world.pool.write().await.unwrap();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.pool.write().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 4)))
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let many = (0..500).map(|n| upsert(&format!("e{n}"), "1", fields("Visit"))).collect();
    let turn = Turn { asked: None, next: Next::Done("next".into()), window: None };
    let full = world.apply(world.calendar, many, turn, now()).await;
    assert!(matches!(full, Err(MirrorError::DiskFull { .. })), "{full:?}");
    assert_eq!(world.titles().await, Vec::<String>::new());
    assert_eq!(world.cursor().await, None);
    world.receive(vec![upsert("e1", "1", fields("Visit"))]).await;
    assert_eq!(world.titles().await, ["Visit"], "what there is room for is taken");
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing() {
    let world = World::new().await;
    let mut tx = world.pool.write().await.unwrap();
    let all = snapshot("a", "1", fields("Visit"));
    crate::table::event::insert_remote(&mut tx, world.calendar, &all, 1).await.unwrap();
    drop(tx);
    world.receive(vec![upsert("b", "1", fields("Other"))]).await;
    assert_eq!(world.titles().await, ["Other"]);
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_named() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    let mut tx = world.pool.write().await.unwrap();
    sqlx::query("UPDATE event SET status = 'perhaps'").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let why = world.agenda(week(), Tz::UTC).await.unwrap_err().to_string();
    assert!(why.starts_with("table event, column status, row 1:"), "{why}");
}

#[tokio::test]
async fn an_account_is_added_once_and_removed_with_everything() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    world.set_account_state(world.account, AccountState::SignInNeeded, "revoked").await.unwrap();
    let again = world.add_account("google", "maya@northcare.example", now()).await.unwrap();
    assert_eq!(again, world.account);
    assert_eq!(world.accounts().await.unwrap()[0].state, AccountState::Ok);
    world.remove_account(again).await.unwrap();
    assert!(world.calendars().await.unwrap().is_empty());
    assert!(world.week().await.is_empty());
    assert!(matches!(world.remove_account(again).await, Err(MirrorError::NotFound("account"))));
}

#[tokio::test]
async fn a_calendar_that_vanishes_is_hidden_and_comes_back_as_it_was() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    world.choose_calendar(world.calendar, Choice { color: Some(7), ..Choice::default() }).await.unwrap();
    world.store_calendars(world.account, &[listed("other", Access::FreeBusy)]).await.unwrap();
    let calendars = world.calendars().await.unwrap();
    assert_eq!(
        calendars.iter().map(|it| (it.gone, it.chosen)).collect::<Vec<_>>(),
        [(true, true), (false, false)]
    );
    assert!(world.week().await.is_empty());
    let busy = world.busy(week(), Tz::UTC).await.unwrap();
    assert_eq!(busy.taken.len(), 1, "what was known of it goes on to take time");
    world.store_calendars(world.account, &[listed("main", Access::Write)]).await.unwrap();
    assert_eq!(world.calendars().await.unwrap()[0].color, 7);
    assert_eq!(world.titles().await, ["Visit"]);
}

#[tokio::test]
async fn a_calendar_that_is_not_shown_is_not_on_the_agenda_but_takes_time() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    world.choose_calendar(world.calendar, Choice { shown: Some(false), ..Choice::default() }).await.unwrap();
    assert!(world.week().await.is_empty());
    assert_eq!(world.busy(week(), Tz::UTC).await.unwrap().taken.len(), 1);
}

#[tokio::test]
async fn the_same_page_again_changes_nothing_and_a_stale_cursor_is_refused() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    let number = world.change_number().await.unwrap();
    let replay = world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    assert!(!replay.changed);
    assert_eq!(world.change_number().await.unwrap(), number);
    let stale = Turn { asked: Some("older".into()), next: Next::Done("x".into()), window: None };
    let refused = world.apply(world.calendar, vec![], stale, now()).await;
    assert!(matches!(refused, Err(MirrorError::StaleCursor)));
}

#[tokio::test]
async fn several_words_about_one_event_in_one_page_end_with_the_last() {
    let world = World::new().await;
    let gone = Delta::Removed(RemoteId("b".into()));
    let page = vec![
        upsert("a", "1", fields("First")),
        upsert("b", "1", fields("Gone")),
        upsert("a", "2", fields("Last")),
        gone.clone(),
        gone,
    ];
    world.receive(page).await;
    assert_eq!(world.titles().await, ["Last"]);
}

#[tokio::test]
async fn a_full_round_sweeps_what_it_did_not_see_only_when_it_is_complete() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Kept")), upsert("b", "1", fields("Gone"))]).await;
    world.restart(world.calendar).await.unwrap();
    world.page(vec![upsert("a", "1", fields("Kept"))], Next::More("more".into())).await;
    assert_eq!(world.titles().await, ["Kept", "Gone"]);
    let done = world.page(vec![upsert("c", "1", fields("New"))], Next::Done("done".into())).await;
    assert_eq!((done.removed, done.changed), (1, true));
    assert_eq!(world.titles().await, ["Kept", "New"]);
}

#[tokio::test]
async fn an_incremental_round_sweeps_nothing() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Kept"))]).await;
    world.receive(vec![upsert("b", "1", fields("New"))]).await;
    assert_eq!(world.titles().await, ["Kept", "New"]);
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_named_and_deletes_nothing() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Known")), upsert("b", "1", fields("Lost"))]).await;
    world.restart(world.calendar).await.unwrap();
    let applied = world.receive(vec![unreadable(Some("a")), unreadable(None)]).await;
    assert_eq!(applied.set_aside, 2);
    assert_eq!(world.titles().await, ["Known", "Lost"]);

    world.restart(world.calendar).await.unwrap();
    world.receive(vec![unreadable(Some("a"))]).await;
    assert_eq!(world.titles().await, ["Known"]);
    assert_eq!(world.set_aside().await.unwrap()[0].remote_id.as_deref(), Some("a"));

    world.receive(vec![upsert("a", "2", fields("Readable"))]).await;
    assert!(world.set_aside().await.unwrap().is_empty());
}

fn unreadable(id: Option<&str>) -> Delta {
    glimpsed(id, Glimpse::default())
}

fn glimpsed(id: Option<&str>, glimpse: Glimpse) -> Delta {
    Delta::Malformed { id: id.map(|id| RemoteId(id.into())), why: "no end".into(), glimpse }
}

#[tokio::test]
async fn what_could_be_read_of_an_entry_that_was_set_aside_is_kept_and_follows_it() {
    let world = World::new().await;
    let day = |text: &str| Some(text.parse().unwrap());
    let aside =
        async || world.set_aside().await.unwrap().into_iter().map(|it| it.glimpse).collect::<Vec<_>>();
    let timed = Glimpse::new("Visit Singh", day("2026-03-12T09:00:00Z"));
    let whole = Glimpse::new("Team day", day("2026-03-09"));
    world.receive(vec![glimpsed(Some("a"), timed.clone()), glimpsed(Some("b"), whole.clone())]).await;
    assert_eq!(aside().await, [whole, timed.clone()]);

    world.receive(vec![upsert("b", "2", fields("Team day")), glimpsed(Some("a"), Glimpse::default())]).await;
    assert_eq!(aside().await, [Glimpse::default()], "it says what it says now");
}

#[tokio::test]
async fn an_entry_that_a_full_round_no_longer_has_is_not_named_any_more() {
    let world = World::new().await;
    world.receive(vec![unreadable(Some("a")), unreadable(Some("b"))]).await;
    world.restart(world.calendar).await.unwrap();
    world.receive(vec![unreadable(None), unreadable(Some("a"))]).await;
    assert_eq!(world.set_aside().await.unwrap().len(), 3, "the nameless one may be the one that is missing");
    world.restart(world.calendar).await.unwrap();
    world.receive(vec![unreadable(Some("a"))]).await;
    assert_eq!(world.set_aside().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_series_with_a_rule_that_cannot_be_read_stays_named_until_the_rule_changes() {
    let world = World::new().await;
    let ruled = |rule: &str| {
        let mut series = standup();
        series.recurrence = vec![rule.to_owned()];
        series
    };
    world.receive(vec![upsert("s", "1", ruled("RRULE:FREQ=SOMETIMES"))]).await;
    let noted = world.set_aside().await.unwrap();
    assert_eq!((&noted[0].glimpse, noted[0].once), (&Glimpse::of(&standup()), true), "it stands, once");
    world.restart(world.calendar).await.unwrap();
    world.receive(vec![upsert("s", "1", ruled("RRULE:FREQ=SOMETIMES"))]).await;
    assert_eq!(world.set_aside().await.unwrap().len(), 1, "reading the same again mends nothing");
    world.receive(vec![upsert("s", "2", ruled("RRULE:FREQ=DAILY"))]).await;
    assert!(world.set_aside().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_the_person_was_told_and_dismissed_is_named_again_only_when_it_comes_again() {
    let world = World::new().await;
    world.receive(vec![unreadable(Some("a")), unreadable(None)]).await;
    world.dismiss_set_aside(world.calendar).await.unwrap();
    assert!(world.set_aside().await.unwrap().is_empty());
    world.receive(vec![unreadable(Some("a"))]).await;
    assert_eq!(world.set_aside().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_entry_without_a_title_is_known_by_the_one_it_had() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit Singh"))]).await;
    world.receive(vec![unreadable(Some("a"))]).await;
    assert_eq!(world.set_aside().await.unwrap()[0].glimpse, Glimpse::new("Visit Singh", None));
}

#[tokio::test]
async fn the_edge_of_a_window_never_means_deletion() {
    let world = World::new().await;
    let outside = fields("Outside");
    let across = timed("2026-03-03T04:00:00Z", 24 * 60);
    let across = daymark_core::event::Fields::new("Across", across);
    let inside = daymark_core::event::Fields::new("Inside", timed("2026-03-04T15:00:00Z", 60));
    let all = vec![upsert("a", "1", outside), upsert("b", "1", across), upsert("c", "1", inside)];
    world.receive(all).await;
    world.restart(world.calendar).await.unwrap();
    let window = Interval::new(at("2026-03-03T12:00:00Z"), at("2026-03-09T00:00:00Z"));
    let turn = Turn { asked: None, next: Next::Done("x".into()), window };
    let applied = world.apply(world.calendar, vec![], turn, now()).await.unwrap();
    assert_eq!(applied.removed, 1);
    assert_eq!(world.titles().await, ["Outside", "Across"]);
}

#[tokio::test]
async fn a_series_shows_its_moved_and_not_its_cancelled_occurrences() {
    let world = World::new().await;
    let mut moved = standup();
    moved.recurrence.clear();
    moved.span = timed("2026-03-04T16:30:00Z", 15);
    let moved = exception(4, "1", moved);
    // Exceptions may come before their series.
    world.receive(vec![cancelled(3), Delta::Upsert(Box::new(moved))]).await;
    assert_eq!(world.starts().await, ["Wed 11:30"]);
    world.receive(vec![upsert("s", "1", standup())]).await;
    assert_eq!(world.starts().await, ["Mon 09:00", "Wed 11:30", "Thu 09:00", "Fri 09:00"]);
    let wednesday = &world.week().await[1];
    assert_eq!(wednesday.event.original, Some(standup_on(4)));
    assert!(wednesday.repeats);
}

#[tokio::test]
async fn removing_a_series_removes_its_exceptions() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup()), cancelled(3)]).await;
    world.receive(vec![Delta::Removed(RemoteId("s".into()))]).await;
    assert!(world.week().await.is_empty());
    world.receive(vec![upsert("s", "2", standup())]).await;
    assert_eq!(world.week().await.len(), 5);
}

#[tokio::test]
async fn a_series_as_a_whole_replaces_what_was_known_of_it() {
    let world = World::new().await;
    world.receive(vec![upsert("s", "1", standup()), cancelled(3)]).await;
    let whole = Delta::Series {
        master: Box::new(snapshot("s", "2", standup())),
        exceptions: vec![],
        cancelled: vec![standup_on(5)],
    };
    world.receive(vec![whole.clone()]).await;
    assert_eq!(world.starts().await, ["Mon 09:00", "Tue 09:00", "Wed 09:00", "Fri 09:00"]);
    assert!(!world.receive(vec![whole]).await.changed);
}

#[tokio::test]
async fn whole_days_and_floating_times_are_the_readers_own() {
    let world = World::new().await;
    let wall = |text: &str| text.parse().unwrap();
    let floating = Span::Floating { start: wall("2026-03-05T08:00:00"), end: wall("2026-03-05T09:00:00") };
    let floating = daymark_core::event::Fields::new("Pills", floating);
    let day = daymark_core::event::Fields::new("Leave", whole_day("2026-03-05"));
    world.receive(vec![upsert("d", "1", day), upsert("f", "1", floating)]).await;
    for zone in [Tz::Pacific__Auckland, Tz::Pacific__Honolulu, Tz::Asia__Kolkata] {
        let within = daymark_core::time::days(date("2026-03-05"), date("2026-03-06"), zone).unwrap();
        let rows = world.agenda(within, zone).await.unwrap();
        let shown: Vec<String> = rows.iter().map(|row| row.time.start_wall.to_string()).collect();
        assert_eq!(shown, ["2026-03-05 00:00:00", "2026-03-05 08:00:00"], "{zone}");
        assert_eq!(rows[0].time.start, within.start());
        let before = daymark_core::time::days(date("2026-03-04"), date("2026-03-05"), zone).unwrap();
        assert!(world.agenda(before, zone).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_event_of_several_weeks_is_found_from_its_middle() {
    let world = World::new().await;
    let long = daymark_core::event::Fields::new("Secondment", timed("2026-01-05T14:00:00Z", 90 * 24 * 60));
    let point = daymark_core::event::Fields::new("Reminder", timed("2026-03-04T15:00:00Z", 0));
    world.receive(vec![upsert("l", "1", long), upsert("p", "1", point)]).await;
    assert_eq!(world.titles().await, ["Secondment", "Reminder"]);
    let busy = world.busy(week(), Tz::UTC).await.unwrap();
    assert_eq!(busy.taken.iter().map(|it| it.title.as_str()).collect::<Vec<_>>(), ["Secondment"]);
}

#[tokio::test]
async fn free_and_declined_entries_take_no_time_and_an_unread_calendar_is_unknown() {
    let world = World::new().await;
    assert_eq!(world.busy(week(), Tz::UTC).await.unwrap().unknown, [world.calendar]);
    let free = daymark_core::event::Fields { show_as: ShowAs::Free, ..fields("Free") };
    world.page(vec![upsert("a", "1", free)], Next::More("more".into())).await;
    assert_eq!(world.busy(week(), Tz::UTC).await.unwrap().unknown, [world.calendar]);
    world.page(vec![upsert("b", "1", fields("Busy"))], Next::Done("done".into())).await;
    let busy = world.busy(week(), Tz::UTC).await.unwrap();
    assert!(busy.unknown.is_empty());
    assert_eq!(busy.taken.iter().map(|it| it.title.as_str()).collect::<Vec<_>>(), ["Busy"]);
}

#[tokio::test]
async fn an_entry_that_could_not_be_read_keeps_the_rest_of_its_day_from_being_promised() {
    let world = World::new().await;
    let unread = async || world.busy(week(), Tz::America__Toronto).await.unwrap().unread;
    let timed = Glimpse::new("Visit", Some(Original::At(at("2026-03-04T20:00:00Z"))));
    let whole = Glimpse::new("", Some(Original::On("2026-03-06".parse().unwrap())));
    let far = Glimpse::new("Far", Some(Original::On("2026-09-01".parse().unwrap())));
    let nowhere = Glimpse::new("Nowhere", None);
    let all = [("a", timed), ("b", whole), ("c", far), ("d", nowhere)];
    world.receive(all.map(|(id, glimpse)| glimpsed(Some(id), glimpse)).to_vec()).await;
    let stretch = |from, to| Interval::new(at(from), at(to)).unwrap();
    assert_eq!(
        unread().await,
        [
            stretch("2026-03-04T20:00:00Z", "2026-03-05T05:00:00Z"),
            stretch("2026-03-06T05:00:00Z", "2026-03-07T05:00:00Z"),
        ]
    );
    world.receive(vec![upsert("a", "2", fields("Visit")), Delta::Removed(RemoteId("b".into()))]).await;
    assert!(unread().await.is_empty());
}

#[tokio::test]
async fn an_old_series_is_shown_and_the_horizon_rolls() {
    let world = World::new().await;
    let mut old = standup();
    old.span = timed("2019-03-04T14:00:00Z", 15);
    world.receive(vec![upsert("s", "1", old)]).await;
    assert_eq!(world.week().await.len(), 5);
    assert!(!world.roll_horizon(later(3_600)).await.unwrap());
    assert!(world.roll_horizon(at("2026-09-01T00:00:00Z")).await.unwrap());
    let last: i64 = sqlx::query_scalar("SELECT max(start_s) FROM occurrence")
        .fetch_one(&mut *world.pool.read().await.unwrap())
        .await
        .unwrap();
    assert!(last > at("2027-10-01T00:00:00Z").timestamp());
}

#[tokio::test]
async fn who_looks_beyond_the_horizon_sees_the_series_there_too() {
    let world = World::new().await;
    let mut old = standup();
    old.span = timed("2019-03-04T14:00:00Z", 15);
    world.receive(vec![upsert("s", "1", old)]).await;
    for (from, to) in
        [("2021-06-07T04:00:00Z", "2021-06-14T04:00:00Z"), ("2029-06-04T04:00:00Z", "2029-06-11T04:00:00Z")]
    {
        let far = Interval::new(at(from), at(to)).unwrap();
        assert_eq!(world.agenda(far, Tz::UTC).await.unwrap().len(), 5);
        assert_eq!(world.busy(far, Tz::UTC).await.unwrap().taken.len(), 5);
    }
    assert_eq!(world.week().await.len(), 5);
    let never = Interval::new(at("2300-06-07T04:00:00Z"), at("2300-06-14T04:00:00Z")).unwrap();
    assert!(world.agenda(never, Tz::UTC).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_rule_that_cannot_be_followed_does_not_hide_its_event() {
    let world = World::new().await;
    let broken =
        daymark_core::event::Fields { recurrence: vec!["RRULE:FREQ=SOMETIMES".into()], ..fields("Odd") };
    world.receive(vec![upsert("s", "1", broken)]).await;
    assert_eq!(world.titles().await, ["Odd"]);
    assert_eq!(world.set_aside().await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_event_is_read_with_its_description_and_zone() {
    let world = World::new().await;
    let described = daymark_core::event::Fields { description: "Bring the forms".into(), ..standup() };
    world.receive(vec![upsert("s", "1", described)]).await;
    let row = &world.week().await[2];
    let view = world.event(&row.event, Tz::UTC).await.unwrap();
    assert_eq!(view.description, "Bring the forms");
    assert_eq!(view.zone, Some(super::world::ZONE));
    assert_eq!(view.row.time.start, at("2026-03-04T14:00:00Z"));
    let unknown = EventRef { event: 99, original: None };
    assert!(matches!(world.event(&unknown, Tz::UTC).await, Err(MirrorError::NotFound("event"))));
}

#[tokio::test]
async fn settings_are_kept_by_name() {
    let world = World::new().await;
    assert_eq!(world.setting::<String>("zone").await.unwrap(), None);
    world.set_setting("zone", &"America/Toronto").await.unwrap();
    assert_eq!(world.setting("zone").await.unwrap(), Some("America/Toronto".to_owned()));
}

#[tokio::test]
async fn a_weekly_series_that_is_years_old_still_takes_its_time() {
    let world = World::new().await;
    let mut old = standup();
    old.span = timed("2019-03-04T14:00:00Z", 15);
    world.receive(vec![upsert("s", "1", old)]).await;
    assert_eq!(world.busy(week(), ZONE).await.unwrap().taken.len(), 5);
}

#[tokio::test]
async fn an_endless_rule_of_minutes_is_cut_and_named_and_the_rest_of_the_page_stands() {
    let world = World::new().await;
    let recurrence = vec!["RRULE:FREQ=MINUTELY".into()];
    let endless = daymark_core::event::Fields { recurrence, ..fields("Endless") };
    let visit = daymark_core::event::Fields::new("Visit", timed("2026-03-02T13:00:00Z", 60));
    let applied = world.receive(vec![upsert("a", "1", endless), upsert("b", "1", visit)]).await;
    assert_eq!(applied.truncated, 1);
    let titles = world.titles().await;
    assert!(titles.iter().any(|title| title == "Visit") && titles.iter().any(|title| title == "Endless"));
}

#[tokio::test]
async fn far_ahead_a_series_still_takes_its_time_though_the_index_was_cut_before() {
    let world = World::new().await;
    let recurrence = vec!["RRULE:FREQ=HOURLY".into()];
    let span = timed("2026-03-02T13:00:00Z", 15);
    let hourly = daymark_core::event::Fields { recurrence, span, ..fields("Tank check") };
    let applied = world.receive(vec![upsert("s", "1", hourly)]).await;
    assert_eq!(applied.truncated, 1);
    // Beyond 5,000 hours.
    let day = within("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z");
    let taken = world.busy(day, ZONE).await.unwrap().taken;
    assert_eq!(taken.len(), 24);
    assert!(taken.iter().all(|it| it.title == "Tank check" && it.event.original.is_some()));
    let near = world.busy(within("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"), ZONE).await.unwrap();
    assert_eq!(near.taken.len(), 24, "none stands twice");
}

#[tokio::test]
async fn what_a_cut_series_may_still_take_is_not_free() {
    let world = World::new().await;
    let recurrence = vec!["RRULE:FREQ=MINUTELY".into()];
    let span = timed("2026-03-02T13:00:00Z", 1);
    let endless = daymark_core::event::Fields { recurrence, span, ..fields("Endless") };
    world.receive(vec![upsert("a", "1", endless.clone())]).await;
    let month = within("2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z");
    let last = |busy: &crate::Busy| busy.taken.iter().map(|it| it.interval.end()).max();
    assert_eq!(last(&world.busy(month, ZONE).await.unwrap()), Some(month.end()));
    let free = daymark_core::event::Fields { show_as: daymark_core::event::ShowAs::Free, ..endless };
    world.receive(vec![upsert("a", "2", free)]).await;
    assert_eq!(world.busy(month, ZONE).await.unwrap().taken, []);
}

#[tokio::test]
async fn a_trip_to_another_zone_changes_no_event() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    let home = world.week().await.remove(0);
    let away = world.agenda(week(), Tz::Pacific__Auckland).await.unwrap().remove(0);
    assert_eq!((home.time.start, home.time.end), (away.time.start, away.time.end));
    assert_ne!(home.time.start_wall, away.time.start_wall);
    let view = world.event(&home.event, Tz::Pacific__Auckland).await.unwrap();
    assert_eq!(view.zone, Some(ZONE));
    assert!(world.jobs().await.is_empty(), "nothing is written for it");
}

#[tokio::test]
async fn a_series_that_begins_in_a_gap_takes_the_time_that_it_names() {
    let world = World::new().await;
    let recurrence = vec!["DTSTART:20260308T023000".into(), "RRULE:FREQ=DAILY;COUNT=3".into()];
    let night = Fields { recurrence, ..Fields::new("Night", timed("2026-03-08T07:30:00Z", 30)) };
    world.receive(vec![upsert("n", "1", night)]).await;
    let days = within("2026-03-08T05:00:00Z", "2026-03-12T04:00:00Z");
    let starts = ["2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z", "2026-03-10T06:30:00Z"].map(at);
    let taken = world.busy(days, ZONE).await.unwrap().taken;
    assert_eq!(taken.iter().map(|taken| taken.interval.start()).collect::<Vec<_>>(), starts);
    let shown = world.agenda(days, ZONE).await.unwrap();
    assert_eq!(shown.iter().map(|row| row.time.start).collect::<Vec<_>>(), starts);
}

#[tokio::test]
async fn a_series_that_an_earlier_version_read_otherwise_is_read_once_more() {
    let world = World::new().await;
    let account = world.mirror.add_account("caldav", "maya@northcare.example", now()).await.unwrap();
    world.mirror.store_calendars(account, &[listed("round", Access::Write)]).await.unwrap();
    let calendar =
        world.calendars().await.unwrap().into_iter().find(|it| it.id != world.calendar).unwrap().id;
    let read = async |lines: &[&str]| {
        let recurrence = lines.iter().map(|line| (*line).to_owned()).collect();
        let night = Fields { recurrence, ..Fields::new("Night", timed("2026-03-08T07:30:00Z", 30)) };
        let asked = world.calendars().await.unwrap().into_iter().find(|it| it.id == calendar).unwrap().cursor;
        let turn = Turn { asked: asked.clone(), next: Next::Done("next".into()), window: None };
        world.apply(calendar, vec![upsert("n", "\"1\"", night)], turn, now()).await.unwrap();
        let days = within("2026-03-08T05:00:00Z", "2026-03-10T04:00:00Z");
        let rows = world.agenda(days, ZONE).await.unwrap();
        let starts = rows.iter().map(|row| row.time.start_wall.format("%H:%M").to_string());
        (asked, starts.collect::<Vec<String>>())
    };
    let as_shown = ["03:30", "03:30"].map(str::to_owned).to_vec();
    assert_eq!(read(&["RRULE:FREQ=DAILY"]).await, (None, as_shown.clone()));
    let next = Some("next".to_owned());
    let named = ["DTSTART:20260308T023000", "RRULE:FREQ=DAILY"];
    assert_eq!(read(&named).await, (next, as_shown), "what has the same etag is known");
    let mut tx = world.pool.write().await.unwrap();
    let step = include_str!("../../../../migrations/mirror/0009_named_start.sql");
    sqlx::raw_sql(step).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read(&named).await, (None, ["03:30", "02:30"].map(str::to_owned).to_vec()));
}
