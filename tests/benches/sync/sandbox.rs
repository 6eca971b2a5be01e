//! How long whole runs of the engine take for a calendar, over the sandbox's real sockets.

use std::time::Instant;

use daymark_engine::api::Call;
use daymark_engine::api::accounts::{Account, ProviderKind};
use journeys::world::World;
use serde_json::json;

use crate::figures::report;

const EVENTS: i64 = 5_000;
const FIRST_PULLS: usize = 5;
const QUIET_RUNS: usize = 20;
pub const ADDRESS: &str = "maya@bench.example";

pub async fn measure_all() -> anyhow::Result<()> {
    for (provider, name) in [(ProviderKind::Google, "google"), (ProviderKind::Microsoft, "microsoft")] {
        measure(provider, name).await?;
    }
    Ok(())
}

async fn measure(provider: ProviderKind, name: &str) -> anyhow::Result<()> {
    let mut first = Vec::new();
    for _ in 0..FIRST_PULLS {
        let world = connected(provider, name).await?;
        first.push(timed(&world, EVENTS).await?);
        world.engine.stop().await;
    }
    report(&format!("{name}: first pull of 5,000"), &first);
    let world = connected(provider, name).await?;
    timed(&world, EVENTS).await?;
    let mut quiet = Vec::new();
    for _ in 0..QUIET_RUNS {
        quiet.push(timed(&world, EVENTS).await?);
    }
    report(&format!("{name}: a run without news over 5,000"), &quiet);
    world.engine.stop().await;
    Ok(())
}

/// A fresh world whose one account holds a calendar of 5,000 events that was never read.
async fn connected(provider: ProviderKind, name: &str) -> anyhow::Result<World> {
    let world = World::build().without_relay().seed(seed(name, EVENTS)).start().await?;
    world.connect(provider, ADDRESS).await?;
    Ok(world)
}

/// One run, after which the mirror must hold so many events.
pub async fn timed(world: &World, expected: i64) -> anyhow::Result<f64> {
    let begun = Instant::now();
    world.sync().await?;
    let took = begun.elapsed();
    let accounts: Vec<Account> = world.call(Call::Accounts(())).await?;
    let events: i64 = accounts.iter().flat_map(|it| &it.calendars).map(|it| it.events).sum();
    anyhow::ensure!(events == expected, "{events} events came instead of {expected}");
    Ok(took.as_secs_f64() * 1000.0)
}

/// As far around today as the mirror looks, so that every provider lists all of it.
pub fn seed(provider: &str, events: i64) -> String {
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
                "bulk": { "count": events, "from_day": -80, "to_day": 380 },
            }],
        }],
    })
    .to_string()
}
