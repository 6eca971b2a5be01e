//! Real CalDAV servers from the Python world, each started on a free port with a folder of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

/// Somebody who may write everywhere.
const ADMIN: &str = "admin";

/// A running server. It ends with this, and when its starter's process does.
pub struct Server {
    pub address: SocketAddr,
    /// The path under which a proxy shows it; empty without one.
    under: &'static str,
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

/// Who uses a Radicale, and what they may only read.
#[derive(Clone, Copy, Debug)]
pub struct User<'a> {
    pub name: &'a str,
    pub password: &'a str,
    pub read_only: &'a str,
}

/// The Python that has the servers installed.
pub fn python() -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("DAYMARK_CALDAV_PYTHON").map(PathBuf::from);
    named.filter(|python| python.exists()).context(
        "the real CalDAV servers are not installed: run scripts/test, or set DAYMARK_CALDAV_PYTHON to the python of \
         an environment with tests/official_clients/caldav/requirements.txt",
    )
}

/// What the servers are told; the system picks another, and they say which.
const ANY_PORT: &str = "1";

impl Server {
    pub fn radicale(user: User<'_>, under: &'static str) -> anyhow::Result<Server> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().display().to_string();
        let User { name, password, read_only } = user;
        let file = |name: &str, text: String| std::fs::write(folder.path().join(name), text);
        file("users", format!("{name}:{password}\n{ADMIN}:{ADMIN}\n"))?;
        file(
            "rights",
            format!(
                "[admin]\nuser: {ADMIN}\ncollection: .*\npermissions: RWrw\n\n\
                 [holidays]\nuser: .+\ncollection: {{user}}/{read_only}\npermissions: r\n\n\
                 [own]\nuser: .+\ncollection: {{user}}(/.*)?\npermissions: RWrw\n\n\
                 [root]\nuser: .+\ncollection:\npermissions: R\n"
            ),
        )?;
        file(
            "config",
            format!(
                "[server]\nhosts = 127.0.0.1:{ANY_PORT}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {path}/users\n\
                 htpasswd_encryption = plain\ndelay = 0\n[rights]\ntype = from_file\nfile = {path}/rights\n\
                 [storage]\nfilesystem_folder = {path}/data\n"
            ),
        )?;
        let config = format!("{path}/config");
        let server = Server::start(folder, under, &["radicale", "--config", &config])?;
        server.must("MKCOL", &format!("{under}/{name}/"), "0", "")?;
        Ok(server)
    }

    pub fn xandikos(under: &'static str) -> anyhow::Result<Server> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().display().to_string();
        let own = ["xandikos", "serve", "-d", &data, "--defaults", "-l", "127.0.0.1", "-p", ANY_PORT];
        let arguments: Vec<&str> = own.into_iter().chain(["--route-prefix", under]).collect();
        Server::start(folder, under, &arguments)
    }

    /// Starts a Python module, and waits until it answers.
    fn start(folder: TempDir, under: &'static str, arguments: &[&str]) -> anyhow::Result<Server> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("official_clients/caldav/serve.py");
        let mut child = Command::new(python()?)
            .arg("-B")
            .arg(script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut words = BufReader::new(child.stderr.take().context("the server has no error stream")?);
        let mut heard = String::new();
        let port = loop {
            let line = heard.len();
            anyhow::ensure!(words.read_line(&mut heard)? != 0, "the server did not start:\n{heard}");
            let said = heard.get(line..).and_then(|line| line.trim_end().strip_prefix("ready "));
            if let Some(port) = said.and_then(|port| port.parse().ok()) {
                break port;
            }
        };
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut words, &mut std::io::sink()));
        Ok(Server { address: ([127, 0, 0, 1], port).into(), under, child, _folder: folder })
    }

    /// One request of somebody else.
    pub fn ask(&self, method: &str, path: &str, depth: &str, body: &str) -> anyhow::Result<(u16, String)> {
        let login = STANDARD.encode(format!("{ADMIN}:{ADMIN}"));
        let kind = if method == "PUT" { "text/calendar" } else { "application/xml" };
        let proxied = match self.under {
            "" => String::new(),
            under => format!("X-Forwarded-For: 127.0.0.1\r\nX-Script-Name: {under}\r\n"),
        };
        let mut stream = TcpStream::connect(self.address)?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\n{proxied}Depth: {depth}\r\n\
             Content-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).context("the server gave no status")?.parse()?;
        let (_, content) = answer.split_once("\r\n\r\n").unwrap_or_default();
        Ok((status, content.to_owned()))
    }

    pub fn must(&self, method: &str, path: &str, depth: &str, body: &str) -> anyhow::Result<String> {
        let (status, answer) = self.ask(method, path, depth, body)?;
        anyhow::ensure!((200..300).contains(&status), "{method} {path} answered {status}: {answer}");
        Ok(answer)
    }
}
