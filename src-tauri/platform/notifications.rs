//! Native notifications: what the engine wants to be said, said by the desktop.

use std::sync::Arc;

use daymark_engine::Engine;
use daymark_engine::alerts::Alert;
use notify_rust::{Notification, NotificationHandle};
use tauri::AppHandle;
use tokio::sync::broadcast::error::RecvError;

use super::window;

/// The icon that the package installs under this name.
const ICON: &str = "daymark";

/// Shows every alert of the engine for as long as the app runs.
pub fn start(app: &AppHandle, engine: &Arc<Engine>) {
    let mut alerts = engine.alerts();
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            match alerts.recv().await {
                Ok(alert) => show(app.clone(), alert),
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "notifications were skipped"),
                Err(RecvError::Closed) => break,
            }
        }
    });
}

/// The desktop's service answers over D-Bus and a click is waited for, which blocks: a thread of its own.
fn show(app: AppHandle, alert: Alert) {
    let shown = move || {
        let mut notification = notification(&alert.title, &alert.body);
        match notification.action("default", &alert.title).show() {
            Ok(handle) => open_on_click(&app, handle),
            Err(error) => tracing::warn!(%error, "the desktop shows no notifications"),
        }
    };
    if let Err(error) = std::thread::Builder::new().name("notification".into()).spawn(shown) {
        tracing::warn!(%error, "a notification could not be shown");
    }
}

#[cfg(target_os = "linux")]
fn open_on_click(app: &AppHandle, handle: NotificationHandle) {
    handle.wait_for_action(|action| {
        if action == "default" {
            window::show(app);
        }
    });
}

#[cfg(not(target_os = "linux"))]
fn open_on_click(_app: &AppHandle, _handle: NotificationHandle) {}

/// A start that failed has no window to say so.
pub fn notify_failure(sentence: &str) {
    if let Err(error) = notification("Daymark could not start", sentence).show() {
        tracing::debug!(%error, "no notification service is there to tell");
    }
}

fn notification(title: &str, body: &str) -> Notification {
    let mut notification = Notification::new();
    notification.appname("Daymark").icon(ICON).summary(title).body(body);
    notification
}
