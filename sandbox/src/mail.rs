//! Mails the providers would have sent: kept, never sent, so that a test can assert there were none.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{identity::Provider, sync::lock};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mail {
    pub at: DateTime<Utc>,
    pub provider: Provider,
    pub from: String,
    pub to: String,
    /// What caused it, e.g. `invitation`, `update`, `cancellation`.
    pub about: String,
    pub event: String,
}

#[derive(Default)]
pub struct Mailbox(Mutex<Vec<Mail>>);

impl Mailbox {
    pub fn post(&self, mail: Mail) {
        lock(&self.0).push(mail);
    }

    pub fn all(&self) -> Vec<Mail> {
        lock(&self.0).clone()
    }

    pub fn clear(&self) {
        lock(&self.0).clear();
    }
}
