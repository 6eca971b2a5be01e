//! Serves a seeded page for looking at: `cargo run -p daymark-relay --example look [port]`.
//!
//! Every state stands under a page of its own, published through the signed API; its own clock stands still.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a tool for looking: what goes wrong here should stop it loudly"
)]

use chrono::TimeDelta;
use daymark_core::contract::{Mode, Verdict};

#[path = "../tests/router/world.rs"]
#[expect(dead_code, reason = "shared with the tests, which use the rest")]
mod world;

use world::{ROY, World, borrowed, filled, instant, sheet};

#[tokio::main]
async fn main() {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8400);
    let world = World::at(instant("2026-03-02T13:57:00Z"), ([127, 0, 0, 1], port).into()).await;
    world.open_page("old-page").await;
    world.pass(TimeDelta::hours(77));
    world.open_page("maya").await;
    let visits = world.open_page("visits").await;
    let paused = world.laptop("paused").await;
    paused.publish(&world, 1, Mode::Paused, sheet(world.now())).await;
    let asks = world.laptop("asks").await;
    asks.publish(&world, 1, Mode::Approval, sheet(world.now())).await;
    let full = world.laptop("fully-booked").await;
    let mut empty = sheet(world.now());
    empty.types.truncate(1);
    empty.types.iter_mut().for_each(|kind| kind.starts_min.clear());
    full.publish(&world, 1, Mode::Instant, empty).await;
    let single = world.laptop("single").await;
    let mut one = sheet(world.now());
    one.types.truncate(1);
    single.publish(&world, 1, Mode::Instant, one).await;
    world.laptop("unopened").await;
    world.pass(TimeDelta::minutes(3));

    println!("{}", world.relay.public_url);
    for (name, slug) in [
        ("booked", "visits"),
        ("confirmed", "visits"),
        ("declined", "visits"),
        ("cancelled", "visits"),
        ("requested", "asks"),
    ] {
        let manage = book(&world, slug).await;
        let seq = visits.inbox(&world, 0, 0).await.entries;
        match name {
            "confirmed" => drop(visits.decide(&world, seq.last().unwrap(), Verdict::Confirm).await),
            "declined" => drop(visits.decide(&world, seq.last().unwrap(), Verdict::Decline).await),
            "cancelled" => drop(world.post(&format!("{manage}/cancel"), &[("version", "1")]).await),
            _ => {}
        }
        println!("{name} {manage}");
    }
    let form = world.get("/maya").await.links("/maya/book").remove(2);
    println!("form {form}");
    tokio::signal::ctrl_c().await.unwrap();
    world.relay.shutdown().await;
}

async fn book(world: &World, slug: &str) -> String {
    let link = world.get(&format!("/{slug}?day=2026-03-17")).await.links(&format!("/{slug}/book")).remove(0);
    let form = world.get(&link).await;
    let fields = filled(&form, &ROY);
    world.post(&format!("/{slug}/book"), &borrowed(&fields)).await.location()
}
