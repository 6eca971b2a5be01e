//! The one writer: whatever waits is run in one transaction and answered once that is on disk.
//!
//! A commit costs an fsync. Sharing it among all that arrived during the last one keeps a rush of
//! bookings durable and quick at once; a savepoint around each keeps a failed one from the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::store::{PersonId, Result, StoreError};

const QUEUE_MAX: usize = 1024;
const BATCH_MAX: usize = 128;

/// What a piece of work answers, and whose page or inbox it changed.
pub struct Change<T> {
    pub answer: T,
    pub touches: Option<PersonId>,
}

impl<T> Change<T> {
    pub fn unheard(answer: T) -> Self {
        Change { answer, touches: None }
    }

    pub fn of(person: PersonId, answer: T) -> Self {
        Change { answer, touches: Some(person) }
    }
}

/// The stamps of [`crate::store::Store::changes`].
#[derive(Default)]
pub struct Bells(Mutex<HashMap<PersonId, watch::Sender<u64>>>);

impl Bells {
    pub fn listen(&self, person: PersonId) -> watch::Receiver<u64> {
        self.with(person, watch::Sender::subscribe)
    }

    fn ring(&self, person: PersonId) {
        self.with(person, |bell| bell.send_modify(|stamp| *stamp += 1));
    }

    fn with<T>(&self, person: PersonId, use_bell: impl FnOnce(&watch::Sender<u64>) -> T) -> T {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        use_bell(bells.entry(person).or_insert_with(|| watch::Sender::new(0)))
    }
}

type Work = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Ran> + Send>;

/// Work that has run but is not yet committed.
struct Ran {
    keep: bool,
    touches: Option<PersonId>,
    /// Tells whoever asked; `true` when the commit is on disk.
    settle: Box<dyn FnOnce(bool) + Send>,
}

pub struct Writer {
    queue: Mutex<Option<mpsc::Sender<Work>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub fn start(connection: SqliteConnection, bells: Arc<Bells>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let task = tokio::spawn(serve(connection, waiting, bells));
        Writer { queue: Mutex::new(Some(queue)), task: Mutex::new(Some(task)) }
    }

    /// Runs `work` in a transaction of its own, or in a savepoint of a shared one.
    pub async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<Change<T>>> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let boxed: Work =
            Box::new(move |connection| Box::pin(async move { ran(work(connection).await, tell) }));
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        queue.ok_or(StoreError::NotWritten)?.send(boxed).await.map_err(|_| StoreError::NotWritten)?;
        told.await.map_err(|_| StoreError::NotWritten)?
    }

    /// Takes nothing new, finishes what waits, closes the connection.
    pub async fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the database writer stopped badly");
        }
    }
}

fn ran<T: Send + 'static>(outcome: Result<Change<T>>, tell: oneshot::Sender<Result<T>>) -> Ran {
    let (keep, touches) = match &outcome {
        Ok(change) => (true, change.touches),
        Err(_) => (false, None),
    };
    let settle = Box::new(move |committed: bool| {
        let answer =
            outcome.and_then(|change| committed.then_some(change.answer).ok_or(StoreError::NotWritten));
        // Whoever asked may have gone; the change stands all the same.
        let _ = tell.send(answer);
    });
    Ran { keep, touches, settle }
}

async fn serve(mut connection: SqliteConnection, mut waiting: mpsc::Receiver<Work>, bells: Arc<Bells>) {
    while let Some(first) = waiting.recv().await {
        let mut batch = vec![first];
        while batch.len() < BATCH_MAX
            && let Ok(next) = waiting.try_recv()
        {
            batch.push(next);
        }
        let mut done = Vec::with_capacity(batch.len());
        let committed = commit(&mut connection, batch, &mut done).await;
        if let Err(error) = &committed {
            tracing::error!(%error, "a batch of changes could not be written");
            roll_back(&mut connection).await;
        }
        for ran in done {
            if committed.is_ok()
                && let Some(person) = ran.touches
            {
                bells.ring(person);
            }
            (ran.settle)(committed.is_ok());
        }
    }
    if let Err(error) = sqlx::Connection::close(connection).await {
        tracing::warn!(%error, "the database did not close cleanly");
    }
}

async fn commit(
    connection: &mut SqliteConnection,
    batch: Vec<Work>,
    done: &mut Vec<Ran>,
) -> sqlx::Result<()> {
    // A deferred transaction that turns into a writer fails at once when another process writes.
    execute(connection, "BEGIN IMMEDIATE").await?;
    for work in batch {
        execute(connection, "SAVEPOINT one").await?;
        let ran = work(connection).await;
        if !ran.keep {
            execute(connection, "ROLLBACK TO one").await?;
        }
        execute(connection, "RELEASE one").await?;
        done.push(ran);
    }
    execute(connection, "COMMIT").await
}

async fn roll_back(connection: &mut SqliteConnection) {
    // Fails when the transaction never began; there is nothing to undo then.
    let _ = execute(connection, "ROLLBACK").await;
}

async fn execute(connection: &mut SqliteConnection, sql: &'static str) -> sqlx::Result<()> {
    sqlx::query(sql).execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Connection as _;

    async fn writer() -> (Writer, Arc<Bells>) {
        let mut connection = SqliteConnection::connect(":memory:").await.unwrap();
        sqlx::query("CREATE TABLE t (n INTEGER PRIMARY KEY)").execute(&mut connection).await.unwrap();
        let bells = Arc::new(Bells::default());
        (Writer::start(connection, Arc::clone(&bells)), bells)
    }

    async fn add(writer: &Writer, n: i64) -> Result<()> {
        writer
            .run(move |connection| {
                Box::pin(async move {
                    sqlx::query("INSERT INTO t (n) VALUES (?1)").bind(n).execute(connection).await?;
                    Ok(Change::of(PersonId(n), ()))
                })
            })
            .await
    }

    async fn count(writer: &Writer) -> i64 {
        writer
            .run(|connection| {
                Box::pin(async move {
                    Ok(Change::unheard(
                        sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(connection).await?,
                    ))
                })
            })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_failed_change_leaves_those_beside_it_standing() {
        let (writer, _) = writer().await;
        let (first, again, other) = tokio::join!(add(&writer, 1), add(&writer, 1), add(&writer, 2));
        assert!(first.is_ok() && other.is_ok());
        assert!(again.is_err());
        assert_eq!(count(&writer).await, 2);
    }

    #[tokio::test]
    async fn half_of_a_change_is_never_kept() {
        let (writer, _) = writer().await;
        let torn: Result<()> = writer
            .run(|connection| {
                Box::pin(async move {
                    sqlx::query("INSERT INTO t (n) VALUES (7)").execute(connection).await?;
                    Err(StoreError::NotWritten)
                })
            })
            .await;
        assert!(torn.is_err());
        assert_eq!(count(&writer).await, 0);
    }

    #[tokio::test]
    async fn the_bell_has_rung_when_the_answer_arrives() {
        let (writer, bells) = writer().await;
        let bell = bells.listen(PersonId(3));
        add(&writer, 3).await.unwrap();
        assert_eq!(*bell.borrow(), 1);
    }

    #[tokio::test]
    async fn a_closed_writer_says_so() {
        let (writer, _) = writer().await;
        writer.close().await;
        assert!(add(&writer, 1).await.is_err());
    }
}
