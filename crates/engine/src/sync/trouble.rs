//! A failed call, as a card of health: what the person reads, and what helps.

use daymark_mirror::{AccountId, CalendarId};
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

pub fn calendar_failed(health: &Registry, calendar: CalendarId, name: &str, error: &RemoteError) {
    let message = format!("The calendar “{name}” could not be read: {error}.");
    let card = card(CardCode::CalendarFailing, HealthState::Attention, message)
        .with("calendar", name)
        .with("reason", error.to_string())
        .remedy(Remedy::Retry);
    health.raise(Subject::Calendar(calendar.0), card);
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
