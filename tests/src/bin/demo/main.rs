//! The demo: a seeded world that runs, to be looked at or to be checked once.

mod check;
mod guard;
mod stage;
mod watch;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use daymark_core::time::Instant;
use daymark_program::ending::EndSignals;
use daymark_program::log;
use journeys::clock::ShiftedClock;
use tokio_util::sync::CancellationToken;

/// Starts fake providers, a relay and Daymark with a seeded week on this machine.
#[derive(Debug, Parser)]
#[command(name = "demo")]
pub struct Arguments {
    /// Runs through the main job once, prints each step with its time, and ends.
    #[arg(long)]
    check: bool,
    /// Shows the UI in a browser, even where there is a display.
    #[arg(long, conflicts_with = "check")]
    browser: bool,
    /// Leaves the laptop asleep once the page is published: visitors then meet the relay alone.
    #[arg(long, requires = "browser")]
    asleep: bool,
    /// Sets the demo's clock to this moment, such as 2026-03-04T16:42:00Z; the UI is then shown in a browser.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Instant>,
    /// Keeps everything in this folder, new or empty, instead of one that is removed at the end.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Arguments {
    fn clock(&self) -> ShiftedClock {
        self.at.map(ShiftedClock::set_to).unwrap_or_default()
    }
}

/// Listens before anything is made: whatever ends the demo, its folder goes with it.
async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut signals = EndSignals::listen().context("the system's stop signals cannot be heard")?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        signals.heard().await;
        told.cancel();
    });
    if arguments.check { check::run(arguments, &stop).await } else { watch::run(arguments, &stop).await }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::to_terminal(log::asked_for("error"));
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may listen any more, and that is no second failure.
            let _ = writeln!(std::io::stdout(), "demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}
