//! The rules of copies, one by one.

mod random;
mod world;

use chrono::TimeDelta;

use super::*;
use world::{World, hour, now, tag};

fn two() -> World {
    let mut world = World::mesh(2);
    world.event(1, 24);
    world.settle();
    world
}

#[test]
fn a_busy_time_stands_once_on_every_other_calendar() {
    let mut world = World::mesh(3);
    world.event(1, 24);
    world.settle();
    assert_eq!([1, 2, 3].map(|calendar| world.copies(calendar).len()), [0, 1, 1]);
    let copy = world.copies(2)[0];
    assert_eq!((copy.title.as_str(), copy.visibility), (BUSY, Visibility::Private));
    assert_eq!((copy.location.as_str(), copy.description.as_str()), ("", ""));
}

#[test]
fn a_moved_source_moves_its_copy_in_place() {
    let mut world = two();
    world.source().times = hour(30);
    let writes = world.writes();
    let [Op::Update { changed, .. }] = writes.as_slice() else { panic!("{writes:?}") };
    assert_eq!(*changed, [Field::Span, Field::Marks]);
    world.settle();
    assert_eq!(world.copies(2)[0].times, hour(30));
}

#[test]
fn a_source_that_is_gone_or_free_takes_its_copy_along() {
    for change in [Status::Cancelled, Status::Confirmed] {
        let mut world = two();
        let source = world.source();
        source.status = change;
        source.show_as = ShowAs::Free;
        world.settle();
        assert!(world.copies(2).is_empty());
    }
    let mut world = two();
    world.events.retain(|it| it.mark != Mark::None);
    world.settle();
    assert!(world.copies(2).is_empty());
}

#[test]
fn a_failed_fetch_deletes_nothing() {
    let filters = Filters::default();
    for counts in [Counts::Unknown, Counts::Yes { filters, complete: false }] {
        let mut world = two();
        world.events.retain(|it| it.mark != Mark::None);
        world.counts(1, counts);
        assert_eq!(world.plan().ops, vec![]);
    }
}

#[test]
fn a_calendar_that_is_no_longer_ours_deletes_nothing() {
    let mut world = two();
    world.events.retain(|it| it.mark != Mark::None);
    world.calendars.retain(|it| it.key != 1);
    assert_eq!(world.plan().ops, vec![]);
}

#[test]
fn an_event_whose_absence_says_nothing_keeps_its_copies() {
    let mut world = two();
    let event = world.source().tag.unwrap();
    world.events.retain(|it| it.mark != Mark::None);
    world.unsure.insert((tag(1), event));
    assert_eq!(world.writes(), vec![]);
}

#[test]
fn a_calendar_that_no_longer_counts_takes_back_what_it_gave() {
    let mut world = two();
    world.counts(1, Counts::No);
    world.settle();
    assert!(world.copies(2).is_empty());
}

#[test]
fn a_windows_edge_never_means_deletion() {
    let mut world = two();
    let long_ago = hour(-24 * 10);
    world.event(1, -24 * 10);
    world.settle();
    assert_eq!(world.copies(2).len(), 1, "the past gets no copies");
    let copy = world.copy(2);
    copy.times = long_ago;
    let Mark::Copy(marker) = &mut copy.mark else { panic!() };
    marker.times = long_ago;
    world.events.retain(|it| it.mark != Mark::None);
    assert!(!world.plan().ops.iter().any(Op::writes), "a copy in the past is left alone");
}

#[test]
fn a_copy_deleted_by_hand_stays_deleted_until_its_source_changes_its_time() {
    let mut world = two();
    world.events.retain(|it| it.mark == Mark::None);
    world.settle();
    assert!(world.copies(2).is_empty());
    world.source().title = "Renamed".into();
    world.settle();
    assert!(world.copies(2).is_empty());
    world.source().times = hour(40);
    world.settle();
    assert_eq!(world.copies(2).len(), 1);
}

#[test]
fn a_lost_database_finds_its_copies_by_their_markers() {
    let mut world = two();
    world.links.clear();
    assert_eq!(world.writes(), vec![]);
    world.settle();
    assert_eq!(world.links.len(), 1);
}

#[test]
fn an_orphan_goes_although_the_database_was_lost() {
    let mut world = two();
    world.links.clear();
    world.events.retain(|it| it.mark != Mark::None);
    world.settle();
    assert!(world.copies(2).is_empty());
}

#[test]
fn a_copy_of_a_copy_is_left_alone_and_counts_as_an_event() {
    let mut world = two();
    let mut made = world.copies(2)[0].clone();
    (made.event, made.unit, made.times) = (999, 999, hour(50));
    (made.remote_id, made.uid, made.tag) = ("made".into(), "made".into(), Some(Tag::of_event("made")));
    world.events.push(made);
    world.settle();
    assert_eq!(world.copies(2).len(), 2);
    assert_eq!(world.copies(1).len(), 1, "it blocks others as any event does");
    world.events.retain(|it| it.mark != Mark::None);
    world.settle();
    assert_eq!(world.copies(2).iter().map(|it| it.event).collect::<Vec<_>>(), [999]);
}

#[test]
fn a_copy_moved_by_hand_goes_back_and_is_its_movers_once_nothing_asks_for_it() {
    let mut world = two();
    world.copy(2).times = hour(70);
    world.settle();
    assert_eq!(world.copies(2)[0].times, hour(24));
    world.copy(2).times = hour(70);
    world.events.retain(|it| it.mark != Mark::None);
    assert!(!world.writes().iter().any(|op| matches!(op, Op::Delete { .. })));
}

#[test]
fn another_installations_copies_are_no_sources() {
    let mut world = World::mesh(2);
    let source = Source { calendar: Tag::of("theirs", &[]), event: Tag::of_event("x"), original: None };
    world.event(1, 24).mark =
        Mark::Copy(Marker { source, target: Tag::of("their calendar", &[]), times: hour(24) });
    world.event(1, 26).mark = Mark::Unreadable;
    assert_eq!(world.plan().ops, vec![]);
}

#[test]
fn one_meeting_seen_through_two_providers_has_one_copy_and_none_where_it_stands() {
    let mut world = World::mesh(3);
    world.event(1, 24).uid = "meeting".into();
    world.event(2, 24).uid = "meeting".into();
    world.settle();
    assert_eq!([1, 2, 3].map(|calendar| world.copies(calendar).len()), [0, 0, 1]);
    let first = world.source().event;
    world.events.retain(|it| it.event != first);
    world.settle();
    assert_eq!([1, 2, 3].map(|calendar| world.copies(calendar).len()), [1, 0, 1]);
}

#[test]
fn a_meeting_that_was_declined_where_it_stands_is_blocked_there() {
    let mut world = World::mesh(2);
    world.event(1, 24).uid = "meeting".into();
    let other = world.event(2, 24);
    (other.uid, other.answer) = ("meeting".into(), Answer::Declined);
    world.settle();
    assert_eq!(world.copies(2).len(), 1);
}

#[test]
fn a_calendar_seen_through_two_accounts_gets_one_copy_and_gives_one() {
    let mut world = World::mesh(3);
    world.calendars[2].real = world.calendars[1].real;
    world.event(1, 24);
    world.settle();
    assert_eq!(world.copies(2).len() + world.copies(3).len(), 1);
    let mut seen = world.copies(2)[0].clone();
    (seen.calendar, seen.event, seen.unit) = (3, 998, 998);
    world.events.push(seen);
    assert_eq!(world.writes(), vec![], "the same copy through the other account is no event");
}

#[test]
fn a_series_that_moves_as_a_whole_moves_its_copies_in_place() {
    let mut world = World::mesh(2);
    for day in 1..=30 {
        let occurrence = world.event(1, 24 * day);
        occurrence.tag = Some(Tag::of_event("series"));
        occurrence.original = Some(Original::At(now() + TimeDelta::hours(24 * day)));
    }
    world.settle();
    for occurrence in world.events.iter_mut().filter(|it| it.mark == Mark::None) {
        let Times::At(start, end) = occurrence.times else { panic!() };
        let later = TimeDelta::hours(2);
        occurrence.times = Times::At(start + later, end + later);
        occurrence.original = Some(Original::At(start + later));
    }
    assert!(world.writes().iter().all(|op| matches!(op, Op::Update { .. })));
    world.settle();
    assert_eq!(world.copies(2).len(), 30);
}

#[test]
fn the_second_half_of_a_cut_series_that_moves_takes_its_copies_along_in_place() {
    let mut world = World::mesh(2);
    for day in 1..=30 {
        let occurrence = world.event(1, 24 * day);
        occurrence.tag = Some(Tag::of_event("series"));
        occurrence.original = Some(Original::At(now() + TimeDelta::hours(24 * day)));
    }
    world.settle();
    let later = TimeDelta::hours(2);
    for occurrence in world.events.iter_mut().filter(|it| it.mark == Mark::None).skip(10) {
        let Times::At(start, end) = occurrence.times else { panic!() };
        occurrence.tag = Some(Tag::of_event("second half"));
        occurrence.times = Times::At(start + later, end + later);
        occurrence.original = Some(Original::At(start + later));
    }
    let writes = world.writes();
    assert_eq!(writes.len(), 20);
    assert!(writes.iter().all(|op| matches!(op, Op::Update { .. })), "{writes:?}");
    world.settle();
    assert_eq!(world.copies(2).len(), 30);
}

#[test]
fn an_event_that_goes_gives_its_copy_to_no_other_event() {
    let mut world = two();
    let source = world.source();
    source.tag = Some(Tag::of_event("another"));
    let Times::At(start, end) = source.times else { panic!() };
    source.times = Times::At(start + TimeDelta::hours(2), end + TimeDelta::hours(2));
    let writes = world.writes();
    assert!(matches!(&*writes, [Op::Create { .. }, Op::Delete { .. }]), "{writes:?}");
}

#[test]
fn an_event_that_got_another_id_keeps_its_copy() {
    let mut world = two();
    let source = world.source();
    source.tag = Some(Tag::of_event("split"));
    let writes = world.writes();
    let [Op::Update { changed, .. }] = writes.as_slice() else { panic!("{writes:?}") };
    assert_eq!(*changed, [Field::Marks]);
}

#[test]
fn filters_choose_what_blocks_and_the_rest_is_counted() {
    let at = |filters: Filters, change: fn(&mut Occurrence)| {
        let mut world = World::mesh(2);
        change(world.event(1, 24));
        world.counts(1, Counts::Yes { filters, complete: true });
        let plan = world.plan();
        (plan.ops.len(), plan.ignored.get(&1).copied().unwrap_or_default())
    };
    let default = Filters::default();
    let free: fn(&mut Occurrence) = |it| it.show_as = ShowAs::Free;
    let tentative: fn(&mut Occurrence) = |it| it.status = Status::Tentative;
    let whole: fn(&mut Occurrence) = |it| it.times = "2026-03-04/2026-03-05".parse().unwrap();
    assert_eq!(at(default, free), (0, 1));
    assert_eq!(at(Filters { free: true, ..default }, free), (1, 0));
    assert_eq!(at(default, tentative), (1, 0));
    assert_eq!(at(Filters { tentative: false, ..default }, tentative), (0, 1));
    assert_eq!(at(default, whole), (1, 0));
    assert_eq!(at(Filters { all_day: false, ..default }, whole), (0, 1));
    assert_eq!(at(Filters { hours_only: true, ..default }, |_| ()), (0, 1));
}

#[test]
fn only_what_touches_the_hours_blocks_when_the_person_says_so() {
    let mut world = World::mesh(2);
    let open = |from: i64, to: i64| {
        Interval::new(now() + TimeDelta::hours(from), now() + TimeDelta::hours(to)).unwrap()
    };
    world.hours = vec![open(20, 24), open(26, 30)];
    world.counts(
        1,
        Counts::Yes { filters: Filters { hours_only: true, ..Filters::default() }, complete: true },
    );
    world.event(1, 24);
    world.event(1, 26);
    world.settle();
    assert_eq!(world.copies(2).iter().map(|it| it.times).collect::<Vec<_>>(), [hour(26)]);
}

#[test]
fn privacy_says_what_a_copy_tells_and_a_private_source_tells_nothing() {
    let told = |privacy, visibility| {
        let mut world = World::mesh(2);
        world.calendars[1].receives = Receives::Yes(privacy);
        world.event(1, 24).visibility = visibility;
        world.settle();
        let copy = world.copies(2)[0];
        (copy.title.clone(), copy.location.clone(), copy.visibility)
    };
    let title = || "Meeting 101".to_owned();
    assert_eq!(told(Privacy::Title, Visibility::Public), (title(), String::new(), Visibility::Default));
    assert_eq!(told(Privacy::All, Visibility::Default), (title(), "Elm Street".into(), Visibility::Default));
    let hidden = (BUSY.to_owned(), String::new(), Visibility::Private);
    assert_eq!(told(Privacy::All, Visibility::Private), hidden);
}

#[test]
fn texts_that_a_provider_rewrites_are_not_written_again() {
    let mut world = World::mesh(2);
    world.calendars[1].receives = Receives::Yes(Privacy::All);
    world.event(1, 24);
    world.settle();
    let copy = world.copy(2);
    copy.description = "<p>Bring the forms</p>".into();
    assert_eq!(world.writes(), vec![]);
    world.source().description = "Bring nothing".into();
    assert_eq!(world.writes().len(), 1, "new words are");
}

#[test]
fn a_provider_that_makes_something_else_of_a_time_is_not_asked_for_ever() {
    let mut world = two();
    let mut written = 0;
    for _ in 0..20 {
        world.copy(2).times = hour(25);
        written += world.run();
    }
    assert_eq!(written, 3);
}

#[test]
fn a_kept_copy_is_not_touched_until_its_source_changes_its_time() {
    let mut world = two();
    world.links[0].kept = true;
    world.copy(2).show_as = ShowAs::Free;
    assert_eq!(world.writes(), vec![]);
    world.source().times = hour(60);
    world.settle();
    assert_eq!((world.copies(2)[0].times, world.links[0].kept), (hour(60), false));
    world.links[0].kept = true;
    world.events.retain(|it| it.mark != Mark::None);
    assert_eq!(world.plan().ops, vec![]);
}

#[test]
fn a_kept_copy_names_its_source_as_soon_as_that_is_known() {
    let mut world = two();
    (world.links[0].kept, world.links[0].from) = (true, (0, 0));
    let source = (world.source().calendar, world.source().unit);
    assert_eq!(world.run(), 0);
    assert_eq!((world.links[0].from, world.links[0].kept), (source, true));
    assert_eq!(world.plan().ops, vec![]);
}

#[test]
fn a_plan_follows_from_what_is_known_in_any_order() {
    let mut world = World::mesh(3);
    for at in 1..40 {
        world.event(at % 3 + 1, at * 5);
    }
    let ops = world.plan().ops;
    world.events.reverse();
    assert_eq!(world.plan().ops, ops);
}
