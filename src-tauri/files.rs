//! Files that leave the app: they go into the person's downloads, and overwrite nothing there.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use daymark_engine::api::Problem;
use daymark_engine::api::problem::ProblemCode;
use tauri::{AppHandle, Manager as _};

/// Whoever has so many files of one name will not miss another one.
const MOST_OF_A_NAME: u32 = 1000;
/// The one kind of file that is written.
const ENDING: &str = ".ics";

/// Answers with the place of the file.
#[tauri::command]
pub async fn save_file(app: AppHandle, file_name: String, text: String) -> Result<String, Problem> {
    let folder = app.path().download_dir().or_else(|_| app.path().home_dir());
    let folder = folder.map_err(|error| not_saved(&error.to_string()))?;
    let writing = tauri::async_runtime::spawn_blocking(move || write_new(&folder, &file_name, &text));
    let written = writing.await.map_err(|error| not_saved(&error.to_string()))?;
    written.map(|path| path.display().to_string()).map_err(|error| not_saved(&error.to_string()))
}

fn write_new(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    let stem = name.strip_suffix(ENDING).filter(|stem| is_plain(stem));
    let stem =
        stem.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "this is no name of a calendar file"))?;
    std::fs::create_dir_all(folder)?;
    for nth in 1..=MOST_OF_A_NAME {
        let name = if nth == 1 { name.to_owned() } else { format!("{stem} ({nth}){ENDING}") };
        let path = folder.join(name);
        match File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Stays in its folder, and shows itself there.
fn is_plain(stem: &str) -> bool {
    let letter = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_' | ' ');
    !stem.trim().is_empty() && stem.chars().all(letter)
}

fn not_saved(reason: &str) -> Problem {
    Problem::new(ProblemCode::FileNotSaved, format!("the file could not be saved: {reason}"))
        .with("reason", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_file_of_a_name_leaves_the_first_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = write_new(folder.path(), "Visits.ics", "one").unwrap();
        let second = write_new(folder.path(), "Visits.ics", "two").unwrap();
        assert_eq!(second.file_name().unwrap(), "Visits (2).ics");
        let texts = [first, second].map(|path| std::fs::read_to_string(path).unwrap());
        assert_eq!(texts, ["one", "two"]);
    }

    #[test]
    fn nothing_but_a_plain_calendar_file_is_written() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["../up.ics", "a/b.ics", "run.sh", ".ics", ".hidden.ics", "c:\\x.ics", "a.sh\0.ics"] {
            assert!(write_new(folder.path(), name, "x").is_err(), "{name}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
