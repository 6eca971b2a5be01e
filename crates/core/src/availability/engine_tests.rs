//! Facts about the engine as a whole, and rules that hold for every schedule and every busy list.

use chrono::{DateTime, TimeDelta, Timelike};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::intervals::subtract;
use super::*;
use crate::time::{Instant, Interval, wall};

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn span(from: &str, to: &str) -> Interval {
    Interval::new(instant(from), instant(to)).unwrap()
}

/// Every day from nine to twelve and from one to five in UTC.
fn schedule() -> Schedule {
    let block = |from: &str, to: &str| Block::new(from.parse().unwrap(), to.parse().unwrap());
    Schedule {
        week: std::array::from_fn(|_| vec![block("09:00", "17:00")]),
        breaks: std::array::from_fn(|_| vec![block("12:00", "13:00")]),
        ..Schedule::closed(Tz::UTC)
    }
}

fn explain(rules: &Rules, taken: &[Taken], start: &str) -> Verdict {
    let mut schedule = schedule();
    schedule.out_of_office.insert("2026-03-05".parse().unwrap());
    let query = Query {
        schedule: &schedule,
        rules,
        taken,
        now: instant("2026-03-02T08:00:00Z"),
        horizon: span("2026-03-02T00:00:00Z", "2026-03-16T00:00:00Z"),
    };
    Plan::new(query).explain(instant(start))
}

fn refused(rules: &Rules, taken: &[Taken], start: &str) -> Reason {
    match explain(rules, taken, start) {
        Verdict::Refused(reason) => reason,
        Verdict::Offered => panic!("{start} is offered"),
    }
}

#[test]
fn every_refusal_names_its_reason() {
    let mut rules = Rules::new(60);
    rules.notice_min = 120;
    rules.buffer_before_min = 30;
    rules.window = Window::Rolling { days: 6, business_days: false };
    rules.limits = vec![Limit { per: Period::Day, most: Most::Visits(1) }];
    let taken = [
        Taken::event(span("2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z")),
        Taken::visit(span("2026-03-04T10:00:00Z", "2026-03-04T11:00:00Z"), By::Booking, &rules),
        Taken::visit(span("2026-03-06T10:00:00Z", "2026-03-06T11:00:00Z"), By::Request, &rules),
    ];
    let reason = |start: &str| refused(&rules, &taken, start);
    assert_eq!(reason("2026-03-02T07:00:00Z"), Reason::Past);
    assert_eq!(reason("2026-03-02T09:00:00Z"), Reason::Notice);
    assert_eq!(reason("2026-03-09T09:00:00Z"), Reason::OutsideWindow);
    assert_eq!(reason("2026-03-05T09:00:00Z"), Reason::OutOfOffice);
    assert_eq!(reason("2026-03-03T12:00:00Z"), Reason::Break);
    assert_eq!(reason("2026-03-03T17:00:00Z"), Reason::OutsideHours);
    assert_eq!(reason("2026-03-03T10:00:00Z"), Reason::Busy { which: 0 });
    assert_eq!(reason("2026-03-03T11:00:00Z"), Reason::Buffer { which: 0 });
    assert_eq!(reason("2026-03-04T10:00:00Z"), Reason::Claimed { which: 1 });
    assert_eq!(reason("2026-03-06T10:30:00Z"), Reason::Claimed { which: 2 });
    assert_eq!(reason("2026-03-04T15:00:00Z"), Reason::Limit { per: Period::Day });
    assert_eq!(reason("2026-03-03T14:10:00Z"), Reason::OffGrid);
    assert_eq!(explain(&rules, &taken, "2026-03-03T14:00:00Z"), Verdict::Offered);
}

#[test]
fn an_entry_shorter_than_the_visit_and_in_its_middle_refuses_it() {
    let taken = [Taken::event(span("2026-03-03T09:15:00Z", "2026-03-03T09:45:00Z"))];
    assert_eq!(refused(&Rules::new(60), &taken, "2026-03-03T09:00:00Z"), Reason::Busy { which: 0 });
}

#[test]
fn buffers_and_the_drive_overlap_instead_of_adding_up() {
    let mut rules = Rules::new(75);
    rules.visit.step_min = 15;
    rules.buffer_before_min = 15;
    rules.buffer_after_min = 15;
    // Ninety minutes between two visits take one of seventy-five with a quarter of an hour to spare.
    let taken = [
        Taken::visit(span("2026-03-03T13:00:00Z", "2026-03-03T14:00:00Z"), By::Booking, &rules),
        Taken::visit(span("2026-03-03T15:45:00Z", "2026-03-03T17:00:00Z"), By::Booking, &rules),
    ];
    assert_eq!(explain(&rules, &taken, "2026-03-03T14:15:00Z"), Verdict::Offered);
    let far = [Taken { travel_min: 20, ..taken[0] }, taken[1]];
    assert_eq!(refused(&rules, &far, "2026-03-03T14:15:00Z"), Reason::Buffer { which: 0 });
}

#[test]
fn a_days_notice_is_the_same_time_tomorrow_when_the_clocks_change() {
    let mut schedule = schedule();
    schedule.zone = "America/New_York".parse().unwrap();
    let rules = Rules { notice_min: 24 * 60, ..Rules::new(60) };
    let now = instant("2026-03-07T17:00:00Z");
    let horizon = span("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z");
    let query = Query { schedule: &schedule, rules: &rules, taken: &[], now, horizon };
    assert_eq!(query.earliest(), instant("2026-03-08T16:00:00Z"));
    assert_eq!(slots(&query).first(), Some(&instant("2026-03-08T17:00:00Z")));
}

#[test]
fn the_last_start_before_the_horizon_may_end_beyond_it() {
    let rules = Rules::new(60);
    let horizon = span("2026-03-03T00:00:00Z", "2026-03-03T16:30:00Z");
    let schedule = schedule();
    let now = instant("2026-03-02T00:00:00Z");
    let query = Query { schedule: &schedule, rules: &rules, taken: &[], now, horizon };
    assert_eq!(slots(&query).last(), Some(&instant("2026-03-03T16:00:00Z")));
}

#[test]
fn a_window_of_bookable_days_passes_over_days_without_a_free_time() {
    let rules = Rules { window: Window::BookableDays { days: 2, business_days: false }, ..Rules::new(60) };
    let schedule = schedule();
    let now = instant("2026-03-02T00:00:00Z");
    let horizon = span("2026-03-02T00:00:00Z", "2026-03-20T00:00:00Z");
    let taken = [Taken::event(span("2026-03-03T00:00:00Z", "2026-03-05T00:00:00Z"))];
    let query = Query { schedule: &schedule, rules: &rules, taken: &taken, now, horizon };
    assert_eq!(slots(&query).last(), Some(&instant("2026-03-05T16:00:00Z")));
}

#[derive(Clone, Debug)]
struct World {
    schedule: Schedule,
    rules: Rules,
    taken: Vec<Taken>,
    now: Instant,
}

impl World {
    fn query(&self) -> Query<'_> {
        let World { schedule, rules, taken, now } = self;
        // Around the spring change in Europe and America.
        let horizon = span("2026-03-06T00:00:00Z", "2026-03-31T00:00:00Z");
        Query { schedule, rules, taken, now: *now, horizon }
    }
}

fn zones() -> impl Strategy<Value = Tz> {
    let names = [
        "UTC",
        "America/New_York",
        "Asia/Kolkata",
        "Pacific/Auckland",
        "Europe/Berlin",
        "Australia/Lord_Howe",
    ];
    proptest::sample::select(names.to_vec()).prop_map(|name| name.parse().unwrap())
}

fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let time = (0_u16..=96).prop_map(|quarter| TimeOfDay::from_minutes(quarter * 15).unwrap());
    proptest::collection::vec((time.clone(), time).prop_map(|(from, to)| Block::new(from, to)), 0..3)
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let dates = proptest::collection::btree_set(1_u32..32, 0..3);
    (zones(), proptest::array::uniform7(blocks()), proptest::array::uniform7(blocks()), dates).prop_map(
        |(zone, week, breaks, away)| {
            let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
            Schedule {
                week,
                breaks,
                out_of_office: away.into_iter().map(day).collect(),
                ..Schedule::closed(zone)
            }
        },
    )
}

fn rules() -> impl Strategy<Value = Rules> {
    let windows = prop_oneof![
        Just(Window::Open),
        (0_u32..20, any::<bool>()).prop_map(|(days, business_days)| Window::Rolling { days, business_days }),
        (1_u32..4, any::<bool>())
            .prop_map(|(days, business_days)| Window::BookableDays { days, business_days }),
    ];
    let most = proptest::option::of(1_u32..3);
    let visit = (5_u32..100, 5_u32..100, 0_u32..20, any::<bool>());
    (visit, 0_u32..3000, 0_u32..60, 0_u32..60, windows, most).prop_map(
        |((length_min, step_min, offset_min, most_slots), notice_min, before, after, window, most)| {
            let fill = if most_slots { Fill::MostSlots } else { Fill::ClockAligned };
            let per_day = most.map(|most| Limit { per: Period::Day, most: Most::Visits(most) });
            Rules {
                visit: Visit { length_min, step_min, offset_min, fill },
                notice_min,
                buffer_before_min: before,
                buffer_after_min: after,
                window,
                limits: per_day.into_iter().collect(),
                ..Rules::new(length_min)
            }
        },
    )
}

fn taken_at(minute: i64, length_min: i64, kind: u8) -> Taken {
    let start = instant("2026-03-05T00:00:00Z") + TimeDelta::minutes(minute);
    let interval = Interval::new(start, start + TimeDelta::minutes(length_min)).unwrap();
    let by = [By::Event, By::Booking, By::Request][usize::from(kind % 3)];
    Taken { by, buffer_after_min: 20, travel_min: 10, counts: by != By::Event, ..Taken::event(interval) }
}

fn worlds() -> impl Strategy<Value = World> {
    let taken = proptest::collection::vec((0_i64..37_000, 1_i64..600, any::<u8>()), 0..30);
    (schedules(), rules(), taken, 0_i64..20_000).prop_map(|(schedule, rules, taken, minute)| World {
        schedule,
        rules,
        taken: taken.into_iter().map(|(at, len, kind)| taken_at(at, len, kind)).collect(),
        now: instant("2026-03-05T00:00:00Z") + TimeDelta::minutes(minute),
    })
}

fn body(world: &World, start: Instant) -> Interval {
    Interval::new(start, world.rules.visit.end(start)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_offered_visit_overlaps_what_is_taken_or_its_gaps(world in worlds()) {
        for start in slots(&world.query()) {
            let visit = body(&world, start);
            for taken in &world.taken {
                prop_assert!(!visit.overlaps(&taken.interval));
                prop_assert!(!visit.overlaps(&taken.kept_clear(&world.rules)));
            }
        }
    }

    #[test]
    fn every_offered_visit_lies_in_the_open_hours_and_after_the_notice(world in worlds()) {
        let query = world.query();
        let all = span("2026-03-01T00:00:00Z", "2026-04-05T00:00:00Z");
        let open = world.schedule.open(all);
        for start in slots(&query) {
            let visit = body(&world, start);
            prop_assert!(open.iter().any(|hours| hours.contains(&visit)));
            prop_assert!(start > world.now && start >= query.earliest());
            prop_assert!(query.horizon.start() <= start && start < query.horizon.end());
        }
    }

    #[test]
    fn clock_aligned_starts_fall_on_the_grid_of_the_owners_clock(world in worlds()) {
        let mut world = world;
        world.rules.visit.fill = Fill::ClockAligned;
        for start in slots(&world.query()) {
            let mark = wall(start - world.rules.visit.offset(), world.schedule.zone);
            prop_assert_eq!(i64::from(mark.minute()) % world.rules.visit.grid_min(), 0);
            prop_assert_eq!(mark.second(), 0);
        }
    }

    #[test]
    fn the_slots_are_those_laid_into_the_sheet(world in worlds()) {
        let query = world.query();
        let plan = Plan::new(query);
        let sheet = plan.sheet();
        let laid = layout::starts(sheet, query.earliest(), &world.rules.visit, |_| world.schedule.zone);
        prop_assert_eq!(plan.slots(), laid);
        prop_assert!(sheet.iter().all(|stretch| stretch.length() >= world.rules.visit.length()));
    }

    #[test]
    fn every_candidate_is_offered_or_refused_as_explained(world in worlds()) {
        let mut world = world;
        // A grid of five minutes or more: every single minute would say no more, and take longer.
        world.rules.visit.step_min = world.rules.visit.step_min.next_multiple_of(5);
        let plan = Plan::new(world.query());
        let candidates = plan.candidates();
        let offered: Vec<Instant> =
            candidates.iter().filter(|it| it.verdict == Verdict::Offered).map(|it| it.start).collect();
        prop_assert_eq!(offered, plan.slots());
        prop_assert!(candidates.windows(2).all(|pair| pair[0].start < pair[1].start));
        for candidate in candidates.iter().step_by(101) {
            prop_assert_eq!(plan.explain(candidate.start), candidate.verdict);
        }
    }

    #[test]
    fn more_busy_time_leaves_no_more_free_time(world in worlds(), at in 0_i64..37_000, len in 1_i64..600) {
        let before = sheet(&world.query());
        let mut busier = world.clone();
        busier.rules.window = Window::Open;
        let open_before = { let mut open = world.clone(); open.rules.window = Window::Open; sheet(&open.query()) };
        busier.taken.push(taken_at(at, len, 0));
        let after = sheet(&busier.query());
        prop_assert!(subtract(after, open_before.clone()).is_empty());
        prop_assert!(subtract(before, open_before).is_empty());
    }

    #[test]
    fn an_added_entry_offers_no_new_start_on_a_plain_grid(world in worlds(), at in 0_i64..37_000, len in 1_i64..600) {
        // With a step that is a grid of the hour, the starts do not depend on where a gap begins.
        let mut world = world;
        world.rules.visit = Visit { step_min: 15, offset_min: 0, fill: Fill::ClockAligned, ..world.rules.visit };
        world.rules.window = Window::Open;
        let before = slots(&world.query());
        world.taken.push(taken_at(at, len, 0));
        for start in slots(&world.query()) {
            prop_assert!(before.binary_search(&start).is_ok());
        }
    }
}

#[test]
fn the_engine_gives_up_on_nothing_at_the_ends_of_time() {
    let rules = Rules::new(60);
    let schedule = schedule();
    let far = DateTime::UNIX_EPOCH + TimeDelta::days(365 * 200);
    let horizon = Interval::new(far, far + TimeDelta::days(1)).unwrap();
    let query = Query { schedule: &schedule, rules: &rules, taken: &[], now: DateTime::UNIX_EPOCH, horizon };
    assert_eq!(slots(&query).len(), 7);
}
