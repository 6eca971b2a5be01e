//! The command line of `daymarkctl`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Parser, Subcommand};

/// Daymark from a terminal.
///
/// Ends with 0 when all is well, 1 when something failed, 2 when the arguments are not understood, and 3 when
/// `expand` has printed a part only. With --json a failure is one line on the error stream:
/// {"error": …, "message": …, "remedy": …}.
#[derive(Debug, Parser)]
#[command(name = "daymarkctl", version)]
pub struct Arguments {
    /// The folder that holds Daymark's data.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// The configuration file; `config.toml` in the data folder when not given.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Prints JSON instead of words.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sends what waits and reads all accounts, once.
    Sync,
    /// Lists what stands on the calendars between two dates.
    Agenda {
        /// The first day.
        #[arg(long)]
        from: NaiveDate,
        /// The day after the last.
        #[arg(long)]
        to: NaiveDate,
    },
    /// Lists accounts and their calendars.
    Accounts,
    /// Copies of busy times.
    Blocks {
        #[command(subcommand)]
        command: Blocks,
    },
    /// Reads a calendar file in as a read-only calendar; one of the same name is replaced.
    Import {
        /// The file; `-` reads standard input.
        file: PathBuf,
        /// The calendar's name; the file's own name when not given.
        #[arg(long)]
        name: Option<String>,
        /// Its events take your time.
        #[arg(long)]
        busy: bool,
    },
    /// Subscribes to a calendar that is published at an address.
    Subscribe {
        /// An address that begins with https:// or webcal://.
        url: String,
        /// Its events take your time.
        #[arg(long)]
        busy: bool,
    },
    /// Writes a calendar as an iCalendar file to standard output.
    Export {
        /// The calendar's name, as `accounts` lists it, or its number.
        calendar: String,
    },
    /// Runs a file of scheduling cases through the availability engine.
    Slots {
        /// The file of cases; `-` reads standard input.
        #[arg(long, value_name = "FILE")]
        cases: PathBuf,
    },
    /// Lists the occurrences that an iCalendar file makes between two dates; ends with 3 when some are missing.
    Expand {
        /// The file; `-` reads standard input.
        file: PathBuf,
        /// The first day.
        #[arg(long)]
        from: NaiveDate,
        /// The day after the last.
        #[arg(long)]
        to: NaiveDate,
        /// The zone in which days begin, and floating times are meant.
        #[arg(long, default_value = "UTC")]
        zone: chrono_tz::Tz,
    },
}

#[derive(Debug, Subcommand)]
pub enum Blocks {
    /// Lists every copy on the connected calendars, known by its marker alone; takes them away with --yes.
    Remove {
        /// Takes them away.
        #[arg(long)]
        yes: bool,
    },
}
