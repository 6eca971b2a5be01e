//! What every fake provider stands on: one clock, one pair of dice, one identity store, faults, ledger and mail.

use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};

use crate::{
    clock::Clock, dice::Dice, faults::Faults, identity::Identity, ledger::Ledger, mail::Mailbox, sync::lock,
};

/// How a sandbox is started. Every field has a value that suits a test.
#[derive(Clone)]
pub struct Config {
    /// 0 takes any free port.
    pub port: u16,
    pub clock: Clock,
    pub dice_seed: u64,
    /// Keep answers' bodies in the ledger, for the validator of requests and answers.
    pub ledger_bodies: bool,
    /// Google's quota per user and minute; `None` is unlimited.
    pub google_quota_per_minute: Option<u32>,
    /// Every how many pages Google answers with an empty page that still carries a `nextPageToken`; 0 is never.
    pub google_empty_page_every: u32,
    /// After how many further delta calls a Graph write becomes visible in delta.
    pub graph_delta_lag: u32,
    pub access_token_life_s: i64,
    /// A real CalDAV server to stand before, instead of the fake one.
    pub caldav_upstream: Option<std::net::SocketAddr>,
}

impl Config {
    pub fn new(clock: Clock) -> Self {
        Self {
            port: 0,
            clock,
            dice_seed: 1,
            ledger_bodies: false,
            google_quota_per_minute: None,
            google_empty_page_every: 3,
            graph_delta_lag: 0,
            access_token_life_s: 3_599,
            caldav_upstream: None,
        }
    }
}

pub struct World {
    pub config: Config,
    pub clock: Clock,
    pub dice: Dice,
    pub faults: Faults,
    pub ledger: Ledger,
    pub mail: Mailbox,
    identity: Mutex<Identity>,
}

impl World {
    pub fn new(config: Config) -> Arc<Self> {
        Arc::new(Self {
            clock: config.clock.clone(),
            dice: Dice::new(config.dice_seed),
            faults: Faults::default(),
            ledger: Ledger::new(config.ledger_bodies),
            mail: Mailbox::default(),
            identity: Mutex::new(Identity::new(config.access_token_life_s)),
            config,
        })
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Accounts, clients, consents and tokens of all providers.
    pub fn identity(&self) -> MutexGuard<'_, Identity> {
        lock(&self.identity)
    }

    pub fn reset(&self) {
        *self.identity() = Identity::new(self.config.access_token_life_s);
        self.faults.clear();
        self.ledger.clear();
        self.mail.clear();
    }
}
