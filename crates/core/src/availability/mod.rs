//! Which times are free, which are offered, and why every other one is not.
//!
//! [`Schedule`] says when the owner receives visits, [`Rules`] what an appointment type asks for,
//! [`Taken`] what is spoken for. A [`Plan`] puts them together; [`slots`], [`sheet`] and
//! [`candidates`] are three views of the same plan, so they cannot disagree.

pub mod cases;
mod clock;
pub mod intervals;
pub mod layout;
mod limits;
mod plan;
mod rules;
mod schedule;
mod sweep;
mod taken;
mod validate;
mod viewer;

pub use clock::{NotATimeOfDay, TimeOfDay};
pub use plan::{Candidate, Plan, Query, Reason, Verdict, candidates, sheet, slots};
pub use rules::{Fill, Limit, Most, Period, Rules, Visit, Window};
pub use schedule::{Block, Hours, Schedule, Travel, Week};
pub use taken::{By, Taken, gap};
pub use validate::{LimitError, RulesError, ScheduleError, check_limits, check_rules, check_week};
pub use viewer::{by_date, closed_dates};

#[cfg(test)]
mod engine_tests;
