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
use daymark_remotes::error::{RemoteError, SignInFailure};
use daymark_remotes::feed::Feed;
use daymark_remotes::google::Google;
use daymark_remotes::http::{Pace, Patience, Service};
use daymark_remotes::microsoft::Graph;
use daymark_remotes::oauth::{AuthServer, GrantStatus, StoreError, TokenStore, Tokens};
use daymark_remotes::reach::{Reach, reach};
use daymark_remotes::relay::Means;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::api::accounts::ProviderKind;
use crate::config::Config;
use crate::ports::{Clock, Ports};
use crate::secrets::{SecretError, SecretStore};

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
#[derive(Clone, Serialize, Deserialize)]
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

    /// `None` once the password was taken out.
    fn login(&self) -> Option<Login> {
        let Self { username, password, .. } = self.clone();
        (!password.is_empty()).then_some(Login { username, password })
    }

    fn place(&self) -> Place {
        let Self { homes, principal, plain_http, .. } = self.clone();
        Place { homes, principal, plain_http }
    }
}

/// One account's client, and its way out.
#[derive(Clone)]
pub struct Live {
    pub calendars: Arc<dyn CalendarProvider>,
    /// For accounts that are signed in to.
    pub tokens: Option<Arc<Tokens>>,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Google(Arc<Google>),
    Microsoft(Arc<Graph>),
    Feed(Arc<Feed>),
    CalDav(Arc<CalDav>),
}

impl Live {
    /// The network is back, or somebody pressed "sync now": past failures no longer hold calls back.
    pub fn hurry(&self) {
        match &self.kind {
            Kind::Google(google) => google.service().hurry(),
            Kind::Microsoft(graph) => graph.service().hurry(),
            Kind::Feed(feed) => feed.service().hurry(),
            Kind::CalDav(caldav) => caldav.service().hurry(),
        }
    }

    pub fn capabilities(&self) -> &'static Capabilities {
        match &self.kind {
            Kind::Google(_) => &capabilities::GOOGLE,
            Kind::Microsoft(_) => &capabilities::MICROSOFT,
            Kind::Feed(_) => &capabilities::FEED,
            Kind::CalDav(_) => &capabilities::CALDAV,
        }
    }

    /// The address that tells this account from others.
    pub async fn address(&self) -> Result<String, RemoteError> {
        match &self.kind {
            Kind::Google(google) => google.address().await,
            Kind::Microsoft(graph) => graph.address().await,
            Kind::Feed(_) | Kind::CalDav(_) => Err(no_sign_in()),
        }
    }
}

pub struct Providers {
    config: Arc<Config>,
    means: Means,
    secrets: Arc<dyn SecretStore>,
    live: Mutex<HashMap<AccountId, Live>>,
    /// They outlive the clients that use them: two sets of tokens of one account would each renew,
    /// and the later one could store what the earlier one made worthless.
    tokens: Mutex<HashMap<AccountId, Arc<Tokens>>>,
}

impl Providers {
    pub fn new(config: Arc<Config>, means: Means, secrets: Arc<dyn SecretStore>) -> Self {
        Providers { config, means, secrets, live: Mutex::default(), tokens: Mutex::default() }
    }

    pub fn server(&self, provider: ProviderKind) -> Result<AuthServer, RemoteError> {
        match provider {
            ProviderKind::Google => AuthServer::google(&self.config.google),
            ProviderKind::Microsoft => AuthServer::microsoft(&self.config.microsoft),
            ProviderKind::CalDav | ProviderKind::File | ProviderKind::Feed => Err(no_sign_in()),
        }
    }

    /// Where a provider's calendars are served, for a connection test.
    pub fn address(&self, provider: ProviderKind) -> Option<&Url> {
        match provider {
            ProviderKind::Google => Some(&self.config.google.api),
            ProviderKind::Microsoft => Some(&self.config.microsoft.graph),
            ProviderKind::CalDav | ProviderKind::File | ProviderKind::Feed => None,
        }
    }

    /// Whether a provider's server answers at all.
    pub async fn reach(&self, address: &Url) -> Reach {
        reach("the provider", &self.means.http, address).await
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
            ProviderKind::Feed => self.feed(account, home),
            ProviderKind::CalDav => self.at_server(account, home).await?,
            _ => self.make(provider, self.tokens(account, provider)?, home)?,
        };
        Ok(self.kept().entry(account).or_insert(live).clone())
    }

    fn feed(&self, account: AccountId, home: Tz) -> Live {
        let place = Kept { secrets: Arc::clone(&self.secrets), name: secret_name(account) };
        let feed = Arc::new(Feed::new(self.feed_service(), Box::new(place), home));
        Live { calendars: feed.clone(), tokens: None, kind: Kind::Feed(feed) }
    }

    /// The way to a published calendar.
    pub fn feed_service(&self) -> Service {
        let (http, pace) = (self.means.http.clone(), Arc::clone(&self.means.pace));
        Service::new(capabilities::FEED.name, http, capabilities::FEED.at_once, pace)
    }

    /// The tokens of a known account.
    pub fn tokens(&self, account: AccountId, provider: ProviderKind) -> Result<Arc<Tokens>, RemoteError> {
        let server = self.server(provider)?;
        let store = Kept { secrets: Arc::clone(&self.secrets), name: secret_name(account) };
        let make = || Arc::new(Tokens::new(server, self.sign_in_service(), Box::new(store)));
        Ok(Arc::clone(self.kept_tokens().entry(account).or_insert_with(make)))
    }

    /// How an account's permission stands, as far as this run has seen it.
    pub fn grant_status(&self, account: AccountId) -> GrantStatus {
        self.kept_tokens().get(&account).map(|tokens| tokens.status()).unwrap_or_default()
    }

    /// A CalDAV account: where it is lies in the keyring, beside the password that belongs there.
    async fn at_server(&self, account: AccountId, home: Tz) -> Result<Live, RemoteError> {
        let unread = |error: SecretError| RemoteError::Keyring { source: Box::new(error) };
        let key = self.server_key(account).await.map_err(unread)?;
        let lost = || lapsed("no password is kept for it".into());
        let key = key.ok_or_else(lost)?;
        let login = key.login().ok_or_else(lost)?;
        let caldav = Arc::new(self.caldav(key.place(), login, home).ok_or_else(lost)?);
        Ok(Live { calendars: caldav.clone(), tokens: None, kind: Kind::CalDav(caldav) })
    }

    fn caldav(&self, place: Place, login: Login, home: Tz) -> Option<CalDav> {
        let (http, pace) = (self.means.http.clone(), Arc::clone(&self.means.pace));
        CalDav::new(place, login, http, pace, home)
    }

    async fn server_key(&self, account: AccountId) -> Result<Option<ServerKey>, SecretError> {
        let secret = self.secrets.load(&secret_name(account)).await?;
        Ok(secret.and_then(|secret| serde_json::from_slice(&secret).ok()))
    }

    /// Where a CalDAV account is, as far as that is still known.
    pub async fn place(&self, account: AccountId) -> Result<Option<Place>, SecretError> {
        Ok(self.server_key(account).await?.map(|key| key.place()))
    }

    /// Takes the password out of the keyring. Where the account is stays there for its return.
    pub async fn forget_password(&self, account: AccountId) -> Result<(), SecretError> {
        let Some(key) = self.server_key(account).await?.filter(|key| !key.password.is_empty()) else {
            return Ok(());
        };
        let key = ServerKey { password: String::new(), ..key };
        match serde_json::to_vec(&key) {
            Ok(text) => self.secrets.save(&secret_name(account), &text).await,
            Err(_) => self.secrets.remove(&secret_name(account)).await,
        }
    }

    /// Whether a password opens a place that is known; with the calendars there if it does.
    pub async fn open(&self, place: &Place, login: &Login, home: Tz) -> Result<Found, DiscoveryError> {
        let account = self.caldav(place.clone(), login.clone(), home).ok_or(DiscoveryError::NoCalendars)?;
        let calendars = account.calendars().await.map_err(|error| match error {
            RemoteError::SignIn { .. } => DiscoveryError::WrongPassword,
            other => DiscoveryError::Remote(other),
        })?;
        Ok(Found { place: place.clone(), calendars })
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

    /// A client over tokens that have no account yet.
    pub fn unnamed(
        &self,
        provider: ProviderKind,
        store: Box<dyn TokenStore>,
        home: Tz,
    ) -> Result<(Live, Arc<Tokens>), RemoteError> {
        let tokens = Arc::new(Tokens::new(self.server(provider)?, self.sign_in_service(), store));
        Ok((self.make(provider, Arc::clone(&tokens), home)?, tokens))
    }

    fn make(&self, provider: ProviderKind, tokens: Arc<Tokens>, home: Tz) -> Result<Live, RemoteError> {
        let (http, pace) = (self.means.http.clone(), Arc::clone(&self.means.pace));
        Ok(match provider {
            ProviderKind::Google => {
                let google = Arc::new(Google::new(&self.config.google, http, pace, Arc::clone(&tokens)));
                Live { calendars: google.clone(), tokens: Some(tokens), kind: Kind::Google(google) }
            }
            ProviderKind::Microsoft => {
                let graph = Graph::new(&self.config.microsoft, http, pace, Arc::clone(&tokens), home);
                let graph = Arc::new(graph);
                Live { calendars: graph.clone(), tokens: Some(tokens), kind: Kind::Microsoft(graph) }
            }
            ProviderKind::CalDav | ProviderKind::File | ProviderKind::Feed => return Err(no_sign_in()),
        })
    }

    /// Gives a grant back to its provider, in one try: whoever leaves should not wait for an outage.
    pub async fn revoke(&self, provider: ProviderKind, refresh_token: &str) -> Result<(), RemoteError> {
        let once = Patience { tries: 1, ..Patience::default() };
        self.server(provider)?.revoke(&self.sign_in_service().with_patience(once), refresh_token).await
    }

    /// Makes the next use build new clients: the zone changed.
    pub fn renew_all(&self) {
        self.kept().clear();
    }

    /// The account went, or has a new permission. What is under way for it stores nothing any more.
    pub async fn retire(&self, account: AccountId) {
        self.kept().remove(&account);
        let tokens = self.kept_tokens().remove(&account);
        if let Some(tokens) = tokens {
            tokens.retire().await;
        }
    }

    /// See [`Live::hurry`].
    pub fn hurry(&self) {
        self.kept().values().for_each(Live::hurry);
    }

    fn kept_tokens(&self) -> std::sync::MutexGuard<'_, HashMap<AccountId, Arc<Tokens>>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<AccountId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lapsed(reason: String) -> RemoteError {
    SignInFailure::Lapsed { reason }.into()
}

fn no_sign_in() -> RemoteError {
    RemoteError::Invalid { service: "Daymark", reason: "a file or feed has no sign-in".into() }
}
