//! The app as a person has it: the real window on a real display, with a real keyring, tray and notifications.
//!
//! `DAYMARK_DESKTOP` names the binary, built with the feature `custom-protocol`; `scripts/test` sets it.

mod app;
mod journey;
mod life;
mod session;
mod starts;
mod surroundings;
mod tray;
mod wait;
