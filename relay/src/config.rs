//! The admin's one file: what it may say, and in plain words what is wrong with it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::{Host, Url};

use crate::accent::Colour;

const DEFAULT_LISTEN: &str = "127.0.0.1:8400";
const DEFAULT_ACCENT: &str = "#1f6f5c";
const LOGO_MAX_BYTES: u64 = 200 * 1024;
const LOGO_KINDS: [&str; 4] = ["png", "jpg", "webp", "svg"];

#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// Where visitors reach the relay; without it, the address it listens on.
    pub public_url: Option<Url>,
    pub database: PathBuf,
    pub data_dir: PathBuf,
    pub organisation: Organisation,
    pub log: String,
}

#[derive(Clone, Debug)]
pub struct Organisation {
    pub name: String,
    pub accent: Colour,
    pub logo: Option<PathBuf>,
}

/// Every message ends with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no configuration at {}. Write one there, or name another with --config.", .0.display())]
    Missing(PathBuf),
    #[error("the configuration {} cannot be read ({source}). Check that this user may read it.", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("the configuration {} is not UTF-8 text. Save it anew with that encoding.", .0.display())]
    NoText(PathBuf),
    #[error("the configuration {} is not right: {message}\nCorrect what it names; relay.example.toml shows every key.", path.display())]
    Syntax { path: PathBuf, message: String },
    #[error("`{key}` is wrong: {what}. {remedy}")]
    Value { key: &'static str, what: String, remedy: &'static str },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<String>,
    public_url: Option<String>,
    database: Option<String>,
    data_dir: Option<PathBuf>,
    organisation: OrganisationFile,
    log: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganisationFile {
    name: String,
    accent: Option<String>,
    logo: Option<PathBuf>,
}

impl Config {
    /// Reads the file; relative paths in it start at its own folder.
    pub fn read(path: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ConfigError::Missing(path.to_owned()),
            std::io::ErrorKind::InvalidData => ConfigError::NoText(path.to_owned()),
            _ => ConfigError::Unreadable { path: path.to_owned(), source },
        })?;
        let file: File = toml::from_str(&text)
            .map_err(|error| ConfigError::Syntax { path: path.to_owned(), message: error.to_string() })?;
        file.validate(folder_of(path))
    }
}

/// A bare file name lies in the folder where the relay was started.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl File {
    fn validate(self, folder: &Path) -> Result<Config, ConfigError> {
        let listen = listen(self.listen.as_deref().unwrap_or(DEFAULT_LISTEN))?;
        let data_dir = folder.join(self.data_dir.unwrap_or_default());
        Ok(Config {
            listen,
            public_url: public_url(self.public_url.as_deref(), listen)?,
            database: database(self.database.as_deref().unwrap_or("relay.sqlite"), &data_dir)?,
            organisation: organisation(self.organisation, folder)?,
            log: log(self.log)?,
            data_dir,
        })
    }
}

fn wrong<T>(key: &'static str, what: impl Into<String>, remedy: &'static str) -> Result<T, ConfigError> {
    Err(ConfigError::Value { key, what: what.into(), remedy })
}

fn listen(text: &str) -> Result<SocketAddr, ConfigError> {
    let remedy = "Write an IP address and a port, such as \"127.0.0.1:8400\".";
    text.parse().or_else(|_| wrong("listen", format!("\"{text}\" is no address with a port"), remedy))
}

fn public_url(text: Option<&str>, listen: SocketAddr) -> Result<Option<Url>, ConfigError> {
    const REMEDY: &str = "Write the address visitors use, such as \"https://book.example.org\".";
    let Some(text) = text else {
        return if listen.ip().is_loopback() {
            Ok(None)
        } else {
            wrong("public_url", "it is missing, and the relay listens to other machines", REMEDY)
        };
    };
    let url: Url = match text.parse() {
        Ok(url) => url,
        Err(error) => return wrong("public_url", format!("\"{text}\" is no address ({error})"), REMEDY),
    };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return wrong("public_url", format!("\"{text}\" is no web address"), REMEDY);
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return wrong("public_url", "the relay needs a host name of its own, without a path", REMEDY);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("public_url", "it holds a user name or a password", REMEDY);
    }
    Ok(Some(url))
}

/// True for addresses that never leave this machine.
pub fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn database(text: &str, data_dir: &Path) -> Result<PathBuf, ConfigError> {
    const REMEDY: &str = "Write the name of an SQLite file, such as \"relay.sqlite\".";
    if text.is_empty() || text.contains("://") {
        return wrong("database", format!("\"{text}\" is no file"), REMEDY);
    }
    Ok(data_dir.join(text))
}

fn organisation(file: OrganisationFile, folder: &Path) -> Result<Organisation, ConfigError> {
    let name = file.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        let remedy = "Write the name that visitors know, in at most 100 letters.";
        return wrong("organisation.name", "it is empty, too long or not plain text", remedy);
    }
    let accent = file.accent.as_deref().unwrap_or(DEFAULT_ACCENT);
    let Some(accent) = Colour::parse(accent) else {
        let remedy = "Write six hex digits, such as \"#1f6f5c\".";
        return wrong("organisation.accent", format!("\"{accent}\" is no colour"), remedy);
    };
    let logo = file.logo.map(|logo| self::logo(folder.join(logo))).transpose()?;
    Ok(Organisation { name, accent, logo })
}

fn logo(path: PathBuf) -> Result<PathBuf, ConfigError> {
    const REMEDY: &str = "Name a png, jpg, webp or svg file of at most 200 KB.";
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    if !LOGO_KINDS.contains(&kind) {
        return wrong("organisation.logo", format!("{} is no picture", path.display()), REMEDY);
    }
    match std::fs::metadata(&path) {
        Ok(meta) if meta.is_file() && meta.len() <= LOGO_MAX_BYTES => Ok(path),
        Ok(_) => wrong("organisation.logo", format!("{} is too large", path.display()), REMEDY),
        Err(error) => {
            wrong("organisation.logo", format!("{} cannot be read ({error})", path.display()), REMEDY)
        }
    }
}

fn log(level: Option<String>) -> Result<String, ConfigError> {
    const REMEDY: &str = "Write error, warn, info, debug or trace.";
    let level = level.unwrap_or_else(|| "info".into());
    if ["error", "warn", "info", "debug", "trace"].contains(&level.as_str()) {
        return Ok(level);
    }
    wrong("log", format!("\"{level}\" is no level"), REMEDY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path).map_err(|error| error.to_string())
    }

    const SMALLEST: &str = "[organisation]\nname = \"Northcare\"\n";

    #[test]
    fn the_smallest_file_is_enough_for_one_machine() {
        let config = read(SMALLEST).unwrap();
        assert_eq!(config.listen.to_string(), DEFAULT_LISTEN);
        assert!(config.public_url.is_none());
        assert!(config.database.ends_with("relay.sqlite"));
    }

    #[test]
    fn the_example_shows_every_key_and_is_right() {
        let config = read(include_str!("../relay.example.toml")).unwrap();
        assert_eq!(config.public_url.unwrap().as_str(), "https://book.example.org/");
    }

    #[test]
    fn a_bare_file_name_means_the_folder_one_is_in() {
        assert_eq!(folder_of(Path::new("relay.toml")), Path::new("."));
        assert_eq!(folder_of(Path::new("etc/relay.toml")), Path::new("etc"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Config::read(Path::new("/nowhere/relay.toml")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/relay.toml"));
    }

    #[test]
    fn each_wrong_value_has_its_own_message_and_remedy() {
        for (line, key, remedy) in [
            ("listen = \"8400\"", "`listen`", "127.0.0.1:8400"),
            ("listen = \"0.0.0.0:80\"", "`public_url`", "https://book"),
            ("public_url = \"book\"", "`public_url`", "https://book"),
            ("public_url = \"ftp://x.org\"", "`public_url`", "https://book"),
            ("public_url = \"https://x.org/book\"", "`public_url`", "https://book"),
            ("public_url = \"https://me:pw@x.org\"", "`public_url`", "https://book"),
            ("database = \"postgres://db\"", "`database`", "relay.sqlite"),
            ("log = \"loud\"", "`log`", "info"),
        ] {
            let error = read(&format!("{line}\n{SMALLEST}")).unwrap_err();
            assert!(error.contains(key) && error.contains(remedy), "{line}: {error}");
        }
        for (line, key) in [
            ("accent = \"green\"", "accent"),
            ("logo = \"none.png\"", "logo"),
            ("logo = \"relay.toml\"", "logo"),
        ] {
            let error = read(&format!("{SMALLEST}{line}\n")).unwrap_err();
            assert!(error.contains(key), "{line}: {error}");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = read(&format!("lisen = \"x\"\n{SMALLEST}")).unwrap_err();
        assert!(error.contains("lisen") && error.contains("line 1"), "{error}");
    }
}
