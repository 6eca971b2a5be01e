//! A laptop that has joined a relay joins anew: no booking and no key is lost on the way, whatever comes of it.

use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::bookings::{BookingState, EnrolRelay, PublicPage};
use daymark_engine::api::problem::{Problem, ProblemCode};
use daymark_relay::enrolment::Invitation;
use daymark_sandbox::faults::Moment;
use journeys::world::{WORK, World};
use url::Url;

use crate::gate::Gate;
use crate::support::{at_google, bookings, page};

/// A code as the admin makes it for a person whose page is there already.
pub async fn code_again(world: &World) -> String {
    let invitation = Invitation { name: "Maya Okafor".into(), slug: Some("maya".into()), again: true };
    world.relay.as_ref().unwrap().enrol(invitation).await.unwrap().code
}

async fn join(world: &World, address: &Url, code: &str) -> Result<(), Problem> {
    let enrol = EnrolRelay { address: address.to_string(), code: code.into() };
    world.engine.call(Call::EnrolRelay(enrol)).await.map(drop)
}

fn address(world: &World) -> Url {
    world.relay.as_ref().unwrap().public_url.clone()
}

async fn book(world: &World, day: &str) {
    world.advance(TimeDelta::minutes(1));
    let (_, answer) = world.visitor().unwrap().book(Some(day)).await.unwrap();
    assert!(answer.manage.is_some(), "{}", answer.text);
}

/// All bookings are confirmed, their visitors known, and the page is well.
async fn all_known(world: &World, count: usize) {
    world.sync().await.unwrap();
    let bookings = bookings(world).await;
    let known = |it: &&_| -> bool {
        let it: &daymark_engine::api::bookings::Booking = it;
        it.visitor.name == "P. Singh" && it.state == BookingState::Confirmed
    };
    assert_eq!(bookings.iter().filter(known).count(), count, "{bookings:?}");
    assert_eq!(at_google(world, WORK, WORK, "P. Singh").len(), count);
    assert_eq!(page(world).await.problem, None);
}

/// The relay says yes, and the laptop does not hear it.
async fn join_unheard(world: &World, gate: &Gate, code: &str) {
    gate.keep("POST", 0, Moment::After);
    let address = gate.address().unwrap();
    tokio::select! {
        () = gate.kept() => {}
        heard = join(world, &address, code) => panic!("it was to be lost: {heard:?}"),
    }
    gate.open();
}

#[tokio::test]
async fn a_wrong_code_leaves_a_laptop_that_has_joined_as_it_was() {
    let world = World::week().await.unwrap();
    book(&world, "2026-03-04").await;
    for _ in 0..20 {
        let refused = join(&world, &address(&world), "0000-0000-0000-0000").await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::BadEnrolCode);
    }
    book(&world, "2026-03-05").await;
    all_known(&world, 2).await;
}

#[tokio::test]
async fn a_lost_answer_is_healed_by_typing_the_same_code_again() {
    let world = World::week().await.unwrap();
    let gate = Gate::before(&address(&world)).await.unwrap();
    let code = code_again(&world).await;
    join_unheard(&world, &gate, &code).await;
    book(&world, "2026-03-04").await;
    // As it is heard, not as it was printed.
    join(&world, &gate.address().unwrap(), &code.to_lowercase().replace('-', " ")).await.unwrap();
    all_known(&world, 1).await;
    book(&world, "2026-03-05").await;
    all_known(&world, 2).await;
}

#[tokio::test]
async fn the_same_code_twice_at_once_joins_once() {
    let world = World::week().await.unwrap();
    let code = code_again(&world).await;
    let address = address(&world);
    let (one, other) = tokio::join!(join(&world, &address, &code), join(&world, &address, &code));
    assert_eq!((one, other), (Ok(()), Ok(())));
    book(&world, "2026-03-04").await;
    all_known(&world, 1).await;
}

#[tokio::test]
async fn what_was_booked_before_a_new_code_is_read_after_it() {
    let world = World::week().await.unwrap();
    book(&world, "2026-03-04").await;
    let code = code_again(&world).await;
    join(&world, &address(&world), &code).await.unwrap();
    book(&world, "2026-03-05").await;
    all_known(&world, 2).await;
}

#[tokio::test]
async fn what_was_sealed_to_keys_that_only_the_relay_took_is_opened_after_another_code() {
    let world = World::week().await.unwrap();
    let gate = Gate::before(&address(&world)).await.unwrap();
    let first = code_again(&world).await;
    join_unheard(&world, &gate, &first).await;
    book(&world, "2026-03-04").await;
    let second = code_again(&world).await;
    join(&world, &gate.address().unwrap(), &second).await.unwrap();
    let refused = join(&world, &gate.address().unwrap(), &first).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::BadEnrolCode, "the second code has taken its place");
    all_known(&world, 1).await;
}

#[tokio::test]
async fn another_relay_that_refuses_leaves_this_one_as_it_was() {
    let world = World::week().await.unwrap();
    let before: PublicPage = page(&world).await;
    let code = code_again(&world).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = format!("http://{nobody}/").parse().unwrap();
    let silent = join(&world, &address, &code).await.unwrap_err();
    assert_eq!(silent.code, ProblemCode::ServerUnreachable);
    assert_eq!(page(&world).await.url, before.url);
    book(&world, "2026-03-04").await;
    all_known(&world, 1).await;
}
