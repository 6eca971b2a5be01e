//! The one window: made, raised, and hidden instead of closed while the tray can bring it back.

use std::path::PathBuf;

use tauri::{AppHandle, CloseRequestApi, Manager as _, WebviewWindowBuilder, Window};

use super::tray;

const MAIN: &str = "main";

/// How the window is shown at first.
pub struct Shown {
    /// Only in the tray, until somebody asks for the window.
    pub hidden: bool,
    pub data: PathBuf,
}

/// Makes the window, unless the app was started for the tray alone.
pub fn start(app: &AppHandle) {
    if !app.state::<Shown>().hidden {
        show(app);
    }
}

/// Nobody could reach an app that has neither window nor tray.
pub fn without_tray(app: &AppHandle) {
    if app.get_webview_window(MAIN).is_none() {
        show(app);
    }
}

/// Brings the window up, and makes it first where it was not needed before.
pub fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return make(app).unwrap_or_else(|error| {
            tracing::error!(%error, "the window could not be made");
            app.exit(1);
        });
    };
    for shown in [window.show(), window.unminimize(), window.set_focus()] {
        if let Err(error) = shown {
            tracing::warn!(%error, "the window could not be brought up");
        }
    }
}

fn make(app: &AppHandle) -> tauri::Result<()> {
    let Some(config) = app.config().app.windows.first() else { return Ok(()) };
    // WebKit's own files stay with the rest, so that removing the folder removes all.
    let storage = app.state::<Shown>().data.join("webview");
    WebviewWindowBuilder::from_config(app, config)?.data_directory(storage).build().map(drop)
}

/// Hides the window at once, and ends the app where no tray shows it any more.
pub fn close_requested(window: &Window, request: &CloseRequestApi) {
    request.prevent_close();
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window could not be hidden");
    }
    let app = window.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        if !tray::is_shown(&app).await {
            app.exit(0);
        }
    });
}
