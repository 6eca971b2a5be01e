//! Google's refusals. The status alone says little: a 403 can mean "slower", "never" or "sign in".

use reqwest::header::WWW_AUTHENTICATE;
use serde_json::Value;

use super::SERVICE;
use crate::error::{ClientFailure, RemoteError};
use crate::http::{Answer, Class, usual_class};

/// A refusal in the form that all of Google's body formats are brought to.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub reason: String,
    /// The parameter that is at fault.
    pub location: String,
    message: String,
    /// From the `WWW-Authenticate` header.
    scope: Option<String>,
}

/// Whether the service should try again, by reason.
pub fn class(answer: &Answer) -> Class {
    match answer.status.as_u16() {
        403 if Refusal::read(answer).is_rate_limit() => Class::Throttled,
        403 | 429 if Refusal::read(answer).is_quota() => Class::UsedUp,
        _ => usual_class(answer),
    }
}

/// The answer itself when it is a success, else why it is not.
pub fn accepted(answer: Answer) -> Result<Answer, Refusal> {
    if answer.status.is_success() { Ok(answer) } else { Err(Refusal::read(&answer)) }
}

impl Refusal {
    /// Reads the three formats in use: `error.errors[]`, `error.details[]`, and OAuth's bare `error`.
    pub fn read(answer: &Answer) -> Refusal {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let first = body.pointer("/error/errors/0").unwrap_or(&Value::Null);
        let detail = body.pointer("/error/details").and_then(Value::as_array).into_iter().flatten();
        let reasons = [
            first.get("reason"),
            detail.filter_map(|detail| detail.get("reason")).next(),
            body.pointer("/error/status"),
            body.get("error"),
        ];
        let texts = reasons.into_iter().flatten().filter_map(Value::as_str);
        Refusal {
            status: answer.status.as_u16(),
            reason: texts.map(str::to_owned).next().unwrap_or_default(),
            location: first.get("location").and_then(Value::as_str).unwrap_or_default().to_owned(),
            message: body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default().to_owned(),
            scope: missing_scope(answer),
        }
    }

    fn is_rate_limit(&self) -> bool {
        matches!(&*self.reason, "rateLimitExceeded" | "userRateLimitExceeded" | "RATE_LIMIT_EXCEEDED")
    }

    fn is_quota(&self) -> bool {
        matches!(&*self.reason, "quotaExceeded" | "dailyLimitExceeded" | "QUOTA_EXCEEDED")
    }

    fn is_missing_scope(&self) -> bool {
        matches!(&*self.reason, "insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    }

    /// Nobody enabled the API in the project of the client id; no waiting cures it.
    fn is_api_off(&self) -> bool {
        matches!(&*self.reason, "accessNotConfigured" | "SERVICE_DISABLED")
    }

    /// The token that a read stands on is no longer good. `updatedMinTooLongAgo` is a 410 too,
    /// but a new token would not cure it.
    pub fn is_expired_token(&self) -> bool {
        let of_token = matches!(&*self.location, "syncToken" | "pageToken");
        match self.status {
            410 => self.reason != "updatedMinTooLongAgo",
            400 => of_token,
            _ => false,
        }
    }

    /// A deleted event answers 410, one that never was (or that cannot be seen) 404.
    pub fn is_gone(&self) -> bool {
        matches!(self.status, 404 | 410)
    }
}

impl From<Refusal> for RemoteError {
    fn from(refusal: Refusal) -> RemoteError {
        match refusal.status {
            403 if refusal.is_missing_scope() => {
                let scope = refusal.scope.unwrap_or_else(|| "Google Calendar".into());
                RemoteError::Scope { scope }
            }
            403 | 429 if refusal.is_quota() => {
                RemoteError::Quota { service: SERVICE, reason: refusal.reason }
            }
            403 if refusal.is_rate_limit() => RemoteError::Throttled { service: SERVICE, retry_after: None },
            403 if refusal.is_api_off() => ClientFailure::ApiOff { service: SERVICE }.into(),
            403 => RemoteError::Forbidden { reason: refusal.in_words() },
            404 | 410 => RemoteError::NotFound,
            409 if refusal.reason == "duplicate" => RemoteError::Taken,
            412 => RemoteError::Changed,
            300..=399 => RemoteError::Elsewhere { service: SERVICE, status: refusal.status },
            // `conflict` on a single call is Google's own race; 408 passes as well.
            408 | 409 => RemoteError::Server { service: SERVICE, status: refusal.status },
            429 => RemoteError::Throttled { service: SERVICE, retry_after: None },
            500..=599 => RemoteError::Server { service: SERVICE, status: refusal.status },
            _ => RemoteError::Invalid { service: SERVICE, reason: refusal.in_words() },
        }
    }
}

impl Refusal {
    fn in_words(&self) -> String {
        let message: String = self.message.chars().take(200).collect();
        match (self.reason.is_empty(), message.is_empty()) {
            (true, true) => format!("status {}", self.status),
            (true, false) => message,
            (false, true) => self.reason.clone(),
            (false, false) if self.adds_nothing(&message) => message,
            (false, false) => format!("{}: {message}", self.reason),
        }
    }

    /// The reason repeats the message (`forbidden`, "Forbidden"), or is what every refusal of its status says.
    fn adds_nothing(&self, message: &str) -> bool {
        let bare =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        matches!(&*self.reason, "invalid" | "badRequest" | "INVALID_ARGUMENT")
            || bare(&self.reason) == bare(message)
    }
}

/// `Bearer error="insufficient_scope", scope="…"` (RFC 6750 §3).
fn missing_scope(answer: &Answer) -> Option<String> {
    let challenge = answer.headers.get(WWW_AUTHENTICATE)?.to_str().ok()?;
    let (_, rest) = challenge.split_once("scope=\"")?;
    let (scopes, _) = rest.split_once('"')?;
    scopes.split(' ').next().filter(|scope| !scope.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), body: body.into() }
    }

    fn classic(status: u16, reason: &str, location: &str) -> Answer {
        let error = json!({"domain": "global", "reason": reason, "message": "Words.",
                           "locationType": "parameter", "location": location});
        answer(status, json!({"error": {"errors": [error], "code": status, "message": "Words."}}).to_string())
    }

    fn error_of(answer: Answer) -> RemoteError {
        accepted(answer).unwrap_err().into()
    }

    #[test]
    fn a_403_is_sorted_by_its_reason() {
        for reason in ["rateLimitExceeded", "userRateLimitExceeded"] {
            assert_eq!(class(&classic(403, reason, "")), Class::Throttled);
        }
        assert_eq!(class(&classic(403, "quotaExceeded", "")), Class::UsedUp);
        assert!(matches!(error_of(classic(403, "quotaExceeded", "")), RemoteError::Quota { .. }));
        for reason in ["forbidden", "requiredAccessLevel", "forbiddenForNonOrganizer"] {
            assert!(matches!(error_of(classic(403, reason, "")), RemoteError::Forbidden { .. }), "{reason}");
        }
    }

    #[test]
    fn a_429_waits_unless_a_quota_is_used_up() {
        assert_eq!(class(&classic(429, "rateLimitExceeded", "")), Class::Throttled);
        assert_eq!(class(&classic(429, "quotaExceeded", "")), Class::UsedUp);
        assert!(matches!(error_of(classic(429, "quotaExceeded", "")), RemoteError::Quota { .. }));
    }

    #[test]
    fn a_missing_scope_is_known_in_the_old_and_the_new_format() {
        let new = json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "details": [
            {"@type": "type.googleapis.com/google.rpc.Help"},
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}});
        let mut with_header = answer(403, new.to_string());
        let challenge = r#"Bearer realm="x", error="insufficient_scope", scope="https://a https://b""#;
        with_header.headers.insert(WWW_AUTHENTICATE, challenge.parse().unwrap());
        assert!(matches!(error_of(with_header), RemoteError::Scope { scope } if scope == "https://a"));
        let old = classic(403, "insufficientPermissions", "");
        assert!(matches!(error_of(old), RemoteError::Scope { .. }));
    }

    #[test]
    fn an_api_that_nobody_enabled_is_a_matter_of_the_registration_and_does_not_pass() {
        let new = json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]}});
        for off in [classic(403, "accessNotConfigured", ""), answer(403, new.to_string())] {
            let off = error_of(off);
            assert!(matches!(off, RemoteError::Client(ClientFailure::ApiOff { .. })), "{off:?}");
            assert!(
                !off.is_passing() && off.to_string().contains("enables the Google Calendar API"),
                "{off}"
            );
        }
    }

    #[test]
    fn a_redirect_is_no_fault_of_googles_and_passes() {
        let away = error_of(answer(307, "<a href=\"https://hotel.example/\">"));
        assert!(away.is_passing() && away.leaves_outcome_unknown());
        assert!(away.to_string().contains("elsewhere") && !away.to_string().contains("fault"), "{away}");
    }

    #[test]
    fn only_a_dead_token_begins_anew() {
        assert!(Refusal::read(&classic(410, "fullSyncRequired", "syncToken")).is_expired_token());
        assert!(Refusal::read(&classic(400, "invalid", "pageToken")).is_expired_token());
        assert!(!Refusal::read(&classic(410, "updatedMinTooLongAgo", "updatedMin")).is_expired_token());
        assert!(!Refusal::read(&classic(400, "timeRangeEmpty", "timeMax")).is_expired_token());
    }

    #[test]
    fn ids_etags_and_absence_have_errors_of_their_own() {
        assert!(matches!(error_of(classic(409, "duplicate", "")), RemoteError::Taken));
        assert!(matches!(error_of(classic(412, "conditionNotMet", "If-Match")), RemoteError::Changed));
        assert!(matches!(error_of(classic(404, "notFound", "")), RemoteError::NotFound));
        assert!(matches!(error_of(classic(410, "deleted", "")), RemoteError::NotFound));
        assert!(matches!(error_of(classic(409, "conflict", "")), RemoteError::Server { .. }));
    }

    #[test]
    fn a_body_that_is_no_json_is_judged_by_its_status() {
        assert!(matches!(error_of(answer(502, "<html>Bad gateway")), RemoteError::Server { .. }));
        let refused = error_of(answer(400, "<html>"));
        assert!(matches!(refused, RemoteError::Invalid { reason, .. } if reason == "status 400"));
        let bare = error_of(answer(403, r#"{"error":"access_denied"}"#));
        assert!(matches!(bare, RemoteError::Forbidden { reason } if reason == "access_denied"));
    }

    #[test]
    fn a_refusal_says_nothing_twice() {
        let said = |reason, message| {
            let body = json!({"error": {"errors": [{"reason": reason}], "message": message}});
            Refusal::read(&answer(403, body.to_string())).in_words()
        };
        assert_eq!(said("forbidden", "Forbidden"), "Forbidden");
        assert_eq!(said("invalid", "Bad Request"), "Bad Request");
        assert_eq!(said("forbiddenForNonOrganizer", "Not yours"), "forbiddenForNonOrganizer: Not yours");
    }
}
