//! What can be wrong with a series.

/// Each names the line, so that the one bad event can be set aside and shown.
#[derive(Debug, thiserror::Error)]
pub enum RecurrenceError {
    #[error("“{line}” is not a recurrence line: {why}")]
    Malformed { line: String, why: String },
    #[error("“{line}” names the time zone “{zone}”, which is not known")]
    UnknownZone { line: String, zone: String },
    /// It cannot be taken apart or moved without meaning something else.
    #[error("{0}; change its rule instead")]
    Fixed(&'static str),
    #[error("an occurrence would last longer than a hundred years")]
    TooLong,
    #[error("the rule of “{line}” cannot be followed")]
    Rule { line: String, source: Box<rrule::RRuleError> },
}

impl RecurrenceError {
    pub(super) fn malformed(line: &str, why: impl Into<String>) -> Self {
        RecurrenceError::Malformed { line: line.into(), why: why.into() }
    }
}
