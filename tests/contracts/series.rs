//! Series: their rule, what was moved, what was cancelled, and the two days of the clocks.

use chrono::TimeDelta;
use daymark_core::event::{Field, Fields, Original, RemoteId};
use daymark_core::time::{Instant, Interval, Span};
use daymark_remotes::calendar::{Draft, Patch, Target};
use daymark_remotes::error::RemoteError;

use crate::hands::At;
use crate::world::{HOME, World, at, draft, timed};

const MONDAYS: At<'static> = At::Timed { start: "2026-03-02T09:00:00", end: "2026-03-02T09:30:00" };

fn march() -> Interval {
    Interval::new(at("2026-03-01T00:00:00"), at("2026-03-31T00:00:00")).unwrap()
}

fn original(text: &str) -> Original {
    Original::At(at(text))
}

fn starts(texts: &[&str]) -> Vec<Instant> {
    texts.iter().map(|text| at(text)).collect()
}

impl World {
    fn starts(&self, master: &RemoteId) -> Vec<Instant> {
        self.seen.starts(master, march(), HOME)
    }

    /// A weekly series of Daymark's own, Mondays at nine.
    async fn write_weekly(&self) -> RemoteId {
        let mut draft: Draft = draft("Ours", timed("2026-03-02T09:00:00", "2026-03-02T09:30:00"));
        draft.fields.recurrence = vec!["RRULE:FREQ=WEEKLY;BYDAY=MO".into()];
        let made = self.provider.insert(&self.calendar(), &draft).await.unwrap();
        assert_eq!(made.event.fields.recurrence, draft.fields.recurrence);
        made.event.id
    }

    async fn move_to(&self, target: &Target, start: &str, end: &str) {
        let current = self.provider.get(&self.calendar(), target).await.unwrap().unwrap();
        let fields = Fields { span: timed(start, end), ..current.event.fields.clone() };
        let changed = vec![Field::Span];
        let patch = Patch { target: target.clone(), etag: current.event.etag.clone(), fields, changed };
        let patched = self.provider.patch(&self.calendar(), &patch).await.unwrap();
        assert_eq!(patched.event.fields.span, patch.fields.span);
        let Target::Occurrence { original, .. } = target else { panic!("an occurrence") };
        assert_eq!(patched.event.series.unwrap().original, *original);
    }
}

pub async fn a_series_arrives_with_its_moved_and_its_cancelled_occurrence(mut world: World) {
    let master = world.hands.insert_weekly("Stand-up", MONDAYS);
    let moved = At::Timed { start: "2026-03-10T15:00:00", end: "2026-03-10T15:30:00" };
    world.hands.move_occurrence(&master, &original("2026-03-09T09:00:00"), moved);
    world.hands.cancel_occurrence(&master, &original("2026-03-16T09:00:00"));
    world.pull().await;
    let expected =
        ["2026-03-02T09:00:00", "2026-03-10T15:00:00", "2026-03-23T09:00:00", "2026-03-30T09:00:00"];
    assert_eq!(world.starts(&master), starts(&expected));
}

pub async fn a_written_series_keeps_its_hour_over_the_change_of_clocks(mut world: World) {
    let master = world.write_weekly().await;
    world.pull().await;
    let mondays = world.starts(&master);
    let expected = [
        "2026-03-02T09:00:00",
        "2026-03-09T09:00:00",
        "2026-03-16T09:00:00",
        "2026-03-23T09:00:00",
        "2026-03-30T09:00:00",
    ];
    assert_eq!(mondays, starts(&expected));
    assert_eq!(mondays[1] - mondays[0], TimeDelta::hours(7 * 24 - 1), "clocks went forward in between");
    let november = Interval::new(at("2026-10-26T00:00:00"), at("2026-11-08T00:00:00")).unwrap();
    let expected = ["2026-10-26T09:00:00", "2026-11-02T09:00:00"];
    assert_eq!(world.seen.starts(&master, november, HOME), starts(&expected));
}

pub async fn one_occurrence_is_moved_and_found_again(mut world: World) {
    let master = world.write_weekly().await;
    let target = Target::Occurrence { master: master.clone(), original: original("2026-03-16T09:00:00") };
    // As far as Exchange allows between its neighbours: it cannot be found near its original start any more.
    world.move_to(&target, "2026-03-20T17:00:00", "2026-03-20T18:00:00").await;
    world.move_to(&target, "2026-03-12T17:00:00", "2026-03-12T18:00:00").await;
    world.pull().await;
    let expected = [
        "2026-03-02T09:00:00",
        "2026-03-09T09:00:00",
        "2026-03-12T17:00:00",
        "2026-03-23T09:00:00",
        "2026-03-30T09:00:00",
    ];
    assert_eq!(world.starts(&master), starts(&expected));
}

pub async fn one_occurrence_is_cancelled_and_twice_does_no_harm(mut world: World) {
    let master = world.write_weekly().await;
    world.pull().await;
    let target = Target::Occurrence { master: master.clone(), original: original("2026-03-09T09:00:00") };
    for _ in 0..2 {
        world.provider.delete(&world.calendar(), &target, None).await.unwrap();
    }
    assert_eq!(world.provider.get(&world.calendar(), &target).await.unwrap(), None);
    world.pull().await;
    let expected =
        ["2026-03-02T09:00:00", "2026-03-16T09:00:00", "2026-03-23T09:00:00", "2026-03-30T09:00:00"];
    assert_eq!(world.starts(&master), starts(&expected));
}

pub async fn an_all_day_series_is_left_out_on_one_date(mut world: World) {
    let master = world.hands.insert_weekly("Office day", At::Days { start: "2026-03-02", end: "2026-03-03" });
    let second = Original::On("2026-03-09".parse().unwrap());
    let target = Target::Occurrence { master: master.clone(), original: second };
    world.provider.delete(&world.calendar(), &target, None).await.unwrap();
    world.pull().await;
    assert!(matches!(world.seen.titled("Office day").fields.span, Span::AllDay { .. }));
    assert!(world.seen.cancelled.contains(&(master.clone(), second)), "{:?}", world.seen.cancelled);
    let expected =
        ["2026-03-02T00:00:00", "2026-03-16T00:00:00", "2026-03-23T00:00:00", "2026-03-30T00:00:00"];
    assert_eq!(world.starts(&master), starts(&expected));
}

pub async fn a_deleted_series_goes_with_all_its_occurrences(mut world: World) {
    let master = world.hands.insert_weekly("Stand-up", MONDAYS);
    let moved = At::Timed { start: "2026-03-10T15:00:00", end: "2026-03-10T15:30:00" };
    world.hands.move_occurrence(&master, &original("2026-03-09T09:00:00"), moved);
    world.pull().await;
    world.hands.delete(&master);
    world.pull().await;
    assert!(world.seen.events.is_empty(), "{:?}", world.seen.titles());
}

pub async fn a_cancellation_made_elsewhere_arrives(mut world: World) {
    let master = world.hands.insert_weekly("Stand-up", MONDAYS);
    world.pull().await;
    world.hands.cancel_occurrence(&master, &original("2026-03-23T09:00:00"));
    world.pull().await;
    let expected =
        ["2026-03-02T09:00:00", "2026-03-09T09:00:00", "2026-03-16T09:00:00", "2026-03-30T09:00:00"];
    assert_eq!(world.starts(&master), starts(&expected));
}

pub async fn an_occurrence_that_nobody_touched_is_guarded_by_its_etag(world: World) {
    let master = world.write_weekly().await;
    let second = original("2026-03-09T09:00:00");
    let target = Target::Occurrence { master: master.clone(), original: second };
    let read = world.provider.get(&world.calendar(), &target).await.unwrap().unwrap();
    assert_eq!(read.event.fields.span, timed("2026-03-09T09:00:00", "2026-03-09T09:30:00"));
    assert_eq!(read.event.series.as_ref().unwrap().original, second);
    let elsewhere = At::Timed { start: "2026-03-10T15:00:00", end: "2026-03-10T15:30:00" };
    world.hands.move_occurrence(&master, &second, elsewhere);
    let fields = Fields { title: "Ours, alone".into(), ..read.event.fields };
    assert!(read.event.etag.is_some());
    let patch = Patch { target: target.clone(), etag: read.event.etag, fields, changed: vec![Field::Title] };
    let refused = world.provider.patch(&world.calendar(), &patch).await;
    assert!(matches!(refused, Err(RemoteError::Changed)), "{refused:?}");
    let stands = world.provider.get(&world.calendar(), &target).await.unwrap().unwrap();
    assert_eq!(stands.event.fields.span, timed("2026-03-10T15:00:00", "2026-03-10T15:30:00"));
}

/// Google keeps it, Exchange drops it with the old plan; after either it is there.
pub async fn what_differs_from_a_rule_can_be_written_again_under_a_new_one(mut world: World) {
    let master = world.write_weekly().await;
    let moved = Target::Occurrence { master: master.clone(), original: original("2026-03-09T09:00:00") };
    let gone = Target::Occurrence { master: master.clone(), original: original("2026-03-16T09:00:00") };
    world.move_to(&moved, "2026-03-10T15:00:00", "2026-03-10T15:30:00").await;
    world.provider.delete(&world.calendar(), &gone, None).await.unwrap();
    let whole = Target::Event(master.clone());
    let current = world.provider.get(&world.calendar(), &whole).await.unwrap().unwrap();
    let recurrence = vec!["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260324T035959Z".to_owned()];
    let fields = Fields { recurrence, ..current.event.fields };
    let etag = current.event.etag;
    let patch = Patch { target: whole, etag, fields, changed: vec![Field::Recurrence] };
    world.provider.patch(&world.calendar(), &patch).await.unwrap();
    world.move_to(&moved, "2026-03-10T15:00:00", "2026-03-10T15:30:00").await;
    world.provider.delete(&world.calendar(), &gone, None).await.unwrap();
    world.pull().await;
    let expected = ["2026-03-02T09:00:00", "2026-03-10T15:00:00", "2026-03-23T09:00:00"];
    assert_eq!(world.starts(&master), starts(&expected));
}
