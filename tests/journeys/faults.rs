//! Providers and networks that fail, and accounts that lose their grant.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{Account, AccountState, ConnectState, Progress, ProviderKind};
use daymark_engine::api::health::{Card, CardCode, Health, HealthState, Remedy};
use daymark_engine::api::journal::{EntryState, JournalEntry, JournalQuery, RetryWrite, Undo};
use daymark_engine::api::problem::ProblemCode;
use daymark_engine::api::schedule::Written;
use daymark_engine::api::settings::SecretsState;
use daymark_engine::secrets::memory::SessionSecrets;
use daymark_engine::secrets::{SecretError, SecretStore};
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use journeys::world::{PARTNER, PERSONAL, WORK, World};

use crate::support::{at_google, calendar, create, health, items, titled, writes};

fn has(health: &Health, code: CardCode) -> bool {
    health.cards.iter().any(|card| card.code == code)
}

#[tokio::test]
async fn a_revoked_grant_is_named_loses_nothing_and_a_sign_in_heals_it() {
    let world = World::week().await.unwrap();
    let accounts: Vec<daymark_engine::api::accounts::Account> =
        world.call(daymark_engine::api::Call::Accounts(())).await.unwrap();
    let work = accounts.iter().find(|account| account.address == WORK).unwrap().id;
    world.sandbox.control().revoke(Provider::Google, WORK);
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "While locked out", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.advance(TimeDelta::hours(2));
    world.run().await.unwrap();
    let sick = health(&world).await;
    assert!(has(&sick, CardCode::SignInNeeded));
    assert_eq!(sick.waiting, 1, "the edit waits");
    assert!(!titled(&world, "Supplier call").await.is_empty(), "the mirror keeps what it has");
    let started = world.begin_connect(ProviderKind::Google, Some(work)).await.unwrap();
    world.allow(&started, WORK).await.unwrap();
    assert_eq!(world.connected(&started).await.unwrap(), ConnectState::Done { account: work });
    world.sync().await.unwrap();
    let well = health(&world).await;
    assert!(!has(&well, CardCode::SignInNeeded));
    assert_eq!(well.waiting, 0);
    assert_eq!(at_google(&world, WORK, WORK, "While locked out").len(), 1);
}

#[tokio::test]
async fn an_expired_sync_token_reads_everything_again_without_a_duplicate_or_a_lost_edit() {
    let world = World::week().await.unwrap();
    let before = items(&world, "2026-03-02", "2026-03-09").await.len();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Not yet sent", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.sandbox.google().expire_sync_tokens(WORK, WORK);
    let refused = Fault::new(
        Provider::Google,
        Kind::Status { status: 500, reason: None, retry_after_s: None, body: None },
    )
    .method("POST")
    .contains("/events")
    .times(8);
    world.sandbox.control().arm(refused).unwrap();
    world.run().await.unwrap();
    assert_eq!(items(&world, "2026-03-02", "2026-03-09").await.len(), before + 1);
    world.sandbox.control().clear_faults();
    world.advance(TimeDelta::hours(1));
    world.sync().await.unwrap();
    assert_eq!(items(&world, "2026-03-02", "2026-03-09").await.len(), before + 1);
    assert_eq!(at_google(&world, WORK, WORK, "Not yet sent").len(), 1);
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_event() {
    let world = World::week().await.unwrap();
    let lost = Fault::new(Provider::Google, Kind::LoseAnswer).method("POST").contains("/events").times(6);
    world.sandbox.control().arm(lost).unwrap();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Sent once", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.run().await.unwrap();
    world.sandbox.control().clear_faults();
    for _ in 0..3 {
        world.advance(TimeDelta::hours(1));
        world.sync().await.unwrap();
    }
    assert_eq!(at_google(&world, WORK, WORK, "Sent once").len(), 1);
    assert_eq!(titled(&world, "Sent once").await.len(), 1);
    assert_eq!(health(&world).await.waiting, 0);
    let before = writes(&world);
    world.sync().await.unwrap();
    assert_eq!(writes(&world), before);
}

#[tokio::test]
async fn one_account_that_fails_does_not_hold_the_others_up() {
    let world = World::week().await.unwrap();
    world.sandbox.control().revoke(Provider::Google, PERSONAL);
    world.advance(TimeDelta::hours(2));
    let moved = serde_json::json!({ "summary": "Supplier call, renamed" });
    world.sandbox.google().edit(WORK, WORK, "suppliercall01", moved).unwrap();
    let reports = world.run().await.unwrap();
    assert_eq!(reports.iter().filter(|(_, report)| report.ok).count(), 2);
    assert_eq!(titled(&world, "renamed").await.len(), 1);
}

#[tokio::test]
async fn one_broken_entry_is_set_aside_and_named_and_the_rest_syncs() {
    let world = World::build().without_relay().start().await.unwrap();
    let broken = Fault::new(Provider::Google, Kind::BreakItem { index: 0 }).contains("/events").times(1);
    world.sandbox.control().arm(broken).unwrap();
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.introduce().await.unwrap();
    world.sync().await.unwrap();
    let sick = health(&world).await;
    let card = sick.cards.iter().find(|card| card.code == CardCode::EventSetAside).unwrap();
    assert!(card.message.contains("save it again, or delete it there"), "{}", card.message);
    assert_eq!(card.remedies, [Remedy::Retry]);
    let [broken] = &card.events[..] else { panic!("{card:?}") };
    assert!(!broken.title.is_empty() && broken.day.is_none(), "its title is known and its start is not");
    assert!(!at_google(&world, WORK, WORK, &broken.title).is_empty(), "so its owner finds it there");
    assert!(card.message.contains(&broken.title), "{}", card.message);
    assert!(items(&world, "2026-03-02", "2026-03-09").await.len() > 5);
    let without = items(&world, "2026-02-01", "2026-05-31").await.len();
    world.sync().await.unwrap();
    assert!(
        has(&health(&world).await, CardCode::EventSetAside),
        "it has not changed, so no run sees it again"
    );
    let again = Fault::new(Provider::Google, Kind::BreakItem { index: 0 }).contains("/events").times(2);
    world.sandbox.control().arm(again).unwrap();
    let () = world.call(Call::SyncNow(())).await.unwrap();
    world.sync().await.unwrap();
    assert!(has(&health(&world).await, CardCode::EventSetAside), "it still cannot be read");
    world.sandbox.control().clear_faults();
    let () = world.call(Call::SyncNow(())).await.unwrap();
    world.sync().await.unwrap();
    assert!(!has(&health(&world).await, CardCode::EventSetAside));
    assert!(
        items(&world, "2026-02-01", "2026-05-31").await.len() > without,
        "what is readable now has come in"
    );
}

#[tokio::test]
async fn a_sign_in_without_the_calendar_permission_says_which_is_missing() {
    let world = World::build().without_relay().start().await.unwrap();
    let narrow = vec!["https://www.googleapis.com/auth/calendar.calendarlist.readonly".to_owned()];
    world.sandbox.control().arm(Fault::new(Provider::Google, Kind::NarrowScopes { scopes: narrow })).unwrap();
    let started = world.begin_connect(ProviderKind::Google, None).await.unwrap();
    world.allow(&started, WORK).await.unwrap();
    match world.connected(&started).await.unwrap() {
        ConnectState::Failed { problem } => {
            assert_eq!(problem.code, ProblemCode::MissingScope);
            assert!(problem.params["scope"].contains("calendar.events"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn without_a_network_the_week_stands_and_health_says_so() {
    let world = World::week().await.unwrap();
    for provider in [Provider::Google, Provider::Microsoft] {
        world.sandbox.control().arm(Fault::new(provider, Kind::Cut).always()).unwrap();
    }
    world.run().await.unwrap();
    assert!(has(&health(&world).await, CardCode::Offline));
    assert!(!titled(&world, "Supplier call").await.is_empty());
}

/// A keyring that stops answering.
#[derive(Default)]
struct Keyring {
    kept: SessionSecrets,
    silent: AtomicBool,
}

impl Keyring {
    fn answers(&self) -> Result<(), SecretError> {
        if self.silent.load(Ordering::Relaxed) { Err(SecretError::Missing { source: None }) } else { Ok(()) }
    }
}

#[async_trait]
impl SecretStore for Keyring {
    async fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        self.answers()?;
        self.kept.load(name).await
    }

    async fn save(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.answers()?;
        self.kept.save(name, secret).await
    }

    async fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.answers()?;
        self.kept.remove(name).await
    }

    fn state(&self) -> SecretsState {
        SecretsState::Keyring
    }
}

#[tokio::test]
async fn a_keyring_that_does_not_answer_is_no_missing_network_and_edits_wait() {
    let keyring = Arc::new(Keyring::default());
    let world = World::build().without_relay().secrets(keyring.clone()).start().await.unwrap();
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.introduce().await.unwrap();
    world.sync().await.unwrap();
    keyring.silent.store(true, Ordering::Relaxed);
    world.advance(TimeDelta::hours(2));
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "While locked", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.run().await.unwrap();
    let sick = health(&world).await;
    let card = sick.cards.iter().find(|card| card.code == CardCode::KeyringFailing).unwrap();
    assert_eq!((card.severity, &*card.remedies), (HealthState::Attention, &[Remedy::Retry][..]));
    assert!(!has(&sick, CardCode::Offline) && !has(&sick, CardCode::SignInNeeded));
    assert_eq!(sick.waiting, 1, "the edit waits");
    keyring.silent.store(false, Ordering::Relaxed);
    world.advance(TimeDelta::hours(1));
    world.sync().await.unwrap();
    let well = health(&world).await;
    assert!(!has(&well, CardCode::KeyringFailing));
    assert_eq!(well.waiting, 0);
}

async fn account(world: &World, address: &str) -> Account {
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await.unwrap();
    accounts.into_iter().find(|account| account.address == address).unwrap()
}

#[tokio::test]
async fn a_restarted_app_knows_at_once_what_had_failed() {
    let mut world = World::week().await.unwrap();
    let refused =
        Kind::Status { status: 403, reason: Some("forbidden".into()), retry_after_s: None, body: None };
    let broken = Fault::new(Provider::Google, refused).method("GET").contains("/events").always();
    world.sandbox.control().arm(broken).unwrap();
    world.sandbox.control().arm(Fault::new(Provider::Microsoft, Kind::Cut).always()).unwrap();
    world.run().await.unwrap();
    world.restart().await.unwrap();
    assert_eq!(account(&world, PARTNER).await.state, AccountState::Error);
    let work = account(&world, WORK).await;
    assert!(work.calendars.iter().any(|calendar| calendar.progress == Progress::Failing));
    let sick = health(&world).await;
    assert!(has(&sick, CardCode::CalendarFailing) && has(&sick, CardCode::ProviderFailing));
    world.sandbox.control().clear_faults();
    world.advance(TimeDelta::hours(1));
    world.sync().await.unwrap();
    world.restart().await.unwrap();
    assert_eq!(account(&world, PARTNER).await.state, AccountState::Connected);
    let well = health(&world).await;
    assert!(!has(&well, CardCode::CalendarFailing) && !has(&well, CardCode::ProviderFailing));
}

#[tokio::test]
async fn an_api_that_nobody_switched_on_names_the_cure_keeps_edits_and_heals() {
    let world = World::week().await.unwrap();
    let off = Some("accessNotConfigured".into());
    let off = Kind::Status { status: 403, reason: off, retry_after_s: None, body: None };
    let off = Fault::new(Provider::Google, off).contains("/google/calendar").always();
    world.sandbox.control().arm(off).unwrap();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Kept", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.run().await.unwrap();
    let sick = health(&world).await;
    let card = sick.cards.iter().find(|card| card.code == CardCode::ApiOff);
    let card = card.unwrap_or_else(|| panic!("{:?}", sick.cards));
    assert_eq!((card.severity, &*card.remedies), (HealthState::Broken, &[Remedy::Retry][..]));
    assert!(card.message.contains("enables the Google Calendar API"), "{}", card.message);
    assert_eq!((sick.waiting, card.params["service"].as_str()), (1, "Google Calendar"));
    world.sandbox.control().clear_faults();
    world.sync().await.unwrap();
    let well = health(&world).await;
    assert!(!has(&well, CardCode::ApiOff) && well.waiting == 0);
}

#[tokio::test]
async fn a_redirect_is_told_as_the_networks_and_takes_no_edit_away() {
    let world = World::week().await.unwrap();
    let portal = Kind::Redirect { to: "https://hotel.example/".into() };
    let away = Fault::new(Provider::Google, portal).contains("/google/calendar").always();
    world.sandbox.control().arm(away).unwrap();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Kept", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.run().await.unwrap();
    let sick = health(&world).await;
    let card = sick.cards.iter().find(|card| card.code == CardCode::SentElsewhere);
    let card = card.unwrap_or_else(|| panic!("{:?}", sick.cards));
    assert!(card.message.contains("elsewhere") && !card.message.contains("fault"), "{}", card.message);
    assert_eq!(sick.waiting, 1);
    world.sandbox.control().clear_faults();
    world.advance(TimeDelta::hours(1));
    world.sync().await.unwrap();
    let well = health(&world).await;
    assert!(!has(&well, CardCode::SentElsewhere) && well.waiting == 0);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_told_in_words_with_the_detail_quoted() {
    let world = World::week().await.unwrap();
    let list = Fault::new(Provider::Google, Kind::Truncate).contains("/calendarList").always();
    world.sandbox.control().arm(list).unwrap();
    world.run().await.unwrap();
    let sick = health(&world).await;
    let card = sick.cards.iter().find(|card| card.code == CardCode::AnswerUnreadable);
    let card = card.unwrap_or_else(|| panic!("{:?}", sick.cards));
    assert!(card.message.contains("cut off or is not understood (“"), "{}", card.message);
    assert!(card.message.contains("tries again by itself"), "{}", card.message);
}

#[tokio::test]
async fn a_used_up_limit_of_writes_is_said_to_rest_and_what_others_write_is_still_read() {
    let world = World::week().await.unwrap();
    let used_up =
        Kind::Status { status: 403, reason: Some("quotaExceeded".into()), retry_after_s: None, body: None };
    let once = Fault::new(Provider::Google, used_up).method("POST").contains("/events");
    world.sandbox.control().arm(once).unwrap();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Waits", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.run().await.unwrap();
    let resting = health(&world).await;
    let card = resting.cards.iter().find(|card| card.code == CardCode::ProviderResting);
    let card = card.unwrap_or_else(|| panic!("{:?}", resting.cards));
    assert!(card.remedies.is_empty() && card.params["minutes"] == "60", "{card:?}");
    assert_eq!(resting.waiting, 1);
    let read =
        |world: &World| world.sandbox.control().ledger().iter().filter(|it| it.method == "GET").count();
    let before = read(&world);
    world.advance(TimeDelta::minutes(10));
    world.run().await.unwrap();
    assert!(read(&world) > before, "reading goes on");
    world.advance(TimeDelta::hours(2));
    world.sync().await.unwrap();
    assert_eq!(at_google(&world, WORK, WORK, "Waits").len(), 1);
    let well = health(&world).await;
    assert!(!has(&well, CardCode::ProviderResting) && well.waiting == 0);
}

#[tokio::test]
async fn a_refused_write_that_is_taken_back_leaves_no_card() {
    let world = World::week().await.unwrap();
    let refused =
        Kind::Status { status: 403, reason: Some("forbidden".into()), retry_after_s: None, body: None };
    let broken = Fault::new(Provider::Google, refused).method("POST").contains("/events").always();
    world.sandbox.control().arm(broken).unwrap();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Not allowed", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    create(&world, northcare, "Neither", "2026-03-05T17:00:00", "2026-03-05T18:00:00").await;
    world.run().await.unwrap();
    let sick = health(&world).await;
    let cards = refused_writes(&sick);
    assert_eq!(cards.len(), 2);
    let card = cards.iter().find(|card| card.params["title"] == "Not allowed").unwrap();
    let [Remedy::RetryWrite { .. }, Remedy::Undo { journal }] = card.remedies[..] else { panic!("{card:?}") };
    let _: Written = world.call(Call::Undo(Undo { journal, guests_confirmed: false })).await.unwrap();
    assert!(titled(&world, "Not allowed").await.is_empty());
    let left = health(&world).await;
    let left = refused_writes(&left);
    assert_eq!(left.len(), 1, "the other one still waits for an answer");
    assert_eq!(left[0].params["title"], "Neither");
}

fn refused_writes(health: &Health) -> Vec<&Card> {
    health.cards.iter().filter(|card| card.code == CardCode::WriteRefused).collect()
}

#[tokio::test]
async fn a_refused_write_is_still_named_after_a_restart_and_can_be_tried_again() {
    let mut world = World::week().await.unwrap();
    let refused =
        Kind::Status { status: 403, reason: Some("forbidden".into()), retry_after_s: None, body: None };
    let broken = Fault::new(Provider::Google, refused).method("POST").contains("/events").always();
    world.sandbox.control().arm(broken).unwrap();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Not allowed", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.run().await.unwrap();
    let before = health(&world).await;
    world.restart().await.unwrap();
    let after = health(&world).await;
    assert_eq!(refused_writes(&after), refused_writes(&before));
    let [Remedy::RetryWrite { event }, Remedy::Undo { .. }] = refused_writes(&after)[0].remedies[..] else {
        panic!("{after:?}")
    };

    let retry = || world.call::<()>(Call::RetryWrite(RetryWrite { event }));
    retry().await.unwrap();
    assert!(refused_writes(&health(&world).await).is_empty(), "it waits again");
    assert_eq!(state_of(&world, "Not allowed").await, EntryState::Waiting);
    world.run().await.unwrap();
    assert_eq!(refused_writes(&health(&world).await).len(), 1, "it is still refused");
    assert_eq!(state_of(&world, "Not allowed").await, EntryState::Refused);

    world.sandbox.control().clear_faults();
    retry().await.unwrap();
    retry().await.unwrap();
    world.sync().await.unwrap();
    retry().await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(at_google(&world, WORK, WORK, "Not allowed").len(), 1, "however often it is asked for");
    assert!(refused_writes(&health(&world).await).is_empty());
    assert_eq!(state_of(&world, "Not allowed").await, EntryState::Sent);
}

/// How the last write of an event stands in the journal.
async fn state_of(world: &World, title: &str) -> EntryState {
    let query = JournalQuery { limit: 50, before: None };
    let entries: Vec<JournalEntry> = world.call(Call::Journal(query)).await.unwrap();
    entries.iter().find(|entry| entry.title == title).unwrap().state
}

#[tokio::test]
async fn a_second_engine_on_one_folder_is_refused_until_the_first_has_stopped() {
    let world = World::build().without_relay().start().await.unwrap();
    let refused = world.second().await.err().unwrap();
    assert!(refused.to_string().contains("already running"), "{refused}");
    world.engine.stop().await;
    let second = world.second().await.unwrap();
    drop(second);
    world.second().await.unwrap();
}
