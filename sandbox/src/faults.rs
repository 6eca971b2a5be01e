//! Armed faults: which requests they meet, how often, and what they do to them.

use std::sync::Mutex;

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use crate::{identity::Provider, sync::lock};

/// What happens to a request that a fault meets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Not handled: this status, with the provider's own body for `reason`, or `body` as it is.
    Status {
        status: u16,
        #[serde(default)]
        reason: Option<String>,
        #[serde(default)]
        retry_after_s: Option<u32>,
        #[serde(default)]
        body: Option<Value>,
    },
    /// Not handled: the client is sent to another address.
    Redirect { to: String },
    /// Handled after this long.
    Delay { delay_ms: u64 },
    /// Waits until released, then goes on: before it is handled, or after it was and before the answer.
    Hold { at: Moment },
    /// The connection ends without the request being handled.
    Cut,
    /// Handled, state and all, but the connection ends before the answer.
    LoseAnswer,
    /// Handled, but the JSON of the answer stops half way.
    Truncate,
    /// Handled, but one item of the list in the answer cannot be read.
    BreakItem { index: usize },
    /// Handled, but the list of the answer comes back to front, and each of its items twice.
    Jumble,
    /// Meets only requests that carry a sync or delta token: 410 in the provider's words.
    ExpireSync,
    /// The account's grant is revoked just before the request is handled.
    RevokeGrant,
    /// The next consent grants only these scopes, whatever the user ticks.
    NarrowScopes { scopes: Vec<String> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    Before,
    After,
}

/// A fault to arm: every given condition must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    #[serde(default)]
    pub provider: Option<Provider>,
    #[serde(default)]
    pub method: Option<String>,
    /// Text within `path?query`.
    #[serde(default)]
    pub contains: Option<String>,
    /// Regular expression on `path?query`.
    #[serde(default)]
    pub matches: Option<String>,
    /// Lets this many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it meets; `None` is every one until cleared.
    #[serde(default = "once")]
    pub times: Option<u32>,
    pub fault: Kind,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants a function of the field's type")]
fn once() -> Option<u32> {
    Some(1)
}

impl Fault {
    /// Meets the next request of the provider, once; narrow it with the other methods.
    pub fn new(provider: Provider, fault: Kind) -> Self {
        Self {
            provider: Some(provider),
            method: None,
            contains: None,
            matches: None,
            skip: 0,
            times: Some(1),
            fault,
        }
    }

    pub fn method(self, method: &str) -> Self {
        Self { method: Some(method.to_owned()), ..self }
    }

    pub fn contains(self, text: &str) -> Self {
        Self { contains: Some(text.to_owned()), ..self }
    }

    pub fn matches(self, pattern: &str) -> Self {
        Self { matches: Some(pattern.to_owned()), ..self }
    }

    pub fn skip(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    pub fn always(self) -> Self {
        Self { times: None, ..self }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the pattern of the fault cannot be read: {0}")]
pub struct BadPattern(#[from] regex::Error);

/// An armed fault as the control plane shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Armed {
    pub id: u64,
    #[serde(flatten)]
    pub fault: Fault,
    /// Requests it has met so far.
    pub met: u32,
    /// Requests it holds right now.
    pub holding: u32,
}

struct Slot {
    armed: Armed,
    pattern: Option<Regex>,
    /// `true` once released.
    released: watch::Sender<bool>,
}

/// A fault that met a request.
#[derive(Clone)]
pub struct Hit {
    pub id: u64,
    pub kind: Kind,
    released: watch::Receiver<bool>,
}

pub struct Faults {
    slots: Mutex<(u64, Vec<Slot>)>,
    /// Counts changes of `holding`, so that a test can wait for a request to be held.
    changes: watch::Sender<u64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { slots: Mutex::new((0, Vec::new())), changes: watch::Sender::new(0) }
    }
}

impl Faults {
    pub fn arm(&self, fault: Fault) -> Result<u64, BadPattern> {
        let pattern = fault.matches.as_deref().map(Regex::new).transpose()?;
        let mut slots = lock(&self.slots);
        slots.0 += 1;
        let id = slots.0;
        let armed = Armed { id, fault, met: 0, holding: 0 };
        slots.1.push(Slot { armed, pattern, released: watch::Sender::new(false) });
        Ok(id)
    }

    pub fn list(&self) -> Vec<Armed> {
        lock(&self.slots).1.iter().map(|slot| slot.armed.clone()).collect()
    }

    /// Ends every fault; whatever was held goes on.
    pub fn clear(&self) {
        for slot in lock(&self.slots).1.drain(..) {
            slot.released.send_replace(true);
        }
    }

    /// Ends one fault; whatever it held goes on. False when there is none of this id.
    pub fn release(&self, id: u64) -> bool {
        let mut slots = lock(&self.slots);
        let before = slots.1.len();
        slots.1.retain(|slot| {
            if slot.armed.id == id {
                slot.released.send_replace(true);
            }
            slot.armed.id != id
        });
        slots.1.len() != before
    }

    /// The first armed fault that meets this request; it is counted as met.
    pub fn meet(&self, provider: Option<Provider>, method: &str, path_and_query: &str) -> Option<Hit> {
        let mut slots = lock(&self.slots);
        let slot = slots.1.iter_mut().find(|slot| slot.fits(provider, method, path_and_query))?;
        slot.take()
    }

    /// Scopes to which the next consent shrinks, if such a fault is armed.
    pub fn narrowed_scopes(&self, provider: Provider) -> Option<Vec<String>> {
        let mut slots = lock(&self.slots);
        let slot = slots.1.iter_mut().find(|slot| {
            let meant = slot.armed.fault.provider.is_none_or(|meant| meant == provider);
            meant && slot.is_live() && matches!(slot.armed.fault.fault, Kind::NarrowScopes { .. })
        })?;
        match slot.take()?.kind {
            Kind::NarrowScopes { scopes } => Some(scopes),
            _ => None,
        }
    }

    /// Stays until the fault is released; counted as held meanwhile, also when the client gives up.
    pub async fn hold(&self, hit: &Hit) {
        let _held = Held::new(self, hit.id);
        let mut released = hit.released.clone();
        // An error means the sender is gone, and with it the fault: go on.
        let _ = released.wait_for(|released| *released).await;
    }

    /// Comes back once the fault holds at least one request.
    pub async fn wait_held(&self, id: u64) {
        let mut changes = self.changes.subscribe();
        while !self.list().iter().any(|armed| armed.id == id && armed.holding > 0) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn count_held(&self, id: u64, change: impl Fn(u32) -> u32) {
        for slot in lock(&self.slots).1.iter_mut().filter(|slot| slot.armed.id == id) {
            slot.armed.holding = change(slot.armed.holding);
        }
        self.changes.send_modify(|count| *count += 1);
    }
}

struct Held<'a> {
    faults: &'a Faults,
    id: u64,
}

impl<'a> Held<'a> {
    fn new(faults: &'a Faults, id: u64) -> Self {
        faults.count_held(id, |held| held + 1);
        Self { faults, id }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.faults.count_held(self.id, |held| held.saturating_sub(1));
    }
}

impl Slot {
    fn is_live(&self) -> bool {
        self.armed
            .fault
            .times
            .is_none_or(|times| self.armed.met < times.saturating_add(self.armed.fault.skip))
    }

    fn fits(&self, provider: Option<Provider>, method: &str, path_and_query: &str) -> bool {
        let fault = &self.armed.fault;
        let carries_token =
            || path_and_query.contains("syncToken=") || path_and_query.to_lowercase().contains("deltatoken=");
        self.is_live()
            && !matches!(fault.fault, Kind::NarrowScopes { .. })
            && (fault.fault != Kind::ExpireSync || carries_token())
            && fault.provider.is_none_or(|meant| Some(meant) == provider)
            && fault.method.as_deref().is_none_or(|meant| meant.eq_ignore_ascii_case(method))
            && fault.contains.as_deref().is_none_or(|text| path_and_query.contains(text))
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(path_and_query))
    }

    /// Counts the request; `None` while it is among the skipped.
    fn take(&mut self) -> Option<Hit> {
        self.armed.met += 1;
        (self.armed.met > self.armed.fault.skip).then(|| Hit {
            id: self.armed.id,
            kind: self.armed.fault.fault.clone(),
            released: self.released.subscribe(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_skips_then_meets_then_ends() {
        let faults = Faults::default();
        faults
            .arm(Fault::new(Provider::Google, Kind::Cut).method("POST").contains("/events").skip(1).times(2))
            .unwrap();
        let post =
            || faults.meet(Some(Provider::Google), "POST", "/google/calendar/v3/calendars/a/events?x=1");
        assert!(
            faults.meet(Some(Provider::Google), "GET", "/google/calendar/v3/calendars/a/events").is_none()
        );
        let met: Vec<bool> = (0..4).map(|_| post().is_some()).collect();
        assert_eq!(met, [false, true, true, false]);
    }

    #[test]
    fn expired_sync_meets_only_requests_with_a_token() {
        let faults = Faults::default();
        faults.arm(Fault::new(Provider::Google, Kind::ExpireSync)).unwrap();
        assert!(faults.meet(Some(Provider::Google), "GET", "/events?timeMin=x").is_none());
        assert!(faults.meet(Some(Provider::Google), "GET", "/events?syncToken=x").is_some());
    }

    #[test]
    fn an_unreadable_pattern_is_refused_when_armed() {
        assert!(Faults::default().arm(Fault::new(Provider::Google, Kind::Cut).matches("(")).is_err());
    }

    #[tokio::test]
    async fn a_held_request_goes_on_when_released() {
        let faults = std::sync::Arc::new(Faults::default());
        let id = faults.arm(Fault::new(Provider::Google, Kind::Hold { at: Moment::Before })).unwrap();
        let hit = faults.meet(Some(Provider::Google), "GET", "/x").unwrap();
        let holder = faults.clone();
        let held = tokio::spawn(async move { holder.hold(&hit).await });
        faults.wait_held(id).await;
        assert!(faults.release(id));
        held.await.unwrap();
    }
}
