//! What a form sends. Anything else that arrives at a form's address is refused before it is judged.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;

use crate::pages::answer::{Result, Trouble};
use crate::pages::visitor::{Asked, Visitor};

const FORM: &str = "application/x-www-form-urlencoded";

/// A posted body, and what it is said to be.
pub struct Sent {
    is_form: bool,
    body: std::result::Result<Bytes, BytesRejection>,
}

/// Where a visitor goes on from what could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// The person's page.
    Page(String),
    /// A booking's own page.
    Booking(String),
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, state: &S) -> std::result::Result<Self, Self::Rejection> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = kind.is_some_and(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM))
        });
        Ok(Sent { is_form, body: Bytes::from_request(request, state).await })
    }
}

impl Sent {
    /// The form's values, in the language that it speaks; `sign` is a field that each such form carries.
    pub fn read(self, visitor: &mut Visitor, sign: &str, back: impl FnOnce() -> Back) -> Result<Asked> {
        let Ok(body) = self.body else {
            return Err(Trouble::TooLarge { back: back() });
        };
        if !self.is_form {
            return Err(Trouble::NotOurs { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, back: back() });
        }
        let asked = Asked::in_form(&body);
        visitor.speak(asked.get("lang"));
        match asked.get(sign) {
            Some(_) => Ok(asked),
            None => Err(Trouble::NotOurs { status: StatusCode::BAD_REQUEST, back: back() }),
        }
    }
}
