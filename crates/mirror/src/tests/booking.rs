//! Bookings as they arrive, are decided, and are cancelled.

use daymark_core::booking::{BookingId, State, TypeId};
use daymark_core::contract::{BookingState, Enrolled, Place, Verdict, Visitor, WaitsFor};
use daymark_core::event::{Field, Fields, marks};
use daymark_core::journal::Cause;

use super::world::{World, ZONE, at, fields, later, listed, now, snapshot};
use crate::{
    Access, Action, Arrived, ArrivedKind, Booking, BookingEvent, Decided, Edit, EventRef, Mirror,
    MirrorError, Opened, Outcome, Published,
};

fn id(name: &str) -> BookingId {
    BookingId(name.into())
}

fn visitor() -> Visitor {
    Visitor {
        name: "Sam".into(),
        email: "sam@example.org".into(),
        phone: String::new(),
        address: "4 Elm Street".into(),
        note: String::new(),
        zone: ZONE,
        language: "en".into(),
    }
}

fn arrived(seq: u64, booking: &str, promised: bool) -> Arrived {
    came(seq, booking, promised, Some(visitor()))
}

fn came(seq: u64, booking: &str, promised: bool, visitor: Option<Visitor>) -> Arrived {
    let kind = ArrivedKind::Booked {
        type_id: TypeId("visit".into()),
        type_name: "Home visit".into(),
        start: at("2026-03-02T15:00:00Z"),
        length_min: 60,
        promised,
        place: Some(Place::AtVisitor),
        waits_for: (!promised).then_some(WaitsFor::Owner),
        visitor,
        sealed: "sealed".into(),
    };
    Arrived { seq, booking: id(booking), version: 1, at: now(), kind }
}

fn cancelled(seq: u64, booking: &str) -> Arrived {
    Arrived { seq, booking: id(booking), version: 2, at: now(), kind: ArrivedKind::Cancelled }
}

impl World {
    async fn joined() -> Self {
        let world = World::new().await;
        world.join("e1").await;
        world
    }

    async fn join(&self, epoch: &str) {
        let page_url = "https://book.example.org/maya".into();
        let enrolled = Enrolled { device: "device".into(), epoch: epoch.into(), page_url };
        self.join_relay("https://book.example.org", "keys", &enrolled).await.unwrap();
    }

    async fn confirm(&self, booking: &str) {
        let marks = [(marks::BOOKING.to_owned(), booking.to_owned())].into();
        let fields = Fields { marks, ..fields("Home visit") };
        let derived_id = format!("d-{booking}");
        let event = Some(BookingEvent { calendar: self.calendar, fields, derived_id });
        let decided = Decided { booking: id(booking), version: 1, verdict: Verdict::Confirm, event };
        self.decide(decided, now()).await.unwrap();
    }

    async fn push(&self) {
        for job in self.due(self.account, later(60), 10).await.unwrap() {
            self.started(&job).await.unwrap();
            let outcome = match &job.action {
                Action::Insert { derived_id } => {
                    Outcome::Stored(Box::new(snapshot(derived_id, "1", job.fields.clone())))
                }
                _ => Outcome::Deleted,
            };
            self.settle(&job, outcome, later(1)).await.unwrap();
        }
    }

    async fn state_of(&self, booking: &str) -> State {
        let bookings = self.bookings().await.unwrap();
        bookings.into_iter().find(|it| it.id == id(booking)).unwrap().state
    }
}

#[tokio::test]
async fn a_confirmation_is_told_only_once_the_event_is_at_its_provider() {
    let world = World::joined().await;
    let news = world.take_inbox(&[arrived(1, "b1", true)], now()).await.unwrap();
    assert_eq!((news.len(), news[0].state), (1, State::Accepted));
    assert!(world.bookings().await.unwrap()[0].holds_time_without_event());
    world.confirm("b1").await;
    assert_eq!(world.week().await[0].booking.as_deref(), Some("b1"));
    assert!(world.decisions_to_send().await.unwrap().is_empty());
    world.push().await;
    assert_eq!(world.decisions_to_send().await.unwrap()[0].decision, Some(Verdict::Confirm));
    let answer = BookingState { booking: id("b1"), version: 1, state: State::Confirmed };
    world.decisions_sent(&[id("b1")], &[answer], now()).await.unwrap();
    assert!(world.decisions_to_send().await.unwrap().is_empty());
    assert_eq!(world.journal(1, None).await.unwrap()[0].cause, Cause::Booking);
}

#[tokio::test]
async fn the_same_entries_again_make_nothing_new() {
    let world = World::joined().await;
    let arrivals = [arrived(1, "b1", true)];
    world.take_inbox(&arrivals, now()).await.unwrap();
    world.confirm("b1").await;
    assert!(world.take_inbox(&arrivals, now()).await.unwrap().is_empty());
    // A relay restored from a backup counts anew and tells it again.
    world.relay_restored("e2").await.unwrap();
    assert_eq!(world.relay().await.unwrap().unwrap().inbox_seq, 0);
    assert!(world.take_inbox(&arrivals, now()).await.unwrap().is_empty());
    world.confirm("b1").await;
    assert_eq!(world.week().await.len(), 1);
}

#[tokio::test]
async fn what_was_taken_in_is_there_after_a_restart_and_no_more_than_that_is_acknowledged() {
    let world = World::joined().await;
    world.take_inbox(&[arrived(1, "b1", true), arrived(2, "b2", false)], now()).await.unwrap();
    world.acked(9).await.unwrap();
    world.mirror.close().await;
    let again = Mirror::open(&world.folder.path().join("data/mirror.db")).await.unwrap();
    let relay = again.relay().await.unwrap().unwrap();
    assert_eq!((relay.inbox_seq, relay.acked_seq), (2, 2));
    let states: Vec<State> = again.bookings().await.unwrap().into_iter().map(|it| it.state).collect();
    assert_eq!(states, [State::Accepted, State::Requested]);
}

#[tokio::test]
async fn what_was_booked_is_kept_as_it_was_told_and_may_be_untold() {
    let world = World::joined().await;
    let mut older = arrived(2, "b2", false);
    if let ArrivedKind::Booked { place, waits_for, .. } = &mut older.kind {
        (*place, *waits_for) = (None, None);
    }
    world.take_inbox(&[arrived(1, "b1", false), older], now()).await.unwrap();
    let kept = world.bookings().await.unwrap();
    assert_eq!((kept[0].place.as_ref(), kept[0].waits_for), (Some(&Place::AtVisitor), Some(WaitsFor::Owner)));
    assert_eq!((kept[1].place.as_ref(), kept[1].waits_for), (None, None));
}

#[tokio::test]
async fn a_request_whose_time_has_passed_is_answered_no_more() {
    let world = World::joined().await;
    world.take_inbox(&[arrived(1, "b1", false)], now()).await.unwrap();
    let start = world.bookings().await.unwrap()[0].start;
    for verdict in [Verdict::Confirm, Verdict::Decline] {
        let late = Decided { booking: id("b1"), version: 1, verdict, event: None };
        assert!(matches!(world.decide(late, start).await, Err(MirrorError::ChangedSince)));
    }
    assert_eq!(world.state_of("b1").await, State::Requested);
}

#[tokio::test]
async fn a_declined_request_never_reaches_the_calendar_and_cannot_be_confirmed_late() {
    let world = World::joined().await;
    world.take_inbox(&[arrived(1, "b1", false)], now()).await.unwrap();
    let decline = Decided { booking: id("b1"), version: 1, verdict: Verdict::Decline, event: None };
    world.decide(decline.clone(), now()).await.unwrap();
    assert_eq!(world.decisions_to_send().await.unwrap().len(), 1);
    assert_eq!(world.state_of("b1").await, State::Declined);
    assert!(world.week().await.is_empty());
    let late = world.decide(Decided { verdict: Verdict::Confirm, ..decline }, now()).await;
    assert!(matches!(late, Err(MirrorError::Booking(_))));
}

#[tokio::test]
async fn a_cancelled_booking_leaves_the_calendar_and_is_never_live_again() {
    let world = World::joined().await;
    world.take_inbox(&[arrived(1, "b1", true)], now()).await.unwrap();
    world.confirm("b1").await;
    world.push().await;
    let news = world.take_inbox(&[cancelled(2, "b1"), cancelled(3, "unknown")], now()).await.unwrap();
    assert_eq!(news.len(), 1);
    assert!(world.week().await.is_empty());
    assert!(world.decisions_to_send().await.unwrap().is_empty());
    world.push().await;
    let booking = world.bookings().await.unwrap().remove(0);
    assert_eq!((booking.state, booking.event), (State::Cancelled, None));
}

#[tokio::test]
async fn what_a_visitor_cancelled_comes_back_as_an_event_and_no_booking() {
    let world = World::joined().await;
    world.take_inbox(&[arrived(1, "b1", true)], now()).await.unwrap();
    world.confirm("b1").await;
    world.push().await;
    assert_eq!(world.week().await[0].booking.as_deref(), Some("b1"));
    world.take_inbox(&[cancelled(2, "b1")], now()).await.unwrap();
    world.push().await;
    let taken_off = world.journal(1, None).await.unwrap().remove(0);
    world.take_back(taken_off.id).await;
    let week = world.week().await;
    assert_eq!((week.len(), week[0].booking.as_deref()), (1, None));
    assert_eq!(world.state_of("b1").await, State::Cancelled);
}

#[tokio::test]
async fn a_relay_that_was_restored_is_told_each_decision_again_and_what_it_does_not_know_once() {
    let world = World::joined().await;
    world.take_inbox(&[arrived(1, "b1", true)], now()).await.unwrap();
    world.confirm("b1").await;
    world.push().await;
    let answer = BookingState { booking: id("b1"), version: 1, state: State::Confirmed };
    world.decisions_sent(&[id("b1")], &[answer], now()).await.unwrap();
    world.relay_restored("another").await.unwrap();
    assert_eq!(world.decisions_to_send().await.unwrap().len(), 1);
    world.decisions_sent(&[id("b1")], &[], now()).await.unwrap();
    assert!(world.decisions_to_send().await.unwrap().is_empty());
    assert_eq!(world.state_of("b1").await, State::Confirmed);
}

#[tokio::test]
async fn a_cancellation_that_the_relay_knew_first_takes_the_event_off() {
    let world = World::joined().await;
    world.take_inbox(&[arrived(1, "b1", true)], now()).await.unwrap();
    world.confirm("b1").await;
    world.push().await;
    let answer = BookingState { booking: id("b1"), version: 2, state: State::Cancelled };
    world.decisions_sent(&[id("b1")], &[answer], now()).await.unwrap();
    assert_eq!(world.state_of("b1").await, State::Cancelled);
    assert!(world.week().await.is_empty());
}

#[tokio::test]
async fn a_cancellation_is_known_even_when_the_calendar_can_no_longer_be_written() {
    let world = World::joined().await;
    world.take_inbox(&[arrived(1, "b1", true)], now()).await.unwrap();
    world.confirm("b1").await;
    world.push().await;
    world.store_calendars(world.account, &[listed("main", Access::Read)]).await.unwrap();
    world.take_inbox(&[cancelled(2, "b1")], now()).await.unwrap();
    assert_eq!(world.state_of("b1").await, State::Cancelled);
}

#[tokio::test]
async fn a_publication_is_remembered_until_another_relay_is_joined() {
    let world = World::joined().await;
    let lease_until = later(4 * 3_600);
    let published = Published { rev: 7, digest: "d".into(), at: now(), lease_until, offered: 12 };
    world.published(&published).await.unwrap();
    let relay = world.relay().await.unwrap().unwrap();
    assert_eq!((relay.rev, relay.digest.as_str(), relay.offered), (7, "d", 12));
    assert_eq!((relay.published, relay.lease_until), (Some(now()), Some(lease_until)));
    world.join("e2").await;
    assert_eq!(world.relay().await.unwrap().unwrap().rev, 0);
}

fn opened(booking: &str) -> Opened {
    let unsaid = fields("Home visit");
    let mut said = fields("Sam: Home visit");
    said.location = "4 Elm Street".into();
    said.description = "sam@example.org".into();
    Opened { booking: id(booking), visitor: visitor(), unsaid, said }
}

impl World {
    async fn booking(&self, booking: &str) -> Booking {
        self.bookings().await.unwrap().into_iter().find(|it| it.id == id(booking)).unwrap()
    }
}

#[tokio::test]
async fn what_could_not_be_opened_is_kept_until_its_event_says_it() {
    let world = World::joined().await;
    world.take_inbox(&[came(1, "b1", true, None), arrived(2, "b2", true)], now()).await.unwrap();
    assert_eq!(world.booking("b1").await.sealed.as_deref(), Some("sealed"));
    assert_eq!(world.booking("b2").await.sealed, None, "what was opened needs no sealed text");
    world.confirm("b1").await;
    assert!(world.opened(&opened("b1"), now()).await.unwrap());
    let booking = world.booking("b1").await;
    assert_eq!((booking.visitor, booking.sealed), (Some(visitor()), None));
    let item = &world.week().await[0];
    assert_eq!((item.title.as_str(), item.location.as_str()), ("Sam: Home visit", "4 Elm Street"));
    assert!(!world.opened(&opened("b1"), now()).await.unwrap(), "twice is no news");
    assert!(!world.opened(&opened("unknown"), now()).await.unwrap());
}

#[tokio::test]
async fn a_decision_that_had_not_seen_the_visitor_makes_no_event_without_them() {
    let world = World::joined().await;
    world.take_inbox(&[came(1, "b1", true, None)], now()).await.unwrap();
    assert!(world.opened(&opened("b1"), now()).await.unwrap());
    assert!(!world.opened(&opened("b1"), now()).await.unwrap(), "nothing to say it in yet");
    // Made from the booking as it was read before.
    world.confirm("b1").await;
    assert!(world.opened(&opened("b1"), now()).await.unwrap());
    assert_eq!(world.week().await[0].title, "Sam: Home visit");
    assert_eq!(world.booking("b1").await.sealed, None);
}

#[tokio::test]
async fn what_the_owner_wrote_into_the_event_meanwhile_stays() {
    let world = World::joined().await;
    world.take_inbox(&[came(1, "b1", true, None)], now()).await.unwrap();
    world.confirm("b1").await;
    let event = EventRef { event: world.booking("b1").await.event.unwrap(), original: None };
    let change = Edit::Change { event, fields: fields("The one who rang"), changed: [Field::Title].into() };
    world.stage(change, Cause::You, now()).await.unwrap();
    assert!(world.opened(&opened("b1"), now()).await.unwrap());
    let item = &world.week().await[0];
    assert_eq!((item.title.as_str(), item.location.as_str()), ("The one who rang", "4 Elm Street"));
}

#[tokio::test]
async fn a_visitor_who_cancelled_is_known_at_last_and_nothing_is_written_for_them() {
    let world = World::joined().await;
    world.take_inbox(&[came(1, "b1", true, None), cancelled(2, "b1")], now()).await.unwrap();
    assert!(world.opened(&opened("b1"), now()).await.unwrap());
    let booking = world.booking("b1").await;
    assert_eq!((booking.state, booking.sealed), (State::Cancelled, None));
    assert_eq!(booking.visitor, Some(visitor()));
    assert!(world.week().await.is_empty());
}

#[tokio::test]
async fn a_booking_that_was_taken_in_without_its_sealed_text_gets_it_when_it_is_told_again() {
    let world = World::joined().await;
    let mut bare = came(1, "b1", true, None);
    let ArrivedKind::Booked { sealed, .. } = &mut bare.kind else { unreachable!() };
    sealed.clear();
    world.take_inbox(&[bare], now()).await.unwrap();
    assert_eq!(world.booking("b1").await.sealed, None);
    assert!(world.take_inbox(&[arrived(1, "b1", true)], now()).await.unwrap().is_empty());
    assert_eq!(world.booking("b1").await.sealed.as_deref(), Some("sealed"));
}
