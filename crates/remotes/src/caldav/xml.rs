//! XML as WebDAV uses it: names with their namespaces, and answers read one entry at a time.
//!
//! A document type is refused, so there is no entity but the five of XML itself and nothing to expand;
//! depth and size are bounded. An answer that ends early is an error: half a list is not a list.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

/// Deeper than any property nests.
const DEEPEST: usize = 32;
/// A single entry holds a few properties; a thousand elements are none that a calendar has.
const MOST_IN_ENTRY: usize = 10_000;

/// The namespaces whose names are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    Dav,
    CalDav,
    /// Apple's, for colour and order.
    Ical,
    /// The calendar server's, for the tag of a whole collection.
    Server,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    pub space: Space,
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct XmlError(String);

fn wrong(why: impl ToString) -> XmlError {
    XmlError(why.to_string())
}

impl Element {
    pub fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.name == name
    }

    pub fn child(&self, space: Space, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.is(space, name))
    }

    /// The text of a child, without the blanks around it.
    pub fn text_of(&self, space: Space, name: &str) -> Option<&str> {
        self.child(space, name).map(|child| child.text.trim())
    }

    /// The address in `<x><href>…</href></x>`.
    pub fn href(&self) -> Option<&str> {
        self.text_of(Space::Dav, "href").filter(|href| !href.is_empty())
    }
}

/// Reads a document, hands each child of its root over when it is complete, and gives the bare root.
pub fn read(body: &[u8], mut entry: impl FnMut(Element)) -> Result<Element, XmlError> {
    let text = std::str::from_utf8(body).map_err(|_| wrong("it is no UTF-8"))?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut count = 0_usize;
    loop {
        let (space, event) = reader.read_resolved_event().map_err(|why| wrong(unquoted(&why)))?;
        match event {
            Event::Start(start) => {
                count += 1;
                if open.len() >= DEEPEST || count > MOST_IN_ENTRY {
                    return Err(wrong("it nests or holds too many elements"));
                }
                open.push(element(space, &start)?);
            }
            Event::End(_) => {
                let Some(done) = open.pop() else { return Err(wrong("an element ends that never began")) };
                match open.len() {
                    0 => return Ok(done),
                    1 => {
                        count = 0;
                        entry(done);
                    }
                    _ => open.last_mut().map(|parent| parent.children.push(done)).unwrap_or_default(),
                }
            }
            Event::Text(text) => append(&mut open, &text),
            Event::CData(text) => append(&mut open, &text),
            Event::GeneralRef(reference) => append(&mut open, resolved(&reference)?.encode_utf8(&mut [0; 4])),
            Event::DocType(_) => return Err(wrong("it declares a document type")),
            Event::Eof => return Err(wrong("it ends early, or holds no XML")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Empty(_) => {}
        }
    }
}

/// The error's kind; its words can quote a title.
fn unquoted(why: &quick_xml::Error) -> &'static str {
    match why {
        quick_xml::Error::Syntax(_) => "its syntax is wrong",
        quick_xml::Error::IllFormed(_) => "its elements do not fit together",
        _ => "it cannot be read",
    }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn element(space: ResolveResult<'_>, start: &BytesStart<'_>) -> Result<Element, XmlError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| wrong("an attribute is malformed"))?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), attribute.value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Element { space: known(&space), name, attributes, children: Vec::new(), text: String::new() })
}

fn known(space: &ResolveResult<'_>) -> Space {
    let ResolveResult::Bound(Namespace(name)) = space else { return Space::Other };
    match *name {
        "DAV:" => Space::Dav,
        "urn:ietf:params:xml:ns:caldav" => Space::CalDav,
        "http://apple.com/ns/ical/" => Space::Ical,
        "http://calendarserver.org/ns/" => Space::Server,
        _ => Space::Other,
    }
}

fn resolved(reference: &BytesRef<'_>) -> Result<char, XmlError> {
    if let Some(letter) = reference.resolve_char_ref().map_err(|_| wrong("a character is malformed"))? {
        return Ok(letter);
    }
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(wrong("it names an entity")),
    }
}

/// One entry of a multistatus (RFC 4918 §13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub href: String,
    /// Set when it speaks of the resource as a whole.
    pub status: Option<u16>,
    /// The properties that were found.
    pub found: Vec<Element>,
}

impl Response {
    pub fn property(&self, space: Space, name: &str) -> Option<&Element> {
        self.found.iter().find(|property| property.is(space, name))
    }

    pub fn text(&self, space: Space, name: &str) -> Option<&str> {
        self.property(space, name).map(|property| property.text.trim()).filter(|text| !text.is_empty())
    }

    fn read(entry: &Element) -> Option<Response> {
        let status = entry.text_of(Space::Dav, "status").and_then(code);
        let parts = entry.children.iter().filter(|child| child.is(Space::Dav, "propstat"));
        let good = parts.filter(|part| {
            part.text_of(Space::Dav, "status").and_then(code).is_none_or(|code| (200..300).contains(&code))
        });
        let found = good.filter_map(|part| part.child(Space::Dav, "prop")).flat_map(|prop| &prop.children);
        Some(Response { href: entry.href()?.to_owned(), status, found: found.cloned().collect() })
    }
}

/// The number in `HTTP/1.1 404 Not Found`.
fn code(status: &str) -> Option<u16> {
    status.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Multistatus {
    pub responses: Vec<Response>,
    /// Before the entries or after them.
    pub sync_token: Option<String>,
}

pub fn multistatus(body: &[u8]) -> Result<Multistatus, XmlError> {
    let mut answer = Multistatus::default();
    let mut nameless = false;
    let root = read(body, |entry| {
        if entry.is(Space::Dav, "response") {
            match Response::read(&entry) {
                Some(response) => answer.responses.push(response),
                None => nameless = true,
            }
        } else if entry.is(Space::Dav, "sync-token") {
            answer.sync_token = Some(entry.text.trim().to_owned()).filter(|token| !token.is_empty());
        }
    })?;
    match (root.is(Space::Dav, "multistatus"), nameless) {
        (true, false) => Ok(answer),
        (true, true) => Err(wrong("an entry has no address")),
        (false, _) => Err(wrong("it is no multistatus")),
    }
}

/// The precondition that an error names (RFC 4918 §16).
pub fn condition(body: &[u8]) -> Option<Element> {
    let mut first = None;
    let root = read(body, |entry| {
        first.get_or_insert(entry);
    });
    root.ok().filter(|root| root.is(Space::Dav, "error")).and(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANSWER: &str = r#"<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns="urn:ietf:params:xml:ns:caldav">
        <d:sync-token>t1</d:sync-token>
        <d:response><d:href>/a%20b.ics</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag>
            <calendar-data>BEGIN:X&#13;
A &amp; B<![CDATA[ <c>]]></calendar-data></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>
            <d:propstat><d:prop><d:owner/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response>
        <d:response><d:href>/gone.ics</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response></d:multistatus>"#;

    #[test]
    fn an_answer_says_what_is_there_and_what_is_gone() {
        let answer = multistatus(ANSWER.as_bytes()).unwrap();
        assert_eq!(answer.sync_token.as_deref(), Some("t1"));
        let [there, gone] = &answer.responses[..] else { panic!() };
        assert_eq!(there.text(Space::Dav, "getetag"), Some("\"1\""));
        assert_eq!(there.text(Space::CalDav, "calendar-data"), Some("BEGIN:X\r\nA & B <c>"));
        assert_eq!(there.property(Space::Dav, "owner"), None);
        assert_eq!((gone.status, gone.found.len()), (Some(404), 0));
    }

    #[test]
    fn names_count_with_their_namespace_whatever_its_prefix() {
        let other = ANSWER.replace("\"DAV:\"", "\"DAV\"");
        assert!(multistatus(other.as_bytes()).is_err());
    }

    #[test]
    fn half_an_answer_is_none() {
        for at in [10, 100, ANSWER.len() / 2, ANSWER.len() - 3] {
            assert!(multistatus(&ANSWER.as_bytes()[..at]).is_err(), "{at}");
        }
        assert!(multistatus(b"").is_err() && multistatus(b"<html></html>").is_err());
    }

    #[test]
    fn entities_and_depth_are_refused() {
        let bomb = br#"<!DOCTYPE a [<!ENTITY b "bbbb">]><d:multistatus xmlns:d="DAV:">&b;</d:multistatus>"#;
        assert_eq!(multistatus(bomb), Err(wrong("it declares a document type")));
        let unknown = br#"<d:multistatus xmlns:d="DAV:">&b;</d:multistatus>"#;
        assert_eq!(multistatus(unknown), Err(wrong("it names an entity")));
        let deep = "<a>".repeat(100_000);
        assert!(multistatus(deep.as_bytes()).is_err());
        let many = format!("<r><e>{}</e></r>", "<a/>".repeat(20_000));
        assert!(multistatus(many.as_bytes()).is_err());
    }

    #[test]
    fn an_error_names_its_condition() {
        let body = br#"<?xml version="1.0"?><error xmlns="DAV:"><valid-sync-token/></error>"#;
        assert!(condition(body).unwrap().is(Space::Dav, "valid-sync-token"));
        assert_eq!(condition(b"Forbidden"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_stumble(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = multistatus(&body);
        }

        #[test]
        fn no_damage_makes_it_stumble(at in 0..ANSWER.len(), byte in any::<u8>()) {
            let mut body = ANSWER.as_bytes().to_vec();
            body[at] = byte;
            let _ = multistatus(&body);
        }
    }
}
