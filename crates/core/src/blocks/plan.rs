//! Compares the copies that should stand with those that do.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono_tz::Tz;

use super::content::{self, Words};
use super::pairs::pair;
use super::places::{Cell, Number, Place, Spot};
use super::sort::Sorted;
use super::{Counts, Filters, Link, Mark, Marker, Occurrence, Op, Plan, Privacy, Query, Receives};
use super::{Source, Times, derived_id};
use crate::time::Interval;

/// What a provider makes otherwise this often is left as the provider has it.
const MOST_REPEATS: u8 = 3;

/// The steps from what stands to what should. Carried out, they leave nothing to do.
pub fn plan(query: &Query<'_>) -> Plan {
    let mut planner = Planner {
        query,
        targets: targets(query),
        sorted: Sorted::of(query),
        standing: OnceCell::new(),
        digests: Digests::default(),
        missing: Vec::new(),
        ops: Vec::new(),
    };
    let (showings, ignored) = planner.showings();
    for meeting in showings.chunk_by(|one, other| one.meeting == other.meeting) {
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

/// A calendar on which a meeting takes its time; several may show one meeting.
struct Showing<'a> {
    meeting: usize,
    calendar: i64,
    /// What it blocks others as.
    source: Option<(Source, &'a Occurrence)>,
}

/// A source of a meeting.
#[derive(Clone, Copy)]
struct Speaker<'a> {
    source: Source,
    number: Number,
    occurrence: &'a Occurrence,
}

/// A copy that should stand and has no event yet.
#[derive(Clone, Copy)]
pub(super) struct Missing<'a> {
    pub place: Place,
    pub occurrence: &'a Occurrence,
    spot: Spot,
    target_tag: super::Tag,
    privacy: Privacy,
    /// What its words come to.
    words: super::Tag,
}

struct Planner<'a, 'q> {
    query: &'q Query<'a>,
    targets: Vec<Target>,
    sorted: Sorted<'a>,
    /// Copies by their event: one that got another name elsewhere is no tombstone of its old one.
    standing: OnceCell<HashSet<i64>>,
    digests: Digests<'a>,
    missing: Vec<Missing<'a>>,
    ops: Vec<Op>,
}

impl<'a> Planner<'a, '_> {
    /// All that takes time, meeting by meeting, and how much of each calendar blocks nothing.
    fn showings(&self) -> (Vec<Showing<'a>>, BTreeMap<i64, usize>) {
        let events = &self.sorted.events;
        let mut showings: Vec<Showing<'a>> = Vec::with_capacity(events.len());
        let mut by_start: HashMap<(&str, Start), usize> = HashMap::with_capacity(events.len());
        let mut ignored: BTreeSet<(i64, i64)> = BTreeSet::new();
        for (at, occurrence) in events.iter().copied().enumerate() {
            let source = self.source(occurrence);
            if source.is_none() && self.is_ignored(occurrence) {
                ignored.insert((occurrence.calendar, occurrence.unit));
            }
            if source.is_none() && !occurrence.is_busy() {
                continue;
            }
            let meeting = match occurrence.uid.as_str() {
                "" => at,
                uid => *by_start.entry((uid, Start::of(&occurrence.times))).or_insert(at),
            };
            let source = source.map(|source| (source, occurrence));
            showings.push(Showing { meeting, calendar: occurrence.calendar, source });
        }
        showings.sort_by_key(|it| it.meeting);
        let mut counts = BTreeMap::new();
        for (calendar, _) in ignored {
            *counts.entry(calendar).or_default() += 1;
        }
        (showings, counts)
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

    fn block_others(&mut self, meeting: &[Showing<'a>]) {
        let speakers = self.speakers(meeting);
        if speakers.is_empty() {
            return;
        }
        for at in 0..self.targets.len() {
            let Some(target) = self.targets.get(at) else { break };
            let held = |it: &Showing<'_>| {
                self.sorted.calendars.get(&it.calendar).is_some_and(|known| known.real == target.real)
            };
            if meeting.iter().any(held) {
                continue;
            }
            let (key, target_tag, privacy) = (target.key, target.tag, target.privacy);
            let Some(speaker) = self.speaker(&speakers, key) else { continue };
            let Some(spot) = self.sorted.places.spot(key, speaker.number) else { continue };
            let Speaker { source, occurrence, .. } = speaker;
            let words = self.digests.of(occurrence, privacy);
            self.keep_up(Missing { place: (key, source), occurrence, spot, target_tag, privacy, words });
        }
    }

    /// Where a meeting blocks others from, in the order of their names.
    fn speakers(&mut self, meeting: &[Showing<'a>]) -> Vec<Speaker<'a>> {
        let places = &mut self.sorted.places;
        let numbered = |(source, occurrence)| {
            let number = places.number(source);
            Speaker { source, number, occurrence }
        };
        let mut speakers: Vec<Speaker<'a>> =
            meeting.iter().filter_map(|it| it.source).map(numbered).collect();
        speakers.sort_by_key(|it| it.source);
        speakers
    }

    /// Of the calendars that show a meeting, the one whose copy already stands; else the first.
    fn speaker(&self, speakers: &[Speaker<'a>], target: i64) -> Option<Speaker<'a>> {
        if let [only] = speakers {
            return Some(*only);
        }
        let cell = |it: &Speaker<'a>| {
            let spot = self.sorted.places.spot(target, it.number);
            spot.map(|spot| self.sorted.places.cell(spot)).unwrap_or_default()
        };
        let has_copy = speakers.iter().find(|it| cell(it).copy.is_some());
        let has_link = || speakers.iter().find(|it| cell(it).link.is_some());
        has_copy.or_else(has_link).or(speakers.first()).copied()
    }

    fn keep_up(&mut self, wanted: Missing<'a>) {
        let cell = self.sorted.places.cell(wanted.spot);
        let Some(copy) = cell.copy else {
            // Deleted by hand: it stays deleted until its source changes its time.
            let dead = |link: &Link| link.times == wanted.occurrence.times && !self.stands(link.event);
            if cell.link.is_some_and(dead) {
                self.note(wanted.spot, |cell| cell.tombstone = true);
            } else {
                self.missing.push(wanted);
            }
            return;
        };
        self.note(wanted.spot, |cell| cell.covered = true);
        if let Some(link) = cell.link.filter(|link| link.kept && link.times == wanted.occurrence.times) {
            let from = (wanted.occurrence.calendar, wanted.occurrence.unit);
            let named = (link.from != from).then(|| Op::Adopt(Link { from, ..link.clone() }));
            return self.write(&wanted, named);
        }
        self.write(&wanted, bring(&wanted, copy, cell.link, self.query.home));
    }

    fn stands(&self, event: i64) -> bool {
        let copies = || self.sorted.places.copies().map(|(_, _, copy)| copy.event).collect();
        self.standing.get_or_init(copies).contains(&event)
    }

    fn note(&mut self, spot: Spot, what: impl FnOnce(&mut Cell<'a>)) {
        self.sorted.places.cell_mut(spot).map(what);
    }

    fn write(&mut self, wanted: &Missing<'a>, op: Option<Op>) {
        let Some(op) = op else { return };
        self.note(wanted.spot, |cell| cell.renewed = true);
        self.ops.push(op);
    }

    /// Copies that nothing asks for, links that lead nowhere, and copies that have no event yet.
    fn settle_rest(&mut self) {
        let (mut movable, mut removable) = (Vec::new(), Vec::new());
        for (link, place, copy) in self.orphans() {
            match self.fate(link, place, copy) {
                Fate::Stays => {}
                Fate::Forgotten => self.ops.push(Op::Forget { target: place.0, source: place.1 }),
                Fate::Goes => removable.push((place, copy)),
                Fate::MayServe => movable.push((place, copy)),
            }
        }
        let missing = std::mem::take(&mut self.missing);
        let paired = pair(movable, missing);
        let home = self.query.home;
        for (wanted, (place, copy)) in &paired.moves {
            let spot = self.sorted.places.named(*place);
            let link = spot.and_then(|spot| self.sorted.places.cell(spot).link);
            self.write(wanted, bring(wanted, copy, link, home));
        }
        for wanted in &paired.missing {
            self.write(wanted, Some(create(wanted, home)));
        }
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

    /// The copies that nothing asks for, in the order of their places.
    fn orphans(&self) -> Vec<(Option<&'a Link>, Place, &'a Occurrence)> {
        let places = &self.sorted.places;
        let uncovered = |(spot, place, copy): (Spot, Place, &'a Occurrence)| {
            let cell = places.cell(spot);
            (!cell.covered).then_some((cell.link, place, copy))
        };
        let mut orphans: Vec<_> = places.copies().filter_map(uncovered).collect();
        orphans.sort_by_key(|(_, place, _)| *place);
        orphans
    }

    fn fate(&self, link: Option<&Link>, place: Place, copy: &Occurrence) -> Fate {
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
        let loose = |cell: &Cell<'a>| {
            let asked_for = cell.copy.is_some() || cell.renewed || cell.tombstone;
            cell.link.filter(|_| !asked_for)
        };
        let mut loose: Vec<&Link> = self.sorted.places.cells().iter().filter_map(loose).collect();
        loose.sort_by_key(|link| (link.target, link.source));
        for link in loose {
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

/// What the words of copies come to. One meeting's copies mostly say the same.
#[derive(Default)]
struct Digests<'a> {
    last: Option<(&'a Occurrence, Privacy, super::Tag)>,
}

impl<'a> Digests<'a> {
    fn of(&mut self, occurrence: &'a Occurrence, privacy: Privacy) -> super::Tag {
        if let Some((known, by, words)) = self.last
            && std::ptr::eq(known, occurrence)
            && by == privacy
        {
            return words;
        }
        let words = Words::of(occurrence, privacy).digest();
        self.last = Some((occurrence, privacy, words));
        words
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
    let link = Link { event: 0, ..remembered(wanted) };
    let fields = Box::new(content::fields(&wanted.occurrence.times, home, wanted.marker(), &words));
    Op::Create { link, derived_id: derived_id(&wanted.place.1, wanted.target_tag), fields }
}

fn remembered(wanted: &Missing<'_>) -> Link {
    let Missing { place: (target, source), occurrence, words, .. } = *wanted;
    Link {
        target,
        source,
        event: 0,
        from: (occurrence.calendar, occurrence.unit),
        times: occurrence.times,
        asked: occurrence.times,
        words,
        again: 0,
        kept: false,
    }
}

/// What makes a standing copy the wanted one; `link` is how it was remembered so far.
fn bring(wanted: &Missing<'_>, copy: &Occurrence, link: Option<&Link>, home: Tz) -> Option<Op> {
    let words = Words::of(wanted.occurrence, wanted.privacy);
    let known = Link { event: copy.event, ..remembered(wanted) };
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
