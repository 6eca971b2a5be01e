//! An account at a CalDAV server: connected, read, written to, locked out and let in again.

use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{
    Account, AccountId, AccountState, ConnectCalDav, Disconnect, Password, ProviderKind, Restored,
    TestFinding, TestStep, TestSubject,
};
use daymark_engine::api::details::Answer;
use daymark_engine::api::health::CardCode;
use daymark_engine::api::problem::{Problem, ProblemCode};
use daymark_engine::api::schedule::{DeleteEvent, EventDetail, Written};
use daymark_sandbox::caldav::Quirks;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use journeys::world::World;

use crate::support::{calendar, create, health, items, move_meeting_to, move_to, titled, wall, writes};

pub const USER: &str = "maya@northcare.example";
const ROUND: &str = "round";

pub const SEED: &str = r##"{
  "zone": "America/Toronto",
  "accounts": [
    {"provider": "caldav", "email": "maya@northcare.example", "name": "Maya", "zone": "America/Toronto", "calendars": [
      {"id": "round", "name": "Round", "color": "#2f6fb0", "events": [
        {"key": "visit", "title": "Visit", "when": {"weekday": "tue", "from": "11:00", "to": "12:00"},
         "location": "12 Elm St, Ottawa", "reminders_min": [15], "attendees": ["other@x.example"]},
        {"key": "standup", "title": "Stand-up", "when": {"weekday": "mon", "from": "09:00", "to": "09:15"},
         "repeat": ["RRULE:FREQ=DAILY;COUNT=5"], "exceptions": [
           {"on": {"weekday": "wed"}, "cancelled": true},
           {"on": {"weekday": "thu"}, "moved": {"weekday": "thu", "from": "10:30", "to": "10:45"}}]}]},
      {"id": "days", "name": "Days", "access": "reader", "events": [
        {"key": "training", "title": "Training", "when": {"weekday": "wed", "all_day_days": 2}}]}]}
  ]
}"##;

async fn world() -> World {
    let world = World::build().seed(SEED).without_relay().start().await.unwrap();
    world.introduce().await.unwrap();
    world
}

pub async fn connected() -> (World, i64) {
    let world = world().await;
    let account = world.connect_caldav(USER).await.unwrap();
    world.sync().await.unwrap();
    (world, account)
}

async fn accounts(world: &World) -> Vec<Account> {
    world.call(Call::Accounts(())).await.unwrap()
}

async fn refused(world: &World, ask: ConnectCalDav) -> Problem {
    world.engine.call(Call::ConnectCaldav(ask)).await.unwrap_err()
}

#[tokio::test]
async fn the_same_name_at_another_server_of_the_host_is_another_account() {
    let (world, account) = connected().await;
    let other = self::world().await;
    let ask = ConnectCalDav { address_or_url: other.sandbox.base(), ..world.caldav_ask(USER) };
    let second: AccountId = world.call(Call::ConnectCaldav(ask.clone())).await.unwrap();
    assert_ne!(second.account, account);
    world.sync().await.unwrap();
    let shown = accounts(&world).await;
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert_ne!(shown[0].address, shown[1].address);
    assert!(shown.iter().all(|it| it.state == AccountState::Connected && it.calendars.len() == 2));
    let again: AccountId = world.call(Call::ConnectCaldav(ask)).await.unwrap();
    assert_eq!(again.account, second.account, "the same server is the same account");
}

fn held(world: &World, name: &str) -> String {
    world.sandbox.caldav().text(USER, ROUND, name).unwrap()
}

pub fn rewrite(world: &World, name: &str, from: &str, to: &str) {
    let text = held(world, name);
    assert!(text.contains(from), "{text}");
    world.sandbox.caldav().put(USER, ROUND, name, &text.replacen(from, to, 1));
}

async fn starts(world: &World, title: &str) -> Vec<chrono::NaiveDateTime> {
    titled(world, title).await.iter().map(|item| item.start).collect()
}

#[tokio::test]
async fn an_account_is_found_verified_and_listed_with_its_calendars() {
    let (world, account) = connected().await;
    let all = accounts(&world).await;
    assert_eq!(
        (all[0].id, all[0].provider, all[0].state),
        (account, ProviderKind::CalDav, AccountState::Connected)
    );
    assert!(all[0].address.starts_with(USER), "{}", all[0].address);
    let rights: Vec<_> = all[0].calendars.iter().map(|it| (it.name.as_str(), it.writable)).collect();
    assert_eq!(rights, [("Round", true), ("Days", false)]);
    assert_eq!(starts(&world, "Visit").await, [wall("2026-03-03T11:00:00")]);
    let training = titled(&world, "Training").await;
    assert!(training[0].all_day && training[0].start == wall("2026-03-04T00:00:00"), "{training:?}");
}

#[tokio::test]
async fn people_with_their_answers_and_the_meeting_are_shown() {
    let (world, _) = connected().await;
    rewrite(
        &world,
        "visit.ics",
        "ATTENDEE:mailto:other@x.example",
        "ORGANIZER;CN=Maya:mailto:maya@northcare.example\r\n\
         ATTENDEE;PARTSTAT=ACCEPTED;CN=Noor:mailto:other@x.example\r\n\
         CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=Jitsi:https://meet.example/abc\r\n\
         ATTACH;FILENAME=plan.pdf:https://files.example/42",
    );
    world.sync().await.unwrap();
    let visit = titled(&world, "Visit").await.remove(0);
    let shown: EventDetail = world.call(Call::Event(visit.event)).await.unwrap();
    let [maya, noor] = shown.details.attendees.as_slice() else { panic!("{:?}", shown.details) };
    assert!(maya.organizer && maya.me && !noor.me && noor.answer == Answer::Accepted && noor.name == "Noor");
    assert_eq!(shown.details.meeting.unwrap().url, "https://meet.example/abc");
    assert_eq!(shown.details.attachments[0].title, "plan.pdf");
    let standup = titled(&world, "Stand-up").await.remove(2);
    let shown: EventDetail = world.call(Call::Event(standup.event)).await.unwrap();
    assert!(shown.details.attendees.is_empty(), "an exception reads its own part of the text");
}

#[tokio::test]
async fn an_event_moved_there_moves_here_and_one_moved_here_moves_there() {
    let (world, _) = connected().await;
    rewrite(&world, "visit.ics", "20260303T110000", "20260303T133000");
    rewrite(&world, "visit.ics", "20260303T120000", "20260303T143000");
    world.sync().await.unwrap();
    assert_eq!(starts(&world, "Visit").await, [wall("2026-03-03T13:30:00")]);
    let item = titled(&world, "Visit").await.remove(0);
    move_meeting_to(&world, &item, "2026-03-03T15:00:00", "2026-03-03T16:00:00").await;
    assert_eq!(starts(&world, "Visit").await, [wall("2026-03-03T15:00:00")], "on screen at once");
    world.sync().await.unwrap();
    let text = held(&world, "visit.ics");
    assert!(text.contains("DTSTART;TZID=America/Toronto:20260303T150000"), "{text}");
    assert!(text.contains("BEGIN:VALARM") && text.contains("ATTENDEE:mailto:other@x.example"), "{text}");
    let before = writes(&world);
    world.sync().await.unwrap();
    assert_eq!(writes(&world), before, "a second run writes nothing");
}

#[tokio::test]
async fn a_series_with_a_moved_and_a_cancelled_occurrence_goes_both_ways() {
    let (world, _) = connected().await;
    let expected =
        ["2026-03-02T09:00:00", "2026-03-03T09:00:00", "2026-03-05T10:30:00", "2026-03-06T09:00:00"];
    assert_eq!(starts(&world, "Stand-up").await, expected.map(wall));
    let tuesday = titled(&world, "Stand-up").await.remove(1);
    move_to(&world, &tuesday, "2026-03-03T14:00:00", "2026-03-03T14:15:00").await;
    let friday = titled(&world, "Stand-up").await.pop().unwrap();
    let _: Written = world
        .call(Call::DeleteEvent(DeleteEvent { event: friday.event, scope: None, guests_confirmed: false }))
        .await
        .unwrap();
    world.advance(TimeDelta::minutes(1));
    world.sync().await.unwrap();
    world.advance(TimeDelta::minutes(10));
    world.sync().await.unwrap();
    let text = held(&world, "standup.ics");
    assert!(text.contains("RECURRENCE-ID;TZID=America/Toronto:20260303T090000"), "{text}");
    assert!(text.contains("EXDATE;TZID=America/Toronto:20260306T090000"), "{text}");
    let expected = ["2026-03-02T09:00:00", "2026-03-03T14:00:00", "2026-03-05T10:30:00"];
    assert_eq!(starts(&world, "Stand-up").await, expected.map(wall));
    assert_eq!(health(&world).await.waiting, 0);
}

#[tokio::test]
async fn a_lost_answer_to_an_insert_makes_no_second_event() {
    let (world, _) = connected().await;
    let lost = Fault::new(Provider::CalDav, Kind::LoseAnswer).method("PUT").times(6);
    world.sandbox.control().arm(lost).unwrap();
    let round = calendar(&world, "Round").await;
    create(&world, round, "New visit", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    for _ in 0..4 {
        world.advance(TimeDelta::hours(1));
        world.run().await.unwrap();
    }
    assert_eq!(starts(&world, "New visit").await, [wall("2026-03-05T16:00:00")]);
    let all = world.sandbox.caldav().all(USER, ROUND);
    assert_eq!(all.iter().filter(|(_, text)| text.contains("SUMMARY:New visit")).count(), 1);
    assert_eq!(health(&world).await.waiting, 0);
}

#[tokio::test]
async fn a_changed_password_is_named_loses_nothing_and_the_new_one_heals_it() {
    let (mut world, account) = connected().await;
    world.sandbox.caldav().set_password(USER, "new-password");
    let round = calendar(&world, "Round").await;
    create(&world, round, "While locked out", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.advance(TimeDelta::hours(2));
    world.run().await.unwrap();
    assert!(health(&world).await.cards.iter().any(|card| card.code == CardCode::SignInNeeded));
    assert_eq!(accounts(&world).await[0].state, AccountState::SignInNeeded);
    assert!(!titled(&world, "Visit").await.is_empty(), "the mirror keeps what it has");
    let again = |password: &str| ConnectCalDav {
        account: Some(account),
        password: Password(password.into()),
        ..world.caldav_ask(USER)
    };
    assert_eq!(refused(&world, again("still wrong")).await.code, ProblemCode::WrongPassword);
    let other = ConnectCalDav { username: "other".into(), ..again("new-password") };
    assert_eq!(refused(&world, other).await.code, ProblemCode::SignInMismatch);
    let healed: AccountId = world.call(Call::ConnectCaldav(again("new-password"))).await.unwrap();
    assert_eq!(healed.account, account);
    world.sync().await.unwrap();
    assert_eq!((health(&world).await.waiting, accounts(&world).await.len()), (0, 1));
    world.restart().await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(starts(&world, "While locked out").await, [wall("2026-03-05T16:00:00")]);
}

#[tokio::test]
async fn a_disconnected_account_leaves_nothing_here_and_everything_there() {
    let (world, account) = connected().await;
    let before = world.sandbox.caldav().all(USER, ROUND);
    let _: () = world.call(Call::Disconnect(Disconnect { account, remove_copies: None })).await.unwrap();
    assert!(accounts(&world).await.is_empty());
    assert!(items(&world, "2026-03-01", "2026-03-09").await.is_empty());
    assert_eq!(world.sandbox.caldav().all(USER, ROUND), before);
    let again = world.connect_caldav(USER).await.unwrap();
    assert_eq!(again, account, "who comes back within thirty days finds everything");
}

#[tokio::test]
async fn an_account_that_was_left_comes_back_with_nothing_but_its_password() {
    let (world, account) = connected().await;
    let _: () = world.call(Call::Disconnect(Disconnect { account, remove_copies: None })).await.unwrap();
    let _: Restored = world.call(Call::RestoreAccount(AccountId { account })).await.unwrap();
    world.run().await.unwrap();
    assert_eq!(accounts(&world).await[0].state, AccountState::SignInNeeded, "the password was forgotten");
    let again = |password: &str| ConnectCalDav {
        address_or_url: String::new(),
        username: String::new(),
        account: Some(account),
        password: Password(password.into()),
        ..world.caldav_ask(USER)
    };
    assert_eq!(refused(&world, again("wrong")).await.code, ProblemCode::WrongPassword);
    let password = daymark_sandbox::caldav::PASSWORD;
    let back: AccountId = world.call(Call::ConnectCaldav(again(password))).await.unwrap();
    assert_eq!(back.account, account);
    world.sync().await.unwrap();
    assert_eq!(accounts(&world).await[0].state, AccountState::Connected);
}

#[tokio::test]
async fn a_server_that_does_not_answer_or_is_not_safe_is_named() {
    let world = world().await;
    let at = |address: String| ConnectCalDav { address_or_url: address, ..world.caldav_ask(USER) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let speaker = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad\r\n\r\n").await;
        }
    });
    let unsafe_server = refused(&world, at(format!("https://127.0.0.1:{port}/"))).await;
    speaker.abort();
    assert!(speaker.await.is_err_and(|ended| ended.is_cancelled()));
    let silent = refused(&world, at(format!("http://127.0.0.1:{port}/"))).await;
    assert_eq!(
        (unsafe_server.code, unsafe_server.params["server"].as_str()),
        (ProblemCode::ServerUnsafe, "127.0.0.1")
    );
    assert_eq!(
        (silent.code, silent.params["server"].as_str()),
        (ProblemCode::ServerUnreachable, "127.0.0.1")
    );
}

#[tokio::test]
async fn what_keeps_an_account_from_being_connected_is_named() {
    let world = world().await;
    let ask = || world.caldav_ask(USER);
    let at = |address: &str| ConnectCalDav { address_or_url: address.into(), ..ask() };
    let wrong = ConnectCalDav { password: Password("wrong".into()), ..ask() };
    assert_eq!(refused(&world, wrong).await.code, ProblemCode::WrongPassword);
    assert_eq!(refused(&world, at("ftp://x.example/")).await.code, ProblemCode::BadAddress);
    let plain = refused(&world, at("http://calendar.example.org/")).await;
    assert_eq!(
        (plain.code, plain.params["server"].as_str()),
        (ProblemCode::PlainHttp, "http://calendar.example.org")
    );
    let other = Quirks { well_known: Some("https://elsewhere.example.org/dav/".into()), ..Quirks::default() };
    world.sandbox.caldav().set_quirks(other);
    let sent_on = refused(&world, ask()).await;
    assert_eq!(
        (sent_on.code, sent_on.params["server"].as_str()),
        (ProblemCode::OtherServer, "https://elsewhere.example.org")
    );
    world.sandbox.caldav().set_quirks(Quirks { well_known: Some("/graph/".into()), ..Quirks::default() });
    assert_eq!(refused(&world, ask()).await.code, ProblemCode::NotCaldav);
    world.sandbox.caldav().set_quirks(Quirks::default());
    for name in [ROUND, "days"] {
        world.sandbox.caldav().remove_calendar(USER, name);
    }
    assert_eq!(refused(&world, ask()).await.code, ProblemCode::NoCalendars);
    assert!(accounts(&world).await.is_empty(), "nothing is kept of any try");
}

#[tokio::test]
async fn a_connection_test_tells_a_wrong_password_from_a_silent_server() {
    let (world, account) = connected().await;
    let test = async || -> Vec<(TestSubject, TestFinding)> {
        let call = world.call(Call::TestAccount(AccountId { account }));
        let steps: Vec<TestStep> = world.clock.passing(call).await.unwrap();
        steps.into_iter().map(|it| (it.step, it.finding)).collect()
    };
    let well = test().await;
    assert_eq!(well[0], (TestSubject::Network, TestFinding::Fine));
    assert_eq!(well[2], (TestSubject::Token, TestFinding::Fine));
    assert_eq!(well[4], (TestSubject::Read, TestFinding::Fine));
    world.sandbox.caldav().set_password(USER, "new-password");
    let locked_out = test().await;
    assert_eq!(locked_out[2], (TestSubject::Token, TestFinding::SignInNeeded));
    assert_eq!(locked_out[3], (TestSubject::Calendars, TestFinding::NotReached));
    world.sandbox.control().arm(Fault::new(Provider::CalDav, Kind::Cut).always()).unwrap();
    assert_eq!(test().await[0], (TestSubject::Network, TestFinding::Unreachable));
}

#[tokio::test]
async fn the_password_is_in_no_file_of_the_app() {
    let (world, _) = connected().await;
    let database = std::fs::read_dir(world.data()).unwrap();
    for file in database.map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let content = std::fs::read(&file).unwrap();
        let password = daymark_sandbox::caldav::PASSWORD.as_bytes();
        assert!(!content.windows(password.len()).any(|part| part == password), "{}", file.display());
    }
}
