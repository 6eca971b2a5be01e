//! What was deleted comes back as it was: with its people, alarms, files, meeting and everything that other programs
//! wrote. Where that cannot be, the person is told.

use daymark_engine::api::Call;
use daymark_engine::api::accounts::ProviderKind;
use daymark_engine::api::journal::{JournalEntry, JournalQuery, Lost, RunUndone, Undo, UndoRun};
use daymark_engine::api::problem::{Problem, ProblemCode};
use daymark_engine::api::schedule::{ChangeEvent, DeleteEvent, EventDetail, EventRef, Scope, When, Written};
use journeys::world::{PARTNER, WORK, World};
use serde_json::{Value, json};

use crate::caldav;
use crate::support::{at_google, at_microsoft, text, titled, unchanged, wall, writes};

/// Deleted, and gone at the provider.
async fn deleted(world: &World, event: &EventRef, scope: Option<Scope>) -> Written {
    let delete = DeleteEvent { event: event.clone(), scope, guests_confirmed: true };
    let written = world.call(Call::DeleteEvent(delete)).await.unwrap();
    world.advance(chrono::TimeDelta::minutes(1));
    world.sync().await.unwrap();
    written
}

/// The person is asked about the guests first.
async fn taken_back(world: &World, journal: i64, guests: usize) -> Written {
    let before = writes(world);
    let refused: Problem =
        world.engine.call(Call::Undo(Undo { journal, guests_confirmed: false })).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::AskAboutGuests);
    assert_eq!(refused.params["guests"], guests.to_string());
    world.sync().await.unwrap();
    assert_eq!(writes(world), before, "nothing is sent before the person has answered");
    back(world, journal, true).await
}

async fn back(world: &World, journal: i64, guests_confirmed: bool) -> Written {
    let written = world.call(Call::Undo(Undo { journal, guests_confirmed })).await.unwrap();
    world.sync().await.unwrap();
    written
}

async fn entry(world: &World, id: i64) -> JournalEntry {
    let query = JournalQuery { limit: 50, before: None };
    let entries: Vec<JournalEntry> = world.call(Call::Journal(query)).await.unwrap();
    entries.into_iter().find(|entry| entry.id == id).unwrap()
}

async fn settles(world: &World) {
    let before = writes(world);
    world.sync().await.unwrap();
    assert_eq!(writes(world), before, "a second run writes nothing");
}

fn mails(world: &World) -> Vec<String> {
    world.sandbox.control().mail().into_iter().map(|mail| mail.about).collect()
}

fn supplier_meeting() -> Value {
    json!({
        "attendees": [
            { "email": WORK, "responseStatus": "accepted" },
            { "email": "jonas@liftworks.example", "displayName": "Jonas", "responseStatus": "declined" },
        ],
        "attachments": [{ "fileUrl": "https://drive.example/1", "title": "Plan", "mimeType": "text/plain" }],
        "conferenceData": { "createRequest": { "requestId": "abc-defg-hij" } },
        "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 3 }] },
        "extendedProperties": { "private": { "other-program": "7" }, "shared": { "ours": "8" } },
        "colorId": "5", "guestsCanModify": true, "visibility": "private",
    })
}

/// What stays of an event when its identity, its times of writing and what was once asked of a conference are left out.
fn substance(event: &Value) -> Value {
    let mut event = event.clone();
    let own = ["id", "etag", "iCalUID", "htmlLink", "created", "updated", "sequence"];
    let members = event.as_object_mut().unwrap();
    members.retain(|name, value| !own.contains(&name.as_str()) && value != "");
    if let Some(conference) = event.get_mut("conferenceData").and_then(Value::as_object_mut) {
        conference.remove("createRequest");
    }
    event
}

#[tokio::test]
async fn a_meeting_at_google_comes_back_with_all_that_it_had_and_mails_nobody() {
    let world = World::week().await.unwrap();
    world.sandbox.google().edit(WORK, WORK, "suppliercall01", supplier_meeting()).unwrap();
    world.sync().await.unwrap();
    let before = at_google(&world, WORK, WORK, "Supplier call").remove(0);
    let event = titled(&world, "Supplier call").await.remove(0).event;
    let gone = deleted(&world, &event, None).await;
    assert!(at_google(&world, WORK, WORK, "Supplier call").is_empty());
    assert_eq!(entry(&world, gone.journal).await.lost, []);
    let written = taken_back(&world, gone.journal, 1).await;
    assert_eq!(written.lost, []);
    let after = at_google(&world, WORK, WORK, "Supplier call").remove(0);
    assert_ne!(text(&after, "/id"), text(&before, "/id"), "the id of a deleted event stays used up");
    assert_eq!(substance(&after), substance(&before));
    assert!(mails(&world).is_empty(), "{:?}", mails(&world));
    let shown: EventDetail = world.call(Call::Event(written.event)).await.unwrap();
    assert_eq!(shown.details.attendees.len(), 2);
    settles(&world).await;
}

#[tokio::test]
async fn an_invitation_at_google_comes_back_as_an_event_of_the_owners_own_and_the_person_is_told() {
    let world = World::week().await.unwrap();
    let invitation = json!({
        "summary": "Board", "start": { "dateTime": "2026-03-03T20:00:00Z" }, "end": { "dateTime": "2026-03-03T21:00:00Z" },
        "iCalUID": "board@else.example", "organizer": { "email": "chair@else.example" },
        "attendees": [{ "email": "chair@else.example" }, { "email": WORK, "responseStatus": "accepted" }],
        "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 3 }] },
    });
    world.sandbox.google().invite(WORK, WORK, invitation).unwrap();
    world.sync().await.unwrap();
    let event = titled(&world, "Board").await.remove(0).event;
    let gone = deleted(&world, &event, None).await;
    assert_eq!(entry(&world, gone.journal).await.lost, [Lost::Invitation], "said before it is done");
    let written = back(&world, gone.journal, false).await;
    assert_eq!(written.lost, [Lost::Invitation], "and with the answer");
    let after = at_google(&world, WORK, WORK, "Board").remove(0);
    assert!(after.get("attendees").is_none(), "{after}");
    assert_eq!(after["reminders"]["overrides"][0]["minutes"], 3);
    settles(&world).await;
}

fn socket_check() -> Value {
    let edge = |hour: u32| json!({ "dateTime": format!("2026-03-03T{hour:02}:00:00"), "timeZone": "UTC" });
    json!({
        "subject": "Socket check", "start": edge(15), "end": edge(16),
        "attendees": [
            { "type": "required", "emailAddress": { "name": "Li", "address": "li@garden.example" },
              "status": { "response": "accepted", "time": "2026-01-01T00:00:00Z" } },
            { "type": "optional", "emailAddress": { "name": "Jo", "address": "jo@garden.example" } },
        ],
        "categories": ["Red"], "importance": "high", "isReminderOn": true, "reminderMinutesBeforeStart": 5,
        "locations": [{ "displayName": "Room A" }, { "displayName": "Room B" }],
        "isOnlineMeeting": true, "hasAttachments": true,
    })
}

#[tokio::test]
async fn a_meeting_in_outlook_invites_its_people_anew_and_what_cannot_come_back_is_said() {
    let world = World::week().await.unwrap();
    world.sandbox.microsoft().insert(PARTNER, "Partner clinic", &socket_check()).unwrap();
    world.sync().await.unwrap();
    let before = at_microsoft(&world, PARTNER, "Partner clinic", "Socket check").remove(0);
    let event = titled(&world, "Socket check").await.remove(0).event;
    let gone = deleted(&world, &event, None).await;
    let posted = mails(&world).len();
    let lost = [Lost::Answers, Lost::Attachments, Lost::MeetingLink];
    assert_eq!(entry(&world, gone.journal).await.lost, lost);
    assert_eq!(taken_back(&world, gone.journal, 2).await.lost, lost);
    assert_eq!(mails(&world)[posted..], ["invitation", "invitation"]);
    let after = at_microsoft(&world, PARTNER, "Partner clinic", "Socket check").remove(0);
    let same = [
        "categories",
        "importance",
        "isReminderOn",
        "reminderMinutesBeforeStart",
        "locations",
        "isOnlineMeeting",
    ];
    for name in same {
        assert_eq!(after[name], before[name], "{name}");
    }
    let who = |event: &Value| {
        let people = event["attendees"].as_array().unwrap().iter();
        people.map(|one| (one["emailAddress"].clone(), one["type"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(who(&after), who(&before));
    assert_ne!(after["onlineMeeting"], before["onlineMeeting"]);
    settles(&world).await;
}

#[tokio::test]
async fn a_run_that_is_taken_back_names_what_comes_back_without_something() {
    let world = World::week().await.unwrap();
    world.sandbox.microsoft().insert(PARTNER, "Partner clinic", &socket_check()).unwrap();
    world.sync().await.unwrap();
    let event = titled(&world, "Socket check").await.remove(0).event;
    let gone = deleted(&world, &event, None).await;
    let run = entry(&world, gone.journal).await.run.unwrap();
    let asked: Problem =
        world.engine.call(Call::UndoRun(UndoRun { run, guests_confirmed: false })).await.unwrap_err();
    assert_eq!((asked.code, asked.params["guests"].as_str()), (ProblemCode::AskAboutGuests, "2"));
    let ended: RunUndone = world.call(Call::UndoRun(UndoRun { run, guests_confirmed: true })).await.unwrap();
    assert_eq!((ended.undone, ended.lost.len()), (1, 1));
    assert_eq!(ended.lost[0].title, "Socket check");
    assert!(ended.lost[0].lost.contains(&Lost::Attachments));
}

const RICH: &str = "ATTENDEE;PARTSTAT=DECLINED;X-NUM=7:mailto:other@x.example\r\n\
    CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=Jitsi:https://meet.example/abc\r\n\
    ATTACH;FILENAME=plan.pdf:https://files.example/42\r\nX-VENDOR-STATE;P=\"a:b\":kept\r\nCATEGORIES:Red";

/// The lines of a text that a new one must have again.
fn lasting(text: &str) -> Vec<String> {
    let own = ["UID", "DTSTAMP", "LAST-MODIFIED", "CREATED"];
    let lasts = |line: &&str| !own.contains(&line.split([':', ';']).next().unwrap());
    text.lines().filter(lasts).map(str::to_owned).collect()
}

fn texts(world: &World, containing: &str) -> Vec<String> {
    let all = world.sandbox.caldav().all(caldav::USER, "round");
    all.into_iter().map(|(_, text)| text).filter(|text| text.contains(containing)).collect()
}

#[tokio::test]
async fn a_resource_of_a_calendar_server_comes_back_line_for_line() {
    let (world, _) = caldav::connected().await;
    caldav::rewrite(&world, "visit.ics", "ATTENDEE:mailto:other@x.example", RICH);
    world.sync().await.unwrap();
    let before = texts(&world, "SUMMARY:Visit").remove(0);
    let event = titled(&world, "Visit").await.remove(0).event;
    let gone = deleted(&world, &event, None).await;
    assert!(texts(&world, "SUMMARY:Visit").is_empty());
    assert_eq!(taken_back(&world, gone.journal, 1).await.lost, []);
    let after = texts(&world, "SUMMARY:Visit").remove(0);
    assert_eq!(lasting(&after), lasting(&before));
    assert!(!after.contains("UID:visit"), "{after}");
    settles(&world).await;
}

#[tokio::test]
async fn a_series_of_a_calendar_server_comes_back_with_its_exceptions_and_an_occurrence_with_the_alarm_of_all()
 {
    let (world, _) = caldav::connected().await;
    caldav::rewrite(&world, "standup.ics", "RRULE:", "X-VENDOR-STATE:kept\r\nRRULE:");
    world.sync().await.unwrap();
    let before = texts(&world, "SUMMARY:Stand-up").remove(0);
    let days = titled(&world, "Stand-up").await;
    let gone = deleted(&world, &days[0].event, Some(Scope::All)).await;
    back(&world, gone.journal, false).await;
    let after = texts(&world, "SUMMARY:Stand-up").remove(0);
    assert_eq!(lasting(&after), lasting(&before));
    let starts =
        |items: &[daymark_engine::api::schedule::Item]| items.iter().map(|it| it.start).collect::<Vec<_>>();
    let again = titled(&world, "Stand-up").await;
    assert_eq!(starts(&again), starts(&days));
    settles(&world).await;
    let gone = deleted(&world, &again[0].event, None).await;
    back(&world, gone.journal, false).await;
    let single = texts(&world, "SUMMARY:Stand-up").into_iter().find(|text| !text.contains("RRULE")).unwrap();
    assert!(single.contains("X-VENDOR-STATE:kept"), "{single}");
    assert_eq!(starts(&titled(&world, "Stand-up").await), starts(&days));
}

#[tokio::test]
async fn a_waiting_deletion_is_taken_back_without_loss_or_question() {
    let world = World::week().await.unwrap();
    world.sandbox.microsoft().insert(PARTNER, "Partner clinic", &socket_check()).unwrap();
    world.sync().await.unwrap();
    let event = titled(&world, "Socket check").await.remove(0).event;
    let delete = DeleteEvent { event, scope: None, guests_confirmed: true };
    let gone: Written = world.call(Call::DeleteEvent(delete)).await.unwrap();
    assert_eq!(entry(&world, gone.journal).await.lost, []);
    assert_eq!(back(&world, gone.journal, false).await.lost, []);
    let detail: EventDetail =
        world.call(Call::Event(titled(&world, "Socket check").await.remove(0).event)).await.unwrap();
    assert_eq!(detail.guests.unwrap().provider, ProviderKind::Microsoft);
}

/// Renames an occurrence and all later ones, after the question about the guests.
async fn cut(world: &World, event: &EventRef, guests: Option<usize>) -> Written {
    let change = |guests_confirmed| {
        let (title, scope) = (Some("Later half".to_owned()), Some(Scope::Following));
        Call::ChangeEvent(ChangeEvent { title, scope, guests_confirmed, ..unchanged(event) })
    };
    if let Some(guests) = guests {
        let asked: Problem = world.engine.call(change(false)).await.unwrap_err();
        assert_eq!(
            (asked.code, asked.params["guests"].clone()),
            (ProblemCode::AskAboutGuests, guests.to_string())
        );
    }
    let written = world.call(change(guests.is_some())).await.unwrap();
    world.sync().await.unwrap();
    written
}

#[tokio::test]
async fn the_second_half_of_a_series_at_google_has_all_that_the_first_one_has() {
    let world = World::week().await.unwrap();
    let all = at_google(&world, WORK, WORK, "Team stand-up");
    let id = text(all.iter().find(|it| it.get("recurrence").is_some()).unwrap(), "/id");
    world.sandbox.google().edit(WORK, WORK, &id, supplier_meeting()).unwrap();
    world.sync().await.unwrap();
    let days = titled(&world, "Team stand-up").await;
    let written = cut(&world, &days[1].event, Some(1)).await;
    assert_eq!(written.lost, []);
    let first = world.sandbox.google().event(WORK, WORK, &id).unwrap();
    let halves = at_google(&world, WORK, WORK, "Later half");
    let second = halves.iter().find(|it| it.get("recurrence").is_some()).unwrap();
    for name in ["attendees", "attachments", "reminders", "extendedProperties", "colorId", "hangoutLink"] {
        assert_eq!(second[name], first[name], "{name}");
    }
    assert!(mails(&world).is_empty(), "{:?}", mails(&world));
    settles(&world).await;
    taken_back(&world, written.journal, 1).await;
    world.advance(chrono::TimeDelta::minutes(1));
    world.sync().await.unwrap();
    assert!(at_google(&world, WORK, WORK, "Later half").is_empty());
    settles(&world).await;
}

#[tokio::test]
async fn the_second_half_of_a_series_in_outlook_invites_its_people_and_what_it_lacks_is_said() {
    let world = World::week().await.unwrap();
    let mut series = socket_check();
    series["recurrence"] = json!({
        "pattern": { "type": "daily", "interval": 1 },
        "range": { "type": "numbered", "startDate": "2026-03-03", "numberOfOccurrences": 4, "recurrenceTimeZone": "UTC" },
    });
    world.sandbox.microsoft().insert(PARTNER, "Partner clinic", &series).unwrap();
    world.sync().await.unwrap();
    let days = titled(&world, "Socket check").await;
    let posted = mails(&world).len();
    let written = cut(&world, &days[1].event, Some(2)).await;
    assert_eq!(written.lost, [Lost::Answers, Lost::Attachments, Lost::MeetingLink]);
    assert_eq!(mails(&world)[posted..], ["update", "update", "invitation", "invitation"]);
    let second = at_microsoft(&world, PARTNER, "Partner clinic", "Later half").remove(0);
    assert_eq!(second["attendees"].as_array().unwrap().len(), 2);
    assert_eq!(second["categories"], json!(["Red"]));
    settles(&world).await;
}

#[tokio::test]
async fn the_second_half_of_a_resource_has_its_alarms_its_strange_lines_and_the_exceptions_behind_the_cut() {
    let (world, _) = caldav::connected().await;
    caldav::rewrite(&world, "standup.ics", "RRULE:", "X-VENDOR-STATE:kept\r\nRRULE:");
    caldav::rewrite(
        &world,
        "standup.ics",
        "DTSTART;TZID=America/Toronto:20260305T103000",
        "X-OF-ONE-DAY:kept too\r\nDTSTART;TZID=America/Toronto:20260305T103000",
    );
    world.sync().await.unwrap();
    let days = titled(&world, "Stand-up").await;
    let written = cut(&world, &days[1].event, None).await;
    assert_eq!(written.lost, []);
    let second = texts(&world, "SUMMARY:Later half").remove(0);
    assert!(second.contains("X-VENDOR-STATE:kept") && second.contains("X-OF-ONE-DAY:kept too"), "{second}");
    let starts =
        |items: &[daymark_engine::api::schedule::Item]| items.iter().map(|it| it.start).collect::<Vec<_>>();
    let mut again = titled(&world, "Stand-up").await;
    again.extend(titled(&world, "Later half").await);
    again.sort_by_key(|item| item.start);
    assert_eq!(starts(&again), starts(&days));
    settles(&world).await;
}

#[tokio::test]
async fn a_moved_occurrence_that_the_rest_of_its_series_is_cut_at_becomes_like_all_others() {
    let (world, _) = caldav::connected().await;
    let moved =
        titled(&world, "Stand-up").await.into_iter().find(|it| it.start == wall("2026-03-05T10:30:00"));
    let event = moved.unwrap().event;
    let when =
        Some(When { start: wall("2026-03-05T09:00:00"), end: wall("2026-03-05T09:15:00"), all_day: false });
    let (title, scope) = (Some("Later half".to_owned()), Some(Scope::Following));
    let change = ChangeEvent { title, when, scope, ..unchanged(&event) };
    let _: Written = world.call(Call::ChangeEvent(change)).await.unwrap();
    let starts = async || titled(&world, "Later half").await.iter().map(|it| it.start).collect::<Vec<_>>();
    let wanted = [wall("2026-03-05T09:00:00"), wall("2026-03-06T09:00:00")];
    assert_eq!(starts().await, wanted);
    world.sync().await.unwrap();
    world.sync().await.unwrap();
    assert_eq!(starts().await, wanted);
    settles(&world).await;
}
