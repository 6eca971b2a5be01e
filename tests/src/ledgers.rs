//! The ledgers of worlds that ended, kept so that Google's discovery documents can be held against them.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use daymark_sandbox::control::Control;
use serde_json::json;

/// Names the folder that ledgers are written to, one JSON file a world. Unset, none is kept.
pub const FOLDER: &str = "DAYMARK_LEDGERS";

/// The folder for ledgers, when somebody wants them.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Writes the whole ledger of a world when that world ends.
pub struct Keeper {
    control: Arc<Control>,
    /// Empty until then: a world whose ledger could not be written does not pass for a checked one.
    file: File,
}

impl Keeper {
    /// `None` when nobody wants ledgers.
    pub fn of(control: &Arc<Control>) -> std::io::Result<Option<Keeper>> {
        let Some(folder) = folder() else { return Ok(None) };
        std::fs::create_dir_all(&folder)?;
        let file = tempfile::Builder::new().prefix("world-").suffix(".json").tempfile_in(folder)?;
        let (file, _) = file.keep()?;
        Ok(Some(Keeper { control: Arc::clone(control), file }))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let ledger = json!({ "entries": self.control.whole_ledger() }).to_string();
        if let Err(error) = self.file.write_all(ledger.as_bytes()) {
            tracing::error!(%error, "a ledger was not kept");
        }
    }
}
