//! Folders and files that only their owner may read. Where a system has no such modes, nothing is done.

use std::io;
use std::path::Path;

/// Makes what is missing of the folder. What is there already stays as it is: it may be shared on purpose.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Makes an empty file if there is none, before anybody writes to it. SQLite gives the files beside a database the
/// mode that it finds on the database.
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

/// Takes group and others their rights to what an earlier version made. What cannot be changed (a file system
/// without modes, another owner) is no reason to stop.
pub fn tighten(path: &Path) {
    if let Err(error) = tightened(path) {
        tracing::warn!(%error, path = %path.display(), "others may be able to read this");
    }
}

#[cfg(unix)]
fn tightened(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mut permissions = match std::fs::metadata(path) {
        Ok(found) => found.permissions(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mode = permissions.mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    permissions.set_mode(mode & !0o077);
    std::fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
fn tightened(_: &Path) -> io::Result<()> {
    Ok(())
}
