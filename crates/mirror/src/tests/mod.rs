//! The mirror as its users see it: each test opens a database of its own.

mod accounts;
mod anew;
mod blocks;
mod booking;
mod conflicts;
mod converge;
mod deleting;
mod hands;
mod leaving;
mod pair;
mod reading;
mod refusals;
mod search;
pub(crate) mod world;
mod writing;
