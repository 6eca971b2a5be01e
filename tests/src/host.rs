//! The second host of the UI: the engine's contract over HTTP on loopback, for the demo and the browser tests.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use daymark_engine::Engine;
use daymark_engine::api::problem::{Problem, ProblemCode};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::doors::{Doors, Mint};

/// The same walls that the desktop window has, but for its own IPC.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
                   connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A running host. Dropping it stops it.
pub struct Host {
    address: SocketAddr,
    tokens: watch::Receiver<String>,
    stop: CancellationToken,
}

#[derive(Clone)]
struct Served {
    engine: Arc<Engine>,
    doors: Arc<Doors>,
    /// Requests with another `Host` come from a page that rebinds its name to this machine.
    authority: Arc<str>,
    ui: Arc<Path>,
    stop: CancellationToken,
}

impl Host {
    /// Serves `ui` (the built UI) and the engine behind doors whose secrets `mint` makes.
    pub async fn start(engine: Arc<Engine>, ui: PathBuf, mint: Mint) -> std::io::Result<Host> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let doors = Arc::new(Doors::new(mint));
        let tokens = doors.tokens();
        let served = Served {
            engine,
            doors,
            authority: address.to_string().into(),
            ui: ui.into(),
            stop: stop.clone(),
        };
        let until = stop.clone();
        tokio::spawn(async move {
            let serving = axum::serve(listener, router(served));
            if let Err(error) = serving.with_graceful_shutdown(async move { until.cancelled().await }).await {
                tracing::error!(%error, "the UI's host stopped");
            }
        });
        Ok(Host { address, tokens, stop })
    }

    /// The address to open, once. The token stands behind `#`, which no server and no log ever sees.
    pub fn url(&self) -> String {
        format!("http://{}/#token={}", self.address, *self.tokens.borrow())
    }

    /// The next address to open, as soon as the last one was used.
    pub async fn next_url(&mut self) -> Option<String> {
        self.tokens.changed().await.ok()?;
        Some(self.url())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn router(served: Served) -> Router {
    let guarded = Router::new()
        .route("/rpc", post(rpc))
        .route("/notices", get(notices))
        .layer(from_fn_with_state(served.clone(), only_in_a_session));
    Router::new()
        .merge(guarded)
        .route("/session", post(session))
        .fallback(get(file))
        .layer(from_fn_with_state(served.clone(), only_by_own_name))
        .layer(from_fn(walls))
        .with_state(served)
}

async fn walls(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn only_by_own_name(State(served): State<Served>, request: Request, next: Next) -> Response {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if named != Some(&served.authority) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    next.run(request).await
}

async fn only_in_a_session(State(served): State<Served>, request: Request, next: Next) -> Response {
    if !served.doors.knows(request.headers()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(request).await
}

/// Gives a session for the token of the address.
async fn session(State(served): State<Served>, request: Request) -> Response {
    match served.doors.open(request.headers()) {
        Some(session) => Json(session).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

#[derive(Deserialize)]
struct Rpc {
    name: String,
    payload: Value,
}

async fn rpc(State(served): State<Served>, Json(rpc): Json<Rpc>) -> Response {
    match served.engine.call_named(&rpc.name, rpc.payload).await {
        Ok(answer) => Json(answer).into_response(),
        Err(problem) => (status(&problem), Json(problem)).into_response(),
    }
}

fn status(problem: &Problem) -> StatusCode {
    match problem.code {
        ProblemCode::Internal
        | ProblemCode::DiskFull
        | ProblemCode::DatabaseLocked
        | ProblemCode::DatabaseDamaged
        | ProblemCode::Database => StatusCode::INTERNAL_SERVER_ERROR,
        ProblemCode::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

async fn notices(State(served): State<Served>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let heard = served.engine.notices();
    let stream = stream::unfold(heard, |mut heard| async move {
        loop {
            match heard.recv().await {
                Ok(notice) => {
                    // A notice of ours always serialises; if not, the gap in the numbers shows it.
                    let Ok(event) = Event::default().json_data(&notice) else { continue };
                    return Some((Ok(event), heard));
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    // Without this an open stream would keep the host from ever stopping.
    let stop = served.stop.clone();
    let stream = stream.take_until(async move { stop.cancelled().await });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn file(State(served): State<Served>, request: Request) -> Response {
    let asked = request.uri().path().trim_start_matches('/');
    let inside = !asked.split('/').any(|part| part.starts_with('.') || part.contains('\\'));
    let name = if asked.is_empty() { "index.html" } else { asked };
    if !inside {
        return StatusCode::NOT_FOUND.into_response();
    }
    match tokio::fs::read(served.ui.join(name)).await {
        Ok(content) => {
            let kind = HeaderValue::from_static(content_type(name));
            ([(header::CONTENT_TYPE, kind)], Body::from(content)).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}
