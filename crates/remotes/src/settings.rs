//! Addresses and client ids of the services: the real ones unless settings say otherwise.

use serde::{Deserialize, Serialize};
use url::Url;

/// An OAuth client, as registered with a provider for installed apps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientId {
    pub id: String,
    /// Google gives desktop clients a secret that is not one; Microsoft's public clients must send none.
    #[serde(default)]
    pub secret: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoogleSettings {
    #[serde(default = "google::api")]
    pub api: Url,
    #[serde(default = "google::authorize")]
    pub authorize: Url,
    #[serde(default = "google::token")]
    pub token: Url,
    #[serde(default = "google::revoke")]
    pub revoke: Url,
    #[serde(default)]
    pub client: Option<ClientId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MicrosoftSettings {
    #[serde(default = "microsoft::graph")]
    pub graph: Url,
    #[serde(default = "microsoft::authorize")]
    pub authorize: Url,
    #[serde(default = "microsoft::token")]
    pub token: Url,
    #[serde(default)]
    pub client: Option<ClientId>,
}

impl Default for GoogleSettings {
    fn default() -> Self {
        GoogleSettings {
            api: google::api(),
            authorize: google::authorize(),
            token: google::token(),
            revoke: google::revoke(),
            client: None,
        }
    }
}

impl Default for MicrosoftSettings {
    fn default() -> Self {
        MicrosoftSettings {
            graph: microsoft::graph(),
            authorize: microsoft::authorize(),
            token: microsoft::token(),
            client: None,
        }
    }
}

/// The addresses that Google publishes in its discovery documents.
mod google {
    use super::{Url, published};

    pub fn api() -> Url {
        published("https://www.googleapis.com/")
    }

    pub fn authorize() -> Url {
        published("https://accounts.google.com/o/oauth2/v2/auth")
    }

    pub fn token() -> Url {
        published("https://oauth2.googleapis.com/token")
    }

    pub fn revoke() -> Url {
        published("https://oauth2.googleapis.com/revoke")
    }
}

/// The addresses of Graph and of the identity platform's `common` authority, which takes work
/// and personal accounts alike.
mod microsoft {
    use super::{Url, published};

    pub fn graph() -> Url {
        published("https://graph.microsoft.com/v1.0/")
    }

    pub fn authorize() -> Url {
        published("https://login.microsoftonline.com/common/oauth2/v2.0/authorize")
    }

    pub fn token() -> Url {
        published("https://login.microsoftonline.com/common/oauth2/v2.0/token")
    }
}

fn published(address: &'static str) -> Url {
    Url::parse(address).unwrap_or_else(|_| unreachable!("the constants of this file are parsed by its tests"))
}

/// `base` with more path segments, each percent-encoded: calendar ids carry `@`, `#` and `/`.
/// A base works with and without its last slash.
pub fn join<'a>(base: &Url, segments: impl IntoIterator<Item = &'a str>) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_means_the_real_services() {
        let google: GoogleSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(google, GoogleSettings::default());
        assert_eq!(google.token.as_str(), "https://oauth2.googleapis.com/token");
        let microsoft: MicrosoftSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(microsoft, MicrosoftSettings::default());
        assert_eq!(microsoft.graph.as_str(), "https://graph.microsoft.com/v1.0/");
    }

    #[test]
    fn a_mistyped_key_is_refused_by_name() {
        let why = serde_json::from_str::<GoogleSettings>(r#"{"tokn":"https://example.org/"}"#).unwrap_err();
        assert!(why.to_string().contains("tokn"));
    }

    #[test]
    fn a_calendar_id_with_a_hash_stays_one_path_segment() {
        let base = Url::parse("http://127.0.0.1:9/google").unwrap();
        let url = join(&base, ["calendars", "en.usa#holiday@group.v.calendar.google.com", "a/b"]);
        assert_eq!(url.path(), "/google/calendars/en.usa%23holiday@group.v.calendar.google.com/a%2Fb");
        assert_eq!(join(&google::api(), ["x"]).as_str(), "https://www.googleapis.com/x");
    }
}
