//! `daymarkctl`: the engine from a terminal. JSON for programs, plain words for people.

mod arguments;
mod blocks;
mod commands;
mod failure;
mod opening;
mod print;
mod words;

use std::process::ExitCode;

use clap::Parser as _;
use daymark_program::log;

use arguments::Arguments;
use failure::Failure;

/// As the command line's own reader ends for arguments that it does not understand.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misread(&error),
    };
    log::to_terminal(log::asked_for("error"));
    match commands::run(&arguments).await {
        Ok(code) => code,
        Err(error) => {
            print::failure(&Failure::of(&error), arguments.json);
            ExitCode::FAILURE
        }
    }
}

/// Help and version come this way too, and are no failure.
fn misread(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let remedy = "daymarkctl --help lists what it understands";
        print::failure(&Failure::new("usage", error.to_string(), remedy), true);
        return ExitCode::from(USAGE);
    }
    error.exit()
}
