//! The engine while it is being opened. The window is up before it, and its calls wait here.

use std::sync::Arc;
use std::time::Duration;

use daymark_engine::Engine;
use tokio::sync::watch;

/// How long the end may take; what is not at rest by then is repeated at the next start.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

pub struct Opening {
    engine: watch::Sender<Option<Arc<Engine>>>,
}

impl Default for Opening {
    fn default() -> Self {
        Opening { engine: watch::channel(None).0 }
    }
}

impl Opening {
    pub fn done(&self, engine: Arc<Engine>) {
        self.engine.send_replace(Some(engine));
    }

    /// The engine, as soon as there is one. When opening fails the process ends, and its waiters with it.
    pub async fn engine(&self) -> Option<Arc<Engine>> {
        let mut engine = self.engine.subscribe();
        let opened = engine.wait_for(Option::is_some).await.ok()?;
        opened.clone()
    }

    /// Stops the engine, if it was opened.
    pub fn stop(&self) {
        let Some(engine) = self.engine.borrow().clone() else { return };
        tauri::async_runtime::block_on(async move {
            if tokio::time::timeout(STOP_PATIENCE, engine.stop()).await.is_err() {
                tracing::warn!("the engine did not come to rest in time");
            }
        });
    }
}
