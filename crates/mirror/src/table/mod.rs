//! One module per table: its row, its reads, its writes, and nothing else.

pub(crate) mod account;
pub(crate) mod block;
pub(crate) mod booking;
pub(crate) mod calendar;
pub(crate) mod conflict;
pub(crate) mod cursor;
pub(crate) mod event;
pub(crate) mod held_run;
pub(crate) mod journal;
pub(crate) mod occurrence;
pub(crate) mod outbox;
pub(crate) mod relay;
pub(crate) mod rest;
pub(crate) mod run;
pub(crate) mod set_aside;
pub(crate) mod setting;
pub(crate) mod state;
