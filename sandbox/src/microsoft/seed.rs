//! Planting the Microsoft part of a seed: people's calendars and events in Graph's words.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::Microsoft;
use super::draft::Draft;
use super::ids::Key;
use super::mailbox::{Calendar, Mailbox};
use super::rrule;
use crate::seed::{
    Bulk, Moments, SeedAccess, SeedAccount, SeedCalendar, SeedError, SeedEvent, SeedException, Span, When,
};

impl Microsoft {
    /// Adds the account's calendars; the account itself is in the identity store already.
    pub fn seed(&self, account: &SeedAccount, moments: &Moments) -> Result<(), SeedError> {
        let mut mailbox = Mailbox::new(&account.email, &account.name);
        for calendar in &account.calendars {
            let planting = Planting { account, calendar, moments, now: self.world.now() };
            planting.plant(&mut mailbox)?;
        }
        // What was there before anyone looked is no change, and nobody was told of it.
        mailbox.recent.clear();
        mailbox.posted.clear();
        self.state().mailboxes.insert(account.email.to_ascii_lowercase(), mailbox);
        Ok(())
    }
}

struct Planting<'a> {
    account: &'a SeedAccount,
    calendar: &'a SeedCalendar,
    moments: &'a Moments,
    now: DateTime<Utc>,
}

impl Planting<'_> {
    fn plant(&self, mailbox: &mut Mailbox) -> Result<(), SeedError> {
        let number = mailbox.number();
        let editable = !matches!(self.calendar.access, SeedAccess::Reader | SeedAccess::FreeBusy);
        mailbox.calendars.push(Calendar {
            number,
            name: self.calendar.name.clone(),
            hex_color: self.calendar.color.clone().unwrap_or_default(),
            is_default: self.calendar.primary,
            // Opened for planting, and closed afterwards where readers only read.
            can_edit: true,
            owner: self.owner(editable),
            change: number,
        });
        for event in &self.calendar.events {
            self.event(mailbox, number, event).map_err(|why| self.misfit(event, why))?;
        }
        if let Some(bulk) = self.calendar.bulk {
            self.bulk(mailbox, number, bulk).map_err(|why| SeedError::Event {
                calendar: self.calendar.name.clone(),
                event: "bulk".into(),
                why,
            })?;
        }
        if let Some(calendar) = mailbox.calendars.last_mut() {
            calendar.can_edit = editable;
        }
        Ok(())
    }

    fn owner(&self, own: bool) -> (String, String) {
        match own {
            true => (self.account.name.clone(), self.account.email.clone()),
            false => (self.calendar.name.clone(), "owner@elsewhere.example".to_owned()),
        }
    }

    fn misfit(&self, event: &SeedEvent, why: String) -> SeedError {
        SeedError::Event { calendar: self.calendar.name.clone(), event: event.key.clone(), why }
    }

    fn event(&self, mailbox: &mut Mailbox, calendar: u64, event: &SeedEvent) -> Result<(), String> {
        let zone = self.account.zone_of(self.calendar, Some(event)).name();
        let mut body = self.body(event, zone)?;
        if let Some(Value::Object(raw)) = event.raw.clone() {
            body.extend(raw);
        }
        let draft = Draft::parse(&Value::Object(body)).map_err(|error| error.message)?;
        let created = mailbox.create(calendar, draft, self.now).map_err(|error| error.message)?;
        if let (Some(raw), Ok(event)) = (&event.raw, mailbox.event_mut(created.key.number)) {
            event.set_elsewhere(raw);
        }
        event
            .exceptions
            .iter()
            .try_for_each(|exception| self.exception(mailbox, created.key.number, exception, zone))
    }

    fn body(&self, event: &SeedEvent, zone: &str) -> Result<Map<String, Value>, String> {
        let mut body = span(self.moments.span(event.when), zone);
        let start = match self.moments.span(event.when) {
            Span::Timed { start, .. } => start.date(),
            Span::AllDay { start, .. } => start,
        };
        body.insert("subject".into(), json!(event.title));
        body.insert("showAs".into(), json!(shown_as(event)));
        if event.private {
            body.insert("sensitivity".into(), json!("private"));
        }
        if let Some(location) = &event.location {
            body.insert("location".into(), json!({"displayName": location}));
        }
        if let Some(notes) = &event.notes {
            body.insert("body".into(), json!({"contentType": "text", "content": notes}));
        }
        if let Some(minutes) = event.reminders_min.first() {
            body.insert("reminderMinutesBeforeStart".into(), json!(minutes));
        }
        if !event.attendees.is_empty() {
            let attendee =
                |address| json!({"type": "required", "emailAddress": {"address": address, "name": address}});
            body.insert("attendees".into(), event.attendees.iter().map(attendee).collect());
        }
        match event.repeat.as_slice() {
            [] => {}
            [line] => drop(body.insert("recurrence".into(), rrule::from_line(line, start)?)),
            _ => return Err("Graph takes one RRULE; use exceptions for the rest".into()),
        }
        Ok(body)
    }

    fn exception(
        &self,
        mailbox: &mut Mailbox,
        number: u64,
        seed: &SeedException,
        zone: &str,
    ) -> Result<(), String> {
        let date = self.moments.day(seed.on);
        let key = Key::occurrence(number, date);
        if !mailbox.event(number).is_ok_and(|event| event.has_occurrence(date)) {
            return Err(format!("the series has no occurrence on {date}"));
        }
        if seed.cancelled {
            return mailbox.delete(key).map_err(|error| error.message);
        }
        let mut body = seed.moved.map_or_else(Map::new, |when: When| span(self.moments.span(when), zone));
        if let Some(title) = &seed.title {
            body.insert("subject".into(), json!(title));
        }
        if let Some(location) = &seed.location {
            body.insert("location".into(), json!({"displayName": location}));
        }
        let draft = Draft::parse(&Value::Object(body)).map_err(|error| error.message)?;
        mailbox.patch(key, draft, self.now).map_err(|error| error.message)
    }

    /// Half-hour events, spread evenly over the days and from eight in the morning over the day.
    fn bulk(&self, mailbox: &mut Mailbox, calendar: u64, bulk: Bulk) -> Result<(), String> {
        let zone = self.account.zone_of(self.calendar, None).name();
        let days = (bulk.to_day - bulk.from_day + 1).max(1);
        for index in 0..i64::from(bulk.count) {
            let day = self.moments.today + TimeDelta::days(bulk.from_day + index % days);
            let start = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(8 * 60 + (index / days * 30) % 600);
            let mut body = span(Span::Timed { start, end: start + TimeDelta::minutes(30) }, zone);
            body.insert("subject".into(), json!(format!("Visit {}", index + 1)));
            let draft = Draft::parse(&Value::Object(body)).map_err(|error| error.message)?;
            mailbox.create(calendar, draft, self.now).map_err(|error| error.message)?;
        }
        Ok(())
    }
}

fn shown_as(event: &SeedEvent) -> &'static str {
    match (event.free, event.tentative) {
        (true, _) => "free",
        (false, true) => "tentative",
        (false, false) => "busy",
    }
}

fn span(span: Span, zone: &str) -> Map<String, Value> {
    let moment = |wall: NaiveDateTime| json!({"dateTime": super::moment::wall_text(wall), "timeZone": zone});
    let (start, end, all_day) = match span {
        Span::Timed { start, end } => (start, end, false),
        Span::AllDay { start, end } => (start.and_time(NaiveTime::MIN), end.and_time(NaiveTime::MIN), true),
    };
    let mut body = Map::new();
    body.insert("start".into(), moment(start));
    body.insert("end".into(), moment(end));
    body.insert("isAllDay".into(), json!(all_day));
    body
}
