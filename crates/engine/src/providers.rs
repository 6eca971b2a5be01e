//! The accounts' clients: made from configuration and secrets, kept while the account lives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono_tz::Tz;
use daymark_core::entropy::{Entropy, bytes};
use daymark_core::time::Instant;
use daymark_mirror::AccountId;
use daymark_remotes::calendar::CalendarProvider;
use daymark_remotes::capabilities::{self, Capabilities};
use daymark_remotes::error::RemoteError;
use daymark_remotes::google::Google;
use daymark_remotes::http::{Pace, Service};
use daymark_remotes::microsoft::Graph;
use daymark_remotes::oauth::{AuthServer, StoreError, TokenStore, Tokens};
use daymark_remotes::relay::Means;

use crate::api::accounts::ProviderKind;
use crate::config::Config;
use crate::ports::{Clock, Ports};
use crate::secrets::SecretStore;

/// The name under which an account's refresh token is kept.
pub fn secret_name(account: AccountId) -> String {
    format!("account-{}", account.0)
}

/// Time and dice of the remotes, from the engine's ports.
pub struct EnginePace {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl EnginePace {
    pub fn new(ports: &Ports) -> Arc<Self> {
        Arc::new(EnginePace { clock: Arc::clone(&ports.clock), entropy: Arc::clone(&ports.entropy) })
    }
}

#[async_trait]
impl Pace for EnginePace {
    async fn wait(&self, time: Duration) {
        self.clock.wait(time).await;
    }

    fn jitter(&self) -> f64 {
        f64::from(u32::from_le_bytes(bytes(self.entropy.as_ref()))) / f64::from(u32::MAX)
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }
}

/// One account's refresh token in the secret store.
struct Kept {
    secrets: Arc<dyn SecretStore>,
    name: String,
}

#[async_trait]
impl TokenStore for Kept {
    async fn load(&self) -> Result<Option<String>, StoreError> {
        let secret = self.secrets.load(&self.name).await?;
        Ok(secret.map(String::from_utf8).transpose()?)
    }

    async fn save(&self, refresh_token: &str) -> Result<(), StoreError> {
        Ok(self.secrets.save(&self.name, refresh_token.as_bytes()).await?)
    }
}

/// One account's client, and its way out.
#[derive(Clone)]
pub struct Live {
    pub calendars: Arc<dyn CalendarProvider>,
    pub tokens: Arc<Tokens>,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Google(Arc<Google>),
    Microsoft(Arc<Graph>),
}

impl Live {
    /// The network is back, or somebody pressed "sync now": past failures no longer hold calls back.
    pub fn hurry(&self) {
        match &self.kind {
            Kind::Google(google) => google.service().hurry(),
            Kind::Microsoft(graph) => graph.service().hurry(),
        }
    }

    pub fn capabilities(&self) -> &'static Capabilities {
        match &self.kind {
            Kind::Google(_) => &capabilities::GOOGLE,
            Kind::Microsoft(_) => &capabilities::MICROSOFT,
        }
    }

    /// The address that tells this account from others.
    pub async fn address(&self) -> Result<String, RemoteError> {
        match &self.kind {
            Kind::Google(google) => google.address().await,
            Kind::Microsoft(graph) => graph.address().await,
        }
    }
}

pub struct Providers {
    config: Arc<Config>,
    means: Means,
    secrets: Arc<dyn SecretStore>,
    live: Mutex<HashMap<AccountId, Live>>,
}

impl Providers {
    pub fn new(config: Arc<Config>, means: Means, secrets: Arc<dyn SecretStore>) -> Self {
        Providers { config, means, secrets, live: Mutex::default() }
    }

    pub fn server(&self, provider: ProviderKind) -> Result<AuthServer, RemoteError> {
        match provider {
            ProviderKind::Google => AuthServer::google(&self.config.google),
            ProviderKind::Microsoft => AuthServer::microsoft(&self.config.microsoft),
        }
    }

    /// Providers that have a client id.
    pub fn connectable(&self) -> Vec<ProviderKind> {
        let known = [
            (ProviderKind::Google, self.config.google.client.is_some()),
            (ProviderKind::Microsoft, self.config.microsoft.client.is_some()),
        ];
        known.into_iter().filter(|(_, has_client)| *has_client).map(|(provider, _)| provider).collect()
    }

    /// The way to a provider's sign-in.
    pub fn sign_in_service(&self) -> Service {
        Service::new("the sign-in", self.means.http.clone(), 2, Arc::clone(&self.means.pace))
    }

    /// The client of a known account; made at its first use.
    pub fn of(&self, account: AccountId, provider: ProviderKind, home: Tz) -> Result<Live, RemoteError> {
        if let Some(live) = self.kept().get(&account) {
            return Ok(live.clone());
        }
        let store = Kept { secrets: Arc::clone(&self.secrets), name: secret_name(account) };
        let live = self.make(provider, Box::new(store), home)?;
        Ok(self.kept().entry(account).or_insert(live).clone())
    }

    /// A client over any token store; a sign-in uses it before the account has a number.
    pub fn make(
        &self,
        provider: ProviderKind,
        store: Box<dyn TokenStore>,
        home: Tz,
    ) -> Result<Live, RemoteError> {
        let tokens = Arc::new(Tokens::new(self.server(provider)?, self.sign_in_service(), store));
        let (http, pace) = (self.means.http.clone(), Arc::clone(&self.means.pace));
        Ok(match provider {
            ProviderKind::Google => {
                let google = Arc::new(Google::new(&self.config.google, http, pace, Arc::clone(&tokens)));
                Live { calendars: google.clone(), tokens, kind: Kind::Google(google) }
            }
            ProviderKind::Microsoft => {
                let graph = Graph::new(&self.config.microsoft, http, pace, Arc::clone(&tokens), home);
                let graph = Arc::new(graph);
                Live { calendars: graph.clone(), tokens, kind: Kind::Microsoft(graph) }
            }
        })
    }

    /// Gives a grant back to its provider.
    pub async fn revoke(&self, provider: ProviderKind, refresh_token: &str) -> Result<(), RemoteError> {
        self.server(provider)?.revoke(&self.sign_in_service(), refresh_token).await
    }

    /// Makes the next use build a new client: the account signed in again, went, or the zone changed.
    pub fn forget(&self, account: Option<AccountId>) {
        match account {
            Some(account) => drop(self.kept().remove(&account)),
            None => self.kept().clear(),
        }
    }

    /// See [`Live::hurry`].
    pub fn hurry(&self) {
        self.kept().values().for_each(Live::hurry);
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<AccountId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
