//! How long it takes to plan the copies of five calendars' busy times over 400 days.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta};
use chrono_tz::Europe::Berlin;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use daymark_core::blocks::{
    Calendar, Counts, Filters, Link, Mark, Occurrence, Op, Privacy, Query, Receives, Tag, Times, plan,
};
use daymark_core::event::{Answer, Fields, Kind, ShowAs, Status, Visibility, marks};
use daymark_core::time::{Instant, Interval};

const CALENDARS: i64 = 5;
const DAYS: i64 = 400;

struct World {
    calendars: Vec<Calendar>,
    occurrences: Vec<Occurrence>,
    links: Vec<Link>,
    unsure: HashSet<(Tag, Tag)>,
    window: Interval,
}

impl World {
    fn query(&self) -> Query<'_> {
        Query {
            calendars: &self.calendars,
            occurrences: &self.occurrences,
            links: &self.links,
            unsure: &self.unsure,
            window: self.window,
            hours: &[],
            home: Berlin,
        }
    }

    /// As it is once every copy stands.
    fn carried_out(&self) -> World {
        let mut occurrences = self.occurrences.clone();
        let mut links = Vec::new();
        for op in plan(&self.query()).ops {
            let Op::Create { link, derived_id, fields } = op else { continue };
            let event = 1_000_000 + i64::try_from(links.len()).unwrap_or_default();
            links.push(Link { event, ..link.clone() });
            occurrences.push(copy(link.target, event, derived_id, &fields));
        }
        let (calendars, unsure) = (self.calendars.clone(), HashSet::new());
        World { calendars, occurrences, links, unsure, window: self.window }
    }
}

fn start() -> Instant {
    DateTime::from_timestamp(1_773_000_000, 0).unwrap_or_default()
}

fn event(calendar: i64, number: i64, times: Times) -> Occurrence {
    Occurrence {
        calendar,
        unit: number,
        event: number,
        tag: Some(Tag::of_event(&number.to_string())),
        original: None,
        remote_id: number.to_string(),
        uid: format!("{number}@example.org"),
        times,
        title: format!("Visit {number}"),
        location: "Elm Street 4".into(),
        description: "Bring the forms, and call before you leave.".into(),
        status: Status::Confirmed,
        kind: Kind::Default,
        answer: Answer::Own,
        show_as: ShowAs::Busy,
        visibility: Visibility::Default,
        mark: Mark::None,
        waiting: false,
    }
}

fn copy(calendar: i64, event_row: i64, remote_id: String, fields: &Fields) -> Occurrence {
    let mark = fields.marks.get(marks::BLOCK).and_then(|text| text.parse().ok());
    Occurrence {
        title: fields.title.clone(),
        location: fields.location.clone(),
        description: fields.description.clone(),
        visibility: fields.visibility,
        mark: mark.map_or(Mark::Unreadable, Mark::Copy),
        remote_id,
        ..event(calendar, event_row, Times::of(&fields.span, Berlin))
    }
}

/// Each calendar has so many half-hours a day, at other times than the others'.
fn world(each_day: i64) -> Option<World> {
    let step_min = (24 * 60 / (CALENDARS * each_day)).min(20);
    let calendars = (0..CALENDARS).map(|key| Calendar {
        key,
        tag: Tag::of("calendar", &[&key.to_string()]),
        real: Tag::of("real", &[&key.to_string()]),
        counts: Counts::Yes { filters: Filters::default(), complete: true },
        receives: Receives::Yes(Privacy::Title),
    });
    let mut occurrences = Vec::new();
    for number in 0..CALENDARS * DAYS * each_day {
        let (day, slot) = (number / (CALENDARS * each_day), number % (CALENDARS * each_day));
        let from = start() + TimeDelta::days(day) + TimeDelta::minutes(slot * step_min);
        let times = Times::At(from, from + TimeDelta::minutes(30));
        occurrences.push(event(slot % CALENDARS, number, times));
    }
    let window = Interval::new(start(), start() + TimeDelta::days(DAYS))?;
    Some(World {
        calendars: calendars.collect(),
        occurrences,
        links: Vec::new(),
        unsure: HashSet::new(),
        window,
    })
}

fn bench(c: &mut Criterion) {
    let mut group = c.benchmark_group("blocks, 5 calendars, 400 days");
    group.sample_size(20);
    // The last two are 10,000 and 100,000 busy times: ten times as many must not take much longer than that.
    for each_day in [1, 4, 5, 50] {
        let Some(empty) = world(each_day) else { return };
        let full = empty.carried_out();
        let label = |what: &str| format!("{what}, {each_day} a day on each calendar");
        let run = |world: &World| plan(&world.query()).ops.len();
        group.bench_function(label("nothing to do"), |b| b.iter(|| run(&full)));
        group.bench_function(label("every copy is new"), |b| {
            b.iter_batched(|| (), |()| plan(&empty.query()), BatchSize::LargeInput);
        });
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
