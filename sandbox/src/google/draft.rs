//! What a client wants an event to be: merged as the method says, then checked as Google checks it.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::{problem::Problem, query::Query, rule::Series, span::Span};

/// Fields a client may write; everything else in a body is ignored, silently and with 200.
const WRITABLE: [&str; 28] = [
    "anyoneCanAddSelf",
    "attachments",
    "attendees",
    "birthdayProperties",
    "colorId",
    "conferenceData",
    "description",
    "end",
    "eventLabelId",
    "eventType",
    "extendedProperties",
    "focusTimeProperties",
    "gadget",
    "guestsCanInviteOthers",
    "guestsCanModify",
    "guestsCanSeeOtherGuests",
    "location",
    "outOfOfficeProperties",
    "recurrence",
    "reminders",
    "source",
    "start",
    "status",
    "summary",
    "transparency",
    "visibility",
    "workingLocationProperties",
    "privateCopy",
];
const ENUMS: [(&str, &[&str]); 4] = [
    ("status", &["confirmed", "tentative", "cancelled"]),
    ("transparency", &["opaque", "transparent"]),
    ("visibility", &["default", "public", "private", "confidential"]),
    ("eventType", &["birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation"]),
];
const TEXTS: [&str; 5] = ["summary", "description", "location", "colorId", "eventLabelId"];
const ATTACHMENTS_MAX: usize = 25;
const OVERRIDES_MAX: usize = 5;
const PROPERTY_KEY_MAX: usize = 44;
const PROPERTY_VALUE_MAX: usize = 1_024;
const PROPERTIES_MAX: usize = 300;
const PROPERTIES_MAX_BYTES: usize = 32 << 10;

/// Which optional parts of a body the client has said it understands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Understands {
    conference: bool,
    attachments: bool,
    labels: bool,
}

impl Understands {
    pub fn from_query(query: &Query) -> Result<Self, Problem> {
        Ok(Self {
            conference: query.number("conferenceDataVersion")? == Some(1),
            attachments: query.is_set("supportsAttachments")?,
            labels: query.number("eventLabelVersion")? == Some(1),
        })
    }

    /// For hands that stand for Google's own web page.
    pub fn everything() -> Self {
        Self { conference: true, attachments: true, labels: true }
    }
}

/// A checked event: its time, its other fields without `status: cancelled`, and whether it is to be cancelled.
pub struct Draft {
    pub span: Span,
    pub fields: Map<String, Value>,
    pub cancelled: bool,
}

/// The parts of a body that count: writable, and understood by the client.
pub fn writable(body: &Map<String, Value>, understands: Understands) -> Map<String, Value> {
    let counts = |name: &str| match name {
        "conferenceData" => understands.conference,
        "attachments" => understands.attachments,
        "eventLabelId" => understands.labels,
        "colorId" => !understands.labels,
        _ => WRITABLE.contains(&name),
    };
    body.iter().filter(|(name, _)| counts(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// PATCH: objects merge, `null` removes, arrays are replaced whole.
pub fn merge(into: &mut Map<String, Value>, change: &Map<String, Value>) {
    for (name, value) in change {
        match (into.get_mut(name), value) {
            (_, Value::Null) => drop(into.remove(name)),
            (Some(Value::Object(inner)), Value::Object(change)) => merge(inner, change),
            (_, Value::Object(change)) => {
                let mut inner = Map::new();
                merge(&mut inner, change);
                into.insert(name.clone(), Value::Object(inner));
            }
            _ => drop(into.insert(name.clone(), value.clone())),
        }
    }
}

pub fn check(mut fields: Map<String, Value>) -> Result<Draft, Problem> {
    fields.retain(|_, value| !value.is_null());
    check_words(&fields)?;
    let span = Span::read(fields.remove("start").as_ref(), fields.remove("end").as_ref())?;
    check_recurrence(&fields, span)?;
    check_people(&mut fields)?;
    check_properties(&fields)?;
    check_lists(&fields)?;
    check_event_type(&fields, span)?;
    check_conference(&fields)?;
    make_conference(&mut fields);
    let cancelled = fields.get("status").is_some_and(|status| status == "cancelled");
    if cancelled {
        fields.remove("status");
    }
    Ok(Draft { span, fields, cancelled })
}

/// Ids chosen by a client are base32hex, 5 to 1024 characters; the refusal names no field.
pub fn check_id(id: &str) -> Result<(), Problem> {
    let fits =
        (5..=1_024).contains(&id.len()) && id.bytes().all(|byte| matches!(byte, b'a'..=b'v' | b'0'..=b'9'));
    if fits { Ok(()) } else { Err(Problem::invalid_id()) }
}

fn check_words(fields: &Map<String, Value>) -> Result<(), Problem> {
    for name in TEXTS {
        if fields.get(name).is_some_and(|value| !value.is_string()) {
            return Err(Problem::parse_error());
        }
    }
    for (name, words) in ENUMS {
        let Some(value) = fields.get(name) else { continue };
        if !value.as_str().is_some_and(|value| words.contains(&value)) {
            return Err(Problem::invalid(format!(
                "Invalid value for: {value} is not a valid value of {name}"
            )));
        }
    }
    Ok(())
}

fn check_recurrence(fields: &Map<String, Value>, span: Span) -> Result<(), Problem> {
    let Some(value) = fields.get("recurrence") else { return Ok(()) };
    let lines = value.as_array().ok_or_else(Problem::parse_error)?;
    let lines: Option<Vec<String>> = lines.iter().map(|line| line.as_str().map(str::to_owned)).collect();
    let lines = lines.ok_or_else(Problem::parse_error)?;
    if lines.is_empty() { Ok(()) } else { Series::new(&lines, span).check() }
}

fn check_people(fields: &mut Map<String, Value>) -> Result<(), Problem> {
    let Some(attendees) = fields.get_mut("attendees") else { return Ok(()) };
    for attendee in attendees.as_array_mut().ok_or_else(Problem::parse_error)? {
        let attendee = attendee.as_object_mut().ok_or_else(Problem::parse_error)?;
        let email = attendee.get("email").and_then(Value::as_str);
        let email = email.ok_or_else(|| Problem::required("Missing attendee email."))?;
        if !email.contains('@') {
            return Err(Problem::invalid("Invalid attendee email."));
        }
        attendee.entry("responseStatus").or_insert_with(|| json!("needsAction"));
        ["self", "organizer", "id"].into_iter().for_each(|name| drop(attendee.remove(name)));
    }
    Ok(())
}

fn check_properties(fields: &Map<String, Value>) -> Result<(), Problem> {
    let Some(properties) = fields.get("extendedProperties") else { return Ok(()) };
    for kind in ["private", "shared"] {
        let Some(properties) = properties.get(kind) else { continue };
        let properties = properties.as_object().ok_or_else(Problem::parse_error)?;
        let mut bytes = 0;
        for (key, value) in properties {
            let value = value.as_str().ok_or_else(Problem::parse_error)?;
            bytes += key.len() + value.len();
            if key.chars().count() > PROPERTY_KEY_MAX || value.chars().count() > PROPERTY_VALUE_MAX {
                return Err(Problem::invalid("The extended property is too long."));
            }
        }
        if properties.len() > PROPERTIES_MAX || bytes > PROPERTIES_MAX_BYTES {
            return Err(Problem::invalid("The extended properties are too many."));
        }
    }
    Ok(())
}

fn check_lists(fields: &Map<String, Value>) -> Result<(), Problem> {
    let length = |value: Option<&Value>| value.and_then(Value::as_array).map_or(0, Vec::len);
    if length(fields.get("attachments")) > ATTACHMENTS_MAX {
        return Err(Problem::invalid("The event has too many attachments."));
    }
    let Some(reminders) = fields.get("reminders") else { return Ok(()) };
    let overrides = reminders.get("overrides");
    if length(overrides) > OVERRIDES_MAX {
        return Err(Problem::invalid("The event has too many override reminders."));
    }
    if reminders.get("useDefault") == Some(&json!(true)) && length(overrides) > 0 {
        let message = "Cannot specify both default reminders and overrides at the same time.";
        return Err(Problem::invalid(message));
    }
    let minutes = |entry: &Value| entry.get("minutes").and_then(Value::as_i64);
    let fits = |entry: &Value| minutes(entry).is_some_and(|minutes| (0..=40_320).contains(&minutes));
    let all_fit = overrides.and_then(Value::as_array).is_none_or(|entries| entries.iter().all(fits));
    if all_fit { Ok(()) } else { Err(Problem::invalid("Invalid reminder.")) }
}

fn check_event_type(fields: &Map<String, Value>, span: Span) -> Result<(), Problem> {
    let refuse = |message| Err(Problem::event_type_restriction(message));
    let whole_days = matches!(span, Span::AllDay { .. });
    match fields.get("eventType").and_then(Value::as_str).unwrap_or("default") {
        "fromGmail" => refuse("Events from Gmail cannot be created."),
        "focusTime" | "outOfOffice" if whole_days => refuse("This event type cannot be an all-day event."),
        "birthday" if !is_one_day(span) => refuse("A birthday must be an all-day event of one day."),
        "workingLocation" if !fields.contains_key("workingLocationProperties") => {
            refuse("A working location event must have working location properties.")
        }
        _ => Ok(()),
    }
}

fn is_one_day(span: Span) -> bool {
    matches!(span, Span::AllDay { start, end } if end - start == TimeDelta::days(1))
}

/// One that is there already says how to join it; else it is to be made.
fn check_conference(fields: &Map<String, Value>) -> Result<(), Problem> {
    let Some(conference) = fields.get("conferenceData") else { return Ok(()) };
    let has = |name: &str| conference.get(name).is_some_and(|value| !value.is_null());
    let joins = conference.get("entryPoints").and_then(Value::as_array).is_some_and(|it| !it.is_empty());
    let fits = has("createRequest") || (has("conferenceSolution") && joins);
    if fits { Ok(()) } else { Err(Problem::invalid("Invalid conference data.")) }
}

/// A create request becomes a conference at once; a request id that is there already changes nothing.
fn make_conference(fields: &mut Map<String, Value>) {
    let Some(conference) = fields.get_mut("conferenceData").and_then(Value::as_object_mut) else { return };
    let request = conference.get("createRequest").and_then(|request| request.get("requestId"));
    let Some(request_id) = request.and_then(Value::as_str).map(str::to_owned) else { return };
    if conference.get("conferenceId").is_some() {
        return;
    }
    let uri = format!("https://meet.google.com/{request_id}");
    conference.insert("conferenceId".to_owned(), json!(request_id));
    let solution = json!({"key": {"type": "hangoutsMeet"}, "name": "Google Meet"});
    conference.insert("conferenceSolution".to_owned(), solution);
    conference.insert("entryPoints".to_owned(), json!([{"entryPointType": "video", "uri": uri}]));
    if let Some(request) = conference.get_mut("createRequest").and_then(Value::as_object_mut) {
        request.insert("status".to_owned(), json!({"statusCode": "success"}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn event(more: Value) -> Map<String, Value> {
        let mut fields = object(json!({
            "start": {"dateTime": "2026-03-02T09:00:00Z"},
            "end": {"dateTime": "2026-03-02T10:00:00Z"},
        }));
        fields.extend(object(more));
        fields
    }

    fn reason(more: Value) -> String {
        check(event(more)).err().map_or_else(String::new, |problem| problem.reason)
    }

    #[test]
    fn ids_are_base32hex_of_5_to_1024() {
        for fine in ["abcde", "0123456789abcdefghijklmnopqrstuv"] {
            assert!(check_id(fine).is_ok(), "{fine}");
        }
        for bad in ["abcd", "ABCDE", "wxyza", "abc-de", "abc_de", &"a".repeat(1_025)] {
            assert_eq!(check_id(bad).unwrap_err(), Problem::invalid_id());
        }
    }

    #[test]
    fn a_patch_merges_objects_replaces_arrays_and_removes_by_null() {
        let mut into = object(json!({
            "summary": "a", "location": "b",
            "attendees": [{"email": "x@y.example"}],
            "extendedProperties": {"private": {"k": "1", "l": "2"}},
        }));
        let change = json!({"location": null, "attendees": [], "extendedProperties": {"private": {"k": null, "m": "3"}}});
        merge(&mut into, &object(change));
        let merged =
            json!({"summary": "a", "attendees": [], "extendedProperties": {"private": {"l": "2", "m": "3"}}});
        assert_eq!(Value::Object(into), merged);
    }

    #[test]
    fn parts_the_client_has_not_announced_are_ignored() {
        let body = object(
            json!({"conferenceData": {}, "attachments": [], "colorId": "3", "etag": "x", "htmlLink": "y"}),
        );
        let kept = writable(&body, Understands::default());
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["colorId"]);
        let kept = writable(&body, Understands::everything());
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["attachments", "conferenceData"]);
    }

    #[test]
    fn extended_properties_have_limits() {
        let properties = |key: &str, value: &str| json!({"extendedProperties": {"private": {key: value}}});
        assert_eq!(reason(properties(&"k".repeat(44), &"v".repeat(1_024))), "");
        assert_eq!(reason(properties(&"k".repeat(45), "v")), "invalid");
        assert_eq!(reason(properties("k", &"v".repeat(1_025))), "invalid");
    }

    #[test]
    fn words_outside_their_lists_are_refused() {
        assert_eq!(reason(json!({"status": "maybe"})), "invalid");
        assert_eq!(reason(json!({"transparency": "glass"})), "invalid");
        assert_eq!(reason(json!({"summary": 7})), "parseError");
    }

    #[test]
    fn event_types_have_rules() {
        assert_eq!(reason(json!({"eventType": "fromGmail"})), "eventTypeRestriction");
        assert_eq!(reason(json!({"eventType": "birthday"})), "eventTypeRestriction");
        assert_eq!(reason(json!({"eventType": "focusTime"})), "");
    }

    #[test]
    fn an_attendee_needs_an_address() {
        assert_eq!(reason(json!({"attendees": [{"displayName": "A"}]})), "required");
        assert_eq!(reason(json!({"attendees": [{"email": "nobody"}]})), "invalid");
    }

    #[test]
    fn a_conference_that_is_there_says_how_to_join_it() {
        let with = |conference: Value| reason(json!({ "conferenceData": conference }));
        let (solution, entry) =
            (json!({"key": {"type": "hangoutsMeet"}}), json!({"uri": "https://meet.example/a"}));
        assert_eq!(
            with(json!({"conferenceId": "a", "conferenceSolution": solution, "entryPoints": [entry]})),
            ""
        );
        assert_eq!(with(json!({"conferenceId": "a", "conferenceSolution": solution})), "invalid");
        assert_eq!(with(json!({"conferenceId": "a", "entryPoints": [entry]})), "invalid");
    }

    #[test]
    fn a_conference_is_made_once_per_request_id() {
        let request = json!({"conferenceData": {"createRequest": {"requestId": "abc"}}});
        let first = check(event(request)).unwrap();
        let again = check(event(Value::Object(first.fields.clone()))).unwrap();
        assert_eq!(first.fields, again.fields);
        assert_eq!(again.fields["conferenceData"]["createRequest"]["status"]["statusCode"], "success");
    }
}
