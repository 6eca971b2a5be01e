//! Where sign-ins and keys are kept, on a machine without a keyring: what the person says about it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::accounts::Password;

/// Where to keep them from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ChooseSecrets {
    /// In a file that this passphrase locks.
    File { passphrase: Password },
    /// Until Daymark stops.
    Session,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Passphrase {
    pub passphrase: Password,
}

/// A locked file that nobody can open any more was moved aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MovedAside {
    /// Its name now, in the data folder.
    pub name: String,
}

/// A passphrase has so many characters at least.
pub const SHORTEST: usize = 8;

/// Blanks around it are kept, but lock nothing.
pub fn is_short(passphrase: &str) -> bool {
    passphrase.trim().chars().count() < SHORTEST
}
