//! `--check`: the main job once, step by step, with the time that each step took.

use std::future::Future;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{Datelike as _, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use daymark_core::time::Instant;
use daymark_engine::api::schedule::{Item, Schedule, ScheduleQuery, Sending};
use daymark_engine::api::settings::Boot;
use daymark_engine::api::{Call, Notice};
use daymark_sandbox::google::Google;
use journeys::visitor::Visitor;
use journeys::world::{PARTNER, PERSONAL, WORK};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::Arguments;
use crate::stage::{Folder, Stage, start_relay, start_sandbox};

/// Of each account something that happens once, in the week that is seeded.
const SEEN: [(&str, &str); 3] =
    [(WORK, "Wheelchair review, M. Chen"), (PERSONAL, "Lunch with Mum"), (PARTNER, "Case review")];
/// How long the loops may take for what takes them a moment.
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn run(arguments: &Arguments, stop: &CancellationToken) -> anyhow::Result<()> {
    stop.run_until_cancelled(Box::pin(whole(arguments))).await.context("stopped before it was done")?
}

async fn whole(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = Folder::of(arguments.folder.as_deref())?;
    let clock = arguments.clock();
    let sandbox = step("fake providers are up", start_sandbox(clock)).await?;
    let relay = step("the relay is up", start_relay(&folder.path, clock)).await?;
    let stage = step("the engine is open", Stage::set(folder, sandbox, relay, clock)).await?;
    let checked = main_job(&stage).await;
    stage.end().await;
    checked?;
    println!("done: from connected calendars to a booked visit");
    Ok(())
}

async fn main_job(stage: &Stage) -> anyhow::Result<()> {
    step("two Google accounts and a Microsoft account are connected", stage.connect_all()).await?;
    step("all calendars are mirrored", stage.sync()).await?;
    step("the public page is open", async { stage.open_page().await.map(drop) }).await?;
    step("the free times are published", stage.sync()).await?;
    step("the merged week is on screen", merged_week(stage)).await?;
    let mut notices = stage.engine.notices();
    stage.engine.start();
    let visitor = Visitor::new(&stage.relay.public_url, "maya")?;
    let (start, answer) = step("a visitor booked a time", visitor.book(None)).await?;
    let manage =
        answer.manage.with_context(|| format!("the page answered {} to the booking", answer.status))?;
    step("the visit stands in the week", taken(stage, &mut notices, start)).await?;
    step("the event stands in Google", async { arrived(stage.sandbox.google(), start) }).await?;
    step("the answer went out", stage.sync()).await?;
    step("the visitor sees it confirmed", async {
        let text = visitor.manage(&manage).await?;
        anyhow::ensure!(
            text.contains("in the calendar"),
            "the manage page does not say that it is confirmed"
        );
        Ok(())
    })
    .await
}

/// Runs a step and prints how long it took.
async fn step<T>(what: &str, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let begun = std::time::Instant::now();
    let done = work.await.with_context(|| format!("not done: {what}"))?;
    println!("{:>7.1} ms  {what}", begun.elapsed().as_secs_f64() * 1000.0);
    Ok(done)
}

/// Something of each account stands in this week's seven days.
async fn merged_week(stage: &Stage) -> anyhow::Result<()> {
    let boot: Boot = stage.call(Call::Boot(())).await?;
    let items = week(stage, boot.now.date()).await?;
    for (address, title) in SEEN {
        let stands = items.iter().any(|item| item.title == title);
        anyhow::ensure!(stands, "the week does not show “{title}” of {address}");
    }
    Ok(())
}

/// The week view's days round a day.
async fn week(stage: &Stage, day: NaiveDate) -> anyhow::Result<Vec<Item>> {
    let boot: Boot = stage.call(Call::Boot(())).await?;
    let into = (day.weekday().num_days_from_sunday() + 7 - u32::from(boot.settings.week_start)) % 7;
    let from = day - TimeDelta::days(i64::from(into));
    let query = ScheduleQuery { from, to: from + TimeDelta::days(7) };
    let schedule: Schedule = stage.call(Call::Schedule(query)).await?;
    Ok(schedule.items)
}

/// Waits until the loops have brought the booking in and sent its event.
async fn taken(
    stage: &Stage,
    notices: &mut broadcast::Receiver<Notice>,
    start: Instant,
) -> anyhow::Result<()> {
    let boot: Boot = stage.call(Call::Boot(())).await?;
    let wall = start.with_timezone(&boot.settings.zone.parse::<Tz>()?).naive_local();
    let waited = tokio::time::timeout(PATIENCE, async {
        while !sent(&week(stage, wall.date()).await?, wall) {
            heard(notices.recv().await)?;
        }
        anyhow::Ok(())
    });
    waited.await.context("the loops did not bring the visit into the calendar in time")?
}

fn sent(items: &[Item], start: NaiveDateTime) -> bool {
    items.iter().any(|item| item.start == start && item.booking.is_some() && item.sending == Sending::Sent)
}

/// Whoever missed some notices asks all the same.
fn heard(notice: Result<Notice, RecvError>) -> anyhow::Result<()> {
    match notice {
        Ok(_) | Err(RecvError::Lagged(_)) => Ok(()),
        Err(RecvError::Closed) => anyhow::bail!("the engine tells no more"),
    }
}

fn arrived(google: &Google, start: Instant) -> anyhow::Result<()> {
    let events = google.live_events(WORK, WORK);
    let text = |event: &serde_json::Value, at: &str| {
        event.pointer(at).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    };
    let event = events.iter().find(|event| text(event, "/summary").contains("P. Singh"));
    let event = event.context("no event of that visitor stands in the calendar")?;
    let stands = text(event, "/start/dateTime");
    let same = chrono::DateTime::parse_from_rfc3339(&stands).is_ok_and(|found| found == start);
    anyhow::ensure!(same, "the event stands at {stands}, not at {start}");
    Ok(())
}
