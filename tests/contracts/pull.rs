//! Reading: calendars, full rounds, changes, and what goes wrong on the way.

use daymark_remotes::calendar::Access;
use daymark_sandbox::faults::Kind;

use crate::hands::At;
use crate::world::World;

const VISIT: At<'static> = At::Timed { start: "2026-03-03T09:00:00", end: "2026-03-03T10:00:00" };
const LATER: At<'static> = At::Timed { start: "2026-03-05T14:00:00", end: "2026-03-05T15:30:00" };

pub async fn calendars_are_listed_with_what_may_be_done_to_them(world: World) {
    let calendars = world.provider.calendars().await.unwrap();
    let of = |id| calendars.iter().find(|calendar| calendar.id == id).unwrap();
    let main = of(world.calendar());
    assert_eq!((main.primary, main.access, main.color.as_deref()), (true, Access::Write, Some("#1a73e8")));
    let holidays = of(world.hands.read_only());
    assert_eq!((holidays.primary, holidays.access), (false, Access::Read));
    assert_eq!(holidays.name, "Holidays");
    assert_eq!(calendars.len(), 3);
}

pub async fn a_first_pull_brings_every_event(mut world: World) {
    world.hands.insert("Visit", VISIT);
    world.hands.insert("Training", At::Days { start: "2026-03-04", end: "2026-03-06" });
    world.hands.insert_weekly("Stand-up", LATER);
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Stand-up", "Training", "Visit"]);
    assert!(world.seen.malformed.is_empty());
}

pub async fn the_next_pull_brings_only_what_changed(mut world: World) {
    let visit = world.hands.insert("Visit", VISIT);
    world.hands.insert("Other", LATER);
    world.pull().await;
    world.pull().await;
    world.hands.rename(&visit, "Visit, moved up");
    world.hands.insert("New", LATER);
    world.pull().await;
    assert_eq!(world.seen.titles(), ["New", "Other", "Visit, moved up"]);
}

pub async fn two_quiet_pulls_bring_nothing(mut world: World) {
    world.hands.insert("Visit", VISIT);
    world.pull().await;
    world.pull().await;
    let before = world.seen.clone();
    let quiet = world.pull().await;
    assert_eq!((quiet.items, quiet.pages), (0, 1));
    assert_eq!(world.seen, before);
    assert!(world.control().writes().is_empty());
}

pub async fn many_events_come_in_pages_and_none_is_lost(mut world: World) {
    let crowded = world.hands.crowded();
    let pulled = world.try_pull(&crowded).await.unwrap();
    assert_eq!(world.seen.events.len(), world.hands.events_in_crowd());
    assert!(pulled.pages > 1, "{pulled:?}");
}

pub async fn a_deleted_event_is_removed(mut world: World) {
    let visit = world.hands.insert("Visit", VISIT);
    world.hands.insert("Other", LATER);
    world.pull().await;
    world.hands.delete(&visit);
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Other"]);
}

pub async fn what_came_and_went_between_two_pulls_does_no_harm(mut world: World) {
    world.hands.insert("Other", LATER);
    world.pull().await;
    let visit = world.hands.insert("Visit", VISIT);
    world.hands.delete(&visit);
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Other"]);
}

pub async fn an_expired_cursor_says_so_and_a_new_round_brings_everything(mut world: World) {
    world.hands.insert("Visit", VISIT);
    world.pull().await;
    world.hands.insert("New", LATER);
    world.hands.expire_cursors();
    assert!(world.pull().await.expired);
    assert_eq!(world.seen.titles(), ["Visit"], "nothing known is lost for that");
    assert!(!world.pull().await.expired);
    assert_eq!(world.seen.titles(), ["New", "Visit"]);
}

pub async fn one_unreadable_event_is_set_aside_and_the_rest_arrives(mut world: World) {
    world.hands.insert("Visit", VISIT);
    world.hands.insert("Other", LATER);
    world.hands.insert("Third", LATER);
    // Whichever page it is, its second event is broken.
    world.arm("GET", Kind::BreakItem { index: 1 });
    world.arm("GET", Kind::BreakItem { index: 1 });
    world.arm("GET", Kind::BreakItem { index: 1 });
    world.pull().await;
    let set_aside = &world.seen.malformed;
    assert!(!set_aside.is_empty() && set_aside.iter().all(|(id, why)| id.is_some() && !why.is_empty()));
    assert!(world.seen.events.len() >= 2, "{:?}", world.seen.titles());
}

pub async fn a_cut_pull_goes_on_where_it_stood(mut world: World) {
    let crowded = world.hands.crowded();
    let fault = world.fault("GET", Kind::Cut).skip(1).times(8);
    let fault = world.control().arm(fault).unwrap();
    assert!(world.try_pull(&crowded).await.unwrap_err().leaves_outcome_unknown());
    assert!(world.seen.events.len() < world.hands.events_in_crowd());
    world.control().release(fault);
    world.try_pull(&crowded).await.unwrap();
    assert_eq!(world.seen.events.len(), world.hands.events_in_crowd());
}
