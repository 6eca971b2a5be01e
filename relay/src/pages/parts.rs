//! Pieces that several pages show: the person, the facts of a type, a time in two zones.

use chrono_tz::Tz;
use daymark_core::cities::city;
use daymark_core::contract::{OwnerCard, Place, TypeSheet};
use daymark_core::time::{Instant, Interval, wall};

use crate::words::{Locale, Words, capital, dates, fill};

/// The head of a page: whose it is.
pub struct Who {
    pub initials: String,
    pub logo: String,
    pub name: String,
    /// Organisation and role, as far as they are said.
    pub parts: Vec<String>,
}

impl Who {
    pub fn new(card: &OwnerCard, logo: Option<&str>) -> Who {
        let parts = [&card.organisation, &card.role];
        Who {
            initials: initials(&card.name),
            logo: logo.unwrap_or_default().to_owned(),
            name: card.name.clone(),
            parts: parts.into_iter().filter(|part| !part.is_empty()).cloned().collect(),
        }
    }

    /// Somebody of whom only the name is known.
    pub fn named(name: &str, logo: Option<&str>) -> Who {
        let (initials, logo) = (initials(name), logo.unwrap_or_default().to_owned());
        Who { initials, logo, name: name.to_owned(), parts: Vec::new() }
    }
}

/// The first letters of the first and last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// “60 min”, “at your place”.
pub fn facts(words: &Words, sheet: &TypeSheet) -> Vec<String> {
    vec![dates::length(sheet.length_min), place(words, &sheet.place)]
}

pub fn place(words: &Words, place: &Place) -> String {
    match place {
        Place::AtVisitor => words.at_visitor.to_owned(),
        Place::Fixed(detail) => detail.clone(),
        Place::Phone => words.by_phone.to_owned(),
        Place::Video(_) => words.by_video.to_owned(),
    }
}

/// How long before the start a type can be cancelled, said while no time is chosen.
pub fn policy(words: &Words, cutoff_min: u32) -> String {
    match cutoff_min {
        0 => words.policy_any.to_owned(),
        cutoff => fill(words.policy, &[("cutoff", &dates::exact_span(words, i64::from(cutoff)))]),
    }
}

/// “Monday 16 March, 09:30”.
pub fn moment(locale: Locale, at: Instant, zone: Tz) -> String {
    let day = dates::day(locale, wall(at, zone).date());
    format!("{day}, {}", dates::time_in(locale, at, zone))
}

/// A visit as its visitor reads it.
pub struct When {
    pub day: String,
    pub time: String,
    pub zone: String,
    /// The owner's clock, where it shows something else.
    pub there: Option<String>,
}

impl When {
    pub fn new(locale: Locale, visit: Interval, zone: Tz, owner_zone: Tz) -> When {
        let words = locale.words();
        let clock = |at| dates::time_in(locale, at, zone);
        When {
            day: capital(&dates::day_year(locale, wall(visit.start(), zone).date())),
            time: format!("{} – {}", clock(visit.start()), clock(visit.end())),
            zone: (words.zone_time)(&city(zone)),
            there: differs(visit.start(), zone, owner_zone).then(|| there(locale, visit.start(), owner_zone)),
        }
    }
}

/// Two zones may have two names and one clock.
pub fn differs(at: Instant, zone: Tz, other: Tz) -> bool {
    wall(at, zone) != wall(at, other)
}

/// “01:15 in Toronto”.
fn there(locale: Locale, at: Instant, zone: Tz) -> String {
    (locale.words().there)(&dates::time_in(locale, at, zone), &city(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_first_and_the_last_word() {
        assert_eq!(initials("Maya Okafor"), "MO");
        assert_eq!(initials("Élodie"), "É");
        assert_eq!(initials("  "), "");
        assert_eq!(initials("Ana de la Cruz"), "AC");
    }
}
