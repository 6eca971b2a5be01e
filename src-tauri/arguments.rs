//! The command line of the desktop app.

use std::path::PathBuf;

use clap::Parser;

/// Daymark: the schedule for people who drive between visits.
#[derive(Debug, Parser)]
#[command(name = "daymark", version)]
pub struct Arguments {
    /// The folder that holds Daymark's data; the system's place for it when not given.
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// The configuration file; `config.toml` in the data folder when not given.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Starts in the tray, without a window.
    #[arg(long)]
    pub hidden: bool,
}
