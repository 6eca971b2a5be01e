//! The connections: one that writes, some that read.
//!
//! SQLite has one writer at a time. With several writing connections, a transaction that begins by
//! reading fails at its first write if another wrote meanwhile, whatever the busy time-out says.
//! One writing connection that always begins with `BEGIN IMMEDIATE` makes writers queue here, in
//! order, instead. Readers see the last committed state (WAL) and never wait for the writer.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite, SqlitePool, Transaction};

use crate::error::{MirrorError, Result};
use crate::private;

/// The target of the traces that tell of commits.
pub const COMMITS: &str = "daymark_mirror::commits";

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/mirror");
const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A first pull's page takes well under a second; whoever waits this long waits for nothing.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// Missing where another program writes.
    writer: Option<SqlitePool>,
    readers: SqlitePool,
}

impl Pool {
    /// Opens or makes the database, and brings its schema up to date.
    pub async fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            private::make_folder(folder)
                .map_err(|source| MirrorError::Folder { path: folder.to_owned(), source })?;
        }
        // SQLite gives its own answer about a file that cannot be made.
        let _ = private::make_file(path);
        let writer = pool(1)
            .after_connect(|conn, _| Box::pin(told_before_commits(conn)))
            .after_release(|conn, _| Box::pin(is_usable(conn)))
            .connect_with(options(path).create_if_missing(true))
            .await
            .map_err(|source| MirrorError::opening(path, source))?;
        MIGRATIONS.run(&writer).await.map_err(|source| MirrorError::migrating(path, source))?;
        // An earlier version left the mode to the system. Only a file that has proved to be ours is touched.
        for file in files(path) {
            private::tighten(&file);
        }
        Ok(Pool { writer: Some(writer), readers: readers(path).await? })
    }

    /// Opens a database that another program holds, to read what is there. It must have this program's schema.
    pub async fn open_beside(path: &Path) -> Result<Self> {
        let readers = readers(path).await?;
        let opening = |source| MirrorError::opening(path, source);
        let version: Option<i64> =
            sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
                .fetch_one(&readers)
                .await
                .map_err(opening)?;
        match version.cmp(&MIGRATIONS.iter().map(|it| it.version).max()) {
            Ordering::Less => Err(MirrorError::Older { path: path.to_owned() }),
            Ordering::Greater => Err(MirrorError::Newer { path: path.to_owned() }),
            Ordering::Equal => Ok(Pool { writer: None, readers }),
        }
    }

    /// A transaction that may write. Dropped without a commit, it leaves nothing.
    pub async fn write(&self) -> Result<Transaction<'static, Sqlite>> {
        let writer = self.writer.as_ref().ok_or(MirrorError::Held)?;
        Ok(writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// A connection for a single query.
    pub async fn read(&self) -> Result<PoolConnection<Sqlite>> {
        Ok(self.readers.acquire().await?)
    }

    /// Several queries that must see the same state.
    pub async fn snapshot(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.readers.begin().await?)
    }

    pub async fn close(&self) {
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
    }
}

/// The database and what SQLite keeps beside it.
fn files(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|ending| {
        let mut file = path.as_os_str().to_owned();
        file.push(ending);
        PathBuf::from(file)
    })
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // What is acknowledged to a relay or a person survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(256)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-16000")
}

async fn readers(path: &Path) -> Result<SqlitePool> {
    let opened = pool(READERS).connect_with(options(path).read_only(true)).await;
    opened.map_err(|source| MirrorError::opening(path, source))
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(QUEUE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Each transaction that writes is traced just before it becomes durable. Who reads the log sees the steps that a
/// crash falls between.
async fn told_before_commits(conn: &mut SqliteConnection) -> sqlx::Result<()> {
    conn.lock_handle().await?.set_commit_hook(|| {
        tracing::trace!(target: COMMITS, "a transaction is about to be durable");
        true
    });
    Ok(())
}

/// Where a commit cannot be written, SQLite ends the transaction by itself; the driver then counts one that there is no
/// more, and the connection can begin no other. The pool opens a new one in its place.
async fn is_usable(conn: &mut SqliteConnection) -> sqlx::Result<bool> {
    // A transaction that was dropped is rolled back before this is answered.
    conn.ping().await?;
    Ok(!conn.is_in_transaction())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn modes(file: &Path) -> Vec<u32> {
        let mode = |file: PathBuf| std::fs::metadata(file).unwrap().permissions().mode() & 0o777;
        files(file).into_iter().map(mode).collect()
    }

    #[tokio::test]
    async fn a_new_database_and_its_folder_are_their_owners_alone() {
        let above = tempfile::tempdir().unwrap();
        let file = above.path().join("data").join("daymark.db");
        let pool = Pool::open(&file).await.unwrap();
        assert_eq!(modes(&file), [0o600; 3]);
        let folder = std::fs::metadata(above.path().join("data")).unwrap();
        assert_eq!(folder.permissions().mode() & 0o777, 0o700);
        pool.close().await;
    }

    #[tokio::test]
    async fn a_database_that_others_could_read_is_closed_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("daymark.db");
        Pool::open(&file).await.unwrap().close().await;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let pool = Pool::open(&file).await.unwrap();
        assert_eq!(modes(&file), [0o600; 3]);
        pool.close().await;
    }

    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_by_itself_keeps_no_later_one_from_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let pool = Pool::open(&folder.path().join("daymark.db")).await.unwrap();
        let mut ended = pool.write().await.unwrap();
        sqlx::query("ROLLBACK").execute(&mut *ended).await.unwrap();
        ended.commit().await.unwrap_err();
        pool.write().await.unwrap().commit().await.unwrap();
        pool.close().await;
    }

    #[tokio::test]
    async fn a_reader_beside_sees_what_is_committed_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("daymark.db");
        let holder = Pool::open(&file).await.unwrap();
        let beside = Pool::open_beside(&file).await.unwrap();
        sqlx::query("PRAGMA user_version = 7").execute(holder.writer.as_ref().unwrap()).await.unwrap();
        let seen: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&beside.readers).await.unwrap();
        assert_eq!(seen, 7);
        assert!(matches!(beside.write().await, Err(MirrorError::Held)));
        let written = sqlx::query("PRAGMA user_version = 8").execute(&beside.readers).await;
        assert!(written.unwrap_err().to_string().contains("readonly"));
        beside.close().await;
        holder.close().await;
    }

    #[tokio::test]
    async fn a_reader_beside_refuses_another_versions_schema() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("daymark.db");
        let holder = Pool::open(&file).await.unwrap();
        for (change, newer) in [
            (
                "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
                true,
            ),
            ("DELETE FROM _sqlx_migrations WHERE version = 9999", false),
        ] {
            sqlx::query(change).execute(holder.writer.as_ref().unwrap()).await.unwrap();
            let refused = Pool::open_beside(&file).await.unwrap_err();
            assert_eq!(matches!(refused, MirrorError::Newer { .. }), newer, "{refused}");
            assert_eq!(matches!(refused, MirrorError::Older { .. }), !newer, "{refused}");
        }
        holder.close().await;
    }

    #[tokio::test]
    async fn what_is_no_database_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("letter.txt");
        std::fs::write(&file, "Dear Ana, ".repeat(99)).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        Pool::open(&file).await.unwrap_err();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    }
}
