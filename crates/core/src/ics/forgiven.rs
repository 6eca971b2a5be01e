//! What the parser forgives, and nobody else may pass over: an end that is missing.

use super::text::{Document, Line};

/// Stands before a text, and before each of several that were put into one file.
const ENCODING_MARK: char = '\u{feff}';

/// A text, looked at line by line before it is parsed.
pub(super) struct Forgiven<'t> {
    /// Without a mark of its encoding.
    pub text: &'t str,
    /// Why it may hold more than can be read.
    pub breaks_off: Option<&'static str>,
}

impl<'t> Forgiven<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let text = text.trim_start_matches(ENCODING_MARK);
        Forgiven { text, breaks_off: breaks_off(&Document::of(text).lines) }
    }
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
}
