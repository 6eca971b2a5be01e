//! Accounts that rest, are left, come back, and are made from files.

use daymark_core::event::Fields;
use daymark_core::journal::Cause;

use super::world::{World, ZONE, fields, later, listed, now, upsert, week};
use crate::{Access, AccountId, Action, CalendarId, Choice, Edit, Import, MirrorError};

async fn second(world: &World) -> (AccountId, CalendarId) {
    let account = world.add_account("microsoft", "maya@partner.example", now()).await.unwrap();
    world.store_calendars(account, &[listed("other", Access::Write)]).await.unwrap();
    let calendars = world.calendars().await.unwrap();
    (account, calendars.iter().find(|it| it.account == account).unwrap().id)
}

async fn create(world: &World, calendar: CalendarId, fields: Fields) -> i64 {
    let edit = Edit::Create { calendar, fields, derived_id: "d".into() };
    world.stage(edit, Cause::You, now()).await.unwrap().event.event
}

#[tokio::test]
async fn an_account_that_was_left_is_hidden_everywhere_and_comes_back_with_everything() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    create(&world, world.calendar, fields("Not yet sent")).await;
    let chosen = Choice { color: Some(7), counts_busy: Some(false), ..Choice::default() };
    world.choose_calendar(world.calendar, chosen).await.unwrap();
    let before = world.calendars().await.unwrap();
    world.leave(world.account, None, later(1)).await.unwrap();
    assert!(world.accounts().await.unwrap().is_empty());
    assert!(world.titles().await.is_empty());
    assert!(world.busy(week(), ZONE).await.unwrap().taken.is_empty());
    assert_eq!(world.waiting_count().await.unwrap(), 0);
    assert!(world.due(world.account, later(60), 10).await.unwrap().is_empty());
    assert_eq!(world.left_accounts().await.unwrap()[0].left, Some(later(1)));
    let again = world.add_account("google", "Maya@NorthCare.example", later(2)).await.unwrap();
    assert_eq!(again, world.account, "letters of an address may be large or small");
    world.store_calendars(again, &[listed("main", Access::Write)]).await.unwrap();
    assert_eq!(world.calendars().await.unwrap(), before, "with calendar choices and cursor");
    assert_eq!(world.titles().await, ["Visit", "Not yet sent"]);
    assert_eq!(world.due(again, later(60), 10).await.unwrap().len(), 1, "with its outbox");
    assert!(world.left_accounts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_run_that_was_under_way_does_not_bring_a_left_account_back() {
    let world = World::new().await;
    world.leave(world.account, None, later(1)).await.unwrap();
    let late = world.store_calendars(world.account, &[listed("main", Access::Write)]).await;
    assert!(matches!(late, Err(MirrorError::NotFound("account"))));
    assert!(matches!(world.leave(world.account, None, later(2)).await, Err(MirrorError::NotFound(_))));
    assert!(matches!(world.set_paused(world.account, true).await, Err(MirrorError::NotFound(_))));
}

#[tokio::test]
async fn leaving_says_what_it_would_mean() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit")), upsert("b", "1", fields("Other"))]).await;
    create(&world, world.calendar, fields("Not yet sent")).await;
    let leaving = world.leaving(world.account, ZONE, now()).await.unwrap();
    assert_eq!((leaving.events, leaving.bookings), (3, 0));
    assert_eq!(leaving.waiting.iter().map(|it| it.title.as_str()).collect::<Vec<_>>(), ["Not yet sent"]);
}

#[tokio::test]
async fn a_paused_account_keeps_its_data_and_its_edits_queue() {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    world.set_paused(world.account, true).await.unwrap();
    assert!(world.accounts().await.unwrap()[0].paused);
    create(&world, world.calendar, fields("Queued")).await;
    assert_eq!(world.titles().await.len(), 2);
    assert_eq!(world.busy(week(), ZONE).await.unwrap().taken.len(), 2);
    assert_eq!(world.waiting_count().await.unwrap(), 1);
}

fn file(events: Vec<daymark_core::merge::Delta>) -> Import {
    Import {
        provider: "file".into(),
        address: "holidays.ics".into(),
        calendar: listed("file", Access::Read),
        counts_busy: false,
        events,
        next: "done".into(),
    }
}

#[tokio::test]
async fn an_imported_file_is_a_read_calendar_and_the_next_one_of_its_name_replaces_it() {
    let world = World::new().await;
    let both = vec![upsert("a", "1", fields("Kept")), upsert("b", "1", fields("Dropped"))];
    let first = world.import(file(both), now()).await.unwrap();
    assert!(world.busy(week(), ZONE).await.unwrap().taken.is_empty(), "it counts only when asked to");
    let edit = Edit::Create { calendar: first.calendar, fields: fields("x"), derived_id: "d".into() };
    assert!(matches!(world.stage(edit, Cause::You, now()).await, Err(MirrorError::ReadOnly)));
    let new = vec![upsert("a", "2", fields("Renamed"))];
    let again = world.import(Import { counts_busy: true, ..file(new) }, later(9)).await.unwrap();
    assert_eq!((again.account, again.calendar), (first.account, first.calendar));
    assert_eq!(world.titles().await, ["Renamed"]);
    assert_eq!(world.busy(week(), ZONE).await.unwrap().taken.len(), 1);
    world.leave(first.account, None, later(10)).await.unwrap();
    world.restore(first.account, later(11)).await.unwrap();
    assert_eq!(world.titles().await, ["Renamed"]);
}

#[tokio::test]
async fn a_left_account_is_purged_with_everything_of_it_and_nothing_else() {
    let world = World::new().await;
    let (account, calendar) = second(&world).await;
    world.receive(vec![upsert("a", "1", fields("Visit"))]).await;
    create(&world, calendar, fields("Own")).await;
    world.leave(account, None, later(1)).await.unwrap();
    world.remove_account(account).await.unwrap();
    assert!(world.left_accounts().await.unwrap().is_empty());
    assert_eq!(world.titles().await, ["Visit"]);
    let jobs = world.due(world.account, later(60), 10).await.unwrap();
    assert!(jobs.iter().all(|job| !matches!(job.action, Action::Insert { .. })));
}
