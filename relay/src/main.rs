//! The `relay` command: serve, enrol a person's laptop, check the machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use daymark_core::causes::causes;
use daymark_core::entropy::Entropy;
use daymark_core::time::Instant;
use daymark_program::ending::EndSignals;
use daymark_program::log;
use daymark_relay::clock::Clock;
use daymark_relay::config::Config;
use daymark_relay::enrolment::{self, Invitation};
use daymark_relay::store::Store as _;
use daymark_relay::{Relay, check, open_store};
#[expect(clippy::disallowed_types, reason = "the program's one source of randomness")]
use rand_core::OsRng;
use rand_core::RngCore as _;
use tracing_subscriber::EnvFilter;

/// The hosted half of Daymark: public booking pages for the people whose laptops are enrolled here.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the pages until stopped: with Ctrl-C, by a signal to end, or with its terminal.
    Serve {
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Print a one-time code with which a person's laptop joins.
    Enrol {
        #[command(flatten)]
        config: ConfigArgument,
        /// The person's name, as visitors know it.
        #[arg(long)]
        name: String,
        /// The last part of the page's address; made from the name if left out.
        #[arg(long)]
        slug: Option<String>,
        /// For a person who has a page already: a new laptop, or a new code. The new laptop replaces the old one.
        #[arg(long)]
        again: bool,
    },
    /// Say in plain words what would keep the relay from serving.
    Check {
        #[command(flatten)]
        config: ConfigArgument,
    },
}

#[derive(clap::Args)]
struct ConfigArgument {
    /// The configuration file.
    #[arg(long = "config", default_value = "relay.toml")]
    path: PathBuf,
}

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the program's one reading of the clock")]
    fn now(&self) -> Instant {
        chrono::Utc::now()
    }
}

struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place that draws it from the system")]
    fn fill(&self, bytes: &mut [u8]) {
        OsRng.fill_bytes(bytes);
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relay: {}", causes(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("the system gives no threads")?;
    match arguments.command {
        Command::Serve { config } => runtime.block_on(serve(&config.path)),
        Command::Enrol { config, name, slug, again } => {
            runtime.block_on(enrol(&config.path, Invitation { name, slug, again }))
        }
        Command::Check { config } => runtime.block_on(check_all(&config.path)),
    }
}

async fn serve(path: &Path) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    log::to_terminal(EnvFilter::new(&config.log));
    let mut signals = EndSignals::listen().context("the system's stop signals cannot be heard")?;
    let relay = Relay::start(config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?;
    println!("Serving {} on {}", relay.public_url, relay.address);
    signals.heard().await;
    tracing::info!("stopping");
    relay.shutdown().await;
    Ok(())
}

async fn enrol(path: &Path, invitation: Invitation) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let store = open_store(&config, &SystemEntropy).await?;
    let issued = enrolment::issue(&store, invitation, &SystemEntropy, SystemClock.now()).await;
    store.close().await;
    let issued = issued?;
    println!("Code: {}", issued.code);
    match address(&config) {
        Some(address) => {
            println!("Relay: {}", address.trim_end_matches('/'));
            println!("Page: {address}{}", issued.slug);
        }
        None => {
            println!(
                "Relay: `relay serve` says where, since `listen` leaves the port to the start; set public_url"
            );
            println!("Page: /{} there", issued.slug);
        }
    }
    println!("It lets one laptop in, until {}.", issued.expires_at.format("%Y-%m-%d %H:%M UTC"));
    Ok(())
}

/// Where visitors reach the relay; unknown while the system chooses a port at each start.
fn address(config: &Config) -> Option<String> {
    match &config.public_url {
        Some(url) => Some(url.to_string()),
        None => (config.listen.port() != 0).then(|| format!("http://{}/", config.listen)),
    }
}

async fn check_all(path: &Path) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    println!("ok   config    {} reads well", path.display());
    let findings = check::check(&config, &SystemEntropy).await;
    findings.iter().for_each(|finding| println!("{finding}"));
    if findings.iter().any(check::Finding::is_bad) {
        bail!("not ready to serve; see the lines marked BAD");
    }
    println!("Ready to serve.");
    Ok(())
}
