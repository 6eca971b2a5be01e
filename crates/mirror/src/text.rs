//! Domain values in columns: how they are written, and what a column that makes no sense is called.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use daymark_core::time::Instant;
use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{Deserialize, DeserializeOwned, IntoDeserializer};

use crate::error::{MirrorError, Result};

/// The row being read, for the error that names it.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub table: &'static str,
    pub row: &'a dyn Display,
}

impl<'a> Row<'a> {
    pub fn new(table: &'static str, row: &'a dyn Display) -> Self {
        Row { table, row }
    }

    fn inconsistent(&self, column: &'static str, why: impl Display) -> MirrorError {
        MirrorError::Inconsistent {
            table: self.table,
            column,
            row: self.row.to_string(),
            why: why.to_string(),
        }
    }

    /// One of an enum's words.
    pub fn word<'t, T: Deserialize<'t>>(&self, column: &'static str, text: &'t str) -> Result<T> {
        let word: StrDeserializer<'t, WordError> = text.into_deserializer();
        T::deserialize(word).map_err(|why| self.inconsistent(column, why))
    }

    pub fn json<T: DeserializeOwned>(&self, column: &'static str, text: &str) -> Result<T> {
        serde_json::from_str(text).map_err(|why| self.inconsistent(column, why))
    }

    pub fn json_option<T: DeserializeOwned>(
        &self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>> {
        text.map(|text| self.json(column, text)).transpose()
    }

    /// What its `Display` wrote.
    pub fn parsed<T: std::str::FromStr<Err: Display>>(&self, column: &'static str, text: &str) -> Result<T> {
        text.parse().map_err(|why| self.inconsistent(column, why))
    }

    pub fn instant(&self, column: &'static str, seconds: i64) -> Result<Instant> {
        DateTime::<Utc>::from_timestamp(seconds, 0)
            .ok_or_else(|| self.inconsistent(column, format!("{seconds} s is no instant")))
    }

    pub fn instant_option(&self, column: &'static str, seconds: Option<i64>) -> Result<Option<Instant>> {
        seconds.map(|seconds| self.instant(column, seconds)).transpose()
    }

    /// A number that must fit a smaller type.
    pub fn number<T: TryFrom<i64, Error: Display>>(&self, column: &'static str, value: i64) -> Result<T> {
        T::try_from(value).map_err(|why| self.inconsistent(column, why))
    }
}

/// An enum's word as it is stored.
pub(crate) fn word(value: &impl Serialize) -> Result<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Ok(other.to_string()),
    }
}

pub(crate) fn json(value: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string(value)?)
}

pub(crate) fn json_option(value: Option<&impl Serialize>) -> Result<Option<String>> {
    value.map(json).transpose()
}
