//! Sign-ins under way: each runs in the browser, and ends in an account, a refusal, or silence.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use daymark_core::entropy::bytes;
use daymark_remotes::error::RemoteError;
use daymark_remotes::oauth::{Grant, SignIn, StoreError, TokenStore};
use tokio_util::sync::CancellationToken;

use crate::api::accounts::{ConnectState, ProviderKind};
use crate::api::problem::{Problem, ProblemCode};

/// How long a person may take in the browser.
pub const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The attempts of this run; nothing of them outlives it.
#[derive(Default)]
pub struct Attempts {
    known: Mutex<HashMap<String, Attempt>>,
}

struct Attempt {
    state: ConnectState,
    cancel: CancellationToken,
}

impl Attempts {
    pub fn begin(&self, entropy: &dyn daymark_core::entropy::Entropy) -> (String, CancellationToken) {
        let name = data_encoding::HEXLOWER.encode(&bytes::<8>(entropy));
        let cancel = CancellationToken::new();
        let attempt = Attempt { state: ConnectState::Waiting, cancel: cancel.clone() };
        self.known().insert(name.clone(), attempt);
        (name, cancel)
    }

    pub fn end(&self, name: &str, state: ConnectState) {
        if let Some(attempt) = self.known().get_mut(name) {
            attempt.state = state;
        }
    }

    pub fn state(&self, name: &str) -> Option<ConnectState> {
        self.known().get(name).map(|attempt| attempt.state.clone())
    }

    pub fn cancel(&self, name: &str) {
        if let Some(attempt) = self.known().get(name) {
            attempt.cancel.cancel();
        }
    }

    pub fn cancel_all(&self) {
        self.known().values().for_each(|attempt| attempt.cancel.cancel());
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, Attempt>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a new grant in memory until its account is known.
#[derive(Default)]
pub struct Unnamed {
    token: Mutex<Option<String>>,
}

#[async_trait]
impl TokenStore for Unnamed {
    async fn load(&self) -> Result<Option<String>, StoreError> {
        Ok(self.token.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn save(&self, refresh_token: &str) -> Result<(), StoreError> {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(refresh_token.into());
        Ok(())
    }
}

/// Waits for the browser; gives up when cancelled or after [`PATIENCE`] on the engine's clock.
pub async fn finish(
    sign_in: SignIn,
    service: &daymark_remotes::http::Service,
    clock: &dyn crate::ports::Clock,
    cancel: &CancellationToken,
) -> Result<Grant, RemoteError> {
    let give_up = async {
        tokio::select! {
            () = cancel.cancelled() => {}
            () = clock.wait(PATIENCE) => {}
        }
    };
    sign_in.finish(service, give_up).await
}

/// A failed sign-in in the person's words.
pub fn problem(error: &RemoteError, provider: ProviderKind) -> Problem {
    let code = match error {
        RemoteError::Scope { .. } => ProblemCode::MissingScope,
        RemoteError::Unreachable { .. } | RemoteError::Server { .. } | RemoteError::Paused { .. } => {
            ProblemCode::Offline
        }
        RemoteError::NotLasting { .. } => ProblemCode::NoRefreshToken,
        RemoteError::GaveUp => ProblemCode::SignInTimedOut,
        RemoteError::SignIn { .. } => ProblemCode::SignInDenied,
        _ => ProblemCode::ProviderRefused,
    };
    let scope = match error {
        RemoteError::Scope { scope } => scope.clone(),
        _ => String::new(),
    };
    Problem::new(code, format!("{error}"))
        .with("provider", format!("{provider:?}"))
        .with("scope", scope)
        .with("reason", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failed_sign_in_lacks_is_told_by_its_kind_and_not_by_its_words() {
        let code = |error: RemoteError| problem(&error, ProviderKind::Google).code;
        assert_eq!(code(RemoteError::NotLasting { service: "Google" }), ProblemCode::NoRefreshToken);
        assert_eq!(code(RemoteError::GaveUp), ProblemCode::SignInTimedOut);
        let reason = "Google says: there is no lasting permission".to_owned();
        assert_eq!(code(RemoteError::SignIn { reason }), ProblemCode::SignInDenied);
    }
}
