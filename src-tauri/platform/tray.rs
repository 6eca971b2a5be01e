//! The tray: health by shape, the next visit, sync now, pause, open, quit.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use daymark_engine::api::health::HealthState;
use daymark_engine::api::{Notice, Tag};
use daymark_engine::tray::TrayView;
use daymark_engine::{Engine, api::Problem};
use tauri::image::Image;
use tauri::menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager as _, Wry};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::window::{self, Shown};

const ID: &str = "daymark";
const OPEN: &str = "open";
const SYNC: &str = "sync";
const PAUSE: &str = "pause";
const QUIT: &str = "quit";

/// The next visit changes by itself as the day goes on.
const REDRAWN_EVERY: Duration = Duration::from_secs(60);

/// The tray's parts that change.
struct Tray {
    icon: TrayIcon,
    next: MenuItem<Wry>,
    open: MenuItem<Wry>,
    sync: MenuItem<Wry>,
    pause: CheckMenuItem<Wry>,
    quit: MenuItem<Wry>,
}

/// `false` where the system cannot have a tray: the app runs on without it.
pub fn start(app: &AppHandle, engine: &Arc<Engine>) -> tauri::Result<bool> {
    if !host::library_present() {
        tracing::warn!("the appindicator library is missing: there is no tray, and closing the window quits");
        return Ok(false);
    }
    // A process that was killed may have left one.
    clear(app);
    let tray = build(app, engine)?;
    tauri::async_runtime::spawn(follow(tray, Arc::clone(engine)));
    Ok(true)
}

/// Where the panel reads the tray's picture: in the app's own folder, so that two of them on one machine do not paint
/// over each other.
fn pictures(app: &AppHandle) -> PathBuf {
    app.state::<Shown>().data.join("tray")
}

/// Takes the pictures away; nobody draws the tray once the process has ended.
pub fn clear(app: &AppHandle) {
    let folder = pictures(app);
    if let Err(error) = std::fs::remove_dir_all(&folder)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, folder = %folder.display(), "the tray's pictures stay behind");
    }
}

/// Whether the person sees the tray now. Panels come and go, so it is asked each time.
pub async fn is_shown(app: &AppHandle) -> bool {
    app.tray_by_id(ID).is_some() && host::present().await
}

fn build(app: &AppHandle, engine: &Arc<Engine>) -> tauri::Result<Tray> {
    let item = |id, enabled| MenuItem::with_id(app, id, "", enabled, None::<&str>);
    let (next, open, sync, quit) =
        (item("next", false)?, item(OPEN, true)?, item(SYNC, true)?, item(QUIT, true)?);
    let pause = CheckMenuItem::with_id(app, PAUSE, "", true, engine.is_paused(), None::<&str>)?;
    let line = || PredefinedMenuItem::separator(app);
    let menu = Menu::with_items(app, &[&next, &line()?, &open, &sync, &pause, &line()?, &quit])?;
    let chosen = Arc::clone(engine);
    let icon = TrayIconBuilder::with_id(ID)
        .temp_dir_path(pictures(app))
        .icon(picture(HealthState::Working)?)
        .menu(&menu)
        .on_menu_event(move |app, event| choose(app, &chosen, event.id().as_ref()))
        .build(app)?;
    Ok(Tray { icon, next, open, sync, pause, quit })
}

fn choose(app: &AppHandle, engine: &Arc<Engine>, item: &str) {
    match item {
        OPEN => window::show(app),
        SYNC => engine.sync_soon(),
        PAUSE => turn(Arc::clone(engine)),
        QUIT => app.exit(0),
        _ => {}
    }
}

/// The menu's thread is none of the runtime's, and the engine starts tasks.
fn turn(engine: Arc<Engine>) {
    tauri::async_runtime::spawn(async move { engine.set_paused(!engine.is_paused()) });
}

/// Redraws the tray whenever what it shows may have changed.
async fn follow(tray: Tray, engine: Arc<Engine>) {
    let mut notices = engine.notices();
    let mut drawn = None;
    loop {
        tray.redraw(engine.tray().await, &mut drawn);
        // A minute without news is the other reason to redraw.
        if let Ok(false) = tokio::time::timeout(REDRAWN_EVERY, news(&mut notices)).await {
            return;
        }
    }
}

/// Comes back with `true` when something that the tray shows may be stale, with `false` when the engine is gone.
async fn news(notices: &mut Receiver<Notice>) -> bool {
    loop {
        match notices.recv().await {
            Ok(notice) if !notice.tags.iter().any(shown_in_tray) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}

fn shown_in_tray(tag: &Tag) -> bool {
    matches!(tag, Tag::Health | Tag::Schedule | Tag::Accounts | Tag::Settings)
}

impl Tray {
    fn redraw(&self, view: Result<TrayView, Problem>, drawn: &mut Option<TrayView>) {
        match view {
            Ok(view) if drawn.as_ref() == Some(&view) => {}
            Ok(view) => match self.draw(&view, drawn.as_ref().map(|view| view.state)) {
                Ok(()) => *drawn = Some(view),
                Err(error) => tracing::warn!(%error, "the tray could not be redrawn"),
            },
            Err(problem) => tracing::warn!(%problem, "the tray has nothing to show"),
        }
    }

    fn draw(&self, view: &TrayView, before: Option<HealthState>) -> tauri::Result<()> {
        // Each new picture is a file and a flicker in some panels.
        if before != Some(view.state) {
            self.icon.set_icon(Some(picture(view.state)?))?;
        }
        self.icon.set_tooltip(Some(&view.tooltip))?;
        self.next.set_text(&view.next)?;
        self.open.set_text(view.words.open)?;
        self.sync.set_text(view.words.sync)?;
        self.pause.set_text(view.words.pause)?;
        self.pause.set_checked(view.paused)?;
        self.quit.set_text(view.words.quit)
    }
}

/// The icons differ by shape, so that colour is not needed to read them.
fn picture(state: HealthState) -> tauri::Result<Image<'static>> {
    let bytes: &[u8] = match state {
        HealthState::Ok => include_bytes!("../../icons/tray-ok.png"),
        HealthState::Working => include_bytes!("../../icons/tray-working.png"),
        HealthState::Attention => include_bytes!("../../icons/tray-attention.png"),
        HealthState::Broken => include_bytes!("../../icons/tray-broken.png"),
    };
    Image::from_bytes(bytes)
}

#[cfg(target_os = "linux")]
mod host {
    use std::path::PathBuf;

    /// The panel's service for icons, by the StatusNotifierItem specification.
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";

    /// The tray library aborts the process when its shared object is missing, and no error can be caught.
    pub fn library_present() -> bool {
        const NAMES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];
        let folders = ["/usr/lib", "/usr/lib64", "/lib", "/usr/local/lib"].map(PathBuf::from);
        let with_architecture = folders.iter().map(|folder| folder.join(ARCHITECTURE));
        let extra = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
        std::env::split_paths(&extra)
            .chain(with_architecture)
            .chain(folders.iter().cloned())
            .any(|folder| NAMES.iter().any(|name| folder.join(name).exists()))
    }

    /// Debian's folder for the libraries of this machine's kind.
    const ARCHITECTURE: &str =
        if cfg!(target_arch = "aarch64") { "aarch64-linux-gnu" } else { "x86_64-linux-gnu" };

    pub async fn present() -> bool {
        match watched().await {
            Ok(watched) => watched,
            Err(error) => {
                tracing::warn!(%error, "nobody can be asked whether there is a tray");
                false
            }
        }
    }

    async fn watched() -> zbus::Result<bool> {
        let bus = zbus::Connection::session().await?;
        let names = zbus::fdo::DBusProxy::new(&bus).await?;
        Ok(names.name_has_owner(WATCHER.try_into()?).await?)
    }
}

#[cfg(not(target_os = "linux"))]
mod host {
    pub fn library_present() -> bool {
        true
    }

    pub async fn present() -> bool {
        true
    }
}
