//! The lock beside the database: one serving relay at a time, because what each knows of the pages' state is its own.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Held until dropped. The system takes it back also from a relay that was killed.
#[derive(Debug)]
pub struct ServeLock {
    file: File,
}

impl Drop for ServeLock {
    fn drop(&mut self) {
        // Closing alone would not do: a program that is just being started still has the file, until it is itself.
        if let Err(error) = self.file.unlock() {
            tracing::warn!(%error, "the database's lock is not given back before the relay ends");
        }
    }
}

impl ServeLock {
    /// `None` while another relay serves this database.
    pub fn take(database: &Path) -> io::Result<Option<ServeLock>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(beside(database))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(ServeLock { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether a relay serves this database now. Looking leaves nothing behind.
    pub fn is_taken(database: &Path) -> bool {
        let file = OpenOptions::new().write(true).open(beside(database));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

/// A file of its own: SQLite loses its own locks on a file that its process opens and closes elsewhere. Links to one
/// database lead to one lock.
fn beside(database: &Path) -> PathBuf {
    let mut name = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned()).into_os_string();
    name.push(".lock");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_served_once_and_free_again_when_the_lock_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("relay.sqlite");
        assert!(!ServeLock::is_taken(&database));
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
        let held = ServeLock::take(&database).unwrap().unwrap();
        assert!(ServeLock::is_taken(&database) && ServeLock::take(&database).unwrap().is_none());
        // As a child has it between its birth and its own program.
        let inherited = held.file.try_clone().unwrap();
        drop(held);
        assert!(!ServeLock::is_taken(&database) && ServeLock::take(&database).unwrap().is_some());
        drop(inherited);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_database_leads_to_its_lock() {
        let folder = tempfile::tempdir().unwrap();
        let (database, link) = (folder.path().join("relay.sqlite"), folder.path().join("link"));
        std::fs::write(&database, "").unwrap();
        std::os::unix::fs::symlink(&database, &link).unwrap();
        let _held = ServeLock::take(&database).unwrap().unwrap();
        assert!(ServeLock::is_taken(&link));
    }
}
