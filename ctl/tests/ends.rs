//! How `daymarkctl` ends, as a script sees it.

#![expect(clippy::unwrap_used, reason = "in a test a broken expectation is the finding")]

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use daymark_engine::launch::PASSPHRASE;
use daymark_engine::ports::Clock as _;
use daymark_engine::secrets::passphrase::PassphraseSecrets;
use daymark_engine::system::{SystemClock, SystemEntropy};

const WORDS: &str = "correct horse";

/// On a machine whose keyring does not answer.
fn ctl(data: &Path, command: &str) -> Output {
    let mut ctl = Command::new(env!("CARGO_BIN_EXE_daymarkctl"));
    ctl.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    ctl.arg("--data").arg(data).arg(command).output().unwrap()
}

/// A data folder with one imported calendar.
fn with_a_calendar() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let beside = tempfile::tempdir().unwrap();
    let file = beside.path().join("visits.ics");
    let event =
        "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T090000Z\r\nEND:VEVENT\r\n";
    std::fs::write(
        &file,
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b//EN\r\n{event}END:VCALENDAR\r\n"),
    )
    .unwrap();
    let imported = ctl_with(&["--data", folder.path().to_str().unwrap(), "import", file.to_str().unwrap()]);
    assert!(imported.status.success(), "{imported:?}");
    folder
}

#[test]
fn the_configuration_is_judged_before_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let beside = tempfile::tempdir().unwrap();
    let broken = beside.path().join("broken.toml");
    std::fs::write(&broken, "[google").unwrap();
    for config in [broken.to_str().unwrap(), "/nonexistent/none.toml"] {
        let refused = ctl_with(&["--data", data, "--config", config, "accounts"]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && said.contains(config), "{said}");
    }
}

#[test]
fn a_database_without_accounts_is_said_to_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let file = folder.path().join("no.ics");
    std::fs::write(&file, "this is no calendar").unwrap();
    ctl_with(&["--data", data, "import", file.to_str().unwrap()]);
    assert!(folder.path().join("daymark.db").exists());
    for command in [&["sync"][..], &["accounts"], &["agenda", "--from", "2026-01-01", "--to", "2026-01-02"]] {
        let refused = ctl_with(&[&["--json", "--data", data], command].concat());
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let said = object(&refused.stderr);
        assert_eq!(said["error"], "no_accounts");
        assert!(said["remedy"].as_str().unwrap().contains("--data"), "{said}");
    }
}

#[test]
fn a_sync_without_a_keyring_is_a_failure_also_when_nothing_needs_it() {
    let folder = with_a_calendar();
    let ended = ctl(folder.path(), "sync");
    assert!(String::from_utf8_lossy(&ended.stdout).contains("keyring"), "{ended:?}");
    assert!(!ended.status.success(), "{ended:?}");
}

#[test]
fn a_locked_secrets_file_is_said_with_what_opens_it() {
    let folder = with_a_calendar();
    let begun = PassphraseSecrets::begin(&folder.path().join("secrets"), WORDS, Arc::new(SystemEntropy));
    begun.unwrap().put("account-9", b"token").unwrap();
    let ask = |command: &str, passphrase: Option<&str>| {
        let mut ctl = Command::new(env!("CARGO_BIN_EXE_daymarkctl"));
        ctl.env_remove(PASSPHRASE).envs(passphrase.map(|words| (PASSPHRASE, words)));
        ctl.arg("--json").arg("--data").arg(folder.path()).arg(command).output().unwrap()
    };
    let refused = ask("sync", None);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let said = object(&refused.stderr);
    assert_eq!(said["error"], "secrets_locked");
    assert!(said["remedy"].as_str().unwrap().contains(PASSPHRASE), "{said}");
    assert!(ask("accounts", None).status.success(), "what is only read needs no sign-in");
    assert!(ask("accounts", Some(WORDS)).status.success());
    assert!(ask("accounts", Some("wrong horse")).status.success(), "nor does a wrong passphrase matter");
    assert!(!ask("sync", Some("wrong horse")).status.success());
}

fn agenda<'a>(data: &'a str, from: &'a str, to: &'a str) -> [&'a str; 7] {
    ["--data", data, "agenda", "--from", from, "--to", to]
}

#[test]
fn a_folder_that_another_program_holds_can_be_read_and_not_changed() {
    let folder = with_a_calendar();
    let data = folder.path().to_str().unwrap();
    let days = agenda(data, "2026-01-01", "2026-01-02");
    let free = ctl_with(&days).stdout;
    let held = File::create(folder.path().join("daymark.lock")).unwrap();
    held.lock().unwrap();
    let refused = ctl(folder.path(), "sync");
    assert!(!refused.status.success(), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("quit it and try again"), "{refused:?}");
    for arguments in [&["--data", data, "accounts"][..], &["--data", data, "export", "visits"], &days] {
        let shown = ctl_with(arguments);
        assert!(shown.status.success() && !shown.stdout.is_empty(), "{shown:?}");
    }
    assert_eq!(ctl_with(&days).stdout, free);
    let long_ago = SystemClock.now().date_naive() - chrono::TimeDelta::days(1000);
    let (from, to) = (long_ago.to_string(), long_ago.succ_opt().unwrap().to_string());
    let far = ctl_with(&agenda(data, &from, &to));
    assert!(String::from_utf8_lossy(&far.stderr).contains("not in the database yet"), "{far:?}");
    drop(held);
    assert!(ctl_with(&agenda(data, &from, &to)).status.success());
}

#[test]
fn a_folder_without_data_is_said_to_be_empty_and_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["sync", "accounts", "sync"] {
        let refused = ctl(folder.path(), command);
        assert!(!refused.status.success(), "{refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("is --data right?"), "{refused:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_no_database_is_named_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("daymark.db"), "these are not the bytes of any database".repeat(99))
        .unwrap();
    let refused = ctl(folder.path(), "accounts");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("rename it, together with"), "{said}");
    assert_eq!(said.matches("(code: 26)").count(), 1, "{said}");
    let refused =
        object(&ctl_with(&["--json", "--data", folder.path().to_str().unwrap(), "accounts"]).stderr);
    let part = |name: &str| refused[name].as_str().unwrap().to_owned();
    assert!(part("remedy").contains("rename it") && !part("message").contains("rename it"), "{refused}");
    assert!(part("message").contains("Daymark has left it as it is"), "{refused}");
}

fn object(stderr: &[u8]) -> serde_json::Value {
    let said = String::from_utf8_lossy(stderr);
    assert_eq!(said.trim_end().lines().count(), 1, "one line: {said}");
    serde_json::from_str(&said).unwrap()
}

fn ctl_with(arguments: &[&str]) -> Output {
    let mut ctl = Command::new(env!("CARGO_BIN_EXE_daymarkctl"));
    ctl.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus").args(arguments).output().unwrap()
}

#[test]
fn with_json_a_failure_is_one_object_on_the_error_stream() {
    let folder = with_a_calendar();
    let data = folder.path().to_str().unwrap();
    let file = folder.path().join("no.ics");
    std::fs::write(&file, "this is no calendar").unwrap();
    let backwards = ["--json", "--data", data, "agenda", "--from", "2026-01-02", "--to", "2026-01-01"];
    let import = ["--json", "--data", data, "import", file.to_str().unwrap()];
    for (arguments, code, error) in [
        (&["--json", "accounts"][..], 1, "failed"),
        (&import, 1, "not_a_calendar"),
        (&backwards, 1, "bad_dates"),
        (&["--json", "agenda", "--from", "yesterday"], 2, "usage"),
        (&["--json", "slots", "--cases", file.to_str().unwrap()], 1, "bad_cases"),
        (&["--json", "slots", "--cases", "no/such/file"], 1, "unreadable"),
        (
            &["--json", "expand", file.to_str().unwrap(), "--from", "2026-01-01", "--to", "2026-01-02"],
            1,
            "not_a_calendar",
        ),
        (&["--json", "--data", data, "export", "No such calendar"], 1, "not_found"),
        (&["--json", "--data", data, "sync"], 1, "not_synced"),
    ] {
        let ended = ctl_with(arguments);
        assert_eq!(ended.status.code(), Some(code), "{ended:?}");
        let said = object(&ended.stderr);
        assert_eq!(said["error"], error, "{said}");
        assert!(said["message"].is_string() && said["remedy"] != "", "{said}");
    }
}

#[test]
fn a_series_that_is_cut_prints_what_it_has_and_says_that_it_is_not_all() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("endless.ics");
    let event = "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20200101T000000Z\r\nDTSTART:20200101T000000Z\r\nDTEND:20200101T000001Z\r\n\
                 RRULE:FREQ=SECONDLY\r\nSUMMARY:Tick\r\nEND:VEVENT\r\n";
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b//EN\r\n{event}END:VCALENDAR\r\n");
    std::fs::write(&file, text).unwrap();
    let days = ["expand", file.to_str().unwrap(), "--from", "2020-01-01", "--to", "2020-02-01"];
    let plain = ctl_with(&days);
    assert_eq!(plain.status.code(), Some(3), "{}", String::from_utf8_lossy(&plain.stderr));
    assert!(!plain.stdout.is_empty(), "what it has is printed");
    let json = ctl_with(&[&["--json"], &days[..]].concat());
    assert_eq!((json.status.code(), json.stdout == plain.stdout), (Some(3), true));
    assert_eq!(object(&json.stderr)["error"], "incomplete");
}

/// A calendar file with one event in March 2026, and whatever else its lines say.
fn visit(lines: &str) -> String {
    let event = format!(
        "BEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Visit\r\nDTSTART:20260302T090000Z\r\n{lines}END:VEVENT\r\n"
    );
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b//EN\r\n{event}END:VCALENDAR\r\n")
}

fn expanded(text: &str) -> (Output, serde_json::Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("visits.ics");
    std::fs::write(&file, text).unwrap();
    let days = ["expand", file.to_str().unwrap(), "--from", "2026-03-01", "--to", "2026-04-01"];
    let ended = ctl_with(&[&["--json"], &days[..]].concat());
    let said = if ended.status.success() { serde_json::Value::Null } else { object(&ended.stderr) };
    (ended, said)
}

#[test]
fn a_file_that_breaks_off_prints_what_it_has_and_says_that_more_may_follow() {
    let (whole, said) = expanded(&visit(""));
    assert!(whole.status.success() && said.is_null(), "{whole:?}");
    for end in ["END:VCALENDAR", "VCALENDAR\r\n"].map(|line| visit("").rfind(line).unwrap()) {
        let (cut, said) = expanded(&visit("")[..end]);
        assert_eq!((cut.status.code(), &cut.stdout), (Some(3), &whole.stdout), "{cut:?}");
        assert_eq!(said["error"], "incomplete");
        assert!(said["message"].as_str().unwrap().contains("breaks off"), "{said}");
        assert!(said["remedy"].as_str().unwrap().contains("anew"), "{said}");
    }
}

#[test]
fn an_event_whose_lines_cannot_be_right_is_named_with_its_title_and_what_is_wrong() {
    for (lines, wrong, shown) in [
        ("DTEND:20260302T080000Z\r\n", "an end before its start", 0),
        ("DURATION:P9999999999W\r\n", "a length of more than a hundred years", 0),
        ("DURATION:-PT1H\r\n", "a length below zero", 0),
        ("RRULE:FREQ=WEEKLY;INTERVAL=0\r\n", "INTERVAL=0", 5),
        ("RRULE:FREQ=WEEKLY;INTERVAL=70000\r\n", "INTERVAL cannot be “70000”", 1),
    ] {
        let (ended, said) = expanded(&visit(lines));
        let message = said["message"].as_str().unwrap();
        assert!(message.contains(wrong) && message.starts_with("a: "), "{said}");
        assert_eq!(String::from_utf8_lossy(&ended.stdout).lines().count(), shown, "{ended:?}");
        assert_eq!(ended.status.code(), Some(3), "{ended:?}");
        assert_eq!(said["remedy"], "mend the events that are named");
    }
}

#[test]
fn only_a_series_that_goes_on_too_long_is_a_reason_to_ask_for_fewer_days() {
    let (_, said) = expanded(&visit("RRULE:FREQ=SECONDLY\r\n"));
    assert_eq!(said["remedy"], "ask for fewer days", "{said}");
    let both = visit("RRULE:FREQ=SECONDLY\r\n") + &visit("DURATION:-PT1H\r\n").replace("UID:a", "UID:b");
    let (_, said) = expanded(&both);
    assert!(said["remedy"].as_str().unwrap().contains("mend the other"), "{said}");
}

#[test]
fn an_import_names_what_cannot_be_right_and_takes_in_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("visits.ics");
    let rule = visit("RRULE:FREQ=WEEKLY;INTERVAL=0\r\n").replace("UID:a", "UID:b");
    std::fs::write(&file, visit("DURATION:-PT1H\r\n") + &rule).unwrap();
    let data = folder.path().to_str().unwrap();
    let imported = ctl_with(&["--data", data, "import", file.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&imported.stdout);
    assert!(said.contains("1 event or series"), "{imported:?}");
    assert!(said.contains("! a: “Visit” has a length below zero"), "{said}");
    assert!(said.contains("! b: “Visit” repeats with INTERVAL=0, which is read as 1"), "{said}");
}
