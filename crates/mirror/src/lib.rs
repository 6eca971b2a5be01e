//! The local mirror of all calendars: one SQLite database, and all SQL of the app.
//!
//! Every method of [`Mirror`] is one transaction. Time is an argument.
//!
//! * In: [`Mirror::apply`] takes one answer of a provider, [`Mirror::restart`] begins again.
//! * Out: [`Mirror::stage`] records an edit, [`Mirror::due`] lists what to send, [`Mirror::started`]
//!   and [`Mirror::settle`] bracket the sending, [`Mirror::undo`] takes an edit back.
//! * Copies of busy times: [`Mirror::block_others`], [`Mirror::remove_copies`].
//! * Conflicts: [`Mirror::conflicts`] lists what only the person can decide, [`Mirror::resolve`] carries it out.
//! * Accounts: [`Mirror::add_account`], [`Mirror::leave`], [`Mirror::parting`], [`Mirror::restore`],
//!   [`Mirror::import`].
//! * Bookings: [`Mirror::take_inbox`], [`Mirror::opened`], [`Mirror::decide`].
//! * Views: [`Mirror::agenda`], [`Mirror::event`], [`Mirror::busy`], [`Mirror::search`],
//!   [`Mirror::journal`].

mod accounts;
mod anew;
mod apply;
mod blocks;
mod bookings;
mod deleting;
mod due;
mod error;
mod expand;
mod guests;
mod import;
mod leave;
mod opening;
mod parting;
mod pool;
pub mod private;
mod refusal;
mod removal;
mod resolve;
mod revive;
mod series;
mod settle;
mod stage;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod undo;
mod view;

use std::path::Path;

use daymark_core::time::Instant;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use anew::Heir;
pub use apply::{Applied, Next, Turn};
pub use blocks::{Blocked, Cleaning, Doomed, HeldRun};
pub use bookings::{Arrived, ArrivedKind, BookingEvent, Decided};
pub use due::{Action, Job, Target};
pub use error::{CannotUndo, MirrorError, Result, Storage};
pub use guests::Meeting;
pub use import::{Import, Imported};
pub use leave::{Leaving, Removing, Unsent};
pub use opening::Opened;
pub use pool::COMMITS;
pub use removal::{Removal, Restored, Stays, Unremovable};
pub use resolve::Decision;
pub use settle::Outcome;
pub use stage::{Edit, Extent, Staged};
pub use table::account::{Account, AccountId, AccountState, Grant};
pub use table::booking::{Booking, Untold, Unwritten};
pub use table::calendar::{Access, Calendar, CalendarId, Choice, Listed};
pub use table::conflict::ConflictId;
pub use table::journal::{Entry, JournalId};
pub use table::outbox::WAIT_MAX_S;
pub use table::relay::{Published, Relay};
pub use table::run::RunId;
pub use table::set_aside::SetAside;
pub use undo::RunUndone;
pub use view::agenda::{AgendaRow, BlockOf, EventRef, EventView, Sending, Time};
pub use view::blocks::BlockRules;
pub use view::busy::{Busy, Taken};
pub use view::conflicts::Dispute;
pub use view::contents::Content;
pub use view::journal::{FailedEdit, RunView, Stuck, Truncated};
pub use view::search::Found;

/// A handle to the database; clones share it.
#[derive(Clone, Debug)]
pub struct Mirror {
    pool: pool::Pool,
}

impl Mirror {
    /// Opens the database at `path`; makes it and its folder when they are missing.
    pub async fn open(path: &Path) -> Result<Self> {
        Ok(Mirror { pool: pool::Pool::open(path).await? })
    }

    /// Opens the database at `path` while another program holds it. Nothing can be written.
    pub async fn open_beside(path: &Path) -> Result<Self> {
        Ok(Mirror { pool: pool::Pool::open_beside(path).await? })
    }

    /// Waits for what is being written, then lets go of the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Moves the stretch in which series are expanded along with time. Cheap unless a day has passed.
    pub async fn roll_horizon(&self, now: Instant) -> Result<bool> {
        let mut tx = self.pool.write().await?;
        let rolled = expand::roll(&mut tx, now).await?;
        tx.commit().await?;
        Ok(rolled)
    }

    /// Rises with every change that a view could show.
    pub async fn change_number(&self) -> Result<i64> {
        table::state::change_number(&mut *self.pool.read().await?).await
    }

    pub async fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        table::setting::get(&mut *self.pool.read().await?, key).await
    }

    pub async fn set_setting(&self, key: &str, value: &(impl Serialize + Sync)) -> Result<()> {
        let mut tx = self.pool.write().await?;
        table::setting::put(&mut tx, key, value).await?;
        table::state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Entries of providers' answers that could not be understood.
    pub async fn set_aside(&self) -> Result<Vec<SetAside>> {
        table::set_aside::list(&mut *self.pool.read().await?).await
    }

    /// The person knows of what could not be read of a calendar, and wants to hear no more of it.
    pub async fn dismiss_set_aside(&self, calendar: CalendarId) -> Result<()> {
        let mut tx = self.pool.write().await?;
        table::set_aside::dismiss(&mut tx, calendar).await?;
        Ok(tx.commit().await?)
    }
}
