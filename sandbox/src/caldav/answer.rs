//! Multistatus bodies and errors, in the server's own prefixes.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

const SPACES: &str = "xmlns=\"DAV:\" xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\" \
                      xmlns:A=\"http://apple.com/ns/ical/\" xmlns:CS=\"http://calendarserver.org/ns/\"";

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

pub fn multistatus(content: &str) -> Response {
    let body =
        format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><multistatus {SPACES}>{content}</multistatus>");
    (StatusCode::MULTI_STATUS, [(header::CONTENT_TYPE, "text/xml; charset=utf-8")], body).into_response()
}

/// Properties that were found at an address.
pub fn found(href: &str, properties: &str) -> String {
    format!(
        "<response><href>{}</href><propstat><prop>{properties}</prop><status>HTTP/1.1 200 OK</status></propstat></response>",
        escaped(href)
    )
}

pub fn status(href: &str, status: &str) -> String {
    format!("<response><href>{}</href><status>HTTP/1.1 {status}</status></response>", escaped(href))
}

/// A refusal with the precondition that it names.
pub fn refused(status: u16, condition: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = format!("<?xml version=\"1.0\"?><error {SPACES}>{condition}</error>");
    (status, [(header::CONTENT_TYPE, "text/xml; charset=utf-8")], body).into_response()
}

/// Every stretch of an answer that an element of this local name encloses.
pub fn elements<'a>(body: &'a str, name: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once(&format!("{name}>")) {
        let opens = before.rsplit_once('<').is_some_and(|(_, tag)| !tag.contains(['>', '/']));
        match after.split_once("</").filter(|_| opens) {
            Some((content, further)) => {
                found.push(content);
                rest = further;
            }
            None => rest = after,
        }
    }
    found
}
