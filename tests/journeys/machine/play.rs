//! The world of the state machine: carries out each step, and looks at everything once it has come to rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};
use chrono_tz::America::Toronto;
use daymark_engine::api::accounts::CalendarChoice;
use daymark_engine::api::blocks::{HeldRun, ReleaseRun};
use daymark_engine::api::conflicts::{Conflict, ConflictChoice, ResolveConflict};
use daymark_engine::api::problem::ProblemCode;
use daymark_engine::api::repeat::{Repeat, RepeatEnds, RepeatUnit, Weekday};
use daymark_engine::api::schedule::{
    ChangeEvent, DeleteEvent, EventDetail, EventRef, Item, Look, NewEvent, Schedule, ScheduleQuery, Scope,
    When, Written,
};
use daymark_engine::api::{Call, problem::Problem};
use daymark_sandbox::caldav::Quirks;
use daymark_sandbox::faults::{Fault, Kind};
use journeys::world::World;

use super::places::{PLACES, Place, Rule, SEED, Seen, Shape, end_of};
use super::{Edit, Made, Step, spec};
use crate::support::{calendar, health, writes};

/// How many runs it may take until nothing is under way any more.
const RUNS_MAX: usize = 40;

/// The day on which clocks in Toronto go forward, at two.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 3, 8).unwrap();

/// What the edits since everything last rested came to, for one event.
#[derive(Clone, Debug, Default)]
pub struct Meant {
    pub(super) here: bool,
    pub(super) there: bool,
    /// Every occurrence as the last of them left it on its own side.
    last: Vec<Seen>,
}

pub struct Play {
    pub(super) world: World,
    calendars: BTreeMap<i64, Place>,
    /// Edits so far, for titles and minutes that nothing else has.
    edits: i64,
    pub(super) meant: BTreeMap<String, Meant>,
    /// Of which both sides were kept: they stand more than once.
    several: BTreeSet<String>,
    /// Where a copy stands, or is missing, because the person took its refused write back.
    pub(super) kept: BTreeSet<(Place, NaiveDateTime)>,
}

impl Play {
    pub async fn begin() -> Play {
        let world = World::build().seed(SEED).without_relay().start().await.unwrap();
        for place in PLACES {
            plant(&world, place);
            place.connect(&world).await;
        }
        world.introduce().await.unwrap();
        world.sync().await.unwrap();
        let mut calendars = BTreeMap::new();
        for place in PLACES {
            let id = calendar(&world, place.name()).await;
            calendars.insert(id, place);
            let choice = CalendarChoice { calendar: id, receives_blocks: Some(true), ..Default::default() };
            let () = world.call(Call::SetCalendar(choice)).await.unwrap();
        }
        world.sync().await.unwrap();
        let (meant, several, kept) = Default::default();
        Play { world, calendars, edits: 0, meant, several, kept }
    }

    pub async fn step(mut self, step: Step) -> Play {
        match step {
            Step::Here { place, edit } => self.here(place, &edit).await,
            Step::There { place, edit } => self.there(place, &edit).await,
            Step::Trouble { place, kind, skip, times } => self.arm(place.fault(kind).skip(skip).times(times)),
            Step::Refuse { place, status, skip, times } => {
                place.refuse(&self.world, status, skip, Some(times));
            }
            Step::AnswerARefusal { pick } => self.answer_a_refusal(pick).await,
            Step::Forget { place } => place.forget_cursors(&self.world),
            Step::Rewrites { on } => {
                self.world.sandbox.caldav().set_quirks(Quirks { rewrites: on, ..Quirks::default() });
            }
            Step::Decide { pick, choice } => drop(self.decide(pick, choice).await),
            Step::Pass { minutes } => self.world.advance(TimeDelta::minutes(minutes)),
            Step::Jump { hours } => self.world.clock.jump(TimeDelta::hours(hours)),
            Step::Sync => drop(self.run().await),
            Step::Around { place, at, skip, here, edit } => {
                self.around(place.fault(Kind::Hold { at }).skip(skip), place, here, &edit).await;
            }
            Step::Killed { place, at, skip } => {
                return self.killed(place.fault(Kind::Hold { at }).skip(skip)).await;
            }
            Step::Restart => self.world.restart().await.unwrap(),
            Step::Rest => self.rests().await,
        }
        self
    }

    fn arm(&self, fault: Fault) {
        self.world.sandbox.control().arm(fault).unwrap();
    }

    async fn around(&mut self, held: Fault, place: Place, here: bool, edit: &Edit) {
        let control = Arc::clone(self.world.sandbox.control());
        let held = control.arm(held).unwrap();
        let (engine, clock) = (Arc::clone(&self.world.engine), Arc::clone(&self.world.clock));
        let mut run = tokio::spawn(async move { clock.passing(engine.sync()).await.map(drop) });
        let reached = tokio::select! {
            () = control.wait_held(held) => true,
            ended = &mut run => {
                ended.unwrap().unwrap();
                false
            }
        };
        match here {
            true => self.here(place, edit).await,
            false => self.there(place, edit).await,
        }
        control.release(held);
        if reached {
            run.await.unwrap().unwrap();
        }
    }

    async fn killed(mut self, held: Fault) -> Play {
        let control = Arc::clone(self.world.sandbox.control());
        let held = control.arm(held).unwrap();
        let (engine, clock) = (Arc::clone(&self.world.engine), Arc::clone(&self.world.clock));
        let mut run = tokio::spawn(async move { clock.passing(engine.sync()).await.map(drop) });
        tokio::select! {
            () = control.wait_held(held) => {
                run.abort();
                let _ = run.await;
            }
            ended = &mut run => ended.unwrap().unwrap(),
        }
        control.release(held);
        self.world = self.world.crash().await.unwrap();
        self
    }

    async fn conflicts(&self) -> Vec<Conflict> {
        self.world.call(Call::Conflicts(())).await.unwrap()
    }

    /// False when there is nothing to decide.
    async fn decide(&mut self, pick: usize, choice: usize) -> bool {
        let open = self.conflicts().await;
        let Some(conflict) = open.get(pick % open.len().max(1)) else { return false };
        let choice = conflict.choices[choice % conflict.choices.len()];
        let names = [&conflict.mine.title, &conflict.theirs.title].map(|title| name_of(title));
        for name in names {
            if choice != ConflictChoice::Theirs {
                self.several.insert(name.clone());
            }
            // Whatever is chosen was wanted by one side, against the other.
            let meant = self.meant.entry(name).or_default();
            (meant.here, meant.there) = (true, true);
        }
        let answer = ResolveConflict { conflict: conflict.id, version: Some(conflict.version), choice };
        let _: Written = self.world.call(Call::ResolveConflict(answer)).await.unwrap();
        true
    }

    /// A run, and whether nothing is left to do after it.
    pub(super) async fn run(&self) -> bool {
        let reports = self.world.run().await.unwrap();
        reports.iter().all(|(_, report)| report.ok) && health(&self.world).await.waiting == 0
    }

    pub(super) async fn items(&self) -> Vec<(Place, Item)> {
        let query = ScheduleQuery { from: date(2026, 2, 1), to: date(2026, 8, 1) };
        let schedule: Schedule = self.world.call(Call::Schedule(query)).await.unwrap();
        schedule.items.into_iter().map(|item| (self.calendars[&item.calendar], item)).collect()
    }

    async fn shown(&self) -> Vec<(Place, Seen)> {
        let mut all = Vec::new();
        for (place, item) in self.items().await {
            // While a run is under way it may go between the two looks.
            let Ok(detail) = self.world.call::<EventDetail>(Call::Event(item.event.clone())).await else {
                continue;
            };
            all.push((place, Seen { notes: detail.description, ..seen(&item) }));
        }
        all
    }

    fn note(&mut self, name: String, here: bool, last: Vec<Seen>) {
        let meant = self.meant.entry(name).or_default();
        match here {
            true => meant.here = true,
            false => meant.there = true,
        }
        meant.last = last;
    }

    // ---- Here

    async fn here(&mut self, place: Place, edit: &Edit) {
        self.edits += 1;
        let items = self.items().await.into_iter().filter(|(at, item)| *at == place && !is_copy(item));
        let items: Vec<Item> = items.map(|(_, item)| item).collect();
        let (name, call) = match edit {
            Edit::Create { kind, slot } => {
                let title = format!("{}h{}", place.name(), self.edits);
                let start = self.slot(*kind, *slot);
                (title.clone(), Call::CreateEvent(self.new_event(place, *kind, title, start)))
            }
            _ => {
                let Some(item) = items.get(pick(edit) % items.len().max(1)) else { return };
                let scope = item.repeats.then_some(scope_of(edit));
                (name_of(&item.title), self.change(item, edit, scope))
            }
        };
        match self.world.engine.call(call).await {
            Ok(_) => {
                let now = self.shown().await.into_iter().filter(|(_, it)| it.name() == name);
                let now = now.map(|(_, it)| it.plain()).collect();
                self.note(name, true, now);
            }
            // Said at once, and nothing is done.
            Err(Problem { code, message, .. }) => {
                let broken = [ProblemCode::Database, ProblemCode::Internal, ProblemCode::BadRequest];
                assert!(!broken.contains(&code), "{edit:?}: {message}");
            }
        }
    }

    fn slot(&self, kind: Made, slot: i64) -> NaiveDateTime {
        let day = (FIRST_DAY + TimeDelta::days(slot / 24)).and_time(NaiveTime::MIN);
        match kind {
            Made::Day | Made::Days { .. } => day,
            _ => before_no_gap(day + TimeDelta::hours(slot % 24)) + self.own_minute(),
        }
    }

    /// No two edits come to the same minute soon.
    fn own_minute(&self) -> TimeDelta {
        TimeDelta::minutes(self.edits % 29)
    }

    fn new_event(&self, place: Place, kind: Made, title: String, start: NaiveDateTime) -> NewEvent {
        let all_day = matches!(kind, Made::Day | Made::Days { .. });
        let found = self.calendars.iter().find(|(_, at)| **at == place).map(|(id, _)| *id);
        NewEvent {
            calendar: found.unwrap(),
            location: "12 Elm St, Ottawa".into(),
            description: format!("Bring the papers; {title}\nand a pen "),
            title,
            when: When { start, end: end_of(start, all_day), all_day },
            free: false,
            recurrence: repeat(kind, start),
        }
    }

    fn change(&self, item: &Item, edit: &Edit, scope: Option<Scope>) -> Call {
        let event = item.event.clone();
        let mut change = unchanged(event.clone(), scope);
        match edit {
            Edit::Retitle { .. } => change.title = Some(self.retitled(&item.title)),
            Edit::Relocate { .. } => change.location = Some(format!("{} Oak St", self.edits)),
            Edit::SetFree { free, .. } => change.free = Some(*free),
            Edit::Move { by, .. } => {
                let (start, end) = self.moved(item.start, item.end, item.all_day, *by);
                change.when = Some(When { start, end, all_day: item.all_day });
            }
            Edit::Create { .. } | Edit::Delete { .. } => {
                return Call::DeleteEvent(DeleteEvent { event, scope, guests_confirmed: false });
            }
        }
        Call::ChangeEvent(change)
    }

    fn retitled(&self, title: &str) -> String {
        format!("{} {}", name_of(title), self.edits)
    }

    fn moved(
        &self,
        start: NaiveDateTime,
        end: NaiveDateTime,
        all_day: bool,
        by: i64,
    ) -> (NaiveDateTime, NaiveDateTime) {
        let by = match all_day {
            true => TimeDelta::days(by % 5),
            false => TimeDelta::minutes(by * 30) + self.own_minute(),
        };
        let earliest = FIRST_DAY.and_time(NaiveTime::MIN);
        let by = by.max(earliest - start);
        let by = if all_day { by } else { before_no_gap(start + by) - start };
        (start + by, end + by)
    }

    // ---- There

    async fn there(&mut self, place: Place, edit: &Edit) {
        self.edits += 1;
        if let Edit::Create { kind, slot } = edit {
            let all_day = matches!(kind, Made::Day | Made::Days { .. });
            let start = self.slot(*kind, *slot);
            let title = format!("{}t{}", place.name(), self.edits);
            let seen = Seen::new(title.clone(), start, end_of(start, all_day), all_day);
            place.insert(&self.world, &seen, rule(*kind));
            return self.note_there(place, title).await;
        }
        let own = place.seen(&self.world).await.into_iter().filter(|it| !it.copy);
        let own: Vec<Seen> = own.collect();
        let Some(seen) = own.get(pick(edit) % own.len().max(1)) else { return };
        let whole =
            scope_of(edit) != Scope::This && !matches!(edit, Edit::Move { .. } | Edit::SetFree { .. });
        let shape = match edit {
            Edit::Retitle { .. } => Shape { title: Some(self.retitled(&seen.title)), ..Shape::default() },
            Edit::Relocate { .. } => {
                Shape { location: Some(format!("{} Oak St", self.edits)), ..Shape::default() }
            }
            Edit::SetFree { free, .. } => Shape { free: Some(*free), ..Shape::default() },
            Edit::Move { by, .. } => {
                Shape { when: Some(self.moved(seen.start, seen.end, seen.all_day, *by)), ..Shape::default() }
            }
            Edit::Create { .. } | Edit::Delete { .. } => {
                if place.delete(&self.world, seen, whole) {
                    self.note_there(place, seen.name()).await;
                }
                return;
            }
        };
        if place.edit(&self.world, seen, whole, &shape) {
            self.note_there(place, seen.name()).await;
        }
    }

    async fn note_there(&mut self, place: Place, name: String) {
        let now = place.seen(&self.world).await.into_iter().filter(|it| it.name() == name);
        let now = now.map(|it| it.plain()).collect();
        self.note(name, false, now);
    }

    // ---- At rest

    /// The trouble is over, and time passes until nothing is under way.
    pub async fn rests(&mut self) {
        self.world.sandbox.control().clear_faults();
        self.is_told().await;
        for _ in 0..RUNS_MAX {
            self.world.advance(TimeDelta::minutes(20));
            self.answers().await;
            if self.run().await && !self.is_asked().await {
                // What somebody did between a run's reading and its end is the next one's to see.
                self.world.sync().await.unwrap();
                if self.is_asked().await || health(&self.world).await.waiting > 0 {
                    continue;
                }
                self.agrees().await;
                return self.writes_nothing_more().await;
            }
        }
        panic!("it does not come to rest: {:?}", health(&self.world).await);
    }

    pub(super) async fn held_run(&self) -> Option<HeldRun> {
        let mut runs: Vec<HeldRun> = self.world.call(Call::HeldRuns(())).await.unwrap();
        runs.pop()
    }

    async fn is_asked(&self) -> bool {
        !self.refused().await.is_empty()
            || self.held_run().await.is_some()
            || !self.conflicts().await.is_empty()
    }

    /// The person answers whatever they are asked.
    async fn answers(&mut self) {
        while self.decide(0, usize::try_from(self.edits).unwrap()).await {
            self.edits += 1;
        }
        if let Some(HeldRun { run, token, .. }) = self.held_run().await {
            // What has changed since it was held is shown again after the next run.
            let released = self.world.engine.call(Call::ReleaseRun(ReleaseRun { run, token })).await;
            let in_vain = released.err().is_some_and(|problem| problem.code != ProblemCode::ChangedSince);
            assert!(!in_vain, "a held run cannot be released");
        }
        // One undo may settle several of them.
        while self.take_back(0).await {}
    }

    /// Both sides show the same, nothing stands twice, every copy stands where it should, and what only one
    /// side edited is as that side left it.
    async fn agrees(&mut self) {
        let shown = self.shown().await;
        let mut all = Vec::new();
        for place in PLACES {
            let there = place.seen(&self.world).await;
            let mine = shown.iter().filter(|(at, _)| *at == place).map(|(_, it)| it.plain());
            let (mut mine, mut theirs): (Vec<_>, Vec<_>) =
                (mine.collect(), there.iter().map(Seen::plain).collect());
            mine.sort();
            theirs.sort();
            let (only_here, only_there) = (without(&mine, &theirs), without(&theirs, &mine));
            assert!(
                only_here.is_empty() && only_there.is_empty(),
                "at {place:?}, only Daymark shows {only_here:#?} and only the provider {only_there:#?}"
            );
            self.nothing_twice(&there);
            all.push((place, there));
        }
        spec::holds(&all, self.world.now().with_timezone(&Toronto).naive_local(), &self.kept);
        self.no_intent_lost(&all);
    }

    fn nothing_twice(&self, there: &[Seen]) {
        let mut starts = BTreeSet::new();
        let mut singles = BTreeSet::new();
        for seen in there.iter().filter(|it| !it.copy && !self.several.contains(&it.name())) {
            assert!(
                starts.insert((seen.name(), seen.start, seen.title.clone())),
                "it stands twice: {seen:?}"
            );
            if seen.series.is_none() {
                assert!(singles.insert(seen.name()), "a single event stands twice: {seen:?}");
            }
        }
    }

    fn no_intent_lost(&mut self, all: &[(Place, Vec<Seen>)]) {
        for (name, mut meant) in std::mem::take(&mut self.meant) {
            if meant.here && meant.there {
                continue;
            }
            let stands = all.iter().flat_map(|(_, seen)| seen).filter(|it| it.name() == name);
            let mut stands: Vec<Seen> = stands.map(Seen::plain).collect();
            stands.sort();
            meant.last.sort();
            let who = if meant.here { "here" } else { "there" };
            assert_eq!(stands, meant.last, "{name} as it stands, and as it was left {who}");
        }
    }

    async fn writes_nothing_more(&self) {
        let before = writes(&self.world);
        for _ in 0..2 {
            self.world.advance(TimeDelta::minutes(30));
            self.world.sync().await.unwrap();
        }
        let all = self.world.sandbox.control().writes();
        assert_eq!(all.len(), before, "written although nothing changed: {:?}", all.get(before..));
    }

    pub async fn ends(&self) {
        assert!(self.world.sandbox.control().mail().is_empty(), "nobody is mailed");
        self.world.engine.stop().await;
    }
}

/// What is in one list and not in the other, each as often as it is there more.
fn without(one: &[Seen], other: &[Seen]) -> Vec<Seen> {
    let mut rest = other.to_vec();
    let mut left = one.to_vec();
    left.retain(|it| match rest.iter().position(|known| known == it) {
        Some(at) => {
            rest.swap_remove(at);
            false
        }
        None => true,
    });
    left
}

/// What stands on each calendar before anything happens.
fn plant(world: &World, place: Place) {
    let kinds = [Made::Visit, Made::Weekly { count: 4 }, Made::Day, Made::Daily { count: 3 }, Made::Visit];
    for (at, kind) in (0_i64..).zip(kinds) {
        let all_day = kind == Made::Day;
        let day = FIRST_DAY.and_time(NaiveTime::MIN) + TimeDelta::days(1 + 2 * at);
        let start = if all_day { day } else { day + TimeDelta::minutes(600 + 7 * at) };
        let title = format!("{}s{at} planted", place.name());
        place.insert(world, &Seen::new(title, start, end_of(start, all_day), all_day), rule(kind));
    }
    // Its second occurrence is in the hour that is left out.
    let night = FIRST_DAY.and_time(NaiveTime::MIN) - TimeDelta::minutes(24 * 60 - 150);
    let title = format!("{}s9 planted", place.name());
    place.insert(
        world,
        &Seen::new(title, night, end_of(night, false), false),
        rule(Made::Daily { count: 3 }),
    );
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub(super) fn name_of(title: &str) -> String {
    title.split(' ').next().unwrap_or_default().to_owned()
}

/// One whose source nobody here knows says only that the time is taken.
fn is_copy(item: &Item) -> bool {
    item.block.is_some() || item.title == "Busy"
}

fn seen(item: &Item) -> Seen {
    Seen {
        location: item.location.clone(),
        free: item.look == Look::Free,
        copy: is_copy(item),
        ..Seen::new(item.title.clone(), item.start, item.end, item.all_day)
    }
}

fn unchanged(event: EventRef, scope: Option<Scope>) -> ChangeEvent {
    ChangeEvent {
        event,
        title: None,
        location: None,
        description: None,
        when: None,
        free: None,
        scope,
        guests_confirmed: false,
    }
}

fn pick(edit: &Edit) -> usize {
    match edit {
        Edit::Create { .. } => 0,
        Edit::Retitle { pick, .. }
        | Edit::Move { pick, .. }
        | Edit::Relocate { pick, .. }
        | Edit::SetFree { pick, .. }
        | Edit::Delete { pick, .. } => *pick,
    }
}

fn scope_of(edit: &Edit) -> Scope {
    match edit {
        Edit::Create { .. } | Edit::SetFree { .. } => Scope::This,
        Edit::Retitle { scope, .. }
        | Edit::Move { scope, .. }
        | Edit::Relocate { scope, .. }
        | Edit::Delete { scope, .. } => *scope,
    }
}

fn rule(kind: Made) -> Option<Rule> {
    match kind {
        Made::Visit | Made::Day => None,
        Made::Daily { count } => Some(Rule { weekly: false, count }),
        Made::Weekly { count } | Made::Days { count } => Some(Rule { weekly: true, count }),
    }
}

fn repeat(kind: Made, start: NaiveDateTime) -> Option<Repeat> {
    let Rule { weekly, count } = rule(kind)?;
    let unit = match weekly {
        true => RepeatUnit::Weeks { on: vec![weekday(start)] },
        false => RepeatUnit::Days,
    };
    Some(Repeat { every: 1, unit, ends: RepeatEnds::After { count } })
}

fn weekday(at: NaiveDateTime) -> Weekday {
    use chrono::Datelike as _;
    match at.weekday() {
        chrono::Weekday::Mon => Weekday::Monday,
        chrono::Weekday::Tue => Weekday::Tuesday,
        chrono::Weekday::Wed => Weekday::Wednesday,
        chrono::Weekday::Thu => Weekday::Thursday,
        chrono::Weekday::Fri => Weekday::Friday,
        chrono::Weekday::Sat => Weekday::Saturday,
        chrono::Weekday::Sun => Weekday::Sunday,
    }
}

/// Not in the hour before clocks go forward: Graph takes the length of all of a series from the wall times of the first,
/// and one that ends in the missing hour has none that say what is meant (`docs/sync.md`).
fn before_no_gap(at: NaiveDateTime) -> NaiveDateTime {
    let last_hour = at.date() == FIRST_DAY && at.hour() == 1;
    if last_hour { at + TimeDelta::hours(2) } else { at }
}
