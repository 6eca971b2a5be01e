//! Reading: the list of calendars of an account, and each calendar's changes, one answer a transaction.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::merge::Delta;
use daymark_core::time::{Instant, Interval};
use daymark_mirror::{
    self as mirror, Account, Applied, Calendar, CalendarId, Listed, Mirror, MirrorError, Turn,
};
use daymark_remotes::calendar::{
    Access, CalendarProvider, Changes, Cursor, Next, RemoteCalendar, RemoteCalendarId,
};
use daymark_remotes::capabilities::Lists;
use daymark_remotes::error::RemoteError;

use super::{asks, gaps, trouble};
use crate::api::Tag;
use crate::api::health::CardCode;
use crate::health::{Registry, Subject};
use crate::notices::Notices;
use crate::ports::Clock;

/// What is kept at hand, and what providers that need a window are asked for.
const DAYS_BACK: i64 = 90;
const DAYS_AHEAD: i64 = 400;
/// A provider that pages for ever must not keep the loop.
const MOST_PAGES: usize = 10_000;
/// Expired right after a fresh start: the provider is in trouble, the next round may be luckier.
const MOST_RESTARTS: usize = 2;

pub struct Pull {
    pub mirror: Mirror,
    pub health: Arc<Registry>,
    pub notices: Arc<Notices>,
    pub clock: Arc<dyn Clock>,
    /// Calendars whose entries that were set aside are tried again by the next run.
    pub again: Mutex<BTreeSet<i64>>,
}

/// One account's provider, as a pull needs it.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub calendars: &'a dyn CalendarProvider,
    pub lists: Lists,
    /// It says when a calendar is busy of which nothing else is shared.
    pub tells_busy: bool,
    /// Where the person lives: their days are named.
    pub home: Tz,
}

/// How a pull went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    pub stored: usize,
    pub removed: usize,
    pub set_aside: usize,
    /// Calendars that could not be read.
    pub failed: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}

/// The stretch that is asked of providers which cannot list everything.
pub fn window(now: Instant) -> Option<Interval> {
    Interval::new(now - TimeDelta::days(DAYS_BACK), now + TimeDelta::days(DAYS_AHEAD))
}

impl Pull {
    /// Reads one account. Trouble of the account ends it; trouble of a calendar leaves the others.
    pub async fn account(&self, account: &Account, source: Source<'_>) -> Result<Pulled, PullError> {
        let listed = source.calendars.calendars().await?;
        let listed = readable(&listed, source.tells_busy);
        self.mirror.store_calendars(account.id, &listed).await?;
        let mut sum = Pulled::default();
        for calendar in self.in_order(account).await? {
            match self.calendar(&calendar, source).await {
                Ok(pulled) => {
                    sum.add(pulled);
                    trouble::calendar_is_well(&self.health, calendar.id);
                }
                Err(PullError::Remote(error)) if !trouble::is_of_account(&error) => {
                    sum.failed += 1;
                    self.calendar_failed(&calendar, &error).await?;
                }
                Err(error) => return Err(error),
            }
        }
        gaps::show(&self.mirror, &self.health, source.home).await?;
        asks::show(&self.mirror, &self.health).await?;
        Ok(sum)
    }

    /// Calendars that were never read go first: their owner waits for them.
    async fn in_order(&self, account: &Account) -> Result<Vec<Calendar>, PullError> {
        let mut calendars = self.mirror.calendars().await?;
        calendars.retain(|calendar| calendar.account == account.id && calendar.chosen && !calendar.gone);
        calendars.sort_by_key(|calendar| (calendar.first_synced.is_some(), calendar.last_sync));
        Ok(calendars)
    }

    async fn calendar_failed(&self, calendar: &Calendar, error: &RemoteError) -> Result<(), PullError> {
        let reason = error.to_string();
        trouble::calendar_failed(&self.health, calendar.id, &calendar.name, &reason);
        self.mirror.note_sync(calendar.id, Some(&reason), self.clock.now()).await?;
        self.notices.tell(&[Tag::Accounts]);
        Ok(())
    }

    /// The next run reads every calendar anew that holds something which could not be read: changes alone
    /// never bring an entry again that has not changed.
    pub fn try_set_aside_again(&self) {
        let calendars = self.health.subjects(CardCode::EventSetAside).into_iter();
        let calendars = calendars.filter_map(|subject| match subject {
            Subject::Aside(calendar) => Some(calendar),
            _ => None,
        });
        self.again.lock().unwrap_or_else(PoisonError::into_inner).extend(calendars);
    }

    /// Reads one calendar to the end of its round, and all of it when that was asked for. What has changed
    /// comes first: only that says what was deleted.
    pub async fn calendar(&self, calendar: &Calendar, source: Source<'_>) -> Result<Pulled, PullError> {
        let mut sum = self.round(calendar, calendar.cursor.clone(), source).await?;
        if self.is_wanted_again(calendar.id).await? {
            self.mirror.restart(calendar.id).await?;
            sum.add(self.round(calendar, None, source).await?);
        }
        Ok(sum)
    }

    async fn is_wanted_again(&self, calendar: CalendarId) -> Result<bool, MirrorError> {
        if !self.again.lock().unwrap_or_else(PoisonError::into_inner).remove(&calendar.0) {
            return Ok(false);
        }
        Ok(self.mirror.set_aside().await?.iter().any(|it| it.calendar == calendar))
    }

    async fn round(
        &self,
        calendar: &Calendar,
        mut cursor: Option<String>,
        source: Source<'_>,
    ) -> Result<Pulled, PullError> {
        let id = RemoteCalendarId(calendar.remote_id.clone());
        let Some(window) = window(self.clock.now()) else { return Ok(Pulled::default()) };
        let mut sum = Pulled::default();
        let mut restarts = 0;
        for _ in 0..MOST_PAGES {
            let asked = cursor.clone().map(Cursor);
            match asked_of(calendar, source, &id, asked.as_ref(), window).await? {
                Changes::Page(page) => {
                    let (next, value, done) = match page.next {
                        Next::More(Cursor(value)) => (mirror::Next::More(value.clone()), value, false),
                        Next::Done(Cursor(value)) => (mirror::Next::Done(value.clone()), value, true),
                    };
                    let turn = Turn { asked: cursor, next, window: swept(source, window) };
                    sum.add(self.apply(calendar, page.items, turn).await?);
                    if done {
                        return Ok(sum);
                    }
                    cursor = Some(value);
                }
                Changes::Expired if restarts < MOST_RESTARTS => {
                    restarts += 1;
                    tracing::info!(
                        calendar = calendar.id.0,
                        "the provider forgot the cursor; reading it all again"
                    );
                    self.mirror.restart(calendar.id).await?;
                    cursor = None;
                }
                Changes::Expired => return Err(forgetful().into()),
            }
        }
        tracing::warn!(
            calendar = calendar.id.0,
            "more pages than a calendar can have; the rest comes next time"
        );
        Ok(sum)
    }

    async fn apply(&self, calendar: &Calendar, items: Vec<Delta>, turn: Turn) -> Result<Pulled, PullError> {
        let applied = self.mirror.apply(calendar.id, items, turn, self.clock.now()).await?;
        if applied.changed {
            self.notices.tell(&[Tag::Schedule, Tag::Accounts, Tag::Bookings, Tag::Journal, Tag::Conflicts]);
        } else {
            self.notices.tell(&[Tag::Accounts]);
        }
        let Applied { stored, removed, set_aside, .. } = applied;
        Ok(Pulled { stored, removed, set_aside, failed: 0 })
    }
}

/// What was kept while it was shared otherwise is of no use here: the provider calls such a cursor expired, and
/// the full round that follows puts the one in place of the other.
async fn asked_of(
    calendar: &Calendar,
    source: Source<'_>,
    id: &RemoteCalendarId,
    cursor: Option<&Cursor>,
    window: Interval,
) -> Result<Changes, RemoteError> {
    match calendar.access {
        mirror::Access::FreeBusy => source.calendars.busy(id, cursor, window).await,
        mirror::Access::Read | mirror::Access::Write => source.calendars.changes(id, cursor, window).await,
    }
}

fn forgetful() -> RemoteError {
    let why = "it calls a cursor expired that it has just given".into();
    RemoteError::Malformed { service: "the provider", at: "cursor".into(), why }
}

impl Pulled {
    pub fn add(&mut self, other: Pulled) {
        self.stored += other.stored;
        self.removed += other.removed;
        self.set_aside += other.set_aside;
        self.failed += other.failed;
    }
}

/// The stretch in which a complete round proves that what it did not show is gone; `None`: everywhere.
fn swept(source: Source<'_>, window: Interval) -> Option<Interval> {
    (source.lists == Lists::Window).then_some(window)
}

/// The calendars of which anything can be read. One of which only free and busy is shared, at a provider that
/// does not tell even that, is not listed: nothing may count on it.
pub fn readable(listed: &[RemoteCalendar], tells_busy: bool) -> Vec<Listed> {
    let readable = listed.iter().filter(|it| tells_busy || it.access != Access::FreeBusy);
    readable.map(listed_as).collect()
}

fn listed_as(calendar: &RemoteCalendar) -> Listed {
    Listed {
        remote_id: calendar.id.0.clone(),
        name: calendar.name.clone(),
        zone: calendar.zone,
        access: match calendar.access {
            Access::FreeBusy => daymark_mirror::Access::FreeBusy,
            Access::Read => daymark_mirror::Access::Read,
            Access::Write => daymark_mirror::Access::Write,
        },
        primary: calendar.primary,
    }
}
