//! The hands of a test or a demonstration on the fake world: seed, reset, clock, faults, ledger, consent.

mod http;

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use chrono::{DateTime, TimeDelta, Utc};
use tower::ServiceExt;

pub use self::http::router;
use crate::{
    caldav::CalDav,
    consent::Decision,
    faults::{Armed, BadPattern, Fault},
    google::Google,
    identity::{Client, Provider, Testing, Tokens},
    ledger::Entry,
    mail::Mail,
    microsoft::Microsoft,
    seed::{Moments, Seed, SeedError},
    sync::lock,
    world::World,
};

pub struct Control {
    world: Arc<World>,
    google: Arc<Google>,
    microsoft: Arc<Microsoft>,
    caldav: Arc<CalDav>,
    /// The providers behind their layers, to consent through their own handlers.
    providers: Router,
    seeds: Mutex<Vec<Seed>>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    #[error("the authorize address cannot be read: {0}")]
    Address(#[from] url::ParseError),
    #[error("the provider answered {status} instead of redirecting")]
    Refused { status: u16 },
}

impl Control {
    pub fn new(
        world: Arc<World>,
        google: Arc<Google>,
        microsoft: Arc<Microsoft>,
        caldav: Arc<CalDav>,
        providers: Router,
    ) -> Arc<Self> {
        Arc::new(Self { world, google, microsoft, caldav, providers, seeds: Mutex::new(Vec::new()) })
    }

    pub fn google(&self) -> &Arc<Google> {
        &self.google
    }

    pub fn microsoft(&self) -> &Arc<Microsoft> {
        &self.microsoft
    }

    pub fn caldav(&self) -> &Arc<CalDav> {
        &self.caldav
    }

    pub fn seed_text(&self, text: &str) -> Result<(), SeedError> {
        self.seed(Seed::parse(text)?)
    }

    pub fn seed(&self, seed: Seed) -> Result<(), SeedError> {
        self.plant(&seed)?;
        lock(&self.seeds).push(seed);
        Ok(())
    }

    fn plant(&self, seed: &Seed) -> Result<(), SeedError> {
        let moments = Moments::at(self.world.now(), seed.zone);
        for client in &seed.clients {
            self.world.identity().add_client(client.clone());
        }
        for account in &seed.accounts {
            self.world.identity().add_account(account.account());
            match account.provider {
                Provider::Google => self.google.seed(account, &moments)?,
                Provider::Microsoft => self.microsoft.seed(account, &moments)?,
                Provider::CalDav => self.caldav.seed(account, &moments)?,
            }
        }
        Ok(())
    }

    /// An empty world; the clock stays where it is.
    pub fn reset(&self) {
        lock(&self.seeds).clear();
        self.wipe();
    }

    /// The world as it was right after its seeds, at the clock's present day.
    pub fn reseed(&self) -> Result<(), SeedError> {
        self.wipe();
        let seeds = lock(&self.seeds).clone();
        seeds.iter().try_for_each(|seed| self.plant(seed))
    }

    fn wipe(&self) {
        self.world.reset();
        self.google.reset();
        self.microsoft.reset();
        self.caldav.reset();
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.world.now()
    }

    pub fn advance(&self, by: TimeDelta) {
        self.world.clock.advance(by);
    }

    pub fn set_clock(&self, to: DateTime<Utc>) {
        self.world.clock.set(to);
    }

    pub fn arm(&self, fault: Fault) -> Result<u64, BadPattern> {
        self.world.faults.arm(fault)
    }

    pub fn faults(&self) -> Vec<Armed> {
        self.world.faults.list()
    }

    pub fn clear_faults(&self) {
        self.world.faults.clear();
    }

    /// Ends a fault; whatever it held goes on.
    pub fn release(&self, fault: u64) -> bool {
        self.world.faults.release(fault)
    }

    /// Comes back once the fault holds a request.
    pub async fn wait_held(&self, fault: u64) {
        self.world.faults.wait_held(fault).await;
    }

    pub fn ledger(&self) -> Vec<Entry> {
        self.world.ledger.all()
    }

    /// The ledger since the world began, also what was cleared of it; where answers are kept.
    pub fn whole_ledger(&self) -> Vec<Entry> {
        self.world.ledger.whole()
    }

    /// Requests that changed a provider's state.
    pub fn writes(&self) -> Vec<Entry> {
        self.ledger().into_iter().filter(|entry| entry.wrote).collect()
    }

    pub fn clear_ledger(&self) {
        self.world.ledger.clear();
    }

    pub fn mail(&self) -> Vec<Mail> {
        self.world.mail.all()
    }

    /// Tokens without the consent page, for tests of what lies behind it.
    pub fn mint(&self, provider: Provider, email: &str, client_id: &str, scopes: &[&str]) -> Tokens {
        let now = self.world.now();
        self.world.identity().mint(provider, email, client_id, scopes, now, &self.world.dice)
    }

    /// The user took the application's access away.
    pub fn revoke(&self, provider: Provider, email: &str) {
        self.world.identity().revoke_account(provider, email);
    }

    /// An admin deleted the application's registration.
    pub fn forget_client(&self, provider: Provider, id: &str) {
        self.world.identity().remove_client(provider, id);
    }

    /// It is registered (again).
    pub fn register(&self, client: Client) {
        self.world.identity().add_client(client);
    }

    /// Google's consent screen is in testing from now on, or published.
    pub fn set_testing(&self, testing: Option<Testing>) {
        self.world.identity().set_testing(testing);
    }

    /// The most requests of a user that were under way at one time.
    pub fn peak(&self, user: &str) -> usize {
        self.world.ledger.peak(user)
    }

    /// The account's access tokens end now; its refresh tokens live.
    pub fn expire_access(&self, provider: Provider, email: &str) {
        let now = self.world.now();
        self.world.identity().expire_access(provider, email, now);
    }

    /// Submits the consent page behind `authorize_url` and gives the address it redirects to.
    pub async fn consent(&self, authorize_url: &str, decision: &Decision) -> Result<String, ConsentError> {
        let url = url::Url::parse(authorize_url)?;
        let address = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(decision.to_form()));
        let Ok(request) = request else { return Err(url::ParseError::InvalidDomainCharacter.into()) };
        let Ok(response) = self.providers.clone().oneshot(request).await;
        let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let refused = || ConsentError::Refused { status: response.status().as_u16() };
        location.map(str::to_owned).ok_or_else(refused)
    }

    /// As [`Control::consent`], by an account that allows everything asked for.
    pub async fn allow(&self, authorize_url: &str, email: &str) -> Result<String, ConsentError> {
        let url = url::Url::parse(authorize_url)?;
        let asked = url.query_pairs().find(|(name, _)| name == "scope").map(|(_, value)| value.into_owned());
        let scopes = asked.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        self.consent(authorize_url, &Decision { allowed: true, account: email.to_owned(), scopes }).await
    }
}
