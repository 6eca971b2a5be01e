//! The laptop's side of the owner's API of a relay: enrol once, then signed requests.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use data_encoding::HEXLOWER;
use daymark_core::contract::{
    Ack, Decided, Decision, Decisions, Enrol, Enrolled, Inbox, LONG_POLL_MAX_S, Problem, ProblemCode,
    PutPage, paths,
};
use daymark_core::entropy::{self, Entropy};
use daymark_core::signing::{self, Covered, MAX_SKEW_S, Params};
use ed25519_dalek::SigningKey;
use reqwest::header::{DATE, HeaderName};
use reqwest::{Method, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::RemoteError;
use crate::http::{Answer, Pace, Patience, Request, Service, guard_scheme};

const NAME: &str = "the relay";
/// What an answer to a long poll may take beyond the time that the relay holds it.
const POLL_GRACE: Duration = Duration::from_secs(15);
/// An inbox poll is under way nearly always; a publication and an acknowledgement must not wait behind it.
const AT_ONCE: usize = 4;

/// Why the relay did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error("the enrolment code is wrong, used or expired; ask the relay's admin for a new one")]
    BadCode,
    /// The two clocks differ so much that no signature can hold.
    #[error("this computer's clock differs from the relay's by {} minutes; set it right", by.num_minutes().abs())]
    ClockOff { by: TimeDelta },
    #[error("the relay does not accept this device's signature; enrol it again")]
    BadSignature,
    #[error("this device was revoked at the relay; enrol it again")]
    DeviceRevoked,
    #[error("a newer page is published already")]
    OldRev,
    #[error("the relay was restored from a backup")]
    EpochChanged,
    #[error("the relay refused the request: {message}")]
    Refused { message: String },
    #[error("what was sent is too large for the relay: {message}")]
    TooLarge { message: String },
    #[error("the relay is not available now")]
    Unavailable,
}

/// What the client needs from outside.
#[derive(Clone)]
pub struct Means {
    pub http: reqwest::Client,
    pub pace: Arc<dyn Pace>,
    pub entropy: Arc<dyn Entropy>,
}

/// An enrolled device at its relay.
pub struct RelayClient {
    wire: Wire,
    device: String,
    key: SigningKey,
}

impl RelayClient {
    /// The client of a device that [`RelayClient::enrol`] has named.
    pub fn new(means: Means, base: Url, device: String, key: SigningKey) -> Result<Self, RelayError> {
        Ok(RelayClient { wire: Wire::new(means, base)?, device, key })
    }

    /// Joins a relay with an admin's one-time code.
    pub async fn enrol(means: Means, base: Url, enrol: &Enrol) -> Result<Enrolled, RelayError> {
        let wire = Wire::new(means, base)?;
        let request = Request::new(Method::POST, wire.url(paths::ENROL)?).json(enrol)?;
        wire.ask(request).await
    }

    /// Publishes an offer; [`RelayError::OldRev`] when a newer one stands.
    pub async fn put_page(&self, page: &PutPage) -> Result<(), RelayError> {
        self.tell(Method::PUT, paths::PAGE, page).await.map(drop)
    }

    /// The inbox behind `after`. With `wait_s` the relay holds the request until something arrives.
    pub async fn inbox(&self, after: u64, wait_s: u64) -> Result<Inbox, RelayError> {
        let wait_s = wait_s.min(LONG_POLL_MAX_S);
        let mut url = self.wire.url(paths::INBOX)?;
        url.query_pairs_mut()
            .append_pair("after", &after.to_string())
            .append_pair("wait", &wait_s.to_string());
        let request = self.signed(Method::GET, url, Vec::new())?;
        self.wire.ask(request.limit(Duration::from_secs(wait_s) + POLL_GRACE)).await
    }

    /// Says that everything up to `upto` is durable here.
    pub async fn ack(&self, ack: &Ack) -> Result<(), RelayError> {
        self.tell(Method::POST, paths::ACK, ack).await.map(drop)
    }

    /// Answers bookings; what came too late is ignored, as the returned states show.
    pub async fn decisions(&self, decisions: Vec<Decision>) -> Result<Decided, RelayError> {
        let answer = self.tell(Method::POST, paths::DECISIONS, &Decisions { decisions }).await?;
        Ok(answer.json(NAME)?)
    }

    async fn tell(&self, method: Method, path: &str, body: &impl Serialize) -> Result<Answer, RelayError> {
        let url = self.wire.url(path)?;
        let body = serde_json::to_vec(body)
            .map_err(|why| RemoteError::Invalid { service: NAME, reason: why.to_string() })?;
        self.wire.send(self.signed(method, url, body)?).await
    }

    fn signed(&self, method: Method, url: Url, body: Vec<u8>) -> Result<Request, RelayError> {
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let params = Params {
            created_s: self.wire.service.pace().now().timestamp(),
            nonce: HEXLOWER.encode(&entropy::bytes::<16>(self.wire.entropy.as_ref())),
            key_id: self.device.clone(),
        };
        let covered = Covered { method: method.as_str(), target: &target, body: &body };
        let headers = signing::sign(&self.key, covered, &params);
        let mut request = Request::new(method, url);
        for (name, value) in [
            ("content-digest", &headers.content_digest),
            ("signature-input", &headers.signature_input),
            ("signature", &headers.signature),
        ] {
            request = request.header(HeaderName::from_static(name), value)?;
        }
        Ok(if body.is_empty() { request } else { request.body("application/json", body) })
    }
}

/// The relay's address and the way there.
struct Wire {
    base: Url,
    service: Service,
    entropy: Arc<dyn Entropy>,
}

impl Wire {
    fn new(means: Means, base: Url) -> Result<Self, RelayError> {
        guard_scheme(NAME, &base)?;
        // A repetition would carry a used nonce, so each try is signed anew by whoever calls again.
        let once = Patience { tries: 1, longest_wait: Duration::ZERO };
        let service = Service::new(NAME, means.http, AT_ONCE, means.pace).with_patience(once);
        Ok(Wire { base, service, entropy: means.entropy })
    }

    fn url(&self, path: &str) -> Result<Url, RelayError> {
        let joined = self.base.join(path);
        joined.map_err(|why| RemoteError::Invalid { service: NAME, reason: why.to_string() }.into())
    }

    async fn ask<T: DeserializeOwned>(&self, request: Request) -> Result<T, RelayError> {
        Ok(self.send(request).await?.json(NAME)?)
    }

    async fn send(&self, request: Request) -> Result<Answer, RelayError> {
        let answer = self.service.send(request).await?;
        if answer.status.is_success() { Ok(answer) } else { Err(self.refusal(&answer)) }
    }

    fn refusal(&self, answer: &Answer) -> RelayError {
        let Ok(problem) = answer.json::<Problem>(NAME) else {
            let why =
                format!("status {} without a reason; is this a relay's address?", answer.status.as_u16());
            return RemoteError::Malformed { service: NAME, at: ".".to_owned(), why }.into();
        };
        match problem.code {
            ProblemCode::BadCode => RelayError::BadCode,
            ProblemCode::BadSignature => match self.skew(answer) {
                Some(by) if by.num_seconds().abs() > MAX_SKEW_S => RelayError::ClockOff { by },
                _ => RelayError::BadSignature,
            },
            ProblemCode::DeviceRevoked => RelayError::DeviceRevoked,
            ProblemCode::OldRev => RelayError::OldRev,
            ProblemCode::EpochChanged => RelayError::EpochChanged,
            ProblemCode::BadRequest => RelayError::Refused { message: problem.message },
            ProblemCode::TooLarge => RelayError::TooLarge { message: problem.message },
            ProblemCode::Unavailable => RelayError::Unavailable,
        }
    }

    /// How far this computer's clock is ahead of the relay's, by the answer's date.
    fn skew(&self, answer: &Answer) -> Option<TimeDelta> {
        let text = answer.headers.get(DATE)?.to_str().ok()?;
        let theirs = DateTime::parse_from_rfc2822(text).ok()?;
        Some(self.service.pace().now() - theirs.to_utc())
    }
}

#[cfg(test)]
mod tests;
