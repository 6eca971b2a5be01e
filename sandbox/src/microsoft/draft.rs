//! What a client writes: the body of a POST or PATCH, checked property by property.

use serde_json::{Map, Value, json};

use super::error::GraphError;
use super::moment::Moment;

/// The properties of an event body that were present, sorted by how they are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub fields: Map<String, Value>,
    pub start: Option<Moment>,
    pub end: Option<Moment>,
    /// `Some(Null)` makes a series a single event again.
    pub recurrence: Option<Value>,
    pub transaction_id: Option<String>,
    pub extended: Vec<(String, String)>,
}

const BOOLEANS: [&str; 6] = [
    "isAllDay",
    "isReminderOn",
    "responseRequested",
    "allowNewTimeProposals",
    "hideAttendees",
    "isOnlineMeeting",
];
const ENUMS: [(&str, &[&str]); 4] = [
    ("showAs", &["free", "tentative", "busy", "oof", "workingElsewhere", "unknown"]),
    ("sensitivity", &["normal", "personal", "private", "confidential"]),
    ("importance", &["low", "normal", "high"]),
    ("onlineMeetingProvider", &["unknown", "teamsForBusiness", "skypeForBusiness", "skypeForConsumer"]),
];
const LISTS: [&str; 3] = ["categories", "attendees", "locations"];
/// Sent back by clients that write what they read; Graph takes them and changes nothing.
const READ_ONLY: [&str; 27] = [
    "id",
    "type",
    "iCalUId",
    "uid",
    "changeKey",
    "createdDateTime",
    "lastModifiedDateTime",
    "seriesMasterId",
    "occurrenceId",
    "originalStart",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "isCancelled",
    "isOrganizer",
    "isDraft",
    "hasAttachments",
    "attachments",
    "bodyPreview",
    "webLink",
    "organizer",
    "responseStatus",
    "onlineMeeting",
    "onlineMeetingUrl",
    "instances",
    "calendar",
    "extensions",
    "multiValueExtendedProperties",
];

impl Draft {
    pub fn parse(body: &Value) -> Result<Self, GraphError> {
        let fields =
            body.as_object().ok_or_else(|| GraphError::bad_body("The body must be a JSON object."))?;
        let mut draft = Self::default();
        for (name, value) in fields {
            draft.take(name, value)?;
        }
        Ok(draft)
    }

    fn take(&mut self, name: &str, value: &Value) -> Result<(), GraphError> {
        match name {
            "start" => self.start = Some(Moment::parse("start", value)?),
            "end" => self.end = Some(Moment::parse("end", value)?),
            "recurrence" => self.recurrence = Some(value.clone()),
            "transactionId" => self.transaction_id = value.as_str().map(str::to_owned),
            "singleValueExtendedProperties" => self.extended = extended(value)?,
            "location" => self.take_location(value),
            "locations" => self.take_locations(list(name, value)?),
            "body" => self.fields.insert(name.into(), body(value)?).map_or((), drop),
            "subject" => self.set(name, value, value.is_string() || value.is_null())?,
            "reminderMinutesBeforeStart" => self.set(name, value, value.is_i64())?,
            _ if BOOLEANS.contains(&name) => self.set(name, value, value.is_boolean())?,
            _ if LISTS.contains(&name) => self.set(name, value, value.is_array())?,
            _ if READ_ONLY.contains(&name) || name.contains('@') => {}
            _ => self.take_enum(name, value)?,
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &Value, fits: bool) -> Result<(), GraphError> {
        if !fits {
            return Err(GraphError::bad_body(format!(
                "Cannot convert a value to the type of the property '{name}'."
            )));
        }
        self.fields.insert(name.into(), value.clone());
        Ok(())
    }

    fn take_enum(&mut self, name: &str, value: &Value) -> Result<(), GraphError> {
        let Some((_, words)) = ENUMS.iter().find(|(known, _)| *known == name) else {
            return Err(GraphError::bad_body(format!(
                "The property '{name}' does not exist on type 'microsoft.graph.event'. \
                 Make sure to only use property names that are defined by the type."
            )));
        };
        let text = value.as_str().unwrap_or_default();
        let word = words.iter().find(|word| word.eq_ignore_ascii_case(text)).ok_or_else(|| {
            GraphError::bad_body(format!(
                "Requested value '{text}' of '{name}' was not found in its enumeration."
            ))
        })?;
        self.fields.insert(name.into(), json!(word));
        Ok(())
    }

    /// Writing the one location throws the others away.
    fn take_location(&mut self, value: &Value) {
        let location = location(value);
        let none = location.get("displayName").and_then(Value::as_str).is_none_or(str::is_empty);
        let locations = if none { json!([]) } else { json!([location]) };
        self.fields.insert("location".into(), location);
        self.fields.insert("locations".into(), locations);
    }

    fn take_locations(&mut self, values: &[Value]) {
        let locations: Vec<Value> = values.iter().map(location).collect();
        let first = locations.first().cloned().unwrap_or_else(|| location(&Value::Null));
        self.fields.insert("location".into(), first);
        self.fields.insert("locations".into(), json!(locations));
    }

    /// What attendees answered is theirs to say: an organizer's client invites them, and that is all.
    pub fn by_a_client(mut self) -> Self {
        let attendees = self.fields.get_mut("attendees").and_then(Value::as_array_mut);
        for attendee in attendees.into_iter().flatten().filter_map(Value::as_object_mut) {
            attendee.insert("status".into(), json!({"response": "none", "time": "0001-01-01T00:00:00Z"}));
        }
        self
    }

    /// What an event has of which its writer said nothing.
    pub fn with_defaults(mut self) -> Self {
        let mut fields = defaults();
        fields.append(&mut self.fields);
        self.fields = fields;
        self
    }
}

fn defaults() -> Map<String, Value> {
    let defaults = json!({
        "subject": "",
        "body": {"contentType": "html", "content": ""},
        "isAllDay": false,
        "showAs": "busy",
        "sensitivity": "normal",
        "importance": "normal",
        "categories": [],
        "attendees": [],
        "location": location(&Value::Null),
        "locations": [],
        "isReminderOn": true,
        "reminderMinutesBeforeStart": 15,
        "responseRequested": true,
        "allowNewTimeProposals": true,
        "hideAttendees": false,
        "isOnlineMeeting": false,
        "onlineMeetingProvider": "unknown",
    });
    defaults.as_object().cloned().unwrap_or_default()
}

fn location(value: &Value) -> Value {
    let mut fields = value.as_object().cloned().unwrap_or_default();
    fields.retain(|name, _| !name.contains('@'));
    let name = fields.get("displayName").and_then(Value::as_str).unwrap_or_default().to_owned();
    fields.insert("displayName".into(), json!(name));
    fields.entry("locationType").or_insert(json!("default"));
    if !name.is_empty() {
        fields.entry("uniqueId").or_insert(json!(name));
    }
    fields.entry("uniqueIdType").or_insert(json!(if name.is_empty() { "unknown" } else { "private" }));
    Value::Object(fields)
}

fn body(value: &Value) -> Result<Value, GraphError> {
    let content = value.get("content").and_then(Value::as_str).unwrap_or_default();
    let kind = value.get("contentType").and_then(Value::as_str).unwrap_or("text").to_ascii_lowercase();
    match kind.as_str() {
        "text" | "html" => Ok(json!({"contentType": kind, "content": content})),
        _ => Err(GraphError::bad_body(format!(
            "Requested value '{kind}' of 'contentType' was not found in its enumeration."
        ))),
    }
}

fn list<'a>(name: &str, value: &'a Value) -> Result<&'a [Value], GraphError> {
    let list = value.as_array().map(Vec::as_slice);
    list.ok_or_else(|| GraphError::bad_body(format!("The property '{name}' must be a collection.")))
}

fn extended(value: &Value) -> Result<Vec<(String, String)>, GraphError> {
    list("singleValueExtendedProperties", value)?
        .iter()
        .map(|property| {
            let text = |name| property.get(name).and_then(Value::as_str).map(str::to_owned);
            match (text("id").filter(|id| is_property_id(id)), text("value")) {
                (Some(id), Some(value)) => Ok((id, value)),
                _ => Err(GraphError::new(
                    400,
                    "ErrorInvalidExtendedProperty",
                    "An extended property needs a valid id and a value.",
                )),
            }
        })
        .collect()
}

/// `{type} {guid} Name {name}`, `{type} {guid} Id {number}` or `{type} {tag}`.
pub fn is_property_id(id: &str) -> bool {
    let parts: Vec<&str> = id.splitn(4, ' ').collect();
    let is_guid = |text: &str| {
        let text = text.trim_start_matches('{').trim_end_matches('}');
        text.len() == 36 && text.bytes().all(|letter| letter.is_ascii_hexdigit() || letter == b'-')
    };
    match parts.as_slice() {
        [_, guid, "Name" | "Id", name] => is_guid(guid) && !name.is_empty(),
        [_, tag] => tag.starts_with("0x"),
        _ => false,
    }
}

/// Two spellings of one property: the GUID's case does not matter, the name's does.
pub fn same_property(one: &str, other: &str) -> bool {
    let head = |id: &str| id.rsplit_once(' ').map(|(head, _)| head.to_ascii_lowercase());
    let name = |id: &str| id.rsplit_once(' ').map(|(_, name)| name.to_owned());
    head(one) == head(other) && name(one) == name(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: Value) -> String {
        Draft::parse(&body).unwrap_err().code
    }

    #[test]
    fn a_property_the_type_does_not_have_is_refused_by_name() {
        let error = Draft::parse(&json!({"title": "x"})).unwrap_err();
        assert_eq!(error.code, "RequestBodyRead");
        assert!(error.message.contains("'title'"));
    }

    #[test]
    fn words_outside_an_enumeration_are_refused() {
        assert_eq!(refused(json!({"showAs": "away"})), "RequestBodyRead");
        assert_eq!(refused(json!({"sensitivity": "secret"})), "RequestBodyRead");
        assert_eq!(Draft::parse(&json!({"showAs": "OOF"})).unwrap().fields["showAs"], "oof");
    }

    #[test]
    fn read_only_properties_and_annotations_change_nothing() {
        let draft =
            Draft::parse(&json!({"id": "x", "type": "exception", "@odata.type": "#microsoft.graph.event"}));
        assert_eq!(draft.unwrap(), Draft::default());
    }

    #[test]
    fn one_location_wipes_the_others() {
        let draft = Draft::parse(&json!({"location": {"displayName": "Ward 3"}})).unwrap();
        assert_eq!(draft.fields["locations"].as_array().unwrap().len(), 1);
        let draft =
            Draft::parse(&json!({"locations": [{"displayName": "A"}, {"displayName": "B"}]})).unwrap();
        assert_eq!(draft.fields["location"]["displayName"], "A");
        let draft = Draft::parse(&json!({"location": {"displayName": ""}})).unwrap();
        assert_eq!(draft.fields["locations"], json!([]));
    }

    #[test]
    fn no_client_answers_for_those_whom_it_invites() {
        let attendee = json!({"emailAddress": {"address": "li@x.org"}, "status": {"response": "accepted"}});
        let draft = Draft::parse(&json!({"attendees": [attendee]})).unwrap().by_a_client();
        assert_eq!(draft.fields["attendees"][0]["status"]["response"], "none");
    }

    #[test]
    fn an_extended_property_needs_a_full_id() {
        let guid = "{66f5a359-4659-4830-9070-00047ec6ac6e}";
        let good = format!("String {guid} Name booking");
        let draft =
            Draft::parse(&json!({"singleValueExtendedProperties": [{"id": good, "value": "b1"}]})).unwrap();
        assert_eq!(draft.extended, [(good.clone(), "b1".to_owned())]);
        assert_eq!(
            refused(json!({"singleValueExtendedProperties": [{"id": "booking", "value": "b1"}]})),
            "ErrorInvalidExtendedProperty"
        );
        assert!(same_property(&good, &good.replace("66f5a359", "66F5A359")));
        assert!(!same_property(&good, &good.replace("booking", "Booking")));
    }
}
