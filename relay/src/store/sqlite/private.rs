//! Who may read the database's file. Where a system has no such modes, nothing is done.

use std::io;
use std::path::Path;

use crate::config::folder_of;

/// Makes an empty file that its owner alone may read, if there is none. SQLite gives the files beside a database
/// the mode that it finds on the database. A file that is there keeps its mode: an admin may let a backup read it.
pub fn make_file(file: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Whether every user of this machine can read the file: it and its folder let them.
#[cfg(unix)]
pub fn is_open_to_all(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.permissions().mode());
    mode(file) & 0o004 != 0 && mode(folder_of(file)) & 0o001 != 0
}

#[cfg(not(unix))]
pub fn is_open_to_all(_: &Path) -> bool {
    false
}
