//! The inbox: what visitors did, made durable here before the relay hears that it arrived.

use daymark_core::contract::{Ack, Inbox, InboxEntry, InboxKind, Known, LONG_POLL_MAX_S, Visitor};
use daymark_mirror::{Arrived, ArrivedKind, Booking, Relay};
use daymark_remotes::relay::{RelayClient, RelayError};

use super::keys::KeyRing;
use super::{PageDesk, opening, trouble};
use crate::api::Tag;
use crate::api::problem::Problem;
use crate::problems;

/// What asking for the inbox brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Bookings that changed; none of them, when the relay only came back from a backup.
    News(Vec<Booking>),
    Nothing,
    Failed,
    NoRelay,
}

impl PageDesk {
    /// Takes what is there; with `wait_s` the relay holds the request until something arrives.
    pub async fn take_inbox(&self, wait_s: u64) -> Asked {
        match self.try_take_inbox(wait_s.min(LONG_POLL_MAX_S)).await {
            Ok(asked) => asked,
            Err(problem) => {
                tracing::warn!(code = ?problem.code, "the inbox could not be taken");
                Asked::Failed
            }
        }
    }

    async fn try_take_inbox(&self, wait_s: u64) -> Result<Asked, Problem> {
        let Some(relay) = self.mirror.relay().await.map_err(problems::mirror)? else {
            return Ok(Asked::NoRelay);
        };
        self.open_waiting().await?;
        let Some(client) = self.client().await? else { return Ok(Asked::NoRelay) };
        // What an earlier run made durable and could not acknowledge goes first.
        if relay.acked_seq < relay.inbox_seq {
            self.acknowledge(&client, &relay, relay.inbox_seq).await?;
        }
        let inbox = client.inbox(relay.inbox_seq, wait_s).await.map_err(|error| self.failed(&error))?;
        trouble::well(&self.health);
        if was_restored(&inbox, &relay) {
            // Everything is asked for again, what is known already changes nothing, and the page is published anew.
            tracing::warn!("the relay was restored from a backup; reading its inbox from the beginning");
            self.mirror.relay_restored(&inbox.epoch).await.map_err(problems::mirror)?;
            return Ok(Asked::News(Vec::new()));
        }
        let Some(last) = inbox.entries.iter().map(|entry| entry.seq).max() else { return Ok(Asked::Nothing) };
        let arrived = self.open(&inbox.entries).await?;
        let now = self.ports.clock.now();
        let news = self.mirror.take_inbox(&arrived, now).await.map_err(problems::mirror)?;
        self.acknowledge(&client, &relay, last).await?;
        self.notices.tell(&[Tag::Bookings, Tag::Schedule, Tag::Page]);
        self.staged.ring();
        Ok(Asked::News(news))
    }

    async fn acknowledge(&self, client: &RelayClient, relay: &Relay, upto: u64) -> Result<(), Problem> {
        let ack = Ack { epoch: relay.epoch.clone(), upto };
        match client.ack(&ack).await {
            Ok(()) => {}
            // The next look at the inbox finds that out, and begins anew.
            Err(RelayError::EpochChanged) => return Ok(()),
            Err(error) => return Err(self.failed(&error)),
        }
        self.mirror.acked(upto).await.map_err(problems::mirror)
    }

    /// Opens what was sealed. What cannot be opened keeps its time all the same: the visitor was told so. It is kept as
    /// it came, for the day on which its key is here.
    async fn open(&self, entries: &[InboxEntry]) -> Result<Vec<Arrived>, Problem> {
        let ring = KeyRing::load(self.ports.secrets.as_ref()).await.map_err(problems::secrets)?;
        let type_name = self.settings().await?.appointment.name;
        Ok(entries.iter().map(|entry| arrived(entry, &type_name, &ring)).collect())
    }

    pub(super) fn failed(&self, error: &RelayError) -> Problem {
        trouble::failed(&self.health, error);
        problems::relay(error)
    }
}

/// Whether the relay came back from a backup, or began anew: it knows less of this person than it once told or took.
fn was_restored(inbox: &Inbox, relay: &Relay) -> bool {
    let forgot = |known: Known| {
        let published = !relay.digest.is_empty();
        known.seq < relay.inbox_seq || (published && known.rev < relay.rev)
    };
    inbox.epoch != relay.epoch || inbox.known.is_some_and(forgot)
}

fn arrived(entry: &InboxEntry, type_name: &str, ring: &KeyRing) -> Arrived {
    let kind = match &entry.kind {
        InboxKind::Booked { type_id, start, length_min, promised, sealed, as_booked } => {
            ArrivedKind::Booked {
                type_id: type_id.clone(),
                // An older relay names the type by its id only; there is one.
                type_name: as_booked.as_ref().map_or(type_name, |it| &it.type_name).to_owned(),
                place: as_booked.as_ref().map(|it| it.place.clone()),
                waits_for: as_booked.as_ref().and_then(|it| it.waits_for),
                start: *start,
                length_min: *length_min,
                promised: *promised,
                visitor: unseal(sealed, ring),
                sealed: sealed.clone(),
            }
        }
        InboxKind::Cancelled => ArrivedKind::Cancelled,
    };
    Arrived { seq: entry.seq, booking: entry.booking.clone(), version: entry.version, at: entry.at, kind }
}

fn unseal(sealed: &str, ring: &KeyRing) -> Option<Visitor> {
    let opened = opening::read(sealed, ring);
    if opened.is_none() {
        tracing::warn!("what a visitor sealed cannot be opened with this laptop's keys; it is kept");
    }
    opened
}
