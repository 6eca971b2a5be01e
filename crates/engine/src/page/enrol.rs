//! Joining a relay with an admin's one-time code.

use chrono_tz::Tz;
use daymark_core::contract::Enrol;
use daymark_remotes::relay::RelayClient;
use url::Url;

use super::keys::Keys;
use super::{PageDesk, trouble};
use crate::api::Tag;
use crate::api::bookings::{EnrolRelay, PublicPage};
use crate::api::problem::{Problem, ProblemCode};
use crate::api::settings::SecretsState;
use crate::problems;

/// What the admin sees this device called, until devices can be named.
const DEVICE_NAME: &str = "Daymark";

impl PageDesk {
    pub async fn enrol(&self, asked: EnrolRelay, zone: Tz) -> Result<PublicPage, Problem> {
        if self.ports.secrets.state() == SecretsState::Missing {
            return Err(Problem::new(
                ProblemCode::NoKeyring,
                "this laptop has no keyring to keep its keys in",
            ));
        }
        let address = address(&asked.address)?;
        let keys = Keys::make(self.ports.secrets.as_ref(), self.ports.entropy.as_ref())
            .await
            .map_err(problems::secrets)?;
        let (verifying_key, sealing_key) = keys.public();
        let enrol = Enrol {
            code: asked.code.trim().to_owned(),
            device_name: DEVICE_NAME.into(),
            verifying_key,
            sealing_key,
        };
        let enrolled = RelayClient::enrol(self.means.clone(), address.clone(), &enrol)
            .await
            .map_err(|error| problems::relay(&error))?;
        self.mirror.join_relay(address.as_str(), &enrolled).await.map_err(problems::mirror)?;
        trouble::well(&self.health);
        self.notices.tell(&[Tag::Page, Tag::Health]);
        self.enrolled.ring();
        self.changed.ring();
        self.view(zone).await
    }
}

/// People type `book.example.org`; what is meant is the secure address.
fn address(typed: &str) -> Result<Url, Problem> {
    let typed = typed.trim();
    let full = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let wrong = || {
        Problem::new(
            ProblemCode::BadRequest,
            format!("“{typed}” is not an address; write it like https://book.example.org"),
        )
    };
    let mut url = Url::parse(&full).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return Err(wrong());
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_bare_host_is_meant_securely() {
        assert_eq!(address(" book.example.org ").unwrap().as_str(), "https://book.example.org/");
    }

    #[test]
    fn what_is_no_address_is_refused_with_an_example() {
        for typed in ["", "ftp://x.example", "https://"] {
            assert!(address(typed).unwrap_err().message.contains("https://book.example.org"), "{typed}");
        }
    }
}
