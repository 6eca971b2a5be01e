//! Output: one JSON value a line, or lines that people read.

use std::io::Write as _;

use serde::Serialize;

use crate::failure::Failure;

/// A reader that closed the pipe has seen enough; that is no error.
pub fn line(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// A text as it is, to its last byte.
pub fn text(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?)
}

/// One line on the error stream: words, or one JSON object.
pub fn failure(failure: &Failure, as_json: bool) {
    let words = || match &*failure.remedy {
        "" => format!("daymarkctl: {}", failure.message),
        remedy => format!("daymarkctl: {}; {remedy}", failure.message),
    };
    let json = as_json.then(|| serde_json::to_string(failure).ok()).flatten();
    // With a closed error stream there is nobody left to tell.
    let _ = writeln!(std::io::stderr().lock(), "{}", json.unwrap_or_else(words));
}
