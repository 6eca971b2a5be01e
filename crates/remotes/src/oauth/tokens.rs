//! An account's tokens: the access token in memory, the refresh token in the engine's keeping.

use std::sync::{Arc, Mutex as Lock, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::TimeDelta;
use daymark_core::time::Instant;
use oauth2::{AccessToken, RefreshToken, TokenResponse};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::answer::{TokenAnswer, refresh_ends};
use super::server::AuthServer;
use crate::error::{RemoteError, SignInFailure};
use crate::http::Service;

/// A token that dies on its way is of no use.
const MARGIN: TimeDelta = TimeDelta::seconds(60);
/// Where `expires_in` is missing; a 401 before that is healed all the same.
const USUAL_LIFE: TimeDelta = TimeDelta::minutes(50);
/// No provider gives access for longer, and a larger number must not overflow the calendar.
const LONGEST_LIFE_S: u64 = 7 * 86_400;
/// A token is renewed when five sixths of its life are over: an outage of the sign-in is then seen
/// while the old token still works.
const RENEWED_AFTER: (i32, i32) = (5, 6);
/// While the old token still works, a sign-in that fails is not asked again sooner.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// An access token and when it ends. Its `Debug` shows no token.
#[derive(Clone, Debug)]
pub struct Access {
    pub token: AccessToken,
    pub expires_at: Instant,
    renew_at: Instant,
}

impl Access {
    pub fn new(token: AccessToken, asked_at: Instant, life: TimeDelta) -> Self {
        let renew_at = asked_at + life * RENEWED_AFTER.0 / RENEWED_AFTER.1;
        Access { token, expires_at: asked_at + life, renew_at }
    }

    pub(super) fn of(answer: &TokenAnswer, asked_at: Instant) -> Self {
        let life = answer.expires_in().map_or(USUAL_LIFE, |life| {
            TimeDelta::seconds(i64::try_from(life.as_secs().min(LONGEST_LIFE_S)).unwrap_or_default())
        });
        Access::new(answer.access_token().clone(), asked_at, life)
    }

    fn is_good(&self, now: Instant) -> bool {
        now + MARGIN < self.expires_at
    }

    fn is_due(&self, now: Instant) -> bool {
        now >= self.renew_at
    }
}

/// What a finished sign-in brings. Its `Debug` shows no token.
#[derive(Clone, Debug)]
pub struct Grant {
    pub refresh_token: RefreshToken,
    pub access: Access,
    /// When it ends by itself, where the provider says so.
    pub refresh_ends: Option<Instant>,
}

pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// Where one account's refresh token is kept: the keyring.
#[async_trait]
pub trait TokenStore: Send + Sync {
    async fn load(&self) -> Result<Option<String>, StoreError>;
    /// Replaces the old one, wholly or not at all, before it returns.
    async fn save(&self, refresh_token: &str) -> Result<(), StoreError>;
}

/// How an account's permission stands, as far as this run has seen it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantStatus {
    /// When the provider last took the refresh token.
    pub renewed_at: Option<Instant>,
    /// When the refresh token ends by itself, where the provider says so.
    pub ends_at: Option<Instant>,
    /// Why renewing fails, while the access token still works.
    pub failing: Option<String>,
    /// The provider refused the refresh token itself.
    pub refused: bool,
    /// Why the newest refresh token is only in memory.
    pub unsaved: Option<String>,
}

/// One account's tokens; clones are the same tokens.
#[derive(Clone)]
pub struct Tokens {
    source: Arc<Source>,
    /// Held while renewing, so that many callers cause one renewal.
    held: Arc<Mutex<Held>>,
}

struct Source {
    server: AuthServer,
    service: Service,
    store: Box<dyn TokenStore>,
    status: Lock<GrantStatus>,
}

#[derive(Default)]
struct Held {
    access: Option<Access>,
    /// A refresh token that could not be stored yet. The stored one stands until it is.
    unsaved: Option<RefreshToken>,
    /// After a failed renewal: not before then.
    again_at: Option<Instant>,
    /// The account was disconnected; nothing of it may come back.
    retired: bool,
}

impl Tokens {
    pub fn new(server: AuthServer, service: Service, store: Box<dyn TokenStore>) -> Self {
        let source = Source { server, service, store, status: Lock::default() };
        Tokens { source: Arc::new(source), held: Arc::default() }
    }

    /// A token that is good for a call now.
    pub async fn access(&self) -> Result<String, RemoteError> {
        let mut held = Arc::clone(&self.held).lock_owned().await;
        let now = self.source.service.pace().now();
        self.source.save_late(&mut held).await;
        if let Some(access) = held.access.as_ref().filter(|access| access.is_good(now)) {
            let waits = held.again_at.is_some_and(|again| now < again && again - now <= PATIENCE);
            if waits || !access.is_due(now) {
                return Ok(access.token.secret().clone());
            }
        }
        self.renewed(held, now).await
    }

    /// Uses the refresh token although nobody needs access: a permission that is never used ends.
    pub async fn exercise(&self) -> Result<(), RemoteError> {
        let held = Arc::clone(&self.held).lock_owned().await;
        let now = self.source.service.pace().now();
        self.renewed(held, now).await.map(drop)
    }

    /// In a task of its own: a caller that is cut off must not take a rotated token with it.
    async fn renewed(&self, mut held: OwnedMutexGuard<Held>, now: Instant) -> Result<String, RemoteError> {
        let source = Arc::clone(&self.source);
        let task = tokio::spawn(async move { source.renew(&mut held, now).await });
        let cut = |why| RemoteError::Unreachable { service: "the sign-in", source: Box::new(why) };
        task.await.map_err(cut)?
    }

    /// The service refused this token: the next call takes a new one.
    pub async fn refused(&self, token: &str) {
        let mut held = self.held.lock().await;
        if held.access.as_ref().is_some_and(|access| access.token.secret() == token) {
            held.access = None;
        }
    }

    /// Takes over what a sign-in brought.
    pub async fn adopt(&self, grant: Grant) -> Result<(), RemoteError> {
        let mut held = self.held.lock().await;
        self.source.store.save(grant.refresh_token.secret()).await.map_err(keyring)?;
        *held = Held { access: Some(grant.access), ..Held::default() };
        let renewed_at = Some(self.source.service.pace().now());
        let status = GrantStatus { renewed_at, ends_at: grant.refresh_ends, ..GrantStatus::default() };
        *self.source.status() = status;
        Ok(())
    }

    /// Lets go of everything, and takes part in nothing any more. What is stored is the engine's to remove.
    pub async fn retire(&self) {
        *self.held.lock().await = Held { retired: true, ..Held::default() };
    }

    pub fn status(&self) -> GrantStatus {
        self.source.status().clone()
    }
}

impl Source {
    fn status(&self) -> MutexGuard<'_, GrantStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A renewal that fails in passing leaves the old token in use for as long as it is good.
    async fn renew(&self, held: &mut Held, now: Instant) -> Result<String, RemoteError> {
        match self.refresh(held, now).await {
            Ok(access) => {
                held.again_at = None;
                Ok(held.access.insert(access).token.secret().clone())
            }
            // A wrong registration takes no access away that was given before.
            Err(error) if error.is_passing() || matches!(error, RemoteError::Client(_)) => {
                held.again_at = Some(now + PATIENCE);
                self.status().failing = Some(error.to_string());
                let standing = held.access.as_ref().filter(|access| access.is_good(now));
                standing.map(|access| access.token.secret().clone()).ok_or(error)
            }
            Err(error) => {
                held.access = None;
                Err(error)
            }
        }
    }

    async fn refresh(&self, held: &mut Held, now: Instant) -> Result<Access, RemoteError> {
        let token = self.current(held).await?;
        let answer = match self.server.refresh(&self.service, &token).await {
            Ok(answer) => answer,
            Err(error) => {
                self.status().refused = matches!(error, RemoteError::SignIn(SignInFailure::Lapsed { .. }));
                return Err(error);
            }
        };
        // Microsoft sends a new one each time, Google usually none. It is kept before anything else
        // is done: losing it later would cost the grant.
        if let Some(rotated) = answer.refresh_token().filter(|rotated| rotated.secret() != token.secret()) {
            held.unsaved = Some(rotated.clone());
            self.save_late(held).await;
        }
        self.note_renewed(&answer, now);
        self.server.check_scopes(&answer)?;
        Ok(Access::of(&answer, now))
    }

    async fn current(&self, held: &Held) -> Result<RefreshToken, RemoteError> {
        if held.retired {
            return Err(SignInFailure::Lapsed { reason: "the account was disconnected".into() }.into());
        }
        if let Some(unsaved) = &held.unsaved {
            return Ok(unsaved.clone());
        }
        let stored = self.store.load().await.map_err(keyring)?.ok_or_else(|| SignInFailure::Lapsed {
            reason: "this computer holds no permission for the account".into(),
        })?;
        Ok(RefreshToken::new(stored))
    }

    /// Stores what could not be stored before. Until that works the new token lives in memory and
    /// the old one in the keyring, so that neither is lost.
    async fn save_late(&self, held: &mut Held) {
        let Some(token) = &held.unsaved else { return };
        match self.store.save(token.secret()).await {
            Ok(()) => {
                held.unsaved = None;
                self.status().unsaved = None;
            }
            Err(error) => self.status().unsaved = Some(error.to_string()),
        }
    }

    fn note_renewed(&self, answer: &TokenAnswer, now: Instant) {
        let mut status = self.status();
        status.renewed_at = Some(now);
        status.failing = None;
        status.refused = false;
        status.ends_at = refresh_ends(answer, now).or(status.ends_at);
    }
}

fn keyring(source: StoreError) -> RemoteError {
    RemoteError::Keyring { source }
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
        let callers = (0..100).map(|_| bench.tokens.access());
        let answers = futures_util::future::join_all(callers).await;
        assert!(answers.iter().all(|answer| answer.as_deref().unwrap() == "a1"));
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
    async fn a_keyring_that_fails_in_the_middle_keeps_the_old_token_until_the_new_one_is_safe() {
        let bench = bench([answer("a1", Some("second")), answer("a2", Some("third"))]).await;
        bench.drawer.lock(true);
        assert_eq!(bench.tokens.access().await.unwrap(), "a1");
        assert_eq!(bench.drawer.content().as_deref(), Some("first"), "the old one stands");
        assert!(bench.tokens.status().unsaved.is_some(), "and somebody is told");
        bench.pace.pass(TimeDelta::hours(1));
        assert_eq!(bench.tokens.access().await.unwrap(), "a2");
        assert!(bench.script.heard()[1].contains("refresh_token=second"), "the newest one is used");
        bench.drawer.lock(false);
        bench.tokens.access().await.unwrap();
        assert_eq!(bench.drawer.content().as_deref(), Some("third"));
        assert_eq!(bench.tokens.status().unsaved, None);
    }

    #[tokio::test]
    async fn a_caller_that_is_cut_off_does_not_take_the_rotated_token_with_it() {
        let bench = bench([answer("a1", Some("second"))]).await;
        let mut call = Box::pin(bench.tokens.access());
        assert!(futures_util::poll!(call.as_mut()).is_pending());
        drop(call);
        assert_eq!(bench.tokens.access().await.unwrap(), "a1", "the renewal went on without its caller");
        assert_eq!(bench.drawer.content().as_deref(), Some("second"));
        assert_eq!(bench.script.heard().len(), 1);
    }

    #[tokio::test]
    async fn a_token_is_renewed_before_it_ends_and_an_outage_then_hurts_nobody() {
        let failures = (0..4).map(|_| json_answer(503, &json!({})));
        let answers = [answer("a1", None)].into_iter().chain(failures).chain([answer("a2", None)]);
        let bench = bench(answers).await;
        bench.tokens.access().await.unwrap();
        bench.pace.pass(TimeDelta::minutes(51));
        assert_eq!(bench.tokens.access().await.unwrap(), "a1", "the old token still works");
        assert!(bench.tokens.status().failing.is_some());
        let asked = bench.script.heard().len();
        assert_eq!(bench.tokens.access().await.unwrap(), "a1");
        assert_eq!(bench.script.heard().len(), asked, "and the sign-in is left alone for a minute");
        bench.pace.pass(TimeDelta::seconds(61));
        assert_eq!(bench.tokens.access().await.unwrap(), "a2");
        assert_eq!(bench.tokens.status().failing, None);
    }

    #[tokio::test]
    async fn a_permission_that_became_narrower_is_named() {
        let mut body = json!({"access_token": "a1", "token_type": "Bearer", "scope": "User.Read"});
        body["refresh_token"] = json!("second");
        let bench = bench([json_answer(200, &body)]).await;
        let narrowed = bench.tokens.access().await.unwrap_err();
        assert!(matches!(narrowed, RemoteError::Scope { scope } if scope == "Calendars.ReadWrite"));
        assert_eq!(
            bench.drawer.content().as_deref(),
            Some("second"),
            "the newest token is kept all the same"
        );
    }

    #[tokio::test]
    async fn what_was_retired_asks_for_nothing_and_stores_nothing() {
        let bench = bench([answer("a1", Some("second"))]).await;
        bench.tokens.retire().await;
        assert!(matches!(bench.tokens.access().await, Err(RemoteError::SignIn { .. })));
        assert!(bench.script.heard().is_empty());
        assert!(!bench.tokens.status().refused, "no provider refused anything");
    }

    #[tokio::test]
    async fn a_lost_grant_asks_for_a_sign_in_and_keeps_what_is_stored() {
        let bench = bench([json_answer(400, &json!({"error": "invalid_grant"}))]).await;
        assert!(matches!(bench.tokens.access().await, Err(RemoteError::SignIn { .. })));
        assert!(bench.drawer.content().is_some());
        assert!(bench.tokens.status().refused);
    }

    #[tokio::test]
    async fn a_client_that_is_not_accepted_costs_neither_the_grant_nor_the_access_that_stands() {
        let refusal = || json_answer(401, &json!({"error": "invalid_client"}));
        let bench = bench([answer("a1", None), refusal(), refusal()]).await;
        bench.tokens.access().await.unwrap();
        bench.pace.pass(TimeDelta::minutes(51));
        assert_eq!(bench.tokens.access().await.unwrap(), "a1", "what stands is used to its end");
        assert!(bench.tokens.status().failing.unwrap().contains("client id"));
        bench.pace.pass(TimeDelta::minutes(9));
        let why = bench.tokens.access().await.unwrap_err();
        assert!(matches!(why, RemoteError::Client(_)), "{why:?}");
        assert_eq!(bench.drawer.content().as_deref(), Some("first"));
        assert!(!bench.tokens.status().refused, "the grant itself was not refused");
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
