//! The proofs' package: a whole world of fake providers, relay and engine, and the second host of the UI.

pub mod clock;
pub mod doors;
pub mod host;
pub mod ledgers;
pub mod real;
pub mod visitor;
pub mod world;
