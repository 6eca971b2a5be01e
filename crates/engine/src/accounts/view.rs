//! Accounts and calendars as the UI lists them.

use chrono_tz::Tz;
use daymark_core::blocks::Privacy;
use daymark_core::time::{Instant, wall};
use daymark_mirror::{self as mirror, AccountState, Calendar};
use daymark_remotes::calendar::Cursor;
use daymark_remotes::microsoft;

use crate::api::accounts::{self as api, KeptDays, ProviderKind};
use crate::api::blocks::{BlockFilters, BlockPrivacy};
use crate::api::problem::Problem;
use crate::health::{Registry, Subject};
use crate::problems;
use crate::sync::{provider_of, trouble};

pub fn account(
    account: &mirror::Account,
    calendars: &[Calendar],
    health: &Registry,
    syncing: bool,
    next_sync: Option<Instant>,
    zone: Tz,
) -> Result<api::Account, Problem> {
    let provider = provider_of(account).map_err(|error| problems::remote(&error))?;
    // One that has gone is listed for as long as it counts, so that the person can say that it does not.
    let own = calendars.iter().filter(|calendar| {
        calendar.account == account.id && (!calendar.gone || calendar.chosen && calendar.counts_busy)
    });
    let mirrored = own.clone().filter(|calendar| calendar.chosen && !calendar.gone);
    let next_sync = next_sync.filter(|_| crate::sync::is_asked(account));
    Ok(api::Account {
        id: account.id.0,
        provider,
        address: account.address.clone(),
        state: state(account),
        reason: health.about(&Subject::Account(account.id.0), &trouble::OF_ACCOUNT),
        syncing,
        kept: (provider == ProviderKind::Microsoft).then(|| kept(mirrored, zone)).flatten(),
        calendars: own.map(|calendar| self::calendar(calendar, next_sync, zone)).collect(),
    })
}

/// What all of its calendars hold: each is read anew in its own time.
fn kept<'a>(calendars: impl Iterator<Item = &'a Calendar>, zone: Tz) -> Option<KeptDays> {
    let windows = calendars.filter_map(|it| microsoft::kept(&Cursor(it.cursor.clone()?)));
    let (from, to) = windows
        .map(|window| (window.start(), window.end()))
        .reduce(|(from, to), (start, end)| (from.max(start), to.min(end)))?;
    Some(KeptDays { from: wall(from, zone).date(), to: wall(to, zone).date() })
}

fn state(account: &mirror::Account) -> api::AccountState {
    match account.state {
        _ if account.paused => api::AccountState::Paused,
        AccountState::Ok => api::AccountState::Connected,
        AccountState::Expiring => api::AccountState::Expiring,
        AccountState::SignInNeeded | AccountState::MissingScope => api::AccountState::SignInNeeded,
        AccountState::Error => api::AccountState::Error,
    }
}

fn calendar(calendar: &Calendar, next_sync: Option<Instant>, zone: Tz) -> api::Calendar {
    let failing = trouble::is_failing(calendar) || calendar.gone;
    let progress = match (calendar.first_synced, calendar.cursor.is_some()) {
        _ if failing => api::Progress::Failing,
        (Some(_), _) => api::Progress::UpToDate,
        (None, true) => api::Progress::FirstSync,
        (None, false) => api::Progress::NeverSynced,
    };
    api::Calendar {
        id: calendar.id.0,
        name: calendar.name.clone(),
        color: calendar.color,
        writable: calendar.access == mirror::Access::Write && !calendar.gone,
        primary: calendar.primary,
        chosen: calendar.chosen,
        shown: calendar.shown,
        counts_busy: calendar.counts_busy,
        filters: BlockFilters {
            hours_only: calendar.filters.hours_only,
            all_day: calendar.filters.all_day,
            tentative: calendar.filters.tentative,
            free: calendar.filters.free,
        },
        ignored: calendar.ignored,
        receives_blocks: calendar.receives_blocks,
        block_privacy: match calendar.block_privacy {
            Privacy::Busy => BlockPrivacy::Busy,
            Privacy::Title => BlockPrivacy::Title,
            Privacy::All => BlockPrivacy::All,
        },
        events: calendar.events,
        progress,
        last_sync: calendar.last_sync.map(|at| wall(at, zone)),
        next_sync: next_sync.filter(|_| calendar.chosen).map(|at| wall(at, zone)),
    }
}
