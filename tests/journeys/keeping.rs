//! No keyring: nothing is connected until the person chooses where sign-ins are kept, and a locked file loses nothing.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{AccountState, ConnectIntent, Password, ProviderKind};
use daymark_engine::api::bookings::EnrolRelay;
use daymark_engine::api::health::{CardCode, HealthState, Remedy};
use daymark_engine::api::problem::{Problem, ProblemCode};
use daymark_engine::api::secrets::{ChooseSecrets, MovedAside, Passphrase};
use daymark_engine::api::settings::{Boot, SecretsState};
use daymark_engine::secrets::SecretStore;
use daymark_engine::secrets::vault::Vault;
use daymark_engine::system::SystemEntropy;
use journeys::world::{PARTNER, WORK, World};
use tempfile::TempDir;

use crate::accounts::{account, accounts};
use crate::caldav::{SEED, USER};
use crate::loops::until;
use crate::support::{at_google, calendar, create, health, page, titled};

const WORDS: &str = "correct horse";

fn vault(folder: &Path) -> Arc<dyn SecretStore> {
    Arc::new(Vault::new(folder.join("secrets"), Arc::new(SystemEntropy)))
}

/// Nobody has chosen yet.
async fn world() -> (World, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::build().secrets(vault(folder.path())).start().await.unwrap();
    world.introduce().await.unwrap();
    (world, folder)
}

fn typed(words: &str) -> Passphrase {
    Passphrase { passphrase: Password(words.into()) }
}

fn in_file(words: &str) -> Call {
    Call::ChooseSecrets(ChooseSecrets::File { passphrase: Password(words.into()) })
}

fn connect_google() -> Call {
    Call::Connect(ConnectIntent { provider: ProviderKind::Google, account: None })
}

async fn refusal(world: &World, call: Call) -> ProblemCode {
    let problem: Problem = world.engine.call(call).await.unwrap_err();
    problem.code
}

async fn kept(world: &World) -> SecretsState {
    let boot: Boot = world.call(Call::Boot(())).await.unwrap();
    boot.secrets
}

async fn cards(world: &World) -> Vec<CardCode> {
    health(world).await.cards.iter().map(|card| card.code).collect()
}

/// What stands about where sign-ins are kept helps itself.
async fn offers(world: &World, code: CardCode, severity: HealthState) {
    let cards = health(world).await.cards;
    let card = cards.iter().find(|card| card.code == code).unwrap();
    assert_eq!((card.severity, &*card.remedies), (severity, &[Remedy::OpenSecrets][..]));
}

#[tokio::test]
async fn without_a_keyring_a_passphrase_is_chosen_and_locked_at_the_next_start_and_nothing_is_lost() {
    let (mut world, folder) = world().await;
    nothing_can_be_kept(&world, ProblemCode::NoKeyring).await;
    offers(&world, CardCode::NoKeyring, HealthState::Broken).await;
    assert_eq!(refusal(&world, in_file("seven77")).await, ProblemCode::PassphraseTooShort);
    let () = world.call(in_file(WORDS)).await.unwrap();
    assert_eq!(kept(&world).await, SecretsState::Passphrase);
    assert_eq!(cards(&world).await, []);
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.connect(ProviderKind::Microsoft, PARTNER).await.unwrap();
    world.open_page().await.unwrap();
    world.sync().await.unwrap();

    world.restart_keeping(vault(folder.path())).await.unwrap();
    nothing_can_be_kept(&world, ProblemCode::SecretsLocked).await;
    offers(&world, CardCode::SecretsLocked, HealthState::Broken).await;
    edited_while_locked(&world).await;
    let wrong = Call::UnlockSecrets(typed("wrong horse"));
    assert_eq!(refusal(&world, wrong).await, ProblemCode::WrongPassphrase);
    assert_eq!(kept(&world).await, SecretsState::Locked);

    world.engine.start();
    let () = world.call(Call::UnlockSecrets(typed(WORDS))).await.unwrap();
    until(&world, "everything is synced again", async || cards(&world).await.is_empty()).await;
    until(&world, "the edit is sent", async || health(&world).await.waiting == 0).await;
    assert_eq!(at_google(&world, WORK, WORK, "While locked").len(), 1);
    let found = accounts(&world).await;
    assert!(found.iter().all(|account| account.state == AccountState::Connected), "{found:?}");
    assert!(page(&world).await.problem.is_none());
    world.engine.stop().await;
}

async fn nothing_can_be_kept(world: &World, code: ProblemCode) {
    assert_eq!(refusal(world, connect_google()).await, code);
    let caldav = Call::ConnectCaldav(world.caldav_ask("maya"));
    assert_eq!(refusal(world, caldav).await, code);
    let enrol = EnrolRelay { address: "https://book.example.org".into(), code: "code".into() };
    assert_eq!(refusal(world, Call::EnrolRelay(enrol)).await, code);
}

/// The schedule is shown, an edit waits, and no account or page is asked for anything that it still has.
async fn edited_while_locked(world: &World) {
    assert!(!titled(world, "Supplier call").await.is_empty());
    let northcare = calendar(world, "Northcare").await;
    create(world, northcare, "While locked", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.advance(TimeDelta::hours(2));
    world.sandbox.control().clear_ledger();
    world.run().await.unwrap();
    assert_eq!(health(world).await.waiting, 1);
    let cards = cards(world).await;
    assert_eq!(cards, [CardCode::SecretsLocked, CardCode::KeyringFailing, CardCode::KeyringFailing]);
    let asked = world.sandbox.control().ledger();
    assert!(asked.is_empty(), "no permission is used, so none is renewed: {asked:?}");
}

#[tokio::test]
async fn what_this_session_holds_moves_into_a_file() {
    let (mut world, folder) = world().await;
    let () = world.call(Call::ChooseSecrets(ChooseSecrets::Session)).await.unwrap();
    offers(&world, CardCode::SecretsForSessionOnly, HealthState::Attention).await;
    world.connect(ProviderKind::Microsoft, PARTNER).await.unwrap();
    world.sync().await.unwrap();
    // The provider has renewed the permission since: the one that counts is the newest.
    world.advance(TimeDelta::hours(2));
    world.sync().await.unwrap();
    let () = world.call(in_file(WORDS)).await.unwrap();
    assert_eq!(cards(&world).await, []);
    assert_eq!(refusal(&world, in_file("another horse")).await, ProblemCode::ChangedSince);

    world.restart_keeping(vault(folder.path())).await.unwrap();
    assert_eq!(kept(&world).await, SecretsState::Locked);
    let () = world.call(Call::UnlockSecrets(typed(WORDS))).await.unwrap();
    world.advance(TimeDelta::hours(2));
    world.sync().await.unwrap();
    assert_eq!(account(&world, PARTNER).await.state, AccountState::Connected);
}

#[tokio::test]
async fn a_forgotten_passphrase_costs_the_sign_ins_and_nothing_else() {
    let (mut world, folder) = world().await;
    let () = world.call(in_file(WORDS)).await.unwrap();
    let id = world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.open_page().await.unwrap();
    world.sync().await.unwrap();
    let before = std::fs::read(folder.path().join("secrets")).unwrap();

    world.restart_keeping(vault(folder.path())).await.unwrap();
    let short = Call::ReplaceSecrets(typed("short"));
    assert_eq!(refusal(&world, short).await, ProblemCode::PassphraseTooShort);
    let anew = Call::ReplaceSecrets(typed("another horse"));
    let moved: MovedAside = world.call(anew).await.unwrap();
    assert_eq!(std::fs::read(folder.path().join(&moved.name)).unwrap(), before);
    world.run().await.unwrap();
    assert_eq!(account(&world, WORK).await.state, AccountState::SignInNeeded);
    assert_eq!(page(&world).await.problem.unwrap().code, ProblemCode::RelayRefused);
    assert!(!titled(&world, "Supplier call").await.is_empty());

    assert_eq!(world.connect(ProviderKind::Google, WORK).await.unwrap(), id);
    world.sync().await.unwrap();
    world.restart_keeping(vault(folder.path())).await.unwrap();
    let () = world.call(Call::UnlockSecrets(typed("another horse"))).await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(account(&world, WORK).await.state, AccountState::Connected);
}

#[tokio::test]
async fn a_password_in_a_locked_file_is_not_called_gone() {
    let folder = tempfile::tempdir().unwrap();
    let begun = World::build().seed(SEED).without_relay().secrets(vault(folder.path()));
    let mut world = begun.start().await.unwrap();
    world.introduce().await.unwrap();
    let () = world.call(in_file(WORDS)).await.unwrap();
    world.connect_caldav(USER).await.unwrap();
    world.sync().await.unwrap();
    world.restart_keeping(vault(folder.path())).await.unwrap();
    world.run().await.unwrap();
    assert_eq!(cards(&world).await, [CardCode::SecretsLocked, CardCode::KeyringFailing]);
    let () = world.call(Call::UnlockSecrets(typed(WORDS))).await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(cards(&world).await, []);
}
