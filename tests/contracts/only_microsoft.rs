//! What Graph alone does, and Daymark must stand.

use chrono::TimeDelta;
use daymark_core::event::RemoteId;
use daymark_core::time::Interval;
use daymark_sandbox::faults::{Fault, Kind, Moment};
use daymark_sandbox::identity::Provider;
use daymark_sandbox::microsoft::{Microsoft, Quirks};
use serde_json::json;

use crate::hands::At;
use crate::microsoft::{CROWDED, MAIN};
use crate::world::{HOME, MAIL, World, at, draft, timed, window};

const SOON: At<'static> = At::Timed { start: "2026-03-03T09:00:00", end: "2026-03-03T10:00:00" };
const IN_JUNE: At<'static> = At::Timed { start: "2026-06-03T09:00:00", end: "2026-06-03T10:00:00" };

impl World {
    fn graph(&self) -> &Microsoft {
        self.sandbox.microsoft()
    }

    fn quirks(&self, change: impl FnOnce(&mut Quirks)) {
        let mut quirks = self.graph().quirks();
        change(&mut quirks);
        self.graph().set_quirks(quirks);
    }

    fn move_to_day(&self, id: &RemoteId, day: &str) {
        let moment = |time: &str| json!({"dateTime": format!("{day}T{time}"), "timeZone": "UTC"});
        let patch = json!({"start": moment("09:00:00"), "end": moment("10:00:00")});
        self.graph().edit(MAIL, &id.0, &patch).unwrap();
    }
}

fn later(days: i64) -> Interval {
    let by = TimeDelta::days(days);
    Interval::new(window().start() + by, window().end() + by).unwrap()
}

#[tokio::test]
async fn a_slid_window_is_read_anew_and_no_deletion_is_missed() {
    let mut world = World::microsoft().await;
    let calendar = world.calendar();
    let doomed = world.hands.insert("Doomed", SOON);
    world.hands.insert("Kept", IN_JUNE);
    let far = At::Timed { start: "2027-05-03T09:00:00", end: "2027-05-03T10:00:00" };
    world.hands.insert("Far", far);
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Doomed", "Kept"]);
    world.hands.delete(&doomed);
    world.pull_window(&calendar, later(60)).await.unwrap();
    assert_eq!(world.seen.titles(), ["Far", "Kept"]);
    let quiet = world.pull_window(&calendar, later(61)).await.unwrap();
    assert_eq!(quiet.pages, 1, "a day more is no reason to read everything anew");
}

#[tokio::test]
async fn what_leaves_the_window_is_not_deleted() {
    let mut world = World::microsoft().await;
    let visit = world.hands.insert("Visit", SOON);
    world.pull().await;
    world.move_to_day(&visit, "2028-01-10");
    world.pull().await;
    let moved = world.seen.titled("Visit");
    assert_eq!(
        moved.fields.span.bounds(HOME).0,
        "2028-01-10T09:00:00Z".parse::<daymark_core::time::Instant>().unwrap()
    );
}

#[tokio::test]
async fn what_moves_to_another_calendar_leaves_this_one() {
    let mut world = World::microsoft().await;
    let visit = world.hands.insert("Visit", SOON);
    let series = world.hands.insert_weekly("Stand-up", SOON);
    world.pull().await;
    world.graph().relocate(MAIL, &visit.0, CROWDED).unwrap();
    world.graph().relocate(MAIL, &series.0, CROWDED).unwrap();
    world.pull().await;
    assert!(world.seen.events.is_empty(), "{:?}", world.seen.titles());
}

#[tokio::test]
async fn an_id_survives_a_move_to_another_calendar_and_back() {
    let mut world = World::microsoft().await;
    let visit = world.hands.insert("Visit", SOON);
    world.graph().relocate(MAIL, &visit.0, CROWDED).unwrap();
    world.graph().relocate(MAIL, &visit.0, MAIN).unwrap();
    world.pull().await;
    assert_eq!(world.seen.titled("Visit").id, visit);
}

#[tokio::test]
async fn many_series_are_read_four_at_a_time() {
    let mut world = World::microsoft().await;
    for number in 0..12 {
        world.hands.insert_weekly(&format!("Series {number}"), SOON);
    }
    world.quirks(|quirks| quirks.latency_ms = 20);
    world.pull().await;
    assert_eq!(world.seen.events.len(), 12);
    assert!(world.pace.waits().is_empty(), "nobody was told to slow down");
    let refused = world.control().ledger().iter().filter(|entry| entry.status == Some(429)).count();
    assert_eq!(refused, 0);
}

#[tokio::test]
async fn a_feed_that_lags_behind_loses_nothing() {
    let mut world = World::microsoft().await;
    world.pull().await;
    world.quirks(|quirks| quirks.delta_lag = 2);
    let ours = draft("Ours", timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
    world.provider.insert(&world.calendar(), &ours).await.unwrap();
    world.pull().await;
    assert!(world.seen.events.is_empty(), "not seen yet is not deleted");
    for _ in 0..3 {
        world.pull().await;
    }
    assert_eq!(world.seen.titles(), ["Ours"]);
}

#[tokio::test]
async fn a_repeated_insert_that_graph_refuses_answers_with_the_event_it_made() {
    let world = World::microsoft().await;
    world.quirks(|quirks| quirks.refuse_repeats = true);
    let ours = draft("Ours", timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
    let first = world.provider.insert(&world.calendar(), &ours).await.unwrap();
    let second = world.provider.insert(&world.calendar(), &ours).await.unwrap();
    assert_eq!((first.event.id, first.event.fields), (second.event.id, second.event.fields));
    assert_eq!(world.hands.live_titles(), ["Ours"]);
}

#[tokio::test]
async fn every_call_asks_for_ids_that_last_and_times_in_utc() {
    let mut world = World::microsoft().await;
    world.hands.insert_weekly("Stand-up", SOON);
    let crowded = world.hands.crowded();
    world.try_pull(&crowded).await.unwrap();
    world.cursor = None;
    world.pull().await;
    let calls = world.control().ledger();
    let graph: Vec<_> = calls.iter().filter(|entry| entry.path.starts_with("/graph/")).collect();
    assert!(graph.len() > 4);
    for entry in graph {
        let prefer = entry.headers.get("prefer").map_or("", String::as_str);
        assert!(prefer.contains(r#"IdType="ImmutableId""#), "{} {}", entry.path, prefer);
        assert!(prefer.contains(r#"outlook.timezone="UTC""#), "{} {}", entry.path, prefer);
    }
}

#[tokio::test]
async fn the_last_day_of_each_month_is_the_31st_of_exchange() {
    let mut world = World::microsoft().await;
    let moment =
        |time: &str| json!({"dateTime": format!("2026-01-31T{time}"), "timeZone": "Eastern Standard Time"});
    let series = json!({"subject": "Report", "start": moment("09:00:00"), "end": moment("09:30:00"),
        "recurrence": {"pattern": {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31},
            "range": {"type": "numbered", "startDate": "2026-01-31", "numberOfOccurrences": 4}}});
    let made = world.graph().insert(MAIL, MAIN, &series).unwrap();
    world.pull().await;
    let id = RemoteId(made["id"].as_str().unwrap().to_owned());
    let days = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"];
    let expected: Vec<_> = days.iter().map(|day| at(&format!("{day}T09:00:00"))).collect();
    assert_eq!(world.seen.starts(&id, window(), HOME), expected);
}

#[tokio::test]
async fn a_mailbox_never_sees_more_than_four_requests_at_a_time() {
    let world = World::microsoft().await;
    world.oauth().tokens.access().await.unwrap();
    let hold = Fault::new(Provider::Microsoft, Kind::Hold { at: Moment::Before }).contains("/calendars");
    let held = world.control().arm(hold.always()).unwrap();
    let calls = futures_util::future::join_all((0..20).map(|_| world.provider.calendars()));
    let release = async {
        while world.control().faults().iter().map(|armed| armed.holding).sum::<u32>() < 4 {
            tokio::task::yield_now().await;
        }
        world.control().release(held);
    };
    let (answers, ()) = tokio::join!(calls, release);
    assert!(answers.iter().all(Result::is_ok), "and none is refused for it");
    assert_eq!(world.control().peak(MAIL), 4);
}
