//! How long syncing takes: `cargo bench -p journeys --bench sync -- [sandbox] [radicale] [large]`, all of it
//! when no part is named. Prints one line of JSON for each figure.
//!
//! `radicale` and `large` run whole programs; `scripts/bench sync` installs and builds them.

mod figures;
mod installed;
mod large;
mod radicale;
mod sandbox;

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let named: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|it| it == part);
    if wanted("sandbox") {
        sandbox::measure_all().await?;
    }
    if wanted("radicale") {
        radicale::measure().await?;
    }
    if wanted("large") {
        large::measure().await?;
    }
    Ok(())
}
