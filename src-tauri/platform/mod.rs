//! What belongs to the desktop: window, tray and notifications.

mod display;
mod notifications;
mod tray;
pub mod window;

use std::sync::Arc;

use daymark_engine::Engine;
use tauri::AppHandle;

pub use display::check_display;
pub use notifications::notify_failure;

/// Puts up the tray and starts to notify, now that there is an engine to show.
pub fn start(app: &AppHandle, engine: &Arc<Engine>) {
    notifications::start(app, engine);
    match tray::start(app, engine) {
        Ok(true) => {}
        Ok(false) => window::without_tray(app),
        Err(error) => {
            tracing::warn!(%error, "there is no tray");
            window::without_tray(app);
        }
    }
}

/// Leaves nothing behind that the desktop was shown.
pub fn end(app: &AppHandle) {
    tray::clear(app);
}
