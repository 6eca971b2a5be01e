//! What this crate's own tests lean on: a clock that stands still, and a server that plays a script.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use daymark_core::entropy::Entropy;
use daymark_core::time::Instant;
use oauth2::{AccessToken, RefreshToken};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

use crate::http::{Pace, Service, client};
use crate::oauth::{Access, AuthServer, Grant, SignedIn, StoreError, TokenStore, Tokens};
use crate::settings::{ClientId, GoogleSettings};

/// Waits pass at once and are written down; the time is what the test sets.
pub struct StillPace {
    now: Mutex<Instant>,
    waits: Mutex<Vec<Duration>>,
}

impl StillPace {
    pub fn new() -> Arc<Self> {
        let now = "2026-03-02T09:00:00Z".parse().unwrap();
        Arc::new(StillPace { now: Mutex::new(now), waits: Mutex::default() })
    }

    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }

    pub fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }
}

#[async_trait]
impl Pace for StillPace {
    async fn wait(&self, time: Duration) {
        self.waits.lock().unwrap().push(time);
        tokio::task::yield_now().await;
    }

    fn jitter(&self) -> f64 {
        0.5
    }

    fn now(&self) -> Instant {
        *self.now.lock().unwrap()
    }
}

/// Answers the requests it hears, in order, with the given answers.
/// An answer is a status line's end, more header lines, an empty line and a body; an empty one
/// drops the connection.
pub struct Script {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl Script {
    pub async fn play(answers: impl IntoIterator<Item = impl Into<String>>) -> Script {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let answers: VecDeque<String> = answers.into_iter().map(Into::into).collect();
        let server = tokio::spawn(serve(listener, answers, heard.clone()));
        Script { address, heard, server }
    }

    pub fn url(&self, path: &str) -> Url {
        format!("{}{path}", self.address).parse().unwrap()
    }

    /// Each request as it came: request line, headers, body.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An answer with a JSON body.
pub fn json_answer(status: u16, body: &serde_json::Value) -> String {
    format!("{status} Scripted\r\ncontent-type: application/json\r\n\r\n{body}")
}

async fn serve(listener: TcpListener, mut answers: VecDeque<String>, heard: Arc<Mutex<Vec<String>>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let request = read_request(&mut stream).await;
        heard.lock().unwrap().push(request);
        let answer = answers.pop_front().unwrap_or_else(|| "418 The script is over".into());
        if answer.is_empty() {
            continue;
        }
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let length = body.len();
        let whole = format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
        let _ = stream.write_all(whole.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).await.unwrap_or(0);
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return text;
            }
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned))
            .and_then(|value| value.trim().parse::<usize>().ok())
            .unwrap_or(0);
        if body.len() >= length || read == 0 {
            return text;
        }
    }
}

/// Random bytes that count up: different each time, the same in every run.
pub struct Dice(AtomicU8);

impl Dice {
    pub fn new(seed: u8) -> Self {
        Dice(AtomicU8::new(seed))
    }
}

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Sends one raw request to a port of this machine and reads the answer to its end.
pub async fn knock(port: u16, head: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// A drawer that holds one refresh token, and can be locked.
#[derive(Clone, Default)]
pub struct Drawer {
    content: Arc<Mutex<Option<String>>>,
    locked: Arc<AtomicBool>,
}

impl Drawer {
    pub fn with(refresh_token: &str) -> Self {
        Drawer { content: Arc::new(Mutex::new(Some(refresh_token.into()))), ..Drawer::default() }
    }

    pub fn content(&self) -> Option<String> {
        self.content.lock().unwrap().clone()
    }

    pub fn lock(&self, locked: bool) {
        self.locked.store(locked, Ordering::Relaxed);
    }
}

#[async_trait]
impl TokenStore for Drawer {
    async fn load(&self) -> Result<Option<String>, StoreError> {
        Ok(self.content())
    }

    async fn save(&self, refresh_token: &str) -> Result<(), StoreError> {
        if self.locked.load(Ordering::Relaxed) {
            return Err("the drawer is locked".into());
        }
        *self.content.lock().unwrap() = Some(refresh_token.to_owned());
        Ok(())
    }
}

/// An account whose service and token endpoint are both the script.
pub async fn signed_in(script: &Script, access: &str) -> SignedIn {
    let pace = StillPace::new();
    let id = ClientId { id: "app".into(), secret: None };
    let settings =
        GoogleSettings { token: script.url("token"), client: Some(id), ..GoogleSettings::default() };
    let service = |name| Service::new(name, client().unwrap(), 4, pace.clone());
    let server = AuthServer::google(&settings).unwrap();
    let tokens = Tokens::new(server, service("Testing sign-in"), Box::new(Drawer::default()));
    let access = Access::new(AccessToken::new(access.into()), pace.now(), TimeDelta::hours(1));
    let refresh_token = RefreshToken::new("refresh".into());
    let grant = Grant { refresh_token, access, refresh_ends: None };
    tokens.adopt(grant).await.unwrap();
    SignedIn::new(service("Testing"), Arc::new(tokens))
}
