//! Setting the demo's stage: sandbox, relay and engine on one running clock, three accounts connected, the page open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use daymark_core::entropy::{Entropy, bytes};
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{
    ConnectAttempt, ConnectIntent, ConnectStarted, ConnectState, ProviderKind,
};
use daymark_engine::api::bookings::{EnrolRelay, PublicPage};
use daymark_engine::api::settings::Settings;
use daymark_engine::ports::{Browser, Clock, Ports};
use daymark_engine::secrets::passphrase::PassphraseSecrets;
use daymark_engine::system::SystemEntropy;
use daymark_engine::{Engine, Opening};
use daymark_relay::Relay;
use daymark_relay::enrolment::Invitation;
use daymark_sandbox::clock::Clock as SandboxClock;
use daymark_sandbox::server::Sandbox;
use daymark_sandbox::world::Config as SandboxConfig;
use journeys::clock::ShiftedClock;
use journeys::world::{PARTNER, PERSONAL, WEEK, WORK, engine_config, relay_config};
use tempfile::TempDir;
use url::Url;

/// Everything that runs, and the folder that holds all of it.
pub struct Stage {
    pub sandbox: Sandbox,
    pub relay: Relay,
    pub engine: Arc<Engine>,
    pub data: PathBuf,
    pub passphrase: String,
    folder: Option<TempDir>,
}

/// The demo consents for the person; no browser opens.
struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _page: &Url) -> std::io::Result<()> {
        Ok(())
    }
}

pub struct Folder {
    pub path: PathBuf,
    kept: Option<TempDir>,
}

impl Folder {
    /// The fake providers forget everything at the end, so that an earlier demo's folder has nothing to go on with.
    pub fn of(wanted: Option<&Path>) -> anyhow::Result<Self> {
        match wanted {
            Some(path) => {
                std::fs::create_dir_all(path)
                    .with_context(|| format!("{} cannot be made", path.display()))?;
                let is_empty = std::fs::read_dir(path)?.next().is_none();
                anyhow::ensure!(
                    is_empty,
                    "{} holds something already: each demo is a new world, so name a new or an empty folder",
                    path.display()
                );
                Ok(Folder { path: path.into(), kept: None })
            }
            None => {
                let kept = tempfile::Builder::new().prefix("daymark-demo-").tempdir()?;
                Ok(Folder { path: kept.path().into(), kept: Some(kept) })
            }
        }
    }
}

pub async fn start_sandbox(clock: ShiftedClock) -> anyhow::Result<Sandbox> {
    let config = SandboxConfig::new(SandboxClock::following(move || Clock::now(&clock)));
    let sandbox = Sandbox::start(config).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    sandbox.control().seed_text(WEEK).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(sandbox)
}

pub async fn start_relay(folder: &Path, clock: ShiftedClock) -> anyhow::Result<Relay> {
    let config = relay_config(folder.join("relay"))?;
    Ok(Relay::start(config, Arc::new(clock), Arc::new(SystemEntropy)).await?)
}

impl Stage {
    /// Opens the engine in the demo's folder. Tokens go into an encrypted file there, so that nothing is
    /// left in the system's keyring.
    pub async fn set(
        folder: Folder,
        sandbox: Sandbox,
        relay: Relay,
        clock: ShiftedClock,
    ) -> anyhow::Result<Stage> {
        let data = folder.path.join("data");
        std::fs::create_dir_all(&data)?;
        let passphrase = data_encoding(&SystemEntropy);
        let secrets = PassphraseSecrets::open(&data.join("secrets"), &passphrase, Arc::new(SystemEntropy))?;
        let ports = Ports {
            clock: Arc::new(clock),
            entropy: Arc::new(SystemEntropy),
            secrets: Arc::new(secrets),
            browser: Arc::new(NoBrowser),
        };
        let config = engine_config(&sandbox)?;
        std::fs::write(data.join("config.toml"), config_text(&sandbox)?)?;
        let language = std::env::var("LANG").unwrap_or_default();
        let engine = Engine::open(Opening { data: data.clone(), config, ports, language }).await?;
        Ok(Stage { sandbox, relay, engine: Arc::new(engine), data, passphrase, folder: folder.kept })
    }

    /// The folder that is removed at the end.
    pub fn passing_folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(TempDir::path)
    }

    pub async fn call<T: serde::de::DeserializeOwned>(&self, call: Call) -> anyhow::Result<T> {
        Ok(serde_json::from_value(self.engine.call(call).await?)?)
    }

    /// Signs all three accounts of the seeded week in, through the providers' consent pages.
    pub async fn connect_all(&self) -> anyhow::Result<()> {
        self.connect(ProviderKind::Google, WORK).await?;
        self.connect(ProviderKind::Google, PERSONAL).await?;
        self.connect(ProviderKind::Microsoft, PARTNER).await
    }

    async fn connect(&self, provider: ProviderKind, address: &str) -> anyhow::Result<()> {
        let mut notices = self.engine.notices();
        let started: ConnectStarted =
            self.call(Call::Connect(ConnectIntent { provider, account: None })).await?;
        let allowed = self.sandbox.control().allow(&started.authorize_url, address).await;
        let back = allowed.map_err(|error| anyhow::anyhow!("{error}"))?;
        journeys::visitor::visit(&back).await?;
        loop {
            let attempt = ConnectAttempt { attempt: started.attempt.clone() };
            match self.call(Call::ConnectState(attempt)).await? {
                ConnectState::Waiting { .. } => drop(notices.recv().await?),
                ConnectState::Done { .. } => return Ok(()),
                ConnectState::Failed { problem } => {
                    anyhow::bail!("{address} could not be connected: {problem}")
                }
            }
        }
    }

    /// Says who works here, joins the relay, and opens the page.
    pub async fn open_page(&self) -> anyhow::Result<PublicPage> {
        let settings: Settings = self.call(Call::Settings(())).await?;
        let settings = Settings {
            zone: "America/Toronto".into(),
            name: "Maya Okafor".into(),
            role: "Occupational therapist".into(),
            organisation: "Northcare".into(),
            phone: "416 555 0100".into(),
            ..settings
        };
        let () = self.call(Call::SetSettings(settings)).await?;
        let invitation = Invitation { name: "Maya Okafor".into(), slug: Some("maya".into()), again: false };
        let code = self.relay.enrol(invitation).await?.code;
        let address = self.relay.public_url.to_string();
        let page: PublicPage = self.call(Call::EnrolRelay(EnrolRelay { address, code })).await?;
        let mut page = page.settings;
        page.on = true;
        page.appointment.name = "Home assessment".into();
        page.appointment.description =
            "We look at your home together and note what would make it easier to live in.".into();
        page.appointment.notice_min = 120;
        self.call(Call::SetPage(page)).await
    }

    /// Engine first: a relay that stops lets waiting laptops go, and nobody should wait any more.
    pub async fn end(self) {
        self.engine.stop().await;
        self.relay.shutdown().await;
    }

    pub async fn sync(&self) -> anyhow::Result<()> {
        for (address, report) in self.engine.sync().await? {
            anyhow::ensure!(report.ok, "{address} did not sync; run with DAYMARK_LOG=info to see why");
        }
        Ok(())
    }
}

fn data_encoding(entropy: &dyn Entropy) -> String {
    bytes::<24>(entropy).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A fresh secret for the browser's address.
pub fn token() -> String {
    data_encoding(&SystemEntropy)
}

/// The same configuration as a file, for the app that is started as a program of its own.
fn config_text(sandbox: &Sandbox) -> anyhow::Result<String> {
    let config = engine_config(sandbox)?;
    let mut file = toml::Table::new();
    file.insert("google".into(), toml::Value::try_from(&config.google)?);
    file.insert("microsoft".into(), toml::Value::try_from(&config.microsoft)?);
    let mut secrets = toml::Table::new();
    secrets.insert("store".into(), "passphrase".into());
    file.insert("secrets".into(), secrets.into());
    Ok(toml::to_string(&file)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_good_for_one_demo() {
        let above = tempfile::tempdir().unwrap();
        let wanted = above.path().join("demo");
        Folder::of(Some(&wanted)).unwrap();
        let still_empty = Folder::of(Some(&wanted)).unwrap();
        std::fs::write(still_empty.path.join("relay"), "").unwrap();
        let refused = Folder::of(Some(&wanted)).err().unwrap().to_string();
        assert!(refused.contains("name a new or an empty folder"), "{refused}");
    }
}
