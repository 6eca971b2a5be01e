//! Loops that run a step, wait, and stop when they are told to.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::ports::Clock;

/// How long a loop that was told to stop may take for its last step.
const LAST_STEP: Duration = Duration::from_secs(5);

/// Wakes a loop early. Several wake-ups before it looks are one.
#[derive(Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    pub fn ring(&self) {
        self.0.notify_one();
    }

    pub async fn rung(&self) {
        self.0.notified().await;
    }
}

/// A running loop.
pub struct Running {
    name: &'static str,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Runs `step` again and again; it says how long to wait for the next one. The bell cuts the wait
    /// short, never the step: a step ends at a durable point.
    pub fn start<Step, Turn>(name: &'static str, clock: Arc<dyn Clock>, bell: Bell, mut step: Step) -> Running
    where
        Step: FnMut(CancellationToken) -> Turn + Send + 'static,
        Turn: Future<Output = Duration> + Send,
    {
        let stop = CancellationToken::new();
        let told = stop.clone();
        let task = tokio::spawn(async move {
            while !told.is_cancelled() {
                let wait = step(told.clone()).await;
                tokio::select! {
                    () = told.cancelled() => {}
                    () = bell.rung() => {}
                    () = clock.wait(wait) => {}
                }
            }
        });
        Running { name, stop, task }
    }

    /// Runs `step` each time the bell is rung, and never otherwise.
    pub fn at_bell(name: &'static str, bell: Bell, mut step: impl FnMut() + Send + 'static) -> Running {
        let stop = CancellationToken::new();
        let told = stop.clone();
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = told.cancelled() => return,
                    () = bell.rung() => step(),
                }
            }
        });
        Running { name, stop, task }
    }

    /// Tells it to stop, waits for its step, and aborts one that does not come to an end.
    pub async fn stop(self) {
        self.stop.cancel();
        let abort = self.task.abort_handle();
        if tokio::time::timeout(LAST_STEP, self.task).await.is_err() {
            tracing::warn!(name = self.name, "a loop did not stop in time and was aborted");
            abort.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use daymark_core::time::Instant;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::mpsc;

    /// A clock on which no time ever passes.
    struct Still;

    #[async_trait]
    impl Clock for Still {
        fn now(&self) -> Instant {
            Instant::UNIX_EPOCH
        }

        async fn wait(&self, _duration: Duration) {
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn a_bell_starts_the_next_step_and_stop_ends_the_loop() {
        let bell = Bell::default();
        let (report, mut steps) = mpsc::unbounded_channel();
        let running = Running::start("test", Arc::new(Still), bell.clone(), move |_| {
            report.send(()).unwrap();
            async { Duration::from_secs(60) }
        });
        steps.recv().await.unwrap();
        bell.ring();
        steps.recv().await.unwrap();
        running.stop().await;
        assert!(steps.recv().await.is_none(), "the loop is gone and with it the sender");
    }

    #[tokio::test]
    async fn the_loop_at_a_bell_runs_for_a_ring_and_for_nothing_else() {
        let bell = Bell::default();
        let (report, mut steps) = mpsc::unbounded_channel();
        let running = Running::at_bell("test", bell.clone(), move || report.send(()).unwrap());
        for rung in [false, true, false] {
            if rung {
                bell.ring();
                steps.recv().await.unwrap();
            }
            tokio::task::yield_now().await;
            assert!(steps.try_recv().is_err(), "it has no clock, and ran before");
        }
        running.stop().await;
    }

    #[tokio::test]
    async fn a_step_under_way_is_finished_before_the_loop_stops() {
        let done = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&done);
        let (started, mut waits) = mpsc::unbounded_channel();
        let running = Running::start("test", Arc::new(Still), Bell::default(), move |stop| {
            let (counted, started) = (Arc::clone(&counted), started.clone());
            async move {
                started.send(()).unwrap();
                stop.cancelled().await;
                counted.fetch_add(1, Ordering::SeqCst);
                Duration::ZERO
            }
        });
        waits.recv().await.unwrap();
        running.stop().await;
        assert_eq!(done.load(Ordering::SeqCst), 1);
    }
}
