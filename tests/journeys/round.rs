//! A series at one of the three providers and in Daymark, for journeys about what becomes of its parts.

use chrono::{NaiveDateTime, TimeDelta};
use daymark_engine::api::Call;
use daymark_engine::api::health::{Card, CardCode};
use daymark_engine::api::journal::Undo;
use daymark_engine::api::schedule::{ChangeEvent, DeleteEvent, Item, Scope, When, Written};
use journeys::world::World;

use crate::machine::places::{Place, Rule, SEED, Seen, Shape};
use crate::support::{health, items, unchanged, undo_of, wall, writes};

/// Five Mondays at nine; the fourth was moved by somebody else, and the cut is at the third.
const FIRST: &str = "2026-03-09T09:00:00";
const CUT: &str = "2026-03-23T09:00:00";
const MOVED: &str = "2026-03-30T09:00:00";

pub const EDITS: [Edit; 3] = [Edit::Move, Edit::Rename, Edit::Delete];

#[derive(Clone, Copy, Debug)]
pub enum Edit {
    Move,
    Rename,
    Delete,
}

pub type Standing = Vec<(NaiveDateTime, NaiveDateTime, String)>;

pub struct Play {
    pub world: World,
    place: Place,
}

impl Play {
    pub async fn begin(place: Place) -> Play {
        let world = World::build().seed(SEED).without_relay().start().await.unwrap();
        let first = Seen::new("Visit".into(), wall(FIRST), wall(FIRST) + TimeDelta::hours(1), false);
        place.insert(&world, &first, Some(Rule { weekly: true, count: 5 }));
        let all = place.seen(&world).await;
        let moved = all.iter().find(|it| it.start == wall(MOVED)).unwrap();
        let when = (moved.start + TimeDelta::hours(6), moved.end + TimeDelta::hours(6));
        assert!(place.edit(&world, moved, false, &Shape { when: Some(when), ..Shape::default() }));
        place.connect(&world).await;
        world.introduce().await.unwrap();
        world.sync().await.unwrap();
        let play = Play { world, place };
        assert_eq!(play.here().await, play.there().await);
        play
    }

    async fn items(&self) -> Vec<Item> {
        items(&self.world, "2026-03-01", "2026-06-01").await
    }

    pub async fn here(&self) -> Standing {
        let items = self.items().await;
        sorted(items.into_iter().map(|it| (it.start, it.end, it.title)))
    }

    pub async fn there(&self) -> Standing {
        let seen = self.place.seen(&self.world).await;
        sorted(seen.into_iter().map(|it| (it.start, it.end, it.title)))
    }

    pub async fn edit(&self, scope: Scope, edit: Edit) {
        let item = self.items().await.into_iter().find(|it| it.start == wall(CUT)).unwrap();
        let (event, scope) = (item.event, Some(scope));
        let change = ChangeEvent { scope, ..unchanged(&event) };
        let when = When {
            start: item.start + TimeDelta::minutes(90),
            end: item.end + TimeDelta::minutes(90),
            all_day: false,
        };
        let call = match edit {
            Edit::Move => Call::ChangeEvent(ChangeEvent { when: Some(when), ..change }),
            Edit::Rename => Call::ChangeEvent(ChangeEvent { title: Some("Check".into()), ..change }),
            Edit::Delete => Call::DeleteEvent(DeleteEvent { event, scope, guests_confirmed: false }),
        };
        let _: Written = self.world.call(call).await.unwrap();
    }

    pub async fn runs(&self) {
        for _ in 0..4 {
            self.world.advance(TimeDelta::minutes(20));
            drop(self.world.run().await.unwrap());
        }
    }

    pub async fn refusals(&self) -> Vec<Card> {
        let cards = health(&self.world).await.cards;
        cards.into_iter().filter(|card| card.code == CardCode::WriteRefused).collect()
    }

    /// Takes back what the only card names.
    pub async fn undo(&self) {
        let cards = self.refusals().await;
        assert_eq!(cards.len(), 1, "{cards:?}");
        let journal = undo_of(&cards[0]);
        let _: Written =
            self.world.call(Call::Undo(Undo { journal, guests_confirmed: false })).await.unwrap();
    }

    /// Both sides stand as `wanted`, and nothing is left to say or to write.
    pub async fn rests_as(&self, wanted: &Standing) {
        assert_eq!(&self.here().await, wanted, "here");
        assert_eq!(&self.there().await, wanted, "there");
        assert_eq!(health(&self.world).await.waiting, 0);
        assert!(self.refusals().await.is_empty());
        let before = writes(&self.world);
        self.runs().await;
        assert_eq!(writes(&self.world), before, "something is still written");
    }
}

fn sorted(all: impl Iterator<Item = (NaiveDateTime, NaiveDateTime, String)>) -> Standing {
    let mut all: Standing = all.collect();
    all.sort();
    all
}
