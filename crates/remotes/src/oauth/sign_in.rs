//! One sign-in: from the address that the browser opens to the first tokens.

use std::future::Future;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use daymark_core::entropy::{Entropy, bytes};
use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse};
use url::Url;

use super::answer::refresh_ends;
use super::loopback::{self, Loopback, Tab};
use super::server::AuthServer;
use super::tokens::{Access, Grant};
use crate::error::{RemoteError, SignInFailure};
use crate::http::Service;

/// A sign-in that waits for the browser. Dropping it closes its port.
pub struct SignIn {
    server: AuthServer,
    authorize_url: Url,
    door: Loopback,
    redirect: RedirectUrl,
    state: CsrfToken,
    verifier: PkceCodeVerifier,
}

impl SignIn {
    /// Opens the door on 127.0.0.1 and makes the address for the system's browser.
    /// `login_hint` names the account that signs in again.
    pub async fn begin(
        server: &AuthServer,
        login_hint: Option<&str>,
        entropy: &dyn Entropy,
    ) -> Result<SignIn, RemoteError> {
        let door = Loopback::open().await.map_err(loopback::failed)?;
        let manners = server.manners();
        let redirect = redirect_to(manners.loopback_host, door.port())?;
        let state = CsrfToken::new(secret(entropy));
        let verifier = PkceCodeVerifier::new(secret(entropy));
        let endpoints = server.endpoints().set_redirect_uri(redirect.clone());
        let mut request = endpoints
            .authorize_url(|| state.clone())
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(manners.scopes.iter().map(|scope| Scope::new((*scope).to_owned())));
        let chooses = if login_hint.is_some() { &[] } else { manners.extras_without_hint };
        for (name, value) in manners.extras.iter().chain(chooses) {
            request = request.add_extra_param(*name, *value);
        }
        if let Some(account) = login_hint {
            request = request.add_extra_param("login_hint", account.to_owned());
        }
        let (authorize_url, _) = request.url();
        Ok(SignIn { server: server.clone(), authorize_url, door, redirect, state, verifier })
    }

    /// Where the system's browser goes.
    pub fn authorize_url(&self) -> &Url {
        &self.authorize_url
    }

    /// Waits until the browser comes back with an answer to this sign-in, or `give_up` ends.
    /// `on_stranger` hears of each answer to another one; the wait goes on.
    pub async fn answer(
        self,
        give_up: impl Future<Output = ()>,
        on_stranger: &(dyn Fn() + Sync),
    ) -> Result<(Answer, Tab), RemoteError> {
        let asked = self.server.asked();
        let (code, tab) = self.door.answer(asked, self.state.secret(), give_up, on_stranger).await?;
        let Self { server, redirect, verifier, .. } = self;
        Ok((Answer { code, server, redirect, verifier }, tab))
    }
}

/// What the browser brought: good for tokens, once.
pub struct Answer {
    code: String,
    server: AuthServer,
    redirect: RedirectUrl,
    verifier: PkceCodeVerifier,
}

impl Answer {
    /// Fetches the tokens, and sees to it that they will do.
    pub async fn redeem(self, service: &Service) -> Result<Grant, RemoteError> {
        let asked_at = service.pace().now();
        let token = self.server.exchange(service, self.code, self.verifier, self.redirect).await?;
        self.server.check_scopes(&token)?;
        let refresh_token = token.refresh_token().cloned();
        let refresh_token = refresh_token.ok_or(SignInFailure::NotLasting { service: self.server.name })?;
        let refresh_ends = refresh_ends(&token, asked_at);
        Ok(Grant { refresh_token, access: Access::of(&token, asked_at), refresh_ends })
    }
}

/// Without a path: Microsoft compares what follows the port, and registers `http://localhost` bare.
fn redirect_to(host: &str, port: u16) -> Result<RedirectUrl, RemoteError> {
    RedirectUrl::new(format!("http://{host}:{port}"))
        .map_err(|why| RemoteError::Invalid { service: "the sign-in", reason: why.to_string() })
}

/// 256 random bits in 43 letters: the least that RFC 7636 §4.1 takes for a verifier.
fn secret(entropy: &dyn Entropy) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes::<32>(entropy))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use base64::Engine;
    use serde_json::json;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::http::client;
    use crate::settings::{ClientId, GoogleSettings, MicrosoftSettings};
    use crate::testing::{Dice, Script, StillPace, json_answer, knock};

    fn google(script: &Script) -> AuthServer {
        let client = Some(ClientId { id: "desktop".into(), secret: Some("not-so-secret".into()) });
        let token = script.url("token");
        AuthServer::google(&GoogleSettings { token, client, ..GoogleSettings::default() }).unwrap()
    }

    fn service() -> Service {
        Service::new("Google sign-in", client().unwrap(), 1, StillPace::new())
    }

    fn params(url: &Url) -> BTreeMap<String, String> {
        url.query_pairs().into_owned().collect()
    }

    /// Plays the browser: comes back with a code and the state that the address carried.
    async fn come_back(url: Url) -> String {
        let params = params(&url);
        let back: Url = params["redirect_uri"].parse().unwrap();
        knock(back.port().unwrap(), &format!("GET /?code=c0de&state={} HTTP/1.1\r\n\r\n", params["state"]))
            .await
    }

    async fn signed_in(answer: serde_json::Value) -> (Result<Grant, RemoteError>, Vec<String>, String, Url) {
        signed_in_with(200, answer).await
    }

    async fn signed_in_with(
        status: u16,
        answer: serde_json::Value,
    ) -> (Result<Grant, RemoteError>, Vec<String>, String, Url) {
        let script = Script::play([json_answer(status, &answer)]).await;
        let sign_in = SignIn::begin(&google(&script), None, &Dice::new(1)).await.unwrap();
        let url = sign_in.authorize_url().clone();
        let browser = tokio::spawn(come_back(url.clone()));
        let (answer, tab) = sign_in.answer(std::future::pending(), &|| {}).await.unwrap();
        let service = service();
        let grant = tab.follow(answer.redeem(&service), std::future::pending()).await;
        (grant, script.heard(), browser.await.unwrap(), url)
    }

    const BOTH: &str = "https://www.googleapis.com/auth/calendar.events \
                        https://www.googleapis.com/auth/calendar.calendarlist.readonly";

    #[tokio::test]
    async fn the_code_is_exchanged_with_the_verifier_of_the_challenge() {
        let answer = json!({"access_token": "acc", "token_type": "Bearer", "expires_in": 3920,
                            "refresh_token": "ref", "scope": BOTH});
        let (grant, heard, page, url) = signed_in(answer).await;
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("That’s it"), "{page}");
        let grant = grant.unwrap();
        assert_eq!(grant.refresh_token.secret(), "ref");
        let form: BTreeMap<String, String> =
            url::form_urlencoded::parse(heard[0].split("\r\n\r\n").nth(1).unwrap().as_bytes())
                .into_owned()
                .collect();
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
        let asked = params(&url);
        assert_eq!(asked["code_challenge"], challenge);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!((&*asked["access_type"], &*asked["prompt"]), ("offline", "consent"));
        assert_eq!(form["redirect_uri"], asked["redirect_uri"]);
        assert_eq!((&*form["code"], &*form["client_secret"]), ("c0de", "not-so-secret"));
    }

    #[tokio::test]
    async fn a_grant_without_refresh_token_is_no_sign_in() {
        let answer = json!({"access_token": "acc", "token_type": "Bearer", "scope": BOTH});
        let why = signed_in(answer).await.0.unwrap_err();
        assert!(matches!(why, RemoteError::SignIn(SignInFailure::NotLasting { .. })), "{why}");
        assert!(why.to_string().contains("no lasting permission"), "{why}");
    }

    #[tokio::test]
    async fn a_code_that_is_not_taken_back_shows_no_that_is_it_in_the_browser() {
        let (refused, _, page, _) = signed_in_with(400, json!({"error": "invalid_grant"})).await;
        let why = refused.unwrap_err();
        assert!(matches!(why, RemoteError::SignIn(SignInFailure::RefusedCode { .. })), "{why}");
        assert!(page.starts_with("HTTP/1.1 400") && page.contains("Go back to Daymark"), "{page}");
        assert!(!page.contains("That’s it"), "{page}");
    }

    #[tokio::test]
    async fn a_narrower_consent_is_told_by_its_scope() {
        let answer = json!({"access_token": "acc", "token_type": "Bearer", "refresh_token": "ref",
                            "scope": "https://www.googleapis.com/auth/calendar.calendarlist.readonly"});
        let why = signed_in(answer).await.0.unwrap_err();
        assert!(matches!(why, RemoteError::Scope { scope } if scope.ends_with("calendar.events")));
    }

    #[tokio::test]
    async fn an_abandoned_sign_in_ends() {
        let script = Script::play([""]).await;
        let sign_in = SignIn::begin(&google(&script), None, &Dice::new(1)).await.unwrap();
        let why = sign_in.answer(async {}, &|| {}).await.err().unwrap();
        assert!(matches!(why, RemoteError::SignIn(SignInFailure::TookTooLong)));
    }

    #[tokio::test]
    async fn signing_in_again_names_the_account_instead_of_asking_for_one() {
        let client = Some(ClientId { id: "app".into(), secret: None });
        let settings = MicrosoftSettings { client, ..MicrosoftSettings::default() };
        let server = AuthServer::microsoft(&settings).unwrap();
        let dice: Arc<dyn Entropy> = Arc::new(Dice::new(1));
        let first = SignIn::begin(&server, None, &*dice).await.unwrap();
        let first = params(first.authorize_url());
        assert_eq!(first["prompt"], "select_account");
        assert!(first["redirect_uri"].starts_with("http://localhost:"));
        let again = SignIn::begin(&server, Some("maya@example.org"), &*dice).await.unwrap();
        let again = params(again.authorize_url());
        assert_eq!(again["login_hint"], "maya@example.org");
        assert!(!again.contains_key("prompt"));
        assert_ne!(first["state"], again["state"]);
    }
}
