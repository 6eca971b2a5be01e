//! Writing single events, and never twice.

use std::collections::BTreeMap;

use daymark_core::event::{Field, Fields, RemoteId, ShowAs, Visibility, marks};
use daymark_core::rest::{People, Rest};
use daymark_core::time::Span;
use daymark_remotes::calendar::{Draft, Patch, RemoteEvent, Target};
use daymark_remotes::error::RemoteError;
use daymark_sandbox::faults::Kind;
use serde_json::{Value, json};

use crate::hands::At;
use crate::world::{World, draft, timed};

fn visit() -> Draft {
    let mut draft = draft("Visit", timed("2026-03-03T09:00:00", "2026-03-03T10:00:00"));
    draft.fields.location = "12 Elm St".into();
    draft.fields.description = "Bring forms\nand keys".into();
    draft.fields.marks = BTreeMap::from([(marks::BOOKING.to_owned(), "b7".to_owned())]);
    draft
}

fn patch(made: &RemoteEvent, fields: Fields) -> Patch {
    let changed = made.event.fields.diff(&fields);
    Patch { target: Target::Event(made.event.id.clone()), etag: made.event.etag.clone(), fields, changed }
}

impl World {
    async fn insert(&self, draft: &Draft) -> Result<RemoteEvent, RemoteError> {
        self.provider.insert(&self.calendar(), draft).await
    }

    async fn get(&self, id: &RemoteId) -> Option<RemoteEvent> {
        self.provider.get(&self.calendar(), &Target::Event(id.clone())).await.unwrap()
    }

    async fn patch(&self, patch: &Patch) -> Result<RemoteEvent, RemoteError> {
        self.provider.patch(&self.calendar(), patch).await
    }
}

pub async fn an_inserted_event_is_there_with_its_marks_and_nobody_is_mailed(mut world: World) {
    let made = world.insert(&visit()).await.unwrap();
    assert_eq!(made.event.fields, visit().fields);
    assert!(made.event.etag.is_some());
    assert_eq!(world.get(&made.event.id).await.unwrap().event.fields, visit().fields);
    world.pull().await;
    assert_eq!(world.seen.titled("Visit").fields, visit().fields);
    assert!(world.control().mail().is_empty());
}

pub async fn a_lost_answer_makes_no_second_event(world: World) {
    world.arm("POST", Kind::LoseAnswer);
    // Either the client tries again on its own, or its caller does.
    let made = match world.insert(&visit()).await {
        Ok(made) => made,
        Err(failure) => {
            assert!(failure.leaves_outcome_unknown(), "{failure:?}");
            world.insert(&visit()).await.unwrap()
        }
    };
    assert_eq!(made.event.fields, visit().fields);
    assert_eq!(world.hands.live_titles(), ["Visit"]);
}

pub async fn the_same_draft_twice_is_one_event(world: World) {
    let first = world.insert(&visit()).await.unwrap();
    let second = world.insert(&visit()).await.unwrap();
    assert_eq!(first.event.id, second.event.id);
    assert_eq!(second.event.fields, visit().fields);
    assert_eq!(world.hands.live_titles(), ["Visit"]);
}

/// What other programs may have added to an event since it was made.
fn enriched(raw: &Value) -> Value {
    if let Some(text) = raw.get("ics").and_then(Value::as_str) {
        let more = "X-VENDOR-STATE:kept\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Soon\r\nTRIGGER:-PT7M\r\nEND:VALARM\r\n";
        return json!({ "ics": text.replace("END:VEVENT", &format!("{more}END:VEVENT")) });
    }
    let mut raw = raw.clone();
    let reminders = json!({ "useDefault": false, "overrides": [{ "method": "popup", "minutes": 7 }] });
    let more = json!({
        "colorId": "5", "reminders": reminders,
        "categories": ["Red"], "isReminderOn": true, "reminderMinutesBeforeStart": 7,
    });
    raw.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    raw
}

fn has_more(raw: &Value) -> bool {
    match raw.get("ics").and_then(Value::as_str) {
        Some(text) => text.contains("X-VENDOR-STATE:kept") && text.contains("TRIGGER:-PT7M"),
        None if raw.get("subject").is_some() => {
            raw["categories"] == json!(["Red"]) && raw["reminderMinutesBeforeStart"] == 7
        }
        None => raw["colorId"] == "5" && raw["reminders"]["overrides"][0]["minutes"] == 7,
    }
}

pub async fn what_was_deleted_is_made_anew_with_what_was_said_of_it(world: World) {
    let first = world.insert(&visit()).await.unwrap();
    let target = Target::Event(first.event.id.clone());
    world.provider.delete(&world.calendar(), &target, first.event.etag.as_deref()).await.unwrap();
    let rest = Rest::new(enriched(&first.raw), People::ComeAlong);
    let again = Draft { derived_id: "fedcba9876543210fedcba9876543210".into(), rest: Some(rest), ..visit() };
    let made = world.insert(&again).await.unwrap();
    assert_ne!(made.event.id, first.event.id);
    assert_eq!(made.event.fields, visit().fields);
    let found = world.get(&made.event.id).await.unwrap();
    assert!(has_more(&found.raw), "{}", found.raw);
    assert_eq!(world.insert(&again).await.unwrap().event.id, made.event.id, "sent twice, it is one");
    assert_eq!(world.hands.live_titles(), ["Visit"]);
    assert!(world.control().mail().is_empty());
}

pub async fn what_a_draft_made_is_found_whatever_the_answer_was(world: World) {
    let draft = visit();
    let made = async || world.provider.made_from(&world.calendar(), &draft.derived_id).await.unwrap();
    assert_eq!(made().await, None, "nothing yet");
    world.hands.insert("Visit", At::Timed { start: "2026-03-03T09:00:00", end: "2026-03-03T10:00:00" });
    assert_eq!(made().await, None, "what somebody else made is not ours");
    for _ in 0..2 {
        let inserted = world.insert(&draft).await.unwrap();
        assert_eq!(made().await.unwrap().event.id, inserted.event.id);
        // Its id may stay taken, so the next one is made under another.
        world.hands.delete(&inserted.event.id);
        assert_eq!(made().await, None, "deleted");
    }
    let calendar = world.calendar();
    world.hands.hide_calendar();
    assert!(world.provider.made_from(&calendar, &draft.derived_id).await.is_err(), "nothing is known of it");
}

pub async fn a_patch_touches_only_what_it_names(world: World) {
    let made = world.insert(&visit()).await.unwrap();
    world.hands.decorate(&made.event.id);
    let before = world.hands.held(&made.event.id);
    let current = world.get(&made.event.id).await.unwrap();
    let renamed =
        Fields { title: "Home visit".into(), show_as: ShowAs::Free, ..current.event.fields.clone() };
    let patched = world.patch(&patch(&current, renamed.clone())).await.unwrap();
    assert_eq!(patched.event.fields, renamed);
    let back = patch(&patched, visit().fields);
    assert_eq!(back.changed, [Field::Title, Field::ShowAs]);
    world.patch(&back).await.unwrap();
    assert_eq!(world.hands.held(&made.event.id), before);
    assert!(world.control().mail().is_empty());
}

pub async fn a_stale_etag_is_refused_and_nothing_is_overwritten(world: World) {
    let made = world.insert(&visit()).await.unwrap();
    world.hands.rename(&made.event.id, "Theirs");
    let ours = Fields { title: "Ours".into(), ..made.event.fields.clone() };
    let refused = world.patch(&patch(&made, ours)).await;
    assert!(matches!(refused, Err(RemoteError::Changed)), "{refused:?}");
    let target = Target::Event(made.event.id.clone());
    let refused = world.provider.delete(&world.calendar(), &target, made.event.etag.as_deref()).await;
    assert!(matches!(refused, Err(RemoteError::Changed)), "{refused:?}");
    assert_eq!(world.hands.live_titles(), ["Theirs"]);
}

pub async fn deleting_twice_is_deleting_once(mut world: World) {
    let made = world.insert(&visit()).await.unwrap();
    world.pull().await;
    let target = Target::Event(made.event.id.clone());
    for _ in 0..2 {
        world.provider.delete(&world.calendar(), &target, made.event.etag.as_deref()).await.unwrap();
    }
    assert!(world.hands.live_titles().is_empty());
    world.pull().await;
    assert!(world.seen.events.is_empty());
}

pub async fn a_deleted_event_is_not_found_again(world: World) {
    let made = world.insert(&visit()).await.unwrap();
    world.hands.delete(&made.event.id);
    assert_eq!(world.get(&made.event.id).await, None);
    let renamed = Fields { title: "Ours".into(), ..made.event.fields.clone() };
    assert!(world.patch(&patch(&made, renamed)).await.is_err());
    assert!(world.hands.live_titles().is_empty(), "a late patch revives nothing");
}

pub async fn an_event_of_a_calendar_out_of_sight_does_not_look_deleted(world: World) {
    let made = world.insert(&visit()).await.unwrap();
    let calendar = world.calendar();
    world.hands.hide_calendar();
    let target = Target::Event(made.event.id.clone());
    assert!(world.provider.get(&calendar, &target).await.is_err());
    assert!(world.provider.delete(&calendar, &target, None).await.is_err());
}

pub async fn whole_days_keep_their_dates(mut world: World) {
    let day = |text: &str| text.parse().unwrap();
    let span = Span::AllDay { start: day("2026-03-07"), end: day("2026-03-10") };
    let made = world.insert(&draft("Away", span.clone())).await.unwrap();
    assert_eq!(made.event.fields.span, span);
    world.hands.insert("Fair", At::Days { start: "2026-03-07", end: "2026-03-10" });
    world.pull().await;
    assert_eq!(world.seen.titled("Away").fields.span, span);
    assert_eq!(world.seen.titled("Fair").fields.span, span);
}

pub async fn both_hours_that_clocks_show_twice_are_told_apart(world: World) {
    for (id, start, end) in [
        ("a", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"),
        ("b", "2026-11-01T06:15:00Z", "2026-11-01T07:15:00Z"),
    ] {
        let zone = chrono_tz::America::Toronto;
        let span = Span::Timed { start: start.parse().unwrap(), end: end.parse().unwrap(), zone };
        let made = world.insert(&Draft { derived_id: id.repeat(32), ..draft("Night", span.clone()) }).await;
        let bounds = made.unwrap().event.fields.span.bounds(zone);
        assert_eq!(bounds, span.bounds(zone));
    }
}

pub async fn marks_are_known_again_from_nothing(mut world: World) {
    let made = world.insert(&visit()).await.unwrap();
    world.hands.insert("Unmarked", At::Timed { start: "2026-03-04T09:00:00", end: "2026-03-04T10:00:00" });
    world.hands.rename(&made.event.id, "Renamed elsewhere");
    world.forget();
    world.pull().await;
    assert_eq!(world.seen.titled("Renamed elsewhere").fields.marks, visit().fields.marks);
    assert!(world.seen.titled("Unmarked").fields.marks.is_empty());
    let private = Fields { visibility: Visibility::Private, ..visit().fields };
    let current = world.get(&made.event.id).await.unwrap();
    let patched = world.patch(&patch(&current, private)).await.unwrap();
    assert_eq!(patched.event.fields.marks, visit().fields.marks);
}

pub async fn a_read_only_calendar_refuses_writes(world: World) {
    let refused = world.provider.insert(&world.hands.read_only(), &visit()).await;
    assert!(matches!(refused, Err(RemoteError::Forbidden { .. })), "{refused:?}");
}
