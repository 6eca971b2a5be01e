//! Bookings from the public page to the calendar, awake and asleep.

use chrono::TimeDelta;
use daymark_engine::api::accounts::{Account, CalendarChoice, Disconnect, ProviderKind};
use daymark_engine::api::bookings::{
    BookingState, BookingUntold, BookingUnwritten, DecideBooking, PageSettings, PlaceKind,
};
use daymark_engine::api::health::{Card, CardCode, HealthState, Remedy};
use daymark_engine::api::journal::{RetryWrite, Undo};
use daymark_engine::api::schedule::{DeleteEvent, Written};
use daymark_engine::api::{Call, Notice, Tag};
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use journeys::visitor::Form;
use journeys::world::{PARTNER, WORK, World};
use serde_json::json;
use tokio::sync::broadcast::Receiver;

use crate::gate::Gate;
use crate::support::{
    at_google, at_microsoft, bookings, calendar, google_start, health, page, text, titled, writes,
};

#[tokio::test]
async fn a_visitors_booking_reaches_google_and_the_screen() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    let (start, answer) = visitor.book(Some("2026-03-04")).await.unwrap();
    world.sync().await.unwrap();
    let events = at_google(&world, WORK, WORK, "P. Singh");
    assert_eq!(events.len(), 1);
    assert_eq!(google_start(&events[0]), start);
    assert_eq!(titled(&world, "P. Singh").await.len(), 1);
    assert_eq!(bookings(&world).await[0].state, BookingState::Confirmed);
    let told = visitor.manage(&answer.manage.unwrap()).await.unwrap();
    assert!(told.contains("has it in the calendar"), "the visitor is told that it is confirmed");
    assert!(world.sandbox.control().mail().is_empty(), "nobody is mailed by a write to a calendar");
}

#[tokio::test]
async fn times_behind_the_budget_of_a_series_are_not_offered_and_the_series_is_named() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    let far = Some("2026-03-18");
    assert!(!visitor.offered(far).await.unwrap().is_empty());
    // 720 a day: the time index ends with the first week of them.
    let pump = json!({
        "summary": "Pump check",
        "start": { "dateTime": "2026-03-02T08:00:00-05:00", "timeZone": "America/Toronto" },
        "end": { "dateTime": "2026-03-02T08:01:00-05:00", "timeZone": "America/Toronto" },
        "recurrence": ["RRULE:FREQ=MINUTELY;INTERVAL=2"],
    });
    world.sandbox.google().insert(WORK, WORK, pump).unwrap();
    world.sync().await.unwrap();
    assert!(visitor.offered(far).await.unwrap().is_empty());
    let health = health(&world).await;
    let told = health.cards.iter().find(|card| card.code == CardCode::SeriesTruncated).unwrap();
    assert!(told.message.contains("“Pump check” repeats more often"), "{}", told.message);
    assert_eq!(told.severity, HealthState::Ok, "it is told, and nothing is wrong");
}

#[tokio::test]
async fn a_visitors_booking_reaches_microsoft() {
    let world = World::week().await.unwrap();
    let mut settings = page(&world).await.settings;
    settings.calendar = Some(calendar(&world, "Partner clinic").await);
    let _: serde_json::Value = world.call(Call::SetPage(settings)).await.unwrap();
    world.sync().await.unwrap();
    world.visitor().unwrap().book(Some("2026-03-04")).await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(at_microsoft(&world, PARTNER, "Partner clinic", "P. Singh").len(), 1);
    assert_eq!(bookings(&world).await[0].state, BookingState::Confirmed);
}

#[tokio::test]
async fn a_visit_that_the_calendar_refuses_is_not_confirmed_until_it_is_tried_again() {
    for (status, reason) in [(403, "forbidden"), (400, "invalid")] {
        let mut world = World::week().await.unwrap();
        let refused = Kind::Status { status, reason: Some(reason.into()), retry_after_s: None, body: None };
        let fault = Fault::new(Provider::Google, refused).method("POST").contains("/events").always();
        world.sandbox.control().arm(fault).unwrap();
        let (_, answer) = world.visitor().unwrap().book(Some("2026-03-04")).await.unwrap();
        world.run().await.unwrap();
        let booking = bookings(&world).await.remove(0);
        assert_eq!(booking.state, BookingState::Accepted, "it is not in the calendar");
        let Some(BookingUnwritten::Refused { reason }) = &booking.unwritten else { panic!("{booking:?}") };
        assert!(!reason.is_empty());
        let manage = answer.manage.unwrap();
        let told = world.visitor().unwrap().manage(&manage).await.unwrap();
        assert!(!told.contains("has it in the calendar"), "and nobody is told that it is");

        world.restart().await.unwrap();
        let card = card(&world, CardCode::BookingRefused).await.unwrap();
        assert!(card.params["title"].contains("P. Singh"));
        let event = booking.event.unwrap().event;
        assert_eq!(card.remedies[0], Remedy::RetryWrite { event });
        world.sandbox.control().clear_faults();
        let () = world.call(Call::RetryWrite(RetryWrite { event })).await.unwrap();
        let booking = bookings(&world).await.remove(0);
        assert_eq!(booking.unwritten, Some(BookingUnwritten::Waiting));
        world.sync().await.unwrap();
        assert!(card_is_gone(&world, CardCode::BookingRefused).await);
        assert_eq!(at_google(&world, WORK, WORK, "P. Singh").len(), 1);
        let booking = bookings(&world).await.remove(0);
        assert_eq!((booking.state, booking.unwritten), (BookingState::Confirmed, None));
        let told = world.visitor().unwrap().manage(&manage).await.unwrap();
        assert!(told.contains("has it in the calendar"));
    }
}

#[tokio::test]
async fn a_sleeping_laptop_finds_the_promised_booking_when_it_wakes() {
    let mut world = World::week().await.unwrap();
    world.engine.stop().await;
    world.advance(TimeDelta::hours(2));
    let (_, answer) = world.visitor().unwrap().book(Some("2026-03-05")).await.unwrap();
    assert!(answer.manage.is_some(), "the page takes bookings while the laptop sleeps");
    world.advance(TimeDelta::hours(6));
    world.restart().await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(at_google(&world, WORK, WORK, "P. Singh").len(), 1);
    assert_eq!(bookings(&world).await[0].state, BookingState::Confirmed);
}

#[tokio::test]
async fn an_old_page_takes_requests_and_a_very_old_one_says_when_it_is_back() {
    let world = World::week().await.unwrap();
    world.advance(TimeDelta::hours(5));
    let visitor = world.visitor().unwrap();
    let (_, answer) = visitor.book(Some("2026-03-05")).await.unwrap();
    let told = visitor.manage(&answer.manage.unwrap()).await.unwrap();
    assert!(told.contains("was not up to date"), "the visitor hears why it is only requested");
    world.advance(TimeDelta::hours(80));
    assert!(visitor.offered(None).await.unwrap().is_empty());
    world.sync().await.unwrap();
    assert!(!visitor.offered(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn two_visitors_want_one_time_and_one_gets_it() {
    let world = World::week().await.unwrap();
    let (one, other) = (world.visitor().unwrap(), world.visitor().unwrap());
    let start = one.offered(Some("2026-03-04")).await.unwrap()[0];
    let (first, second) = (
        one.open(Some("2026-03-04"), start).await.unwrap(),
        other.open(Some("2026-03-04"), start).await.unwrap(),
    );
    let form = Form { name: "J. Park".into(), ..Form::default() };
    let usual = Form::default();
    let (won, lost) = tokio::join!(one.send(&first, &usual), other.send(&second, &form));
    let (won, lost) = (won.unwrap(), lost.unwrap());
    assert_eq!([&won, &lost].iter().filter(|answer| answer.manage.is_some()).count(), 1);
    let loser = if won.manage.is_some() { lost } else { won };
    assert!(loser.status >= 400 && loser.text.contains("visitor.example"), "what was typed is kept");
    world.sync().await.unwrap();
    assert_eq!(bookings(&world).await.len(), 1);
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_booking() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    let start = visitor.offered(Some("2026-03-04")).await.unwrap()[0];
    let opened = visitor.open(Some("2026-03-04"), start).await.unwrap();
    let once = visitor.send(&opened, &Form::default()).await.unwrap();
    let again = visitor.send(&opened, &Form::default()).await.unwrap();
    assert!(once.manage.is_some() && again.manage.is_some());
    world.sync().await.unwrap();
    assert_eq!(bookings(&world).await.len(), 1);
}

#[tokio::test]
async fn a_cancelled_booking_leaves_the_calendar_and_its_time_is_free_again() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    let (start, answer) = visitor.book(Some("2026-03-12")).await.unwrap();
    world.sync().await.unwrap();
    assert!(!visitor.offered(Some("2026-03-12")).await.unwrap().contains(&start));
    let status = visitor.cancel(&answer.manage.unwrap()).await.unwrap();
    assert!(status < 400, "cancelling answered {status}");
    world.sync().await.unwrap();
    world.advance(TimeDelta::seconds(10));
    world.sync().await.unwrap();
    assert!(at_google(&world, WORK, WORK, "P. Singh").is_empty());
    assert_eq!(bookings(&world).await[0].state, BookingState::Cancelled);
    assert!(visitor.offered(Some("2026-03-12")).await.unwrap().contains(&start));
}

#[tokio::test]
async fn a_clash_added_elsewhere_while_the_laptop_slept_is_found_and_the_visitor_told() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    let (start, answer) = visitor.book(Some("2026-03-05")).await.unwrap();
    let edge = |at: chrono::DateTime<chrono::Utc>| json!({ "dateTime": at.to_rfc3339() });
    let added = json!({ "summary": "Added from a phone", "start": edge(start), "end": edge(start + TimeDelta::hours(1)) });
    world.sandbox.google().insert(WORK, WORK, added).unwrap();
    world.sync().await.unwrap();
    assert_eq!(bookings(&world).await[0].state, BookingState::Declined);
    assert!(at_google(&world, WORK, WORK, "P. Singh").is_empty());
    let told = visitor.manage(&answer.manage.unwrap()).await.unwrap();
    assert!(!told.contains("You are booked"), "the visitor hears of it");
    assert!(health(&world).await.cards.iter().any(|card| format!("{:?}", card.code) == "BookingClash"));
}

#[tokio::test]
async fn with_approval_a_request_waits_for_the_person() {
    let world = World::week().await.unwrap();
    let mut settings = page(&world).await.settings;
    settings.approval = true;
    let _: serde_json::Value = world.call(Call::SetPage(settings)).await.unwrap();
    world.sync().await.unwrap();
    world.visitor().unwrap().book(Some("2026-03-04")).await.unwrap();
    world.sync().await.unwrap();
    let booking = bookings(&world).await.remove(0);
    assert_eq!(booking.state, BookingState::Requested);
    assert!(at_google(&world, WORK, WORK, "P. Singh").is_empty());
    let decide = DecideBooking { booking: booking.id, confirm: true };
    let () = world.call(Call::DecideBooking(decide)).await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(at_google(&world, WORK, WORK, "P. Singh").len(), 1);
}

/// Changes the page's settings.
async fn change_page(world: &World, change: impl FnOnce(&mut PageSettings)) {
    let mut settings = page(world).await.settings;
    change(&mut settings);
    let _: serde_json::Value = world.call(Call::SetPage(settings)).await.unwrap();
}

/// The first time of that day, booked at an address that is only this visitor's.
async fn book_at(world: &World, address: &str) -> (chrono::DateTime<chrono::Utc>, url::Url) {
    let visitor = world.visitor().unwrap();
    let start = visitor.offered(Some("2026-03-04")).await.unwrap()[0];
    let opened = visitor.open(Some("2026-03-04"), start).await.unwrap();
    let form = Form { address: address.into(), ..Form::default() };
    (start, visitor.send(&opened, &form).await.unwrap().manage.unwrap())
}

async fn calls_instead(world: &World) {
    change_page(world, |settings| {
        settings.appointment.name = "Phone check-in".into();
        settings.appointment.place = PlaceKind::Phone;
    })
    .await;
}

#[tokio::test]
async fn a_visit_stands_in_the_calendar_as_it_was_booked_whatever_the_page_says_by_now() {
    for approval in [true, false] {
        let world = World::week().await.unwrap();
        change_page(&world, |settings| settings.approval = approval).await;
        world.sync().await.unwrap();
        book_at(&world, "410 Bathurst St, flat 9").await;
        if approval {
            // Without approval the laptop slept, and hears of the booking after the change.
            world.sync().await.unwrap();
        }
        calls_instead(&world).await;
        world.sync().await.unwrap();
        if approval {
            let booking = bookings(&world).await.remove(0).id;
            let decide = DecideBooking { booking, confirm: true };
            let () = world.call(Call::DecideBooking(decide)).await.unwrap();
            world.sync().await.unwrap();
        }
        let event = at_google(&world, WORK, WORK, "P. Singh").remove(0);
        assert_eq!(text(&event, "/summary"), "P. Singh: Home assessment");
        assert_eq!(text(&event, "/location"), "410 Bathurst St, flat 9");
        let booking = bookings(&world).await.remove(0);
        assert_eq!(booking.type_name, "Home assessment");
        assert_eq!(booking.place, Some(PlaceKind::AtVisitor));
    }
}

#[tokio::test]
async fn a_request_that_nobody_answered_in_time_lapses_without_an_event_or_a_card() {
    let world = World::week().await.unwrap();
    change_page(&world, |settings| settings.approval = true).await;
    world.sync().await.unwrap();
    let (start, manage) = book_at(&world, "410 Bathurst St").await;
    world.sync().await.unwrap();
    world.advance(start - world.now());
    let booking = bookings(&world).await.remove(0).id;
    for confirm in [true, false] {
        let late = Call::DecideBooking(DecideBooking { booking: booking.clone(), confirm });
        assert!(world.call::<()>(late).await.is_err(), "what is over is no longer answered");
    }
    world.sync().await.unwrap();
    assert_eq!(bookings(&world).await[0].state, BookingState::Requested, "nobody declined it");
    assert!(at_google(&world, WORK, WORK, "P. Singh").is_empty());
    assert!(card_is_gone(&world, CardCode::BookingClash).await);
    let told = world.visitor().unwrap().manage(&manage).await.unwrap();
    assert!(told.contains("was not answered in time"), "{told}");
}

#[tokio::test]
async fn a_promised_visit_is_written_though_another_account_cannot_be_read() {
    let world = World::week().await.unwrap();
    let down = Kind::Status { status: 503, reason: None, retry_after_s: None, body: None };
    world.sandbox.control().arm(Fault::new(Provider::Microsoft, down).always()).unwrap();
    // Something may have been added there since it was read.
    world.advance(TimeDelta::minutes(2));
    let (start, _) = world.visitor().unwrap().book(Some("2026-03-06")).await.unwrap();
    let _ = world.run().await;
    let booking = bookings(&world).await.remove(0);
    assert_eq!(booking.state, BookingState::Accepted, "a moment's trouble is waited for");
    assert_eq!(booking.unwritten, Some(BookingUnwritten::Undecided));
    world.advance(TimeDelta::minutes(10));
    let _ = world.run().await;
    let written = at_google(&world, WORK, WORK, "P. Singh");
    assert_eq!(written.iter().map(google_start).collect::<Vec<_>>(), [start]);
    assert_eq!(titled(&world, "P. Singh").await.len(), 1);
    let booking = bookings(&world).await.remove(0);
    assert_eq!((booking.state, booking.unwritten), (BookingState::Confirmed, None));
}

/// One account, and a relay that its laptop reaches through a gate.
async fn behind_a_gate() -> (World, Gate) {
    let world = World::build().start().await.unwrap();
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.introduce().await.unwrap();
    let gate = Gate::before(&world.relay.as_ref().unwrap().public_url).await.unwrap();
    world.open_page_at(&gate.address().unwrap()).await.unwrap();
    (world, gate)
}

#[tokio::test]
async fn a_time_that_is_declined_is_off_the_page_before_it_is_free() {
    let (world, gate) = behind_a_gate().await;
    world.sync().await.unwrap();
    let (start, _) = book_at(&world, "410 Bathurst St").await;
    let edge = |at: chrono::DateTime<chrono::Utc>| json!({ "dateTime": at.to_rfc3339() });
    let added = json!({ "summary": "Added from a phone", "start": edge(start), "end": edge(start + TimeDelta::hours(1)) });
    world.sandbox.google().insert(WORK, WORK, added).unwrap();
    gate.forget();
    world.sync().await.unwrap();
    assert_eq!(bookings(&world).await[0].state, BookingState::Declined);
    // The inbox, its acknowledgement, the page, the decision.
    assert_eq!(gate.passed(), ["GET", "POST", "PUT", "POST"]);
    assert!(!world.visitor().unwrap().offered(None).await.unwrap().contains(&start));
}

#[tokio::test]
async fn an_owners_own_no_that_reaches_the_relay_after_the_visits_start_is_still_a_no() {
    let (world, gate) = behind_a_gate().await;
    change_page(&world, |settings| settings.approval = true).await;
    world.sync().await.unwrap();
    let (start, manage) = book_at(&world, "410 Bathurst St").await;
    world.sync().await.unwrap();
    gate.shut();
    let booking = bookings(&world).await.remove(0).id;
    world.call::<()>(Call::DecideBooking(DecideBooking { booking, confirm: false })).await.unwrap();
    world.sync().await.unwrap();
    world.advance(start - world.now());
    gate.open();
    world.sync().await.unwrap();
    let told = world.visitor().unwrap().manage(&manage).await.unwrap();
    assert!(
        !told.contains("was not answered in time") && told.contains("This time did not work out"),
        "{told}"
    );
}

#[tokio::test]
async fn a_promised_visit_that_the_laptop_slept_through_is_kept_beside_what_was_added_meanwhile() {
    let mut world = World::week().await.unwrap();
    world.engine.stop().await;
    let (start, manage) = book_at(&world, "410 Bathurst St").await;
    let edge = |at: chrono::DateTime<chrono::Utc>| json!({ "dateTime": at.to_rfc3339() });
    let added = json!({ "summary": "Added from a phone", "start": edge(start), "end": edge(start + TimeDelta::hours(1)) });
    world.sandbox.google().insert(WORK, WORK, added).unwrap();
    world.advance(start - world.now() + TimeDelta::hours(3));
    world.restart().await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(bookings(&world).await[0].state, BookingState::Confirmed);
    assert_eq!(google_start(&at_google(&world, WORK, WORK, "P. Singh")[0]), start);
    assert!(card_is_gone(&world, CardCode::BookingClash).await);
    let told = world.visitor().unwrap().manage(&manage).await.unwrap();
    assert!(told.contains("This appointment is over"));
}

#[tokio::test]
async fn requests_made_while_the_owner_asked_first_wait_for_them_when_times_are_given_at_once_again() {
    let world = World::week().await.unwrap();
    change_page(&world, |settings| settings.approval = true).await;
    world.sync().await.unwrap();
    book_at(&world, "410 Bathurst St").await;
    world.sync().await.unwrap();
    change_page(&world, |settings| settings.approval = false).await;
    world.sync().await.unwrap();
    assert_eq!(bookings(&world).await[0].state, BookingState::Requested);
    assert!(at_google(&world, WORK, WORK, "P. Singh").is_empty());
}

#[tokio::test]
async fn busy_on_any_account_is_not_offered_and_a_calendar_that_does_not_count_is() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    let start = visitor.offered(Some("2026-03-11")).await.unwrap()[0];
    let edge = |at: chrono::DateTime<chrono::Utc>| json!({ "dateTime": at.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": "UTC" });
    let meeting = json!({ "subject": "At the partner's", "start": edge(start), "end": edge(start + TimeDelta::hours(1)) });
    world.sandbox.microsoft().insert(PARTNER, "Partner clinic", &meeting).unwrap();
    world.sync().await.unwrap();
    assert!(!visitor.offered(Some("2026-03-11")).await.unwrap().contains(&start));
    counts(&world, calendar(&world, "Partner clinic").await, false).await;
    world.sync().await.unwrap();
    assert!(visitor.offered(Some("2026-03-11")).await.unwrap().contains(&start));
}

#[tokio::test]
async fn a_quiet_world_is_written_to_by_nobody() {
    let world = World::week().await.unwrap();
    world.visitor().unwrap().book(Some("2026-03-04")).await.unwrap();
    world.sync().await.unwrap();
    let before = writes(&world);
    world.sync().await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(writes(&world), before);
}

#[tokio::test]
async fn a_visit_moved_in_google_takes_place_at_its_new_time() {
    let world = World::week().await.unwrap();
    let (start, _) = world.visitor().unwrap().book(Some("2026-03-12")).await.unwrap();
    world.sync().await.unwrap();
    let event = at_google(&world, WORK, WORK, "P. Singh").remove(0);
    let later = |minutes| json!({ "dateTime": (start + TimeDelta::minutes(minutes)).to_rfc3339(), "timeZone": "UTC" });
    let moved = json!({ "start": later(120), "end": later(150) });
    world.sandbox.google().edit(WORK, WORK, &text(&event, "/id"), moved).unwrap();
    world.sync().await.unwrap();
    let booking = bookings(&world).await.remove(0);
    assert_eq!((booking.state, booking.untold), (BookingState::Confirmed, Some(BookingUntold::Moved)));
    assert_eq!(booking.end - booking.start, TimeDelta::minutes(30));
    assert!(health(&world).await.cards.iter().any(|card| card.code == CardCode::BookingUntold));
}

#[tokio::test]
async fn a_visit_deleted_in_google_is_no_longer_booked_and_bringing_it_back_books_it_again() {
    let world = World::week().await.unwrap();
    world.visitor().unwrap().book(Some("2026-03-12")).await.unwrap();
    world.sync().await.unwrap();
    let event = at_google(&world, WORK, WORK, "P. Singh").remove(0);
    let id = text(&event, "/id");
    world.sandbox.google().delete(WORK, WORK, &id).unwrap();
    world.sync().await.unwrap();
    let booking = bookings(&world).await.remove(0);
    assert_eq!((booking.state, booking.untold), (BookingState::Cancelled, Some(BookingUntold::Cancelled)));
    assert!(health(&world).await.cards.iter().any(|card| card.code == CardCode::BookingUntold));
    // Somebody took it out of the bin.
    world.sandbox.google().edit(WORK, WORK, &id, json!({ "status": "confirmed" })).unwrap();
    world.sync().await.unwrap();
    let booking = bookings(&world).await.remove(0);
    assert_eq!((booking.state, booking.untold), (BookingState::Confirmed, None));
    assert!(!health(&world).await.cards.iter().any(|card| card.code == CardCode::BookingUntold));
}

/// What was told to be stale since it was last asked.
fn heard(notices: &mut Receiver<Notice>) -> Vec<Tag> {
    std::iter::from_fn(|| notices.try_recv().ok()).flat_map(|notice| notice.tags).collect()
}

#[tokio::test]
async fn a_visit_deleted_here_is_cancelled_and_its_undo_books_it_again() {
    let world = World::week().await.unwrap();
    world.visitor().unwrap().book(Some("2026-03-04")).await.unwrap();
    world.sync().await.unwrap();
    let event = titled(&world, "P. Singh").await.remove(0).event;
    let delete = Call::DeleteEvent(DeleteEvent { event, scope: None, guests_confirmed: false });
    let mut notices = world.engine.notices();
    let deleted: Written = world.call(delete).await.unwrap();
    assert!(heard(&mut notices).contains(&Tag::Bookings), "the list of bookings is drawn anew at once");
    world.advance(TimeDelta::seconds(10));
    world.sync().await.unwrap();
    assert_eq!(bookings(&world).await[0].untold, Some(BookingUntold::Cancelled));
    heard(&mut notices);
    let _: Written =
        world.call(Call::Undo(Undo { journal: deleted.journal, guests_confirmed: false })).await.unwrap();
    assert!(heard(&mut notices).contains(&Tag::Bookings));
    world.sync().await.unwrap();
    let booking = bookings(&world).await.remove(0);
    assert_eq!((booking.state, booking.untold), (BookingState::Confirmed, None));
    assert_eq!(at_google(&world, WORK, WORK, "P. Singh").len(), 1);
}

#[tokio::test]
async fn without_any_calendar_nothing_is_offered_and_nothing_is_promised() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    visitor.book(Some("2026-03-04")).await.unwrap();
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await.unwrap();
    for account in accounts {
        let () = world
            .call(Call::Disconnect(Disconnect { account: account.id, remove_copies: None }))
            .await
            .unwrap();
    }
    world.sync().await.unwrap();
    assert!(visitor.offered(Some("2026-03-12")).await.unwrap().is_empty());
    assert!(visitor.offered(None).await.unwrap().is_empty());
    assert_eq!(page(&world).await.offered, 0);
    assert_eq!(bookings(&world).await[0].state, BookingState::Accepted, "nothing is decided blindly");
    let card = card(&world, CardCode::PageHasNoCalendar).await.unwrap();
    assert_eq!((card.severity, card.remedies), (HealthState::Broken, vec![Remedy::OpenSettings]));
    world.advance(TimeDelta::minutes(15));
    world.sync().await.unwrap();
    assert_eq!(
        bookings(&world).await[0].state,
        BookingState::Accepted,
        "the visit waits, and nothing for it"
    );
    world.connect(ProviderKind::Google, WORK).await.unwrap();
    world.sync().await.unwrap();
    assert!(!visitor.offered(Some("2026-03-12")).await.unwrap().is_empty());
    assert!(card_is_gone(&world, CardCode::PageHasNoCalendar).await);
    assert_eq!(bookings(&world).await[0].state, BookingState::Confirmed);
}

#[tokio::test]
async fn no_calendar_that_counts_offers_nothing() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await.unwrap();
    for calendar in accounts.iter().flat_map(|account| &account.calendars) {
        counts(&world, calendar.id, false).await;
    }
    world.sync().await.unwrap();
    assert!(visitor.offered(Some("2026-03-12")).await.unwrap().is_empty());
    assert!(card(&world, CardCode::PageHasNoCalendar).await.is_some());
}

#[tokio::test]
async fn a_counted_calendar_that_has_gone_closes_the_page_until_it_no_longer_counts() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    let clinic = calendar(&world, "Partner clinic").await;
    world.sandbox.microsoft().remove_calendar(PARTNER, "Partner clinic").unwrap();
    world.run().await.unwrap();
    assert!(visitor.offered(Some("2026-03-12")).await.unwrap().is_empty());
    let card = card(&world, CardCode::PageCalendarGone).await.unwrap();
    assert_eq!(card.params["calendar"], "Partner clinic");
    assert_eq!(calendar(&world, "Partner clinic").await, clinic, "it is still there to be switched off");
    counts(&world, clinic, false).await;
    world.run().await.unwrap();
    assert!(!visitor.offered(Some("2026-03-12")).await.unwrap().is_empty());
    assert!(card_is_gone(&world, CardCode::PageCalendarGone).await);
}

async fn counts(world: &World, calendar: i64, counts: bool) {
    let choice = CalendarChoice { calendar, counts_busy: Some(counts), ..CalendarChoice::default() };
    let () = world.call(Call::SetCalendar(choice)).await.unwrap();
}

async fn card(world: &World, code: CardCode) -> Option<Card> {
    health(world).await.cards.into_iter().find(|card| card.code == code)
}

async fn card_is_gone(world: &World, code: CardCode) -> bool {
    card(world, code).await.is_none()
}
