//! The loops of a running engine: syncing, what follows from it, the inbox, and waking up.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::contract::LONG_POLL_MAX_S;
use daymark_core::entropy::{Entropy, bytes};
use daymark_core::time::Instant;
use daymark_mirror::{Account, AccountId};
use tokio_util::task::TaskTracker;

use crate::api::Problem;
use crate::api::accounts::ProviderKind;
use crate::parts::Parts;
use crate::problems;
use crate::sync::loops::{Bell, Running};
use crate::sync::{Reach, Report, is_asked, provider_of, stale};

const PULL_EVERY: Duration = Duration::from_secs(5 * 60);
/// What somebody publishes changes seldom, and is fetched whole.
const FEED_EVERY: Duration = Duration::from_secs(60 * 60);
/// How often the outbox is looked at when nothing rings: held-back deletes and retries come due.
const PUSH_EVERY: Duration = Duration::from_secs(5);
const WATCH_EVERY: Duration = Duration::from_secs(15);
/// A wait that took this much longer than asked: the machine slept, or its clock was set.
const JUMP: TimeDelta = TimeDelta::seconds(60);
/// An inbox that fails is asked again, but not in a tight circle.
const INBOX_RETRY: Duration = Duration::from_secs(15);
const NO_RELAY: Duration = Duration::from_secs(60);
/// How long runs under way may take when the engine stops.
const LAST_RUN: Duration = Duration::from_secs(5);

pub struct Runner {
    loops: Vec<Running>,
    shared: Shared,
}

/// When each account is read next.
#[derive(Default)]
struct Timetable {
    next: Mutex<HashMap<AccountId, Instant>>,
    /// Looked at while they were being synced: something may have come that their run did not see.
    passed_over: Mutex<HashSet<AccountId>>,
}

impl Timetable {
    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<AccountId, Instant>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a run for the account has to do at `now`; reading moves its next time on.
    fn reach(&self, account: AccountId, now: Instant, next: Instant) -> Reach {
        let mut known = self.known();
        match known.get(&account) {
            Some(due) if now < *due => Reach::Push,
            _ => {
                known.insert(account, next);
                Reach::Full
            }
        }
    }

    /// After a failure that may pass: the next reading comes then, whenever it was planned.
    fn retry(&self, account: AccountId, at: Instant) {
        self.known().insert(account, at);
    }

    /// How long until the first of them is due.
    fn wait(&self, now: Instant) -> Option<Duration> {
        self.known().values().min().map(|due| (*due - now).to_std().unwrap_or_default())
    }

    fn everything_is_due(&self) {
        self.known().clear();
    }

    fn overtaken(&self) -> std::sync::MutexGuard<'_, HashSet<AccountId>> {
        self.passed_over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass_over(&self, account: AccountId) {
        self.overtaken().insert(account);
    }

    /// Whether the account was passed over since this was last asked.
    fn was_passed_over(&self, account: AccountId) -> bool {
        self.overtaken().remove(&account)
    }
}

/// What the loops of one run have in common.
#[derive(Clone, Default)]
struct Shared {
    schedule: Arc<Timetable>,
    /// Accounts being synced.
    runs: TaskTracker,
    /// Rung when there may be something to send or read.
    work: Bell,
    /// Rung when a run has ended.
    done: Bell,
}

impl Runner {
    pub fn start(parts: &Arc<Parts>) -> Runner {
        let shared = Shared::default();
        let loops = vec![
            sync_loop(parts, &shared),
            follow_loop(parts, &shared),
            inbox_loop(parts),
            hurry_loop(parts, &shared),
            forward("staged", parts.staged.clone(), &shared.work),
            forward("changed", parts.changed.clone(), &parts.hurry),
            watch_loop(parts),
        ];
        Runner { loops, shared }
    }

    pub fn next_sync(&self, account: &Account) -> Option<Instant> {
        self.shared.schedule.known().get(&account.id).copied()
    }

    /// Loops stop first, so that no new run begins; runs under way get a moment to end. One that is cut
    /// off loses nothing: whatever it had not committed is asked for again.
    pub async fn stop(self) {
        for running in self.loops {
            running.stop().await;
        }
        self.shared.runs.close();
        if tokio::time::timeout(LAST_RUN, self.shared.runs.wait()).await.is_err() {
            tracing::warn!("a sync did not end in time");
        }
    }
}

/// Looks at every account in turn, and starts a run for each that is not running: a provider that
/// hangs holds up nobody else's.
fn sync_loop(parts: &Arc<Parts>, shared: &Shared) -> Running {
    let (parts, mine) = (Arc::clone(parts), shared.clone());
    let clock = Arc::clone(&parts.ports.clock);
    Running::start("sync", clock, shared.work.clone(), move |_| {
        let (parts, shared) = (Arc::clone(&parts), mine.clone());
        async move {
            log("sync", start_runs(&parts, &shared).await);
            let due = shared.schedule.wait(parts.ports.clock.now());
            due.filter(|due| *due > Duration::ZERO).map_or(PUSH_EVERY, |due| due.min(PUSH_EVERY))
        }
    })
}

async fn start_runs(parts: &Arc<Parts>, shared: &Shared) -> Result<(), Problem> {
    let zone = parts.zone()?;
    for account in parts.mirror.accounts().await.map_err(problems::mirror)? {
        if parts.sync.is_running(account.id) {
            shared.schedule.pass_over(account.id);
            continue;
        }
        shared.schedule.was_passed_over(account.id);
        if let Some(reach) = due(parts, shared, &account) {
            let (parts, shared) = (Arc::clone(parts), shared.clone());
            shared.runs.clone().spawn(async move { runs(&parts, &shared, account, reach, zone).await });
        }
    }
    part(parts, shared, zone).await?;
    // A booking may wait for its time although no account had news.
    shared.done.ring();
    Ok(())
}

/// What a run for the account would have to do now, if anything.
fn due(parts: &Parts, shared: &Shared, account: &Account) -> Option<Reach> {
    let now = parts.ports.clock.now();
    let next = now + with_jitter(pull_every(account), parts.ports.entropy.as_ref());
    let reach = shared.schedule.reach(account.id, now, next);
    // What only its owner can heal is left alone until they do; edits wait.
    let waits = parts.sync.needs_owner(account.id) || !is_asked(account);
    (reach == Reach::Full || !waits).then_some(reach)
}

/// Runs until the account was not passed over meanwhile: an edit or a "sync now" during a run is not left for
/// the next look.
async fn runs(parts: &Parts, shared: &Shared, account: Account, first: Reach, zone: Tz) {
    run(parts, shared, &account, first, zone).await;
    while shared.schedule.was_passed_over(account.id) {
        // It may have been paused or left while it ran.
        let known = parts.mirror.accounts().await.unwrap_or_default();
        let Some(account) = known.into_iter().find(|known| known.id == account.id) else { return };
        let Some(reach) = due(parts, shared, &account) else { return };
        run(parts, shared, &account, reach, zone).await;
    }
}

/// Accounts that were left have copies of ours to give back before their permission.
async fn part(parts: &Arc<Parts>, shared: &Shared, zone: Tz) -> Result<(), Problem> {
    for account in parts.accounts.parting().await?.into_iter().filter(|it| !parts.sync.is_running(it.id)) {
        let parts = Arc::clone(parts);
        let run = async move { log("leaving", parts.accounts.part(&account, zone).await) };
        shared.runs.spawn(run);
    }
    Ok(())
}

async fn run(parts: &Parts, shared: &Shared, account: &Account, reach: Reach, zone: Tz) {
    if !is_asked(account) {
        let kept = parts.sync.keep_alive(account, zone).await;
        return log("account", kept.map_err(problems::mirror));
    }
    match parts.sync.account(account, reach, zone).await {
        Ok(report) => {
            if let Some(wait) = report.retry.and_then(|wait| TimeDelta::from_std(wait).ok()) {
                shared.schedule.retry(account.id, parts.ports.clock.now() + wait);
            }
            if reach == Reach::Full || report != Report::idle() {
                shared.done.ring();
            }
        }
        Err(error) => log("account", Err(problems::mirror(error))),
    }
}

fn pull_every(account: &Account) -> Duration {
    match provider_of(account) {
        Ok(ProviderKind::Feed) => FEED_EVERY,
        _ => PULL_EVERY,
    }
}

/// What follows from a run: bookings are decided and answered, the page is published.
fn follow_loop(parts: &Arc<Parts>, shared: &Shared) -> Running {
    let parts = Arc::clone(parts);
    let clock = Arc::clone(&parts.ports.clock);
    Running::start("follow", clock, shared.done.clone(), move |_| {
        let parts = Arc::clone(&parts);
        async move {
            log("follow", parts.after_sync().await);
            PULL_EVERY
        }
    })
}

/// Holds a request open at the relay; a booking arrives the moment it is made.
fn inbox_loop(parts: &Arc<Parts>) -> Running {
    let parts = Arc::clone(parts);
    let clock = Arc::clone(&parts.ports.clock);
    let bell = parts.page.enrolled.clone();
    Running::start("inbox", clock, bell, move |stop| {
        let parts = Arc::clone(&parts);
        async move {
            let asked = tokio::select! {
                asked = parts.take_inbox(LONG_POLL_MAX_S) => asked,
                () = stop.cancelled() => return Duration::ZERO,
            };
            match asked {
                crate::page::Asked::News(_) => {
                    // A booking is decided only on calendars that were read after it came.
                    parts.hurry.ring();
                    Duration::ZERO
                }
                crate::page::Asked::Nothing => Duration::ZERO,
                crate::page::Asked::Failed => with_jitter(INBOX_RETRY, parts.ports.entropy.as_ref()),
                crate::page::Asked::NoRelay => NO_RELAY,
            }
        }
    })
}

/// "Sync now" and everything that means the same: what is due is forgotten, so all of it is.
fn hurry_loop(parts: &Arc<Parts>, shared: &Shared) -> Running {
    let (providers, shared) = (Arc::clone(&parts.providers), shared.clone());
    Running::at_bell("hurry", parts.hurry.clone(), move || {
        providers.hurry();
        shared.schedule.everything_is_due();
        shared.work.ring();
    })
}

fn forward(name: &'static str, from: Bell, to: &Bell) -> Running {
    let to = to.clone();
    Running::at_bell(name, from, move || to.ring())
}

/// Notices that the machine slept or its clock was set: both mean that everything may be old. And that an account
/// is not read although the machine is awake.
fn watch_loop(parts: &Arc<Parts>) -> Running {
    let parts = Arc::clone(parts);
    let clock = Arc::clone(&parts.ports.clock);
    let mut expected: Option<Instant> = None;
    let mut awake = parts.ports.clock.now();
    Running::start("watch", clock, Bell::default(), move |_| {
        let now = parts.ports.clock.now();
        let jumped = expected.is_some_and(|expected| (now - expected).abs() > JUMP);
        if jumped {
            tracing::info!("the machine slept or its clock was set; syncing everything");
            parts.hurry.ring();
            awake = now;
        }
        expected = Some(now + TimeDelta::from_std(WATCH_EVERY).unwrap_or_default());
        let (parts, awake) = (Arc::clone(&parts), awake);
        async move {
            let shown = stale::show(&parts.mirror, &parts.health, awake, now).await;
            log("watch", shown.map_err(problems::mirror));
            WATCH_EVERY
        }
    })
}

/// Up to a fifth more, so that many laptops do not ask in step.
fn with_jitter(base: Duration, entropy: &dyn Entropy) -> Duration {
    let dice = f64::from(u32::from_le_bytes(bytes(entropy))) / f64::from(u32::MAX);
    base.mul_f64(1.0 + dice / 5.0)
}

fn log(what: &str, outcome: Result<(), Problem>) {
    if let Err(problem) = outcome {
        tracing::error!(what, code = ?problem.code, "a round did not come to its end");
    }
}
