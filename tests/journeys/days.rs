//! The days on which clocks change.

use journeys::world::{WORK, World};
use serde_json::json;

use crate::support::{at_google, calendar, create, google_start, items, wall};

/// On 8 March 2026 Toronto's clocks skip from 02:00 to 03:00, on 1 November they repeat 01:00 to 02:00.
#[tokio::test]
async fn a_series_keeps_its_wall_time_over_both_clock_changes() {
    let world = World::week().await.unwrap();
    let series = json!({
        "summary": "Morning round",
        "start": { "dateTime": "2026-03-02T08:00:00", "timeZone": "America/Toronto" },
        "end": { "dateTime": "2026-03-02T08:30:00", "timeZone": "America/Toronto" },
        "recurrence": ["RRULE:FREQ=DAILY"],
    });
    world.sandbox.google().insert(WORK, WORK, series).unwrap();
    world.sync().await.unwrap();
    for (from, to) in [("2026-03-07", "2026-03-10"), ("2026-10-31", "2026-11-03")] {
        let rounds = items(&world, from, to).await.into_iter().filter(|item| item.title == "Morning round");
        let times: Vec<_> = rounds.map(|item| item.start.time().to_string()).collect();
        assert_eq!(times, ["08:00:00", "08:00:00", "08:00:00"], "{from}");
    }
}

#[tokio::test]
async fn an_event_made_on_the_short_day_keeps_its_wall_time_at_google() {
    let world = World::week().await.unwrap();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "After the change", "2026-03-08T09:00:00", "2026-03-08T10:00:00").await;
    create(&world, northcare, "Before the change", "2026-03-08T01:00:00", "2026-03-08T01:30:00").await;
    world.sync().await.unwrap();
    let start = |title: &str| google_start(&at_google(&world, WORK, WORK, title)[0]).to_rfc3339();
    assert_eq!(start("After the change"), "2026-03-08T13:00:00+00:00");
    assert_eq!(start("Before the change"), "2026-03-08T06:00:00+00:00");
}

#[tokio::test]
async fn an_all_day_event_covers_the_whole_long_day() {
    let world = World::build().at("2026-10-30T12:00:00Z").unwrap().start().await.unwrap();
    world.connect(daymark_engine::api::accounts::ProviderKind::Google, WORK).await.unwrap();
    world.introduce().await.unwrap();
    world.open_page().await.unwrap();
    let day =
        json!({ "summary": "Fair", "start": { "date": "2026-11-02" }, "end": { "date": "2026-11-03" } });
    world.sandbox.google().insert(WORK, WORK, day).unwrap();
    world.sync().await.unwrap();
    let fair = items(&world, "2026-11-02", "2026-11-03")
        .await
        .into_iter()
        .find(|item| item.title == "Fair")
        .unwrap();
    assert_eq!((fair.start, fair.end), (wall("2026-11-02T00:00:00"), wall("2026-11-03T00:00:00")));
    let offered = world.visitor().unwrap().offered(Some("2026-11-02")).await.unwrap();
    let zone = chrono_tz::America::Toronto;
    let on_that_day =
        offered.iter().filter(|at| at.with_timezone(&zone).date_naive().to_string() == "2026-11-02");
    assert_eq!(on_that_day.count(), 0, "a whole-day event blocks the owner's whole day");
}
