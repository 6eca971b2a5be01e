//! Graph's JSON, as far as Daymark reads it. Enumerations stay text: Graph adds values without notice.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// `null` and absence both mean the default.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// Any collection, paged; `delta_link` only on the last page of a delta round.
#[derive(Deserialize)]
pub(super) struct List {
    #[serde(default)]
    pub value: Vec<Value>,
    #[serde(rename = "@odata.nextLink")]
    pub next_link: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    pub delta_link: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Me {
    pub mail: Option<String>,
    pub user_principal_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Calendar {
    pub id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    #[serde(default, deserialize_with = "nullable")]
    pub hex_color: String,
    #[serde(default, deserialize_with = "nullable")]
    pub can_edit: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub is_default_calendar: bool,
}

/// What tells a full item, a stub and a tombstone of a delta page apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    pub id: String,
    #[serde(rename = "type", default, deserialize_with = "nullable")]
    pub kind: String,
    pub series_master_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub is_cancelled: bool,
    #[serde(rename = "@removed")]
    pub removed: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub id: String,
    #[serde(rename = "@odata.etag")]
    pub etag: Option<String>,
    #[serde(rename = "iCalUId", default, deserialize_with = "nullable")]
    pub uid: String,
    pub series_master_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub subject: String,
    pub body: Option<Body>,
    pub location: Option<Location>,
    pub start: Moment,
    pub end: Moment,
    #[serde(default, deserialize_with = "nullable")]
    pub is_all_day: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub is_cancelled: bool,
    pub is_organizer: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    pub show_as: String,
    #[serde(default, deserialize_with = "nullable")]
    pub sensitivity: String,
    pub response_status: Option<ResponseStatus>,
    pub original_start: Option<String>,
    pub original_start_time_zone: Option<String>,
    pub last_modified_date_time: Option<String>,
    pub recurrence: Option<Recurrence>,
    #[serde(default, deserialize_with = "nullable")]
    pub single_value_extended_properties: Vec<ExtendedProperty>,
}

#[derive(Deserialize)]
pub(super) struct Body {
    #[serde(default, deserialize_with = "nullable")]
    pub content: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    #[serde(default, deserialize_with = "nullable")]
    pub display_name: String,
}

#[derive(Deserialize)]
pub(super) struct ResponseStatus {
    #[serde(default, deserialize_with = "nullable")]
    pub response: String,
}

/// A wall time without offset, and the zone to read it in.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Moment {
    pub date_time: String,
    pub time_zone: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ExtendedProperty {
    pub id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct Recurrence {
    pub pattern: Pattern,
    pub range: Range,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pattern {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, deserialize_with = "nullable")]
    pub interval: u32,
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_zero")]
    pub month: u32,
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_zero")]
    pub day_of_month: u32,
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub days_of_week: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_day_of_week: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Range {
    #[serde(rename = "type")]
    pub kind: String,
    pub start_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recurrence_time_zone: Option<String>,
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_zero")]
    pub number_of_occurrences: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cancelled {
    #[serde(default, deserialize_with = "nullable")]
    pub cancelled_occurrences: Vec<String>,
}

/// A refusal; only the code is branched on.
#[derive(Deserialize)]
pub(super) struct Refusal {
    pub error: RefusalDetail,
}

#[derive(Deserialize)]
pub(super) struct RefusalDetail {
    #[serde(default, deserialize_with = "nullable")]
    pub code: String,
    #[serde(default, deserialize_with = "nullable")]
    pub message: String,
}
