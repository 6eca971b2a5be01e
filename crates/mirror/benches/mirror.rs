//! How long a week and a search take among 100,000 events, and how long a calendar of 5,000 takes to come in.

use std::fmt::Display;
use std::hint::black_box;

use chrono::TimeDelta;
use chrono_tz::Tz;
use criterion::{Criterion, criterion_group, criterion_main};
use daymark_core::event::{Answer, Event, Fields, Kind, RemoteId, Status};
use daymark_core::merge::{Delta, Snapshot};
use daymark_core::time::{Instant, Interval, Span};
use daymark_mirror::{Access, BlockRules, CalendarId, Listed, Mirror, Next, Turn};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A bench that cannot run says so.
trait Must<T> {
    fn must(self) -> T;
}

impl<T, E: Display> Must<T> for Result<T, E> {
    #[expect(clippy::panic, reason = "there is nobody to hand an error to")]
    fn must(self) -> T {
        self.unwrap_or_else(|why| panic!("{why}"))
    }
}

const ZONE: Tz = Tz::America__Toronto;
const PAGE: usize = 2_500;

fn now() -> Instant {
    Instant::from_timestamp(1_772_452_800, 0).unwrap_or_default()
}

fn event(number: i64, start: Instant, recurrence: Vec<String>) -> Delta {
    let span = Span::Timed { start, end: start + TimeDelta::minutes(45), zone: ZONE };
    let description = "Bring the forms, and call before you leave.".to_owned();
    let fields = Fields { description, recurrence, ..Fields::new(format!("Visit {number}"), span) };
    let event = Event {
        id: RemoteId(format!("event-{number}")),
        uid: format!("event-{number}@example.org"),
        etag: Some("1".into()),
        status: Status::Confirmed,
        kind: Kind::Default,
        answer: Answer::Own,
        organizer: true,
        fields,
        series: None,
        updated: None,
    };
    let raw = serde_json::json!({"id": event.id.0, "summary": event.fields.title, "reminders": {"useDefault": true}});
    Delta::Upsert(Box::new(Snapshot { event, raw }))
}

/// `count` entries over the horizon, one in a hundred of them a weekly series.
fn entries(count: i64) -> Vec<Delta> {
    let first = now() - TimeDelta::days(85);
    let step = TimeDelta::days(480).num_seconds() / count;
    let weekly = |number: i64| if number % 100 == 0 { vec!["RRULE:FREQ=WEEKLY".to_owned()] } else { vec![] };
    (0..count)
        .map(|number| event(number, first + TimeDelta::seconds(step * number), weekly(number)))
        .collect()
}

async fn open() -> (TempDir, Mirror, CalendarId) {
    let folder = tempfile::tempdir().must();
    let mirror = Mirror::open(&folder.path().join("mirror.db")).await.must();
    let account = mirror.add_account("google", "bench@example.org", now()).await.must();
    let listed = Listed {
        remote_id: "main".into(),
        name: "Main".into(),
        zone: Some(ZONE),
        access: Access::Write,
        primary: true,
    };
    mirror.store_calendars(account, &[listed]).await.must();
    let calendars = mirror.calendars().await.must();
    (folder, mirror, calendars.first().map_or(CalendarId(0), |it| it.id))
}

/// A full round, in pages.
async fn pull(mirror: &Mirror, calendar: CalendarId, entries: &[Delta]) {
    let pages = entries.chunks(PAGE).count();
    let mut asked = None;
    for (number, page) in entries.chunks(PAGE).enumerate() {
        let cursor = format!("{}", number + 1);
        let next = if number + 1 == pages { Next::Done(cursor.clone()) } else { Next::More(cursor.clone()) };
        let turn = Turn { asked: asked.replace(cursor), next, window: None };
        mirror.apply(calendar, page.to_vec(), turn, now()).await.must();
    }
}

fn week_among_100_000(c: &mut Criterion) {
    let runtime = Runtime::new().must();
    let (_folder, mirror, _) = runtime.block_on(async {
        let opened = open().await;
        pull(&opened.1, opened.2, &entries(100_000)).await;
        opened
    });
    let week = Interval::new(now(), now() + TimeDelta::days(7)).ok_or("a week has a length").must();
    let rows = runtime.block_on(mirror.agenda(week, ZONE)).map_or(0, |rows| rows.len());
    c.bench_function(&format!("a week of {rows} among 100,000 events"), |b| {
        b.to_async(&runtime).iter(|| async { black_box(mirror.agenda(week, ZONE).await) });
    });
    c.bench_function("busy time of that week", |b| {
        b.to_async(&runtime).iter(|| async { black_box(mirror.busy(week, ZONE).await) });
    });
    for (text, what) in [("vis 4242", "a few events"), ("vis", "every event")] {
        c.bench_function(&format!("a search that finds {what} among 100,000"), |b| {
            b.to_async(&runtime).iter(|| async { black_box(mirror.search(text, now(), ZONE).await) });
        });
    }
    let ahead = Interval::new(now(), now() + TimeDelta::days(90)).ok_or("90 days have a length").must();
    let rules = BlockRules { window: ahead, hours: Vec::new(), home: ZONE };
    runtime.block_on(mirror.block_others(&rules, now())).must();
    c.bench_function("a look at the copies of 90 days among 100,000 events", |b| {
        b.to_async(&runtime).iter(|| async { black_box(mirror.block_others(&rules, now()).await) });
    });
}

fn a_calendar_of_5_000(c: &mut Criterion) {
    let runtime = Runtime::new().must();
    let entries = entries(5_000);
    let mut group = c.benchmark_group("5,000 events");
    group.sample_size(10);
    group.bench_function("come in for the first time", |b| {
        b.to_async(&runtime).iter(|| async {
            let (_folder, mirror, calendar) = open().await;
            pull(&mirror, calendar, &entries).await;
            mirror.close().await;
        });
    });
    let (_folder, mirror, calendar) = runtime.block_on(open());
    runtime.block_on(pull(&mirror, calendar, &entries));
    group.bench_function("are read again and have not changed", |b| {
        b.to_async(&runtime).iter(|| async {
            mirror.restart(calendar).await.must();
            pull(&mirror, calendar, &entries).await;
        });
    });
}

criterion_group!(benches, week_among_100_000, a_calendar_of_5_000);
criterion_main!(benches);
