//! Compares the copies that should stand with those that do.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono_tz::Tz;

use super::content::{self, Words};
use super::pairs::pair;
use super::sort::{Place, Sorted};
use super::{Counts, Filters, Link, Mark, Marker, Occurrence, Op, Plan, Privacy, Query, Receives};
use super::{Source, Times, derived_id};
use crate::time::Interval;

/// What a provider makes otherwise this often is left as the provider has it.
const MOST_REPEATS: u8 = 3;

/// The steps from what stands to what should. Carried out, they leave nothing to do.
pub fn plan(query: &Query<'_>) -> Plan {
    let sorted = Sorted::of(query);
    let standing = sorted.copies.values().map(|copy| copy.event).collect();
    let covered = HashSet::with_capacity(sorted.copies.len());
    let mut planner = Planner {
        query,
        targets: targets(query),
        sorted,
        covered,
        standing,
        tombstones: HashSet::new(),
        missing: Vec::new(),
        ops: Vec::new(),
    };
    let (meetings, ignored) = planner.meetings();
    for meeting in &meetings {
        planner.block_others(meeting);
    }
    planner.settle_rest();
    Plan { ops: planner.ops, ignored }
}

/// A calendar that receives copies, with what they say. One that two accounts see is written
/// through one of them.
struct Target {
    key: i64,
    tag: super::Tag,
    real: super::Tag,
    privacy: Privacy,
}

fn targets(query: &Query<'_>) -> Vec<Target> {
    let mut taken = HashSet::new();
    let mut targets: Vec<Target> = query
        .calendars
        .iter()
        .filter_map(|it| match it.receives {
            Receives::Yes(privacy) => Some(Target { key: it.key, tag: it.tag, real: it.real, privacy }),
            Receives::No | Receives::Unknown => None,
        })
        .collect();
    targets.sort_by_key(|target| target.key);
    targets.retain(|target| taken.insert(target.real));
    targets
}

/// One meeting, however many calendars show it.
#[derive(Default)]
struct Meeting<'a> {
    /// Where it blocks others from, in the order of their names.
    sources: Vec<(Source, &'a Occurrence)>,
    /// Calendars on which it takes its time already.
    held: Vec<i64>,
}

/// A copy that should stand and has no event yet.
pub(super) struct Missing<'a> {
    pub place: Place,
    pub occurrence: &'a Occurrence,
    target_tag: super::Tag,
    privacy: Privacy,
}

struct Planner<'a, 'q> {
    query: &'q Query<'a>,
    targets: Vec<Target>,
    sorted: Sorted<'a>,
    covered: HashSet<Place>,
    /// Copies by their event: one that got another name elsewhere is no tombstone of its old one.
    standing: HashSet<i64>,
    /// Asked for, and deleted by hand.
    tombstones: HashSet<Place>,
    missing: Vec<Missing<'a>>,
    ops: Vec<Op>,
}

impl<'a> Planner<'a, '_> {
    fn meetings(&self) -> (Vec<Meeting<'a>>, BTreeMap<i64, usize>) {
        let mut meetings: Vec<Meeting<'a>> = Vec::new();
        let mut by_start: HashMap<(&str, Start), usize> = HashMap::with_capacity(self.sorted.events.len());
        let mut ignored: BTreeSet<(i64, i64)> = BTreeSet::new();
        for occurrence in self.sorted.events.iter().copied() {
            let source = self.source(occurrence);
            if source.is_none() && self.is_ignored(occurrence) {
                ignored.insert((occurrence.calendar, occurrence.unit));
            }
            if source.is_none() && !occurrence.is_busy() {
                continue;
            }
            let at = match occurrence.uid.as_str() {
                "" => meetings.len(),
                uid => *by_start.entry((uid, Start::of(&occurrence.times))).or_insert(meetings.len()),
            };
            if at == meetings.len() {
                meetings.push(Meeting::default());
            }
            let Some(meeting) = meetings.get_mut(at) else { continue };
            meeting.held.push(occurrence.calendar);
            meeting.sources.extend(source.map(|source| (source, occurrence)));
        }
        for meeting in &mut meetings {
            meeting.sources.sort_by_key(|(source, _)| *source);
        }
        let mut counts = BTreeMap::new();
        for (calendar, _) in ignored {
            *counts.entry(calendar).or_default() += 1;
        }
        (meetings, counts)
    }

    /// What it blocks others as; `None` when it does not.
    fn source(&self, occurrence: &Occurrence) -> Option<Source> {
        let filters = self.filters(occurrence)?;
        if !self.blocks(occurrence, filters) {
            return None;
        }
        let calendar = self.sorted.calendars.get(&occurrence.calendar)?.tag;
        Some(Source { calendar, event: occurrence.tag?, original: occurrence.original })
    }

    fn filters(&self, occurrence: &Occurrence) -> Option<Filters> {
        match self.sorted.calendars.get(&occurrence.calendar)?.counts {
            Counts::Yes { filters, .. } => Some(filters),
            Counts::No | Counts::Unknown => None,
        }
    }

    fn blocks(&self, occurrence: &Occurrence, filters: Filters) -> bool {
        let interval = occurrence.times.interval(self.query.home);
        let Some(interval) = interval.filter(|it| it.overlaps(&self.query.window)) else { return false };
        occurrence.is_live()
            && (filters.free || occurrence.is_busy())
            && (filters.tentative || !occurrence.is_tentative())
            && (filters.all_day || !occurrence.times.is_all_day())
            && (!filters.hours_only || touches(self.query.hours, interval))
    }

    fn is_ignored(&self, occurrence: &Occurrence) -> bool {
        let ignores = self.filters(occurrence).is_some_and(|filters| !self.blocks(occurrence, filters));
        let interval = occurrence.times.interval(self.query.home);
        ignores && occurrence.is_live() && interval.is_some_and(|it| it.overlaps(&self.query.window))
    }

    fn block_others(&mut self, meeting: &Meeting<'a>) {
        if meeting.sources.is_empty() {
            return;
        }
        for at in 0..self.targets.len() {
            let Some(target) = self.targets.get(at) else { break };
            let held =
                |calendar: &i64| self.sorted.calendars.get(calendar).is_some_and(|it| it.real == target.real);
            if meeting.held.iter().any(held) {
                continue;
            }
            let (key, tag, privacy) = (target.key, target.tag, target.privacy);
            let Some((source, occurrence)) = self.speaker(meeting, key) else { continue };
            self.keep_up(Missing { place: (key, source), occurrence, target_tag: tag, privacy });
        }
    }

    /// Of the calendars that show a meeting, the one whose copy already stands; else the first.
    fn speaker(&self, meeting: &Meeting<'a>, target: i64) -> Option<(Source, &'a Occurrence)> {
        if let [only] = meeting.sources.as_slice() {
            return Some(*only);
        }
        let has_copy = |it: &&(Source, _)| self.sorted.copies.contains_key(&(target, it.0));
        let has_link = |it: &&(Source, _)| self.sorted.links.contains_key(&(target, it.0));
        let sources = || meeting.sources.iter();
        sources().find(has_copy).or_else(|| sources().find(has_link)).or_else(|| sources().next()).copied()
    }

    fn keep_up(&mut self, wanted: Missing<'a>) {
        let link = self.sorted.links.get(&wanted.place).copied();
        let Some(copy) = self.sorted.copies.get(&wanted.place).copied() else {
            // Deleted by hand: it stays deleted until its source changes its time.
            let dead =
                |link: &&Link| link.times == wanted.occurrence.times && !self.standing.contains(&link.event);
            match link.filter(dead) {
                Some(_) => drop(self.tombstones.insert(wanted.place)),
                None => self.missing.push(wanted),
            }
            return;
        };
        self.covered.insert(wanted.place);
        if link.is_some_and(|link| link.kept && link.times == wanted.occurrence.times) {
            return;
        }
        self.ops.extend(bring(&wanted, copy, link, self.query.home));
    }

    /// Copies that nothing asks for, links that lead nowhere, and copies that have no event yet.
    fn settle_rest(&mut self) {
        let mut orphans: Vec<(Place, &Occurrence)> =
            self.sorted.copies.iter().map(|(place, copy)| (*place, *copy)).collect();
        orphans.retain(|(place, _)| !self.covered.contains(place));
        orphans.sort_by_key(|(place, _)| *place);
        let (mut movable, mut removable) = (Vec::new(), Vec::new());
        for (place, copy) in orphans {
            match self.fate(place, copy) {
                Fate::Stays => {}
                Fate::Forgotten => self.ops.push(Op::Forget { target: place.0, source: place.1 }),
                Fate::Goes => removable.push((place, copy)),
                Fate::MayServe => movable.push((place, copy)),
            }
        }
        let missing = std::mem::take(&mut self.missing);
        let paired = pair(movable, missing);
        for (wanted, (place, copy)) in &paired.moves {
            let link = self.sorted.links.get(place).copied();
            self.ops.extend(bring(wanted, copy, link, self.query.home));
        }
        let home = self.query.home;
        self.ops.extend(paired.missing.iter().map(|wanted| create(wanted, home)));
        removable.extend(paired.orphans);
        removable.sort_by_key(|(place, _)| *place);
        let delete = |(place, copy): (Place, &Occurrence)| Op::Delete {
            copy: copy.event,
            target: place.0,
            source: place.1,
        };
        self.ops.extend(removable.into_iter().map(delete));
        self.forget_links();
    }

    fn fate(&self, place: Place, copy: &Occurrence) -> Fate {
        let link = self.sorted.links.get(&place);
        let Some(interval) = copy.times.interval(self.query.home) else { return Fate::Stays };
        let past = interval.end() <= self.query.window.start();
        let inside = interval.overlaps(&self.query.window);
        if past || link.is_some_and(|link| link.kept) {
            return Fate::Stays;
        }
        let receives = self.sorted.calendars.get(&place.0).map(|it| it.receives);
        let fate = match (receives, self.absence(&place.1), link) {
            (Some(Receives::No), _, Some(_)) | (Some(Receives::Yes(_)), Absence::Off, Some(_)) => Fate::Goes,
            (Some(Receives::Yes(_)), Absence::Gone, _) if inside => Fate::MayServe,
            _ => return Fate::Stays,
        };
        // Moved by hand, and nothing asks for it any more: it is its mover's.
        let stands_as_written = matches!(copy.mark, Mark::Copy(marker) if marker.times == copy.times);
        if stands_as_written { fate } else { Fate::Forgotten }
    }

    fn absence(&self, source: &Source) -> Absence {
        match self.sorted.tags.get(&source.calendar).map(|it| it.counts) {
            Some(Counts::No) => Absence::Off,
            Some(Counts::Yes { complete: true, .. })
                if !self.query.unsure.contains(&(source.calendar, source.event)) =>
            {
                Absence::Gone
            }
            Some(Counts::Yes { .. } | Counts::Unknown) | None => Absence::Unknown,
        }
    }

    /// A link without a copy is a tombstone as long as its source may ask for the copy again.
    fn forget_links(&mut self) {
        let renewed: HashSet<Place> = self.ops.iter().filter_map(Op::place).collect();
        for link in self.query.links {
            let place = (link.target, link.source);
            let stands = self.sorted.copies.contains_key(&place);
            if stands || renewed.contains(&place) || self.tombstones.contains(&place) {
                continue;
            }
            let start = self.query.window.start();
            let over = link.times.interval(self.query.home).is_none_or(|it| it.end() <= start);
            let receives = self.sorted.calendars.get(&link.target).map(|it| it.receives);
            let off = matches!(receives, Some(Receives::No));
            if over || off || !matches!(self.absence(&link.source), Absence::Unknown) {
                self.ops.push(Op::Forget { target: link.target, source: link.source });
            }
        }
    }
}

/// Why nothing asks for a copy.
enum Absence {
    /// The source's calendar was read, and has nothing that asks for it.
    Gone,
    /// The person said that the calendar does not count.
    Off,
    /// Not known: the calendar is not ours, or could not be read.
    Unknown,
}

/// What becomes of a copy that nothing asks for.
enum Fate {
    Stays,
    Forgotten,
    Goes,
    /// It goes, unless another occurrence can use it.
    MayServe,
}

/// Meetings are one when they start together; how long they last is for each calendar to say.
#[derive(PartialEq, Eq, Hash)]
enum Start {
    At(crate::time::Instant),
    On(chrono::NaiveDate),
}

impl Start {
    fn of(times: &Times) -> Self {
        match *times {
            Times::At(start, _) => Start::At(start),
            Times::Days(start, _) => Start::On(start),
        }
    }
}

fn touches(hours: &[Interval], asked: Interval) -> bool {
    let first = hours.partition_point(|open| open.end() <= asked.start());
    hours.get(first).is_some_and(|open| open.overlaps(&asked))
}

fn create(wanted: &Missing<'_>, home: Tz) -> Op {
    let words = Words::of(wanted.occurrence, wanted.privacy);
    let link = Link { event: 0, ..remembered(wanted, &words) };
    let fields = Box::new(content::fields(&wanted.occurrence.times, home, wanted.marker(), &words));
    Op::Create { link, derived_id: derived_id(&wanted.place.1, wanted.target_tag), fields }
}

fn remembered(wanted: &Missing<'_>, words: &Words<'_>) -> Link {
    let Missing { place: (target, source), occurrence, .. } = *wanted;
    Link {
        target,
        source,
        event: 0,
        from: (occurrence.calendar, occurrence.unit),
        times: occurrence.times,
        asked: occurrence.times,
        words: words.digest(),
        again: 0,
        kept: false,
    }
}

/// What makes a standing copy the wanted one; `link` is how it was remembered so far.
fn bring(wanted: &Missing<'_>, copy: &Occurrence, link: Option<&Link>, home: Tz) -> Option<Op> {
    let words = Words::of(wanted.occurrence, wanted.privacy);
    let known = Link { event: copy.event, ..remembered(wanted, &words) };
    let new_words = link.is_none_or(|link| link.words != known.words);
    let changed = content::differing(copy, wanted.occurrence, wanted.marker(), &words, new_words);
    if changed.is_empty() {
        // Until the provider has it, it is not seen to stand.
        let times = link.filter(|_| copy.waiting).map_or(known.times, |link| link.times);
        let better = Link { times, again: link.map_or(0, |link| link.again), ..known };
        return (link != Some(&better)).then_some(Op::Adopt(better));
    }
    let repeats = |link: &Link| {
        let same = link.asked == known.asked && link.words == known.words && link.source == known.source;
        if same { link.again + 1 } else { 0 }
    };
    let again = link.map_or(0, repeats);
    if again > MOST_REPEATS {
        return None;
    }
    let times = link.map_or(copy.times, |link| link.times);
    let fields = Box::new(content::fields(&wanted.occurrence.times, home, wanted.marker(), &words));
    Some(Op::Update { link: Link { times, again, ..known }, fields, changed })
}

impl Missing<'_> {
    fn marker(&self) -> Marker {
        Marker { source: self.place.1, target: self.target_tag, times: self.occurrence.times }
    }
}

impl Op {
    /// The place whose link it writes.
    fn place(&self) -> Option<Place> {
        match self {
            Op::Create { link, .. } | Op::Update { link, .. } | Op::Adopt(link) => {
                Some((link.target, link.source))
            }
            Op::Delete { .. } | Op::Forget { .. } => None,
        }
    }
}
