//! What ends the window's program when the demo is killed outright, and can clean up nothing itself.

use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Reads until whoever holds the other end is gone, however it went; then does what the demo would have done.
const WATCH: &str = r#"
cat >/dev/null
kill -TERM "$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8; do kill -0 "$1" 2>/dev/null || break; sleep 1; done
kill -KILL "$1" 2>/dev/null
[ -z "$2" ] || rm -rf -- "$2"
"#;

/// Watches until it is dropped.
pub struct Guard {
    shell: Child,
}

impl Guard {
    /// Over a program and the folder that goes with it, if it does. `None` on a system without a shell.
    pub fn over(program: u32, folder: Option<&Path>) -> Option<Guard> {
        let folder = folder.unwrap_or(Path::new(""));
        let mut shell = Command::new("sh");
        shell.args(["-c", WATCH, "guard", &program.to_string()]).arg(folder).stdin(Stdio::piped());
        Some(Guard { shell: shell.spawn().ok()? })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Killed before its pipe is closed, so that it does nothing.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn program() -> Child {
        Command::new("cat").stdin(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn a_demo_that_dies_takes_program_and_folder_along() {
        let (mut program, folder) = (program(), tempfile::tempdir().unwrap());
        std::fs::write(folder.path().join("data"), "").unwrap();
        let mut guard = Guard::over(program.id(), Some(folder.path())).unwrap();
        // As the system closes it for a demo that was killed.
        drop(guard.shell.stdin.take());
        // Kept open: the program must end by the signal alone.
        let _open = program.stdin.take();
        assert!(!program.wait().unwrap().success());
        guard.shell.wait().unwrap();
        assert!(!folder.path().exists());
    }

    #[test]
    fn a_demo_that_ends_in_order_is_left_to_end_it_all_itself() {
        let (mut program, folder) = (program(), tempfile::tempdir().unwrap());
        drop(Guard::over(program.id(), Some(folder.path())).unwrap());
        assert!(folder.path().exists());
        drop(program.stdin.take());
        assert!(program.wait().unwrap().success(), "it ended by itself");
    }
}
