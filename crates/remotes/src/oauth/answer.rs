//! What a token endpoint answers: RFC 6749's fields, and when the refresh token itself will end.

use chrono::TimeDelta;
use daymark_core::time::Instant;
use oauth2::basic::BasicTokenType;
use oauth2::{ExtraTokenFields, StandardTokenResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) type TokenAnswer = StandardTokenResponse<More, BasicTokenType>;

/// A larger number than any provider means must not overflow the calendar.
const LONGEST_LIFE_S: i64 = 20 * 366 * 86_400;

/// What some providers say beyond the standard.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct More {
    /// Google sends it for grants that end by themselves: seven days while its consent screen is in
    /// testing, or the time that the person chose. Its form is nobody's promise, so any is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token_expires_in: Option<Value>,
}

impl ExtraTokenFields for More {}

/// When the refresh token of an answer ends, where the provider says so.
pub(super) fn refresh_ends(answer: &TokenAnswer, asked_at: Instant) -> Option<Instant> {
    let said = answer.extra_fields().refresh_token_expires_in.as_ref()?;
    let life_s = said.as_i64().or_else(|| said.as_str()?.parse().ok()).filter(|life_s| *life_s > 0)?;
    Some(asked_at + TimeDelta::seconds(life_s.min(LONGEST_LIFE_S)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ends(said: Value) -> Option<i64> {
        let mut answer = json!({"access_token": "a", "token_type": "Bearer"});
        answer["refresh_token_expires_in"] = said;
        let answer: TokenAnswer = serde_json::from_value(answer).unwrap();
        let now = Instant::UNIX_EPOCH;
        refresh_ends(&answer, now).map(|end| (end - now).num_seconds())
    }

    #[test]
    fn a_grant_that_ends_by_itself_says_when_in_either_spelling() {
        assert_eq!(ends(json!(604_799)), Some(604_799));
        assert_eq!(ends(json!("604799")), Some(604_799));
    }

    #[test]
    fn a_life_without_sense_is_no_life_and_no_failure() {
        for said in [json!(null), json!(0), json!(-5), json!("soon"), json!([1])] {
            assert_eq!(ends(said.clone()), None, "{said}");
        }
        assert_eq!(ends(json!(i64::MAX)), Some(LONGEST_LIFE_S));
    }
}
