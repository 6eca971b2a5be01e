//! The accounts' clients: made from configuration and secrets, kept while the account lives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono_tz::Tz;
use daymark_core::entropy::{Entropy, bytes};
use daymark_core::time::Instant;
use daymark_mirror::AccountId;
use daymark_remotes::caldav::discovery::{self, Consent, DiscoveryError, Found};
use daymark_remotes::caldav::{CalDav, Login, Place};
use daymark_remotes::calendar::CalendarProvider;
use daymark_remotes::capabilities::{self, Capabilities};
use daymark_remotes::error::RemoteError;
use daymark_remotes::google::Google;
use daymark_remotes::http::{Pace, Service};
use daymark_remotes::microsoft::Graph;
use daymark_remotes::oauth::{AuthServer, Grant, StoreError, TokenStore, Tokens};
use daymark_remotes::relay::Means;
use serde::{Deserialize, Serialize};
use url::Url;

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

/// What the keyring holds of a CalDAV account: the password together with the only server that it is for.
#[derive(Serialize, Deserialize)]
pub struct ServerKey {
    homes: Vec<Url>,
    principal: Option<Url>,
    plain_http: bool,
    username: String,
    password: String,
}

impl ServerKey {
    pub fn new(place: Place, login: Login) -> Self {
        let Place { homes, principal, plain_http } = place;
        ServerKey { homes, principal, plain_http, username: login.username, password: login.password }
    }

    fn parts(self) -> (Place, Login) {
        let place = Place { homes: self.homes, principal: self.principal, plain_http: self.plain_http };
        (place, Login { username: self.username, password: self.password })
    }
}

/// One account's client, and its way out.
#[derive(Clone)]
pub struct Live {
    pub calendars: Arc<dyn CalendarProvider>,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Google(Arc<Google>, Arc<Tokens>),
    Microsoft(Arc<Graph>, Arc<Tokens>),
    CalDav(Arc<CalDav>),
}

impl Live {
    /// The network is back, or somebody pressed "sync now": past failures no longer hold calls back.
    pub fn hurry(&self) {
        match &self.kind {
            Kind::Google(google, _) => google.service().hurry(),
            Kind::Microsoft(graph, _) => graph.service().hurry(),
            Kind::CalDav(caldav) => caldav.service().hurry(),
        }
    }

    pub fn capabilities(&self) -> &'static Capabilities {
        match &self.kind {
            Kind::Google(..) => &capabilities::GOOGLE,
            Kind::Microsoft(..) => &capabilities::MICROSOFT,
            Kind::CalDav(_) => &capabilities::CALDAV,
        }
    }

    /// The address that tells this account from others.
    pub async fn address(&self) -> Result<String, RemoteError> {
        match &self.kind {
            Kind::Google(google, _) => google.address().await,
            Kind::Microsoft(graph, _) => graph.address().await,
            Kind::CalDav(_) => Err(no_page()),
        }
    }

    /// Takes a new grant over.
    pub async fn adopt(&self, grant: Grant) -> Result<(), RemoteError> {
        match &self.kind {
            Kind::Google(_, tokens) | Kind::Microsoft(_, tokens) => tokens.adopt(grant).await,
            Kind::CalDav(_) => Err(no_page()),
        }
    }

    /// Gives the grant back; a password is only forgotten.
    pub async fn revoke(&self) -> Result<(), RemoteError> {
        match &self.kind {
            Kind::Google(_, tokens) | Kind::Microsoft(_, tokens) => tokens.revoke().await,
            Kind::CalDav(_) => Ok(()),
        }
    }
}

fn no_page() -> RemoteError {
    let reason = "a CalDAV server has no page to sign in on; connect it by address and password".into();
    RemoteError::Invalid { service: "Daymark", reason }
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
            ProviderKind::CalDav => Err(no_page()),
        }
    }

    /// Providers with a sign-in page that have a client id.
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
    pub async fn of(
        &self,
        account: AccountId,
        provider: ProviderKind,
        home: Tz,
    ) -> Result<Live, RemoteError> {
        if let Some(live) = self.kept().get(&account) {
            return Ok(live.clone());
        }
        let live = match provider {
            ProviderKind::CalDav => self.at_server(account, home).await?,
            _ => {
                let store = Kept { secrets: Arc::clone(&self.secrets), name: secret_name(account) };
                self.make(provider, Box::new(store), home)?
            }
        };
        Ok(self.kept().entry(account).or_insert(live).clone())
    }

    /// A CalDAV account: where it is lies in the keyring, beside the password that belongs there.
    async fn at_server(&self, account: AccountId, home: Tz) -> Result<Live, RemoteError> {
        let secret = self.secrets.load(&secret_name(account)).await.map_err(|error| RemoteError::SignIn {
            reason: format!("the password cannot be read: {error}"),
        })?;
        let key = secret.and_then(|secret| serde_json::from_slice::<ServerKey>(&secret).ok());
        let lost = || RemoteError::SignIn { reason: "no password is kept for it".into() };
        let (place, login) = key.ok_or_else(lost)?.parts();
        let (http, pace) = (self.means.http.clone(), Arc::clone(&self.means.pace));
        let caldav = Arc::new(CalDav::new(place, login, http, pace, home).ok_or_else(lost)?);
        Ok(Live { calendars: caldav.clone(), kind: Kind::CalDav(caldav) })
    }

    /// Looks for the calendars of an account that is not connected yet.
    pub async fn discover(
        &self,
        entered: &str,
        login: &Login,
        consent: &Consent,
        home: Tz,
    ) -> Result<Found, DiscoveryError> {
        let (http, pace) = (self.means.http.clone(), Arc::clone(&self.means.pace));
        discovery::discover(entered, login, consent, http, pace, home).await
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
                Live { calendars: google.clone(), kind: Kind::Google(google, tokens) }
            }
            ProviderKind::Microsoft => {
                let graph = Graph::new(&self.config.microsoft, http, pace, Arc::clone(&tokens), home);
                let graph = Arc::new(graph);
                Live { calendars: graph.clone(), kind: Kind::Microsoft(graph, tokens) }
            }
            ProviderKind::CalDav => return Err(no_page()),
        })
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
