//! `$filter` over events: clauses joined by `and`, of the few kinds that a calendar client needs.

use serde_json::{Map, Value};

use super::draft::same_property;
use super::error::GraphError;

/// A conjunction; an event has to fit every clause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter(Vec<Clause>);

#[derive(Clone, Debug, PartialEq)]
enum Clause {
    Compare {
        pointer: String,
        is: Comparison,
        to: String,
    },
    StartsWith {
        pointer: String,
        with: String,
    },
    /// The name counts letter by letter, the value without regard to case.
    Extended {
        id: String,
        value: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Equal,
    Differs,
    AtLeast,
    Above,
    AtMost,
    Below,
}

const COMPARABLE: [&str; 12] = [
    "start/dateTime",
    "end/dateTime",
    "iCalUId",
    "uid",
    "subject",
    "type",
    "seriesMasterId",
    "isAllDay",
    "showAs",
    "sensitivity",
    "createdDateTime",
    "lastModifiedDateTime",
];

impl Filter {
    pub fn parse(text: &str) -> Result<Self, GraphError> {
        clauses(text).into_iter().map(Clause::parse).collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// Whether it looks at anything but extended properties.
    pub fn reads_events(&self) -> bool {
        self.0.iter().any(|clause| !matches!(clause, Clause::Extended { .. }))
    }

    pub fn admits(&self, event: &Map<String, Value>, extended: &[(String, String)]) -> bool {
        self.0.iter().all(|clause| clause.admits(event, extended))
    }
}

/// Splits at ` and ` outside of brackets and quotes.
fn clauses(text: &str) -> Vec<String> {
    let mut clauses = vec![String::new()];
    for word in super::query::split_top(text, ' ') {
        match (word, clauses.last_mut()) {
            ("and", _) => clauses.push(String::new()),
            (_, Some(clause)) => {
                clause.push_str(word);
                clause.push(' ');
            }
            (_, None) => {}
        }
    }
    clauses
}

impl Clause {
    fn parse(text: String) -> Result<Self, GraphError> {
        let text = text.trim();
        if let Some(inner) = text.strip_prefix("singleValueExtendedProperties/any(") {
            return extended(inner).ok_or_else(|| invalid(text));
        }
        if let Some(inner) = text.strip_prefix("startswith(").and_then(|rest| rest.strip_suffix(')')) {
            let (name, with) = inner.split_once(',').ok_or_else(|| invalid(text))?;
            return Ok(Self::StartsWith { pointer: pointer(name.trim())?, with: unquoted(with.trim()) });
        }
        let mut words = text.splitn(3, ' ');
        let (Some(name), Some(is), Some(to)) = (words.next(), words.next(), words.next()) else {
            return Err(invalid(text));
        };
        let is = match is {
            "eq" => Comparison::Equal,
            "ne" => Comparison::Differs,
            "ge" => Comparison::AtLeast,
            "gt" => Comparison::Above,
            "le" => Comparison::AtMost,
            "lt" => Comparison::Below,
            _ => return Err(invalid(text)),
        };
        Ok(Self::Compare { pointer: pointer(name)?, is, to: unquoted(to.trim()) })
    }

    fn admits(&self, event: &Map<String, Value>, extended: &[(String, String)]) -> bool {
        match self {
            Self::Extended { id, value } => extended
                .iter()
                .any(|(known, present)| same_property(known, id) && present.eq_ignore_ascii_case(value)),
            Self::StartsWith { pointer, with } => {
                read(event, pointer).to_lowercase().starts_with(&with.to_lowercase())
            }
            Self::Compare { pointer, is, to } => {
                let present = read(event, pointer);
                match is {
                    Comparison::Equal => present == *to,
                    Comparison::Differs => present != *to,
                    Comparison::AtLeast => present >= *to,
                    Comparison::Above => present > *to,
                    Comparison::AtMost => present <= *to,
                    Comparison::Below => present < *to,
                }
            }
        }
    }
}

/// `ep: ep/id eq '…' and ep/value eq '…')`
fn extended(inner: &str) -> Option<Clause> {
    let quoted: Vec<&str> = inner.split('\'').collect();
    match quoted.as_slice() {
        [before, id, between, value, _] if before.contains("/id eq") && between.contains("/value eq") => {
            Some(Clause::Extended { id: (*id).to_owned(), value: (*value).to_owned() })
        }
        _ => None,
    }
}

fn pointer(name: &str) -> Result<String, GraphError> {
    if COMPARABLE.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(GraphError::new(
        400,
        "ErrorInvalidProperty",
        format!("The property '{name}' does not support filtering."),
    ))
}

fn read(event: &Map<String, Value>, path: &str) -> String {
    let mut parts = path.split('/');
    let first = parts.next().and_then(|name| event.get(name));
    let value = parts.fold(first, |value, name| value.and_then(|value| value.get(name)));
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "null".to_owned(),
        Some(other) => other.to_string(),
    }
}

fn unquoted(text: &str) -> String {
    match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => text.to_owned(),
    }
}

fn invalid(clause: &str) -> GraphError {
    GraphError::new(400, "BadRequest", format!("Invalid filter clause: {clause}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn admits(filter: &str) -> bool {
        let event =
            json!({"subject": "Dan's visit and tea", "start": {"dateTime": "2026-01-05T09:00:00.0000000"}});
        let id = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name booking".to_owned();
        Filter::parse(filter).unwrap().admits(event.as_object().unwrap(), &[(id, "B1".into())])
    }

    #[test]
    fn clauses_are_joined_and_quotes_are_left_whole() {
        assert!(admits("subject eq 'Dan''s visit and tea' and start/dateTime ge '2026-01-05'"));
        assert!(!admits("startswith(subject,'dan') and start/dateTime lt '2026-01-05'"));
    }

    #[test]
    fn an_extended_property_is_found_by_exact_name_and_any_case_of_value() {
        let filter = |name: &str| {
            format!(
                "singleValueExtendedProperties/any(ep: ep/id eq 'String {{66f5a359-4659-4830-9070-00047ec6ac6e}} Name {name}' \
                 and ep/value eq 'b1')"
            )
        };
        assert!(admits(&filter("booking")));
        assert!(!admits(&filter("Booking")));
    }

    #[test]
    fn a_transaction_id_cannot_be_searched_for() {
        assert_eq!(Filter::parse("transactionId eq 'x'").unwrap_err().code, "ErrorInvalidProperty");
    }
}
