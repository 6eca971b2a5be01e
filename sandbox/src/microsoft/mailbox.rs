//! One user's mailbox: calendars, events, series with their exceptions, and the count of every change.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::{Map, Value};

use super::delta::SyncStates;
use super::error::GraphError;
use super::ids::{self, Key};
use super::moment::{Moment, Zone};
use super::recurrence::Recurrence;

const SET_ELSEWHERE: [&str; 9] = [
    "originalStartTimeZone",
    "originalEndTimeZone",
    "organizer",
    "isOrganizer",
    "responseStatus",
    "isCancelled",
    "onlineMeeting",
    "onlineMeetingUrl",
    "hasAttachments",
];

#[derive(Clone, Debug)]
pub struct Calendar {
    pub number: u64,
    pub name: String,
    pub hex_color: String,
    pub is_default: bool,
    pub can_edit: bool,
    /// Name and address; a shared calendar has somebody else's.
    pub owner: (String, String),
    pub change: u64,
}

/// One occurrence that is no longer what its series says.
#[derive(Clone, Debug, PartialEq)]
pub struct Exception {
    /// Only what differs; the rest still follows the master.
    pub fields: Map<String, Value>,
    pub extended: Vec<(String, String)>,
    pub start: Moment,
    pub end: Moment,
    pub change: u64,
    pub modified: DateTime<Utc>,
}

/// A single event, or the master of a series with everything that hangs on it.
#[derive(Clone, Debug)]
pub struct Event {
    pub number: u64,
    /// How often it changed calendars: part of its default id.
    pub moves: u32,
    pub calendar: u64,
    pub fields: Map<String, Value>,
    pub extended: Vec<(String, String)>,
    pub start: Moment,
    pub end: Moment,
    pub recurrence: Option<Recurrence>,
    pub exceptions: BTreeMap<NaiveDate, Exception>,
    pub cancelled: BTreeSet<NaiveDate>,
    pub transaction_id: Option<String>,
    /// What a writer cannot set, but an organizer or Exchange itself does.
    pub elsewhere: Map<String, Value>,
    pub change: u64,
    pub created: DateTime<Utc>,
    pub modified: DateTime<Utc>,
}

impl Event {
    pub fn is_all_day(&self) -> bool {
        self.fields.get("isAllDay").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The series' zone, in which its occurrences keep their wall time.
    pub fn zone(&self) -> &Zone {
        self.recurrence.as_ref().map_or(&self.start.zone, |rule| &rule.zone)
    }

    /// Where the rule puts the occurrence of `date`.
    pub fn ruled(&self, date: NaiveDate) -> (Moment, Moment) {
        let (first, last) = (self.start.in_zone(self.zone()), self.end.in_zone(self.zone()));
        let start = Moment { wall: date.and_time(first.wall.time()), zone: self.zone().clone() };
        // What starts where clocks are put forward keeps its length.
        let shown = if self.is_all_day() { start.wall } else { self.zone().wall(start.instant()) };
        let end = Moment { wall: shown + (last.wall - first.wall), zone: self.zone().clone() };
        (start, end)
    }

    /// Where the occurrence of `date` is; an exception may have moved it.
    pub fn placed(&self, date: NaiveDate) -> (Moment, Moment) {
        match self.exceptions.get(&date) {
            Some(exception) => (exception.start.clone(), exception.end.clone()),
            None => self.ruled(date),
        }
    }

    /// The original dates of the occurrences that still take place, up to `last`.
    pub fn dates(&self, last: NaiveDate) -> Vec<NaiveDate> {
        let ruled = self.recurrence.as_ref().map_or_else(Vec::new, |rule| rule.dates(last));
        ruled.into_iter().filter(|date| !self.cancelled.contains(date)).collect()
    }

    pub fn has_occurrence(&self, date: NaiveDate) -> bool {
        self.dates(date).last() == Some(&date)
    }

    /// Original dates of the occurrences that touch the window, wherever exceptions moved them.
    pub fn dates_within(&self, window: Window) -> Vec<NaiveDate> {
        let last = self.zone().wall(window.end).date();
        let mut dates = self.dates(last + Duration::days(1));
        dates.extend(self.exceptions.keys().filter(|date| **date > last + Duration::days(1)));
        dates.retain(|date| {
            let (start, end) = self.placed(*date);
            window.touches(&start, &end)
        });
        dates
    }

    /// Takes over, from a body of someone with more power than a client, what clients only read.
    pub fn set_elsewhere(&mut self, body: &Value) {
        let fields = body.as_object().into_iter().flatten();
        let powerful = fields.filter(|(name, _)| SET_ELSEWHERE.contains(&name.as_str()));
        self.elsewhere.extend(powerful.map(|(name, value)| (name.clone(), value.clone())));
    }

    /// An event that is to be held online gets a meeting of its own, whatever link its writer may have.
    pub fn meet_online(&mut self) {
        if self.fields.get("isOnlineMeeting") != Some(&Value::Bool(true)) {
            return;
        }
        let url = format!("https://teams.microsoft.com/l/meetup-join/{}", self.number);
        self.elsewhere.insert("onlineMeeting".to_owned(), serde_json::json!({ "joinUrl": url }));
        self.fields.insert("onlineMeetingProvider".to_owned(), Value::from("teamsForBusiness"));
    }

    /// The change a reader compares the event, or one occurrence of it, by.
    pub fn version(&self, date: Option<NaiveDate>) -> u64 {
        let exception = date.and_then(|date| self.exceptions.get(&date));
        exception.map_or(self.change, |exception| exception.change)
    }

    pub fn attendees(&self) -> Vec<String> {
        addresses(&self.fields)
    }
}

pub fn addresses(fields: &Map<String, Value>) -> Vec<String> {
    let attendees = fields.get("attendees").and_then(Value::as_array);
    attendees
        .into_iter()
        .flatten()
        .filter_map(|attendee| attendee.pointer("/emailAddress/address").and_then(Value::as_str))
        .map(str::to_owned)
        .collect()
}

/// From `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

impl Window {
    /// An event without length counts where it stands.
    pub fn touches(&self, start: &Moment, end: &Moment) -> bool {
        let (start, end) = (start.instant(), end.instant());
        start < self.end && (end > self.start || start == end && start >= self.start)
    }
}

/// What a deleted or moved event leaves behind in a calendar's change feed.
#[derive(Clone, Debug)]
pub struct Tombstone {
    pub change: u64,
    pub calendar: u64,
    pub number: u64,
    pub moves: u32,
    pub exceptions: Vec<NaiveDate>,
}

/// A change, and what the event was before it.
pub struct Recent {
    pub change: u64,
    pub number: u64,
    pub before: Option<Event>,
    /// How many rounds of delta had begun by then.
    pub at_call: u64,
}

/// A mail Exchange would have sent on its own, because an event has attendees.
#[derive(Clone, Debug, PartialEq)]
pub struct Posted {
    pub to: String,
    pub about: &'static str,
    pub event: u64,
}

pub struct Mailbox {
    pub address: String,
    pub name: String,
    /// The part of every id that is this mailbox's own.
    pub part: String,
    pub calendars: Vec<Calendar>,
    pub events: BTreeMap<u64, Event>,
    pub tombstones: Vec<Tombstone>,
    pub transactions: BTreeMap<String, u64>,
    pub posted: Vec<Posted>,
    pub change: u64,
    next: u64,
    /// Changes that delta may not show yet.
    pub recent: Vec<Recent>,
    pub sync: SyncStates,
}

impl Mailbox {
    pub fn new(address: &str, name: &str) -> Self {
        Self {
            address: address.to_owned(),
            name: name.to_owned(),
            part: ids::mailbox_part(address),
            calendars: Vec::new(),
            events: BTreeMap::new(),
            tombstones: Vec::new(),
            transactions: BTreeMap::new(),
            posted: Vec::new(),
            change: 0,
            next: 0,
            recent: Vec::new(),
            sync: SyncStates::default(),
        }
    }

    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Counts a change of the event, keeping what it was for readers who must not see the change yet.
    pub fn touch(&mut self, number: u64) -> u64 {
        self.change += 1;
        let before = self.events.get(&number).cloned();
        self.recent.push(Recent { change: self.change, number, before, at_call: self.sync.calls });
        self.change
    }

    pub fn calendar_id(&self, number: u64) -> String {
        ids::calendar_id(&self.part, number)
    }

    pub fn default_calendar(&self) -> Result<&Calendar, GraphError> {
        self.calendars.iter().find(|calendar| calendar.is_default).ok_or_else(GraphError::not_found)
    }

    /// By id; ids are case-sensitive.
    pub fn calendar(&self, id: &str) -> Result<&Calendar, GraphError> {
        let found = self.calendars.iter().find(|calendar| self.calendar_id(calendar.number) == id);
        found.ok_or_else(|| match id.starts_with("AAMk") {
            true => GraphError::not_found(),
            false => GraphError::malformed_id(),
        })
    }

    /// The calendar a person would call by this name or id.
    pub fn calendar_named(&self, name: &str) -> Option<&Calendar> {
        self.calendars
            .iter()
            .find(|calendar| calendar.name == name || self.calendar_id(calendar.number) == name)
    }

    pub fn writable(&self, calendar: u64) -> Result<(), GraphError> {
        let found = self.calendars.iter().find(|known| known.number == calendar);
        match found {
            Some(calendar) if calendar.can_edit => Ok(()),
            Some(_) => Err(GraphError::access_denied()),
            None => Err(GraphError::not_found()),
        }
    }

    /// Resolves an event id of either kind. A default id from before a move finds nothing any more.
    pub fn key(&self, id: &str) -> Result<Key, GraphError> {
        let parsed = ids::parse_event_id(&self.part, id).ok_or_else(GraphError::malformed_id)?;
        let event = self.event(parsed.key.number)?;
        let still_there = parsed.moves.is_none_or(|moves| moves == event.moves);
        let takes_place = parsed.key.date.is_none_or(|date| event.has_occurrence(date));
        if still_there && takes_place { Ok(parsed.key) } else { Err(GraphError::not_found()) }
    }

    pub fn event(&self, number: u64) -> Result<&Event, GraphError> {
        self.events.get(&number).ok_or_else(GraphError::not_found)
    }

    pub fn event_mut(&mut self, number: u64) -> Result<&mut Event, GraphError> {
        self.events.get_mut(&number).ok_or_else(GraphError::not_found)
    }

    pub fn post(&mut self, to: Vec<String>, about: &'static str, event: u64) {
        self.posted.extend(to.into_iter().map(|to| Posted { to, about, event }));
    }

    pub fn etag(&self, key: Key) -> Result<String, GraphError> {
        Ok(self.etag_of(self.event(key.number)?, key.date))
    }

    pub fn etag_of(&self, event: &Event, date: Option<NaiveDate>) -> String {
        format!("W/\"{}\"", self.change_key(event.version(date)))
    }

    pub fn change_key(&self, change: u64) -> String {
        format!("{}{:08X}AA==", self.part, change)
    }
}
