//! Secrets that live only as long as the process: "this session only", and tests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{SecretError, SecretStore};
use crate::api::settings::SecretsState;

#[derive(Default)]
pub struct SessionSecrets {
    kept: Mutex<HashMap<String, Vec<u8>>>,
}

#[async_trait]
impl SecretStore for SessionSecrets {
    async fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        Ok(self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    async fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(name.into(), secret.into());
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }

    fn state(&self) -> SecretsState {
        SecretsState::SessionOnly
    }
}

/// Stands in when no keyring answers and nothing was chosen: it keeps nothing, and says so.
pub struct NoSecrets;

#[async_trait]
impl SecretStore for NoSecrets {
    async fn load(&self, _name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        Err(SecretError::Missing { source: None })
    }

    async fn save(&self, _name: &str, _secret: &[u8]) -> Result<(), SecretError> {
        Err(SecretError::Missing { source: None })
    }

    async fn remove(&self, _name: &str) -> Result<(), SecretError> {
        Err(SecretError::Missing { source: None })
    }

    fn state(&self) -> SecretsState {
        SecretsState::Missing
    }
}
