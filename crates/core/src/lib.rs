//! The pure domain of Daymark: no I/O, no ambient clock, zone, randomness or identity.

pub mod availability;
pub mod blocks;
pub mod booking;
pub mod causes;
pub mod cities;
pub mod conflict;
pub mod contract;
pub mod details;
pub mod entropy;
pub mod event;
pub mod glimpse;
pub mod ics;
pub mod journal;
pub mod merge;
pub mod place;
pub mod plain;
pub mod recurrence;
pub mod rest;
pub mod seal;
pub mod series;
pub mod signing;
pub mod time;
