//! “This”, “this and following” and “all”: each moved, renamed and deleted at both providers, over a
//! change of the clocks, in a series with a moved and a cancelled occurrence on either side of the cut.

use chrono::{NaiveDateTime, TimeDelta};
use daymark_engine::api::Call;
use daymark_engine::api::accounts::ProviderKind;
use daymark_engine::api::health::CardCode;
use daymark_engine::api::journal::Undo;
use daymark_engine::api::repeat::{Repeat, RepeatEnds, RepeatUnit, Repeats, Weekday};
use daymark_engine::api::schedule::{
    ChangeEvent, DeleteEvent, EventDetail, EventRef, Item, NewEvent, Scope, When, Written,
};
use journeys::world::World;

use crate::support::{calendar, health, items, wall, writes};

const MAIN: &str = "Round";

/// An account at each provider, with nothing in it.
const SEED: &str = r##"{
  "zone": "America/Toronto",
  "clients": [
    {"provider": "google", "id": "daymark-desktop.apps.googleusercontent.example", "secret": "sandbox-secret"},
    {"provider": "microsoft", "id": "6f1c2a50-0d4c-4d0e-9b1e-5a7e3c1d9b02"}
  ],
  "accounts": [
    {"provider": "google", "email": "kit@google.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"name": "Round", "primary": true, "color": "#2f6fb0"}]},
    {"provider": "microsoft", "email": "kit@microsoft.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"name": "Round", "primary": true, "color": "#b5532a"}]}
  ]
}"##;

/// Eight Mondays at nine. Clocks go forward on 8 March, and the cut is on the 23rd.
const WHOLE: [&str; 6] = [
    "03-02 09:00 Visit",
    "03-10 15:00 Visit",
    "03-23 09:00 Visit",
    "03-31 15:00 Visit",
    "04-13 09:00 Visit",
    "04-20 09:00 Visit",
];
const CUT: &str = "2026-03-23T09:00:00";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    /// To Tuesday at half past ten.
    Move,
    Rename,
    Delete,
}

const SCOPES: [Scope; 3] = [Scope::This, Scope::Following, Scope::All];
const EDITS: [Edit; 3] = [Edit::Move, Edit::Rename, Edit::Delete];

fn expected(scope: Scope, edit: Edit) -> Vec<&'static str> {
    match (scope, edit) {
        (Scope::This, Edit::Move) => {
            vec![WHOLE[0], WHOLE[1], "03-24 10:30 Visit", WHOLE[3], WHOLE[4], WHOLE[5]]
        }
        (Scope::This, Edit::Rename) => {
            vec![WHOLE[0], WHOLE[1], "03-23 09:00 Check", WHOLE[3], WHOLE[4], WHOLE[5]]
        }
        (Scope::This, Edit::Delete) => vec![WHOLE[0], WHOLE[1], WHOLE[3], WHOLE[4], WHOLE[5]],
        (Scope::Following, Edit::Move) => vec![
            WHOLE[0],
            WHOLE[1],
            "03-24 10:30 Visit",
            "03-31 15:00 Visit",
            "04-14 10:30 Visit",
            "04-21 10:30 Visit",
        ],
        (Scope::Following, Edit::Rename) => vec![
            WHOLE[0],
            WHOLE[1],
            "03-23 09:00 Check",
            "03-31 15:00 Check",
            "04-13 09:00 Check",
            "04-20 09:00 Check",
        ],
        (Scope::Following, Edit::Delete) => vec![WHOLE[0], WHOLE[1]],
        (Scope::All, Edit::Move) => vec![
            "03-03 10:30 Visit",
            "03-10 15:00 Visit",
            "03-24 10:30 Visit",
            "03-31 15:00 Visit",
            "04-14 10:30 Visit",
            "04-21 10:30 Visit",
        ],
        (Scope::All, Edit::Rename) => vec![
            "03-02 09:00 Check",
            "03-10 15:00 Check",
            "03-23 09:00 Check",
            "03-31 15:00 Check",
            "04-13 09:00 Check",
            "04-20 09:00 Check",
        ],
        (Scope::All, Edit::Delete) => vec![],
    }
}

struct Play {
    world: World,
    kind: ProviderKind,
}

fn mondays() -> Repeat {
    Repeat {
        every: 1,
        unit: RepeatUnit::Weeks { on: vec![Weekday::Monday] },
        ends: RepeatEnds::After { count: 8 },
    }
}

fn hour(start: &str) -> When {
    let start = wall(start);
    When { start, end: start + TimeDelta::hours(1), all_day: false }
}

fn change(event: EventRef, scope: Scope) -> ChangeEvent {
    ChangeEvent {
        event,
        title: None,
        location: None,
        description: None,
        when: None,
        free: None,
        scope: Some(scope),
        guests_confirmed: false,
    }
}

impl Play {
    /// With the series, which is at the provider with all its exceptions.
    async fn begin(kind: ProviderKind) -> Play {
        let world = World::build().seed(SEED).without_relay().start().await.unwrap();
        world.connect(kind, user(kind)).await.unwrap();
        world.introduce().await.unwrap();
        world.sync().await.unwrap();
        let play = Play { world, kind };
        play.create().await;
        play.settle().await;
        for (start, to) in
            [("2026-03-09T09:00:00", "2026-03-10T15:00:00"), ("2026-03-30T09:00:00", "2026-03-31T15:00:00")]
        {
            let event = play.item(start).await.event;
            let moved = ChangeEvent { when: Some(hour(to)), ..change(event, Scope::This) };
            let _: Written = play.world.call(Call::ChangeEvent(moved)).await.unwrap();
        }
        for start in ["2026-03-16T09:00:00", "2026-04-06T09:00:00"] {
            let event = play.item(start).await.event;
            let delete = DeleteEvent { event, scope: None, guests_confirmed: false };
            let _: Written = play.world.call(Call::DeleteEvent(delete)).await.unwrap();
        }
        play.settle().await;
        assert_eq!(play.shown().await, WHOLE);
        play
    }

    async fn create(&self) {
        let new = NewEvent {
            calendar: calendar(&self.world, MAIN).await,
            title: "Visit".into(),
            location: String::new(),
            description: String::new(),
            when: hour("2026-03-02T09:00:00"),
            free: false,
            recurrence: Some(mondays()),
        };
        let _: Written = self.world.call(Call::CreateEvent(new)).await.unwrap();
    }

    async fn items(&self) -> Vec<Item> {
        items(&self.world, "2026-02-20", "2026-06-01").await
    }

    async fn item(&self, start: &str) -> Item {
        let start: NaiveDateTime = wall(start);
        self.items().await.into_iter().find(|item| item.start == start).unwrap()
    }

    async fn shown(&self) -> Vec<String> {
        let items = self.items().await;
        items.iter().map(|item| format!("{} {}", item.start.format("%m-%d %H:%M"), item.title)).collect()
    }

    async fn edit(&self, scope: Scope, edit: Edit) -> Written {
        let event = self.item(CUT).await.event;
        let call = match edit {
            Edit::Move => {
                let when = Some(hour("2026-03-24T10:30:00"));
                Call::ChangeEvent(ChangeEvent { when, ..change(event, scope) })
            }
            Edit::Rename => {
                Call::ChangeEvent(ChangeEvent { title: Some("Check".into()), ..change(event, scope) })
            }
            Edit::Delete => {
                Call::DeleteEvent(DeleteEvent { event, scope: Some(scope), guests_confirmed: false })
            }
        };
        self.world.call(call).await.unwrap()
    }

    /// Until nothing is left to send; then the provider is read once more, and nothing is written.
    async fn settle(&self) {
        for _ in 0..12 {
            self.world.advance(TimeDelta::minutes(2));
            self.world.sync().await.unwrap();
            if health(&self.world).await.waiting == 0 {
                break;
            }
        }
        let well = health(&self.world).await;
        assert_eq!(well.waiting, 0, "{well:?}");
        // Sign-ins of a journey last only as long as it does.
        let others = well.cards.iter().filter(|card| card.code != CardCode::SecretsForSessionOnly);
        assert_eq!(others.count(), 0, "{:?}", well.cards);
        self.world.sync().await.unwrap();
        let before = writes(&self.world);
        for _ in 0..2 {
            self.world.advance(TimeDelta::hours(1));
            self.world.sync().await.unwrap();
        }
        let all = self.world.sandbox.control().writes();
        assert_eq!(all.len(), before, "written although nothing changed: {:?}", all.get(before..));
    }

    /// What a laptop shows that knows nothing yet and reads everything anew.
    async fn read_anew(&mut self) -> Vec<String> {
        let before = self.world.change_laptop("anew").await.unwrap();
        before.stop().await;
        self.world.introduce().await.unwrap();
        self.world.connect(self.kind, user(self.kind)).await.unwrap();
        self.world.sync().await.unwrap();
        self.shown().await
    }
}

fn user(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Google => "kit@google.example",
        _ => "kit@microsoft.example",
    }
}

async fn each_edit_reaches_the_provider(kind: ProviderKind) {
    for scope in SCOPES {
        for edit in EDITS {
            let mut play = Play::begin(kind).await;
            play.edit(scope, edit).await;
            let wanted = expected(scope, edit);
            assert_eq!(play.shown().await, wanted, "{scope:?} {edit:?}, at once");
            play.settle().await;
            assert_eq!(play.shown().await, wanted, "{scope:?} {edit:?}, after the sync");
            assert_eq!(play.read_anew().await, wanted, "{scope:?} {edit:?}, at the provider");
        }
    }
}

async fn each_edit_is_undone_in_one_step(kind: ProviderKind, sent: bool) {
    for scope in [Scope::Following, Scope::All] {
        for edit in EDITS {
            let mut play = Play::begin(kind).await;
            let before = writes(&play.world);
            let written = play.edit(scope, edit).await;
            if sent {
                play.settle().await;
            }
            let _: Written = play
                .world
                .call(Call::Undo(Undo { journal: written.journal, guests_confirmed: false }))
                .await
                .unwrap();
            assert_eq!(play.shown().await, WHOLE, "{scope:?} {edit:?} undone, at once");
            play.settle().await;
            assert_eq!(play.shown().await, WHOLE, "{scope:?} {edit:?} undone, after the sync");
            if !sent {
                assert_eq!(writes(&play.world), before, "{scope:?} {edit:?}: nothing was to be sent");
            }
            assert_eq!(play.read_anew().await, WHOLE, "{scope:?} {edit:?} undone, at the provider");
        }
    }
}

#[tokio::test]
async fn each_edit_of_a_series_reaches_google() {
    each_edit_reaches_the_provider(ProviderKind::Google).await;
}

#[tokio::test]
async fn each_edit_of_a_series_reaches_microsoft() {
    each_edit_reaches_the_provider(ProviderKind::Microsoft).await;
}

#[tokio::test]
async fn an_edit_of_a_series_that_was_not_sent_is_undone_without_a_write() {
    each_edit_is_undone_in_one_step(ProviderKind::Google, false).await;
    each_edit_is_undone_in_one_step(ProviderKind::Microsoft, false).await;
}

#[tokio::test]
async fn an_edit_of_a_series_that_google_has_is_undone_in_one_step() {
    each_edit_is_undone_in_one_step(ProviderKind::Google, true).await;
}

#[tokio::test]
async fn an_edit_of_a_series_that_microsoft_has_is_undone_in_one_step() {
    each_edit_is_undone_in_one_step(ProviderKind::Microsoft, true).await;
}

#[tokio::test]
async fn a_series_says_its_rule_in_plain_words_at_every_provider() {
    for kind in [ProviderKind::Google, ProviderKind::Microsoft] {
        let play = Play::begin(kind).await;
        let event = play.item(CUT).await.event;
        let detail: EventDetail = play.world.call(Call::Event(event)).await.unwrap();
        assert_eq!(detail.repeats, Some(Repeats::Rule { rule: mondays() }));
        play.edit(Scope::Following, Edit::Move).await;
        play.settle().await;
        let event = play.item("2026-04-14T10:30:00").await.event;
        let detail: EventDetail = play.world.call(Call::Event(event)).await.unwrap();
        let on = vec![Weekday::Tuesday];
        let ends = RepeatEnds::After { count: 5 };
        let rule = Repeat { unit: RepeatUnit::Weeks { on }, ends, ..mondays() };
        assert_eq!(detail.repeats, Some(Repeats::Rule { rule }), "the exact rest of eight");
    }
}

/// Three nights at half past midnight, the first of them that in which the clocks leave an hour out.
async fn with_nights(kind: ProviderKind) -> Play {
    let world = World::build().seed(SEED).without_relay().start().await.unwrap();
    world.connect(kind, user(kind)).await.unwrap();
    world.introduce().await.unwrap();
    world.sync().await.unwrap();
    let play = Play { world, kind };
    let new = NewEvent {
        calendar: calendar(&play.world, MAIN).await,
        title: "Night".into(),
        location: String::new(),
        description: String::new(),
        when: hour("2026-03-08T00:30:00"),
        free: false,
        recurrence: Some(Repeat { every: 1, unit: RepeatUnit::Days, ends: RepeatEnds::After { count: 3 } }),
    };
    let _: Written = play.world.call(Call::CreateEvent(new)).await.unwrap();
    play.settle().await;
    play
}

#[tokio::test]
async fn a_series_that_is_moved_into_a_gap_is_refused_in_words_and_its_undo_leaves_nothing() {
    const BEFORE: [&str; 3] = ["03-08 00:30 Night", "03-09 00:30 Night", "03-10 00:30 Night"];
    for kind in [ProviderKind::Google, ProviderKind::Microsoft] {
        let mut play = with_nights(kind).await;
        let event = play.item("2026-03-10T00:30:00").await.event;
        let when = Some(hour("2026-03-10T02:30:00"));
        let moved = ChangeEvent { when, ..change(event, Scope::All) };
        let moved: Written = play.world.call(Call::ChangeEvent(moved)).await.unwrap();
        let wanted = ["03-08 03:30 Night", "03-09 02:30 Night", "03-10 02:30 Night"];
        assert_eq!(play.shown().await, wanted, "{kind:?}");
        let before = writes(&play.world);
        play.world.advance(TimeDelta::minutes(2));
        play.world.sync().await.unwrap();
        let refused =
            health(&play.world).await.cards.into_iter().find(|it| it.code == CardCode::WriteRefused);
        let said = format!("{:?}", refused.expect("a card that names it"));
        assert!(said.contains("a clock change leaves out"), "{kind:?}: {said}");
        assert_eq!(writes(&play.world), before, "{kind:?}: nothing else is written in its place");
        let _: Written = play
            .world
            .call(Call::Undo(Undo { journal: moved.journal, guests_confirmed: false }))
            .await
            .unwrap();
        play.settle().await;
        assert_eq!(play.shown().await, BEFORE, "{kind:?}");
        assert_eq!(play.read_anew().await, BEFORE, "{kind:?}");
    }
}
