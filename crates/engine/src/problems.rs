//! Errors of the parts below, turned into the problems that a UI shows.

use daymark_core::causes::causes;
use daymark_mirror::MirrorError;
use daymark_remotes::error::{ClientFailure, RemoteError};
use daymark_remotes::relay::RelayError;
use url::{Position, Url};

use crate::api::problem::{Problem, ProblemCode};
use crate::api::settings::SecretsState;
use crate::secrets::SecretError;
use crate::sync::storage;

pub fn mirror(error: MirrorError) -> Problem {
    let code = match &error {
        MirrorError::NotFound(_) => ProblemCode::NotFound,
        MirrorError::ReadOnly => ProblemCode::ReadOnly,
        MirrorError::CannotUndo { .. } => ProblemCode::CannotUndo,
        MirrorError::ChangedSince => ProblemCode::ChangedSince,
        MirrorError::Series(_) | MirrorError::Invited => ProblemCode::SeriesFixed,
        MirrorError::Held => ProblemCode::DatabaseLocked,
        MirrorError::MovedOn => ProblemCode::ConflictMoved,
        MirrorError::NotOffered(_) => ProblemCode::BadRequest,
        other => other.storage().map_or(ProblemCode::Database, storage::problem),
    };
    if error.storage().is_some() || code == ProblemCode::Database {
        tracing::error!(error = causes(&error), "the mirror failed");
    }
    Problem::new(code, causes(&error)).with("reason", causes(&error))
}

pub fn secrets(error: SecretError) -> Problem {
    let code = match error {
        SecretError::AwaitsPassphrase => ProblemCode::SecretsLocked,
        SecretError::WrongPassphrase => ProblemCode::WrongPassphrase,
        SecretError::Decided => ProblemCode::ChangedSince,
        SecretError::File { .. } => ProblemCode::SecretsFile,
        _ => ProblemCode::NoKeyring,
    };
    Problem::new(code, causes(&error)).with("reason", causes(&error))
}

/// Whether a new secret can be kept: asked before somebody gives one.
pub fn keeps_secrets(state: SecretsState) -> Result<(), Problem> {
    match state {
        SecretsState::Missing => Err(Problem::new(
            ProblemCode::NoKeyring,
            "no keyring answers on this machine, so nothing could be kept safely; start a keyring service, or choose \
             in the window where it is kept",
        )),
        SecretsState::Locked => Err(secrets(SecretError::AwaitsPassphrase)),
        SecretsState::Keyring | SecretsState::Passphrase | SecretsState::SessionOnly => Ok(()),
    }
}

pub fn remote(error: &RemoteError) -> Problem {
    let code = match error {
        RemoteError::Client(failure) => return client(failure),
        RemoteError::Unreachable { .. } | RemoteError::Server { .. } | RemoteError::Paused { .. } => {
            ProblemCode::Offline
        }
        RemoteError::Elsewhere { .. } => ProblemCode::SentElsewhere,
        RemoteError::Unwell { .. } | RemoteError::Resting { .. } => ProblemCode::ProviderFailing,
        _ => ProblemCode::ProviderRefused,
    };
    Problem::new(code, causes(error)).with("reason", error.to_string())
}

/// A server that somebody has just named does not answer. The network may be well, so its name is said.
pub fn silent(server: &Url, error: &RemoteError) -> Option<Problem> {
    let named = &server[Position::BeforeHost..Position::AfterPort];
    matches!(error, RemoteError::Unreachable { .. } | RemoteError::Paused { .. }).then(|| {
        Problem::new(ProblemCode::ServerUnreachable, format!("{named} does not answer: {}", causes(error)))
            .with("server", named)
    })
}

/// Daymark's own registration at a provider is missing, or not accepted.
pub fn client(failure: &ClientFailure) -> Problem {
    let problem = |code| Problem::new(code, failure.to_string());
    match failure {
        ClientFailure::Missing { service, section } => {
            problem(ProblemCode::NoClientId).with("service", *service).with("section", *section)
        }
        ClientFailure::Refused { service, section, client, .. } => problem(ProblemCode::ClientRefused)
            .with("service", *service)
            .with("section", *section)
            .with("client", client),
        ClientFailure::ApiOff { service } => problem(ProblemCode::ApiOff).with("service", *service),
    }
}

pub fn relay(error: &RelayError) -> Problem {
    match error {
        RelayError::Remote(error) => remote(error),
        RelayError::BadCode => Problem::new(ProblemCode::BadEnrolCode, error.to_string()),
        RelayError::Unavailable => Problem::new(ProblemCode::Offline, error.to_string()),
        _ => Problem::new(ProblemCode::RelayRefused, error.to_string()).with("reason", error.to_string()),
    }
}

pub fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(error = causes(error), "something that cannot happen happened");
    Problem::new(ProblemCode::Internal, causes(error))
}
