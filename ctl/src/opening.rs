//! Opens the engine on the folder that the command line names.

use std::path::Path;

use daymark_engine::Engine;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{Account, LeftAccount};
use daymark_engine::api::settings::{Boot, SecretsState};
use daymark_engine::config::Config;
use daymark_engine::launch::{self, Launch, PASSPHRASE};

use crate::arguments::Arguments;
use crate::failure::Failure;

/// For commands that bring the first calendar of a folder.
pub async fn open(arguments: &Arguments) -> anyhow::Result<Engine> {
    unlocked(opened(arguments).await?).await
}

/// For commands that speak with the accounts' providers.
pub async fn open_used(arguments: &Arguments) -> anyhow::Result<Engine> {
    in_use(arguments)?;
    unlocked(with_accounts(arguments, opened(arguments).await?).await?).await
}

async fn opened(arguments: &Arguments) -> anyhow::Result<Engine> {
    Ok(launch::open(&named(arguments)?).await?)
}

fn named(arguments: &Arguments) -> Result<Launch, Failure> {
    Ok(Launch { data: folder(arguments)?.to_owned(), config: arguments.config.clone() })
}

async fn unlocked(engine: Engine) -> anyhow::Result<Engine> {
    let boot: Boot = serde_json::from_value(engine.call(Call::Boot(())).await?)?;
    if boot.secrets == SecretsState::Locked {
        engine.stop().await;
        return Err(locked().into());
    }
    Ok(engine)
}

/// For commands that show what accounts have: no sign-in is used, and the app may be running.
pub async fn open_to_read(arguments: &Arguments) -> anyhow::Result<Engine> {
    in_use(arguments)?;
    with_accounts(arguments, launch::open_to_read(&named(arguments)?).await?).await
}

/// A folder without data stays as it is.
fn in_use(arguments: &Arguments) -> anyhow::Result<()> {
    let data = folder(arguments)?;
    // What is wrong with the configuration is said first, as it is where there is a database.
    Config::load(arguments.config.as_deref(), data)?;
    if launch::is_in_use(data) { Ok(()) } else { Err(no_accounts(data).into()) }
}

async fn with_accounts(arguments: &Arguments, engine: Engine) -> anyhow::Result<Engine> {
    if accounts(&engine).await?.is_empty() && leaving(&engine).await?.iter().all(|it| it.removing.is_none()) {
        engine.stop().await;
        return Err(no_accounts(folder(arguments)?).into());
    }
    Ok(engine)
}

pub async fn accounts(engine: &Engine) -> anyhow::Result<Vec<Account>> {
    Ok(serde_json::from_value(engine.call(Call::Accounts(())).await?)?)
}

/// Those that were left, of which some may still remove their copies.
pub async fn leaving(engine: &Engine) -> anyhow::Result<Vec<LeftAccount>> {
    Ok(serde_json::from_value(engine.call(Call::LeftAccounts(())).await?)?)
}

fn folder(arguments: &Arguments) -> Result<&Path, Failure> {
    let Some(data) = arguments.data.as_deref() else {
        return Err(Failure::new("failed", "no data folder is named", "name it with --data"));
    };
    if !data.is_dir() {
        let message = format!("there is no folder {}", data.display());
        return Err(Failure::new("failed", message, "check the path after --data"));
    }
    Ok(data)
}

/// A terminal asks nothing: who runs a command there says the passphrase beforehand.
fn locked() -> Failure {
    let remedy = format!("set {PASSPHRASE} to its passphrase");
    Failure::new("secrets_locked", "the file that keeps sign-ins is locked", remedy)
}

fn no_accounts(data: &Path) -> Failure {
    let message = format!("there are no accounts in {}", data.display());
    let remedy =
        "is --data right? Accounts are connected in the app; import and subscribe add calendars here";
    Failure::new("no_accounts", message, remedy)
}
