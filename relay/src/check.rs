//! `relay check`: everything that would keep the relay from serving, in plain words, with what to do.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use daymark_core::entropy::Entropy;
use tokio::net::TcpListener;

use crate::StartError;
use crate::config::{Config, folder_of, is_local};
use crate::lock::ServeLock;
use crate::open_store;
use crate::store::Store as _;
use crate::store::sqlite::private::is_open_to_all;

pub(crate) const DISK_NEEDED_BYTES: u64 = 200 * 1024 * 1024;

/// What stands in the old log would be written into a backup beside which it is left.
const RESTORE: &str = "Stop the relay, rename the file together with those of its name that end in -wal and -shm, \
                       and put the last backup back.";

/// One thing looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: &'static str,
    pub verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Good(String),
    /// The relay works, but somebody should know.
    Warning(String),
    /// The relay does not start, or would lose data.
    Bad(String),
}

impl Finding {
    pub fn is_bad(&self) -> bool {
        matches!(self.verdict, Verdict::Bad(_))
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (mark, text) = match &self.verdict {
            Verdict::Good(text) => ("ok  ", text),
            Verdict::Warning(text) => ("note", text),
            Verdict::Bad(text) => ("BAD ", text),
        };
        write!(f, "{mark} {:<9} {text}", self.what)
    }
}

/// Looks at everything; one bad finding does not hide the next.
pub async fn check(config: &Config, entropy: &dyn Entropy) -> Vec<Finding> {
    vec![
        Finding { what: "address", verdict: address(config) },
        Finding { what: "port", verdict: port(config).await },
        Finding { what: "disk", verdict: room(&config.data_dir, "data_dir") },
        Finding { what: "database", verdict: database(config, entropy).await },
        Finding { what: "privacy", verdict: privacy(&config.database) },
    ]
}

fn address(config: &Config) -> Verdict {
    match &config.public_url {
        None => Verdict::Warning(
            "no public_url: pages can be opened on this machine only. Set it before visitors come.".into(),
        ),
        Some(url) if url.scheme() == "http" && !is_local(url) => Verdict::Warning(format!(
            "{url} is not encrypted: what visitors write can be read on its way. Put a proxy with TLS in front and use https."
        )),
        Some(url) => Verdict::Good(format!("visitors come to {url}")),
    }
}

async fn port(config: &Config) -> Verdict {
    match TcpListener::bind(config.listen).await {
        Ok(_) => Verdict::Good(format!("{} is free to listen on", config.listen)),
        Err(error) if error.kind() == ErrorKind::AddrInUse && ServeLock::is_taken(&config.database) => {
            Verdict::Good(format!("{} is in use: a relay serves this database now", config.listen))
        }
        Err(source) => Verdict::Bad(StartError::Port { address: config.listen, source }.to_string()),
    }
}

/// Whether a folder of the configuration's `key` can be written to and has room.
fn room(folder: &Path, key: &str) -> Verdict {
    if let Err(error) = writable(folder) {
        let remedy = match error.kind() {
            ErrorKind::StorageFull => "Free some space there",
            ErrorKind::NotFound => "Create it",
            _ => "Let this user write there",
        };
        return Verdict::Bad(format!(
            "{} cannot be written to ({error}). {remedy}, or change `{key}`.",
            folder.display()
        ));
    }
    match fs4::available_space(folder) {
        Ok(free) if free < DISK_NEEDED_BYTES => Verdict::Bad(format!(
            "only {} MB are free at {}. Bookings need room: free some, or move `{key}`.",
            free / (1024 * 1024),
            folder.display()
        )),
        Ok(free) => Verdict::Good(format!("{} MB free at {}", free / (1024 * 1024), folder.display())),
        Err(error) => {
            Verdict::Warning(format!("the free space of {} is unknown ({error})", folder.display()))
        }
    }
}

fn writable(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(".daymark-write-test");
    std::fs::File::create(&probe)?.write_all(b"ok")?;
    std::fs::remove_file(probe)
}

/// The terms of visits and visitors' e-mail addresses lie in it unsealed.
fn privacy(database: &Path) -> Verdict {
    if !is_open_to_all(database) {
        return Verdict::Good("no other user of this machine is let to the database".into());
    }
    Verdict::Warning(format!(
        "every user of this machine can read {0}, and with it visitors' e-mail addresses. Close it: chmod 600 {0}*",
        database.display()
    ))
}

async fn database(config: &Config, entropy: &dyn Entropy) -> Verdict {
    // SQLite keeps its log beside the database, which need not lie in `data_dir`.
    let folder = folder_of(&config.database);
    let room = room(folder, "database");
    if folder.is_dir() && matches!(room, Verdict::Bad(_)) {
        return room;
    }
    // Looking must leave nothing behind.
    if !config.database.exists() && folder.is_dir() {
        return Verdict::Good(format!(
            "{} is not there yet; the relay makes it when it starts",
            config.database.display()
        ));
    }
    let store = match open_store(config, entropy).await {
        Ok(store) => store,
        Err(error) => return Verdict::Bad(error.to_string()),
    };
    let verdict = match store.integrity().await {
        Ok(problems) if problems.is_empty() => {
            Verdict::Good(format!("{} opens, is whole and up to date", config.database.display()))
        }
        Ok(problems) => Verdict::Bad(format!(
            "{} is damaged ({}). {RESTORE}",
            config.database.display(),
            problems.join("; ")
        )),
        Err(error) => Verdict::Bad(format!("{error}. {RESTORE}")),
    };
    store.close().await;
    verdict
}
