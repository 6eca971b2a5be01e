//! Joining a relay with an admin's one-time code.

use chrono_tz::Tz;
use daymark_core::contract::{Enrol, Enrolled};
use daymark_remotes::http::is_this_machine;
use daymark_remotes::relay::{RelayClient, RelayError};
use url::Url;

use super::keys::{self, Keys, Try};
use super::{PageDesk, trouble};
use crate::api::Tag;
use crate::api::bookings::{EnrolRelay, PublicPage};
use crate::api::problem::{Problem, ProblemCode};
use crate::problems;

/// What the admin sees this device called, until devices can be named.
const DEVICE_NAME: &str = "Daymark";

impl PageDesk {
    /// The keys that worked until now work on until the relay has said yes to others.
    pub async fn enrol(&self, asked: EnrolRelay, zone: Tz) -> Result<PublicPage, Problem> {
        problems::keeps_secrets(self.ports.secrets.state())?;
        let address = address(&asked.address)?;
        // Two tries at a time would each make keys of their own, and one of them would win.
        let _alone = self.joining.lock().await;
        let name = keys::name_of(&address, &asked.code);
        let begun = self.begin(&name).await?;
        let enrolled = self.ask(&address, &asked.code, &begun.keys).await;
        let enrolled = match enrolled {
            Ok(enrolled) => enrolled,
            Err(error) => {
                if is_no(&error) {
                    begun.refused(self.ports.secrets.as_ref()).await.map_err(problems::secrets)?;
                }
                return Err(unjoined(&address, &error));
            }
        };
        self.mirror.join_relay(address.as_str(), &name, &enrolled).await.map_err(problems::mirror)?;
        trouble::well(&self.health);
        self.notices.tell(&[Tag::Page, Tag::Health]);
        self.enrolled.ring();
        self.changed.ring();
        self.view(zone).await
    }

    async fn begin(&self, name: &str) -> Result<Try, Problem> {
        let joined = self.mirror.relay().await.map_err(problems::mirror)?;
        let working = joined.map(|relay| relay.keys).unwrap_or_default();
        let (secrets, entropy) = (self.ports.secrets.as_ref(), self.ports.entropy.as_ref());
        Try::begin(secrets, name, &working, entropy).await.map_err(problems::secrets)
    }

    async fn ask(&self, address: &Url, code: &str, keys: &Keys) -> Result<Enrolled, RelayError> {
        let (verifying_key, sealing_key) = keys.public();
        let enrol = Enrol {
            code: code.trim().to_owned(),
            device_name: DEVICE_NAME.into(),
            verifying_key,
            sealing_key,
        };
        RelayClient::enrol(self.means.clone(), address.clone(), &enrol).await
    }
}

/// A relay has answered, and did not take the keys. After silence nobody knows.
fn is_no(error: &RelayError) -> bool {
    matches!(error, RelayError::BadCode | RelayError::Refused { .. } | RelayError::TooLarge { .. })
}

fn unjoined(relay: &Url, error: &RelayError) -> Problem {
    let silent = match error {
        RelayError::Remote(error) => problems::silent(relay, error),
        _ => None,
    };
    silent.unwrap_or_else(|| problems::relay(error))
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
    if url.scheme() == "http" && !is_this_machine(&url) {
        let server = url.host_str().unwrap_or_default();
        let said = format!("the address of {server} must begin with https://; nothing was sent there");
        return Err(Problem::new(ProblemCode::RelayNotSecure, said).with("server", server));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use daymark_remotes::error::RemoteError;

    #[test]
    fn an_address_without_encryption_is_no_refusal_of_the_relay() {
        let refused = address("http://example.com/").unwrap_err();
        assert_eq!(refused.code, ProblemCode::RelayNotSecure);
        assert_eq!(refused.params["server"], "example.com");
        assert!(!refused.message.contains("refused"), "{}", refused.message);
        assert!(address("http://127.0.0.1:8400").is_ok(), "on this machine nobody listens in");
    }

    #[test]
    fn a_relay_that_does_not_answer_is_named() {
        let source = std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into();
        let error = RelayError::Remote(RemoteError::Unreachable { service: "the relay", source });
        let problem = unjoined(&"http://127.0.0.1:9/".parse().unwrap(), &error);
        assert_eq!(problem.code, ProblemCode::ServerUnreachable);
        assert_eq!(problem.params["server"], "127.0.0.1:9");
    }

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
