//! The hosted relay: public booking pages for visitors, and the owner's signed API.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use daymark_core::entropy::Entropy;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

pub mod accent;
mod app;
mod assets;
pub mod check;
pub mod clock;
pub mod config;
pub mod enrolment;
mod jobs;
mod lock;
mod offer;
mod offers;
mod owner_api;
mod pages;
mod pages_cache;
mod server;
pub mod store;
mod words;

use app::App;
use assets::Assets;
use clock::Clock;
use config::Config;
use enrolment::{EnrolError, Invitation, Issued};
use lock::ServeLock;
use store::sqlite::SqliteStore;
use store::{Store, StoreError};

/// Why the relay does not start, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{address} cannot be listened on: {source}. {}", port_remedy(source))]
    Port { address: SocketAddr, source: io::Error },
    #[error("the database {} cannot be opened: {source}. {}", path.display(), database_remedy(path))]
    Database { path: PathBuf, source: StoreError },
    #[error(
        "{} is damaged or no database: {source}. It was left as it is. Stop the relay, rename the file together with those of its \
         name that end in -wal and -shm, and keep them; then put the last backup back. Without one the relay starts empty, and each person needs a new code from `relay enrol`. Lost is then what only this \
         file held: requests and bookings that no laptop has taken yet, and every link with which a visitor sees or \
         cancels a booking. What the laptops have taken stays in their calendars",
        path.display()
    )]
    Damaged { path: PathBuf, source: StoreError },
    #[error(
        "another relay serves the database {} already, and two would show each other's visitors times that are gone. \
         Stop that one first, or give this one a `database` of its own", path.display()
    )]
    Served { path: PathBuf },
    #[error("the lock beside the database {} cannot be taken: {source}. {}", path.display(), database_remedy(path))]
    Lock { path: PathBuf, source: io::Error },
    #[error("the logo cannot be read: {0}. Correct `organisation.logo` or remove it.")]
    Logo(io::Error),
    #[error("the relay's own address {0} is no web address. Set `public_url`.")]
    Address(String),
}

fn port_remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "Stop the program that uses it, or change `listen`.",
        io::ErrorKind::PermissionDenied => "Choose a port above 1023, or let this user bind low ports.",
        io::ErrorKind::AddrNotAvailable => "This machine does not have that address; change `listen`.",
        _ => "Change `listen`.",
    }
}

fn database_remedy(path: &Path) -> &'static str {
    let folder = config::folder_of(path);
    if !folder.is_dir() {
        return "Create its folder, or change `database`.";
    }
    match fs4::available_space(folder) {
        Ok(free) if free < check::DISK_NEEDED_BYTES => "Its disk is full or nearly so: free some space.",
        _ => {
            "Check that it is the relay's own SQLite file and that this user may write to it and to its folder."
        }
    }
}

/// A relay that serves.
pub struct Relay {
    pub address: SocketAddr,
    pub public_url: Url,
    app: Arc<App>,
    server: JoinHandle<()>,
    cleaner: JoinHandle<()>,
    served: ServeLock,
}

/// Opens the database, for commands that do not serve.
pub async fn open_store(config: &Config, entropy: &dyn Entropy) -> Result<SqliteStore, StartError> {
    let path = config.database.clone();
    SqliteStore::open(&path, entropy).await.map_err(|source| match source.is_corruption() {
        true => StartError::Damaged { path, source },
        false => StartError::Database { path, source },
    })
}

fn lock(database: &Path) -> Result<ServeLock, StartError> {
    let path = database.to_owned();
    match ServeLock::take(database) {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => Err(StartError::Served { path }),
        Err(source) => Err(StartError::Lock { path, source }),
    }
}

impl Relay {
    /// Listens (port 0 takes a free one) and serves until [`Relay::shutdown`].
    pub async fn start(
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Relay, StartError> {
        // First, since of two relays with one configuration the port would be named instead.
        let served = lock(&config.database)?;
        let port = |source| StartError::Port { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(port)?;
        let address = listener.local_addr().map_err(port)?;
        let store: Arc<dyn Store> = Arc::new(open_store(&config, &*entropy).await?);
        let app = Arc::new(app(config, address, store, clock, entropy)?);
        let server =
            tokio::spawn(server::serve(listener, server::router(Arc::clone(&app)), app.stopping.clone()));
        let cleaner = tokio::spawn(jobs::clean(Arc::clone(&app)));
        tracing::info!(%address, public_url = %app.public_url, "the relay serves");
        Ok(Relay { address, public_url: app.public_url.clone(), app, server, cleaner, served })
    }

    /// The handlers without the socket.
    pub fn router(&self) -> Router {
        server::router(Arc::clone(&self.app))
    }

    /// Makes a one-time code for a person.
    pub async fn enrol(&self, invitation: Invitation) -> Result<Issued, EnrolError> {
        enrolment::issue(&*self.app.store, invitation, &*self.app.entropy, self.app.now()).await
    }

    /// Resolves when the relay was told to stop.
    pub fn stopping(&self) -> CancellationToken {
        self.app.stopping.clone()
    }

    /// Lets waiting laptops go, finishes what was begun, closes the database.
    pub async fn shutdown(self) {
        self.app.stopping.cancel();
        for task in [self.server, self.cleaner] {
            if let Err(error) = task.await {
                tracing::error!(%error, "a part of the relay stopped badly");
            }
        }
        self.app.store.close().await;
        drop(self.served);
    }
}

fn app(
    config: Config,
    address: SocketAddr,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<App, StartError> {
    let own = format!("http://{address}");
    let public_url = match config.public_url {
        Some(url) => url,
        None => Url::parse(&own).map_err(|_| StartError::Address(own))?,
    };
    Ok(App {
        store,
        clock,
        entropy,
        public_url,
        assets: Assets::new(&config.organisation).map_err(StartError::Logo)?,
        organisation: config.organisation.name,
        offers: offers::Offers::default(),
        rendered: pages_cache::PagesCache::default(),
        stopping: CancellationToken::new(),
    })
}
