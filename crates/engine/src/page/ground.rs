//! What the page stands on: a calendar that tells what is busy, one that takes bookings, and none that has
//! gone. While one of these is missing nobody knows what is free, so nothing is offered or promised.

use daymark_mirror::{Access, Calendar, CalendarId};

use crate::api::bookings::PageSettings;
use crate::api::health::{Card, CardCode, HealthState, Remedy};
use crate::health::{Registry, Subject, card};

const OF_PAGE: [CardCode; 2] = [CardCode::PageHasNoCalendar, CardCode::PageCalendarGone];

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// No calendar counts as busy, or none can take bookings.
    Calendar,
    /// A calendar that counts as busy is no longer in its account's list: what is new there is not seen.
    Gone { calendar: String },
}

pub fn lack(calendars: &[Calendar], page: &PageSettings) -> Option<Lack> {
    if let Some(gone) = calendars.iter().find(|it| counts(it) && it.gone) {
        return Some(Lack::Gone { calendar: gone.name.clone() });
    }
    let stands = calendars.iter().any(counts) && receiving(calendars, page).is_some();
    (!stands).then_some(Lack::Calendar)
}

pub fn counts(calendar: &Calendar) -> bool {
    calendar.chosen && calendar.counts_busy
}

/// Where bookings are written: the chosen calendar, else the first main one that can be written.
pub fn receiving(calendars: &[Calendar], page: &PageSettings) -> Option<CalendarId> {
    let mut writable = calendars.iter().filter(|it| it.access == Access::Write && it.chosen && !it.gone);
    let chosen = writable.clone().find(|it| Some(it.id.0) == page.calendar);
    let main = writable.clone().find(|it| it.primary);
    chosen.or(main).or_else(|| writable.next()).map(|it| it.id)
}

/// Shows what is missing, and takes back what has healed.
pub fn show(health: &Registry, lack: Option<&Lack>) {
    let card = lack.map(card_of);
    let stands = card.as_ref().map(|card| card.code);
    for code in OF_PAGE.into_iter().filter(|code| Some(*code) != stands) {
        health.clear(Subject::Page, code);
    }
    if let Some(card) = card {
        health.raise(Subject::Page, card);
    }
}

fn card_of(lack: &Lack) -> Card {
    match lack {
        Lack::Calendar => card(
            CardCode::PageHasNoCalendar,
            HealthState::Broken,
            "The public page offers no times: it needs a calendar that counts as busy and one that bookings can be \
             written to. Connect or choose them in the settings.",
        ),
        Lack::Gone { calendar } => card(
            CardCode::PageCalendarGone,
            HealthState::Broken,
            format!(
                "The public page offers no times: the calendar “{calendar}” counts as busy, but its provider lists it \
                 no more. Bring it back there, or say in the settings that it no longer counts."
            ),
        )
        .with("calendar", calendar.clone()),
    }
    .remedy(Remedy::OpenSettings)
}
