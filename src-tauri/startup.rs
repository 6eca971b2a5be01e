//! From the command line to a running engine; errors of the start in words, and the signals that end it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use daymark_engine::launch::{self, Launch};
use daymark_program::ending::EndSignals;
use daymark_program::log::{asked_for, to_terminal};
use tauri::{AppHandle, Manager as _};

use crate::arguments::Arguments;
use crate::opening::Opening;
use crate::{bridge, platform};

/// The name under which the app's files and its one instance are known.
const IDENTIFIER: &str = "app.daymark.desktop";

/// Logs go to the terminal's error stream; `DAYMARK_LOG` sets how much.
pub fn log() {
    to_terminal(asked_for("warn"));
}

pub fn launch(arguments: &Arguments) -> anyhow::Result<Launch> {
    let data = match &arguments.data {
        // Everything else is told the same folder, wherever the app was started.
        Some(folder) => std::path::absolute(folder).context("the folder given with --data has no path")?,
        None => default_data()?,
    };
    Ok(Launch { data, config: arguments.config.clone() })
}

/// The system's place for application data.
fn default_data() -> anyhow::Result<PathBuf> {
    let base =
        dirs::data_dir().context("the system names no folder for application data; give one with --data")?;
    Ok(base.join(IDENTIFIER).join("mirror"))
}

/// One instance runs for each data folder: two would write to one mirror, but a trial beside the real one may.
pub fn instance_name(arguments: &Arguments, launch: &Launch) -> String {
    if arguments.data.is_none() {
        return IDENTIFIER.into();
    }
    let folder = launch.data.canonicalize().unwrap_or_else(|_| launch.data.clone());
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    format!("{IDENTIFIER}.at_{:016x}", hasher.finish())
}

/// Opens the engine while the window comes up, and then starts everything that needs it.
pub async fn begin(app: AppHandle, launch: Launch, failure: Failure) {
    let engine = match launch::open(&launch).await {
        Ok(engine) => Arc::new(engine),
        Err(error) => {
            failure.set(error.into());
            return app.exit(1);
        }
    };
    bridge::forward_notices(app.clone(), &engine);
    app.state::<Opening>().done(Arc::clone(&engine));
    platform::start(&app, &engine);
    engine.start();
}

/// Why the engine could not be opened, on its way from a task to the end of the program.
#[derive(Clone, Default)]
pub struct Failure(Arc<Mutex<Option<anyhow::Error>>>);

impl Failure {
    fn set(&self, error: anyhow::Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub fn take(&self) -> Option<anyhow::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What happened with its causes, and then what helps, for the person who started it: in the terminal, and on the desktop for
/// those who have none.
pub fn report(error: &anyhow::Error) {
    let sentence = launch::in_words(error.as_ref());
    eprintln!("daymark: {sentence}");
    platform::notify_failure(&sentence);
}

/// Ctrl-C, a closed terminal and the system's request to end do what "Quit" does.
pub fn quit_on_signal(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        match EndSignals::listen() {
            Ok(mut signals) => {
                signals.heard().await;
                app.exit(0);
            }
            Err(error) => tracing::warn!(%error, "the system's stop signals cannot be heard"),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(data: Option<&str>) -> Arguments {
        Arguments { data: data.map(PathBuf::from), config: None, hidden: false }
    }

    #[test]
    fn each_data_folder_has_an_instance_of_its_own() {
        let name = |data| {
            let arguments = given(data);
            instance_name(&arguments, &launch(&arguments).unwrap())
        };
        assert_eq!(name(None), IDENTIFIER);
        assert_ne!(name(Some("/srv/a")), name(Some("/srv/b")));
        assert_eq!(name(Some("/srv/a")), name(Some("/srv/a/")));
    }

    #[test]
    fn a_relative_data_folder_means_the_folder_it_was_typed_in() {
        assert!(launch(&given(Some("here"))).unwrap().data.is_absolute());
    }
}
