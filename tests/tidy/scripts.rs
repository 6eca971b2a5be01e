//! How the scripts take their arguments.

use std::process::Command;

use super::files::{below, root};

/// Scripts that do not end at once, with how they are used, when an argument is misspelt.
pub fn heedless() -> Vec<String> {
    let scripts = below("scripts", &[""]).into_iter().filter(|it| it.text.starts_with("#!/usr/bin/env bash"));
    let paths: Vec<String> = scripts.map(|it| it.path).collect();
    assert!(paths.iter().any(|path| path == "scripts/test"), "{paths:?}");
    paths.into_iter().filter(|path| !refuses(path)).collect()
}

/// Read without a path to any program, so that one which goes on does nothing.
fn refuses(path: &str) -> bool {
    let read = ["-c", "PATH=; . \"$0\"", path, "--ful"];
    let output = Command::new("bash").args(read).current_dir(root()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    output.status.code() == Some(2) && said.starts_with("usage: scripts/")
}
