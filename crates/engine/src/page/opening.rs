//! What visitors sealed to keys that are not here is kept, and opened as soon as they are.

use chrono_tz::Tz;
use daymark_core::contract::{Place, Visitor};
use daymark_mirror::{Booking, Opened};

use super::keys::KeyRing;
use super::{PageDesk, offer, words};
use crate::api::Tag;
use crate::api::problem::Problem;
use crate::problems;

impl PageDesk {
    /// Tries what waits with the keys of now. They may be back, or have come with a new joining.
    pub(super) async fn open_waiting(&self) -> Result<(), Problem> {
        let bookings = self.mirror.bookings().await.map_err(problems::mirror)?;
        if bookings.iter().all(|booking| booking.sealed.is_none()) {
            return Ok(());
        }
        let ring = KeyRing::load(self.ports.secrets.as_ref()).await.map_err(problems::secrets)?;
        let place = offer::place(&self.settings().await?.appointment);
        let now = self.ports.clock.now();
        let mut news = false;
        for booking in &bookings {
            let Some(visitor) = booking.sealed.as_deref().and_then(|sealed| read(sealed, &ring)) else {
                continue;
            };
            let opened = opened(booking, visitor, &place);
            news |= self.mirror.opened(&opened, now).await.map_err(problems::mirror)?;
        }
        if news {
            self.notices.tell(&[Tag::Bookings, Tag::Schedule, Tag::Journal]);
            self.staged.ring();
        }
        Ok(())
    }
}

/// `None` when none of the keys is the one that it was sealed to.
pub fn read(sealed: &str, ring: &KeyRing) -> Option<Visitor> {
    ring.open(sealed).and_then(|plain| serde_json::from_slice(&plain).ok())
}

/// Only words are compared and written, so any zone will do.
fn opened(booking: &Booking, visitor: Visitor, place: &Place) -> Opened {
    let of = |visitor| words::event(&Booking { visitor, ..booking.clone() }, place, Tz::UTC);
    Opened { booking: booking.id.clone(), unsaid: of(None), said: of(Some(visitor.clone())), visitor }
}
