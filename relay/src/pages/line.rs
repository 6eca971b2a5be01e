//! A sentence that may name a phone number, which a tap then calls.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::words::fill;

/// The most digits that a number has anywhere (ITU-T E.164), and the fewest of one that can be called.
const DIGITS_MAX: usize = 15;
const DIGITS_MIN: usize = 3;

#[derive(Template)]
#[template(
    source = r#"{{ before }}{% if let Some(href) = href %}<a href="{{ href }}">{{ phone }}</a>{% else %}{{ phone }}{% endif %}{{ after }}"#,
    ext = "html"
)]
pub struct Line {
    before: String,
    phone: String,
    /// `None` when what was written as a number cannot be called as it stands.
    href: Option<String>,
    after: String,
}

/// Its own template has escaped it.
impl HtmlSafe for Line {}

impl Line {
    /// Puts values in the places of a sentence, and the number in that of `{phone}`.
    pub fn new(sentence: &str, values: &[(&str, &str)], phone: &str) -> Line {
        let Some((before, after)) = sentence.split_once("{phone}") else {
            return fill(sentence, values).into();
        };
        Line {
            before: fill(before, values),
            phone: phone.to_owned(),
            href: href(phone),
            after: fill(after, values),
        }
    }
}

impl From<String> for Line {
    fn from(before: String) -> Line {
        Line { before, phone: String::new(), href: None, after: String::new() }
    }
}

/// `tel:+14165550142` of “+1 (416) 555-0142, ext. 12”: nothing but a plus and digits, up to the first word after them.
fn href(phone: &str) -> Option<String> {
    // A zero in brackets is dialled within the country only, where the rest stands without its plus.
    let phone = if phone.contains('+') { phone.replace("(0)", "") } else { phone.to_owned() };
    let number = phone.trim_start_matches(|it: char| it != '+' && !it.is_ascii_digit());
    let ends = |it: char| !it.is_ascii_digit() && !it.is_whitespace() && !"+()-‑–./".contains(it);
    let number = number.split(ends).next().unwrap_or_default();
    let plus = if number.starts_with('+') { "+" } else { "" };
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()).then(|| format!("tel:{plus}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_called_by_its_digits_alone() {
        let called = |phone: &str| href(phone).unwrap_or_default();
        assert_eq!(called("+1 416 555 0142"), "tel:+14165550142");
        assert_eq!(called("(416) 555-0142"), "tel:4165550142");
        assert_eq!(called("+49 (0) 30 / 12 34-5"), "tel:+493012345");
        assert_eq!(called("01 23\u{a0}45 67 89"), "tel:0123456789");
        assert_eq!(called("Tel. 416 555 0142, ext. 12"), "tel:4165550142");
        assert_eq!(called("+1 416 555 0142 x12"), "tel:+14165550142");
    }

    #[test]
    fn what_cannot_be_called_is_no_link() {
        for phone in ["", "the front desk", "12", "0123 456 789 / 0123 456 780", "\"><script>"] {
            assert_eq!(href(phone), None, "{phone}");
        }
    }

    #[test]
    fn a_sentence_is_escaped_around_its_number() {
        let line = Line::new("Call {phone}, says {owner}.", &[("owner", "A & B")], "+1 416 555 0142 <b>");
        assert_eq!(
            line.to_string(),
            "Call <a href=\"tel:+14165550142\">+1 416 555 0142 &#60;b&#62;</a>, says A &#38; B."
        );
        let desk = Line::new("Call {phone}.", &[], "the <front> desk").to_string();
        assert_eq!(desk, "Call the &#60;front&#62; desk.");
        assert_eq!(Line::from("a < b".to_owned()).to_string(), "a &#60; b");
    }
}
