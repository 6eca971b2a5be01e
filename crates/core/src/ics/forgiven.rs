//! What the parser forgives or has no room for, and nobody else may pass over: an end that is missing, and numbers
//! of a rule that it cuts down.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use calcard::icalendar::{ICalendarEntry, ICalendarParameterName};

use super::text::{Document, Line};

/// Tells the reader what the parser drops: an interval as it is written, where no rule can have it.
const INTERVAL: &str = "X-DAYMARK-INTERVAL";

/// Stands before a text, and before each of several that were put into one file.
const ENCODING_MARK: char = '\u{feff}';

/// So the parser hands a rule on as it is written.
const AS_TEXT: &str = "VALUE=TEXT";

const ROOM_FOR_INTERVAL: i64 = 65_535;

/// The numbers that the parser keeps. Of any other it keeps something else, and says nothing.
const ROOM: [(&str, RangeInclusive<i64>); 9] = [
    ("INTERVAL", -ROOM_FOR_INTERVAL..=ROOM_FOR_INTERVAL),
    ("COUNT", 0..=4_294_967_295),
    ("BYSECOND", 0..=255),
    ("BYMINUTE", 0..=255),
    ("BYHOUR", 0..=255),
    ("BYMONTHDAY", -128..=127),
    ("BYWEEKNO", -128..=127),
    ("BYYEARDAY", -32_768..=32_767),
    ("BYSETPOS", -2_147_483_648..=2_147_483_647),
];

/// A text, looked at line by line before it is parsed.
pub(super) struct Forgiven<'t> {
    /// Without a mark of its encoding, and with what the parser would lose.
    pub text: Cow<'t, str>,
    /// Why it may hold more than can be read.
    pub breaks_off: Option<&'static str>,
}

impl<'t> Forgiven<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let text = text.trim_start_matches(ENCODING_MARK);
        let mut document = Document::of(text);
        let breaks_off = breaks_off(&document.lines);
        let half = breaks_off.and_then(|_| half_event(&document.lines));
        if let Some(begin) = half {
            document.lines.truncate(begin);
        }
        let lossy = |(at, line): (usize, &Line)| Some((at, line.with(&lost(line)?)));
        let lossy: Vec<(usize, String)> = document.lines.iter().enumerate().filter_map(lossy).collect();
        if lossy.is_empty() && half.is_none() {
            return Forgiven { text: Cow::Borrowed(text), breaks_off };
        }
        for (at, kept) in lossy {
            let line = document.line(&kept);
            document.lines.splice(at..=at, [line]);
        }
        Forgiven { text: Cow::Owned(document.write()), breaks_off }
    }
}

/// Where an event begins in whose middle the text breaks off. What it has is not what it says: an end, a title or the
/// whole rule may be missing.
fn half_event(lines: &[Line]) -> Option<usize> {
    let mut open = None;
    for (at, line) in lines.iter().enumerate() {
        if line.is_edge("BEGIN", "VEVENT") {
            open = Some(at);
        } else if line.is_edge("END", "VEVENT") {
            open = None;
        }
    }
    open
}

/// Several calendars may follow each other in one text.
fn breaks_off(lines: &[Line]) -> Option<&'static str> {
    let mut open = 0_i32;
    for line in lines {
        open += edge(line);
        if open < 0 {
            return Some("the file is not whole: an END:VCALENDAR has no beginning");
        }
    }
    let last = lines.iter().rev().map(|line| line.text.trim()).find(|text| !text.is_empty());
    let begun = last.is_some_and(|last| "BEGIN:VCALENDAR".starts_with(&last.to_ascii_uppercase()));
    (open != 0 || begun).then_some("the file breaks off: it has no END:VCALENDAR")
}

/// How many calendars more are open after a line.
fn edge(line: &Line) -> i32 {
    if !line.component().eq_ignore_ascii_case("VCALENDAR") {
        return 0;
    }
    match line.name().trim_start_matches(ENCODING_MARK) {
        "BEGIN" => 1,
        "END" => -1,
        _ => 0,
    }
}

/// The parameter that keeps what the parser would lose of a rule or a time.
fn lost(line: &Line) -> Option<String> {
    match line.name().as_str() {
        "RRULE" | "EXRULE" => lost_of_rule(line),
        "DTSTART" | "DTEND" | "RECURRENCE-ID" => is_cut_short(line.value()).then(|| AS_TEXT.to_owned()),
        _ => None,
    }
}

/// Part of a time (RFC 5545 §3.3.5): the parser makes up the rest, and another time of it. Without the seconds alone it
/// reads the minute, but passes over the mark of UTC.
fn is_cut_short(value: &str) -> bool {
    let Some((date, time)) = value.trim().split_once(['T', 't']) else { return false };
    let (time, utc) = time.strip_suffix(['Z', 'z']).map_or((time, false), |time| (time, true));
    let digits = |text: &str| text.bytes().all(|letter| letter.is_ascii_digit());
    let whole = date.len() == 8 && (time.len() == 6 || time.len() == 4 && !utc);
    digits(date) && digits(time) && !whole
}

fn lost_of_rule(line: &Line) -> Option<String> {
    let parts = || line.value().split(';').filter_map(|part| part.split_once('='));
    if parts().any(|(key, values)| !has_room(key.trim(), values)) {
        return Some(AS_TEXT.to_owned());
    }
    let interval = parts().filter(|(key, _)| key.trim().eq_ignore_ascii_case("INTERVAL"));
    let interval = interval.filter_map(|(_, value)| number(value)).find(|every| *every < 1);
    interval.map(|every| format!("{INTERVAL}={every}"))
}

fn has_room(key: &str, values: &str) -> bool {
    let room = ROOM.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
    room.is_none_or(|(_, room)| values.split(',').filter_map(number).all(|it| room.contains(&it)))
}

/// `None` for what is no number, which the parser itself hands on.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|letter| letter.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(i64::MAX))
}

/// An interval that no rule can have, as it is written and as it is read.
pub(super) fn interval(property: &ICalendarEntry) -> Option<(i64, i64)> {
    let is_note = |name: &ICalendarParameterName| matches!(name, ICalendarParameterName::Other(name) if name.eq_ignore_ascii_case(INTERVAL));
    let note = property.params.iter().find(|parameter| is_note(&parameter.name))?;
    let written: i64 = note.value.as_text()?.parse().ok()?;
    Some((written, written.saturating_abs().max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";

    fn is_whole(text: &str) -> bool {
        Forgiven::of(text).breaks_off.is_none()
    }

    #[test]
    fn a_text_is_whole_when_each_calendar_in_it_ends() {
        let marked = format!("\u{feff}{WHOLE}\u{feff}{WHOLE}");
        let folded = WHOLE.replace("END:VCAL", "END:VC\r\n AL");
        let trailing = format!("{WHOLE} \r\n\r\n\t\r\n");
        let bare = WHOLE.trim_end().replace("\r\n", "\n");
        for text in [WHOLE, &WHOLE.repeat(3), &WHOLE.to_lowercase(), &marked, &folded, &trailing, &bare] {
            assert!(is_whole(text), "{text:?}");
        }
        assert!(is_whole(&format!("{WHOLE}-- \r\nsent from a phone\r\n")), "what follows it is none of it");
    }

    #[test]
    fn a_text_that_breaks_off_anywhere_is_not_whole() {
        let two = WHOLE.repeat(2);
        let ends = [WHOLE.len(), two.len(), WHOLE.len() - 2, two.len() - 2, WHOLE.len() - 1, two.len() - 1];
        for end in (1..two.len()).filter(|end| !ends.contains(end)) {
            assert!(!is_whole(&two[..end]), "{:?}", &two[..end]);
        }
        assert!(!is_whole(&format!("{WHOLE}VERSION:2.0\r\nEND:VCALENDAR\r\n")), "a beginning is missing");
    }

    #[test]
    fn a_text_that_the_parser_reads_right_is_left_as_it_is() {
        let rule = "RRULE:FREQ=YEARLY;INTERVAL=65535;COUNT=4294967295;BYYEARDAY=-366,200;BYSETPOS=-1\r\n";
        let text = format!("BEGIN:VCALENDAR\r\n{rule}X-RRULE:INTERVAL=0\r\nEND:VCALENDAR\r\n");
        assert!(matches!(Forgiven::of(&text).text, Cow::Borrowed(same) if same == text));
    }
}
