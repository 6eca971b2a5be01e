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
    /// The same, said by a sign-in's page or token endpoint in a word of its own.
    #[error("{service} has a fault of its own and says {said}")]
    Unwell { service: &'static str, said: &'static str },
    /// A redirect, which a call with a token never follows; more often made by a network than by a provider.
    #[error(
        "{service} sent Daymark elsewhere (status {status}), and Daymark does not follow: \
         a network that wants a sign-in of its own, or a proxy, may be on the way"
    )]
    Elsewhere { service: &'static str, status: u16 },
    /// Too many failures in a row: calls are held back for a while.
    #[error("{service} failed repeatedly; calls wait")]
    Paused { service: &'static str, wait: Duration },
    /// It asked to be left alone, or a limit of it is used up: nothing is asked of it before that is over.
    #[error("{service} asked to be left alone; Daymark goes on in {} min", minutes(*wait))]
    Resting { service: &'static str, wait: Duration },
    /// The keyring that holds the account's permission does not answer, or is locked.
    #[error("the keyring cannot be used")]
    Keyring { source: Box<dyn Error + Send + Sync> },
    /// There is no permission to call with; only the person, or an administrator, can help.
    #[error(transparent)]
    SignIn(#[from] SignInFailure),
    /// Daymark itself is not registered there as it must be; signing in again would change nothing.
    #[error(transparent)]
    Client(#[from] ClientFailure),
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
    #[error("{service} sent an answer that was cut off or is not understood (“{at}: {why}”)")]
    Malformed { service: &'static str, at: String, why: String },
}

/// Begun minutes count.
pub fn minutes(wait: Duration) -> u64 {
    wait.as_secs().div_ceil(60)
}

/// Why a sign-in came to nothing, or holds no longer. Each has its own remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInFailure {
    /// The person said no on the consent page.
    #[error("the permission was not given; sign in again and allow it")]
    Denied,
    /// Only an administrator of the organisation may let Daymark in.
    #[error(
        "an administrator of the organisation must allow Daymark at {service} first; its client id is {client}"
    )]
    ByPolicy { service: &'static str, client: String },
    /// The provider takes the system's browser and no page inside another app.
    #[error("{service} allows a sign-in only in a browser of its own; open the link there")]
    EmbeddedBrowser { service: &'static str },
    /// Answers came back, and none of them to this sign-in (RFC 6749 §10.12).
    #[error("the browser's answer belonged to another sign-in; begin again from Daymark")]
    StrangeState,
    /// The token endpoint did not take the code that the browser brought: it is too old, or was used.
    #[error("{service} did not accept its own answer, which may be too old; begin again")]
    RefusedCode { service: &'static str },
    /// Signed in, but for an hour only: without the refresh token nothing can be read after that.
    #[error(
        "{service} gave no lasting permission; remove Daymark among the account's connected apps and sign in again"
    )]
    NotLasting { service: &'static str },
    /// Nobody came back from the browser in time.
    #[error("the sign-in was not finished in the browser; begin again")]
    TookTooLong,
    /// A refusal without a remedy of its own. `said` is the provider's code, where it sent one that is one.
    #[error("{service} refused the sign-in{}", said.as_ref().map(|said| format!(": {said}")).unwrap_or_default())]
    Refused { service: &'static str, said: Option<String> },
    /// What was once given is no longer accepted, or no longer there.
    #[error("the account must be signed in again: {reason}")]
    Lapsed { reason: String },
}

/// What is wrong with Daymark's own registration at a provider. The remedy lies in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientFailure {
    #[error(
        "no client id is set for {service}: put `client` under [{section}] in config.toml; \
         the README says under “Connect real accounts” where it comes from"
    )]
    Missing { service: &'static str, section: &'static str },
    #[error(
        "{service} does not accept the client id {client} or its secret ({code}): \
         correct `client` under [{section}] in config.toml"
    )]
    Refused { service: &'static str, section: &'static str, client: String, code: String },
    /// What is called must be enabled for the project of the client id, once, by whoever registered it.
    #[error(
        "the {service} API is not switched on for the project that Daymark's client id belongs to: an admin opens \
         that project in the provider's console, enables the {service} API, and waits a few minutes"
    )]
    ApiOff { service: &'static str },
}

impl RemoteError {
    /// Trying the same call again later may succeed without anybody's help.
    pub fn is_passing(&self) -> bool {
        use RemoteError::{
            Elsewhere, Keyring, Malformed, Paused, Quota, Resting, Server, Throttled, Unreachable, Unwell,
        };
        matches!(
            self,
            Unreachable { .. }
                | Keyring { .. }
                | Throttled { .. }
                | Quota { .. }
                | Server { .. }
                | Unwell { .. }
                | Elsewhere { .. }
                | Paused { .. }
                | Resting { .. }
                | Malformed { .. }
        )
    }

    /// Somebody answers there, but not over an encryption that can be trusted.
    pub fn is_unsafe(&self) -> bool {
        matches!(self, RemoteError::Unreachable { source, .. } if is_of_encryption(source.as_ref()))
    }

    /// The write may have taken effect although no answer says so.
    pub fn leaves_outcome_unknown(&self) -> bool {
        use RemoteError::{Elsewhere, Malformed, Server, Unreachable};
        matches!(self, Unreachable { .. } | Server { .. } | Elsewhere { .. } | Malformed { .. })
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
