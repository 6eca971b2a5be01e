//! The state behind the fake: calendars with their events, and each user's list of them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    problem::Problem,
    rule::Series,
    span::{Original, Span},
};

/// What a user may do with a calendar, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    FreeBusyReader,
    Reader,
    WriterWithoutPrivateAccess,
    Writer,
    Owner,
}

impl Role {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "freeBusyReader" => Self::FreeBusyReader,
            "reader" => Self::Reader,
            "writerWithoutPrivateAccess" => Self::WriterWithoutPrivateAccess,
            "writer" => Self::Writer,
            "owner" => Self::Owner,
            _ => return None,
        })
    }

    pub fn writes(self) -> bool {
        self >= Self::WriterWithoutPrivateAccess
    }

    pub fn sees_private(self) -> bool {
        self >= Self::Writer
    }
}

/// When and as what change something was last touched.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    pub now: DateTime<Utc>,
    /// Grows with every change of anything; etags and sync tokens derive from it.
    pub tick: u64,
}

/// One event, series master or exception, as the calendar keeps it. A deleted one stays: its id is burnt.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub id: String,
    /// The series an exception belongs to, and the occurrence it stands for.
    pub exception_of: Option<(String, Original)>,
    pub cancelled: bool,
    /// `None` on a cancelled exception that was never anything else.
    pub span: Option<Span>,
    /// Everything a client may write, but `id`, `status` of a deletion and the read-only fields.
    pub fields: Map<String, Value>,
    pub ical_uid: String,
    pub sequence: i64,
    pub creator: Value,
    pub organizer: Value,
    pub created: DateTime<Utc>,
    pub updated: DateTime<Utc>,
    pub tick: u64,
}

impl Stored {
    pub fn recurrence(&self) -> Vec<String> {
        let lines = self.fields.get("recurrence").and_then(Value::as_array);
        lines.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    pub fn is_series(&self) -> bool {
        self.exception_of.is_none() && !self.recurrence().is_empty()
    }

    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    pub fn etag(&self) -> String {
        etag(self.tick)
    }
}

pub fn etag(tick: u64) -> String {
    format!("\"{}\"", 3_400_000_000_000_000_u64 + tick * 2_000)
}

#[derive(Clone, Debug)]
pub struct Calendar {
    pub id: String,
    pub summary: String,
    pub zone: Tz,
    /// Address of the account it belongs to.
    pub owner: String,
    pub primary: bool,
    pub tick: u64,
    /// Sync tokens of an earlier epoch have expired.
    pub sync_epoch: u64,
    pub updated: DateTime<Utc>,
    pub events: BTreeMap<String, Stored>,
}

impl Calendar {
    pub fn stored(&self, id: &str) -> Option<&Stored> {
        self.events.get(id)
    }

    /// The live series an occurrence's id points into, with its original start.
    pub fn occurrence_of(&self, id: &str) -> Option<(&Stored, Original)> {
        let (series, suffix) = id.rsplit_once('_')?;
        let original = Original::from_suffix(suffix)?;
        let master = self.events.get(series).filter(|event| event.is_series())?;
        let lines = master.recurrence();
        let produced = Series::new(&lines, master.span?).has(original);
        (produced && !master.cancelled).then_some((master, original))
    }

    /// A stored event, or an occurrence as the series alone makes it.
    pub fn find(&self, id: &str) -> Option<Stored> {
        if let Some(stored) = self.events.get(id) {
            return Some(self.effective(stored).into_owned());
        }
        let (master, original) = self.occurrence_of(id)?;
        Some(occurrence(master, original))
    }

    /// The event as it counts: an exception of a deleted series is deleted with it.
    pub fn effective<'a>(&self, stored: &'a Stored) -> Cow<'a, Stored> {
        let series = stored.exception_of.as_ref().and_then(|(series, _)| self.events.get(series));
        if !stored.cancelled && series.is_some_and(|series| series.cancelled) {
            return Cow::Owned(Stored { cancelled: true, ..stored.clone() });
        }
        Cow::Borrowed(stored)
    }

    pub fn exceptions(&self, series: &str) -> impl Iterator<Item = (&Original, &Stored)> {
        self.events.values().filter_map(move |event| match &event.exception_of {
            Some((of, original)) if of == series => Some((original, event)),
            _ => None,
        })
    }

    /// All occurrences whose original start lies in the window, exceptions in their place, cancelled ones too.
    pub fn occurrences(&self, master: &Stored, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Stored> {
        let Some(span) = master.span else { return Vec::new() };
        let lines = master.recurrence();
        let mut all: BTreeMap<Original, Stored> = BTreeMap::new();
        for original in Series::new(&lines, span).originals(from, to) {
            all.insert(original, occurrence(master, original));
        }
        for (original, exception) in self.exceptions(&master.id) {
            let moved_here = exception.span.is_some_and(|span| {
                let (start, end) = span.instants(self.zone);
                start < to && end > from
            });
            if moved_here || all.contains_key(original) {
                all.insert(*original, exception.clone());
            }
        }
        all.into_values().collect()
    }
}

impl Calendar {
    /// Single events and occurrences that overlap the window and are not deleted.
    pub fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Stored> {
        let overlaps = |stored: &Stored| {
            let Some((start, end)) = stored.span.map(|span| span.instants(self.zone)) else { return false };
            !stored.cancelled && start < to && end > from
        };
        let mut all = Vec::new();
        for stored in self.events.values().filter(|stored| stored.exception_of.is_none() && !stored.cancelled)
        {
            let Some((start, end)) = stored.span.map(|span| span.instants(self.zone)) else { continue };
            match stored.is_series() {
                true => all.extend(self.occurrences(stored, from - (end - start) - TimeDelta::days(1), to)),
                false => all.push(stored.clone()),
            }
        }
        all.retain(overlaps);
        all
    }
}

/// An occurrence that does not differ from its series.
pub fn occurrence(master: &Stored, original: Original) -> Stored {
    let mut fields = master.fields.clone();
    fields.remove("recurrence");
    Stored {
        id: format!("{}_{}", master.id, original.suffix()),
        exception_of: Some((master.id.clone(), original)),
        span: master.span.map(|span| span.moved_to(original)),
        fields,
        ..master.clone()
    }
}

/// A calendar in a user's list.
#[derive(Clone, Debug)]
pub struct Entry {
    pub calendar: String,
    pub role: Role,
    pub color: String,
    pub hidden: bool,
    pub deleted: bool,
    pub tick: u64,
}

#[derive(Default)]
pub struct Books {
    calendars: BTreeMap<String, Calendar>,
    lists: BTreeMap<String, Vec<Entry>>,
    tick: u64,
    /// Calendars that freeBusy leaves out of its answer, as the real one does at times.
    pub missing_in_free_busy: BTreeSet<String>,
}

impl Books {
    pub fn stamp(&mut self, now: DateTime<Utc>) -> Stamp {
        self.tick += 1;
        Stamp { now, tick: self.tick }
    }

    pub fn tick(&self) -> u64 {
        self.tick
    }

    pub fn add_calendar(&mut self, calendar: Calendar) {
        self.calendars.insert(calendar.id.clone(), calendar);
    }

    pub fn add_entry(&mut self, user: &str, entry: Entry) {
        let list = self.lists.entry(user.to_owned()).or_default();
        list.retain(|known| known.calendar != entry.calendar);
        list.push(entry);
    }

    pub fn list(&self, user: &str) -> &[Entry] {
        self.lists.get(user).map_or(&[], Vec::as_slice)
    }

    pub fn entry_mut(&mut self, user: &str, calendar: &str) -> Option<&mut Entry> {
        self.lists.get_mut(user)?.iter_mut().find(|entry| entry.calendar == calendar)
    }

    pub fn calendar(&self, id: &str) -> Option<&Calendar> {
        self.calendars.get(id)
    }

    pub fn calendar_mut(&mut self, id: &str) -> Option<&mut Calendar> {
        self.calendars.get_mut(id)
    }

    /// The id behind the keyword `primary`, which is the account's address.
    pub fn resolve<'a>(user: &'a str, calendar: &'a str) -> &'a str {
        if calendar == "primary" { user } else { calendar }
    }

    /// The user's role on a calendar; one that is not shared with the user is simply not found.
    pub fn role(&self, user: &str, calendar: &str) -> Result<Role, Problem> {
        let id = Self::resolve(user, calendar);
        let entry = self.list(user).iter().find(|entry| entry.calendar == id && !entry.deleted);
        entry.map(|entry| entry.role).ok_or_else(Problem::not_found)
    }

    pub fn open(&self, user: &str, calendar: &str) -> Result<(Role, &Calendar), Problem> {
        let role = self.role(user, calendar)?;
        let calendar = self.calendars.get(Self::resolve(user, calendar)).ok_or_else(Problem::not_found)?;
        Ok((role, calendar))
    }

    /// A calendar the user may change, with the stamp of the change.
    pub fn open_to_write(
        &mut self,
        user: &str,
        calendar: &str,
        now: DateTime<Utc>,
    ) -> Result<(Role, &mut Calendar, Stamp), Problem> {
        let role = self.role(user, calendar)?;
        if !role.writes() {
            return Err(Problem::writer_required());
        }
        let stamp = self.stamp(now);
        let id = Self::resolve(user, calendar);
        let calendar = self.calendars.get_mut(id).ok_or_else(Problem::not_found)?;
        Ok((role, calendar, stamp))
    }
}

/// Who an event's `creator` or `organizer` is, seen from the calendar.
pub fn person(email: &str, display_name: Option<&str>, is_self: bool) -> Value {
    let mut person = json!({"email": email});
    if let Some(fields) = person.as_object_mut() {
        if let Some(name) = display_name {
            fields.insert("displayName".to_owned(), json!(name));
        }
        if is_self {
            fields.insert("self".to_owned(), json!(true));
        }
    }
    person
}
