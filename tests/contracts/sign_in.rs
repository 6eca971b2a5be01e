//! Signing in through the system's browser, as the provider's consent page decides.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use daymark_remotes::error::{ClientFailure, RemoteError, SignInFailure};
use daymark_remotes::http::{Pace as _, Service};
use daymark_remotes::oauth::{Grant, SignIn, Tokens};
use daymark_sandbox::consent::Decision;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::google::Policy;
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
            self.shown(&back).await
        };
        let service = self.sign_in_service();
        let app = async {
            let (answer, tab) = sign_in.answer(std::future::pending(), &|| {}).await?;
            tab.follow(answer.redeem(&service), std::future::pending()).await
        };
        let (grant, page) = tokio::join!(app, browser);
        assert_eq!(page.contains("That’s it"), grant.is_ok(), "the person is told how it went: {page}");
        assert!(page.to_lowercase().contains("go back to"), "and where to go: {page}");
        grant
    }

    /// What the browser shows at an address.
    async fn shown(&self, address: &str) -> String {
        self.http.clone().get(address).send().await.unwrap().text().await.unwrap()
    }

    async fn fails(&self, in_browser: impl AsyncFnOnce(&World, &str) -> String) -> SignInFailure {
        match self.sign_in(in_browser).await {
            Err(RemoteError::SignIn(failure)) => failure,
            other => panic!("{other:?}"),
        }
    }

    fn service_name(&self) -> &'static str {
        match self.kind {
            Provider::Google => "Google",
            _ => "Microsoft",
        }
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

/// A page that somebody else opened comes back first; the person's own still signs in.
pub async fn an_answer_to_another_sign_in_is_turned_away_and_the_true_one_signs_in(world: World) {
    let grant = world
        .sign_in(async |world: &World, address: &str| {
            let back = allow(world, address).await;
            let (before, after) = back.split_once("state=").unwrap();
            let page = world.shown(&format!("{before}state=somebody-elses-{after}")).await;
            assert!(page.contains("another sign-in") && !page.contains("That’s it"), "{page}");
            back
        })
        .await;
    assert!(grant.is_ok(), "{grant:?}");
}

pub async fn a_sign_in_that_only_another_one_answered_says_so_at_its_end(world: World) {
    let sign_in = SignIn::begin(&world.oauth().server, None, &Dice::default()).await.unwrap();
    let back = allow(&world, sign_in.authorize_url().as_str()).await.replace("state=", "state=x");
    let give_up = async { drop(world.shown(&back).await) };
    let ended = sign_in.answer(give_up, &|| {}).await.err().unwrap();
    assert!(matches!(ended, RemoteError::SignIn(SignInFailure::StrangeState)), "{ended:?}");
}

pub async fn a_denied_consent_says_so(world: World) {
    let denied =
        world.fails(async |world: &World, address: &str| world.decide(address, false, &[]).await).await;
    assert_eq!(denied, SignInFailure::Denied);
    assert!(!denied.to_string().contains("access_denied"), "words, not codes: {denied}");
}

pub async fn a_code_that_came_too_late_is_refused_and_the_browser_says_so(world: World) {
    let late = world
        .fails(async |world: &World, address: &str| {
            let back = allow(world, address).await;
            world.control().advance(TimeDelta::minutes(11));
            back
        })
        .await;
    assert_eq!(late, SignInFailure::RefusedCode { service: world.service_name() });
}

pub async fn garbage_in_the_place_of_an_error_is_neither_shown_nor_repeated(world: World) {
    let garbage = "%3Cscript%3Ecall+0900%3C%2Fscript%3E".repeat(200);
    let refused = world
        .fails(async |world: &World, address: &str| {
            let denied = world.decide(address, false, &[]).await;
            let back = denied.replace("error=access_denied", &format!("error={garbage}"));
            assert_ne!(back, denied);
            back
        })
        .await;
    assert_eq!(refused, SignInFailure::Refused { service: world.service_name(), said: None });
}

/// Microsoft sends such a person back; Google keeps them on a page of its own, and the sign-in just waits.
pub async fn an_organisations_veto_names_the_client_to_allow(world: World) {
    let service = world.service_name();
    match world.kind {
        Provider::Google => {
            world.control().google().set_policy(MAIL, Some(Policy::AdminPolicyEnforced));
            let refused = world.oauth().tokens.access().await.unwrap_err();
            let RemoteError::SignIn(SignInFailure::ByPolicy { client, .. }) = refused else {
                panic!("{refused:?}")
            };
            assert!(!client.is_empty());
            assert!(world.oauth().drawer.content().is_some(), "what is kept may be good again tomorrow");
            world.control().google().set_policy(MAIL, None);
            assert!(world.oauth().tokens.access().await.is_ok());
        }
        _ => {
            world.control().microsoft().require_admin(MAIL);
            let refused = world.fails(allow).await;
            assert!(matches!(&refused, SignInFailure::ByPolicy { service: at, .. } if *at == service));
            assert!(refused.to_string().contains("administrator"), "{refused}");
        }
    }
}

pub async fn a_client_that_was_deleted_is_no_matter_of_signing_in(world: World) {
    let asked = SignIn::begin(&world.oauth().server, None, &Dice::default()).await.unwrap();
    let params: Vec<_> = asked.authorize_url().query_pairs().into_owned().collect();
    let client = &params.iter().find(|(name, _)| name == "client_id").unwrap().1;
    world.control().forget_client(world.kind, client);
    let refused = world.oauth().tokens.access().await.unwrap_err();
    let RemoteError::Client(ClientFailure::Refused { client: named, .. }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(named, client);
    assert!(world.oauth().drawer.content().is_some() && !world.oauth().tokens.status().refused);
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
    let Err(RemoteError::SignIn(why @ SignInFailure::NotLasting { .. })) = refused else {
        panic!("{refused:?}")
    };
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
