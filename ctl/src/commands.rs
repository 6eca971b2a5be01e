//! What each command does.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::NaiveDate;
use daymark_core::{availability, ics};
use daymark_engine::Engine;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{
    Account, CalendarRef, ExportedCalendar, ImportIcs, ImportedCalendar, Subscribe,
};
use daymark_engine::api::health::HealthState;
use daymark_engine::api::schedule::{Item, Schedule, ScheduleQuery};
use serde_json::json;

use crate::arguments::{Arguments, Blocks, Command};
use crate::opening::{open, open_used};
use crate::{blocks, print};

pub async fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Command::Sync => sync(arguments).await,
        Command::Agenda { from, to } => agenda(arguments, *from, *to).await,
        Command::Accounts => accounts(arguments).await,
        Command::Blocks { command: Blocks::Remove { yes } } => blocks::remove(arguments, *yes).await,
        Command::Import { file, name, busy } => import(arguments, file, name.as_deref(), *busy).await,
        Command::Subscribe { url, busy } => {
            let feed = Subscribe { url: url.clone(), counts_busy: *busy };
            take(arguments, Call::Subscribe(feed)).await
        }
        Command::Export { calendar } => export(arguments, calendar).await,
        Command::Slots { cases } => slots(cases),
        Command::Expand { file, from, to, zone } => expand(file, *from, *to, *zone),
    }
}

async fn sync(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let engine = open(arguments).await?;
    let reports = engine.sync().await?;
    let health = engine.health().await?;
    // What does not work until somebody acts is a failure for a script too, also when no account tried.
    let mut all_well = !health.cards.iter().any(|card| card.severity == HealthState::Broken);
    for (address, report) in &reports {
        all_well &= report.ok;
        if arguments.json {
            print::json(&json!({
                "account": address, "ok": report.ok,
                "stored": report.pulled.stored, "removed": report.pulled.removed,
                "set_aside": report.pulled.set_aside, "failed_calendars": report.pulled.failed,
                "sent": report.pushed.sent, "refused": report.pushed.refused, "postponed": report.pushed.postponed,
            }))?;
        } else {
            let state = if report.ok { "ok" } else { "failed" };
            print::line(&format!(
                "{address}: {state}, {} read, {} removed, {} sent",
                report.pulled.stored, report.pulled.removed, report.pushed.sent
            ))?;
        }
    }
    for card in &health.cards {
        if arguments.json {
            print::json(&json!({ "health": card }))?;
        } else {
            print::line(&format!("! {}", card.message))?;
        }
    }
    engine.stop().await;
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn agenda(arguments: &Arguments, from: NaiveDate, to: NaiveDate) -> anyhow::Result<ExitCode> {
    let engine = open_used(arguments).await?;
    let answer = engine.call(Call::Schedule(ScheduleQuery { from, to })).await;
    engine.stop().await;
    let schedule: Schedule = serde_json::from_value(answer?)?;
    for item in &schedule.items {
        if arguments.json {
            print::json(item)?;
        } else {
            print::line(&in_words(item))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn in_words(item: &Item) -> String {
    let when = if item.all_day {
        item.start.format("%Y-%m-%d all day    ").to_string()
    } else {
        format!("{} – {}", item.start.format("%Y-%m-%d %H:%M"), item.end.format("%H:%M"))
    };
    let place = if item.location.is_empty() { String::new() } else { format!(", {}", item.location) };
    format!("{when}  {}{place}", item.title)
}

async fn accounts(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let engine = open_used(arguments).await?;
    let answer = engine.call(Call::Accounts(())).await;
    engine.stop().await;
    let accounts: Vec<Account> = serde_json::from_value(answer?)?;
    for account in &accounts {
        if arguments.json {
            print::json(account)?;
            continue;
        }
        print::line(&format!("{} ({:?}): {:?}", account.address, account.provider, account.state))?;
        for calendar in &account.calendars {
            let marks = [(calendar.chosen, "mirrored"), (calendar.counts_busy, "counts as busy")];
            let marks: Vec<_> = marks.iter().filter(|(on, _)| *on).map(|(_, mark)| *mark).collect();
            let (id, name, events) = (calendar.id, &calendar.name, calendar.events);
            print::line(&format!("  {id}  {name}: {events} events, {}", marks.join(", ")))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn import(
    arguments: &Arguments,
    file: &Path,
    name: Option<&str>,
    busy: bool,
) -> anyhow::Result<ExitCode> {
    let text = read(file)?;
    let own = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    // Standard input has no name; the calendar's own is taken then.
    let own = own.filter(|own| own != "-").unwrap_or_default();
    let name = name.map_or(own, str::to_owned);
    take(arguments, Call::ImportIcs(ImportIcs { name, text, counts_busy: busy })).await
}

/// Carries out a call that brings a calendar, and says what came.
async fn take(arguments: &Arguments, call: Call) -> anyhow::Result<ExitCode> {
    let engine = open(arguments).await?;
    let answer = engine.call(call).await;
    engine.stop().await;
    let imported: ImportedCalendar = serde_json::from_value(answer?)?;
    if arguments.json {
        print::json(&imported)?;
    } else {
        print::line(&format!("{}: {} events and series", imported.name, imported.events))?;
        for problem in &imported.problems {
            print::line(&format!("! {problem}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(arguments: &Arguments, wanted: &str) -> anyhow::Result<ExitCode> {
    let engine = open(arguments).await?;
    let answer = exported(&engine, wanted).await;
    engine.stop().await;
    print::text(&answer?.text)?;
    Ok(ExitCode::SUCCESS)
}

async fn exported(engine: &Engine, wanted: &str) -> anyhow::Result<ExportedCalendar> {
    let accounts: Vec<Account> = serde_json::from_value(engine.call(Call::Accounts(())).await?)?;
    let calendars = accounts.iter().flat_map(|account| &account.calendars);
    let mut found = calendars.filter(|it| it.name == wanted || it.id.to_string() == wanted);
    let calendar = found.next().with_context(|| format!("there is no calendar “{wanted}”"))?.id;
    anyhow::ensure!(found.next().is_none(), "several calendars are called “{wanted}”: give the number");
    Ok(serde_json::from_value(engine.call(Call::ExportCalendar(CalendarRef { calendar })).await?)?)
}

fn slots(cases: &Path) -> anyhow::Result<ExitCode> {
    let text = read(cases)?;
    let results = availability::cases::run(&text).context("the file of cases is not right")?;
    for result in &results {
        print::json(result)?;
    }
    let failed = results.iter().any(|result| result.ok == Some(false));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn expand(file: &Path, from: NaiveDate, to: NaiveDate, zone: chrono_tz::Tz) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(from < to, "--to must be a later day than --from");
    let text = read(file)?;
    let ics::Expanded { lines, problems } = ics::expand(&text, from, to, zone)?;
    for occurrence in &lines {
        print::json(occurrence)?;
    }
    problems.iter().for_each(|problem| eprintln!("{problem}"));
    Ok(ExitCode::SUCCESS)
}

/// Calendar files are not always UTF-8; a wrong byte in a title must not hide the rest.
fn read(file: &Path) -> anyhow::Result<String> {
    let mut content = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut content).context("standard input cannot be read")?;
    } else {
        content = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    }
    Ok(String::from_utf8_lossy(&content).into_owned())
}
