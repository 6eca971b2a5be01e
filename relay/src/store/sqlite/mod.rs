//! The store on SQLite: one writer with group commit, a few readers beside it in WAL mode.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use daymark_core::contract::{BookingState, Decision, InboxEntry, Known};
use daymark_core::entropy::{self, Entropy};
use daymark_core::time::Instant;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::sync::watch;

use crate::store::{
    AckOutcome, BookOutcome, Booking, CancelOutcome, Device, EnrolOutcome, EnrolmentOutcome, Forgotten,
    NewBooking, NewDevice, NewEnrolment, PageRecord, PersonId, Publication, PutOutcome, Result, Store,
};

mod booking;
mod decision;
mod device;
mod inbox;
mod page;
pub mod private;
mod retention;
mod row;
mod writer;

use writer::{Bells, Writer};

const READERS_MAX: u32 = 4;
/// Long enough for another process (`relay enrol`, a backup) to finish its write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
    bells: Arc<Bells>,
}

impl SqliteStore {
    /// Opens the database, makes it if it is missing, and brings its tables up to date.
    pub async fn open(path: &Path, entropy: &dyn Entropy) -> Result<Self> {
        // SQLite gives its own answer about a file that cannot be made.
        let _ = private::make_file(path);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An answer to a visitor is a promise: it must outlive a power cut (FULL, not NORMAL, in WAL).
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        let mut connection = options.connect().await?;
        sqlx::migrate!("../migrations/relay/sqlite").run(&mut connection).await?;
        let epoch = data_encoding::HEXLOWER.encode(&entropy::bytes::<16>(entropy));
        sqlx::query("INSERT INTO relay (id, epoch) VALUES (1, ?1) ON CONFLICT (id) DO NOTHING")
            .bind(epoch)
            .execute(&mut connection)
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .connect_with(options.create_if_missing(false).read_only(true))
            .await?;
        let bells = Arc::new(Bells::default());
        Ok(SqliteStore { writer: Writer::start(connection, Arc::clone(&bells)), readers, bells })
    }

    /// What SQLite finds broken in the file; empty when it is whole.
    pub async fn integrity(&self) -> Result<Vec<String>> {
        let lines: Vec<String> =
            sqlx::query_scalar("PRAGMA integrity_check(5)").fetch_all(&self.readers).await?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn epoch(&self) -> Result<String> {
        Ok(sqlx::query_scalar("SELECT epoch FROM relay").fetch_one(&self.readers).await?)
    }

    async fn known(&self, person: PersonId) -> Result<Known> {
        inbox::known(&self.readers, person).await
    }

    async fn add_enrolment(&self, enrolment: NewEnrolment) -> Result<EnrolmentOutcome> {
        self.writer.run(|to| Box::pin(device::add_enrolment(to, enrolment))).await
    }

    async fn enrol(&self, new: NewDevice) -> Result<EnrolOutcome> {
        self.writer.run(|to| Box::pin(device::enrol(to, new))).await
    }

    async fn device(&self, id: &str) -> Result<Option<Device>> {
        device::find(&self.readers, id).await
    }

    async fn use_nonce(&self, device: &str, nonce: &str, now: Instant) -> Result<bool> {
        let (device, nonce) = (device.to_owned(), nonce.to_owned());
        self.writer.run(move |to| Box::pin(device::use_nonce(to, device, nonce, now))).await
    }

    async fn put_page(&self, person: PersonId, publication: Publication) -> Result<PutOutcome> {
        self.writer.run(move |to| Box::pin(page::put(to, person, publication))).await
    }

    async fn page(&self, slug: &str, now: Instant) -> Result<Option<PageRecord>> {
        page::find(&self.readers, slug, now).await
    }

    async fn book(&self, new: NewBooking) -> Result<BookOutcome> {
        self.writer.run(|to| Box::pin(booking::make(to, new))).await
    }

    async fn request_of(&self, idem_hash: &str) -> Result<Option<String>> {
        booking::request_of(&self.readers, idem_hash).await
    }

    async fn managed(&self, token_hash: &str) -> Result<Option<Booking>> {
        booking::managed(&self.readers, token_hash).await
    }

    async fn cancel(&self, token_hash: &str, expect_version: u32, now: Instant) -> Result<CancelOutcome> {
        let token_hash = token_hash.to_owned();
        self.writer.run(move |to| Box::pin(decision::cancel(to, token_hash, expect_version, now))).await
    }

    async fn inbox(&self, person: PersonId, after: u64, limit: u32) -> Result<Vec<InboxEntry>> {
        inbox::read(&self.readers, person, after, limit).await
    }

    async fn ack(&self, person: PersonId, epoch: &str, upto: u64) -> Result<AckOutcome> {
        let epoch = epoch.to_owned();
        self.writer.run(move |to| Box::pin(inbox::ack(to, person, epoch, upto))).await
    }

    async fn decide(&self, person: PersonId, decisions: Vec<Decision>) -> Result<Vec<BookingState>> {
        self.writer.run(move |to| Box::pin(decision::decide(to, person, decisions))).await
    }

    async fn forget(&self, ended_before: Instant, now: Instant) -> Result<Forgotten> {
        self.writer.run(move |to| Box::pin(retention::forget(to, ended_before, now))).await
    }

    fn changes(&self, person: PersonId) -> watch::Receiver<u64> {
        self.bells.listen(person)
    }

    async fn close(&self) {
        // The last connection writes the log back into the file, and one that only reads cannot.
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::SqliteStore;
    use crate::store::Store as _;
    use crate::store::contract::{Dice, contract_suite};

    async fn store(folder: &tempfile::TempDir) -> SqliteStore {
        SqliteStore::open(&folder.path().join("relay.sqlite"), &Dice::new(1)).await.unwrap()
    }

    contract_suite!(store);

    #[cfg(unix)]
    #[tokio::test]
    async fn a_new_database_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        for file in ["relay.sqlite", "relay.sqlite-wal", "relay.sqlite-shm"] {
            let found = std::fs::metadata(folder.path().join(file)).unwrap();
            assert_eq!(found.permissions().mode() & 0o777, 0o600, "{file}");
        }
        store.close().await;
    }

    #[tokio::test]
    async fn the_epoch_outlives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let first = store(&folder).await;
        let epoch = first.epoch().await.unwrap();
        first.close().await;
        let again = SqliteStore::open(&folder.path().join("relay.sqlite"), &Dice::new(99)).await.unwrap();
        assert_eq!(again.epoch().await.unwrap(), epoch);
    }
}
