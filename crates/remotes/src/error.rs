//! Why a call failed, sorted by what the caller does about it.

use std::error::Error;
use std::time::Duration;

/// The one error of this crate. Each kind has its own reaction, so callers branch on nothing else.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// No answer at all: offline, refused, cut, or timed out. Whether a write took effect is unknown.
    #[error("{service} could not be reached")]
    Unreachable { service: &'static str, source: Box<dyn Error + Send + Sync> },
    /// Asked too often; try again after the given time.
    #[error("{service} asks to slow down")]
    Throttled { service: &'static str, retry_after: Option<Duration> },
    /// A long-lived limit is used up (Google `quotaExceeded`); retrying soon only makes it worse.
    #[error("a usage limit of {service} is used up: {reason}")]
    Quota { service: &'static str, reason: String },
    /// A passing fault on the provider's side. Whether a write took effect is unknown.
    #[error("{service} has a fault of its own (status {status})")]
    Server { service: &'static str, status: u16 },
    /// Too many failures in a row: calls are held back for a while.
    #[error("{service} failed repeatedly; calls wait")]
    Paused { service: &'static str, wait: Duration },
    /// The keyring that holds the account's permission does not answer, or is locked.
    #[error("the keyring cannot be used")]
    Keyring { source: Box<dyn Error + Send + Sync> },
    /// The grant is gone; only the person can renew it.
    #[error("the account must be signed in again: {reason}")]
    SignIn { reason: String },
    /// Nobody came back from the browser in time.
    #[error("the sign-in was not finished in the browser; begin again")]
    GaveUp,
    /// Signed in, but for an hour only: without the refresh token nothing can be read after that.
    #[error(
        "{service} gave no lasting permission; remove Daymark among the account's connected apps and sign in again"
    )]
    NotLasting { service: &'static str },
    /// Signed in, but without a permission that Daymark needs.
    #[error("the permission {scope} was not granted")]
    Scope { scope: String },
    /// Not allowed for this calendar or event, and retrying will not help.
    #[error("not allowed: {reason}")]
    Forbidden { reason: String },
    #[error("not found")]
    NotFound,
    /// The id is taken (also by something deleted: ids stay burnt).
    #[error("the id is taken")]
    Taken,
    /// It changed since it was read: the etag no longer matches.
    #[error("it changed at the provider meanwhile")]
    Changed,
    /// The request itself is wrong; sending it again gives the same answer.
    #[error("refused by {service} as invalid: {reason}")]
    Invalid { service: &'static str, reason: String },
    /// The answer does not have the documented form.
    #[error("{service} sent an answer that makes no sense at {at}: {why}")]
    Malformed { service: &'static str, at: String, why: String },
}

impl RemoteError {
    /// Trying the same call again later may succeed without anybody's help.
    pub fn is_passing(&self) -> bool {
        use RemoteError::{Keyring, Malformed, Paused, Quota, Server, Throttled, Unreachable};
        matches!(
            self,
            Unreachable { .. }
                | Keyring { .. }
                | Throttled { .. }
                | Quota { .. }
                | Server { .. }
                | Paused { .. }
                | Malformed { .. }
        )
    }

    /// Somebody answers there, but not over an encryption that can be trusted.
    pub fn is_unsafe(&self) -> bool {
        matches!(self, RemoteError::Unreachable { source, .. } if is_of_encryption(source.as_ref()))
    }

    /// The write may have taken effect although no answer says so.
    pub fn leaves_outcome_unknown(&self) -> bool {
        use RemoteError::{Malformed, Server, Unreachable};
        matches!(self, Unreachable { .. } | Server { .. } | Malformed { .. })
    }
}

/// An I/O error holds what it wraps beside its chain of sources, not in it.
fn is_of_encryption(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let wrapped = wrapped.is_some_and(|inner| is_of_encryption(inner as &(dyn Error + 'static)));
        if wrapped || error.is::<rustls::Error>() {
            return true;
        }
        next = error.source();
    }
    false
}
