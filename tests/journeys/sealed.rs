//! A visitor's words that this laptop's keys do not open: they are kept, and read on the day on which the keys are back.

use std::sync::Arc;

use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::ProviderKind;
use daymark_engine::api::bookings::{BookingState, BookingUnopened, EnrolRelay, PublicPage};
use daymark_engine::api::health::CardCode;
use daymark_engine::api::problem::ProblemCode;
use daymark_engine::secrets::SecretStore;
use daymark_engine::secrets::memory::SessionSecrets;
use journeys::world::{WORK, World};

use crate::joining::code_again;
use crate::support::{at_google, bookings, health, page, text};

/// Booked with the keys that `before` keeps, and taken in by a laptop that joined again without them.
async fn booked_for_other_keys(before: &Arc<dyn SecretStore>) -> World {
    let mut world = World::build().secrets(Arc::clone(before)).start().await.unwrap();
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.introduce().await.unwrap();
    world.open_page().await.unwrap();
    world.sync().await.unwrap();
    world.advance(TimeDelta::minutes(1));
    world.visitor().unwrap().book(Some("2026-03-04")).await.unwrap();

    world.restart_keeping(Arc::new(SessionSecrets::default())).await.unwrap();
    world.run().await.unwrap();
    assert_eq!(page(&world).await.problem.unwrap().code, ProblemCode::RelayRefused, "its keys are lost");
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    let address = world.relay.as_ref().unwrap().public_url.to_string();
    let enrol = EnrolRelay { address, code: code_again(&world).await };
    let _: PublicPage = world.call(Call::EnrolRelay(enrol)).await.unwrap();
    world.sync().await.unwrap();
    world
}

#[tokio::test]
async fn a_visitor_whose_words_cannot_be_opened_is_expected_and_known_once_the_keys_are_back() {
    let before: Arc<dyn SecretStore> = Arc::new(SessionSecrets::default());
    let mut world = booked_for_other_keys(&before).await;
    let booking = bookings(&world).await.remove(0);
    assert_eq!((booking.state, booking.unopened), (BookingState::Confirmed, Some(BookingUnopened::Sealed)));
    assert_eq!(at_google(&world, WORK, WORK, "Home assessment").len(), 1, "the time is kept");
    assert!(at_google(&world, WORK, WORK, "P. Singh").is_empty());

    world.restart_keeping(before).await.unwrap();
    for _ in 0..2 {
        world.run().await.unwrap();
    }
    let booking = bookings(&world).await.remove(0);
    assert_eq!((booking.visitor.name.as_str(), booking.unopened), ("P. Singh", None));
    let events = at_google(&world, WORK, WORK, "P. Singh: Home assessment");
    assert_eq!(events.len(), 1);
    assert_eq!(text(&events[0], "/location"), "410 Bathurst St, Toronto");
    assert!(text(&events[0], "/description").contains("p.singh@visitor.example"));
    assert_eq!(at_google(&world, WORK, WORK, "Home assessment").len(), 1, "it is the same event");
}

#[tokio::test]
async fn a_card_about_a_visitor_whose_name_is_not_known_names_what_was_booked() {
    let world = booked_for_other_keys(&(Arc::new(SessionSecrets::default()) as Arc<dyn SecretStore>)).await;
    let event = at_google(&world, WORK, WORK, "Home assessment").remove(0);
    world.sandbox.google().delete(WORK, WORK, &text(&event, "/id")).unwrap();
    world.run().await.unwrap();
    let card = health(&world).await.cards.into_iter().find(|card| card.code == CardCode::BookingUntold);
    assert_eq!(card.unwrap().params["title"], "Home assessment");
}
