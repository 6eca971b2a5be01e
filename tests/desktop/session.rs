//! A desktop session of its own: display, window manager, bus, keyring and notifications, all in one folder.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::wait::until_found;

/// The session's programs end with it, the last one started first.
pub struct Session {
    pub folder: TempDir,
    pub bus: String,
    /// What programs find in `LANG`.
    pub language: &'static str,
    display: String,
    path: String,
    children: Vec<Child>,
}

impl Session {
    pub async fn start() -> anyhow::Result<Session> {
        let folder = tempfile::Builder::new().prefix("daymark-desktop-").tempdir()?;
        for name in ["home", "data", "config", "cache", "run", "bin"] {
            fs::create_dir(folder.path().join(name))?;
        }
        // The specification of base directories asks for it, and programs check.
        fs::set_permissions(folder.path().join("run"), fs::Permissions::from_mode(0o700))?;
        let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH")?);
        let mut session = Session {
            folder,
            bus: String::new(),
            language: "C.UTF-8",
            display: String::new(),
            path,
            children: Vec::new(),
        };
        session.display = format!(":{}", session.first_line("Xvfb", DISPLAY)?);
        session.bus = session.first_line("dbus-daemon", &["--session", "--print-address=1", "--nofork"])?;
        session.unlock_keyring()?;
        session.spawn("openbox", &[])?;
        let said = fs::File::create(session.notifications())?;
        let dunst = session.command("dunst").arg("-print").stdout(said).stderr(Stdio::null()).spawn()?;
        session.children.push(dunst);
        session.ready().await;
        Ok(session)
    }

    /// A command that lives in this session.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let at = |name: &str| self.folder.path().join(name);
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", at("home"))
            .env("XDG_DATA_HOME", at("data"))
            .env("XDG_CONFIG_HOME", at("config"))
            .env("XDG_CACHE_HOME", at("cache"))
            .env("XDG_RUNTIME_DIR", at("run"))
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("DISPLAY", &self.display)
            .env("LANG", self.language)
            // The schedule must not care where the computer believes to be.
            .env("TZ", "Pacific/Auckland")
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null());
        command
    }

    /// Starts a program that runs as long as the session.
    pub fn spawn(&mut self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let child =
            self.command(program).args(arguments).stdout(Stdio::null()).stderr(self.log(program)?).spawn();
        self.children.push(
            child.with_context(|| format!("{program} does not start; scripts/setup --test brings it"))?,
        );
        Ok(())
    }

    /// Runs a program to its end, and gives what it printed.
    pub fn output(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let done = self
            .command(program)
            .args(arguments)
            .output()
            .with_context(|| format!("{program} does not start"))?;
        // A secret need not be text.
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    /// A program that stands before the system's own of that name.
    pub fn place(&self, name: &str, script: &str) -> anyhow::Result<()> {
        let file = self.folder.path().join("bin").join(name);
        fs::write(&file, script)?;
        Ok(fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?)
    }

    /// What the notification daemon was asked to show so far.
    pub fn notified(&self) -> String {
        fs::read_to_string(self.notifications()).unwrap_or_default()
    }

    pub fn log(&self, program: &str) -> anyhow::Result<fs::File> {
        let name =
            Path::new(program).file_name().context("a program has a name")?.to_string_lossy().into_owned();
        Ok(fs::File::options().create(true).append(true).open(self.folder.path().join(name + ".log"))?)
    }

    fn notifications(&self) -> PathBuf {
        self.folder.path().join("notifications.txt")
    }

    /// Starts a program that says in its first line how it can be reached.
    fn first_line(&mut self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = self.command(program);
        command.args(arguments).stdout(Stdio::piped()).stderr(self.log(program)?);
        let mut child = command
            .spawn()
            .with_context(|| format!("{program} does not start; scripts/setup --test brings it"))?;
        let output = child.stdout.take().context("its output is a pipe")?;
        self.children.push(child);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        anyhow::ensure!(!line.trim().is_empty(), "{program} ended at once");
        Ok(line.trim().to_owned())
    }

    /// An empty passphrase makes and opens the login keyring, as logging in would.
    fn unlock_keyring(&mut self) -> anyhow::Result<()> {
        let arguments = ["--unlock", "--foreground", "--components=secrets"];
        let mut command = self.command("gnome-keyring-daemon");
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(self.log("gnome-keyring-daemon")?);
        let mut child =
            command.spawn().context("gnome-keyring-daemon does not start; scripts/setup --test brings it")?;
        child.stdin.take().context("its input is a pipe")?.write_all(b"\n")?;
        self.children.push(child);
        Ok(())
    }

    /// Everybody has taken their name on the bus, or their place on the display.
    async fn ready(&self) {
        for name in ["org.freedesktop.secrets", "org.freedesktop.Notifications"] {
            let owned = format!("string:{name}");
            until_found(name, || {
                let asked = [
                    "--session",
                    "--print-reply",
                    "--dest=org.freedesktop.DBus",
                    "/",
                    "org.freedesktop.DBus.NameHasOwner",
                    &owned,
                ];
                self.output("dbus-send", &asked).ok().filter(|answer| answer.contains("true"))
            })
            .await;
        }
        until_found("the window manager", || {
            let shown = self.output("xdotool", &["get_desktop"]).ok()?;
            (!shown.trim().is_empty()).then_some(())
        })
        .await;
    }
}

const DISPLAY: &[&str] = &["-displayfd", "1", "-screen", "0", "1280x760x24", "-nolisten", "tcp", "-noreset"];

impl Drop for Session {
    fn drop(&mut self) {
        while let Some(mut child) = self.children.pop() {
            // It may have ended by itself; then there is nothing to kill.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A port nobody listens on now, for programs that cannot choose one themselves.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The binary to be proven.
pub fn binary() -> PathBuf {
    let named = std::env::var_os("DAYMARK_DESKTOP").map(PathBuf::from);
    let Some(binary) = named.filter(|file| file.is_file()) else {
        panic!(
            "DAYMARK_DESKTOP does not name the desktop binary: build it with \
             `cargo build -p daymark --features custom-protocol` after `npm run build` in ui/, \
             and give its path, as scripts/test does"
        );
    };
    binary
}
