//! Calendars that come as files or feeds, and leave as files.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{
    AccountId, AccountState, CalendarRef, Disconnect, ExportedCalendar, ImportIcs, ImportedCalendar,
    PauseAccount, Restored, Subscribe,
};
use daymark_engine::api::details::{Answer, Details};
use daymark_engine::api::health::{Card, CardCode, Remedy};
use daymark_engine::api::problem::{Problem, ProblemCode};
use daymark_engine::api::schedule::EventDetail;
use daymark_engine::api::settings::Settings;
use journeys::world::{PARTNER, WORK, World};
use serde_json::json;

use crate::accounts::accounts;
use crate::caldav;
use crate::support::{calendar, health, items, titled};

fn file(events: &[(&str, &str)]) -> String {
    let events = events.iter().map(|(uid, title)| {
        format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{title}\r\nDTSTART:20260304T150000Z\r\nDTEND:20260304T160000Z\r\nEND:VEVENT\r\n"
        )
    });
    format!("BEGIN:VCALENDAR\r\nX-WR-CALNAME:Team\r\n{}END:VCALENDAR\r\n", events.collect::<String>())
}

/// A server that publishes one calendar.
#[derive(Clone)]
struct Publisher {
    content: Arc<Mutex<(StatusCode, String)>>,
    asked: Arc<Mutex<Vec<HeaderMap>>>,
    address: String,
}

impl Publisher {
    async fn start(text: String) -> Publisher {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/team.ics?key=s3cret", listener.local_addr().unwrap());
        let content = Arc::new(Mutex::new((StatusCode::OK, text)));
        let publisher = Publisher { content, asked: Arc::default(), address };
        let app = Router::new().route("/team.ics", get(answer)).with_state(publisher.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        publisher
    }

    fn publish(&self, status: StatusCode, text: String) {
        *self.content.lock().unwrap() = (status, text);
    }
}

async fn answer(State(publisher): State<Publisher>, headers: HeaderMap) -> Response {
    let (status, text) = publisher.content.lock().unwrap().clone();
    let etag = format!("\"{}\"", text.len());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|it| it.as_bytes() == etag.as_bytes());
    publisher.asked.lock().unwrap().push(headers);
    if known && status == StatusCode::OK {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    (status, [(header::ETAG, etag), (header::CONTENT_TYPE, "text/calendar".into())], text).into_response()
}

async fn subscribed(world: &World, publisher: &Publisher, counts_busy: bool) -> ImportedCalendar {
    let feed = Subscribe { url: publisher.address.clone(), counts_busy };
    world.clock.passing(world.call(Call::Subscribe(feed))).await.unwrap()
}

#[tokio::test]
async fn a_feed_is_read_again_only_when_it_changed_and_keeps_what_it_had_when_it_fails() {
    let world = World::week().await.unwrap();
    let publisher = Publisher::start(file(&[("a", "Feed one"), ("b", "Feed two")])).await;
    let feed = subscribed(&world, &publisher, false).await;
    assert_eq!((feed.name.as_str(), feed.events), ("Team", 2));
    assert_eq!(titled(&world, "Feed").await.len(), 2);
    world.sync().await.unwrap();
    assert!(publisher.asked.lock().unwrap()[1].contains_key(header::IF_NONE_MATCH));
    assert!(publisher.asked.lock().unwrap().iter().all(|it| !it.contains_key(header::AUTHORIZATION)));
    publisher.publish(StatusCode::OK, file(&[("a", "Feed one, renamed")]));
    world.sync().await.unwrap();
    let titles: Vec<String> = titled(&world, "Feed").await.into_iter().map(|item| item.title).collect();
    assert_eq!(titles, ["Feed one, renamed"]);
    for (status, text) in [
        (StatusCode::OK, "<html>Please sign in</html>".to_owned()),
        (StatusCode::NOT_FOUND, String::new()),
        (StatusCode::OK, file(&[])[..30].to_owned()),
        (StatusCode::OK, file(&[("a", "Feed one, half")]).replace("SUMMARY", "SUM")[..90].to_owned()),
        (StatusCode::OK, file(&[("a", "Half"), ("c", "Feed three")]).replace("END:VCALENDAR", "")),
    ] {
        publisher.publish(status, text);
        world.run().await.unwrap();
        let titles: Vec<String> = titled(&world, "Feed").await.into_iter().map(|item| item.title).collect();
        assert_eq!(titles, ["Feed one, renamed"], "what was there stays: {status}");
    }
    publisher.publish(StatusCode::GONE, String::new());
    world.run().await.unwrap();
    assert!(health(&world).await.cards.iter().any(|card| card.code == CardCode::CalendarFailing));
    let feeds = accounts(&world).await;
    let feed = feeds.iter().find(|account| account.id == feed.account).unwrap();
    assert_eq!(feed.state, AccountState::Connected);
    assert!(!format!("{feed:?}").contains("s3cret"), "the address of a feed is a secret");
}

/// An event of a file that cannot be read, as its `more` lines have it.
fn unreadable(uid: &str, title: &str, more: &str) -> String {
    format!("BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{title}\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n")
}

fn with(file: &str, events: &[String]) -> String {
    let end = "END:VCALENDAR\r\n";
    let events = events.iter().map(|event| event.replace(end, "")).collect::<String>();
    file.replace(end, &format!("{events}{end}"))
}

async fn aside(world: &World) -> Option<Card> {
    health(world).await.cards.into_iter().find(|card| card.code == CardCode::EventSetAside)
}

async fn import(world: &World, text: String) -> ImportedCalendar {
    let file = ImportIcs { name: "Rota".into(), text, counts_busy: false };
    world.call(Call::ImportIcs(file)).await.unwrap()
}

#[tokio::test]
async fn another_file_of_one_name_takes_nothing_from_the_first_and_half_a_file_changes_nothing() {
    let world = World::build().without_relay().start().await.unwrap();
    let first = import(&world, file(&[("a", "School one")])).await;
    let other = import(&world, file(&[("x", "Club one")])).await;
    assert_eq!((first.name.as_str(), other.name.as_str()), ("Rota", "Rota (2)"));
    assert_ne!(first.account, other.account);
    let newer = import(&world, file(&[("x", "Club one"), ("y", "Club two")])).await;
    assert_eq!((newer.account, newer.events), (other.account, 2));
    let half = file(&[("x", "Club gone")]).replace("END:VCALENDAR", "");
    let half = ImportIcs { name: "Rota".into(), text: half, counts_busy: false };
    let refused = world.call::<ImportedCalendar>(Call::ImportIcs(half)).await.unwrap_err();
    assert_eq!(refused.downcast::<Problem>().unwrap().code, ProblemCode::NotACalendar);
    assert_eq!((titled(&world, "School").await.len(), titled(&world, "Club").await.len()), (1, 2));
    assert!(titled(&world, "Club gone").await.is_empty());
}

const NO_PLACE: &str = "RECURRENCE-ID:sometime\r\nDTSTART:20260313T033000Z\r\n";

#[tokio::test]
async fn an_unreadable_event_of_a_file_is_named_until_the_file_is_mended() {
    let mut world = World::build().without_relay().start().await.unwrap();
    let broken = unreadable("x", "Visit Singh", NO_PLACE);
    let imported = import(&world, with(&file(&[("a", "Rota one")]), &[broken])).await;
    let card = aside(&world).await.expect("it is named at once, without any account that syncs");
    assert_eq!(card.events[0].title, "Visit Singh");
    let zone = world.call::<Settings>(Call::Settings(())).await.unwrap().zone;
    let there = "2026-03-13T03:30:00Z".parse::<DateTime<Utc>>().unwrap();
    let day = there.with_timezone(&zone.parse::<chrono_tz::Tz>().unwrap()).date_naive();
    assert_eq!(card.events[0].day, Some(day), "by the clock of the window");
    let dismiss = Remedy::DismissSetAside { calendar: imported.calendar };
    assert_eq!(card.remedies, [Remedy::ImportFile, dismiss], "nothing reads a file again by itself");
    world.restart().await.unwrap();
    assert_eq!(aside(&world).await, Some(card));
    import(&world, file(&[("a", "Rota one")])).await;
    assert_eq!(aside(&world).await, None);
}

#[tokio::test]
async fn what_cannot_be_read_of_a_file_can_be_dismissed_for_good() {
    let mut world = World::build().without_relay().start().await.unwrap();
    let broken: Vec<String> =
        (0..5).map(|n| unreadable(&format!("x{n}"), &format!("Shift {n}"), NO_PLACE)).collect();
    let imported = import(&world, with(&file(&[]), &broken)).await;
    let card = aside(&world).await.unwrap();
    assert_eq!((card.events.len(), card.params["count"].as_str()), (3, "5"));
    assert!(card.message.contains("“Shift 2” on") && card.message.contains("2 more"), "{}", card.message);
    let () = world.call(Call::DismissSetAside(CalendarRef { calendar: imported.calendar })).await.unwrap();
    assert_eq!(aside(&world).await, None);
    world.restart().await.unwrap();
    assert_eq!(aside(&world).await, None);
}

#[tokio::test]
async fn an_unreadable_event_of_a_feed_is_read_again_when_the_person_asks() {
    let world = World::week().await.unwrap();
    let whole = file(&[("a", "Feed one")]);
    let publisher = Publisher::start(with(&whole, &[unreadable("x", "Feed two", "DTSTART:soon\r\n")])).await;
    let feed = subscribed(&world, &publisher, false).await;
    let card = aside(&world).await.unwrap();
    assert_eq!((card.events[0].title.as_str(), card.events[0].day), ("Feed two", None));
    assert_eq!(card.remedies, [Remedy::Retry]);
    let asked = publisher.asked.lock().unwrap().len();
    let () = world.call(Call::SyncNow(())).await.unwrap();
    world.sync().await.unwrap();
    let again = publisher.asked.lock().unwrap()[asked..].to_vec();
    assert!(again.iter().any(|it| !it.contains_key(header::IF_NONE_MATCH)), "it is fetched whole");
    assert!(aside(&world).await.is_some());
    let pause = |paused| Call::PauseAccount(PauseAccount { account: feed.account, paused });
    let () = world.call(pause(true)).await.unwrap();
    assert_eq!(aside(&world).await.unwrap().remedies, [Remedy::Resume { account: feed.account }]);
    let () = world.call(pause(false)).await.unwrap();
    publisher.publish(StatusCode::OK, file(&[("a", "Feed one"), ("x", "Feed two")]));
    world.sync().await.unwrap();
    assert_eq!((aside(&world).await, titled(&world, "Feed").await.len()), (None, 2));
}

#[tokio::test]
async fn what_cannot_be_read_of_a_counted_feed_is_offered_to_nobody_until_it_can_be() {
    let world = World::week().await.unwrap();
    let visitor = world.visitor().unwrap();
    let wednesday = async || {
        let offered = visitor.offered(Some("2026-03-04")).await.unwrap();
        offered.into_iter().filter(|it| it.to_string().starts_with("2026-03-04")).collect::<Vec<_>>()
    };
    let before = wednesday().await;
    assert!(!before.is_empty());
    let broken = unreadable("late", "Late", "DTSTART:20260304T130000Z\r\nDTEND:soon\r\n");
    let publisher = Publisher::start(with(&file(&[]), &[broken])).await;
    subscribed(&world, &publisher, true).await;
    world.sync().await.unwrap();
    assert!(wednesday().await.is_empty(), "it begins before all of them");
    let card = aside(&world).await.unwrap();
    assert_eq!(card.params["times"], "kept");
    assert!(card.message.contains("visitors are offered nothing from its start"), "{}", card.message);
    publisher.publish(StatusCode::OK, file(&[]));
    let () = world.call(Call::SyncNow(())).await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(wednesday().await, before);
}

#[tokio::test]
async fn an_address_that_leads_to_no_calendar_says_why_and_leaves_nothing_behind() {
    let world = World::build().without_relay().start().await.unwrap();
    let publisher = Publisher::start("<html></html>".into()).await;
    // Nobody listens where somebody has just stopped to.
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let cases = [
        (publisher.address.clone(), ProblemCode::NotACalendar),
        (format!("http://{dead}/a.ics"), ProblemCode::ServerUnreachable),
        ("http://example.org/a.ics".into(), ProblemCode::BadFeedAddress),
        ("calendar".into(), ProblemCode::BadFeedAddress),
    ];
    for (url, code) in cases {
        let feed = Call::Subscribe(Subscribe { url: url.clone(), counts_busy: true });
        let refused = world.clock.passing(world.call::<ImportedCalendar>(feed)).await.unwrap_err();
        assert_eq!(refused.downcast::<Problem>().unwrap().code, code, "{url}");
    }
    assert!(accounts(&world).await.is_empty());
}

#[tokio::test]
async fn a_feed_that_was_left_comes_back_without_being_asked_for_its_address() {
    let mut world = World::week().await.unwrap();
    let publisher = Publisher::start(file(&[("a", "Feed one")])).await;
    let feed = subscribed(&world, &publisher, true).await;
    let leave = Disconnect { account: feed.account, remove_copies: None };
    let () = world.call(Call::Disconnect(leave)).await.unwrap();
    assert!(titled(&world, "Feed").await.is_empty());
    world.advance(TimeDelta::days(3));
    world.restart().await.unwrap();
    let restored: Restored =
        world.call(Call::RestoreAccount(AccountId { account: feed.account })).await.unwrap();
    assert_eq!(restored, Restored::Done);
    publisher.publish(StatusCode::OK, file(&[("a", "Feed changed")]));
    world.sync().await.unwrap();
    assert_eq!(titled(&world, "Feed changed").await.len(), 1);
}

#[tokio::test]
async fn an_exported_calendar_imports_as_the_same_week() {
    let world = World::week().await.unwrap();
    let northcare = calendar(&world, "Northcare").await;
    let exported: ExportedCalendar =
        world.call(Call::ExportCalendar(CalendarRef { calendar: northcare })).await.unwrap();
    assert_eq!(exported.file_name, "Northcare.ics");
    let import = ImportIcs { name: "Copy".into(), text: exported.text, counts_busy: false };
    let copy: ImportedCalendar = world.call(Call::ImportIcs(import)).await.unwrap();
    assert!(copy.problems.is_empty(), "{:?}", copy.problems);
    let all = items(&world, "2026-02-23", "2026-03-23").await;
    let of = |calendar: i64| {
        let own = all.iter().filter(|item| item.calendar == calendar);
        own.map(|item| (item.title.clone(), item.start, item.end, item.all_day)).collect::<Vec<_>>()
    };
    assert!(of(northcare).len() > 10);
    assert_eq!(of(copy.calendar), of(northcare));
    assert!(all.iter().filter(|item| item.calendar == copy.calendar).all(|item| !item.editable));
    world.sync().await.unwrap();
}

async fn exported(world: &World, calendar: i64) -> String {
    let file: ExportedCalendar = world.call(Call::ExportCalendar(CalendarRef { calendar })).await.unwrap();
    file.text.replace("\r\n ", "")
}

async fn shown(world: &World, title: &str) -> Details {
    let item = titled(world, title).await.remove(0);
    let detail: EventDetail = world.call(Call::Event(item.event)).await.unwrap();
    assert_eq!(detail.guests, None, "nobody can be reached from a calendar that is only read");
    detail.details
}

const PARTY: &str = "ORGANIZER;CN=Noor:mailto:noor@x.example\r\nATTENDEE;PARTSTAT=DECLINED;CN=Li:mailto:li@x.example\r\n\
    ATTACH;FILENAME=plan.pdf:https://files.example/1\r\nX-DAYMARK-BLOCK:x\r\n\
    BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Soon\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n";

fn party() -> String {
    file(&[("a", "Party")]).replace("END:VEVENT", &format!("{PARTY}END:VEVENT"))
}

#[tokio::test]
async fn a_file_and_a_feed_show_people_and_files_and_hand_them_on_without_mailing_anybody() {
    let world = World::week().await.unwrap();
    let publisher = Publisher::start(party().replace("Party", "Feast")).await;
    let feed = subscribed(&world, &publisher, false).await;
    let imported = import(&world, party()).await;
    for title in ["Party", "Feast"] {
        let details = shown(&world, title).await;
        let [noor, li] = details.attendees.as_slice() else { panic!("{details:?}") };
        assert!(noor.organizer && noor.name == "Noor" && li.answer == Answer::Declined, "{details:?}");
        assert_eq!(details.attachments[0].title, "plan.pdf");
    }
    for calendar in [imported.calendar, feed.calendar] {
        let text = exported(&world, calendar).await;
        for line in PARTY.split("\r\n").filter(|line| !line.starts_with("X-DAYMARK")) {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(!text.contains("X-DAYMARK") && !text.contains("METHOD"), "{text}");
    }
    world.sync().await.unwrap();
    assert!(world.sandbox.control().mail().is_empty());
}

#[tokio::test]
async fn what_google_and_outlook_say_of_people_meeting_files_and_reminders_is_exported_as_lines() {
    let world = World::week().await.unwrap();
    let meeting = json!({
        "attendees": [
            { "email": WORK, "responseStatus": "accepted" },
            { "email": "jonas@liftworks.example", "displayName": "Jonas", "responseStatus": "declined" },
        ],
        "attachments": [{ "fileUrl": "https://drive.example/1", "title": "Plan" }],
        "conferenceData": { "createRequest": { "requestId": "abc-defg-hij" } },
        "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 3 }] },
        "extendedProperties": { "private": { "daymark-booking": "secret" } },
    });
    world.sandbox.google().edit(WORK, WORK, "suppliercall01", meeting).unwrap();
    let edge = |hour: u32| json!({ "dateTime": format!("2026-03-03T{hour:02}:00:00"), "timeZone": "UTC" });
    let check = json!({
        "subject": "Socket check", "start": edge(15), "end": edge(16), "isReminderOn": true,
        "reminderMinutesBeforeStart": 7,
        "attendees": [{ "type": "required", "emailAddress": { "name": "Li", "address": "li@garden.example" } }],
    });
    world.sandbox.microsoft().insert(PARTNER, "Partner clinic", &check).unwrap();
    world.sync().await.unwrap();
    let text = exported(&world, calendar(&world, "Northcare").await).await;
    for line in [
        "ATTENDEE;CN=\"Jonas\";PARTSTAT=DECLINED:mailto:jonas@liftworks.example",
        "ATTACH;FILENAME=\"Plan\":https://drive.example/1",
        "CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=\"Google Meet\":https://meet.google.com/abc-defg-hij",
        "TRIGGER:-PT3M",
    ] {
        assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} in {text}");
    }
    assert!(!text.contains("daymark-") && !text.contains("secret"), "{text}");
    let text = exported(&world, calendar(&world, "Partner clinic").await).await;
    assert!(text.contains("ATTENDEE;CN=\"Li\";PARTSTAT=NEEDS-ACTION:mailto:li@garden.example"), "{text}");
    assert!(text.contains("TRIGGER:-PT7M"), "{text}");
}

#[tokio::test]
async fn a_calendar_servers_own_lines_leave_with_the_export() {
    let (world, _) = caldav::connected().await;
    caldav::rewrite(
        &world,
        "visit.ics",
        "ATTENDEE:",
        "X-VENDOR-STATE;P=\"a:b\":kept\r\nATTENDEE;PARTSTAT=ACCEPTED:",
    );
    world.sync().await.unwrap();
    let text = exported(&world, calendar(&world, "Round").await).await;
    for line in
        ["X-VENDOR-STATE;P=\"a:b\":kept", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:other@x.example", "BEGIN:VALARM"]
    {
        assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} in {text}");
    }
    let import = ImportIcs { name: "Copy".into(), text, counts_busy: false };
    let copy: ImportedCalendar = world.call(Call::ImportIcs(import)).await.unwrap();
    assert!(copy.problems.is_empty(), "{:?}", copy.problems);
}
