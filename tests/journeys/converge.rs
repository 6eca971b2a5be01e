//! Edits on both sides, trouble in between, and decisions where both changed one thing: once it is over, both sides
//! show the same, and nothing is left to write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use chrono_tz::America::Toronto;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::ProviderKind;
use daymark_engine::api::conflicts::{Conflict, ConflictChoice, ResolveConflict};
use daymark_engine::api::schedule::{ChangeEvent, DeleteEvent, Item, NewEvent, When, Written};
use daymark_sandbox::faults::{Fault, Kind, Moment};
use daymark_sandbox::identity::Provider;
use journeys::world::World;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::resource::{caldav_moment, edited, property};
use crate::support::{calendar, health, items, text, wall, writes};

const GOOGLE_USER: &str = "kit@google.example";
const MICROSOFT_USER: &str = "kit@microsoft.example";
const CALDAV_USER: &str = "kit@caldav.example";
/// The main calendar of each account, and what Google and the CalDAV server call it.
const MAIN: &str = "Round";
const PRIMARY: &str = "primary";
const COLLECTION: &str = "round";
/// How many runs it may take until nothing is under way any more.
const RUNS_MAX: usize = 30;

/// Three accounts with three visits each. The first word of a title says for ever which event it is.
const SEED: &str = r##"{
  "zone": "America/Toronto",
  "clients": [
    {"provider": "google", "id": "daymark-desktop.apps.googleusercontent.example", "secret": "sandbox-secret"},
    {"provider": "microsoft", "id": "6f1c2a50-0d4c-4d0e-9b1e-5a7e3c1d9b02"}
  ],
  "accounts": [
    {"provider": "google", "email": "kit@google.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"name": "Round", "primary": true, "color": "#2f6fb0", "events": [
       {"key": "seedga0", "title": "a0 seeded", "when": {"weekday": "mon", "from": "09:00", "to": "10:00"}},
       {"key": "seedga1", "title": "a1 seeded", "when": {"weekday": "tue", "from": "11:00", "to": "12:00"}},
       {"key": "seedga2", "title": "a2 seeded", "when": {"weekday": "wed", "from": "13:00", "to": "14:30"}}]}]},
    {"provider": "microsoft", "email": "kit@microsoft.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"name": "Round", "primary": true, "color": "#b5532a", "events": [
       {"key": "seedpa0", "title": "a0 seeded", "when": {"weekday": "mon", "from": "09:00", "to": "10:00"}},
       {"key": "seedpa1", "title": "a1 seeded", "when": {"weekday": "tue", "from": "11:00", "to": "12:00"}},
       {"key": "seedpa2", "title": "a2 seeded", "when": {"weekday": "wed", "from": "13:00", "to": "14:30"}}]}]},
    {"provider": "caldav", "email": "kit@caldav.example", "name": "Kit", "zone": "America/Toronto",
     "calendars": [{"name": "Round", "primary": true, "color": "#2f6fb0", "events": [
       {"key": "seedca0", "title": "a0 seeded", "when": {"weekday": "mon", "from": "09:00", "to": "10:00"}},
       {"key": "seedca1", "title": "a1 seeded", "when": {"weekday": "tue", "from": "11:00", "to": "12:00"}},
       {"key": "seedca2", "title": "a2 seeded", "when": {"weekday": "wed", "from": "13:00", "to": "14:30"}}]}]}
  ]
}"##;

#[derive(Clone, Debug)]
enum Step {
    Here(Edit),
    There(Edit),
    Trouble {
        kind: Kind,
        skip: u32,
        times: u32,
    },
    Forget,
    /// The person decides about one of the conflicts that are open.
    Decide {
        pick: usize,
        choice: usize,
    },
    Pass {
        seconds: i64,
    },
    Sync,
    /// A run that is stopped at one of its requests while somebody edits.
    SyncAround {
        at: Moment,
        skip: u32,
        here: bool,
        edit: Edit,
    },
}

/// `pick` chooses among what that side shows when the step comes.
#[derive(Clone, Debug)]
enum Edit {
    Create { half_hour: i64 },
    Retitle { pick: usize },
    Move { pick: usize, half_hour: i64 },
    Delete { pick: usize },
}

fn edit() -> impl Strategy<Value = Edit> {
    let half_hour = || 0..5 * 46_i64;
    prop_oneof![
        half_hour().prop_map(|half_hour| Edit::Create { half_hour }),
        (0..8_usize).prop_map(|pick| Edit::Retitle { pick }),
        (0..8_usize, half_hour()).prop_map(|(pick, half_hour)| Edit::Move { pick, half_hour }),
        (0..8_usize).prop_map(|pick| Edit::Delete { pick }),
    ]
}

fn status(status: u16, retry_after_s: Option<u32>) -> Kind {
    Kind::Status { status, reason: None, retry_after_s, body: None }
}

fn trouble() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        Just(status(500, None)),
        Just(status(503, Some(3))),
        Just(status(429, Some(2))),
        Just(status(429, Some(90))),
        Just(Kind::Cut),
        Just(Kind::LoseAnswer),
        Just(Kind::LoseAnswer),
        Just(Kind::Truncate),
        Just(Kind::ExpireSync),
    ];
    (kind, 0..5_u32, 1..6_u32).prop_map(|(kind, skip, times)| Step::Trouble { kind, skip, times })
}

fn around() -> impl Strategy<Value = Step> {
    let at = prop_oneof![Just(Moment::Before), Just(Moment::After)];
    let step = |(at, skip, here, edit)| Step::SyncAround { at, skip, here, edit };
    (at, 0..5_u32, any::<bool>(), edit()).prop_map(step)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => edit().prop_map(Step::Here),
        4 => edit().prop_map(Step::There),
        3 => trouble(),
        1 => Just(Step::Forget),
        2 => (0..3_usize, 0..3_usize).prop_map(|(pick, choice)| Step::Decide { pick, choice }),
        4 => around(),
        2 => (1..120_i64).prop_map(|seconds| Step::Pass { seconds }),
        5 => Just(Step::Sync),
    ]
}

/// An event as either side shows it, with wall times of Toronto.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    title: String,
    start: NaiveDateTime,
    end: NaiveDateTime,
}

type Side = BTreeMap<String, Vec<Shown>>;

/// By the first word of the title. No event may stand twice, unless somebody wanted both.
fn by_name(all: impl IntoIterator<Item = Shown>, both: &BTreeSet<String>) -> Side {
    let mut side = Side::new();
    for shown in all {
        side.entry(name_of(&shown.title)).or_default().push(shown);
    }
    for (name, all) in &mut side {
        assert!(all.len() == 1 || both.contains(name), "an event stands twice: {all:?}");
        all.sort_by(|one, other| {
            (&one.title, one.start, one.end).cmp(&(&other.title, other.start, other.end))
        });
    }
    side
}

fn name_of(title: &str) -> String {
    title.split(' ').next().unwrap_or_default().to_owned()
}

/// What the edits since the last quiet moment came to, for one event.
#[derive(Clone, Debug, Default)]
struct Meant {
    here: bool,
    there: bool,
    /// As the last edit left it; `None` once it was deleted.
    last: Option<Shown>,
}

struct Play {
    world: World,
    provider: Provider,
    calendar: i64,
    /// Edits so far, for names that nothing else has.
    edits: usize,
    meant: BTreeMap<String, Meant>,
    /// Of which both sides were kept, as two events.
    both: BTreeSet<String>,
}

fn slot(half_hour: i64) -> (NaiveDateTime, NaiveDateTime) {
    let day = TimeDelta::days(half_hour / 46);
    let start = wall("2026-03-02T00:00:00") + day + TimeDelta::minutes(half_hour % 46 * 30);
    (start, start + TimeDelta::minutes(30 + half_hour % 2 * 30))
}

impl Play {
    async fn begin(provider: Provider) -> Play {
        let world = World::build().seed(SEED).without_relay().start().await.unwrap();
        match provider {
            Provider::Google => world.connect(ProviderKind::Google, GOOGLE_USER).await.unwrap(),
            Provider::Microsoft => world.connect(ProviderKind::Microsoft, MICROSOFT_USER).await.unwrap(),
            Provider::CalDav => world.connect_caldav(CALDAV_USER).await.unwrap(),
        };
        world.introduce().await.unwrap();
        world.sync().await.unwrap();
        let calendar = calendar(&world, MAIN).await;
        Play { world, provider, calendar, edits: 0, meant: BTreeMap::new(), both: BTreeSet::new() }
    }

    async fn step(&mut self, step: &Step) {
        match step {
            Step::Here(edit) => self.edit_here(edit).await,
            Step::There(edit) => self.edit_there(edit),
            Step::Trouble { kind, skip, times } => {
                let fault = Fault::new(self.provider, kind.clone()).skip(*skip).times(*times);
                self.world.sandbox.control().arm(fault).unwrap();
            }
            Step::Forget => self.expire_cursors(),
            Step::Decide { pick, choice } => self.decide(*pick, *choice).await,
            Step::Pass { seconds } => self.world.advance(TimeDelta::seconds(*seconds)),
            Step::Sync => {
                self.run().await;
            }
            Step::SyncAround { at, skip, here, edit } => {
                let held = Fault::new(self.provider, Kind::Hold { at: *at }).skip(*skip);
                self.sync_around(held, *here, edit).await;
            }
        }
    }

    async fn sync_around(&mut self, held: Fault, here: bool, edit: &Edit) {
        let control = Arc::clone(self.world.sandbox.control());
        let held = control.arm(held).unwrap();
        let (engine, clock) = (Arc::clone(&self.world.engine), Arc::clone(&self.world.clock));
        let mut run = tokio::spawn(async move { clock.passing(engine.sync()).await });
        let reached = tokio::select! {
            () = control.wait_held(held) => true,
            ended = &mut run => {
                ended.unwrap().unwrap();
                false
            }
        };
        match here {
            true => self.edit_here(edit).await,
            false => self.edit_there(edit),
        }
        control.release(held);
        if reached {
            run.await.unwrap().unwrap();
        }
    }

    async fn conflicts(&self) -> Vec<Conflict> {
        self.world.call(Call::Conflicts(())).await.unwrap()
    }

    async fn decide(&mut self, pick: usize, choice: usize) {
        let open = self.conflicts().await;
        let Some(conflict) = open.get(pick % open.len().max(1)) else { return };
        let choice = conflict.choices[choice % conflict.choices.len()];
        let name = name_of(&conflict.mine.title);
        if choice == ConflictChoice::Both {
            self.both.insert(name.clone());
        }
        // Whatever is chosen was wanted by one side, against the other.
        let meant = self.meant.entry(name).or_default();
        (meant.here, meant.there) = (true, true);
        let answer = ResolveConflict { conflict: conflict.id, version: Some(conflict.version), choice };
        let _: Written = self.world.call(Call::ResolveConflict(answer)).await.unwrap();
    }

    /// A run, and whether nothing is left to do after it.
    async fn run(&self) -> bool {
        let reports = self.world.run().await.unwrap();
        reports.iter().all(|(_, report)| report.ok) && health(&self.world).await.waiting == 0
    }

    async fn items(&self) -> Vec<Item> {
        items(&self.world, "2026-03-01", "2026-03-09").await
    }

    async fn here(&self) -> Side {
        let shown = |item: Item| Shown { title: item.title, start: item.start, end: item.end };
        by_name(self.items().await.into_iter().map(shown), &self.both)
    }

    fn there(&self) -> Side {
        by_name(self.held().into_iter().map(|(_, shown)| shown), &self.both)
    }

    /// What the provider holds, each with its id.
    fn held(&self) -> Vec<(String, Shown)> {
        let (events, title) = match self.provider {
            Provider::CalDav => return self.held_at_caldav(),
            Provider::Google => (self.world.sandbox.google().live_events(GOOGLE_USER, PRIMARY), "/summary"),
            Provider::Microsoft => {
                (self.world.sandbox.microsoft().events(MICROSOFT_USER, MAIN).unwrap(), "/subject")
            }
        };
        let shown = |event: &Value| Shown {
            title: text(event, title),
            start: self.moment(event, "/start/dateTime"),
            end: self.moment(event, "/end/dateTime"),
        };
        events.iter().map(|event| (text(event, "/id"), shown(event))).collect()
    }

    /// Single events in the zone of Toronto or in UTC are all there is in these plays.
    fn held_at_caldav(&self) -> Vec<(String, Shown)> {
        let all = self.world.sandbox.caldav().all(CALDAV_USER, COLLECTION);
        let shown = |text: &str| Shown {
            title: property(text, "SUMMARY").unwrap_or_default(),
            start: caldav_moment(text, "DTSTART"),
            end: caldav_moment(text, "DTEND"),
        };
        all.into_iter().map(|(name, text)| (name, shown(&text))).collect()
    }

    fn moment(&self, event: &Value, at: &str) -> NaiveDateTime {
        let said = text(event, at);
        let instant = match self.provider {
            Provider::Google => DateTime::parse_from_rfc3339(&said).unwrap().to_utc(),
            // Asked without a preference, Graph says UTC and leaves the offset out.
            Provider::Microsoft => said.parse::<NaiveDateTime>().unwrap().and_utc(),
            Provider::CalDav => panic!("it holds no JSON"),
        };
        instant.with_timezone(&Toronto).naive_local()
    }

    async fn edit_here(&mut self, edit: &Edit) {
        self.edits += 1;
        let items = self.items().await;
        let picked = |pick: &usize| items.get(pick % items.len().max(1));
        let shown = |item: &Item| Shown { title: item.title.clone(), start: item.start, end: item.end };
        let (call, before, after) = match edit {
            Edit::Create { half_hour } => {
                let (start, end) = slot(*half_hour);
                let wanted = Shown { title: format!("h{} created", self.edits), start, end };
                (self.creation(&wanted), None, Some(wanted))
            }
            Edit::Retitle { pick } => {
                let Some(item) = picked(pick) else { return };
                let wanted = Shown { title: self.retitled(&item.title), ..shown(item) };
                (change(item, &wanted), Some(shown(item)), Some(wanted))
            }
            Edit::Move { pick, half_hour } => {
                let Some(item) = picked(pick) else { return };
                let (start, end) = slot(*half_hour);
                let wanted = Shown { start, end, ..shown(item) };
                (change(item, &wanted), Some(shown(item)), Some(wanted))
            }
            Edit::Delete { pick } => {
                let Some(item) = picked(pick) else { return };
                let (event, scope) = (item.event.clone(), None);
                let delete = DeleteEvent { event, scope, guests_confirmed: false };
                (Call::DeleteEvent(delete), Some(shown(item)), None)
            }
        };
        let _: Written = self.world.call(call).await.unwrap();
        self.note(before, after).here = true;
    }

    fn creation(&self, wanted: &Shown) -> Call {
        Call::CreateEvent(NewEvent {
            calendar: self.calendar,
            title: wanted.title.clone(),
            location: String::new(),
            description: String::new(),
            when: When { start: wanted.start, end: wanted.end, all_day: false },
            free: false,
            recurrence: None,
        })
    }

    fn retitled(&self, title: &str) -> String {
        format!("{} {}", name_of(title), self.edits)
    }

    fn note(&mut self, before: Option<Shown>, after: Option<Shown>) -> &mut Meant {
        let named = after.as_ref().or(before.as_ref()).map(|shown| shown.title.as_str()).unwrap_or_default();
        let name = name_of(named);
        let meant = self.meant.entry(name).or_default();
        meant.last = after;
        meant
    }

    fn edit_there(&mut self, edit: &Edit) {
        self.edits += 1;
        let held = self.held();
        let picked = |pick: &usize| held.get(pick % held.len().max(1)).cloned();
        let (before, after) = match edit {
            Edit::Create { half_hour } => {
                let (start, end) = slot(*half_hour);
                let wanted = Shown { title: format!("t{} created", self.edits), start, end };
                self.insert_there(&wanted);
                (None, Some(wanted))
            }
            Edit::Retitle { pick } => {
                let Some((id, old)) = picked(pick) else { return };
                let wanted = Shown { title: self.retitled(&old.title), ..old.clone() };
                self.patch_there(&id, &self.body(&wanted, false));
                (Some(old), Some(wanted))
            }
            Edit::Move { pick, half_hour } => {
                let Some((id, old)) = picked(pick) else { return };
                let (start, end) = slot(*half_hour);
                let wanted = Shown { start, end, ..old.clone() };
                self.patch_there(&id, &self.body(&wanted, true));
                (Some(old), Some(wanted))
            }
            Edit::Delete { pick } => {
                let Some((id, old)) = picked(pick) else { return };
                self.delete_there(&id);
                (Some(old), None)
            }
        };
        self.note(before, after).there = true;
    }

    /// The event in the provider's words; only its title, unless it is moved.
    fn body(&self, wanted: &Shown, moved: bool) -> Value {
        let (title, zone) = match self.provider {
            Provider::Google | Provider::CalDav => ("summary", "America/Toronto"),
            Provider::Microsoft => ("subject", "Eastern Standard Time"),
        };
        let mut body = json!({ title: wanted.title });
        if moved {
            let moment =
                |at: NaiveDateTime| json!({"dateTime": at.format("%FT%T").to_string(), "timeZone": zone});
            body["start"] = moment(wanted.start);
            body["end"] = moment(wanted.end);
        }
        body
    }

    fn insert_there(&self, wanted: &Shown) {
        let body = self.body(wanted, true);
        match self.provider {
            Provider::Google => drop(self.world.sandbox.google().insert(GOOGLE_USER, PRIMARY, body).unwrap()),
            Provider::Microsoft => {
                drop(self.world.sandbox.microsoft().insert(MICROSOFT_USER, MAIN, &body).unwrap());
            }
            Provider::CalDav => {
                let name = format!("there-{}", self.edits);
                let text = format!(
                    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//There//EN\nBEGIN:VEVENT\nUID:{name}\n\
                     DTSTAMP:20260101T000000Z\nSUMMARY:x\nDTSTART:20260101T000000Z\nDTEND:20260101T000000Z\nEND:VEVENT\n\
                     END:VCALENDAR\n"
                );
                self.put_at_caldav(&format!("{name}.ics"), &edited(&text, &body));
            }
        }
    }

    fn put_at_caldav(&self, name: &str, text: &str) {
        self.world.sandbox.caldav().put(CALDAV_USER, COLLECTION, name, text);
    }

    fn patch_there(&self, id: &str, body: &Value) {
        match self.provider {
            Provider::Google => {
                drop(self.world.sandbox.google().edit(GOOGLE_USER, PRIMARY, id, body.clone()).unwrap());
            }
            Provider::Microsoft => {
                drop(self.world.sandbox.microsoft().edit(MICROSOFT_USER, id, body).unwrap());
            }
            Provider::CalDav => {
                let text = self.world.sandbox.caldav().text(CALDAV_USER, COLLECTION, id).unwrap();
                self.put_at_caldav(id, &edited(&text, body));
            }
        }
    }

    fn delete_there(&self, id: &str) {
        match self.provider {
            Provider::Google => drop(self.world.sandbox.google().delete(GOOGLE_USER, PRIMARY, id).unwrap()),
            Provider::Microsoft => self.world.sandbox.microsoft().delete(MICROSOFT_USER, id).unwrap(),
            Provider::CalDav => assert!(self.world.sandbox.caldav().delete(CALDAV_USER, COLLECTION, id)),
        }
    }

    fn expire_cursors(&self) {
        match self.provider {
            Provider::Google => self.world.sandbox.google().expire_sync_tokens(GOOGLE_USER, PRIMARY),
            Provider::Microsoft => {
                self.world.sandbox.microsoft().expire_sync_states(MICROSOFT_USER, MAIN).unwrap();
            }
            Provider::CalDav => self.world.sandbox.caldav().forget_tokens(CALDAV_USER, COLLECTION),
        }
    }

    /// The trouble is over, and time passes until nothing is under way.
    async fn settles(&mut self) {
        self.world.sandbox.control().clear_faults();
        for _ in 0..RUNS_MAX {
            self.world.advance(TimeDelta::minutes(20));
            while !self.conflicts().await.is_empty() {
                self.edits += 1;
                self.decide(0, self.edits).await;
            }
            if self.run().await {
                // What somebody did between a run's reading and its end is the next one's to see.
                self.world.sync().await.unwrap();
                return self.agrees().await;
            }
        }
        panic!("it does not come to rest: {:?}", health(&self.world).await);
    }

    /// Both sides show the same, and every event that only one side edited is as that side left it.
    async fn agrees(&mut self) {
        let (here, there) = (self.here().await, self.there());
        assert_eq!(here, there, "Daymark, and the provider");
        for (name, meant) in std::mem::take(&mut self.meant) {
            if !(meant.here && meant.there) {
                let stands = there.get(&name).map(Vec::as_slice).unwrap_or_default();
                let last = meant.last.as_slice();
                let kept_both = self.both.contains(&name);
                assert!(kept_both || stands == last, "{stands:?}, but last done to {name}: {meant:?}");
            }
        }
    }

    async fn writes_nothing_more(&self) {
        let before = writes(&self.world);
        for _ in 0..2 {
            self.world.advance(TimeDelta::hours(1));
            self.world.sync().await.unwrap();
        }
        let all = self.world.sandbox.control().writes();
        assert_eq!(all.len(), before, "written although nothing changed: {:?}", all.get(before..));
    }
}

fn change(item: &Item, wanted: &Shown) -> Call {
    let when = When { start: wanted.start, end: wanted.end, all_day: false };
    Call::ChangeEvent(ChangeEvent {
        event: item.event.clone(),
        title: (item.title != wanted.title).then(|| wanted.title.clone()),
        location: None,
        description: None,
        when: ((item.start, item.end) != (wanted.start, wanted.end)).then_some(when),
        free: None,
        scope: None,
        guests_confirmed: false,
    })
}

/// Bursts of steps, each followed by a time without trouble.
async fn converges(provider: Provider, bursts: &[Vec<Step>]) {
    let mut play = Play::begin(provider).await;
    for burst in bursts {
        for step in burst {
            play.step(step).await;
        }
        play.settles().await;
    }
    play.writes_nothing_more().await;
    assert!(play.world.sandbox.control().mail().is_empty(), "nobody is mailed");
    play.world.engine.stop().await;
}

/// A dozen plays, or as many as `PROPTEST_CASES` says.
fn plays(provider: Provider) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12);
    let config = Config { cases, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let bursts = prop::collection::vec(prop::collection::vec(step(), 4..16), 1..4);
    let played = TestRunner::new(config).run(&bursts, |bursts| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(converges(provider, &bursts));
        Ok(())
    });
    played.unwrap();
}

#[test]
fn google_and_daymark_agree_after_any_trouble() {
    plays(Provider::Google);
}

#[test]
fn microsoft_and_daymark_agree_after_any_trouble() {
    plays(Provider::Microsoft);
}

#[test]
fn a_caldav_server_and_daymark_agree_after_any_trouble() {
    plays(Provider::CalDav);
}
