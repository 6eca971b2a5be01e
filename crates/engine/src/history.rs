//! The journal as people read it.

use chrono_tz::Tz;
use daymark_core::journal::{Action, Cause, Image, State};
use daymark_core::time::wall;
use daymark_mirror::{Entry, JournalId, Mirror, RunView};

use crate::api::journal as api;
use crate::api::problem::Problem;
use crate::api::schedule::When;
use crate::losses::Keepers;
use crate::problems;

/// No list shows more at once.
const MOST: u32 = 200;

pub async fn entries(
    mirror: &Mirror,
    query: api::JournalQuery,
    zone: Tz,
) -> Result<Vec<api::JournalEntry>, Problem> {
    let keepers = Keepers::of(mirror).await?;
    let limit = query.limit.clamp(1, MOST);
    let entries = mirror.journal(limit, query.before.map(JournalId)).await.map_err(problems::mirror)?;
    let name = |entry: &Entry| {
        keepers.calendar(entry.calendar).map(|calendar| calendar.name.clone()).unwrap_or_default()
    };
    let view = |entry| view(entry, (name(entry), keepers.lost_by_undo(entry)), zone);
    Ok(entries.iter().map(view).collect())
}

pub async fn runs(
    mirror: &Mirror,
    query: api::JournalQuery,
    zone: Tz,
) -> Result<Vec<api::JournalRun>, Problem> {
    let limit = query.limit.clamp(1, MOST);
    let runs = mirror.journal_runs(limit, query.before.map(JournalId)).await.map_err(problems::mirror)?;
    let view = |run: RunView| api::JournalRun {
        run: run.run.map(|run| run.0),
        last: run.last.0,
        at: wall(run.at, zone),
        cause: cause(run.cause),
        created: run.created,
        changed: run.changed,
        deleted: run.deleted,
        waiting: run.waiting,
        refused: run.refused,
        undone: run.undone,
        title: run.title,
    };
    Ok(runs.into_iter().map(view).collect())
}

fn cause(cause: Cause) -> api::Cause {
    match cause {
        Cause::You => api::Cause::You,
        Cause::Booking => api::Cause::Booking,
        Cause::Undo => api::Cause::Undo,
        Cause::Block => api::Cause::Block,
        Cause::Removal => api::Cause::Removal,
    }
}

fn when(image: &Image, zone: Tz) -> When {
    let span = &image.fields.span;
    let (start, end) = span.bounds(zone);
    When { start: wall(start, zone), end: wall(end, zone), all_day: span.is_all_day() }
}

fn view(entry: &Entry, (calendar, lost): (String, Vec<api::Lost>), zone: Tz) -> api::JournalEntry {
    let title = |image: &Option<Image>| image.as_ref().map(|image| image.fields.title.clone());
    api::JournalEntry {
        id: entry.id.0,
        run: entry.run.map(|run| run.0),
        at: wall(entry.at, zone),
        action: match entry.action {
            Action::Create => api::Action::Create,
            Action::Change => api::Action::Change,
            Action::Delete => api::Action::Delete,
        },
        cause: cause(entry.cause),
        state: match entry.state {
            State::Waiting => api::EntryState::Waiting,
            State::Sent => api::EntryState::Sent,
            State::Refused => api::EntryState::Refused,
            State::Overtaken => api::EntryState::Overtaken,
            State::Undone => api::EntryState::Undone,
        },
        calendar,
        title: title(&entry.after).or_else(|| title(&entry.before)).unwrap_or_default(),
        before: entry.before.as_ref().map(|image| when(image, zone)),
        after: entry.after.as_ref().map(|image| when(image, zone)),
        reason: (!entry.reason.is_empty()).then(|| entry.reason.clone()),
        undoable: matches!(entry.state, State::Waiting | State::Sent | State::Refused),
        lost,
    }
}
