//! The desktop app's entry: reads the command line, and hands over.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    daymark_desktop::run()
}
