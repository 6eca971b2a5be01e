//! Where no keyring answers: nothing is kept until the person chooses a file that a passphrase locks, or this session.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use daymark_core::entropy::Entropy;

use super::memory::SessionSecrets;
use super::passphrase::PassphraseSecrets;
use super::{SecretError, SecretStore};
use crate::api::settings::SecretsState;

/// The store that changes under its users: whoever holds it has the tokens in the moment the person decides.
pub struct Vault {
    file: PathBuf,
    entropy: Arc<dyn Entropy>,
    /// Its lock keeps a token that is saved meanwhile from being missed when the store changes.
    kept: Mutex<Kept>,
}

enum Kept {
    Nothing,
    /// The file is there, and its passphrase was not said.
    Locked,
    Session(SessionSecrets),
    File(PassphraseSecrets),
}

impl Vault {
    /// Begins locked where the file is: it alone remembers that the person chose it.
    pub fn new(file: PathBuf, entropy: Arc<dyn Entropy>) -> Self {
        let kept = if is_there(&file) { Kept::Locked } else { Kept::Nothing };
        Vault { file, entropy, kept: Mutex::new(kept) }
    }

    pub fn keep_for_session(&self) -> Result<(), SecretError> {
        let mut kept = self.kept();
        match *kept {
            Kept::Nothing => *kept = Kept::Session(SessionSecrets::default()),
            _ => return Err(SecretError::Decided),
        }
        Ok(())
    }

    /// Begins the file. What this session held goes into it.
    pub async fn keep_in_file(&self, passphrase: &str) -> Result<(), SecretError> {
        let begun = self.derived(PassphraseSecrets::begin, passphrase).await?;
        let mut kept = self.kept();
        let held = match &*kept {
            Kept::Nothing => BTreeMap::new(),
            Kept::Session(session) => session.all(),
            Kept::Locked | Kept::File(_) => return Err(SecretError::Decided),
        };
        if is_there(&self.file) {
            return Err(SecretError::File { source: std::io::ErrorKind::AlreadyExists.into() });
        }
        begun.take_over(&held)?;
        *kept = Kept::File(begun);
        Ok(())
    }

    pub async fn unlock(&self, passphrase: &str) -> Result<(), SecretError> {
        let opened = self.derived(PassphraseSecrets::reopen, passphrase).await?;
        let mut kept = self.kept();
        match *kept {
            Kept::Locked => *kept = Kept::File(opened),
            _ => return Err(SecretError::Decided),
        }
        Ok(())
    }

    /// For a passphrase that nobody knows any more: the locked file is moved aside, and a new one begun.
    /// Gives the name that the old one has now.
    pub async fn begin_anew(&self, passphrase: &str) -> Result<String, SecretError> {
        let begun = self.derived(PassphraseSecrets::begin, passphrase).await?;
        let mut kept = self.kept();
        if !matches!(*kept, Kept::Locked) {
            return Err(SecretError::Decided);
        }
        let failed = |source| SecretError::File { source };
        let (aside, name) = free_name(&self.file).map_err(failed)?;
        std::fs::rename(&self.file, &aside).map_err(failed)?;
        if let Err(error) = begun.take_over(&BTreeMap::new()) {
            // The old one stands again, as if nothing had been asked.
            std::fs::rename(&aside, &self.file).map_err(failed)?;
            return Err(error);
        }
        *kept = Kept::File(begun);
        Ok(name)
    }

    /// Deriving a key takes a processor and memory for a while: not on a thread that others wait for.
    async fn derived(&self, make: Make, passphrase: &str) -> Result<PassphraseSecrets, SecretError> {
        let (file, passphrase) = (self.file.clone(), passphrase.to_owned());
        let entropy = Arc::clone(&self.entropy);
        let made = tokio::task::spawn_blocking(move || make(&file, &passphrase, entropy)).await;
        made.map_err(|error| SecretError::File { source: std::io::Error::other(error) })?
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Make = fn(&Path, &str, Arc<dyn Entropy>) -> Result<PassphraseSecrets, SecretError>;

/// A file that cannot be looked at counts as there: it must not be written over.
pub fn is_there(file: &Path) -> bool {
    file.try_exists().unwrap_or(true)
}

/// Beside the file, and nothing else's.
fn free_name(file: &Path) -> std::io::Result<(PathBuf, String)> {
    let stem = file.file_name().unwrap_or_default().to_string_lossy();
    for number in 1..u32::MAX {
        let name = format!("{stem}.old-{number}");
        let aside = file.with_file_name(&name);
        if !aside.try_exists()? {
            return Ok((aside, name));
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

#[async_trait]
impl SecretStore for Vault {
    async fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        match &*self.kept() {
            Kept::Nothing => Err(SecretError::Undecided),
            Kept::Locked => Err(SecretError::AwaitsPassphrase),
            Kept::Session(session) => Ok(session.get(name)),
            Kept::File(file) => file.get(name),
        }
    }

    async fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        match &*self.kept() {
            Kept::Nothing => Err(SecretError::Undecided),
            Kept::Locked => Err(SecretError::AwaitsPassphrase),
            Kept::Session(session) => {
                session.put(name, secret);
                Ok(())
            }
            Kept::File(file) => file.put(name, secret),
        }
    }

    async fn remove(&self, name: &str) -> Result<(), SecretError> {
        match &*self.kept() {
            Kept::Nothing => Err(SecretError::Undecided),
            Kept::Locked => Err(SecretError::AwaitsPassphrase),
            Kept::Session(session) => {
                session.drop_one(name);
                Ok(())
            }
            Kept::File(file) => file.drop_one(name),
        }
    }

    fn state(&self) -> SecretsState {
        match &*self.kept() {
            Kept::Nothing => SecretsState::Missing,
            Kept::Locked => SecretsState::Locked,
            Kept::Session(_) => SecretsState::SessionOnly,
            Kept::File(_) => SecretsState::Passphrase,
        }
    }

    fn vault(&self) -> Option<&Vault> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemEntropy;

    const WORDS: &str = "correct horse";

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets");
        (folder, file)
    }

    fn vault(file: &Path) -> Vault {
        Vault::new(file.into(), Arc::new(SystemEntropy))
    }

    async fn chosen(file: &Path) -> Vault {
        let vault = vault(file);
        vault.keep_in_file(WORDS).await.unwrap();
        vault.save("account-1", b"token").await.unwrap();
        vault
    }

    #[tokio::test]
    async fn until_something_is_chosen_nothing_is_kept_and_nothing_is_said_to_be_absent() {
        let (_folder, file) = folder();
        let vault = vault(&file);
        assert_eq!(vault.state(), SecretsState::Missing);
        assert!(matches!(vault.load("account-1").await, Err(SecretError::Undecided)));
        assert!(matches!(vault.save("account-1", b"token").await, Err(SecretError::Undecided)));
        assert!(matches!(vault.unlock(WORDS).await, Err(SecretError::File { .. })));
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn a_chosen_file_is_locked_at_the_next_start_until_its_passphrase_is_said() {
        let (_folder, file) = folder();
        drop(chosen(&file).await);
        let again = vault(&file);
        assert_eq!(again.state(), SecretsState::Locked);
        assert!(matches!(again.load("account-1").await, Err(SecretError::AwaitsPassphrase)));
        assert!(matches!(again.save("account-1", b"other").await, Err(SecretError::AwaitsPassphrase)));
        assert!(matches!(again.remove("account-1").await, Err(SecretError::AwaitsPassphrase)));
        again.unlock(WORDS).await.unwrap();
        assert_eq!(again.state(), SecretsState::Passphrase);
        assert_eq!(again.load("account-1").await.unwrap().unwrap(), b"token");
    }

    #[tokio::test]
    async fn the_choice_alone_is_remembered_though_nothing_was_kept_yet() {
        let (_folder, file) = folder();
        vault(&file).keep_in_file(WORDS).await.unwrap();
        assert_eq!(vault(&file).state(), SecretsState::Locked);
    }

    #[tokio::test]
    async fn a_wrong_passphrase_changes_nothing_however_often_it_is_said() {
        let (_folder, file) = folder();
        drop(chosen(&file).await);
        let before = std::fs::read(&file).unwrap();
        let again = vault(&file);
        for _ in 0..3 {
            assert!(matches!(again.unlock("wrong horse").await, Err(SecretError::WrongPassphrase)));
            assert_eq!(again.state(), SecretsState::Locked);
        }
        assert_eq!(std::fs::read(&file).unwrap(), before);
        again.unlock(WORDS).await.unwrap();
    }

    #[tokio::test]
    async fn what_the_session_held_moves_into_the_file() {
        let (_folder, file) = folder();
        let vault = vault(&file);
        vault.keep_for_session().unwrap();
        assert_eq!(vault.state(), SecretsState::SessionOnly);
        vault.save("account-1", b"token").await.unwrap();
        vault.save("relay-signing", &[7; 32]).await.unwrap();
        assert!(!file.exists());
        vault.keep_in_file(WORDS).await.unwrap();
        assert_eq!(vault.load("account-1").await.unwrap().unwrap(), b"token");
        let again = PassphraseSecrets::reopen(&file, WORDS, Arc::new(SystemEntropy)).unwrap();
        assert_eq!(again.get("account-1").unwrap().unwrap(), b"token");
        assert_eq!(again.get("relay-signing").unwrap().unwrap(), [7; 32]);
    }

    #[tokio::test]
    async fn beginning_anew_keeps_every_older_file_under_a_name_of_its_own() {
        let (_folder, file) = folder();
        drop(chosen(&file).await);
        let first = std::fs::read(&file).unwrap();
        let named = vault(&file).begin_anew("another horse").await.unwrap();
        assert_eq!(named, "secrets.old-1");
        let again = vault(&file);
        again.unlock("another horse").await.unwrap();
        assert_eq!(again.load("account-1").await.unwrap(), None);
        assert_eq!(vault(&file).begin_anew(WORDS).await.unwrap(), "secrets.old-2");
        assert_eq!(std::fs::read(file.with_file_name("secrets.old-1")).unwrap(), first);
        assert!(PassphraseSecrets::reopen(&file, WORDS, Arc::new(SystemEntropy)).is_ok());
    }

    #[tokio::test]
    async fn a_new_file_that_cannot_be_written_leaves_the_old_one_in_its_place() {
        let (_folder, file) = folder();
        drop(chosen(&file).await);
        // Where the new content would be written first there is something else.
        std::fs::create_dir(file.with_extension("new")).unwrap();
        let again = vault(&file);
        assert!(matches!(again.begin_anew("another horse").await, Err(SecretError::File { .. })));
        assert!(!file.with_file_name("secrets.old-1").exists());
        again.unlock(WORDS).await.unwrap();
        assert_eq!(again.load("account-1").await.unwrap().unwrap(), b"token");
    }

    #[tokio::test]
    async fn what_is_open_or_locked_is_never_begun_over() {
        let (_folder, file) = folder();
        let open = chosen(&file).await;
        assert!(matches!(open.keep_in_file("another horse").await, Err(SecretError::Decided)));
        assert!(matches!(open.begin_anew("another horse").await, Err(SecretError::Decided)));
        assert!(matches!(open.keep_for_session(), Err(SecretError::Decided)));
        let locked = vault(&file);
        assert!(matches!(locked.keep_in_file("another horse").await, Err(SecretError::Decided)));
        assert!(matches!(locked.keep_for_session(), Err(SecretError::Decided)));
        locked.unlock(WORDS).await.unwrap();
        assert_eq!(locked.load("account-1").await.unwrap().unwrap(), b"token");
    }

    #[tokio::test]
    async fn a_file_that_came_meanwhile_is_not_written_over() {
        let (_folder, file) = folder();
        let vault = vault(&file);
        drop(chosen(&file).await);
        assert!(matches!(vault.keep_in_file("another horse").await, Err(SecretError::File { .. })));
        assert!(PassphraseSecrets::reopen(&file, WORDS, Arc::new(SystemEntropy)).is_ok());
    }
}
