//! The data folder: made for its owner alone, and taken back to that where an earlier version made it readable.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use daymark_mirror::private;

/// A folder that holds anything else is its owner's business: files of ours are private in it by themselves.
const OURS: [&str; 9] = [
    "daymark.db",
    "daymark.db-wal",
    "daymark.db-shm",
    "daymark.lock",
    "config.toml",
    "secrets",
    "secrets.new",
    // What the desktop app keeps beside them.
    "webview",
    "tray",
];

/// Makes the folder if it is missing. One that holds a database and nothing but files of ours was made by us.
pub fn make(folder: &Path) -> io::Result<()> {
    private::make_folder(folder)?;
    if holds_only_ours(folder) {
        private::tighten(folder);
    }
    Ok(())
}

fn holds_only_ours(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    let names: Vec<_> = entries.map(|entry| entry.map(|entry| entry.file_name()).ok()).collect();
    let ours = |name: &OsStr| OURS.iter().any(|our| name == *our);
    names.iter().all(|name| name.as_deref().is_some_and(ours))
        && names.iter().flatten().any(|name| name == "daymark.db")
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn open_to_all(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        folder
    }

    #[test]
    fn a_new_folder_is_its_owners_alone() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("org.daymark").join("mirror");
        make(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700);
    }

    #[test]
    fn a_folder_of_ours_is_closed_and_a_shared_or_empty_one_stays_as_it_is() {
        for (files, after) in [
            (&["daymark.db", "daymark.lock", "config.toml"][..], 0o700),
            (&["daymark.db", "daymark.lock", "secrets", "webview", "tray"], 0o700),
            (&["daymark.db", "letter.txt"], 0o755),
            (&["config.toml"], 0o755),
            (&[], 0o755),
        ] {
            let folder = open_to_all(files);
            make(folder.path()).unwrap();
            assert_eq!(mode(folder.path()), after, "{files:?}");
        }
    }
}
