//! Ids that are made here, before any provider has seen what they name.

use data_encoding::HEXLOWER;
use daymark_core::booking::BookingId;
use daymark_core::entropy::{Entropy, bytes};
use sha2::{Digest as _, Sha256};

/// The id of an event that the person makes: 128 random bits in hex, which both providers accept.
pub fn derived_id(entropy: &dyn Entropy) -> String {
    HEXLOWER.encode(&bytes::<16>(entropy))
}

/// The id of the event that a booking becomes. It follows from the booking, so that a laptop which
/// lost its database, or a second one, makes no second event.
pub fn booking_event_id(booking: &BookingId) -> String {
    let digest =
        Sha256::new_with_prefix(b"daymark booking event 1\n").chain_update(booking.0.as_bytes()).finalize();
    HEXLOWER.encode(digest.get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bookings_event_has_one_id_for_ever_and_no_other_bookings() {
        let id = |booking: &str| booking_event_id(&BookingId(booking.into()));
        assert_eq!(id("b1"), id("b1"));
        assert_ne!(id("b1"), id("b2"));
        assert_eq!(id("b1").len(), 32);
    }
}
