//! What a refusal of an authorization server means for Daymark.

use oauth2::RequestTokenError;
use oauth2::basic::{BasicErrorResponse, BasicErrorResponseType as Kind};

use crate::error::{ClientFailure, RemoteError, SignInFailure};

/// Who asked, and whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub service: &'static str,
    pub section: &'static str,
    pub client: &'a str,
}

/// What was under way when the server refused; one word means different things at different times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// The browser came back with it.
    Consent,
    /// A code was to become the first tokens.
    Code,
    /// A permission that once was given was to be renewed.
    Refresh,
}

/// The longest code that a provider sends as `error` is half of this.
const WORD_MAX_BYTES: usize = 60;

/// Numbers that say "ask an administrator". Microsoft wants no client to act on them, so they choose a
/// sentence and nothing else; without them the sentence would be that of a plain refusal.
const OF_ADMIN: [&str; 5] = ["AADSTS65001", "AADSTS90093", "AADSTS90094", "AADSTS900941", "AADSTS90095"];

/// Sorts what a token endpoint answered.
pub(super) fn sorted(
    asked: Asked<'_>,
    moment: Moment,
    refusal: RequestTokenError<RemoteError, BasicErrorResponse>,
) -> RemoteError {
    let service = asked.service;
    match refusal {
        RequestTokenError::Request(failure) => failure,
        RequestTokenError::ServerResponse(answer) => {
            let code: &Kind = answer.error();
            by_code(asked, moment, code.as_ref(), answer.error_description().map(String::as_str))
        }
        // The body holds tokens: only the place of the mistake is passed on.
        RequestTokenError::Parse(error, _) => RemoteError::Malformed {
            service,
            at: format!("token answer: {}", error.path()),
            why: "it is not the answer that RFC 6749 describes".into(),
        },
        RequestTokenError::Other(why) => RemoteError::Malformed { service, at: "token answer".into(), why },
    }
}

/// Sorts by the `error` code. Descriptions can name the person, so they are not carried into an error.
pub(super) fn by_code(
    asked: Asked<'_>,
    moment: Moment,
    code: &str,
    description: Option<&str>,
) -> RemoteError {
    let Asked { service, section, client } = asked;
    match code {
        "temporarily_unavailable" => RemoteError::Unwell { service, said: "temporarily_unavailable" },
        "server_error" => RemoteError::Unwell { service, said: "server_error" },
        "internal_failure" => RemoteError::Unwell { service, said: "internal_failure" },
        "rate_limit_exceeded" | "slow_down" => RemoteError::Throttled { service, retry_after: None },
        "invalid_client" | "unauthorized_client" | "deleted_client" | "disabled_client" => {
            let (client, code) = (client.to_owned(), code.to_owned());
            ClientFailure::Refused { service, section, client, code }.into()
        }
        "invalid_request" | "invalid_scope" | "unsupported_grant_type" if moment == Moment::Refresh => {
            RemoteError::Invalid { service, reason: code.to_owned() }
        }
        // `invalid_grant`, `interaction_required`, `consent_required`, `admin_policy_enforced` and
        // whatever comes next: only the person, or an admin, can help.
        _ => failure(asked, moment, code, description).into(),
    }
}

fn failure(asked: Asked<'_>, moment: Moment, code: &str, description: Option<&str>) -> SignInFailure {
    let Asked { service, client, .. } = asked;
    let by_policy = || SignInFailure::ByPolicy { service, client: client.to_owned() };
    let for_admin = moment != Moment::Refresh && description.is_some_and(names_an_admin);
    match (code, moment) {
        ("admin_policy_enforced" | "org_internal", _) => by_policy(),
        // Asked for anew, the consent page shows whether the person may give it.
        ("consent_required", Moment::Consent | Moment::Code) => by_policy(),
        ("access_denied" | "invalid_grant" | "interaction_required", _) if for_admin => by_policy(),
        ("access_denied", Moment::Consent) => SignInFailure::Denied,
        ("disallowed_useragent", _) => SignInFailure::EmbeddedBrowser { service },
        ("invalid_grant", Moment::Code) => SignInFailure::RefusedCode { service },
        (code, Moment::Refresh) => SignInFailure::Lapsed { reason: lapse(service, code) },
        (code, _) => SignInFailure::Refused { service, said: word(code).map(str::to_owned) },
    }
}

fn names_an_admin(description: &str) -> bool {
    let mut words = description.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| OF_ADMIN.contains(&word))
}

fn lapse(service: &'static str, code: &str) -> String {
    match code {
        "invalid_grant" => format!("{service} no longer accepts the permission that it once gave"),
        "consent_required" => format!("{service} asks for consent again"),
        "interaction_required" | "login_required" => format!("{service} wants to see the person again"),
        code => match word(code) {
            Some(word) => format!("{service} answered {word}"),
            None => format!("{service} refused without a known reason"),
        },
    }
}

/// A code is a short word; anything else was not written by the provider, and is not repeated.
fn word(code: &str) -> Option<&str> {
    let plain = code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    (plain && !code.is_empty() && code.len() <= WORD_MAX_BYTES).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ASKED: Asked<'_> = Asked { service: "Microsoft", section: "microsoft", client: "app" };

    fn refused(moment: Moment, code: &str, description: &str) -> RemoteError {
        let body = json!({"error": code, "error_description": description});
        let answer = serde_json::from_value(body).unwrap();
        sorted(ASKED, moment, RequestTokenError::ServerResponse(answer))
    }

    fn failed(moment: Moment, code: &str, description: &str) -> SignInFailure {
        match refused(moment, code, description) {
            RemoteError::SignIn(failure) => failure,
            other => panic!("{code}: {other:?}"),
        }
    }

    #[test]
    fn only_the_person_can_cure_a_lost_grant() {
        for code in ["invalid_grant", "interaction_required", "consent_required", "something_new"] {
            let why = refused(Moment::Refresh, code, "AADSTS50173: maya@example.org");
            assert!(matches!(why, RemoteError::SignIn(SignInFailure::Lapsed { .. })), "{code}");
            assert!(!why.to_string().contains("maya"));
        }
    }

    #[test]
    fn an_organisations_refusal_names_the_client_that_an_admin_must_allow() {
        let policy = SignInFailure::ByPolicy { service: "Microsoft", client: "app".into() };
        for (code, description) in [
            ("consent_required", "AADSTS65001: The user or administrator has not consented."),
            ("access_denied", "AADSTS90094: Only an administrator can grant this."),
            ("invalid_grant", "AADSTS65001: The user or administrator has not consented."),
            ("admin_policy_enforced", ""),
            ("org_internal", ""),
        ] {
            assert_eq!(failed(Moment::Consent, code, description), policy, "{code}");
            assert_eq!(failed(Moment::Code, code, description), policy, "{code}");
        }
        assert_eq!(failed(Moment::Refresh, "admin_policy_enforced", ""), policy);
        assert!(policy.to_string().contains("administrator") && policy.to_string().contains("app"));
    }

    #[test]
    fn a_no_on_the_consent_page_is_no_matter_for_an_admin() {
        let declined = "AADSTS65004: User declined to consent to access the app.";
        assert_eq!(failed(Moment::Consent, "access_denied", declined), SignInFailure::Denied);
    }

    #[test]
    fn a_code_that_is_not_taken_back_is_told_from_a_permission_that_lapsed() {
        let used = "AADSTS54005: OAuth2 Authorization code was already redeemed.";
        let code = failed(Moment::Code, "invalid_grant", used);
        assert_eq!(code, SignInFailure::RefusedCode { service: "Microsoft" });
        assert_ne!(failed(Moment::Refresh, "invalid_grant", used), code);
    }

    #[test]
    fn garbage_in_the_place_of_a_code_is_neither_repeated_nor_kept() {
        for garbage in ["<b>call 0900</b>", &"x".repeat(20_000), "", "é"] {
            let said = failed(Moment::Consent, garbage, garbage);
            assert_eq!(said, SignInFailure::Refused { service: "Microsoft", said: None });
            let lapsed = failed(Moment::Refresh, garbage, garbage).to_string();
            assert!(lapsed.len() < 200 && !lapsed.contains("0900"), "{lapsed}");
        }
        let known = failed(Moment::Consent, "login_required", "");
        assert_eq!(known.to_string(), "Microsoft refused the sign-in: login_required");
    }

    #[test]
    fn a_passing_fault_of_the_identity_service_does_not_ask_for_a_sign_in() {
        for word in ["temporarily_unavailable", "server_error", "internal_failure"] {
            let fault = refused(Moment::Refresh, word, "");
            assert!(fault.is_passing());
            let said = fault.to_string();
            assert!(said.ends_with(word) && !said.contains("503"), "what was sent is said: {said}");
        }
    }

    #[test]
    fn a_client_that_is_not_accepted_is_a_matter_of_the_settings_and_of_no_sign_in() {
        for code in ["invalid_client", "unauthorized_client"] {
            for moment in [Moment::Consent, Moment::Code, Moment::Refresh] {
                let why = refused(moment, code, "");
                assert!(matches!(why, RemoteError::Client(_)) && !why.is_passing(), "{why:?}");
                assert!(why.to_string().contains("[microsoft] in config.toml"), "{why}");
            }
        }
    }
}
