//! The real clock, randomness and browser of this machine, for the programs' composition roots.

use std::process::{Command, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use daymark_core::entropy::Entropy;
use daymark_core::time::Instant;
#[expect(clippy::disallowed_types, reason = "this is the randomness that everything else is handed")]
use rand_core::OsRng;
use rand_core::RngCore as _;
use url::Url;

use crate::ports::{Browser, Clock};

/// The machine's clock.
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is handed")]
    fn now(&self) -> Instant {
        chrono::Utc::now()
    }

    async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The operating system's randomness.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place that draws it from the system")]
    fn fill(&self, bytes: &mut [u8]) {
        OsRng.fill_bytes(bytes);
    }
}

/// The system's own way to open a link.
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open(&self, page: &Url) -> std::io::Result<()> {
        let mut command = opener(page);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        // The opener may live as long as the browser; it is only reaped, never waited for here.
        std::thread::Builder::new().name("browser".into()).spawn(move || child.wait())?;
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn opener(page: &Url) -> Command {
    let mut command = Command::new("xdg-open");
    command.arg(page.as_str());
    command
}

#[cfg(target_os = "macos")]
fn opener(page: &Url) -> Command {
    let mut command = Command::new("open");
    command.arg(page.as_str());
    command
}

#[cfg(target_os = "windows")]
fn opener(page: &Url) -> Command {
    let mut command = Command::new("rundll32");
    command.args(["url.dll,FileProtocolHandler", page.as_str()]);
    command
}
