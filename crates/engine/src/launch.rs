//! Opening the engine with this machine's services: the one composition that app, terminal and demo share.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use daymark_core::causes::causes;

use crate::Engine;
use crate::api::secrets::{SHORTEST, is_short};
use crate::config::{Config, ConfigError, SecretsChoice};
use crate::engine::{Opening, StartError, database};
use crate::folder;
use crate::lock::LockError;
use crate::ports::Ports;
use crate::secrets::memory::SessionSecrets;
use crate::secrets::passphrase::PassphraseSecrets;
use crate::secrets::vault::{Vault, is_there};
use crate::secrets::{Keyring, SecretError, SecretStore};
use crate::system::{SystemBrowser, SystemClock, SystemEntropy};

/// The variable that carries the passphrase of the secrets file.
pub const PASSPHRASE: &str = "DAYMARK_PASSPHRASE";

/// The encrypted file's name in the data folder.
const SECRETS_FILE: &str = "secrets";

/// Where the data is, and which configuration counts.
#[derive(Clone, Debug)]
pub struct Launch {
    pub data: PathBuf,
    pub config: Option<PathBuf>,
}

const LET_WRITE: &str = "Check that you may write there";
const LONGER: &str = "Choose a longer one";

#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the data folder {} cannot be used: {source}. {}", folder.display(), LET_WRITE)]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("{} is shorter than {SHORTEST} characters, and would lock your sign-ins. {}", PASSPHRASE, LONGER)]
    ShortPassphrase,
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
            LaunchError::ShortPassphrase => LONGER,
            LaunchError::Secrets { file, source } => return Some(remedy(source, file)),
            LaunchError::Start(StartError::Lock(error)) => error.remedy(),
            LaunchError::Start(StartError::Mirror(error)) => return error.remedy().map(str::to_owned),
            LaunchError::Start(_) => return None,
        };
        Some(said.to_owned())
    }
}

/// What kept the engine from opening, with its causes, and what helps, where anything does.
pub fn told(error: &(dyn Error + 'static)) -> (String, Option<String>) {
    let message = causes(error);
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    let helps = chain.into_iter().find_map(|cause| match cause.downcast_ref::<LaunchError>() {
        Some(launch) => launch.remedy(),
        None => cause.downcast_ref::<ConfigError>().map(|config| config.remedy().to_owned()),
    });
    match helps.as_deref().and_then(|helps| message.split_once(helps)) {
        // The advice stands before the causes there.
        Some((before, after)) => {
            (format!("{}{after}", before.trim_end_matches([' ', '.', ':', ';', ','])), helps)
        }
        None => (message, helps),
    }
}

/// The same as one text for people: first what happened and why, then what helps.
pub fn in_words(error: &(dyn Error + 'static)) -> String {
    match told(error) {
        (happened, Some(helps)) => {
            let mut letters = helps.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            format!("{happened}. {}{}.", first.collect::<String>(), letters.as_str().trim_end_matches('.'))
        }
        (happened, None) => happened,
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
    let ports = ports(secrets(&config, launch, std::env::var(PASSPHRASE).ok()).await?);
    Ok(Engine::open(Opening { data: launch.data.clone(), config, ports, language: language() }).await?)
}

/// Opens the engine for what only shows something: no sign-in is used, and another program may hold the folder.
pub async fn open_to_read(launch: &Launch) -> Result<Engine, LaunchError> {
    let config = Config::load(launch.config.as_deref(), &launch.data)?;
    let opening = || {
        let secrets = Arc::new(SessionSecrets::default());
        Opening {
            data: launch.data.clone(),
            config: config.clone(),
            ports: ports(secrets),
            language: language(),
        }
    };
    match Engine::open(opening()).await {
        Err(StartError::Lock(LockError::Running { .. })) => Ok(Engine::open_beside(opening()).await?),
        opened => Ok(opened?),
    }
}

fn ports(secrets: Arc<dyn SecretStore>) -> Ports {
    Ports {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        secrets,
        browser: Arc::new(SystemBrowser),
    }
}

/// A secrets file counts whether or not a keyring answers: it is there because the person chose it.
async fn secrets(
    config: &Config,
    launch: &Launch,
    passphrase: Option<String>,
) -> Result<Arc<dyn SecretStore>, LaunchError> {
    let file = launch.data.join(SECRETS_FILE);
    match config.secrets.store {
        SecretsChoice::Session => Ok(Arc::new(SessionSecrets::default())),
        SecretsChoice::Keyring if !is_there(&file) => Ok(keyring(launch, file).await),
        SecretsChoice::Keyring | SecretsChoice::Passphrase => match passphrase {
            // Where the file is, its own passphrase counts, however short it is.
            Some(passphrase) if !is_there(&file) && is_short(&passphrase) => {
                Err(LaunchError::ShortPassphrase)
            }
            Some(passphrase) => Ok(Arc::new(opened(file, passphrase).await?)),
            None => Ok(Arc::new(Vault::new(file, Arc::new(SystemEntropy)))),
        },
    }
}

/// Deriving the key blocks, so it happens on a thread where that is allowed.
async fn opened(file: PathBuf, passphrase: String) -> Result<PassphraseSecrets, LaunchError> {
    let at = file.clone();
    let open = move || PassphraseSecrets::open(&at, &passphrase, Arc::new(SystemEntropy));
    let opened = tokio::task::spawn_blocking(open).await;
    let opened =
        opened.unwrap_or_else(|error| Err(SecretError::File { source: std::io::Error::other(error) }));
    opened.map_err(|source| LaunchError::Secrets { file, source })
}

/// Without a keyring the app still opens: the schedule is there, and the person chooses where secrets are kept.
async fn keyring(launch: &Launch, file: PathBuf) -> Arc<dyn SecretStore> {
    // Two installations on one machine have two folders, and must not read each other's tokens.
    let folder = launch.data.canonicalize().unwrap_or_else(|_| launch.data.clone());
    match Keyring::open(format!("Daymark {}", folder.display())).await {
        Ok(keyring) => keyring,
        Err(error) => {
            tracing::warn!(%error, "there is no keyring; accounts can be added once the person has chosen");
            Arc::new(Vault::new(file, Arc::new(SystemEntropy)))
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
    use crate::api::settings::SecretsState;
    use crate::config::SecretsConfig;

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

    async fn start(
        data: &Path,
        store: SecretsChoice,
        words: Option<&str>,
    ) -> Result<Arc<dyn SecretStore>, LaunchError> {
        let config = Config { secrets: SecretsConfig { store }, ..Config::default() };
        let launch = Launch { data: data.into(), config: None };
        secrets(&config, &launch, words.map(str::to_owned)).await
    }

    #[tokio::test]
    async fn a_file_that_was_chosen_counts_at_the_next_start_whatever_the_configuration_says_of_keyrings() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let store = start(data, SecretsChoice::Passphrase, None).await.unwrap();
        assert_eq!(store.state(), SecretsState::Missing, "nothing was chosen yet");
        store.vault().unwrap().keep_in_file("correct horse").await.unwrap();
        store.save("account-1", b"token").await.unwrap();
        for choice in [SecretsChoice::Keyring, SecretsChoice::Passphrase] {
            let locked = start(data, choice, None).await.unwrap();
            assert_eq!(locked.state(), SecretsState::Locked);
            assert!(locked.vault().is_some());
            let open = start(data, choice, Some("correct horse")).await.unwrap();
            assert_eq!(open.load("account-1").await.unwrap().unwrap(), b"token");
            let wrong = start(data, choice, Some("wrong horse")).await.err().unwrap();
            assert!(matches!(wrong, LaunchError::Secrets { source: SecretError::WrongPassphrase, .. }));
        }
    }

    #[tokio::test]
    async fn a_variable_with_a_short_passphrase_begins_no_file() {
        let folder = tempfile::tempdir().unwrap();
        for words in ["", "       a       ", "horse"] {
            let refused = start(folder.path(), SecretsChoice::Passphrase, Some(words)).await.err().unwrap();
            assert!(refused.to_string().contains("shorter than 8 characters"), "{refused}");
            assert_eq!(refused.remedy().as_deref(), Some(LONGER));
        }
        assert!(!is_there(&folder.path().join(SECRETS_FILE)));
    }

    #[tokio::test]
    async fn a_session_that_the_configuration_asks_for_is_not_asked_about() {
        let folder = tempfile::tempdir().unwrap();
        let store = start(folder.path(), SecretsChoice::Session, None).await.unwrap();
        assert_eq!(store.state(), SecretsState::SessionOnly);
        assert!(store.vault().is_none());
    }

    #[tokio::test]
    async fn of_a_damaged_database_the_cause_is_said_before_the_advice() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(database(folder.path()), "no bytes of any database".repeat(99)).unwrap();
        let refused = open(&Launch { data: folder.path().into(), config: None }).await.err().unwrap();
        let said = in_words(&refused);
        let at = |words: &str| said.find(words).unwrap_or_else(|| panic!("{words}: {said}"));
        assert!(at("damaged or no database") < at("(code: 26)"), "{said}");
        assert!(at("(code: 26)") < at("Put a backup of it back"), "{said}");
        assert!(said.ends_with("joined to its relay again."), "{said}");
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
