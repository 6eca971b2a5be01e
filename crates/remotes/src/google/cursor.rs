//! Where reading a calendar at Google stands, in the form that the mirror keeps.

use serde::{Deserialize, Serialize};

use crate::calendar::Cursor;

/// Counts up when the parameters of `events.list` change: Google binds its tokens to them.
const QUERY: u32 = 1;

/// `page` within the round that began at `sync` (or at nothing: a full one).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    query: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync: Option<String>,
}

impl Place {
    pub fn start() -> Self {
        Place { query: QUERY, page: None, sync: None }
    }

    /// The next page of the same round.
    pub fn page(&self, token: String) -> Self {
        Place { query: QUERY, page: Some(token), sync: self.sync.clone() }
    }

    /// The end of a round, where the next one begins.
    pub fn done(token: String) -> Self {
        Place { query: QUERY, page: None, sync: Some(token) }
    }

    /// `None` when another version of the app made it, or nobody.
    pub fn read(cursor: &Cursor) -> Option<Place> {
        let place: Place = serde_json::from_str(&cursor.0).ok()?;
        let stands_somewhere = place.page.is_some() || place.sync.is_some();
        (place.query == QUERY && stands_somewhere).then_some(place)
    }

    pub fn cursor(&self) -> Cursor {
        Cursor(serde_json::json!(self).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_an_incremental_round_keeps_the_rounds_own_token() {
        let place = Place::done("s1".into()).page("p2".into());
        assert_eq!(Place::read(&place.cursor()), Some(place.clone()));
        assert_eq!((place.page.as_deref(), place.sync.as_deref()), (Some("p2"), Some("s1")));
    }

    #[test]
    fn a_cursor_of_another_query_is_not_continued() {
        for strange in ["", "{}", r#"{"query":1}"#, r#"{"query":0,"sync":"s"}"#] {
            assert_eq!(Place::read(&Cursor(strange.into())), None, "{strange}");
        }
    }
}
