//! How `daymarkctl` ends, as a script sees it.

#![expect(clippy::unwrap_used, reason = "in a test a broken expectation is the finding")]

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output};

/// On a machine whose keyring does not answer.
fn ctl(data: &Path, command: &str) -> Output {
    let mut ctl = Command::new(env!("CARGO_BIN_EXE_daymarkctl"));
    ctl.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    ctl.arg("--data").arg(data).arg(command).output().unwrap()
}

#[test]
fn a_sync_without_a_keyring_is_a_failure_also_without_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let ended = ctl(folder.path(), "sync");
    assert!(String::from_utf8_lossy(&ended.stdout).contains("keyring"), "{ended:?}");
    assert!(!ended.status.success(), "{ended:?}");
}

#[test]
fn a_folder_that_another_program_holds_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    ctl(folder.path(), "sync");
    let held = File::create(folder.path().join("daymark.lock")).unwrap();
    held.lock().unwrap();
    for command in ["sync", "accounts"] {
        let refused = ctl(folder.path(), command);
        assert!(!refused.status.success(), "{refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("quit it and try again"), "{refused:?}");
    }
    drop(held);
    assert!(ctl(folder.path(), "accounts").status.success());
}

#[test]
fn a_folder_without_data_is_said_to_be_empty_and_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let refused = ctl(folder.path(), "accounts");
    assert!(!refused.status.success(), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is --data right?"), "{refused:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_no_database_is_named_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("daymark.db"), "these are not the bytes of any database".repeat(99))
        .unwrap();
    let refused = ctl(folder.path(), "accounts");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("move it away"), "{said}");
    assert_eq!(said.matches("(code: 26)").count(), 1, "{said}");
}
