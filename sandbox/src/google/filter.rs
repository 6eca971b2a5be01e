//! Which events a listing lets through.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{
    book::{Calendar, Stored},
    problem::Problem,
    query::Query,
};

/// Occurrences of an endless series are listed no further than this from now.
const HORIZON_DAYS: i64 = 730;

pub struct Filter {
    pub single_events: bool,
    pub updated_min: Option<DateTime<Utc>>,
    time_min: Option<DateTime<Utc>>,
    /// `events.instances` documents its lower bound as inclusive.
    time_min_inclusive: bool,
    time_max: Option<DateTime<Utc>>,
    show_deleted: bool,
    /// With a sync token all deletions are listed.
    incremental: bool,
    ical_uid: Option<String>,
    words: Vec<String>,
    private: Vec<(String, String)>,
    shared: Vec<(String, String)>,
    event_types: Vec<String>,
}

impl Filter {
    pub fn from_query(query: &Query, incremental: bool) -> Result<Self, Problem> {
        let (time_min, time_max) = (query.instant("timeMin")?, query.instant("timeMax")?);
        if time_min.zip(time_max).is_some_and(|(min, max)| min >= max) {
            return Err(Problem::time_range_empty());
        }
        let words = query.text("q").unwrap_or_default().to_lowercase();
        Ok(Self {
            single_events: query.is_set("singleEvents")?,
            updated_min: query.instant("updatedMin")?,
            time_min,
            time_min_inclusive: false,
            time_max,
            show_deleted: query.is_set("showDeleted")?,
            incremental,
            ical_uid: query.text("iCalUID").map(str::to_owned),
            words: words.split_whitespace().map(str::to_owned).collect(),
            private: properties(query, "privateExtendedProperty")?,
            shared: properties(query, "sharedExtendedProperty")?,
            event_types: query.all("eventTypes").into_iter().map(str::to_owned).collect(),
        })
    }

    pub fn for_instances(query: &Query) -> Result<Self, Problem> {
        Ok(Self { single_events: true, time_min_inclusive: true, ..Self::from_query(query, false)? })
    }

    /// Between which original starts a series is expanded.
    pub fn window(
        &self,
        calendar: &Calendar,
        master: &Stored,
        now: DateTime<Utc>,
    ) -> (DateTime<Utc>, DateTime<Utc>) {
        let Some((start, end)) = master.span.map(|span| span.instants(calendar.zone)) else {
            return (now, now);
        };
        // One occurrence's length earlier, and the days that all-day dates may be off by.
        let early = (end - start) + TimeDelta::days(1);
        let earliest = start - TimeDelta::days(1);
        let from = self.time_min.map_or(earliest, |min| earliest.max(min - early));
        let to = self.time_max.map(|max| max + TimeDelta::days(1));
        (from, to.unwrap_or_else(|| now.max(start) + TimeDelta::days(HORIZON_DAYS)))
    }

    pub fn lets_through(&self, calendar: &Calendar, stored: &Stored) -> bool {
        self.lets_status(stored)
            && self.lets_time(calendar, stored)
            && self.updated_min.is_none_or(|since| stored.updated >= since)
            && self.ical_uid.as_ref().is_none_or(|uid| *uid == stored.ical_uid)
            && self.words.iter().all(|word| mentions(stored, word))
            && has_all(stored, "private", &self.private)
            && has_all(stored, "shared", &self.shared)
            && (self.event_types.is_empty()
                || self.event_types.iter().any(|kind| kind == stored.text("eventType").unwrap_or("default")))
    }

    fn lets_status(&self, stored: &Stored) -> bool {
        let exception = stored.exception_of.is_some();
        // Cancelled occurrences of a series are listed even when nothing deleted was asked for.
        !stored.cancelled
            || self.show_deleted
            || self.incremental
            || self.updated_min.is_some()
            || (exception && !self.single_events)
    }

    fn lets_time(&self, calendar: &Calendar, stored: &Stored) -> bool {
        if self.time_min.is_none() && self.time_max.is_none() {
            return true;
        }
        let within = |stored: &Stored| {
            let Some((start, end)) = stored.span.map(|span| span.instants(calendar.zone)) else {
                return true;
            };
            self.time_min.is_none_or(|min| end > min || (self.time_min_inclusive && end == min))
                && self.time_max.is_none_or(|max| start < max)
        };
        if stored.is_series() && !stored.cancelled {
            let now = self.time_max.or(self.time_min).unwrap_or_default();
            let (from, to) = self.window(calendar, stored, now);
            return calendar.occurrences(stored, from, to).iter().any(within);
        }
        within(stored)
    }
}

fn properties(query: &Query, name: &'static str) -> Result<Vec<(String, String)>, Problem> {
    let pair = |text: &str| text.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    let pairs: Option<Vec<_>> = query.all(name).into_iter().map(pair).collect();
    pairs.ok_or_else(|| Problem::invalid_parameter(name, format!("Invalid value for: {name}")))
}

fn has_all(stored: &Stored, kind: &str, wanted: &[(String, String)]) -> bool {
    let properties = stored.fields.get("extendedProperties").and_then(|properties| properties.get(kind));
    let has =
        |key: &str, value: &str| properties.and_then(|own| own.get(key)).is_some_and(|own| own == value);
    wanted.iter().all(|(key, value)| has(key, value))
}

fn mentions(stored: &Stored, word: &str) -> bool {
    let texts = ["summary", "description", "location"].into_iter().filter_map(|name| stored.text(name));
    let attendees = stored.fields.get("attendees").and_then(Value::as_array).into_iter().flatten();
    let people = attendees.chain([&stored.organizer]).flat_map(|person| {
        ["email", "displayName"].into_iter().filter_map(|name| person.get(name).and_then(Value::as_str))
    });
    texts.chain(people).any(|text| text.to_lowercase().contains(word))
}
