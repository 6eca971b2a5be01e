//! Copies of busy times: kept up after every run, held back when too much would go, and taken away.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DurationRound as _, TimeDelta};
use chrono_tz::Tz;
use daymark_core::time::{Instant, Interval, wall};
use daymark_mirror::{BlockRules, Blocked, Calendar, CalendarId, Doomed, Mirror, Stays};

use crate::api::Tag;
use crate::api::blocks as api;
use crate::api::health::{CardCode, HealthState, Remedy};
use crate::api::problem::{Problem, ProblemCode};
use crate::api::settings::Settings;
use crate::health::{Registry, Subject, card};
use crate::notices::Notices;
use crate::ports::Ports;
use crate::problems;
use crate::profile;
use crate::sync::asks;
use crate::sync::loops::Bell;

/// Copies of what ended this long ago are left alone.
const PAST: TimeDelta = TimeDelta::days(1);
/// A plan too large for one transaction is carried out in several.
const MOST_STEPS: usize = 20;

/// The use cases around copies.
pub struct Blocks {
    pub mirror: Mirror,
    pub ports: Ports,
    pub health: Arc<Registry>,
    pub notices: Arc<Notices>,
    /// Rung when something waits in the outbox.
    pub staged: Bell,
    looked: Looked,
}

/// What was looked at last: the state of the mirror, and the rules.
#[derive(Default)]
struct Looked(Mutex<Option<(i64, BlockRules)>>);

impl Looked {
    fn at(&self, change: i64, rules: &BlockRules) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().is_some_and(|(known, by)| *known == change && by == rules)
    }

    fn note(&self, change: i64, rules: BlockRules) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((change, rules));
    }
}

impl Blocks {
    pub fn new(
        mirror: Mirror,
        ports: Ports,
        health: Arc<Registry>,
        notices: Arc<Notices>,
        staged: Bell,
    ) -> Self {
        Blocks { mirror, ports, health, notices, staged, looked: Looked::default() }
    }

    /// Stages what brings the copies to where they should stand. True when something waits to be sent.
    pub async fn turn(&self, settings: &Settings) -> Result<bool, Problem> {
        let now = self.ports.clock.now();
        let rules = rules(settings, now)?;
        let change = self.mirror.change_number().await.map_err(problems::mirror)?;
        if self.looked.at(change, &rules) {
            return Ok(false);
        }
        let mut staged = 0;
        for _ in 0..MOST_STEPS {
            match self.mirror.block_others(&rules, now).await.map_err(problems::mirror)? {
                Blocked::Held(0) | Blocked::Staged(0) => break,
                Blocked::Held(more) | Blocked::Staged(more) => staged += more,
            }
        }
        if staged > 0 {
            // A copy whose write was refused may be wanted otherwise by now: its card goes.
            asks::show(&self.mirror, &self.health).await.map_err(problems::mirror)?;
            tracing::info!(staged, "copies of busy times were brought up to date");
            self.notices.tell(&[Tag::Schedule, Tag::Journal, Tag::Health, Tag::Accounts]);
        }
        self.show_held().await?;
        let change = self.mirror.change_number().await.map_err(problems::mirror)?;
        self.looked.note(change, rules);
        Ok(staged > 0)
    }

    /// The question that the brake asks stands until it is answered, also over a restart.
    pub async fn show_held(&self) -> Result<(), Problem> {
        match self.mirror.held_run().await.map_err(problems::mirror)? {
            None => self.health.clear(Subject::Held, CardCode::Brake),
            Some(held) => {
                let count = held.deletes.len().to_string();
                let message = format!(
                    "{count} copies of busy times would be deleted at once. Look at them, then let it go on or keep them."
                );
                let card = card(CardCode::Brake, HealthState::Attention, message)
                    .with("deletes", count)
                    .remedy(Remedy::ReviewRun { run: held.id });
                self.health.raise(Subject::Held, card);
            }
        }
        Ok(())
    }

    pub async fn held(&self, zone: Tz) -> Result<Vec<api::HeldRun>, Problem> {
        let Some(held) = self.mirror.held_run().await.map_err(problems::mirror)? else {
            return Ok(Vec::new());
        };
        let calendars = self.calendars().await?;
        Ok(vec![api::HeldRun {
            run: held.id,
            at: wall(held.at, zone),
            deletes: held.deletes.iter().map(|it| doomed(it, &calendars, zone)).collect(),
            token: held.token,
        }])
    }

    pub async fn release(&self, release: &api::ReleaseRun, settings: &Settings) -> Result<(), Problem> {
        let now = self.ports.clock.now();
        let rules = rules(settings, now)?;
        let released = self.mirror.release_run(release.run, &release.token, &rules, now).await;
        self.show_held().await?;
        released.map_err(problems::mirror)?;
        asks::show(&self.mirror, &self.health).await.map_err(problems::mirror)?;
        self.written();
        Ok(())
    }

    pub async fn drop_run(&self, dropped: api::DropRun, settings: &Settings) -> Result<(), Problem> {
        let rules = rules(settings, self.ports.clock.now())?;
        self.mirror.drop_run(dropped.run, &rules).await.map_err(problems::mirror)?;
        self.show_held().await?;
        self.written();
        Ok(())
    }

    /// What the cleaner would take away, or, once that was confirmed, takes away.
    pub async fn remove(
        &self,
        confirm: &api::Confirm,
        settings: &Settings,
    ) -> Result<api::BlockRemoval, Problem> {
        let now = self.ports.clock.now();
        let (rules, zone) = (rules(settings, now)?, profile::zone(settings)?);
        let cleaning = self.mirror.copies(None, &rules).await.map_err(problems::mirror)?;
        let calendars = self.calendars().await?;
        if let Some(token) = &confirm.token {
            self.mirror.remove_copies(None, token, &rules, now).await.map_err(problems::mirror)?;
            self.show_held().await?;
            self.written();
        }
        Ok(api::BlockRemoval {
            deletes: cleaning.deletes.iter().map(|it| doomed(it, &calendars, zone)).collect(),
            left: cleaning.left,
            unread: cleaning.unread.iter().map(|it| name(*it, &calendars)).collect(),
            token: cleaning.token,
            done: confirm.token.is_some(),
        })
    }

    /// The same for all that Daymark ever wrote.
    pub async fn remove_everything(&self, confirm: &api::Confirm, zone: Tz) -> Result<api::Removal, Problem> {
        let removal = match &confirm.token {
            None => self.mirror.removal().await.map_err(problems::mirror)?,
            Some(token) => {
                let now = self.ports.clock.now();
                let done = self.mirror.remove_everything(token, now).await.map_err(problems::mirror)?;
                self.show_held().await?;
                self.written();
                done
            }
        };
        let calendars = self.calendars().await?;
        Ok(api::Removal {
            deletes: removal.deletes.iter().map(|it| doomed(it, &calendars, zone)).collect(),
            restores: removal
                .restores
                .iter()
                .map(|it| api::RestoredEvent {
                    calendar: name(it.calendar, &calendars),
                    title: it.title.clone(),
                    start: wall(it.fields.span.bounds(zone).0, zone),
                    new_title: it.fields.title.clone(),
                })
                .collect(),
            cannot: removal
                .cannot
                .iter()
                .map(|it| api::StayingEvent {
                    calendar: name(it.calendar, &calendars),
                    title: it.title.clone(),
                    why: match it.why {
                        Stays::ChangedSince => api::StaysBecause::ChangedSince,
                        Stays::ReadOnly => api::StaysBecause::ReadOnly,
                    },
                })
                .collect(),
            token: removal.token,
            done: confirm.token.is_some(),
        })
    }

    fn written(&self) {
        self.notices.tell(&[Tag::Schedule, Tag::Journal, Tag::Health, Tag::Accounts]);
        self.staged.ring();
    }

    async fn calendars(&self) -> Result<Vec<Calendar>, Problem> {
        self.mirror.calendars().await.map_err(problems::mirror)
    }
}

/// By whole hours, so that a look without news is a short one.
fn rules(settings: &Settings, now: Instant) -> Result<BlockRules, Problem> {
    let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
    let window = Interval::new(hour - PAST, hour + TimeDelta::days(settings.block_days.into()));
    let window = window
        .ok_or_else(|| Problem::new(ProblemCode::BadSettings, "copies must reach at least a day ahead"))?;
    let schedule = profile::schedule(settings)?;
    Ok(BlockRules { window, hours: schedule.open(window), home: schedule.zone })
}

fn doomed(doomed: &Doomed, calendars: &[Calendar], zone: Tz) -> api::DoomedEvent {
    api::DoomedEvent {
        calendar: name(doomed.calendar, calendars),
        title: doomed.title.clone(),
        start: wall(doomed.span.bounds(zone).0, zone),
        all_day: doomed.span.is_all_day(),
    }
}

fn name(id: CalendarId, calendars: &[Calendar]) -> String {
    calendars.iter().find(|it| it.id == id).map(|it| it.name.clone()).unwrap_or_default()
}
