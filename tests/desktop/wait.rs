//! Waiting for what can be seen, and for no longer than a person would.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_millis(40);

/// Asks until there is an answer. The last error is part of the failure.
pub async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    let mut last = String::from("not yet");
    let mut beat = tokio::time::interval(EVERY);
    let seen = tokio::time::timeout(PATIENCE, async {
        loop {
            beat.tick().await;
            match ask().await {
                Ok(Some(seen)) => return seen,
                Ok(None) => {}
                Err(error) => last = format!("{error:#}"),
            }
        }
    });
    match seen.await {
        Ok(seen) => seen,
        Err(_) => panic!("{what} did not come about within {PATIENCE:?} ({last})"),
    }
}

/// As [`until`], for conditions.
pub async fn until_so<F>(what: &str, mut ask: impl FnMut() -> F)
where
    F: Future<Output = anyhow::Result<bool>>,
{
    until(what, || {
        let asked = ask();
        async move { Ok(asked.await?.then_some(())) }
    })
    .await;
}

/// As [`until`], for conditions that are seen without waiting.
pub async fn until_found<T: Debug>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    until(what, || {
        let seen = look();
        async move { Ok(seen) }
    })
    .await
}
