//! Who is asking: what the address says, the language to answer in, the zone to count in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use chrono_tz::Tz;
use url::form_urlencoded;

use crate::words::{Lang, Locale};

/// Pages repeat some of what an address carries, and no address of ours carries more in one value.
const ADDRESS_VALUE_MAX_BYTES: usize = 2 * 1024;
/// The longest name of a zone is shorter.
const NAME_MAX_CHARS: usize = 40;

/// The first value of each name. Reading it never fails: what is missing or odd is judged by its user.
#[derive(Clone, Debug, Default)]
pub struct Asked(BTreeMap<String, String>);

impl Asked {
    /// All of a form, whose body is limited: a value that was left out here could be booked as if nobody had typed it.
    pub fn in_form(encoded: &[u8]) -> Asked {
        Asked::first_of_each(form_urlencoded::parse(encoded))
    }

    /// What an address says, without what no address of ours can say.
    pub fn in_address(query: &str) -> Asked {
        let pairs = form_urlencoded::parse(query.as_bytes());
        Asked::first_of_each(pairs.filter(|(_, value)| value.len() <= ADDRESS_VALUE_MAX_BYTES))
    }

    fn first_of_each<'a>(pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Asked {
        let mut first = BTreeMap::new();
        for (name, value) in pairs {
            first.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        Asked(first)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// A reader of a page.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub path: String,
    pub asked: Asked,
    pub locale: Locale,
    /// Set when the address names the language; links then carry it on.
    pub lang: Option<Lang>,
}

impl Visitor {
    pub fn of(parts: &Parts) -> Visitor {
        let asked = Asked::in_address(parts.uri.query().unwrap_or_default());
        let lang = asked.get("lang").and_then(Lang::parse);
        let accepted = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Visitor { path: parts.uri.path().to_owned(), locale: Locale::choose(lang, accepted), lang, asked }
    }

    /// A form carries its page's language along.
    pub fn speak(&mut self, code: Option<&str>) {
        if let Some(lang) = code.and_then(Lang::parse) {
            self.lang = Some(lang);
            if self.locale.lang != lang {
                self.locale = Locale::choose(Some(lang), None);
            }
        }
    }

    /// The zone the visitor counts in, if the address names one.
    pub fn zone(&self) -> Zone {
        zone(self.asked.get("tz"))
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Visitor::of(parts))
    }
}

/// The part of the path that names a page or a booking. What cannot be read names nothing.
pub struct Named(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let read = Path::<String>::from_request_parts(parts, state).await;
        Ok(Named(read.map(|Path(name)| name).unwrap_or_default()))
    }
}

/// What was said about the zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Zone {
    Unsaid,
    Known(Tz),
    Unknown(String),
}

impl Zone {
    pub fn known(&self) -> Option<Tz> {
        match self {
            Zone::Known(zone) => Some(*zone),
            Zone::Unsaid | Zone::Unknown(_) => None,
        }
    }
}

pub fn zone(text: Option<&str>) -> Zone {
    match text.unwrap_or_default() {
        "" => Zone::Unsaid,
        name => name.parse().map_or_else(|_| Zone::Unknown(quotable(name)), Zone::Known),
    }
}

/// A made-up name as a page may repeat it: short, and without what no page may hold.
fn quotable(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(NAME_MAX_CHARS).collect()
}

/// An address with what must be carried along; empty values are left out.
pub fn link(path: &str, values: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_repeated_values_counts() {
        let asked = Asked::in_form(b"a=1&a=2&b=%ff&c");
        assert_eq!(asked.get("a"), Some("1"));
        assert_eq!(asked.get("b"), Some("\u{fffd}"));
        assert_eq!(asked.get("c"), Some(""));
    }

    #[test]
    fn a_form_is_read_whole_and_an_address_only_as_far_as_ours_go() {
        let long = format!("tz={}&note=x", "y".repeat(ADDRESS_VALUE_MAX_BYTES + 1));
        assert!(Asked::in_form(long.as_bytes()).get("tz").is_some_and(|value| value.starts_with('y')));
        let address = Asked::in_address(&long);
        assert_eq!((address.get("tz"), address.get("note")), (None, Some("x")));
    }

    #[test]
    fn links_leave_out_what_is_empty_and_escape_the_rest() {
        assert_eq!(link("/maya", &[("tz", "Asia/Kolkata"), ("lang", "")]), "/maya?tz=Asia%2FKolkata");
        assert_eq!(link("/maya", &[]), "/maya");
    }

    #[test]
    fn an_unknown_zone_is_told_from_none() {
        assert_eq!(zone(None), Zone::Unsaid);
        assert_eq!(zone(Some("Mars/Base")), Zone::Unknown("Mars/Base".into()));
        assert_eq!(zone(Some("Europe/\u{0}Lond\u{1b}on\u{85}")), Zone::Unknown("Europe/London".into()));
        assert_eq!(zone(Some(&"\u{0}x".repeat(90))), Zone::Unknown("x".repeat(40)));
        assert_eq!(zone(Some("Asia/Kolkata")).known(), Some(chrono_tz::Asia::Kolkata));
    }
}
