//! One run of the engine as a process of its own, so that a test can kill it between any two of its steps.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use daymark_engine::api::Call;
use daymark_engine::api::bookings::Booking;
use daymark_engine::launch::{self, Launch};
use serde_json::json;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("DAYMARK_LOG").unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run().await {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("one-sync: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Syncs the data folder named on the command line once, and says what is left.
async fn run() -> anyhow::Result<serde_json::Value> {
    let data = std::env::args_os().nth(1).context("name the data folder")?;
    let engine = launch::open(&Launch { data: PathBuf::from(data), config: None }).await?;
    let reports = engine.sync().await?;
    let health = engine.health().await?;
    let bookings: Vec<Booking> = serde_json::from_value(engine.call(Call::Bookings(())).await?)?;
    engine.stop().await;
    Ok(json!({
        "well": reports.iter().all(|(_, report)| report.ok),
        "waiting": health.waiting,
        "bookings": bookings.iter().map(|booking| booking.state).collect::<Vec<_>>(),
        "cards": health.cards,
    }))
}
