//! One call through the app's own HTTP client as a process of its own, so that a test can choose its environment.

use anyhow::Context as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let address = std::env::args().nth(1).context("name the address")?;
    let answer = daymark_remotes::http::client()?.get(address).send().await?;
    println!("{}", answer.error_for_status()?.text().await?);
    Ok(())
}
