//! The fake of the Microsoft identity platform and of Graph calendars.
//!
//! A request comes in through `http`, is parsed into a `call`, answered by `routes` on a `mailbox`, and shown by
//! `render`. `write` holds Exchange's rules, `delta` the change feed, `login` and `token` the sign-in.

mod batch;
mod call;
mod control;
mod delta;
mod draft;
mod error;
mod filter;
mod hands;
mod http;
mod ids;
mod login;
mod mailbox;
mod moment;
mod prefer;
mod query;
mod quirks;
mod recurrence;
mod render;
mod routes;
mod rrule;
mod seed;
mod throttle;
mod token;
mod token_error;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::routing::{any, get, post};

use self::call::{Call, Reply};
use self::error::GraphError;
use self::mailbox::Mailbox;
use self::throttle::Throttle;
use self::token_error::Lament;
use crate::identity::Provider;
use crate::mail::Mail;
use crate::sync::lock;
use crate::world::World;

pub use self::control::control_router;
pub use self::hands::HandError;
pub use self::http::error_body;
pub use self::quirks::Quirks;

/// Every mailbox the fake knows; handlers and tests share it.
pub struct Microsoft {
    world: Arc<World>,
    state: Mutex<State>,
    throttle: Throttle,
}

struct State {
    /// By address in lower case.
    mailboxes: BTreeMap<String, Mailbox>,
    quirks: Quirks,
    /// Accounts whose organization wants an administrator's consent.
    need_admin: BTreeSet<String>,
    /// Accounts that must sign in again before a refresh token works.
    demands: BTreeMap<String, Demand>,
}

/// Why a refresh token alone is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// A second factor has to be shown.
    SecondFactor,
    /// The password was changed or the session revoked.
    Revoked,
}

impl State {
    fn new(lag: u32) -> Self {
        Self {
            mailboxes: BTreeMap::new(),
            quirks: Quirks { delta_lag: lag, ..Quirks::default() },
            need_admin: BTreeSet::new(),
            demands: BTreeMap::new(),
        }
    }
}

impl Microsoft {
    pub fn new(world: Arc<World>) -> Arc<Self> {
        let state = Mutex::new(State::new(world.config.graph_delta_lag));
        Arc::new(Self { world, state, throttle: Throttle::default() })
    }

    pub fn reset(&self) {
        *self.state() = State::new(self.world.config.graph_delta_lag);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub fn quirks(&self) -> Quirks {
        self.state().quirks
    }

    pub fn set_quirks(&self, quirks: Quirks) {
        self.state().quirks = quirks;
    }

    fn answer(&self, email: &str, call: &Call<'_>) -> Result<Reply, GraphError> {
        let mut state = self.state();
        let mailbox = state.mailboxes.get_mut(&email.to_ascii_lowercase()).ok_or_else(|| {
            GraphError::new(
                404,
                "MailboxNotEnabledForRESTAPI",
                "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
            )
        })?;
        let reply = routes::answer(mailbox, call);
        self.send_mail(mailbox);
        reply
    }

    /// Exchange tells attendees of every change on its own.
    fn send_mail(&self, mailbox: &mut Mailbox) {
        for posted in std::mem::take(&mut mailbox.posted) {
            self.world.mail.post(Mail {
                at: self.world.now(),
                provider: Provider::Microsoft,
                from: mailbox.address.clone(),
                to: posted.to,
                about: posted.about.to_owned(),
                event: posted.event.to_string(),
            });
        }
    }

    fn request_id(&self) -> String {
        let hex = data_encoding::HEXLOWER.encode(&self.world.dice.bytes());
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }

    fn needs_admin(&self, email: &str) -> bool {
        self.state().need_admin.contains(&email.to_ascii_lowercase())
    }

    /// A sign-in by the user settles whatever was demanded.
    fn signed_in(&self, email: &str) {
        self.state().demands.remove(&email.to_ascii_lowercase());
    }

    fn sign_in_demand(&self, email: &str) -> Option<Lament> {
        let demand = self.state().demands.get(&email.to_ascii_lowercase()).copied()?;
        Some(match demand {
            Demand::SecondFactor => Lament::new(
                "interaction_required",
                50_076,
                "Due to a configuration change made by your administrator you must use multi-factor authentication.",
            )
            .with_suberror("basic_action"),
            Demand::Revoked => crate::identity::Refusal::RefreshRevoked.into(),
        })
    }
}

/// Serves `/graph/v1.0/…` and `/login/{tenant}/oauth2/v2.0/…`; the paths here are absolute.
pub fn router(microsoft: Arc<Microsoft>) -> Router {
    Router::new()
        .route("/graph/{*path}", any(http::serve))
        .route("/login/{tenant}/oauth2/v2.0/authorize", get(login::authorize).post(login::decide))
        .route("/login/{tenant}/oauth2/v2.0/token", post(login::token))
        .with_state(microsoft)
}
