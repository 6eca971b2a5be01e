//! An account's tokens: the access token in memory, the refresh token in the engine's keeping.

use async_trait::async_trait;
use chrono::TimeDelta;
use daymark_core::time::Instant;
use oauth2::basic::BasicTokenResponse;
use oauth2::{AccessToken, RefreshToken, TokenResponse};
use tokio::sync::Mutex;

use super::server::AuthServer;
use crate::error::RemoteError;
use crate::http::Service;

/// A token that dies on its way is of no use.
const MARGIN: TimeDelta = TimeDelta::seconds(60);
/// Where `expires_in` is missing; a 401 before that is healed all the same.
const USUAL_LIFE: TimeDelta = TimeDelta::minutes(50);
/// No provider gives access for longer, and a larger number must not overflow the calendar.
const LONGEST_LIFE_S: u64 = 7 * 86_400;

/// An access token and when it ends. Its `Debug` shows no token.
#[derive(Clone, Debug)]
pub struct Access {
    pub token: AccessToken,
    pub expires_at: Instant,
}

impl Access {
    pub(super) fn of(answer: &BasicTokenResponse, asked_at: Instant) -> Self {
        let life = answer.expires_in().map_or(USUAL_LIFE, |life| {
            TimeDelta::seconds(i64::try_from(life.as_secs().min(LONGEST_LIFE_S)).unwrap_or_default())
        });
        Access { token: answer.access_token().clone(), expires_at: asked_at + life }
    }

    fn is_good(&self, now: Instant) -> bool {
        now + MARGIN < self.expires_at
    }
}

/// What a finished sign-in brings. Its `Debug` shows no token.
#[derive(Clone, Debug)]
pub struct Grant {
    pub refresh_token: RefreshToken,
    pub access: Access,
}

pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// Where one account's refresh token is kept: the keyring.
#[async_trait]
pub trait TokenStore: Send + Sync {
    async fn load(&self) -> Result<Option<String>, StoreError>;
    /// Replaces the old one, wholly or not at all, before it returns.
    async fn save(&self, refresh_token: &str) -> Result<(), StoreError>;
}

/// One account's tokens.
pub struct Tokens {
    server: AuthServer,
    service: Service,
    store: Box<dyn TokenStore>,
    /// Held while refreshing, so that many callers cause one refresh.
    current: Mutex<Option<Access>>,
}

impl Tokens {
    pub fn new(server: AuthServer, service: Service, store: Box<dyn TokenStore>) -> Self {
        Tokens { server, service, store, current: Mutex::new(None) }
    }

    /// A token that is good for a call now.
    pub async fn access(&self) -> Result<String, RemoteError> {
        let mut current = self.current.lock().await;
        let now = self.service.pace().now();
        if let Some(access) = current.as_ref().filter(|access| access.is_good(now)) {
            return Ok(access.token.secret().clone());
        }
        let access = self.refresh(now).await?;
        Ok(current.insert(access).token.secret().clone())
    }

    /// The service refused this token: the next call takes a new one.
    pub async fn refused(&self, token: &str) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|access| access.token.secret() == token) {
            *current = None;
        }
    }

    /// Takes over what a sign-in brought.
    pub async fn adopt(&self, grant: Grant) -> Result<(), RemoteError> {
        let mut current = self.current.lock().await;
        self.store.save(grant.refresh_token.secret()).await.map_err(keyring)?;
        *current = Some(grant.access);
        Ok(())
    }

    /// Gives the grant back to the provider. The stored token is the engine's to remove.
    pub async fn revoke(&self) -> Result<(), RemoteError> {
        let mut current = self.current.lock().await;
        *current = None;
        match self.store.load().await.map_err(keyring)? {
            Some(token) => self.server.revoke(&self.service, &RefreshToken::new(token)).await,
            None => Ok(()),
        }
    }

    async fn refresh(&self, now: Instant) -> Result<Access, RemoteError> {
        let stored = self.store.load().await.map_err(keyring)?.ok_or_else(|| RemoteError::SignIn {
            reason: "this computer holds no permission for the account".into(),
        })?;
        let stored = RefreshToken::new(stored);
        let answer = self.server.refresh(&self.service, &stored).await?;
        // Microsoft sends a new one each time, Google usually none. It is kept before anything else
        // is done: losing it later would cost the grant.
        if let Some(rotated) = answer.refresh_token().filter(|token| token.secret() != stored.secret()) {
            self.store.save(rotated.secret()).await.map_err(keyring)?;
        }
        Ok(Access::of(&answer, now))
    }
}

fn keyring(source: StoreError) -> RemoteError {
    RemoteError::Secrets { source }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::http::client;
    use crate::settings::{ClientId, MicrosoftSettings};
    use crate::testing::{Drawer, Script, StillPace, json_answer};

    struct Bench {
        tokens: Tokens,
        drawer: Drawer,
        pace: Arc<StillPace>,
        script: Script,
    }

    async fn bench(answers: impl IntoIterator<Item = String>) -> Bench {
        let script = Script::play(answers).await;
        let client_id = Some(ClientId { id: "app".into(), secret: Some("never sent".into()) });
        let settings = MicrosoftSettings {
            token: script.url("token"),
            client: client_id,
            ..MicrosoftSettings::default()
        };
        let pace = StillPace::new();
        let drawer = Drawer::with("first");
        let service = Service::new("Microsoft sign-in", client().unwrap(), 1, pace.clone());
        let server = AuthServer::microsoft(&settings).unwrap();
        let tokens = Tokens::new(server, service, Box::new(drawer.clone()));
        Bench { tokens, drawer, pace, script }
    }

    fn answer(access: &str, refresh: Option<&str>) -> String {
        let mut body = json!({"access_token": access, "token_type": "Bearer", "expires_in": 3600});
        if let Some(token) = refresh {
            body["refresh_token"] = json!(token);
        }
        json_answer(200, &body)
    }

    #[tokio::test]
    async fn many_callers_cause_one_refresh() {
        let bench = bench([answer("a1", None)]).await;
        let (one, two, three) =
            tokio::join!(bench.tokens.access(), bench.tokens.access(), bench.tokens.access());
        assert_eq!((one.unwrap(), two.unwrap(), three.unwrap()), ("a1".into(), "a1".into(), "a1".into()));
        let heard = bench.script.heard();
        assert_eq!(heard.len(), 1);
        assert!(!heard[0].contains("client_secret"), "a public client sends no secret");
    }

    #[tokio::test]
    async fn the_rotated_refresh_token_replaces_the_old_one_and_a_missing_one_keeps_it() {
        let bench = bench([answer("a1", Some("second")), answer("a2", None)]).await;
        bench.tokens.access().await.unwrap();
        assert_eq!(bench.drawer.content().as_deref(), Some("second"));
        bench.pace.pass(TimeDelta::minutes(59) + TimeDelta::seconds(1));
        assert_eq!(bench.tokens.access().await.unwrap(), "a2");
        assert_eq!(bench.drawer.content().as_deref(), Some("second"));
        assert!(bench.script.heard()[1].contains("refresh_token=second"));
    }

    #[tokio::test]
    async fn a_token_is_not_used_before_its_successor_is_safe() {
        let bench = bench([answer("a1", Some("second")), answer("a2", Some("third"))]).await;
        bench.drawer.lock(true);
        let locked = bench.tokens.access().await.unwrap_err();
        assert!(matches!(locked, RemoteError::Secrets { .. }), "a locked keyring is no missing network");
        assert!(!locked.leaves_outcome_unknown(), "nothing was sent");
        bench.drawer.lock(false);
        assert_eq!(bench.tokens.access().await.unwrap(), "a2");
    }

    #[tokio::test]
    async fn a_lost_grant_asks_for_a_sign_in_and_keeps_what_is_stored() {
        let bench = bench([json_answer(400, &json!({"error": "invalid_grant"}))]).await;
        assert!(matches!(bench.tokens.access().await, Err(RemoteError::SignIn { .. })));
        assert!(bench.drawer.content().is_some());
    }

    #[tokio::test]
    async fn an_offline_identity_service_does_not_ask_for_a_sign_in() {
        let bench = bench(["", "", "", ""].map(String::from)).await;
        assert!(matches!(bench.tokens.access().await, Err(RemoteError::Unreachable { .. })));
    }

    #[tokio::test]
    async fn only_the_refused_token_is_thrown_away() {
        let bench = bench([answer("a1", None), answer("a2", None)]).await;
        bench.tokens.access().await.unwrap();
        bench.tokens.refused("an older one").await;
        assert_eq!(bench.tokens.access().await.unwrap(), "a1");
        bench.tokens.refused("a1").await;
        assert_eq!(bench.tokens.access().await.unwrap(), "a2");
    }

    #[tokio::test]
    async fn an_answer_without_sense_does_not_show_its_tokens() {
        let bench =
            bench([json_answer(200, &json!({"access_token": ["s3cret"], "token_type": "Bearer"}))]).await;
        let why = bench.tokens.access().await.unwrap_err();
        assert!(!format!("{why:?}").contains("s3cret"), "{why:?}");
    }
}
