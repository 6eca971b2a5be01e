//! What a form sends. Anything else that arrives at a form's address is refused before it is judged.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;

use crate::pages::answer::{Result, Trouble};
use crate::pages::visitor::{Asked, Visitor};

const FORM: &str = "application/x-www-form-urlencoded";
/// The longest form within its fields' limits, every letter escaped, is a quarter of this.
const BODY_MAX_BYTES: usize = 128 * 1024;
/// A browser that is answered while it still sends shows no page, only that the connection broke.
const HEARD_OUT_MAX_BYTES: usize = 8 * 1024 * 1024;

/// A posted body, and what it is said to be.
pub struct Sent {
    is_form: bool,
    /// `None` when it is too large, or never came whole.
    body: Option<Vec<u8>>,
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

    async fn from_request(request: Request, _: &S) -> std::result::Result<Self, Self::Rejection> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = kind.is_some_and(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM))
        });
        Ok(Sent { is_form, body: heard_out(request.into_body()).await })
    }
}

async fn heard_out(mut body: Body) -> Option<Vec<u8>> {
    let (mut kept, mut heard_bytes) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        heard_bytes += data.len();
        if heard_bytes > HEARD_OUT_MAX_BYTES {
            return None;
        }
        if heard_bytes <= BODY_MAX_BYTES {
            kept.extend_from_slice(&data);
        }
    }
    (heard_bytes <= BODY_MAX_BYTES).then_some(kept)
}

impl Sent {
    /// The form's values, in the language that it speaks; `sign` is a field that each such form carries.
    pub fn read(self, visitor: &mut Visitor, sign: &str, back: impl FnOnce() -> Back) -> Result<Asked> {
        let Some(body) = self.body else {
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
