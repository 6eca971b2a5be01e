//! The headless application: loops, use cases, health, secrets, and the contract with the UI.

pub mod accounts;
pub mod alerts;
pub mod api;
mod blocks;
pub mod config;
pub mod conflicts;
mod details;
mod engine;
mod folder;
mod guests;
pub mod health;
mod history;
mod ids;
mod keeping;
pub mod launch;
mod lock;
mod losses;
pub mod notices;
pub mod page;
mod parts;
pub mod ports;
mod problems;
pub mod profile;
pub mod providers;
mod repeat;
mod runner;
pub mod schedule;
pub mod secrets;
pub mod sync;
pub mod system;
pub mod tray;
pub mod words;

pub use engine::{Engine, Opening, StartError};
