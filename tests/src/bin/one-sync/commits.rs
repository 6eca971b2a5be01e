//! Counts the transactions that the mirror makes durable, and dies just before the one that a test names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Names the commit to die before; the first is 0.
const DIE_BEFORE: &str = "DAYMARK_DIE_BEFORE_COMMIT";

#[derive(Clone)]
pub struct Commits {
    seen: Arc<AtomicU64>,
    last: Option<u64>,
}

impl Commits {
    pub fn from_env() -> anyhow::Result<Commits> {
        let named = std::env::var(DIE_BEFORE).ok();
        let last = named.map(|number| number.parse()).transpose().context(DIE_BEFORE)?;
        Ok(Commits { seen: Arc::default(), last })
    }

    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::SeqCst)
    }
}

/// To be filtered for the traces that tell of commits.
impl<S: Subscriber> Layer<S> for Commits {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        let number = self.seen.fetch_add(1, Ordering::SeqCst);
        if Some(number) == self.last {
            // Like a kill: nothing is unwound, nothing is flushed.
            std::process::abort();
        }
    }
}
