//! OData's query options as far as the calendar API takes them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::error::GraphError;
use super::mailbox::Window;
use super::moment::parse_bound;

const PAGE_MAX: usize = 1_000;
/// Graph answers no view longer than this.
const VIEW_MAX_DAYS: i64 = 1_825;

/// The query string, names without regard to case.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(text: &str) -> Self {
        Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn first_of(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.get(name).is_some())
    }

    fn number(&self, name: &str) -> Result<Option<usize>, GraphError> {
        self.get(name)
            .map(|text| {
                text.parse().map_err(|_| {
                    GraphError::new(
                        400,
                        "BadRequest",
                        format!("Invalid value '{text}' for {name} query option found."),
                    )
                })
            })
            .transpose()
    }

    pub fn window(&self) -> Result<Window, GraphError> {
        let bound = |name| -> Result<DateTime<Utc>, GraphError> {
            let text = self.get(name).ok_or_else(|| {
                GraphError::invalid_parameter(
                    "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
                )
            })?;
            parse_bound(name, text)
        };
        let window = Window { start: bound("startDateTime")?, end: bound("endDateTime")? };
        if window.end < window.start {
            return Err(GraphError::invalid_parameter(
                "The end of the window must not be earlier than its start.",
            ));
        }
        if (window.end - window.start).num_days() > VIEW_MAX_DAYS {
            return Err(GraphError::new(
                400,
                "ErrorCalendarViewRangeTooBig",
                format!("The specified calendar view range is larger than {VIEW_MAX_DAYS} days."),
            ));
        }
        Ok(window)
    }

    pub fn page(&self, preferred: Option<usize>, default: usize) -> Result<PageAsk, GraphError> {
        let size = self.number("$top")?.or(preferred).unwrap_or(default);
        if !(1..=PAGE_MAX).contains(&size) {
            return Err(GraphError::new(
                400,
                "BadRequest",
                format!("The limit of '{PAGE_MAX}' for Top query has been exceeded."),
            ));
        }
        Ok(PageAsk { size, skip: self.number("$skip")?.unwrap_or(0) })
    }

    /// The same query with another `$skip`.
    pub fn skipping(&self, skip: usize) -> String {
        let kept = self.0.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("$skip"));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept);
        query.append_pair("$skip", &skip.to_string());
        query.finish()
    }

    pub fn select(&self) -> Result<Option<Vec<String>>, GraphError> {
        let Some(text) = self.get("$select") else { return Ok(None) };
        let names: Vec<String> =
            text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        match names.iter().find(|name| name.starts_with('@')) {
            Some(name) => Err(unknown_property(name)),
            None => Ok(Some(names)),
        }
    }

    pub fn expand(&self) -> Result<Vec<Expand>, GraphError> {
        let text = self.get("$expand").unwrap_or_default();
        split_top(text, ',')
            .into_iter()
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(Expand::parse)
            .collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageAsk {
    pub size: usize,
    pub skip: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expand {
    Exceptions,
    /// Only the properties whose ids were named come back.
    Extended(Vec<String>),
    /// Asked for, and always empty here.
    Nothing(String),
}

impl Expand {
    fn parse(text: &str) -> Result<Self, GraphError> {
        let (name, options) = text.split_once('(').unwrap_or((text, ""));
        match name {
            "exceptionOccurrences" => Ok(Self::Exceptions),
            "singleValueExtendedProperties" => {
                let ids = options.split("id eq '").skip(1).filter_map(|rest| rest.split('\'').next());
                let ids: Vec<String> = ids.map(str::to_owned).collect();
                if ids.is_empty() {
                    return Err(GraphError::unsupported_query(
                        "Expanding extended properties needs $filter=id eq '…'.",
                    ));
                }
                Ok(Self::Extended(ids))
            }
            "attachments" | "extensions" | "multiValueExtendedProperties" => {
                Ok(Self::Nothing(name.to_owned()))
            }
            _ => Err(GraphError::new(
                400,
                "RequestBroker--ParseUri",
                format!("Could not find a property named '{name}' on type 'microsoft.graph.event'."),
            )),
        }
    }
}

pub fn unknown_property(name: &str) -> GraphError {
    GraphError::new(
        400,
        "RequestBroker--ParseUri",
        format!("Could not find a property named '{name}' on type 'microsoft.graph.event'."),
    )
}

/// Comes only when it is asked for by name, and only from one master.
pub const CANCELLED: &str = "cancelledOccurrences";

/// Keeps the chosen properties; the id and the etag stay in any case.
pub fn chosen(
    mut json: Map<String, Value>,
    select: Option<&[String]>,
) -> Result<Map<String, Value>, GraphError> {
    let Some(names) = select else { return Ok(json) };
    // These are properties of every event, though not every event has a value for them.
    let known = |name: &str| json.contains_key(name) || name == CANCELLED || name == "originalStart";
    if let Some(name) = names.iter().find(|name| !known(name)) {
        return Err(unknown_property(name));
    }
    json.retain(|name, _| name == "id" || name.starts_with('@') || names.contains(name));
    Ok(json)
}

/// Splits outside of brackets and quotes.
pub fn split_top(text: &str, at: char) -> Vec<&str> {
    let (mut depth, mut quoted) = (0_i32, false);
    text.split(move |letter: char| {
        match letter {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        letter == at && depth == 0 && !quoted
    })
    .collect()
}

/// `$orderby` by one property, of those the calendar API is known to order by.
pub struct Order {
    pointer: String,
    pub descending: bool,
}

impl Order {
    pub fn parse(text: &str) -> Result<Self, GraphError> {
        let (name, direction) = text.trim().split_once(' ').unwrap_or((text.trim(), "asc"));
        match name {
            "start/dateTime" | "end/dateTime" | "subject" | "createdDateTime" | "lastModifiedDateTime" => {
                Ok(Self { pointer: format!("/{name}"), descending: direction.trim() == "desc" })
            }
            _ => Err(GraphError::new(
                400,
                "ErrorInvalidProperty",
                format!("The property '{name}' does not support ordering."),
            )),
        }
    }

    pub fn rank(&self, event: &Map<String, Value>) -> String {
        let mut names = self.pointer.split('/').skip(1);
        let first = names.next().and_then(|name| event.get(name));
        let value = names.fold(first, |value, name| value.and_then(|value| value.get(name)));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}
