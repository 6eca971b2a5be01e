//! Answers that never arrive: whatever was inserted, changed or deleted stands once, as it was meant.

use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::schedule::{ChangeEvent, DeleteEvent, Item, Written};
use daymark_sandbox::faults::Kind;
use journeys::world::World;

use crate::machine::places::{PLACES, Place, SEED};
use crate::support::{calendar, create, health, items, wall};

/// Answers that are lost in an ordinary run, over three providers; `LOST_ANSWERS` says how many else.
const LOST: usize = 60;
/// Events that are made, changed and deleted together: three answers are lost for each.
const ROUND: usize = 4;

struct Play {
    world: World,
    place: Place,
    calendar: i64,
    lost: u32,
}

impl Play {
    async fn begin(place: Place) -> Play {
        let world = World::build().seed(SEED).without_relay().start().await.unwrap();
        place.connect(&world).await;
        world.introduce().await.unwrap();
        world.sync().await.unwrap();
        let calendar = calendar(&world, place.name()).await;
        Play { world, place, calendar, lost: 0 }
    }

    /// Sends what waits; the answer to the first try of each such write is lost.
    async fn sends(&mut self, method: &str) {
        let faults = (0..ROUND).map(|_| self.place.fault(Kind::LoseAnswer).method(method));
        let control = self.world.sandbox.control();
        let armed: Vec<u64> = faults.map(|fault| control.arm(fault).unwrap()).collect();
        for _ in 0..4 * ROUND {
            self.world.advance(TimeDelta::minutes(20));
            let reports = self.world.run().await.unwrap();
            if reports.iter().all(|(_, report)| report.ok) && health(&self.world).await.waiting == 0 {
                break;
            }
        }
        assert_eq!(health(&self.world).await.waiting, 0, "{:?}", self.place);
        let met = self.world.sandbox.control().faults();
        self.lost += met.iter().filter(|it| armed.contains(&it.id)).map(|it| it.met).sum::<u32>();
        self.world.sandbox.control().clear_faults();
    }

    async fn mine(&self) -> Vec<Item> {
        items(&self.world, "2026-03-09", "2026-03-12").await
    }

    async fn stand(&self, expected: &[String]) {
        let there = self.place.seen(&self.world).await;
        let mut titles: Vec<String> = there.into_iter().map(|it| it.title).collect();
        titles.sort();
        assert_eq!(titles, expected, "{:?}", self.place);
    }

    async fn round(&mut self, number: usize) {
        let titles =
            |word: &str| -> Vec<String> { (0..ROUND).map(|at| format!("{word} {number} {at}")).collect() };
        let start = wall("2026-03-10T09:00:00");
        for (title, hour) in titles("Made").iter().zip(0..) {
            let start = start + TimeDelta::hours(hour);
            let end = start + TimeDelta::minutes(30);
            let text = |at: chrono::NaiveDateTime| at.format("%FT%T").to_string();
            create(&self.world, self.calendar, title, &text(start), &text(end)).await;
        }
        self.sends(if self.place == Place::Coral { "PUT" } else { "POST" }).await;
        self.stand(&titles("Made")).await;
        for item in self.mine().await {
            let title = Some(item.title.replace("Made", "Renamed"));
            let (location, description, when, free, scope) = Default::default();
            let change = ChangeEvent {
                event: item.event,
                title,
                location,
                description,
                when,
                free,
                scope,
                guests_confirmed: false,
            };
            let _: Written = self.world.call(Call::ChangeEvent(change)).await.unwrap();
        }
        self.sends(if self.place == Place::Coral { "PUT" } else { "PATCH" }).await;
        self.stand(&titles("Renamed")).await;
        for item in self.mine().await {
            let delete = DeleteEvent { event: item.event, scope: None, guests_confirmed: false };
            let _: Written = self.world.call(Call::DeleteEvent(delete)).await.unwrap();
        }
        self.sends("DELETE").await;
        self.stand(&[]).await;
    }
}

#[tokio::test]
async fn lost_answers_to_inserts_changes_and_deletes_make_no_duplicate_anywhere() {
    let wanted = std::env::var("LOST_ANSWERS").ok().and_then(|count| count.parse().ok()).unwrap_or(LOST);
    let rounds = wanted.div_ceil(PLACES.len() * ROUND * 3);
    let mut lost = 0;
    for place in PLACES {
        let mut play = Play::begin(place).await;
        for number in 0..rounds {
            play.round(number).await;
        }
        lost += usize::try_from(play.lost).unwrap();
        play.world.engine.stop().await;
    }
    println!("{lost} answers were lost");
    assert!(lost >= wanted, "only {lost} answers were lost");
}
