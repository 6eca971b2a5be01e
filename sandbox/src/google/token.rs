//! Page and sync tokens: opaque to clients, good only for the calendar and the query they were given out for.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageToken {
    /// What is listed, and with which query.
    pub of: String,
    pub fingerprint: String,
    /// Pages answered so far, empty ones too.
    pub page: u32,
    /// Sort key of the last item looked at.
    pub after: String,
    /// The tick when the first page was asked for; the sync token at the end starts there.
    pub since: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SyncToken {
    pub of: String,
    /// Hash of the parameters that may not change.
    pub frozen: String,
    pub epoch: u64,
    pub since: u64,
}

pub fn encode(token: &impl Serialize) -> String {
    let text = serde_json::to_string(token).unwrap_or_default();
    data_encoding::BASE64URL_NOPAD.encode(text.as_bytes())
}

pub fn decode<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_and_garbage_does_not() {
        let token = SyncToken { of: "a".to_owned(), frozen: "b".to_owned(), epoch: 1, since: 9 };
        assert_eq!(decode::<SyncToken>(&encode(&token)), Some(token));
        assert_eq!(decode::<SyncToken>("CPj_token"), None);
    }
}
