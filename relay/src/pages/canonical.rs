//! The one spelling of a page's address: phones begin a word with a capital, and people end an address with a slash.

use axum::extract::Request;
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Leads a reader to the spelling that is served. Forms are sent to what our own pages name, and stay.
pub async fn lead(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match reads.then(|| canonical(request.uri())).flatten() {
        Some(address) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, address)]).into_response(),
        None => next.run(request).await,
    }
}

/// `None` for an address that is as it should be, or no person's page. A part of letters, digits and hyphens
/// cannot lead away from here.
fn canonical(uri: &Uri) -> Option<String> {
    let trimmed = uri.path().trim_end_matches('/');
    let mut parts = trimmed.strip_prefix('/')?.split('/');
    let (slug, below, more) = (parts.next()?, parts.next(), parts.next());
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if more.is_some() || !plain(slug) || !below.is_none_or(plain) {
        return None;
    }
    // A booking's link is a secret that tells capitals from small letters.
    let path = if slug.eq_ignore_ascii_case("m") { trimmed.to_owned() } else { trimmed.to_ascii_lowercase() };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    (path != uri.path()).then(|| path + &query)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led(address: &str) -> Option<String> {
        canonical(&address.parse().unwrap())
    }

    #[test]
    fn an_address_is_led_to_small_letters_without_a_last_slash_and_keeps_its_query() {
        for (typed, served) in [
            ("/MAYA", "/maya"),
            ("/maya/", "/maya"),
            ("/Maya-Okafor//?tz=Asia/Kolkata", "/maya-okafor?tz=Asia/Kolkata"),
            ("/Maya/Book?type=Call", "/maya/book?type=Call"),
            ("/m/aBc/", "/m/aBc"),
        ] {
            assert_eq!(led(typed).as_deref(), Some(served));
        }
    }

    #[test]
    fn an_address_that_is_right_or_strange_is_not_led_on() {
        for address in [
            "/",
            "/maya",
            "/maya?day=A",
            "/m/aBc",
            "/m/aBc/cancel",
            "/M/aBc",
            "//evil.example/",
            "/\\evil.example/",
            "/%0A/",
        ] {
            assert_eq!(led(address), None, "{address}");
        }
    }
}
