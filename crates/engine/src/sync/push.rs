//! Writing: the only place that changes a calendar at a provider, and it does so from the outbox.

use std::sync::Arc;

use chrono::TimeDelta;
use daymark_core::entropy::{Entropy, bytes};
use daymark_core::event::{Field, Fields};
use daymark_core::merge::same;
use daymark_core::rest::Rest;
use daymark_core::time::Instant;
use daymark_mirror::{Account, AccountId, Action, Job, Mirror, MirrorError, Outcome, WAIT_MAX_S};
use daymark_remotes::calendar::{CalendarProvider, Draft, Patch, RemoteCalendarId, RemoteEvent, Target};
use daymark_remotes::error::RemoteError;

use super::pull::{Pull, PullError, Source};
use super::{asks, trouble};
use crate::api::Tag;
use crate::health::Registry;
use crate::notices::Notices;
use crate::ports::Clock;

/// Rows taken from the outbox at a time.
const BATCH: u32 = 50;
/// Batches in a run; what is staged meanwhile waits for the next one.
const MOST_BATCHES: usize = 100;
const FIRST_RETRY_S: i64 = 5;
const LONGEST_RETRY_S: i64 = 15 * 60;

pub struct Push {
    pub mirror: Mirror,
    pub health: Arc<Registry>,
    pub notices: Arc<Notices>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// How a push went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    pub sent: usize,
    pub refused: usize,
    pub postponed: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}

impl Push {
    /// Sends what is due for one account. Trouble of the account ends it with the rest still waiting.
    pub async fn account(
        &self,
        account: &Account,
        source: Source<'_>,
        pull: &Pull,
    ) -> Result<Pushed, PushError> {
        let mut sum = Pushed::default();
        for _ in 0..MOST_BATCHES {
            let jobs = self.mirror.due(account.id, self.clock.now(), BATCH).await?;
            if jobs.is_empty() {
                break;
            }
            for job in jobs {
                let job = match takes_a_series(&job) {
                    true => self.seen_whole(account, job, source, pull, &mut sum).await?,
                    false => Some(job),
                };
                if let Some(job) = job {
                    self.job(&job, source.calendars, &mut sum).await?;
                }
            }
        }
        Ok(sum)
    }

    /// A series takes its occurrences along, and its etag need not tell that somebody changed one of them: its
    /// calendar is read first. `None`: now the person is asked, or it could not be read.
    async fn seen_whole(
        &self,
        account: &Account,
        job: Job,
        source: Source<'_>,
        pull: &Pull,
        sum: &mut Pushed,
    ) -> Result<Option<Job>, PushError> {
        let calendars = self.mirror.calendars().await?;
        let read = match calendars.iter().find(|it| it.id == job.calendar && it.chosen) {
            Some(calendar) => pull.calendar(calendar, source).await,
            None => return Ok(Some(job)),
        };
        match read {
            Ok(_) => {
                asks::show(&self.mirror, &self.health).await?;
                let due = self.mirror.due(account.id, self.clock.now(), BATCH).await?;
                Ok(due.into_iter().find(|it| it.event == job.event))
            }
            Err(PullError::Remote(error)) => {
                let (outcome, stops) = self.failed(&job, error);
                self.ended(&job, outcome, stops, sum).await.map(|()| None)
            }
            Err(PullError::Mirror(error)) => Err(error.into()),
        }
    }

    /// Sends what still waits for an account that was left: deletes of our copies. What its provider does not
    /// delete, because somebody made something else of it or because it refuses, stays as it is there.
    pub async fn parting(&self, account: AccountId, remote: &dyn CalendarProvider) -> Result<(), PushError> {
        for _ in 0..MOST_BATCHES {
            let jobs = self.mirror.parting_due(account, self.clock.now(), BATCH).await?;
            if jobs.is_empty() {
                break;
            }
            for job in jobs.iter() {
                self.part(job, remote).await?;
            }
            self.notices.tell(&[Tag::Accounts, Tag::Journal]);
        }
        Ok(())
    }

    async fn part(&self, job: &Job, remote: &dyn CalendarProvider) -> Result<(), PushError> {
        if !self.mirror.started(job).await? {
            return Ok(());
        }
        let (outcome, stops) = match send(job, remote).await {
            Ok(outcome) => (outcome, None),
            Err(error) => self.failed(job, error),
        };
        let now = self.clock.now();
        match outcome {
            Outcome::Changed(_) | Outcome::Refused { .. } => self.mirror.let_stand(job, now).await?,
            outcome => self.mirror.settle(job, outcome, now).await?,
        }
        stops.map_or(Ok(()), |error| Err(error.into()))
    }

    async fn job(&self, job: &Job, remote: &dyn CalendarProvider, sum: &mut Pushed) -> Result<(), PushError> {
        // Durable before anything is sent: after a crash the outcome counts as unknown, not as "never sent".
        if !self.mirror.started(job).await? {
            return Ok(());
        }
        let answer = send(job, remote).await;
        let (outcome, stops) = match answer {
            Ok(outcome) => (outcome, None),
            Err(error) => self.failed(job, error),
        };
        self.ended(job, outcome, stops, sum).await
    }

    async fn ended(
        &self,
        job: &Job,
        outcome: Outcome,
        stops: Option<RemoteError>,
        sum: &mut Pushed,
    ) -> Result<(), PushError> {
        match &outcome {
            Outcome::Refused { .. } => sum.refused += 1,
            Outcome::Later { .. } => sum.postponed += 1,
            _ => sum.sent += 1,
        }
        self.mirror.settle(job, outcome, self.clock.now()).await?;
        asks::show(&self.mirror, &self.health).await?;
        self.notices.tell(&[Tag::Schedule, Tag::Journal, Tag::Health, Tag::Bookings, Tag::Conflicts]);
        match stops {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    /// What a failure means for the row, and whether it ends the run.
    fn failed(&self, job: &Job, error: RemoteError) -> (Outcome, Option<RemoteError>) {
        let untouched = !error.leaves_outcome_unknown();
        if error.is_passing() {
            let not_before = self.retry_at(job, &error);
            let stops = trouble::is_of_account(&error).then_some(error);
            return (Outcome::Later { not_before, untouched }, stops);
        }
        if trouble::is_of_account(&error) {
            // Signing in again heals it; the row is due at once then.
            return (Outcome::Later { not_before: self.clock.now(), untouched }, Some(error));
        }
        (Outcome::Refused { reason: error.to_string() }, None)
    }

    /// Doubles with each attempt, with jitter, and not before the provider said, within what an edit waits at most.
    fn retry_at(&self, job: &Job, error: &RemoteError) -> Instant {
        let asked = match error {
            RemoteError::Throttled { retry_after: Some(wait), .. }
            | RemoteError::Paused { wait, .. }
            | RemoteError::Resting { wait, .. } => TimeDelta::from_std(*wait).unwrap_or_default(),
            RemoteError::Quota { .. } => TimeDelta::seconds(LONGEST_RETRY_S),
            _ => TimeDelta::zero(),
        };
        let doubled = FIRST_RETRY_S.saturating_mul(1 << job.attempts.clamp(0, 10)).min(LONGEST_RETRY_S);
        let jitter =
            i64::from(u16::from_le_bytes(bytes(self.entropy.as_ref()))) * doubled / (4 * i64::from(u16::MAX));
        let wait = asked.max(TimeDelta::seconds(doubled + jitter));
        self.clock.now() + wait.min(TimeDelta::seconds(WAIT_MAX_S))
    }
}

/// All of it, or what a new rule no longer gives.
fn takes_a_series(job: &Job) -> bool {
    let repeats = |fields: &Fields| !fields.recurrence.is_empty();
    match &job.action {
        Action::Delete { .. } => repeats(&job.fields),
        Action::Patch { changed, .. } => {
            changed.contains(&Field::Recurrence) && job.base.as_ref().is_some_and(repeats)
        }
        Action::Insert { .. } | Action::Recall { .. } | Action::Check { .. } => false,
    }
}

async fn send(job: &Job, remote: &dyn CalendarProvider) -> Result<Outcome, RemoteError> {
    let calendar = RemoteCalendarId(job.calendar_remote_id.clone());
    match &job.action {
        Action::Insert { derived_id } => {
            let draft = draft(job, derived_id, job.rest.clone());
            Ok(stored(remote.insert(&calendar, &draft).await?))
        }
        Action::Recall { derived_id } => recall(job, &calendar, derived_id, remote).await,
        Action::Patch { target, etag, changed } => {
            let target = target_as(target);
            let etag = match met(job, &calendar, &target, etag, remote).await? {
                Met::AsRead(etag) => etag,
                Met::Otherwise(outcome) => return Ok(outcome),
            };
            let (fields, changed) = (job.fields.clone(), changed.clone());
            match remote.patch(&calendar, &Patch { target: target.clone(), etag, fields, changed }).await {
                Ok(event) => Ok(stored(event)),
                // It is asked for before it counts as gone: what is still there must not be made anew.
                Err(RemoteError::Changed | RemoteError::NotFound) => reread(&calendar, &target, remote).await,
                Err(error) => Err(error),
            }
        }
        Action::Check { target } => reread(&calendar, &target_as(target), remote).await,
        Action::Delete { target, etag } => {
            let target = target_as(target);
            let etag = match met(job, &calendar, &target, etag, remote).await? {
                Met::AsRead(etag) => etag,
                Met::Otherwise(outcome) => return Ok(outcome),
            };
            match remote.delete(&calendar, &target, etag.as_deref()).await {
                Ok(()) => Ok(Outcome::Deleted),
                Err(RemoteError::Changed) => reread(&calendar, &target, remote).await,
                Err(error) => Err(error),
            }
        }
    }
}

/// Sent once more, an insert answers with what an earlier try made, and one that is still on its way makes no
/// second event after that. Where the provider refuses it, it is asked what there is.
async fn recall(
    job: &Job,
    calendar: &RemoteCalendarId,
    derived_id: &str,
    remote: &dyn CalendarProvider,
) -> Result<Outcome, RemoteError> {
    // Whom an earlier try has not invited shall not be invited by this one.
    let draft = draft(job, derived_id, job.rest.clone().map(Rest::unasked));
    match remote.insert(calendar, &draft).await {
        Ok(event) => Ok(stored(event)),
        Err(error) if error.is_passing() || trouble::is_of_account(&error) => Err(error),
        Err(_) => Ok(remote.made_from(calendar, derived_id).await?.map_or(Outcome::Gone, stored)),
    }
}

fn draft(job: &Job, derived_id: &str, rest: Option<Rest>) -> Draft {
    Draft { derived_id: derived_id.to_owned(), fields: job.fields.clone(), rest }
}

/// How the provider has what is about to be written to.
enum Met {
    /// As it was when it was last read, under this etag.
    AsRead(Option<String>),
    Otherwise(Outcome),
}

/// An occurrence that was never read by itself has no etag: it is read first, so that nothing which
/// somebody made of it meanwhile is written over.
async fn met(
    job: &Job,
    calendar: &RemoteCalendarId,
    target: &Target,
    etag: &Option<String>,
    remote: &dyn CalendarProvider,
) -> Result<Met, RemoteError> {
    if etag.is_some() || matches!(target, Target::Event(_)) {
        return Ok(Met::AsRead(etag.clone()));
    }
    let Some(event) = remote.get(calendar, target).await? else { return Ok(Met::Otherwise(Outcome::Gone)) };
    if matches!(job.action, Action::Patch { .. }) && is_as_wanted(&job.fields, &event.event.fields) {
        return Ok(Met::Otherwise(stored(event)));
    }
    let untouched = |base: &Fields| {
        // An occurrence has no rule of its own, and not every answer carries marks.
        let compared = |field: &&Field| !matches!(field, Field::Recurrence | Field::Marks);
        Field::ALL.iter().filter(compared).all(|field| same(base, &event.event.fields, *field))
    };
    if job.base.as_ref().is_none_or(untouched) {
        return Ok(Met::AsRead(event.event.etag));
    }
    Ok(Met::Otherwise(Outcome::Changed(Some(Box::new(event)))))
}

/// It came with its series, or by an earlier try.
fn is_as_wanted(wanted: &Fields, found: &Fields) -> bool {
    let own = Field::ALL.iter().filter(|field| **field != Field::Recurrence);
    wanted.marks == found.marks && own.into_iter().all(|field| same(wanted, found, *field))
}

/// Somebody changed it meanwhile: the mirror merges, and what is left is sent with the new etag.
async fn reread(
    calendar: &RemoteCalendarId,
    target: &Target,
    remote: &dyn CalendarProvider,
) -> Result<Outcome, RemoteError> {
    match remote.get(calendar, target).await? {
        Some(event) => Ok(Outcome::Changed(Some(Box::new(event)))),
        None => Ok(Outcome::Gone),
    }
}

fn stored(event: RemoteEvent) -> Outcome {
    Outcome::Stored(Box::new(event))
}

fn target_as(target: &daymark_mirror::Target) -> Target {
    match target {
        daymark_mirror::Target::Event(id) => Target::Event(id.clone()),
        daymark_mirror::Target::Occurrence { master, original } => {
            Target::Occurrence { master: master.clone(), original: *original }
        }
    }
}

impl Pushed {
    pub fn add(&mut self, other: Pushed) {
        self.sent += other.sent;
        self.refused += other.refused;
        self.postponed += other.postponed;
    }
}
