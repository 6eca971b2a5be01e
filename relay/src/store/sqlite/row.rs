//! Rows to values and back; a value that cannot be read names its table, column and row.

use daymark_core::booking::State;
use daymark_core::contract::Mode;
use daymark_core::time::{Instant, Interval};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::{Result, StoreError};

/// Where a value stands, for the error that says it cannot be read.
#[derive(Clone, Copy)]
pub struct At<'a> {
    pub table: &'static str,
    pub row: &'a str,
}

impl At<'_> {
    pub fn damaged(self, column: &'static str, what: impl ToString) -> StoreError {
        StoreError::Damaged { table: self.table, column, row: self.row.to_owned(), what: what.to_string() }
    }

    pub fn instant(self, column: &'static str, seconds: i64) -> Result<Instant> {
        Instant::from_timestamp(seconds, 0).ok_or_else(|| self.damaged(column, "no such time"))
    }

    pub fn visit(self, start_s: i64, end_s: i64) -> Result<Interval> {
        let (start, end) = (self.instant("start_s", start_s)?, self.instant("end_s", end_s)?);
        Interval::new(start, end).ok_or_else(|| self.damaged("end_s", "not after the start"))
    }

    pub fn json<T: DeserializeOwned>(self, column: &'static str, text: &str) -> Result<T> {
        serde_json::from_str(text).map_err(|error| self.damaged(column, error))
    }

    pub fn whole<T: TryFrom<i64>>(self, column: &'static str, value: i64) -> Result<T> {
        T::try_from(value).map_err(|_| self.damaged(column, "out of range"))
    }

    pub fn state(self, text: &str) -> Result<State> {
        let found = STATES.into_iter().find(|state| state_word(*state) == text);
        found.ok_or_else(|| self.damaged("state", "unknown word"))
    }

    pub fn mode(self, text: &str) -> Result<Mode> {
        match text {
            "instant" => Ok(Mode::Instant),
            "approval" => Ok(Mode::Approval),
            "paused" => Ok(Mode::Paused),
            _ => Err(self.damaged("mode", "unknown word")),
        }
    }
}

const STATES: [State; 5] =
    [State::Requested, State::Accepted, State::Confirmed, State::Declined, State::Cancelled];

pub fn state_word(state: State) -> &'static str {
    match state {
        State::Requested => "requested",
        State::Accepted => "accepted",
        State::Confirmed => "confirmed",
        State::Declined => "declined",
        State::Cancelled => "cancelled",
    }
}

pub fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Instant => "instant",
        Mode::Approval => "approval",
        Mode::Paused => "paused",
    }
}

pub fn to_json<T: Serialize>(table: &'static str, column: &'static str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| At { table, row: "new" }.damaged(column, error))
}

/// SQLite's integers are signed; numbers beyond them do not occur before the next ice age.
pub fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back_as_itself() {
        for state in STATES {
            assert_eq!(At { table: "booking", row: "x" }.state(state_word(state)).unwrap(), state);
        }
    }

    #[test]
    fn an_unreadable_value_names_its_place() {
        let error = At { table: "booking", row: "b7" }.state("lost").unwrap_err();
        assert!(error.to_string().contains("booking.state"), "{error}");
        assert!(error.to_string().contains("b7"), "{error}");
    }
}
