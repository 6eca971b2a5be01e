//! A fake world of calendar providers: stateful, faultable, and as awkward as the real ones.
//!
//! It shares no type with the clients, so that client and fake cannot be wrong together.
//! Dependencies between modules point one way: `server` → `control` → `layers`, `google`, `microsoft`, `caldav` → `world`.

pub mod bearer;
pub mod caldav;
pub mod clock;
pub mod consent;
pub mod control;
pub mod dice;
pub mod faults;
pub mod google;
pub mod identity;
pub mod layers;
pub mod ledger;
pub mod mail;
pub mod microsoft;
pub mod seed;
pub mod server;
pub mod sync;
pub mod world;

pub use control::Control;
pub use identity::Provider;
pub use server::{Sandbox, StartError};
pub use world::{Config, World};
