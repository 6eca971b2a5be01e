//! The program's configuration file: addresses and client ids of services, and where secrets live.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use daymark_remotes::settings::{GoogleSettings, MicrosoftSettings};
use serde::Deserialize;

/// `config.toml` in the data folder, or the file given on the command line.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(default)]
    pub google: GoogleSettings,
    #[serde(default)]
    pub microsoft: MicrosoftSettings,
    #[serde(default)]
    pub secrets: SecretsConfig,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretsConfig {
    #[serde(default)]
    pub store: SecretsChoice,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretsChoice {
    #[default]
    Keyring,
    /// An encrypted file in the data folder; the passphrase comes from `DAYMARK_PASSPHRASE`.
    Passphrase,
    /// Kept in memory: sign in again at each start.
    Session,
}

const LET_READ: &str = "Check that it exists and that you may read it";
const SAVE_ANEW: &str = "Save it anew with that encoding";
const CORRECT: &str = "Correct the line it names, or remove it to use the default";

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {} cannot be read: {source}. {}", file.display(), LET_READ)]
    Unreadable { file: PathBuf, source: std::io::Error },
    #[error("the configuration file {} is not UTF-8 text. {}", file.display(), SAVE_ANEW)]
    NoText { file: PathBuf },
    #[error("the configuration file {} is not right: {why}. {}", file.display(), CORRECT)]
    Wrong { file: PathBuf, why: String },
}

impl ConfigError {
    pub fn remedy(&self) -> &'static str {
        match self {
            ConfigError::Unreadable { .. } => LET_READ,
            ConfigError::NoText { .. } => SAVE_ANEW,
            ConfigError::Wrong { .. } => CORRECT,
        }
    }
}

impl Config {
    /// Reads `file`, or `config.toml` in the data folder if it is there.
    pub fn load(file: Option<&Path>, data: &Path) -> Result<Config, ConfigError> {
        let beside = data.join("config.toml");
        match file {
            Some(file) => Self::read(file),
            None if beside.exists() => Self::read(&beside),
            None => Ok(Config::default()),
        }
    }

    fn read(file: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|source| match source.kind() {
            ErrorKind::InvalidData => ConfigError::NoText { file: file.into() },
            _ => ConfigError::Unreadable { file: file.into(), source },
        })?;
        toml::from_str(&text).map_err(|error| ConfigError::Wrong {
            file: file.into(),
            why: error.to_string().trim().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        (folder, file)
    }

    #[test]
    fn without_a_file_the_real_providers_are_meant() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(None, folder.path()).unwrap();
        assert_eq!(config.google.api.as_str(), "https://www.googleapis.com/");
        assert_eq!(config.secrets.store, SecretsChoice::Keyring);
    }

    #[test]
    fn a_named_file_that_is_missing_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let error = Config::load(Some(&folder.path().join("none.toml")), folder.path()).unwrap_err();
        assert!(error.to_string().contains("none.toml"));
    }

    #[test]
    fn a_file_in_another_encoding_is_told_to_be_saved_anew() {
        let (folder, file) = written("");
        std::fs::write(&file, b"# caf\xe9\n").unwrap();
        let error = Config::load(Some(&file), folder.path()).unwrap_err();
        assert_eq!(error.remedy(), SAVE_ANEW);
        assert!(error.to_string().contains("config.toml is not UTF-8 text. Save it anew"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let (folder, file) = written("[gogle]\n");
        let error = Config::load(Some(&file), folder.path()).unwrap_err();
        assert!(error.to_string().contains("gogle"), "{error}");
    }

    #[test]
    fn addresses_can_point_elsewhere() {
        let (folder, file) = written("[microsoft]\ngraph = \"http://127.0.0.1:4000/graph/\"\n");
        let config = Config::load(Some(&file), folder.path()).unwrap();
        assert_eq!(config.microsoft.graph.as_str(), "http://127.0.0.1:4000/graph/");
    }
}
