//! What a server's refusal means: the precondition it names counts for more than its number.

use bytes::Bytes;

use super::SERVICE;
use super::xml::{self, Element, Space};
use crate::error::{RemoteError, SignInFailure};
use crate::http::{Answer, Class, usual_class};

#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    condition: Option<Element>,
}

/// 501 and 507 are answers, not passing faults: asking again changes nothing.
pub fn class(answer: &Answer) -> Class {
    match answer.status.as_u16() {
        501 | 505 | 507 => Class::Final,
        _ => usual_class(answer),
    }
}

pub fn accepted(answer: Answer) -> Result<Answer, Refusal> {
    if answer.status.is_success() {
        Ok(answer)
    } else {
        Err(Refusal::read(answer.status.as_u16(), &answer.body))
    }
}

impl Refusal {
    fn read(status: u16, body: &Bytes) -> Self {
        Refusal { status, condition: xml::condition(body) }
    }

    fn names(&self, space: Space, condition: &str) -> bool {
        self.condition.as_ref().is_some_and(|named| named.is(space, condition))
    }

    /// Radicale says it with 403, Xandikos with 412, others with 409 or 410.
    pub fn is_expired_token(&self) -> bool {
        self.names(Space::Dav, "valid-sync-token") || self.status == 410
    }

    pub fn is_gone(&self) -> bool {
        matches!(self.status, 404 | 410)
    }

    /// The UID is taken by another resource, which the refusal may name.
    pub fn is_uid_conflict(&self) -> bool {
        self.names(Space::CalDav, "no-uid-conflict")
    }

    pub fn conflicting(&self) -> Option<&str> {
        self.condition.as_ref().filter(|_| self.is_uid_conflict())?.href()
    }

    /// The server does not know the report.
    pub fn is_unsupported(&self) -> bool {
        self.names(Space::Dav, "supported-report")
            || matches!(self.status, 400 | 405 | 415 | 422 | 501)
            || (self.status == 403 && self.condition.is_none())
    }

    fn in_words(&self) -> String {
        match &self.condition {
            Some(condition) => format!("status {}, {}", self.status, condition.name),
            None => format!("status {}", self.status),
        }
    }
}

impl From<Refusal> for RemoteError {
    fn from(refusal: Refusal) -> RemoteError {
        let reason = refusal.in_words();
        match refusal.status {
            401 => SignInFailure::Lapsed { reason: "the server does not accept the password".into() }.into(),
            _ if refusal.is_uid_conflict() => RemoteError::Taken,
            _ if refusal.names(Space::Dav, "quota-not-exceeded") => {
                RemoteError::Quota { service: SERVICE, reason }
            }
            507 => RemoteError::Quota { service: SERVICE, reason },
            _ if is_about_content(&refusal) => RemoteError::Invalid { service: SERVICE, reason },
            403 | 405 => RemoteError::Forbidden { reason },
            404 | 410 => RemoteError::NotFound,
            412 => RemoteError::Changed,
            300..=399 => RemoteError::Elsewhere { service: SERVICE, status: refusal.status },
            // Locked, or too early: it passes.
            408 | 423 | 425 => RemoteError::Server { service: SERVICE, status: refusal.status },
            429 => RemoteError::Throttled { service: SERVICE, retry_after: None },
            501 | 505 => RemoteError::Invalid { service: SERVICE, reason },
            500..=599 => RemoteError::Server { service: SERVICE, status: refusal.status },
            _ => RemoteError::Invalid { service: SERVICE, reason },
        }
    }
}

/// The event itself is what the server does not take, under whichever number.
fn is_about_content(refusal: &Refusal) -> bool {
    const CONTENT: [&str; 8] = [
        "valid-calendar-data",
        "valid-calendar-object-resource",
        "supported-calendar-data",
        "supported-calendar-component",
        "max-resource-size",
        "min-date-time",
        "max-date-time",
        "max-instances",
    ];
    CONTENT.iter().any(|condition| refusal.names(Space::CalDav, condition))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, condition: &str) -> RemoteError {
        let body = format!(
            "<d:error xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><{condition}/></d:error>"
        );
        Refusal::read(status, &Bytes::from(body)).into()
    }

    fn bare(status: u16) -> RemoteError {
        Refusal::read(status, &Bytes::new()).into()
    }

    #[test]
    fn a_403_means_what_its_condition_says() {
        assert!(matches!(error(403, "d:need-privileges"), RemoteError::Forbidden { .. }));
        assert!(matches!(error(403, "c:no-uid-conflict"), RemoteError::Taken));
        assert!(matches!(error(403, "d:quota-not-exceeded"), RemoteError::Quota { .. }));
        assert!(matches!(error(403, "c:max-resource-size"), RemoteError::Invalid { .. }));
        assert!(matches!(bare(403), RemoteError::Forbidden { .. }));
    }

    #[test]
    fn a_412_is_a_change_unless_it_says_otherwise() {
        assert!(matches!(bare(412), RemoteError::Changed));
        assert!(matches!(error(412, "c:no-uid-conflict"), RemoteError::Taken));
        assert!(matches!(error(412, "c:valid-calendar-data"), RemoteError::Invalid { .. }));
    }

    #[test]
    fn a_full_server_is_a_quota_and_a_wrong_password_a_sign_in() {
        assert!(matches!(bare(507), RemoteError::Quota { .. }));
        assert!(matches!(bare(401), RemoteError::SignIn { .. }));
        assert!(matches!(bare(423), RemoteError::Server { .. }));
        assert!(bare(302).is_passing(), "a network that wants a sign-in takes no edit away");
    }

    #[test]
    fn both_ways_to_call_a_token_dead_are_understood() {
        let body = || Bytes::from_static(b"<error xmlns=\"DAV:\"><valid-sync-token/></error>");
        assert!(Refusal::read(403, &body()).is_expired_token());
        assert!(Refusal::read(412, &body()).is_expired_token());
        assert!(!Refusal::read(403, &Bytes::new()).is_expired_token());
    }
}
