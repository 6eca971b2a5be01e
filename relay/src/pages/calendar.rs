//! The visit for the visitor's own calendar: an ICS file, and links for the two big web calendars.

use daymark_core::booking::State;
use daymark_core::time::{Instant, Interval};
use url::form_urlencoded;

/// RFC 5545 §3.1: lines are folded at 75 octets.
const LINE_MAX_BYTES: usize = 75;

/// A visit in the words of its visitor.
pub struct Entry<'a> {
    /// The booking's id: it stays through every change.
    pub uid: &'a str,
    /// The booking's version: calendars take only what is newer.
    pub sequence: u32,
    pub state: State,
    pub visit: Interval,
    pub summary: &'a str,
    pub location: &'a str,
    pub description: &'a str,
    /// The way back to the booking.
    pub url: &'a str,
}

/// RFC 5545, as a publication (RFC 5546 §3.2.1): nobody is asked to answer it.
pub fn ics(entry: &Entry<'_>, now: Instant) -> String {
    let status = match entry.state {
        State::Requested => "TENTATIVE",
        State::Accepted | State::Confirmed => "CONFIRMED",
        State::Declined | State::Cancelled => "CANCELLED",
    };
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Daymark//Relay//EN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", text(entry.uid)),
        format!("DTSTAMP:{}", utc(now)),
        format!("SEQUENCE:{}", entry.sequence),
        format!("DTSTART:{}", utc(entry.visit.start())),
        format!("DTEND:{}", utc(entry.visit.end())),
        format!("SUMMARY:{}", text(entry.summary)),
        format!("LOCATION:{}", text(entry.location)),
        format!("DESCRIPTION:{}", text(entry.description)),
        format!("URL:{}", plain(entry.url)),
        format!("STATUS:{status}"),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().filter(|line| !line.ends_with(':')).map(|line| fold(line)).collect()
}

pub fn google(entry: &Entry<'_>) -> String {
    let dates = format!("{}/{}", utc(entry.visit.start()), utc(entry.visit.end()));
    let values =
        [("action", "TEMPLATE"), ("text", entry.summary), ("dates", &dates), ("location", entry.location)];
    with_query("https://calendar.google.com/calendar/render", &values)
}

pub fn outlook(entry: &Entry<'_>) -> String {
    let at = |at: Instant| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (start, end) = (at(entry.visit.start()), at(entry.visit.end()));
    let values = [
        ("path", "/calendar/action/compose"),
        ("rru", "addevent"),
        ("subject", entry.summary),
        ("startdt", &start),
        ("enddt", &end),
        ("location", entry.location),
    ];
    with_query("https://outlook.live.com/calendar/0/deeplink/compose", &values)
}

/// The manage link is left out of these: whoever runs that calendar would hold it too.
fn with_query(address: &str, values: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(values).finish();
    format!("{address}?{query}")
}

fn utc(at: Instant) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// RFC 5545 §3.3.11; what has no place in text is dropped.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    for c in value.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Properties that are no text have no way to escape a line break.
fn plain(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).collect()
}

/// Breaks between letters, never inside one.
fn fold(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut used = 0;
    for c in line.chars() {
        if used + c.len_utf8() > LINE_MAX_BYTES {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry<'a>(summary: &'a str, description: &'a str) -> Entry<'a> {
        let start: Instant = "2026-03-12T14:45:00Z".parse().unwrap();
        Entry {
            uid: "b1",
            sequence: 1,
            state: State::Accepted,
            visit: Interval::new(start, start + chrono::TimeDelta::hours(1)).unwrap(),
            summary,
            location: "5 King St W, Toronto",
            description,
            url: "https://book.example.org/m/abc",
        }
    }

    fn now() -> Instant {
        "2026-03-02T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_file_carries_the_bookings_identity_and_version() {
        let file = ics(&entry("Visit", "See you"), now());
        for line in
            ["UID:b1", "SEQUENCE:1", "DTSTART:20260312T144500Z", "DTEND:20260312T154500Z", "STATUS:CONFIRMED"]
        {
            assert!(file.contains(&format!("\r\n{line}\r\n")), "{line} in {file}");
        }
        assert!(file.contains("LOCATION:5 King St W\\, Toronto\r\n"));
    }

    #[test]
    fn text_cannot_add_a_property() {
        let file = ics(&entry("Visit\r\nATTENDEE:mailto:x@y.z", "a\rb\nX-EVIL:1"), now());
        assert!(!file.contains("\r\nATTENDEE"));
        assert!(!file.contains("\r\nX-EVIL"));
    }

    #[test]
    fn web_calendars_are_not_told_the_way_back() {
        for link in [google(&entry("Visit", "x")), outlook(&entry("Visit", "x"))] {
            assert!(!link.contains("book.example.org"), "{link}");
            assert!(link.contains("5+King+St+W%2C+Toronto"), "{link}");
        }
    }

    proptest! {
        #[test]
        fn no_line_is_longer_than_allowed_and_none_is_broken(summary in any::<String>(), description in any::<String>()) {
            let file = ics(&entry(&summary, &description), now());
            prop_assert!(file.ends_with("\r\n"));
            for line in file.trim_end_matches("\r\n").split("\r\n") {
                prop_assert!(line.len() <= LINE_MAX_BYTES);
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let unfolded = file.replace("\r\n ", "");
            prop_assert_eq!(unfolded.matches("\r\nBEGIN:").count(), 1);
        }
    }
}
