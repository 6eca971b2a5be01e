//! The laptop's client of the owner's API, against the relay itself.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use daymark_core::booking::BookingId;
use daymark_core::contract::{Ack, Decision, Enrol, Enrolled, Mode, OwnerCard, PutPage, Sheet, Verdict};
use daymark_core::time::Instant;
use daymark_relay::Relay;
use daymark_relay::accent::Colour;
use daymark_relay::clock::Clock;
use daymark_relay::config::{Config, Organisation};
use daymark_relay::enrolment::Invitation;
use daymark_remotes::http::{Pace, client};
use daymark_remotes::relay::{Means, RelayClient, RelayError};
use ed25519_dalek::SigningKey;

use crate::world::{Dice, HOME};

/// One time for both sides, until the laptop's is set wrong.
struct Time(Mutex<Instant>);

impl Time {
    fn standing() -> Arc<Self> {
        Arc::new(Time(Mutex::new("2026-03-02T13:00:00Z".parse().unwrap())))
    }

    fn pass(&self, time: TimeDelta) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for Time {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

#[async_trait]
impl Pace for Time {
    async fn wait(&self, time: Duration) {
        self.pass(TimeDelta::from_std(time).unwrap());
        tokio::task::yield_now().await;
    }

    fn jitter(&self) -> f64 {
        0.0
    }

    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

struct Office {
    relay: Relay,
    relays_time: Arc<Time>,
    laptops_time: Arc<Time>,
    means: Means,
    _folder: tempfile::TempDir,
}

impl Office {
    async fn open() -> Office {
        let folder = tempfile::tempdir().unwrap();
        let organisation =
            Organisation { name: "Northcare".into(), accent: Colour::parse("#1f6f5c").unwrap(), logo: None };
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            public_url: None,
            database: folder.path().join("relay.sqlite"),
            data_dir: folder.path().to_owned(),
            organisation,
            log: "info".into(),
        };
        let (relays_time, laptops_time) = (Time::standing(), Time::standing());
        let relay = Relay::start(config, relays_time.clone(), Arc::new(Dice::default())).await.unwrap();
        let means =
            Means { http: client().unwrap(), pace: laptops_time.clone(), entropy: Arc::new(Dice::default()) };
        Office { relay, relays_time, laptops_time, means, _folder: folder }
    }

    async fn code(&self) -> String {
        let invitation = Invitation { name: "Maya Okafor".into(), slug: Some("maya".into()), again: false };
        self.relay.enrol(invitation).await.unwrap().code
    }

    async fn enrol(&self, code: &str) -> Result<Enrolled, RelayError> {
        self.enrol_with(code, &key()).await
    }

    async fn enrol_with(&self, code: &str, key: &SigningKey) -> Result<Enrolled, RelayError> {
        let enrol = Enrol {
            code: code.to_owned(),
            device_name: "laptop".into(),
            verifying_key: BASE64_STANDARD.encode(key.verifying_key().to_bytes()),
            sealing_key: BASE64_STANDARD.encode([9; 32]),
        };
        RelayClient::enrol(self.means.clone(), self.relay.public_url.clone(), &enrol).await
    }

    async fn laptop(&self) -> (RelayClient, Enrolled) {
        let enrolled = self.enrol(&self.code().await).await.unwrap();
        (self.client(&enrolled.device), enrolled)
    }

    fn client(&self, device: &str) -> RelayClient {
        let base = self.relay.public_url.clone();
        RelayClient::new(self.means.clone(), base, device.to_owned(), key()).unwrap()
    }

    fn page(&self, rev: u64) -> PutPage {
        let now = Clock::now(&*self.relays_time);
        let owner = OwnerCard {
            name: "Maya Okafor".into(),
            role: "Therapist".into(),
            organisation: "Northcare".into(),
            zone: HOME,
            phone: String::new(),
        };
        PutPage {
            rev,
            based_on_seq: 0,
            checked_at: now,
            lease_until: now + TimeDelta::hours(4),
            mode: Mode::Instant,
            sheet: Sheet { owner, types: Vec::new() },
        }
    }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

#[tokio::test]
async fn a_code_enrols_one_device_once() {
    let office = Office::open().await;
    let code = office.code().await;
    let enrolled = office.enrol(&code).await.unwrap();
    assert!(enrolled.page_url.ends_with("/maya"));
    let other = SigningKey::from_bytes(&[6; 32]);
    assert!(matches!(office.enrol_with(&code, &other).await, Err(RelayError::BadCode)));
    office.relay.shutdown().await;
}

#[tokio::test]
async fn an_older_page_never_replaces_a_newer_one() {
    let office = Office::open().await;
    let (laptop, _) = office.laptop().await;
    laptop.put_page(&office.page(2)).await.unwrap();
    for rev in [1, 2] {
        let refused = laptop.put_page(&office.page(rev)).await;
        assert!(matches!(refused, Err(RelayError::OldRev)), "{refused:?}");
    }
    laptop.put_page(&office.page(3)).await.unwrap();
    office.relay.shutdown().await;
}

#[tokio::test]
async fn only_the_inboxs_own_epoch_is_acknowledged() {
    let office = Office::open().await;
    let (laptop, enrolled) = office.laptop().await;
    let inbox = laptop.inbox(0, 0).await.unwrap();
    assert_eq!((inbox.epoch.clone(), inbox.entries.len()), (enrolled.epoch, 0));
    laptop.ack(&Ack { epoch: inbox.epoch, upto: 0 }).await.unwrap();
    let restored = laptop.ack(&Ack { epoch: "another".into(), upto: 0 }).await;
    assert!(matches!(restored, Err(RelayError::EpochChanged)), "{restored:?}");
    office.relay.shutdown().await;
}

#[tokio::test]
async fn a_decision_on_a_booking_that_never_was_names_no_state() {
    let office = Office::open().await;
    let (laptop, _) = office.laptop().await;
    let decision = Decision { booking: BookingId("0".repeat(32)), version: 1, verdict: Verdict::Confirm };
    match laptop.decisions(vec![decision]).await {
        Ok(decided) => assert!(decided.bookings.is_empty()),
        Err(refused) => assert!(matches!(refused, RelayError::Refused { .. }), "{refused:?}"),
    }
    office.relay.shutdown().await;
}

#[tokio::test]
async fn strangers_and_wrong_clocks_are_refused_with_the_reason() {
    let office = Office::open().await;
    let (laptop, _) = office.laptop().await;
    let stranger = office.client(&"f".repeat(32)).inbox(0, 0).await;
    assert!(matches!(stranger, Err(RelayError::BadSignature | RelayError::ClockOff { .. })), "{stranger:?}");
    office.laptops_time.pass(TimeDelta::minutes(6));
    let early = laptop.inbox(0, 0).await;
    assert!(matches!(early, Err(RelayError::BadSignature | RelayError::ClockOff { .. })), "{early:?}");
    office.relays_time.pass(TimeDelta::minutes(6));
    laptop.inbox(0, 0).await.unwrap();
    office.relay.shutdown().await;
}
