//! What can go wrong with the mirror, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use sqlx::migrate::MigrateError;

pub type Result<T> = std::result::Result<T, MirrorError>;

/// Why a step stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotUndo {
    #[error("it was undone before")]
    UndoneBefore,
    #[error("it never took effect")]
    NeverTookEffect,
    /// An entry from before the journal kept enough.
    #[error("the journal does not say what stood before")]
    NothingKnown,
    #[error(transparent)]
    ChangedSince(#[from] daymark_core::journal::ChangedSince),
    #[error("one of its occurrences was changed again since")]
    OccurrenceChanged,
    #[error("the event is no longer there")]
    Gone,
    #[error("the event is there")]
    StillThere,
    #[error("its calendar can no longer be written")]
    ReadOnly,
}

const MAKE_FOLDER: &str = "check that its parent exists and may be written";
const LET_IN: &str = "check that it is a file which this user may read and write";
const MEND: &str = "Put a backup of it back, if there is one. \
    Otherwise rename it, together with the files of its name that end in -wal and -shm, and keep them: Daymark \
    then starts empty, you connect your accounts again, and it reads their calendars from the providers. Lost \
    is what only this file held: edits that were not sent, the journal with its undo, imported files, \
    subscriptions, settings, and who booked; the public page must be joined to its relay again";
const UPDATE: &str = "install that version or a later one";
const RESTART: &str = "quit it there, and start the version that is installed now";

#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    #[error("the folder {} cannot be made: {}", path.display(), MAKE_FOLDER)]
    Folder { path: PathBuf, source: io::Error },
    #[error("the database {} cannot be opened: {}", path.display(), LET_IN)]
    Unreadable { path: PathBuf, source: sqlx::Error },
    #[error("{} is damaged or no database. Daymark has left it as it is. {}", path.display(), MEND)]
    Corrupt { path: PathBuf, source: sqlx::Error },
    #[error("the database {} was written by a newer Daymark: {}", path.display(), UPDATE)]
    Newer { path: PathBuf },
    /// Only who may write brings it up to date.
    #[error("an older Daymark is using the database {}: {}", path.display(), RESTART)]
    Older { path: PathBuf },
    #[error("the database {} could not be brought up to date", path.display())]
    Migration { path: PathBuf, source: MigrateError },
    #[error("the disk is full: free some space; nothing was half written")]
    DiskFull { source: sqlx::Error },
    #[error("another program holds the database: close it and try again")]
    Locked { source: sqlx::Error },
    /// Met where the database was opened beside the program that writes it.
    #[error("what is asked for is not in the database yet, and another program is writing it")]
    Held,
    /// A row says what no row may say.
    #[error("table {table}, column {column}, row {row}: {why}")]
    Inconsistent { table: &'static str, column: &'static str, row: String, why: String },
    #[error("this value cannot be stored")]
    Encode(#[from] serde_json::Error),
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("the calendar cannot be written")]
    ReadOnly,
    #[error("an event cannot end before it starts")]
    EndsBeforeStart,
    #[error(transparent)]
    Series(#[from] daymark_core::series::SeriesError),
    /// A second half would be an event of the owner's own, without its people.
    #[error(
        "somebody else called this series, and its later half cannot be called in their name: change one occurrence, or all"
    )]
    Invited,
    #[error(transparent)]
    NotOffered(#[from] daymark_core::conflict::NotOffered),
    /// The card shows an older state than the one to be decided about.
    #[error("the other side has changed again: look at it once more")]
    MovedOn,
    #[error("this cannot be undone: {0}")]
    CannotUndo(CannotUndo),
    /// What was confirmed is no longer what would be done.
    #[error("this has changed since it was looked at")]
    ChangedSince,
    /// The answer belongs to a cursor that is no longer the current one. Nothing was applied.
    #[error("the reading of this calendar has moved on")]
    StaleCursor,
    #[error("this occurrence is not part of the series")]
    NoOccurrence,
    #[error("a booking cannot take this step: {0}")]
    Booking(#[from] daymark_core::booking::Refused),
    #[error("the clock of this machine is far from any date: set it")]
    NoClock,
    /// It was whole when it was opened.
    #[error("the database is damaged: end Daymark and start it again; it then says what helps")]
    Damaged { source: sqlx::Error },
    #[error("the database failed")]
    Database { source: sqlx::Error },
}

/// What keeps the database from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    Full,
    Locked,
    Damaged,
    Failing,
}

impl From<sqlx::Error> for MirrorError {
    fn from(source: sqlx::Error) -> Self {
        match primary_code(&source) {
            Some(code::FULL) => MirrorError::DiskFull { source },
            Some(code::BUSY | code::LOCKED) => MirrorError::Locked { source },
            Some(code::NOT_A_DATABASE | code::CORRUPT) => MirrorError::Damaged { source },
            _ => MirrorError::Database { source },
        }
    }
}

impl MirrorError {
    /// Set when it is the database that failed, and not what was asked of it.
    pub fn storage(&self) -> Option<Storage> {
        match self {
            MirrorError::DiskFull { .. } => Some(Storage::Full),
            MirrorError::Locked { .. } => Some(Storage::Locked),
            MirrorError::Corrupt { .. } | MirrorError::Damaged { .. } => Some(Storage::Damaged),
            MirrorError::Folder { .. }
            | MirrorError::Unreadable { .. }
            | MirrorError::Newer { .. }
            | MirrorError::Older { .. }
            | MirrorError::Migration { .. }
            | MirrorError::Inconsistent { .. }
            | MirrorError::Database { .. } => Some(Storage::Failing),
            _ => None,
        }
    }

    /// What helps, word for word as the message ends.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            MirrorError::Folder { .. } => Some(MAKE_FOLDER),
            MirrorError::Unreadable { .. } => Some(LET_IN),
            MirrorError::Corrupt { .. } => Some(MEND),
            MirrorError::Newer { .. } => Some(UPDATE),
            MirrorError::Older { .. } => Some(RESTART),
            _ => None,
        }
    }

    /// An error met while opening the database at `path`.
    pub(crate) fn opening(path: &Path, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        match primary_code(&source) {
            Some(code::NOT_A_DATABASE | code::CORRUPT) => MirrorError::Corrupt { path, source },
            Some(code::CANNOT_OPEN | code::PERMISSION | code::READ_ONLY) => {
                MirrorError::Unreadable { path, source }
            }
            _ => source.into(),
        }
    }

    pub(crate) fn migrating(path: &Path, source: MigrateError) -> Self {
        let path = path.to_owned();
        match source {
            // The file knows a migration that this program does not.
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => MirrorError::Newer { path },
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
                MirrorError::opening(&path, source)
            }
            source => MirrorError::Migration { path, source },
        }
    }
}

/// SQLite's primary result codes (<https://www.sqlite.org/rescode.html>).
mod code {
    pub const PERMISSION: u32 = 3;
    pub const BUSY: u32 = 5;
    pub const LOCKED: u32 = 6;
    pub const READ_ONLY: u32 = 8;
    pub const CORRUPT: u32 = 11;
    pub const FULL: u32 = 13;
    pub const CANNOT_OPEN: u32 = 14;
    pub const NOT_A_DATABASE: u32 = 26;
}

/// The low byte of an extended result code is the primary one.
fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let extended: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}
