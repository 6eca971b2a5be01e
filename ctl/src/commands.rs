//! What each command does.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use chrono::{NaiveDate, NaiveDateTime};
use daymark_core::causes::causes;
use daymark_core::{availability, ics};
use daymark_engine::Engine;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{CalendarRef, ExportedCalendar, ImportIcs, ImportedCalendar, Subscribe};
use daymark_engine::api::health::HealthState;
use daymark_engine::api::schedule::{Item, Schedule, ScheduleQuery};
use serde_json::json;

use crate::arguments::{Arguments, Blocks, Command};
use crate::failure::Failure;
use crate::opening::{accounts as listed, leaving, open, open_to_read, open_used};
use crate::{blocks, print, words};

/// Something was printed, and it is not all there is.
const INCOMPLETE: u8 = 3;

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
        Command::Expand { file, from, to, zone } => expand(arguments, file, *from, *to, *zone),
    }
}

async fn sync(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let engine = open_used(arguments).await?;
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
    if !all_well && arguments.json {
        let remedy = "the accounts and health cards on standard output say what helps";
        print::failure(&Failure::new("not_synced", "not everything could be synced", remedy), true);
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn agenda(arguments: &Arguments, from: NaiveDate, to: NaiveDate) -> anyhow::Result<ExitCode> {
    in_order(from, to)?;
    let engine = open_to_read(arguments).await?;
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

fn in_order(from: NaiveDate, to: NaiveDate) -> Result<(), Failure> {
    let remedy = "give a later day with --to: it is the day after the last";
    let wrong = || Failure::new("bad_dates", format!("{to} is no later day than {from}"), remedy);
    (from < to).then_some(()).ok_or_else(wrong)
}

fn in_words(item: &Item) -> String {
    let when = when(item.start, item.end, item.all_day);
    let place = if item.location.is_empty() { String::new() } else { format!(", {}", item.location) };
    format!("{when}  {}{place}", item.title)
}

/// Its own first and last day or minute, also where they lie outside of what was asked for.
fn when(start: NaiveDateTime, end: NaiveDateTime, all_day: bool) -> String {
    let first = start.date();
    // The end is exclusive.
    let last = if all_day { end.date().pred_opt().unwrap_or(first).max(first) } else { end.date() };
    match (all_day, first == last) {
        (true, true) => format!("{first} all day    "),
        (true, false) => format!("{first} – {last} all day"),
        (false, true) => format!("{} – {}", start.format("%Y-%m-%d %H:%M"), end.format("%H:%M")),
        (false, false) => {
            format!("{} – {}", start.format("%Y-%m-%d %H:%M"), end.format("%Y-%m-%d %H:%M"))
        }
    }
}

async fn accounts(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let engine = open_to_read(arguments).await?;
    let accounts = listed(&engine).await;
    let left = leaving(&engine).await;
    engine.stop().await;
    let left = left?;
    for account in &accounts? {
        if arguments.json {
            print::json(account)?;
            continue;
        }
        print::line(&words::account(account))?;
        for calendar in &account.calendars {
            let marks = [(calendar.chosen, "mirrored"), (calendar.counts_busy, "counts as busy")];
            let marks = marks.iter().filter(|(on, _)| *on).map(|(_, mark)| (*mark).to_owned());
            let (id, name, events) = (calendar.id, &calendar.name, calendar.events);
            let events = std::iter::once(words::events(events)).chain(marks).collect::<Vec<_>>();
            print::line(&format!("  {id}  {name}: {}", events.join(", ")))?;
        }
    }
    for account in left.iter().filter(|account| account.removing.is_some()) {
        if arguments.json {
            print::json(&json!({ "left": account }))?;
        } else {
            print::line(&words::left(account))?;
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
        let events = match imported.events {
            1 => "1 event or series".to_owned(),
            count => format!("{count} events and series"),
        };
        print::line(&format!("{}: {events}", imported.name))?;
        for problem in &imported.problems {
            print::line(&format!("! {problem}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(arguments: &Arguments, wanted: &str) -> anyhow::Result<ExitCode> {
    let engine = open_to_read(arguments).await?;
    let answer = exported(&engine, wanted).await;
    engine.stop().await;
    print::text(&answer?.text)?;
    Ok(ExitCode::SUCCESS)
}

async fn exported(engine: &Engine, wanted: &str) -> anyhow::Result<ExportedCalendar> {
    let accounts = listed(engine).await?;
    let calendars = accounts.iter().flat_map(|account| &account.calendars);
    let mut found = calendars.filter(|it| it.name == wanted || it.id.to_string() == wanted);
    let failed = |message, remedy| Failure::new("not_found", message, remedy);
    let none =
        || failed(format!("there is no calendar “{wanted}”"), "daymarkctl accounts lists what is there");
    let calendar = found.next().ok_or_else(none)?.id;
    if found.next().is_some() {
        let several = format!("several calendars are called “{wanted}”");
        return Err(failed(several, "give its number, which daymarkctl accounts shows").into());
    }
    Ok(serde_json::from_value(engine.call(Call::ExportCalendar(CalendarRef { calendar })).await?)?)
}

fn slots(cases: &Path) -> anyhow::Result<ExitCode> {
    let text = read(cases)?;
    let results = availability::cases::run(&text).map_err(|error| {
        let message = format!("{} is no file of cases: {}", cases.display(), causes(&error));
        Failure::new("bad_cases", message, "give a JSON file of cases with --cases")
    })?;
    for result in &results {
        print::json(result)?;
    }
    let failed = results.iter().any(|result| result.ok == Some(false));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What could be expanded is printed in any case; a program must see that it is not all there is.
fn expand(
    arguments: &Arguments,
    file: &Path,
    from: NaiveDate,
    to: NaiveDate,
    zone: chrono_tz::Tz,
) -> anyhow::Result<ExitCode> {
    in_order(from, to)?;
    let text = read(file)?;
    let expanded = ics::expand(&text, from, to, zone).map_err(|error| {
        let message = format!("{} cannot be expanded: {}", file.display(), causes(&error));
        Failure::new("not_a_calendar", message, "check that the file is an iCalendar file")
    })?;
    let ics::Expanded { lines, problems, cut, broken } = expanded;
    for occurrence in &lines {
        print::json(occurrence)?;
    }
    if problems.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let remedy = match (broken, cut) {
        (true, _) => "get the file anew, by another download or export: more events may follow where it ends",
        (false, 0) => "mend the events that are named",
        (false, cut) if cut == problems.len() => "ask for fewer days",
        (false, _) => "ask for fewer days, and mend the other events that are named",
    };
    print::failure(&Failure::new("incomplete", problems.join("; "), remedy), arguments.json);
    Ok(ExitCode::from(INCOMPLETE))
}

/// Calendar files are not always UTF-8; a wrong byte in a title must not hide the rest.
fn read(file: &Path) -> Result<String, Failure> {
    let unreadable = |what: String, error| {
        let remedy = "check the path, and whether you may read it";
        Failure::new("unreadable", format!("{what} cannot be read: {error}"), remedy)
    };
    let mut content = Vec::new();
    if file == Path::new("-") {
        let read = std::io::stdin().read_to_end(&mut content);
        read.map_err(|error| unreadable("standard input".into(), error))?;
    } else {
        content = std::fs::read(file).map_err(|error| unreadable(file.display().to_string(), error))?;
    }
    Ok(String::from_utf8_lossy(&content).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(start: &str, end: &str, all_day: bool) -> String {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        when(at(start), at(end), all_day).trim_end().to_owned()
    }

    #[test]
    fn whole_days_are_named_by_their_first_and_their_last() {
        assert_eq!(said("2026-03-04T00:00:00", "2026-03-05T00:00:00", true), "2026-03-04 all day");
        assert_eq!(
            said("2026-02-27T00:00:00", "2026-03-05T00:00:00", true),
            "2026-02-27 – 2026-03-04 all day"
        );
    }

    #[test]
    fn what_goes_past_midnight_names_the_day_of_its_end() {
        assert_eq!(said("2026-03-04T09:00:00", "2026-03-04T10:00:00", false), "2026-03-04 09:00 – 10:00");
        let night = said("2026-03-04T22:00:00", "2026-03-05T06:00:00", false);
        assert_eq!(night, "2026-03-04 22:00 – 2026-03-05 06:00");
    }
}
