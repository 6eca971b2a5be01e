//! What is published: the starts that availability offers, and the digest that tells whether they changed.

use chrono::TimeDelta;
use data_encoding::HEXLOWER;
use daymark_core::availability::{Query, Schedule, Taken, slots};
use daymark_core::booking::TypeId;
use daymark_core::contract::{Mode, OwnerCard, Place, Sheet, TypeSheet};
use daymark_core::time::{Instant, Interval};
use sha2::{Digest as _, Sha256};

use crate::api::bookings::{AppointmentType, PageSettings, PlaceKind};
use crate::api::settings::Settings;
use crate::profile;

/// The one appointment type there is so far.
pub const VISIT: &str = "visit";

/// What the page says now, and how to see whether that is news.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    pub mode: Mode,
    pub sheet: Sheet,
    pub digest: String,
}

/// Where availability looks: a little before now, because a visit may begin in something that runs.
pub fn horizon(page: &PageSettings, now: Instant) -> Option<Interval> {
    Interval::new(now, now + TimeDelta::days(i64::from(page.appointment.window_days) + 2))
}

/// `taken` is `None` when some calendar that counts as busy is not known: unknown is not free.
pub fn offer(
    settings: &Settings,
    schedule: &Schedule,
    page: &PageSettings,
    taken: Option<&[Taken]>,
    now: Instant,
) -> Offer {
    let rules = profile::rules(&page.appointment);
    let starts = match (taken, horizon(page, now)) {
        (Some(taken), Some(horizon)) if page.on => {
            slots(&Query { schedule, rules: &rules, taken, now, horizon })
        }
        _ => Vec::new(),
    };
    let mode = match (page.on, page.approval) {
        (false, _) => Mode::Paused,
        (true, true) => Mode::Approval,
        (true, false) => Mode::Instant,
    };
    let sheet = Sheet {
        owner: OwnerCard {
            name: settings.name.clone(),
            role: settings.role.clone(),
            organisation: settings.organisation.clone(),
            zone: schedule.zone,
            phone: settings.phone.clone(),
        },
        types: vec![type_sheet(&page.appointment, &starts)],
    };
    let digest = digest(mode, &sheet);
    Offer { mode, sheet, digest }
}

fn type_sheet(appointment: &AppointmentType, starts: &[Instant]) -> TypeSheet {
    TypeSheet {
        id: TypeId(VISIT.into()),
        name: appointment.name.clone(),
        description: appointment.description.clone(),
        length_min: appointment.length_min,
        gap_min: appointment.buffer_before_min.max(appointment.buffer_after_min),
        notice_min: appointment.notice_min,
        place: place(appointment),
        cancel_cutoff_min: appointment.cancel_cutoff_min,
        starts_min: starts.iter().map(|start| start.timestamp().div_euclid(60)).collect(),
    }
}

pub fn place(appointment: &AppointmentType) -> Place {
    match appointment.place {
        PlaceKind::AtVisitor => Place::AtVisitor,
        PlaceKind::Fixed => Place::Fixed(appointment.place_detail.clone()),
        PlaceKind::Phone => Place::Phone,
        PlaceKind::Video => Place::Video(appointment.place_detail.clone()),
    }
}

fn digest(mode: Mode, sheet: &Sheet) -> String {
    // A value of our own types always serialises; an empty text would only cause one more publication.
    let text = serde_json::to_vec(&(mode, sheet)).unwrap_or_default();
    HEXLOWER.encode(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{default_page, default_settings};

    fn now() -> Instant {
        // A Monday.
        "2026-03-02T08:00:00Z".parse().unwrap()
    }

    fn page() -> PageSettings {
        let mut page = default_page();
        page.on = true;
        page.appointment.notice_min = 0;
        page.appointment.window_days = 1;
        page
    }

    fn made(page: &PageSettings, taken: Option<&[Taken]>) -> Offer {
        let settings = default_settings();
        offer(&settings, &profile::schedule(&settings).unwrap(), page, taken, now())
    }

    fn first(offer: &Offer) -> Option<i64> {
        offer.sheet.types[0].starts_min.first().copied()
    }

    #[test]
    fn a_free_monday_is_offered_from_nine() {
        let nine: Instant = "2026-03-02T09:00:00Z".parse().unwrap();
        assert_eq!(first(&made(&page(), Some(&[]))), Some(nine.timestamp() / 60));
    }

    #[test]
    fn a_calendar_that_is_not_known_offers_nothing() {
        assert_eq!(first(&made(&page(), None)), None);
    }

    #[test]
    fn a_page_that_is_off_offers_nothing_and_says_so() {
        let off = made(&PageSettings { on: false, ..page() }, Some(&[]));
        assert_eq!((off.mode, first(&off)), (Mode::Paused, None));
    }

    #[test]
    fn the_digest_changes_with_the_offer_and_only_then() {
        let meeting = Interval::new(now() + TimeDelta::hours(2), now() + TimeDelta::hours(3)).unwrap();
        let busy = made(&page(), Some(&[Taken::event(meeting)]));
        assert_eq!(made(&page(), Some(&[])).digest, made(&page(), Some(&[])).digest);
        assert_ne!(made(&page(), Some(&[])).digest, busy.digest);
    }
}
