//! The booking form's fields: what was typed, and what is wrong with it.
//!
//! No field has a `maxlength`: browsers cut what is pasted there without a word, and half a note reads like a whole
//! one. What is too long comes back in its field, with how many letters too long it is.

use daymark_core::contract::Place;
use daymark_core::plain::{is_seen, sets_direction, turns_text};

use crate::pages::visitor::Asked;
use crate::words::{Words, fill};

pub const NAME_MAX: usize = 100;
/// RFC 5321 §4.5.3.1.3: a path has at most 256 octets, its brackets included.
pub const EMAIL_MAX: usize = 254;
pub const PHONE_MAX: usize = 40;
pub const ADDRESS_MAX: usize = 300;
pub const NOTE_MAX: usize = 2000;
const PHONE_DIGITS_MIN: usize = 5;

/// What a visitor typed, trimmed, without marks of direction where none can be meant, and with lines of the note ended by
/// LF.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    pub name: String,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub note: String,
}

impl Typed {
    pub fn read(asked: &Asked) -> Typed {
        let line = |name| asked.get(name).unwrap_or_default().trim().to_owned();
        // Contact lists wrap what is copied from them in marks that nobody sees.
        let copied = |name| asked.get(name).unwrap_or_default().replace(sets_direction, "").trim().to_owned();
        Typed {
            name: line("name"),
            email: copied("email"),
            phone: copied("phone"),
            address: line("address"),
            // Forms send CR LF; a lone CR has no business here and is left for the check to refuse.
            note: line("note").replace("\r\n", "\n"),
        }
    }
}

/// One field as the page shows it.
pub struct Field {
    pub id: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: &'static str,
    pub autocomplete: &'static str,
    pub required: bool,
    pub tall: bool,
    pub value: String,
    pub error: Option<String>,
}

/// The fields of a type, in the order of the page; `judge` says whether to look for mistakes.
pub fn fields(words: &Words, typed: &Typed, place: Option<&Place>, judge: bool) -> Vec<Field> {
    let needs_phone = place == Some(&Place::Phone);
    let needs_address = matches!(place, Some(Place::AtVisitor) | None);
    let mut fields = vec![
        Field { error: name(words, &typed.name), ..field("name", words.name, &typed.name) },
        Field {
            kind: "email",
            hint: words.email_hint,
            error: email(words, &typed.email),
            ..field("email", words.email, &typed.email)
        },
        Field {
            kind: "tel",
            required: needs_phone,
            error: phone(words, &typed.phone, needs_phone),
            ..field("phone", words.phone, &typed.phone)
        },
    ];
    // One that is not asked for any more was typed all the same, and goes along.
    if needs_address || !typed.address.is_empty() {
        fields.push(Field {
            hint: words.address_hint,
            required: needs_address,
            error: address(words, &typed.address),
            ..field("address", words.address, &typed.address)
        });
    }
    fields.push(Field {
        required: false,
        tall: true,
        error: note(words, &typed.note),
        ..field("note", words.note, &typed.note)
    });
    if !judge {
        fields.iter_mut().for_each(|field| field.error = None);
    }
    fields
}

fn field(id: &'static str, label: &'static str, value: &str) -> Field {
    let autocomplete = match id {
        "name" => "name",
        "email" => "email",
        "phone" => "tel",
        "address" => "street-address",
        _ => "off",
    };
    Field {
        id,
        label,
        hint: "",
        kind: "text",
        autocomplete,
        required: true,
        tall: false,
        value: value.to_owned(),
        error: None,
    }
}

fn name(words: &Words, value: &str) -> Option<String> {
    line(words, value, NAME_MAX).or_else(|| (!is_seen(value)).then(|| words.missing_name.to_owned()))
}

fn email(words: &Words, value: &str) -> Option<String> {
    if value.is_empty() {
        return Some(words.missing_email.to_owned());
    }
    line(words, value, EMAIL_MAX).or_else(|| (!is_email(value)).then(|| words.bad_email.to_owned()))
}

/// As browsers judge it (HTML, valid e-mail address), and with a dot in the domain.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else {
        return false;
    };
    let local_letter = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    !local.is_empty()
        && local.chars().all(local_letter)
        && domain.contains('.')
        && domain.split('.').all(label)
}

fn phone(words: &Words, value: &str, needed: bool) -> Option<String> {
    if value.is_empty() {
        return needed.then(|| words.missing_phone.to_owned());
    }
    let odd = |c: char| !(c.is_ascii_digit() || " +-().,/x#*extEXT".contains(c));
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let bad = value.chars().any(odd) || digits < PHONE_DIGITS_MIN;
    line(words, value, PHONE_MAX).or_else(|| bad.then(|| words.bad_phone.to_owned()))
}

fn address(words: &Words, value: &str) -> Option<String> {
    line(words, value, ADDRESS_MAX).or_else(|| (!is_seen(value)).then(|| words.missing_address.to_owned()))
}

fn note(words: &Words, value: &str) -> Option<String> {
    text(words, value, NOTE_MAX, |c| c.is_control() && c != '\n' && c != '\t')
}

fn line(words: &Words, value: &str, max: usize) -> Option<String> {
    text(words, value, max, char::is_control)
}

/// Bytes that are no UTF-8 arrive as U+FFFD: what was meant is lost, and must not be booked.
fn text(words: &Words, value: &str, max: usize, forbidden: impl Fn(char) -> bool) -> Option<String> {
    if value.chars().any(|c| forbidden(c) || turns_text(c) || c == char::REPLACEMENT_CHARACTER) {
        return Some(words.bad_characters.to_owned());
    }
    let over = value.chars().count().saturating_sub(max);
    let count = |letters| i64::try_from(letters).unwrap_or(i64::MAX);
    (over > 0).then(|| {
        let over = words.letters.of(count(over));
        fill(words.too_long, &[("over", &over), ("n", &words.letters.of(count(max)))])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;
    use proptest::prelude::*;

    fn good() -> Typed {
        Typed {
            name: "A. Roy".into(),
            email: "a.roy@example.org".into(),
            phone: "+1 416 555 0100".into(),
            address: "5 King St W, Toronto".into(),
            note: "Ring twice.\nThird floor.".into(),
        }
    }

    fn errors(typed: &Typed, place: &Place) -> Vec<&'static str> {
        let fields = fields(Lang::En.words(), typed, Some(place), true);
        fields.into_iter().filter(|field| field.error.is_some()).map(|field| field.id).collect()
    }

    #[test]
    fn a_good_form_has_no_errors() {
        assert!(errors(&good(), &Place::AtVisitor).is_empty());
        let plain = Typed { phone: String::new(), address: String::new(), note: String::new(), ..good() };
        assert!(errors(&plain, &Place::Fixed("Depot 4".into())).is_empty());
    }

    #[test]
    fn what_the_place_demands_is_demanded() {
        let empty = Typed::default();
        assert_eq!(errors(&empty, &Place::AtVisitor), ["name", "email", "address"]);
        assert_eq!(errors(&empty, &Place::Phone), ["name", "email", "phone"]);
        assert_eq!(errors(&empty, &Place::Video(String::new())), ["name", "email"]);
    }

    #[test]
    fn line_breaks_and_nul_are_refused_where_they_could_forge_a_header() {
        for bad in ["a\rb", "a\nb", "a\0b", "a\u{202E}b", "\u{FFFD}"] {
            let typed = Typed {
                name: bad.into(),
                email: format!("{bad}@example.org"),
                address: bad.into(),
                ..good()
            };
            assert_eq!(errors(&typed, &Place::AtVisitor), ["name", "email", "address"], "{bad:?}");
        }
        assert_eq!(errors(&Typed { note: "a\0b".into(), ..good() }, &Place::Phone), ["note"]);
        assert_eq!(errors(&Typed { note: "a\rb".into(), ..good() }, &Place::Phone), ["note"]);
    }

    #[test]
    fn a_name_and_an_address_of_which_nothing_is_seen_are_missing() {
        for unseen in ["\u{200B}", "\u{200E}\u{200F}", "\u{61C}", "\u{3164}"] {
            let typed = Typed { name: unseen.into(), address: unseen.into(), ..good() };
            assert_eq!(errors(&typed, &Place::AtVisitor), ["name", "address"], "{unseen:?}");
        }
    }

    #[test]
    fn overlong_values_are_refused_by_letters_not_by_bytes() {
        let fits = Typed { name: "é".repeat(NAME_MAX), note: "é".repeat(NOTE_MAX), ..good() };
        assert!(errors(&fits, &Place::Phone).is_empty());
        let long = Typed { name: "é".repeat(NAME_MAX + 1), note: "x".repeat(NOTE_MAX + 1), ..good() };
        assert_eq!(errors(&long, &Place::Phone), ["name", "note"]);
    }

    #[test]
    fn addresses_are_judged_as_browsers_judge_them() {
        for good in ["a@b.co", "ana.o'neil+x@sub.example.org", "1@a-b.museum"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "@b.co",
            "a@",
            "a@b..co",
            "a b@c.de",
            "a@b@c.de",
            "a@-b.co",
            "<a@b.co>",
            "a@b.co,c@d.ee",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn marks_that_came_along_with_a_copied_number_are_left_out() {
        let sent = "phone=%E2%80%AA%2B1+416+555+0199%E2%80%AC&email=%E2%80%8Ea.roy%40example.org";
        let typed = Typed::read(&Asked::in_form(sent.as_bytes()));
        assert_eq!((&*typed.phone, &*typed.email), ("+1 416 555 0199", "a.roy@example.org"));
    }

    #[test]
    fn a_phone_number_has_digits() {
        for bad in ["12", "call me", "0123 <script>"] {
            assert_eq!(errors(&Typed { phone: bad.into(), ..good() }, &Place::Phone), ["phone"], "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_passes_can_break_a_line(name in any::<String>(), address in any::<String>()) {
            let typed = Typed { name: name.trim().into(), address: address.trim().into(), ..good() };
            if errors(&typed, &Place::AtVisitor).is_empty() {
                let breaks = |text: &str| text.contains(['\r', '\n', '\0']);
                prop_assert!(!breaks(&typed.name) && !breaks(&typed.address));
            }
        }
    }
}
