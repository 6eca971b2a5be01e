//! What people call a time zone: by the name its city has today, or by its distance from UTC.

use std::borrow::Cow;

use chrono_tz::Tz;

/// Zones whose name is not what their place is called today. The old names are those that the time zone database
/// keeps in its file `backward`, and that systems and browsers still report.
pub const CALLED: [(&str, &str); 50] = [
    ("Africa/Asmera", "Asmara"),
    ("America/Coral_Harbour", "Atikokan"),
    ("America/Ensenada", "Tijuana"),
    ("America/Fort_Wayne", "Indianapolis"),
    ("America/Godthab", "Nuuk"),
    ("America/Porto_Acre", "Rio Branco"),
    ("America/Sao_Paulo", "São Paulo"),
    ("America/Shiprock", "Denver"),
    ("Asia/Ashkhabad", "Ashgabat"),
    ("Asia/Calcutta", "Kolkata"),
    ("Asia/Chungking", "Chongqing"),
    ("Asia/Dacca", "Dhaka"),
    ("Asia/Ho_Chi_Minh", "Ho Chi Minh City"),
    ("Asia/Katmandu", "Kathmandu"),
    ("Asia/Macao", "Macau"),
    ("Asia/Rangoon", "Yangon"),
    ("Asia/Saigon", "Ho Chi Minh City"),
    ("Asia/Thimbu", "Thimphu"),
    ("Asia/Ujung_Pandang", "Makassar"),
    ("Asia/Ulan_Bator", "Ulaanbaatar"),
    ("Atlantic/Faeroe", "Faroe"),
    ("Australia/ACT", "Canberra"),
    ("Australia/NSW", "Sydney"),
    ("Australia/North", "Darwin"),
    ("Australia/Queensland", "Brisbane"),
    ("Australia/South", "Adelaide"),
    ("Australia/Tasmania", "Hobart"),
    ("Australia/Victoria", "Melbourne"),
    ("Australia/West", "Perth"),
    ("Canada/Atlantic", "Halifax"),
    ("Canada/Central", "Winnipeg"),
    ("Canada/Eastern", "Toronto"),
    ("Canada/Mountain", "Edmonton"),
    ("Canada/Newfoundland", "St. John’s"),
    ("Canada/Pacific", "Vancouver"),
    ("America/St_Johns", "St. John’s"),
    ("Europe/Kiev", "Kyiv"),
    ("Europe/Uzhgorod", "Uzhhorod"),
    ("Europe/Zaporozhye", "Zaporizhzhia"),
    ("Pacific/Enderbury", "Kanton"),
    ("Pacific/Ponape", "Pohnpei"),
    ("Pacific/Truk", "Chuuk"),
    ("US/Alaska", "Anchorage"),
    ("US/Arizona", "Phoenix"),
    ("US/Central", "Chicago"),
    ("US/Eastern", "New York"),
    ("US/Hawaii", "Honolulu"),
    ("US/Michigan", "Detroit"),
    ("US/Mountain", "Denver"),
    ("US/Pacific", "Los Angeles"),
];

/// Names of UTC itself.
pub const UTC: [&str; 12] = [
    "UTC",
    "Etc/UTC",
    "Etc/UCT",
    "UCT",
    "Etc/Zulu",
    "Zulu",
    "Etc/Universal",
    "Universal",
    "GMT",
    "Etc/GMT",
    "Etc/Greenwich",
    "Greenwich",
];

/// What the table says of a zone.
pub fn called(zone: Tz) -> Option<&'static str> {
    CALLED.iter().find(|(known, _)| *known == zone.name()).map(|(_, city)| *city)
}

/// “Kyiv” of `Europe/Kiev`, “Buenos Aires” of `America/Argentina/Buenos_Aires`, “UTC−5” of `Etc/GMT+5`, whose sign
/// is that of POSIX.
pub fn city(zone: Tz) -> Cow<'static, str> {
    let name = zone.name();
    if let Some(city) = called(zone) {
        return Cow::Borrowed(city);
    }
    let distance = name.trim_start_matches("Etc/").strip_prefix("GMT");
    match distance {
        Some("0" | "+0" | "-0") => Cow::Borrowed("UTC"),
        _ if UTC.contains(&name) => Cow::Borrowed("UTC"),
        Some(hours) => Cow::Owned(match hours.strip_prefix('+') {
            Some(west) => format!("UTC−{west}"),
            None => format!("UTC+{}", hours.trim_start_matches('-')),
        }),
        None => Cow::Owned(name.rsplit('/').next().unwrap_or(name).replace('_', " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_called_as_its_city_is_called_today() {
        let cases = [
            ("America/Toronto", "Toronto"),
            ("America/Argentina/Buenos_Aires", "Buenos Aires"),
            ("America/Buenos_Aires", "Buenos Aires"),
            ("Asia/Calcutta", "Kolkata"),
            ("Asia/Kolkata", "Kolkata"),
            ("Europe/Kiev", "Kyiv"),
            ("Europe/Kyiv", "Kyiv"),
            ("US/Eastern", "New York"),
            ("Etc/UTC", "UTC"),
            ("GMT0", "UTC"),
            ("Etc/GMT-0", "UTC"),
            ("Etc/GMT+5", "UTC−5"),
            ("Etc/GMT-14", "UTC+14"),
        ];
        for (zone, called) in cases {
            assert_eq!(city(zone.parse().unwrap()), called);
        }
    }

    #[test]
    fn each_zone_of_the_table_is_one_that_the_database_has() {
        for name in CALLED.iter().map(|(name, _)| name).chain(&UTC) {
            assert_eq!(name.parse::<Tz>().map(Tz::name), Ok(*name), "{name}");
        }
    }
}
