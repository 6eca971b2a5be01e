//! Opens the engine on the folder that the command line names.

use anyhow::Context as _;
use daymark_engine::Engine;
use daymark_engine::launch::{self, Launch};

use crate::arguments::Arguments;

pub async fn open(arguments: &Arguments) -> anyhow::Result<Engine> {
    let data = arguments.data.clone().context("name the data folder with --data")?;
    anyhow::ensure!(data.is_dir(), "there is no folder {}; check the path after --data", data.display());
    Ok(launch::open(&Launch { data, config: arguments.config.clone() }).await?)
}

/// For commands that only show: a folder without data stays as it is.
pub async fn open_used(arguments: &Arguments) -> anyhow::Result<Engine> {
    if let Some(data) = arguments.data.as_deref().filter(|data| data.is_dir() && !launch::is_in_use(data)) {
        anyhow::bail!("there are no accounts in {}; is --data right?", data.display());
    }
    open(arguments).await
}
