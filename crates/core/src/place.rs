//! What the place of an event says: somewhere to go, or only how to meet from where one is.

/// Whether somebody has to go there. Calendars have one field for an address, a link and the word "online".
pub fn is_somewhere(location: &str) -> bool {
    let said = location.trim().to_lowercase();
    let says_something = said.chars().any(char::is_alphanumeric);
    let service = SERVICES.iter().any(|name| said.contains(name));
    says_something && !service && !MEANS.contains(&said.as_str()) && !is_address_of_a_line(&said)
}

/// What calendars and people write for a meeting that takes place on a line, in the window's languages.
const MEANS: [&str; 21] = [
    "online",
    "phone",
    "by phone",
    "telephone",
    "call",
    "phone call",
    "video",
    "video call",
    "remote",
    "virtual",
    "zoom",
    "teams",
    "meet",
    "skype",
    "en ligne",
    "téléphone",
    "par téléphone",
    "appel",
    "visio",
    "à distance",
    "webex",
];

/// Names that services write into the field by themselves, in whatever language.
const SERVICES: [&str; 5] = ["microsoft teams", "google meet", "zoom meeting", "skype meeting", "://"];

/// A telephone number, a mail or a web address without its scheme.
fn is_address_of_a_line(said: &str) -> bool {
    let one_word = !said.contains(char::is_whitespace);
    let digits = said.chars().filter(char::is_ascii_digit).count();
    let number = digits >= 7 && said.chars().all(|it| it.is_ascii_digit() || " +-().x/".contains(it));
    number || one_word && (said.contains('@') || said.starts_with("www.") || said.starts_with("tel:"))
}

#[cfg(test)]
mod tests {
    use super::is_somewhere;

    #[test]
    fn an_address_a_room_and_a_house_are_places_to_go_to() {
        for place in [
            "410 Bathurst St",
            "Clinic, room 3",
            "Depot 4",
            "head office",
            "12",
            "自宅",
            "Chez Mme Roy",
            "Zoom Street 5",
        ] {
            assert!(is_somewhere(place), "{place}");
        }
    }

    #[test]
    fn a_line_is_no_place() {
        for line in [
            "",
            " – ",
            "online",
            "Par téléphone",
            "Phone",
            "Réunion Microsoft Teams",
            "Google Meet",
            "https://zoom.example/j/1",
            "Join: https://zoom.example/j/1",
            "www.meet.example/a",
            "+1 416 555 0142",
            "maya@northcare.example",
            "Visio",
        ] {
            assert!(!is_somewhere(line), "{line}");
        }
    }
}
