//! Writes that a provider refuses for good: each is named by one card, nothing of it is half done, and its undo
//! brings both sides together.

use chrono::{NaiveDateTime, TimeDelta};
use daymark_engine::api::Call;
use daymark_engine::api::health::{Card, CardCode, Remedy};
use daymark_engine::api::journal::Undo;
use daymark_engine::api::schedule::{ChangeEvent, DeleteEvent, Item, Scope, When, Written};
use daymark_sandbox::faults::{Fault, Kind};
use journeys::world::World;

use crate::machine::places::{PLACES, Place, Rule, SEED, Seen, Shape};
use crate::support::{health, items, wall, writes};

/// Five Mondays at nine; the fourth was moved by somebody else, and the cut is at the third.
const FIRST: &str = "2026-03-09T09:00:00";
const CUT: &str = "2026-03-23T09:00:00";
const MOVED: &str = "2026-03-30T09:00:00";

const SCOPES: [Scope; 3] = [Scope::This, Scope::Following, Scope::All];
const EDITS: [Edit; 3] = [Edit::Move, Edit::Rename, Edit::Delete];

#[derive(Clone, Copy, Debug)]
enum Edit {
    Move,
    Rename,
    Delete,
}

type Standing = Vec<(NaiveDateTime, NaiveDateTime, String)>;

struct Play {
    world: World,
    place: Place,
}

impl Play {
    async fn begin(place: Place) -> Play {
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

    async fn here(&self) -> Standing {
        let items = self.items().await;
        sorted(items.into_iter().map(|it| (it.start, it.end, it.title)))
    }

    async fn there(&self) -> Standing {
        let seen = self.place.seen(&self.world).await;
        sorted(seen.into_iter().map(|it| (it.start, it.end, it.title)))
    }

    async fn edit(&self, scope: Scope, edit: Edit) {
        let item = self.items().await.into_iter().find(|it| it.start == wall(CUT)).unwrap();
        let (event, scope) = (item.event, Some(scope));
        let change = ChangeEvent {
            event: event.clone(),
            title: None,
            location: None,
            description: None,
            when: None,
            free: None,
            scope,
        };
        let when = When {
            start: item.start + TimeDelta::minutes(90),
            end: item.end + TimeDelta::minutes(90),
            all_day: false,
        };
        let call = match edit {
            Edit::Move => Call::ChangeEvent(ChangeEvent { when: Some(when), ..change }),
            Edit::Rename => Call::ChangeEvent(ChangeEvent { title: Some("Check".into()), ..change }),
            Edit::Delete => Call::DeleteEvent(DeleteEvent { event, scope }),
        };
        let _: Written = self.world.call(call).await.unwrap();
    }

    fn refuse(&self, status: u16, methods: &[&str], skip: u32) {
        let kind = Kind::Status { status, reason: None, retry_after_s: None, body: None };
        let fault = Fault::new(self.place.provider(), kind).matches(match self.place {
            Place::Green => "/calendar/v3/calendars/.*/events",
            Place::Mauve => "(?i)/me/.*events",
            Place::Coral => "/coral/",
        });
        for method in methods {
            self.world.sandbox.control().arm(fault.clone().method(method).skip(skip).always()).unwrap();
        }
    }

    async fn runs(&self) {
        for _ in 0..4 {
            self.world.advance(TimeDelta::minutes(20));
            drop(self.world.run().await.unwrap());
        }
    }

    async fn refusals(&self) -> Vec<Card> {
        let cards = health(&self.world).await.cards;
        cards.into_iter().filter(|card| card.code == CardCode::WriteRefused).collect()
    }

    /// Takes back what the only card names.
    async fn undo(&self) {
        let cards = self.refusals().await;
        assert_eq!(cards.len(), 1, "{cards:?}");
        let undo = |remedy: &Remedy| match remedy {
            Remedy::Undo { journal } => Some(*journal),
            _ => None,
        };
        let journal = cards[0].remedies.iter().find_map(undo).expect("a way to take it back");
        let _: Written = self.world.call(Call::Undo(Undo { journal })).await.unwrap();
    }

    /// Both sides stand as `wanted`, and nothing is left to say or to write.
    async fn rests_as(&self, wanted: &Standing) {
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

/// Every request that changes something.
const WRITES: [&str; 4] = ["PATCH", "PUT", "POST", "DELETE"];
const CHANGES: [&str; 2] = ["PATCH", "PUT"];

#[tokio::test]
async fn an_edit_of_a_series_that_is_refused_is_one_card_and_its_undo_leaves_nothing() {
    for place in PLACES {
        for scope in SCOPES {
            for edit in EDITS {
                let play = Play::begin(place).await;
                let before = play.there().await;
                let methods = if place == Place::Mauve { &CHANGES[..] } else { &WRITES[..] };
                play.refuse(400, methods, 0);
                play.refuse(400, &["DELETE"], 0);
                play.edit(scope, edit).await;
                play.runs().await;
                assert_eq!(play.there().await, before, "{place:?} {scope:?} {edit:?}: nothing half written");
                play.undo().await;
                assert_eq!(play.here().await, before, "{place:?} {scope:?} {edit:?}: at once");
                play.runs().await;
                play.rests_as(&before).await;
            }
        }
    }
}

#[tokio::test]
async fn a_series_whose_cut_is_refused_does_not_stand_twice() {
    for place in PLACES {
        for edit in [Edit::Move, Edit::Rename, Edit::Delete] {
            let play = Play::begin(place).await;
            let before = play.there().await;
            // Of a calendar server every write is a PUT: only the first one meets the fault, and is met no more.
            play.refuse(400, if place == Place::Coral { &["PUT"] } else { &["PATCH"] }, 0);
            play.edit(Scope::Following, edit).await;
            play.runs().await;
            assert_eq!(play.there().await, before, "{place:?} {edit:?}: nothing half written");
            play.undo().await;
            play.rests_as(&before).await;
        }
    }
}

#[tokio::test]
async fn a_second_half_that_is_refused_is_named_and_its_undo_joins_the_series_again() {
    for place in PLACES {
        let play = Play::begin(place).await;
        let before = play.there().await;
        let (method, skip) = if place == Place::Coral { ("PUT", 1) } else { ("POST", 0) };
        play.refuse(400, &[method], skip);
        play.edit(Scope::Following, Edit::Rename).await;
        let wanted = play.here().await;
        play.runs().await;
        assert_eq!(play.there().await, wanted[..2], "{place:?}: the first half");
        assert_eq!(play.here().await, wanted, "{place:?}: the second half is not lost");
        play.world.sandbox.control().clear_faults();
        play.undo().await;
        play.runs().await;
        play.rests_as(&before).await;
    }
}

#[tokio::test]
async fn an_occurrence_that_was_changed_behind_a_cut_stands_once() {
    for edit in EDITS {
        for scope in [Scope::Following, Scope::All] {
            let play = Play::begin(Place::Coral).await;
            play.edit(scope, edit).await;
            let wanted = play.here().await;
            play.runs().await;
            play.rests_as(&wanted).await;
        }
    }
}
