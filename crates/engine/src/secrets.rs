//! Where refresh tokens and keys live: the system's keyring, or what the person chose in its place. Never plain text.

pub mod memory;
pub mod passphrase;
pub mod vault;

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use async_trait::async_trait;
use keyring_core::api::CredentialStore;
use tokio::sync::oneshot;

use crate::api::settings::SecretsState;
use vault::Vault;

/// Windows keeps at most 2,560 bytes in an entry; longer secrets are kept in parts.
const PART_BYTES: usize = 2_400;
/// More parts than any token needs; a bound for reading and deleting.
const MAX_PARTS: u8 = 16;
/// Set in the head's last byte when its parts are those of the second family.
const SECOND_FAMILY: u8 = 0x80;

/// Long enough to find a password and type it; a service that has crashed never answers.
const KEYRING_PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the keyring does not answer")]
    Silent,
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
    #[error("no keyring answers on this machine, and nothing was chosen in its place")]
    Undecided,
    #[error("the secrets file waits for its passphrase")]
    AwaitsPassphrase,
    #[error("where secrets are kept was decided already")]
    Decided,
}

/// Keeps secrets by name.
#[async_trait]
pub trait SecretStore: Send + Sync {
    async fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError>;
    async fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError>;
    /// Removing what is not there is not an error.
    async fn remove(&self, name: &str) -> Result<(), SecretError>;
    fn state(&self) -> SecretsState;
    /// What the person may decide about; nothing where configuration or the keyring decided.
    fn vault(&self) -> Option<&Vault> {
        None
    }
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
        answered(started, KEYRING_PATIENCE).await?;
        Ok(Arc::new(Keyring { requests }))
    }

    async fn ask<T>(&self, make: impl FnOnce(Answer<T>) -> Request) -> Result<T, SecretError> {
        let (answer, waiting) = oneshot::channel();
        self.requests.send(make(answer)).map_err(|_| SecretError::Missing { source: None })?;
        answered(waiting, KEYRING_PATIENCE).await
    }
}

/// What the keyring's thread says, unless the service is silent for too long.
async fn answered<T>(
    waiting: oneshot::Receiver<Result<T, SecretError>>,
    patience: Duration,
) -> Result<T, SecretError> {
    let gone = || SecretError::Missing { source: None };
    match tokio::time::timeout(patience, waiting).await {
        Ok(answer) => answer.map_err(|_| gone())?,
        Err(_) => Err(SecretError::Silent),
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

/// The keyring's entries, on its thread. A secret's head holds its first bytes and one byte more: how
/// many parts there are, and of which of two families.
struct Entries {
    store: Arc<CredentialStore>,
    service: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    First,
    Second,
}

/// What the head's last byte says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    parts: u8,
    family: Family,
}

impl Layout {
    fn read(byte: u8) -> Self {
        let family = if byte & SECOND_FAMILY == 0 { Family::First } else { Family::Second };
        Layout { parts: byte & !SECOND_FAMILY, family }
    }

    fn byte(self) -> u8 {
        match self.family {
            Family::First => self.parts,
            Family::Second => self.parts | SECOND_FAMILY,
        }
    }
}

impl Family {
    fn other(self) -> Self {
        match self {
            Family::First => Family::Second,
            Family::Second => Family::First,
        }
    }

    fn part(self, name: &str, index: u8) -> String {
        match self {
            Family::First => format!("{name}#{index}"),
            Family::Second => format!("{name}#{index}b"),
        }
    }
}

impl Entries {
    fn open(service: String) -> Result<Self, SecretError> {
        let store = platform::Store::new().map_err(|source| SecretError::Missing { source: Some(source) })?;
        let entries = Entries { store, service };
        // A service without a usable collection shows only at the first read.
        entries.read("probe#0")?;
        Ok(entries)
    }

    fn serve(&self, request: Request) {
        // Whoever asked may have stopped waiting; the keyring has done its part either way.
        match request {
            Request::Load(name, answer) => drop(answer.send(self.load(&name))),
            Request::Save(name, secret, answer) => drop(answer.send(self.save(&name, &secret))),
            Request::Remove(name, answer) => drop(answer.send(self.remove(&name))),
        }
    }

    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        let Some((mut secret, layout)) = self.head(name)? else { return Ok(None) };
        for index in 1..layout.parts.min(MAX_PARTS) {
            match self.read(&layout.family.part(name, index))? {
                Some(part) => secret.extend(part),
                // Somebody else removed it: there is no whole secret.
                None => return Ok(None),
            }
        }
        Ok(Some(secret))
    }

    /// The head is written last and in one piece: until then the old secret stands whole, since the new
    /// one's parts are of the other family. A save that is cut changes nothing.
    fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        let (first, rest) = secret.split_at(secret.len().min(PART_BYTES));
        let parts = u8::try_from(1 + rest.len().div_ceil(PART_BYTES)).ok().filter(|it| *it <= MAX_PARTS);
        let parts = parts.ok_or(SecretError::TooLong)?;
        let old = self.head(name)?.map(|(_, layout)| layout.family);
        let family = old.map_or(Family::First, Family::other);
        for (index, part) in (1..).zip(rest.chunks(PART_BYTES)) {
            self.write(&family.part(name, index), part)?;
        }
        let head = [first, &[Layout { parts, family }.byte()]].concat();
        self.write(&head_of(name), &head)?;
        self.sweep(name, family.other(), 1)?;
        // What a longer secret once left in this family.
        self.sweep(name, family, parts)
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.delete(&head_of(name))?;
        self.sweep(name, Family::First, 1)?;
        self.sweep(name, Family::Second, 1)
    }

    fn head(&self, name: &str) -> Result<Option<(Vec<u8>, Layout)>, SecretError> {
        let Some(mut head) = self.read(&head_of(name))? else { return Ok(None) };
        Ok(head.pop().map(|byte| (head, Layout::read(byte))))
    }

    /// Removes a family's parts from `first` on. They were written in order, so a gap is their end.
    fn sweep(&self, name: &str, family: Family, first: u8) -> Result<(), SecretError> {
        for index in first..MAX_PARTS {
            if !self.delete(&family.part(name, index))? {
                break;
            }
        }
        Ok(())
    }

    fn read(&self, entry: &str) -> Result<Option<Vec<u8>>, SecretError> {
        match self.entry(entry)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(error) => Err(sort(error)),
        }
    }

    fn write(&self, entry: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.entry(entry)?.set_secret(secret).map_err(sort)
    }

    /// False when there was none.
    fn delete(&self, entry: &str) -> Result<bool, SecretError> {
        match self.entry(entry)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(keyring_core::Error::NoEntry) => Ok(false),
            Err(error) => Err(sort(error)),
        }
    }

    fn entry(&self, entry: &str) -> Result<keyring_core::Entry, SecretError> {
        self.store.build(&self.service, entry, None).map_err(sort)
    }
}

fn head_of(name: &str) -> String {
    Family::First.part(name, 0)
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

#[cfg(test)]
mod tests {
    //! On a store in memory that can die at any of its writes.

    use std::any::Any;
    use std::collections::{BTreeMap, HashMap};
    use std::sync::Mutex;

    use keyring_core::api::{Credential, CredentialApi, CredentialStoreApi};
    use keyring_core::{Entry, Error, Result};

    use super::*;

    #[tokio::test]
    async fn a_service_that_is_silent_is_given_up_on() {
        let (answer, waiting) = oneshot::channel::<std::result::Result<(), SecretError>>();
        let given_up = answered(waiting, Duration::ZERO).await;
        assert!(matches!(given_up, Err(SecretError::Silent)));
        drop(answer);
    }

    /// What is kept, and how many more writes succeed.
    #[derive(Debug, Default)]
    struct Drawer {
        kept: BTreeMap<String, Vec<u8>>,
        writes_left: Option<usize>,
    }

    impl Drawer {
        fn write(&mut self) -> Result<()> {
            match &mut self.writes_left {
                Some(0) => Err(Error::NoStorageAccess("it is locked".into())),
                Some(left) => {
                    *left -= 1;
                    Ok(())
                }
                None => Ok(()),
            }
        }
    }

    type Shared = Arc<Mutex<Drawer>>;

    #[derive(Clone, Debug, Default)]
    struct Memory(Shared);

    #[derive(Debug)]
    struct Slot {
        drawer: Shared,
        name: String,
    }

    impl CredentialStoreApi for Memory {
        fn vendor(&self) -> String {
            "memory".into()
        }

        fn id(&self) -> String {
            "memory".into()
        }

        fn build(&self, _service: &str, user: &str, _more: Option<&HashMap<&str, &str>>) -> Result<Entry> {
            let slot = Slot { drawer: Arc::clone(&self.0), name: user.into() };
            Ok(Entry::new_with_credential(Arc::new(slot)))
        }

        fn as_any(&self) -> &dyn Any {
            self
        }
    }

    impl CredentialApi for Slot {
        fn set_secret(&self, secret: &[u8]) -> Result<()> {
            let mut drawer = self.drawer.lock().unwrap();
            drawer.write()?;
            drawer.kept.insert(self.name.clone(), secret.into());
            Ok(())
        }

        fn get_secret(&self) -> Result<Vec<u8>> {
            self.drawer.lock().unwrap().kept.get(&self.name).cloned().ok_or(Error::NoEntry)
        }

        fn delete_credential(&self) -> Result<()> {
            let mut drawer = self.drawer.lock().unwrap();
            drawer.write()?;
            drawer.kept.remove(&self.name).map(drop).ok_or(Error::NoEntry)
        }

        fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
            Ok(None)
        }

        fn get_specifiers(&self) -> Option<(String, String)> {
            None
        }

        fn as_any(&self) -> &dyn Any {
            self
        }
    }

    const NAME: &str = "account-1";

    fn entries() -> (Entries, Shared) {
        let memory = Memory::default();
        let drawer = Arc::clone(&memory.0);
        (Entries { store: Arc::new(memory), service: "Daymark".into() }, drawer)
    }

    fn secret(letter: u8, length: usize) -> Vec<u8> {
        vec![letter; length]
    }

    const LENGTHS: [usize; 5] = [1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES + 7, 5 * PART_BYTES];

    #[test]
    fn a_secret_of_any_length_comes_back_and_no_entry_is_longer_than_windows_allows() {
        for length in LENGTHS {
            let (entries, drawer) = entries();
            entries.save(NAME, &secret(b'a', length)).unwrap();
            assert_eq!(entries.load(NAME).unwrap(), Some(secret(b'a', length)));
            assert!(drawer.lock().unwrap().kept.values().all(|entry| entry.len() <= 2_560));
            entries.remove(NAME).unwrap();
            assert_eq!(entries.load(NAME).unwrap(), None);
            assert!(drawer.lock().unwrap().kept.is_empty(), "nothing is left behind");
        }
    }

    #[test]
    fn a_save_that_dies_at_any_write_leaves_the_old_secret_or_the_new_one() {
        for (old, new) in LENGTHS.into_iter().flat_map(|old| LENGTHS.map(|new| (old, new))) {
            for dies_after in 0.. {
                let (entries, drawer) = entries();
                entries.save(NAME, &secret(b'x', old)).unwrap();
                entries.save(NAME, &secret(b'a', old)).unwrap();
                drawer.lock().unwrap().writes_left = Some(dies_after);
                let survived = entries.save(NAME, &secret(b'b', new)).is_ok();
                drawer.lock().unwrap().writes_left = None;
                let found = entries.load(NAME).unwrap();
                let whole = [Some(secret(b'a', old)), Some(secret(b'b', new))];
                assert!(whole.contains(&found), "{old} → {new}, dead after {dies_after}");
                entries.save(NAME, &secret(b'c', new)).unwrap();
                assert_eq!(entries.load(NAME).unwrap(), Some(secret(b'c', new)));
                if survived {
                    break;
                }
            }
        }
    }

    #[test]
    fn a_secret_written_before_there_were_two_families_is_still_read() {
        let (entries, drawer) = entries();
        let kept = [("account-1#0", b"ab\x02".to_vec()), ("account-1#1", b"cd".to_vec())];
        drawer.lock().unwrap().kept.extend(kept.map(|(name, bytes)| (name.to_owned(), bytes)));
        assert_eq!(entries.load(NAME).unwrap(), Some(b"abcd".to_vec()));
    }
}
