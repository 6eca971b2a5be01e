//! A gate before the relay: it counts what passes, can keep one request for ever, as a network does in which
//! the laptop dies, and can be shut.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};
use daymark_sandbox::faults::Moment;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

/// No request of the owner's API is larger.
const BODY_MAX_BYTES: usize = 16 << 20;

/// A request to keep: the how-manieth of its method, and whether the relay carries it out before.
#[derive(Clone, Debug)]
struct Kept {
    method: String,
    skip: u32,
    at: Moment,
}

struct Passage {
    relay: Url,
    http: reqwest::Client,
    /// The methods of all requests, in their order.
    passed: Mutex<Vec<String>>,
    armed: Mutex<Option<Kept>>,
    shut: AtomicBool,
    /// Whether the request that was armed for is kept now.
    keeps: watch::Sender<bool>,
}

/// Stops when dropped.
pub struct Gate {
    address: SocketAddr,
    passage: Arc<Passage>,
    _serving: DropGuard,
}

impl Gate {
    pub async fn before(relay: &Url) -> anyhow::Result<Gate> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let passage = Arc::new(Passage {
            relay: relay.clone(),
            http: daymark_remotes::http::client()?,
            passed: Mutex::default(),
            armed: Mutex::default(),
            shut: AtomicBool::new(false),
            keeps: watch::Sender::new(false),
        });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&passage));
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                served = axum::serve(listener, router) => served,
                () = stopped.cancelled() => Ok(()),
            }
        });
        Ok(Gate { address, passage, _serving: stop.drop_guard() })
    }

    /// Where the laptop believes the relay to be.
    pub fn address(&self) -> anyhow::Result<Url> {
        Ok(format!("http://{}/", self.address).parse()?)
    }

    pub fn passed(&self) -> Vec<String> {
        self.passage.passed.lock().unwrap().clone()
    }

    pub fn forget(&self) {
        self.passage.passed.lock().unwrap().clear();
    }

    pub fn keep(&self, method: &str, skip: u32, at: Moment) {
        self.passage.keeps.send_replace(false);
        *self.passage.armed.lock().unwrap() = Some(Kept { method: method.to_owned(), skip, at });
    }

    /// Comes back once it keeps a request.
    pub async fn kept(&self) {
        // The sender lives as long as the gate.
        let _ = self.passage.keeps.subscribe().wait_for(|keeps| *keeps).await;
    }

    /// Nothing passes until it is opened.
    pub fn shut(&self) {
        self.passage.shut.store(true, Ordering::SeqCst);
    }

    pub fn open(&self) {
        *self.passage.armed.lock().unwrap() = None;
        self.passage.shut.store(false, Ordering::SeqCst);
    }
}

impl Passage {
    /// Counts a request; where it is to be kept, if it is the one.
    fn count(&self, method: &str) -> Option<Moment> {
        self.passed.lock().unwrap().push(method.to_owned());
        let mut armed = self.armed.lock().unwrap();
        let kept = armed.as_mut().filter(|kept| kept.method == method)?;
        if kept.skip == 0 {
            return armed.take().map(|kept| kept.at);
        }
        kept.skip -= 1;
        None
    }

    async fn forward(&self, request: Request) -> anyhow::Result<Response<Body>> {
        let (mut parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().context("a request has a path")?.as_str();
        let url = self.relay.join(target)?;
        parts.headers.remove(header::HOST);
        let body = axum::body::to_bytes(body, BODY_MAX_BYTES).await?;
        let asked = self.http.request(parts.method, url).headers(parts.headers).body(body);
        let answer = asked.send().await?;
        let mut response = Response::builder().status(answer.status());
        for name in [header::CONTENT_TYPE, header::DATE] {
            if let Some(value) = answer.headers().get(&name) {
                response = response.header(name, value);
            }
        }
        Ok(response.body(Body::from(answer.bytes().await?))?)
    }

    /// Says that a request is kept, and keeps it.
    async fn never<T>(&self) -> T {
        self.keeps.send_replace(true);
        std::future::pending().await
    }
}

async fn pass(State(passage): State<Arc<Passage>>, request: Request) -> Result<Response<Body>, StatusCode> {
    if passage.shut.load(Ordering::SeqCst) {
        return Err(StatusCode::BAD_GATEWAY);
    }
    let kept = passage.count(request.method().as_str());
    if kept == Some(Moment::Before) {
        return passage.never().await;
    }
    let answer = passage.forward(request).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    match kept {
        Some(_) => passage.never().await,
        None => Ok(answer),
    }
}
