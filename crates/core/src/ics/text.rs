//! A calendar's text as lines that can be changed one by one, while every other line stays as it is.

use std::borrow::Cow;

use super::IcsError;

/// Lines are folded after so many octets (RFC 5545 §3.1).
const WIDTH_BYTES: usize = 75;

/// One content line: as it stands in the text, folds and line end included, and unfolded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    raw: String,
    pub text: String,
}

/// A whole text.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub lines: Vec<Line>,
    end_of_line: &'static str,
}

/// A component: the places of its `BEGIN` and `END`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub begin: usize,
    pub end: usize,
}

impl Line {
    /// Name in capitals, without parameters, as readers see it: it ends at the first of several signs, and a line
    /// without any of them says nothing.
    pub(super) fn name(&self) -> String {
        let Some(end) = unquoted(&self.text, &[':', ';', ',', '=']) else { return String::new() };
        let name = self.text.get(..end).unwrap_or_default();
        let plain: String = name.chars().filter(|letter| *letter != '"').collect();
        plain.trim().to_ascii_uppercase()
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name() == name
    }

    fn go_on(&mut self, physical: &str, between: &str, content: &str) {
        self.raw.push_str(physical);
        self.text.extend([between, content]);
    }

    /// An old encoding has line breaks of its own, which look like the end of the property.
    fn breaks_softly(&self) -> bool {
        let encodings = ["QUOTED-PRINTABLE", "Q"];
        let encoding = self.text.ends_with('=').then(|| self.parameter("ENCODING")).flatten();
        encoding.is_some_and(|it| encodings.iter().any(|known| it.eq_ignore_ascii_case(known)))
    }

    pub(super) fn is_edge(&self, edge: &str, component: &str) -> bool {
        self.is(edge) && self.component().eq_ignore_ascii_case(component)
    }

    /// What a `BEGIN` or `END` is of.
    pub(super) fn component(&self) -> &str {
        self.value().trim()
    }

    /// Without parameters, quotes or spaces, of which not every reader makes the same.
    fn is_plain_edge(&self) -> bool {
        let plain = |part: &str| part.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-');
        self.text.split_once(':').is_some_and(|(name, component)| plain(name) && plain(component.trim_end()))
    }

    /// What stands after the first colon outside quotes.
    pub(super) fn value(&self) -> &str {
        let at = head_end(&self.text);
        self.text.get(at..).unwrap_or_default().trim_start_matches(':')
    }

    /// The same with one more parameter.
    pub(super) fn with(&self, parameter: &str) -> String {
        let (head, value) = self.text.split_at_checked(head_end(&self.text)).unwrap_or((&self.text, ""));
        format!("{head};{parameter}{value}")
    }

    /// Each parameter as it is written.
    pub(super) fn parameters(&self) -> Vec<&str> {
        let head = self.text.get(..head_end(&self.text)).unwrap_or_default();
        split_unquoted(head, ';').into_iter().skip(1).collect()
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters().into_iter().filter_map(|it| it.split_once('='));
        let mut found = found.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim_matches('"'))
    }
}

fn may_hold(parent: Option<&str>, component: &str) -> bool {
    match component {
        "VCALENDAR" => parent.is_none(),
        "VEVENT" => parent == Some("VCALENDAR"),
        _ => parent.is_some(),
    }
}

fn head_end(text: &str) -> usize {
    unquoted(text, &[':']).unwrap_or(text.len())
}

/// The place of the first of some signs that stands outside quotes. After a backslash no sign counts.
fn unquoted(text: &str, signs: &[char]) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    let found = text.char_indices().find(|(_, letter)| {
        let plain = !escaped;
        escaped = plain && *letter == '\\';
        quoted ^= plain && *letter == '"';
        plain && !quoted && signs.contains(letter)
    });
    found.map(|(at, _)| at)
}

fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|letter| {
        quoted ^= letter == '"';
        letter == separator && !quoted
    })
    .collect()
}

impl Document {
    pub(super) fn read(text: &str) -> Result<Self, IcsError> {
        let document = Document::of(text);
        document.component("VCALENDAR").map(|_| document).ok_or(IcsError::NoCalendar)
    }

    /// Any text, whether a calendar stands in it or not.
    pub(super) fn of(text: &str) -> Self {
        let end_of_line = if text.contains('\n') && !text.contains("\r\n") { "\n" } else { "\r\n" };
        let mut lines: Vec<Line> = Vec::new();
        for physical in text.split_inclusive('\n') {
            let content = without_controls(physical);
            let content = content.trim_end_matches(['\r', '\n']);
            match (content.strip_prefix([' ', '\t']), lines.last_mut()) {
                (Some(rest), Some(line)) => line.go_on(physical, "", rest),
                (None, Some(line)) if line.breaks_softly() => line.go_on(physical, "\r\n", content),
                _ => lines.push(Line { raw: physical.to_owned(), text: content.to_owned() }),
            }
        }
        Document { lines, end_of_line }
    }

    pub(super) fn new() -> Self {
        let mut document = Document { lines: Vec::new(), end_of_line: "\r\n" };
        for text in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Daymark//Daymark//EN",
            "CALSCALE:GREGORIAN",
            "END:VCALENDAR",
        ] {
            document.lines.push(document.line(text));
        }
        document
    }

    pub(super) fn write(&self) -> String {
        self.lines.iter().map(|line| line.raw.as_str()).collect()
    }

    /// A new line. This is the one way in: whatever a value holds, it cannot end its line.
    pub(super) fn line(&self, text: &str) -> Line {
        let text: String = text.chars().filter(|letter| !letter.is_control() || *letter == '\t').collect();
        let mut raw = String::with_capacity(text.len() + 2);
        let mut width = 0;
        for letter in text.chars() {
            if width + letter.len_utf8() > WIDTH_BYTES {
                raw.push_str(self.end_of_line);
                raw.push(' ');
                width = 1;
            }
            raw.push(letter);
            width += letter.len_utf8();
        }
        raw.push_str(self.end_of_line);
        Line { raw, text }
    }

    fn component(&self, name: &str) -> Option<Block> {
        let begin = self.lines.iter().position(|line| line.is_edge("BEGIN", name))?;
        self.block(begin)
    }

    /// Whether each `END` is that of the innermost `BEGIN`, with events in calendars and nothing around those.
    /// Of any other text it is anyone's guess which lines are an event's.
    pub(super) fn nests(&self) -> bool {
        let mut open: Vec<String> = Vec::new();
        for line in &self.lines {
            let component = line.component().to_ascii_uppercase();
            let fits = match line.name().as_str() {
                "BEGIN" => {
                    let parent = open.last().cloned();
                    open.push(component.clone());
                    line.is_plain_edge() && may_hold(parent.as_deref(), &component)
                }
                "END" => line.is_plain_edge() && open.pop() == Some(component),
                _ => true,
            };
            if !fits {
                return false;
            }
        }
        open.is_empty()
    }

    /// The component that begins at a line.
    fn block(&self, begin: usize) -> Option<Block> {
        let mut depth = 0_usize;
        for (at, line) in self.lines.iter().enumerate().skip(begin) {
            match line.name().as_str() {
                "BEGIN" => depth += 1,
                "END" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Some(Block { begin, end: at });
            }
        }
        None
    }

    /// All components of a name, outermost ones only.
    pub(super) fn components(&self, name: &str) -> Vec<Block> {
        let begins = self.lines.iter().enumerate().filter(|(_, line)| line.is_edge("BEGIN", name));
        begins.filter_map(|(at, _)| self.block(at)).collect()
    }

    /// Places of a component's own lines; those of the components inside it are not among them.
    pub(super) fn own(&self, block: Block) -> Vec<usize> {
        let mut depth = 0_usize;
        let mut own = Vec::new();
        for (at, line) in self.lines.iter().enumerate().take(block.end).skip(block.begin + 1) {
            match line.name().as_str() {
                "BEGIN" => depth += 1,
                "END" => depth = depth.saturating_sub(1),
                _ if depth == 0 => own.push(at),
                _ => {}
            }
        }
        own
    }

    pub(super) fn find(&self, block: Block, name: &str) -> Option<&Line> {
        self.own(block).into_iter().filter_map(|at| self.lines.get(at)).find(|line| line.is(name))
    }

    /// Puts a line in the place of the first of its name, or behind the component's other lines.
    pub(super) fn put(&mut self, block: &mut Block, text: &str) {
        let line = self.line(text);
        let name = line.name();
        let own = self.own(*block);
        let known = own.iter().find(|at| self.lines.get(**at).is_some_and(|known| known.is(&name))).copied();
        match known.and_then(|at| self.lines.get_mut(at)) {
            Some(place) => *place = line,
            None => self.add(block, text),
        }
    }

    /// Adds a line behind the component's own ones, before the components inside it.
    pub(super) fn add(&mut self, block: &mut Block, text: &str) {
        let line = self.line(text);
        let at = self.own(*block).last().map_or(block.begin + 1, |last| last + 1);
        self.lines.insert(at.min(self.lines.len()), line);
        block.end += 1;
    }

    /// Takes own lines away that `gone` names.
    pub(super) fn remove(&mut self, block: &mut Block, gone: impl Fn(&Line) -> bool) {
        for at in self.own(*block).into_iter().rev() {
            if self.lines.get(at).is_some_and(&gone) {
                self.lines.remove(at);
                block.end -= 1;
            }
        }
    }

    pub(super) fn remove_block(&mut self, block: Block) {
        self.lines.drain(block.begin..(block.end + 1).min(self.lines.len()));
    }

    /// Puts whole lines before a place, and tells how many.
    pub(super) fn insert(&mut self, at: usize, lines: Vec<Line>) -> usize {
        let count = lines.len();
        let at = at.min(self.lines.len());
        self.lines.splice(at..at, lines);
        count
    }
}

/// Control characters cannot stand in a calendar (RFC 5545 §3.1), and are not written either: kept, they would
/// look like an edit after each write.
pub(super) fn without_controls(text: &str) -> Cow<'_, str> {
    let is_stray = |letter: char| letter.is_control() && !matches!(letter, '\r' | '\n' | '\t');
    match text.contains(is_stray) {
        true => Cow::Owned(text.replace(is_stray, "")),
        false => Cow::Borrowed(text),
    }
}

/// A text value (RFC 5545 §3.3.11). Line breaks of all kinds are one.
pub(super) fn escaped(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY;LANGUAGE=\"e:n\":Vi\r\n sit\r\nBEGIN:VALARM\r\n\
                        SUMMARY:Bell\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    #[test]
    fn a_text_that_is_not_changed_is_written_as_it_was() {
        for text in [TEXT.to_owned(), TEXT.replace("\r\n", "\n"), TEXT.trim_end().to_owned()] {
            assert_eq!(Document::read(&text).unwrap().write(), text);
        }
        assert_eq!(Document::read("BEGIN:VEVENT").unwrap_err(), IcsError::NoCalendar);
    }

    #[test]
    fn an_alarms_lines_are_not_its_events() {
        let mut document = Document::read(TEXT).unwrap();
        let mut event = document.components("VEVENT")[0];
        assert_eq!(document.find(event, "SUMMARY").unwrap().value(), "Visit");
        document.put(&mut event, "SUMMARY:New");
        document.add(&mut event, "X-NEW:1");
        assert!(document.write().contains("SUMMARY:New\r\nX-NEW:1\r\nBEGIN:VALARM\r\nSUMMARY:Bell\r\n"));
        document.remove(&mut event, |line| line.is("SUMMARY"));
        assert_eq!(document.lines[event.end].text, "END:VEVENT");
        assert!(document.write().contains("SUMMARY:Bell"));
    }

    #[test]
    fn a_line_has_the_name_that_readers_give_it() {
        let name = |text: &str| Document::new().line(text).name();
        assert_eq!(name("summary ;LANGUAGE=en:a"), "SUMMARY");
        assert_eq!(name("SUMMARY,a"), "SUMMARY");
        assert_eq!(name("SUMMARY=a:b"), "SUMMARY");
        assert_eq!(name("\"SUMMARY\":b"), "SUMMARY");
        assert_eq!(name("SUMMARY"), "", "it says nothing");
    }

    #[test]
    fn a_soft_break_of_an_old_encoding_does_not_end_its_line() {
        let event = "SUMMARY;ENCODING=QUOTED-PRINTABLE:a=\r\nEND:VEVENT=\r\nb\r\nLOCATION:c=\r\n";
        let text = format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n");
        let mut document = Document::read(&text).unwrap();
        assert!(document.nests() && document.write() == text);
        let mut block = document.components("VEVENT")[0];
        document.put(&mut block, "SUMMARY:d");
        assert!(document.write().contains("VEVENT\r\nSUMMARY:d\r\nLOCATION:c=\r\nEND"), "{document:?}");
    }

    #[test]
    fn only_what_nests_has_lines_that_are_surely_an_events() {
        let calendar = |body: &str| format!("BEGIN:VCALENDAR\n{body}\nEND:VCALENDAR\n");
        let nests = |text: &str| Document::read(text).is_ok_and(|document| document.nests());
        let alarm = "BEGIN:VALARM\nEND:VALARM";
        assert!(nests(&calendar(&format!("BEGIN:VEVENT\n{alarm}\nEND:VEVENT\nX-A:1"))));
        for body in [
            "BEGIN:VEVENT\nEND:VTODO",
            "BEGIN:VEVENT\nBEGIN:VEVENT\nEND:VEVENT\nEND:VEVENT",
            "BEGIN:VEVENT\nBEGIN:VALARM\nEND:VEVENT\nEND:VALARM",
            "BEGIN:VEVENT\nEND:VEVENT\nEND:VEVENT\nBEGIN:VCALENDAR",
            "BEGIN;X=1:VEVENT\nEND:VEVENT",
            "END:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nBEGIN:VCALENDAR",
        ] {
            assert!(!nests(&calendar(body)), "{body}");
        }
    }

    #[test]
    fn long_lines_are_folded_between_letters() {
        let document = Document::new();
        let line = document.line(&format!("SUMMARY:{}", "é".repeat(100)));
        assert!(line.raw.split("\r\n").all(|physical| physical.len() <= WIDTH_BYTES));
        let back = Document::read(&format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", line.raw)).unwrap();
        assert_eq!(back.lines[1].text, line.text);
    }

    #[test]
    fn no_value_can_end_its_line() {
        let document = Document::new();
        let line = document.line("X:a\r\nATTENDEE:b\u{0}\u{b}\u{85}c");
        assert_eq!(line.raw, "X:aATTENDEE:bc\r\n");
        assert_eq!(escaped("a\r\nb\rc;d,e\\"), "a\\nb\\nc\\;d\\,e\\\\");
    }
}
