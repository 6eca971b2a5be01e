//! Sign-ins under way: each runs in the browser, and ends in an account, a refusal, or silence.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use daymark_core::entropy::bytes;
use daymark_remotes::error::{RemoteError, SignInFailure};
use daymark_remotes::oauth::{Answer, SignIn, StoreError, Tab, TokenStore};
use tokio_util::sync::CancellationToken;

use crate::api::accounts::{ConnectState, ProviderKind};
use crate::api::problem::{Problem, ProblemCode};
use crate::ports::Clock;
use crate::problems;

/// How long a person may take in the browser.
pub const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// How long the browser's tab waits to be told how it ended.
pub const TAB_PATIENCE: Duration = Duration::from_secs(20);

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
        let attempt = Attempt { state: ConnectState::Waiting { strange: false }, cancel: cancel.clone() };
        self.known().insert(name.clone(), attempt);
        (name, cancel)
    }

    pub fn end(&self, name: &str, state: ConnectState) {
        if let Some(attempt) = self.known().get_mut(name) {
            attempt.state = state;
        }
    }

    /// An answer to another sign-in came back, and was turned away.
    pub fn met_stranger(&self, name: &str) {
        self.end(name, ConnectState::Waiting { strange: true });
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
pub async fn answer(
    sign_in: SignIn,
    clock: &dyn Clock,
    cancel: &CancellationToken,
    on_stranger: &(dyn Fn() + Sync),
) -> Result<(Answer, Tab), RemoteError> {
    let give_up = async {
        tokio::select! {
            () = cancel.cancelled() => {}
            () = clock.wait(PATIENCE) => {}
        }
    };
    sign_in.answer(give_up, on_stranger).await
}

/// A failed sign-in in the person's words.
pub fn problem(error: &RemoteError, provider: ProviderKind) -> Problem {
    let made = match error {
        RemoteError::SignIn(failure) => of_sign_in(failure),
        RemoteError::Client(failure) => problems::client(failure),
        RemoteError::Scope { scope } => plain(ProblemCode::MissingScope, error).with("scope", scope),
        RemoteError::Keyring { .. } => plain(ProblemCode::NoKeyring, error),
        RemoteError::Unreachable { .. } | RemoteError::Paused { .. } => plain(ProblemCode::Offline, error),
        RemoteError::Elsewhere { .. } => plain(ProblemCode::SentElsewhere, error),
        RemoteError::Server { .. }
        | RemoteError::Unwell { .. }
        | RemoteError::Throttled { .. }
        | RemoteError::Quota { .. }
        | RemoteError::Resting { .. } => plain(ProblemCode::ProviderFailing, error),
        RemoteError::Malformed { .. } => plain(ProblemCode::SignInMalformed, error),
        _ => plain(ProblemCode::ProviderRefused, error),
    };
    made.with("provider", format!("{provider:?}")).with("reason", error.to_string())
}

fn of_sign_in(failure: &SignInFailure) -> Problem {
    let code = match failure {
        SignInFailure::Denied => ProblemCode::SignInDenied,
        SignInFailure::ByPolicy { .. } => ProblemCode::SignInByPolicy,
        SignInFailure::EmbeddedBrowser { .. } => ProblemCode::SignInEmbedded,
        SignInFailure::StrangeState => ProblemCode::SignInStrange,
        SignInFailure::RefusedCode { .. } => ProblemCode::SignInCodeRefused,
        SignInFailure::NotLasting { .. } => ProblemCode::NoRefreshToken,
        SignInFailure::TookTooLong => ProblemCode::SignInTimedOut,
        SignInFailure::Refused { .. } | SignInFailure::Lapsed { .. } => ProblemCode::SignInRefused,
    };
    let problem = plain(code, failure);
    match failure {
        SignInFailure::ByPolicy { client, .. } => problem.with("client", client),
        SignInFailure::Refused { said: Some(said), .. } => problem.with("said", format!("({said})")),
        _ => problem,
    }
}

fn plain(code: ProblemCode, error: &dyn std::error::Error) -> Problem {
    Problem::new(code, error.to_string())
}

#[cfg(test)]
mod tests {
    use daymark_remotes::error::ClientFailure;

    use super::*;

    const SERVICE: &str = "Google";

    #[test]
    fn each_way_to_fail_has_words_of_its_own() {
        let said = || Some("login_required".to_owned());
        let cases = [
            (SignInFailure::Denied, ProblemCode::SignInDenied),
            (SignInFailure::ByPolicy { service: SERVICE, client: "app".into() }, ProblemCode::SignInByPolicy),
            (SignInFailure::EmbeddedBrowser { service: SERVICE }, ProblemCode::SignInEmbedded),
            (SignInFailure::StrangeState, ProblemCode::SignInStrange),
            (SignInFailure::RefusedCode { service: SERVICE }, ProblemCode::SignInCodeRefused),
            (SignInFailure::NotLasting { service: SERVICE }, ProblemCode::NoRefreshToken),
            (SignInFailure::TookTooLong, ProblemCode::SignInTimedOut),
            (SignInFailure::Refused { service: SERVICE, said: said() }, ProblemCode::SignInRefused),
        ];
        for (failure, code) in cases {
            let problem = problem(&failure.clone().into(), ProviderKind::Google);
            assert_eq!((problem.code, problem.params["provider"].as_str()), (code, SERVICE));
            assert_eq!(problem.message, failure.to_string());
        }
    }

    #[test]
    fn a_policy_names_the_client_and_a_plain_refusal_its_word() {
        let policy = SignInFailure::ByPolicy { service: SERVICE, client: "app".into() }.into();
        assert_eq!(problem(&policy, ProviderKind::Google).params["client"], "app");
        let refused = SignInFailure::Refused { service: SERVICE, said: Some("login_required".into()) };
        assert_eq!(problem(&refused.into(), ProviderKind::Google).params["said"], "(login_required)");
        let silent = SignInFailure::Refused { service: SERVICE, said: None };
        assert!(!problem(&silent.into(), ProviderKind::Google).params.contains_key("said"));
    }

    #[test]
    fn a_client_that_is_missing_or_refused_is_told_with_its_setting() {
        let missing = ClientFailure::Missing { service: SERVICE, section: "google" };
        let told = problem(&missing.into(), ProviderKind::Google);
        assert_eq!((told.code, told.params["section"].as_str()), (ProblemCode::NoClientId, "google"));
    }
}
