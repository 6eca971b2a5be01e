//! The running sandbox: one listener on this machine, one router, and a connection that can hang up.

use std::{io, net::SocketAddr, sync::Arc};

use axum::Router;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use crate::{
    caldav::{self, CalDav},
    control::{self, Control},
    google::{self, Google},
    layers::{self, HangUp},
    microsoft::{self, Microsoft},
    world::{Config, World},
};

#[derive(Debug, thiserror::Error)]
#[error("the sandbox cannot listen on 127.0.0.1:{port}: {why}; choose another port, or 0 for any free one")]
pub struct StartError {
    port: u16,
    why: io::Error,
}

/// A running fake world; it stops when dropped.
pub struct Sandbox {
    address: SocketAddr,
    control: Arc<Control>,
    cancel: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Sandbox {
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let port = config.port;
        let failed = |why| StartError { port, why };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (router, control) = assemble(&World::new(config));
        let cancel = CancellationToken::new();
        let task = tokio::spawn(serve(listener, router, cancel.clone()));
        Ok(Self { address, control, cancel, task: Some(task) })
    }

    /// `http://127.0.0.1:port`, before any provider's prefix.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stands for `https://www.googleapis.com`.
    pub fn google_api(&self) -> String {
        format!("{}/google", self.base())
    }

    /// Stands for `https://accounts.google.com/o/oauth2/v2/auth`.
    pub fn google_authorize(&self) -> String {
        format!("{}/google-auth/o/oauth2/v2/auth", self.base())
    }

    /// Stands for `https://oauth2.googleapis.com/token`.
    pub fn google_token(&self) -> String {
        format!("{}/google-token/token", self.base())
    }

    /// Stands for `https://oauth2.googleapis.com/revoke`.
    pub fn google_revoke(&self) -> String {
        format!("{}/google-token/revoke", self.base())
    }

    /// Stands for `https://graph.microsoft.com`.
    pub fn graph(&self) -> String {
        format!("{}/graph", self.base())
    }

    /// Stands for `https://login.microsoftonline.com`.
    pub fn microsoft_login(&self) -> String {
        format!("{}/login", self.base())
    }

    /// Stands for a CalDAV server's root.
    pub fn caldav_base(&self) -> String {
        format!("{}/caldav/", self.base())
    }

    pub fn control_base(&self) -> String {
        format!("{}/control", self.base())
    }

    pub fn control(&self) -> &Arc<Control> {
        &self.control
    }

    pub fn google(&self) -> &Arc<Google> {
        self.control.google()
    }

    pub fn microsoft(&self) -> &Arc<Microsoft> {
        self.control.microsoft()
    }

    pub fn caldav(&self) -> &Arc<CalDav> {
        self.control.caldav()
    }

    /// Stops, and comes back when every connection has ended.
    pub async fn stop(mut self) {
        self.control.clear_faults();
        self.cancel.cancel();
        if let Some(task) = self.task.take() {
            // The task ends by the token; a panic in it was reported by its own test.
            let _ = task.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// The whole router and the hands on it, without a listener.
pub fn assemble(world: &Arc<World>) -> (Router, Arc<Control>) {
    let google = Google::new(world.clone());
    let microsoft = Microsoft::new(world.clone());
    let caldav = CalDav::new(world.clone());
    let providers = google::router(google.clone())
        .merge(microsoft::router(microsoft.clone()))
        .merge(caldav::router(caldav.clone()));
    let providers = layers::around(providers, world);
    let control = Control::new(world.clone(), google, microsoft, caldav, providers.clone());
    (providers.nest("/control", control::router(control.clone())), control)
}

async fn serve(listener: TcpListener, router: Router, cancel: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        tokio::select! {
            () = cancel.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, router.clone(), cancel.clone()))),
                Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
            },
        }
    }
    connections.close();
    connections.wait().await;
}

async fn connection(stream: TcpStream, router: Router, cancel: CancellationToken) {
    // Answers are small and waited for; without this the kernel may hold one back for a while.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays buffered");
    }
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let Ok(response) = router.oneshot(request.map(axum::body::Body::new)).await;
            // An error here makes hyper close the socket without writing a byte.
            if response.extensions().get::<HangUp>().is_some() {
                return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
            }
            Ok(response)
        }
    });
    tokio::select! {
        // An error is a client that went away, or a connection cut on purpose.
        _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service) => {}
        () = cancel.cancelled() => {}
    }
}
