//! Thirty days on a quarter-hour grid beside two hundred busy entries: what a page is made from.

use chrono::{DateTime, TimeDelta};
use chrono_tz::Europe::Berlin;
use criterion::{Criterion, criterion_group, criterion_main};
use daymark_core::availability::{
    Block, Limit, Most, Period, Query, Rules, Schedule, Taken, TimeOfDay, candidates, sheet, slots,
};
use daymark_core::time::{Instant, Interval};

struct World {
    schedule: Schedule,
    rules: Rules,
    taken: Vec<Taken>,
    now: Instant,
    horizon: Interval,
}

/// Around a clock change, so that no day is a plain one.
fn world() -> Option<World> {
    let now = DateTime::from_timestamp(1_773_000_000, 0)?;
    let block = |from: u16, to: u16| {
        Some(Block::new(TimeOfDay::from_minutes(from * 60)?, TimeOfDay::from_minutes(to * 60)?))
    };
    let day = vec![block(8, 12)?, block(13, 18)?];
    let mut rules = Rules::new(45);
    rules.visit.step_min = 15;
    rules.buffer_before_min = 10;
    rules.buffer_after_min = 20;
    rules.limits = vec![Limit { per: Period::Day, most: Most::Visits(6) }];
    let entry = |n: i32| {
        let start = now + TimeDelta::minutes(211) * n;
        Some(Taken {
            counts: n % 7 == 0,
            ..Taken::event(Interval::new(start, start + TimeDelta::minutes(25))?)
        })
    };
    Some(World {
        schedule: Schedule { week: std::array::from_fn(|_| day.clone()), ..Schedule::closed(Berlin) },
        rules,
        taken: (0..200).filter_map(entry).collect(),
        now,
        horizon: Interval::new(now, now + TimeDelta::days(30))?,
    })
}

fn bench(c: &mut Criterion) {
    let Some(World { schedule, rules, taken, now, horizon }) = world() else {
        return;
    };
    let query = Query { schedule: &schedule, rules: &rules, taken: &taken, now, horizon };
    c.bench_function("slots, 30 days, 200 busy, 15 min", |b| b.iter(|| slots(&query)));
    c.bench_function("sheet, 30 days, 200 busy", |b| b.iter(|| sheet(&query)));
    c.bench_function("candidates with reasons, 30 days, 200 busy, 15 min", |b| b.iter(|| candidates(&query)));
}

criterion_group!(benches, bench);
criterion_main!(benches);
