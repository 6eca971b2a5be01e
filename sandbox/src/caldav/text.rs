//! The little that the fake reads of an event's text, by its lines.

/// The value of the first line of this name, outside alarms and zones as far as a fake needs it.
pub fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let named = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', ';']));
    text.lines().find(named)?.split_once(':').map(|(_, value)| value.trim())
}

pub fn uid(text: &str) -> &str {
    value(text, "UID").unwrap_or_default()
}

/// The components of a name, each from its `BEGIN` to its `END`.
pub fn components(text: &str, name: &str) -> Vec<String> {
    let (begin, end) = (format!("BEGIN:{name}"), format!("END:{name}"));
    let mut found = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        if line.trim_end() == begin {
            open = Some(String::new());
        }
        if let Some(component) = &mut open {
            component.push_str(line.trim_end());
            component.push_str("\r\n");
        }
        if line.trim_end() == end {
            found.extend(open.take());
        }
    }
    found
}

/// The same event in another form: own program, own order of lines, a line more.
pub fn rewritten(text: &str) -> String {
    let zones: String = components(text, "VTIMEZONE").concat();
    let events: String = components(text, "VEVENT").concat();
    let events = events.replace("END:VEVENT", "X-SERVER-SAW:yes\r\nEND:VEVENT");
    format!("BEGIN:VCALENDAR\r\nPRODID:-//Sandbox//EN\r\nVERSION:2.0\r\n{events}{zones}END:VCALENDAR\r\n")
}

/// Exceptions that are cancelled become excluded dates of their series.
pub fn with_cancelled_as_excluded(text: &str) -> String {
    let mut out = text.to_owned();
    for event in components(text, "VEVENT") {
        let cancelled = value(&event, "STATUS") == Some("CANCELLED");
        let place = event.lines().find(|line| line.starts_with("RECURRENCE-ID"));
        if let (true, Some(place)) = (cancelled, place) {
            out = out.replace(&event, "");
            let excluded = place.replace("RECURRENCE-ID", "EXDATE");
            out = out.replacen("END:VEVENT", &format!("{excluded}\r\nEND:VEVENT"), 1);
        }
    }
    out
}
