//! The one way out: every HTTP call of Daymark is checked, bounded, retried and paused here.

mod answer;
mod client;
mod request;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use daymark_core::time::Instant;
use reqwest::Url;
use tokio::sync::Semaphore;

pub use self::answer::{Answer, Class, unquoted, usual_class};
pub use self::client::client;
pub use self::request::{Request, guard_scheme, is_this_machine};
use crate::breaker::{Admission, Breaker, Held, Spared};
use crate::error::RemoteError;

/// A service that asks to slow down without saying for how long: quotas are counted by the minute.
const USUAL_REST: Duration = Duration::from_secs(60);
/// A quota that is used up comes back after hours; asking sooner only keeps it empty.
const LONG_REST: Duration = Duration::from_secs(60 * 60);

/// Time and dice, from outside: remotes never sleeps or draws on its own.
#[async_trait]
pub trait Pace: Send + Sync {
    async fn wait(&self, time: Duration);
    /// Between 0 and 1.
    fn jitter(&self) -> f64;
    fn now(&self) -> Instant;
}

/// How much trouble a call takes upon itself before the caller hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    pub tries: u32,
    /// A longer wait is left to the caller, who has other work to do meanwhile.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { tries: 4, longest_wait: Duration::from_secs(20) }
    }
}

/// One account's way to one service.
pub struct Service {
    name: &'static str,
    client: reqwest::Client,
    at_once: Semaphore,
    breaker: Breaker,
    pace: Arc<dyn Pace>,
    patience: Patience,
    class: fn(&Answer) -> Class,
    /// The one origin beyond this machine that may be spoken to in plain http.
    plain: Option<url::Origin>,
}

impl Service {
    /// `at_once` bounds the calls under way (Graph allows four for a mailbox).
    pub fn new(name: &'static str, client: reqwest::Client, at_once: usize, pace: Arc<dyn Pace>) -> Self {
        Service {
            name,
            client,
            at_once: Semaphore::new(at_once),
            breaker: Breaker::default(),
            pace,
            patience: Patience::default(),
            class: usual_class,
            plain: None,
        }
    }

    /// For services that hide their reasons in the body.
    pub fn classed_by(mut self, class: fn(&Answer) -> Class) -> Self {
        self.class = class;
        self
    }

    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// The person agreed that this server is spoken to readably.
    pub fn plain_http_to(mut self, server: &Url) -> Self {
        self.plain = Some(server.origin());
        self
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn pace(&self) -> &Arc<dyn Pace> {
        &self.pace
    }

    /// Forgets past failures: the network has just come back, or somebody pressed "sync now". A rest
    /// that the service asked for is kept.
    pub fn hurry(&self) {
        self.breaker.succeeded();
    }

    /// Sends until there is a final answer or the patience is used up.
    pub async fn send(&self, request: Request) -> Result<Answer, RemoteError> {
        if self.plain.as_ref() != Some(&request.url().origin()) {
            guard_scheme(self.name, request.url())?;
        }
        let admission = self.breaker.admit(self.pace.now(), request.writes());
        let tries = match admission.map_err(|held| self.held(held))? {
            Admission::Usual => self.patience.tries,
            Admission::Probe => 1,
        };
        let outcome = self.send_patiently(&request, tries).await;
        if let Err(RemoteError::Throttled { retry_after, .. }) = &outcome {
            self.breaker.rest(self.pace.now(), retry_after.unwrap_or(USUAL_REST), Spared::Calls);
        }
        outcome
    }

    async fn send_patiently(&self, request: &Request, tries: u32) -> Result<Answer, RemoteError> {
        let mut left = self.patience.longest_wait;
        let mut tried = 0;
        let mut maybe_done = false;
        loop {
            let answered =
                self.send_once(request).await.and_then(|answer| match self.failure(request, &answer) {
                    None => Ok(answer),
                    Some(failure) => Err(failure),
                });
            let failure = match answered {
                Ok(answer) => {
                    self.breaker.succeeded();
                    return match refuses_only_itself(&answer) && maybe_done && request.writes() {
                        true => Err(self.unsure(refusal(self.name, &answer))),
                        false => Ok(answer),
                    };
                }
                Err(failure) => failure,
            };
            tried += 1;
            let is_down = self.note(&failure);
            maybe_done |= failure.leaves_outcome_unknown();
            let wait = self.wait_before_next(&failure, request.repeatable, tried);
            match wait.filter(|wait| *wait <= left && tried < tries && !is_down) {
                None if maybe_done && request.writes() => return Err(self.unsure(failure)),
                None => return Err(failure),
                Some(wait) => {
                    tracing::debug!(service = self.name, %failure, ?wait, tried, "a call is tried again");
                    left -= wait;
                    self.pace.wait(wait).await;
                }
            }
        }
    }

    /// True when the service is held to be down, so that nothing more is sent to it now.
    fn note(&self, failure: &RemoteError) -> bool {
        match failure {
            RemoteError::Unreachable { .. } | RemoteError::Server { .. } => {
                self.breaker.failed(self.pace.now())
            }
            _ => {
                self.breaker.succeeded();
                false
            }
        }
    }

    fn held(&self, held: Held) -> RemoteError {
        match held {
            Held::Down(wait) => RemoteError::Paused { service: self.name, wait },
            Held::Resting(wait) => RemoteError::Resting { service: self.name, wait },
        }
    }

    fn failure(&self, request: &Request, answer: &Answer) -> Option<RemoteError> {
        match (self.class)(answer) {
            Class::Final => None,
            Class::UsedUp => {
                let rest = answer.retry_after(self.pace.now()).unwrap_or_default().max(LONG_REST);
                let spared = if request.writes() { Spared::Writes } else { Spared::Calls };
                self.breaker.rest(self.pace.now(), rest, spared);
                None
            }
            Class::Throttled => Some(RemoteError::Throttled {
                service: self.name,
                retry_after: answer.retry_after(self.pace.now()),
            }),
            Class::Fault => Some(RemoteError::Server { service: self.name, status: answer.status.as_u16() }),
        }
    }

    /// Exponential back-off with jitter; never earlier than the service asked for.
    fn wait_before_next(&self, failure: &RemoteError, repeatable: bool, tried: u32) -> Option<Duration> {
        let asked = match failure {
            RemoteError::Throttled { retry_after, .. } => retry_after.unwrap_or_default(),
            RemoteError::Unreachable { .. } | RemoteError::Server { .. } if repeatable => Duration::ZERO,
            _ => return None,
        };
        let doubled = Duration::from_millis(500) * 2_u32.saturating_pow(tried.saturating_sub(1).min(16));
        let spread = doubled.mul_f64(0.5 + self.pace.jitter().clamp(0.0, 1.0) / 2.0);
        Some(asked + spread)
    }

    async fn send_once(&self, request: &Request) -> Result<Answer, RemoteError> {
        let _slot = self.at_once.acquire().await.map_err(|why| self.unreachable(why))?;
        // `without_url`: an address can carry a token or a calendar's id, and errors are logged.
        let mut response =
            request.on(&self.client).send().await.map_err(|why| self.unreachable(why.without_url()))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|why| self.unreachable(why.without_url()))? {
            if body.len() + chunk.len() > request.largest_bytes {
                let most = request.largest_bytes / 1_000_000;
                return Err(invalid(self.name, format!("the answer is larger than {most} MB")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: response.status(), headers: response.headers().clone(), body: body.into() })
    }

    /// An earlier try of this write may have been carried out, whatever the last one was told.
    fn unsure(&self, failure: RemoteError) -> RemoteError {
        if failure.leaves_outcome_unknown() { failure } else { self.unreachable(failure) }
    }

    fn unreachable(&self, source: impl std::error::Error + Send + Sync + 'static) -> RemoteError {
        RemoteError::Unreachable { service: self.name, source: Box::new(source) }
    }
}

/// A refusal that says nothing of an earlier try: what is gone, taken or changed may be so because of it, and the
/// caller knows how to find that out.
fn refuses_only_itself(answer: &Answer) -> bool {
    answer.status.is_client_error() && !matches!(answer.status.as_u16(), 401 | 404 | 408 | 409 | 410 | 412)
}

fn refusal(service: &'static str, answer: &Answer) -> RemoteError {
    invalid(service, format!("status {}", answer.status.as_u16()))
}

fn invalid(service: &'static str, reason: String) -> RemoteError {
    RemoteError::Invalid { service, reason }
}

#[cfg(test)]
mod tests {
    use reqwest::Method;

    use super::*;
    use crate::testing::{Script, StillPace};

    fn service(pace: &Arc<StillPace>) -> Service {
        Service::new("Testing", client().unwrap(), 4, pace.clone())
    }

    #[tokio::test]
    async fn a_throttled_write_waits_as_long_as_asked_and_is_sent_again() {
        let script = Script::play(["429 Slow\r\nretry-after: 7", "200 OK"]).await;
        let pace = StillPace::new();
        let write = Request::new(Method::POST, script.url("x")).json(&1).unwrap();
        assert_eq!(service(&pace).send(write).await.unwrap().status, 200);
        assert_eq!(pace.waits(), vec![Duration::from_millis(7_375)]);
        assert_eq!(script.heard().len(), 2);
    }

    #[tokio::test]
    async fn a_wait_longer_than_the_patience_is_left_to_the_caller() {
        let script = Script::play(["429 Slow\r\nretry-after: 120"]).await;
        let pace = StillPace::new();
        let failure = service(&pace).send(Request::get(script.url("x"))).await.unwrap_err();
        assert!(
            matches!(failure, RemoteError::Throttled { retry_after: Some(wait), .. } if wait.as_secs() == 120)
        );
        assert_eq!(pace.waits(), vec![]);
    }

    #[tokio::test]
    async fn a_faulty_service_is_asked_again_only_when_that_does_no_harm() {
        let script = Script::play(["500 Oops", "200 OK", "500 Oops"]).await;
        let pace = StillPace::new();
        let service = service(&pace);
        assert_eq!(service.send(Request::get(script.url("x"))).await.unwrap().status, 200);
        let write = Request::new(Method::POST, script.url("x"));
        assert!(matches!(service.send(write).await, Err(RemoteError::Server { status: 500, .. })));
        assert_eq!(script.heard().len(), 3);
    }

    #[tokio::test]
    async fn a_cut_connection_leaves_the_outcome_of_a_write_unknown() {
        let script = Script::play([""]).await;
        let write = Request::new(Method::POST, script.url("x"));
        let failure = service(&StillPace::new()).send(write).await.unwrap_err();
        assert!(failure.leaves_outcome_unknown(), "{failure:?}");
    }

    #[tokio::test]
    async fn a_throttling_after_a_lost_answer_leaves_the_outcome_unknown() {
        let script = Script::play(["", "429 Slow\r\nretry-after: 120"]).await;
        let write = Request::new(Method::PUT, script.url("x"));
        let failure = service(&StillPace::new()).send(write).await.unwrap_err();
        assert!(failure.leaves_outcome_unknown(), "{failure:?}");
        let script = Script::play(["", "429 Slow\r\nretry-after: 120"]).await;
        let failure = service(&StillPace::new()).send(Request::get(script.url("x"))).await.unwrap_err();
        assert!(matches!(failure, RemoteError::Throttled { .. }), "reading changes nothing: {failure:?}");
    }

    #[tokio::test]
    async fn a_refusal_after_a_lost_answer_leaves_the_outcome_unknown() {
        for refusal in ["400 Bad", "403 Forbidden", "422 No"] {
            let script = Script::play(["", refusal]).await;
            let write = Request::new(Method::PUT, script.url("x"));
            let failure = service(&StillPace::new()).send(write).await.unwrap_err();
            assert!(failure.leaves_outcome_unknown(), "{failure:?}");
        }
        // These are for the caller, who can find out whether they are about the earlier try.
        for about_it in ["404 Not Found", "409 Conflict", "412 Precondition Failed"] {
            let script = Script::play(["", about_it]).await;
            let write = Request::new(Method::PUT, script.url("x"));
            assert!(service(&StillPace::new()).send(write).await.is_ok());
        }
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let script = Script::play(["302 Found\r\nlocation: /elsewhere"]).await;
        let answer = service(&StillPace::new()).send(Request::get(script.url("x"))).await.unwrap();
        assert_eq!(answer.status, 302);
    }

    #[tokio::test]
    async fn tokens_never_travel_in_plain_http_beyond_this_machine() {
        let service = service(&StillPace::new());
        for address in ["http://example.org/", "ftp://127.0.0.1/", "http://127.0.0.1.example.org/"] {
            let failure = service.send(Request::get(address.parse().unwrap())).await.unwrap_err();
            assert!(matches!(failure, RemoteError::Invalid { .. }), "{address}");
        }
        assert!(guard_scheme("Testing", &"http://[::1]:8/".parse().unwrap()).is_ok());
    }

    #[tokio::test]
    async fn plain_http_goes_only_to_the_server_that_the_person_agreed_to() {
        let agreed: Url = "http://calendar.example.org:1/".parse().unwrap();
        let patience = Patience { tries: 1, ..Patience::default() };
        let service = service(&StillPace::new()).with_patience(patience).plain_http_to(&agreed);
        let other = service.send(Request::get("http://calendar.example.org:2/".parse().unwrap())).await;
        assert!(matches!(other, Err(RemoteError::Invalid { .. })));
        let there = service.send(Request::get(agreed)).await;
        assert!(matches!(there, Err(RemoteError::Unreachable { .. })), "let through, and nobody is there");
    }

    #[tokio::test]
    async fn after_repeated_failures_the_service_is_left_alone_until_hurried() {
        let script = Script::play(["500 Oops"; 5].into_iter().chain(["200 OK"])).await;
        let pace = StillPace::new();
        let service = service(&pace).with_patience(Patience { tries: 1, ..Patience::default() });
        for _ in 0..5 {
            assert!(service.send(Request::get(script.url("x"))).await.is_err());
        }
        let failure = service.send(Request::get(script.url("x"))).await.unwrap_err();
        assert!(matches!(failure, RemoteError::Paused { .. }));
        service.hurry();
        assert!(service.send(Request::get(script.url("x"))).await.is_ok());
    }

    #[tokio::test]
    async fn a_service_that_asked_for_rest_is_left_alone_and_no_hurry_shortens_it() {
        let script = Script::play(["429 Slow\r\nretry-after: 120", "200 OK"]).await;
        let pace = StillPace::new();
        let service = service(&pace);
        assert!(service.send(Request::get(script.url("x"))).await.is_err());
        service.hurry();
        let waiting = service.send(Request::get(script.url("x"))).await.unwrap_err();
        assert!(matches!(waiting, RemoteError::Resting { wait, .. } if wait.as_secs() == 120));
        assert_eq!(script.heard().len(), 1);
        pace.pass(chrono::TimeDelta::seconds(120));
        assert!(service.send(Request::get(script.url("x"))).await.is_ok());
    }

    #[tokio::test]
    async fn a_probe_is_one_request_and_no_more() {
        let script = Script::play(["500 Oops"; 20]).await;
        let pace = StillPace::new();
        let service = service(&pace);
        let _ = service.send(Request::get(script.url("x"))).await;
        let _ = service.send(Request::get(script.url("x"))).await;
        assert_eq!(script.heard().len(), 5, "the fifth failure in a row ends the trying");
        pace.pass(chrono::TimeDelta::seconds(60));
        assert!(service.send(Request::get(script.url("x"))).await.is_err());
        assert!(service.send(Request::get(script.url("x"))).await.is_err());
        assert_eq!(script.heard().len(), 6);
    }

    #[tokio::test]
    async fn an_answer_that_is_too_large_is_refused() {
        let script = Script::play([format!("200 OK\r\n\r\n{}", "x".repeat(100))]).await;
        let request = Request::get(script.url("x")).largest(99);
        let refused = service(&StillPace::new()).send(request).await;
        assert!(matches!(refused, Err(RemoteError::Invalid { .. })));
    }
}
