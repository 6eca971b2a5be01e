//! The engine as a process of its own on a world's data folder, killed wherever a test says.

use std::collections::BTreeMap;
use std::future::Future;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chrono::TimeDelta;
use daymark_engine::launch::PASSPHRASE;
use daymark_engine::ports::Clock as _;
use daymark_engine::secrets::passphrase::PassphraseSecrets;
use daymark_engine::system::{SystemClock, SystemEntropy};
use daymark_sandbox::faults::{Fault, Kind, Moment};
use daymark_sandbox::identity::Provider;
use journeys::world::{Builder, World, engine_config};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;
use url::Url;

pub const WORDS: &str = "correct horse battery staple";
/// Methods that change nothing at the other side.
const READING: [&str; 3] = ["GET", "PROPFIND", "REPORT"];

/// The request at which the engine dies: the how-manieth of its method, and whether the other side carried it out.
#[derive(Clone, Debug)]
pub struct Point {
    pub method: String,
    pub skip: u32,
    pub at: Moment,
}

/// A world whose own engine prepares what the process then finds.
pub struct Laptop {
    pub world: World,
    /// The relay's address and the code that the person types before the engine syncs.
    pub joins: Option<(Url, String)>,
    secrets: TempDir,
}

impl Laptop {
    pub async fn open(builder: Builder) -> anyhow::Result<Laptop> {
        let secrets = tempfile::tempdir()?;
        let store = PassphraseSecrets::open(&secrets.path().join("secrets"), WORDS, Arc::new(SystemEntropy))?;
        // The engine that is killed goes by the system's clock; what it finds was prepared a little earlier.
        let begin = SystemClock.now() - TimeDelta::minutes(5);
        let world = builder.at(&begin.to_rfc3339())?.secrets(Arc::new(store)).start().await?;
        Ok(Laptop { world, joins: None, secrets })
    }

    /// From here on the process has the data folder.
    pub async fn hand_over(&self) -> anyhow::Result<()> {
        self.world.engine.stop().await;
        std::fs::copy(self.secrets.path().join("secrets"), self.world.data().join("secrets"))?;
        std::fs::write(self.world.data().join("config.toml"), config(&self.world)?)?;
        self.world.clock.set(SystemClock.now());
        self.world.sandbox.control().clear_ledger();
        Ok(())
    }

    fn engine(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_one-sync"));
        command.arg(self.world.data()).env(PASSPHRASE, WORDS).env("LANG", "en_CA.UTF-8").kill_on_drop(true);
        if let Some((address, code)) = &self.joins {
            command.arg(address.as_str()).arg(code);
        }
        command
    }

    /// Runs the engine until then; false when it ended before. If not, it is dead now.
    pub async fn killed_when(&self, then: impl Future<Output = ()>) -> anyhow::Result<bool> {
        let mut engine = self.engine().stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        tokio::select! {
            () = then => {}
            _ = engine.wait() => return Ok(false),
        }
        // SIGKILL: nothing in the engine hears of it.
        engine.kill().await?;
        Ok(true)
    }

    pub async fn killed_at(&self, provider: Provider, point: &Point) -> anyhow::Result<bool> {
        let control = self.world.sandbox.control();
        let fault = Fault::new(provider, Kind::Hold { at: point.at });
        let held = control.arm(fault.method(&point.method).skip(point.skip))?;
        let reached = self.killed_when(control.wait_held(held)).await;
        control.release(held);
        reached
    }

    /// Whether the engine came to that transaction. If so, it died before the transaction was durable.
    pub async fn died_before_commit(&self, number: u64) -> anyhow::Result<bool> {
        let mut engine = self.engine();
        engine.env("DAYMARK_DIE_BEFORE_COMMIT", number.to_string());
        let ended = engine.stdout(Stdio::null()).stderr(Stdio::null()).status().await?;
        Ok(ended.signal().is_some())
    }

    /// A run that may make no file longer than so many blocks of 512 bytes; what it says when it fails.
    pub async fn fails_on_a_small_disk(&self, blocks: u32) -> anyhow::Result<String> {
        let ended = self.on_a_small_disk(blocks).output().await?;
        ensure!(!ended.status.success(), "{blocks} blocks were enough");
        Ok(String::from_utf8(ended.stderr)?)
    }

    /// A run that may make no file longer than so many blocks of 512 bytes, and once it has failed at that, as long
    /// as it likes.
    pub async fn goes_on_with_room(&self, blocks: u32) -> anyhow::Result<Value> {
        let mut engine = self.on_a_small_disk(blocks);
        engine.env("DAYMARK_AGAIN", "yes").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut engine = engine.spawn()?;
        let mut said = BufReader::new(engine.stdout.take().context("it says nothing")?).lines();
        let failed = said.next_line().await?.context("it ended")?;
        ensure!(failed.contains("the database failed: "), "{blocks} blocks were enough: {failed}");
        let process = engine.id().context("it ended")?.to_string();
        let room = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &process]).status().await?;
        ensure!(room.success(), "it cannot be given room");
        engine.stdin.take().context("it hears nothing")?.write_all(b"\n").await?;
        let report = said.next_line().await?.context("it does not go on")?;
        engine.wait().await?;
        Ok(serde_json::from_str(&report)?)
    }

    fn on_a_small_disk(&self, blocks: u32) -> Command {
        const LIMITED: &str = r#"trap '' XFSZ; ulimit -S -f "$1"; shift; exec "$@""#;
        let mut engine = Command::new("sh");
        engine.args(["-c", LIMITED, "sh", &blocks.to_string(), env!("CARGO_BIN_EXE_one-sync")]);
        engine.arg(self.world.data()).env(PASSPHRASE, WORDS).env("LANG", "en_CA.UTF-8").kill_on_drop(true);
        engine
    }

    /// A run to its end.
    pub async fn run(&self) -> anyhow::Result<Value> {
        self.world.clock.set(SystemClock.now());
        let ended = self.engine().output().await?;
        let said = || String::from_utf8_lossy(&ended.stderr).into_owned();
        ensure!(ended.status.success(), "the engine does not run: {}", said());
        Ok(serde_json::from_slice(&ended.stdout)?)
    }

    /// The methods of all requests to a provider, in their order.
    pub fn asked(&self, provider: Provider) -> Vec<String> {
        let ledger = self.world.sandbox.control().ledger().into_iter();
        ledger.filter(|entry| entry.provider == Some(provider)).map(|entry| entry.method).collect()
    }
}

/// Every request of a run that nobody disturbs is a point to die at. Reading changes nothing at the
/// other side, so for it before and after are one.
pub fn points(asked: Vec<String>) -> Vec<Point> {
    let mut counts = BTreeMap::<String, u32>::new();
    for method in asked {
        *counts.entry(method).or_default() += 1;
    }
    let moments = |method: &str| match READING.contains(&method) {
        true => vec![Moment::Before],
        false => vec![Moment::Before, Moment::After],
    };
    let points = counts.iter().flat_map(|(method, count)| {
        let all = (0..*count).flat_map(|skip| moments(method).into_iter().map(move |at| (skip, at)));
        all.map(|(skip, at)| Point { method: method.clone(), skip, at }).collect::<Vec<_>>()
    });
    points.collect()
}

fn config(world: &World) -> anyhow::Result<String> {
    let config = engine_config(&world.sandbox)?;
    let mut file = toml::Table::new();
    file.insert("google".into(), toml::Value::try_from(&config.google)?);
    file.insert("microsoft".into(), toml::Value::try_from(&config.microsoft)?);
    file.insert("secrets".into(), toml::Table::from_iter([("store".into(), "passphrase".into())]).into());
    Ok(toml::to_string(&file)?)
}
