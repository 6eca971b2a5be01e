//! The contract with every UI: one call with a name and a payload, and one stream of notices.
//!
//! Times cross it as wall times of the zone being shown, without an offset: the UI formats, it never converts.

pub mod accounts;
pub mod blocks;
pub mod bookings;
pub mod calls;
pub mod conflicts;
pub mod details;
pub mod health;
pub mod journal;
pub mod problem;
pub mod repeat;
pub mod schedule;
pub mod secrets;
pub mod settings;
pub mod typescript;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use calls::Call;
pub use problem::Problem;

/// Something changed; whoever shows data with one of these tags asks again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Notice {
    /// Rises with every notice, so that a gap in the stream shows.
    #[ts(type = "number")]
    pub change: u64,
    pub tags: Vec<Tag>,
}

/// The families of answers that go stale together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    Schedule,
    Accounts,
    Health,
    Bookings,
    Page,
    Settings,
    Journal,
    /// What only the person can decide.
    Conflicts,
    /// A sign-in in the browser moved on.
    Connect,
}
