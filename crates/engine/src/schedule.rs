//! The schedule: what it shows, and the edits made on it, between wall times and instants.

use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use daymark_core::details::web_address;
use daymark_core::event::{Answer, Field, Fields, Kind, ShowAs, Status};
use daymark_core::journal::Cause;
use daymark_core::place::is_somewhere;
use daymark_core::recurrence::plain::NotPlain;
use daymark_core::time::{Instant, Span, days, next_day, resolve_both, wall};
use daymark_mirror::{
    self as mirror, AgendaRow, CalendarId, Edit, EventView, Extent, JournalId, Mirror, RunId, Staged,
};

use crate::api::Tag;
use crate::api::blocks::BlockSource;
use crate::api::details::Link;
use crate::api::journal::{CannotUndo, NotUndone, RunUndone, Undo, UndoRun};
use crate::api::problem::{Problem, ProblemCode};
use crate::api::repeat::Repeat;
use crate::api::schedule::{
    ChangeEvent, DeleteEvent, EventDetail, EventRef, EventSearch, FoundEvents, Item, LONGEST, Look, NewEvent,
    Rail, Schedule, ScheduleQuery, Scope, Sending, When, Written,
};
use crate::details;
use crate::guests;
use crate::health::Registry;
use crate::ids::derived_id;
use crate::losses;
use crate::notices::Notices;
use crate::ports::Ports;
use crate::problems;
use crate::repeat;
use crate::sync::asks;
use crate::sync::loops::Bell;
use crate::sync::provider_of;

/// No view shows more; a longer query is a mistake.
const MOST_DAYS: i64 = 400;
/// The beginning of a paste finds what all of it would.
const LONGEST_SEARCH: usize = 200;

/// The use cases of the schedule.
#[derive(Clone)]
pub struct Desk {
    pub mirror: Mirror,
    pub ports: Ports,
    pub health: Arc<Registry>,
    pub notices: Arc<Notices>,
    /// Rung when something waits in the outbox.
    pub staged: Bell,
}

impl Desk {
    pub async fn schedule(&self, query: ScheduleQuery, zone: Tz) -> Result<Schedule, Problem> {
        let asked = days(query.from, query.to, zone)
            .filter(|asked| asked.length() <= TimeDelta::days(MOST_DAYS))
            .ok_or_else(|| {
                Problem::new(ProblemCode::BadRequest, "ask for 1 to 400 days, the first one first")
            })?;
        let rows = self.mirror.agenda(asked, zone).await.map_err(problems::mirror)?;
        let items = rows.iter().map(item).collect();
        Ok(Schedule { zone: zone.name().into(), now: wall(self.ports.clock.now(), zone), items })
    }

    pub async fn event(&self, event: &EventRef, zone: Tz) -> Result<EventDetail, Problem> {
        let view = self.view(event, zone).await?;
        let meetings = self.mirror.meetings(&mirror_ref(event)?, None).await.map_err(problems::mirror)?;
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let accounts = self.mirror.accounts().await.map_err(problems::mirror)?;
        let calendar = calendars.into_iter().find(|calendar| calendar.id == view.row.calendar);
        let account =
            calendar.as_ref().and_then(|calendar| accounts.into_iter().find(|it| it.id == calendar.account));
        let provider = account.as_ref().and_then(|account| provider_of(account).ok());
        let owner = account.as_ref().map(|account| account.address.as_str()).unwrap_or_default();
        let details = provider.map(|provider| details::of(provider, &view, owner, zone)).unwrap_or_default();
        Ok(EventDetail {
            item: item(&view.row),
            description: view.description,
            calendar_name: calendar.map(|calendar| calendar.name).unwrap_or_default(),
            account_address: account.map(|account| account.address).unwrap_or_default(),
            event_zone: view.zone.map(|zone| zone.name().into()),
            kind: view.row.kind.into(),
            details: details.into(),
            repeats: view.series.as_ref().and_then(repeat::view),
            guests: guests::count(&self.mirror, &meetings).await?,
        })
    }

    pub async fn search(&self, search: &EventSearch, zone: Tz) -> Result<FoundEvents, Problem> {
        let text: String = search.text.chars().take(LONGEST_SEARCH).collect();
        let found =
            self.mirror.search(&text, self.ports.clock.now(), zone).await.map_err(problems::mirror)?;
        Ok(FoundEvents { items: found.rows.iter().map(item).collect(), more: found.more })
    }

    pub fn open_link(&self, link: &Link) -> Result<(), Problem> {
        let url = web_address(&link.url).and_then(|url| url.parse().ok());
        let url = url.ok_or_else(|| Problem::new(ProblemCode::BadRequest, "this is no web address"))?;
        self.ports.browser.open(&url).map_err(|why| {
            Problem::new(
                ProblemCode::Internal,
                format!("the browser could not be opened: {why}; copy the link"),
            )
        })
    }

    /// Today's timed items, and the next one that takes time.
    pub async fn rail(&self, zone: Tz) -> Result<Rail, Problem> {
        let now = self.ports.clock.now();
        let today = wall(now, zone).date();
        let tomorrow = next_day(today);
        let Some(both) = days(today, next_day(tomorrow), zone) else {
            return Err(Problem::new(
                ProblemCode::BadRequest,
                "the clock of this machine is far from any date",
            ));
        };
        let rows = self.mirror.agenda(both, zone).await.map_err(problems::mirror)?;
        let timed = || rows.iter().filter(|row| !row.time.all_day);
        let next = timed().find(|row| row.busy && row.time.start > now);
        Ok(Rail {
            now: wall(now, zone),
            next: next.map(item),
            starts_in_min: next.map(|row| (row.time.start - now).num_minutes()),
            today: timed().filter(|row| row.time.start_wall.date() == today).map(item).collect(),
        })
    }

    pub async fn create(&self, new: NewEvent, zone: Tz) -> Result<Written, Problem> {
        check_text(Field::Title, &new.title)?;
        check_text(Field::Location, &new.location)?;
        check_text(Field::Description, &new.description)?;
        let mut fields = Fields::new(new.title, span(&new.when, zone)?);
        fields.location = new.location;
        fields.description = new.description;
        fields.show_as = if new.free { ShowAs::Free } else { ShowAs::Busy };
        if let Some(rule) = &new.recurrence {
            fields.recurrence = vec![line(rule, &fields.span)?];
        }
        let derived_id = derived_id(self.ports.entropy.as_ref());
        self.stage(Edit::Create { calendar: CalendarId(new.calendar), fields, derived_id }).await
    }

    pub async fn change(&self, change: ChangeEvent, zone: Tz) -> Result<Written, Problem> {
        let view = self.view(&change.event, zone).await?;
        let mut fields = view.fields.clone();
        let mut which = Vec::new();
        let texts = [
            (Field::Title, &change.title, &mut fields.title),
            (Field::Location, &change.location, &mut fields.location),
            (Field::Description, &change.description, &mut fields.description),
        ];
        for (field, wanted, current) in texts {
            if let Some(text) = wanted {
                // What came from a provider may be longer, and stays as it is.
                if text != current {
                    check_text(field, text)?;
                }
                current.clone_from(text);
                which.push(field);
            }
        }
        if let Some(when) = &change.when {
            fields.span = moved(&view.fields.span, when, zone)?;
            which.push(Field::Span);
        }
        if let Some(free) = change.free {
            fields.show_as = shown_as(fields.show_as, free);
            which.push(Field::ShowAs);
        }
        let event = mirror_ref(&change.event)?;
        let changed = which;
        let extent = extent(&view, change.scope);
        self.confirmed(&event, extent, change.guests_confirmed).await?;
        self.stage(match extent {
            None => Edit::Change { event, fields, changed },
            Some(extent) => {
                let derived_id = derived_id(self.ports.entropy.as_ref());
                Edit::ChangeSeries { event, extent, fields, changed, derived_id }
            }
        })
        .await
    }

    pub async fn delete(&self, delete: &DeleteEvent) -> Result<Written, Problem> {
        let event = mirror_ref(&delete.event)?;
        // Only the answer to more than the occurrence needs to know whether there is a series.
        let extent = match delete.scope {
            None | Some(Scope::This) => None,
            scope => extent(&self.view(&delete.event, Tz::UTC).await?, scope),
        };
        self.confirmed(&event, extent, delete.guests_confirmed).await?;
        self.stage(match extent {
            None => Edit::Delete { event },
            Some(extent) => Edit::DeleteSeries { event, extent },
        })
        .await
    }

    pub async fn undo(&self, undo: Undo) -> Result<Written, Problem> {
        let journal = JournalId(undo.journal);
        if !undo.guests_confirmed {
            let meetings = self.mirror.meetings_of_undo(journal).await.map_err(problems::mirror)?;
            guests::ask(&self.mirror, &meetings).await?;
        }
        let derived_id = derived_id(self.ports.entropy.as_ref());
        let now = self.ports.clock.now();
        let staged = self.mirror.undo(journal, &derived_id, now).await.map_err(problems::mirror)?;
        self.written(staged).await
    }

    /// Sends a refused write again; what does not wait for that is left as it is.
    pub async fn retry(&self, event: i64) -> Result<(), Problem> {
        let now = self.ports.clock.now();
        self.mirror.retry(event, now).await.map_err(problems::mirror)?;
        self.edited().await
    }

    pub async fn undo_run(&self, undo: UndoRun) -> Result<RunUndone, Problem> {
        let run = RunId(undo.run);
        if !undo.guests_confirmed {
            let meetings = self.mirror.meetings_of_undone_run(run).await.map_err(problems::mirror)?;
            guests::ask(&self.mirror, &meetings).await?;
        }
        let entropy = Arc::clone(&self.ports.entropy);
        let fresh = move || derived_id(entropy.as_ref());
        let now = self.ports.clock.now();
        let ended = self.mirror.undo_run(run, fresh, now).await.map_err(problems::mirror)?;
        self.edited().await?;
        let refused = ended.refused.into_iter().map(|(entry, why)| NotUndone {
            title: entry.after.or(entry.before).map(|image| image.fields.title).unwrap_or_default(),
            why: cannot_undo(why),
        });
        let events: Vec<i64> = ended.undone.iter().map(|staged| staged.event.event).collect();
        let lost = losses::of(&self.mirror, &events).await?;
        Ok(RunUndone { undone: ended.undone.len(), refused: refused.collect(), lost })
    }

    /// What reaches guests is staged only for a person who knows it.
    async fn confirmed(
        &self,
        event: &mirror::EventRef,
        extent: Option<Extent>,
        confirmed: bool,
    ) -> Result<(), Problem> {
        if confirmed {
            return Ok(());
        }
        let meetings = self.mirror.meetings(event, extent).await.map_err(problems::mirror)?;
        guests::ask(&self.mirror, &meetings).await
    }

    async fn stage(&self, edit: Edit) -> Result<Written, Problem> {
        let now = self.ports.clock.now();
        let staged = self.mirror.stage(edit, Cause::You, now).await.map_err(problems::mirror)?;
        self.written(staged).await
    }

    async fn written(&self, staged: Staged) -> Result<Written, Problem> {
        self.edited().await?;
        let lost = losses::of_one(&self.mirror, staged.event.event).await?;
        Ok(Written { event: event_ref(&staged.event), journal: staged.journal.0, lost })
    }

    /// An edit may settle a conflict or a refused write, and a booked visit goes with its event.
    async fn edited(&self) -> Result<(), Problem> {
        asks::show(&self.mirror, &self.health).await.map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Schedule, Tag::Journal, Tag::Health, Tag::Bookings, Tag::Conflicts]);
        self.staged.ring();
        Ok(())
    }

    async fn view(&self, event: &EventRef, zone: Tz) -> Result<EventView, Problem> {
        self.mirror.event(&mirror_ref(event)?, zone).await.map_err(problems::mirror)
    }
}

fn cannot_undo(why: daymark_mirror::CannotUndo) -> CannotUndo {
    match why {
        daymark_mirror::CannotUndo::UndoneBefore => CannotUndo::UndoneBefore,
        daymark_mirror::CannotUndo::NeverTookEffect => CannotUndo::NeverTookEffect,
        daymark_mirror::CannotUndo::NothingKnown => CannotUndo::NothingKnown,
        daymark_mirror::CannotUndo::ChangedSince(_) => CannotUndo::ChangedSince,
        daymark_mirror::CannotUndo::OccurrenceChanged => CannotUndo::OccurrenceChanged,
        daymark_mirror::CannotUndo::Gone => CannotUndo::Gone,
        daymark_mirror::CannotUndo::StillThere => CannotUndo::StillThere,
        daymark_mirror::CannotUndo::ReadOnly => CannotUndo::ReadOnly,
    }
}

/// How much of a series is meant; `None` for one occurrence, and for what is no series.
fn extent(view: &EventView, scope: Option<Scope>) -> Option<Extent> {
    view.series.as_ref()?;
    match scope {
        None | Some(Scope::This) => None,
        Some(Scope::Following) => Some(Extent::Following),
        Some(Scope::All) => Some(Extent::All),
    }
}

fn line(rule: &Repeat, first: &Span) -> Result<String, Problem> {
    let refused = |why: NotPlain| Problem::new(ProblemCode::BadRequest, why.to_string());
    repeat::plain(rule).line(first).map_err(refused)
}

/// One occurrence as the UI draws it.
pub fn item(row: &AgendaRow) -> Item {
    let hidden = row.title.is_empty() && row.visibility == daymark_core::event::Visibility::Private;
    Item {
        event: event_ref(&row.event),
        calendar: row.calendar.0,
        title: row.title.clone(),
        location: row.location.clone(),
        start: row.time.start_wall,
        end: row.time.end_wall,
        all_day: row.time.all_day,
        visit: is_visit(row),
        look: look(row),
        repeats: row.repeats,
        editable: row.editable,
        sending: match row.sending {
            mirror::Sending::Sent => Sending::Sent,
            mirror::Sending::Waiting | mirror::Sending::Held => Sending::Waiting,
            mirror::Sending::Refused => Sending::Failed,
        },
        conflict: row.conflict.map(|id| id.0),
        booking: row.booking.clone(),
        block: row
            .block
            .as_ref()
            .map(|of| BlockSource { calendar: of.calendar.clone(), title: of.title.clone() }),
        private: hidden,
    }
}

/// What is declined, and a copy of something else, nobody goes to.
fn is_visit(row: &AgendaRow) -> bool {
    let kept = row.block.is_none() && row.answer != Answer::Declined && row.kind != Kind::WorkingLocation;
    kept && !row.time.all_day && (row.booking.is_some() || is_somewhere(&row.location))
}

fn look(row: &AgendaRow) -> Look {
    let tentative = row.status == Status::Tentative
        || row.show_as == ShowAs::Tentative
        || matches!(row.answer, Answer::Tentative | Answer::Open);
    match row.show_as {
        _ if row.answer == Answer::Declined => Look::Declined,
        ShowAs::OutOfOffice => Look::OutOfOffice,
        _ if tentative => Look::Tentative,
        _ if row.busy => Look::Busy,
        _ => Look::Free,
    }
}

pub fn event_ref(event: &mirror::EventRef) -> EventRef {
    EventRef { event: event.event, original: event.original.map(|original| original.to_string()) }
}

fn mirror_ref(event: &EventRef) -> Result<mirror::EventRef, Problem> {
    let original = event.original.as_deref().map(str::parse).transpose();
    let original = original.map_err(|error: daymark_core::event::NoOriginal| {
        Problem::new(ProblemCode::BadRequest, error.to_string())
    })?;
    Ok(mirror::EventRef { event: event.event, original })
}

/// A span on the clocks of the zone being shown.
pub fn when(span: &Span, zone: Tz) -> When {
    let (start, end) = match span {
        Span::Timed { start, end, .. } => (wall(*start, zone), wall(*end, zone)),
        Span::AllDay { start, end } => (start.and_time(NaiveTime::MIN), end.and_time(NaiveTime::MIN)),
        Span::Floating { start, end } => (*start, *end),
    };
    When { start, end, all_day: span.is_all_day() }
}

/// Calendars write four digits (RFC 5545 §3.3.4), and an hour near either end may be another year's in UTC.
const YEARS: RangeInclusive<i32> = 1..=9998;

fn span(when: &When, zone: Tz) -> Result<Span, Problem> {
    if [when.start, when.end].iter().any(|at| !YEARS.contains(&at.year())) {
        let message = format!("calendars have the years {} to {}", YEARS.start(), YEARS.end());
        return Err(Problem::new(ProblemCode::NoSuchYear, message));
    }
    let span = if when.all_day {
        let (start, end) = (when.start.date(), when.end.date());
        Span::AllDay { start, end: end.max(next_day(start)) }
    } else {
        let (start, end) = resolve_both(when.start, when.end, zone);
        Span::Timed { start, end, zone }
    };
    let ordered = when.start <= when.end && span.is_ordered();
    ordered.then_some(span).ok_or_else(|| {
        Problem::new(ProblemCode::EndsBeforeStart, "the end comes before the start; correct one of them")
    })
}

/// The new span. An edge that stays on the same wall time keeps its instant, so that stretching an
/// event in the hour that a clock change repeats does not move its other end; the event's own zone,
/// in which its series repeats, stays too.
fn moved(stood: &Span, when: &When, shown: Tz) -> Result<Span, Problem> {
    let wanted = span(when, shown)?;
    Ok(match (wanted, stood) {
        (Span::Timed { start, end, .. }, Span::Timed { start: old_start, end: old_end, zone }) => {
            let start = kept(*old_start, when.start, shown).unwrap_or(start);
            let end = kept(*old_end, when.end, shown).unwrap_or(end);
            let end = if start < end { end } else { start + (when.end - when.start) };
            Span::Timed { start, end, zone: *zone }
        }
        (Span::Timed { .. }, Span::Floating { .. }) => Span::Floating { start: when.start, end: when.end },
        (wanted, _) => wanted,
    })
}

fn kept(old: Instant, wanted: NaiveDateTime, shown: Tz) -> Option<Instant> {
    (wall(old, shown) == wanted).then_some(old)
}

/// Only the difference between free and not free is the UI's to say; finer states stay.
fn shown_as(current: ShowAs, free: bool) -> ShowAs {
    match (current, free) {
        (_, true) => ShowAs::Free,
        (ShowAs::Free | ShowAs::WorkingElsewhere, false) => ShowAs::Busy,
        (other, false) => other,
    }
}

fn check_text(field: Field, text: &str) -> Result<(), Problem> {
    let (code, name, limit) = match field {
        Field::Title => (ProblemCode::TitleTooLong, "title", LONGEST.title),
        Field::Location => (ProblemCode::LocationTooLong, "place", LONGEST.location),
        _ => (ProblemCode::DescriptionTooLong, "description", LONGEST.description),
    };
    if text.chars().count() > limit {
        let message = format!("the {name} is longer than {limit} characters; shorten it");
        return Err(Problem::new(code, message).with("limit", limit.to_string()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TORONTO: Tz = Tz::America__Toronto;

    fn on_clocks(start: &str, end: &str) -> When {
        When { start: start.parse().unwrap(), end: end.parse().unwrap(), all_day: false }
    }

    fn timed(start: &str, end: &str) -> Span {
        Span::Timed { start: start.parse().unwrap(), end: end.parse().unwrap(), zone: TORONTO }
    }

    #[test]
    fn what_is_put_into_the_hour_that_spring_leaves_out_keeps_its_length() {
        let into = on_clocks("2026-03-08T02:54:00", "2026-03-08T03:44:00");
        let expected = timed("2026-03-08T07:54:00Z", "2026-03-08T08:44:00Z");
        assert_eq!(span(&into, TORONTO).unwrap(), expected);
        let stood = timed("2026-03-07T07:00:00Z", "2026-03-07T07:50:00Z");
        assert_eq!(moved(&stood, &into, TORONTO).unwrap(), expected);
        let backwards = on_clocks("2026-03-08T02:54:00", "2026-03-08T02:44:00");
        assert_eq!(span(&backwards, TORONTO).unwrap_err().code, ProblemCode::EndsBeforeStart);
    }

    #[test]
    fn a_year_that_calendars_do_not_write_is_refused_however_it_is_reached() {
        let stood = timed("2026-03-07T07:00:00Z", "2026-03-07T07:50:00Z");
        let cases = [
            ("+20000-03-08T10:00:00", "+20000-03-08T11:00:00"),
            ("9998-12-31T10:00:00", "9999-01-01T11:00:00"),
            ("0000-12-31T10:00:00", "2026-03-08T11:00:00"),
        ];
        for (start, end) in cases {
            for all_day in [false, true] {
                let when = When { all_day, ..on_clocks(start, end) };
                assert_eq!(span(&when, TORONTO).unwrap_err().code, ProblemCode::NoSuchYear, "{start}");
                assert_eq!(
                    moved(&stood, &when, TORONTO).unwrap_err().code,
                    ProblemCode::NoSuchYear,
                    "{start}"
                );
            }
        }
    }

    #[test]
    fn an_end_that_would_slip_before_a_start_that_stays_keeps_its_distance() {
        // 01:30 is shown twice that day, and the event stands at the second.
        let stood = timed("2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z");
        let shorter = on_clocks("2026-11-01T01:30:00", "2026-11-01T01:45:00");
        let expected = timed("2026-11-01T06:30:00Z", "2026-11-01T06:45:00Z");
        assert_eq!(moved(&stood, &shorter, TORONTO).unwrap(), expected);
    }

    #[test]
    fn a_text_as_long_as_allowed_passes_and_one_letter_more_is_named_with_its_limit() {
        let cases = [
            (Field::Title, 500, ProblemCode::TitleTooLong),
            (Field::Location, 1_000, ProblemCode::LocationTooLong),
            (Field::Description, 8_000, ProblemCode::DescriptionTooLong),
        ];
        for (field, limit, code) in cases {
            assert!(check_text(field, &"é".repeat(limit)).is_ok());
            let refused = check_text(field, &"é".repeat(limit + 1)).unwrap_err();
            assert_eq!((refused.code, refused.params["limit"].as_str()), (code, limit.to_string().as_str()));
        }
    }
}
