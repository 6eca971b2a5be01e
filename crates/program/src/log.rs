//! Logs on the error stream.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Logs what `filter` lets through. A log that cannot be written, as on a terminal that was closed, keeps no program
/// from its work.
pub fn to_terminal(filter: EnvFilter) {
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(shows_colours())
        .log_internal_errors(false)
        .init();
}

/// What `DAYMARK_LOG` asks for, else `usual`.
pub fn asked_for(usual: &str) -> EnvFilter {
    EnvFilter::try_from_env("DAYMARK_LOG").unwrap_or_else(|_| EnvFilter::new(usual))
}

/// A file or a pipe keeps the codes of colours as dirt.
fn shows_colours() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && std::io::stderr().is_terminal()
}
