//! The authorization servers: their addresses, what Daymark asks of them, and the token endpoint.

use oauth2::basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    PkceCodeVerifier, RedirectUrl, RefreshToken, Scope, StandardRevocableToken, TokenResponse, TokenUrl,
};
use reqwest::header::ACCEPT;
use reqwest::{Method, Url};

use super::answer::TokenAnswer;
use super::refusal::{self, Asked, Moment};
use crate::error::{ClientFailure, RemoteError};
use crate::http::{Request, Service};
use crate::settings::{ClientId, GoogleSettings, MicrosoftSettings};

const FORM: &str = "application/x-www-form-urlencoded";

type Client<Authorize = EndpointNotSet, Token = EndpointNotSet> = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    Authorize,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Token,
>;
pub(super) type Endpoints = Client<EndpointSet, EndpointSet>;

/// Where and how an account of one provider is signed in.
#[derive(Clone, Debug)]
pub struct AuthServer {
    pub(super) name: &'static str,
    authorize: Url,
    token: Url,
    revoke: Option<Url>,
    client: ClientId,
    manners: &'static Manners,
}

/// What differs between the providers.
#[derive(Debug)]
pub(super) struct Manners {
    pub scopes: &'static [&'static str],
    /// One of each line must be granted: people can untick scopes on the consent page.
    pub needs: &'static [&'static [&'static str]],
    pub extras: &'static [(&'static str, &'static str)],
    /// Sent only when no account is named: these make the person choose one.
    pub extras_without_hint: &'static [(&'static str, &'static str)],
    /// Graph spells its scopes with and without this.
    pub scope_prefix: &'static str,
    pub loopback_host: &'static str,
    /// The part of `config.toml` that holds the client.
    section: &'static str,
    sends_secret: bool,
}

const GOOGLE: Manners = Manners {
    scopes: &[
        "https://www.googleapis.com/auth/calendar.events",
        "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
        // Not needed: without it only calendars that share no more than free and busy cannot be read.
        "https://www.googleapis.com/auth/calendar.events.freebusy",
    ],
    needs: &[
        &["https://www.googleapis.com/auth/calendar.events", "https://www.googleapis.com/auth/calendar"],
        &[
            "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
            "https://www.googleapis.com/auth/calendar.calendarlist",
            "https://www.googleapis.com/auth/calendar.readonly",
            "https://www.googleapis.com/auth/calendar",
        ],
    ],
    // Without `prompt=consent` a second consent brings no refresh token.
    extras: &[("access_type", "offline"), ("prompt", "consent")],
    extras_without_hint: &[],
    scope_prefix: "",
    loopback_host: "127.0.0.1",
    section: "google",
    sends_secret: true,
};

const MICROSOFT: Manners = Manners {
    scopes: &["offline_access", "User.Read", "Calendars.ReadWrite"],
    needs: &[&["Calendars.ReadWrite"], &["User.Read"]],
    extras: &[],
    extras_without_hint: &[("prompt", "select_account")],
    scope_prefix: "https://graph.microsoft.com/",
    // The registration page takes `http://localhost` with any port; 127.0.0.1 needs the manifest.
    loopback_host: "localhost",
    section: "microsoft",
    sends_secret: false,
};

impl AuthServer {
    pub fn google(settings: &GoogleSettings) -> Result<Self, RemoteError> {
        Ok(AuthServer {
            name: "Google",
            authorize: settings.authorize.clone(),
            token: settings.token.clone(),
            revoke: Some(settings.revoke.clone()),
            client: registered("Google", &GOOGLE, settings.client.as_ref())?,
            manners: &GOOGLE,
        })
    }

    pub fn microsoft(settings: &MicrosoftSettings) -> Result<Self, RemoteError> {
        Ok(AuthServer {
            name: "Microsoft",
            authorize: settings.authorize.clone(),
            token: settings.token.clone(),
            revoke: None,
            client: registered("Microsoft", &MICROSOFT, settings.client.as_ref())?,
            manners: &MICROSOFT,
        })
    }

    pub(super) fn manners(&self) -> &'static Manners {
        self.manners
    }

    pub(super) fn asked(&self) -> Asked<'_> {
        Asked { service: self.name, section: self.manners.section, client: &self.client.id }
    }

    pub(super) fn endpoints(&self) -> Endpoints {
        let secret = self.client.secret.clone().filter(|_| self.manners.sends_secret);
        let client = Client::new(oauth2::ClientId::new(self.client.id.clone()))
            .set_auth_uri(AuthUrl::from_url(self.authorize.clone()))
            .set_token_uri(TokenUrl::from_url(self.token.clone()))
            .set_auth_type(AuthType::RequestBody);
        match secret {
            Some(secret) => client.set_client_secret(oauth2::ClientSecret::new(secret)),
            None => client,
        }
    }

    /// A code is good once, so this is never repeated.
    pub(super) async fn exchange(
        &self,
        service: &Service,
        code: String,
        verifier: PkceCodeVerifier,
        redirect: RedirectUrl,
    ) -> Result<TokenAnswer, RemoteError> {
        self.endpoints()
            .set_redirect_uri(redirect)
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(verifier)
            .request_async(&Way { service, repeatable: false })
            .await
            .map_err(|why| refusal::sorted(self.asked(), Moment::Code, why))
    }

    /// Repeating is harmless: Google's tokens stay, Microsoft's old one is not revoked by a new one.
    pub(super) async fn refresh(
        &self,
        service: &Service,
        token: &RefreshToken,
    ) -> Result<TokenAnswer, RemoteError> {
        self.endpoints()
            .exchange_refresh_token(token)
            .request_async(&Way { service, repeatable: true })
            .await
            .map_err(|why| refusal::sorted(self.asked(), Moment::Refresh, why))
    }

    /// Ends the grant at the provider, where it offers that (RFC 7009).
    pub async fn revoke(&self, service: &Service, refresh_token: &str) -> Result<(), RemoteError> {
        let Some(url) = &self.revoke else { return Ok(()) };
        let form =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("token", refresh_token).finish();
        let request = Request::new(Method::POST, url.clone()).body(FORM, form).repeatable();
        let answer = service.send(request).await?;
        match answer.status.as_u16() {
            // 400 `invalid_token`: it was gone already.
            200..=299 | 400 => Ok(()),
            status => Err(RemoteError::Server { service: self.name, status }),
        }
    }

    /// Consent may be narrower than what was asked (Google shows each scope with a box).
    pub(super) fn check_scopes(&self, token: &TokenAnswer) -> Result<(), RemoteError> {
        // RFC 6749 §5.1: a missing `scope` means: as asked.
        let Some(granted) = token.scopes() else { return Ok(()) };
        for need in self.manners.needs {
            if !need.iter().any(|scope| granted.iter().any(|granted| self.same_scope(granted, scope))) {
                let scope = need.first().copied().unwrap_or_default().to_owned();
                return Err(RemoteError::Scope { scope });
            }
        }
        Ok(())
    }

    fn same_scope(&self, granted: &Scope, scope: &str) -> bool {
        let bare = granted.strip_prefix(self.manners.scope_prefix).unwrap_or(granted);
        bare.eq_ignore_ascii_case(scope)
    }
}

fn registered(
    service: &'static str,
    manners: &Manners,
    client: Option<&ClientId>,
) -> Result<ClientId, RemoteError> {
    let missing = ClientFailure::Missing { service, section: manners.section };
    Ok(client.filter(|client| !client.id.trim().is_empty()).cloned().ok_or(missing)?)
}

/// Our one way out, as the oauth2 crate asks for it. A closure would do, but for a compiler that
/// cannot see such a future as `Send` (rust-lang/rust#110338).
struct Way<'a> {
    service: &'a Service,
    repeatable: bool,
}

impl<'c> oauth2::AsyncHttpClient<'c> for Way<'_> {
    type Error = RemoteError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, RemoteError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(call(self.service, request, self.repeatable))
    }
}

/// Carries the oauth2 crate's request over our one way out.
async fn call(
    service: &Service,
    request: HttpRequest,
    repeatable: bool,
) -> Result<HttpResponse, RemoteError> {
    let wrong = |reason: String| RemoteError::Invalid { service: service.name(), reason };
    let url = Url::parse(&request.uri().to_string()).map_err(|why| wrong(why.to_string()))?;
    let mut ours =
        Request::new(Method::POST, url).header(ACCEPT, "application/json")?.body(FORM, request.into_body());
    if repeatable {
        ours = ours.repeatable();
    }
    let answer = service.send(ours).await?;
    let mut response = HttpResponse::new(answer.body.to_vec());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn microsoft() -> AuthServer {
        let client = Some(ClientId { id: "app".into(), secret: Some("never sent".into()) });
        AuthServer::microsoft(&MicrosoftSettings { client, ..MicrosoftSettings::default() }).unwrap()
    }

    fn token(scope: &str) -> TokenAnswer {
        let answer = json!({"access_token": "a", "token_type": "Bearer", "scope": scope});
        serde_json::from_value(answer).unwrap()
    }

    #[test]
    fn a_provider_without_client_id_says_what_to_do() {
        let why = AuthServer::google(&GoogleSettings::default()).unwrap_err();
        assert!(why.to_string().contains("put `client` under [google] in config.toml"), "{why}");
    }

    #[test]
    fn graph_may_spell_its_scopes_in_full_and_in_any_case() {
        let full =
            "openid https://graph.microsoft.com/calendars.readwrite https://graph.microsoft.com/User.Read";
        assert!(microsoft().check_scopes(&token(full)).is_ok());
        assert!(microsoft().check_scopes(&token("User.Read Calendars.ReadWrite")).is_ok());
    }

    #[test]
    fn a_narrower_consent_names_the_scope_that_is_missing() {
        let why = microsoft().check_scopes(&token("User.Read Calendars.Read")).unwrap_err();
        assert!(matches!(why, RemoteError::Scope { scope } if scope == "Calendars.ReadWrite"));
    }

    #[test]
    fn googles_widest_scope_covers_what_is_needed() {
        let client = Some(ClientId { id: "app".into(), secret: None });
        let google = AuthServer::google(&GoogleSettings { client, ..GoogleSettings::default() }).unwrap();
        assert!(google.check_scopes(&token("https://www.googleapis.com/auth/calendar")).is_ok());
        assert!(google.check_scopes(&token("https://www.googleapis.com/auth/calendar.events")).is_err());
    }
}
