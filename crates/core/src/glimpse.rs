//! What can be read of an event that as a whole makes no sense: enough for its owner to find it.

use crate::event::{Fields, Original};
use crate::plain::sets_direction;

/// A title is cut to so many letters: it stands in a sentence.
const LONGEST: usize = 80;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glimpse {
    /// On one line; empty when none could be read.
    pub title: String,
    /// `None` when no start could be read.
    pub start: Option<Original>,
}

impl Glimpse {
    pub fn new(title: &str, start: Option<Original>) -> Self {
        Glimpse { title: one_line(title), start }
    }

    pub fn of(fields: &Fields) -> Self {
        Glimpse::new(&fields.title, Some(Original::of(&fields.span)))
    }

    pub fn is_empty(&self) -> bool {
        self.title.is_empty() && self.start.is_none()
    }
}

/// Nobody has looked at the text yet: what would break the line, or turn the sentence around it, goes.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|it| if it.is_whitespace() { ' ' } else { it }).collect();
    let seen: String = spaced.chars().filter(|it| !it.is_control() && !sets_direction(*it)).collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        None => line,
        Some(_) => {
            let kept: String = line.chars().take(LONGEST - 1).collect();
            format!("{}…", kept.trim_end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_title_is_shown_on_one_line_without_what_cannot_be_seen() {
        let glimpse = Glimpse::new(" Visit\r\n\tSingh\u{0}\u{202e} \u{7} ", None);
        assert_eq!(glimpse.title, "Visit Singh");
        assert!(Glimpse::new("\u{1b}\n", None).is_empty());
    }

    #[test]
    fn a_long_title_is_cut_between_letters_and_says_so() {
        let cut = Glimpse::new(&"é".repeat(500), None).title;
        assert_eq!((cut.chars().count(), cut.ends_with("é…")), (LONGEST, true));
        let fits = "é".repeat(LONGEST);
        assert_eq!(Glimpse::new(&fits, None).title, fits);
    }

    proptest! {
        #[test]
        fn a_glimpse_of_a_glimpse_is_the_same(title in ".*") {
            let once = Glimpse::new(&title, None);
            prop_assert!(once.title.chars().count() <= LONGEST);
            prop_assert!(!once.title.chars().any(char::is_control));
            prop_assert_eq!(&Glimpse::new(&once.title, None), &once);
        }
    }
}
