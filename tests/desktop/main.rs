//! The app as a person has it: the real window on a real display, with a real keyring, tray and notifications.
//!
//! `DAYMARK_DESKTOP` names the binary, built with the feature `custom-protocol`; `scripts/test` sets it.

#[cfg(test)]
mod app;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod life;
#[cfg(test)]
mod session;
#[cfg(test)]
mod starts;
#[cfg(test)]
mod surroundings;
#[cfg(test)]
mod tray;
#[cfg(test)]
mod wait;
