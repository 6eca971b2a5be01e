//! What the engine needs from its host: a clock, randomness, secrets and a browser.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use daymark_core::entropy::Entropy;
use daymark_core::time::Instant;
use url::Url;

use crate::secrets::SecretStore;

/// The only source of time. Loops ask it to wait, so that a test's clock moves them.
#[async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;
    /// Returns when `duration` has passed on this clock.
    async fn wait(&self, duration: Duration);
}

/// Opens a page in the person's own browser.
pub trait Browser: Send + Sync {
    fn open(&self, page: &Url) -> std::io::Result<()>;
}

/// The host's services.
#[derive(Clone)]
pub struct Ports {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub secrets: Arc<dyn SecretStore>,
    pub browser: Arc<dyn Browser>,
}
