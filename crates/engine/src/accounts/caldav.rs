//! Connecting an account at a CalDAV server: found, verified, and only then kept.

use chrono_tz::Tz;
use daymark_core::causes::causes;
use daymark_mirror::{Account, AccountId, AccountState};
use daymark_remotes::caldav::Login;
use daymark_remotes::caldav::discovery::{Consent, DiscoveryError, Found, entrances};
use daymark_remotes::capabilities::CALDAV;
use daymark_remotes::error::RemoteError;
use url::Position;

use super::Accounts;
use super::connect::wrong_account;
use crate::api::Tag;
use crate::api::accounts::{self as api, ConnectCalDav, ProviderKind};
use crate::api::problem::{Problem, ProblemCode};
use crate::details::username_in;
use crate::problems;
use crate::providers::{ServerKey, secret_name};
use crate::sync::provider_name;

impl Accounts {
    pub async fn connect_caldav(&self, ask: ConnectCalDav, home: Tz) -> Result<api::AccountId, Problem> {
        self.can_keep_secrets()?;
        let known = match ask.account {
            Some(id) => Some(self.account(AccountId(id)).await?),
            None => None,
        };
        let login = login(&ask, known.as_ref())?;
        if let Some(account) =
            known.as_ref().filter(|account| username_in(&account.address) != login.username)
        {
            return Err(wrong_account(&account.address, &login.username));
        }
        let found = self.look_for(&ask, &login, known.as_ref().map(|account| account.id), home).await?;
        let address = match &known {
            Some(account) => account.address.clone(),
            None => self.name_for(&ask, &login, &found).await?,
        };
        let id = self.keep_server(known, &address, found, login).await?;
        Ok(api::AccountId { account: id.0 })
    }

    /// The account that has these calendars already, however its server was typed then; else a name that no other has.
    /// One server may serve several sites under paths of their own, with the same names of users at each.
    async fn name_for(&self, ask: &ConnectCalDav, login: &Login, found: &Found) -> Result<String, Problem> {
        let kept = self.mirror.accounts().await.map_err(problems::mirror)?;
        let left = self.mirror.left_accounts().await.map_err(problems::mirror)?;
        let name = named(&ask.address_or_url, &login.username, "");
        let home = found.place.homes.first();
        let mut taken = false;
        for other in kept.into_iter().chain(left).filter(|it| username_in(&it.address) == login.username) {
            let place = self.providers.place(other.id).await.map_err(problems::secrets)?;
            let known = place.as_ref().and_then(|place| place.homes.first());
            if known.is_some() && known == home {
                return Ok(other.address);
            }
            taken |= known.is_some() && other.address == name;
        }
        let path = home.filter(|_| taken).map(|home| home.path().trim_end_matches('/')).unwrap_or_default();
        Ok(named(&ask.address_or_url, &login.username, path))
    }

    /// With a new password and nothing else, a known account is looked for where it was.
    async fn look_for(
        &self,
        ask: &ConnectCalDav,
        login: &Login,
        known: Option<AccountId>,
        home: Tz,
    ) -> Result<Found, Problem> {
        let place = match known.filter(|_| ask.address_or_url.trim().is_empty()) {
            Some(id) => self.providers.place(id).await.map_err(problems::secrets)?,
            None => None,
        };
        let consent = Consent { plain_http: ask.allow_http, servers: ask.servers.clone() };
        let (server, found) = match place {
            Some(place) => (place.homes.first().cloned(), self.providers.open(&place, login, home).await),
            None => (
                entrances(&ask.address_or_url).ok().and_then(|urls| urls.into_iter().next()),
                self.providers.discover(&ask.address_or_url, login, &consent, home).await,
            ),
        };
        let server = server.as_ref().and_then(url::Url::host_str).unwrap_or_default();
        found.map_err(|error| problem(&error, server))
    }

    /// The row first, as for every account: a password without a row could never be found again.
    async fn keep_server(
        &self,
        known: Option<Account>,
        address: &str,
        found: Found,
        login: Login,
    ) -> Result<AccountId, Problem> {
        let _leaving = self.leaving.lock().await;
        let now = self.ports.clock.now();
        let provider = provider_name(ProviderKind::CalDav);
        let id = match known {
            Some(account) => account.id,
            None => self.mirror.add_account(provider, address, now).await.map_err(problems::mirror)?,
        };
        let key = serde_json::to_vec(&ServerKey::new(found.place, login));
        let key = key.map_err(|error| problems::internal(&error))?;
        self.ports.secrets.save(&secret_name(id), &key).await.map_err(problems::secrets)?;
        self.mirror.set_account_state(id, AccountState::Ok, "").await.map_err(problems::mirror)?;
        self.providers.retire(id).await;
        crate::sync::trouble::account_is_well(&self.health, id);
        self.store_list(id, &found.calendars, CALDAV.tells_busy).await?;
        self.notices.tell(&[Tag::Accounts, Tag::Schedule]);
        self.changed.ring();
        Ok(id)
    }
}

/// A colon would end the name on the wire (RFC 7617 §2).
fn login(ask: &ConnectCalDav, known: Option<&Account>) -> Result<Login, Problem> {
    let username = match (ask.username.trim(), known) {
        ("", Some(account)) => username_in(&account.address),
        ("", None) => ask.address_or_url.trim(),
        (typed, _) => typed,
    };
    let password = ask.password.0.clone();
    let control = |text: &str| text.chars().any(char::is_control);
    if username.contains(':') || control(username) || control(&password) || password.is_empty() {
        return Err(Problem::new(
            ProblemCode::WrongPassword,
            "a name and a password are needed; the name has no colon",
        ));
    }
    Ok(Login { username: username.to_owned(), password })
}

/// What tells this account from others: the same name may exist at several servers, one for each port of a host.
fn named(entered: &str, username: &str, path: &str) -> String {
    let first = entrances(entered).ok().and_then(|urls| urls.into_iter().next());
    let server = first.as_ref().map(|url| &url[Position::BeforeHost..Position::AfterPort]);
    match server {
        Some(server) if !username.ends_with(&format!("@{server}{path}")) => {
            format!("{username} ({server}{path})")
        }
        _ => username.to_owned(),
    }
}

/// `named` is the server at which the search began.
fn problem(error: &DiscoveryError, named: &str) -> Problem {
    let (code, server) = match error {
        DiscoveryError::BadAddress => (ProblemCode::BadAddress, None),
        DiscoveryError::PlainHttp { server } => (ProblemCode::PlainHttp, Some(server.as_str())),
        DiscoveryError::OtherServer { server } => (ProblemCode::OtherServer, Some(server.as_str())),
        DiscoveryError::WrongPassword => (ProblemCode::WrongPassword, None),
        DiscoveryError::NotCalDav { server } => (ProblemCode::NotCaldav, Some(server.as_str())),
        DiscoveryError::NoCalendars => (ProblemCode::NoCalendars, None),
        DiscoveryError::Remote(error) if error.is_unsafe() => (ProblemCode::ServerUnsafe, Some(named)),
        DiscoveryError::Remote(RemoteError::Unreachable { .. }) => {
            (ProblemCode::ServerUnreachable, Some(named))
        }
        DiscoveryError::Remote(error) => return problems::remote(error),
    };
    let problem = Problem::new(code, causes(error));
    server.into_iter().fold(problem, |problem, server| problem.with("server", server))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::accounts::Password;

    fn ask(username: &str, password: &str) -> ConnectCalDav {
        ConnectCalDav {
            address_or_url: "maya@x.example".into(),
            username: username.into(),
            password: Password(password.into()),
            allow_http: false,
            servers: Vec::new(),
            account: None,
        }
    }

    #[test]
    fn the_password_shows_itself_to_nobody() {
        let said = format!("{:?} {:?}", ask("maya", "s3cret"), login(&ask("maya", "s3cret"), None).unwrap());
        assert!(!said.contains("s3cret") && said.contains("maya"), "{said}");
    }

    #[test]
    fn the_mail_address_is_the_name_when_none_is_typed() {
        assert_eq!(login(&ask(" ", "p"), None).unwrap().username, "maya@x.example");
        assert!(login(&ask("ma:ya", "p"), None).is_err() && login(&ask("maya", ""), None).is_err());
    }

    #[test]
    fn one_name_at_two_servers_is_two_accounts() {
        assert_eq!(named("maya@x.example", "maya@x.example", ""), "maya@x.example");
        assert_eq!(named("https://cal.example/dav/", "maya", ""), "maya (cal.example)");
        assert_eq!(named("https://cal.example/dav/", "maya", "/dav"), "maya (cal.example/dav)");
        for address in [named("cal.example", "maya", ""), named("maya@x.example", "maya@x.example", "")] {
            assert!(["maya", "maya@x.example"].contains(&username_in(&address)));
        }
    }
}
