//! A database that is damaged: what Daymark says, what comes back, and what only the file had.

use daymark_engine::api::Call;
use daymark_engine::api::accounts::{Account, ProviderKind};
use daymark_engine::api::bookings::{BookingState, EnrolRelay, PublicPage};
use daymark_engine::api::journal::{JournalEntry, JournalQuery};
use daymark_relay::enrolment::Invitation;
use journeys::world::{WORK, World};

use crate::support::{at_google, bookings, calendar, create, titled};

/// The person does as the text says: the file goes to the side, and everything is set up anew.
fn set_aside(world: &World) {
    for ending in ["", "-wal", "-shm"] {
        let file = world.data().join(format!("daymark.db{ending}"));
        let kept = world.data().join(format!("damaged.db{ending}"));
        // The journal of the database is there only after a crash.
        let _ = std::fs::rename(file, kept);
    }
}

#[tokio::test]
async fn after_a_damaged_database_what_others_hold_comes_back_and_the_text_says_what_does_not() {
    let mut world = World::week().await.unwrap();
    world.visitor().unwrap().book(Some("2026-03-04")).await.unwrap();
    world.sync().await.unwrap();
    let northcare = calendar(&world, "Northcare").await;
    create(&world, northcare, "Never sent", "2026-03-05T16:00:00", "2026-03-05T17:00:00").await;
    world.engine.stop().await;
    let file = world.data().join("daymark.db");
    let damaged = "no database any more";
    std::fs::write(&file, damaged).unwrap();
    let said = world.second().await.err().unwrap().to_string();
    for told in ["is damaged", "rename it", "edits that were not sent", "joined to its relay again"] {
        assert!(said.contains(told), "{told}: {said}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), damaged, "it is left as it is");

    set_aside(&world);
    world.restart().await.unwrap();
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await.unwrap();
    assert!(accounts.is_empty());
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    let relay = world.relay.as_ref().unwrap();
    let invitation = Invitation { name: "Maya Okafor".into(), slug: Some("maya".into()), again: true };
    let code = relay.enrol(invitation).await.unwrap().code;
    let enrol = EnrolRelay { address: relay.public_url.to_string(), code };
    let _: PublicPage = world.call(Call::EnrolRelay(enrol)).await.unwrap();
    world.sync().await.unwrap();
    world.sync().await.unwrap();

    assert_eq!(at_google(&world, WORK, WORK, "P. Singh").len(), 1, "a booked visit is in the calendar once");
    assert_eq!(titled(&world, "P. Singh").await.len(), 1);
    assert!(titled(&world, "Never sent").await.is_empty());
    let query = JournalQuery { limit: 50, before: None };
    let journal: Vec<JournalEntry> = world.call(Call::Journal(query)).await.unwrap();
    assert!(journal.iter().all(|entry| entry.title != "Never sent"), "{journal:?}");
    let booked = bookings(&world).await;
    assert_eq!(booked.len(), 1, "the relay tells of its bookings again");
    assert_eq!(booked[0].state, BookingState::Confirmed);
    assert_eq!(booked[0].visitor.name, "P. Singh", "the keys that it was sealed to are not in the database");
}
