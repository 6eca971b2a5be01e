//! Who calls the API: the bearer token, its scopes, and the quota per user and minute.

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{Google, problem::Problem};
use crate::{bearer::bearer, identity::Provider, sync::lock};

const PREFIX: &str = "https://www.googleapis.com/auth/";

/// What a method needs to be allowed to do; any of the scopes listed for it will do.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    ReadEvents,
    WriteEvents,
    ReadLists,
    ReadCalendars,
    FreeBusy,
    ReadSettings,
}

impl Need {
    fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::ReadEvents => &[
                "calendar",
                "calendar.readonly",
                "calendar.events",
                "calendar.events.readonly",
                "calendar.events.owned",
                "calendar.events.owned.readonly",
                "calendar.app.created",
            ],
            Self::WriteEvents => {
                &["calendar", "calendar.events", "calendar.events.owned", "calendar.app.created"]
            }
            Self::ReadLists => {
                &["calendar", "calendar.readonly", "calendar.calendarlist", "calendar.calendarlist.readonly"]
            }
            Self::ReadCalendars => &[
                "calendar",
                "calendar.readonly",
                "calendar.calendars",
                "calendar.calendars.readonly",
                "calendar.app.created",
            ],
            Self::FreeBusy => {
                &["calendar", "calendar.readonly", "calendar.freebusy", "calendar.events.freebusy"]
            }
            Self::ReadSettings => &["calendar", "calendar.readonly", "calendar.settings.readonly"],
        }
    }
}

/// The account behind a live access token.
pub struct Caller {
    pub email: String,
    scopes: Vec<String>,
}

impl Caller {
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own == scope)
    }

    pub fn may(&self, need: Need) -> Result<(), Problem> {
        let has = |scope: &str| self.scopes.iter().any(|own| own.strip_prefix(PREFIX) == Some(scope));
        if need.scopes().iter().any(|scope| has(scope)) {
            Ok(())
        } else {
            Err(Problem::insufficient_scopes())
        }
    }
}

impl FromRequestParts<Arc<Google>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, google: &Arc<Google>) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or_else(Problem::login_required)?;
        let now = google.world.now();
        let access = google.world.identity().access(Provider::Google, token, now);
        let access = access.map_err(|_| Problem::auth_error())?;
        let most = google.world.config.google_quota_per_minute;
        if most.is_some_and(|most| !lock(&google.quota).takes(&access.email, now.timestamp() / 60, most)) {
            return Err(Problem::user_rate_limit());
        }
        Ok(Self { email: access.email, scopes: access.scopes.into_iter().collect() })
    }
}

/// Requests of each user in the present minute.
#[derive(Default)]
pub struct Quota {
    minute: i64,
    used: BTreeMap<String, u32>,
}

impl Quota {
    fn takes(&mut self, user: &str, minute: i64, most: u32) -> bool {
        if self.minute != minute {
            self.minute = minute;
            self.used.clear();
        }
        let used = self.used.entry(user.to_owned()).or_default();
        *used += 1;
        *used <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_begins_anew_each_minute() {
        let mut quota = Quota::default();
        assert_eq!([0, 0, 0, 1].map(|minute| quota.takes("a", minute, 2)), [true, true, false, true]);
    }

    #[test]
    fn events_scope_does_not_read_the_calendar_list() {
        let caller = Caller { email: "a".to_owned(), scopes: vec![format!("{PREFIX}calendar.events")] };
        assert!(caller.may(Need::WriteEvents).is_ok());
        assert_eq!(caller.may(Need::ReadLists), Err(Problem::insufficient_scopes()));
    }
}
