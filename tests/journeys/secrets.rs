//! A keyring that fails or a process that dies at any of its uses: never both tokens lost, never one left behind.

use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{AccountState, Disconnect, LeftAccount, ProviderKind};
use daymark_engine::api::health::CardCode;
use daymark_engine::api::settings::SecretsState;
use daymark_engine::secrets::memory::SessionSecrets;
use daymark_engine::secrets::{SecretError, SecretStore};
use daymark_sandbox::faults::{Fault, Kind, Moment};
use daymark_sandbox::identity::Provider;
use journeys::world::{PARTNER, WORK, World};
use tokio::sync::Notify;

use crate::accounts::{account, preview};
use crate::support::health;

/// What the next uses come to.
#[derive(Clone, Copy)]
enum Fate {
    Well,
    /// So many uses are still answered, and then none: the process is as good as dead.
    DiesAfter(usize),
    RefusesSaves,
}

struct Frail {
    kept: SessionSecrets,
    fate: Mutex<Fate>,
    died: Notify,
}

impl Frail {
    fn new() -> Arc<Self> {
        let fate = Mutex::new(Fate::Well);
        Arc::new(Frail { kept: SessionSecrets::default(), fate, died: Notify::new() })
    }

    fn set(&self, fate: Fate) {
        *self.fate.lock().unwrap() = fate;
    }

    /// Comes back unless the process is dead.
    async fn live(&self) {
        let dead = {
            let mut fate = self.fate.lock().unwrap();
            match *fate {
                Fate::DiesAfter(0) => true,
                Fate::DiesAfter(left) => {
                    *fate = Fate::DiesAfter(left - 1);
                    false
                }
                Fate::Well | Fate::RefusesSaves => false,
            }
        };
        if dead {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }

    async fn names(&self) -> Vec<String> {
        let mut found = Vec::new();
        for name in (1..9).flat_map(|id| [format!("account-{id}"), format!("revoke-{id}")]) {
            if self.kept.load(&name).await.unwrap().is_some() {
                found.push(name);
            }
        }
        found
    }
}

#[async_trait]
impl SecretStore for Frail {
    async fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        self.live().await;
        self.kept.load(name).await
    }

    async fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.live().await;
        if matches!(*self.fate.lock().unwrap(), Fate::RefusesSaves) {
            return Err(SecretError::TooLong);
        }
        self.kept.save(name, secret).await
    }

    async fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.live().await;
        self.kept.remove(name).await
    }

    fn state(&self) -> SecretsState {
        SecretsState::Keyring
    }
}

async fn world(secrets: &Arc<Frail>, provider: ProviderKind, address: &str) -> World {
    let secrets: Arc<dyn SecretStore> = Arc::clone(secrets) as Arc<dyn SecretStore>;
    let world = World::build().without_relay().secrets(secrets).start().await.unwrap();
    world.connect(provider, address).await.unwrap();
    world.sync().await.unwrap();
    world
}

/// Does `work` until the keyring is used once too often. False when it never is.
async fn dies(secrets: &Frail, work: impl Future<Output = ()>) -> bool {
    tokio::select! {
        () = secrets.died.notified() => true,
        () = work => false,
    }
}

#[tokio::test]
async fn killed_at_any_use_of_the_keyring_while_it_renews_the_account_stays_signed_in() {
    for uses in 0.. {
        let secrets = Frail::new();
        let mut world = world(&secrets, ProviderKind::Microsoft, PARTNER).await;
        world.advance(TimeDelta::hours(2));
        secrets.set(Fate::DiesAfter(uses));
        let died = dies(&secrets, async { drop(world.run().await.unwrap()) }).await;
        secrets.set(Fate::Well);
        world.restart().await.unwrap();
        world.advance(TimeDelta::hours(2));
        world.sync().await.unwrap();
        assert_eq!(account(&world, PARTNER).await.state, AccountState::Connected, "dead after {uses} uses");
        if !died {
            assert!(uses >= 2, "a renewal loads and saves");
            return;
        }
    }
}

#[tokio::test]
async fn killed_at_any_use_of_the_keyring_while_leaving_the_permission_is_given_back_all_the_same() {
    for uses in 0.. {
        let secrets = Frail::new();
        let mut world = world(&secrets, ProviderKind::Google, WORK).await;
        let id = account(&world, WORK).await.id;
        world.sandbox.control().clear_ledger();
        secrets.set(Fate::DiesAfter(uses));
        let leave = Disconnect { account: id, remove_copies: Some(preview(&world, id).await.token) };
        let died = dies(&secrets, async { world.call(Call::Disconnect(leave)).await.unwrap() }).await;
        secrets.set(Fate::Well);
        world.restart().await.unwrap();
        world.run().await.unwrap();
        let left: Vec<LeftAccount> = world.call(Call::LeftAccounts(())).await.unwrap();
        assert_eq!(left.iter().map(|account| account.id).collect::<Vec<_>>(), [id], "dead after {uses} uses");
        assert_eq!(secrets.names().await, [""; 0], "dead after {uses} uses");
        let returns = world.sandbox.control().ledger();
        assert!(returns.iter().any(|it| it.path.contains("/revoke") && it.status == Some(200)));
        if !died {
            assert!(uses >= 4, "leaving moves the permission, gives it back, and forgets it");
            return;
        }
    }
}

#[tokio::test]
async fn killed_around_the_return_of_the_permission_it_is_returned_again() {
    for at in [Moment::Before, Moment::After] {
        let secrets = Frail::new();
        let mut world = world(&secrets, ProviderKind::Google, WORK).await;
        let id = account(&world, WORK).await.id;
        let hold = Fault::new(Provider::Google, Kind::Hold { at }).contains("/revoke");
        let held = world.sandbox.control().arm(hold).unwrap();
        let leave = Call::Disconnect(Disconnect { account: id, remove_copies: None });
        tokio::select! {
            () = world.sandbox.control().wait_held(held) => {}
            _ = world.call::<()>(leave) => panic!("it was not held"),
        }
        world.sandbox.control().release(held);
        world.restart().await.unwrap();
        world.run().await.unwrap();
        assert_eq!(secrets.names().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_keyring_that_takes_nothing_raises_a_card_and_the_old_permission_works_on() {
    let secrets = Frail::new();
    let mut world = world(&secrets, ProviderKind::Microsoft, PARTNER).await;
    secrets.set(Fate::RefusesSaves);
    world.advance(TimeDelta::hours(2));
    world.sync().await.unwrap();
    let found = account(&world, PARTNER).await;
    assert_eq!(found.reason.unwrap().code, CardCode::KeyringFailing);
    world.restart().await.unwrap();
    world.sync().await.unwrap();
    secrets.set(Fate::Well);
    world.advance(TimeDelta::hours(2));
    world.sync().await.unwrap();
    assert!(health(&world).await.cards.iter().all(|card| card.code != CardCode::KeyringFailing));
}
