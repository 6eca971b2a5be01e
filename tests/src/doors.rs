//! Who may talk to the loopback host: a token opens it once, for a session that holds as long as the host runs.

use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use tokio::sync::watch;

/// Makes secrets that nobody can guess.
pub type Mint = Box<dyn Fn() -> String + Send + Sync>;

/// The doors of one host. The address that a person opens stays in terminals and histories, so what it carries is
/// worthless once it was used; what a window keeps instead never stands in an address.
pub struct Doors {
    mint: Mint,
    token: watch::Sender<String>,
    sessions: Mutex<Vec<String>>,
}

impl Doors {
    pub fn new(mint: Mint) -> Doors {
        Doors { token: watch::Sender::new(mint()), mint, sessions: Mutex::default() }
    }

    /// The token that opens next, and each that follows it.
    pub fn tokens(&self) -> watch::Receiver<String> {
        self.token.subscribe()
    }

    /// A session, if the request carries the token that opens next; another takes its place at once.
    pub fn open(&self, headers: &HeaderMap) -> Option<String> {
        let opened = self.token.send_if_modified(|token| {
            let fits = bearer(headers).is_some_and(|given| same(given, token));
            if fits {
                *token = (self.mint)();
            }
            fits
        });
        opened.then(|| {
            let session = (self.mint)();
            self.sessions.lock().unwrap_or_else(PoisonError::into_inner).push(session.clone());
            session
        })
    }

    /// Whether the request belongs to a session.
    pub fn knows(&self, headers: &HeaderMap) -> bool {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        bearer(headers).is_some_and(|given| sessions.iter().any(|session| same(given, session)))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Compared in a time that does not depend on where the two differ.
fn same(given: &str, secret: &str) -> bool {
    let differ = given.bytes().zip(secret.bytes()).fold(0, |sum, (one, other)| sum | (one ^ other));
    given.len() == secret.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::http::HeaderValue;

    use super::*;

    fn doors() -> Doors {
        let made = AtomicU32::new(0);
        Doors::new(Box::new(move || format!("secret {}", made.fetch_add(1, Ordering::Relaxed))))
    }

    fn with(secret: &str) -> HeaderMap {
        let value = HeaderValue::from_str(&format!("Bearer {secret}")).unwrap();
        HeaderMap::from_iter([(header::AUTHORIZATION, value)])
    }

    #[test]
    fn a_token_opens_once_and_its_session_holds() {
        let doors = doors();
        let token = doors.tokens().borrow().clone();
        let session = doors.open(&with(&token)).unwrap();
        assert!(doors.open(&with(&token)).is_none());
        assert!(doors.knows(&with(&session)) && doors.knows(&with(&session)));
    }

    #[test]
    fn the_next_token_is_told_when_the_last_was_used() {
        let doors = doors();
        let mut tokens = doors.tokens();
        let first = tokens.borrow_and_update().clone();
        assert!(doors.open(&with("guessed")).is_none());
        assert!(!tokens.has_changed().unwrap());
        doors.open(&with(&first)).unwrap();
        assert!(tokens.has_changed().unwrap());
        let second = tokens.borrow_and_update().clone();
        assert!(doors.open(&with(&second)).is_some());
    }

    #[test]
    fn a_token_is_no_session_and_a_session_no_token() {
        let doors = doors();
        let token = doors.tokens().borrow().clone();
        assert!(!doors.knows(&with(&token)) && !doors.knows(&HeaderMap::new()));
        let session = doors.open(&with(&token)).unwrap();
        assert!(doors.open(&with(&session)).is_none());
        assert!(!doors.knows(&with(&session[..session.len() - 1])));
    }
}
