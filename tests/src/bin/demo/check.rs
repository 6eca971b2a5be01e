//! `--check`: the main job once, step by step, with the time that each step took.

use std::future::Future;
use std::time::Instant;

use anyhow::Context as _;
use daymark_engine::api::Call;
use daymark_engine::api::schedule::{Schedule, ScheduleQuery};
use daymark_sandbox::google::Google;
use journeys::visitor::Visitor;
use journeys::world::WORK;
use tokio_util::sync::CancellationToken;

use crate::Arguments;
use crate::stage::{Folder, Stage, start_relay, start_sandbox};

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
    let items = step("the merged week is on screen", week(stage)).await?;
    anyhow::ensure!(items > 10, "the week shows only {items} entries");
    let visitor = Visitor::new(&stage.relay.public_url, "maya")?;
    let (start, answer) = step("a visitor booked a time", visitor.book(None)).await?;
    let manage =
        answer.manage.with_context(|| format!("the page answered {} to the booking", answer.status))?;
    step("the laptop took the booking", stage.sync()).await?;
    step("the event stands in Google", async { arrived(stage.sandbox.google(), start) }).await?;
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
    let begun = Instant::now();
    let done = work.await.with_context(|| format!("not done: {what}"))?;
    println!("{:>7.1} ms  {what}", begun.elapsed().as_secs_f64() * 1000.0);
    Ok(done)
}

async fn week(stage: &Stage) -> anyhow::Result<usize> {
    let schedule: Schedule = {
        let boot: daymark_engine::api::settings::Boot = stage.call(Call::Boot(())).await?;
        let from = boot.now.date() - chrono::TimeDelta::days(7);
        let to = boot.now.date() + chrono::TimeDelta::days(8);
        stage.call(Call::Schedule(ScheduleQuery { from, to })).await?
    };
    Ok(schedule.items.len())
}

fn arrived(google: &Google, start: chrono::DateTime<chrono::Utc>) -> anyhow::Result<()> {
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
