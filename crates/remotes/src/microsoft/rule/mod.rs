//! Graph's recurrence pattern and range, and the RFC 5545 rule that means the same.

mod read;
mod write;

pub(super) use read::lines;
pub(super) use write::recurrence;

/// Days of the week in both spellings, Monday first as in `chrono`.
const DAYS: [(&str, &str); 7] = [
    ("monday", "MO"),
    ("tuesday", "TU"),
    ("wednesday", "WE"),
    ("thursday", "TH"),
    ("friday", "FR"),
    ("saturday", "SA"),
    ("sunday", "SU"),
];

/// Which of the month's matching days; the number is BYSETPOS' or that before a weekday.
const INDEXES: [(&str, i32); 5] = [("first", 1), ("second", 2), ("third", 3), ("fourth", 4), ("last", -1)];

fn short_day(graph: &str) -> Option<&'static str> {
    DAYS.iter().find(|(long, _)| long.eq_ignore_ascii_case(graph)).map(|(_, short)| *short)
}

fn long_day(short: &str) -> Option<&'static str> {
    DAYS.iter().find(|(_, known)| known.eq_ignore_ascii_case(short)).map(|(long, _)| *long)
}

/// Days that a month has in every year.
fn days_in_every(month: u32) -> u32 {
    match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests;
