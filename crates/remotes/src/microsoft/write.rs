//! Reading and writing single events and single occurrences.

use chrono::{SecondsFormat, TimeDelta};
use daymark_core::event::{Event, Original, RemoteId, Status};
use daymark_core::time::Interval;
use reqwest::Method;
use serde_json::Value;

use super::body::{self, Repeats};
use super::project::{self, Counting, Flaw};
use super::{Graph, NAME, marks};
use crate::calendar::{Draft, IDS_MAX, Patch, RemoteCalendarId, RemoteEvent, Target, nth_id};
use crate::error::RemoteError;
use crate::http::Answer;

/// Where an occurrence can be found when nobody moved it: its original start, in any zone's reckoning.
const AROUND_DAYS: i64 = 2;

impl Graph {
    pub(super) async fn read_one(
        &self,
        calendar: &RemoteCalendarId,
        target: &Target,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        let found = match target {
            Target::Event(id) => match self.raw(calendar, &id.0).await? {
                Some(raw) => Some(self.sensible(raw, Counting::Unknown)?),
                None => None,
            },
            Target::Occurrence { master, original } => self.occurrence(calendar, master, original).await?,
        };
        if found.is_none() {
            self.confirm_calendar(calendar).await?;
        }
        Ok(found.filter(|found| found.event.status != Status::Cancelled))
    }

    /// An event is not found either because it is gone, or because its calendar cannot be seen: then
    /// nothing is known of it, and absence of knowledge must not look like a deletion.
    async fn confirm_calendar(&self, calendar: &RemoteCalendarId) -> Result<(), RemoteError> {
        let url = self.mailbox.url(&["me", "calendars", &calendar.0], Some("$select=id"));
        self.mailbox.get(url).await.map(drop)
    }

    /// An event with its marks; `None` when there is none of that id.
    pub(super) async fn raw(
        &self,
        calendar: &RemoteCalendarId,
        id: &str,
    ) -> Result<Option<Value>, RemoteError> {
        let expand = format!("$expand={}", marks::expansion());
        let url = self.mailbox.url(&["me", "calendars", &calendar.0, "events", id], Some(&expand));
        self.mailbox.find(url).await?.map(|answer| answer.json(NAME)).transpose()
    }

    pub(super) async fn create(
        &self,
        calendar: &RemoteCalendarId,
        draft: &Draft,
    ) -> Result<RemoteEvent, RemoteError> {
        for taken in 0..IDS_MAX {
            let derived_id = nth_id(&draft.derived_id, taken);
            let draft = Draft { derived_id, ..draft.clone() };
            let body = body::creation(&draft, self.home)?;
            let url = self.mailbox.url(&["me", "calendars", &calendar.0, "events"], None);
            let answer = match self.mailbox.write(Method::POST, url, None, Some(&body)).await {
                Ok(answer) => answer,
                // A repeated transactionId is answered with the event, or refused: both have been seen.
                // What it made may be deleted since; then the next one is taken.
                Err(RemoteError::Taken) => match self.made_as(calendar, &draft.derived_id).await? {
                    Some(made) => return Ok(made),
                    None => continue,
                },
                Err(failure) => return Err(failure),
            };
            let mut made = self.answered(&answer, Counting::Unknown)?;
            made.event.fields.marks.clone_from(&draft.fields.marks);
            return Ok(made);
        }
        Err(RemoteError::Taken)
    }

    /// Any of the draft's ids may be the one: what was made under those before it is deleted.
    pub(super) async fn made(
        &self,
        calendar: &RemoteCalendarId,
        derived_id: &str,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        for taken in 0..IDS_MAX {
            if let Some(event) = self.made_as(calendar, &nth_id(derived_id, taken)).await? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    async fn made_as(
        &self,
        calendar: &RemoteCalendarId,
        derived_id: &str,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        let query = format!("$filter={}&$expand={}", marks::draft_filter(derived_id), marks::expansion());
        let url = self.mailbox.url(&["me", "calendars", &calendar.0, "events"], Some(&query));
        let found = self.mailbox.list(url).await?.into_iter().next();
        found.map(|raw| self.sensible(raw, Counting::Unknown)).transpose()
    }

    pub(super) async fn update(
        &self,
        calendar: &RemoteCalendarId,
        patch: &Patch,
    ) -> Result<RemoteEvent, RemoteError> {
        let (id, repeats, counting) = match &patch.target {
            Target::Event(id) => (id.clone(), Repeats::AsItSays, Counting::Unknown),
            Target::Occurrence { master, original } => {
                let found =
                    self.occurrence(calendar, master, original).await?.ok_or(RemoteError::NotFound)?;
                (found.event.id, Repeats::Never, Counting::of(original))
            }
        };
        let body = body::change(&patch.fields, &patch.changed, repeats, self.home)?;
        let url = self.mailbox.url(&["me", "calendars", &calendar.0, "events", &id.0], None);
        let answer = self.mailbox.write(Method::PATCH, url, patch.etag.as_deref(), Some(&body)).await?;
        let mut event = self.answered(&answer, counting)?;
        // Answers to writes carry no extended properties; whoever writes knows the marks.
        event.event.fields.marks.clone_from(&patch.fields.marks);
        Ok(event)
    }

    pub(super) async fn remove(
        &self,
        calendar: &RemoteCalendarId,
        target: &Target,
        etag: Option<&str>,
    ) -> Result<(), RemoteError> {
        let id = match target {
            Target::Event(id) => id.clone(),
            Target::Occurrence { master, original } => {
                match self.occurrence(calendar, master, original).await? {
                    Some(found) => found.event.id,
                    None => return self.confirm_calendar(calendar).await,
                }
            }
        };
        let url = self.mailbox.url(&["me", "calendars", &calendar.0, "events", &id.0], None);
        match self.mailbox.write(Method::DELETE, url, etag, None).await {
            Ok(_) => Ok(()),
            Err(RemoteError::NotFound) => self.confirm_calendar(calendar).await,
            Err(failure) => Err(failure),
        }
    }

    /// The occurrence that started at `original` before anyone moved it. Where it stands now says
    /// nothing about which one it is, so a moved one is looked for among the exceptions.
    async fn occurrence(
        &self,
        calendar: &RemoteCalendarId,
        master: &RemoteId,
        original: &Original,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        let at = original.instant(self.home);
        let around = Interval::new(at - TimeDelta::days(AROUND_DAYS), at + TimeDelta::days(AROUND_DAYS));
        let near = match around {
            Some(window) => self.instances(calendar, &master.0, window).await?,
            None => Vec::new(),
        };
        if let Some(found) = self.original_among(near, original) {
            return Ok(Some(found));
        }
        let url = self.mailbox.url(
            &["me", "calendars", &calendar.0, "events", &master.0],
            Some("$select=id&$expand=exceptionOccurrences"),
        );
        let Some(answer) = self.mailbox.find(url).await? else { return Ok(None) };
        let mut series: Value = answer.json(NAME)?;
        let moved = series.get_mut("exceptionOccurrences").map(Value::take).unwrap_or_default();
        Ok(self.original_among(serde_json::from_value(moved).unwrap_or_default(), original))
    }

    fn original_among(&self, entries: Vec<Value>, original: &Original) -> Option<RemoteEvent> {
        let read = |raw| project::event(raw, self.home, Counting::of(original)).ok();
        entries.into_iter().filter_map(read).find(|it| starts_as(&it.event, original))
    }

    /// The occurrences of a series that stand within `window`; none of a series that is gone.
    pub(super) async fn instances(
        &self,
        calendar: &RemoteCalendarId,
        master: &str,
        window: Interval,
    ) -> Result<Vec<Value>, RemoteError> {
        let [start, end] =
            [window.start(), window.end()].map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let query = format!("startDateTime={start}&endDateTime={end}");
        let url =
            self.mailbox.url(&["me", "calendars", &calendar.0, "events", master, "instances"], Some(&query));
        match self.mailbox.list(url).await {
            Err(RemoteError::NotFound) => Ok(Vec::new()),
            other => other,
        }
    }

    fn answered(&self, answer: &Answer, counting: Counting) -> Result<RemoteEvent, RemoteError> {
        self.sensible(answer.json(NAME)?, counting)
    }

    fn sensible(&self, raw: Value, counting: Counting) -> Result<RemoteEvent, RemoteError> {
        project::event(raw, self.home, counting).map_err(|Flaw { why, .. }| RemoteError::Malformed {
            service: NAME,
            at: "event".to_owned(),
            why,
        })
    }
}

fn starts_as(event: &Event, original: &Original) -> bool {
    event.series.as_ref().is_some_and(|series| series.original == *original)
}
