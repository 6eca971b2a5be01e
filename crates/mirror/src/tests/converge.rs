//! Whatever people do on both sides, however they decide where both changed one thing, and whatever
//! the network loses: both sides end up equal, each event is there once, and no value that either side
//! gave is written over without the journal having it.

use std::collections::{BTreeMap, BTreeSet};

use daymark_core::conflict::{Choice, Kind};
use daymark_core::event::{Field, Fields, RemoteId};
use daymark_core::journal::{Action as Written, Cause, Image, State};
use daymark_core::merge::Delta;
use proptest::prelude::*;

use super::world::{World, fields, later, snapshot};
use crate::{Action, Decision, Edit, Entry, EventRef, Job, MirrorError, Next, Outcome, Target, Turn};

/// A provider with one calendar, which answers as the real ones do.
#[derive(Default)]
struct Provider {
    /// False: it names inserted events itself, and knows a repetition by the id that was asked for.
    takes_ids: bool,
    /// Deleted events stay, without fields: their ids are used up.
    events: BTreeMap<String, (u32, Option<Fields>)>,
    inserted: BTreeMap<String, String>,
    /// Which event changed when; a cursor is a place in it.
    log: Vec<String>,
    /// Every location that was ever written by us.
    written: BTreeSet<String>,
}

impl Provider {
    fn live(&self) -> Vec<(String, Fields)> {
        let live = self.events.iter().filter_map(|(id, (_, fields))| Some((id.clone(), fields.clone()?)));
        live.collect()
    }

    fn put(&mut self, id: &str, fields: Option<Fields>) {
        let version = self.events.get(id).map_or(1, |(version, _)| version + 1);
        self.events.insert(id.to_owned(), (version, fields));
        self.log.push(id.to_owned());
    }

    fn read(&self, id: &str) -> Option<Outcome> {
        let (version, fields) = self.events.get(id)?;
        Some(Outcome::Stored(Box::new(snapshot(id, &version.to_string(), fields.clone()?))))
    }

    fn delta(&self, id: &str) -> Delta {
        match self.read(id) {
            Some(Outcome::Stored(snapshot)) => Delta::Upsert(snapshot),
            _ => Delta::Removed(RemoteId(id.into())),
        }
    }

    fn insert(&mut self, derived_id: &str, fields: &Fields) -> Outcome {
        let known = self.inserted.get(derived_id).filter(|id| self.read(id).is_some()).cloned();
        let id = known.unwrap_or_else(|| {
            let number = self.events.len();
            let free = self.takes_ids && !self.events.contains_key(derived_id);
            let id = if free { derived_id.to_owned() } else { format!("{derived_id}-{number}") };
            self.inserted.insert(derived_id.to_owned(), id.clone());
            self.put(&id, Some(fields.clone()));
            id
        });
        self.read(&id).unwrap()
    }

    fn carry_out(&mut self, job: &Job) -> Outcome {
        self.written.insert(job.fields.location.clone());
        let (target, etag) = match &job.action {
            Action::Insert { derived_id } => return self.insert(derived_id, &job.fields),
            Action::Recall { derived_id } => {
                return self.inserted.get(derived_id).and_then(|id| self.read(id)).unwrap_or(Outcome::Gone);
            }
            Action::Patch { target, etag, .. } | Action::Delete { target, etag } => (target, etag.clone()),
            Action::Check { target } => (target, None),
        };
        let Target::Event(RemoteId(id)) = target else { unreachable!("the model has no series") };
        let Some(Outcome::Stored(current)) = self.read(id) else { return Outcome::Gone };
        if etag.is_some() && etag != current.event.etag {
            return Outcome::Changed(Some(current));
        }
        match &job.action {
            Action::Patch { changed, .. } => {
                let mut patched = current.event.fields.clone();
                changed.iter().for_each(|field| patched.take(&job.fields, *field));
                self.put(id, Some(patched));
            }
            Action::Delete { .. } => {
                self.put(id, None);
                return Outcome::Deleted;
            }
            Action::Check { .. } | Action::Insert { .. } | Action::Recall { .. } => {}
        }
        self.read(id).unwrap()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Create,
    /// Of the event at this place: a location that no other edit gives.
    Relocate(usize),
    Retitle(usize, u8),
    Delete(usize),
    Undo(usize),
    TheyCreate,
    TheyRetitle(usize, u8),
    /// To a place that no other edit gives.
    TheyRelocate(usize),
    TheyDelete(usize),
    /// The person decides about the conflict at this place.
    Choose(usize, Choice),
    Pull,
    Restart,
    Push(Fault),
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    /// It took effect, and the answer is lost.
    AnswerLost,
    NeverArrived,
    /// The machine stops right after it was sent.
    StopAfter,
    /// The machine stops right before it is sent.
    StopBefore,
}

fn any_step() -> impl Strategy<Value = Step> {
    let fault = prop_oneof![
        3 => Just(Fault::None),
        2 => Just(Fault::AnswerLost),
        1 => Just(Fault::NeverArrived),
        1 => Just(Fault::StopAfter),
        1 => Just(Fault::StopBefore),
    ];
    prop_oneof![
        3 => Just(Step::Create),
        3 => (0..6_usize).prop_map(Step::Relocate),
        2 => (0..6_usize, 0..3_u8).prop_map(|(at, n)| Step::Retitle(at, n)),
        2 => (0..6_usize).prop_map(Step::Delete),
        2 => (0..6_usize).prop_map(Step::Undo),
        1 => Just(Step::TheyCreate),
        2 => (0..6_usize, 0..3_u8).prop_map(|(at, n)| Step::TheyRetitle(at, n)),
        2 => (0..6_usize).prop_map(Step::TheyRelocate),
        1 => (0..6_usize).prop_map(Step::TheyDelete),
        2 => (0..3_usize, any_choice()).prop_map(|(at, choice)| Step::Choose(at, choice)),
        4 => Just(Step::Pull),
        1 => Just(Step::Restart),
        6 => fault.prop_map(Step::Push),
    ]
}

fn any_choice() -> impl Strategy<Value = Choice> {
    prop_oneof![Just(Choice::Mine), Just(Choice::Theirs), Just(Choice::Both)]
}

struct Play {
    world: World,
    provider: Provider,
    count: usize,
    seconds: i64,
    /// Places that they gave and have not given up themselves.
    theirs: BTreeSet<String>,
    /// Where both sides were kept: the place is there once more.
    copied: Vec<String>,
}

impl Play {
    async fn new(takes_ids: bool) -> Self {
        let provider = Provider { takes_ids, ..Provider::default() };
        let (theirs, copied) = (BTreeSet::new(), Vec::new());
        Play { world: World::new().await, provider, count: 0, seconds: 0, theirs, copied }
    }

    fn number(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    async fn pick(&self, at: usize) -> Option<EventRef> {
        let week = self.world.week().await;
        week.get(at % week.len().max(1)).map(|row| row.event.clone())
    }

    async fn edit(&self, edit: Edit) {
        let now = later(self.seconds);
        self.world.stage(edit, Cause::You, now).await.unwrap();
    }

    async fn take(&mut self, step: Step) {
        self.seconds += 10;
        match step {
            Step::Create => {
                let number = self.number();
                let fields = Fields { location: format!("made {number}"), ..fields("Ours") };
                let derived_id = format!("d{number}");
                self.edit(Edit::Create { calendar: self.world.calendar, fields, derived_id }).await;
            }
            Step::Relocate(at) => {
                let fields = Fields { location: format!("moved {}", self.number()), ..fields("") };
                if let Some(event) = self.pick(at).await {
                    self.edit(Edit::Change { event, fields, changed: vec![Field::Location] }).await;
                }
            }
            Step::Retitle(at, n) => {
                if let Some(event) = self.pick(at).await {
                    let fields = fields(&format!("title {n}"));
                    self.edit(Edit::Change { event, fields, changed: vec![Field::Title] }).await;
                }
            }
            Step::Delete(at) => {
                if let Some(event) = self.pick(at).await {
                    self.edit(Edit::Delete { event }).await;
                }
            }
            Step::Undo(at) => self.undo(at).await,
            Step::TheyCreate => {
                let number = self.number();
                self.provider.put(&format!("theirs{number}"), Some(fields("Theirs")));
            }
            Step::TheyRetitle(at, n) => {
                let live = self.provider.live();
                if let Some((id, theirs)) = live.get(at % live.len().max(1)) {
                    self.provider
                        .put(id, Some(Fields { title: format!("their title {n}"), ..theirs.clone() }));
                }
            }
            Step::TheyRelocate(at) => {
                let place = format!("their place {}", self.number());
                let live = self.provider.live();
                if let Some((id, before)) = live.get(at % live.len().max(1)) {
                    self.theirs.remove(&before.location);
                    self.provider.put(id, Some(Fields { location: place.clone(), ..before.clone() }));
                    self.theirs.insert(place);
                }
            }
            Step::TheyDelete(at) => {
                let live = self.provider.live();
                if let Some((id, before)) = live.get(at % live.len().max(1)) {
                    self.theirs.remove(&before.location);
                    self.provider.put(id, None);
                }
            }
            Step::Choose(at, choice) => self.choose(at, choice).await,
            Step::Pull => self.pull().await,
            Step::Restart => self.world.restart(self.world.calendar).await.unwrap(),
            Step::Push(fault) => self.push(fault).await,
        }
    }

    async fn undo(&mut self, at: usize) {
        let new_id = format!("d{}", self.number());
        let entries = self.world.journal(6, None).await.unwrap();
        let Some(entry) = entries.get(at).filter(|entry| entry.undoable()) else { return };
        match self.world.undo(entry.id, &new_id, later(self.seconds)).await {
            Ok(_) | Err(MirrorError::CannotUndo(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn choose(&mut self, at: usize, choice: Choice) {
        let open = self.world.conflicts().await.unwrap();
        let Some(dispute) = open.get(at % open.len().max(1)) else { return };
        let choice = if dispute.kind.settle(choice).is_ok() { choice } else { Choice::Theirs };
        // One that stood here twice for a moment, because its insert was not yet answered, and was brought
        // back meanwhile, is there twice.
        let brought_back = dispute.kind == Kind::DeletedThere && choice == Choice::Mine;
        if choice == Choice::Both || brought_back {
            self.copied.push(dispute.mine.location.clone());
        }
        let new_derived_id = format!("d{}", self.number());
        let decision =
            Decision { conflict: dispute.id, version: Some(dispute.version), choice, new_derived_id };
        self.world.resolve(decision, later(self.seconds)).await.unwrap();
    }

    async fn pull(&mut self) {
        let asked = self.world.cursor().await;
        let ids: Vec<String> = match &asked {
            Some(cursor) => self.provider.log[cursor.parse().unwrap()..].to_vec(),
            None => self.provider.live().into_iter().map(|(id, _)| id).collect(),
        };
        let deltas = ids.iter().map(|id| self.provider.delta(id)).collect();
        let turn = Turn { asked, next: Next::Done(self.provider.log.len().to_string()), window: None };
        self.world.apply(self.world.calendar, deltas, turn, later(self.seconds)).await.unwrap();
    }

    async fn push(&mut self, fault: Fault) {
        let jobs = self.world.due(self.world.account, later(self.seconds), 1).await.unwrap();
        for job in jobs {
            if !self.world.started(&job).await.unwrap() {
                continue;
            }
            let not_before = later(self.seconds + 5);
            let outcome = match fault {
                Fault::None => self.provider.carry_out(&job),
                Fault::AnswerLost => {
                    self.provider.carry_out(&job);
                    Outcome::Later { not_before, untouched: false }
                }
                Fault::NeverArrived => Outcome::Later { not_before, untouched: true },
                Fault::StopAfter => {
                    self.provider.carry_out(&job);
                    continue;
                }
                Fault::StopBefore => continue,
            };
            self.world.settle(&job, outcome, later(self.seconds)).await.unwrap();
        }
    }

    /// Without faults, until nothing is left to do.
    async fn settle_down(&mut self) {
        for _ in 0..60 {
            self.seconds += 400;
            self.pull().await;
            self.push(Fault::None).await;
            let choice = [Choice::Mine, Choice::Both, Choice::Theirs][self.count % 3];
            self.choose(0, choice).await;
            if self.world.waiting_count().await.unwrap() == 0 {
                break;
            }
        }
        self.pull().await;
    }

    async fn shown(&self) -> Vec<Fields> {
        let mut shown = Vec::new();
        for row in self.world.week().await {
            shown.push(self.world.event(&row.event, super::world::ZONE).await.unwrap().fields);
        }
        shown.sort_by(|a, b| (&a.location, &a.title).cmp(&(&b.location, &b.title)));
        shown
    }

    fn there(&self) -> Vec<Fields> {
        let mut there: Vec<Fields> = self.provider.live().into_iter().map(|(_, fields)| fields).collect();
        there.sort_by(|a, b| (&a.location, &a.title).cmp(&(&b.location, &b.title)));
        there
    }

    /// Everything that the journal keeps of places.
    async fn journalled(&self) -> BTreeSet<String> {
        let mut places = BTreeSet::new();
        for entry in self.world.journal(1_000, None).await.unwrap() {
            let images = [entry.before, entry.after].into_iter().flatten();
            places.extend(images.map(|Image { fields, .. }| fields.location));
            places.extend(entry.theirs.map(|fields| fields.location));
        }
        places
    }

    /// What was overtaken was so by a later entry: somebody decided, or took it back.
    async fn nothing_is_overtaken_by_itself(&self) {
        let entries = self.world.journal(1_000, None).await.unwrap();
        // An edit that was taken back wants nothing, and an event that is gone there may go.
        let edits = entries.iter().filter(|entry| entry.cause != Cause::Undo);
        // Of an event that stood here twice for a moment one is left, whichever was deleted.
        let edits = edits.filter(|entry| entry.action != Written::Delete);
        for entry in edits.filter(|entry| entry.state == State::Overtaken) {
            let others: Vec<&Entry> = entries.iter().filter(|other| other.event == entry.event).collect();
            let later = others.iter().any(|other| other.id > entry.id);
            // Who types again what stood there before has taken their own edit back.
            let put_back = others.iter().any(|other| other.id < entry.id && other.before == entry.after);
            assert!(later || put_back, "{entry:?} was overtaken, and nobody had a say");
        }
    }

    /// The last location that was given to each event and neither undone nor overtaken.
    async fn wanted(&self) -> BTreeSet<String> {
        let mut last: BTreeMap<i64, (State, String)> = BTreeMap::new();
        let mut entries = self.world.journal(1_000, None).await.unwrap();
        entries.reverse();
        for entry in entries {
            let location = |image: &Option<daymark_core::journal::Image>| {
                image.as_ref().map(|image| image.fields.location.clone()).unwrap_or_default()
            };
            let relocates = location(&entry.before) != location(&entry.after);
            if entry.cause == Cause::Undo {
                // What it puts back may never have left the provider.
                last.remove(&entry.event);
            } else if entry.action == Written::Change && relocates {
                last.insert(entry.event, (entry.state, location(&entry.after)));
            } else if entry.action == Written::Delete {
                last.remove(&entry.event);
            }
        }
        last.into_values().filter(|(state, _)| *state == State::Sent).map(|(_, location)| location).collect()
    }
}

async fn both_sides_agree(takes_ids: bool, steps: Vec<Step>) {
    let mut play = Play::new(takes_ids).await;
    for step in steps {
        play.take(step).await;
    }
    play.settle_down().await;
    assert_eq!(play.world.waiting_count().await.unwrap(), 0, "something waits for ever");
    assert_eq!(play.shown().await, play.there(), "the two sides differ");
    let open = play.world.journal(1_000, None).await.unwrap();
    assert!(open.iter().all(|entry| entry.state != State::Waiting), "an entry of the journal stays open");
    let made: Vec<Fields> = play.there().into_iter().filter(|it| it.location.starts_with("made")).collect();
    for place in made.iter().map(|it| &it.location) {
        let there = made.iter().filter(|it| it.location == *place).count();
        let kept_both = play.copied.iter().filter(|copied| *copied == place).count();
        assert!(there <= 1 + kept_both, "{place} is there {there} times");
    }
    let standing: BTreeSet<String> = play.there().into_iter().map(|it| it.location).collect();
    let journalled = play.journalled().await;
    for place in &play.theirs {
        let kept = standing.contains(place) || journalled.contains(place);
        assert!(kept, "{place} was written over and nobody was asked");
    }
    play.nothing_is_overtaken_by_itself().await;
    // What was chosen of theirs was there already.
    for location in play.wanted().await.iter().filter(|it| it.starts_with("moved")) {
        assert!(play.provider.written.contains(location), "{location} was never sent");
    }
    let number = play.world.change_number().await.unwrap();
    let log = play.provider.log.len();
    play.pull().await;
    play.push(Fault::None).await;
    assert_eq!(play.world.change_number().await.unwrap(), number, "a second sync changes something");
    assert_eq!(play.provider.log.len(), log, "a second sync writes something");
}

fn run(takes_ids: bool, steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(both_sides_agree(takes_ids, steps));
}

/// Each case is dozens of durable transactions; a deep run asks for more of them.
fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(40), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn with_ids_of_our_choice_both_sides_end_up_equal(steps in proptest::collection::vec(any_step(), 1..40)) {
        run(true, steps);
    }

    #[test]
    fn with_ids_of_the_providers_choice_both_sides_end_up_equal(
        steps in proptest::collection::vec(any_step(), 1..40),
    ) {
        run(false, steps);
    }
}
