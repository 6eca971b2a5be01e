//! The few sentences that the engine says itself, in tray and notifications; the UI has its own.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};

use crate::api::health::{CardCode, HealthState};
use crate::api::settings::Language;

const WEEKDAYS_ENGLISH: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const WEEKDAYS_FRENCH: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const MONTHS_ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_FRENCH: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A language that the words exist in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    English,
    French,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::English => Language::English,
            Tongue::French => Language::French,
        }
    }
}

/// The language to speak: the chosen one, else the system's as `LANG` and its kin name it.
pub fn tongue(chosen: Language, system: &str) -> Tongue {
    match chosen {
        Language::English => Tongue::English,
        Language::French => Tongue::French,
        Language::System if system.to_ascii_lowercase().starts_with("fr") => Tongue::French,
        Language::System => Tongue::English,
    }
}

/// Everything is in here, so that no sentence exists in one language only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayWords {
    pub open: &'static str,
    pub sync: &'static str,
    pub pause: &'static str,
    pub quit: &'static str,
}

impl Tongue {
    pub fn tray(self) -> TrayWords {
        match self {
            Tongue::English => {
                TrayWords { open: "Open Daymark", sync: "Sync now", pause: "Pause syncing", quit: "Quit" }
            }
            Tongue::French => TrayWords {
                open: "Ouvrir Daymark",
                sync: "Synchroniser",
                pause: "Suspendre la synchronisation",
                quit: "Quitter",
            },
        }
    }

    pub fn state(self, state: HealthState) -> &'static str {
        match (self, state) {
            (Tongue::English, HealthState::Ok) => "Daymark: all calendars up to date",
            (Tongue::English, HealthState::Working) => "Daymark: syncing",
            (Tongue::English, HealthState::Attention) => "Daymark: something needs a look",
            (Tongue::English, HealthState::Broken) => "Daymark: something does not work",
            (Tongue::French, HealthState::Ok) => "Daymark : calendriers à jour",
            (Tongue::French, HealthState::Working) => "Daymark : synchronisation en cours",
            (Tongue::French, HealthState::Attention) => "Daymark : quelque chose est à vérifier",
            (Tongue::French, HealthState::Broken) => "Daymark : quelque chose ne fonctionne pas",
        }
    }

    pub fn next(self, next: Option<(NaiveDateTime, &str)>, clock_24h: bool) -> String {
        match (self, next) {
            (Tongue::English, None) => "Nothing more today".into(),
            (Tongue::French, None) => "Plus rien aujourd’hui".into(),
            (Tongue::English, Some((at, title))) => format!("Next: {} {title}", clock(at, clock_24h)),
            (Tongue::French, Some((at, title))) => format!("Ensuite : {} {title}", clock(at, clock_24h)),
        }
    }

    /// “Wednesday 4 March”, “mercredi 4 mars”: no booking is so far ahead that it needs a year.
    fn day(self, date: NaiveDate) -> String {
        let (weekdays, months) = match self {
            Tongue::English => (WEEKDAYS_ENGLISH, MONTHS_ENGLISH),
            Tongue::French => (WEEKDAYS_FRENCH, MONTHS_FRENCH),
        };
        let nth = date.weekday().num_days_from_monday() as usize;
        let weekday = weekdays.get(nth).copied().unwrap_or_default();
        let month = months.get(date.month0() as usize).copied().unwrap_or_default();
        match (self, date.day()) {
            (Tongue::French, 1) => format!("{weekday} 1er {month}"),
            (_, day) => format!("{weekday} {day} {month}"),
        }
    }

    pub fn booked(self, visitor: &str, at: NaiveDateTime, clock_24h: bool) -> (String, String) {
        let unknown = match self {
            Tongue::English => "Somebody",
            Tongue::French => "Quelqu’un",
        };
        let who = if visitor.is_empty() { unknown } else { visitor };
        let body = format!("{who}, {}, {}", self.day(at.date()), clock(at, clock_24h));
        match self {
            Tongue::English => ("New booking".into(), body),
            Tongue::French => ("Nouveau rendez-vous".into(), body),
        }
    }

    pub fn requested(self, visitor: &str, at: NaiveDateTime, clock_24h: bool) -> (String, String) {
        let (_, body) = self.booked(visitor, at, clock_24h);
        match self {
            Tongue::English => ("Somebody asks for a time".into(), body),
            Tongue::French => ("Demande de rendez-vous".into(), body),
        }
    }

    pub fn booking_cancelled(self, visitor: &str, at: NaiveDateTime, clock_24h: bool) -> (String, String) {
        let (_, body) = self.booked(visitor, at, clock_24h);
        match self {
            Tongue::English => ("Booking cancelled".into(), body),
            Tongue::French => ("Rendez-vous annulé".into(), body),
        }
    }

    /// Troubles that are worth a notification; the rest only shows in the window.
    pub fn trouble(self, code: CardCode, account: &str) -> Option<(String, String)> {
        let (title, body) = match (self, code) {
            (Tongue::English, CardCode::SignInNeeded | CardCode::TestGrantEnded) => (
                "Sign in again",
                format!("{account} no longer lets Daymark in. Nothing is lost; edits wait."),
            ),
            (Tongue::French, CardCode::SignInNeeded | CardCode::TestGrantEnded) => (
                "Reconnexion nécessaire",
                format!("{account} n’accepte plus Daymark. Rien n’est perdu ; les modifications attendent."),
            ),
            (Tongue::English, CardCode::SecretsLocked) => (
                "Daymark is locked",
                "Type your passphrase in its window. Nothing is synced until then; nothing is lost.".into(),
            ),
            (Tongue::French, CardCode::SecretsLocked) => (
                "Daymark est verrouillé",
                "Tapez votre phrase secrète dans sa fenêtre. Rien n’est synchronisé d’ici là ; rien n’est perdu.".into(),
            ),
            _ => return None,
        };
        Some((title.into(), body))
    }
}

fn clock(at: NaiveDateTime, clock_24h: bool) -> String {
    if clock_24h {
        return at.format("%H:%M").to_string();
    }
    let (afternoon, hour) = at.hour12();
    format!("{hour}:{:02} {}", at.minute(), if afternoon { "pm" } else { "am" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_language_counts_only_when_none_is_chosen() {
        assert_eq!(tongue(Language::System, "fr_CA.UTF-8"), Tongue::French);
        assert_eq!(tongue(Language::English, "fr_CA.UTF-8"), Tongue::English);
        assert_eq!(tongue(Language::System, ""), Tongue::English);
    }

    #[test]
    fn a_notification_names_the_day_as_its_reader_does() {
        let at = "2026-03-04T14:05:00".parse().unwrap();
        let (_, english) = Tongue::English.booked("P. Singh", at, false);
        assert_eq!(english, "P. Singh, Wednesday 4 March, 2:05 pm");
        let (_, french) = Tongue::French.booking_cancelled("P. Singh", at, true);
        assert_eq!(french, "P. Singh, mercredi 4 mars, 14:05");
        let (_, first) = Tongue::French.requested("P. Singh", "2026-08-01T09:00:00".parse().unwrap(), true);
        assert_eq!(first, "P. Singh, samedi 1er août, 09:00");
    }

    #[test]
    fn midnight_and_noon_are_told_apart_on_a_twelve_hour_clock() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        assert_eq!(clock(at("2026-03-02T00:05:00"), false), "12:05 am");
        assert_eq!(clock(at("2026-03-02T12:05:00"), false), "12:05 pm");
        assert_eq!(clock(at("2026-03-02T12:05:00"), true), "12:05");
    }
}
