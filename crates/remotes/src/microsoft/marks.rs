//! How Daymark's marks live in a Graph event: named string properties that other clients carry along
//! and never show.
//!
//! Delta queries cannot bring such properties along (no `$expand`), and their events carry nothing
//! that tells a marked one from any other. So a page that has single events costs one more request,
//! which names the marked events of the calendar; it needs no memory of earlier rounds, and a
//! booking's event is known again when the local database is lost.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::wire::ExtendedProperty;

/// Where an event's JSON keeps such properties.
pub(super) const PROPERTIES: &str = "singleValueExtendedProperties";

/// A property set of Daymark's own.
const SET: &str = "{6f1c3a52-8b0e-4d39-9a7c-2e51d4b8c0f7}";

/// All marks in one property, as a JSON object.
fn property() -> String {
    format!("String {SET} Name daymark-marks")
}

/// The derived id of the draft that an event was made from: `transactionId` cannot be searched for.
fn draft_property() -> String {
    format!("String {SET} Name daymark-draft")
}

/// Always `yes`: filters compare whole values, so this one finds every marked event.
fn flag_property() -> String {
    format!("String {SET} Name daymark-marked")
}

pub(super) fn read(properties: &[ExtendedProperty]) -> BTreeMap<String, String> {
    let property = property();
    let found = properties.iter().find(|known| known.id.eq_ignore_ascii_case(&property));
    // What is no JSON object was not written by Daymark, and marks nothing.
    found.and_then(|known| serde_json::from_str(&known.value).ok()).unwrap_or_default()
}

pub(super) fn written(marks: &BTreeMap<String, String>) -> Vec<Value> {
    vec![
        json!({ "id": property(), "value": json!(marks).to_string() }),
        json!({ "id": flag_property(), "value": "yes" }),
    ]
}

pub(super) fn draft_written(derived_id: &str) -> Value {
    json!({ "id": draft_property(), "value": derived_id })
}

/// `$expand` that brings the marks along; not available on delta queries.
pub(super) fn expansion() -> String {
    format!("singleValueExtendedProperties($filter=id eq '{}')", property())
}

/// `$filter` for every event that has marks.
pub(super) fn any_filter() -> String {
    format!("singleValueExtendedProperties/any(ep: ep/id eq '{}' and ep/value eq 'yes')", flag_property())
}

/// `$filter` for the event made from a draft.
pub(super) fn draft_filter(derived_id: &str) -> String {
    let (property, value) = (draft_property(), derived_id.replace('\'', "''"));
    format!("singleValueExtendedProperties/any(ep: ep/id eq '{property}' and ep/value eq '{value}')")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back_as_written() {
        let marks = BTreeMap::from([("daymark-booking".to_owned(), "b'1\"".to_owned())]);
        let properties: Vec<ExtendedProperty> =
            written(&marks).into_iter().map(|property| serde_json::from_value(property).unwrap()).collect();
        assert_eq!(read(&properties), marks);
    }

    #[test]
    fn a_property_that_others_wrote_marks_nothing() {
        let other = ExtendedProperty { id: "String {0} Name x".into(), value: "{\"a\":\"b\"}".into() };
        let broken = ExtendedProperty { id: property(), value: "not json".into() };
        assert_eq!(read(&[other, broken]), BTreeMap::new());
    }
}
