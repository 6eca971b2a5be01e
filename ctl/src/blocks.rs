//! The cleaner: takes copies of busy times away by their markers, whatever this database remembers.

use std::process::ExitCode;

use daymark_engine::Engine;
use daymark_engine::api::Call;
use daymark_engine::api::blocks::{BlockRemoval, Confirm};

use crate::arguments::Arguments;
use crate::opening::open_used;
use crate::print;

/// Runs after which what is still refused or postponed is left to the next one.
const MOST_RUNS: usize = 5;

pub async fn remove(arguments: &Arguments, yes: bool) -> anyhow::Result<ExitCode> {
    let engine = open_used(arguments).await?;
    let cleaned = clean(&engine, arguments, yes).await;
    engine.stop().await;
    cleaned
}

async fn clean(engine: &Engine, arguments: &Arguments, yes: bool) -> anyhow::Result<ExitCode> {
    let preview = ask(engine, Confirm::default()).await?;
    let removal = match yes {
        true => ask(engine, Confirm { token: Some(preview.token) }).await?,
        false => preview,
    };
    let mut waiting = 0;
    if removal.done {
        for _ in 0..MOST_RUNS {
            engine.push().await?;
            waiting = engine.health().await?.waiting;
            if waiting == 0 {
                break;
            }
        }
    }
    say(arguments, &removal, waiting)?;
    let whole = waiting == 0 && removal.unread.is_empty();
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn ask(engine: &Engine, confirm: Confirm) -> anyhow::Result<BlockRemoval> {
    Ok(serde_json::from_value(engine.call(Call::RemoveBlocks(confirm)).await?)?)
}

fn say(arguments: &Arguments, removal: &BlockRemoval, waiting: i64) -> anyhow::Result<()> {
    if arguments.json {
        return print::json(&serde_json::json!({ "removal": removal, "waiting": waiting }));
    }
    for event in &removal.deletes {
        let start = event.start.format("%Y-%m-%d %H:%M");
        print::line(&format!("{start}  {}, on {}", event.title, event.calendar))?;
    }
    let count = removal.deletes.len();
    print::line(&match removal.done {
        true => format!("{count} copies are taken away; no calendar receives copies any more"),
        false => format!("{count} copies would be taken away; --yes takes them away"),
    })?;
    if removal.left > 0 {
        print::line(&format!("{} marked events were changed by hand and stay", removal.left))?;
    }
    for calendar in &removal.unread {
        print::line(&format!("! {calendar} could not be read; what stands there is not known"))?;
    }
    if waiting > 0 {
        print::line(&format!("! {waiting} writes have not reached their providers; run sync"))?;
    }
    Ok(())
}
