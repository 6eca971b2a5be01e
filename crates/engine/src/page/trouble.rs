//! What is wrong between laptop and relay, as health cards.

use daymark_remotes::error::RemoteError;
use daymark_remotes::relay::RelayError;

use crate::api::health::{Card, CardCode, HealthState, Remedy};
use crate::api::problem::{Problem, ProblemCode};
use crate::health::{Registry, Subject, card};

const OF_RELAY: [CardCode; 3] = [CardCode::RelayUnreachable, CardCode::RelayRefused, CardCode::ClockSkew];

pub fn well(health: &Registry) {
    for code in OF_RELAY {
        health.clear(Subject::Relay, code);
    }
}

pub fn failed(health: &Registry, error: &RelayError) {
    let card = match error {
        RelayError::ClockOff { .. } => {
            card(CardCode::ClockSkew, HealthState::Broken, error.to_string()).remedy(Remedy::Retry)
        }
        RelayError::Remote(remote) if remote.is_passing() => unreachable(remote),
        RelayError::Unavailable => unreachable_card("the relay is not available"),
        other => card(
            CardCode::RelayRefused,
            HealthState::Broken,
            format!("The relay refuses this laptop: {other}."),
        )
        .with("reason", other.to_string())
        .remedy(Remedy::OpenBookings),
    };
    for code in OF_RELAY.into_iter().filter(|code| *code != card.code) {
        health.clear(Subject::Relay, code);
    }
    health.raise(Subject::Relay, card);
}

pub fn lost_keys(health: &Registry) {
    let message = "The keys of this laptop are not in the keyring any more. Enrol it at the relay again.";
    let card = card(CardCode::RelayRefused, HealthState::Broken, message)
        .with("reason", message)
        .remedy(Remedy::OpenBookings);
    health.raise(Subject::Relay, card);
}

fn unreachable(error: &RemoteError) -> Card {
    unreachable_card(&error.to_string())
}

fn unreachable_card(reason: &str) -> Card {
    let message =
        "The relay cannot be reached. Visitors still see the page, and it says how old its times are.";
    card(CardCode::RelayUnreachable, HealthState::Attention, message)
        .with("reason", reason)
        .remedy(Remedy::Retry)
}

/// The same trouble for the page's own view.
pub fn problem(health: &Registry) -> Option<Problem> {
    let cards = health.cards();
    let found = cards.iter().find(|card| OF_RELAY.contains(&card.code))?;
    let code = match found.code {
        CardCode::RelayUnreachable => ProblemCode::Offline,
        _ => ProblemCode::RelayRefused,
    };
    let reason = found.params.get("reason").cloned().unwrap_or_else(|| found.message.clone());
    Some(Problem::new(code, found.message.clone()).with("reason", reason))
}
