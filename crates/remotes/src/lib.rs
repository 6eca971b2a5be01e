//! Everything Daymark calls over HTTP: calendar providers, sign-in, and the relay.

pub mod breaker;
pub mod caldav;
pub mod calendar;
pub mod capabilities;
pub mod error;
pub mod feed;
pub mod google;
pub mod http;
pub mod microsoft;
pub mod oauth;
pub mod reach;
pub mod relay;
pub mod settings;
#[cfg(test)]
mod testing;
