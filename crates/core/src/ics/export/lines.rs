//! Content lines (RFC 5545 §3.1): folded, ended by CRLF, and with texts that stay inside their line.

const LONGEST_BYTES: usize = 75;

/// The lines of a file.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    /// Adds one content line. Control characters would end or corrupt it, and go, wherever they come from.
    pub fn put(&mut self, line: &str) {
        let mut width = 0;
        for letter in line.chars().filter(|letter| !letter.is_control() || *letter == '\t') {
            if width + letter.len_utf8() > LONGEST_BYTES {
                self.0.push_str("\r\n ");
                width = 1;
            }
            self.0.push(letter);
            width += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    pub fn finish(self) -> String {
        self.0
    }
}

/// A text as a value (RFC 5545 §3.3.11). Line breaks of every kind become the one escape there is.
pub(super) fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut letters = value.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            '\r' => {
                letters.next_if_eq(&'\n');
                out.push_str("\\n");
            }
            '\n' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out
}

/// A line of a series, if it is one; dates that stand alone say that they are dates.
pub(super) fn recurrence(line: &str) -> Option<String> {
    let (head, value) = line.trim().split_once(':')?;
    let mut parts = head.split(';');
    let name = parts.next()?.to_ascii_uppercase();
    if !matches!(name.as_str(), "RRULE" | "EXRULE" | "RDATE" | "EXDATE") || line.contains(['\r', '\n']) {
        return None;
    }
    let is_date = |value: &str| value.len() == 8 && value.bytes().all(|byte| byte.is_ascii_digit());
    let dates = name.ends_with("DATE") && value.split(',').all(is_date);
    if dates && !head.to_ascii_uppercase().contains("VALUE=") {
        return Some(format!("{name};VALUE=DATE:{value}"));
    }
    Some(line.trim().to_owned())
}
