//! Who exists, which client asked, what was granted, and which codes and tokens are alive.
//!
//! One store serves both providers; what differs between them is in [`Manners`].

mod pkce;
mod redirect;
mod store;

use std::collections::BTreeSet;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use self::{
    pkce::verifier_fits,
    redirect::is_loopback,
    store::{Access, Identity, Redeem, Testing, Tokens},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    Google,
    Microsoft,
    #[serde(rename = "caldav")]
    CalDav,
}

impl Provider {
    /// The provider whose fake answers under this path, if any.
    pub fn of_path(path: &str) -> Option<Self> {
        match path.split('/').nth(1)? {
            "google" | "google-auth" | "google-token" => Some(Self::Google),
            "graph" | "login" => Some(Self::Microsoft),
            "caldav" | ".well-known" => Some(Self::CalDav),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Account {
    pub provider: Provider,
    pub email: String,
    pub name: String,
    #[serde(serialize_with = "zone_name")]
    pub zone: Tz,
}

fn zone_name<S: serde::Serializer>(zone: &Tz, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(zone.name())
}

/// An application registered with a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Client {
    pub provider: Provider,
    pub id: String,
    /// Google gives desktop clients one; a public client at Microsoft must not send any.
    #[serde(default)]
    pub secret: Option<String>,
}

/// How a provider treats codes and tokens.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    pub code_life_s: i64,
    /// Every use of a refresh token brings a new one; the old one stays valid (Microsoft).
    pub rotates_refresh: bool,
    /// A refresh token only at the first consent, or when consent is forced (Google).
    pub refresh_at_first_consent_only: bool,
    /// Above this many live refresh tokens for an account and client the oldest dies silently (Google: 100).
    pub live_refresh_max: Option<usize>,
    pub refresh_life_s: Option<i64>,
}

impl Manners {
    pub const GOOGLE: Self = Self {
        code_life_s: 600,
        rotates_refresh: false,
        refresh_at_first_consent_only: true,
        live_refresh_max: Some(100),
        refresh_life_s: Some(180 * 86_400),
    };
    pub const MICROSOFT: Self = Self {
        code_life_s: 600,
        rotates_refresh: true,
        refresh_at_first_consent_only: false,
        live_refresh_max: None,
        refresh_life_s: Some(90 * 86_400),
    };

    pub fn of(provider: Provider) -> Self {
        match provider {
            Provider::Google => Self::GOOGLE,
            // Nobody signs in at a CalDAV server in a browser.
            Provider::Microsoft | Provider::CalDav => Self::MICROSOFT,
        }
    }
}

/// What a client asked for at the authorize endpoint, already validated by the provider's handler.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    pub provider: Provider,
    pub client_id: String,
    pub redirect_uri: String,
    pub scopes: BTreeSet<String>,
    /// PKCE S256 challenge; `None` is for clients that were let in without one.
    pub challenge: Option<String>,
    /// Google: `access_type=offline`. Microsoft: scope `offline_access`.
    pub offline: bool,
    /// `prompt=consent`.
    pub force_consent: bool,
}

/// Why a code or token was refused; each provider words it in its own body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the client is not known")]
    ClientUnknown,
    #[error("the client secret is wrong")]
    SecretWrong,
    #[error("the client secret is missing")]
    SecretMissing,
    #[error("the code is not known")]
    CodeUnknown,
    #[error("the code has expired")]
    CodeExpired,
    #[error("the code was used before")]
    CodeUsed,
    #[error("the code verifier does not fit the challenge")]
    VerifierWrong,
    #[error("the redirect address differs from the one asked with")]
    RedirectDiffers,
    #[error("the refresh token is not known")]
    RefreshUnknown,
    #[error("the refresh token was revoked")]
    RefreshRevoked,
    #[error("the refresh token has expired")]
    RefreshExpired,
    #[error("the access token is not known, or revoked")]
    AccessUnknown,
    #[error("the access token has expired")]
    AccessExpired,
}
