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
