//! The store of accounts, clients, codes, grants and tokens. Time and dice are arguments.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Account, Ask, Client, Manners, Provider, Refusal, verifier_fits};
use crate::dice::Dice;

/// Whom an access token stands for, and what it may do.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    pub provider: Provider,
    pub email: String,
    pub client_id: String,
    pub scopes: BTreeSet<String>,
    pub expires: DateTime<Utc>,
}

struct Code {
    ask: Ask,
    email: String,
    scopes: BTreeSet<String>,
    expires: DateTime<Utc>,
    used: bool,
}

#[derive(Clone)]
struct Refresh {
    token: String,
    grant: GrantKey,
    scopes: BTreeSet<String>,
    issued: DateTime<Utc>,
    last_used: DateTime<Utc>,
    revoked: bool,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct GrantKey {
    provider: Provider,
    email: String,
    client_id: String,
}

/// What a token endpoint was asked with, to turn a code into tokens.
pub struct Redeem<'a> {
    pub client_id: &'a str,
    pub code: &'a str,
    pub redirect_uri: &'a str,
    pub verifier: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    pub email: String,
    pub access_token: String,
    /// `None` where the provider leaves it out of the answer.
    pub refresh_token: Option<String>,
    pub expires_in_s: i64,
    /// Where the provider says when the refresh token ends.
    pub refresh_expires_in_s: Option<i64>,
    pub scopes: BTreeSet<String>,
}

/// Google's consent screen is in testing: refresh tokens end seven days after their issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Testing {
    /// Token answers say so.
    pub told: bool,
}

const TESTING_LIFE_S: i64 = 7 * 86_400;

pub struct Identity {
    accounts: Vec<Account>,
    clients: Vec<Client>,
    codes: HashMap<String, Code>,
    /// Scopes granted so far, by account and client.
    grants: BTreeMap<GrantKey, BTreeSet<String>>,
    access: HashMap<String, Access>,
    refresh: Vec<Refresh>,
    access_life_s: i64,
    testing: Option<Testing>,
}

impl Identity {
    pub fn new(access_life_s: i64) -> Self {
        Self {
            accounts: Vec::new(),
            clients: Vec::new(),
            codes: HashMap::new(),
            grants: BTreeMap::new(),
            access: HashMap::new(),
            refresh: Vec::new(),
            access_life_s,
            testing: None,
        }
    }

    /// Google's apps are in testing from now on, or published.
    pub fn set_testing(&mut self, testing: Option<Testing>) {
        self.testing = testing;
    }

    pub fn add_account(&mut self, account: Account) {
        self.accounts.retain(|known| (known.provider, &known.email) != (account.provider, &account.email));
        self.accounts.push(account);
    }

    pub fn add_client(&mut self, client: Client) {
        self.clients.retain(|known| (known.provider, &known.id) != (client.provider, &client.id));
        self.clients.push(client);
    }

    /// Its registration was deleted; what it was granted stays in the books.
    pub fn remove_client(&mut self, provider: Provider, id: &str) {
        self.clients.retain(|known| (known.provider, known.id.as_str()) != (provider, id));
    }

    pub fn accounts(&self, provider: Provider) -> Vec<Account> {
        self.accounts.iter().filter(|account| account.provider == provider).cloned().collect()
    }

    pub fn account(&self, provider: Provider, email: &str) -> Option<Account> {
        self.accounts
            .iter()
            .find(|account| account.provider == provider && account.email.eq_ignore_ascii_case(email))
            .cloned()
    }

    pub fn client(&self, provider: Provider, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.provider == provider && client.id == id)
    }

    /// The user allowed `scopes`, possibly fewer than asked: a single-use code.
    pub fn approve(
        &mut self,
        ask: Ask,
        email: &str,
        scopes: BTreeSet<String>,
        now: DateTime<Utc>,
        dice: &Dice,
    ) -> String {
        let code = format!("4/{}", dice.token());
        let expires = now + TimeDelta::seconds(Manners::of(ask.provider).code_life_s);
        self.codes.insert(code.clone(), Code { ask, email: email.to_owned(), scopes, expires, used: false });
        code
    }

    /// Turns a code into tokens. The provider's handler has checked the client secret already.
    pub fn redeem(&mut self, ask: &Redeem<'_>, now: DateTime<Utc>, dice: &Dice) -> Result<Tokens, Refusal> {
        let code = self.codes.get_mut(ask.code).ok_or(Refusal::CodeUnknown)?;
        check_code(code, ask, now)?;
        code.used = true;
        let grant = GrantKey {
            provider: code.ask.provider,
            email: code.email.clone(),
            client_id: code.ask.client_id.clone(),
        };
        let (scopes, offline, force) = (code.scopes.clone(), code.ask.offline, code.ask.force_consent);
        let first = !self.grants.contains_key(&grant);
        self.grants.entry(grant.clone()).or_default().extend(scopes.iter().cloned());
        let wants_refresh =
            offline && (first || force || !Manners::of(grant.provider).refresh_at_first_consent_only);
        let refresh_token = wants_refresh.then(|| self.issue_refresh(&grant, &scopes, now, dice));
        Ok(self.issue_access(&grant, scopes, refresh_token, now, dice))
    }

    /// A fresh access token, narrowed to `scopes` where given.
    pub fn refresh(
        &mut self,
        client_id: &str,
        token: &str,
        scopes: Option<&BTreeSet<String>>,
        now: DateTime<Utc>,
        dice: &Dice,
    ) -> Result<Tokens, Refusal> {
        let known = self
            .refresh
            .iter_mut()
            .find(|known| known.token == token && known.grant.client_id == client_id)
            .ok_or(Refusal::RefreshUnknown)?;
        if known.revoked {
            return Err(Refusal::RefreshRevoked);
        }
        let manners = Manners::of(known.grant.provider);
        if manners.refresh_life_s.is_some_and(|life_s| now > known.last_used + TimeDelta::seconds(life_s)) {
            return Err(Refusal::RefreshExpired);
        }
        let ends = known.issued + TimeDelta::seconds(TESTING_LIFE_S);
        if self.testing.is_some() && known.grant.provider == Provider::Google && now >= ends {
            return Err(Refusal::RefreshExpired);
        }
        known.last_used = now;
        let (grant, granted) = (known.grant.clone(), known.scopes.clone());
        let narrowed = match scopes {
            Some(asked) => granted.intersection(asked).cloned().collect(),
            None => granted.clone(),
        };
        let next = manners.rotates_refresh.then(|| self.issue_refresh(&grant, &granted, now, dice));
        Ok(self.issue_access(&grant, narrowed, next, now, dice))
    }

    /// Whom the access token stands for at this moment.
    pub fn access(&self, provider: Provider, token: &str, now: DateTime<Utc>) -> Result<Access, Refusal> {
        let access = self.access.get(token).filter(|access| access.provider == provider);
        let access = access.ok_or(Refusal::AccessUnknown)?;
        if now >= access.expires { Err(Refusal::AccessExpired) } else { Ok(access.clone()) }
    }

    /// Revoking any token, access or refresh, ends the whole grant. False when the token is unknown.
    pub fn revoke_token(&mut self, token: &str) -> bool {
        let by_access = self.access.get(token).map(|access| GrantKey {
            provider: access.provider,
            email: access.email.clone(),
            client_id: access.client_id.clone(),
        });
        let by_refresh =
            || self.refresh.iter().find(|known| known.token == token).map(|known| known.grant.clone());
        let Some(grant) = by_access.or_else(by_refresh) else { return false };
        self.end_grants(|key| *key == grant);
        true
    }

    /// The user took away this application's access in the account's settings, or changed the password.
    pub fn revoke_account(&mut self, provider: Provider, email: &str) {
        self.end_grants(|key| key.provider == provider && key.email.eq_ignore_ascii_case(email));
    }

    /// Access tokens of the account end now; refresh tokens stay alive.
    pub fn expire_access(&mut self, provider: Provider, email: &str, now: DateTime<Utc>) {
        for access in self.access.values_mut() {
            if access.provider == provider && access.email.eq_ignore_ascii_case(email) {
                access.expires = now;
            }
        }
    }

    /// A token without the dance, for tests of everything behind it.
    pub fn mint(
        &mut self,
        provider: Provider,
        email: &str,
        client_id: &str,
        scopes: &[&str],
        now: DateTime<Utc>,
        dice: &Dice,
    ) -> Tokens {
        let grant = GrantKey { provider, email: email.to_owned(), client_id: client_id.to_owned() };
        let scopes: BTreeSet<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.grants.entry(grant.clone()).or_default().extend(scopes.iter().cloned());
        let refresh_token = self.issue_refresh(&grant, &scopes, now, dice);
        self.issue_access(&grant, scopes, Some(refresh_token), now, dice)
    }

    fn end_grants(&mut self, ended: impl Fn(&GrantKey) -> bool) {
        self.grants.retain(|key, _| !ended(key));
        self.refresh.iter_mut().filter(|known| ended(&known.grant)).for_each(|known| known.revoked = true);
        self.access.retain(|_, access| {
            let key = GrantKey {
                provider: access.provider,
                email: access.email.clone(),
                client_id: access.client_id.clone(),
            };
            !ended(&key)
        });
    }

    fn issue_access(
        &mut self,
        grant: &GrantKey,
        scopes: BTreeSet<String>,
        refresh_token: Option<String>,
        now: DateTime<Utc>,
        dice: &Dice,
    ) -> Tokens {
        let access_token = format!("{}{}", access_prefix(grant.provider), dice.token());
        let access = Access {
            provider: grant.provider,
            email: grant.email.clone(),
            client_id: grant.client_id.clone(),
            scopes: scopes.clone(),
            expires: now + TimeDelta::seconds(self.access_life_s),
        };
        self.access.insert(access_token.clone(), access);
        Tokens {
            email: grant.email.clone(),
            access_token,
            refresh_token,
            expires_in_s: self.access_life_s,
            refresh_expires_in_s: self.refresh_left_s(grant, now),
            scopes,
        }
    }

    /// What is left of the newest refresh token of a grant, where the provider tells.
    fn refresh_left_s(&self, grant: &GrantKey, now: DateTime<Utc>) -> Option<i64> {
        let told = grant.provider == Provider::Google && self.testing.is_some_and(|testing| testing.told);
        let newest = self.refresh.iter().rev().find(|known| known.grant == *grant).filter(|_| told)?;
        Some((newest.issued + TimeDelta::seconds(TESTING_LIFE_S) - now).num_seconds())
    }

    fn issue_refresh(
        &mut self,
        grant: &GrantKey,
        scopes: &BTreeSet<String>,
        now: DateTime<Utc>,
        dice: &Dice,
    ) -> String {
        let token = format!("1//{}", dice.token());
        self.refresh.push(Refresh {
            token: token.clone(),
            grant: grant.clone(),
            scopes: scopes.clone(),
            issued: now,
            last_used: now,
            revoked: false,
        });
        if let Some(most) = Manners::of(grant.provider).live_refresh_max {
            let live = self.refresh.iter().filter(|known| known.grant == *grant && !known.revoked).count();
            let oldest = self.refresh.iter_mut().filter(|known| known.grant == *grant && !known.revoked);
            oldest.take(live.saturating_sub(most)).for_each(|known| known.revoked = true);
        }
        token
    }
}

fn check_code(code: &Code, ask: &Redeem<'_>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if code.ask.client_id != ask.client_id {
        return Err(Refusal::CodeUnknown);
    }
    if code.used {
        return Err(Refusal::CodeUsed);
    }
    if now >= code.expires {
        return Err(Refusal::CodeExpired);
    }
    if code.ask.redirect_uri != ask.redirect_uri {
        return Err(Refusal::RedirectDiffers);
    }
    match (&code.ask.challenge, ask.verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if verifier_fits(challenge, verifier) => Ok(()),
        _ => Err(Refusal::VerifierWrong),
    }
}

fn access_prefix(provider: Provider) -> &'static str {
    match provider {
        Provider::Google => "ya29.",
        Provider::Microsoft | Provider::CalDav => "EwB",
    }
}
