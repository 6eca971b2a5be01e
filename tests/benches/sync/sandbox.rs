//! How long whole runs of the engine take for a calendar of 5,000 events, over the sandbox's real sockets:
//! `cargo bench -p journeys --bench sync`. Prints one line of JSON for each figure.

use std::time::Instant;

use daymark_engine::api::Call;
use daymark_engine::api::accounts::{Account, ProviderKind};
use journeys::world::World;
use serde_json::json;

const EVENTS: i64 = 5_000;
const FIRST_PULLS: usize = 5;
const QUIET_RUNS: usize = 20;
const ADDRESS: &str = "maya@bench.example";

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    for (provider, name) in [(ProviderKind::Google, "google"), (ProviderKind::Microsoft, "microsoft")] {
        measure(provider, name).await?;
    }
    Ok(())
}

async fn measure(provider: ProviderKind, name: &str) -> anyhow::Result<()> {
    let mut first = Vec::new();
    for _ in 0..FIRST_PULLS {
        let world = connected(provider, name).await?;
        first.push(timed(&world).await?);
        world.engine.stop().await;
    }
    report(&format!("{name}: first pull of 5,000"), first);
    let world = connected(provider, name).await?;
    timed(&world).await?;
    let mut quiet = Vec::new();
    for _ in 0..QUIET_RUNS {
        quiet.push(timed(&world).await?);
    }
    report(&format!("{name}: a run without news over 5,000"), quiet);
    world.engine.stop().await;
    Ok(())
}

/// A fresh world whose one account holds a calendar of 5,000 events that was never read.
async fn connected(provider: ProviderKind, name: &str) -> anyhow::Result<World> {
    let world = World::build().without_relay().seed(seed(name)).start().await?;
    world.connect(provider, ADDRESS).await?;
    Ok(world)
}

async fn timed(world: &World) -> anyhow::Result<f64> {
    let begun = Instant::now();
    world.sync().await?;
    let took = begun.elapsed();
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await?;
    let events: i64 = accounts.iter().flat_map(|it| &it.calendars).map(|it| it.events).sum();
    anyhow::ensure!(events == EVENTS, "{events} events came instead of {EVENTS}");
    Ok(took.as_secs_f64() * 1000.0)
}

/// As far around today as the mirror looks, so that every provider lists all of it.
fn seed(provider: &str) -> String {
    let week: serde_json::Value = serde_json::from_str(journeys::world::WEEK).unwrap_or_default();
    json!({
        "zone": "America/Toronto",
        "clients": week.get("clients"),
        "accounts": [{
            "provider": provider,
            "email": ADDRESS,
            "name": "Maya Okafor",
            "zone": "America/Toronto",
            "calendars": [{
                "name": "Main",
                "primary": true,
                "bulk": { "count": EVENTS, "from_day": -80, "to_day": 380 },
            }],
        }],
    })
    .to_string()
}

fn report(what: &str, mut took: Vec<f64>) {
    took.sort_unstable_by(f64::total_cmp);
    let at = |place: usize| took.get(place).map(|ms| (ms * 10.0).round() / 10.0);
    let (median, slowest) = (at(took.len() / 2), at(took.len().saturating_sub(1)));
    println!("{}", json!({ "what": what, "median_ms": median, "slowest_ms": slowest }));
}
