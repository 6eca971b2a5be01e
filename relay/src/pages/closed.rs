//! What a page says while it takes no bookings, and whom to call.

use daymark_core::time::{Instant, wall};

use crate::offer::{Offer, Phase};
use crate::pages::line::Line;
use crate::pages::visitor::Visitor;
use crate::words::{dates, fill};

pub struct Closed {
    pub why: String,
    pub call: Option<Line>,
}

/// `None` while bookings are taken.
pub fn closed(offer: &Offer, visitor: &Visitor, now: Instant) -> Option<Closed> {
    let words = visitor.locale.words();
    let sentence = match offer.phase(now) {
        Phase::Instant | Phase::Requests(_) => return None,
        Phase::Away => words.away,
        Phase::Paused => words.paused,
        Phase::Unpublished => words.unpublished,
    };
    let owner = owner(offer);
    let seen = offer.published.as_ref().map_or_else(String::new, |page| {
        let seen = page.checked_at;
        let zone = visitor.zone().known().unwrap_or(page.sheet.owner.zone);
        let day = dates::day_year(visitor.locale, wall(seen, zone).date());
        format!("{day}, {}", dates::time_in(visitor.locale, seen, zone))
    });
    let why = fill(sentence, &[("owner", owner), ("day", &seen)]);
    Some(Closed { why, call: call(offer, visitor) })
}

/// An open page without a single appointment type.
pub fn nothing_offered(offer: &Offer, visitor: &Visitor) -> Closed {
    Closed { why: visitor.locale.words().no_times.to_owned(), call: call(offer, visitor) }
}

fn owner(offer: &Offer) -> &str {
    offer.published.as_ref().map_or(&offer.name, |page| &page.sheet.owner.name)
}

pub fn call(offer: &Offer, visitor: &Visitor) -> Option<Line> {
    let phone = &offer.published.as_ref()?.sheet.owner.phone;
    (!phone.is_empty()).then(|| Line::new(visitor.locale.words().call, &[], phone))
}
