//! Why a call failed, sorted by what the caller does about it.

use std::time::Duration;

/// The one error of this crate. Each kind has its own reaction, so callers branch on nothing else.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// No answer at all: offline, refused, cut, or timed out. Whether a write took effect is unknown.
    #[error("{service} could not be reached")]
    Unreachable { service: &'static str, source: Box<dyn std::error::Error + Send + Sync> },
    /// What is kept on this computer to sign in with cannot be read or written; the provider was not asked.
    #[error("the sign-in kept on this computer cannot be read or renewed")]
    Secrets { source: Box<dyn std::error::Error + Send + Sync> },
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
    /// The grant is gone; only the person can renew it.
    #[error("the account must be signed in again: {reason}")]
    SignIn { reason: String },
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
        use RemoteError::{Malformed, Paused, Quota, Secrets, Server, Throttled, Unreachable};
        matches!(
            self,
            Unreachable { .. }
                | Secrets { .. }
                | Throttled { .. }
                | Quota { .. }
                | Server { .. }
                | Paused { .. }
                | Malformed { .. }
        )
    }

    /// The write may have taken effect although no answer says so.
    pub fn leaves_outcome_unknown(&self) -> bool {
        use RemoteError::{Malformed, Server, Unreachable};
        matches!(self, Unreachable { .. } | Server { .. } | Malformed { .. })
    }
}
