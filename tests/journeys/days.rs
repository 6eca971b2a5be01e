//! The days on which clocks change.

use chrono_tz::America::Toronto;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::ProviderKind;
use daymark_engine::api::bookings::{AppointmentType, BookingState, PublicPage};
use daymark_engine::api::settings::{HourBlock, Settings};
use journeys::world::{WORK, World};
use serde_json::json;

use crate::support::{at_google, bookings, calendar, create, date, google_start, items, wall};

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

/// A Sunday on which clocks change, in whose week the person works on Sundays, from one to five in the morning.
struct ChangeDay {
    /// When the world begins: two days before.
    begin: &'static str,
    date: &'static str,
    next: &'static str,
    /// The instants of the hours offered from the first to the last, each as long as a visit.
    offered: &'static [&'static str],
}

/// 23 hours: there is no 02:00 to 03:00, so 01:00 EST is followed by 03:00 EDT.
const SHORT: ChangeDay = ChangeDay {
    begin: "2026-03-06T12:00:00Z",
    date: "2026-03-08",
    next: "2026-03-09",
    offered: &["06:00", "07:00", "08:00"],
};

/// 25 hours: 01:00 to 02:00 comes twice, first as EDT and then as EST.
const LONG: ChangeDay = ChangeDay {
    begin: "2026-10-30T12:00:00Z",
    date: "2026-11-01",
    next: "2026-11-02",
    offered: &["05:00", "06:00", "07:00", "08:00", "09:00"],
};

impl ChangeDay {
    async fn world(&self) -> World {
        let world = World::build().at(self.begin).unwrap().start().await.unwrap();
        world.connect(ProviderKind::Google, WORK).await.unwrap();
        world.introduce().await.unwrap();
        let settings: Settings = world.call(Call::Settings(())).await.unwrap();
        let sunday = HourBlock { day: 0, start: "01:00".into(), end: "05:00".into() };
        let () = world.call(Call::SetSettings(Settings { hours: vec![sunday], ..settings })).await.unwrap();
        let mut page = world.open_page().await.unwrap().settings;
        page.appointment = AppointmentType {
            length_min: 60,
            step_min: 60,
            buffer_before_min: 0,
            buffer_after_min: 0,
            ..page.appointment
        };
        let _: PublicPage = world.call(Call::SetPage(page)).await.unwrap();
        world.sync().await.unwrap();
        world
    }

    async fn offered(&self, world: &World) -> Vec<String> {
        let starts = world.visitor().unwrap().offered(Some(self.date)).await.unwrap();
        let on_that_day =
            starts.iter().filter(|at| at.with_timezone(&Toronto).date_naive() == date(self.date));
        on_that_day.map(|at| at.format("%H:%M").to_string()).collect()
    }

    /// The hours are offered as they come, each can be booked, and the event stands where the visitor chose.
    async fn is_booked_through_the_page(&self) {
        let world = self.world().await;
        assert_eq!(self.offered(&world).await, self.offered);
        for (number, start) in self.offered.iter().enumerate() {
            let (booked, answer) = world.visitor().unwrap().book(Some(self.date)).await.unwrap();
            assert!(answer.manage.is_some(), "{start}: {}", answer.status);
            assert_eq!(booked.format("%F %H:%M").to_string(), format!("{} {start}", self.date));
            world.sync().await.unwrap();
            let mut events = at_google(&world, WORK, WORK, "P. Singh");
            events.sort_by_key(google_start);
            assert_eq!(events.len(), number + 1);
            assert_eq!(google_start(events.last().unwrap()), booked);
            assert_eq!(self.offered(&world).await, self.offered[number + 1..]);
        }
        let states: Vec<_> = bookings(&world).await.into_iter().map(|booking| booking.state).collect();
        assert_eq!(states, vec![BookingState::Confirmed; self.offered.len()]);
    }

    async fn is_covered_by_an_all_day_event(&self) {
        let world = self.world().await;
        let day = json!({ "summary": "Fair", "start": { "date": self.date }, "end": { "date": self.next } });
        world.sandbox.google().insert(WORK, WORK, day).unwrap();
        world.sync().await.unwrap();
        let shown = items(&world, self.date, self.next).await;
        let fair = shown.iter().find(|item| item.title == "Fair").unwrap();
        let midnight = |date: &str| wall(&format!("{date}T00:00:00"));
        assert_eq!((fair.all_day, fair.start, fair.end), (true, midnight(self.date), midnight(self.next)));
        assert!(self.offered(&world).await.is_empty(), "a whole-day event blocks the owner's whole day");
    }
}

#[tokio::test]
async fn every_hour_of_the_short_day_is_booked_once() {
    SHORT.is_booked_through_the_page().await;
}

#[tokio::test]
async fn every_hour_of_the_long_day_is_booked_once_and_the_repeated_one_twice() {
    LONG.is_booked_through_the_page().await;
}

#[tokio::test]
async fn an_all_day_event_covers_the_whole_short_day() {
    SHORT.is_covered_by_an_all_day_event().await;
}

#[tokio::test]
async fn an_all_day_event_covers_the_whole_long_day() {
    LONG.is_covered_by_an_all_day_event().await;
}
