//! An alarm for accounts that are not read although nothing says why: a sync that is silently dead is the worst kind.

use chrono::TimeDelta;
use daymark_core::time::Instant;
use daymark_mirror::{Account, Calendar, Mirror, MirrorError};

use super::is_asked;
use super::trouble::{OF_ACCOUNT, is_failing};
use crate::api::health::{CardCode, HealthState, Remedy};
use crate::health::{Registry, Subject, card};

const ALARM_AFTER: TimeDelta = TimeDelta::hours(2);
/// After a start or a sleep everything is old, and is being read.
const GRACE: TimeDelta = TimeDelta::minutes(15);

/// Raises the alarm, or takes it back. `awake` is when the engine started, or its machine woke.
pub async fn show(
    mirror: &Mirror,
    health: &Registry,
    awake: Instant,
    now: Instant,
) -> Result<(), MirrorError> {
    if now - awake < GRACE {
        return Ok(());
    }
    let calendars = mirror.calendars().await?;
    for account in mirror.accounts().await?.iter().filter(|account| is_asked(account)) {
        let read = calendars.iter().filter(|it| it.account == account.id && is_read(it));
        let oldest = read.map(|it| it.last_sync.unwrap_or(awake)).min();
        let silent = oldest.map(|last| now - last).filter(|age| *age >= ALARM_AFTER);
        alarm(health, account, silent);
    }
    Ok(())
}

/// One that fails has a card with its reason.
fn is_read(calendar: &Calendar) -> bool {
    calendar.chosen && !calendar.gone && !is_failing(calendar)
}

fn alarm(health: &Registry, account: &Account, silent: Option<TimeDelta>) {
    let subject = Subject::Account(account.id.0);
    let reasons: Vec<CardCode> = OF_ACCOUNT.into_iter().filter(|code| *code != CardCode::Stale).collect();
    let Some(age) = silent.filter(|_| health.about(&subject, &reasons).is_none()) else {
        health.clear(subject, CardCode::Stale);
        return;
    };
    let hours = age.num_hours().to_string();
    let message = format!("{} was not synced for {hours} h, and nothing says why.", account.address);
    let told = card(CardCode::Stale, HealthState::Attention, message)
        .with("account", &account.address)
        .with("hours", hours)
        .remedy(Remedy::Retry);
    health.raise(subject, told);
}
