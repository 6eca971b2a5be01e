//! Accounts that rest, end, are left and come back, with several of each provider.

use std::sync::Arc;

use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{
    Account, AccountId, AccountState, CalendarChoice, ConnectState, Disconnect, DisconnectPreview,
    LeftAccount, PauseAccount, ProviderKind, Restored, TestFinding, TestOutcome, TestStep, TestSubject,
};
use daymark_engine::api::bookings::BookingState;
use daymark_engine::api::health::{CardCode, HealthState, Remedy};
use daymark_engine::secrets::SecretStore as _;
use daymark_engine::secrets::memory::SessionSecrets;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::{Provider, Testing};
use journeys::world::{PARTNER, PERSONAL, WORK, World};

use crate::support::{at_google, at_microsoft, bookings, calendar, create, health, items, titled};

pub async fn accounts(world: &World) -> Vec<Account> {
    world.call(Call::Accounts(())).await.unwrap()
}

pub async fn account(world: &World, address: &str) -> Account {
    accounts(world).await.into_iter().find(|account| account.address == address).unwrap()
}

pub async fn left(world: &World) -> Vec<LeftAccount> {
    world.call(Call::LeftAccounts(())).await.unwrap()
}

pub async fn preview(world: &World, account: i64) -> DisconnectPreview {
    world.call(Call::DisconnectPreview(AccountId { account })).await.unwrap()
}

/// Leaves it as the preview says, and removes the copies that it counts.
pub async fn disconnect(world: &World, account: i64) {
    let remove_copies = Some(preview(world, account).await.token);
    let () = world.call(Call::Disconnect(Disconnect { account, remove_copies })).await.unwrap();
}

async fn pause(world: &World, account: i64, paused: bool) {
    let () = world.call(Call::PauseAccount(PauseAccount { account, paused })).await.unwrap();
}

/// What the sandbox was asked for in a user's name since its ledger was cleared.
fn asked(world: &World, user: &str) -> usize {
    world.sandbox.control().ledger().iter().filter(|entry| entry.user.as_deref() == Some(user)).count()
}

pub fn requests(world: &World, path: &str) -> usize {
    world.sandbox.control().ledger().iter().filter(|entry| entry.path.contains(path)).count()
}

/// Signs the account in again and brings it back.
pub async fn come_back(world: &World, id: i64, address: &str) {
    let restored: Restored = world.call(Call::RestoreAccount(AccountId { account: id })).await.unwrap();
    let Restored::SignIn(started) = restored else { panic!("{restored:?}") };
    world.allow(&started, address).await.unwrap();
    assert_eq!(world.connected(&started).await.unwrap(), ConnectState::Done { account: id });
}

#[tokio::test]
async fn an_account_that_is_left_can_come_back_with_everything_for_thirty_days() {
    let world = World::week().await.unwrap();
    let before = account(&world, WORK).await;
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Not yet sent", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    let preview = preview(&world, before.id).await;
    assert!(preview.events > 5, "{preview:?}");
    assert_eq!(preview.waiting.iter().map(|edit| edit.title.as_str()).collect::<Vec<_>>(), ["Not yet sent"]);
    disconnect(&world, before.id).await;
    assert!(accounts(&world).await.iter().all(|account| account.address != WORK));
    assert!(titled(&world, "Supplier call").await.is_empty());
    assert_eq!(requests(&world, "/google-token/revoke"), 1, "the permission is given back");
    world.advance(TimeDelta::days(29));
    world.run().await.unwrap();
    assert_eq!(left(&world).await[0].days_remaining, 1);
    world.sandbox.control().clear_ledger();
    come_back(&world, before.id, WORK).await;
    world.sync().await.unwrap();
    let after = account(&world, WORK).await;
    let shape = |account: &Account| {
        let calendars = account.calendars.iter();
        calendars.map(|it| (it.id, it.name.clone(), it.color, it.counts_busy)).collect::<Vec<_>>()
    };
    assert_eq!((shape(&after), after.state), (shape(&before), AccountState::Connected));
    assert_eq!(at_google(&world, WORK, WORK, "Not yet sent").len(), 1, "the edit that waited is sent");
    assert_eq!(requests(&world, "/google-token/revoke"), 0);
}

async fn northcare_gets_copies(world: &World) {
    let receives = CalendarChoice {
        calendar: calendar(world, "Northcare").await,
        receives_blocks: Some(true),
        ..CalendarChoice::default()
    };
    let () = world.call(Call::SetCalendar(receives)).await.unwrap();
    world.sync().await.unwrap();
}

/// The window says so before an account is left; each sentence is held to here.
#[tokio::test]
async fn what_is_said_before_leaving_is_what_happens() {
    let secrets = Arc::new(SessionSecrets::default());
    let world = World::build().secrets(secrets.clone()).start().await.unwrap();
    for (provider, address) in [(ProviderKind::Google, WORK), (ProviderKind::Microsoft, PARTNER)] {
        let id = world.connect(provider, address).await.unwrap();
        assert!(secrets.load(&format!("account-{id}")).await.unwrap().is_some());
    }
    world.introduce().await.unwrap();
    world.sync().await.unwrap();
    northcare_gets_copies(&world).await;
    let id = account(&world, WORK).await.id;
    let said = preview(&world, id).await;
    let there = at_google(&world, WORK, WORK, "Busy").len();
    assert!(there > 0, "{said:?}");
    assert_eq!((said.own_copies, said.stranded), (i64::try_from(there).unwrap(), 0));
    assert_eq!(said.copies, 0, "nothing of it is copied elsewhere");
    world.sandbox.control().clear_ledger();
    let partner = account(&world, PARTNER).await.id;
    disconnect(&world, id).await;
    disconnect(&world, partner).await;
    world.run().await.unwrap();
    assert_eq!(requests(&world, "/google-token/revoke"), 1, "given back to Google");
    for name in [format!("account-{id}"), format!("revoke-{id}"), format!("account-{partner}")] {
        assert!(secrets.load(&name).await.unwrap().is_none(), "{name} is deleted from this computer");
    }
    assert!(at_google(&world, WORK, WORK, "Busy").is_empty(), "and no copy stays there");
    let days: Vec<_> = left(&world).await.iter().map(|it| it.days_remaining).collect();
    assert_eq!(days, [30, 30]);
}

#[tokio::test]
async fn an_account_that_comes_back_blocks_the_others_as_before() {
    let world = World::week().await.unwrap();
    northcare_gets_copies(&world).await;
    let copies = || at_google(&world, WORK, WORK, "Busy").len();
    let all = copies();
    let partner = account(&world, PARTNER).await.id;
    disconnect(&world, partner).await;
    world.advance(TimeDelta::minutes(1));
    world.sync().await.unwrap();
    let others = copies();
    assert!(others < all, "{others} of {all} are left");
    come_back(&world, partner, PARTNER).await;
    for _ in 0..3 {
        world.advance(TimeDelta::minutes(1));
        world.sync().await.unwrap();
    }
    assert_eq!(copies(), all);
}

#[tokio::test]
async fn after_thirty_days_nothing_is_left_of_it() {
    let world = World::week().await.unwrap();
    let id = account(&world, PERSONAL).await.id;
    disconnect(&world, id).await;
    world.advance(TimeDelta::days(30));
    world.run().await.unwrap();
    assert!(left(&world).await.is_empty());
    let gone = world.call::<Restored>(Call::RestoreAccount(AccountId { account: id })).await;
    assert!(gone.is_err());
    assert!(world.connect(ProviderKind::Google, PERSONAL).await.unwrap() > id, "it begins anew");
}

#[tokio::test]
async fn a_permission_that_cannot_be_given_back_offline_is_given_back_later() {
    let mut world = World::week().await.unwrap();
    let cut = Fault::new(Provider::Google, Kind::Cut).contains("/google-token/revoke").always();
    world.sandbox.control().arm(cut).unwrap();
    disconnect(&world, account(&world, WORK).await.id).await;
    world.restart().await.unwrap();
    world.sandbox.control().clear_faults();
    world.sandbox.control().clear_ledger();
    world.run().await.unwrap();
    assert_eq!(requests(&world, "/google-token/revoke"), 1);
    world.run().await.unwrap();
    assert_eq!(requests(&world, "/google-token/revoke"), 1, "once is enough");
}

#[tokio::test]
async fn a_return_that_waits_does_not_end_a_new_sign_in() {
    let world = World::week().await.unwrap();
    let id = account(&world, WORK).await.id;
    let cut = Fault::new(Provider::Google, Kind::Cut).contains("/google-token/revoke").always();
    world.sandbox.control().arm(cut).unwrap();
    disconnect(&world, id).await;
    come_back(&world, id, WORK).await;
    world.sandbox.control().clear_faults();
    world.sandbox.control().clear_ledger();
    world.advance(TimeDelta::hours(2));
    world.sync().await.unwrap();
    assert_eq!(requests(&world, "/google-token/revoke"), 0);
    assert_eq!(account(&world, WORK).await.state, AccountState::Connected);
}

#[tokio::test]
async fn an_account_says_which_days_are_kept_where_its_provider_limits_them() {
    let world = World::week().await.unwrap();
    let kept = account(&world, PARTNER).await.kept.unwrap();
    assert_eq!((kept.from.to_string(), kept.to.to_string()), ("2025-12-02".into(), "2027-04-06".into()));
    assert_eq!(account(&world, WORK).await.kept, None, "Google tells of everything");
}

#[tokio::test]
async fn a_paused_account_asks_nothing_and_its_edits_queue() {
    let mut world = World::week().await.unwrap();
    let id = account(&world, PARTNER).await.id;
    pause(&world, id, true).await;
    world.sandbox.control().clear_ledger();
    let partner = calendar(&world, "Partner clinic").await;
    create(&world, partner, "Queued", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.advance(TimeDelta::hours(1));
    world.restart().await.unwrap();
    world.run().await.unwrap();
    assert_eq!(asked(&world, PARTNER), 0, "also after a restart");
    let paused = account(&world, PARTNER).await;
    assert_eq!(paused.state, AccountState::Paused);
    let reason = paused.reason.unwrap();
    assert_eq!(reason.remedies, [Remedy::Resume { account: id }]);
    assert_eq!(reason.severity, HealthState::Ok, "a choice, not a trouble");
    assert_eq!(health(&world).await.waiting, 1);
    assert!(!titled(&world, "Case review").await.is_empty(), "what it has stays");
    pause(&world, id, false).await;
    world.sync().await.unwrap();
    assert_eq!(at_microsoft(&world, PARTNER, "Partner clinic", "Queued").len(), 1);
    assert_eq!(account(&world, PARTNER).await.state, AccountState::Connected);
}

#[tokio::test]
async fn a_booking_does_not_wait_for_the_end_of_a_pause() {
    let world = World::week().await.unwrap();
    pause(&world, account(&world, PARTNER).await.id, true).await;
    world.advance(TimeDelta::minutes(5));
    world.visitor().unwrap().book(Some("2026-03-12")).await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(bookings(&world).await[0].state, BookingState::Confirmed);
}

#[tokio::test]
async fn a_long_pause_does_not_cost_the_sign_in() {
    let world = World::week().await.unwrap();
    let id = account(&world, PARTNER).await.id;
    pause(&world, id, true).await;
    world.engine.start();
    for _ in 0..4 {
        world.sandbox.control().clear_ledger();
        world.advance(TimeDelta::days(31));
        while requests(&world, "/oauth2/v2.0/token") == 0 {
            world.advance(TimeDelta::seconds(5));
            tokio::task::yield_now().await;
        }
        assert_eq!(asked(&world, PARTNER), 0, "only the sign-in was asked");
    }
    world.engine.stop().await;
}

#[tokio::test]
async fn googles_seven_days_of_testing_are_recognised_explained_and_then_foretold() {
    let world = World::build().without_relay().start().await.unwrap();
    world.sandbox.control().set_testing(Some(Testing { told: false }));
    let id = world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(account(&world, WORK).await.state, AccountState::Connected, "nothing is known yet");
    world.advance(TimeDelta::days(7) + TimeDelta::minutes(3));
    world.run().await.unwrap();
    let ended = account(&world, WORK).await;
    assert_eq!(ended.state, AccountState::SignInNeeded);
    let reason = ended.reason.unwrap();
    assert_eq!(
        (reason.code, &*reason.remedies),
        (CardCode::TestGrantEnded, &[Remedy::SignIn { account: id }][..])
    );
    assert!(reason.message.contains("admin"), "{}", reason.message);
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.sync().await.unwrap();
    let again = account(&world, WORK).await;
    assert_eq!((again.id, again.state), (id, AccountState::Expiring));
    assert_eq!(again.reason.unwrap().params["ends"], "2026-03-16");
    world.sandbox.control().set_testing(None);
    world.advance(TimeDelta::days(9));
    world.sync().await.unwrap();
    assert_eq!(account(&world, WORK).await.state, AccountState::Connected, "the app was published");
}

#[tokio::test]
async fn an_end_that_google_names_is_told_at_once() {
    let world = World::build().without_relay().start().await.unwrap();
    world.sandbox.control().set_testing(Some(Testing { told: true }));
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.sync().await.unwrap();
    let found = account(&world, WORK).await;
    assert_eq!(found.state, AccountState::Expiring);
    assert_eq!(found.reason.unwrap().code, CardCode::TestGrant);
}

#[tokio::test]
async fn a_sign_in_service_that_is_down_is_told_before_it_hurts() {
    let world = World::week().await.unwrap();
    let down = Kind::Status { status: 503, reason: None, retry_after_s: None, body: None };
    let down = Fault::new(Provider::Microsoft, down).contains("/oauth2/v2.0/token").always();
    world.sandbox.control().arm(down).unwrap();
    world.advance(TimeDelta::minutes(52));
    world.sync().await.unwrap();
    let found = account(&world, PARTNER).await;
    assert_eq!((found.state, found.reason.unwrap().code), (AccountState::Expiring, CardCode::SignInFailing));
    world.sandbox.control().clear_faults();
    world.advance(TimeDelta::minutes(2));
    world.sync().await.unwrap();
    assert_eq!(account(&world, PARTNER).await.state, AccountState::Connected);
}

#[tokio::test]
async fn many_calls_at_once_cause_one_token_request() {
    let world = World::week().await.unwrap();
    let id = account(&world, PARTNER).await.id;
    world.sandbox.control().clear_ledger();
    world.advance(TimeDelta::hours(2));
    let tests = (0..30).map(|_| world.call::<Vec<TestStep>>(Call::TestAccount(AccountId { account: id })));
    let (ran, tested) = tokio::join!(world.run(), futures_util::future::join_all(tests));
    ran.unwrap();
    assert!(tested.into_iter().all(|steps| steps.is_ok()));
    assert_eq!(requests(&world, "/oauth2/v2.0/token"), 1);
    assert!(world.sandbox.control().peak(PARTNER) <= 4, "and never more than four at a mailbox");
}

fn outcome(steps: &[TestStep], step: TestSubject) -> TestOutcome {
    steps.iter().find(|it| it.step == step).unwrap().outcome
}

#[tokio::test]
async fn a_connection_test_says_step_by_step_what_works() {
    let world = World::week().await.unwrap();
    let id = account(&world, WORK).await.id;
    let test = async || -> Vec<TestStep> {
        let call = world.call(Call::TestAccount(AccountId { account: id }));
        world.clock.passing(call).await.unwrap()
    };
    let well = test().await;
    assert_eq!(well.len(), 6);
    assert_eq!(outcome(&well, TestSubject::Read), TestOutcome::Passed);
    assert!(well.iter().all(|it| it.outcome != TestOutcome::Failed), "{well:?}");
    assert_eq!(outcome(&well, TestSubject::Write), TestOutcome::Passed);
    world.sandbox.control().revoke(Provider::Google, WORK);
    world.advance(TimeDelta::hours(2));
    let locked_out = test().await;
    assert_eq!(outcome(&locked_out, TestSubject::Network), TestOutcome::Passed);
    assert_eq!(outcome(&locked_out, TestSubject::Token), TestOutcome::Failed);
    assert_eq!(outcome(&locked_out, TestSubject::Calendars), TestOutcome::Skipped);
    let token = locked_out.iter().find(|it| it.step == TestSubject::Token).unwrap();
    assert_eq!((token.finding, &token.remedy), (TestFinding::SignInNeeded, &Remedy::SignIn { account: id }));
    world.sandbox.control().arm(Fault::new(Provider::Google, Kind::Cut).always()).unwrap();
    let offline = test().await;
    assert_eq!(outcome(&offline, TestSubject::Network), TestOutcome::Failed);
    assert_eq!(outcome(&offline, TestSubject::Token), TestOutcome::Skipped);
}

#[tokio::test]
async fn an_outage_sees_one_probe_a_minute_and_its_end_is_found_within_one() {
    let world = World::week().await.unwrap();
    let down = Fault::new(Provider::Google, Kind::Cut).contains("/google/calendar").always();
    world.sandbox.control().arm(down).unwrap();
    world.run().await.unwrap();
    world.advance(TimeDelta::minutes(1));
    world.run().await.unwrap();
    world.sandbox.control().clear_ledger();
    let began = world.now();
    for _ in 0..40 {
        world.advance(TimeDelta::seconds(15));
        let reports = world.run().await.unwrap();
        let well = |address: &str| reports.iter().find(|(it, _)| it == address).unwrap().1.ok;
        assert!(well(PARTNER) && !well(WORK), "the others go on");
    }
    for user in [WORK, PERSONAL] {
        let minutes =
            world.sandbox.control().ledger().into_iter().filter(|it| it.user.as_deref() == Some(user));
        let mut minutes: Vec<i64> = minutes.map(|entry| (entry.at - began).num_seconds()).collect();
        assert!(minutes.len() >= 9, "{user} is looked for: {minutes:?}");
        minutes.dedup();
        assert!(minutes.windows(2).all(|pair| pair[1] - pair[0] >= 60), "{user}: {minutes:?}");
    }
    world.sandbox.control().clear_faults();
    let back = world.now();
    while account(&world, WORK).await.state != AccountState::Connected {
        world.advance(TimeDelta::seconds(5));
        world.run().await.unwrap();
        assert!(world.now() - back <= TimeDelta::seconds(60), "it is not found again");
    }
}

#[tokio::test]
async fn what_waited_through_an_outage_is_sent_by_the_first_run_that_finds_its_end() {
    let world = World::week().await.unwrap();
    let down = Fault::new(Provider::Google, Kind::Cut).contains("/google/calendar").always();
    world.sandbox.control().arm(down).unwrap();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Kept", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    for _ in 0..40 {
        world.advance(TimeDelta::minutes(1));
        world.run().await.unwrap();
    }
    assert_eq!(health(&world).await.waiting, 1);
    world.sandbox.control().clear_faults();
    world.advance(TimeDelta::minutes(1));
    world.run().await.unwrap();
    assert_eq!(account(&world, WORK).await.state, AccountState::Connected);
    assert_eq!(
        health(&world).await.waiting,
        0,
        "by then each attempt was a quarter of an hour after the last"
    );
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_left_to_recover() {
    let world = World::week().await.unwrap();
    let quota = |reason: &str| {
        let kind = Kind::Status { status: 403, reason: Some(reason.into()), retry_after_s: None, body: None };
        Fault::new(Provider::Google, kind).contains("/google/calendar").times(50)
    };
    for (reason, rest) in
        [("userRateLimitExceeded", TimeDelta::minutes(1)), ("quotaExceeded", TimeDelta::hours(1))]
    {
        world.sandbox.control().arm(quota(reason)).unwrap();
        world.run().await.unwrap();
        world.sandbox.control().clear_faults();
        world.sandbox.control().clear_ledger();
        world.engine.sync_soon();
        world.advance(rest - TimeDelta::seconds(20));
        world.run().await.unwrap();
        assert_eq!(requests(&world, "/google/calendar"), 0, "{reason}: nobody asks meanwhile");
        assert_eq!(account(&world, WORK).await.state, AccountState::Error);
        world.advance(TimeDelta::seconds(30));
        world.sync().await.unwrap();
        assert_eq!(account(&world, WORK).await.state, AccountState::Connected);
    }
}

/// Two people of each provider, with one event each.
const FOUR: &str = r##"{
  "zone": "America/Toronto",
  "clients": [
    {"provider": "google", "id": "daymark-desktop.apps.googleusercontent.example", "secret": "sandbox-secret"},
    {"provider": "microsoft", "id": "6f1c2a50-0d4c-4d0e-9b1e-5a7e3c1d9b02"}
  ],
  "accounts": [
    {"provider": "google", "email": "g1@one.example", "name": "One", "zone": "America/Toronto",
     "calendars": [{"name": "G1", "primary": true, "color": "#2f6fb0", "events": [
       {"key": "g1event", "title": "of g1", "when": {"weekday": "mon", "from": "09:00", "to": "10:00"}}]}]},
    {"provider": "google", "email": "g2@two.example", "name": "Two", "zone": "America/Toronto",
     "calendars": [{"name": "G2", "primary": true, "color": "#2f6fb0", "events": [
       {"key": "g2event", "title": "of g2", "when": {"weekday": "tue", "from": "09:00", "to": "10:00"}}]}]},
    {"provider": "microsoft", "email": "m1@one.example", "name": "One", "zone": "America/Toronto",
     "calendars": [{"name": "M1", "primary": true, "color": "#b5532a", "events": [
       {"key": "m1event", "title": "of m1", "when": {"weekday": "wed", "from": "09:00", "to": "10:00"}}]}]},
    {"provider": "microsoft", "email": "m2@two.example", "name": "Two", "zone": "America/Toronto",
     "calendars": [{"name": "M2", "primary": true, "color": "#b5532a", "events": [
       {"key": "m2event", "title": "of m2", "when": {"weekday": "thu", "from": "09:00", "to": "10:00"}}]}]}
  ]
}"##;

#[tokio::test]
async fn two_accounts_of_each_provider_stand_side_by_side() {
    let world = World::build().seed(FOUR).without_relay().start().await.unwrap();
    use ProviderKind::{Google, Microsoft};
    let people = [
        (Google, "g1@one.example"),
        (Google, "g2@two.example"),
        (Microsoft, "m1@one.example"),
        (Microsoft, "m2@two.example"),
    ];
    for (provider, address) in people {
        world.connect(provider, address).await.unwrap();
    }
    world.introduce().await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(items(&world, "2026-03-02", "2026-03-07").await.len(), 4);
    for name in ["G1", "G2", "M1", "M2"] {
        let id = calendar(&world, name).await;
        create(&world, id, &format!("for {name}"), "2026-03-06T09:00:00", "2026-03-06T10:00:00").await;
    }
    world.sync().await.unwrap();
    for (user, name) in [("g1@one.example", "G1"), ("g2@two.example", "G2")] {
        assert_eq!(at_google(&world, user, "primary", "for ").len(), 1);
        assert_eq!(at_google(&world, user, "primary", &format!("for {name}")).len(), 1);
    }
    for (user, name) in [("m1@one.example", "M1"), ("m2@two.example", "M2")] {
        assert_eq!(at_microsoft(&world, user, name, "for ").len(), 1);
        assert_eq!(at_microsoft(&world, user, name, &format!("for {name}")).len(), 1);
    }
    world.sandbox.control().revoke(Provider::Microsoft, "m1@one.example");
    world.advance(TimeDelta::hours(2));
    world.run().await.unwrap();
    let states: Vec<AccountState> = accounts(&world).await.iter().map(|account| account.state).collect();
    use AccountState::{Connected, SignInNeeded};
    assert_eq!(states, [Connected, Connected, SignInNeeded, Connected]);
}
