//! What single CalDAV servers do, and Daymark must stand.

use std::collections::BTreeMap;

use daymark_core::event::{Fields, Original, marks};
use daymark_remotes::caldav::Login;
use daymark_remotes::caldav::discovery::{Consent, DiscoveryError, Found, discover};
use daymark_remotes::calendar::{Changes, Patch, RemoteEvent, Target};
use daymark_remotes::error::RemoteError;
use daymark_sandbox::caldav::{PASSWORD, Quirks};
use daymark_sandbox::faults::{Fault, Kind};

use crate::caldav::{MAIN, fake};
use crate::hands::At;
use crate::world::{HOME, MAIL, World, at, draft, timed};

const VISIT: At<'static> = At::Timed { start: "2026-03-03T09:00:00", end: "2026-03-03T10:00:00" };

async fn with(quirks: Quirks) -> World {
    let world = fake().await;
    world.sandbox.caldav().set_quirks(quirks);
    world
}

impl World {
    async fn write(&self, title: &str) -> RemoteEvent {
        let mut ours = draft(title, timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
        ours.fields.marks = BTreeMap::from([(marks::BOOKING.to_owned(), "b7".to_owned())]);
        self.provider.insert(&self.calendar(), &ours).await.unwrap()
    }

    async fn retitle(&self, event: &RemoteEvent, title: &str) -> Result<RemoteEvent, RemoteError> {
        let fields = Fields { title: title.into(), ..event.event.fields.clone() };
        let target = Target::Event(event.event.id.clone());
        let changed = event.event.fields.diff(&fields);
        let patch = Patch { target, etag: event.event.etag.clone(), fields, changed };
        self.provider.patch(&self.calendar(), &patch).await
    }

    fn requests(&self, method: &str) -> usize {
        self.control().ledger().iter().filter(|entry| entry.method == method).count()
    }

    fn login(&self, password: &str) -> Login {
        Login { username: MAIL.into(), password: password.into() }
    }

    async fn find(&self, entered: &str, password: &str, consent: &Consent) -> Result<Found, DiscoveryError> {
        let (http, pace) = (self.http.clone(), self.pace.clone());
        discover(entered, &self.login(password), consent, http, pace, HOME).await
    }
}

/// Follows changes with this server, as with any other.
async fn changes_arrive(mut world: World) {
    let visit = world.hands.insert("Visit", VISIT);
    let gone = world.hands.insert("Gone", VISIT);
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Gone", "Visit"]);
    let quiet = world.pull().await;
    assert_eq!((quiet.items, quiet.pages), (0, 1));
    world.hands.rename(&visit, "Renamed");
    world.hands.delete(&gone);
    world.hands.insert("New", VISIT);
    world.pull().await;
    assert_eq!(world.seen.titles(), ["New", "Renamed"]);
}

#[tokio::test]
async fn without_sync_tokens_the_etags_tell_what_changed() {
    changes_arrive(with(Quirks { no_sync: true, ..Quirks::default() }).await).await;
}

#[tokio::test]
async fn without_tokens_and_tags_the_etags_still_tell() {
    changes_arrive(with(Quirks { no_sync: true, no_ctag: true, ..Quirks::default() }).await).await;
}

#[tokio::test]
async fn an_unchanged_tag_asks_for_no_list() {
    let mut world = with(Quirks { no_sync: true, ..Quirks::default() }).await;
    world.hands.insert("Visit", VISIT);
    world.pull().await;
    world.control().clear_ledger();
    world.pull().await;
    assert_eq!((world.requests("PROPFIND"), world.requests("REPORT")), (1, 0));
}

#[tokio::test]
async fn a_large_calendar_without_tokens_comes_in_pages_and_a_cut_one_goes_on() {
    let mut world = with(Quirks { no_sync: true, ..Quirks::default() }).await;
    let crowded = world.hands.crowded();
    // The first report is the question for changes, which is refused.
    let cut = world.control().arm(world.fault("GET", Kind::Cut).skip(2).times(8)).unwrap();
    assert!(world.try_pull(&crowded).await.is_err());
    assert_eq!(world.seen.events.len(), 100);
    world.control().release(cut);
    world.try_pull(&crowded).await.unwrap();
    assert_eq!(world.seen.events.len(), world.hands.events_in_crowd());
}

#[tokio::test]
async fn half_a_list_of_etags_deletes_nothing() {
    let mut world = with(Quirks { no_sync: true, no_ctag: true, ..Quirks::default() }).await;
    world.hands.insert("Visit", VISIT);
    world.pull().await;
    let truncated = Fault::new(world.kind, Kind::Truncate).method("PROPFIND").contains(MAIN).skip(1);
    world.control().arm(truncated).unwrap();
    let failure = world.try_pull(&world.calendar()).await.unwrap_err();
    assert!(matches!(failure, RemoteError::Malformed { .. }), "{failure:?}");
    // An answer without a single entry is well-formed, and no list either.
    let body = "<multistatus xmlns=\"DAV:\"></multistatus>";
    let empty = Kind::Status { status: 207, reason: Some(body.into()), retry_after_s: None, body: None };
    world.control().arm(Fault::new(world.kind, empty).method("PROPFIND").contains(MAIN).skip(1)).unwrap();
    assert!(world.try_pull(&world.calendar()).await.is_err());
    assert_eq!(world.seen.titles(), ["Visit"]);
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Visit"]);
}

#[tokio::test]
async fn a_server_that_stumbles_over_an_unknown_token_is_read_anew() {
    let mut world = with(Quirks { unknown_token_is_500: true, ..Quirks::default() }).await;
    world.hands.insert("Visit", VISIT);
    world.pull().await;
    world.hands.expire_cursors();
    assert!(world.pull().await.expired);
    world.pull().await;
    assert_eq!(world.seen.titles(), ["Visit"]);
}

#[tokio::test]
async fn a_server_that_is_down_is_not_taken_for_one_that_forgot_the_token() {
    let mut world = fake().await;
    world.hands.insert("Visit", VISIT);
    world.pull().await;
    let down = Kind::Status { status: 500, reason: None, retry_after_s: None, body: None };
    world.control().arm(Fault::new(world.kind, down).always()).unwrap();
    let cursor = world.cursor.clone();
    let failure = world.try_pull(&world.calendar()).await.unwrap_err();
    assert!(matches!(failure, RemoteError::Server { status: 500, .. }), "{failure:?}");
    assert_eq!(world.cursor, cursor);
}

#[tokio::test]
async fn a_list_that_the_server_cuts_short_is_read_to_its_end() {
    let mut world = with(Quirks { cuts_lists_at: Some(2), ..Quirks::default() }).await;
    for title in ["One", "Two", "Three", "Four", "Five"] {
        world.hands.insert(title, VISIT);
    }
    assert_eq!(world.pull().await.pages, 3);
    assert_eq!(world.seen.events.len(), 5);
}

#[tokio::test]
async fn an_encoded_at_sign_is_the_same_address() {
    let mut world = with(Quirks { encodes_at: true, ..Quirks::default() }).await;
    let calendars = world.provider.calendars().await.unwrap();
    assert!(calendars.iter().any(|calendar| calendar.id == world.calendar()), "{calendars:?}");
    let made = world.write("Ours").await;
    world.pull().await;
    assert_eq!(world.seen.titled("Ours").id, made.event.id);
    changes_arrive(with(Quirks { encodes_at: true, ..Quirks::default() }).await).await;
}

#[tokio::test]
async fn a_rewritten_body_is_read_again_and_its_new_etag_holds() {
    let world = with(Quirks { rewrites: true, ..Quirks::default() }).await;
    let made = world.write("Ours").await;
    assert!(made.raw["ics"].as_str().unwrap().contains("X-SERVER-SAW"));
    let renamed = world.retitle(&made, "Renamed").await.unwrap();
    assert_ne!(renamed.event.etag, made.event.etag);
    world.retitle(&renamed, "Again").await.unwrap();
    assert_eq!(world.hands.live_titles(), ["Again"]);
}

#[tokio::test]
async fn icloud_takes_our_events_and_our_changes() {
    let mut world = with(Quirks { icloud: true, ..Quirks::default() }).await;
    let made = world.write("Ours").await;
    let renamed = world.retitle(&made, "Renamed").await.unwrap();
    let target = Target::Event(renamed.event.id.clone());
    world.provider.delete(&world.calendar(), &target, None).await.unwrap();
    world.pull().await;
    assert!(world.seen.events.is_empty());
    let stars = world
        .control()
        .ledger()
        .into_iter()
        .filter(|entry| entry.headers.get("if-match").is_some_and(|it| it == "*"));
    assert_eq!(stars.count(), 0);
}

#[tokio::test]
async fn at_icloud_a_uid_of_another_calendar_makes_no_second_event_and_no_failure() {
    let world = with(Quirks { icloud: true, ..Quirks::default() }).await;
    let made = world.write("Ours").await;
    // Somebody moved it to another calendar.
    let text = world.sandbox.caldav().text(MAIL, MAIN, &made.event.id.0).unwrap();
    world.hands.delete(&made.event.id);
    world.sandbox.caldav().put(MAIL, "crowded", "moved.ics", &text);
    let again = world.write("Ours").await;
    assert_ne!(again.event.uid, made.event.uid);
    assert_eq!(world.write("Ours").await.event.id, again.event.id);
}

#[tokio::test]
async fn zimbra_does_not_overwrite_what_was_changed_since_the_lost_answer() {
    let world = with(Quirks { zimbra: true, ..Quirks::default() }).await;
    let made = world.write("Ours").await;
    world.hands.rename(&made.event.id, "Theirs");
    let again = world.write("Ours").await;
    assert_eq!((again.event.id, again.event.fields.title.as_str()), (made.event.id, "Theirs"));
    assert_eq!(world.hands.live_titles(), ["Theirs"]);
}

#[tokio::test]
async fn a_cancelled_exception_that_becomes_an_excluded_date_says_the_same() {
    let mut world = fake().await;
    let master = world
        .hands
        .insert_weekly("Stand-up", At::Timed { start: "2026-03-02T09:00:00", end: "2026-03-02T09:30:00" });
    let caldav = world.sandbox.caldav().clone();
    let text = caldav.text(MAIL, MAIN, &master.0).unwrap();
    let cancelled = "BEGIN:VEVENT\r\nUID:theirs-0\r\nDTSTAMP:20260101T000000Z\r\nSTATUS:CANCELLED\r\n\
        RECURRENCE-ID;TZID=America/Toronto:20260309T090000\r\nDTSTART;TZID=America/Toronto:20260309T090000\r\n\
        END:VEVENT\r\nEND:VCALENDAR";
    caldav.put(MAIL, MAIN, &master.0, &text.replace("END:VCALENDAR", cancelled));
    world.pull().await;
    let seen = world.seen.cancelled.clone();
    assert_eq!(seen.len(), 1);
    let excluded = "EXDATE;TZID=America/Toronto:20260309T090000\r\nEND:VEVENT";
    caldav.put(MAIL, MAIN, &master.0, &text.replacen("END:VEVENT", excluded, 1));
    world.pull().await;
    assert_eq!(world.seen.cancelled, seen);
    let target = Target::Occurrence { master, original: Original::At(at("2026-03-09T09:00:00")) };
    assert_eq!(world.provider.get(&world.calendar(), &target).await.unwrap(), None);
}

#[tokio::test]
async fn a_bin_that_keeps_ids_taken_does_not_stop_an_insert() {
    let world = with(Quirks { bin: true, ..Quirks::default() }).await;
    let first = world.write("Ours").await;
    world.hands.delete(&first.event.id);
    let second = world.write("Ours").await;
    assert_ne!(first.event.id, second.event.id);
    assert_eq!(world.write("Ours").await.event.id, second.event.id);
    assert_eq!(world.hands.live_titles(), ["Ours"]);
}

#[tokio::test]
async fn a_uid_under_another_address_is_our_own_event() {
    let world = fake().await;
    let made = world.write("Ours").await;
    let text = world.sandbox.caldav().text(MAIL, MAIN, &made.event.id.0).unwrap();
    world.hands.delete(&made.event.id);
    world.sandbox.caldav().put(MAIL, MAIN, "their-name.ics", &text);
    assert_eq!(world.write("Ours").await.event.id.0, "their-name.ics");
    assert_eq!(world.hands.live_titles(), ["Ours"]);
}

#[tokio::test]
async fn a_full_server_is_a_quota_and_is_not_asked_again_at_once() {
    let world = with(Quirks { full: true, ..Quirks::default() }).await;
    let ours = draft("Ours", timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
    let refused = world.provider.insert(&world.calendar(), &ours).await;
    assert!(matches!(refused, Err(RemoteError::Quota { .. })), "{refused:?}");
    assert_eq!(world.requests("PUT"), 1);
}

#[tokio::test]
async fn a_write_that_cannot_be_read_again_has_an_unknown_outcome() {
    let world = fake().await;
    // The insert looks first; what comes after the write is refused.
    let slow = Kind::Status { status: 429, reason: None, retry_after_s: Some(90), body: None };
    world.control().arm(Fault::new(world.kind, slow).method("GET").skip(1)).unwrap();
    let ours = draft("Ours", timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
    let failure = world.provider.insert(&world.calendar(), &ours).await.unwrap_err();
    assert!(failure.leaves_outcome_unknown(), "{failure:?}");
    assert_eq!(world.hands.live_titles(), ["Ours"]);
}

#[tokio::test]
async fn half_a_text_at_our_address_makes_no_second_event() {
    let world = fake().await;
    let made = world.write("Ours").await;
    world.control().arm(Fault::new(world.kind, Kind::Truncate).method("GET")).unwrap();
    let ours = draft("Ours", timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
    assert!(world.provider.insert(&world.calendar(), &ours).await.unwrap_err().leaves_outcome_unknown());
    assert_eq!(world.write("Ours").await.event.id, made.event.id);
    assert_eq!(world.hands.live_titles(), ["Ours"]);
}

#[tokio::test]
async fn a_changed_password_asks_for_a_sign_in_and_loses_nothing() {
    let mut world = fake().await;
    world.hands.insert("Visit", VISIT);
    world.pull().await;
    world.sandbox.caldav().set_password(MAIL, "another");
    let failure = world.try_pull(&world.calendar()).await.unwrap_err();
    assert!(matches!(failure, RemoteError::SignIn { .. }), "{failure:?}");
    assert_eq!(world.seen.titles(), ["Visit"]);
}

#[tokio::test]
async fn a_redirect_to_another_server_gets_no_password_and_asks_for_a_sign_in() {
    let (mut world, other) = (fake().await, fake().await);
    let to = format!("{}x", other.sandbox.caldav_base());
    let moved = Fault::new(world.kind, Kind::Redirect { to }).method("REPORT");
    world.control().arm(moved).unwrap();
    let failure = world.try_pull(&world.calendar()).await.unwrap_err();
    assert!(matches!(failure, RemoteError::SignIn { .. }), "{failure:?}");
    assert!(other.control().ledger().is_empty());
}

#[tokio::test]
async fn a_restart_between_two_pages_loses_nothing_that_changed_meanwhile() {
    let mut world = fake().await;
    let crowded = world.hands.crowded();
    let Changes::Page(page) = world.provider.changes(&crowded, None, crate::world::window()).await.unwrap()
    else {
        panic!("a page")
    };
    page.items.into_iter().for_each(|item| world.seen.apply(item));
    let daymark_remotes::calendar::Next::More(cursor) = page.next else { panic!("more pages") };
    // What was read already is renamed, and the client forgets its list.
    let caldav = world.sandbox.caldav().clone();
    let text = caldav.text(MAIL, "crowded", "crowd-0.ics").unwrap();
    caldav.put(MAIL, "crowded", "crowd-0.ics", &text.replace("SUMMARY:Plain", "SUMMARY:Renamed"));
    let seen = world.seen.clone();
    let mut fresh = World::caldav_again(world).await;
    (fresh.seen, fresh.cursor) = (seen, Some(cursor));
    fresh.try_pull(&crowded).await.unwrap();
    fresh.try_pull(&crowded).await.unwrap();
    assert_eq!(fresh.seen.events.len(), fresh.hands.events_in_crowd());
    assert!(fresh.seen.titles().contains(&"Renamed"));
}

#[tokio::test]
async fn an_address_leads_to_the_calendars_and_a_wrong_password_is_named() {
    let world = fake().await;
    let none = Consent::default();
    for entered in
        [world.sandbox.base(), world.sandbox.caldav_base(), format!("{}/somewhere", world.sandbox.base())]
    {
        let found = world.find(&entered, PASSWORD, &none).await.unwrap();
        assert_eq!(found.calendars.len(), 3, "{entered}");
    }
    let mail = format!("maya@{}", world.sandbox.base().trim_start_matches("http://"));
    assert_eq!(world.find(&mail, PASSWORD, &none).await.unwrap().calendars.len(), 3);
    let wrong = world.find(&world.sandbox.base(), "wrong", &none).await;
    assert!(matches!(wrong, Err(DiscoveryError::WrongPassword)), "{wrong:?}");
}

#[tokio::test]
async fn a_server_elsewhere_gets_the_password_only_when_the_person_agreed() {
    let (world, other) = (fake().await, fake().await);
    let server = other.sandbox.base();
    world
        .sandbox
        .caldav()
        .set_quirks(Quirks { well_known: Some(other.sandbox.caldav_base()), ..Quirks::default() });
    let asked = world.find(&world.sandbox.base(), PASSWORD, &Consent::default()).await;
    assert!(matches!(&asked, Err(DiscoveryError::OtherServer { server: it }) if *it == server), "{asked:?}");
    assert!(other.control().ledger().is_empty(), "it has not even been told that there is an account");
    let agreed = Consent { servers: vec![server.clone()], ..Consent::default() };
    let found = world.find(&world.sandbox.base(), PASSWORD, &agreed).await.unwrap();
    assert!(found.place.homes[0].as_str().starts_with(&server));
}

#[tokio::test]
async fn a_home_at_another_server_is_asked_about_too() {
    let (world, other) = (fake().await, fake().await);
    let server = other.sandbox.base();
    world.sandbox.caldav().set_quirks(Quirks { home_server: Some(server.clone()), ..Quirks::default() });
    let asked = world.find(&world.sandbox.base(), PASSWORD, &Consent::default()).await;
    assert!(matches!(&asked, Err(DiscoveryError::OtherServer { server: it }) if *it == server), "{asked:?}");
    assert!(other.control().ledger().is_empty());
    let agreed = Consent { servers: vec![server], ..Consent::default() };
    assert_eq!(world.find(&world.sandbox.base(), PASSWORD, &agreed).await.unwrap().calendars.len(), 3);
}

#[tokio::test]
async fn plain_http_and_what_is_no_calendar_server_are_named() {
    let world = fake().await;
    let none = Consent::default();
    let plain = world.find("http://calendar.example.org/", PASSWORD, &none).await;
    assert!(
        matches!(&plain, Err(DiscoveryError::PlainHttp { server }) if server == "http://calendar.example.org")
    );
    let strange = world.find(&format!("{}/graph/", world.sandbox.base()), PASSWORD, &none).await;
    assert!(strange.is_ok(), "the well-known address of the same server helps: {strange:?}");
    world
        .sandbox
        .caldav()
        .set_quirks(Quirks { well_known: Some("/graph/v1.0/".into()), ..Quirks::default() });
    let none_there = world.find(&world.sandbox.base(), PASSWORD, &none).await;
    assert!(matches!(none_there, Err(DiscoveryError::NotCalDav { .. })), "{none_there:?}");
    for nonsense in ["", "ftp://x.example/", "https://maya:secret@x.example/", "a b"] {
        let refused = world.find(nonsense, PASSWORD, &none).await;
        assert!(matches!(refused, Err(DiscoveryError::BadAddress)), "{nonsense}: {refused:?}");
    }
}

#[tokio::test]
async fn an_account_without_calendars_says_so() {
    let world = fake().await;
    for name in ["a-work", "holidays", "crowded"] {
        world.sandbox.caldav().remove_calendar(MAIL, name);
    }
    let none = world.find(&world.sandbox.base(), PASSWORD, &Consent::default()).await;
    assert!(matches!(none, Err(DiscoveryError::NoCalendars)), "{none:?}");
}
