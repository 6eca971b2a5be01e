//! Pages as answers: the good ones, and the designed ones for everything that goes wrong.

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::app::App;
use crate::pages::frame::Frame;
use crate::pages::sent::Back;
use crate::pages::visitor::{Visitor, link};
use crate::store::StoreError;

/// How long browsers may keep a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Asked again each time: free times change.
    Checked,
    /// Never written anywhere: it holds what a visitor typed.
    Never,
}

/// Why a visitor gets another page than the one asked for.
#[derive(Debug)]
pub enum Trouble {
    Lost,
    /// Unknown, expired and revoked links are not told apart.
    LostLink,
    LostType {
        slug: String,
    },
    SentBefore {
        manage: String,
    },
    TooLarge {
        back: Back,
    },
    Method,
    /// What arrived at a form's address is none of our forms.
    NotOurs {
        status: StatusCode,
        back: Back,
    },
    Busy,
    /// It took too long to know what came of it.
    Unsure,
    Store(StoreError),
    Broken(String),
}

impl Trouble {
    /// Whether the same address, asked again, says the same: it can then be read in another language.
    fn has_address(&self) -> bool {
        matches!(self, Trouble::Lost | Trouble::LostLink | Trouble::LostType { .. })
    }
}

pub type Result<T> = std::result::Result<T, Trouble>;

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Store(error)
    }
}

impl From<askama::Error> for Trouble {
    fn from(error: askama::Error) -> Self {
        Trouble::Broken(error.to_string())
    }
}

pub fn html(status: StatusCode, keep: Keep, page: impl Into<Bytes>) -> Response {
    let keep = match keep {
        Keep::Checked => "no-cache",
        Keep::Never => "no-store",
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    (status, headers, page.into()).into_response()
}

/// The answer, or the page that says what is wrong. Faults of ours are logged here and nowhere else.
pub fn settle(app: &App, visitor: &Visitor, result: Result<Response>) -> Response {
    result.unwrap_or_else(|trouble| {
        match &trouble {
            Trouble::Store(error) => tracing::error!(%error, "a page failed in the store"),
            Trouble::Broken(error) => tracing::error!(%error, "a page could not be made"),
            _ => {}
        }
        problem(app, visitor, &trouble)
    })
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    f: Frame,
    heading: &'static str,
    lead: &'static str,
    action: Option<(&'static str, String)>,
}

fn problem(app: &App, visitor: &Visitor, trouble: &Trouble) -> Response {
    let w = visitor.locale.words();
    let lang = visitor.lang.map_or("", |lang| lang.code());
    let (status, heading, lead) = match trouble {
        Trouble::Lost => (StatusCode::NOT_FOUND, w.lost_title, w.lost_lead),
        Trouble::LostLink => (StatusCode::NOT_FOUND, w.lost_link_title, w.lost_link_lead),
        Trouble::LostType { .. } => (StatusCode::NOT_FOUND, w.lost_type_title, w.lost_type_lead),
        Trouble::SentBefore { .. } => (StatusCode::CONFLICT, w.sent_before_title, w.sent_before_lead),
        Trouble::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, w.too_large_title, w.too_large_lead),
        Trouble::Method => (StatusCode::METHOD_NOT_ALLOWED, w.method_title, w.method_lead),
        Trouble::NotOurs { status, .. } => (*status, w.not_ours_title, w.not_ours_lead),
        Trouble::Busy => (StatusCode::SERVICE_UNAVAILABLE, w.busy_title, w.busy_lead),
        Trouble::Unsure => (StatusCode::GATEWAY_TIMEOUT, w.unsure_title, w.unsure_lead),
        Trouble::Store(_) | Trouble::Broken(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, w.broken_title, w.broken_lead)
        }
    };
    let action = match trouble {
        Trouble::LostType { slug }
        | Trouble::NotOurs { back: Back::Page(slug), .. }
        | Trouble::TooLarge { back: Back::Page(slug) } => {
            Some((w.to_page, link(&format!("/{slug}"), &[("lang", lang)])))
        }
        Trouble::SentBefore { manage }
        | Trouble::NotOurs { back: Back::Booking(manage), .. }
        | Trouble::TooLarge { back: Back::Booking(manage) } => {
            Some((w.see_booking, link(manage, &[("lang", lang)])))
        }
        _ => None,
    };
    let f = Frame::new(app, visitor, heading.to_owned());
    let f = if trouble.has_address() { f.with_own_languages(visitor) } else { f.without_languages() };
    match (ProblemPage { f, heading, lead, action }).render() {
        Ok(page) => html(status, Keep::Never, page),
        Err(error) => {
            tracing::error!(%error, "the page for a problem could not be made");
            status.into_response()
        }
    }
}
