//! The system's requests to end: each program does what "Quit" does.

#[cfg(unix)]
pub use unix::EndSignals;

#[cfg(unix)]
mod unix {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// Ctrl-C, being told to end, and a terminal that is closed. Heard from the moment it is made.
    pub struct EndSignals {
        interrupt: Signal,
        terminate: Signal,
        hangup: Option<Signal>,
    }

    impl EndSignals {
        pub fn listen() -> io::Result<Self> {
            let heeded = !hangup_is_ignored();
            Ok(EndSignals {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: heeded.then(|| signal(SignalKind::hangup())).transpose()?,
            })
        }

        /// Waits for the first of them.
        pub async fn heard(&mut self) {
            let hangup = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
                _ = hangup => {}
            }
        }
    }

    /// Under `nohup` a program outlives its terminal: listening would undo that. Only Linux tells.
    fn hangup_is_ignored() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        // The lowest bit stands for the first signal, which is the hangup.
        ignored.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).is_some_and(|set| set & 1 == 1)
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
pub struct EndSignals(());

#[cfg(not(unix))]
impl EndSignals {
    pub fn listen() -> std::io::Result<Self> {
        Ok(EndSignals(()))
    }

    /// Waits for it.
    pub async fn heard(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
