//! What every store must do, as one suite that each kind of database runs.

use std::sync::Mutex;

use chrono::TimeDelta;
use daymark_core::booking::{BookingId, State, TypeId};
use daymark_core::contract::{AsBooked, Decision, InboxKind, Known, Mode, OwnerCard, Place, Sheet, Verdict};
use daymark_core::entropy::Entropy;
use daymark_core::time::{Instant, Interval};
use proptest::prelude::*;

use super::{
    AckOutcome, BookOutcome, CancelOutcome, EnrolOutcome, EnrolmentOutcome, NewBooking, NewDevice,
    NewEnrolment, PersonId, Publication, PutOutcome, Store, Terms,
};

/// Repeatable randomness (xorshift64*).
pub struct Dice(Mutex<u64>);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(Mutex::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
    }
}

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap();
        for byte in bytes {
            *state ^= *state >> 12;
            *state ^= *state << 25;
            *state ^= *state >> 27;
            *byte = (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56) as u8;
        }
    }
}

pub fn now() -> Instant {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

pub fn at(minutes: i64) -> Instant {
    now() + TimeDelta::minutes(minutes)
}

pub async fn enrolled(store: &dyn Store, slug: &str) -> PersonId {
    let code = format!("code of {slug}");
    add_code(store, slug, &code, false).await;
    let outcome = store.enrol(device(slug, &code, "key")).await.unwrap();
    assert!(matches!(outcome, EnrolOutcome::Enrolled { .. }), "{outcome:?}");
    store.device(&format!("{slug}-key")).await.unwrap().unwrap().person
}

pub async fn add_code(store: &dyn Store, slug: &str, code: &str, again: bool) {
    let outcome = store.add_enrolment(new_code(slug, code, again)).await.unwrap();
    assert_eq!(outcome, EnrolmentOutcome::Added);
}

fn new_code(slug: &str, code: &str, again: bool) -> NewEnrolment {
    let expires_at = now() + TimeDelta::hours(48);
    let (slug, name) = (slug.to_owned(), "Maya Okafor".to_owned());
    NewEnrolment { slug, name, code_hash: code.into(), expires_at, again }
}

pub fn device(slug: &str, code: &str, key: &str) -> NewDevice {
    NewDevice {
        code_hash: code.into(),
        id: format!("{slug}-{key}"),
        name: "Laptop".into(),
        verifying_key: key.into(),
        sealing_key: "sealing".into(),
        now: now(),
    }
}

pub fn publication(slug: &str, rev: u64) -> Publication {
    let owner = OwnerCard {
        name: "Maya Okafor".into(),
        role: String::new(),
        organisation: String::new(),
        zone: chrono_tz::America::Toronto,
        phone: String::new(),
    };
    Publication {
        device: format!("{slug}-key"),
        rev,
        based_on_seq: 0,
        checked_at: now(),
        lease_until: now() + TimeDelta::hours(4),
        mode: Mode::Instant,
        sheet: Sheet { owner, types: Vec::new() },
    }
}

/// A person who is enrolled and has published.
pub async fn published(store: &dyn Store, slug: &str) -> PersonId {
    let person = enrolled(store, slug).await;
    assert_eq!(store.put_page(person, publication(slug, 1)).await.unwrap(), PutOutcome::Stored);
    person
}

/// A booking of an hour, `minutes` after [`now`], told apart by `name`.
pub fn booking(person: PersonId, name: &str, minutes: i64) -> NewBooking {
    NewBooking {
        person,
        device: "maya-key".into(),
        rev: 1,
        id: BookingId(format!("id-{name}")),
        state: State::Accepted,
        type_id: TypeId("visit".into()),
        visit: Interval::new(at(minutes), at(minutes + 60)).unwrap(),
        length_min: 60,
        gap_min: 0,
        terms: Terms {
            type_name: "Visit".into(),
            place: Place::Phone,
            cancel_cutoff_min: 0,
            waits_because: None,
        },
        idem_hash: format!("idem-{name}"),
        request_digest: format!("digest-{name}"),
        token_hash: format!("token-{name}"),
        sealed_for_owner: "c2VhbGVk".into(),
        sealed_for_visitor: vec![1, 2, 3],
        email: "a.roy@example.org".into(),
        now: now(),
    }
}

fn verdict(name: &str, version: u32, verdict: Verdict) -> Vec<Decision> {
    vec![Decision { booking: BookingId(format!("id-{name}")), version, verdict }]
}

pub async fn a_code_lets_one_device_in(store: &dyn Store) {
    add_code(store, "maya", "c", false).await;
    let first = store.enrol(device("maya", "c", "one")).await.unwrap();
    assert_eq!(first, EnrolOutcome::Enrolled { device: "maya-one".into(), slug: "maya".into() });
    assert_eq!(store.enrol(device("maya", "c", "two")).await.unwrap(), EnrolOutcome::BadCode);
    assert_eq!(store.enrol(device("maya", "other", "two")).await.unwrap(), EnrolOutcome::BadCode);
}

pub async fn a_lost_enrolment_answer_is_given_again_to_the_same_key(store: &dyn Store) {
    add_code(store, "maya", "c", false).await;
    let first = store.enrol(device("maya", "c", "one")).await.unwrap();
    let retried = NewDevice { id: "another-id".into(), ..device("maya", "c", "one") };
    assert_eq!(store.enrol(retried).await.unwrap(), first);
}

pub async fn a_slug_is_given_to_nobody_else(store: &dyn Store) {
    add_code(store, "maya", "c", false).await;
    let other = store.add_enrolment(new_code("maya", "d", false)).await.unwrap();
    assert_eq!(other, EnrolmentOutcome::SlugInUse);
    let nobody = store.add_enrolment(new_code("noor", "e", true)).await.unwrap();
    assert_eq!(nobody, EnrolmentOutcome::UnknownPerson);
}

pub async fn an_expired_code_lets_nobody_in(store: &dyn Store) {
    add_code(store, "maya", "c", false).await;
    let late = NewDevice { now: now() + TimeDelta::hours(48), ..device("maya", "c", "one") };
    assert_eq!(store.enrol(late).await.unwrap(), EnrolOutcome::BadCode);
}

pub async fn a_new_device_revokes_the_former_one(store: &dyn Store) {
    let person = enrolled(store, "maya").await;
    add_code(store, "maya", "second", true).await;
    store.enrol(device("maya", "second", "new")).await.unwrap();
    assert!(store.device("maya-key").await.unwrap().unwrap().revoked);
    let new = store.device("maya-new").await.unwrap().unwrap();
    assert!(!new.revoked);
    assert_eq!(new.person, person);
}

pub async fn a_nonce_counts_once_for_each_device(store: &dyn Store) {
    assert!(store.use_nonce("d1", "n", now()).await.unwrap());
    assert!(!store.use_nonce("d1", "n", now()).await.unwrap());
    assert!(store.use_nonce("d2", "n", now()).await.unwrap());
}

pub async fn a_page_is_replaced_only_by_a_higher_rev(store: &dyn Store) {
    let person = enrolled(store, "maya").await;
    assert_eq!(store.put_page(person, publication("maya", 5)).await.unwrap(), PutOutcome::Stored);
    for rev in [5, 4] {
        let outcome = store.put_page(person, publication("maya", rev)).await.unwrap();
        assert_eq!(outcome, PutOutcome::OldRev { stored: 5 });
    }
    let kept = store.page("maya", now()).await.unwrap().unwrap().published.unwrap();
    assert_eq!(kept, publication("maya", 5));
}

pub async fn a_new_device_counts_its_revs_from_the_start(store: &dyn Store) {
    let person = enrolled(store, "maya").await;
    store.put_page(person, publication("maya", 5)).await.unwrap();
    add_code(store, "maya", "second", true).await;
    store.enrol(device("maya", "second", "new")).await.unwrap();
    let first = Publication { device: "maya-new".into(), ..publication("maya", 1) };
    assert_eq!(store.put_page(person, first).await.unwrap(), PutOutcome::Stored);
}

pub async fn an_enrolled_person_without_a_publication_has_an_empty_page(store: &dyn Store) {
    enrolled(store, "maya").await;
    let page = store.page("maya", now()).await.unwrap().unwrap();
    assert!(page.published.is_none());
    assert!(store.page("nobody", now()).await.unwrap().is_none());
}

pub async fn a_booking_is_in_the_inbox_and_on_the_page(store: &dyn Store) {
    let person = published(store, "maya").await;
    assert_eq!(store.book(booking(person, "a", 60)).await.unwrap(), BookOutcome::Made);
    let entries = store.inbox(person, 0, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].version, 1);
    assert!(matches!(&entries[0].kind, InboxKind::Booked { promised: true, .. }));
    let InboxKind::Booked { as_booked, .. } = &entries[0].kind else { panic!("not a booking") };
    let wanted = AsBooked { type_name: "Visit".into(), place: Place::Phone, waits_for: None };
    assert_eq!(as_booked.as_ref(), Some(&wanted));
    let page = store.page("maya", now()).await.unwrap().unwrap();
    assert_eq!(page.taken[0].visit, booking(person, "a", 60).visit);
    let managed = store.managed("token-a").await.unwrap().unwrap();
    assert_eq!((managed.state, managed.sealed_for_visitor), (State::Accepted, vec![1, 2, 3]));
}

pub async fn a_taken_time_is_refused_and_leaves_nothing_behind(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.book(booking(person, "a", 60)).await.unwrap();
    for minutes in [60, 5, 115] {
        let late = booking(person, "b", minutes);
        assert_eq!(store.book(late).await.unwrap(), BookOutcome::Taken, "{minutes}");
    }
    assert_eq!(store.inbox(person, 0, 10).await.unwrap().len(), 1);
    assert!(store.managed("token-b").await.unwrap().is_none());
    assert_eq!(store.book(booking(person, "b", 120)).await.unwrap(), BookOutcome::Made);
    assert_eq!(store.book(booking(person, "c", 0)).await.unwrap(), BookOutcome::Made);
}

pub async fn the_larger_gap_counts_on_both_sides(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.book(NewBooking { gap_min: 10, ..booking(person, "a", 120) }).await.unwrap();
    let wide = |name, minutes| NewBooking { gap_min: 30, ..booking(person, name, minutes) };
    assert_eq!(store.book(wide("b", 200)).await.unwrap(), BookOutcome::Taken);
    assert_eq!(store.book(wide("c", 40)).await.unwrap(), BookOutcome::Taken);
    assert_eq!(store.book(wide("d", 210)).await.unwrap(), BookOutcome::Made);
    assert_eq!(store.book(wide("e", 30)).await.unwrap(), BookOutcome::Made);
}

pub async fn two_people_do_not_stand_in_each_others_way(store: &dyn Store) {
    let maya = published(store, "maya").await;
    let noor = published(store, "noor").await;
    store.book(booking(maya, "a", 60)).await.unwrap();
    let other = NewBooking { device: "noor-key".into(), ..booking(noor, "b", 60) };
    assert_eq!(store.book(other).await.unwrap(), BookOutcome::Made);
    assert_eq!(store.inbox(noor, 0, 10).await.unwrap().len(), 1);
}

pub async fn a_request_sent_twice_books_once(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.book(booking(person, "a", 60)).await.unwrap();
    assert_eq!(store.book(booking(person, "a", 60)).await.unwrap(), BookOutcome::MadeBefore);
    let other = NewBooking { request_digest: "other".into(), ..booking(person, "a", 600) };
    assert_eq!(store.book(other).await.unwrap(), BookOutcome::KeyReused);
    assert_eq!(store.request_of("idem-a").await.unwrap().as_deref(), Some("digest-a"));
    assert_eq!(store.inbox(person, 0, 10).await.unwrap().len(), 1);
}

pub async fn a_time_of_a_withdrawn_publication_is_not_booked(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.put_page(person, publication("maya", 2)).await.unwrap();
    assert_eq!(store.book(booking(person, "a", 60)).await.unwrap(), BookOutcome::PageChanged);
    assert!(store.inbox(person, 0, 10).await.unwrap().is_empty());
}

pub async fn a_cancelled_booking_gives_its_time_back_and_stays_cancelled(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.book(booking(person, "a", 60)).await.unwrap();
    let booked = store.known(person).await.unwrap().seq;
    assert_eq!(store.cancel("token-a", 1, now()).await.unwrap(), CancelOutcome::Cancelled);
    assert_eq!(store.cancel("token-a", 1, now()).await.unwrap(), CancelOutcome::Cancelled);
    let entries = store.inbox(person, booked, 10).await.unwrap();
    assert_eq!(entries.len(), 1, "a repeated cancellation is one entry");
    assert_eq!((entries[0].version, &entries[0].kind), (2, &InboxKind::Cancelled));
    let late = store.decide(person, verdict("a", 1, Verdict::Confirm)).await.unwrap();
    assert_eq!((late[0].state, late[0].version), (State::Cancelled, 2));
    assert_eq!(store.book(booking(person, "b", 60)).await.unwrap(), BookOutcome::Made);
}

pub async fn a_booking_that_changed_is_not_cancelled_unseen(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.book(booking(person, "a", 60)).await.unwrap();
    assert_eq!(store.cancel("token-a", 7, now()).await.unwrap(), CancelOutcome::Changed);
    assert_eq!(store.cancel("token-x", 1, now()).await.unwrap(), CancelOutcome::Unknown);
    store.decide(person, verdict("a", 1, Verdict::Decline)).await.unwrap();
    assert_eq!(store.cancel("token-a", 1, now()).await.unwrap(), CancelOutcome::Changed);
}

pub async fn a_declined_booking_gives_its_time_back(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.book(NewBooking { state: State::Requested, ..booking(person, "a", 60) }).await.unwrap();
    assert_eq!(store.book(booking(person, "b", 60)).await.unwrap(), BookOutcome::Taken);
    let stands = store.decide(person, verdict("a", 1, Verdict::Decline)).await.unwrap();
    assert_eq!(stands[0].state, State::Declined);
    assert!(store.page("maya", now()).await.unwrap().unwrap().taken.is_empty());
    assert_eq!(store.book(booking(person, "b", 60)).await.unwrap(), BookOutcome::Made);
}

pub async fn a_repeated_decision_changes_nothing(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.book(booking(person, "a", 60)).await.unwrap();
    for _ in 0..2 {
        let stands = store.decide(person, verdict("a", 1, Verdict::Confirm)).await.unwrap();
        assert_eq!((stands[0].state, stands[0].version), (State::Confirmed, 1));
    }
    let late = store.decide(person, verdict("a", 1, Verdict::Decline)).await.unwrap();
    assert_eq!(late[0].state, State::Confirmed);
}

pub async fn a_decision_reaches_only_ones_own_bookings(store: &dyn Store) {
    let maya = published(store, "maya").await;
    let noor = published(store, "noor").await;
    store.book(booking(maya, "a", 60)).await.unwrap();
    assert!(store.decide(noor, verdict("a", 1, Verdict::Decline)).await.unwrap().is_empty());
    assert_eq!(store.managed("token-a").await.unwrap().unwrap().state, State::Accepted);
}

pub async fn an_ack_needs_the_epoch_and_may_know_more_than_a_backup(store: &dyn Store) {
    let person = published(store, "maya").await;
    let epoch = store.epoch().await.unwrap();
    store.book(booking(person, "a", 60)).await.unwrap();
    let seq = store.known(person).await.unwrap().seq;
    assert_eq!(store.ack(person, "other", seq).await.unwrap(), AckOutcome::EpochChanged);
    for upto in [seq + 1, seq, 0] {
        assert_eq!(store.ack(person, &epoch, upto).await.unwrap(), AckOutcome::Acked);
    }
}

pub async fn what_is_known_of_a_person_is_told(store: &dyn Store) {
    let person = published(store, "maya").await;
    assert_eq!(store.known(person).await.unwrap(), Known { seq: 0, rev: 1 });
    store.book(booking(person, "a", 60)).await.unwrap();
    let last = store.inbox(person, 0, 10).await.unwrap()[0].seq;
    assert_eq!(store.known(person).await.unwrap(), Known { seq: last, rev: 1 });
}

pub async fn entries_are_numbered_by_the_clock_so_that_a_backup_repeats_none(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.book(booking(person, "a", 60)).await.unwrap();
    store.book(booking(person, "b", 240)).await.unwrap();
    let seqs: Vec<u64> = store.inbox(person, 0, 10).await.unwrap().iter().map(|entry| entry.seq).collect();
    let at_ms = now().timestamp_millis().unsigned_abs();
    assert_eq!(seqs, [at_ms, at_ms + 1]);
}

pub async fn a_decision_about_another_version_changes_nothing(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.book(booking(person, "a", 60)).await.unwrap();
    for version in [0, 2] {
        let stands = store.decide(person, verdict("a", version, Verdict::Decline)).await.unwrap();
        assert_eq!((stands[0].state, stands[0].version), (State::Accepted, 1));
    }
}

pub async fn the_bell_rings_for_the_person_concerned(store: &dyn Store) {
    let maya = published(store, "maya").await;
    let noor = published(store, "noor").await;
    let (mayas, noors) = (store.changes(maya), store.changes(noor));
    let before = (*mayas.borrow(), *noors.borrow());
    store.book(booking(maya, "a", 60)).await.unwrap();
    assert!(*mayas.borrow() > before.0);
    assert_eq!(*noors.borrow(), before.1);
}

pub async fn visitors_are_forgotten_after_their_time(store: &dyn Store) {
    let person = published(store, "maya").await;
    let epoch = store.epoch().await.unwrap();
    store.book(booking(person, "a", 60)).await.unwrap();
    store.book(booking(person, "b", 600)).await.unwrap();
    store.ack(person, &epoch, store.known(person).await.unwrap().seq).await.unwrap();
    store.use_nonce("d", "n", now()).await.unwrap();
    let gone = store.forget(at(121), now() + TimeDelta::days(3)).await.unwrap();
    assert_eq!((gone.bookings, gone.nonces, gone.enrolments), (1, 1, 1));
    assert!(store.managed("token-a").await.unwrap().is_none());
    assert!(store.managed("token-b").await.unwrap().is_some());
    let entries = store.inbox(person, 0, 10).await.unwrap();
    assert!(matches!(&entries[0].kind, InboxKind::Booked { sealed, .. } if sealed.is_empty()));
    assert!(matches!(&entries[1].kind, InboxKind::Booked { sealed, .. } if !sealed.is_empty()));
    assert_eq!(store.forget(at(121), now() + TimeDelta::days(3)).await.unwrap().bookings, 0);
}

pub async fn what_the_laptop_has_not_taken_stays_sealed_for_it(store: &dyn Store) {
    let person = published(store, "maya").await;
    store.book(booking(person, "a", 60)).await.unwrap();
    store.forget(at(1000), at(1000)).await.unwrap();
    let entries = store.inbox(person, 0, 10).await.unwrap();
    assert!(matches!(&entries[0].kind, InboxKind::Booked { sealed, .. } if !sealed.is_empty()));
}

pub async fn a_rush_for_one_time_has_one_winner(store: &dyn Store) {
    let person = published(store, "maya").await;
    let rush = (0..200).map(|n| store.book(booking(person, &format!("v{n}"), 60 + (n % 12) * 5)));
    let outcomes = futures_util::future::join_all(rush).await;
    let won = outcomes.iter().filter(|outcome| matches!(outcome, Ok(BookOutcome::Made))).count();
    assert_eq!(won, 1);
    assert!(outcomes.iter().all(|o| matches!(o, Ok(BookOutcome::Made | BookOutcome::Taken))));
    assert_eq!(store.inbox(person, 0, 500).await.unwrap().len(), 1);
}

/// One step of somebody, in any order with others.
#[derive(Clone, Debug)]
pub enum Move {
    Book { visitor: u8, minutes: i64, gap_min: u32 },
    Cancel { visitor: u8 },
    Decide { visitor: u8, confirm: bool },
}

pub fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        3 => (0..12_u8, 0..60_i64, 0..4_u32)
            .prop_map(|(visitor, at, gap)| Move::Book { visitor, minutes: at * 5, gap_min: gap * 10 }),
        1 => (0..12_u8).prop_map(|visitor| Move::Cancel { visitor }),
        1 => (0..12_u8, any::<bool>()).prop_map(|(visitor, confirm)| Move::Decide { visitor, confirm }),
    ]
}

/// Makes all moves at once, and looks at what stands afterwards.
pub async fn whatever_happens_no_two_live_bookings_come_too_close(store: &dyn Store, moves: &[Move]) {
    let person = published(store, "maya").await;
    let all = moves.iter().map(|one| make_move(store, person, one));
    futures_util::future::join_all(all).await;
    let taken = store.page("maya", now()).await.unwrap().unwrap().taken;
    for (index, one) in taken.iter().enumerate() {
        for other in &taken[index + 1..] {
            let gap = TimeDelta::minutes(one.gap_min.max(other.gap_min).into());
            let apart =
                one.visit.end() + gap <= other.visit.start() || other.visit.end() + gap <= one.visit.start();
            assert!(apart, "{one:?} and {other:?}");
        }
    }
    let entries = store.inbox(person, 0, 500).await.unwrap();
    assert!(entries.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    let booked = entries.iter().filter(|entry| matches!(entry.kind, InboxKind::Booked { .. })).count();
    let ids: std::collections::HashSet<_> = entries.iter().map(|entry| &entry.booking).collect();
    assert_eq!(booked, ids.len(), "one booking for each form, however often it was sent");
}

async fn make_move(store: &dyn Store, person: PersonId, one: &Move) {
    match one {
        Move::Book { visitor, minutes, gap_min } => {
            let new = NewBooking { gap_min: *gap_min, ..booking(person, &visitor.to_string(), *minutes) };
            store.book(new).await.map(drop)
        }
        Move::Cancel { visitor } => store.cancel(&format!("token-{visitor}"), 1, now()).await.map(drop),
        Move::Decide { visitor, confirm } => {
            let said = if *confirm { Verdict::Confirm } else { Verdict::Decline };
            store.decide(person, verdict(&visitor.to_string(), 1, said)).await.map(drop)
        }
    }
    .unwrap();
}

/// Declares the whole suite as tests over `$open(&TempDir) -> impl Store`.
macro_rules! contract_suite {
    ($open:ident) => {
        crate::store::contract::contract_suite! { $open:
            a_code_lets_one_device_in, a_lost_enrolment_answer_is_given_again_to_the_same_key,
            a_slug_is_given_to_nobody_else, an_expired_code_lets_nobody_in, a_new_device_revokes_the_former_one,
            a_nonce_counts_once_for_each_device, a_page_is_replaced_only_by_a_higher_rev,
            a_new_device_counts_its_revs_from_the_start,
            an_enrolled_person_without_a_publication_has_an_empty_page,
            a_booking_is_in_the_inbox_and_on_the_page, a_taken_time_is_refused_and_leaves_nothing_behind,
            the_larger_gap_counts_on_both_sides, two_people_do_not_stand_in_each_others_way,
            a_request_sent_twice_books_once, a_time_of_a_withdrawn_publication_is_not_booked,
            a_cancelled_booking_gives_its_time_back_and_stays_cancelled,
            a_booking_that_changed_is_not_cancelled_unseen, a_declined_booking_gives_its_time_back,
            a_repeated_decision_changes_nothing, a_decision_reaches_only_ones_own_bookings,
            an_ack_needs_the_epoch_and_may_know_more_than_a_backup,
            what_is_known_of_a_person_is_told,
            entries_are_numbered_by_the_clock_so_that_a_backup_repeats_none,
            a_decision_about_another_version_changes_nothing, the_bell_rings_for_the_person_concerned,
            visitors_are_forgotten_after_their_time, what_the_laptop_has_not_taken_stays_sealed_for_it,
            a_rush_for_one_time_has_one_winner,
        }
    };
    ($open:ident: $($fact:ident),+ $(,)?) => {
        $(
        #[tokio::test]
        async fn $fact() {
            let folder = tempfile::tempdir().unwrap();
            crate::store::contract::$fact(&$open(&folder).await).await;
        }
        )+

        proptest::proptest! {
            #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]
            #[test]
            fn whatever_happens_no_two_live_bookings_come_too_close(
                moves in proptest::collection::vec(crate::store::contract::any_move(), 1..60)
            ) {
                tokio::runtime::Runtime::new().unwrap().block_on(async {
                    let folder = tempfile::tempdir().unwrap();
                    let store = $open(&folder).await;
                    crate::store::contract::whatever_happens_no_two_live_bookings_come_too_close(&store, &moves)
                        .await;
                });
            }
        }
    };
}
pub(crate) use contract_suite;
