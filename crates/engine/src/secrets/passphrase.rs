//! Secrets in one encrypted file, for machines without a keyring: Argon2id over a passphrase, XChaCha20-Poly1305 over the rest.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::Argon2;
use async_trait::async_trait;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use data_encoding::BASE64;
use daymark_core::entropy::{Entropy, bytes};

use super::{SecretError, SecretStore};
use crate::api::settings::SecretsState;

const MAGIC: &[u8] = b"daymark secrets 1\n";
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;

/// An encrypted file that the passphrase opens.
pub struct PassphraseSecrets {
    file: PathBuf,
    salt: [u8; SALT_BYTES],
    cipher: XChaCha20Poly1305,
    entropy: Arc<dyn Entropy>,
    /// Holds the decrypted table; its lock also keeps two writers from crossing.
    kept: Mutex<BTreeMap<String, String>>,
}

impl PassphraseSecrets {
    /// Opens the file, or begins a new one where none is.
    pub fn open(file: &Path, passphrase: &str, entropy: Arc<dyn Entropy>) -> Result<Self, SecretError> {
        match std::fs::read(file) {
            Ok(content) => Self::unlock(file, &content, passphrase, entropy),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::begin(file, passphrase, entropy),
            Err(source) => Err(SecretError::File { source }),
        }
    }

    /// An empty store behind a passphrase of its own. The file is first written when something is kept.
    pub fn begin(file: &Path, passphrase: &str, entropy: Arc<dyn Entropy>) -> Result<Self, SecretError> {
        let salt = bytes(entropy.as_ref());
        let cipher = derive(passphrase, &salt)?;
        Ok(PassphraseSecrets { file: file.into(), salt, cipher, entropy, kept: Mutex::default() })
    }

    /// Opens a file that is there.
    pub fn reopen(file: &Path, passphrase: &str, entropy: Arc<dyn Entropy>) -> Result<Self, SecretError> {
        let content = std::fs::read(file).map_err(|source| SecretError::File { source })?;
        Self::unlock(file, &content, passphrase, entropy)
    }

    fn unlock(
        file: &Path,
        content: &[u8],
        passphrase: &str,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, SecretError> {
        let parts = content.strip_prefix(MAGIC).and_then(split_header);
        let (salt, nonce, sealed) = parts.ok_or(SecretError::WrongPassphrase)?;
        let cipher = derive(passphrase, &salt)?;
        let payload = Payload { msg: sealed, aad: MAGIC };
        let plain =
            cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| SecretError::WrongPassphrase)?;
        let table = serde_json::from_slice(&plain).map_err(|_| SecretError::WrongPassphrase)?;
        Ok(PassphraseSecrets { file: file.into(), salt, cipher, entropy, kept: Mutex::new(table) })
    }

    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(encoded) = kept.get(name) else { return Ok(None) };
        BASE64.decode(encoded.as_bytes()).map(Some).map_err(|_| SecretError::WrongPassphrase)
    }

    pub fn put(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.change(|table| {
            table.insert(name.into(), BASE64.encode(secret));
        })
    }

    pub fn drop_one(&self, name: &str) -> Result<(), SecretError> {
        self.change(|table| {
            table.remove(name);
        })
    }

    /// Takes over what another store held, all in one write; the file stands afterwards, whatever that was.
    pub fn take_over(&self, held: &BTreeMap<String, Vec<u8>>) -> Result<(), SecretError> {
        self.change(|table| {
            table.extend(held.iter().map(|(name, secret)| (name.clone(), BASE64.encode(secret))));
        })
    }

    /// Changes the table and writes it whole beside the old file, which it then replaces.
    fn change(&self, edit: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), SecretError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut table = kept.clone();
        edit(&mut table);
        let plain = serde_json::to_vec(&table)
            .map_err(|error| SecretError::File { source: std::io::Error::other(error) })?;
        let nonce: [u8; NONCE_BYTES] = bytes(self.entropy.as_ref());
        let payload = Payload { msg: &plain, aad: MAGIC };
        let sealed = self
            .cipher
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| SecretError::WrongPassphrase)?;
        replace(&self.file, &[MAGIC, &self.salt, &nonce, &sealed].concat())
            .map_err(|source| SecretError::File { source })?;
        *kept = table;
        Ok(())
    }
}

fn split_header(content: &[u8]) -> Option<([u8; SALT_BYTES], &[u8], &[u8])> {
    let (salt, rest) = content.split_at_checked(SALT_BYTES)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES)?;
    Some((salt.try_into().ok()?, nonce, sealed))
}

fn derive(passphrase: &str, salt: &[u8; SALT_BYTES]) -> Result<XChaCha20Poly1305, SecretError> {
    let mut key = [0_u8; 32];
    Argon2::default()
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .map_err(|_| SecretError::WrongPassphrase)?;
    Ok(XChaCha20Poly1305::new(Key::from_slice(&key)))
}

fn replace(file: &Path, content: &[u8]) -> std::io::Result<()> {
    let beside = file.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(&beside)?;
    written.write_all(content)?;
    written.sync_all()?;
    std::fs::rename(&beside, file)?;
    sync_folder(file)
}

/// Without it the old file may stand again after a power cut, and a refresh token that was turned over is lost with
/// the new one.
#[cfg(unix)]
fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[async_trait]
impl SecretStore for PassphraseSecrets {
    async fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        self.get(name)
    }

    async fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.put(name, secret)
    }

    async fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.drop_one(name)
    }

    fn state(&self) -> SecretsState {
        SecretsState::Passphrase
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemEntropy;

    #[tokio::test]
    async fn a_saved_secret_is_there_after_reopening_and_never_in_plain_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets");
        let store = PassphraseSecrets::open(&file, "long enough", Arc::new(SystemEntropy)).unwrap();
        store.save("account-1", b"refresh-token-xyz").await.unwrap();
        let again = PassphraseSecrets::open(&file, "long enough", Arc::new(SystemEntropy)).unwrap();
        assert_eq!(again.load("account-1").await.unwrap().unwrap(), b"refresh-token-xyz");
        let content = std::fs::read(&file).unwrap();
        assert!(!content.windows(7).any(|part| part == b"refresh" || part == b"account"));
    }

    #[tokio::test]
    async fn a_wrong_passphrase_and_a_damaged_file_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets");
        let store = PassphraseSecrets::open(&file, "right", Arc::new(SystemEntropy)).unwrap();
        store.save("account-1", b"token").await.unwrap();
        let wrong = PassphraseSecrets::open(&file, "wrong", Arc::new(SystemEntropy));
        assert!(matches!(wrong, Err(SecretError::WrongPassphrase)));
        std::fs::write(&file, b"daymark secrets 1\nshort").unwrap();
        let damaged = PassphraseSecrets::open(&file, "right", Arc::new(SystemEntropy));
        assert!(matches!(damaged, Err(SecretError::WrongPassphrase)));
    }
}
