//! Secrets that live only as long as the process: "this session only", and tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{SecretError, SecretStore};
use crate::api::settings::SecretsState;

#[derive(Default)]
pub struct SessionSecrets {
    kept: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl SessionSecrets {
    fn table(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.table().get(name).cloned()
    }

    pub fn put(&self, name: &str, secret: &[u8]) {
        self.table().insert(name.into(), secret.into());
    }

    pub fn drop_one(&self, name: &str) {
        self.table().remove(name);
    }

    /// Everything that is held, for a store that takes over.
    pub fn all(&self) -> BTreeMap<String, Vec<u8>> {
        self.table().clone()
    }
}

#[async_trait]
impl SecretStore for SessionSecrets {
    async fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        Ok(self.get(name))
    }

    async fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.put(name, secret);
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.drop_one(name);
        Ok(())
    }

    fn state(&self) -> SecretsState {
        SecretsState::SessionOnly
    }
}
