//! How the identity platform says no: a page, a redirect with an error, or a JSON body with AADSTS numbers.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::login::redirect;
use crate::consent::{redirect_with, render_error};
use crate::identity::Refusal;

/// A refused token request. Clients are told to branch on `error`, never on the number.
#[derive(Clone, Debug, PartialEq)]
pub struct Lament {
    pub status: u16,
    pub error: &'static str,
    pub suberror: Option<&'static str>,
    pub number: u32,
    pub message: String,
}

impl Lament {
    pub fn new(error: &'static str, number: u32, message: impl Into<String>) -> Self {
        let status = if error == "invalid_client" { 401 } else { 400 };
        Self { status, error, suberror: None, number, message: message.into() }
    }

    pub fn with_suberror(self, suberror: &'static str) -> Self {
        Self { suberror: Some(suberror), ..self }
    }

    pub fn missing(parameter: &str) -> Self {
        Self::new(
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{parameter}'."),
        )
    }
}

impl From<Refusal> for Lament {
    fn from(refusal: Refusal) -> Self {
        let grant = |number, message: &str| Self::new("invalid_grant", number, message);
        match refusal {
            Refusal::ClientUnknown => {
                Self::new("unauthorized_client", 700_016, "Application was not found in the directory.")
            }
            Refusal::SecretWrong => Self::new("invalid_client", 7_000_215, "Invalid client secret provided."),
            Refusal::SecretMissing => Self::new(
                "invalid_client",
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            ),
            Refusal::CodeExpired => grant(
                70_008,
                "The provided authorization code or refresh token has expired due to inactivity.",
            ),
            Refusal::CodeUsed => grant(
                54_005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code.",
            ),
            Refusal::CodeUnknown => {
                grant(70_000, "The provided value for the input parameter 'code' is not valid.")
            }
            Refusal::VerifierWrong => grant(
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            ),
            Refusal::RedirectDiffers => grant(
                500_112,
                "The reply address does not match the reply address provided when requesting Authorization code.",
            ),
            Refusal::RefreshExpired => grant(700_082, "The refresh token has expired due to inactivity."),
            Refusal::RefreshRevoked => grant(
                50_173,
                "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
            ),
            Refusal::RefreshUnknown | Refusal::AccessUnknown | Refusal::AccessExpired => {
                grant(9_002_313, "Invalid request. Request is malformed or invalid.")
            }
        }
    }
}

impl IntoResponse for Lament {
    fn into_response(self) -> Response {
        let trace = "00000000-0000-4000-8000-000000000000";
        let description =
            format!("AADSTS{}: {} Trace ID: {trace} Correlation ID: {trace}", self.number, self.message);
        let mut body = json!({
            "error": self.error,
            "error_description": description,
            "error_codes": [self.number],
            "trace_id": trace,
            "correlation_id": trace,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.number),
        });
        if let (Some(suberror), Some(fields)) = (self.suberror, body.as_object_mut()) {
            fields.insert("suberror".into(), json!(suberror));
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, axum::Json(body)).into_response()
    }
}

/// For faults in the request that must not be sent back to an address nobody vouches for.
pub fn page(code: &str, explanation: &str) -> Box<Response> {
    Box::new((StatusCode::BAD_REQUEST, render_error("Microsoft", code, explanation)).into_response())
}

pub fn redirect_error(redirect_uri: &str, state: &str, error: &str, description: &str) -> Response {
    redirect(redirect_with(
        redirect_uri,
        &[("error", error), ("error_description", description), ("state", state)],
    ))
}
