//! What the tray shows, ready to be drawn.

use crate::api::health::HealthState;
use crate::words::TrayWords;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayView {
    pub state: HealthState,
    pub tooltip: String,
    /// The next visit in a line.
    pub next: String,
    pub paused: bool,
    pub words: TrayWords,
}
