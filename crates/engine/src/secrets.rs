//! Where refresh tokens and keys live: the system's keyring, or what the person chose in its place. Never plain text.

pub mod memory;
pub mod passphrase;

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use async_trait::async_trait;
use keyring_core::api::CredentialStoreApi as _;
use tokio::sync::oneshot;

use crate::api::settings::SecretsState;

/// Windows keeps at most 2,560 bytes in an entry; longer secrets are kept in parts.
const PART_BYTES: usize = 2_400;
/// More parts than any token needs; a bound for reading and deleting.
const MAX_PARTS: usize = 16;

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("no keyring answers on this machine")]
    Missing { source: Option<keyring_core::Error> },
    #[error("the keyring is locked")]
    Locked { source: keyring_core::Error },
    #[error("the keyring failed")]
    Keyring { source: keyring_core::Error },
    #[error("the secret is too long to be kept")]
    TooLong,
    #[error("the secrets file cannot be read or written")]
    File { source: std::io::Error },
    #[error("the passphrase does not open the secrets file, or the file is damaged")]
    WrongPassphrase,
}

/// Keeps secrets by name.
#[async_trait]
pub trait SecretStore: Send + Sync {
    async fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError>;
    async fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError>;
    /// Removing what is not there is not an error.
    async fn remove(&self, name: &str) -> Result<(), SecretError>;
    fn state(&self) -> SecretsState;
}

/// The system's keyring. All its calls happen on one thread of its own, because they block and some
/// services answer wrongly when asked from several at once.
pub struct Keyring {
    requests: Sender<Request>,
}

type Answer<T> = oneshot::Sender<Result<T, SecretError>>;

enum Request {
    Load(String, Answer<Option<Vec<u8>>>),
    Save(String, Vec<u8>, Answer<()>),
    Remove(String, Answer<()>),
}

impl Keyring {
    /// Connects to the keyring; `service` tells installations on one machine apart.
    pub async fn open(service: String) -> Result<Arc<Self>, SecretError> {
        let (requests, incoming) = channel::<Request>();
        let (ready, started) = oneshot::channel();
        std::thread::Builder::new()
            .name("keyring".into())
            .spawn(move || match Entries::open(service) {
                Ok(entries) => {
                    // The opener may have given up; then `incoming` is closed and the loop ends at once.
                    let _ = ready.send(Ok(()));
                    incoming.iter().for_each(|request| entries.serve(request));
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                }
            })
            .map_err(|source| SecretError::File { source })?;
        started.await.map_err(|_| SecretError::Missing { source: None })??;
        Ok(Arc::new(Keyring { requests }))
    }

    async fn ask<T>(&self, make: impl FnOnce(Answer<T>) -> Request) -> Result<T, SecretError> {
        let (answer, answered) = oneshot::channel();
        let gone = || SecretError::Missing { source: None };
        self.requests.send(make(answer)).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

#[async_trait]
impl SecretStore for Keyring {
    async fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        self.ask(|answer| Request::Load(name.into(), answer)).await
    }

    async fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.ask(|answer| Request::Save(name.into(), secret.into(), answer)).await
    }

    async fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.ask(|answer| Request::Remove(name.into(), answer)).await
    }

    fn state(&self) -> SecretsState {
        SecretsState::Keyring
    }
}

/// The keyring's entries, on its thread.
struct Entries {
    store: Arc<platform::Store>,
    service: String,
}

impl Entries {
    fn open(service: String) -> Result<Self, SecretError> {
        let store = platform::Store::new().map_err(|source| SecretError::Missing { source: Some(source) })?;
        let entries = Entries { store, service };
        // A service without a usable collection shows only at the first read.
        entries.part("probe", 0)?;
        Ok(entries)
    }

    fn serve(&self, request: Request) {
        // Whoever asked may have stopped waiting; the keyring has done its part either way.
        match request {
            Request::Load(name, answer) => drop(answer.send(self.load(&name))),
            Request::Save(name, secret, answer) => drop(answer.send(self.save(&name, &secret))),
            Request::Remove(name, answer) => drop(answer.send(self.remove_from(&name, 0))),
        }
    }

    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        let Some(mut secret) = self.part(name, 0)? else { return Ok(None) };
        let Some(parts) = secret.pop().map(usize::from) else { return Ok(None) };
        for index in 1..parts.min(MAX_PARTS) {
            match self.part(name, index)? {
                Some(part) => secret.extend(part),
                // A save that was cut between its parts: there is no whole secret.
                None => return Ok(None),
            }
        }
        Ok(Some(secret))
    }

    /// The first part is written last and names the number of parts, so that a cut save is noticed.
    fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        let (first, rest) = secret.split_at(secret.len().min(PART_BYTES));
        let parts = 1 + rest.len().div_ceil(PART_BYTES);
        let count = u8::try_from(parts).ok().filter(|_| parts <= MAX_PARTS).ok_or(SecretError::TooLong)?;
        for (index, part) in rest.chunks(PART_BYTES).enumerate() {
            self.entry(name, index + 1)?.set_secret(part).map_err(sort)?;
        }
        let mut first = first.to_vec();
        first.push(count);
        self.entry(name, 0)?.set_secret(&first).map_err(sort)?;
        self.remove_from(name, parts)
    }

    fn remove_from(&self, name: &str, first: usize) -> Result<(), SecretError> {
        for index in first..MAX_PARTS {
            match self.entry(name, index)?.delete_credential() {
                Ok(()) => {}
                Err(keyring_core::Error::NoEntry) => break,
                Err(error) => return Err(sort(error)),
            }
        }
        Ok(())
    }

    fn part(&self, name: &str, index: usize) -> Result<Option<Vec<u8>>, SecretError> {
        match self.entry(name, index)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(error) => Err(sort(error)),
        }
    }

    fn entry(&self, name: &str, index: usize) -> Result<keyring_core::Entry, SecretError> {
        self.store.build(&self.service, &format!("{name}#{index}"), None).map_err(sort)
    }
}

fn sort(source: keyring_core::Error) -> SecretError {
    match source {
        keyring_core::Error::NoStorageAccess(_) => SecretError::Locked { source },
        source => SecretError::Keyring { source },
    }
}

#[cfg(target_os = "linux")]
mod platform {
    pub use zbus_secret_service_keyring_store::Store;
}

#[cfg(target_os = "macos")]
mod platform {
    pub use apple_native_keyring_store::keychain::Store;
}

#[cfg(target_os = "windows")]
mod platform {
    pub use windows_native_keyring_store::Store;
}
