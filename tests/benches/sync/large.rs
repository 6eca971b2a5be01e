//! A calendar of 100,000 events against one of 10,000: what takes ten times as long, and what grows faster.

use std::time::Instant;

use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::ProviderKind;
use daymark_engine::api::schedule::{Schedule, ScheduleQuery};
use daymark_engine::ports::Clock as _;
use daymark_engine::system::SystemClock;
use journeys::world::World;
use serde_json::json;
use tempfile::TempDir;

use crate::figures::{Whole, median, rounded, say};
use crate::installed::{Installed, secrets};
use crate::sandbox::{ADDRESS, seed, timed};

const SMALL: i64 = 10_000;
const LARGE: i64 = 100_000;
const CHANGES: usize = 50;
const RUNS: usize = 7;

/// Milliseconds of each kind of work in one size.
struct Took {
    what: &'static str,
    ms: f64,
}

pub async fn measure() -> anyhow::Result<()> {
    let small = Filled::new(SMALL).await?.measure().await?;
    let large = Filled::new(LARGE).await?;
    for (small, large) in small.iter().zip(large.measure().await?) {
        say(&json!({
            "what": format!("Google: {}, whole engine", small.what),
            "of_10_000_ms": rounded(small.ms), "of_100_000_ms": rounded(large.ms),
            "times_longer": rounded(large.ms / small.ms),
        }));
    }
    large.programs().await
}

/// A world with a connected account and so many events.
struct Filled {
    events: i64,
    world: World,
    secrets: TempDir,
}

impl Filled {
    async fn new(events: i64) -> anyhow::Result<Filled> {
        let kept = tempfile::tempdir()?;
        let builder = World::build().without_relay().seed(seed("google", events));
        let builder = builder.at(&SystemClock.now().to_rfc3339())?.secrets(secrets(kept.path())?);
        let world = builder.start().await?;
        world.connect(ProviderKind::Google, ADDRESS).await?;
        Ok(Filled { events, world, secrets: kept })
    }

    async fn measure(&self) -> anyhow::Result<Vec<Took>> {
        let first = timed(&self.world, self.events).await?;
        let (mut quiet, mut changed, mut weeks) = (Vec::new(), Vec::new(), Vec::new());
        for run in 0..RUNS {
            quiet.push(timed(&self.world, self.events).await?);
            self.change(run)?;
            changed.push(timed(&self.world, self.events).await?);
            weeks.push(self.week().await?);
        }
        Ok(vec![
            Took { what: "first pull", ms: first },
            Took { what: "a run without news", ms: median(&quiet) },
            Took { what: "50 events changed at the provider", ms: median(&changed) },
            Took { what: "the week's agenda", ms: median(&weeks) },
        ])
    }

    /// Somebody renames events at the provider, spread over all of them.
    fn change(&self, run: usize) -> anyhow::Result<()> {
        let apart = usize::try_from(self.events)? / CHANGES;
        for change in 0..CHANGES {
            let id = format!("bulk{:06}", change * apart + run);
            let new = json!({ "summary": format!("Changed in run {run}") });
            let edited = self.world.sandbox.google().edit(ADDRESS, ADDRESS, &id, new);
            edited.map_err(|problem| anyhow::anyhow!("{id} cannot be changed: {problem:?}"))?;
        }
        Ok(())
    }

    async fn week(&self) -> anyhow::Result<f64> {
        let from = self.world.now().date_naive();
        let begun = Instant::now();
        let query = ScheduleQuery { from, to: from + TimeDelta::days(7) };
        let week: Schedule = self.world.call(Call::Schedule(query)).await?;
        let took = begun.elapsed();
        anyhow::ensure!(!week.items.is_empty(), "there is nothing in the week");
        Ok(took.as_secs_f64() * 1000.0)
    }

    /// `daymarkctl` as a whole program on the same data.
    async fn programs(self) -> anyhow::Result<()> {
        self.world.engine.stop().await;
        let installed = Installed::of(&self.world, self.secrets.path())?;
        let from = self.world.now().date_naive();
        let to = from + TimeDelta::days(7);
        let week = ["agenda", "--from", &from.to_string(), "--to", &to.to_string()];
        program("start until the first week is served", || installed.run(&week))?;
        program("a run without news", || installed.sync(0))?;
        let mut run = RUNS;
        program("50 events changed at the provider", || {
            self.change(run)?;
            run += 1;
            installed.sync(CHANGES)
        })
    }
}

fn program(what: &str, mut run: impl FnMut() -> anyhow::Result<Whole>) -> anyhow::Result<()> {
    let runs = (0..RUNS).map(|_| run()).collect::<anyhow::Result<Vec<_>>>()?;
    let took: Vec<f64> = runs.iter().map(Whole::ms).collect();
    let peak = runs.iter().map(Whole::peak_mib).fold(0.0, f64::max);
    say(&json!({
        "what": format!("daymarkctl, {LARGE} events: {what}"),
        "median_ms": rounded(median(&took)), "peak_rss_mib": peak, "runs": took.len(),
    }));
    Ok(())
}
