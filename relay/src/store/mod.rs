//! What the relay remembers, behind one trait: each kind of database implements it and runs the same contract suite.

use async_trait::async_trait;
use daymark_core::booking::{BookingId, State, TypeId};
use daymark_core::contract::{BookingState, Decision, InboxEntry, Known, Mode, Place, Sheet};
use daymark_core::time::{Instant, Interval};
use serde::{Deserialize, Serialize};
use sqlx::migrate::MigrateError;
use tokio::sync::watch;

#[cfg(test)]
mod contract;
pub mod sqlite;

/// What goes wrong with a store. None of these is the visitor's or the owner's fault.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database did not answer: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database's tables could not be brought up to date: {0}")]
    Migrate(#[from] MigrateError),
    #[error("the database holds a {table}.{column} that cannot be read (row {row}): {what}")]
    Damaged { table: &'static str, column: &'static str, row: String, what: String },
    #[error("the change was not written; the cause is in the log")]
    NotWritten,
}

impl StoreError {
    /// The file is no database of SQLite's, or one that is broken.
    pub fn is_corruption(&self) -> bool {
        let source = match self {
            StoreError::Database(source) => source,
            StoreError::Migrate(
                MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _),
            ) => source,
            _ => return false,
        };
        let code = source.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        // The low byte of an extended code is the primary one: SQLITE_CORRUPT, SQLITE_NOTADB.
        matches!(code.map(|code| code & 0xff), Some(11 | 26))
    }
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// A person's number in the store; never leaves the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PersonId(pub i64);

/// A code that lets one laptop in.
#[derive(Clone, Debug)]
pub struct NewEnrolment {
    pub slug: String,
    pub name: String,
    pub code_hash: String,
    pub expires_at: Instant,
    /// For a person who is known already; otherwise the slug must be new.
    pub again: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrolmentOutcome {
    Added,
    /// The slug belongs to somebody, perhaps to somebody else.
    SlugInUse,
    /// Nobody has this slug.
    UnknownPerson,
}

#[derive(Clone, Debug)]
pub struct NewDevice {
    pub code_hash: String,
    pub id: String,
    pub name: String,
    pub verifying_key: String,
    pub sealing_key: String,
    pub now: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrolOutcome {
    /// The device is in; a lost answer is given again to the same key.
    Enrolled { device: String, slug: String },
    /// Unknown, expired, or used by another key.
    BadCode,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub id: String,
    pub person: PersonId,
    pub verifying_key: String,
    pub revoked: bool,
}

/// One publication. `rev` orders those of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    pub device: String,
    pub rev: u64,
    pub based_on_seq: u64,
    pub checked_at: Instant,
    pub lease_until: Instant,
    pub mode: Mode,
    pub sheet: Sheet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    Stored,
    OldRev { stored: u64 },
}

/// A person's page with everything that decides what it offers.
#[derive(Clone, Debug)]
pub struct PageRecord {
    pub person: PersonId,
    pub name: String,
    pub published: Option<Publication>,
    /// Whom visitors' answers are sealed to; empty before the first publication.
    pub sealing_key: String,
    /// In the order of their starts.
    pub taken: Vec<Taken>,
}

/// Time held by a live booking, and the gap that must stay beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub visit: Interval,
    pub gap_min: u32,
}

/// What was promised about a visit when it was booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub type_name: String,
    pub place: Place,
    pub cancel_cutoff_min: u32,
    pub waits_because: Option<WaitsBecause>,
}

/// Why a booking was not accepted at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsBecause {
    /// The page's data was older than its lease.
    StaleTimes,
    /// The owner answers every request by hand.
    OwnerApproves,
}

/// A booking to be made, in one transaction with its claims and its inbox entry.
#[derive(Clone, Debug)]
pub struct NewBooking {
    pub person: PersonId,
    /// The publication that offered the time; another one meanwhile means: look again.
    pub device: String,
    pub rev: u64,
    pub id: BookingId,
    pub state: State,
    pub type_id: TypeId,
    pub visit: Interval,
    pub length_min: u32,
    pub gap_min: u32,
    pub terms: Terms,
    pub idem_hash: String,
    pub request_digest: String,
    pub token_hash: String,
    pub sealed_for_owner: String,
    pub sealed_for_visitor: Vec<u8>,
    pub email: String,
    pub now: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookOutcome {
    Made,
    /// The same request had made its booking before.
    MadeBefore,
    /// The key was used for another request.
    KeyReused,
    Taken,
    /// The page was republished after the time was chosen.
    PageChanged,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub id: BookingId,
    pub slug: String,
    pub version: u32,
    pub state: State,
    pub visit: Interval,
    pub terms: Terms,
    pub sealed_for_visitor: Vec<u8>,
    /// The laptop has acknowledged all that happened to it.
    pub heard: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// Cancelled now or before: both look the same to the visitor.
    Cancelled,
    /// The booking changed since the visitor looked, or can no longer be cancelled.
    Changed,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckOutcome {
    Acked,
    EpochChanged,
}

/// What the nightly cleaning removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub bookings: u64,
    pub nonces: u64,
    pub enrolments: u64,
}

/// Everything durable. A method that changes something returns only once that is on disk.
#[async_trait]
pub trait Store: Send + Sync {
    async fn epoch(&self) -> Result<String>;
    async fn known(&self, person: PersonId) -> Result<Known>;

    /// Adds the person too, unless it is for one who is known already.
    async fn add_enrolment(&self, enrolment: NewEnrolment) -> Result<EnrolmentOutcome>;
    /// Uses the code up, and revokes the person's former device.
    async fn enrol(&self, device: NewDevice) -> Result<EnrolOutcome>;
    async fn device(&self, id: &str) -> Result<Option<Device>>;
    /// False when the device has used this nonce before.
    async fn use_nonce(&self, device: &str, nonce: &str, now: Instant) -> Result<bool>;

    async fn put_page(&self, person: PersonId, publication: Publication) -> Result<PutOutcome>;
    /// Bookings over by `now` are left out of [`PageRecord::taken`].
    async fn page(&self, slug: &str, now: Instant) -> Result<Option<PageRecord>>;

    async fn book(&self, booking: NewBooking) -> Result<BookOutcome>;
    /// The digest of the request that used this key, if any.
    async fn request_of(&self, idem_hash: &str) -> Result<Option<String>>;
    async fn managed(&self, token_hash: &str) -> Result<Option<Booking>>;
    async fn cancel(&self, token_hash: &str, expect_version: u32, now: Instant) -> Result<CancelOutcome>;

    /// Entries after `after`, oldest first, at most `limit`.
    async fn inbox(&self, person: PersonId, after: u64, limit: u32) -> Result<Vec<InboxEntry>>;
    async fn ack(&self, person: PersonId, epoch: &str, upto: u64) -> Result<AckOutcome>;
    /// How each booking stands afterwards; bookings of nobody or of another person are left out. A decision
    /// counts whenever it arrives: its owner made it in time, also when the laptop was offline then.
    async fn decide(&self, person: PersonId, decisions: Vec<Decision>) -> Result<Vec<BookingState>>;

    /// Removes visitors' data of visits that ended before `ended_before`, and what has expired by `now`.
    async fn forget(&self, ended_before: Instant, now: Instant) -> Result<Forgotten>;

    /// A number that has risen once a change to what this person shows or hears is durable.
    /// It is both the stamp that caches compare and the bell that waiting laptops listen to.
    fn changes(&self, person: PersonId) -> watch::Receiver<u64>;

    /// Finishes what was begun and lets go of the database.
    async fn close(&self);
}
