//! The text of a CalDAV resource, as somebody else's program reads and edits it.

use chrono::NaiveDateTime;
use chrono_tz::America::Toronto;
use serde_json::Value;

/// A line of the event in a text; none of these plays folds or escapes one.
fn property_line<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, event) = text.split_once("BEGIN:VEVENT")?;
    event.lines().map(str::trim_end).find(|line| line.starts_with(name))
}

pub fn property(text: &str, name: &str) -> Option<String> {
    property_line(text, name)?.split_once(':').map(|(_, value)| value.to_owned())
}

pub fn caldav_moment(text: &str, name: &str) -> NaiveDateTime {
    let said = property(text, name).unwrap();
    let moment = NaiveDateTime::parse_from_str(said.trim_end_matches('Z'), "%Y%m%dT%H%M%S").unwrap();
    match said.ends_with('Z') {
        true => moment.and_utc().with_timezone(&Toronto).naive_local(),
        false => moment,
    }
}

/// Somebody else's program edits a text.
pub fn edited(text: &str, body: &Value) -> String {
    let mut text = text.replace("\r\n", "\n");
    let mut set = |name: &str, line: String| {
        let old = property_line(&text, name).unwrap().to_owned();
        text = text.replacen(&format!("\n{old}\n"), &format!("\n{line}\n"), 1);
    };
    set("SUMMARY", format!("SUMMARY:{}", body["summary"].as_str().unwrap()));
    for (name, at) in [("DTSTART", "/start/dateTime"), ("DTEND", "/end/dateTime")] {
        if let Some(moment) = body.pointer(at).and_then(Value::as_str) {
            set(name, format!("{name};TZID=America/Toronto:{}", moment.replace(['-', ':'], "")));
        }
    }
    text
}
