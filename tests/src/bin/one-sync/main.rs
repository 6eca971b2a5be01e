//! One run of the engine as a process of its own, so that a test can kill it between any two of its steps.

mod commits;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use daymark_engine::api::Call;
use daymark_engine::api::bookings::{Booking, EnrolRelay};
use daymark_engine::launch::{self, Launch};
use daymark_mirror::COMMITS;
use serde_json::json;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::commits::Commits;

/// Where it is set, a run that fails is said on standard output, and tried once more after a line on standard input.
const AGAIN: &str = "DAYMARK_AGAIN";

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("DAYMARK_LOG").unwrap_or_else(|_| EnvFilter::new("error"));
    let commits = match Commits::from_env() {
        Ok(commits) => commits,
        Err(error) => return failed(&error),
    };
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter);
    tracing_subscriber::registry()
        .with(log)
        .with(commits.clone().with_filter(filter_fn(|it| it.target() == COMMITS)))
        .init();
    match run(&commits).await {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("one-sync: {error:#}");
    ExitCode::FAILURE
}

/// Syncs the data folder named on the command line once, and says what is left. Where a relay's address and a code
/// follow, it joins that first.
async fn run(commits: &Commits) -> anyhow::Result<serde_json::Value> {
    let mut words = std::env::args().skip(1);
    let data = words.next().context("name the data folder")?;
    let engine = launch::open(&Launch { data: PathBuf::from(data), config: None }).await?;
    if let Some((address, code)) = words.next().zip(words.next()) {
        engine.call(Call::EnrolRelay(EnrolRelay { address, code })).await?;
    }
    let joined = commits.seen();
    let reports = match engine.sync().await {
        Err(error) if std::env::var_os(AGAIN).is_some() => {
            println!("{error}");
            std::io::stdin().read_line(&mut String::new())?;
            engine.sync().await?
        }
        reports => reports?,
    };
    let health = engine.health().await?;
    let bookings: Vec<Booking> = serde_json::from_value(engine.call(Call::Bookings(())).await?)?;
    engine.stop().await;
    Ok(json!({
        "well": reports.iter().all(|(_, report)| report.ok),
        "waiting": health.waiting,
        "bookings": bookings.iter().map(|booking| booking.state).collect::<Vec<_>>(),
        "visitors": bookings.iter().map(|booking| &booking.visitor.name).collect::<Vec<_>>(),
        "cards": health.cards,
        "joined": joined,
        "commits": commits.seen(),
    }))
}
