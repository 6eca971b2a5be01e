//! Zone names as Exchange uses them (Windows' own, IANA's, or a placeholder) and the zone database's.

use std::str::FromStr as _;

use chrono_tz::Tz;
use windows_timezones::WindowsTimezone;

/// The zone that a name stands for, at home in `home`: a Windows zone covers several places, and
/// where home is one of them, home is meant.
pub(super) fn understood(name: &str, home: Tz) -> Option<Tz> {
    if sent(home) == name { Some(home) } else { named(name) }
}

/// The zone that a name stands for; `None` for `tzone://Microsoft/Custom` and whatever else says nothing.
fn named(name: &str) -> Option<Tz> {
    if matches!(name, "UTC" | "tzone://Microsoft/Utc") {
        return Some(Tz::UTC);
    }
    let iana = WindowsTimezone::from_str(name).map_or(name, |windows| windows.tzdb_id());
    Tz::from_str(modern(iana)).ok()
}

/// The name to send: Windows' where it has one, which every mailbox understands.
pub(super) fn sent(zone: Tz) -> String {
    if matches!(zone, Tz::UTC | Tz::Etc__UTC) {
        return "UTC".to_owned();
    }
    let listed = WindowsTimezone::try_from(zone).or_else(|_| {
        let old = Tz::from_str(former(zone.name())).unwrap_or(zone);
        WindowsTimezone::try_from(old)
    });
    listed.map_or_else(|_| zone.name().to_owned(), |windows| windows.name().to_owned())
}

/// CLDR, from which the Windows table is made, never renames a zone; the zone database does.
const RENAMED: [(&str, &str); 20] = [
    ("Africa/Asmera", "Africa/Asmara"),
    ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("America/Catamarca", "America/Argentina/Catamarca"),
    ("America/Coral_Harbour", "America/Atikokan"),
    ("America/Cordoba", "America/Argentina/Cordoba"),
    ("America/Godthab", "America/Nuuk"),
    ("America/Indianapolis", "America/Indiana/Indianapolis"),
    ("America/Jujuy", "America/Argentina/Jujuy"),
    ("America/Louisville", "America/Kentucky/Louisville"),
    ("America/Mendoza", "America/Argentina/Mendoza"),
    ("Asia/Calcutta", "Asia/Kolkata"),
    ("Asia/Katmandu", "Asia/Kathmandu"),
    ("Asia/Rangoon", "Asia/Yangon"),
    ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
    ("Atlantic/Faeroe", "Atlantic/Faroe"),
    ("Europe/Kiev", "Europe/Kyiv"),
    ("Pacific/Enderbury", "Pacific/Kanton"),
    ("Pacific/Ponape", "Pacific/Pohnpei"),
    ("Pacific/Truk", "Pacific/Chuuk"),
    ("Etc/UTC", "UTC"),
];

fn modern(name: &str) -> &str {
    RENAMED.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new)
}

fn former(name: &str) -> &str {
    RENAMED.iter().find(|(_, new)| *new == name).map_or(name, |(old, _)| old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_and_iana_names_are_both_read() {
        assert_eq!(named("W. Europe Standard Time"), Some(Tz::Europe__Berlin));
        assert_eq!(named("America/Toronto"), Some(Tz::America__Toronto));
        assert_eq!(named("UTC"), Some(Tz::UTC));
    }

    #[test]
    fn a_windows_zone_that_covers_home_is_home() {
        assert_eq!(understood("Eastern Standard Time", Tz::America__Toronto), Some(Tz::America__Toronto));
        assert_eq!(understood("Eastern Standard Time", Tz::Europe__Paris), Some(Tz::America__New_York));
        assert_eq!(understood("America/Detroit", Tz::America__Toronto), Some(Tz::America__Detroit));
    }

    #[test]
    fn a_custom_zone_says_nothing() {
        assert_eq!(named("tzone://Microsoft/Custom"), None);
        assert_eq!(named(""), None);
    }

    #[test]
    fn a_zone_that_was_renamed_is_known_under_its_new_name() {
        assert_eq!(named("India Standard Time"), Some(Tz::Asia__Kolkata));
        assert_eq!(sent(Tz::Asia__Kolkata), "India Standard Time");
        assert_eq!(sent(Tz::Europe__Kyiv), "FLE Standard Time");
    }

    #[test]
    fn every_windows_name_comes_back_as_itself() {
        for name in ["Eastern Standard Time", "Romance Standard Time", "Nepal Standard Time", "UTC"] {
            assert_eq!(sent(named(name).unwrap()), name);
        }
    }

    #[test]
    fn a_zone_without_a_windows_name_is_sent_under_its_own() {
        assert_eq!(sent(Tz::Antarctica__Troll), "Antarctica/Troll");
    }

    #[test]
    fn every_rename_names_two_real_zones() {
        for (old, new) in RENAMED {
            assert!(Tz::from_str(old).is_ok() && Tz::from_str(new).is_ok(), "{old} {new}");
        }
    }
}
