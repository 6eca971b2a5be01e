//! Changes to a calendar's events: insert, patch, replace, delete, import, with all that Google does on the side.

use serde_json::{Map, Value, json};

use super::{
    book::{Calendar, Stamp, Stored, person},
    draft::{self, Draft, Understands},
    problem::Problem,
    rule::Series,
};

/// Who makes the change.
#[derive(Clone, Copy)]
pub struct Author<'a> {
    pub email: &'a str,
}

/// PATCH merges into what is there, PUT replaces it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Patch,
    Replace,
}

/// A change to an event that exists.
pub struct Change<'a> {
    pub id: &'a str,
    pub method: Method,
    pub body: &'a Map<String, Value>,
    pub understands: Understands,
    pub if_match: Option<&'a str>,
}

impl Calendar {
    /// A new event; without an id of the client's it gets `minted`.
    pub fn insert(
        &mut self,
        body: &Map<String, Value>,
        understands: Understands,
        author: Author<'_>,
        stamp: Stamp,
        minted: &str,
    ) -> Result<Stored, Problem> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let id = match (text("id"), text("iCalUID")) {
            (Some(_), Some(_)) => {
                return Err(Problem::invalid("Only one of id and iCalUID can be supplied."));
            }
            (Some(id), None) => id,
            _ => minted,
        };
        draft::check_id(id)?;
        let ical_uid = text("iCalUID").map_or_else(|| format!("{id}@google.com"), str::to_owned);
        let draft = draft::check(draft::writable(body, understands))?;
        if draft.cancelled {
            return Err(Problem::invalid("An event cannot be created as cancelled."));
        }
        // A deleted event's id stays burnt, so the cancelled ones count as well.
        let same_uid = |event: &Stored| event.ical_uid == ical_uid && !event.cancelled;
        let uid_taken = text("iCalUID").is_some() && self.events.values().any(same_uid);
        if uid_taken || self.events.contains_key(id) {
            return Err(Problem::duplicate());
        }
        let stored = self.fresh(id, ical_uid, draft, author, stamp);
        self.put(stored.clone());
        Ok(stored)
    }

    fn fresh(&self, id: &str, ical_uid: String, draft: Draft, author: Author<'_>, stamp: Stamp) -> Stored {
        Stored {
            id: id.to_owned(),
            exception_of: None,
            cancelled: false,
            span: Some(draft.span),
            fields: draft.fields,
            ical_uid,
            sequence: 0,
            creator: person(author.email, None, self.primary && author.email == self.owner),
            organizer: self.own_organizer(),
            created: stamp.now,
            updated: stamp.now,
            tick: stamp.tick,
        }
    }

    /// Changes an event, a series, or one occurrence, which becomes an exception by it.
    pub fn change(&mut self, change: &Change<'_>, stamp: Stamp) -> Result<Stored, Problem> {
        let before = self.find(change.id).ok_or_else(Problem::not_found)?;
        check_match(change.if_match, &before)?;
        let mut body = draft::writable(change.body, change.understands);
        check_allowed(&before, &body)?;
        if before.exception_of.is_some() {
            body.remove("recurrence");
        }
        let fields = match change.method {
            Method::Replace => body,
            Method::Patch => {
                let mut fields = self.writable_of(&before);
                draft::merge(&mut fields, &body);
                fields
            }
        };
        let draft = draft::check(fields)?;
        check_event_type(&before, &draft)?;
        let after = self.changed(&before, draft, stamp);
        self.put(after.clone());
        self.settle_exceptions(&before, &after, stamp);
        Ok(after)
    }

    /// The event's own fields, with its times and its status as a client would send them.
    fn writable_of(&self, event: &Stored) -> Map<String, Value> {
        let mut fields = event.fields.clone();
        if let Some(span) = event.span {
            let (start, end) = span.own_json(self.zone);
            fields.insert("start".to_owned(), start);
            fields.insert("end".to_owned(), end);
        }
        if event.cancelled {
            fields.insert("status".to_owned(), json!("cancelled"));
        }
        fields
    }

    fn changed(&self, before: &Stored, draft: Draft, stamp: Stamp) -> Stored {
        let moved = before.span != Some(draft.span)
            || before.fields.get("recurrence") != draft.fields.get("recurrence")
            || before.cancelled != draft.cancelled;
        let quiet = !moved && differ_only_in_reminders(&before.fields, &draft.fields);
        Stored {
            cancelled: draft.cancelled,
            span: Some(draft.span),
            fields: draft.fields,
            sequence: before.sequence + i64::from(moved),
            // Changing reminders does not change `updated` (discovery).
            updated: if quiet { before.updated } else { stamp.now },
            tick: stamp.tick,
            ..before.clone()
        }
    }

    /// Deletes an event or a series; deleting one occurrence leaves a cancelled exception.
    pub fn remove(&mut self, id: &str, if_match: Option<&str>, stamp: Stamp) -> Result<Stored, Problem> {
        let before = self.find(id).ok_or_else(Problem::not_found)?;
        if before.cancelled {
            return Err(Problem::deleted());
        }
        check_match(if_match, &before)?;
        let after = Stored {
            cancelled: true,
            updated: stamp.now,
            tick: stamp.tick,
            sequence: before.sequence + 1,
            ..before.clone()
        };
        self.put(after.clone());
        self.settle_exceptions(&before, &after, stamp);
        Ok(after)
    }

    /// A private copy of an event from elsewhere, known by its iCalUID; the same again updates it.
    pub fn import(
        &mut self,
        body: &Map<String, Value>,
        understands: Understands,
        author: Author<'_>,
        stamp: Stamp,
        minted: &str,
    ) -> Result<Stored, Problem> {
        let ical_uid = body.get("iCalUID").and_then(Value::as_str);
        let ical_uid = ical_uid.ok_or_else(|| Problem::required("Missing iCal UID."))?.to_owned();
        let draft = draft::check(draft::writable(body, understands))?;
        if draft.fields.get("eventType").is_some_and(|kind| kind != "default") {
            return Err(Problem::event_type_restriction("Only default events can be imported."));
        }
        let known =
            self.events.values().find(|event| event.ical_uid == ical_uid && event.exception_of.is_none());
        let mut stored = match known.cloned() {
            Some(known) => self.changed(&known, draft, stamp),
            None => self.fresh(minted, ical_uid, draft, author, stamp),
        };
        if let Some(organizer) = body.get("organizer").filter(|organizer| organizer.get("email").is_some()) {
            stored.organizer = organizer.clone();
        }
        stored.fields.insert("privateCopy".to_owned(), json!(true));
        self.put(stored.clone());
        Ok(stored)
    }

    /// Takes an event out for a move: only its id stays, as a deleted one's does.
    pub fn take_out(&mut self, id: &str, if_match: Option<&str>, stamp: Stamp) -> Result<Stored, Problem> {
        let event = self.find(id).ok_or_else(Problem::not_found)?;
        check_match(if_match, &event)?;
        if event.exception_of.is_some() {
            return Err(Problem::invalid("The organizer of an instance cannot be changed."));
        }
        if event.text("eventType").is_some_and(|kind| kind != "default") {
            return Err(Problem::event_type_restriction("Events of this type cannot be moved."));
        }
        if event.cancelled {
            return Err(Problem::deleted());
        }
        self.put(Stored { cancelled: true, tick: stamp.tick, updated: stamp.now, ..event.clone() });
        Ok(event)
    }

    /// Takes in an event that was moved here; it has a new organizer: this calendar.
    pub fn take_in(&mut self, event: Stored, stamp: Stamp) {
        let organizer = self.own_organizer();
        self.put(Stored { organizer, tick: stamp.tick, updated: stamp.now, ..event });
    }

    fn own_organizer(&self) -> Value {
        match self.primary {
            true => person(&self.owner, None, true),
            false => person(&self.id, Some(&self.summary), true),
        }
    }

    pub fn put(&mut self, stored: Stored) {
        self.updated = self.updated.max(stored.updated);
        self.events.insert(stored.id.clone(), stored);
    }

    /// Exceptions live and die with their series; those that the changed rule no longer produces are cancelled.
    fn settle_exceptions(&mut self, before: &Stored, after: &Stored, stamp: Stamp) {
        if before.exception_of.is_some() || !(before.is_series() || after.is_series()) {
            return;
        }
        let lines = after.recurrence();
        let series = after.span.map(|span| Series::new(&lines, span));
        for exception in self.events.values_mut() {
            let Some((of, original)) = &exception.exception_of else { continue };
            if *of != after.id {
                continue;
            }
            if before.cancelled != after.cancelled {
                exception.tick = stamp.tick;
            }
            let produced = !lines.is_empty() && series.as_ref().is_some_and(|series| series.has(*original));
            if !produced && !exception.cancelled {
                exception.cancelled = true;
                exception.tick = stamp.tick;
                exception.updated = stamp.now;
            }
        }
    }
}

fn check_match(if_match: Option<&str>, event: &Stored) -> Result<(), Problem> {
    match if_match {
        None | Some("*") => Ok(()),
        Some(etag) if etag == event.etag() => Ok(()),
        Some(_) => Err(Problem::precondition()),
    }
}

/// What the guests share can be changed by the organizer alone.
fn check_allowed(event: &Stored, body: &Map<String, Value>) -> Result<(), Problem> {
    let organizes =
        event.organizer.get("self") == Some(&json!(true)) || event.fields.contains_key("privateCopy");
    let shared = body.get("extendedProperties").is_some_and(|properties| properties.get("shared").is_some());
    let guests =
        body.keys().any(|name| name.starts_with("guestsCan") && body.get(name) != event.fields.get(name));
    if !organizes && (shared || guests) { Err(Problem::not_the_organizer()) } else { Ok(()) }
}

fn check_event_type(before: &Stored, draft: &Draft) -> Result<(), Problem> {
    let kind = |fields: &Map<String, Value>| {
        fields.get("eventType").and_then(Value::as_str).unwrap_or("default").to_owned()
    };
    let same = kind(&before.fields) == kind(&draft.fields);
    if same { Ok(()) } else { Err(Problem::event_type_restriction("The event type cannot be changed.")) }
}

fn differ_only_in_reminders(one: &Map<String, Value>, two: &Map<String, Value>) -> bool {
    let mut differing =
        one.keys().chain(two.keys()).filter(|name| one.get(*name) != two.get(*name)).peekable();
    differing.peek().is_some() && differing.all(|name| name == "reminders")
}
