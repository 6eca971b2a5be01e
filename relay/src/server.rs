//! The server round the handlers: limits, time-outs, security headers, and a stop that loses nothing.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::pages::Visitor;
use crate::{owner_api, pages};

/// Page requests in work at once; more are told to come back rather than kept waiting.
const PAGES_AT_ONCE: usize = 512;
const CONNECTIONS_MAX: usize = 4096;
const PAGE_TIMEOUT: Duration = Duration::from_secs(15);
/// A waiting laptop is held for 25 seconds.
const OWNER_TIMEOUT: Duration = Duration::from_secs(40);
/// Longer than proxies keep an idle connection: closed by us just as they use it, a form would be lost.
const HEADER_TIMEOUT: Duration = Duration::from_secs(65);
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The whole service as a value, for the server and for tests without a socket.
pub fn router(app: Arc<App>) -> Router {
    let places = Arc::new(Semaphore::new(PAGES_AT_ONCE));
    let limit = move |State(app): State<Arc<App>>, request: Request, next: Next| {
        let places = Arc::clone(&places);
        async move { limited(app, places, request, next).await }
    };
    let pages = pages::router().layer(middleware::from_fn_with_state(Arc::clone(&app), limit));
    let owner = owner_api::router().layer(middleware::from_fn(timed_owner));
    Router::new()
        .route("/healthz", get(healthz))
        .merge(owner)
        .merge(pages)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guarded))
        .with_state(app)
}

async fn healthz(State(app): State<Arc<App>>) -> Response {
    match app.store.epoch().await {
        Ok(_) => "ok\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "the health check found the store not answering");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

async fn limited(app: Arc<App>, places: Arc<Semaphore>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visitor = Visitor::of(&parts);
    let Ok(_place) = places.try_acquire() else {
        return pages::busy(&app, &visitor);
    };
    let answer = next.run(Request::from_parts(parts, body));
    tokio::time::timeout(PAGE_TIMEOUT, answer).await.unwrap_or_else(|_| pages::unsure(&app, &visitor))
}

async fn timed_owner(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(OWNER_TIMEOUT, next.run(request)).await;
    answer.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

/// Every answer carries the same rules, whoever made it.
async fn guarded(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A manage link is a secret in an address: it must not leave with a click.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    if app.public_url.scheme() == "https" {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Serves until `stop`, then finishes what was begun.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = Arc::clone(&connections).acquire_owned() => place,
        };
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match stream {
            Ok((stream, _)) => {
                let connection = graceful.watch(connection(stream, router.clone()));
                tokio::spawn(async move {
                    // Broken connections are the network's everyday business.
                    let _ = connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                // Out of file handles: wait for some to come back instead of spinning.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time and were cut");
    }
}

type Connection = hyper::server::conn::http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Router>>;

fn connection(stream: TcpStream, router: Router) -> Connection {
    // Small answers must not wait for more to send.
    let _ = stream.set_nodelay(true);
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
}
