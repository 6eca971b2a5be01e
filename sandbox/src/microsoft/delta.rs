//! `calendarView/delta`: rounds of pages, opaque states that age, stubs, tombstones and repetitions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::error::GraphError;
use super::ids::Key;
use super::mailbox::{Event, Mailbox, Window};
use super::prefer::Preferences;
use super::quirks::Quirks;
use super::render::Renderer;

/// Everything delta remembers of one mailbox.
#[derive(Default)]
pub struct SyncStates {
    /// Rounds begun so far.
    pub calls: u64,
    generation: u64,
    states: Vec<State>,
    refusals: usize,
}

/// What a `nextLink` or `deltaLink` stands for.
struct State {
    token: String,
    calendar: u64,
    window: Window,
    rest: Rest,
}

#[derive(Clone)]
enum Rest {
    /// Pages of a round that has begun.
    Pages { groups: Arc<Vec<Group>>, from: usize, upto: u64, again: Option<Group> },
    /// The next round: changes after `since`, and once more what the last round ended with.
    Round { since: u64, again: Option<Group> },
}

/// What a round says of one event, on one page: a series is never split.
#[derive(Clone, Debug)]
struct Group {
    number: u64,
    /// The version the round began with; `None` when only its removal is told.
    event: Option<Arc<Event>>,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq)]
enum Entry {
    Full(Option<NaiveDate>),
    Stub(NaiveDate),
    Removed { key: Key, moves: u32 },
}

/// How a round or its next page was asked for.
pub enum Ask {
    First(Window),
    Next(String),
    Changes(String),
}

/// A page: its items, and the token with which to go on.
pub struct Page {
    pub value: Vec<Value>,
    /// `$skiptoken` within a round, `$deltatoken` at its end.
    pub parameter: &'static str,
    pub token: String,
}

impl Mailbox {
    /// `address` is the feed's own, to which a caller with a dead link is sometimes sent back.
    pub fn delta(
        &mut self,
        calendar: u64,
        ask: Ask,
        address: &str,
        prefer: &Preferences,
        quirks: &Quirks,
    ) -> Result<Page, GraphError> {
        let (window, rest) = match ask {
            Ask::First(window) => {
                let upto = self.begin(quirks.delta_lag);
                let groups = self.initial(calendar, window, upto);
                let rest = Rest::Pages { groups: Arc::new(groups), from: 0, upto, again: None };
                if quirks.empty_first_page {
                    let token = self.remember(calendar, window, rest, quirks);
                    return Ok(Page { value: Vec::new(), parameter: "$skiptoken", token });
                }
                (window, rest)
            }
            Ask::Next(token) | Ask::Changes(token) => self.recall(calendar, &token, address)?,
        };
        let (groups, from, upto, again) = match rest {
            Rest::Pages { groups, from, upto, again } => (groups, from, upto, again),
            Rest::Round { since, again } => {
                let upto = self.begin(quirks.delta_lag);
                let mut groups = self.changes(calendar, window, since, upto);
                let last = groups.last().cloned();
                // Said again only where nothing newer is said: the last word must be the true one.
                let news = |again: &Group| groups.iter().any(|group| group.number == again.number);
                groups.extend(again.filter(|again| quirks.replays && !news(again)));
                (Arc::new(groups), 0, upto, last)
            }
        };
        let size = prefer.page_size.unwrap_or(quirks.page_size).max(1);
        let (mut page, next) = page_of(&groups, from, size);
        let rest = if next < groups.len() {
            Rest::Pages { groups: groups.clone(), from: next, upto, again }
        } else {
            let repeats = quirks.replays && from > 0;
            page.extend(groups.first().filter(|group| repeats && group.entries.len() == 1));
            Rest::Round { since: upto, again }
        };
        let value = self.render(&page, prefer);
        let parameter = if matches!(rest, Rest::Pages { .. }) { "$skiptoken" } else { "$deltatoken" };
        let token = self.remember(calendar, window, rest, quirks);
        Ok(Page { value, parameter, token })
    }

    /// Every link handed out so far is dead from now on.
    pub fn expire_sync_states(&mut self, calendar: u64) {
        self.sync.states.retain(|state| state.calendar != calendar);
    }

    /// Starts a round and says up to which change it may look.
    fn begin(&mut self, lag: u32) -> u64 {
        self.sync.calls += 1;
        let calls = self.sync.calls;
        let is_visible = |at_call: u64| calls - at_call > u64::from(lag);
        let upto = self
            .recent
            .iter()
            .find(|recent| !is_visible(recent.at_call))
            .map_or(self.change, |first| first.change - 1);
        self.recent.retain(|recent| recent.change > upto);
        upto
    }

    /// The events as they were at that change.
    fn events_at(&self, upto: u64) -> BTreeMap<u64, &Event> {
        let mut events: BTreeMap<u64, &Event> =
            self.events.iter().map(|(number, event)| (*number, event)).collect();
        let mut seen = BTreeSet::new();
        for recent in self.recent.iter().filter(|recent| recent.change > upto && seen.insert(recent.number)) {
            match &recent.before {
                Some(event) => drop(events.insert(recent.number, event)),
                None => drop(events.remove(&recent.number)),
            }
        }
        events
    }

    fn initial(&self, calendar: u64, window: Window, upto: u64) -> Vec<Group> {
        let events = self.events_at(upto);
        let here = events.values().filter(|event| event.calendar == calendar);
        let groups = here.map(|event| Group::of(event, present(event, window)));
        shuffled(groups.filter(|group| !group.entries.is_empty()).collect())
    }

    fn changes(&self, calendar: u64, window: Window, since: u64, upto: u64) -> Vec<Group> {
        let events = self.events_at(upto);
        let changed = events.values().filter(|event| event.calendar == calendar && event.change > since);
        let mut groups: Vec<Group> =
            changed.map(|event| Group::of(event, changes_of(event, window, since))).collect();
        let buried = self
            .tombstones
            .iter()
            .filter(|buried| buried.calendar == calendar && buried.change > since && buried.change <= upto);
        groups.extend(buried.map(|buried| {
            let dates = buried.exceptions.iter().map(|date| Key::occurrence(buried.number, *date));
            let keys = std::iter::once(Key::event(buried.number)).chain(dates);
            let entries = keys.map(|key| Entry::Removed { key, moves: buried.moves }).collect();
            Group { number: buried.number, event: None, entries }
        }));
        shuffled(groups)
    }

    fn render(&self, page: &[&Group], prefer: &Preferences) -> Vec<Value> {
        let renderer = Renderer { mailbox: self, prefer };
        let said = page.iter().flat_map(|group| group.entries.iter().map(|entry| (&group.event, entry)));
        said.map(|(event, entry)| match (event, entry) {
            (Some(event), Entry::Stub(date)) => renderer.stub(event, *date),
            (Some(event), Entry::Full(date)) => {
                let mut fields = renderer.full_of(event, *date);
                fields.insert("@odata.type".into(), json!("#microsoft.graph.event"));
                Value::Object(fields)
            }
            (_, Entry::Removed { key, moves }) => json!({
                "@odata.type": "#microsoft.graph.event",
                "id": renderer.id(*key, *moves),
                "@removed": {"reason": "deleted"},
            }),
            (None, _) => Value::Null,
        })
        .collect()
    }

    /// Keeps a state under a fresh token. The cache is small: older tokens of the calendar fall out.
    fn remember(&mut self, calendar: u64, window: Window, rest: Rest, quirks: &Quirks) -> String {
        self.sync.generation += 1;
        let inside = format!(
            "{}|{}|{}|{calendar}",
            self.sync.generation,
            window.start.timestamp(),
            window.end.timestamp()
        );
        let token = format!("{}.{}", URL_SAFE_NO_PAD.encode(inside), self.part);
        self.sync.states.push(State { token: token.clone(), calendar, window, rest });
        let kept = self.sync.states.iter().filter(|state| state.calendar == calendar).count();
        let mut surplus = kept.saturating_sub(quirks.sync_states);
        self.sync.states.retain(|state| {
            let drops = surplus > 0 && state.calendar == calendar;
            surplus -= usize::from(drops);
            !drops
        });
        token
    }

    fn recall(&mut self, calendar: u64, token: &str, address: &str) -> Result<(Window, Rest), GraphError> {
        let known = self.sync.states.iter().find(|state| state.token == token && state.calendar == calendar);
        match known.map(|state| (state.window, state.rest.clone())) {
            Some(found) => Ok(found),
            None => {
                self.sync.refusals += 1;
                let restart = restart_address(address, token);
                Err(gone(self.sync.refusals, self.sync.generation, &restart))
            }
        }
    }
}

/// The ways in which an expired state has been seen to be refused, in turn.
fn gone(turn: usize, generation: u64, restart: &str) -> GraphError {
    let lost = format!("The sync state generation is not found; generation={turn};[highest={generation}].");
    let resync = "Resync required. Replace any local items with the server's version.";
    match turn % 4 {
        1 => GraphError::new(410, "SyncStateNotFound", lost),
        2 => GraphError::new(410, "syncStateNotFound", lost),
        3 => GraphError::new(410, "resyncRequired", resync),
        _ => GraphError::new(410, "resyncRequired", resync).with_header("Location", restart),
    }
}

/// The feed from its start over the window that the dead token still tells, with an empty `$deltatoken`.
fn restart_address(address: &str, token: &str) -> String {
    let inside =
        token.split_once('.').and_then(|(inside, _)| URL_SAFE_NO_PAD.decode(inside).ok()).unwrap_or_default();
    let inside = String::from_utf8_lossy(&inside).into_owned();
    let bounds: Vec<String> = inside
        .split('|')
        .skip(1)
        .take(2)
        .filter_map(|seconds| chrono::DateTime::from_timestamp(seconds.parse().ok()?, 0))
        .map(|bound| bound.format("%Y-%m-%dT%H:%M:%SZ").to_string())
        .collect();
    match bounds.as_slice() {
        [start, end] => format!("{address}?startDateTime={start}&endDateTime={end}&$deltatoken="),
        _ => format!("{address}?$deltatoken="),
    }
}

impl Group {
    fn of(event: &Event, entries: Vec<Entry>) -> Self {
        Self { number: event.number, event: Some(Arc::new(event.clone())), entries }
    }
}

/// What a calendar view shows of an event: nothing, itself, or the master with all that lies in the window.
fn present(event: &Event, window: Window) -> Vec<Entry> {
    if event.recurrence.is_none() {
        let inside = window.touches(&event.start, &event.end);
        return if inside { vec![Entry::Full(None)] } else { Vec::new() };
    }
    let mut entries: Vec<Entry> = event
        .dates_within(window)
        .into_iter()
        .map(|date| match event.exceptions.contains_key(&date) {
            true => Entry::Full(Some(date)),
            false => Entry::Stub(date),
        })
        .collect();
    if !entries.is_empty() {
        // The master does not come first: nothing promises an order.
        entries.push(Entry::Full(None));
    }
    entries
}

/// A changed event, or the news that it is not in the window, whether or not it ever was.
fn changes_of(event: &Event, window: Window, since: u64) -> Vec<Entry> {
    let mut entries = present(event, window);
    let removed = |key| Entry::Removed { key, moves: event.moves };
    if entries.is_empty() {
        entries.push(removed(Key::event(event.number)));
    }
    let changed = event.exceptions.iter().filter(|(_, exception)| exception.change > since);
    let moved_out = changed.filter(|(_, exception)| !window.touches(&exception.start, &exception.end));
    entries.extend(moved_out.map(|(date, _)| removed(Key::occurrence(event.number, *date))));
    entries
}

/// An order without meaning, but the same each time.
fn shuffled(mut groups: Vec<Group>) -> Vec<Group> {
    groups.sort_by_key(|group| group.number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    groups
}

/// Whole groups up to the page size; a series larger than a page has one of its own.
fn page_of(groups: &[Group], from: usize, size: usize) -> (Vec<&Group>, usize) {
    let mut page: Vec<&Group> = Vec::new();
    let mut count = 0;
    for group in groups.iter().skip(from) {
        if count > 0 && count + group.entries.len() > size {
            break;
        }
        count += group.entries.len();
        page.push(group);
    }
    let next = from + page.len();
    (page, next)
}
