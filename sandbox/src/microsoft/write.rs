//! Writing events: create, change, cancel one occurrence, delete, move; with the rules Exchange enforces.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::draft::{Draft, same_property};
use super::error::GraphError;
use super::ids::Key;
use super::mailbox::{Event, Exception, Mailbox, Tombstone, addresses};
use super::moment::Moment;
use super::recurrence::Recurrence;

/// The event that a POST made, or the one its `transactionId` had made before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Created {
    pub key: Key,
    pub is_new: bool,
}

impl Mailbox {
    pub fn create(&mut self, calendar: u64, draft: Draft, now: DateTime<Utc>) -> Result<Created, GraphError> {
        self.writable(calendar)?;
        let known = draft.transaction_id.as_ref().and_then(|id| self.transactions.get(id)).copied();
        if let Some(number) = known.filter(|number| self.events.contains_key(number)) {
            return Ok(Created { key: Key::event(number), is_new: false });
        }
        let draft = draft.with_defaults();
        let (Some(start), Some(end)) = (draft.start, draft.end) else {
            return Err(GraphError::invalid_property("An event must have a start and an end."));
        };
        let rule = draft.recurrence.filter(|rule| !rule.is_null());
        let recurrence = rule.map(|rule| Recurrence::parse(&rule, &start)).transpose()?;
        let mut event = Event {
            number: 0,
            moves: 0,
            calendar,
            fields: draft.fields,
            extended: draft.extended,
            start,
            end,
            recurrence,
            exceptions: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            transaction_id: draft.transaction_id,
            elsewhere: serde_json::Map::new(),
            change: 0,
            created: now,
            modified: now,
        };
        check_span(&event.start, &event.end, event.is_all_day())?;
        event.number = self.number();
        event.meet_online();
        event.change = self.touch(event.number);
        let key = Key::event(event.number);
        if let Some(id) = &event.transaction_id {
            self.transactions.insert(id.clone(), event.number);
        }
        self.post(event.attendees(), "invitation", event.number);
        self.events.insert(event.number, event);
        Ok(Created { key, is_new: true })
    }

    pub fn patch(&mut self, key: Key, draft: Draft, now: DateTime<Utc>) -> Result<(), GraphError> {
        self.writable(self.event(key.number)?.calendar)?;
        match key.date {
            Some(date) => self.patch_occurrence(key.number, date, draft, now),
            None => self.patch_event(key.number, draft, now),
        }
    }

    fn patch_event(&mut self, number: u64, draft: Draft, now: DateTime<Utc>) -> Result<(), GraphError> {
        let mut event = self.event(number)?.clone();
        let plan = (event.start.clone(), event.end.clone(), event.recurrence.clone());
        let told = notified(&event.attendees(), &draft);
        event.start = draft.start.unwrap_or(event.start);
        event.end = draft.end.unwrap_or(event.end);
        event.recurrence = match draft.recurrence {
            Some(Value::Null) => None,
            Some(rule) => Some(Recurrence::parse(&rule, &event.start)?),
            None => event.recurrence.map(|rule| follow(rule, &event.start)),
        };
        merge(&mut event.fields, draft.fields);
        merge_extended(&mut event.extended, draft.extended);
        check_span(&event.start, &event.end, event.is_all_day())?;
        if plan != (event.start.clone(), event.end.clone(), event.recurrence.clone()) {
            // A new plan for the series makes every occurrence follow it again.
            event.exceptions.clear();
            event.cancelled.clear();
        }
        event.modified = now;
        event.change = self.touch(number);
        // What an exception does not say itself it shows of its series: its tag changes with it.
        let change = event.change;
        event.exceptions.values_mut().for_each(|exception| exception.change = change);
        self.events.insert(number, event);
        self.post(told, "update", number);
        Ok(())
    }

    fn patch_occurrence(
        &mut self,
        number: u64,
        date: NaiveDate,
        draft: Draft,
        now: DateTime<Utc>,
    ) -> Result<(), GraphError> {
        if draft.recurrence.as_ref().is_some_and(|rule| !rule.is_null()) {
            return Err(GraphError::invalid_property("An occurrence cannot have a recurrence of its own."));
        }
        let mut event = self.event(number)?.clone();
        let told = notified(&event.attendees(), &draft);
        let (start, end) = event.placed(date);
        let mut exception = event.exceptions.remove(&date).unwrap_or(Exception {
            fields: serde_json::Map::new(),
            extended: Vec::new(),
            start,
            end,
            change: 0,
            modified: now,
        });
        exception.start = draft.start.unwrap_or(exception.start);
        exception.end = draft.end.unwrap_or(exception.end);
        merge(&mut exception.fields, draft.fields);
        merge_extended(&mut exception.extended, draft.extended);
        let all_day = exception.fields.get("isAllDay").and_then(Value::as_bool).unwrap_or(event.is_all_day());
        check_span(&exception.start, &exception.end, all_day)?;
        check_neighbours(&event, date, &exception)?;
        exception.modified = now;
        let change = self.touch(number);
        exception.change = change;
        event.change = change;
        event.exceptions.insert(date, exception);
        self.events.insert(number, event);
        self.post(told, "update", number);
        Ok(())
    }

    /// Deleting an occurrence cancels it: the master changes, and nothing else says so.
    pub fn delete(&mut self, key: Key) -> Result<(), GraphError> {
        let event = self.event(key.number)?.clone();
        self.writable(event.calendar)?;
        let change = self.touch(key.number);
        self.post(event.attendees(), "cancellation", key.number);
        match key.date {
            Some(date) => {
                let event = self.event_mut(key.number)?;
                event.exceptions.remove(&date);
                event.cancelled.insert(date);
                event.change = change;
            }
            None => {
                self.bury(&event, change);
                self.events.remove(&key.number);
            }
        }
        Ok(())
    }

    /// Takes an event to another calendar: its default id changes, its immutable id does not.
    pub fn relocate(&mut self, number: u64, calendar: u64) -> Result<(), GraphError> {
        let event = self.event(number)?.clone();
        let change = self.touch(number);
        self.bury(&event, change);
        let event = self.event_mut(number)?;
        event.moves += 1;
        event.calendar = calendar;
        event.change = change;
        event.exceptions.values_mut().for_each(|exception| exception.change = change);
        Ok(())
    }

    fn bury(&mut self, event: &Event, change: u64) {
        self.tombstones.push(Tombstone {
            change,
            calendar: event.calendar,
            number: event.number,
            moves: event.moves,
            exceptions: event.exceptions.keys().copied().collect(),
        });
    }
}

/// Attendees get mail about every change, whether or not the writer wants it.
fn notified(present: &[String], draft: &Draft) -> Vec<String> {
    if draft.fields.contains_key("attendees") { addresses(&draft.fields) } else { present.to_vec() }
}

fn merge(fields: &mut serde_json::Map<String, Value>, mut changed: serde_json::Map<String, Value>) {
    // Once an event is an online meeting, Outlook ignores attempts to change that.
    if fields.get("isOnlineMeeting") == Some(&Value::Bool(true)) {
        changed.retain(|name, _| name != "isOnlineMeeting" && name != "onlineMeetingProvider");
    }
    fields.append(&mut changed);
}

fn merge_extended(present: &mut Vec<(String, String)>, changed: Vec<(String, String)>) {
    for (id, value) in changed {
        present.retain(|(known, _)| !same_property(known, &id));
        present.push((id, value));
    }
}

/// A series whose start is written without its rule keeps the rule and begins on the new day.
fn follow(rule: Recurrence, start: &Moment) -> Recurrence {
    let date = start.in_zone(&rule.zone).wall.date();
    Recurrence { start: date, ..rule }
}

fn check_span(start: &Moment, end: &Moment, all_day: bool) -> Result<(), GraphError> {
    if end.instant() < start.instant() {
        return Err(GraphError::new(
            400,
            "ErrorCalendarEndDateIsEarlierThanStartDate",
            "The end of the event must not be earlier than its start.",
        ));
    }
    if !all_day {
        return Ok(());
    }
    if !start.is_midnight() || !end.is_midnight() {
        return Err(GraphError::invalid_property(
            "The start and the end of an all-day event must be midnight.",
        ));
    }
    if start.zone.tz != end.zone.tz {
        return Err(GraphError::invalid_property(
            "The start and the end of an all-day event must be in one time zone.",
        ));
    }
    if start.wall == end.wall {
        return Err(GraphError::invalid_property("An all-day event must be at least one day long."));
    }
    Ok(())
}

/// An occurrence may not be moved onto or past the ones before and after it.
fn check_neighbours(event: &Event, date: NaiveDate, exception: &Exception) -> Result<(), GraphError> {
    let horizon = date + chrono::Duration::days(366 * 4);
    let dates = event.dates(horizon);
    let before = dates.iter().rev().find(|other| **other < date).map(|other| event.placed(*other).1);
    let after = dates.iter().find(|other| **other > date).map(|other| event.placed(*other).0);
    let crosses = before.is_some_and(|end| exception.start.instant() < end.instant())
        || after.is_some_and(|start| exception.end.instant() > start.instant());
    if crosses {
        return Err(GraphError::new(
            400,
            "ErrorOccurrenceCrossingBoundary",
            "Modified occurrence is crossing or overlapping adjacent occurrence.",
        ));
    }
    Ok(())
}
