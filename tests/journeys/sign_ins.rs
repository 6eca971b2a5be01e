//! Sign-ins that come to nothing, as the window and the browser's tab tell them.

use std::collections::BTreeSet;

use daymark_engine::api::Call;
use daymark_engine::api::accounts::{
    AccountState, ConnectAttempt, ConnectStarted, ConnectState, ProviderKind, TestFinding, TestStep,
};
use daymark_engine::api::health::{Card, CardCode, Remedy};
use daymark_engine::api::problem::{Problem, ProblemCode};
use daymark_remotes::settings::ClientId;
use daymark_sandbox::consent::Decision;
use daymark_sandbox::google::Policy;
use daymark_sandbox::identity::{Client, Provider};
use journeys::visitor::visit;
use journeys::world::{PARTNER, PERSONAL, WORK, World};

use crate::accounts::account;
use crate::support::{calendar, create, health, titled};

async fn begun(provider: ProviderKind) -> (World, ConnectStarted) {
    let world = World::build().without_relay().start().await.unwrap();
    let started = world.begin_connect(provider, None).await.unwrap();
    (world, started)
}

async fn failed(world: &World, started: &ConnectStarted) -> Problem {
    match world.connected(started).await.unwrap() {
        ConnectState::Failed { problem } => problem,
        other => panic!("{other:?}"),
    }
}

async fn state(world: &World, started: &ConnectStarted) -> ConnectState {
    let attempt = ConnectAttempt { attempt: started.attempt.clone() };
    world.call(Call::ConnectState(attempt)).await.unwrap()
}

/// Where the browser is sent after everything was allowed.
async fn back(world: &World, started: &ConnectStarted, address: &str) -> String {
    world.sandbox.control().allow(&started.authorize_url, address).await.unwrap()
}

async fn card(world: &World, code: CardCode) -> Card {
    health(world).await.cards.into_iter().find(|card| card.code == code).unwrap()
}

fn google_client(world: &World) -> Client {
    let config = journeys::world::engine_config(&world.sandbox).unwrap();
    let client = config.google.client.unwrap();
    Client { provider: Provider::Google, id: client.id, secret: client.secret }
}

#[tokio::test]
async fn the_tab_says_that_it_is_done_when_the_account_is_there() {
    let (world, started) = begun(ProviderKind::Google).await;
    let page = visit(&back(&world, &started, WORK).await).await.unwrap();
    assert!(page.contains("That’s it"), "{page}");
    assert_eq!(account(&world, WORK).await.state, AccountState::Connected);
}

#[tokio::test]
async fn a_denial_says_to_allow_it_and_a_refused_code_to_begin_again() {
    let (world, started) = begun(ProviderKind::Google).await;
    let no = Decision { allowed: false, account: WORK.into(), scopes: Default::default() };
    let denied = world.sandbox.control().consent(&started.authorize_url, &no).await.unwrap();
    assert!(visit(&denied).await.unwrap().contains("try again, and allow it"));
    assert_eq!(failed(&world, &started).await.code, ProblemCode::SignInDenied);

    let started = world.begin_connect(ProviderKind::Google, None).await.unwrap();
    let tampered = back(&world, &started, WORK).await.replace("code=", "code=x");
    let page = visit(&tampered).await.unwrap();
    assert!(page.contains("did not finish") && !page.contains("That’s it"), "{page}");
    let refused = failed(&world, &started).await;
    assert_eq!(
        (refused.code, refused.params["provider"].as_str()),
        (ProblemCode::SignInCodeRefused, "Google")
    );
}

#[tokio::test]
async fn an_organisations_veto_names_the_client_that_its_admin_must_allow() {
    let (world, started) = begun(ProviderKind::Microsoft).await;
    world.sandbox.control().microsoft().require_admin(PARTNER);
    let page = visit(&back(&world, &started, PARTNER).await).await.unwrap();
    assert!(page.contains("Only an administrator of your organisation"), "{page}");
    let problem = failed(&world, &started).await;
    assert_eq!(problem.code, ProblemCode::SignInByPolicy);
    assert!(started.authorize_url.contains(&problem.params["client"]), "{problem:?}");
}

#[tokio::test]
async fn the_page_of_another_sign_in_is_told_at_once_and_the_true_one_still_ends_well() {
    let (world, started) = begun(ProviderKind::Google).await;
    let back = back(&world, &started, WORK).await;
    let page = visit(&back.replace("state=", "state=other")).await.unwrap();
    assert!(page.contains("another sign-in"), "{page}");
    assert_eq!(state(&world, &started).await, ConnectState::Waiting { strange: true });
    assert!(visit(&back).await.unwrap().contains("That’s it"));
    assert!(matches!(state(&world, &started).await, ConnectState::Done { .. }));
}

#[tokio::test]
async fn the_tab_says_nothing_good_when_another_account_was_chosen() {
    let (world, started) = begun(ProviderKind::Google).await;
    let back_to = back(&world, &started, WORK).await;
    visit(&back_to).await.unwrap();
    let id = account(&world, WORK).await.id;
    let again = world.begin_connect(ProviderKind::Google, Some(id)).await.unwrap();
    let page = visit(&back(&world, &again, PERSONAL).await).await.unwrap();
    assert!(page.contains("did not finish"), "{page}");
    assert_eq!(failed(&world, &again).await.code, ProblemCode::SignInMismatch);
}

#[tokio::test]
async fn a_policy_that_comes_later_is_told_with_the_client_and_heals_when_it_goes() {
    let (world, started) = begun(ProviderKind::Google).await;
    world.allow(&started, WORK).await.unwrap();
    world.sync().await.unwrap();
    world.sandbox.control().google().set_policy(WORK, Some(Policy::AdminPolicyEnforced));
    world.advance(chrono::TimeDelta::hours(2));
    world.run().await.unwrap();
    let told = card(&world, CardCode::SignInByPolicy).await;
    assert_eq!(told.params["client"], google_client(&world).id);
    assert_eq!(account(&world, WORK).await.state, AccountState::SignInNeeded);
    world.sandbox.control().google().set_policy(WORK, None);
    world.sync().await.unwrap();
    assert_eq!(account(&world, WORK).await.state, AccountState::Connected);
}

#[tokio::test]
async fn a_client_that_is_refused_asks_for_no_sign_in_loses_nothing_and_heals() {
    let (world, started) = begun(ProviderKind::Google).await;
    world.allow(&started, WORK).await.unwrap();
    world.sync().await.unwrap();
    let client = google_client(&world);
    world.sandbox.control().forget_client(Provider::Google, &client.id);
    world.advance(chrono::TimeDelta::hours(2));
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Kept", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.run().await.unwrap();
    let told = card(&world, CardCode::ClientRefused).await;
    assert_eq!(
        (told.params["client"].as_str(), &told.remedies[..]),
        (client.id.as_str(), &[Remedy::Retry][..])
    );
    assert!(told.message.contains("[google] in config.toml"), "{}", told.message);
    let found = account(&world, WORK).await;
    assert_eq!(found.state, AccountState::Error, "no sign-in would help");
    let ask = daymark_engine::api::accounts::AccountId { account: found.id };
    let steps: Vec<TestStep> = world.call(Call::TestAccount(ask)).await.unwrap();
    assert!(steps.iter().any(|step| step.finding == TestFinding::ClientNotAccepted), "{steps:?}");
    assert_eq!(titled(&world, "Kept").await.len(), 1);
    world.sandbox.control().register(client);
    world.sync().await.unwrap();
    assert_eq!(account(&world, WORK).await.state, AccountState::Connected);
    assert_eq!(health(&world).await.waiting, 0, "the edit was sent");
}

#[tokio::test]
async fn without_a_client_id_the_setting_is_named_and_everything_stands() {
    let (mut world, started) = begun(ProviderKind::Google).await;
    world.allow(&started, WORK).await.unwrap();
    world.sync().await.unwrap();
    world.restart_with(|config| config.google.client = None).await.unwrap();
    world.run().await.unwrap();
    let told = card(&world, CardCode::NoClientId).await;
    assert!(told.message.contains("no client id is set for Google"), "{}", told.message);
    assert!(told.message.contains("`client` under [google] in config.toml"), "{}", told.message);
    assert!(told.message.contains("Connect real accounts"), "{}", told.message);
    assert_eq!(told.params["section"], "google");
    assert!(!titled(&world, "Supplier call").await.is_empty());
    let refused = world.begin_connect(ProviderKind::Google, None).await.unwrap_err();
    let problem = refused.downcast::<Problem>().unwrap();
    assert_eq!((problem.code, problem.params["section"].as_str()), (ProblemCode::NoClientId, "google"));
}

#[tokio::test]
async fn a_client_of_the_organisations_own_takes_the_place_of_a_shared_one() {
    let (mut world, started) = begun(ProviderKind::Google).await;
    world.allow(&started, WORK).await.unwrap();
    world.sync().await.unwrap();
    let own = [
        Client { provider: Provider::Google, id: "northcare-google".into(), secret: Some("kept".into()) },
        Client { provider: Provider::Microsoft, id: "northcare-microsoft".into(), secret: None },
    ];
    own.iter().for_each(|client| world.sandbox.control().register(client.clone()));
    let named = |client: &Client| Some(ClientId { id: client.id.clone(), secret: client.secret.clone() });
    let (google, microsoft) = (named(&own[0]), named(&own[1]));
    world
        .restart_with(|config| (config.google.client, config.microsoft.client) = (google, microsoft))
        .await
        .unwrap();
    world.sandbox.control().clear_ledger();
    world.advance(chrono::TimeDelta::hours(2));
    world.run().await.unwrap();
    assert_eq!(account(&world, WORK).await.state, AccountState::SignInNeeded, "its sign-in was the other's");
    assert!(!titled(&world, "Supplier call").await.is_empty(), "what was read stays");
    for (provider, address) in [(ProviderKind::Google, WORK), (ProviderKind::Microsoft, PARTNER)] {
        let started = world.begin_connect(provider, None).await.unwrap();
        world.allow(&started, address).await.unwrap();
        world.sync().await.unwrap();
        assert_eq!(account(&world, address).await.state, AccountState::Connected);
    }
    let asked = world.sandbox.control().ledger();
    let forms = asked.iter().filter_map(|entry| entry.body.as_ref()?.as_str());
    let clients: BTreeSet<&str> =
        forms.flat_map(|form| form.split('&')).filter_map(|pair| pair.strip_prefix("client_id=")).collect();
    assert_eq!(clients, own.iter().map(|client| client.id.as_str()).collect());
}
