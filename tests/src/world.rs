//! A whole Daymark world in one process: fake providers, relay and engine on one clock that a journey moves.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use chrono::TimeDelta;
use daymark_core::entropy::Entropy;
use daymark_core::time::Instant;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{
    AccountId, ConnectAttempt, ConnectCalDav, ConnectIntent, ConnectStarted, ConnectState, Password,
    ProviderKind,
};
use daymark_engine::api::bookings::{EnrolRelay, PublicPage};
use daymark_engine::api::settings::Settings;
use daymark_engine::config::Config as EngineConfig;
use daymark_engine::ports::{Browser, Clock, Ports};
use daymark_engine::secrets::SecretStore;
use daymark_engine::secrets::memory::SessionSecrets;
use daymark_engine::sync::Report;
use daymark_engine::{Engine, Opening};
use daymark_relay::Relay;
use daymark_relay::config::{Config as RelayConfig, Organisation};
use daymark_relay::enrolment::Invitation;
use daymark_remotes::settings::{ClientId, GoogleSettings, MicrosoftSettings};
use daymark_sandbox::clock::Clock as SandboxClock;
use daymark_sandbox::server::Sandbox;
use daymark_sandbox::world::Config as SandboxConfig;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use url::Url;

use crate::clock::{SeededEntropy, TestClock};
use crate::ledgers::{self, Keeper};
use crate::visitor::Visitor;

/// The seeded week's accounts.
pub const WORK: &str = "maya@northcare.example";
pub const PERSONAL: &str = "maya.okafor@gmail.example";
pub const PARTNER: &str = "m.okafor@partner.example";

/// The seeded week's client ids, as a developer would register them.
const GOOGLE_CLIENT: (&str, &str) = ("daymark-desktop.apps.googleusercontent.example", "sandbox-secret");
const MICROSOFT_CLIENT: &str = "6f1c2a50-0d4c-4d0e-9b1e-5a7e3c1d9b02";

/// Monday 2 March 2026, seven in the morning in Toronto, where the seeded week happens.
const MONDAY_MORNING: &str = "2026-03-02T12:00:00Z";

pub struct World {
    pub clock: Arc<TestClock>,
    pub sandbox: Sandbox,
    pub relay: Option<Relay>,
    /// Where a relay that was stopped had listened.
    relay_port: u16,
    pub engine: Arc<Engine>,
    pub entropy: Arc<SeededEntropy>,
    secrets: Arc<dyn SecretStore>,
    folder: TempDir,
    _keeper: Option<Keeper>,
}

/// How a world begins.
pub struct Builder {
    now: Instant,
    seed: Cow<'static, str>,
    relay: bool,
    bodies: bool,
    secrets: Arc<dyn SecretStore>,
}

/// The browser of a journey: nobody looks at it, the journey itself walks the consent page.
#[derive(Default)]
struct NoBrowser {
    opened: Mutex<Vec<Url>>,
}

impl Browser for NoBrowser {
    fn open(&self, page: &Url) -> std::io::Result<()> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).push(page.clone());
        Ok(())
    }
}

/// The relay reads the same clock.
struct RelayClock(Arc<TestClock>);

impl daymark_relay::clock::Clock for RelayClock {
    fn now(&self) -> Instant {
        Clock::now(self.0.as_ref())
    }
}

impl Builder {
    /// Another moment to begin at.
    pub fn at(mut self, now: &str) -> anyhow::Result<Self> {
        self.now = now.parse().context("a journey begins at an RFC 3339 instant")?;
        Ok(self)
    }

    /// Other content at the providers than the seeded week.
    pub fn seed(mut self, seed: impl Into<Cow<'static, str>>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Keeps tokens and keys there instead of in memory.
    pub fn secrets(mut self, secrets: Arc<dyn SecretStore>) -> Self {
        self.secrets = secrets;
        self
    }

    pub fn without_relay(mut self) -> Self {
        self.relay = false;
        self
    }

    /// Keeps the bodies of answers in the sandbox's ledger.
    pub fn with_bodies(mut self) -> Self {
        self.bodies = true;
        self
    }

    pub async fn start(self) -> anyhow::Result<World> {
        let clock = Arc::new(TestClock::at(self.now));
        let entropy = Arc::new(SeededEntropy::new(7));
        let folder = tempfile::tempdir()?;
        let sandbox = start_sandbox(&clock, &self.seed, self.bodies).await?;
        let relay = match self.relay {
            true => {
                let config = relay_config(folder.path().join("relay"))?;
                Some(start_relay(&clock, &entropy, config).await?)
            }
            false => None,
        };
        let secrets = self.secrets;
        let engine =
            open_engine(&clock, &entropy, &secrets, engine_config(&sandbox)?, folder.path().join("data"))
                .await?;
        let (engine, _keeper) = (Arc::new(engine), Keeper::of(sandbox.control())?);
        Ok(World { clock, sandbox, relay, relay_port: 0, engine, entropy, secrets, folder, _keeper })
    }
}

async fn start_sandbox(clock: &Arc<TestClock>, seed: &str, bodies: bool) -> anyhow::Result<Sandbox> {
    let followed = Arc::clone(clock);
    let mut config = SandboxConfig::new(SandboxClock::following(move || Clock::now(followed.as_ref())));
    config.ledger_bodies = bodies || ledgers::folder().is_some();
    let sandbox = Sandbox::start(config).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    sandbox.control().seed_text(seed).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(sandbox)
}

/// The seeded week, as `scripts/demo` shows it.
pub const WEEK: &str = include_str!("../../sandbox/seeds/week.json");

async fn start_relay(
    clock: &Arc<TestClock>,
    entropy: &Arc<SeededEntropy>,
    config: RelayConfig,
) -> anyhow::Result<Relay> {
    let entropy: Arc<dyn Entropy> = Arc::clone(entropy) as Arc<dyn Entropy>;
    Ok(Relay::start(config, Arc::new(RelayClock(Arc::clone(clock))), entropy).await?)
}

/// A relay on a free port with its database in `folder`.
pub fn relay_config(folder: PathBuf) -> anyhow::Result<RelayConfig> {
    std::fs::create_dir_all(&folder)?;
    Ok(RelayConfig {
        listen: "127.0.0.1:0".parse()?,
        public_url: None,
        database: folder.join("relay.db"),
        data_dir: folder,
        organisation: Organisation {
            name: "Northcare".into(),
            accent: daymark_relay::accent::Colour::parse("#1f6f5c").context("a colour")?,
            logo: None,
        },
        log: "info".into(),
    })
}

/// The engine's configuration that points at a sandbox instead of the real providers.
pub fn engine_config(sandbox: &Sandbox) -> anyhow::Result<EngineConfig> {
    let (id, secret) = GOOGLE_CLIENT;
    Ok(EngineConfig {
        google: GoogleSettings {
            api: format!("{}/", sandbox.google_api()).parse()?,
            authorize: sandbox.google_authorize().parse()?,
            token: sandbox.google_token().parse()?,
            revoke: sandbox.google_revoke().parse()?,
            client: Some(ClientId { id: id.into(), secret: Some(secret.into()) }),
        },
        microsoft: MicrosoftSettings {
            graph: format!("{}/v1.0/", sandbox.graph()).parse()?,
            authorize: format!("{}/common/oauth2/v2.0/authorize", sandbox.microsoft_login()).parse()?,
            token: format!("{}/common/oauth2/v2.0/token", sandbox.microsoft_login()).parse()?,
            client: Some(ClientId { id: MICROSOFT_CLIENT.into(), secret: None }),
        },
        ..EngineConfig::default()
    })
}

async fn open_engine(
    clock: &Arc<TestClock>,
    entropy: &Arc<SeededEntropy>,
    secrets: &Arc<dyn SecretStore>,
    config: EngineConfig,
    data: PathBuf,
) -> anyhow::Result<Engine> {
    let ports = Ports {
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        entropy: Arc::clone(entropy) as Arc<dyn Entropy>,
        secrets: Arc::clone(secrets),
        browser: Arc::new(NoBrowser::default()),
    };
    let opening = Opening { data, config, ports, language: "en".into() };
    Ok(Engine::open(opening).await?)
}

impl World {
    /// The seeded week on a Monday morning, with a relay, and nothing connected.
    pub fn build() -> Builder {
        let now = MONDAY_MORNING.parse().unwrap_or(Instant::UNIX_EPOCH);
        Builder {
            now,
            seed: WEEK.into(),
            relay: true,
            bodies: false,
            secrets: Arc::new(SessionSecrets::default()),
        }
    }

    /// The usual beginning: both Google accounts and Microsoft connected, synced, and the page published.
    pub async fn week() -> anyhow::Result<World> {
        let world = World::build().start().await?;
        world.connect(ProviderKind::Google, WORK).await?;
        world.connect(ProviderKind::Google, PERSONAL).await?;
        world.connect(ProviderKind::Microsoft, PARTNER).await?;
        world.introduce().await?;
        world.open_page().await?;
        world.sync().await?;
        Ok(world)
    }

    pub fn now(&self) -> Instant {
        Clock::now(self.clock.as_ref())
    }

    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Where the engine keeps its data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub async fn call<T: DeserializeOwned>(&self, call: Call) -> anyhow::Result<T> {
        Ok(serde_json::from_value(self.engine.call(call).await?)?)
    }

    /// Signs an account in as a person would, through the provider's consent page.
    pub async fn connect(&self, provider: ProviderKind, address: &str) -> anyhow::Result<i64> {
        let started = self.begin_connect(provider, None).await?;
        self.allow(&started, address).await?;
        match self.connected(&started).await? {
            ConnectState::Done { account } => Ok(account),
            other => anyhow::bail!("the sign-in of {address} ended as {other:?}"),
        }
    }

    /// Connects an account of the sandbox's CalDAV server.
    pub async fn connect_caldav(&self, username: &str) -> anyhow::Result<i64> {
        let connected: AccountId = self.call(Call::ConnectCaldav(self.caldav_ask(username))).await?;
        Ok(connected.account)
    }

    /// What a person types for it.
    pub fn caldav_ask(&self, username: &str) -> ConnectCalDav {
        ConnectCalDav {
            address_or_url: self.sandbox.base(),
            username: username.into(),
            password: Password(daymark_sandbox::caldav::PASSWORD.into()),
            allow_http: false,
            servers: Vec::new(),
            account: None,
        }
    }

    pub async fn begin_connect(
        &self,
        provider: ProviderKind,
        account: Option<i64>,
    ) -> anyhow::Result<ConnectStarted> {
        self.call(Call::Connect(ConnectIntent { provider, account })).await
    }

    pub async fn allow(&self, started: &ConnectStarted, address: &str) -> anyhow::Result<()> {
        let allowed = self.sandbox.control().allow(&started.authorize_url, address).await;
        let back = allowed.map_err(|error| anyhow::anyhow!("{error}"))?;
        crate::visitor::visit(&back).await.map(drop)
    }

    /// Waits for a sign-in to end.
    pub async fn connected(&self, started: &ConnectStarted) -> anyhow::Result<ConnectState> {
        let mut notices = self.engine.notices();
        loop {
            let attempt = ConnectAttempt { attempt: started.attempt.clone() };
            match self.call(Call::ConnectState(attempt)).await? {
                ConnectState::Waiting { .. } => drop(notices.recv().await?),
                ended => return Ok(ended),
            }
        }
    }

    /// Says who the person is, so that the public page has a name.
    pub async fn introduce(&self) -> anyhow::Result<()> {
        let settings: Settings = self.call(Call::Settings(())).await?;
        let settings = Settings {
            zone: "America/Toronto".into(),
            name: "Maya Okafor".into(),
            role: "Occupational therapist".into(),
            organisation: "Northcare".into(),
            ..settings
        };
        self.call(Call::SetSettings(settings)).await
    }

    /// Joins the relay and switches the page on: instant booking, an hour's notice.
    pub async fn open_page(&self) -> anyhow::Result<PublicPage> {
        let relay = self.relay.as_ref().context("this world has no relay")?;
        self.open_page_at(&relay.public_url).await
    }

    /// As [`World::open_page`], with the relay at another address than its own.
    pub async fn open_page_at(&self, address: &Url) -> anyhow::Result<PublicPage> {
        let relay = self.relay.as_ref().context("this world has no relay")?;
        let invitation = Invitation { name: "Maya Okafor".into(), slug: Some("maya".into()), again: false };
        let code = relay.enrol(invitation).await?.code;
        let enrol = EnrolRelay { address: address.to_string(), code };
        let page: PublicPage = self.call(Call::EnrolRelay(enrol)).await?;
        let mut settings = page.settings;
        settings.on = true;
        settings.appointment.name = "Home assessment".into();
        settings.appointment.notice_min = 60;
        settings.appointment.window_days = 14;
        self.call(Call::SetPage(settings)).await
    }

    /// One whole run of the engine; fails when an account does.
    pub async fn sync(&self) -> anyhow::Result<()> {
        for (address, report) in self.run().await? {
            let cards = self.engine.health().await?.cards;
            anyhow::ensure!(report.ok, "{address} did not sync: {cards:?}");
        }
        Ok(())
    }

    /// One whole run of the engine, whatever comes of it; back-off takes no real time.
    pub async fn run(&self) -> anyhow::Result<Vec<(String, Report)>> {
        Ok(self.clock.passing(self.engine.sync()).await?)
    }

    /// Stops the engine and opens it again on the same data, as a restart of the app does.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.restart_with(|_| {}).await
    }

    /// The same, with what keeps tokens and keys opened anew as well.
    pub async fn restart_keeping(&mut self, secrets: Arc<dyn SecretStore>) -> anyhow::Result<()> {
        self.secrets = secrets;
        self.restart().await
    }

    /// The same, configured otherwise.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut EngineConfig)) -> anyhow::Result<()> {
        self.engine.stop().await;
        let mut config = engine_config(&self.sandbox)?;
        change(&mut config);
        let (clock, entropy) = (&self.clock, &self.entropy);
        self.engine = Arc::new(open_engine(clock, entropy, &self.secrets, config, self.data()).await?);
        Ok(())
    }

    /// Stops the relay as its admin does. Gives the folder that its database is in.
    pub async fn stop_relay(&mut self) -> anyhow::Result<PathBuf> {
        let relay = self.relay.take().context("this world has no relay")?;
        self.relay_port = relay.address.port();
        relay.shutdown().await;
        Ok(self.folder.path().join("relay"))
    }

    /// Starts it at the address where it was.
    pub async fn start_relay_again(&mut self) -> anyhow::Result<()> {
        let config = relay_config(self.folder.path().join("relay"))?;
        let listen = (config.listen.ip(), self.relay_port).into();
        let config = RelayConfig { listen, ..config };
        self.relay = Some(start_relay(&self.clock, &self.entropy, config).await?);
        Ok(())
    }

    /// The engine dies where it stands, as when the machine loses its power, and starts again on what is on the disk.
    pub async fn crash(self) -> anyhow::Result<World> {
        let World { clock, sandbox, relay, relay_port, engine, entropy, secrets, folder, _keeper } = self;
        anyhow::ensure!(Arc::into_inner(engine).is_some(), "somebody still holds the dead engine");
        let engine =
            open_engine(&clock, &entropy, &secrets, engine_config(&sandbox)?, folder.path().join("data"))
                .await?;
        let engine = Arc::new(engine);
        Ok(World { clock, sandbox, relay, relay_port, engine, entropy, secrets, folder, _keeper })
    }

    /// From now on the person uses another laptop, with nothing of theirs on it yet. Gives the engine of
    /// the one before.
    pub async fn change_laptop(&mut self, folder: &str) -> anyhow::Result<Arc<Engine>> {
        let secrets: Arc<dyn SecretStore> = Arc::new(SessionSecrets::default());
        let data = self.folder.path().join(folder);
        let engine =
            open_engine(&self.clock, &self.entropy, &secrets, engine_config(&self.sandbox)?, data).await?;
        Ok(std::mem::replace(&mut self.engine, Arc::new(engine)))
    }

    /// Another engine on the same data.
    pub async fn second(&self) -> anyhow::Result<Engine> {
        open_engine(&self.clock, &self.entropy, &self.secrets, engine_config(&self.sandbox)?, self.data())
            .await
    }

    /// A visitor of the public page.
    pub fn visitor(&self) -> anyhow::Result<Visitor> {
        let relay = self.relay.as_ref().context("this world has no relay")?;
        Visitor::new(&relay.public_url, "maya")
    }
}
