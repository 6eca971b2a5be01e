//! The engine's contract over Tauri's IPC: one command and one stream of notices.

use daymark_engine::Engine;
use daymark_engine::api::Problem;
use daymark_engine::api::problem::ProblemCode;
use serde_json::Value;
use tauri::{AppHandle, Emitter as _, State};
use tokio::sync::broadcast::error::RecvError;

use crate::opening::Opening;

/// The event that carries notices to the window.
const NOTICE: &str = "notice";

#[tauri::command]
pub async fn rpc(opening: State<'_, Opening>, name: String, payload: Value) -> Result<Value, Problem> {
    match opening.engine().await {
        Some(engine) => engine.call_named(&name, payload).await,
        None => Err(Problem::new(ProblemCode::Internal, "Daymark is about to end.")),
    }
}

/// Passes every notice on for as long as the app runs.
pub fn forward_notices(app: AppHandle, engine: &Engine) {
    let mut notices = engine.notices();
    tauri::async_runtime::spawn(async move {
        loop {
            match notices.recv().await {
                Ok(notice) => {
                    if let Err(error) = app.emit(NOTICE, notice) {
                        tracing::warn!(%error, "a notice did not reach the window");
                    }
                }
                // The window sees the gap in the numbers and asks for everything again.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            }
        }
    });
}
