//! Runs the fake world alone: prints its addresses as one line of JSON and stays until Ctrl-C.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::Parser;
use daymark_sandbox::{Config, Sandbox, clock::Clock};
use serde_json::json;

/// Fake Google and Microsoft calendars on this machine.
#[derive(Parser)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Seed files, planted in order.
    #[arg(long, num_args = 1..)]
    seed: Vec<PathBuf>,
    /// Let the clock stand at this time (RFC 3339) instead of following this machine's.
    #[arg(long)]
    clock: Option<DateTime<Utc>>,
    /// Keep answers' bodies in the ledger.
    #[arg(long)]
    ledger_bodies: bool,
}

#[expect(clippy::disallowed_methods, reason = "the program's one reading of the machine's clock")]
fn machine_clock() -> Clock {
    Clock::following(Utc::now)
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sandbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let clock = arguments.clock.map_or_else(machine_clock, Clock::standing);
    let config =
        Config { port: arguments.port, ledger_bodies: arguments.ledger_bodies, ..Config::new(clock) };
    let sandbox = Sandbox::start(config).await?;
    for path in &arguments.seed {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read seed {}", path.display()))?;
        sandbox.control().seed_text(&text).with_context(|| format!("in seed {}", path.display()))?;
    }
    let addresses = json!({
        "base": sandbox.base(),
        "google_api": sandbox.google_api(),
        "google_authorize": sandbox.google_authorize(),
        "google_token": sandbox.google_token(),
        "google_revoke": sandbox.google_revoke(),
        "graph": sandbox.graph(),
        "microsoft_login": sandbox.microsoft_login(),
        "control": sandbox.control_base(),
    });
    println!("{addresses}");
    tokio::signal::ctrl_c().await.context("cannot wait for Ctrl-C")?;
    sandbox.stop().await;
    Ok(())
}
