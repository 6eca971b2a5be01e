//! The demo's program as a person ends it: nothing of it stays behind.

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::path::Path;
    use std::process::{Command, Stdio};

    fn is_empty(folder: &Path) -> bool {
        std::fs::read_dir(folder).unwrap().next().is_none()
    }

    /// Starts the demo, sends it a signal when it says `line`, and waits for its end.
    fn ended_by(signal: &str, arguments: &[&str], line: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
        let demo = demo.args(arguments).env("TMPDIR", folder.path()).stdout(Stdio::piped());
        let mut demo = demo.spawn().unwrap();
        let said = BufReader::new(demo.stdout.take().unwrap()).lines();
        assert!(said.map(Result::unwrap).any(|said| said.contains(line)), "{line}");
        assert!(!is_empty(folder.path()), "it works in a folder of its own");
        let sent = Command::new("kill").args([signal, &demo.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let ended = demo.wait().unwrap();
        assert!(is_empty(folder.path()), "{signal} {arguments:?}");
        ended.success()
    }

    #[test]
    fn a_demo_takes_its_folder_along_also_when_its_terminal_is_closed() {
        for signal in ["-INT", "-TERM", "-HUP"] {
            assert!(ended_by(signal, &["--browser"], "Starting"), "{signal}");
        }
    }

    #[test]
    fn a_check_that_is_stopped_takes_its_folder_along_and_is_no_success() {
        assert!(!ended_by("-HUP", &["--check"], "the relay is up"));
    }
}
