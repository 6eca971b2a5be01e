//! Signs a Google account in on a data folder as a process of its own: it says on standard output which page the
//! person is to see, so that a test in another language can be that person.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{
    ConnectAttempt, ConnectIntent, ConnectStarted, ConnectState, ProviderKind,
};
use daymark_engine::api::settings::Settings;
use daymark_engine::config::Config;
use daymark_engine::launch::PASSPHRASE;
use daymark_engine::ports::{Browser, Ports};
use daymark_engine::secrets::passphrase::PassphraseSecrets;
use daymark_engine::system::{SystemClock, SystemEntropy};
use daymark_engine::{Engine, Opening};
use serde::de::DeserializeOwned;
use url::Url;

/// Whoever reads the output.
struct Reader;

impl Browser for Reader {
    fn open(&self, page: &Url) -> std::io::Result<()> {
        println!("{page}");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let data = PathBuf::from(arguments.next().context("name the data folder")?);
    let zone = arguments.next().and_then(|zone| zone.into_string().ok()).context("name the person's zone")?;
    let engine = open(data).await?;
    let signed_in = sign_in(&engine, zone).await;
    engine.stop().await;
    signed_in
}

/// As [`daymark_engine::launch::open`], but for the browser.
async fn open(data: PathBuf) -> anyhow::Result<Engine> {
    let config = Config::load(None, &data)?;
    let passphrase = std::env::var(PASSPHRASE).context(PASSPHRASE)?;
    let secrets = PassphraseSecrets::open(&data.join("secrets"), &passphrase, Arc::new(SystemEntropy))?;
    let ports = Ports {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        secrets: Arc::new(secrets),
        browser: Arc::new(Reader),
    };
    Ok(Engine::open(Opening { data, config, ports, language: "en".into() }).await?)
}

async fn sign_in(engine: &Engine, zone: String) -> anyhow::Result<()> {
    let settings: Settings = ask(engine, Call::Settings(())).await?;
    let () = ask(engine, Call::SetSettings(Settings { zone, ..settings })).await?;
    let mut notices = engine.notices();
    let intent = ConnectIntent { provider: ProviderKind::Google, account: None };
    let ConnectStarted { attempt, .. } = ask(engine, Call::Connect(intent)).await?;
    loop {
        match ask(engine, Call::ConnectState(ConnectAttempt { attempt: attempt.clone() })).await? {
            ConnectState::Waiting { .. } => drop(notices.recv().await?),
            ConnectState::Done { .. } => return Ok(()),
            ConnectState::Failed { problem } => anyhow::bail!("the sign-in failed: {}", problem.message),
        }
    }
}

async fn ask<T: DeserializeOwned>(engine: &Engine, call: Call) -> anyhow::Result<T> {
    Ok(serde_json::from_value(engine.call(call).await?)?)
}
