//! A data folder as `daymarkctl` finds it on a machine where an account is connected.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use daymark_engine::secrets::passphrase::PassphraseSecrets;
use daymark_engine::system::SystemEntropy;
use journeys::world::{World, engine_config};
use serde_json::json;
use tempfile::TempDir;

use crate::figures::{Whole, whole};

const PASSPHRASE: &str = "a passphrase of nobody";

/// Secrets that outlive the world in which the account is connected.
pub fn secrets(folder: &Path) -> anyhow::Result<Arc<PassphraseSecrets>> {
    Ok(Arc::new(PassphraseSecrets::open(&folder.join("secrets"), PASSPHRASE, Arc::new(SystemEntropy))?))
}

pub struct Installed {
    program: PathBuf,
    folder: TempDir,
}

impl Installed {
    /// What a stopped world leaves behind.
    pub fn of(world: &World, secrets: &Path) -> anyhow::Result<Installed> {
        let folder = tempfile::tempdir()?;
        copy(&world.data(), folder.path())?;
        copy(secrets, folder.path())?;
        let google = engine_config(&world.sandbox)?.google;
        let config = json!({ "google": google, "secrets": { "store": "passphrase" } });
        std::fs::write(folder.path().join("config.toml"), toml::to_string(&config)?)?;
        Ok(Installed { program: program()?, folder })
    }

    /// The same once more, in a folder of its own.
    pub fn again(&self) -> anyhow::Result<Installed> {
        let folder = tempfile::tempdir()?;
        copy(self.folder.path(), folder.path())?;
        Ok(Installed { program: self.program.clone(), folder })
    }

    /// Runs `daymarkctl` as a whole program.
    pub fn run(&self, command: &[&str]) -> anyhow::Result<Whole> {
        let mut arguments: Vec<OsString> = vec!["--json".into(), "--data".into(), self.folder.path().into()];
        arguments.extend(command.iter().map(OsString::from));
        whole(&self.program, &arguments, &[(daymark_engine::launch::PASSPHRASE, PASSPHRASE)])
    }

    /// A whole run of `daymarkctl sync`, in which so many events must come.
    pub fn sync(&self, stored: usize) -> anyhow::Result<Whole> {
        let run = self.run(&["sync"])?;
        let expected = format!("\"stored\":{stored}");
        let is_there = run.said.split([',', '}']).any(|part| part == expected);
        anyhow::ensure!(is_there, "{stored} events should have come:\n{}", run.said);
        Ok(run)
    }
}

fn program() -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("DAYMARK_CTL").map(PathBuf::from).filter(|program| program.exists());
    named.context("set DAYMARK_CTL to a release build of daymarkctl; scripts/bench does")
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
