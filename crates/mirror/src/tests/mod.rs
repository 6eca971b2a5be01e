//! The mirror as its users see it: each test opens a database of its own.

mod accounts;
mod booking;
mod converge;
mod reading;
pub(crate) mod world;
mod writing;
