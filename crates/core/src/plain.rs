//! Which texts are plain: of a visitor or of the owner, they are put into sentences, titles and headers.

/// Unicode's marks that reorder what follows: a name must not rewrite the sentence it is put in.
pub fn turns_text(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Every mark of direction, those also that names in Hebrew or Arabic may rightly hold.
pub fn sets_direction(c: char) -> bool {
    turns_text(c) || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}')
}

/// One line that breaks and turns nothing around it.
pub fn is_line(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || turns_text(c))
}

/// Something of it is seen: at least one letter or digit of any script.
pub fn is_seen(text: &str) -> bool {
    text.chars().any(|c| c.is_alphanumeric() && !fills_space(c))
}

/// Hangul's fillers count as letters, and show nothing.
fn fills_space(c: char) -> bool {
    matches!(c, '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}')
}

/// What others said, to go on after: without the full stop that it ends with.
pub fn clause(said: &str) -> &str {
    said.trim_end().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_is_quoted_within_another_does_not_end_it() {
        assert_eq!(clause("Invalid start time. "), "Invalid start time");
        assert_eq!(clause("403: rate limit"), "403: rate limit");
    }

    #[test]
    fn what_only_takes_space_is_not_seen() {
        for text in ["", "  ", "\u{200B}", "\u{200E}\u{200F}\u{61C}", "\u{3164}", "\u{2060}\u{FEFF}", "-"] {
            assert!(!is_seen(text), "{text:?}");
        }
        for text in ["A. Roy", "李", "\u{200F}ليلى", "7"] {
            assert!(is_seen(text), "{text:?}");
        }
    }

    #[test]
    fn a_line_neither_breaks_nor_turns() {
        for text in ["a\nb", "a\rb", "a\0b", "a\u{202E}b", "a\u{2066}b"] {
            assert!(!is_line(text), "{text:?}");
        }
        assert!(is_line("Évaluation à domicile"));
    }
}
