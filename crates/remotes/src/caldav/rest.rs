//! What of an earlier resource a new one cannot have.

use daymark_core::ics;
use daymark_core::rest::{Lost, Rest};
use serde_json::Value;

/// The whole text is taken over, if it is one.
pub fn lost(rest: &Rest) -> Vec<Lost> {
    if !ics::is_whole(rest) {
        return vec![Lost::Everything];
    }
    let invites = rest.raw.get("ics").and_then(Value::as_str).is_some_and(ics::has_attendees);
    rest.loses_people().filter(|_| invites).into_iter().collect()
}
