//! Mails to guests, by `sendUpdates`: recorded, so that a test can assert there were none.

use serde_json::Value;

use super::{
    book::{Calendar, Stored},
    problem::Problem,
    query::Query,
};
use crate::{identity::Provider, mail::Mail, world::World};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Nobody,
    /// Guests without a Google calendar.
    ExternalOnly,
    All,
}

impl Audience {
    pub fn from_query(query: &Query) -> Result<Self, Problem> {
        match query.text("sendUpdates") {
            Some("all") => Ok(Self::All),
            Some("externalOnly") => Ok(Self::ExternalOnly),
            Some("none") => Ok(Self::Nobody),
            Some(_) => Err(Problem::invalid_parameter("sendUpdates", "Invalid value for: sendUpdates")),
            None if query.is_set("sendNotifications")? => Ok(Self::All),
            None => Ok(Self::Nobody),
        }
    }
}

pub fn post(world: &World, audience: Audience, about: &str, calendar: &Calendar, stored: &Stored) {
    let attendees = stored.fields.get("attendees").and_then(Value::as_array).into_iter().flatten();
    let addresses = attendees.filter_map(|attendee| attendee.get("email").and_then(Value::as_str));
    for to in addresses.filter(|to| !to.eq_ignore_ascii_case(&calendar.owner)) {
        let at_google = world.identity().account(Provider::Google, to).is_some();
        if audience == Audience::All || (audience == Audience::ExternalOnly && !at_google) {
            world.mail.post(Mail {
                at: world.now(),
                provider: Provider::Google,
                from: calendar.owner.clone(),
                to: to.to_owned(),
                about: about.to_owned(),
                event: stored.id.clone(),
            });
        }
    }
}
