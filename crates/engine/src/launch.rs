//! Opening the engine with this machine's services: the one composition that app, terminal and demo share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Engine;
use crate::config::{Config, ConfigError, SecretsChoice};
use crate::engine::{Opening, StartError, database};
use crate::folder;
use crate::ports::Ports;
use crate::secrets::memory::{NoSecrets, SessionSecrets};
use crate::secrets::passphrase::PassphraseSecrets;
use crate::secrets::{Keyring, SecretError, SecretStore};
use crate::system::{SystemBrowser, SystemClock, SystemEntropy};

/// The variable that carries the passphrase of the secrets file.
pub const PASSPHRASE: &str = "DAYMARK_PASSPHRASE";

/// Where the data is, and which configuration counts.
#[derive(Clone, Debug)]
pub struct Launch {
    pub data: PathBuf,
    pub config: Option<PathBuf>,
}

const LET_WRITE: &str = "Check that you may write there";
const SET_OR_CHOOSE: &str = "set it, or choose another store";

#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the data folder {} cannot be used: {source}. {}", folder.display(), LET_WRITE)]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("config.toml asks for the passphrase store, but {PASSPHRASE} is not set; {}", SET_OR_CHOOSE)]
    NoPassphrase,
    #[error("{source}. {}", remedy(source, file))]
    Secrets { file: PathBuf, source: SecretError },
    #[error(transparent)]
    Start(#[from] StartError),
}

impl LaunchError {
    /// What helps, word for word as it stands in the message.
    pub fn remedy(&self) -> Option<String> {
        let said = match self {
            LaunchError::Config(error) => error.remedy(),
            LaunchError::Folder { .. } => LET_WRITE,
            LaunchError::NoPassphrase => SET_OR_CHOOSE,
            LaunchError::Secrets { file, source } => return Some(remedy(source, file)),
            LaunchError::Start(StartError::Lock(error)) => error.remedy(),
            LaunchError::Start(StartError::Mirror(error)) => return error.remedy().map(str::to_owned),
            LaunchError::Start(_) => return None,
        };
        Some(said.to_owned())
    }
}

/// What helps when the secrets file does not open. It holds sign-ins and the keys of the public page, so it may be left
/// behind.
fn remedy(error: &SecretError, file: &Path) -> String {
    let file = file.display();
    match error {
        SecretError::WrongPassphrase => format!(
            "Set {PASSPHRASE} to the passphrase that {file} was made with. If nobody knows it any more, move that \
             file away and start again: calendars and edits are kept, accounts need to sign in again, and the \
             public page needs a new code"
        ),
        _ => format!("Check that {file} can be read and written by you"),
    }
}

/// Whether Daymark has ever kept anything in the folder.
pub fn is_in_use(data: &Path) -> bool {
    database(data).exists()
}

/// Opens the engine. Loops are not started yet.
pub async fn open(launch: &Launch) -> Result<Engine, LaunchError> {
    let config = Config::load(launch.config.as_deref(), &launch.data)?;
    folder::make(&launch.data)
        .map_err(|source| LaunchError::Folder { folder: launch.data.clone(), source })?;
    let ports = Ports {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        secrets: secrets(&config, launch).await?,
        browser: Arc::new(SystemBrowser),
    };
    Ok(Engine::open(Opening { data: launch.data.clone(), config, ports, language: language() }).await?)
}

async fn secrets(config: &Config, launch: &Launch) -> Result<Arc<dyn SecretStore>, LaunchError> {
    match config.secrets.store {
        SecretsChoice::Session => Ok(Arc::new(SessionSecrets::default())),
        SecretsChoice::Passphrase => {
            let passphrase = std::env::var(PASSPHRASE).map_err(|_| LaunchError::NoPassphrase)?;
            let file = launch.data.join("secrets");
            let opened = PassphraseSecrets::open(&file, &passphrase, Arc::new(SystemEntropy));
            Ok(Arc::new(opened.map_err(|source| LaunchError::Secrets { file, source })?))
        }
        SecretsChoice::Keyring => Ok(keyring(launch).await),
    }
}

/// Without a keyring the app still opens: the schedule is there, and a card says what is missing.
async fn keyring(launch: &Launch) -> Arc<dyn SecretStore> {
    // Two installations on one machine have two folders, and must not read each other's tokens.
    let folder = launch.data.canonicalize().unwrap_or_else(|_| launch.data.clone());
    match Keyring::open(format!("Daymark {}", folder.display())).await {
        Ok(keyring) => keyring,
        Err(error) => {
            tracing::warn!(%error, "there is no keyring; accounts cannot be added");
            Arc::new(NoSecrets)
        }
    }
}

/// The system's language, as POSIX names it. Only words depend on it, never a time.
fn language() -> String {
    spoken(|name| std::env::var(name).ok())
}

/// What the variables say counts, whether or not this machine has made such a locale. As in GNU's tools the
/// list in `LANGUAGE` goes first, but not before a locale that asks for none.
fn spoken(variable: impl Fn(&str) -> Option<String>) -> String {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default();
    let plain = matches!(locale.split('.').next(), Some("" | "C" | "POSIX"));
    set("LANGUAGE").filter(|_| !plain).unwrap_or(locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(set: &[(&str, &str)]) -> String {
        spoken(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_list_of_languages_goes_before_the_locale_but_not_before_none() {
        assert_eq!(with(&[("LANG", "en_CA.UTF-8"), ("LANGUAGE", "fr:en")]), "fr:en");
        assert_eq!(with(&[("LANG", "C.UTF-8"), ("LANGUAGE", "fr")]), "C.UTF-8");
        assert_eq!(with(&[("LANG", "en_CA.UTF-8"), ("LC_ALL", "fr")]), "fr");
        assert_eq!(with(&[]), "");
    }

    #[test]
    fn a_passphrase_that_does_not_fit_is_said_with_what_helps_and_what_it_costs() {
        let (file, source) = (PathBuf::from("/data/secrets"), SecretError::WrongPassphrase);
        let said = LaunchError::Secrets { file, source }.to_string();
        for part in
            ["DAYMARK_PASSPHRASE", "/data/secrets", "move that file away", "sign in again", "a new code"]
        {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
