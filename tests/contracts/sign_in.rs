//! Signing in through the system's browser, as the provider's consent page decides.

use std::collections::BTreeSet;

use daymark_remotes::error::RemoteError;
use daymark_remotes::http::{Pace as _, Service};
use daymark_remotes::oauth::{Grant, SignIn, Tokens};
use daymark_sandbox::consent::Decision;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use serde_json::json;

use crate::hands::At;
use crate::world::{Dice, Drawer, MAIL, World};

impl World {
    fn sign_in_service(&self) -> Service {
        Service::new("the sign-in", self.http.clone(), 1, self.pace.clone())
    }

    /// Signs in while the person does `in_browser` with the consent page's address; what comes of it
    /// is the address that the browser is sent back to.
    async fn sign_in(
        &self,
        in_browser: impl AsyncFnOnce(&World, &str) -> String,
    ) -> Result<Grant, RemoteError> {
        let sign_in = SignIn::begin(&self.oauth().server, None, &Dice::default()).await.unwrap();
        let address = sign_in.authorize_url().to_string();
        let browser = async {
            let back = in_browser(self, &address).await;
            // Whatever page it shows, the browser has done its part.
            self.http.clone().get(back).send().await.unwrap().text().await.unwrap()
        };
        let service = self.sign_in_service();
        let (grant, page) = tokio::join!(sign_in.finish(&service, std::future::pending()), browser);
        assert!(page.contains("</html>"), "the person is told something: {page}");
        grant
    }

    async fn decide(&self, address: &str, allowed: bool, scopes: &[&str]) -> String {
        let scopes: BTreeSet<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let decision = Decision { allowed, account: MAIL.to_owned(), scopes };
        self.control().consent(address, &decision).await.unwrap()
    }
}

async fn allow(world: &World, address: &str) -> String {
    world.control().allow(address, MAIL).await.unwrap()
}

pub async fn signing_in_brings_tokens_that_work(world: World) {
    let grant = world.sign_in(allow).await.unwrap();
    world.oauth().tokens.adopt(grant.clone()).await.unwrap();
    assert_eq!(world.oauth().drawer.content().as_deref(), Some(grant.refresh_token.secret().as_str()));
    assert!(grant.access.expires_at > world.pace.now());
    assert_eq!(world.provider.calendars().await.unwrap().len(), 3);
}

pub async fn an_answer_to_another_sign_in_is_refused(world: World) {
    let refused = world
        .sign_in(async |world: &World, address: &str| {
            let back = allow(world, address).await;
            let (before, after) = back.split_once("state=").unwrap();
            format!("{before}state=somebody-elses-{after}")
        })
        .await;
    assert!(matches!(refused, Err(RemoteError::SignIn { .. })), "{refused:?}");
}

pub async fn a_denied_consent_says_so(world: World) {
    let refused =
        world.sign_in(async |world: &World, address: &str| world.decide(address, false, &[]).await).await;
    let Err(RemoteError::SignIn { reason }) = refused else { panic!("{refused:?}") };
    assert!(!reason.contains("access_denied"), "words, not codes: {reason}");
}

pub async fn a_narrower_consent_names_the_missing_scope(world: World) {
    let granted: &[&str] = match world.kind {
        Provider::Google => &["https://www.googleapis.com/auth/calendar.calendarlist.readonly"],
        _ => &["offline_access", "User.Read"],
    };
    let refused =
        world.sign_in(async |world: &World, address: &str| world.decide(address, true, granted).await).await;
    let Err(RemoteError::Scope { scope }) = refused else { panic!("{refused:?}") };
    assert!(scope.contains("alendar"), "{scope}");
}

pub async fn a_sign_in_without_a_refresh_token_is_refused(world: World) {
    let body = json!({"access_token": "a", "token_type": "Bearer", "expires_in": 3599});
    let answer = Kind::Status { status: 200, reason: None, retry_after_s: None, body: Some(body) };
    world.control().arm(Fault::new(world.kind, answer).method("POST").contains("token")).unwrap();
    let refused = world.sign_in(allow).await;
    let Err(why @ RemoteError::NotLasting { .. }) = refused else { panic!("{refused:?}") };
    assert!(why.to_string().contains("sign in again"), "{why}");
}

pub async fn a_revoked_refresh_token_asks_for_a_sign_in_and_is_kept(world: World) {
    world.control().revoke(world.kind, MAIL);
    let failure = world.oauth().tokens.access().await.unwrap_err();
    assert!(matches!(failure, RemoteError::SignIn { .. }), "{failure:?}");
    assert!(world.oauth().drawer.content().is_some(), "the engine decides what to forget");
    let grant = world.sign_in(allow).await.unwrap();
    world.oauth().tokens.adopt(grant).await.unwrap();
    assert_eq!(world.provider.calendars().await.unwrap().len(), 3, "signing in heals it");
}

pub async fn refreshing_keeps_the_newest_refresh_token(world: World) {
    let first = world.oauth().drawer.content();
    world.oauth().tokens.access().await.unwrap();
    let second = world.oauth().drawer.content();
    match world.kind {
        Provider::Google => assert_eq!(second, first, "Google leaves it as it is"),
        _ => assert_ne!(second, first, "Microsoft hands out a new one each time"),
    }
    let drawer = Drawer::default();
    let tokens = Tokens::new(world.oauth().server.clone(), world.sign_in_service(), Box::new(drawer.clone()));
    assert!(
        matches!(tokens.access().await, Err(RemoteError::SignIn { .. })),
        "an empty drawer holds no grant"
    );
    let token = world.oauth().tokens.access().await.unwrap();
    world.oauth().tokens.refused(&token).await;
    world.oauth().tokens.access().await.unwrap();
    assert!(world.oauth().drawer.content().is_some());
}

pub async fn an_expired_access_token_is_renewed_on_the_way(world: World) {
    let mut world = world.with_a_visit();
    world.pull().await;
    world.control().expire_access(world.kind, MAIL);
    world.hands.insert("New", At::Timed { start: "2026-03-04T09:00:00", end: "2026-03-04T10:00:00" });
    world.pull().await;
    assert_eq!(world.seen.titles(), ["New", "Visit"]);
}

pub async fn a_revoked_grant_asks_for_a_sign_in(world: World) {
    let mut world = world.with_a_visit();
    world.pull().await;
    let cursor = world.cursor.clone();
    world.control().revoke(world.kind, MAIL);
    let failure = world.try_pull(&world.calendar()).await.unwrap_err();
    assert!(matches!(failure, RemoteError::SignIn { .. }), "{failure:?}");
    assert_eq!(world.cursor, cursor);
    assert!(world.oauth().drawer.content().is_some());
}
