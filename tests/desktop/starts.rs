//! Starts that cannot succeed: each says what is wrong and what to do, and ends with a failure.

use std::process::Output;

use crate::app::App;
use crate::session::{Session, binary};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn without_a_display_a_sentence_says_what_else_to_do() {
    let output =
        std::process::Command::new(binary()).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("there is no display") && said(&output).contains("daymarkctl"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_display_that_is_gone_is_named() {
    let output = std::process::Command::new(binary())
        .env("DISPLAY", ":64999")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(said.contains(":64999") && said.contains("cannot be opened"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test]
async fn a_wrong_configuration_is_named_with_its_remedy() {
    let session = Session::start().await.unwrap();
    let file = session.folder.path().join("typo.toml");
    std::fs::write(&file, "[gogle]\n").unwrap();
    let data = session.folder.path().join("data");
    let output =
        session.command(binary()).arg("--data").arg(&data).arg("--config").arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(
        said.contains("typo.toml") && said.contains("gogle") && said.contains("Correct the line"),
        "{said}"
    );
    let shown = session.notified();
    assert!(shown.contains("Daymark could not start"), "{shown}");
}

#[tokio::test]
async fn the_window_speaks_the_systems_language_though_its_locale_was_never_made() {
    let mut session = Session::start().await.unwrap();
    session.language = "fr_CI.UTF-8";
    let data = session.folder.path().join("data").join("daymark");
    let app = App::start(&session, &data).await.unwrap();
    app.see("Réunissez vos calendriers").await;
}
