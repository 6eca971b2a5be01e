//! What the relay does by itself, between requests.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use daymark_core::time::Instant;

use crate::app::App;
use crate::store::{Result, Store};

const CLEAN_EVERY: Duration = Duration::from_secs(60 * 60);
/// How long after its end a visit's data is kept: for reminders, and for questions about it.
const KEPT_DAYS: i64 = 30;

/// Cleans at once and then every hour, until the relay stops.
pub async fn clean(app: Arc<App>) {
    loop {
        if let Err(error) = forget(&*app.store, app.now()).await {
            tracing::error!(%error, "old visitor data could not be removed; trying again in an hour");
        }
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(CLEAN_EVERY) => {}
        }
    }
}

/// One cleaning.
async fn forget(store: &dyn Store, now: Instant) -> Result<()> {
    let gone = store.forget(now - TimeDelta::days(KEPT_DAYS), now).await?;
    if gone.bookings > 0 {
        tracing::info!(bookings = gone.bookings, "removed the visitor data of visits long past");
    }
    Ok(())
}
