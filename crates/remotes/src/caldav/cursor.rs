//! Where reading a calendar stands, in the form that the mirror keeps.

use std::collections::BTreeMap;

use daymark_core::event::RemoteId;
use serde::{Deserialize, Serialize};

use crate::calendar::Cursor;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Place {
    /// The server tells changes since a token.
    Token { token: String },
    /// Within a list of changes since `since` (of everything without it): what comes after `after` is
    /// still to be read. The next round begins at `until`, the token that the list came with.
    Within { since: Option<String>, until: String, after: RemoteId, more: bool },
    /// The server tells nothing of changes: the etags that were read, and the collection's tag once
    /// all of them were.
    Etags { tag: Option<String>, known: BTreeMap<RemoteId, String> },
}

impl Place {
    /// `None` when another version of the app made it, or nobody.
    pub fn read(cursor: &Cursor) -> Option<Place> {
        serde_json::from_str(&cursor.0).ok()
    }

    pub fn cursor(&self) -> Cursor {
        Cursor(serde_json::json!(self).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_text_and_a_strange_one_is_none() {
        let within = Place::Within {
            since: Some("s".into()),
            until: "t".into(),
            after: RemoteId("a.ics".into()),
            more: true,
        };
        let etags = Place::Etags { tag: None, known: [(RemoteId("a".into()), "1".into())].into() };
        for place in [Place::Token { token: "t".into() }, within, etags] {
            assert_eq!(Place::read(&place.cursor()), Some(place));
        }
        for strange in ["", "{}", r#"{"by":"moon"}"#, r#"{"query":1,"sync":"s"}"#] {
            assert_eq!(Place::read(&Cursor(strange.into())), None, "{strange}");
        }
    }
}
