//! What a test, or "someone else", does to a mailbox without going through HTTP.

use serde_json::{Map, Value, json};

use super::draft::Draft;
use super::error::GraphError;
use super::ids::Key;
use super::mailbox::Mailbox;
use super::prefer::Preferences;
use super::render::Renderer;
use super::{Demand, Microsoft};

#[derive(Debug, thiserror::Error)]
pub enum HandError {
    #[error("there is no mailbox {0}")]
    NoMailbox(String),
    #[error("there is no calendar {0}")]
    NoCalendar(String),
    #[error("there is no event {0}")]
    NoEvent(String),
    #[error("{code}: {message}")]
    Refused { code: String, message: String },
}

impl From<GraphError> for HandError {
    fn from(error: GraphError) -> Self {
        Self::Refused { code: error.code, message: error.message }
    }
}

/// Calendars go by name or id; events by id of either kind, or by subject where one alone has it.
impl Microsoft {
    fn with<T>(
        &self,
        user: &str,
        act: impl FnOnce(&mut Mailbox) -> Result<T, HandError>,
    ) -> Result<T, HandError> {
        let mut state = self.state();
        let mailbox = state.mailboxes.get_mut(&user.to_ascii_lowercase());
        let mailbox = mailbox.ok_or_else(|| HandError::NoMailbox(user.to_owned()))?;
        let outcome = act(mailbox);
        self.send_mail(mailbox);
        outcome
    }

    /// Single events, masters with `exceptionOccurrences` and `cancelledOccurrences`, under immutable ids in UTC.
    pub fn events(&self, user: &str, calendar: &str) -> Result<Vec<Value>, HandError> {
        self.with(user, |mailbox| {
            let number = calendar_number(mailbox, calendar)?;
            let keys = mailbox.events.values().filter(|event| event.calendar == number);
            keys.map(|event| look(mailbox, Key::event(event.number))).collect()
        })
    }

    pub fn calendar_id(&self, user: &str, calendar: &str) -> Result<String, HandError> {
        self.with(user, |mailbox| {
            calendar_number(mailbox, calendar).map(|number| mailbox.calendar_id(number))
        })
    }

    /// As a POST by someone else, who may also say what clients only read, such as `organizer`,
    /// `responseStatus` or `isCancelled`; gives the event as [`Microsoft::events`] does.
    pub fn insert(&self, user: &str, calendar: &str, event: &Value) -> Result<Value, HandError> {
        let now = self.world.now();
        self.with(user, |mailbox| {
            let number = calendar_number(mailbox, calendar)?;
            let created = mailbox.create(number, Draft::parse(event)?, now)?;
            mailbox.event_mut(created.key.number)?.set_elsewhere(event);
            look(mailbox, created.key)
        })
    }

    /// As a PATCH by someone else, with the same powers.
    pub fn edit(&self, user: &str, event: &str, patch: &Value) -> Result<Value, HandError> {
        let now = self.world.now();
        self.with(user, |mailbox| {
            let key = key(mailbox, event)?;
            mailbox.patch(key, Draft::parse(patch)?, now)?;
            mailbox.event_mut(key.number)?.set_elsewhere(patch);
            look(mailbox, key)
        })
    }

    pub fn delete(&self, user: &str, event: &str) -> Result<(), HandError> {
        self.with(user, |mailbox| {
            let key = key(mailbox, event)?;
            Ok(mailbox.delete(key)?)
        })
    }

    /// Changes one occurrence of a series, named by the date on which the rule puts it.
    pub fn edit_occurrence(
        &self,
        user: &str,
        series: &str,
        date: &str,
        patch: &Value,
    ) -> Result<Value, HandError> {
        let now = self.world.now();
        self.with(user, |mailbox| {
            let key = occurrence(mailbox, series, date)?;
            mailbox.patch(key, Draft::parse(patch)?, now)?;
            look(mailbox, key)
        })
    }

    pub fn cancel_occurrence(&self, user: &str, series: &str, date: &str) -> Result<(), HandError> {
        self.with(user, |mailbox| {
            let key = occurrence(mailbox, series, date)?;
            Ok(mailbox.delete(key)?)
        })
    }

    /// To another calendar of the same mailbox: the default id changes with it.
    pub fn relocate(&self, user: &str, event: &str, calendar: &str) -> Result<(), HandError> {
        self.with(user, |mailbox| {
            let (key, number) = (key(mailbox, event)?, calendar_number(mailbox, calendar)?);
            Ok(mailbox.relocate(key.number, number)?)
        })
    }

    /// The calendar and all in it are gone; its id answers 404.
    pub fn remove_calendar(&self, user: &str, calendar: &str) -> Result<(), HandError> {
        self.with(user, |mailbox| {
            let number = calendar_number(mailbox, calendar)?;
            mailbox.calendars.retain(|calendar| calendar.number != number);
            mailbox.events.retain(|_, event| event.calendar != number);
            Ok(())
        })
    }

    /// Every `nextLink` and `deltaLink` of the calendar handed out so far answers 410.
    pub fn expire_sync_states(&self, user: &str, calendar: &str) -> Result<(), HandError> {
        self.with(user, |mailbox| {
            let number = calendar_number(mailbox, calendar)?;
            mailbox.expire_sync_states(number);
            Ok(())
        })
    }

    /// The next refresh of the account's tokens is refused until the user signs in again.
    pub fn demand_sign_in(&self, user: &str, demand: Demand) {
        self.state().demands.insert(user.to_ascii_lowercase(), demand);
    }

    /// The account's organization lets only an administrator consent.
    pub fn require_admin(&self, user: &str) {
        self.state().need_admin.insert(user.to_ascii_lowercase());
    }
}

fn calendar_number(mailbox: &Mailbox, calendar: &str) -> Result<u64, HandError> {
    let found = mailbox.calendar_named(calendar);
    found.map(|calendar| calendar.number).ok_or_else(|| HandError::NoCalendar(calendar.to_owned()))
}

fn key(mailbox: &Mailbox, event: &str) -> Result<Key, HandError> {
    if let Ok(key) = mailbox.key(event) {
        return Ok(key);
    }
    let titled =
        |known: &super::mailbox::Event| known.fields.get("subject").and_then(Value::as_str) == Some(event);
    let mut found = mailbox.events.values().filter(|known| titled(known));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(Key::event(only.number)),
        _ => Err(HandError::NoEvent(event.to_owned())),
    }
}

fn occurrence(mailbox: &Mailbox, series: &str, date: &str) -> Result<Key, HandError> {
    let series = key(mailbox, series)?;
    let takes_place = |date| mailbox.event(series.number).is_ok_and(|event| event.has_occurrence(date));
    let found = date.parse().ok().filter(|date| takes_place(*date));
    found.map(|date| Key::occurrence(series.number, date)).ok_or_else(|| HandError::NoEvent(date.to_owned()))
}

fn look(mailbox: &Mailbox, key: Key) -> Result<Value, HandError> {
    let prefer = Preferences::parse([r#"IdType="ImmutableId""#].into_iter())?;
    let renderer = Renderer { mailbox, prefer: &prefer };
    let mut json: Map<String, Value> = renderer.full(key)?;
    let event = mailbox.event(key.number)?;
    if event.recurrence.is_some() && key.date.is_none() {
        json.insert("exceptionOccurrences".into(), renderer.exceptions(key.number)?);
        json.insert("cancelledOccurrences".into(), renderer.cancelled(key.number)?);
    }
    let extended = event.extended.iter().map(|(id, value)| json!({"id": id, "value": value}));
    json.insert("singleValueExtendedProperties".into(), extended.collect());
    Ok(Value::Object(json))
}
