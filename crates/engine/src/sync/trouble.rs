//! A failed call, as a card of health: what the person reads, and what helps.

use chrono_tz::Tz;
use daymark_core::plain::clause;
use daymark_core::time::{Instant, wall};
use daymark_mirror::{Account, AccountId, AccountState, Calendar, CalendarId, Mirror, MirrorError};
use daymark_remotes::error::{ClientFailure, RemoteError, SignInFailure, minutes};

use super::grants::Ending;
use crate::api::health::{Card, CardCode, HealthState, Remedy};
use crate::health::{Registry, Subject, card};
use crate::secrets::SecretError;

/// The cards about an account's connection, the gravest first; at most one of them stands at a time.
pub const OF_ACCOUNT: [CardCode; 18] = [
    CardCode::NoClientId,
    CardCode::ClientRefused,
    CardCode::ApiOff,
    CardCode::SignInByPolicy,
    CardCode::SignInNeeded,
    CardCode::TestGrantEnded,
    CardCode::MissingScope,
    CardCode::KeyringFailing,
    CardCode::Offline,
    CardCode::SentElsewhere,
    CardCode::AnswerUnreadable,
    CardCode::ProviderFailing,
    CardCode::ProviderResting,
    CardCode::SignInFailing,
    CardCode::SignInEnding,
    CardCode::TestGrant,
    CardCode::AccountPaused,
    CardCode::Stale,
];

/// How long a used-up quota is left alone.
const QUOTA_MIN: u64 = 60;

/// Those that only the account's owner, or an administrator, can cure.
pub const OF_OWNER: [CardCode; 7] = [
    CardCode::NoClientId,
    CardCode::ClientRefused,
    CardCode::ApiOff,
    CardCode::SignInByPolicy,
    CardCode::SignInNeeded,
    CardCode::TestGrantEnded,
    CardCode::MissingScope,
];

/// Whom a trouble is about, in words.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    pub account: AccountId,
    pub address: &'a str,
}

/// Shows what keeps an account from syncing.
pub fn account_failed(health: &Registry, who: Who<'_>, error: &RemoteError) {
    show(health, who, account_card(who, error));
}

/// Shows a card about an account in the place of any other.
fn show(health: &Registry, who: Who<'_>, card: Card) {
    let subject = Subject::Account(who.account.0);
    for other in OF_ACCOUNT.into_iter().filter(|code| *code != card.code) {
        health.clear(subject.clone(), other);
    }
    health.raise(subject, card);
}

/// Google ended the sign-in as it does for every app in testing.
pub fn test_grant_ended(health: &Registry, who: Who<'_>) {
    let address = who.address;
    let message = format!(
        "Google ended the sign-in of {address} after seven days, because the client id that Daymark uses is \
         still in testing. Sign in again. For good, an admin opens Google Cloud, Google Auth Platform, \
         Audience, and publishes the app or makes it internal to the organisation."
    );
    let card = card(CardCode::TestGrantEnded, HealthState::Broken, message);
    show(health, who, card.remedy(Remedy::SignIn { account: who.account.0 }).with("account", address));
}

/// The sign-in works, and something about it must be known.
pub fn account_ends(health: &Registry, who: Who<'_>, ending: &Ending, home: Tz) {
    let address = who.address;
    let day = |ends: Instant| wall(ends, home).date().to_string();
    let made = match ending {
        Ending::Test { ends } => card(
            CardCode::TestGrant,
            HealthState::Attention,
            format!(
                "Google ends the sign-in of {address} on {}, seven days after it was given: the client id that \
                 Daymark uses is still in testing. An admin can publish the app in Google Cloud, Google Auth \
                 Platform, Audience; until then, sign in again each week.",
                day(*ends)
            ),
        )
        .with("ends", day(*ends)),
        Ending::Known { ends } => card(
            CardCode::SignInEnding,
            HealthState::Attention,
            format!("The sign-in of {address} ends on {}. Sign in again before that.", day(*ends)),
        )
        .with("ends", day(*ends)),
        Ending::Failing { why } => {
            let message = format!(
                "The sign-in of {address} cannot be renewed just now: {why}. It still works, and Daymark tries again."
            );
            let failing = card(CardCode::SignInFailing, HealthState::Attention, message);
            show(health, who, failing.with("account", address).with("reason", why).remedy(Remedy::Retry));
            return;
        }
    };
    show(health, who, made.with("account", address).remedy(Remedy::SignIn { account: who.account.0 }));
}

/// The newest permission is only in memory: a restart would go back to the one before it.
pub fn keyring_failed(health: &Registry, who: Who<'_>, why: &str) {
    let address = who.address;
    let message = format!(
        "The keyring does not take the renewed permission of {address}: {why}. The earlier one is still kept there, \
         and Daymark tries again. Unlock the keyring."
    );
    let card = card(CardCode::KeyringFailing, HealthState::Attention, message);
    show(health, who, card.with("account", address).with("reason", why).remedy(Remedy::Retry));
}

pub fn account_is_paused(health: &Registry, who: Who<'_>) {
    let address = who.address;
    let message = format!("{address} is paused. What it has stays; edits wait until you resume it.");
    // The person's own choice is no trouble.
    let card = card(CardCode::AccountPaused, HealthState::Ok, message);
    show(health, who, card.with("account", address).remedy(Remedy::Resume { account: who.account.0 }));
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
    let message = format!(
        "The calendar “{name}” could not be read: {}. Daymark tries again by itself.",
        clause(reason)
    );
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
        _ if account.paused => None,
        AccountState::SignInNeeded => Some(account_card(who, &SignInFailure::Lapsed { reason }.into())),
        AccountState::MissingScope => Some(account_card(who, &RemoteError::Scope { scope: reason })),
        AccountState::Error => Some(failing(who, &reason)),
        AccountState::Ok | AccountState::Expiring => None,
    }
}

fn failing(who: Who<'_>, reason: &str) -> Card {
    let address = who.address;
    let message =
        format!("{address} could not be synced: {}. Daymark tries again by itself.", clause(reason));
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
        RemoteError::Client(failure) => client_card(address, failure),
        RemoteError::SignIn(SignInFailure::ByPolicy { service, client }) => card(
            CardCode::SignInByPolicy,
            HealthState::Broken,
            format!(
                "An administrator of the organisation must allow Daymark at {service} before {address} can be \
                 synced. The client id to allow is {client}. Nothing is lost; edits wait."
            ),
        )
        .with("client", client)
        .remedy(sign_in),
        RemoteError::SignIn(_) => card(
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
        RemoteError::Keyring { source } => card(
            CardCode::KeyringFailing,
            HealthState::Attention,
            format!("The keyring does not give the permission of {address}. Unlock it; edits wait."),
        )
        .with("reason", source.to_string())
        .remedy(keyring_remedy(source.as_ref())),
        RemoteError::Resting { wait, .. } => resting(address, minutes(*wait)),
        RemoteError::Quota { .. } => resting(address, QUOTA_MIN),
        RemoteError::Unreachable { .. } => card(
            CardCode::Offline,
            HealthState::Attention,
            format!("{address} cannot be reached. Edits wait and are sent when the network is back."),
        )
        .remedy(Remedy::Retry),
        RemoteError::Elsewhere { .. } => card(
            CardCode::SentElsewhere,
            HealthState::Attention,
            format!(
                "{error}. Edits of {address} wait. Open any web page to see what the network asks; Daymark tries again."
            ),
        )
        .with("reason", error.to_string())
        .remedy(Remedy::Retry),
        RemoteError::Malformed { .. } => card(
            CardCode::AnswerUnreadable,
            HealthState::Attention,
            format!("{address} could not be synced: {error}. Daymark tries again by itself."),
        )
        .with("reason", error.to_string())
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

/// Where the person decides, or only they know the passphrase, trying again is in vain.
fn keyring_remedy(source: &(dyn std::error::Error + Send + Sync + 'static)) -> Remedy {
    match source.downcast_ref() {
        Some(SecretError::Undecided | SecretError::AwaitsPassphrase) => Remedy::OpenSecrets,
        _ => Remedy::Retry,
    }
}

/// Asking sooner would only make it longer, so that is not offered.
fn resting(address: &str, minutes: u64) -> Card {
    let message = format!(
        "A limit of the provider of {address} is used up. Edits wait and are sent by themselves, in about {minutes} min."
    );
    card(CardCode::ProviderResting, HealthState::Attention, message).with("minutes", minutes.to_string())
}

/// Signing in again would change nothing, so it is not offered.
fn client_card(address: &str, failure: &ClientFailure) -> Card {
    let message = format!("{address} cannot be synced: {failure}. Nothing is lost; edits wait.");
    let broken = |code| card(code, HealthState::Broken, message);
    match failure {
        ClientFailure::Missing { service, section } => {
            broken(CardCode::NoClientId).with("service", *service).with("section", *section)
        }
        ClientFailure::Refused { service, section, client, .. } => broken(CardCode::ClientRefused)
            .with("service", *service)
            .with("section", *section)
            .with("client", client)
            .remedy(Remedy::Retry),
        ClientFailure::ApiOff { service } => {
            broken(CardCode::ApiOff).with("service", *service).remedy(Remedy::Retry)
        }
    }
}
