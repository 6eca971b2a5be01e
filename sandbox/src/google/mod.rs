//! The fake of Google's OAuth and Calendar v3.

mod book;
mod calendars;
mod caller;
mod draft;
mod events;
mod filter;
mod hands;
mod list;
mod notify;
mod oauth;
mod policy;
mod problem;
mod query;
mod rule;
mod seeding;
mod span;
mod token;
mod view;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;

pub use self::policy::Policy;
pub use self::problem::{Problem, error_body};
use self::{book::Books, caller::Quota};
use crate::{
    seed::{Moments, SeedAccount, SeedError},
    sync::lock,
    world::World,
};

/// Every calendar the fake knows; handlers and tests share it.
pub struct Google {
    world: Arc<World>,
    books: Mutex<Books>,
    quota: Mutex<Quota>,
    policies: Mutex<BTreeMap<String, Policy>>,
}

impl Google {
    pub fn new(world: Arc<World>) -> Arc<Self> {
        Arc::new(Self { world, books: Mutex::default(), quota: Mutex::default(), policies: Mutex::default() })
    }

    /// Adds the account's calendars; the account itself is in the identity store already.
    pub fn seed(&self, account: &SeedAccount, moments: &Moments) -> Result<(), SeedError> {
        seeding::plant(&mut self.books(), account, moments, self.world.now())
    }

    pub fn reset(&self) {
        *self.books() = Books::default();
        *lock(&self.quota) = Quota::default();
        lock(&self.policies).clear();
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        lock(&self.books)
    }
}

/// Serves `/google/…`, `/google-auth/…` and `/google-token/…`; the paths here are absolute.
pub fn router(google: Arc<Google>) -> Router {
    let api = events::router().merge(calendars::router());
    Router::new().nest("/google/calendar/v3", api).merge(oauth::router()).with_state(google)
}

/// Served under `/control/google`.
pub fn control_router(google: Arc<Google>) -> Router {
    hands::control_router().with_state(google)
}
