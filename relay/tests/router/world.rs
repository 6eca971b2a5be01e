//! A relay with its own clock and folder, a laptop that speaks the signed API, and visitors who fill in forms.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use crypto_box::SecretKey;
use daymark_core::booking::TypeId;
use daymark_core::contract::{
    Ack, Decided, Decision, Decisions, Enrol, Enrolled, Inbox, InboxKind, Mode, OwnerCard, Place, PutPage,
    Sheet, TypeSheet, Verdict, Visitor, paths,
};
use daymark_core::entropy::Entropy;
use daymark_core::seal;
use daymark_core::signing::{self, Covered, Headers, Params};
use daymark_relay::Relay;
use daymark_relay::accent::Colour;
use daymark_relay::clock::Clock;
use daymark_relay::config::{Config, Organisation};
use daymark_relay::enrolment::Invitation;
use ed25519_dalek::SigningKey;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

pub type Instant = DateTime<Utc>;

pub fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A clock that stands until it is moved.
pub struct TestClock(Mutex<Instant>);

impl Clock for TestClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

/// Repeatable randomness (xorshift64*).
pub struct Dice(Mutex<u64>);

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap();
        for byte in bytes {
            *state ^= *state >> 12;
            *state ^= *state << 25;
            *state ^= *state >> 27;
            *byte = (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56) as u8;
        }
    }
}

pub struct World {
    pub relay: Relay,
    pub clock: Arc<TestClock>,
    _folder: tempfile::TempDir,
}

pub fn config(folder: &std::path::Path, listen: SocketAddr) -> Config {
    Config {
        listen,
        public_url: None,
        database: folder.join("relay.sqlite"),
        data_dir: folder.to_owned(),
        organisation: Organisation {
            name: "Northcare".into(),
            accent: Colour::parse("#1f6f5c").unwrap(),
            logo: None,
        },
        log: "info".into(),
    }
}

impl World {
    /// Monday 2 March 2026, 08:00 UTC: 03:00 in Toronto.
    pub async fn new() -> World {
        World::at(instant("2026-03-02T08:00:00Z"), "127.0.0.1:0".parse().unwrap()).await
    }

    pub async fn at(now: Instant, listen: SocketAddr) -> World {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(Mutex::new(now)));
        let dice = Arc::new(Dice(Mutex::new(0x9E37_79B9_7F4A_7C15)));
        let relay = Relay::start(config(folder.path(), listen), clock.clone(), dice).await.unwrap();
        World { relay, clock, _folder: folder }
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn pass(&self, time: TimeDelta) {
        *self.clock.0.lock().unwrap() += time;
    }

    pub async fn code(&self, slug: &str) -> String {
        self.invite(slug, false).await
    }

    pub async fn invite(&self, slug: &str, again: bool) -> String {
        let invitation = Invitation { name: "Maya Okafor".into(), slug: Some(slug.into()), again };
        self.relay.enrol(invitation).await.unwrap().code
    }

    /// An enrolled laptop.
    pub async fn laptop(&self, slug: &str) -> Laptop {
        let code = self.code(slug).await;
        Laptop::enrol(self, &code, slug.len() as u8).await
    }

    /// A laptop that has published [`sheet`] with a fresh lease.
    pub async fn open_page(&self, slug: &str) -> Laptop {
        let laptop = self.laptop(slug).await;
        let status = laptop.publish(self, 1, Mode::Instant, sheet(self.now())).await.status;
        assert_eq!(status, StatusCode::NO_CONTENT);
        laptop
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.relay.router(), Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn get_as(&self, path: &str, language: &str) -> Answer {
        let request = Request::get(path).header("accept-language", language).body(Body::empty()).unwrap();
        send(self.relay.router(), request).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        send(self.relay.router(), form_request(path, fields)).await
    }
}

pub fn form_request(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap()
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn location(&self) -> String {
        self.headers["location"].to_str().unwrap().to_owned()
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The hidden fields of the page's posted form.
    pub fn hidden(&self) -> HashMap<String, String> {
        let text = self.text();
        let form = text.split_once("method=\"post\"").map_or("", |(_, form)| form);
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        inputs
            .map(|input| {
                let (name, rest) = input.split_once('"').unwrap();
                let value = rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
                (name.to_owned(), value.replace("&#38;", "&"))
            })
            .collect()
    }

    /// Addresses in the page that begin like this, as a browser reads them.
    pub fn links(&self, beginning: &str) -> Vec<String> {
        let text = self.text();
        let hrefs = text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        hrefs.filter(|href| href.starts_with(beginning)).map(|href| href.replace("&#38;", "&")).collect()
    }
}

pub async fn send(router: Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

pub struct Laptop {
    pub device: String,
    pub page_url: String,
    pub epoch: String,
    pub signing: SigningKey,
    pub sealing: SecretKey,
    pub nonces: Mutex<u32>,
}

pub fn enrol_body(code: &str, seed: u8) -> Vec<u8> {
    let (signing, sealing) = keys(seed);
    let enrol = Enrol {
        code: code.into(),
        device_name: "Maya’s laptop".into(),
        verifying_key: BASE64_STANDARD.encode(signing.verifying_key().to_bytes()),
        sealing_key: BASE64_STANDARD.encode(sealing.public_key().as_bytes()),
    };
    serde_json::to_vec(&enrol).unwrap()
}

fn keys(seed: u8) -> (SigningKey, SecretKey) {
    (SigningKey::from_bytes(&[seed; 32]), SecretKey::from([seed.wrapping_add(100); 32]))
}

impl Laptop {
    pub async fn enrol(world: &World, code: &str, seed: u8) -> Laptop {
        let request = Request::post(paths::ENROL).body(Body::from(enrol_body(code, seed))).unwrap();
        let answer = send(world.relay.router(), request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let Enrolled { device, epoch, page_url } = answer.json();
        let (signing, sealing) = keys(seed);
        Laptop { device, page_url, epoch, signing, sealing, nonces: Mutex::new(0) }
    }

    pub fn request(&self, method: &str, target: &str, body: Vec<u8>, now: Instant) -> Request<Body> {
        let nonce = {
            let mut nonces = self.nonces.lock().unwrap();
            *nonces += 1;
            format!("nonce-{nonces}")
        };
        let params = Params { created_s: now.timestamp(), nonce, key_id: self.device.clone() };
        self.request_with(method, target, body, &params)
    }

    pub fn request_with(&self, method: &str, target: &str, body: Vec<u8>, params: &Params) -> Request<Body> {
        let signed = signing::sign(&self.signing, Covered { method, target, body: &body }, params);
        let Headers { content_digest, signature_input, signature } = signed;
        Request::builder()
            .method(method)
            .uri(target)
            .header("content-digest", content_digest)
            .header("signature-input", signature_input)
            .header("signature", signature)
            .body(Body::from(body))
            .unwrap()
    }

    pub async fn send(&self, world: &World, method: &str, target: &str, body: Vec<u8>) -> Answer {
        send(world.relay.router(), self.request(method, target, body, world.now())).await
    }

    pub async fn publish(&self, world: &World, rev: u64, mode: Mode, sheet: Sheet) -> Answer {
        let page = PutPage {
            rev,
            based_on_seq: 0,
            checked_at: world.now(),
            lease_until: world.now() + TimeDelta::hours(4),
            mode,
            sheet,
        };
        self.put(world, &page).await
    }

    pub async fn put(&self, world: &World, page: &PutPage) -> Answer {
        self.send(world, "PUT", paths::PAGE, serde_json::to_vec(page).unwrap()).await
    }

    pub async fn inbox(&self, world: &World, after: u64, wait: u64) -> Inbox {
        let target = format!("{}?after={after}&wait={wait}", paths::INBOX);
        self.send(world, "GET", &target, Vec::new()).await.json()
    }

    pub async fn ack(&self, world: &World, epoch: &str, upto: u64) -> Answer {
        let ack = Ack { epoch: epoch.into(), upto };
        self.send(world, "POST", paths::ACK, serde_json::to_vec(&ack).unwrap()).await
    }

    pub async fn decide(
        &self,
        world: &World,
        entry: &daymark_core::contract::InboxEntry,
        verdict: Verdict,
    ) -> Decided {
        let decision = Decision { booking: entry.booking.clone(), version: entry.version, verdict };
        let body = serde_json::to_vec(&Decisions { decisions: vec![decision] }).unwrap();
        self.send(world, "POST", paths::DECISIONS, body).await.json()
    }

    /// Opens what a visitor wrote.
    pub fn read(&self, kind: &InboxKind) -> Visitor {
        let InboxKind::Booked { sealed, .. } = kind else { panic!("not a booking: {kind:?}") };
        serde_json::from_slice(&seal::by_owner(&self.sealing, sealed).unwrap()).unwrap()
    }
}

pub fn owner() -> OwnerCard {
    OwnerCard {
        name: "Maya Okafor".into(),
        role: "Occupational therapist".into(),
        organisation: "Northcare".into(),
        zone: chrono_tz::America::Toronto,
        phone: "+1 416 555 0142".into(),
    }
}

/// Four weeks of weekdays, an hour each from 9:30 to 15:30 Toronto time with some gone.
pub fn sheet(now: Instant) -> Sheet {
    let mut starts_min = Vec::new();
    for day in 0..28 {
        let date = now.date_naive() + TimeDelta::days(day);
        for (index, time) in ["09:30", "10:00", "10:45", "13:15", "14:00", "15:30"].into_iter().enumerate() {
            let weekday = chrono::Datelike::weekday(&date).num_days_from_monday();
            let gone = weekday >= 5 || (day * 7 + index as i64 * 3) % 5 == 0 || day % 6 == 4;
            let wall = date.and_time(time.parse().unwrap());
            if !gone {
                starts_min
                    .push(daymark_core::time::resolve(wall, chrono_tz::America::Toronto).timestamp() / 60);
            }
        }
    }
    let visit = TypeSheet {
        id: TypeId("home".into()),
        name: "Home assessment".into(),
        description: "We look at your home together: steps, bathroom, and what would make the day easier."
            .into(),
        length_min: 60,
        gap_min: 15,
        notice_min: 120,
        place: Place::AtVisitor,
        cancel_cutoff_min: 24 * 60,
        starts_min,
    };
    let call = TypeSheet {
        id: TypeId("call".into()),
        name: "First call".into(),
        description: String::new(),
        length_min: 20,
        gap_min: 0,
        notice_min: 60,
        place: Place::Phone,
        cancel_cutoff_min: 0,
        ..visit.clone()
    };
    Sheet { owner: owner(), types: vec![visit, call] }
}

pub const ROY: [(&str, &str); 5] = [
    ("name", "A. Roy"),
    ("email", "a.roy@example.org"),
    ("phone", "+1 416 555 0199"),
    ("address", "5 King St W, Toronto"),
    ("note", "Ring twice.\r\nThird floor."),
];

/// The fields of a form as a browser would send them: hidden ones first.
pub fn filled(form: &Answer, typed: &[(&'static str, &'static str)]) -> Vec<(String, String)> {
    let mut fields: Vec<_> = form.hidden().into_iter().collect();
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

pub fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
