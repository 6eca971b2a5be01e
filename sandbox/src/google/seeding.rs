//! Seeds turned into calendars and events.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::{
    book::{Books, Calendar, Entry, Role},
    draft::Understands,
    problem::Problem,
    span::{Original, resolve},
    write::{Author, Change, Method},
};
use crate::seed::{
    Bulk, Moments, SeedAccess, SeedAccount, SeedCalendar, SeedError, SeedEvent, SeedException, Span, When,
};

pub fn plant(
    books: &mut Books,
    account: &SeedAccount,
    moments: &Moments,
    now: DateTime<Utc>,
) -> Result<(), SeedError> {
    for seed in &account.calendars {
        let id = seed.id.clone().unwrap_or_else(|| account.email.clone());
        let stamp = books.stamp(now);
        if books.calendar(&id).is_none() {
            books.add_calendar(Calendar {
                id: id.clone(),
                summary: seed.name.clone(),
                zone: seed.zone.unwrap_or(account.zone),
                owner: account.email.clone(),
                primary: seed.primary,
                tick: stamp.tick,
                sync_epoch: 0,
                updated: now,
                events: std::collections::BTreeMap::new(),
            });
        }
        let entry = Entry {
            calendar: id.clone(),
            role: role(seed.access),
            color: seed.color.clone().unwrap_or_else(|| "#9fe1e7".to_owned()),
            hidden: seed.hidden,
            deleted: false,
            tick: stamp.tick,
        };
        books.add_entry(&account.email, entry);
        let mut planter = Planter { books, account, calendar: seed, id: &id, moments, now };
        planter.events()?;
    }
    Ok(())
}

fn role(access: SeedAccess) -> Role {
    match access {
        SeedAccess::Owner => Role::Owner,
        SeedAccess::Writer => Role::Writer,
        SeedAccess::WriterWithoutPrivate => Role::WriterWithoutPrivateAccess,
        SeedAccess::Reader => Role::Reader,
        SeedAccess::FreeBusy => Role::FreeBusyReader,
    }
}

struct Planter<'a> {
    books: &'a mut Books,
    account: &'a SeedAccount,
    calendar: &'a SeedCalendar,
    id: &'a str,
    moments: &'a Moments,
    now: DateTime<Utc>,
}

impl Planter<'_> {
    fn events(&mut self) -> Result<(), SeedError> {
        for event in &self.calendar.events {
            self.event(event).map_err(|problem| self.misfit(&event.key, &problem))?;
        }
        if let Some(bulk) = self.calendar.bulk {
            self.bulk(bulk).map_err(|problem| self.misfit("bulk", &problem))?;
        }
        Ok(())
    }

    fn misfit(&self, event: &str, problem: &Problem) -> SeedError {
        let (calendar, event, why) = (self.id.to_owned(), event.to_owned(), format!("{problem:?}"));
        SeedError::Event { calendar, event, why }
    }

    fn event(&mut self, event: &SeedEvent) -> Result<(), Problem> {
        let zone = self.account.zone_of(self.calendar, Some(event));
        let mut body = event_body(event, zone, self.moments);
        body.insert("id".to_owned(), json!(event.key));
        if let Some(Value::Object(raw)) = &event.raw {
            super::draft::merge(&mut body, raw);
        }
        self.insert(&body)?;
        for exception in &event.exceptions {
            self.exception(event, exception, zone)?;
        }
        Ok(())
    }

    fn insert(&mut self, body: &Map<String, Value>) -> Result<(), Problem> {
        let stamp = self.books.stamp(self.now);
        let calendar = self.books.calendar_mut(self.id).ok_or_else(Problem::not_found)?;
        let author = Author { email: &self.account.email };
        let mut stored = calendar.insert(body, Understands::everything(), author, stamp, "")?;
        if let Some(organizer) = body.get("organizer") {
            stored.organizer = organizer.clone();
            calendar.put(stored);
        }
        Ok(())
    }

    fn exception(&mut self, event: &SeedEvent, exception: &SeedException, zone: Tz) -> Result<(), Problem> {
        let day = self.moments.day(exception.on);
        let original = match self.moments.span(event.when) {
            Span::Timed { start, .. } => Original::Instant(resolve(day.and_time(start.time()), zone)),
            Span::AllDay { .. } => Original::Date(day),
        };
        let id = format!("{}_{}", event.key, original.suffix());
        let stamp = self.books.stamp(self.now);
        let calendar = self.books.calendar_mut(self.id).ok_or_else(Problem::not_found)?;
        if exception.cancelled {
            return calendar.remove(&id, None, stamp).map(drop);
        }
        let mut body = exception.moved.map_or_else(Map::new, |when| times(when, zone, self.moments));
        for (name, text) in [("summary", &exception.title), ("location", &exception.location)] {
            if let Some(text) = text {
                body.insert(name.to_owned(), json!(text));
            }
        }
        let understands = Understands::everything();
        let change = Change { id: &id, method: Method::Patch, body: &body, understands, if_match: None };
        calendar.change(&change, stamp).map(drop)
    }

    fn bulk(&mut self, bulk: Bulk) -> Result<(), Problem> {
        let zone = self.account.zone_of(self.calendar, None);
        let days = (bulk.to_day - bulk.from_day).max(1);
        for index in 0..i64::from(bulk.count) {
            let day = self.moments.today + TimeDelta::days(bulk.from_day + index % days);
            let minute = 7 * 60 + (index / days * 35) % (12 * 60);
            let start = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minute);
            let edge = |at: chrono::NaiveDateTime| json!({"dateTime": at.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": zone.name()});
            let body = json!({
                "id": format!("bulk{index:06}"),
                "summary": format!("Visit {}", index + 1),
                "location": format!("{} Example Street", index % 400 + 1),
                "start": edge(start),
                "end": edge(start + TimeDelta::minutes(30)),
            });
            let Value::Object(body) = body else { continue };
            self.insert(&body)?;
        }
        Ok(())
    }
}

fn event_body(event: &SeedEvent, zone: Tz, moments: &Moments) -> Map<String, Value> {
    let mut body = times(event.when, zone, moments);
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    set("summary", Some(json!(event.title)));
    set("location", event.location.as_ref().map(|text| json!(text)));
    set("description", event.notes.as_ref().map(|text| json!(text)));
    set("status", event.tentative.then(|| json!("tentative")));
    set("transparency", event.free.then(|| json!("transparent")));
    set("visibility", event.private.then(|| json!("private")));
    set("recurrence", (!event.repeat.is_empty()).then(|| json!(event.repeat)));
    let attendees: Vec<Value> = event.attendees.iter().map(|email| json!({"email": email})).collect();
    set("attendees", (!attendees.is_empty()).then(|| json!(attendees)));
    let overrides: Vec<Value> =
        event.reminders_min.iter().map(|minutes| json!({"method": "popup", "minutes": minutes})).collect();
    set("reminders", (!overrides.is_empty()).then(|| json!({"useDefault": false, "overrides": overrides})));
    body
}

fn times(when: When, zone: Tz, moments: &Moments) -> Map<String, Value> {
    let wall = |at: chrono::NaiveDateTime| json!({"dateTime": at.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": zone.name()});
    let (start, end) = match moments.span(when) {
        Span::Timed { start, end } => (wall(start), wall(end)),
        Span::AllDay { start, end } => (json!({"date": start}), json!({"date": end})),
    };
    [("start".to_owned(), start), ("end".to_owned(), end)].into_iter().collect()
}
