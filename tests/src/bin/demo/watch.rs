//! The demo to be looked at: the app's window where there is a display, else the same UI in a browser.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use daymark_engine::launch::PASSPHRASE;
use journeys::host::Host;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::Arguments;
use crate::guard::Guard;
use crate::stage::{Folder, Stage, start_relay, start_sandbox, token};

pub async fn run(arguments: &Arguments, stop: &CancellationToken) -> anyhow::Result<()> {
    if let Some(stage) = stop.run_until_cancelled(stage(arguments)).await {
        let stage = stage?;
        let shown = show(&stage, arguments, stop).await;
        stage.end().await;
        shown?;
    }
    // The terminal may be closed by now, and that is no failure.
    let _ = writeln!(std::io::stdout(), "Stopped; nothing is left running.");
    Ok(())
}

async fn stage(arguments: &Arguments) -> anyhow::Result<Stage> {
    let folder = Folder::of(arguments.folder.as_deref())?;
    println!("Starting fake providers and a relay, and connecting three accounts …");
    let clock = arguments.clock();
    let sandbox = start_sandbox(clock).await?;
    let relay = start_relay(&folder.path, clock).await?;
    Stage::set(folder, sandbox, relay, clock).await
}

/// Until the person ends it.
async fn show(stage: &Stage, arguments: &Arguments, stop: &CancellationToken) -> anyhow::Result<()> {
    if let Some(ready) = stop.run_until_cancelled(prepare(stage)).await {
        ready?;
    }
    match desktop(arguments) {
        _ if stop.is_cancelled() => Ok(()),
        Some(program) => window(stage, &program, stop).await,
        None => browser(stage, arguments.asleep, stop).await,
    }
}

async fn prepare(stage: &Stage) -> anyhow::Result<()> {
    stage.connect_all().await?;
    let page = stage.open_page().await?;
    stage.sync().await?;
    println!("Public page:  {}", page.url.as_deref().unwrap_or("not published"));
    tell_folder(stage);
    Ok(())
}

/// For who looks at the same data with daymarkctl. What sends or reads there asks for the passphrase, and for an
/// engine that has let go of the folder.
fn tell_folder(stage: &Stage) {
    println!("Data folder:  {}", stage.data.display());
    println!("              its sign-ins open with {PASSPHRASE}={}", stage.passphrase);
    println!("In a terminal: cargo run -q -p daymarkctl -- accounts --data '{}'", stage.data.display());
}

/// The desktop program, when there is a display and it was built.
fn desktop(arguments: &Arguments) -> Option<PathBuf> {
    let shown = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if arguments.browser || arguments.at.is_some() || !(shown("DISPLAY") || shown("WAYLAND_DISPLAY")) {
        return None;
    }
    let beside = std::env::current_exe().ok()?.with_file_name("daymark");
    beside.exists().then_some(beside)
}

/// The app is a program of its own on the same folder, so the demo's engine lets go of it first.
async fn window(stage: &Stage, program: &Path, stop: &CancellationToken) -> anyhow::Result<()> {
    stage.engine.stop().await;
    println!("Opening the window. Close it from its tray, or press Ctrl-C here.");
    let mut app = Command::new(program)
        .arg("--data")
        .arg(&stage.data)
        .env(PASSPHRASE, &stage.passphrase)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} does not start", program.display()))?;
    let _guard = app.id().and_then(|id| Guard::over(id, stage.passing_folder()));
    tokio::select! {
        ended = app.wait() => anyhow::ensure!(ended?.success(), "the app ended with an error; the same UI in a browser: --browser"),
        () = stop.cancelled() => ask_to_end(&mut app).await?,
    }
    Ok(())
}

/// Gives the app a moment to end by itself, so that its engine stops at a durable point.
async fn ask_to_end(app: &mut tokio::process::Child) -> anyhow::Result<()> {
    if let Some(id) = app.id() {
        Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
    }
    if tokio::time::timeout(std::time::Duration::from_secs(8), app.wait()).await.is_err() {
        app.kill().await?;
    }
    Ok(())
}

async fn browser(stage: &Stage, asleep: bool, stop: &CancellationToken) -> anyhow::Result<()> {
    if !asleep {
        stage.engine.start();
    }
    let ui = ui()?;
    let mut host = Host::start(Arc::clone(&stage.engine), ui, Box::new(token)).await?;
    println!("Daymark:      {}", host.url());
    println!("              (opens one window; the next address follows here)");
    println!("Sandbox:      {}", stage.sandbox.control_base());
    println!("Press Ctrl-C to stop.");
    tokio::select! {
        () = stop.cancelled() => {}
        () = tell_each_address(&mut host) => {}
    }
    drop(host);
    Ok(())
}

/// Another window needs another address.
async fn tell_each_address(host: &mut Host) {
    while let Some(url) = host.next_url().await {
        println!("A window is open. For another: {url}");
    }
}

/// The built UI, which `scripts/demo` makes.
fn ui() -> anyhow::Result<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist");
    anyhow::ensure!(
        built.join("index.html").exists(),
        "the UI is not built; start the demo with scripts/demo"
    );
    Ok(built)
}
