//! Thirty days of random edits at three providers that copy to each other: each burst settles, and the mesh never grows.

use chrono::{DateTime, TimeDelta, Utc};
use daymark_core::entropy::bytes;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use journeys::clock::SeededEntropy;

use crate::support::writes;
use crate::three::{Held, PLACES, Place, Three};

const DAYS: i64 = 30;
/// Own events on each calendar, so that days do not become longer and longer.
const MOST_EVENTS: usize = 12;

struct Play {
    three: Three,
    dice: SeededEntropy,
    made: usize,
}

impl Play {
    fn roll(&self, sides: usize) -> usize {
        usize::try_from(u32::from_le_bytes(bytes(&self.dice))).unwrap() % sides
    }

    fn own(&self, place: Place) -> Vec<Held> {
        let now = self.three.world.now();
        let held = self.three.held(place).into_iter();
        held.filter(|it| it.marker.is_none() && it.end > now).collect()
    }

    /// A half-hour of the next two weeks.
    fn some_time(&self) -> DateTime<Utc> {
        let slot = i64::try_from(self.roll(14 * 48)).unwrap();
        let today = self.three.world.now().date_naive().and_hms_opt(0, 0, 0).unwrap().and_utc();
        today + TimeDelta::days(1) + TimeDelta::minutes(slot * 30)
    }

    fn edit(&mut self) {
        let place = PLACES[self.roll(3)];
        let own = self.own(place);
        let picked = own.get(self.roll(own.len().max(1)));
        match (self.roll(6), picked) {
            (0 | 1, _) if own.len() < MOST_EVENTS => {
                self.made += 1;
                let at = self.some_time();
                self.three.add(place, &format!("Event {}", self.made), at, 60);
            }
            (2 | 3, Some(event)) => self.three.move_to(place, &event.id, self.some_time()),
            (4, Some(event)) => self.three.delete(place, &event.id),
            (_, Some(event)) => self.three.set_busy(place, &event.id, !event.busy),
            (_, None) => {}
        }
    }

    fn trouble(&self) {
        let provider = [Provider::Google, Provider::Microsoft][self.roll(2)];
        let kind = match self.roll(4) {
            0 | 1 => Kind::LoseAnswer,
            2 => Kind::Cut,
            _ => Kind::ExpireSync,
        };
        let fault = Fault::new(provider, kind).skip(u32::try_from(self.roll(6)).unwrap()).times(3);
        self.three.world.sandbox.control().arm(fault).unwrap();
    }

    /// Every busy time to come stands once on each of the other calendars, and nothing else does.
    fn is_a_true_mesh(&self, day: i64) {
        let now = self.three.world.now();
        for place in PLACES {
            let others = PLACES.into_iter().filter(|other| *other != place);
            let mut wanted: Vec<_> = others
                .flat_map(|other| self.own(other))
                .filter(|it| it.busy)
                .map(|it| (it.start, it.end))
                .collect();
            let copies = self.three.copies(place).into_iter().filter(|it| it.end > now);
            let mut found: Vec<_> = copies.map(|it| (it.start, it.end)).collect();
            wanted.sort();
            found.sort();
            assert_eq!(found, wanted, "{place:?} on day {day}");
        }
    }

    async fn writes_nothing_more(&self) {
        let before = writes(&self.three.world);
        self.three.world.advance(TimeDelta::minutes(5));
        self.three.world.sync().await.unwrap();
        let all = self.three.world.sandbox.control().writes();
        assert_eq!(all.len(), before, "written although nothing changed: {:?}", all.get(before..));
    }
}

async fn thirty_days(seed: u64) {
    let mut play = Play { three: Three::begin().await, dice: SeededEntropy::new(seed), made: 0 };
    for day in 0..DAYS {
        for _ in 0..play.roll(8) + 1 {
            play.edit();
        }
        if play.roll(3) == 0 {
            play.trouble();
            play.three.world.run().await.unwrap();
            play.edit();
            play.three.world.sandbox.control().clear_faults();
        }
        play.three.settle().await;
        play.three.world.sync().await.unwrap();
        play.is_a_true_mesh(day);
        play.writes_nothing_more().await;
        play.three.world.advance(TimeDelta::hours(23));
    }
    assert!(play.three.world.sandbox.control().mail().is_empty(), "nobody is mailed");
    play.three.world.engine.stop().await;
}

/// One month, or a twentieth of what `PROPTEST_CASES` says.
#[test]
fn three_accounts_in_a_full_mesh_settle_after_each_day_of_edits_and_never_grow() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse::<u64>().ok());
    for seed in 0..cases.map_or(1, |cases| (cases / 20).max(1)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(thirty_days(seed));
    }
}
