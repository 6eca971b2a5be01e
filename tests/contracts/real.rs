//! Real CalDAV servers, started for each fact on a free port, behind the sandbox's faults and ledger.
//!
//! Somebody else's hands speak plain HTTP to the server itself.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daymark_sandbox::caldav::{CalDav, PASSWORD};
use daymark_sandbox::clock::Clock;
use daymark_sandbox::server::Sandbox;
use daymark_sandbox::world::Config;
use tempfile::TempDir;

use crate::caldav::{CROWDED, CalDavHands, MAIN, READ_ONLY, Shelf};
use crate::world::{MAIL, NOW, World, draft, timed};

/// Somebody who may write everywhere.
const ADMIN: &str = "admin";

/// A running server. It ends with this, and when the test's process does.
struct Server {
    address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn python() -> PathBuf {
    let named = std::env::var_os("DAYMARK_CALDAV_PYTHON").map(PathBuf::from);
    let found = named.filter(|python| python.exists());
    found.unwrap_or_else(|| {
        panic!(
            "the real CalDAV servers are not installed: run scripts/test, or set DAYMARK_CALDAV_PYTHON to the python \
             of an environment with tests/official_clients/caldav/requirements.txt"
        )
    })
}

impl Server {
    /// Starts a Python module, and waits until it answers.
    fn start(folder: TempDir, port: u16, arguments: &[&str]) -> Server {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("official_clients/caldav/serve.py");
        let mut child = Command::new(python())
            .arg("-B")
            .arg(script)
            .arg(port.to_string())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut words = BufReader::new(child.stderr.take().unwrap());
        let mut heard = String::new();
        while !heard.ends_with("ready\n") {
            assert_ne!(words.read_line(&mut heard).unwrap(), 0, "the server did not start:\n{heard}");
        }
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut words, &mut std::io::sink()));
        Server { address: ([127, 0, 0, 1], port).into(), child, _folder: folder }
    }

    /// One request of somebody else.
    fn ask(&self, method: &str, path: &str, depth: &str, body: &str) -> (u16, String) {
        let login = STANDARD.encode(format!("{ADMIN}:{ADMIN}"));
        let kind = if method == "PUT" { "text/calendar" } else { "application/xml" };
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\nX-Forwarded-For: 127.0.0.1\r\nX-Script-Name: /caldav\r\nDepth: {depth}\r\n\
             Content-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let (_, content) = answer.split_once("\r\n\r\n").unwrap_or_default();
        (status, content.to_owned())
    }

    fn must(&self, method: &str, path: &str, depth: &str, body: &str) -> String {
        let (status, answer) = self.ask(method, path, depth, body);
        assert!((200..300).contains(&status), "{method} {path} answered {status}: {answer}");
        answer
    }

    fn make_calendar(&self, path: &str, name: &str) {
        let body = format!(
            "<c:mkcalendar xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\" xmlns:i=\"http://apple.com/ns/ical/\">\
             <d:set><d:prop><d:displayname>{name}</d:displayname><i:calendar-color>#1A73E8FF</i:calendar-color></d:prop>\
             </d:set></c:mkcalendar>"
        );
        self.must("MKCALENDAR", path, "0", &body);
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// What the hands reach over HTTP.
struct Http {
    server: Arc<Server>,
    home: String,
    proxy: Arc<CalDav>,
}

impl Shelf for Http {
    fn put(&self, calendar: &str, name: &str, text: &str) {
        self.server.must("PUT", &format!("{}{calendar}/{name}", self.home), "0", text);
    }

    fn delete(&self, calendar: &str, name: &str) {
        self.server.must("DELETE", &format!("{}{calendar}/{name}", self.home), "0", "");
    }

    fn all(&self, calendar: &str) -> Vec<(String, String)> {
        let collection = format!("{}{calendar}/", self.home);
        let body = "<d:propfind xmlns:d=\"DAV:\"><d:prop><d:getetag/></d:prop></d:propfind>";
        let list = self.server.must("PROPFIND", &collection, "1", body);
        let hrefs = list.split("href>").filter(|part| part.contains(".ics</"));
        let names = hrefs.filter_map(|part| part.split("</").next()?.rsplit('/').next());
        names
            .map(|name| (name.to_owned(), self.server.must("GET", &format!("{collection}{name}"), "0", "")))
            .collect()
    }

    /// The real server is asked with a token that it has never given.
    fn expire_cursors(&self) {
        self.proxy.forget_next_token();
    }

    fn remove_calendar(&self, calendar: &str) {
        self.server.must("DELETE", &format!("{}{calendar}/", self.home), "0", "");
    }
}

async fn world(server: Server, home: &str) -> World {
    let server = Arc::new(server);
    for (name, title) in [(MAIN, "Work"), (READ_ONLY, "Holidays"), (CROWDED, "Crowded")] {
        server.make_calendar(&format!("{home}{name}/"), title);
    }
    let mut config = Config::new(Clock::standing(NOW.parse().unwrap()));
    config.caldav_upstream = Some(server.address);
    let sandbox = Sandbox::start(config).await.unwrap();
    let shelf = Http { server, home: home.to_owned(), proxy: sandbox.caldav().clone() };
    let hands = CalDavHands::new(Box::new(shelf), home.to_owned());
    World::caldav(sandbox, Box::new(hands), home)
}

pub async fn radicale() -> World {
    let folder = tempfile::tempdir().unwrap();
    let (port, path) = (free_port(), folder.path().display().to_string());
    let file = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    file("users", format!("{MAIL}:{PASSWORD}\n{ADMIN}:{ADMIN}\n"));
    file(
        "rights",
        format!(
            "[admin]\nuser: {ADMIN}\ncollection: .*\npermissions: RWrw\n\n\
             [holidays]\nuser: .+\ncollection: {{user}}/{READ_ONLY}\npermissions: r\n\n\
             [own]\nuser: .+\ncollection: {{user}}(/.*)?\npermissions: RWrw\n\n[root]\nuser: .+\ncollection:\npermissions: R\n"
        ),
    );
    file(
        "config",
        format!(
            "[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {path}/users\n\
             htpasswd_encryption = plain\ndelay = 0\n[rights]\ntype = from_file\nfile = {path}/rights\n\
             [storage]\nfilesystem_folder = {path}/data\n"
        ),
    );
    let config = format!("{path}/config");
    let server = Server::start(folder, port, &["radicale", "--config", &config]);
    server.must("MKCOL", &format!("/caldav/{MAIL}/"), "0", "");
    world(server, &format!("/caldav/{MAIL}/")).await
}

pub async fn xandikos() -> World {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let (data, number) = (folder.path().display().to_string(), port.to_string());
    let arguments = [
        "xandikos",
        "serve",
        "-d",
        &data,
        "--defaults",
        "-l",
        "127.0.0.1",
        "-p",
        &number,
        "--route-prefix",
        "/caldav",
    ];
    let server = Server::start(folder, port, &arguments);
    server.must("DELETE", "/caldav/user/calendars/calendar/", "0", "");
    world(server, "/caldav/user/calendars/").await
}

/// Another program's whole work, by a library of its own, while Daymark reads and writes.
async fn an_independent_program_writes_meanwhile(mut world: World) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("official_clients/caldav/write.py");
    let url = format!("{}{}", world.sandbox.base(), world.calendar().0);
    let mut writer = tokio::process::Command::new(python())
        .arg("-B")
        .arg(script)
        .args([url.as_str(), MAIL, PASSWORD])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let ours = draft("Ours", timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
    let made = world.provider.insert(&world.calendar(), &ours).await.unwrap();
    while writer.try_wait().unwrap().is_none() {
        world.pull().await;
    }
    let left = writer.wait_with_output().await.unwrap();
    assert!(left.status.success());
    world.pull().await;
    let said = String::from_utf8(left.stdout).unwrap();
    let mut expected: Vec<&str> = said.lines().chain(["Ours"]).collect();
    expected.sort_unstable();
    assert_eq!(world.seen.titles(), expected);
    assert_eq!(world.seen.titled("Ours").id, made.event.id);
}

#[tokio::test]
async fn an_independent_program_and_daymark_share_radicale() {
    an_independent_program_writes_meanwhile(radicale().await).await;
}

#[tokio::test]
async fn an_independent_program_and_daymark_share_xandikos() {
    an_independent_program_writes_meanwhile(xandikos().await).await;
}
