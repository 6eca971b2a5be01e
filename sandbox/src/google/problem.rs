//! Errors in Google's exact shape, each with the domain, reason and message the real API sends.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// A refusal of the API.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub status: u16,
    domain: &'static str,
    pub reason: String,
    message: String,
    /// `locationType` and `location`.
    place: Option<(&'static str, &'static str)>,
    /// `details` of the newer error format.
    details: Option<Box<Value>>,
}

impl Problem {
    fn new(status: u16, domain: &'static str, reason: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, domain, reason: reason.to_owned(), message, place: None, details: None }
    }

    fn at(self, kind: &'static str, name: &'static str) -> Self {
        Self { place: Some((kind, name)), ..self }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "global", "invalid", message)
    }

    pub fn invalid_parameter(name: &'static str, message: impl Into<String>) -> Self {
        Self::invalid(message).at("parameter", name)
    }

    pub fn required(message: &str) -> Self {
        Self::new(400, "global", "required", message)
    }

    pub fn bad_request() -> Self {
        Self::new(400, "global", "badRequest", "Bad Request")
    }

    pub fn parse_error() -> Self {
        Self::new(400, "global", "parseError", "Parse Error")
    }

    pub fn invalid_id() -> Self {
        Self::invalid("Invalid resource id value.")
    }

    pub fn time_range_empty() -> Self {
        Self::new(400, "calendar", "timeRangeEmpty", "The specified time range is empty.")
            .at("parameter", "timeMax")
    }

    pub fn event_type_restriction(message: &str) -> Self {
        Self::new(400, "calendar", "eventTypeRestriction", message)
    }

    pub fn login_required() -> Self {
        Self::new(401, "global", "required", "Login Required.").at("header", "Authorization")
    }

    pub fn auth_error() -> Self {
        Self::new(401, "global", "authError", "Invalid Credentials").at("header", "Authorization")
    }

    pub fn insufficient_scopes() -> Self {
        let details = json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
            "metadata": {"service": "calendar-json.googleapis.com"},
        }]);
        let message = "Request had insufficient authentication scopes.";
        Self {
            details: Some(Box::new(details)),
            ..Self::new(403, "global", "insufficientPermissions", message)
        }
    }

    pub fn forbidden() -> Self {
        Self::new(403, "global", "forbidden", "Forbidden")
    }

    pub fn writer_required() -> Self {
        let message = "You need to have writer access to this calendar.";
        Self::new(403, "calendar", "requiredAccessLevel", message)
    }

    pub fn not_the_organizer() -> Self {
        let message = "Shared properties can only be changed by the organizer of the event.";
        Self::new(403, "calendar", "forbiddenForNonOrganizer", message)
    }

    pub fn user_rate_limit() -> Self {
        Self::new(403, "usageLimits", "userRateLimitExceeded", "User Rate Limit Exceeded")
    }

    pub fn not_found() -> Self {
        Self::new(404, "global", "notFound", "Not Found")
    }

    pub fn duplicate() -> Self {
        Self::new(409, "global", "duplicate", "The requested identifier already exists.")
    }

    pub fn deleted() -> Self {
        Self::new(410, "global", "deleted", "Resource has been deleted")
    }

    pub fn full_sync_required() -> Self {
        let message = "Sync token is no longer valid, a full sync is required.";
        Self::new(410, "calendar", "fullSyncRequired", message).at("parameter", "syncToken")
    }

    pub fn updated_min_too_long_ago() -> Self {
        let message = "The requested minimum modification time lies too far in the past.";
        Self::new(410, "calendar", "updatedMinTooLongAgo", message).at("parameter", "updatedMin")
    }

    pub fn precondition() -> Self {
        Self::new(412, "global", "conditionNotMet", "Precondition Failed").at("header", "If-Match")
    }

    pub fn not_with_sync_token(name: &'static str) -> Self {
        Self::invalid_parameter(name, "Sync token cannot be used with the requested parameters.")
    }

    fn body(&self) -> Value {
        let mut first = json!({"domain": self.domain, "reason": self.reason, "message": self.message});
        if let (Some((kind, name)), Some(fields)) = (self.place, first.as_object_mut()) {
            fields.insert("locationType".to_owned(), json!(kind));
            fields.insert("location".to_owned(), json!(name));
        }
        let mut error = json!({"errors": [first], "code": self.status, "message": self.message});
        if let (Some(details), Some(fields)) = (&self.details, error.as_object_mut()) {
            fields.insert("status".to_owned(), json!("PERMISSION_DENIED"));
            fields.insert("details".to_owned(), Value::clone(details));
        }
        json!({"error": error})
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.body())).into_response();
        if self.status == 401 {
            let challenge = HeaderValue::from_static(
                "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
            );
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The body Google sends with this status, by reason where the status has several: for armed faults.
pub fn error_body(status: u16, reason: Option<&str>) -> Value {
    Problem { status, ..known(status, reason) }.body()
}

fn known(status: u16, reason: Option<&str>) -> Problem {
    let usage = |reason: &str, message: &str| Problem::new(status, "usageLimits", reason, message);
    match (status, reason) {
        (_, Some("userRateLimitExceeded")) => Problem::user_rate_limit(),
        (_, Some("quotaExceeded")) => usage("quotaExceeded", "Calendar usage limits exceeded."),
        (_, Some("rateLimitExceeded")) | (403 | 429, None) => {
            usage("rateLimitExceeded", "Rate Limit Exceeded")
        }
        (_, Some("dailyLimitExceeded")) => usage("dailyLimitExceeded", "Daily Limit Exceeded"),
        (_, Some("accessNotConfigured")) => usage(
            "accessNotConfigured",
            "Google Calendar API has not been used in project 1234567890 before or it is disabled.",
        ),
        (_, Some("forbidden")) => Problem::forbidden(),
        (_, Some("insufficientPermissions")) => Problem::insufficient_scopes(),
        (_, Some("requiredAccessLevel")) => Problem::writer_required(),
        (_, Some("forbiddenForNonOrganizer")) => Problem::not_the_organizer(),
        (401, _) => Problem::auth_error(),
        (404, _) => Problem::not_found(),
        (409, Some("conflict")) => Problem::new(409, "global", "conflict", "Conflict"),
        (409, _) => Problem::duplicate(),
        (410, Some("deleted")) => Problem::deleted(),
        (410, Some("updatedMinTooLongAgo")) => Problem::updated_min_too_long_ago(),
        (410, _) => Problem::full_sync_required(),
        (412, _) => Problem::precondition(),
        (500.., reason) => Problem::new(status, "global", reason.unwrap_or("backendError"), "Backend Error"),
        (_, Some(reason)) => Problem::new(status, "global", reason, "Bad Request"),
        _ => Problem::bad_request(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_googles_shape() {
        let body = error_body(403, Some("rateLimitExceeded"));
        assert_eq!(
            body,
            json!({"error": {
                "errors": [{"domain": "usageLimits", "reason": "rateLimitExceeded", "message": "Rate Limit Exceeded"}],
                "code": 403,
                "message": "Rate Limit Exceeded",
            }})
        );
        assert_eq!(error_body(412, None)["error"]["errors"][0]["location"], "If-Match");
        assert_eq!(error_body(429, None)["error"]["code"], 429);
    }
}
