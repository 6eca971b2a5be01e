//! A failed call, as a card of health: what the person reads, and what helps.

use daymark_mirror::{Account, AccountId, AccountState, Calendar, CalendarId, Mirror, MirrorError};
use daymark_remotes::error::RemoteError;

use crate::api::health::{Card, CardCode, HealthState, Remedy};
use crate::health::{Registry, Subject, card};

/// The cards about an account's connection; at most one of them stands at a time.
const OF_ACCOUNT: [CardCode; 5] = [
    CardCode::SignInNeeded,
    CardCode::MissingScope,
    CardCode::Offline,
    CardCode::SecretsFailing,
    CardCode::ProviderFailing,
];

/// Whom a trouble is about, in words.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    pub account: AccountId,
    pub address: &'a str,
}

/// Shows what keeps an account from syncing.
pub fn account_failed(health: &Registry, who: Who<'_>, error: &RemoteError) {
    let card = account_card(who, error);
    let subject = Subject::Account(who.account.0);
    for other in OF_ACCOUNT.into_iter().filter(|code| *code != card.code) {
        health.clear(subject.clone(), other);
    }
    health.raise(subject, card);
}

pub fn account_is_well(health: &Registry, account: AccountId) {
    for code in OF_ACCOUNT {
        health.clear(Subject::Account(account.0), code);
    }
}

/// True when the trouble concerns the whole account, so that asking for its other calendars is in vain.
pub fn is_of_account(error: &RemoteError) -> bool {
    !matches!(
        error,
        RemoteError::Forbidden { .. }
            | RemoteError::NotFound
            | RemoteError::Invalid { .. }
            | RemoteError::Malformed { .. }
            | RemoteError::Taken
            | RemoteError::Changed
    )
}

pub fn calendar_failed(health: &Registry, calendar: CalendarId, name: &str, reason: &str) {
    let message = format!("The calendar “{name}” could not be read: {reason}.");
    let card = card(CardCode::CalendarFailing, HealthState::Attention, message)
        .with("calendar", name)
        .with("reason", reason)
        .remedy(Remedy::Retry);
    health.raise(Subject::Calendar(calendar.0), card);
}

/// Shows what the last runs before this start ended in, until a run says otherwise.
pub async fn recall(mirror: &Mirror, health: &Registry) -> Result<(), MirrorError> {
    for account in mirror.accounts().await? {
        if let Some(card) = recalled(&account) {
            health.raise(Subject::Account(account.id.0), card);
        }
    }
    for calendar in mirror.calendars().await?.iter().filter(|calendar| is_failing(calendar)) {
        calendar_failed(health, calendar.id, &calendar.name, &calendar.last_error);
    }
    Ok(())
}

/// Its last reading failed, and it is still read.
pub fn is_failing(calendar: &Calendar) -> bool {
    calendar.chosen && !calendar.gone && !calendar.last_error.is_empty()
}

fn recalled(account: &Account) -> Option<Card> {
    let who = Who { account: account.id, address: &account.address };
    let reason = account.reason.clone();
    match account.state {
        AccountState::SignInNeeded => Some(account_card(who, &RemoteError::SignIn { reason })),
        AccountState::MissingScope => Some(account_card(who, &RemoteError::Scope { scope: reason })),
        AccountState::Ok if reason.is_empty() => None,
        AccountState::Ok => Some(failing(who, &reason)),
    }
}

fn failing(who: Who<'_>, reason: &str) -> Card {
    let address = who.address;
    let message = format!("{address} could not be synced: {reason}. Daymark tries again by itself.");
    card(CardCode::ProviderFailing, HealthState::Attention, message)
        .with("account", address)
        .with("reason", reason)
        .remedy(Remedy::Retry)
}

pub fn calendar_is_well(health: &Registry, calendar: CalendarId) {
    health.clear(Subject::Calendar(calendar.0), CardCode::CalendarFailing);
}

fn account_card(who: Who<'_>, error: &RemoteError) -> Card {
    let address = who.address;
    let sign_in = Remedy::SignIn { account: who.account.0 };
    let made = match error {
        RemoteError::SignIn { .. } => card(
            CardCode::SignInNeeded,
            HealthState::Broken,
            format!("{address} must be signed in again. Nothing is lost; edits wait."),
        )
        .remedy(sign_in),
        RemoteError::Scope { scope } => card(
            CardCode::MissingScope,
            HealthState::Broken,
            format!("{address} did not give the permission {scope}. Sign in again and leave it ticked."),
        )
        .with("scope", scope.clone())
        .remedy(sign_in),
        RemoteError::Unreachable { .. } => card(
            CardCode::Offline,
            HealthState::Attention,
            format!("{address} cannot be reached. Edits wait and are sent when the network is back."),
        )
        .remedy(Remedy::Retry),
        RemoteError::Secrets { source } => card(
            CardCode::SecretsFailing,
            HealthState::Broken,
            format!(
                "The sign-in of {address} cannot be read from this computer's keyring ({source}). Edits wait. Start or \
                 unlock the keyring, then sync again."
            ),
        )
        .with("reason", source.to_string())
        .remedy(Remedy::Retry),
        other => card(
            CardCode::ProviderFailing,
            HealthState::Attention,
            format!("The provider of {address} has trouble: {other}. Daymark tries again by itself."),
        )
        .with("reason", other.to_string())
        .remedy(Remedy::Retry),
    };
    made.with("account", address)
}
