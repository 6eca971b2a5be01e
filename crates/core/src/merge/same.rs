//! Whether two values mean the same although a provider writes one of them otherwise.
//!
//! Providers trim titles, end lines as mail does, wrap descriptions in HTML, name a zone by its
//! neighbour, and order the parts of a rule anew. None of that is anybody's change.

use crate::event::{Field, Fields, Visibility};
use crate::time::Span;

pub fn same(one: &Fields, other: &Fields, field: Field) -> bool {
    one.agrees(other, field)
        || match field {
            Field::Title => same_text(&one.title, &other.title),
            Field::Description => same_text(&one.description, &other.description),
            Field::Location => same_text(&one.location, &other.location),
            Field::Span => same_span(&one.span, &other.span),
            Field::Recurrence => canonical(&one.recurrence) == canonical(&other.recurrence),
            // Not every provider tells public from default.
            Field::Visibility => is_private(one) == is_private(other),
            Field::ShowAs | Field::Marks => false,
        }
}

fn is_private(fields: &Fields) -> bool {
    fields.visibility == Visibility::Private
}

fn same_span(one: &Span, other: &Span) -> bool {
    match (one, other) {
        (Span::Timed { start, end, .. }, Span::Timed { start: s, end: e, .. }) => (start, end) == (s, e),
        _ => false,
    }
}

fn same_text(one: &str, other: &str) -> bool {
    if is_html(one) || is_html(other) {
        let (one, other) = (unwrapped(one), unwrapped(other));
        return one.split_whitespace().eq(other.split_whitespace());
    }
    trimmed(one) == trimmed(other)
}

/// Without what stands at the ends of lines, and of the whole.
fn trimmed(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

fn is_html(text: &str) -> bool {
    ["</", "<br", "<BR", "<p>", "<P>", "<html", "&nbsp;", "&amp;", "&lt;", "&quot;"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// The words of a text in HTML.
fn unwrapped(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut in_tag = false;
    for letter in text.chars() {
        match letter {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                words.push(' ');
            }
            letter if !in_tag => words.push(letter),
            _ => {}
        }
    }
    const NAMED: [(&str, &str); 7] = [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#43;", "+"),
        // The last one, or it would make new ones.
        ("&amp;", "&"),
    ];
    NAMED.iter().fold(words, |text, (name, letter)| text.replace(name, letter))
}

/// The lines of a series with their parts in one order, and without parts that say what holds anyway.
fn canonical(lines: &[String]) -> Vec<String> {
    let mut all: Vec<String> = lines.iter().map(|line| canonical_line(line)).collect();
    all.sort();
    all
}

fn canonical_line(line: &str) -> String {
    let upper = line.trim().to_ascii_uppercase();
    let Some((name, value)) = upper.split_once(':').filter(|(name, _)| name.ends_with("RULE")) else {
        return line.trim().to_owned();
    };
    let implied = |part: &&str| !matches!(*part, "" | "INTERVAL=1" | "WKST=MO");
    let mut parts: Vec<&str> = value.split(';').filter(implied).collect();
    parts.sort_unstable();
    format!("{name}:{}", parts.join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    #[test]
    fn what_a_provider_rewrites_in_a_text_is_no_change() {
        for (ours, theirs) in [
            ("  Visit  ", "Visit"),
            ("one\ntwo", "one  \r\ntwo\r\n"),
            ("Ramp & rail\nat 9", "<html><body>Ramp &amp; rail<br>at 9</body></html>"),
            ("one two", "<p>one&nbsp;two</p>"),
        ] {
            assert!(same_text(ours, theirs), "{ours:?} {theirs:?}");
            assert!(same_text(theirs, ours), "{theirs:?} {ours:?}");
        }
    }

    #[test]
    fn other_words_are_a_change() {
        for (ours, theirs) in [("Visit", "Visits"), ("a b", "ab"), ("", "x"), ("<p>one</p>", "<p>two</p>")] {
            assert!(!same_text(ours, theirs), "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn a_rule_in_another_order_is_the_same_rule_and_another_day_is_not() {
        let lines = |line: &str| vec![line.to_owned()];
        let ours = lines("RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO");
        assert_eq!(canonical(&ours), canonical(&lines("RRULE:BYDAY=MO;FREQ=WEEKLY;WKST=MO")));
        assert_ne!(canonical(&ours), canonical(&lines("RRULE:FREQ=WEEKLY;BYDAY=TU")));
    }

    #[test]
    fn a_zones_other_name_is_no_move() {
        let start = "2026-03-02T14:00:00Z".parse().unwrap();
        let end = "2026-03-02T15:00:00Z".parse().unwrap();
        let toronto = Span::Timed { start, end, zone: Tz::America__Toronto };
        let eastern = Span::Timed { start, end, zone: Tz::America__New_York };
        assert!(same_span(&toronto, &eastern));
        assert!(!same_span(&toronto, &Span::Timed { start, end: start, zone: Tz::America__Toronto }));
    }
}
