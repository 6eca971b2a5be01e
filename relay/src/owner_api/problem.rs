//! The owner API's one kind of refusal, and how it travels.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use daymark_core::contract::{Problem, ProblemCode};
use serde::de::DeserializeOwned;

use crate::store::StoreError;

/// Answers with the contract's [`Problem`].
#[derive(Debug)]
pub struct Refused(Problem);

pub type Result<T> = std::result::Result<T, Refused>;

impl Refused {
    pub fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Refused(Problem { code, message: message.into() })
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Refused::new(ProblemCode::BadRequest, message)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the owner's request failed in the store");
        Refused::new(ProblemCode::Unavailable, "the relay's database does not answer; try again in a minute")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.0.code {
            ProblemCode::BadSignature => StatusCode::UNAUTHORIZED,
            ProblemCode::BadCode | ProblemCode::DeviceRevoked => StatusCode::FORBIDDEN,
            ProblemCode::OldRev | ProblemCode::EpochChanged => StatusCode::CONFLICT,
            ProblemCode::BadRequest => StatusCode::BAD_REQUEST,
            ProblemCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ProblemCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, Json(self.0)).into_response()
    }
}

/// Reads a JSON body of the contract.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|error| Refused::bad_request(format!("the body is not right: {error}")))
}
