//! The lock on a data folder: one engine at a time, because two would edit one mirror against each other.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

const USE_OR_QUIT: &str = "use that window, or quit it and try again";
const LET_WRITE: &str = "check that you may write there";

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("Daymark is already running on the folder {}: {}", folder.display(), USE_OR_QUIT)]
    Running { folder: PathBuf },
    #[error("the folder {} cannot be locked: {}", folder.display(), LET_WRITE)]
    Failed { folder: PathBuf, source: io::Error },
}

impl LockError {
    pub fn remedy(&self) -> &'static str {
        match self {
            LockError::Running { .. } => USE_OR_QUIT,
            LockError::Failed { .. } => LET_WRITE,
        }
    }
}

/// Held until dropped. The system takes it back also from a program that was killed.
#[derive(Debug)]
pub struct FolderLock {
    file: File,
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing alone would not do: a program that is just being started still has the file, until it is itself.
        if let Err(error) = self.file.unlock() {
            tracing::warn!(%error, "the data folder's lock is not given back before the program ends");
        }
    }
}

impl FolderLock {
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Failed { folder: folder.to_owned(), source };
        crate::folder::make(folder).map_err(failed)?;
        let place = folder.join("daymark.lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(place).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(FolderLock { file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Running { folder: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_locked_once_and_free_again_when_the_lock_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let held = FolderLock::take(folder.path()).unwrap();
        let second = FolderLock::take(folder.path()).unwrap_err();
        assert!(second.to_string().contains("already running"), "{second}");
        // As a child has it between its birth and its own program.
        let inherited = held.file.try_clone().unwrap();
        drop(held);
        FolderLock::take(folder.path()).unwrap();
        drop(inherited);
    }
}
