//! What every request handler is handed: the store, the clock, randomness, and how the site is called.

use std::sync::Arc;

use daymark_core::entropy::Entropy;
use daymark_core::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::assets::Assets;
use crate::clock::Clock;
use crate::offers::{Offers, Stamped};
use crate::pages_cache::PagesCache;
use crate::store::{Result, Store};

pub struct App {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub public_url: Url,
    pub organisation: String,
    pub assets: Assets,
    pub offers: Offers,
    pub rendered: PagesCache,
    /// Cancelled when the server stops, so that waiting laptops are let go at once.
    pub stopping: CancellationToken,
}

impl App {
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub async fn offer(&self, slug: &str, now: Instant) -> Result<Option<Arc<Stamped>>> {
        self.offers.get(&*self.store, slug, now).await
    }

    /// An address that a visitor or a laptop can open.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}
