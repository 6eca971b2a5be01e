//! Time as an argument: the server asks its [`Clock`], so that tests can move it.

use daymark_core::time::Instant;

/// Where the relay reads the time. The program passes the system's, tests their own.
pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;
}
