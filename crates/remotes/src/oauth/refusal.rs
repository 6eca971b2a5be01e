//! What a refusal of the token endpoint means for Daymark.

use oauth2::RequestTokenError;
use oauth2::basic::{BasicErrorResponse, BasicErrorResponseType as Kind};

use crate::error::RemoteError;

/// Sorts by the `error` code alone: Microsoft forbids branching on its numbers and descriptions,
/// and descriptions can name the person, so they are not carried into an error either.
pub(super) fn sorted(
    service: &'static str,
    refusal: RequestTokenError<RemoteError, BasicErrorResponse>,
) -> RemoteError {
    match refusal {
        RequestTokenError::Request(failure) => failure,
        RequestTokenError::ServerResponse(answer) => by_code(service, answer.error()),
        // The body holds tokens: only the place of the mistake is passed on.
        RequestTokenError::Parse(error, _) => RemoteError::Malformed {
            service,
            at: format!("token answer: {}", error.path()),
            why: "it is not the answer that RFC 6749 describes".into(),
        },
        RequestTokenError::Other(why) => RemoteError::Malformed { service, at: "token answer".into(), why },
    }
}

fn by_code(service: &'static str, code: &Kind) -> RemoteError {
    let code: &str = code.as_ref();
    match code {
        "temporarily_unavailable" | "server_error" | "internal_failure" => {
            RemoteError::Server { service, status: 503 }
        }
        "rate_limit_exceeded" | "slow_down" => RemoteError::Throttled { service, retry_after: None },
        "invalid_client" | "unauthorized_client" | "deleted_client" | "disabled_client" => {
            RemoteError::Invalid {
                service,
                reason: format!("{code}: the client id or its secret in the settings is not accepted"),
            }
        }
        "invalid_request" | "invalid_scope" | "unsupported_grant_type" => {
            RemoteError::Invalid { service, reason: code.to_owned() }
        }
        // `invalid_grant`, `interaction_required`, `consent_required`, `admin_policy_enforced` and
        // whatever comes next: only the person, or an admin, can help.
        _ => RemoteError::SignIn { reason: in_words(service, code) },
    }
}

pub(super) fn in_words(service: &'static str, code: &str) -> String {
    match code {
        "access_denied" => "the permission was not given".into(),
        "invalid_grant" => format!("{service} no longer accepts the permission that it once gave"),
        "admin_policy_enforced" => format!("an administrator at {service} does not allow this app"),
        "consent_required" => format!("{service} asks for consent again"),
        "interaction_required" | "login_required" => format!("{service} wants to see the person again"),
        // A code is a short word; anything else that arrives here was not written by the provider.
        word if word.len() <= 60 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') => {
            format!("{service} answered {word}")
        }
        _ => format!("{service} refused without a known reason"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(code: &str) -> RemoteError {
        let body = json!({"error": code, "error_description": "AADSTS50173: maya@example.org"});
        let answer = serde_json::from_value(body).unwrap();
        sorted("Microsoft", RequestTokenError::ServerResponse(answer))
    }

    #[test]
    fn only_the_person_can_cure_a_lost_grant() {
        for code in ["invalid_grant", "interaction_required", "consent_required", "something_new"] {
            let why = refused(code);
            assert!(matches!(why, RemoteError::SignIn { .. }), "{code}");
            assert!(!why.to_string().contains("maya"));
        }
    }

    #[test]
    fn a_passing_fault_of_the_identity_service_does_not_ask_for_a_sign_in() {
        assert!(refused("temporarily_unavailable").is_passing());
    }

    #[test]
    fn a_wrong_client_id_is_a_matter_of_the_settings() {
        assert!(refused("invalid_client").to_string().contains("settings"));
    }
}
