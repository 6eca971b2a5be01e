//! The laptop's side, as the contract spells it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chrono::TimeDelta;
use daymark_core::booking::State;
use daymark_core::contract::{InboxKind, Known, Mode, Problem, ProblemCode, PutPage, Verdict, paths};
use daymark_core::signing::Params;

use crate::world::{Answer, Laptop, ROY, World, borrowed, enrol_body, filled, send, sheet};

fn problem(answer: &Answer) -> ProblemCode {
    answer.json::<Problem>().code
}

async fn enrol(world: &World, body: Vec<u8>) -> Answer {
    send(world.relay.router(), Request::post(paths::ENROL).body(Body::from(body)).unwrap()).await
}

async fn book(world: &World) -> String {
    let link = world.get("/maya?day=2026-03-17").await.links("/maya/book").remove(0);
    let fields = filled(&world.get(&link).await, &ROY);
    let answer = world.post("/maya/book", &borrowed(&fields)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.location()
}

#[tokio::test]
async fn a_code_gives_a_device_and_the_page_its_address() {
    let world = World::new().await;
    let laptop = world.laptop("maya").await;
    assert_eq!(laptop.page_url, format!("{}maya", world.relay.public_url));
    assert_eq!(laptop.inbox(&world, 0, 0).await.epoch, laptop.epoch);
}

#[tokio::test]
async fn a_wrong_used_or_expired_code_is_refused_alike() {
    let world = World::new().await;
    let code = world.code("maya").await;
    Laptop::enrol(&world, &code, 1).await;
    let used = enrol(&world, enrol_body(&code, 2)).await;
    let wrong = enrol(&world, enrol_body("0000-0000-0000-0000", 2)).await;
    let late = world.code("noor").await;
    world.pass(TimeDelta::hours(49));
    let expired = enrol(&world, enrol_body(&late, 2)).await;
    for answer in [used, wrong, expired] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(problem(&answer), ProblemCode::BadCode);
    }
}

#[tokio::test]
async fn nonsense_instead_of_an_enrolment_is_a_bad_request() {
    let world = World::new().await;
    for body in [
        "",
        "{}",
        "[]",
        "{\"code\":1}",
        "\u{0}",
        r#"{"code":"a","device_name":"b","verifying_key":"AAAA","sealing_key":"AAAA"}"#,
    ] {
        let answer = enrol(&world, body.into()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(problem(&answer), ProblemCode::BadRequest);
    }
}

#[tokio::test]
async fn an_unsigned_or_foreign_request_is_refused() {
    let world = World::new().await;
    let laptop = world.laptop("maya").await;
    let unsigned = world.get(paths::INBOX).await;
    assert_eq!(problem(&unsigned), ProblemCode::BadSignature);
    let stranger = Laptop { device: "f".repeat(32), ..world.laptop("noor").await };
    let answer = stranger.send(&world, "GET", paths::INBOX, Vec::new()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let imposter = Laptop { device: laptop.device.clone(), ..stranger };
    let imposter = Laptop { signing: ed25519_dalek::SigningKey::from_bytes(&[99; 32]), ..imposter };
    let answer = imposter.send(&world, "GET", paths::INBOX, Vec::new()).await;
    assert_eq!(problem(&answer), ProblemCode::BadSignature);
}

#[tokio::test]
async fn a_request_counts_once_and_only_now() {
    let world = World::new().await;
    let laptop = world.laptop("maya").await;
    let params = |created_s| Params { created_s, nonce: "once".into(), key_id: laptop.device.clone() };
    let at = |created_s| laptop.request_with("GET", paths::INBOX, Vec::new(), &params(created_s));
    let now_s = world.now().timestamp();
    for skewed in [now_s - 301, now_s + 301] {
        let answer = send(world.relay.router(), at(skewed)).await;
        assert_eq!(problem(&answer), ProblemCode::BadSignature);
    }
    assert_eq!(send(world.relay.router(), at(now_s)).await.status, StatusCode::OK);
    let replayed = send(world.relay.router(), at(now_s)).await;
    assert_eq!(problem(&replayed), ProblemCode::BadSignature);
}

#[tokio::test]
async fn a_changed_body_is_refused() {
    let world = World::new().await;
    let laptop = world.laptop("maya").await;
    let mut request = laptop.request("POST", paths::ACK, b"{}".to_vec(), world.now());
    *request.body_mut() = Body::from("{\"upto\":9}");
    let answer = send(world.relay.router(), request).await;
    assert_eq!(problem(&answer), ProblemCode::BadSignature);
}

#[tokio::test]
async fn a_new_laptop_takes_the_old_ones_place() {
    let world = World::new().await;
    let old = world.open_page("maya").await;
    let code = world.invite("maya", true).await;
    let new = Laptop::enrol(&world, &code, 77).await;
    let refused = old.send(&world, "GET", paths::INBOX, Vec::new()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(problem(&refused), ProblemCode::DeviceRevoked);
    let first = new.publish(&world, 1, Mode::Instant, sheet(world.now())).await;
    assert_eq!(first.status, StatusCode::NO_CONTENT, "a new laptop counts from the start");
}

#[tokio::test]
async fn a_page_is_replaced_only_by_a_higher_rev() {
    let world = World::new().await;
    let laptop = world.laptop("maya").await;
    let publish = |rev| laptop.publish(&world, rev, Mode::Instant, sheet(world.now()));
    assert_eq!(publish(3).await.status, StatusCode::NO_CONTENT);
    for rev in [3, 2] {
        let answer = publish(rev).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert_eq!(problem(&answer), ProblemCode::OldRev);
    }
    assert_eq!(publish(4).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_sheet_that_makes_no_sense_is_refused_with_its_reason() {
    let world = World::new().await;
    let laptop = world.laptop("maya").await;
    type Spoil = fn(&mut PutPage);
    let spoilt: [(&str, Spoil); 9] = [
        ("do not rise", |page| page.sheet.types[0].starts_min.reverse()),
        ("share an id", |page| page.sheet.types[1].id = page.sheet.types[0].id.clone()),
        ("lasts", |page| page.sheet.types[0].length_min = 0),
        ("lasts", |page| page.sheet.types[0].gap_min = u32::MAX),
        ("owner.name", |page| page.sheet.owner.name.clear()),
        ("owner.phone", |page| page.sheet.owner.phone = "1\r\nX: y".into()),
        ("calendars", |page| page.sheet.types[0].starts_min = vec![i64::MAX]),
        ("lease_until", |page| page.lease_until += TimeDelta::days(8)),
        ("checked_at", |page| page.checked_at += TimeDelta::hours(1)),
    ];
    for (reason, spoil) in spoilt {
        let now = world.now();
        let (lease_until, mode) = (now + TimeDelta::hours(4), Mode::Instant);
        let mut page =
            PutPage { rev: 1, based_on_seq: 0, checked_at: now, lease_until, mode, sheet: sheet(now) };
        spoil(&mut page);
        let answer = laptop.put(&world, &page).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{reason}");
        assert!(answer.json::<Problem>().message.contains(reason), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_too_large() {
    let world = World::new().await;
    let laptop = world.laptop("maya").await;
    let answer = laptop.send(&world, "PUT", paths::PAGE, vec![b' '; 3 * 1024 * 1024]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(problem(&answer), ProblemCode::TooLarge);
}

#[tokio::test]
async fn a_booking_arrives_sealed_to_the_laptop() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    book(&world).await;
    let inbox = laptop.inbox(&world, 0, 0).await;
    let entry = &inbox.entries[0];
    assert!(matches!(entry.kind, InboxKind::Booked { promised: true, length_min: 60, .. }));
    let visitor = laptop.read(&entry.kind);
    assert_eq!((visitor.name.as_str(), visitor.note.as_str()), ("A. Roy", "Ring twice.\nThird floor."));
}

#[tokio::test]
async fn a_waiting_laptop_hears_of_a_booking_at_once() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    // The clock of the wait is real: were it not rung, this would take 25 seconds and find the test's own limit.
    let (inbox, _) = tokio::join!(laptop.inbox(&world, 0, 25), book(&world));
    assert_eq!(inbox.entries.len(), 1);
}

#[tokio::test]
async fn a_waiting_laptop_is_let_go_when_the_relay_stops() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let stopping = world.relay.stopping();
    let (inbox, ()) = tokio::join!(laptop.inbox(&world, 0, 25), async { stopping.cancel() });
    assert!(inbox.entries.is_empty());
}

#[tokio::test]
async fn an_ack_names_the_epoch_and_the_inbox_says_how_far_it_goes() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    book(&world).await;
    let inbox = laptop.inbox(&world, 0, 0).await;
    let last = inbox.entries[0].seq;
    assert_eq!(inbox.known, Some(Known { seq: last, rev: 1 }));
    assert_eq!(laptop.ack(&world, &laptop.epoch, last).await.status, StatusCode::NO_CONTENT);
    assert_eq!(laptop.ack(&world, &laptop.epoch, last + 1).await.status, StatusCode::NO_CONTENT);
    assert_eq!(problem(&laptop.ack(&world, &laptop.epoch, u64::MAX).await), ProblemCode::BadRequest);
    assert_eq!(problem(&laptop.ack(&world, "other", last).await), ProblemCode::EpochChanged);
}

#[tokio::test]
async fn a_decision_shows_on_the_visitors_page() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let manage = book(&world).await;
    let entry = laptop.inbox(&world, 0, 0).await.entries.remove(0);
    let decided = laptop.decide(&world, &entry, Verdict::Confirm).await;
    assert_eq!(decided.bookings[0].state, State::Confirmed);
    assert!(world.get(&manage).await.text().contains("has it in the calendar"));
}

#[tokio::test]
async fn a_late_confirm_does_not_revive_a_cancelled_booking() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let manage = book(&world).await;
    let entry = laptop.inbox(&world, 0, 0).await.entries.remove(0);
    world.post(&format!("{manage}/cancel"), &[("version", "1")]).await;
    let decided = laptop.decide(&world, &entry, Verdict::Confirm).await;
    assert_eq!((decided.bookings[0].state, decided.bookings[0].version), (State::Cancelled, 2));
    assert!(world.get(&manage).await.text().contains("This booking is cancelled"));
}

#[tokio::test]
async fn a_decision_about_an_unknown_booking_is_left_out_of_the_answer() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    book(&world).await;
    let mut entry = laptop.inbox(&world, 0, 0).await.entries.remove(0);
    entry.booking = daymark_core::booking::BookingId("0".repeat(32));
    assert!(laptop.decide(&world, &entry, Verdict::Confirm).await.bookings.is_empty());
}
